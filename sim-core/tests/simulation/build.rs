//! Small plans, built by hand.

use std::collections::BTreeMap;

use sim_core::autoscaling::hpa::{Behavior, HpaConfig, HpaSpec, MetricSpec, ResourceName, Target};
use sim_core::billing::{Tariff, Terms};
use sim_core::id::{Id, Table};
use sim_core::plan::{
    BillingStart, BillingStop, CreateLimit, Curve, InitialPods, InstanceBilling, InstancePrice, InstanceSpec, KubernetesVersion, Machine, MachinePrice,
    Metrics, Node, NodeKind, Phase, Placement, Plan, PlanSupply, PodAffinity, PodSupply, PodTemplate, PodUsage, PriceNote, Provider, ProviderSupply, Purchase,
    Rounding, Scaling, Scheduler, Service, Tier, Traffic, Unit, VirtualNode,
};
use sim_core::random::Distribution;
use sim_core::scheduling::STAND_IN_MEMORY;
use sim_core::units::{Bytes, MilliCpu, Resources, Span, UnitPrice};

pub(crate) const IDC: usize = 0;
pub(crate) const ECS: usize = 1;
pub(crate) const ECI: usize = 2;

pub(crate) fn secs(s: u64) -> Span {
    Span::from_secs(s)
}

/// An estate without machines, with one virtual node whose instances take `delay` seconds to start and cost what ECI costs.
pub(crate) fn plan(duration_s: u64, delay: f64) -> Plan {
    let version = KubernetesVersion { major: 1, minor: 33 };
    let second = |price: &str| UnitPrice::new(price.parse().unwrap(), secs(1));
    let spec = |cpu: u64, mib: u64| InstanceSpec::general(MilliCpu(cpu), Bytes(mib << 20));
    let provider = Provider {
        name: "eci".into(),
        specs: vec![spec(250, 512), spec(250, 1024), spec(1000, 2048), spec(2000, 1024), spec(2000, 4096)],
        steps: None,
        rounding: Rounding::CpuFirst,
        default_spec: spec(2000, 4096),
        create_limit: CreateLimit::Unlimited,
        price: InstancePrice { vcpu: second("0.000049"), gib: second("0.00000613"), note: PriceNote::default() },
        billing: InstanceBilling {
            start: BillingStart::Created,
            granularity: secs(1),
            minimum: Span::ZERO,
            sub_cent: false,
            stop: BillingStop::Stopped,
            settled_places: None,
        },
        supply: ProviderSupply::default(),
    };
    Plan {
        name: "test".into(),
        duration: secs(duration_s),
        warm_up: Span::ZERO,
        origin: None,
        fidelity: sim_core::plan::Fidelity::Request,
        kubernetes: version,
        scheduler: Scheduler::default(),
        disruption_budgets: Vec::new(),
        window: secs(15),
        extended_resources: Vec::new(),
        tiers: ["idc", "ecs", "eci"].map(|name| Tier { name: name.into() }).into_iter().collect(),
        providers: [provider].into_iter().collect(),
        nodes: [Node {
            name: "vk".into(),
            tier: Id::new(ECI),
            zone: String::new(),
            labels: BTreeMap::new(),
            taints: Vec::new(),
            unschedulable: false,
            kind: NodeKind::Virtual(VirtualNode::new(Id::new(0), 3000, Distribution::Constant(delay))),
        }]
        .into_iter()
        .collect(),
        pools: Table::new(),
        node_scaling: sim_core::plan::NodeScaling::default(),
        namespaces: Table::new(),
        supply: PlanSupply::default(),
        services: Table::new(),
        jobs: Table::new(),
        backends: Table::new(),
        variants: Vec::new(),
        actions: Vec::new(),
        metrics: Metrics { scrape_interval: secs(15), window: secs(15), delay: Span::ZERO, phase: Phase::Fixed(Span::ZERO), staleness: secs(120) },
        hpa: HpaConfig { phase: Phase::Fixed(Span::ZERO), ..HpaConfig::defaults(version) },
        api_outages: Vec::new(),
        faults: sim_core::plan::Faults::default(),
        currency: "CNY".into(),
        tariff: Tariff::default(),
        terms: Terms::default(),
        objectives: Vec::new(),
    }
}

/// A machine with this much allocatable CPU and plenty of memory, at 0.36 an hour.
pub(crate) fn machine(name: &str, tier: usize, allocatable_milli: u64) -> Node {
    Node {
        name: name.into(),
        tier: Id::new(tier),
        zone: String::new(),
        labels: BTreeMap::new(),
        taints: Vec::new(),
        unschedulable: false,
        kind: NodeKind::Machine(Box::new(Machine {
            daemons: sim_core::plan::Daemons::default(),
            capacity: Resources::new(MilliCpu(allocatable_milli), Bytes::from_gib(1024)),
            reserved: Resources::default(),
            max_pods: 256,
            start_up: Distribution::Constant(0.0).into(),
            price: MachinePrice {
                item: "machine".into(),
                instance_type: String::new(),
                purchase: Purchase::PayAsYouGo,
                price: UnitPrice::new("0.36".parse().unwrap(), secs(3600)),
                note: PriceNote::default(),
            },
        })),
    }
}

/// Units of a preference, with an optional maximum each.
pub(crate) fn prefer(units: &[(usize, Option<u32>)]) -> Placement {
    let units = units.iter().map(|(tier, max)| Unit { max: *max, ..Unit::of(Id::new(*tier)) }).collect();
    Placement::Prefer { policy: "test".into(), units, rules: sim_core::plan::PreferRules::default() }
}

/// A service whose first replicas are ready, without load.
pub(crate) fn service(replicas: u32, request_milli: u64, placement: Placement) -> Service {
    Service {
        name: "web".into(),
        template: PodTemplate {
            moving: sim_core::plan::Moving::default(),
            has_scheduler: true,
            speed: 1.0,
            namespace: "default".into(),
            labels: BTreeMap::new(),
            requests: Resources::new(MilliCpu(request_milli), Bytes(0)),
            scored: Resources::new(MilliCpu(request_milli), STAND_IN_MEMORY),
            priority: 0,
            preempts: true,
            cpu_limit: None,
            tolerations: Vec::new(),
            node_selector: BTreeMap::new(),
            required_affinity: None,
            preferred_affinity: Vec::new(),
            spread: Vec::new(),
            pod_affinity: PodAffinity::default(),
            pod_anti_affinity: PodAffinity::default(),
            placement,
            supply: PodSupply::default(),
        },
        replicas,
        initial: InitialPods::Ready,
        scale_steps: Vec::new(),
        hpa: None,
        termination_grace: secs(30),
        pre_stop: Span::ZERO,
        rollout: sim_core::plan::RolloutRules::default(),
        revisions: Vec::new(),
        traffic: Traffic::None,
        usage: PodUsage::default(),
        scaling: Scaling::default(),
    }
}

/// An HPA on CPU utilisation with an empty `behavior`, whose default policies the worked cases assume.
pub(crate) fn cpu_hpa(min: u32, max: u32, percent: u32) -> HpaSpec {
    let metrics = vec![MetricSpec::Resource { resource: ResourceName::Cpu, target: Target::Utilization(percent) }];
    HpaSpec { min, max, metrics, behavior: Some(Behavior::default()) }
}

pub(crate) fn demand(curve: Curve, cap: Option<u64>) -> Traffic {
    Traffic::CpuDemand { demand: curve, cap_per_pod: cap.map(MilliCpu) }
}
