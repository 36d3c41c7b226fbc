//! Instances that take time, are limited, run out and are taken back.

use sim_core::id::Id;
use sim_core::plan::{
    Concurrency, CreateLimit, FailStrategy, Image, InitialPods, InstanceWish, Job, JobArrivals, JobStep, Market, NodeKind, Plan, PodSupply, Probe, Registry,
    SpotWish, Stages, StartUp, Stock, StockUnit, VSwitch, VSwitchOrder,
};
use sim_core::random::Distribution;
use sim_core::record::{PodRow, Record};
use sim_core::simulation;
use sim_core::units::{Bytes, MilliCpu, Span, Time};

use crate::build::{ECI, machine, plan, prefer, service};

/// `count` pods asked for at once on `nodes` virtual nodes.
fn burst(count: u32, nodes: usize, limit: CreateLimit, duration_s: u64) -> Plan {
    let mut plan = plan(duration_s, 30.0);
    plan.window = Span::from_secs(60);
    let node = plan.nodes[Id::new(0)].clone();
    for i in 1..nodes {
        plan.nodes.push(sim_core::plan::Node { name: format!("vk-{i}"), ..node.clone() });
    }
    plan.providers.values_mut().for_each(|provider| provider.create_limit = limit);
    let mut web = service(count, 250, prefer(&[(ECI, None)]));
    web.initial = InitialPods::Created;
    plan.services.push(web);
    plan
}

fn run(plan: &Plan) -> Record {
    simulation::run(plan, 1, |_| {})
}

fn actions<'a>(record: &'a Record, action: &str) -> Vec<&'a str> {
    record.decisions.iter().filter(|row| row.action == action).map(|row| row.subject.as_str()).collect()
}

/// When the n-th of many instances is created.
type ClosedForm = fn(u64) -> f64;

/// Golden case G07 at scale: creation times equal the closed form, no window exceeds the limit, no pod is lost or placed twice.
#[test]
fn twenty_thousand_pods_on_seven_virtual_nodes() {
    let minute = Span::from_secs(60);
    let count = 20_000u32;
    let limits: [(CreateLimit, ClosedForm); 4] = [
        (CreateLimit::Unlimited, |_| 0.0),
        (CreateLimit::Smooth { calls: 1000, per: minute }, |n| n as f64 * 0.06),
        (CreateLimit::FixedWindow { calls: 1000, per: minute }, |n| ((n - 1) / 1000 * 60) as f64),
        (CreateLimit::TokenBucket { burst: 100, per_second: 20.0 }, |n| n.saturating_sub(100) as f64 / 20.0),
    ];
    for (limit, closed_form) in limits {
        let record = run(&burst(count, 7, limit, 1800));
        assert_eq!(record.pods.len(), count as usize);
        let mut on_node = std::collections::BTreeMap::<&str, u32>::new();
        let mut names = std::collections::BTreeSet::new();
        for pod in &record.pods {
            assert!(names.insert(pod.pod.as_str()) && pod.ready.is_some(), "{} {}", pod.pod, pod.phase);
            *on_node.entry(pod.node.as_str()).or_default() += 1;
        }
        assert_eq!(on_node.values().sum::<u32>(), count);
        assert!(on_node.len() == 7 && on_node.values().all(|pods| *pods <= 3000), "{on_node:?}");
        assert_eq!(actions(&record, "placed").len(), count as usize);
        let mut created: Vec<u64> = record.pods.iter().map(|pod| (pod.starting.unwrap() * 1e9).round() as u64).collect();
        created.sort_unstable();
        for (n, at) in created.iter().enumerate() {
            let expected = closed_form(n as u64 + 1);
            assert!((*at as f64 / 1e9 - expected).abs() < 1e-6, "{limit:?}: call {} at {at} ns, not {expected} s", n + 1);
        }
        // Half-open sliding minutes, by the first call in each; and aligned ones.
        let within = |from: u64| created.iter().filter(|at| (from..from + 60_000_000_000).contains(*at)).count();
        let sliding = created.iter().step_by(97).map(|from| within(*from)).max().unwrap();
        let aligned = (0..30).map(|minute| within(minute * 60_000_000_000)).max().unwrap();
        match limit {
            CreateLimit::Unlimited => assert_eq!(sliding, count as usize),
            CreateLimit::Smooth { .. } => assert!(sliding <= 1000, "{sliding}"),
            CreateLimit::FixedWindow { .. } => assert!(aligned <= 1000, "{aligned}"),
            CreateLimit::TokenBucket { .. } => assert!(sliding <= 100 + 1200, "{sliding}"),
        }
    }
}

