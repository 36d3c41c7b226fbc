//! What holds in every run, whatever happens in it.

mod supply;

use std::collections::{BTreeMap, BTreeSet};

use sim_core::ledger::{Entry, Kind};
use sim_core::plan::{CreateLimit, FaultKind, NodeKind, Placement, Plan, Purchase, Split};
use sim_core::record::{DecisionRow, PodRow, Record};
use sim_core::units::{Money, Time};

/// How often things happened that make a scenario worth running.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(BTreeMap<&'static str, u64>);

impl Seen {
    pub(crate) fn add(&mut self, other: &Self) {
        other.0.iter().for_each(|(what, count)| *self.0.entry(what).or_default() += count);
    }

    pub(crate) fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.0.iter().map(|(what, count)| (*what, *count))
    }
}

/// Asserts all laws.
pub(crate) fn check(plan: &Plan, record: &Record) -> Seen {
    requests(record);
    money(plan, record);
    pods(plan, record);
    ledger(plan, record);
    room(plan, record);
    limits(plan, record);
    replicas(plan, record);
    outages(plan, record);
    budgets(plan, record);
    pools(plan, record);
    gangs(plan, record);
    supply::addresses(plan, record);
    supply::stocks(plan, record);
    let of = |action: &str| record.decisions.iter().filter(|row| row.action == action).count() as u64;
    let actions = [
        "placed",
        "lost",
        "broken",
        "repaired",
        "NotReady",
        "Ready",
        "evicted",
        "scaled",
        "NoStock",
        "QuotaFull",
        "IpNotEnough",
        "reloaded",
        "malformed",
        "SpotReleased",
        "SpotToBeReleased",
        "Throttling",
        "ServiceUnavailable",
        "ErrImagePull",
        "waited",
        "refused",
        "started",
        "grown",
        "backed-off",
        "requested",
        "released",
        "unneeded",
        "nominated",
        "completed",
        "ImageCacheMissed",
        "drained",
    ];
    Seen(actions.into_iter().map(|action| (action, of(action))).collect())
}

/// Every request that came is accounted for, once.
fn requests(record: &Record) {
    let all = &record.summary.requests;
    assert_eq!(all.offered, all.completed + all.timed_out + all.rejected + all.failed + all.in_flight, "requests in all");
    for (name, workload) in &record.summary.workloads {
        let own = &workload.requests;
        assert_eq!(own.offered, own.completed + own.timed_out + own.rejected + own.failed + own.in_flight, "requests of {name}");
    }
    for call in &record.summary.calls {
        let own = &call.requests;
        let ends = own.completed + own.timed_out + own.rejected + own.failed + own.in_flight;
        assert_eq!(own.offered, ends, "calls of {} by {}", call.to, call.from);
    }
    if record.summary.warm_up_s == 0.0 {
        // What services ask each other for is in their own figures, and not in those of the load.
        let is_service = |name: &String| record.summary.workloads.contains_key(name);
        let calls: u64 = record.summary.calls.iter().filter(|call| is_service(&call.to)).map(|call| call.requests.offered).sum();
        let sum: u64 = record.summary.workloads.values().map(|workload| workload.requests.offered).sum();
        assert_eq!(sum, all.offered + calls, "requests of all services");
        let rows: u64 = record.workload_series.iter().map(|row| row.offered).sum();
        assert_eq!(rows, sum, "requests of all windows");
    }
}

/// The bill is the sum of its lines, by whatever it is cut, and the running cost ends there.
fn money(plan: &Plan, record: &Record) {
    let cost = &record.summary.cost;
    assert_eq!(cost.total, cost.lines.iter().map(|line| line.amount).sum::<Money>(), "lines of the bill");
    assert_eq!(cost.total, cost.by_workload.values().copied().sum::<Money>() + cost.idle, "workloads and idle");
    assert_eq!(cost.total, cost.by_tier.values().copied().sum::<Money>(), "tiers");
    let last: Money = record.tier_series.iter().rev().take(plan.tiers.len()).map(|row| row.cost).sum();
    assert_eq!(cost.total, last, "the running cost");
}

