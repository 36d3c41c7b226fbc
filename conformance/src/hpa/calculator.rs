//! Grouping, requests, and what single metrics propose.

use std::collections::BTreeMap;

use serde::Deserialize;
use sim_core::autoscaling::hpa::{
    Amounts, ContainerView, HpaInput, MetricError, MetricSpec, MetricValues, PodGroup, PodView, Reading, ResourceName, Sample, Target, ValueTarget, classify,
    propose, request_of,
};

use super::flags::{ToleranceJson, config_with};
use super::pods::{PodJson, SampleJson, amount, seconds};
use crate::report::{Difference, contains, same};

#[derive(Deserialize)]
pub(crate) struct Utilization {
    resource: ResourceJson,
    container: Option<String>,
    current_replicas: u32,
    target_utilization_percent: u32,
    tolerance: ToleranceJson,
    cpu_initialization_period_s: u64,
    delay_of_initial_readiness_status_s: u64,
    pods: Vec<PodJson>,
    pod_metrics: Vec<SampleJson>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ResourceJson {
    Cpu,
    Memory,
}

impl ResourceJson {
    fn name(self) -> ResourceName {
        match self {
            Self::Cpu => ResourceName::Cpu,
            Self::Memory => ResourceName::Memory,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Utilized {
    replicas: Option<u32>,
    utilization_percent: Option<u32>,
    raw_average_milli: Option<i64>,
    error_contains: Option<String>,
}

pub(crate) fn utilization(input: &Utilization, expect: &Utilized) -> Result<(), Difference> {
    let samples: Vec<Option<&SampleJson>> = input.pods.iter().map(|pod| input.pod_metrics.iter().find(|m| m.pod == pod.name)).collect();
    let containers: Vec<Vec<ContainerView<'_>>> = input.pods.iter().zip(&samples).map(|(pod, sample)| pod.containers(*sample)).collect();
    let detailed: Vec<PodView<'_>> = (input.pods.iter().zip(&samples).zip(&containers))
        .map(|((pod, sample), containers)| PodView { sample: sample.map(SampleJson::view), containers, ..pod.view(false) })
        .collect();
    input.agrees(&detailed, expect)?;

    // The simulation passes pods whose containers are already summed, which must come to the same.
    let compact: Option<Vec<PodView<'_>>> = input.pods.iter().zip(&samples).map(|(pod, sample)| pod.compact(input.resource.name(), *sample)).collect();
    match compact {
        Some(pods) if input.container.is_none() => input.agrees(&pods, expect).map_err(Difference::in_compact_form),
        _ => Ok(()),
    }
}

impl Utilization {
    fn agrees(&self, pods: &[PodView<'_>], expect: &Utilized) -> Result<(), Difference> {
        let resource = self.resource.name();
        let strays: Vec<Amounts> = (self.pod_metrics.iter().filter(|m| self.pods.iter().all(|pod| pod.name != m.pod)))
            .filter_map(|m| Some(amount(resource, m.total(resource)?)))
            .collect();
        let target = Target::Utilization(self.target_utilization_percent);
        let metric = match &self.container {
            None => MetricSpec::Resource { resource, target },
            Some(container) => MetricSpec::ContainerResource { resource, container: container.clone(), target },
        };
        let seen = HpaInput { spec_replicas: self.current_replicas, pods, stray_samples: &strays, ..HpaInput::default() };
        let config = config_with(self.cpu_initialization_period_s, self.delay_of_initial_readiness_status_s);
        match (propose(&metric, MetricValues::FromPods, &seen, 0, &config, &self.tolerance.effective()), &expect.error_contains) {
            (Err(error), Some(part)) => contains(&message(&error, &self.pods), part),
            (Err(error), None) => Err(unexpected(&error)),
            (Ok(proposal), None) => match proposal.reading {
                Reading::Utilization { percent, average } => same(
                    "replicas, percent and average",
                    &(Some(proposal.replicas), Some(percent), Some(average)),
                    &(expect.replicas, expect.utilization_percent, expect.raw_average_milli),
                ),
                other => Err(Difference::new("reading", "a utilisation", format!("{other:?}"))),
            },
            (Ok(proposal), Some(part)) => Err(Difference::new("proposal", format!("an error with `{part}`"), format!("{proposal:?}"))),
        }
    }
}

impl Difference {
    fn in_compact_form(self) -> Self {
        Self { what: format!("{} of pods in the compact form", self.what), ..self }
    }
}

fn message(error: &MetricError, pods: &[PodJson]) -> String {
    error.message(|place| pods[place].name.clone())
}

fn unexpected(error: &MetricError) -> Difference {
    Difference::new("proposal", "no error", error.to_string())
}

#[derive(Deserialize)]
pub(crate) struct ValueMetric {
    current_replicas: u32,
    target_milli: i64,
    tolerance: ToleranceJson,
    cpu_initialization_period_s: u64,
    delay_of_initial_readiness_status_s: u64,
    pods: Vec<PodJson>,
    external_metric_samples_milli: Option<Vec<i64>>,
    object_metric_milli: Option<i64>,
    #[serde(default)]
    pod_metrics_milli: Vec<PodValue>,
}

#[derive(Deserialize)]
struct PodValue {
    pod: String,
    value: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Valued {
    replicas: u32,
    usage_milli: i64,
}

pub(crate) fn value(kind: &str, input: &ValueMetric, expect: &Valued) -> Result<(), Difference> {
    let metric = metric_of(kind, input.target_milli)?;
    let by_pod: Vec<Option<i64>> = (input.pods.iter()).map(|pod| input.pod_metrics_milli.iter().find(|m| m.pod == pod.name).map(|m| m.value)).collect();
    let series = input.external_metric_samples_milli.clone().or(input.object_metric_milli.map(|value| vec![value]));
    let values = series.as_deref().map_or(MetricValues::PerPod(&by_pod), MetricValues::Series);

    let pods: Vec<PodView<'_>> = input.pods.iter().map(|pod| pod.view(false)).collect();
    let replicas = input.current_replicas;
    let seen = HpaInput { spec_replicas: replicas, status_replicas: replicas, pods: &pods, ..HpaInput::default() };
    let config = config_with(input.cpu_initialization_period_s, input.delay_of_initial_readiness_status_s);
    let proposal = propose(&metric, values, &seen, 0, &config, &input.tolerance.effective()).map_err(|error| unexpected(&error))?;
    match proposal.reading {
        Reading::Average(usage) | Reading::Value(usage) => same("replicas and usage", &(proposal.replicas, usage), &(expect.replicas, expect.usage_milli)),
        other @ Reading::Utilization { .. } => Err(Difference::new("reading", "a value", format!("{other:?}"))),
    }
}

/// The metric of a kind, with a target in milli-units.
pub(super) fn metric_of(kind: &str, target: i64) -> Result<MetricSpec, Difference> {
    let name = "qps".to_owned();
    Ok(match kind {
        "pods" => MetricSpec::Pods { name, average: target },
        "object" => MetricSpec::Object { name, target: ValueTarget::Value(target) },
        "object_per_pod" => MetricSpec::Object { name, target: ValueTarget::AverageValue(target) },
        "external" => MetricSpec::External { name, target: ValueTarget::Value(target) },
        "external_per_pod" => MetricSpec::External { name, target: ValueTarget::AverageValue(target) },
        _ => return Err(Difference::new("metric", "a kind that an HPA knows", format!("`{kind}`"))),
    })
}

#[derive(Deserialize)]
pub(crate) struct Grouping {
    resource: ResourceJson,
    cpu_initialization_period_s: u64,
    delay_of_initial_readiness_status_s: u64,
    pods: Vec<PodJson>,
    metrics: Vec<TimedValue>,
}

#[derive(Deserialize)]
struct TimedValue {
    pod: String,
    value: i64,
    timestamp_s: i64,
    window_s: i64,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Groups {
    ready_pod_count: usize,
    unready: Vec<String>,
    missing: Vec<String>,
    ignored: Vec<String>,
}

pub(crate) fn groups(input: &Grouping, expect: &Groups) -> Result<(), Difference> {
    let config = config_with(input.cpu_initialization_period_s, input.delay_of_initial_readiness_status_s);
    let mut groups = Groups::default();
    for pod in &input.pods {
        let sample = input.metrics.iter().find(|m| m.pod == pod.name).map(|m| Sample {
            at_ns: seconds(m.timestamp_s),
            window_ns: seconds(m.window_s),
            usage: amount(input.resource.name(), m.value),
        });
        let view = PodView { sample, ..pod.view(false) };
        match classify(&config, &view, Some(input.resource.name()), sample.is_some(), 0) {
            PodGroup::Ready => groups.ready_pod_count += 1,
            PodGroup::Unready => groups.unready.push(pod.name.clone()),
            PodGroup::Missing => groups.missing.push(pod.name.clone()),
            PodGroup::Ignored => groups.ignored.push(pod.name.clone()),
        }
    }
    same("grouping", &groups, expect)
}

#[derive(Deserialize)]
pub(crate) struct RequestSum {
    resource: ResourceJson,
    container: Option<String>,
    pod_level_resources_enabled: bool,
    pods: Vec<PodJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Requested {
    requests_milli: Option<BTreeMap<String, i64>>,
    error_contains: Option<String>,
}

pub(crate) fn requests(input: &RequestSum, expect: &Requested) -> Result<(), Difference> {
    let mut requests = BTreeMap::new();
    for (place, pod) in input.pods.iter().enumerate() {
        let containers = pod.containers(None);
        let view = PodView { containers: &containers, ..pod.view(input.pod_level_resources_enabled) };
        match (request_of(&view, place, input.resource.name(), input.container.as_deref()), &expect.error_contains) {
            (Ok(request), _) => requests.insert(pod.name.clone(), request),
            (Err(error), Some(part)) => return contains(&message(&error, &input.pods), part),
            (Err(error), None) => return Err(unexpected(&error)),
        };
    }
    same("requests", &Some(requests), &expect.requests_milli)
}
