//! Pods and samples as the vectors write them, and the views that the autoscaler takes of them. Now is 0; times are in seconds.

use serde::Deserialize;
use sim_core::autoscaling::hpa::{Amounts, ContainerView, PodPhaseView, PodView, ReadyCondition, ResourceName, Sample};

/// Seconds in nanoseconds.
pub(crate) const fn seconds(seconds: i64) -> i64 {
    seconds.saturating_mul(1_000_000_000)
}

#[derive(Deserialize)]
pub(crate) struct PodJson {
    pub(crate) name: String,
    pub(crate) phase: Option<Phase>,
    #[serde(default)]
    pub(crate) deletion_timestamp_set: bool,
    pub(crate) start_time_s: Option<i64>,
    pub(crate) ready_condition: Option<Ready>,
    #[serde(default)]
    pub(crate) containers: Vec<Container>,
    #[serde(default)]
    pub(crate) init_containers: Vec<InitContainer>,
    pub(crate) pod_level_requests_milli: Option<AmountsJson>,
}

#[derive(Clone, Copy, Deserialize)]
pub(crate) enum Phase {
    Pending,
    Running,
    Succeeded,
    Failed,
}

#[derive(Deserialize)]
pub(crate) struct Ready {
    pub(crate) status: Status,
    pub(crate) last_transition_time_s: i64,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
pub(crate) enum Status {
    True,
    False,
}

#[derive(Deserialize)]
pub(crate) struct Container {
    pub(crate) name: String,
    pub(crate) requests_milli: AmountsJson,
}

#[derive(Deserialize)]
pub(crate) struct InitContainer {
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) requests_milli: AmountsJson,
    pub(crate) restart_policy: Option<String>,
}

#[derive(Clone, Copy, Default, Deserialize)]
pub(crate) struct AmountsJson {
    pub(crate) cpu: Option<i64>,
    pub(crate) memory: Option<i64>,
}

/// A sample with the usage of each container.
#[derive(Deserialize)]
pub(crate) struct SampleJson {
    pub(crate) pod: String,
    pub(crate) timestamp_s: i64,
    pub(crate) window_s: i64,
    pub(crate) containers: Vec<ContainerUsage>,
}

#[derive(Deserialize)]
pub(crate) struct ContainerUsage {
    pub(crate) name: String,
    pub(crate) usage_milli: AmountsJson,
}

impl AmountsJson {
    fn view(self) -> Amounts {
        Amounts { cpu: self.cpu, memory: self.memory }
    }
}

impl PodJson {
    /// The pod without a sample and without its containers.
    pub(crate) fn view(&self, pod_level: bool) -> PodView<'static> {
        PodView {
            phase: match self.phase.unwrap_or(Phase::Running) {
                Phase::Pending => PodPhaseView::Pending,
                Phase::Running => PodPhaseView::Running,
                Phase::Succeeded => PodPhaseView::Succeeded,
                Phase::Failed => PodPhaseView::Failed,
            },
            deleting: self.deletion_timestamp_set,
            start_ns: self.start_time_s.map(seconds),
            ready: self.ready_condition.as_ref().map(|c| ReadyCondition { ready: c.status == Status::True, since_ns: seconds(c.last_transition_time_s) }),
            requests: self.pod_level_requests_milli.filter(|_| pod_level).unwrap_or_default().view(),
            sample: None,
            containers: &[],
            alike: 0,
        }
    }

    /// The containers and restartable init containers one by one, with their part of `sample`.
    pub(crate) fn containers(&self, sample: Option<&SampleJson>) -> Vec<ContainerView<'_>> {
        let usage = |name: &str| sample?.containers.iter().find(|c| c.name == name).map(|c| c.usage_milli.view());
        let restartable = self.init_containers.iter().filter(|c| c.restart_policy.as_deref() == Some("Always"));
        (self.containers.iter().map(|c| (&c.name, c.requests_milli)))
            .chain(restartable.map(|c| (&c.name, c.requests_milli)))
            .map(|(name, requests)| ContainerView { name, requests: requests.view(), usage: usage(name) })
            .collect()
    }

    /// The pod in its compact form, with requests and usage summed; none if that would hide a missing one.
    pub(crate) fn compact(&self, resource: ResourceName, sample: Option<&SampleJson>) -> Option<PodView<'static>> {
        let request = self.containers(None).iter().map(|c| c.requests.get(resource)).sum::<Option<i64>>()?;
        let mut view = PodView { requests: amount(resource, request), ..self.view(false) };
        if let Some(sample) = sample {
            view.sample = Some(Sample { usage: amount(resource, sample.total(resource)?), ..sample.view() });
        }
        Some(view)
    }
}

/// Only this resource.
pub(crate) fn amount(resource: ResourceName, milli: i64) -> Amounts {
    match resource {
        ResourceName::Cpu => Amounts::cpu(milli),
        ResourceName::Memory => Amounts { cpu: None, memory: Some(milli) },
    }
}

impl SampleJson {
    /// The sample without usage, which is left to the containers.
    pub(crate) fn view(&self) -> Sample {
        Sample { at_ns: seconds(self.timestamp_s), window_ns: seconds(self.window_s), usage: Amounts::default() }
    }

    /// Usage of all containers.
    pub(crate) fn total(&self, resource: ResourceName) -> Option<i64> {
        self.containers.iter().map(|c| c.usage_milli.view().get(resource)).sum()
    }
}
