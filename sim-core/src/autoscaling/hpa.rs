//! HorizontalPodAutoscaler v2, as kube-controller-manager runs it.
//!
//! Everything here is a pure function from what the controller would see to a decision with its reason.

mod spec;

pub use spec::{Behavior, HpaConfig, HpaSpec, MetricSpec, PolicyKind, ResourceName, ScalingPolicy, ScalingRules, SelectPolicy, Target};