/// Golden case G21: one node takes 3000, the cluster 20 000, an account of 500 vCPUs 250 pods of 2.
#[test]
fn ceilings_hold() {
    let record = run(&burst(3001, 1, CreateLimit::Unlimited, 60));
    assert_eq!((record.summary.nodes["vk"].pods, record.summary.pending[0].pods), (3000, 1));
    let record = run(&burst(3001, 2, CreateLimit::Unlimited, 60));
    assert_eq!((record.summary.nodes["vk"].pods + record.summary.nodes["vk-1"].pods, record.summary.pending.len()), (3001, 0));

    let mut plan = burst(20_001, 7, CreateLimit::Unlimited, 60);
    plan.providers.values_mut().for_each(|provider| provider.supply.max_pods = Some(20_000));
    let record = run(&plan);
    assert_eq!(record.summary.pending[0].pods, 1);
    assert!(record.summary.pending[0].reason.ends_with("7 cluster at its limit of virtual pods."), "{}", record.summary.pending[0].reason);

    let mut plan = burst(251, 1, CreateLimit::Unlimited, 60);
    plan.services.values_mut().for_each(|service| service.template.requests.cpu = MilliCpu(2000));
    plan.providers.values_mut().for_each(|provider| provider.supply.quota = Some(MilliCpu(500_000)));
    let record = run(&plan);
    assert_eq!(record.pods.iter().filter(|pod| pod.ready.is_some()).count(), 250);
    assert_eq!(actions(&record, "QuotaFull"), ["web-250"]);
}

#[test]
fn a_freed_place_under_the_ceiling_is_used_again() {
    let mut plan = burst(30, 2, CreateLimit::Unlimited, 600);
    plan.providers.values_mut().for_each(|provider| provider.supply.max_pods = Some(20));
    plan.services.values_mut().for_each(|service| service.scale_steps = vec![(Time::from_secs(100), 15), (Time::from_secs(200), 18)]);
    let record = run(&plan);
    assert_eq!(record.summary.tiers["eci"].peak_pods, 20);
    assert!(record.summary.pending.is_empty());
    let alive = record.pods.iter().filter(|pod| pod.ended.is_none() && pod.ready.is_some()).count();
    assert_eq!(alive, 18);
}

fn stages() -> StartUp {
    StartUp::Stages(Box::new(Stages {
        scheduling: Distribution::Constant(1.0),
        sandbox: Distribution::Constant(8.0),
        cached: Distribution::Constant(2.0),
        load_balancer: Distribution::Constant(3.0),
    }))
}

/// A megabyte at a megabyte a second for each pull, and twice that for all together.
fn image(plan: &mut Plan, cached: f64) -> PodSupply {
    let registry = plan.supply.registries.push(Registry { name: "acr".into(), bandwidth: Some(2e6), per_pull: Some(1e6) });
    PodSupply {
        image: Some(Image { registry, key: 0, size: Bytes(10_000_000), cached }),
        application: Some(Distribution::Constant(4.0)),
        probe: Some(Probe { initial_delay: Span::from_secs(1), period: Span::from_secs(5), successes: 1 }),
        ..PodSupply::default()
    }
}

fn staged(count: u32, cached: f64) -> Plan {
    let mut plan = burst(count, 1, CreateLimit::Smooth { calls: 60, per: Span::from_secs(60) }, 600);
    plan.nodes.values_mut().for_each(|node| {
        if let NodeKind::Virtual(node) = &mut node.kind {
            node.start_up = stages();
        }
    });
    let supply = image(&mut plan, cached);
    plan.services.values_mut().for_each(|service| service.template.supply = supply.clone());
    plan
}

