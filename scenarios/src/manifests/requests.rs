//! What a pod requests in all, over its containers.

use std::collections::BTreeMap;

use serde::Deserialize;
use sim_core::scheduling::{ContainerRequest, STAND_IN_CPU, STAND_IN_MEMORY, pod_request};
use sim_core::units::{Quantity, Span};

use crate::spec::{self, Amounts, Readiness};
use crate::text::Text;

/// A container of a pod.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Container {
    #[serde(default)]
    pub(super) resources: Resources,
    pub(super) restart_policy: Option<String>,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) security_context: SecurityContext,
    pub(super) readiness_probe: Option<ReadinessProbe>,
    #[serde(default)]
    pub(super) lifecycle: Lifecycle,
}

/// Hooks of a container.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Lifecycle {
    pre_stop: Option<Hook>,
}

/// What runs before a container is told to end.
#[derive(Debug, Default, Deserialize)]
struct Hook {
    sleep: Option<Sleep>,
    exec: Option<Exec>,
}

#[derive(Debug, Deserialize)]
struct Sleep {
    seconds: u32,
}

#[derive(Debug, Default, Deserialize)]
struct Exec {
    #[serde(default)]
    command: Vec<String>,
}

impl Hook {
    /// How long it takes, if all it does is sleep: `sleep 15`, also in a shell.
    fn takes(&self) -> Option<Span> {
        if let Some(sleep) = &self.sleep {
            return Some(Span::from_secs(u64::from(sleep.seconds)));
        }
        let command = self.exec.as_ref()?.command.join(" ");
        let words: Vec<&str> = command.split_whitespace().filter(|word| !word.ends_with("sh") && *word != "-c").collect();
        let [program, seconds] = words[..] else { return None };
        let seconds: u32 = seconds.trim_end_matches('s').parse().ok()?;
        (program.rsplit('/').next() == Some("sleep")).then_some(Span::from_secs(u64::from(seconds)))
    }
}

/// Whether a container is privileged.
#[derive(Debug, Default, Deserialize)]
pub(super) struct SecurityContext {
    #[serde(default)]
    pub(super) privileged: bool,
}

/// When a container is asked whether it answers.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReadinessProbe {
    #[serde(default)]
    initial_delay_seconds: u32,
    period_seconds: Option<u32>,
    success_threshold: Option<u32>,
}

impl Container {
    /// Whether it has all rights of its host.
    pub(super) const fn is_privileged(&self) -> bool {
        self.security_context.privileged
    }

    /// How long its `preStop` hook takes; an error if it has one of which that is not known.
    pub(super) fn pre_stop(&self) -> Option<Result<Span, ()>> {
        self.lifecycle.pre_stop.as_ref().map(|hook| hook.takes().ok_or(()))
    }

    /// Its readiness probe.
    pub(super) fn readiness(&self) -> Option<Readiness> {
        let seconds = |seconds: u32| Text(Span::from_secs(u64::from(seconds)));
        self.readiness_probe.map(|probe| Readiness {
            initial_delay: Some(seconds(probe.initial_delay_seconds)),
            period: probe.period_seconds.map(seconds),
            successes: probe.success_threshold,
        })
    }

    /// Whether an init container goes on running.
    pub(super) fn is_sidecar(&self) -> bool {
        self.restart_policy.as_deref() == Some("Always")
    }
}

/// Requests and limits.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Resources {
    #[serde(default)]
    pub(super) requests: Amounts,
    #[serde(default)]
    pub(super) limits: Amounts,
}

impl Resources {
    /// What is requested of a resource, in 10^-9: the limit stands in for a missing request.
    fn request(&self, name: &str) -> Option<i128> {
        self.requests.0.get(name).or_else(|| self.limits.0.get(name)).map(|amount| amount.0.as_nano())
    }
}

/// What the scheduler counts for a pod, resource by resource; a request or limit of the pod as a whole replaces those of its containers.
pub(super) fn requests(containers: &[Container], init: &[Container], pod: Option<&Resources>, overhead: &Amounts) -> Amounts {
    let parts = containers.iter().chain(init).map(|container| &container.resources).chain(pod);
    let mut names: Vec<&String> = parts.flat_map(|resources| resources.requests.0.keys().chain(resources.limits.0.keys())).chain(overhead.0.keys()).collect();
    names.sort_unstable();
    names.dedup();
    collect(names.into_iter().map(|name| (name.clone(), total(name, 0, containers, init, pod, overhead))))
}

