//! What one metric proposes: from samples to a number of replicas, before windows and limits.

use super::pods::{PodGroup, classify, request_of, usage_of};
use super::{Amounts, HpaConfig, HpaInput, MetricError, MetricSpec, MetricValues, PodPhaseView, PodView, ResourceName, Target, Tolerances, ValueTarget};

/// What one metric proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricProposal {
    /// Replicas.
    pub replicas: u32,
    /// What the metric stands at, before gaps are filled: what `kubectl get hpa` shows.
    pub reading: Reading,
    /// How the number came about.
    pub outcome: Outcome,
    /// How pods without a trusted sample were counted.
    pub gaps: Gaps,
}

/// What a metric stands at; amounts in milli-units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Resource use in relation to the requests.
    Utilization {
        /// Whole percent, truncated.
        percent: u32,
        /// Use per pod.
        average: i64,
    },
    /// Per pod.
    Average(i64),
    /// As a whole.
    Value(i64),
}

/// How a proposal came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Usage in relation to the target.
    Computed,
    /// The current size, because usage is near enough to the target.
    WithinTolerance,
    /// The current size, because the pods without a trusted sample might turn the direction.
    Undecided,
}

/// How pods without a trusted sample were counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// Unready pods counted as idle.
    pub unready_idle: u32,
    /// Pods without a sample counted as idle.
    pub missing_idle: u32,
    /// Pods without a sample counted as fully used.
    pub missing_full: u32,
}

/// What `metric` proposes, given what the metrics API said about it.
pub fn propose(
    metric: &MetricSpec,
    values: MetricValues<'_>,
    seen: &HpaInput<'_>,
    now_ns: i64,
    config: &HpaConfig,
    tolerances: &Tolerances,
) -> Result<MetricProposal, MetricError> {
    let calculator = Calculator { seen, now_ns, config, tolerances };
    match (metric, values) {
        (MetricSpec::Resource { resource, target }, _) => calculator.resource(*resource, None, *target),
        (MetricSpec::ContainerResource { resource, container, target }, _) => calculator.resource(*resource, Some(container), *target),
        (MetricSpec::Pods { average, .. }, MetricValues::PerPod(values)) if values.iter().any(Option::is_some) => {
            let pool = calculator.pool(None, |place, _| values.get(place).copied().flatten(), |_| 1, |_| *average);
            calculator.average(&pool, *average)
        }
        (MetricSpec::Object { target, .. } | MetricSpec::External { target, .. }, MetricValues::Series(series)) if !series.is_empty() => {
            calculator.single(*target, series)
        }
        (MetricSpec::Pods { name, .. } | MetricSpec::Object { name, .. }, _) => Err(MetricError::NoSamples { metric: format!("metric {name}"), api: "custom" }),
        (MetricSpec::External { name, .. }, _) => Err(MetricError::NoSamples { metric: format!("external metric {name}"), api: "external" }),
    }
}

/// The pods of one group together.
#[derive(Clone, Copy, Default)]
struct Part {
    pods: u32,
    /// What usage is divided by: requests, or one for each pod.
    weight: i128,
    /// What they use, or would be taken to use if they were fully used.
    used: i128,
}

impl Part {
    fn add(&mut self, pods: u32, weight: i64, used: i64) {
        self.pods += pods;
        self.weight += i128::from(pods) * i128::from(weight);
        self.used += i128::from(pods) * i128::from(used);
    }
}

/// The pods of an average by group.
#[derive(Clone, Copy, Default)]
struct Pool {
    ready: Part,
    unready: Part,
    missing: Part,
    /// Samples of pods that are not the target's.
    strays: u32,
}

struct Calculator<'a> {
    seen: &'a HpaInput<'a>,
    now_ns: i64,
    config: &'a HpaConfig,
    tolerances: &'a Tolerances,
}

