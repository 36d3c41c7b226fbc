//! What somebody does to the cluster during the run, in the vocabulary of kubectl.

use std::collections::BTreeMap;

use serde::Deserialize;

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
