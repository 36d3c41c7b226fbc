//! Node pools, DaemonSets, and what makes pools grow and shrink.

mod spot;

use std::collections::BTreeSet;

use sim_core::plan::{self, BackoffRules, Daemons, Expander, Machine, NodeKind, NodePool, NodeScaling, Offer, PoolShrink, Purchase, ScalingMode, ShrinkRules};
use sim_core::random::Distribution;
use sim_core::scheduling::{STAND_IN_CPU, STAND_IN_MEMORY, untolerated};
use sim_core::units::{MilliCpu, Resources, Span, Time};

use super::control::{bounded, period, phase};
use super::estate::{self, Estate};
use super::limits::NODES_MAX;
use super::{Context, affinity, code, distribution, names, resources};
use crate::issue::Path;
use crate::prices::PriceBook;
use crate::spec::{self, AutoscalerProfile, Billing, ClusterAutoscaler, NodeImage, Pool, PoolStock, Scenario};
use crate::suggest;
use crate::text::{Duration, Share, Text};
use crate::wording::{either, quote};

/// Time from the flag, or the usual one.
fn span(cx: &mut Context<'_>, written: Option<Duration>, usual: u64, path: &Path) -> Span {
    let span = written.map_or(Span::from_secs(usual), |span| span.0);
    bounded(cx, span, path);
    span
}

fn share(written: Option<Text<Share>>, usual: f64) -> f64 {
    written.map_or(usual, |share| share.0.0)
}

/// What makes pools grow and shrink.
pub(super) fn scaling(cx: &mut Context<'_>, scenario: &Scenario) -> NodeScaling {
    let usual = ClusterAutoscaler::default();
    let written = scenario.cluster_autoscaler.as_ref().unwrap_or(&usual);
    let path = Path::root().key("clusterAutoscaler");
    for (key, given) in [("clusterAutoscaler", scenario.cluster_autoscaler.is_some()), ("instantElasticity", scenario.instant_elasticity.is_some())] {
        if given && scenario.pools.0.is_empty() {
            cx.issues.warning(code::NO_EFFECT, Path::root().key(key), format!("`{key}` has no effect: there are no `pools`")).on_key();
        }
    }
    let profile = written.profile.unwrap_or(if scenario.instant_elasticity.is_some() { AutoscalerProfile::Ack } else { AutoscalerProfile::Upstream });
    let interval = written.scan_interval.map_or(Span::from_secs(if profile == AutoscalerProfile::Ack { 60 } else { 10 }), |interval| interval.0);
    let interval = period(cx, interval, &path.key("scanInterval"));
    let mode = match &scenario.instant_elasticity {
        None => ScalingMode::Scan { interval, phase: written.phase.map_or(plan::Phase::Fixed(Span::ZERO), |at| phase(cx, at.0, interval, &path.key("phase"))) },
        Some(instant) => {
            let place = Path::root().key("instantElasticity");
            let interval = instant.interval.map_or(Span::from_secs(30), |interval| interval.0);
            if instant.batch == Some(0) {
                cx.issues.error(code::TOO_SMALL, place.key("batch"), "a call is for at least one machine");
            }
            ScalingMode::Events {
                reaction: span(cx, instant.reaction, 1, &place.key("reaction")),
                interval: period(cx, interval, &place.key("interval")),
                batch: instant.batch.unwrap_or(180),
            }
        }
    };
    let (ScalingMode::Scan { interval, .. } | ScalingMode::Events { interval, .. }) = mode;
    let gib = |amount: u64| amount << 30;
    let cores = range(cx, written.cores_total.as_deref(), 320_000, &path.key("coresTotal"));
    let memory = range(cx, written.memory_total.as_deref(), 6_400_000, &path.key("memoryTotal"));
    NodeScaling {
        mode,
        expanders: expanders(cx, written.expander.as_deref(), &path.key("expander")),
        balances_similar: written.balance_similar_node_groups,
        max_nodes: (written.max_nodes_total > 0).then_some(written.max_nodes_total),
        cpu_milli: (cores.0 * 1000, cores.1 * 1000),
        memory_bytes: (gib(memory.0), gib(memory.1)),
        max_per_scale_up: written.max_nodes_per_scaleup.unwrap_or(1000),
        new_pod_delay: span(cx, written.new_pod_scale_up_delay, 0, &path.key("newPodScaleUpDelay")),
        expendable_below: written.expendable_pods_priority_cutoff.unwrap_or(-10),
        shrink: ShrinkRules {
            enabled: written.scale_down_enabled.unwrap_or(true),
            delay_after_add: span(cx, written.scale_down_delay_after_add, 600, &path.key("scaleDownDelayAfterAdd")),
            delay_after_delete: written.scale_down_delay_after_delete.map_or(interval, |delay| delay.0),
            delay_after_failure: span(cx, written.scale_down_delay_after_failure, 180, &path.key("scaleDownDelayAfterFailure")),
            pool_ratio: share(written.scale_down_candidates_pool_ratio, 0.1),
            pool_minimum: written.scale_down_candidates_pool_min_count.unwrap_or(50),
            candidates: written.scale_down_non_empty_candidates_count.unwrap_or(30),
            parallelism: written.max_scale_down_parallelism.unwrap_or(10),
            drain_parallelism: written.max_drain_parallelism.unwrap_or(1),
            max_grace: span(cx, written.max_graceful_termination, 600, &path.key("maxGracefulTermination")),
            eviction_time: span(cx, written.max_pod_eviction_time, 120, &path.key("maxPodEvictionTime")),
            recheck: span(cx, written.unremovable_node_recheck_timeout, 300, &path.key("unremovableNodeRecheckTimeout")),
            keeps_system_pods: written.skip_nodes_with_system_pods.unwrap_or(true),
            keeps_local_storage: written.skip_nodes_with_local_storage.unwrap_or(true),
            ignores_daemons: written.ignore_daemonsets_utilization,
            unready: written.scale_down_unready_enabled.unwrap_or(true),
        },
        backoff: BackoffRules {
            initial: span(cx, written.initial_node_group_backoff_duration, 300, &path.key("initialNodeGroupBackoffDuration")),
            max: span(cx, written.max_node_group_backoff_duration, 1800, &path.key("maxNodeGroupBackoffDuration")),
            reset: span(cx, written.node_group_backoff_reset_timeout, 10_800, &path.key("nodeGroupBackoffResetTimeout")),
        },
        unready_percent: share(written.max_total_unready_percentage, 0.45) * 100.0,
        unready_nodes: written.ok_total_unready_count.unwrap_or(3),
    }
}

