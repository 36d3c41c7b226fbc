//! One run: the loop over control-plane events, and the world they change.
//!
//! Between two events the set of ready pods is constant, so each service's requests are pushed through its pods in a tight loop
//! (the data plane, [`crate::traffic`]) before the next event is handled.

mod actions;
mod alike;
mod attribution;
mod blame;
mod budgets;
mod candidates;
mod chains;
mod cron_hpa;
mod drain;
mod faults;
mod fleet;
mod forms;
mod gangs;
mod hpa;
mod instances;
mod jobs;
mod keda;
mod measuring;
mod neighbours;
mod node_scaler;
mod nodes;
mod objectives;
mod pace;
mod placing;
mod pods;
mod predictive;
mod preempting;
mod progress;
mod restarts;
mod rollouts;
mod rooms;
mod services;
mod sources;
mod spot_machines;
mod start_up;
mod start_up_summary;
mod summary;
mod supply;
mod units;
mod usage;
mod watch;
mod windows;
mod workload;

use std::borrow::Cow;

use crate::cluster::{NodeState, Phase, Pod};
use crate::engine::{Event, EventQueue};
use crate::id::{Id, Table};
use crate::observe::{Decision, Digest, Log};
use crate::plan::{Namespace, Node, Phase as PeriodPhase, Plan, Service};
use crate::random::{Stream, Streams, unit};
use crate::record::{PoolRow, Record, StartUpSummary, TierRow, WorkloadRow};
use crate::scheduling::{PendingQueue, ScoreWeights};
use crate::supply::CreateLimiter;
use crate::units::{Span, Time};

use candidates::Candidates;
use chains::Chains;
use faults::FaultState;
use fleet::Fleet;
use forms::Forms;
use gangs::Gangs;
use jobs::JobState;
use neighbours::Neighbours;
use node_scaler::NodeScaler;
use objectives::ObjectiveState;
use pace::Pace;
pub use progress::Progress;
use rooms::{Changes, Rooms};
use supply::SupplyState;
use units::UnitCounts;
pub use watch::{Attempt, NodeSeen, Sync, Watch, Watched, watch};
use workload::{Meter, ServiceState, WorkloadState};

/// Runs `plan` with `seed`. `progress` is called at the end of every window.
pub fn run(plan: &Plan, seed: u64, progress: impl FnMut(&Progress<'_>)) -> Record {
    let mut simulation = Simulation::new(plan, seed);
    drive(&mut simulation, progress, |_| false);
    simulation.finish()
}

/// Lets a run go on to its end, or until `is_over`.
fn drive<'p>(simulation: &mut Simulation<'p>, mut progress: impl FnMut(&Progress<'_>), is_over: impl Fn(&Simulation<'p>) -> bool) {
    simulation.start();
    while let Some((at, event)) = simulation.queue.pop() {
        simulation.now = at;
        simulation.digest.event(at, event);
        if event == Event::End || is_over(simulation) {
            break;
        }
        simulation.handle(event);
        if event == Event::WindowEnd {
            simulation.tell(&mut progress);
        }
    }
}

