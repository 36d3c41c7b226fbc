//! Autoscaling besides the HPA's own rules: CronHPA, KEDA, forecasts, and where custom metrics come from.

use serde::Deserialize;

use super::hpa::{Behavior, Hpa, Metric};
use super::load::{Profile, Replay};
use super::named::Named;
use crate::calendar::{Cron, CronHpaSchedule, Zone};
use crate::text::{Amount, Duration, Percent, Share, Text};

/// What a custom or external metric shows: something in the simulation, or something given over time.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub enum MetricSource {
    /// Requests per second that a service gets; as a `Pods` metric, those that a pod gets: `{requestRate: {of: web}}`.
    RequestRate(RequestRate),
    /// Requests of a service that wait or are in work; as a `Pods` metric, those at a pod: `{inFlight: {of: web}}`.
    InFlight(ServiceMetric),
    /// Requests of a service that wait: `{queueLength: {of: worker}}`.
    QueueLength(ServiceMetric),
    /// Jobs that were submitted and have not ended: `{unfinishedJobs: {of: render}}`.
    UnfinishedJobs(JobMetric),
    /// Pods of a service or job that do not run yet: `{pendingPods: {of: render}}`.
    PendingPods(WorkloadMetric),
    /// Values that hold from one time to the next: `{steps: [[0s, 10], [10m, 250]]}`.
    Steps(Vec<(Duration, Amount)>),
    /// Straight lines between values: `{linear: [[0s, 10], [10m, 250]]}`.
    Linear(Vec<(Duration, Amount)>),
    /// Values from a CSV file, as they are.
    Recorded(Replay),
}

/// A service's requests per second.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RequestRate {
    /// The service.
    pub of: String,
    /// Averaged over this long. Default: the `window` of `metrics`.
    pub window: Option<Duration>,
}

/// Of a service.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ServiceMetric {
    /// The service.
    pub of: String,
}

/// Of a job.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct JobMetric {
    /// The job.
    pub of: String,
}

/// Of a service or job.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct WorkloadMetric {
    /// The service or job.
    pub of: String,
}

/// Scaling by the calendar, as a CronHorizontalPodAutoscaler of ACK does.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct CronHpa {
    /// What it works on. Default: the HPA, if the service has one.
    pub target: Option<CronTarget>,
    /// Dates on which no job does anything, as schedules: `["* * * 15 11 *", "* * * * * 0"]` for the 15th of November and Sundays.
    #[serde(default)]
    pub exclude_dates: Vec<Text<CronHpaSchedule>>,
    /// Whose clocks count: the scenario's `start` is that instant if it has an offset from UTC, or else a time in this zone. Default: the clock of the
    /// scenario's `start`, which is never changed.
    pub time_zone: Option<Text<Zone>>,
    /// Its jobs.
    pub jobs: Vec<CronHpaJob>,
}

/// What a CronHPA works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum CronTarget {
    /// The service's HPA: its bounds are moved so that both can live together.
    Hpa,
    /// The Deployment: its replica count is set, and an HPA sets it again.
    Deployment,
}

/// A job of a CronHPA.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct CronHpaJob {
    /// Name.
    pub name: String,
    /// When it fires.
    pub schedule: Text<CronHpaSchedule>,
    /// Replicas.
    pub target_size: u32,
    /// Whether it does nothing after its first success.
    #[serde(default)]
    pub run_once: bool,
}

/// A ScaledObject of KEDA: KEDA itself scales between no replica and one, the HPA that it creates does the rest.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Keda {
    /// Fewest replicas (`minReplicaCount`).
    #[serde(default)]
    pub min: u32,
    /// Most replicas (`maxReplicaCount`).
    #[schemars(extend("default" = 100))]
    pub max: Option<u32>,
    /// Replicas while no trigger is active, instead of `min` (`idleReplicaCount`).
    pub idle: Option<u32>,
    /// Time between two looks at the triggers.
    #[schemars(extend("default" = "30s"))]
    pub polling_interval: Option<Duration>,
    /// How long all triggers are inactive before the last replica goes.
    #[schemars(extend("default" = "5m"))]
    pub cooldown_period: Option<Duration>,
    /// What wakes and scales the service. The HPA follows the trigger that asks for the most replicas.
    pub triggers: Vec<KedaTrigger>,
    /// `spec.behavior` of the HPA.
    pub behavior: Option<Behavior>,
}