#[test]
fn the_stages_add_up_to_the_wait() {
    let record = run(&staged(1, 0.0));
    let pod = &record.pods[0];
    // 1 s until the call, 1 s for its turn, 8 s sandbox, 10 s pull, 4 s application seen by the probe at 6 s, 3 s load balancer.
    assert_eq!((pod.starting, pod.ready), (Some(2.0), Some(29.0)));
    let cells = [pod.scheduling_s, pod.sandbox_s, pod.pull_s, pod.application_s, pod.readiness_s, pod.load_balancer_s].map(|cell| cell.seconds().unwrap());
    assert_eq!(cells, [1.0, 8.0, 10.0, 4.0, 2.0, 3.0]);
    let all = record.summary.workloads["web"].start_up;
    assert_eq!(all.stages().map(|(_, stage)| stage.mean), [0.0, 0.0, 1.0, 1.0, 8.0, 10.0, 4.0, 2.0, 3.0, 0.0]);
    assert_eq!((all.pods, all.total.mean, all.p99, record.summary.tiers["eci"].start_up), (1, 29.0, 29.0, all));
}

#[test]
fn pulls_at_once_share_the_registry() {
    let record = run(&staged(4, 0.0));
    // Pulls start at 10, 11, 12 and 13 s. The first gets 1, 1, 2/3 and then 1/2 MB/s: it ends at 13 + 7.333 / 0.5 s. The last has received all but
    // 2/3 MB when the third ends, and then 1 MB/s.
    let pulled: Vec<f64> = record.pods.iter().map(|pod| pod.starting.unwrap() + 8.0 + pod.pull_s.seconds().unwrap()).collect();
    assert_eq!(pulled.iter().map(|at| (at * 1000.0).round()).collect::<Vec<_>>(), [27_667.0, 29_167.0, 30_167.0, 30_833.0]);
    let cached = run(&staged(4, 1.0));
    assert!(cached.pods.iter().all(|pod| pod.pull_s.seconds() == Some(2.0)));
    assert_eq!(actions(&cached, "ImageCacheHit").len(), 4);
}

#[test]
fn a_machine_pulls_an_image_once() {
    let mut plan = staged(3, 0.0);
    let mut host = machine("host", ECI, 10_000);
    if let NodeKind::Machine(machine) = &mut host.kind {
        machine.start_up = stages();
    }
    plan.nodes = [host].into_iter().collect();
    plan.services.values_mut().for_each(|service| {
        service.replicas = 2;
        service.scale_steps = vec![(Time::from_secs(100), 3)];
    });
    let record = run(&plan);
    let pulls: Vec<f64> = record.pods.iter().map(|pod| pod.pull_s.seconds().unwrap()).collect();
    assert_eq!(pulls, [10.0, 10.0, 2.0]);
}

/// Two zones with these many vCPUs; one virtual node that can use both.
fn two_zones(count: u32, vcpus: [u64; 2], order: VSwitchOrder) -> Plan {
    let mut plan = burst(count, 1, CreateLimit::Unlimited, 600);
    let zones = ["a", "b"].map(|zone| plan.supply.vswitches.push(VSwitch { name: format!("vsw-{zone}"), zone: zone.into(), addresses: None }));
    for node in plan.nodes.values_mut() {
        if let NodeKind::Virtual(node) = &mut node.kind {
            (node.vswitches, node.order) = (zones.to_vec(), order);
        }
    }
    for provider in plan.providers.values_mut() {
        provider.supply.stock = ["a", "b"].iter().zip(vcpus).map(|(zone, vcpus)| stock(zone, &[(0, vcpus * 1000)])).collect();
    }
    plan
}

fn stock(zone: &str, levels: &[(u64, u64)]) -> Stock {
    let levels = levels.iter().map(|(at, level)| (Time::from_secs(*at), Some(*level))).collect();
    Stock { zone: Some(zone.into()), of: None, market: None, unit: StockUnit::MilliCpu, levels }
}

fn in_zone(pods: &[PodRow], zone: &str) -> usize {
    pods.iter().filter(|pod| pod.zone == zone && pod.ready.is_some()).count()
}

/// Golden case G05: subnets in order, at random, and with nothing left anywhere.
#[test]
fn zones_are_tried_in_order_or_at_random() {
    let record = run(&two_zones(10, [1, 100], VSwitchOrder::Ordered));
    assert_eq!((in_zone(&record.pods, "a"), in_zone(&record.pods, "b")), (4, 6));
    let record = run(&two_zones(400, [100, 100], VSwitchOrder::Random));
    assert!((160..=240).contains(&in_zone(&record.pods, "a")), "{}", in_zone(&record.pods, "a"));
    let record = run(&two_zones(10, [1, 1], VSwitchOrder::Random));
    assert_eq!((in_zone(&record.pods, "a"), in_zone(&record.pods, "b")), (4, 4));
    assert_eq!(actions(&record, "NoStock").len(), 2);
}