/// The mutable state of a run.
struct Simulation<'p> {
    plan: &'p Plan,
    seed: u64,
    streams: Streams,
    now: Time,
    queue: EventQueue,
    pods: Table<Pod>,
    /// Filled when the run is over.
    pods_by_workload: Vec<Vec<Id<Pod>>>,
    /// Where scale-out time went, by workload and by tier: filled when the run is over.
    start_ups: (Vec<StartUpSummary>, Vec<StartUpSummary>),
    nodes: Vec<NodeState>,
    /// Nodes that the cluster knows.
    registered_nodes: usize,
    /// Nodes of pools, and who makes them come and go.
    fleet: Fleet,
    node_scaler: NodeScaler,
    /// The nodes of the plan as they are now: labels, taints and cordons can change.
    node_objects: Cow<'p, Table<Node>>,
    /// The namespaces of the plan as they are now.
    namespaces: Vec<Namespace>,
    tiers: Vec<TierCount>,
    /// Services, then jobs.
    workloads: Vec<WorkloadState>,
    services: Vec<ServiceState>,
    jobs: Vec<JobState>,
    /// Services that call each other.
    chains: Chains,
    pace: Pace,
    /// By service: whether an autoscaler asks how many requests its pods have.
    watches_requests: Vec<bool>,
    /// By service: over how long somebody averages its rate of requests.
    rate_windows: Vec<Option<Span>>,
    /// By provider.
    limiters: Vec<CreateLimiter>,
    supply: SupplyState,
    faults: FaultState,
    pending: PendingQueue,
    /// Pods for which others had to go.
    nominated: preempting::Nominations,
    /// Pods that wait for others before they are bound.
    gangs: Gangs,
    /// Where the search for nodes went on, if it does not look at all.
    search_from: usize,
    /// When the queue is looked at without a cause.
    queue_due: Option<Time>,
    /// When the scheduler is done with its last pod.
    scheduler_free: Time,
    /// By class of pods: why the first pending one found no node, since the last time one did.
    refused: Vec<Option<String>>,
    /// By class of pods: where they may go at all.
    candidates: Vec<Candidates>,
    /// Where new pods go, on top of their templates.
    forms: Forms,
    /// Who counts where in tiered preferences.
    units: UnitCounts,
    /// What pods demand of each other.
    neighbours: Neighbours,
    /// What is free on machines.
    rooms: Rooms,
    /// Every node whose use changed, in order: what rankings still have to take in.
    node_changes: Changes,
    weights: ScoreWeights,
    ties: Stream,
    /// Whether a scheduling cycle is already due at this instant.
    cycle_due: bool,
    /// Whether the first pods are being placed, before time starts.
    warming_up: bool,
    window_start: Time,
    /// When the metrics pipeline last looked at pods.
    last_scrape: Time,
    objectives: Vec<ObjectiveState>,
    log: Log,
    workload_rows: Vec<WorkloadRow>,
    tier_rows: Vec<TierRow>,
    pool_rows: Vec<PoolRow>,
    digest: Digest,
    /// Somebody who wants to see more than is written down.
    watching: Option<Box<watch::Watcher>>,
}

/// Pods of a tier.
#[derive(Clone, Copy, Debug, Default)]
struct TierCount {
    bound: u32,
    ready: u32,
    peak: u32,
    cpu_requested: u64,
}

/// Rows of the time series with this many in each window, as far as it pays to set room aside for them: they are too large to be moved about.
fn rows_of(plan: &Plan, in_each: usize) -> usize {
    const MOST: u64 = 1 << 14;
    let windows = plan.duration.as_nanos().div_ceil(plan.window.as_nanos().max(1));
    windows.saturating_mul(in_each as u64).min(MOST) as usize
}

