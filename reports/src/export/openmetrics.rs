//! A record as OpenMetrics, for `promtool tsdb create-blocks-from openmetrics`.
//!
//! Replicas, pods and nodes carry the names that kube-state-metrics uses, CPU that of cAdvisor, so that dashboards for clusters show a run. What Kubernetes
//! has no metric for is `overspill_…`. Pods are sampled once a minute (or once a window, where that is longer): Prometheus holds a value for five minutes.

use std::collections::BTreeMap;

use sim_core::record::{PodRow, Record, WorkloadRow};

use super::metrics::{Family, Samples};

/// Time between two samples of a pod, in seconds, unless windows are longer.
const STEP: f64 = 60.0;

const SPEC: Family = Family::gauge("kube_deployment_spec_replicas", "Number of desired pods for a deployment.");
const STATUS: Family = Family::gauge("kube_deployment_status_replicas", "The number of replicas per deployment.");
const READY: Family = Family::gauge("kube_deployment_status_replicas_ready", "The number of ready replicas per deployment.");
const AVAILABLE: Family = Family::gauge("kube_deployment_status_replicas_available", "The number of available replicas per deployment.");
const UNAVAILABLE: Family = Family::gauge("kube_deployment_status_replicas_unavailable", "The number of unavailable replicas per deployment.");
const HPA_DESIRED: Family =
    Family::gauge("kube_horizontalpodautoscaler_status_desired_replicas", "Desired number of replicas of pods managed by this autoscaler.");
const HPA_CURRENT: Family =
    Family::gauge("kube_horizontalpodautoscaler_status_current_replicas", "Current number of replicas of pods managed by this autoscaler.");
const HPA_MIN: Family =
    Family::gauge("kube_horizontalpodautoscaler_spec_min_replicas", "Lower limit for the number of pods that can be set by the autoscaler.");
const HPA_MAX: Family =
    Family::gauge("kube_horizontalpodautoscaler_spec_max_replicas", "Upper limit for the number of pods that can be set by the autoscaler.");
const PHASE: Family = Family::gauge("kube_pod_status_phase", "The pods current phase.");
const POD_READY: Family = Family::gauge("kube_pod_status_ready", "Describes whether the pod is ready to serve requests.");
const INFO: Family = Family::gauge("kube_pod_info", "Information about pod.");
const OWNER: Family = Family::gauge("kube_pod_owner", "Information about the Pod's owner.");
const SET_OWNER: Family = Family::gauge("kube_replicaset_owner", "Information about the ReplicaSet's owner.");
const HPA_INFO: Family = Family::gauge("kube_horizontalpodautoscaler_info", "Information about this autoscaler.");
const NODE_INFO: Family = Family::gauge("kube_node_info", "Information about a cluster node.");
const REQUESTS: Family = Family::gauge("kube_pod_container_resource_requests", "The number of requested request resource by a container.");
const ALLOCATABLE: Family =
    Family::gauge("kube_node_status_allocatable", "The allocatable for different resources of a node that are available for scheduling.");
const CPU: Family =
    Family::counter("container_cpu_usage_seconds_total", "Cumulative cpu time consumed; a service's use is spread evenly over its ready pods in each window.");
const OFFERED: Family = Family::counter("overspill_requests_offered_total", "Requests that arrived.");
const OUTCOME: Family = Family::counter("overspill_requests_total", "Requests that ended, by outcome.");
const LATENCY: Family = Family::gauge("overspill_request_latency_seconds", "Latency quantile of the requests completed in the last window.");
const IN_FLIGHT: Family = Family::gauge("overspill_requests_in_flight", "Requests neither answered nor given up.");
const TIER_PODS: Family = Family::gauge("overspill_tier_pods", "Pods bound in a tier.");
const COST: Family = Family::counter("overspill_cost_total", "Cost since the start of the run.");