/// No pod is lost or there twice, and its life goes on in order.
fn pods(plan: &Plan, record: &Record) {
    let mut names = BTreeSet::new();
    let mut placed: BTreeMap<&str, u32> = BTreeMap::new();
    for row in record.decisions.iter().filter(|row| row.action == "placed") {
        *placed.entry(row.subject.as_str()).or_default() += 1;
    }
    let mut alive: BTreeMap<&str, u32> = BTreeMap::new();
    for pod in &record.pods {
        assert!(names.insert(pod.pod.as_str()), "{} is there twice", pod.pod);
        let times = [Some(pod.created), pod.scheduled, pod.starting, pod.ready, pod.terminating, pod.ended];
        let times: Vec<f64> = times.into_iter().flatten().collect();
        assert!(times.is_sorted(), "{} lives backwards: {times:?}", pod.pod);
        let is_over = matches!(pod.phase.as_str(), "Terminated" | "Failed" | "Succeeded");
        assert_eq!(is_over, pod.ended.is_some(), "{} is {}", pod.pod, pod.phase);
        assert_eq!(pod.phase == "Pending", pod.scheduled.is_none() && !is_over, "{} is {}", pod.pod, pod.phase);
        let count = placed.get(pod.pod.as_str()).copied().unwrap_or(0);
        assert!(pod.scheduled.is_none() || count > 0, "{} was bound by nobody", pod.pod);
        if !hands_back(plan, &pod.workload) {
            assert!(count <= 1, "{} was placed {count} times", pod.pod);
        }
        if !is_over && pod.phase != "Terminating" {
            *alive.entry(pod.workload.as_str()).or_default() += 1;
        }
    }
    for (name, workload) in &record.summary.workloads {
        let there = alive.get(name.as_str()).copied().unwrap_or(0);
        let is_rolling = workload.rollouts.last().is_some_and(|rollout| rollout.completed_s.is_none());
        let wanted = workload.replicas.r#final;
        if gives_up_subsets(plan, name) {
            // While all its subsets count as unschedulable none of them gets more pods, as in OpenKruise.
            assert!(is_rolling || there <= wanted, "{name} has {there} pods and wants {wanted}");
        } else if !is_rolling {
            assert_eq!(there, wanted, "{name} has another number of pods than it wants");
        }
    }
    for (name, job) in &record.summary.jobs {
        assert_eq!(job.submitted, job.completed + job.failed + job.unfinished + job.replaced, "submissions of {name}");
    }
}

/// Whether pods of a workload go back to the scheduler when there is no instance for them.
fn hands_back(plan: &Plan, workload: &str) -> bool {
    let place = (0..plan.workload_count()).find(|place| plan.workload_name(*place) == workload).unwrap();
    let wishes = &plan.template(place).supply.wishes;
    wishes.iter().any(|(_, wish)| wish.on_failure == sim_core::plan::FailStrategy::FailOver)
}

/// Whether a workload's subsets are pinned to what runs in them when pods find no node.
fn gives_up_subsets(plan: &Plan, workload: &str) -> bool {
    let place = (0..plan.workload_count()).find(|place| plan.workload_name(*place) == workload).unwrap();
    matches!(&plan.template(place).placement, Placement::Subsets(subsets) if subsets.split == Split::United && subsets.adaptive.is_some())
}

/// What is billed is what lived: each bound pod has one entry, within its life.
fn ledger(plan: &Plan, record: &Record) {
    let from = plan.measured_from();
    let mut entries: BTreeMap<&str, &Entry> = BTreeMap::new();
    for entry in record.ledger.entries.iter().filter(|entry| matches!(entry.kind, Kind::Pod | Kind::Instance)) {
        assert!(entries.insert(entry.resource.as_str(), entry).is_none(), "{} is in the ledger twice", entry.resource);
    }
    let mut bound = 0;
    for pod in &record.pods {
        let Some(scheduled) = pod.scheduled else { continue };
        let stopped = pod.stopped.filter(|_| !pod.spec.is_empty()).or(pod.ended);
        if from > Time::ZERO && stopped.is_some_and(|stopped| seconds(stopped) <= from) {
            continue;
        }
        bound += 1;
        let entry = entries.get(pod.pod.as_str()).unwrap_or_else(|| panic!("{} is not in the ledger", pod.pod));
        assert_eq!(entry.requested, Some(seconds(scheduled).max(from)), "{} was bound", pod.pod);
        assert_eq!(entry.started, pod.starting.map(|at| seconds(at).max(from)), "{} was started", pod.pod);
        assert_eq!(entry.stopped, stopped.map(|at| seconds(at).max(from)), "{} stopped", pod.pod);
        assert_eq!(entry.node, pod.node);
    }
    assert_eq!(bound, entries.len(), "the ledger has pods that there never were");
}

fn seconds(s: f64) -> Time {
    Time::from_nanos((s * 1e9).round() as u64)
}