impl<'p> Simulation<'p> {
    fn new(plan: &'p Plan, seed: u64) -> Self {
        let streams = Streams::new(seed);
        let (workloads, classes) = (plan.workload_count(), plan.class_count());
        let fleet = Fleet::new(plan);
        let nodes: Vec<NodeState> = plan.nodes.iter().map(|(id, node)| NodeState { status: fleet.status_at_start(id), ..NodeState::new(node) }).collect();
        let mut neighbours = Neighbours::new(plan, &plan.nodes);
        plan.nodes.ids().filter(|node| !nodes[node.index()].status.is_registered()).for_each(|node| neighbours.node_left(node));
        let chains = Chains::new(plan, streams);
        let rooms = Rooms::of(&nodes);
        Self {
            plan,
            seed,
            streams,
            now: Time::ZERO,
            queue: EventQueue::new(),
            pods: Table::new(),
            pods_by_workload: Vec::new(),
            start_ups: (Vec::new(), Vec::new()),
            registered_nodes: nodes.iter().filter(|node| node.status.is_registered()).count(),
            nodes,
            fleet,
            node_scaler: NodeScaler::new(streams),
            node_objects: Cow::Borrowed(&plan.nodes),
            namespaces: plan.namespaces.values().cloned().collect(),
            tiers: vec![TierCount::default(); plan.tiers.len()],
            workloads: (0..workloads).map(|place| WorkloadState::new(plan, place, streams)).collect(),
            services: plan.services.ids().map(|id| ServiceState::new(plan, id, streams, chains.has(id))).collect(),
            jobs: plan.jobs.values().map(|job| JobState::new(job, streams)).collect(),
            chains,
            pace: Pace::new(plan),
            watches_requests: sources::watches_requests(plan),
            rate_windows: sources::rate_windows(plan),
            limiters: plan.providers.values().map(|provider| CreateLimiter::new(provider.create_limit)).collect(),
            supply: SupplyState::new(plan),
            faults: FaultState::new(plan, streams),
            pending: PendingQueue::new(plan.scheduler.queue, (0..classes).map(|class| plan.template(class).priority)),
            nominated: preempting::Nominations::new(),
            gangs: Gangs::new(plan),
            search_from: 0,
            queue_due: None,
            scheduler_free: Time::ZERO,
            refused: vec![None; classes],
            candidates: (0..classes).map(|class| Candidates::of(plan, &plan.nodes, plan.template(class))).collect(),
            forms: Forms::new(plan),
            units: UnitCounts::new(plan),
            neighbours,
            rooms,
            node_changes: Changes::default(),
            weights: plan.scheduler.weights.unwrap_or_else(|| ScoreWeights::of(plan.kubernetes)),
            ties: streams.stream("scheduler/ties"),
            cycle_due: false,
            warming_up: false,
            window_start: Time::ZERO,
            last_scrape: Time::ZERO,
            objectives: vec![ObjectiveState::default(); plan.objectives.len()],
            log: Log::default(),
            workload_rows: Vec::with_capacity(rows_of(plan, workloads)),
            tier_rows: Vec::with_capacity(rows_of(plan, plan.tiers.len())),
            pool_rows: Vec::new(),
            digest: Digest::default(),
            watching: None,
        }
    }

    /// Places the first pods and schedules what is known ahead.
    fn start(&mut self) {
        self.queue.push(self.plan.end(), Event::End);
        self.start_services();
        self.start_memory_watch();
        self.start_actions();
        self.start_supply();
        self.start_faults();
        self.start_node_scaler();
        self.start_spot_machines();
        self.start_jobs();
        if self.plan.services.values().any(|service| service.hpa.is_some()) || self.rate_windows.iter().any(Option::is_some) {
            let first = self.first_of(self.plan.metrics.phase, self.plan.metrics.scrape_interval, "metrics/phase");
            self.push_in_run(first, Event::Scrape);
        }
        let first_window = (Time::ZERO + self.plan.window).min(self.plan.end());
        self.queue.push(first_window, Event::WindowEnd);
        if !self.plan.warm_up.is_zero() {
            self.push_in_run(self.measured_from(), Event::Measure);
        }
    }

    /// When a periodic task first happens.
    fn first_of(&self, phase: PeriodPhase, period: Span, stream: &str) -> Time {
        match phase {
            PeriodPhase::Fixed(span) => Time::ZERO + span,
            PeriodPhase::Random => Time::from_nanos((unit(&mut self.streams.stream(stream)) * period.as_nanos() as f64) as u64),
        }
    }

    /// Adds an event unless it lies beyond the end of the run.
    fn push_in_run(&mut self, at: Time, event: Event) {
        if at <= self.plan.end() {
            self.queue.push(at, event);
        }
    }

    /// Brings a service up to now: pushes all requests that have arrived through its pods. Whatever changes its pods or looks at them comes after
    /// this, so a service that nothing happens to costs nothing.
    fn catch_up(&mut self, service: Id<Service>) {
        if self.now > self.services[service.index()].caught_up {
            let in_chain = self.chains.has(service);
            if in_chain {
                self.advance_chain(service);
            }
            let state = &mut self.services[service.index()];
            let elapsed = u128::from((self.now - state.caught_up).as_nanos());
            if !in_chain {
                state.meter.advance(self.now);
            }
            state.share_requests(self.workloads[service.index()].count(Phase::Ready));
            state.ready_ns += elapsed * u128::from(self.workloads[service.index()].count(Phase::Ready));
            state.caught_up = self.now;
        }
    }