/// The scrape job that dashboards of kubernetes-mixin look for, and the one of cAdvisor's metrics.
const STATE: (&str, &str) = ("job", "kube-state-metrics");
const KUBELET: [(&str, &str); 2] = [("job", "kubelet"), ("metrics_path", "/metrics/cadvisor")];

/// The record as OpenMetrics text, ending with `# EOF`. `start` is the Unix time in seconds at which the run begins.
pub fn openmetrics(record: &Record, start: f64) -> String {
    let mut samples = Samples::default();
    let spaces = namespaces(record);
    workloads(record, &spaces, &mut samples);
    pods(record, &mut samples);
    nodes(record, &mut samples);
    tiers(record, &mut samples);
    samples.render(start)
}

/// The namespace of each workload, as its pods have it.
fn namespaces(record: &Record) -> BTreeMap<&str, &str> {
    record.pods.iter().map(|pod| (pod.workload.as_str(), pod.namespace.as_str())).collect()
}

/// Ends of windows: what a row says holds at the end of its window.
fn ends(rows: &[&WorkloadRow], end: f64) -> Vec<f64> {
    (0..rows.len()).map(|place| rows.get(place + 1).map_or(end, |next| next.t)).collect()
}

fn workloads(record: &Record, spaces: &BTreeMap<&str, &str>, samples: &mut Samples) {
    let summary = &record.summary;
    for (name, workload) in &summary.workloads {
        let rows: Vec<&WorkloadRow> = record.workload_series.iter().filter(|row| row.workload == *name).collect();
        let namespace = spaces.get(name.as_str()).copied().unwrap_or("default");
        let (own, hpa) =
            ([("namespace", namespace), ("deployment", name), STATE], [("namespace", namespace), ("horizontalpodautoscaler", name.as_str()), STATE]);
        let times = ends(&rows, summary.simulated_s);
        samples.hold(SET_OWNER, &[("namespace", namespace), ("replicaset", name), ("owner_kind", "Deployment"), ("owner_name", name), STATE], &times, 1.0);
        if let Some(bounds) = workload.hpa {
            samples.hold(HPA_INFO, &[hpa[0], hpa[1], ("scaletargetref_kind", "Deployment"), ("scaletargetref_name", name), STATE], &times, 1.0);
            samples.hold(HPA_MIN, &hpa, &times, f64::from(bounds.min));
            samples.hold(HPA_MAX, &hpa, &times, f64::from(bounds.max));
        }
        let mut totals = [0u64; 5];
        for (row, t) in rows.iter().zip(times) {
            let replicas = row.pods_ready + row.pods_starting + row.pods_pending;
            let counts = [
                (SPEC, row.replicas_desired),
                (STATUS, replicas),
                (READY, row.pods_ready),
                (AVAILABLE, row.pods_ready),
                (UNAVAILABLE, replicas - row.pods_ready),
            ];
            for (family, count) in counts {
                samples.add(family, &own, t, f64::from(count));
            }
            if workload.hpa.is_some() {
                samples.add(HPA_DESIRED, &hpa, t, f64::from(row.replicas_desired));
                samples.add(HPA_CURRENT, &hpa, t, f64::from(replicas));
            }
            requests(samples, namespace, name, row, t, &mut totals);
        }
    }
}

fn requests(samples: &mut Samples, namespace: &str, name: &str, row: &WorkloadRow, t: f64, totals: &mut [u64; 5]) {
    for (total, more) in totals.iter_mut().zip([row.offered, row.completed, row.timed_out, row.rejected, row.failed]) {
        *total += more;
    }
    if totals[0] == 0 {
        return;
    }
    let labels = [("namespace", namespace), ("deployment", name)];
    samples.add(OFFERED, &labels, t, totals[0] as f64);
    for (outcome, total) in ["completed", "timed_out", "rejected", "failed"].into_iter().zip(&totals[1..]) {
        samples.add(OUTCOME, &[labels[0], labels[1], ("outcome", outcome)], t, *total as f64);
    }
    samples.add(IN_FLIGHT, &labels, t, row.in_flight as f64);
    for (quantile, ms) in [("0.5", row.latency_p50_ms), ("0.9", row.latency_p90_ms), ("0.95", row.latency_p95_ms), ("0.99", row.latency_p99_ms)] {
        if let Some(ms) = ms {
            samples.add(LATENCY, &[labels[0], labels[1], ("quantile", quantile)], t, ms / 1000.0);
        }
    }
}