/// No machine ever holds more than it has, no virtual node more pods than it may, and no account more vCPUs than its quota.
fn room(plan: &Plan, record: &Record) {
    if !plan.warm_up.is_zero() {
        return;
    }
    let mut on_node: BTreeMap<&str, Vec<(Time, i64, i64, i64)>> = BTreeMap::new();
    let mut instances: Vec<(Time, i64)> = Vec::new();
    let ends: BTreeMap<&str, Option<f64>> = record.pods.iter().map(|pod| (pod.pod.as_str(), pod.ended)).collect();
    for entry in record.ledger.entries.iter().filter(|entry| matches!(entry.kind, Kind::Pod | Kind::Instance)) {
        let changes = on_node.entry(entry.node.as_str()).or_default();
        let (cpu, memory) = (entry.request_cpu_milli as i64, entry.request_memory_bytes as i64);
        changes.push((entry.requested.unwrap(), cpu, memory, 1));
        if let Some(end) = ends[entry.resource.as_str()] {
            changes.push((seconds(end), -cpu, -memory, -1));
        }
        if let (Kind::Instance, Purchase::PayAsYouGo, Some(started)) = (entry.kind, entry.purchase, entry.started) {
            instances.push((started, entry.cpu_milli as i64));
            instances.extend(entry.stopped.map(|stopped| (stopped, -(entry.cpu_milli as i64))));
        }
    }
    for (id, node) in plan.nodes.iter() {
        let Some(mut changes) = on_node.remove(node.name.as_str()) else { continue };
        // Within an instant those that go make room.
        changes.sort_by_key(|change| (change.0, change.3));
        let (mut cpu, mut memory, mut pods) = (0, 0, 0);
        for (at, more_cpu, more_memory, more_pods) in changes {
            (cpu, memory, pods) = (cpu + more_cpu, memory + more_memory, pods + more_pods);
            let most = match &node.kind {
                NodeKind::Machine(machine) => {
                    let has = machine.allocatable().saturating_sub(machine.daemons.requests);
                    assert!(cpu <= has.cpu.0 as i64 && memory <= has.memory.0 as i64, "{} holds too much at {at}", node.name);
                    machine.max_pods - machine.daemons.pods
                }
                NodeKind::Virtual(virtual_node) => virtual_node.max_pods,
            };
            assert!(pods <= i64::from(most), "{} holds {pods} pods at {at}", plan.nodes[id].name);
        }
    }
    instances.sort_unstable();
    let mut used = 0;
    for (at, more) in instances {
        used += more;
        if let Some(quota) = plan.providers.values().find_map(|provider| provider.supply.quota) {
            assert!(used <= quota.0 as i64, "{used} mCPU of instances at {at} are above the quota");
        }
    }
}

/// No window has more accepted creation calls than the limit allows.
fn limits(plan: &Plan, record: &Record) {
    let is_new = |pod: &&PodRow| !pod.spec.is_empty() && (pod.created > 0.0 || pod.ready != Some(0.0));
    let mut calls: Vec<u64> = record.pods.iter().filter(is_new).filter_map(|pod| pod.starting).map(|at| seconds(at).as_nanos()).collect();
    calls.sort_unstable();
    let most_within = |span: u64| (0..calls.len()).map(|first| calls[first..].iter().take_while(|at| **at < calls[first] + span).count()).max().unwrap_or(0);
    for provider in plan.providers.values() {
        match provider.create_limit {
            CreateLimit::Unlimited => {}
            CreateLimit::TokenBucket { burst, per_second } => {
                for span in [1u64, 10, 60] {
                    let bound = f64::from(burst) + per_second * span as f64;
                    assert!(most_within(span * 1_000_000_000) as f64 <= bound + 1e-6, "a bucket gave more than {bound} in {span} s");
                }
            }
            CreateLimit::Smooth { calls: most, per } => assert!(most_within(per.as_nanos()) <= most as usize, "more than {most} calls in {per}"),
            CreateLimit::FixedWindow { calls: most, per } => {
                for window in calls.chunk_by(|a, b| a / per.as_nanos() == b / per.as_nanos()) {
                    assert!(window.len() <= most as usize, "more than {most} calls in a window of {per}");
                }
            }
        }
    }
}

/// An HPA keeps to its bounds.
fn replicas(plan: &Plan, record: &Record) {
    for row in record.decisions.iter().filter(|row| row.controller == "hpa" && row.action == "scaled") {
        let service = plan.services.values().find(|service| service.name == row.subject).unwrap();
        let hpa = service.hpa.as_ref().unwrap();
        let to: u32 = row.object.rsplit(' ').next().unwrap().parse().unwrap();
        assert!((hpa.min..=hpa.max).contains(&to), "the HPA of {} asked for {to}", row.subject);
    }
}

/// Nothing starts in a zone that is out.
fn outages(plan: &Plan, record: &Record) {
    for fault in &record.summary.faults {
        let FaultKind::Zone { zone, .. } = &plan.faults.list[fault.fault as usize].kind else { continue };
        let (from, to) = (fault.from_s, fault.to_s.unwrap_or(f64::INFINITY));
        for pod in record.pods.iter().filter(|pod| pod.zone == *zone) {
            // A pod may be bound to a node of several zones and find its instance in this one later. At its first instant what happened before it stands.
            for (what, at) in [("started", pod.starting), ("ready", pod.ready)] {
                let is_within = at.is_some_and(|at| from < at && at < to);
                assert!(!is_within, "{} was {what} at {at:?} in {zone}, which was out from {from} to {to}", pod.pod);
            }
        }
    }
}

