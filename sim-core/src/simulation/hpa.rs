//! The HPA of a service: what it is shown, and what its decision does.

mod said;

pub(super) use said::Said;
use said::{Sight, Words};

use super::Simulation;
use super::services::{instant, signed};
use crate::autoscaling::hpa;
use crate::cluster::{Phase, Pod};
use crate::engine::Event;
use crate::id::Id;
use crate::metrics;
use crate::observe::Decision;
use crate::plan::{Container, MILLION, MetricSource, Part, PodUsage, Service};
use crate::units::{MilliCpu, Span};

/// Values of one metric of an HPA.
enum Values {
    FromPods,
    PerPod(Vec<Option<i64>>),
    Series([i64; 1]),
}

impl Simulation<'_> {
    /// Lets the HPA of a service look at its pods and decide.
    pub(super) fn autoscale(&mut self, service: Id<Service>) {
        let plan = self.plan;
        let taken = plan.hpa.evaluation_time.as_ref().map_or(Span::ZERO, |time| {
            let mut stream = self.streams.indexed(&format!("{}/hpa-evaluation", plan.services[service].name), self.now.as_nanos());
            Span::from_secs_f64(time.sample(&mut stream))
        });
        self.push_in_run((self.now + plan.hpa.sync_period).saturating_add(taken), Event::Autoscale(service));
        if self.api_is_down() {
            return self.note_kept(service, API_DOWN.into());
        }
        self.count_alike(service);
        let sight = self.sight(service);
        if self.repeats_sync(service, sight) {
            return;
        }
        let values = self.metric_values(service);
        let values: Vec<hpa::MetricValues<'_>> = values
            .iter()
            .map(|values| match values {
                Values::FromPods => hpa::MetricValues::FromPods,
                Values::PerPod(values) => hpa::MetricValues::PerPod(values),
                Values::Series(series) => hpa::MetricValues::Series(series),
            })
            .collect();
        let mut memory = std::mem::take(&mut self.services[service.index()].hpa_memory);
        let state = &self.services[service.index()];
        let spec = state.hpa.as_ref().expect("only services with an HPA are evaluated");
        let containers = self.container_views(service, spec);
        let each = plan.services[service].usage.containers.len();
        let pods: Vec<hpa::PodView<'_>> = self.alike_views(service).unwrap_or_else(|| {
            (state.active.iter().enumerate())
                .map(|(place, pod)| {
                    let own = if containers.is_empty() { &[][..] } else { &containers[place * each..][..each] };
                    self.hpa_view(service, *pod, own)
                })
                .collect()
        });
        let input =
            hpa::HpaInput { spec_replicas: state.desired, status_replicas: state.active.len() as u32, pods: &pods, values: &values, stray_samples: &[] };
        let decision = hpa::reconcile(&plan.hpa, spec, signed(self.now), &input, &mut memory);
        let seen = self.look_at_sync(service, spec, &input, &decision, &memory);
        self.services[service.index()].hpa_memory = memory;
        self.note_sync(seen);
        self.note_verdict(service, &decision);
        let (desired, scaled) = (decision.desired, decision.scaled);
        let said = &mut self.services[service.index()].said;
        said.sight = sight;
        let words = match &mut said.last {
            Some((last, words)) if *last == decision.reason => words.clone(),
            last => {
                let words = Words::from(&decision.reason);
                *last = Some((decision.reason, words.clone()));
                words
            }
        };
        if scaled {
            said.kept = None;
            self.scale(service, desired, "hpa", words.text.to_string());
        } else {
            self.note_kept(service, words);
        }
    }

    /// What an HPA sees if its pods all look the same, and nothing but their use matters.
    fn sight(&self, service: Id<Service>) -> Option<Sight> {
        let (pod, pods) = self.services[service.index()].alike.all()?;
        if self.watching.is_some() || self.plan.services[service].scaling.sources.iter().any(Option::is_some) {
            return None;
        }
        let state = &self.services[service.index()];
        let sample = metrics::sample(state.alike.notes(), &self.plan.metrics, self.now, state.cpu_scale)?;
        Some(Sight { class: self.pods[pod].class, pods, cpu: sample.cpu, desired: state.desired })
    }

    /// Has an HPA decide as it did last time, if it sees the same and would come to the same: mostly a sync says what the last one said.
    fn repeats_sync(&mut self, service: Id<Service>, sight: Option<Sight>) -> bool {
        let (plan, now) = (self.plan, signed(self.now));
        let state = &mut self.services[service.index()];
        let (Some((reason, words)), Some(spec)) = (&state.said.last, &state.hpa) else { return false };
        let sees_the_same = sight.is_some() && state.said.sight == sight;
        if !sees_the_same || !hpa::repeat(&plan.hpa, spec, now, state.desired, reason, &mut state.hpa_memory) {
            return false;
        }
        let words = words.clone();
        if !plan.objectives.is_empty() {
            let decision = hpa::HpaDecision { desired: state.desired, scaled: false, reason: reason.clone() };
            self.note_verdict(service, &decision);
        }
        self.note_kept(service, words);
        true
    }

    /// Notes that an HPA left its service alone, once until the verdict changes: a year has two million syncs, most of which say the same with
    /// another percentage.
    fn note_kept(&mut self, service: Id<Service>, words: Words) {
        self.digest.word(words.digest);
        let kept = &mut self.services[service.index()].said.kept;
        if kept.as_ref().is_some_and(|kept| kept.say_as_much_as(&words)) {
            *kept = Some(words);
            return;
        }
        let reason = words.text.to_string();
        *kept = Some(words);
        self.decide(Decision::Kept { service, reason });
    }

    /// What the metrics APIs say about each metric of a service's HPA; nothing if all of them are resources.
    fn metric_values(&mut self, service: Id<Service>) -> Vec<Values> {
        let plan = self.plan;
        let sources = &plan.services[service].scaling.sources;
        if sources.iter().all(Option::is_none) {
            return Vec::new();
        }
        (sources.iter().enumerate())
            .map(|(place, source)| {
                let Some(source) = source else { return Values::FromPods };
                let is_per_pod =
                    matches!(self.services[service.index()].hpa.as_ref().and_then(|spec| spec.metrics.get(place)), Some(hpa::MetricSpec::Pods { .. }));
                if is_per_pod {
                    return Values::PerPod(self.services[service.index()].active.iter().map(|pod| self.pod_metric(service, *pod, source)).collect());
                }
                self.metric(source).map_or(Values::FromPods, |value| Values::Series([milli(value)]))
            })
            .collect()
    }

    /// A custom metric of one pod in milli-units.
    fn pod_metric(&self, service: Id<Service>, id: Id<Pod>, source: &MetricSource) -> Option<i64> {
        let pod = &self.pods[id];
        let sample = metrics::sample(&pod.scrapes, &self.plan.metrics, self.now, self.services[service.index()].cpu_scale)?;
        match source {
            MetricSource::RequestRate { .. } => Some(sample.requests_milli as i64),
            MetricSource::InFlight(_) => Some(i64::from(sample.in_flight) * 1000),
            MetricSource::Given(curve) => Some(milli(curve.at(sample.timestamp))),
            MetricSource::QueueLength(_) | MetricSource::UnfinishedJobs(_) | MetricSource::PendingPods(_) => None,
        }
    }

    /// The containers of each active pod, one after the other; none unless the HPA has to look at them.
    fn container_views(&self, service: Id<Service>, spec: &hpa::HpaSpec) -> Vec<hpa::ContainerView<'_>> {
        let usage = &self.plan.services[service].usage;
        let names_one = spec.metrics.iter().any(|metric| matches!(metric, hpa::MetricSpec::ContainerResource { .. }));
        if !names_one && !lacks_request(usage) {
            return Vec::new();
        }
        let state = &self.services[service.index()];
        let mut views = Vec::with_capacity(state.active.len() * usage.containers.len());
        for pod in &state.active {
            let sample = metrics::sample(&self.pods[*pod].scrapes, &self.plan.metrics, self.now, state.cpu_scale);
            let limit = self.plan.template(self.pods[*pod].class).cpu_limit.unwrap_or(MilliCpu(u64::MAX));
            views.extend(usage.containers.iter().map(|container| hpa::ContainerView {
                name: &container.name,
                requests: requests_of(container),
                usage: sample.map(|sample| hpa::Amounts {
                    cpu: Some(part_of(&container.cpu, |cpu| cpu.0, sample.cpu.min(limit).0, usage.fixed_cpu()) as i64),
                    memory: usage.memory.as_ref().map(|_| 1000 * part_of(&container.memory, |memory| memory.0, sample.memory.0, usage.fixed_memory()) as i64),
                }),
            }));
        }
        views
    }

    /// A pod as the HPA controller sees it. Until its containers run, its Kubernetes phase is Pending.
    pub(super) fn hpa_view<'a>(&'a self, service: Id<Service>, id: Id<Pod>, containers: &'a [hpa::ContainerView<'a>]) -> hpa::PodView<'a> {
        let pod = &self.pods[id];
        let sample = metrics::sample(&pod.scrapes, &self.plan.metrics, self.now, self.services[service.index()].cpu_scale);
        self.view_of(service, id, sample, containers)
    }

    /// The same with this sample.
    pub(super) fn view_of<'a>(
        &'a self,
        service: Id<Service>,
        id: Id<Pod>,
        sample: Option<metrics::Sample>,
        containers: &'a [hpa::ContainerView<'a>],
    ) -> hpa::PodView<'a> {
        let pod = &self.pods[id];
        let usage = &self.plan.services[service].usage;
        let template = self.plan.template(pod.class);
        let runs_unready = pod.phase == Phase::Starting && pod.counters.get().running_from.is_some_and(|from| from <= self.now);
        let amount = |request: u64, scale: i64, open: bool| (request > 0 && !open).then_some(request as i64 * scale);
        // A container is throttled at its limit: nobody ever measures more.
        let limit = template.cpu_limit.unwrap_or(MilliCpu(u64::MAX));
        hpa::PodView {
            phase: if runs_unready || matches!(pod.phase, Phase::Ready | Phase::Unready) { hpa::PodPhaseView::Running } else { hpa::PodPhaseView::Pending },
            deleting: false,
            start_ns: pod.starting.map(|at| instant(at, pod.preexisting)),
            ready: match pod.phase {
                Phase::Unready => pod.interruptions.unready_since.map(|at| hpa::ReadyCondition { ready: false, since_ns: signed(at) }),
                // The condition is set when the kubelet first looks at the pod.
                Phase::Starting if runs_unready => pod.starting.map(|at| hpa::ReadyCondition { ready: false, since_ns: signed(at) }),
                _ => pod.ready_since.map(|at| hpa::ReadyCondition { ready: true, since_ns: instant(at, pod.is_long_ready()) }),
            },
            requests: hpa::Amounts {
                cpu: amount(template.requests.cpu.0, 1, lacks_cpu_request(usage)),
                memory: amount(template.requests.memory.0, 1000, lacks_memory_request(usage)),
            },
            sample: sample.map(|sample| hpa::Sample {
                at_ns: signed(sample.timestamp),
                window_ns: sample.window.as_nanos() as i64,
                usage: hpa::Amounts { cpu: Some(sample.cpu.min(limit).0 as i64), memory: usage.memory.as_ref().map(|_| sample.memory.0 as i64 * 1000) },
            }),
            containers,
            alike: 0,
        }
    }
}

