//! Services and jobs.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::batch::{CompletionMode, ConcurrencyPolicy, Gang, JobStep, PodFailureRule, RestartPolicy};
use super::calls::{CallStep, Holds};
use super::clients::Retries;
use super::distribution::Distribution;
use super::hpa::Hpa;
use super::named::Named;
use super::neighbours::TopologySpreadConstraint;
use super::placement::{Affinity, Placement, Toleration};
use super::rollout::Strategy;
use super::scaling::{CronHpa, Keda, Predictive};
use super::scheduler::{PreemptionPolicy, Priority};
use super::serving::{Arrivals, Balancing, Discipline, EndpointDelay, Shedding, WarmUp};
use super::supply::{ImageForm, NeedsHost, Readiness};
use super::usage::{Container, MemoryUse, StartUp};
use crate::calendar::{Cron, Zone};
use crate::text::{Amount, Duration, Rate, Share, Text};

/// Amounts of resources by name, as in Kubernetes: `cpu`, `memory`, and extended resources such as `nvidia.com/gpu`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Amounts(pub BTreeMap<String, Amount>);

impl schemars::JsonSchema for Amounts {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Amounts")
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let amount = generator.subschema_for::<Amount>();
        schemars::json_schema!({
            "description": "Amounts of resources by name: `cpu`, `memory`, and at most four extended resources such as `nvidia.com/gpu`.",
            "type": "object",
            "properties": { "cpu": amount, "memory": amount, "pods": amount, "ephemeral-storage": amount },
            "patternProperties": { "/": amount },
            "additionalProperties": false
        })
    }
}