/// `min:max`.
fn range(cx: &mut Context<'_>, written: Option<&str>, most: u64, path: &Path) -> (u64, u64) {
    let Some(text) = written else { return (0, most) };
    let parts = text.split_once(':').and_then(|(min, max)| Some((min.trim().parse().ok()?, max.trim().parse().ok()?)));
    match parts {
        Some((min, max)) if min <= max && max <= 1 << 30 => (min, max),
        _ => {
            cx.issues.error(code::ORDER, path, format!("{} is no range", quote(text))).with_help("write `min:max`, for instance `0:1000`");
            (0, most)
        }
    }
}

fn expanders(cx: &mut Context<'_>, written: Option<&str>, path: &Path) -> Vec<Expander> {
    const KNOWN: [Expander; 6] = [Expander::Random, Expander::MostPods, Expander::LeastWaste, Expander::Price, Expander::Priority, Expander::LeastNodes];
    let Some(text) = written else { return vec![Expander::LeastWaste] };
    let mut found = Vec::new();
    for name in text.split(',').map(str::trim) {
        if let Some(known) = KNOWN.iter().find(|known| known.name() == name) {
            found.push(*known);
            continue;
        }
        let names = KNOWN.map(Expander::name);
        let issue = cx.issues.error(code::UNSUPPORTED, path, format!("there is no expander {}", quote(name)));
        match suggest::nearest(name, names) {
            Some(near) => issue.with_help(format!("did you mean {}?", quote(near))),
            None => issue.with_help(format!("there is {}", either(names))),
        };
    }
    found
}

/// Adds the pools and their places to the estate.
pub(super) fn read(cx: &mut Context<'_>, estate: &mut Estate, taken: &mut BTreeSet<String>, scenario: &Scenario, book: Option<&PriceBook>) {
    let places = |pool: &Pool| u64::from(pool.max) * pool.zones.len().max(1) as u64 * pool.instance_types.len().max(1) as u64;
    let wanted: u64 = scenario.pools.0.iter().map(|(_, pool)| places(pool)).sum();
    if wanted + estate.nodes.len() as u64 > NODES_MAX {
        let message = format!("pools of {wanted} nodes in all zones and of all types are too large: at most {NODES_MAX} nodes are possible");
        cx.issues.error(code::TOO_LARGE, Path::root().key("pools"), message).on_key();
        return;
    }
    for (name, pool) in &scenario.pools.0 {
        let path = Path::root().key("pools").key(name);
        names::object(cx, "pool", name, &path);
        one(cx, estate, taken, scenario, (name, pool), book, &path);
    }
}

