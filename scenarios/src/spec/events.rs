//! What somebody does to the cluster during the run, in the vocabulary of kubectl.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::distribution::Distribution;
use super::placement::Placement;
use super::placement::Toleration;
use super::supply::{ImageForm, Readiness};
use super::workload::Amounts;
use crate::text::Duration;

/// A namespace.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Namespace {
    /// Labels. `alibabacloud.com/eci: "true"` sends all its new pods to virtual nodes.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Annotations. `alibabacloud.com/eci: "true"` has the same effect as the label; the console sets it.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

/// Something that is done to the cluster at an instant.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub enum Event {
    /// Changes the number of pods of a service, like `kubectl scale`: `{scale: {at: 10m, service: web, replicas: 30}}`.
    Scale(Scale),
    /// Deletes pods, like `kubectl delete pod`; their controller replaces them: `{deletePod: {at: 20m, service: web, tier: ecs}}`.
    DeletePod(DeletePod),
    /// Changes the pods of a service, like `kubectl apply` with a new template: `{rollout: {at: 10m, service: web, requests: {cpu: 1}}}`. The service's
    /// `strategy` says how they are exchanged.
    Rollout(Box<Rollout>),
    /// Goes back to an earlier template, like `kubectl rollout undo`: `{undoRollout: {at: 20m, service: web}}`.
    UndoRollout(UndoRollout),
    /// Stops rollouts of a service where they are, like `kubectl rollout pause`.
    PauseRollout(OfService),
    /// Lets them go on, like `kubectl rollout resume`.
    ResumeRollout(OfService),
    /// Suspends a job: its pods are deleted, and its deadline stops. A CronJob submits nothing any more: `{suspendJob: {at: 10m, job: train}}`.
    SuspendJob(OfJob),
    /// Lets it go on. A CronJob makes up for the last submission that it missed, as far as its `startingDeadline` lets it.
    ResumeJob(OfJob),
    /// Lets a node take no new pods, like `kubectl cordon`: `{cordon: {at: 10m, node: ecs-1}}`.
    Cordon(OfNode),
    /// Lets it take them again, like `kubectl uncordon`.
    Uncordon(OfNode),
    /// Empties a node, like `kubectl drain`: `{drain: {at: 10m, node: ecs-1}}`. It takes no new pods, and its pods are evicted as disruption budgets
    /// allow, every 5 s.
    Drain(OfNode),
    /// Drains a node, and lets it take pods again some time later: `{maintenance: {at: 10m, node: ecs-1, for: 30m}}`.
    Maintenance(Maintenance),
    /// Gives a service another placement, like `kubectl apply` of another policy: `{apply: {at: 1h, service: web, placement: {prefer: [ecs, eci]}}}`.
    /// New pods follow it; running ones stay as far as it lets them.
    Apply(Box<Apply>),
    /// Changes the labels of a node or namespace, like `kubectl label`: `{label: {at: 5m, namespace: shop, labels: {alibabacloud.com/eci: "true"}}}`.
    /// Pods that run on a node that no longer suits them stay there.
    Label(Label),
    /// Changes the annotations of a namespace, like `kubectl annotate`: `{annotate: {at: 5m, namespace: shop, annotations: {alibabacloud.com/eci: "true"}}}`.
    Annotate(Annotate),
}

/// A change of the number of pods of a service.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Scale {
    /// When.
    pub at: Duration,
    /// Service.
    pub service: String,
    /// New number of pods.
    pub replicas: u32,
}

/// A new template: what is left out stays as it was at the start.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Rollout {
    /// When.
    pub at: Duration,
    /// Service.
    pub service: String,
    /// Requests, resource by resource.
    #[serde(default)]
    pub requests: Amounts,
    /// Limits, resource by resource.
    #[serde(default)]
    pub limits: Amounts,
    /// Labels of the pods, key by key.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Labels that a pod's node must carry, instead of those at the start.
    pub node_selector: Option<BTreeMap<String, String>>,
    /// Tolerations, instead of those at the start.
    pub tolerations: Option<Vec<Toleration>>,
    /// Annotations of the pods, key by key.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// Image, instead of the one at the start.
    pub image: Option<ImageForm>,
    /// Time from the start of the container until the application answers, instead of that at the start.
    pub application_start: Option<Distribution>,
    /// When the pod is asked whether it answers, instead of the probe at the start.
    pub readiness: Option<Readiness>,
    /// How fast the pods work relative to the service's `serviceTime`: 0.5 for a release that takes twice as long. Default: 1.
    pub speed: Option<f64>,
}

/// A way back to an earlier template.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct UndoRollout {
    /// When.
    pub at: Duration,
    /// Service.
    pub service: String,
    /// The revision to go back to, counted from 1, which is the template at the start. Default: the one before.
    pub to_revision: Option<u32>,
}

/// An instant and a service.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct OfService {
    /// When.
    pub at: Duration,
    /// Service.
    pub service: String,
}

/// An instant and a job.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct OfJob {
    /// When.
    pub at: Duration,
    /// Job.
    pub job: String,
}

/// An instant and a node.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct OfNode {
    /// When.
    pub at: Duration,
    /// Name of a node; of a group with a `count`, `NAME-1` and so on.
    pub node: String,
}

/// Maintenance of a node.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Maintenance {
    /// When it is drained.
    pub at: Duration,
    /// Name of a node; of a group with a `count`, `NAME-1` and so on.
    pub node: String,
    /// How long until it takes pods again.
    pub r#for: Duration,
}

/// Pods to delete: the oldest that match.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct DeletePod {
    /// When.
    pub at: Duration,
    /// Service that the pods belong to.
    pub service: String,
    /// Only pods in this tier.
    pub tier: Option<String>,
    /// Only pods on this node.
    pub node: Option<String>,
    /// How many.
    #[serde(default = "one")]
    pub count: u32,
}

/// Another placement of a service.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Apply {
    /// When.
    pub at: Duration,
    /// Service.
    pub service: String,
    /// Where its pods go from now on.
    pub placement: Placement,
    /// Name of the policy, for reasons.
    pub policy: Option<String>,
}

/// A change of labels. Exactly one of `node` and `namespace` says whose.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Label {
    /// When.
    pub at: Duration,
    /// Name of a node; of a group with a `count`, `NAME-1` and so on.
    pub node: Option<String>,
    /// Name of a namespace.
    pub namespace: Option<String>,
    /// Labels to set.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Keys of labels to remove.
    #[serde(default)]
    pub remove: Vec<String>,
}

/// A change of annotations.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Annotate {
    /// When.
    pub at: Duration,
    /// Name of a namespace.
    pub namespace: String,
    /// Annotations to set.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// Keys of annotations to remove.
    #[serde(default)]
    pub remove: Vec<String>,
}

const fn one() -> u32 {
    1
}