/// A drain leaves as many pods as a disruption budget asks for.
fn budgets(plan: &Plan, record: &Record) {
    let drained: Vec<&DecisionRow> = record.decisions.iter().filter(|row| row.controller == "drain" && row.action == "evicted").collect();
    for (name, least) in plan.disruption_budgets.iter().filter_map(|budget| {
        let sim_core::plan::Available::AtLeast(sim_core::units::IntOrPercent::Int(least)) = budget.bound else { return None };
        Some((&budget.name, least))
    }) {
        let pods: Vec<&PodRow> = record.pods.iter().filter(|pod| pod.workload == *name).collect();
        for row in drained.iter().filter(|row| pods.iter().any(|pod| pod.pod == row.subject)) {
            let victim = pods.iter().find(|pod| pod.pod == row.subject).unwrap();
            // One that was not ready takes nothing away.
            if victim.ready.is_none_or(|ready| ready > row.t) || victim.stopped.is_some_and(|stopped| stopped <= row.t) {
                continue;
            }
            let went_otherwise = |pod: &PodRow| pod.terminating.or(pod.ended) == Some(row.t) && pod.reason != "drain";
            let goes_on = |pod: &PodRow| pod.terminating.or(pod.ended).is_none_or(|at| at > row.t) || went_otherwise(pod);
            let healthy = pods.iter().filter(|pod| pod.ready.is_some_and(|ready| ready <= row.t) && goes_on(pod)).count();
            assert!(healthy as u64 >= u64::from(least), "a drain at {} left {healthy} pods of {name}, not {least}", row.t);
        }
    }
}

/// A pool has at most as many machines as it may, one at a time in each place, and none that the provider did not have when it was asked for.
fn pools(plan: &Plan, record: &Record) {
    for pool in plan.pools.values().filter(|pool| !pool.keeps_machines) {
        let mut changes: Vec<(Time, i32, usize)> = Vec::new();
        for (place, offer) in pool.offers.iter().enumerate() {
            for name in offer.nodes().map(|node| plan.nodes[node].name.as_str()) {
                let mut lives: Vec<&Entry> = record.ledger.entries.iter().filter(|entry| entry.kind == Kind::Machine && entry.node == name).collect();
                lives.sort_by_key(|life| life.requested);
                for pair in lives.windows(2) {
                    assert!(pair[0].stopped.is_some_and(|stopped| Some(stopped) <= pair[1].requested), "{name} is two machines at once");
                }
                for life in lives {
                    changes.push((life.requested.unwrap(), 1, place));
                    changes.extend(life.stopped.map(|stopped| (stopped, -1, place)));
                }
            }
        }
        changes.sort_unstable();
        let (mut all, mut of_offer) = (0, vec![0; pool.offers.len()]);
        for (at, more, place) in changes {
            all += more;
            of_offer[place] += more;
            assert!(all <= pool.max as i32, "the pool {} has {all} machines at {at}", pool.name);
            let stock = pool.offers[place].stock_at(at);
            // A run begins with what a pool has, and its shrinking stock takes nothing back.
            let is_asked = more > 0 && at > Time::ZERO && plan.warm_up.is_zero();
            assert!(!is_asked || stock.is_none_or(|stock| of_offer[place] <= stock as i32), "{} got a machine at {at} that there was not", pool.name);
        }
        let summary = &record.summary.pools[&pool.name];
        assert!(summary.nodes.r#final <= pool.max && summary.released + summary.nodes.r#final <= summary.asked + pool.initial, "machines of {}", pool.name);
    }
}

/// The first pods of a gang are bound at one instant, and there are enough of them.
fn gangs(plan: &Plan, record: &Record) {
    for (place, job) in plan.jobs.values().enumerate() {
        let Some(gang) =
            job.gang.filter(|_| record.summary.jobs[&job.name].submitted == 1 && !hands_back(plan, plan.workload_name(plan.services.len() + place)))
        else {
            continue;
        };
        let bound = record.pods.iter().filter(|pod| pod.workload == job.name).filter_map(|pod| pod.scheduled);
        let times: Vec<Time> = bound.map(seconds).collect();
        let first = times.iter().min();
        let together = times.iter().filter(|at| Some(*at) == first).count();
        assert!(first.is_none() || together >= gang.min_member as usize, "{together} pods of the gang {} were bound at {first:?}", job.name);
    }
}