/// A service: equal pods that answer requests, as a Deployment runs them.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Service {
    /// Namespace.
    #[schemars(extend("default" = "default"))]
    pub namespace: Option<String>,
    /// Labels of the pods. Default: `app` with the service's name.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Pods at the start. Default: the autoscaler's `min`, or 1 without one.
    pub replicas: Option<u32>,
    /// Whether the first pods have been running for long, or are created at the start.
    #[schemars(extend("default" = "ready"))]
    pub initial_pods: Option<InitialPods>,
    /// What the scheduler reserves for each pod, for instance `{cpu: 500m, memory: 1Gi}`. What is left out is as in `limits`.
    #[serde(default)]
    pub requests: Amounts,
    /// What each pod can use at most: CPU, and memory where `memory` is given.
    #[serde(default)]
    pub limits: Amounts,
    /// Memory that each pod holds, for instance `{base: 200Mi, perRequest: 4Mi}`. Default: not simulated.
    pub memory: Option<MemoryUse>,
    /// CPU that starting takes, for instance `{cpu: 800m, afterReady: 20s}`. Default: none.
    pub start_up: Option<StartUp>,
    /// Containers of each pod, where an autoscaler looks at one of them or where one has no request. Default: one container.
    #[serde(default)]
    pub containers: Vec<Container>,
    /// How long a pod works on a request, for instance `{lognormal: {mean: 40ms, cv: 1.5}}`.
    pub service_time: Option<Distribution>,
    /// Mean CPU time of a request, for instance `20ms`. Default: a pod that works on `concurrency` requests uses its CPU limit, or its CPU request without a
    /// limit, or one core without either.
    pub cpu_per_request: Option<Duration>,
    /// Requests that a pod works on at once. Default: 1; with `processorSharing`, all that come.
    pub concurrency: Option<u32>,
    /// Most requests waiting at a pod; further ones are rejected. Default: no limit.
    pub queue_limit: Option<u32>,
    /// When a pod refuses requests although its queue is not full: `{wait: 500ms}`, `{utilization: 90%}` or both. Default: never.
    pub shedding: Option<Shedding>,
    /// A client gives up after this long, each time that it sends the request. Default: never.
    pub timeout: Option<Duration>,
    /// Sending requests again, for instance `{attempts: 3, backoff: {initial: 100ms, max: 2s, jitter: 50%}, budget: 10%}`. Default: clients do not.
    pub retries: Option<Retries>,
    /// Services and backends that a request needs, after the service's own work: `[{to: stock}, {to: database}]`, one after the other. A list in the list
    /// holds calls that are made together: `[[{to: stock}, {to: prices, probability: 30%}], {to: database}]`. Default: none.
    #[serde(default)]
    pub calls: Vec<CallStep>,
    /// What the service keeps while it waits for those that it calls.
    #[schemars(extend("default" = "worker"))]
    pub holds: Option<Holds>,
    /// How a request's pod is chosen among the ready ones.
    #[schemars(extend("default" = "random"))]
    pub balancing: Option<Balancing>,
    /// How requests are spaced around the rate.
    #[schemars(extend("default" = "poisson"))]
    pub arrivals: Option<Arrivals>,
    /// How a pod shares its time among the requests that it works on.
    #[schemars(extend("default" = "firstComeFirstServed"))]
    pub discipline: Option<Discipline>,
    /// Period of the kernel's CPU bandwidth control, `100ms` in Linux, with `processorSharing` and a CPU limit: requests run at full speed until the pod has
    /// used its limit's time of the period, and then stop until the next one. Default: an even flow at the limit.
    pub cfs_period: Option<Duration>,
    /// How fast pods work by tier, relative to `serviceTime`: `{idc: 1, ecs: 0.97, eci: 0.95}`. Default: 1.
    #[serde(default)]
    pub speed: BTreeMap<String, f64>,
    /// Slow first seconds of a pod, for instance `{length: 30s, speed: 50%}`: caches are cold, code is not compiled yet. Default: none.
    pub warm_up: Option<WarmUp>,
    /// How long after it turned ready a pod refuses connections, because its readiness probe lies.
    #[schemars(extend("default" = "0s"))]
    pub listens_after: Option<Duration>,
    /// How late those who send requests learn of changes of the pods, for instance `{add: 1s, remove: 2s}`. A pod that terminates serves what comes until
    /// it is done, and refuses it when it is gone: a `preStop` hook that lasts longer keeps it there. Default: at once.
    pub endpoint_delay: Option<EndpointDelay>,
    /// Idle workers sleep, and need this long to wake up when a request comes. Default: they do not.
    pub wake_up: Option<Distribution>,
    /// What changes the number of pods. Default: nothing.
    pub autoscaler: Option<Autoscaler>,
    /// Scaling by the calendar, beside the autoscaler or alone.
    pub cron_hpa: Option<CronHpa>,
    /// Changes of the number of pods by hand: `[{at: 26s, replicas: 4}]`.
    #[serde(default)]
    pub scale: Vec<ScaleStep>,
    /// How pods are exchanged when their template changes: `recreate`, or `{rollingUpdate: {maxSurge: 25%, maxUnavailable: 0}}`. Default: a rolling
    /// update with 25 % of both.
    pub strategy: Option<Strategy>,
    /// How long a new pod has to be ready until it counts as available to a rolling update.
    #[schemars(extend("default" = "0s"))]
    pub min_ready: Option<Duration>,
    /// A rollout that makes no progress for this long is reported as stuck.
    #[schemars(extend("default" = "10m"))]
    pub progress_deadline: Option<Duration>,
    /// Priority of the pods: the name of a priority class, or a number. Default: that of the class with `globalDefault`, else 0.
    pub priority: Option<Text<Priority>>,
    /// Whether the pods may take the place of others of lower priority. Default: as their priority class says, else they may.
    pub preemption_policy: Option<PreemptionPolicy>,
    /// Scheduler of the pods, as in Kubernetes. It follows a `resourcePolicy` if it is `ack-co-scheduler`, or the default one outside of registered clusters.
    #[schemars(extend("default" = "default-scheduler"))]
    pub scheduler_name: Option<String>,
    /// Annotations of the pods. Those that begin with `k8s.aliyun.com/eci-` choose spec, market, subnets and what happens without stock.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// Its image, as far as pulling it takes time: `386M`, or `{size, registry, cached}`. Counts on nodes with `startUpStages`.
    pub image: Option<ImageForm>,
    /// Time from the start of the container until the application answers. Counts on nodes with `startUpStages`.
    pub application_start: Option<Distribution>,
    /// When the pod is asked whether it answers. Default: at once. Counts on nodes with `startUpStages`.
    pub readiness: Option<Readiness>,
    /// What of a host the pods need, which keeps them off virtual nodes.
    pub needs_host: Option<NeedsHost>,
    /// Whether the pods keep data in volumes of their node (`emptyDir`, `hostPath`), which keeps cluster-autoscaler from releasing it.
    #[serde(default)]
    pub local_storage: bool,
    /// Where the pods go.
    pub placement: Option<Placement>,
    /// Tolerations of the pods, as in Kubernetes.
    #[serde(default)]
    pub tolerations: Vec<Toleration>,
    /// Labels that a pod's node must carry.
    #[serde(default)]
    pub node_selector: BTreeMap<String, String>,
    /// Affinity of the pods, as in Kubernetes.
    pub affinity: Option<Affinity>,
    /// How evenly the pods are to be spread, as in Kubernetes.
    #[serde(default)]
    pub topology_spread_constraints: Vec<TopologySpreadConstraint>,
    /// What the score for free resources counts of requests in `manifests`: with stand-ins for containers that leave one open.
    #[serde(skip)]
    pub scored: Amounts,
    /// Whether `requests` is the sum over `containers` rather than a request of the pod as a whole.
    #[serde(skip)]
    pub requests_are_a_sum: bool,
    /// Name of the ResourcePolicy in `manifests` that `placement` comes from.
    #[serde(skip)]
    pub policy: Option<String>,
    /// How long a terminating pod may finish its requests.
    #[schemars(extend("default" = "30s"))]
    pub termination_grace_period: Option<Duration>,
    /// How long its `preStop` hook runs, which is part of the grace period: so long it is there at least, and is paid for.
    #[schemars(extend("default" = "0s"))]
    pub pre_stop: Option<Duration>,
    /// Whether rollouts are paused from the start, until an event resumes them.
    #[serde(default)]
    pub paused: bool,
}