/// Why a controller did nothing.
pub(super) const API_DOWN: &str = "the API server does not answer";

/// Thousandths, rounded to the nearest.
pub(super) fn milli(value: f64) -> i64 {
    (value * 1000.0).round() as i64
}

fn requests_of(container: &Container) -> hpa::Amounts {
    hpa::Amounts { cpu: container.cpu_request.map(|cpu| cpu.0 as i64), memory: container.memory_request.map(|memory| memory.0 as i64 * 1000) }
}

fn lacks_cpu_request(usage: &PodUsage) -> bool {
    !usage.pod_level_requests && usage.containers.iter().any(|container| container.cpu_request.is_none())
}

fn lacks_memory_request(usage: &PodUsage) -> bool {
    !usage.pod_level_requests && usage.containers.iter().any(|container| container.memory_request.is_none())
}

fn lacks_request(usage: &PodUsage) -> bool {
    lacks_cpu_request(usage) || lacks_memory_request(usage)
}

/// What a container has of a pod's use `whole`, of which `fixed` does not depend on requests. Shares are rounded up, as the metrics API does.
fn part_of<T>(part: &Part<T>, amount: impl Fn(&T) -> u64, whole: u64, fixed: u64) -> u64 {
    match part {
        Part::Fixed(own) => amount(own),
        Part::Share(share) => (u128::from(whole.saturating_sub(fixed)) * u128::from(*share)).div_ceil(u128::from(MILLION)) as u64,
    }
}