/// Every so many windows a pod is sampled.
fn stride(ends: &[f64]) -> usize {
    let window = ends.first().copied().unwrap_or(STEP).max(f64::MIN_POSITIVE);
    ((STEP / window).round() as usize).max(1)
}

fn pods(record: &Record, samples: &mut Samples) {
    let end = record.summary.simulated_s;
    let mut by_workload: BTreeMap<&str, Vec<&PodRow>> = BTreeMap::new();
    for pod in &record.pods {
        by_workload.entry(&pod.workload).or_default().push(pod);
    }
    for (name, pods) in by_workload {
        let rows: Vec<&WorkloadRow> = record.workload_series.iter().filter(|row| row.workload == name).collect();
        let ends = ends(&rows, end);
        let per_pod = cpu_of_a_ready_second(&rows, &ends, &pods);
        let stride = stride(&ends);
        let milli = record.summary.workloads.get(name).map(|workload| workload.cpu_request_milli);
        for pod in pods {
            sample_pod(samples, pod, milli, &rows, &ends, &per_pod, stride);
        }
    }
}

/// Seconds of a window in which a pod was ready.
fn ready_within(pod: &PodRow, from: f64, to: f64, end: f64) -> f64 {
    let Some(ready) = pod.ready else { return 0.0 };
    let until = pod.terminating.or(pod.ended).unwrap_or(end);
    (until.min(to) - ready.max(from)).max(0.0)
}

/// By window: CPU that a pod used for each second that it was ready, so that all pods together used what the window says.
fn cpu_of_a_ready_second(rows: &[&WorkloadRow], ends: &[f64], pods: &[&PodRow]) -> Vec<f64> {
    let mut ready = vec![0.0; rows.len()];
    let last = ends.last().copied().unwrap_or(0.0);
    for pod in pods {
        let first = pod.ready.map_or(rows.len(), |at| ends.partition_point(|end| *end <= at));
        let until = pod.terminating.or(pod.ended).unwrap_or(last);
        for place in (first..rows.len()).take_while(|place| rows[*place].t < until) {
            ready[place] += ready_within(pod, rows[place].t, ends[place], last);
        }
    }
    (0..rows.len()).map(|place| if ready[place] > 0.0 { rows[place].cpu_used_cores * (ends[place] - rows[place].t) / ready[place] } else { 0.0 }).collect()
}