/// State of the first pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum InitialPods {
    /// Running and ready since long before the start, as far as they fit.
    Ready,
    /// Created at the start.
    Created,
}

/// What changes the number of pods.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub enum Autoscaler {
    /// Nothing, even if a manifest has an HPA for this service.
    None,
    /// A HorizontalPodAutoscaler: `{hpa: {min: 10, max: 400, cpu: 60}}`.
    Hpa(Box<Hpa>),
    /// A ScaledObject of KEDA: `{keda: {max: 50, triggers: [{metric: {name: queue, threshold: 5}}]}}`.
    Keda(Box<Keda>),
    /// A forecast, with an HPA beside it if there is a target: `{predictive: {max: 50, perReplica: 40, scaleUpForward: 3m, cpu: 60}}`.
    Predictive(Box<Predictive>),
}

/// A change of the number of pods by hand, like `kubectl scale`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ScaleStep {
    /// When.
    pub at: Duration,
    /// New number of pods.
    pub replicas: u32,
}

/// A job: pods that run to completion. Exactly one of `at`, `every`, `rate` and `schedule` says when jobs are submitted.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Job {
    /// Namespace.
    #[schemars(extend("default" = "default"))]
    pub namespace: Option<String>,
    /// Labels of the pods. Default: `app` with the job's name.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Pods of one job, each of which is to succeed; as many as `parallelism` run at once.
    #[schemars(extend("default" = 1))]
    pub pods: Option<u32>,
    /// What the scheduler reserves for each pod, for instance `{cpu: 4, memory: 8Gi, nvidia.com/gpu: 1}`.
    #[serde(default)]
    pub requests: Amounts,
    /// What each pod can use at most: CPU, and memory where `memory` is given.
    #[serde(default)]
    pub limits: Amounts,
    /// Memory that each pod holds: `{base: 1Gi, growth: {perHour: 12Gi}}`. One that needs more than its limit is killed. Default: not simulated.
    pub memory: Option<MemoryUse>,
    /// How long a pod runs after it turned ready.
    pub run_time: Option<Distribution>,
    /// Pods of one job that run at a time. Default: all of them.
    pub parallelism: Option<u32>,
    /// Pods share a queue of work, so that the first success means that no more are needed: `parallelism` alone, as in Kubernetes.
    #[serde(default)]
    pub work_queue: bool,
    /// Whether each success is for an index of its own.
    #[schemars(extend("default" = "nonIndexed"))]
    pub completion_mode: Option<CompletionMode>,
    /// Failures of pods beyond which the job fails. A failed pod is replaced after a pause of 10 s, which doubles with each failure up to 10 minutes.
    #[schemars(extend("default" = 6))]
    pub backoff_limit: Option<u32>,
    /// Failures of one index beyond which it fails for good, for indexed jobs. Default: they are not limited by index.
    pub backoff_limit_per_index: Option<u32>,
    /// Failed indexes beyond which the job fails. Default: it goes on to its last index.
    pub max_failed_indexes: Option<u32>,
    /// The job fails when it has not ended after this long. Default: never.
    pub active_deadline: Option<Duration>,
    /// Whether a pod whose container fails is replaced, or its container is started again in place.
    #[schemars(extend("default" = "never"))]
    pub restart_policy: Option<RestartPolicy>,
    /// Share of runs that end with an error, for instance `5%`.
    pub failure: Option<Text<Share>>,
    /// Exit code of those.
    #[schemars(extend("default" = 1))]
    pub exit_code: Option<u32>,
    /// What to do about a pod that failed: the first rule that matches. Default: every failure counts.
    #[serde(default)]
    pub pod_failure_policy: Vec<PodFailureRule>,
    /// Whether it is suspended until an event resumes it: nothing starts, and with a `schedule` nothing is submitted.
    #[serde(default)]
    pub suspend: bool,
    /// What happens when a job is due while an earlier one goes on.
    #[schemars(extend("default" = "allow"))]
    pub concurrency_policy: Option<ConcurrencyPolicy>,
    /// How late a job may start that had to wait for an earlier one. Default: any time.
    pub starting_deadline: Option<Duration>,
    /// Whether no pod's work begins before all that run at once are ready, as in MPI and distributed training.
    #[serde(default)]
    pub barrier: bool,
    /// The pods of one job are placed together or not at all, but for those of steps with a gang of their own.
    pub gang: Option<Gang>,
    /// Parts of the job, by name, which wait for each other: `{driver: {...}, executors: {pods: 8, afterReady: [driver]}}`. What a step leaves out is as
    /// in the job.
    #[serde(default)]
    pub steps: Named<JobStep>,
    /// Submitted at these times: `[0s, 10m]`.
    pub at: Option<Vec<Duration>>,
    /// Submitted again and again, this long apart, from `start` until `until`.
    pub every: Option<Duration>,
    /// Submitted at random with this mean rate, for instance `5/h`, from `start` until `until`.
    pub rate: Option<Text<Rate>>,
    /// Submitted as a CronJob is, for instance `"0 2 * * *"`, from `start` until `until`. The scenario's `start` says which day and time it is at first.
    pub schedule: Option<Text<Cron>>,
    /// Whose clocks count for `schedule`: the scenario's `start` is that instant if it has an offset from UTC, or else a time in this zone. Default: the
    /// clock of the scenario's `start`, which is never changed.
    pub time_zone: Option<Text<Zone>>,
    /// First submission at the earliest, for `every`, `rate` and `schedule`.
    #[schemars(extend("default" = "0s"))]
    pub start: Option<Duration>,
    /// No submission from here on, for `every`, `rate` and `schedule`. Default: the end of the run.
    pub until: Option<Duration>,
    /// Priority of the pods: the name of a priority class, or a number. Default: that of the class with `globalDefault`, else 0.
    pub priority: Option<Text<Priority>>,
    /// Whether the pods may take the place of others of lower priority. Default: as their priority class says, else they may.
    pub preemption_policy: Option<PreemptionPolicy>,
    /// Scheduler of the pods, as in Kubernetes. It follows a `resourcePolicy` if it is `ack-co-scheduler`, or the default one outside of registered clusters.
    #[schemars(extend("default" = "default-scheduler"))]
    pub scheduler_name: Option<String>,
    /// Annotations of the pods. Those that begin with `k8s.aliyun.com/eci-` choose spec, market, subnets and what happens without stock.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// Its image, as far as pulling it takes time: `386M`, or `{size, registry, cached}`. Counts on nodes with `startUpStages`.
    pub image: Option<ImageForm>,
    /// Time from the start of the container until the application answers. Counts on nodes with `startUpStages`.
    pub application_start: Option<Distribution>,
    /// When the pod is asked whether it answers. Default: at once. Counts on nodes with `startUpStages`.
    pub readiness: Option<Readiness>,
    /// What of a host the pods need, which keeps them off virtual nodes.
    pub needs_host: Option<NeedsHost>,
    /// Whether the pods keep data in volumes of their node (`emptyDir`, `hostPath`), which keeps cluster-autoscaler from releasing it.
    #[serde(default)]
    pub local_storage: bool,
    /// Where the pods go.
    pub placement: Option<Placement>,
    /// Tolerations of the pods, as in Kubernetes.
    #[serde(default)]
    pub tolerations: Vec<Toleration>,
    /// Labels that a pod's node must carry.
    #[serde(default)]
    pub node_selector: BTreeMap<String, String>,
    /// Affinity of the pods, as in Kubernetes.
    pub affinity: Option<Affinity>,
    /// How evenly the pods are to be spread, as in Kubernetes.
    #[serde(default)]
    pub topology_spread_constraints: Vec<TopologySpreadConstraint>,
}
