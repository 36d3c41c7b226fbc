//! What changes a service's replica count besides its HPA, and where the HPA's metrics come from. Calendars are instants here.

use super::curve::Curve;
use super::job::Job;
use super::workload::Service;
use crate::id::Id;
use crate::units::{Span, Time};

/// Autoscaling of a service besides the rules of its HPA.
#[derive(Clone, Debug, Default)]
pub struct Scaling {
    /// By the place of a metric in the HPA: where its values come from; none for resources.
    pub sources: Vec<Option<MetricSource>>,
    /// Scaling by the calendar.
    pub cron: Option<CronHpa>,
    /// KEDA's part: between no replica and one.
    pub keda: Option<Keda>,
    /// Scaling by forecast.
    pub predictive: Option<Predictive>,
}

/// Where the values of a custom or external metric come from.
#[derive(Clone, Debug)]
pub enum MetricSource {
    /// Requests per second that a service gets, as scrapes see them.
    RequestRate {
        /// Whose.
        service: Id<Service>,
        /// Averaged over this long.
        window: Span,
    },
    /// Requests of a service that wait or are in work.
    InFlight(Id<Service>),
    /// Requests of a service that wait.
    QueueLength(Id<Service>),
    /// Jobs that were submitted and have not ended.
    UnfinishedJobs(Id<Job>),
    /// Pods of a workload, by its place, that are not running yet.
    PendingPods(usize),
    /// Given over time.
    Given(Curve),
}

/// A `CronHorizontalPodAutoscaler`.
#[derive(Clone, Debug)]
pub struct CronHpa {
    /// Its jobs.
    pub jobs: Vec<CronHpaJob>,
    /// When they fire, in order.
    pub firings: Vec<Firing>,
    /// Whether it works through the service's HPA rather than on the Deployment.
    pub through_hpa: bool,
}

/// A job of a `CronHPA`.
#[derive(Clone, Debug)]
pub struct CronHpaJob {
    /// Name.
    pub name: String,
    /// Schedule as written.
    pub schedule: String,
    /// Replicas.
    pub target_size: u32,
    /// Whether it does nothing after its first success.
    pub run_once: bool,
}

/// A time at which a job fires.
#[derive(Clone, Debug)]
pub struct Firing {
    /// When.
    pub at: Time,
    /// Place of the job.
    pub job: u32,
    /// The excluded date that keeps it from doing anything.
    pub excluded: Option<String>,
}

/// What KEDA does itself; the rest is the HPA that it creates.
#[derive(Clone, Debug)]
pub struct Keda {
    /// Time between two looks at the triggers.
    pub polling_interval: Span,
    /// How long all triggers are inactive before the last replica goes.
    pub cooldown: Span,
    /// `minReplicaCount`.
    pub min: u32,
    /// `idleReplicaCount`.
    pub idle: Option<u32>,
    /// Triggers that can wake the service.
    pub triggers: Vec<KedaTrigger>,
}

/// A trigger of a `ScaledObject`.
#[derive(Clone, Debug)]
pub struct KedaTrigger {
    /// What decisions call it.
    pub name: String,
    /// When it is active.
    pub activation: Activation,
}

/// When a trigger is active.
#[derive(Clone, Debug)]
pub enum Activation {
    /// While a metric is above a threshold.
    Above {
        /// The metric.
        source: MetricSource,
        /// The threshold.
        threshold: f64,
    },
    /// From the first instant of each pair up to, and without, the second.
    During(Vec<(Time, Time)>),
}

/// Scaling by forecast.
#[derive(Clone, Debug)]
pub struct Predictive {
    /// What it does with the forecast.
    pub mode: PredictiveMode,
    /// Time between two evaluations.
    pub interval: Span,
    /// The load, step by step, of one period that begins with the run and repeats.
    pub forecast: Vec<f64>,
    /// Length of a step.
    pub step: Span,
    /// Load that one replica is for.
    pub per_replica: f64,
    /// How far ahead of the load replicas are asked for.
    pub forward: Span,
    /// From when on which bounds hold: time, fewest, most. The first begins with the run.
    pub bounds: Vec<(Time, u32, u32)>,
}

/// What a predictive autoscaler does with its forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PredictiveMode {
    /// Says what it would do.
    Observer,
    /// Acts on the larger of forecast and HPA.
    Auto,
    /// Acts on the forecast alone.
    Proactive,
    /// Leaves everything to the HPA, within its bounds.
    Reactive,
}