    fn catch_up_all(&mut self) {
        for service in self.plan.services.ids() {
            self.catch_up(service);
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Fault(event) => self.fault_event(event),
            Event::Supply(event) => self.supply_event(event),
            Event::Machine(event) => self.machine_event(event),
            Event::InstanceAccepted(pod) => self.instance_accepted(pod),
            Event::PodSucceeded(pod) => self.job_pod_ended(pod),
            Event::PodReady(pod) => self.pod_ready(pod),
            Event::PodGone(pod) => self.pod_gone(pod),
            Event::JobSubmitted(job) => self.job_submitted(job),
            Event::JobSync(job, run) => self.sync_run(job, run),
            Event::MemoryCheck => self.watch_memory(),
            Event::Scrape => self.scrape(),
            Event::Scale(service, step) => self.manual_step(service, step),
            Event::Reschedule(pod) => self.reschedule(pod),
            Event::UnitTimeout => self.unit_timeout(),
            Event::GangDue => self.gang_due(),
            Event::Act(action) => self.act(action),
            Event::CronFires(service, firing) => self.cron_fires(service, firing),
            Event::KedaPolls(service) => self.keda_polls(service),
            Event::Predicts(service) => self.predict(service),
            Event::Autoscale(service) => self.autoscale(service),
            Event::ScanNodes => self.scan_nodes(),
            Event::WantNodes => self.nodes_wanted(),
            Event::QueueDue => self.queue_due(),
            Event::Drain(node) => self.drain(node),
            Event::Deploy(service) => self.deploy(service),
            Event::Schedule => self.schedule(),
            Event::WindowEnd => self.window_end(),
            Event::Measure => self.start_measuring(),
            Event::End => unreachable!("the loop ends here"),
        }
    }

    /// Tells the scheduler of a change that may help pods without a node, and asks for a scheduling cycle at this instant.
    fn wake_scheduler(&mut self) {
        self.pending.wake_all(self.now);
        self.request_cycle();
    }

    /// Asks for a scheduling cycle at this instant.
    fn request_cycle(&mut self) {
        if !self.cycle_due && !self.warming_up {
            self.cycle_due = true;
            self.queue.push(self.now, Event::Schedule);
        }
    }

    /// Finds out again where pods may go, because nodes are not what they were.
    fn nodes_changed(&mut self) {
        self.neighbours = Neighbours::new(self.plan, &self.node_objects);
        for node in self.plan.nodes.ids().filter(|node| !self.nodes[node.index()].status.is_registered()) {
            self.neighbours.node_left(node);
        }
        for pod in self.pods.values() {
            if let (Some(node), None) = (pod.node, pod.ended) {
                self.neighbours.arrived(pod.class, node);
                if pod.phase == Phase::Terminating {
                    self.neighbours.leaving(pod.class, node);
                }
            }
        }
        for (class, candidates) in self.candidates.iter_mut().enumerate() {
            *candidates = Candidates::of(self.plan, &self.node_objects, self.plan.template(class));
        }
        self.count_held_places();
        self.check_held_places();
        self.wake_scheduler();
    }

    fn decide(&mut self, decision: Decision) {
        self.digest.decision(&decision);
        self.log.push(self.now, decision);
    }

    fn requests_offered(&self) -> u64 {
        self.services.iter().map(|service| if let Meter::Requests(kernel) = &service.meter { kernel.entries().offered } else { 0 }).sum()
    }

    /// The place of a pod's workload among services, then jobs.
    fn place_of(&self, pod: Id<Pod>) -> usize {
        place(self.plan, &self.pods[pod])
    }
}

/// The place of a pod's workload among services, then jobs.
fn place(plan: &Plan, pod: &Pod) -> usize {
    match pod.owner {
        crate::cluster::Owner::Service(service) => service.index(),
        crate::cluster::Owner::Job { job, .. } => plan.services.len() + job.index(),
    }
}