fn one(
    cx: &mut Context<'_>,
    estate: &mut Estate,
    taken: &mut BTreeSet<String>,
    scenario: &Scenario,
    (name, written): (&str, &Pool),
    book: Option<&PriceBook>,
    path: &Path,
) {
    let tier_name = written.tier.as_deref().unwrap_or(name);
    if written.tier.is_some() {
        names::free(cx, "tier", tier_name, &path.key("tier"));
    }
    let tier = estate.tier(tier_name);
    let initial = written.initial.unwrap_or(written.min);
    if written.min > written.max {
        cx.issues.error(code::ORDER, path.key("min"), "`min` is larger than `max`");
    } else if !(written.min..=written.max).contains(&initial) {
        cx.issues.error(code::ORDER, path.key("initial"), format!("a pool has {} to {} machines at the start", written.min, written.max));
    }
    let zones = zones(cx, written, book, path);
    let types = types(cx, written, path);
    names::labels(cx, &written.labels, &path.key("labels"));
    let taints = estate::taints(cx, &written.taints, &path.key("taints"));
    let mut offers = Vec::new();
    for (kind, instance_type) in types.iter().enumerate() {
        let Some(mut machine) = estate::machine(cx, &as_node(name, tier_name, written, instance_type.as_ref()), book, path) else { return };
        if written.spot.is_some() {
            machine.price.purchase = Purchase::Spot;
        }
        for zone in &zones {
            let first = estate.nodes.len();
            let prefix = prefix(name, zone, zones.len() > 1, instance_type.as_deref().filter(|_| types.len() > 1));
            for number in 1..=written.max {
                let name_of_node = format!("{prefix}-{number}");
                if !taken.insert(name_of_node.clone()) {
                    cx.issues.error(code::DUPLICATE_NAME, path, format!("there are two nodes named {}", quote(&name_of_node))).on_key();
                    return;
                }
                let mut labels = estate::well_known(&name_of_node, zone, book);
                labels.insert("alibabacloud.com/nodepool-id".to_owned(), name.to_owned());
                if let Some(instance_type) = instance_type {
                    labels.insert("node.kubernetes.io/instance-type".to_owned(), instance_type.clone());
                }
                labels.extend(written.labels.clone());
                let kind = NodeKind::Machine(Box::new(machine.clone()));
                estate.nodes.push(plan::Node { name: name_of_node, tier, zone: zone.clone(), labels, taints: taints.clone(), unschedulable: false, kind });
            }
            let stock = stock(cx, written, zone, instance_type.as_deref(), path);
            let prices = spot::prices(written, zone, instance_type.as_deref());
            offers.push(Offer { kind, zone: zone.clone(), places: first..estate.nodes.len(), stock, spot: prices, full: machine.price.price });
        }
    }
    unknown_stocks(cx, written, &zones, &types, path);
    let terms = written.spot.as_ref().map(|spot| spot::terms(cx, written, spot, &zones, &types, &path.key("spot")));
    let purchase = written.billing.unwrap_or(Billing::PayAsYouGo);
    let usual = ClusterAutoscaler::default();
    let flags = scenario.cluster_autoscaler.as_ref().unwrap_or(&usual);
    let time = |cx: &mut Context<'_>, own: Option<Duration>, flag: Option<Duration>, usual: u64, key: &str| span(cx, own.or(flag), usual, &path.key(key));
    let shrink = PoolShrink {
        disabled: written.scale_down_disabled,
        utilization_threshold: share(written.scale_down_utilization_threshold.or(flags.scale_down_utilization_threshold), 0.5),
        gpu_utilization_threshold: share(written.scale_down_gpu_utilization_threshold.or(flags.scale_down_gpu_utilization_threshold), 0.5),
        unneeded_time: time(cx, written.scale_down_unneeded_time, flags.scale_down_unneeded_time, 600, "scaleDownUnneededTime"),
        unready_time: time(cx, written.scale_down_unready_time, flags.scale_down_unready_time, 1200, "scaleDownUnreadyTime"),
    };
    let max_provision_time = time(cx, written.max_node_provision_time, flags.max_node_provision_time, 900, "maxNodeProvisionTime");
    let provisioning = provisioning(cx, written, scenario.instant_elasticity.is_some(), path);
    let readiness = written.readiness.as_ref().map_or(Distribution::Constant(0.0), |time| distribution::read(cx, time, false, &path.key("readiness")));
    if provisioning.mean() + readiness.mean() >= max_provision_time.as_secs_f64() {
        let message = format!("machines take longer than {max_provision_time}, after which the autoscaler gives them up");
        cx.issues.warning(code::NO_EFFECT, path.key("provisioning"), message).on_key().with_help("raise `maxNodeProvisionTime`");
    }
    estate.pools.push(NodePool {
        name: name.to_owned(),
        tier,
        offers,
        zone_policy: match written.zone_policy {
            Some(spec::ZonePolicy::Priority) => plan::ZonePolicy::Priority,
            Some(spec::ZonePolicy::Balance) | None => plan::ZonePolicy::Balance,
        },
        min: written.min,
        max: written.max,
        initial: initial.min(written.max),
        priority: written.priority,
        provisioning,
        readiness,
        failure_rate: share(written.failure_rate, 0.0),
        keeps_machines: purchase != Billing::PayAsYouGo,
        spot: terms,
        shrink,
        max_provision_time,
    });
}

