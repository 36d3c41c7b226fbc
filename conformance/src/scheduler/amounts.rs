//! Amounts of resources as the scheduler's vectors write them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use sim_core::scheduling::{ContainerRequest, STAND_IN_CPU, STAND_IN_MEMORY, pod_request};
use sim_core::units::{Bytes, EXTENDED_MAX, MilliCpu, Resource, Resources};

use crate::report::Difference;

const CPU: &str = "cpu_milli";
const MEMORY: &str = "memory_bytes";
const EPHEMERAL: &str = "ephemeral_storage_bytes";

pub(crate) type AmountsJson = BTreeMap<String, u64>;

#[derive(Deserialize)]
pub(crate) struct PodJson {
    containers: Vec<Container>,
    #[serde(default)]
    init_containers: Vec<Container>,
    #[serde(default)]
    overhead: AmountsJson,
    pod_level_requests: Option<AmountsJson>,
    pub(crate) node: Option<String>,
}

#[derive(Deserialize)]
struct Container {
    requests: AmountsJson,
    restart_policy: Option<String>,
}

/// The resources of a case beyond CPU and memory, with the places that the plan would give them.
pub(crate) struct Names(Vec<String>);

impl Names {
    pub(crate) fn of<'a>(capacities: impl IntoIterator<Item = &'a AmountsJson>, pods: impl IntoIterator<Item = &'a PodJson>) -> Result<Self, Difference> {
        let requested = pods.into_iter().flat_map(|pod| pod.containers.iter().chain(&pod.init_containers)).map(|container| &container.requests);
        let all: BTreeSet<&str> = capacities.into_iter().chain(requested).flat_map(|amounts| amounts.keys().map(String::as_str)).collect();
        let mut names: Vec<String> = all.into_iter().filter(|name| ![CPU, MEMORY, "pods"].contains(name)).map(str::to_owned).collect();
        names.sort_by_key(|name| name != EPHEMERAL);
        if names.len() > EXTENDED_MAX { Err(too_many()) } else { Ok(Self(names)) }
    }

    pub(crate) fn extended(&self) -> &[String] {
        &self.0
    }

    /// A resource by its name in the configuration of the scheduler.
    pub(crate) fn resource(&self, name: &str) -> Result<Resource, Difference> {
        Ok(match name {
            "cpu" => Resource::Cpu,
            "memory" => Resource::Memory,
            _ => match self.0.iter().position(|known| known == name) {
                Some(place) => Resource::Extended(place as u8),
                // A resource that no node has and no pod requests takes any free place.
                None if self.0.len() < EXTENDED_MAX => Resource::Extended(self.0.len() as u8),
                None => return Err(too_many()),
            },
        })
    }

    pub(crate) fn name(&self, resource: Resource) -> &str {
        match resource {
            Resource::Cpu => CPU,
            Resource::Memory => MEMORY,
            Resource::Extended(place) => &self.0[usize::from(place)],
        }
    }

    pub(crate) fn capacity(&self, amounts: &AmountsJson) -> Resources {
        self.collect(|name| amounts.get(name).copied().unwrap_or(0))
    }

    /// What a pod requests.
    pub(crate) fn requests(&self, pod: &PodJson, pod_level: bool) -> Resources {
        self.collect(|name| pod.total(name, pod_level, 0))
    }

    /// What a pod requests, with stand-ins for what its containers leave open.
    pub(crate) fn scored(&self, pod: &PodJson) -> Resources {
        self.collect(|name| {
            let stand_in = match name {
                CPU => STAND_IN_CPU.0,
                MEMORY => STAND_IN_MEMORY.0,
                _ => 0,
            };
            pod.total(name, true, stand_in)
        })
    }

    fn collect(&self, amount: impl Fn(&str) -> u64) -> Resources {
        let extended = std::array::from_fn(|place| self.0.get(place).map_or(0, |name| amount(name)));
        Resources { extended, ..Resources::new(MilliCpu(amount(CPU)), Bytes(amount(MEMORY))) }
    }
}

fn too_many() -> Difference {
    Difference::new("input", format!("at most {EXTENDED_MAX} extended resources"), "more")
}

impl PodJson {
    fn total(&self, name: &str, pod_level: bool, stand_in: u64) -> u64 {
        let of = |container: &Container| i128::from(container.requests.get(name).copied().unwrap_or(stand_in));
        let init = self.init_containers.iter().map(|container| match container.restart_policy.as_deref() {
            Some("Always") => ContainerRequest::Sidecar(of(container)),
            _ => ContainerRequest::Init(of(container)),
        });
        let whole = self.pod_level_requests.as_ref().filter(|_| pod_level).and_then(|amounts| amounts.get(name)).map(|amount| i128::from(*amount));
        let overhead = self.overhead.get(name).map_or(0, |amount| i128::from(*amount));
        pod_request(self.containers.iter().map(|container| ContainerRequest::Main(of(container))).chain(init), whole, overhead) as u64
    }
}