/// A trigger of a ScaledObject.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub enum KedaTrigger {
    /// A number of replicas at certain times: a floor, because other triggers may ask for more.
    Cron(KedaCron),
    /// A metric of `customMetrics`: `{metric: {name: queue, threshold: 5}}`.
    Metric(KedaMetric),
    /// CPU utilisation in percent of the request. It does not wake the service.
    Cpu(Text<Percent>),
    /// Memory utilisation in percent of the request. It does not wake the service.
    Memory(Text<Percent>),
}

/// KEDA's cron scaler.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct KedaCron {
    /// Whose clocks count.
    pub timezone: Text<Zone>,
    /// When the window begins.
    pub start: Text<Cron>,
    /// When it ends.
    pub end: Text<Cron>,
    /// Replicas in the window.
    pub desired_replicas: u32,
}

/// A trigger on a metric.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct KedaMetric {
    /// Name in `customMetrics`.
    pub name: String,
    /// Value that one replica is for, or the whole value with `perReplica: false`.
    pub threshold: Amount,
    /// The trigger is active while the value is above this.
    #[schemars(extend("default" = 0))]
    pub activation_threshold: Option<Amount>,
    /// Whether the threshold is for each replica (`metricType: AverageValue`) or the value as a whole (`Value`).
    #[schemars(extend("default" = true))]
    pub per_replica: Option<bool>,
}

/// Scaling ahead of the load by a forecast, as the Advanced HPA of ACK does. The forecast is, for each step of the period, a quantile over the periods of
/// the history.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Predictive {
    /// Fewest replicas.
    #[schemars(extend("default" = 1))]
    pub min: Option<u32>,
    /// Most replicas.
    pub max: u32,
    /// What it does with the forecast.
    #[schemars(extend("default" = "auto"))]
    pub mode: Option<PredictiveMode>,
    /// Load that one replica is for: requests per second, or CPU if the history is a `cpuDemand`. Default: what uses as much CPU as the target says.
    pub per_replica: Option<Amount>,
    /// The load before the run. Default: the service's own load, as if every earlier period had been the same.
    pub history: Option<History>,
    /// Which quantile over the periods is forecast.
    #[schemars(extend("default" = "95%"))]
    pub quantile: Option<Text<Share>>,
    /// How far ahead of the load replicas are asked for.
    #[serde(default)]
    pub scale_up_forward: Duration,
    /// After how long the load repeats.
    #[schemars(extend("default" = "1d"))]
    pub period: Option<Duration>,
    /// Length of a step of the forecast.
    #[schemars(extend("default" = "1m"))]
    pub step: Option<Duration>,
    /// Time between two looks at the forecast.
    #[schemars(extend("default" = "1m"))]
    pub interval: Option<Duration>,
    /// Other bounds by time of day, the first that matches: `[{cron: "* 9-17 * * mon-fri", min: 10, max: 50}]`.
    #[serde(default)]
    pub bounds: Vec<InstanceBound>,
    /// Whose clocks count for `bounds`. Default: the clock of the scenario's `start`, which is never changed.
    pub time_zone: Option<Text<Zone>>,
    /// Target CPU utilisation of the reactive part, an HPA. Without it and `metrics` there is none.
    pub cpu: Option<Text<Percent>>,
    /// Metrics of the reactive part, in the words of `autoscaling/v2`.
    #[serde(default)]
    pub metrics: Vec<Metric>,
    /// `spec.behavior` of the reactive part.
    pub behavior: Option<Behavior>,
}

/// What a predictive autoscaler does with its forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PredictiveMode {
    /// Says what it would do, and changes nothing.
    Observer,
    /// The larger of forecast and reactive part.
    Auto,
    /// The forecast alone.
    Proactive,
    /// The reactive part alone, within the bounds.
    Reactive,
}

/// The load before the run.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct History {
    /// What it was, from `periods` times the period before the run on: profiles as under `load`; a CSV file is a `replay`.
    pub profile: Vec<Profile>,
    /// How many periods it covers.
    #[schemars(extend("default" = 7))]
    pub periods: Option<u32>,
}

/// Bounds at some times.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct InstanceBound {
    /// Minutes in which they hold, for instance `"* 9-17 * * mon-fri"`.
    pub cron: Text<Cron>,
    /// Fewest replicas.
    pub min: u32,
    /// Most replicas.
    pub max: u32,
}

impl Predictive {
    /// The HPA of the reactive part, if there is one.
    pub fn reactive(&self) -> Option<Hpa> {
        (self.cpu.is_some() || !self.metrics.is_empty()).then(|| Hpa {
            min: self.min,
            max: self.max,
            cpu: self.cpu,
            memory: None,
            metrics: self.metrics.clone(),
            behavior: self.behavior.clone(),
        })
    }
}

/// Metrics by name.
pub type CustomMetrics = Named<MetricSource>;