#[test]
fn a_pod_without_an_instance_waits_goes_elsewhere_or_fails() {
    let with = |strategy: FailStrategy, max_pending_s: u64| {
        let mut plan = two_zones(5, [1, 0], VSwitchOrder::Ordered);
        plan.nodes.push(machine("host", 0, 10_000));
        plan.providers.values_mut().for_each(|provider| provider.supply.stock[0] = stock("a", &[(0, 1000), (300, 2000)]));
        let wish = InstanceWish { on_failure: strategy, max_pending: Span::from_secs(max_pending_s), ..InstanceWish::default() };
        plan.services.values_mut().for_each(|service| {
            service.template.supply.wishes = vec![(Time::ZERO, wish.clone())];
            service.template.placement = prefer(&[(ECI, None), (0, None)]);
        });
        run(&plan)
    };
    let waits = with(FailStrategy::FailBack, 600);
    let last = waits.pods.last().unwrap();
    assert!(last.node == "vk" && last.starting.unwrap() >= 300.0 && last.starting.unwrap() <= 310.0, "{last:?}");
    assert_eq!(waits.pods.len(), 5);

    let elsewhere = with(FailStrategy::FailOver, 600);
    let last = elsewhere.pods.last().unwrap();
    assert_eq!((last.node.as_str(), last.ready), ("host", Some(0.0)));

    let fails = with(FailStrategy::FailFast, 600);
    assert_eq!((fails.pods[4].phase.as_str(), fails.pods[4].ended), ("Failed", Some(10.0)));
    assert!(fails.pods.last().unwrap().starting.unwrap() >= 300.0);

    let gives_up = with(FailStrategy::FailBack, 100);
    assert_eq!((gives_up.pods[4].phase.as_str(), gives_up.pods[4].ended, gives_up.pods.len()), ("Failed", Some(100.0), 8));
}

/// Spot instances that go when the stock does, and come back at the full price; jobs start again.
#[test]
fn reclaimed_jobs_start_again() {
    let mut plan = two_zones(0, [100, 100], VSwitchOrder::Ordered);
    plan.services = sim_core::id::Table::new();
    for provider in plan.providers.values_mut() {
        provider.supply.stock =
            vec![Stock { market: Some(Market::Spot), ..stock("a", &[(0, 500), (100, 0)]) }, Stock { market: Some(Market::Spot), ..stock("b", &[(0, 0)]) }];
    }
    let mut template = service(1, 250, prefer(&[(ECI, None)])).template;
    let spot = SpotWish { limit: None, protection: Span::from_secs(60), fallback: true };
    template.supply.wishes = vec![(Time::ZERO, InstanceWish { spot: Some(spot), ..InstanceWish::default() })];
    plan.jobs.push(Job {
        name: "render".into(),
        template,
        arrivals: JobArrivals::At(vec![Time::ZERO]),
        pods: 3,
        steps: vec![JobStep::only(0, 3, Distribution::Constant(300.0))],
        ..job()
    });
    let record = run(&plan);
    // Two found a spot instance and one paid the full price; those two are told at 100 s, go at 280 s, and run again for 330 s at the full price.
    assert_eq!((actions(&record, "SpotToBeReleased").len(), actions(&record, "SpotReleased").len()), (2, 2));
    let ended: Vec<(&str, f64)> = record.pods.iter().filter_map(|pod| Some((pod.phase.as_str(), pod.ended?))).collect();
    assert_eq!(ended, [("Failed", 280.0), ("Failed", 280.0), ("Succeeded", 330.0)]);
    assert_eq!(record.pods.len(), 5);
}

/// A job that says nothing.
fn job() -> Job {
    Job {
        name: String::new(),
        template: service(1, 250, prefer(&[(ECI, None)])).template,
        arrivals: JobArrivals::At(Vec::new()),
        pods: 1,
        steps: vec![JobStep::only(0, 1, Distribution::Constant(0.0))],
        concurrency: Concurrency::Allow,
        starting_deadline: None,
        suspended: false,
        is_cron: false,
        gang: None,
    }
}