impl Calculator<'_> {
    fn resource(&self, resource: ResourceName, container: Option<&str>, target: Target) -> Result<MetricProposal, MetricError> {
        let pods = self.seen.pods;
        let strays = self.seen.stray_samples.iter().filter_map(|sample: &Amounts| sample.get(resource));
        if pods.iter().all(|pod| pod.sample.is_none()) && strays.clone().next().is_none() {
            return Err(MetricError::NoSamples { metric: format!("metrics for resource {resource}"), api: "resource" });
        }
        let usage = |_, pod: &PodView<'_>| usage_of(pod, resource, container);
        match target {
            Target::AverageValue(target) => {
                let mut pool = self.pool(Some(resource), usage, |_| 1, |_| target);
                for stray in strays {
                    pool.strays += 1;
                    pool.ready.weight += 1;
                    pool.ready.used += i128::from(stray);
                }
                self.average(&pool, target)
            }
            Target::Utilization(percent) => {
                let mut error = None;
                let request = |place| {
                    request_of(&pods[place], place, resource, container).unwrap_or_else(|e| {
                        error.get_or_insert(e);
                        0
                    })
                };
                let fallback = i64::from(percent.max(100));
                let mut pool = self.pool(Some(resource), usage, request, |request| (i128::from(request) * i128::from(fallback) / 100) as i64);
                pool.strays = strays.count() as u32;
                self.utilization(&pool, percent, error)
            }
        }
    }

    /// Sorts every pod and adds it to its group. `weight` is asked for each pod once, whatever its group.
    fn pool(
        &self,
        resource: Option<ResourceName>,
        usage: impl Fn(usize, &PodView<'_>) -> Option<i64>,
        mut weight: impl FnMut(usize) -> i64,
        full: impl Fn(i64) -> i64,
    ) -> Pool {
        let mut pool = Pool::default();
        for (place, pod) in self.seen.pods.iter().enumerate() {
            let (used, weight) = (usage(place, pod), weight(place));
            match (classify(self.config, pod, resource, used.is_some(), self.now_ns), used) {
                (PodGroup::Ready, Some(used)) => pool.ready.add(1 + pod.alike, weight, used),
                (PodGroup::Unready, _) => pool.unready.add(1 + pod.alike, weight, 0),
                (PodGroup::Missing, _) => pool.missing.add(1 + pod.alike, weight, full(weight)),
                (PodGroup::Ready | PodGroup::Ignored, _) => {}
            }
        }
        pool
    }

    fn utilization(&self, pool: &Pool, target: u32, missing_request: Option<MetricError>) -> Result<MetricProposal, MetricError> {
        self.check(pool)?;
        if let Some(error) = missing_request {
            return Err(error);
        }
        if pool.ready.weight == 0 {
            return Err(MetricError::NoKnownPods);
        }
        // Truncated to whole percent before the ratio is taken: 65.9 % of a target of 60 % is 65/60.
        let percent = |part: Part| quotient(part.used * 100, part.weight);
        let ready = percent(pool.ready);
        let ratio = |percent: i128| percent as f64 / f64::from(target);
        let (replicas, outcome, gaps) = self.settle(pool, ratio(ready), |part| ratio(percent(part)));
        let reading = Reading::Utilization {
            percent: ready.clamp(0, i128::from(i32::MAX)) as u32,
            average: quotient(pool.ready.used, i128::from(pool.ready.pods.max(1))) as i64,
        };
        Ok(MetricProposal { replicas, reading, outcome, gaps })
    }

    fn average(&self, pool: &Pool, target: i64) -> Result<MetricProposal, MetricError> {
        self.check(pool)?;
        let average = |part: Part| quotient(part.used, part.weight);
        let ready = average(pool.ready);
        let ratio = |average: i128| average as f64 / target as f64;
        let (replicas, outcome, gaps) = self.settle(pool, ratio(ready), |part| ratio(average(part)));
        Ok(MetricProposal { replicas, reading: Reading::Average(ready as i64), outcome, gaps })
    }

    fn check(&self, pool: &Pool) -> Result<(), MetricError> {
        if self.seen.pods.is_empty() {
            Err(MetricError::NoPods)
        } else if pool.ready.pods + pool.strays == 0 {
            Err(MetricError::NoUsablePods)
        } else {
            Ok(())
        }
    }

    /// From the usage ratio, that of the ready pods, to replicas. Pods without a trusted sample are first left out; if they could matter, they are then counted
    /// so as to damp the change, and the change happens only if it survives.
    fn settle(&self, pool: &Pool, ratio: f64, ratio_of: impl Fn(Part) -> f64) -> (u32, Outcome, Gaps) {
        let current = self.seen.spec_replicas;
        let unready_matter = pool.unready.pods > 0 && ratio > 1.0;
        if !unready_matter && pool.missing.pods == 0 {
            return if self.tolerances.contain(ratio) {
                (current, Outcome::WithinTolerance, Gaps::default())
            } else {
                (replicas(ratio * f64::from(pool.ready.pods)), Outcome::Computed, Gaps::default())
            };
        }

        let mut filled = pool.ready;
        let mut samples = pool.ready.pods + pool.strays;
        let mut gaps = Gaps::default();
        if ratio < 1.0 {
            filled.weight += pool.missing.weight;
            filled.used += pool.missing.used;
            gaps.missing_full = pool.missing.pods;
        } else if ratio > 1.0 {
            filled.weight += pool.missing.weight;
            gaps.missing_idle = pool.missing.pods;
        }
        if unready_matter {
            filled.weight += pool.unready.weight;
            gaps.unready_idle = pool.unready.pods;
        }
        samples += gaps.missing_full + gaps.missing_idle + gaps.unready_idle;

        let damped = ratio_of(filled);
        if self.tolerances.contain(damped) {
            return (current, Outcome::WithinTolerance, gaps);
        }
        let proposal = replicas(damped * f64::from(samples));
        let turned = (ratio < 1.0 && damped > 1.0) || (ratio > 1.0 && damped < 1.0);
        // The multiplier is the number of pods seen, which may differ from the current size enough to point the other way.
        let backwards = (damped < 1.0 && proposal > current) || (damped > 1.0 && proposal < current);
        if turned || backwards { (current, Outcome::Undecided, gaps) } else { (proposal, Outcome::Computed, gaps) }
    }

    /// One number for all pods, from an object or from outside the cluster.
    fn single(&self, target: ValueTarget, series: &[i64]) -> Result<MetricProposal, MetricError> {
        let value = series.iter().fold(0_i64, |sum, v| sum.saturating_add(*v));
        let (replicas, outcome, reading) = match target {
            ValueTarget::Value(target) => {
                let ratio = value as f64 / target as f64;
                let current = self.seen.spec_replicas;
                let (replicas, outcome) = if current == 0 {
                    (replicas(ratio), Outcome::Computed)
                } else if self.tolerances.contain(ratio) {
                    (current, Outcome::WithinTolerance)
                } else if self.seen.pods.is_empty() {
                    return Err(MetricError::NoPods);
                } else {
                    (replicas(ratio * self.running_and_ready() as f64), Outcome::Computed)
                };
                (replicas, outcome, Reading::Value(value))
            }
            ValueTarget::AverageValue(target) => {
                let status = self.seen.status_replicas;
                let ratio = value as f64 / (target as f64 * f64::from(status));
                let (replicas, outcome) = if self.tolerances.contain(ratio) {
                    (status, Outcome::WithinTolerance)
                } else {
                    (replicas(value as f64 / target as f64), Outcome::Computed)
                };
                (replicas, outcome, Reading::Average((value as f64 / f64::from(status)).ceil() as i64))
            }
        };
        Ok(MetricProposal { replicas, reading, outcome, gaps: Gaps::default() })
    }

    fn running_and_ready(&self) -> usize {
        let ready = self.seen.pods.iter().filter(|pod| pod.phase == PodPhaseView::Running && pod.ready.is_some_and(|c| c.ready));
        ready.map(|pod| 1 + pod.alike as usize).sum()
    }
}

/// `a / b`, which is faster where both are short: mostly.
fn quotient(a: i128, b: i128) -> i128 {
    let short = || i64::try_from(a).ok()?.checked_div(i64::try_from(b).ok()?);
    short().map_or_else(|| a / b, i128::from)
}

/// Rounds up to a replica count, which Kubernetes keeps in a signed 32-bit integer.
fn replicas(exact: f64) -> u32 {
    exact.ceil().clamp(0.0, f64::from(i32::MAX)) as u32
}