/// What names of a pool's nodes begin with.
fn prefix(name: &str, zone: &str, several_zones: bool, instance_type: Option<&str>) -> String {
    let kind = instance_type.map_or_else(String::new, |kind| format!("-{kind}"));
    let zone = if several_zones { format!("-{zone}") } else { String::new() };
    format!("{name}{kind}{zone}")
}

/// The pool as equal machines.
fn as_node(name: &str, tier: &str, pool: &Pool, instance_type: Option<&String>) -> spec::Node {
    spec::Node {
        name: name.to_owned(),
        count: pool.max,
        tier: Some(tier.to_owned()),
        zone: None,
        instance_type: instance_type.cloned(),
        capacity: pool.capacity.clone(),
        reserved: pool.reserved.clone(),
        labels: pool.labels.clone(),
        taints: pool.taints.clone(),
        unschedulable: false,
        max_pods: pool.max_pods,
        billing: Some(pool.billing.unwrap_or(Billing::PayAsYouGo)),
        price: pool.price,
        owned: None,
        start_up: pool.start_up.clone(),
        start_up_stages: pool.start_up_stages.clone(),
    }
}

fn zones(cx: &mut Context<'_>, pool: &Pool, book: Option<&PriceBook>, path: &Path) -> Vec<String> {
    if pool.zone.is_some() && !pool.zones.is_empty() {
        cx.issues.error(code::CONFLICT, path.key("zones"), "`zone` and `zones` exclude each other").on_key().with_help("list all zones in `zones`");
    }
    let mut zones = vec![estate::zone(cx, pool.zone.as_deref(), book, &path.key("zone"))];
    if !pool.zones.is_empty() {
        zones = pool.zones.iter().enumerate().map(|(i, zone)| estate::zone(cx, Some(zone), book, &path.key("zones").index(i))).collect();
        let mut seen = BTreeSet::new();
        if let Some(twice) = pool.zones.iter().position(|zone| !seen.insert(zone)) {
            cx.issues.error(code::DUPLICATE_NAME, path.key("zones").index(twice), "a zone is listed once");
        }
    } else if pool.zone_policy.is_some() {
        cx.issues.warning(code::NO_EFFECT, path.key("zonePolicy"), "`zonePolicy` has no effect without `zones`").on_key();
    }
    zones
}

fn types(cx: &mut Context<'_>, pool: &Pool, path: &Path) -> Vec<Option<String>> {
    if pool.instance_type.is_some() && !pool.instance_types.is_empty() {
        let help = "list all types in `instanceTypes`";
        cx.issues.error(code::CONFLICT, path.key("instanceTypes"), "`instanceType` and `instanceTypes` exclude each other").on_key().with_help(help);
    }
    if pool.instance_types.is_empty() { vec![pool.instance_type.clone()] } else { pool.instance_types.iter().cloned().map(Some).collect() }
}

/// What the provider has of a type in a zone: of the entries about it, the last one counts.
fn stock(cx: &mut Context<'_>, pool: &Pool, zone: &str, instance_type: Option<&str>, path: &Path) -> Vec<(Time, u32)> {
    let is_about =
        |stock: &PoolStock| stock.zone.as_deref().is_none_or(|of| of == zone) && stock.instance_type.as_deref().is_none_or(|of| instance_type == Some(of));
    let Some((place, stock)) = pool.stock.iter().enumerate().rfind(|(_, stock)| is_about(stock)) else { return Vec::new() };
    let path = path.key("stock").index(place);
    match (stock.available, &stock.levels) {
        (Some(available), None) => vec![(Time::ZERO, available)],
        (None, Some(levels)) if !levels.is_empty() => {
            if !levels.is_sorted_by(|a, b| a.0.0 < b.0.0) {
                cx.issues.error(code::ORDER, path.key("levels"), "times of levels ascend");
            }
            levels.iter().map(|(at, count)| (Time::ZERO.saturating_add(at.0), *count)).collect()
        }
        _ => {
            cx.issues
                .error(code::CONFLICT, &path, "a stock has either `available` or `levels`")
                .with_help("for instance `{available: 10}` or `{levels: [[0s, 10], [10m, 0]]}`");
            Vec::new()
        }
    }
}