fn sample_pod(samples: &mut Samples, pod: &PodRow, milli: Option<u64>, rows: &[&WorkloadRow], ends: &[f64], per_pod: &[f64], stride: usize) {
    let last = ends.last().copied().unwrap_or(0.0);
    let own = [("namespace", pod.namespace.as_str()), ("pod", pod.pod.as_str())];
    let first = ends.partition_point(|end| *end < pod.created);
    let gone = pod.ended.unwrap_or(f64::INFINITY);
    let (mut used, mut before) = (0.0, "");
    // When it was sampled alive, and of these when it had a node.
    let (mut alive, mut bound): (Vec<f64>, Vec<f64>) = Default::default();
    for place in first..ends.len() {
        let (from, to) = (rows[place].t, ends[place]);
        used += ready_within(pod, from, to, last) * per_pod[place];
        let phase = phase_at(pod, to);
        let is_due = place % stride == 0 || place + 1 == ends.len() || phase != before;
        if !is_due {
            continue;
        }
        if !before.is_empty() && before != phase {
            samples.add(PHASE, &[own[0], own[1], ("phase", before), STATE], to, 0.0);
        }
        if phase.is_empty() {
            samples.add(POD_READY, &[own[0], own[1], ("condition", "true"), STATE], to, 0.0);
            break;
        }
        before = phase;
        samples.add(PHASE, &[own[0], own[1], ("phase", phase), STATE], to, 1.0);
        alive.push(to);
        bound.extend(pod.scheduled.filter(|at| *at <= to).map(|_| to));
        let is_ready = pod.ready.is_some_and(|ready| ready <= to) && pod.terminating.is_none_or(|at| at > to) && gone > to;
        samples.add(POD_READY, &[own[0], own[1], ("condition", "true"), STATE], to, f64::from(u8::from(is_ready)));
        if used > 0.0 {
            let of = [own[0], own[1], ("container", pod.workload.as_str()), ("image", "overspill"), ("node", pod.node.as_str()), KUBELET[0], KUBELET[1]];
            samples.add(CPU, &of, to, used);
        }
    }
    let (kind, node, workload) = (if milli.is_some() { "ReplicaSet" } else { "Job" }, pod.node.as_str(), pod.workload.as_str());
    samples.hold(OWNER, &[own[0], own[1], ("owner_kind", kind), ("owner_name", workload), STATE], &alive, 1.0);
    samples.hold(INFO, &[own[0], own[1], ("node", node), ("created_by_kind", kind), ("created_by_name", workload), STATE], &bound, 1.0);
    if let Some(milli) = milli.filter(|milli| *milli > 0) {
        let of = [own[0], own[1], ("container", workload), ("node", node), ("resource", "cpu"), ("unit", "core"), STATE];
        samples.hold(REQUESTS, &of, &alive, milli as f64 / 1000.0);
    }
}

/// The phase that the API server shows; empty once the pod is gone.
fn phase_at(pod: &PodRow, t: f64) -> &'static str {
    let by = |at: Option<f64>| at.is_some_and(|at| at <= t);
    if by(pod.ended) {
        return match pod.phase.as_str() {
            "Succeeded" => "Succeeded",
            "Failed" => "Failed",
            _ => "",
        };
    }
    // Until its containers run, a pod is Pending.
    if by(pod.ready) { "Running" } else { "Pending" }
}

fn nodes(record: &Record, samples: &mut Samples) {
    let all = times(record);
    let times: Vec<f64> = all.iter().copied().step_by(stride(&all)).collect();
    for node in record.nodes.iter().filter(|node| node.cpu_allocatable_milli > 0) {
        let resources = [("cpu", "core", node.cpu_allocatable_milli as f64 / 1000.0), ("memory", "byte", node.memory_allocatable as f64)];
        for (resource, unit, amount) in resources {
            samples.hold(ALLOCATABLE, &[("node", &node.node), ("resource", resource), ("unit", unit), STATE], &times, amount);
        }
        samples.hold(NODE_INFO, &[("node", &node.node), ("tier", &node.tier), STATE], &times, 1.0);
    }
}

/// Ends of the windows of tiers.
fn times(record: &Record) -> Vec<f64> {
    let mut starts: Vec<f64> = record.tier_series.iter().map(|row| row.t).collect();
    starts.dedup();
    starts.iter().skip(1).copied().chain((!starts.is_empty()).then_some(record.summary.simulated_s)).collect()
}

fn tiers(record: &Record, samples: &mut Samples) {
    let times = times(record);
    let mut place = 0;
    let mut before = record.tier_series.first().map_or(0.0, |row| row.t);
    for row in &record.tier_series {
        if row.t > before {
            (place, before) = (place + 1, row.t);
        }
        let t = times[place];
        samples.add(TIER_PODS, &[("tier", &row.tier)], t, f64::from(row.pods));
        let cost = row.cost.as_pico() as f64 / 1e12;
        samples.add(COST, &[("tier", &row.tier), ("currency", &record.summary.cost.currency)], t, cost);
    }
}