/// What its score for free resources counts of CPU and memory: the same with stand-ins for containers that leave one open.
pub(super) fn scored(containers: &[Container], init: &[Container], pod: Option<&Resources>, overhead: &Amounts) -> Amounts {
    let stand_ins = [("cpu", i128::from(STAND_IN_CPU.0) * 1_000_000), ("memory", i128::from(STAND_IN_MEMORY.0) * 1_000_000_000)];
    collect(stand_ins.into_iter().map(|(name, stand_in)| (name.to_owned(), total(name, stand_in, containers, init, pod, overhead))))
}

fn total(name: &str, stand_in: i128, containers: &[Container], init: &[Container], pod: Option<&Resources>, overhead: &Amounts) -> i128 {
    let of = |container: &Container| container.resources.request(name).unwrap_or(stand_in);
    let init =
        init.iter().map(|container| if container.is_sidecar() { ContainerRequest::Sidecar(of(container)) } else { ContainerRequest::Init(of(container)) });
    let all = containers.iter().map(|container| ContainerRequest::Main(of(container))).chain(init);
    pod_request(all, pod.and_then(|pod| pod.request(name)), overhead.0.get(name).map_or(0, |amount| amount.0.as_nano()))
}

/// The limits of a pod: a resource is limited if every container limits it.
pub(super) fn limits(containers: &[Container], init: &[Container], pod: Option<&Resources>) -> Amounts {
    let all: Vec<&Container> = containers.iter().chain(init.iter().filter(|container| container.is_sidecar())).collect();
    let Some(first) = all.first() else { return Amounts::default() };
    let shared = first.resources.limits.0.keys().filter(|name| all.iter().all(|container| container.resources.limits.0.contains_key(*name)));
    let sums =
        shared.map(|name| (name.clone(), all.iter().filter_map(|container| container.resources.limits.0.get(name)).map(|amount| amount.0.as_nano()).sum()));
    let mut limits = collect(sums);
    if let Some(pod) = pod {
        limits.0.extend(pod.limits.0.clone());
    }
    limits
}

/// The containers that run together, one by one; none if there is only one, which is the pod.
pub(super) fn containers(containers: &[Container], init: &[Container]) -> Vec<spec::Container> {
    let all = containers.iter().chain(init.iter().filter(|container| container.is_sidecar()));
    let read = |container: &Container| {
        let mut requests = container.resources.requests.clone();
        for (name, limit) in &container.resources.limits.0 {
            requests.0.entry(name.clone()).or_insert(*limit);
        }
        spec::Container { name: container.name.clone(), requests, ..spec::Container::default() }
    };
    all.map(read).collect()
}

fn collect(sums: impl Iterator<Item = (String, i128)>) -> Amounts {
    Amounts(sums.filter_map(|(name, nano)| Some((name, Text(Quantity::from_nano(nano)?)))).collect::<BTreeMap<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::{Container, limits, requests, scored};
    use crate::spec::Amounts;

    fn container(json: &str) -> Container {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn init_containers_count_at_their_peak() {
        let app = [container(r#"{"resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}}"#), container(r#"{"resources": {"limits": {"cpu": "1"}}}"#)];
        let init = [
            container(r#"{"restartPolicy": "Always", "resources": {"requests": {"cpu": "100m"}}}"#),
            container(r#"{"resources": {"requests": {"cpu": "2", "memory": "512Mi"}}}"#),
        ];
        let milli = |amounts: &Amounts, name: &str| amounts.0[name].0.as_milli();
        let total = requests(&app, &init, None, &Amounts::default());
        // Together: 500 + 1000 + 100. While the second one runs: 100 + 2000.
        assert_eq!(milli(&total, "cpu"), 2100);
        assert_eq!(total.0["memory"].0.as_units(), 1 << 30);
        assert_eq!(milli(&requests(&app, &[], None, &Amounts::default()), "cpu"), 1500);
        // The second container leaves memory open, and so does the sidecar: 1 GiB + 2 x 200 MiB.
        assert_eq!(scored(&app, &init, None, &Amounts::default()).0["memory"].0.as_units(), (1024 + 400) << 20);
        assert!(limits(&app, &[], None).0.is_empty(), "one container has no limit");
        assert_eq!(milli(&limits(&app[1..], &[], None), "cpu"), 1000);
    }
}