fn unknown_stocks(cx: &mut Context<'_>, pool: &Pool, zones: &[String], types: &[Option<String>], path: &Path) {
    for (i, stock) in pool.stock.iter().enumerate() {
        let place = path.key("stock").index(i);
        if let Some(zone) = stock.zone.as_ref().filter(|zone| !zones.contains(zone)) {
            names::unknown(cx, "zone of the pool", zone, zones.iter().map(String::as_str), &place.key("zone"));
        }
        if let Some(kind) = stock.instance_type.as_ref().filter(|kind| !types.iter().any(|known| known.as_ref() == Some(kind))) {
            names::unknown(cx, "machine type of the pool", kind, types.iter().flatten().map(String::as_str), &place.key("instanceType"));
        }
    }
}

/// Seconds from asking for a machine to a node of the cluster.
fn provisioning(cx: &mut Context<'_>, pool: &Pool, instantly: bool, path: &Path) -> Distribution {
    if let Some(written) = &pool.provisioning {
        return distribution::read(cx, written, false, &path.key("provisioning"));
    }
    let image = pool.image.unwrap_or(NodeImage::Standard);
    let published = match (image, instantly) {
        (NodeImage::Standard, false) => Some(120.0),
        (NodeImage::StandardQboot, false) => Some(90.0),
        (NodeImage::Swift, false) => Some(60.0),
        (NodeImage::SwiftQboot, false) | (NodeImage::ContainerOs, true) => Some(45.0),
        (NodeImage::Standard, true) => Some(103.0),
        _ => None,
    };
    let seconds = published.unwrap_or_else(|| {
        let with = if instantly { "instant elasticity" } else { "cluster-autoscaler" };
        let message = format!("no time is published for this image with {with}");
        cx.issues.error(code::MISSING, path.key("image"), message).with_help("say how long it takes: `provisioning: 90s`");
        120.0
    });
    Distribution::Constant(seconds)
}

/// Puts the pods of DaemonSets onto every machine that matches.
pub(super) fn daemon_sets(cx: &mut Context<'_>, scenario: &Scenario, estate: &mut Estate) {
    for (name, written) in &scenario.daemon_sets.0 {
        let path = Path::root().key("daemonSets").key(name);
        names::object(cx, "DaemonSet", name, &path);
        names::labels(cx, &written.node_selector, &path.key("nodeSelector"));
        let requests = resources::read(cx, &written.requests, &path.key("requests")).resources;
        let tolerations = affinity::tolerations(cx, &written.tolerations, &path.key("tolerations"));
        let open = |key: &str| !written.requests.0.contains_key(key);
        let scored = Resources {
            cpu: if open("cpu") { STAND_IN_CPU } else { requests.cpu },
            memory: if open("memory") { STAND_IN_MEMORY } else { requests.memory },
            ..requests
        };
        let (mut machines, mut full) = (0, None);
        for node in estate.nodes.values_mut() {
            let is_meant =
                written.node_selector.iter().all(|(key, value)| node.labels.get(key) == Some(value)) && untolerated(&tolerations, &node.taints).is_none();
            let NodeKind::Machine(machine) = &mut node.kind else { continue };
            if is_meant {
                machines += 1;
                let Daemons { pods, requests: sum, scored: scores } = &mut machine.daemons;
                *pods += 1;
                *sum += requests;
                *scores += scored;
                if full.is_none() && is_too_small(machine) {
                    full = Some(node.name.clone());
                }
            }
        }
        if let Some(node) = full {
            cx.issues.error(code::TOO_LARGE, &path, format!("the pods of DaemonSets request more than {} has", quote(&node))).on_key();
        } else if machines == 0 {
            cx.issues.warning(code::NO_MATCH, &path, format!("no machine takes a pod of {}", quote(name))).on_key();
        }
    }
}

fn is_too_small(machine: &Machine) -> bool {
    !machine.daemons.requests.fits_in(machine.allocatable()) || machine.daemons.pods >= machine.max_pods || machine.allocatable().cpu == MilliCpu(0)
}
