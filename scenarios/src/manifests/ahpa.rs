//! `AdvancedHorizontalPodAutoscalers` of ACK (`autoscaling.alibabacloud.com/v1beta1`). A manifest does not say how much load a replica is for: that follows
//! from its CPU target.

use serde::Deserialize;
use sim_core::units::Span;

use super::Known;
use super::autoscaler::{self, Scaler};
use super::object::Object;
use super::origins::{Origins, path};
use super::target::Target;
use crate::calendar::Cron;
use crate::check::code;
use crate::decode;
use crate::issue::Issues;
use crate::spec::{Autoscaler, InstanceBound, Metric, Predictive, PredictiveMode, Scenario};
use crate::text::{Share, Text};
use crate::tree::Node;
use crate::wording::quote;

/// An AHPA and the Deployment it is for.
pub(super) struct Ahpa {
    document: usize,
    name: String,
    namespace: String,
    target: Target,
    spec: Predictive,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    spec: AhpaSpec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AhpaSpec {
    scale_strategy: Option<String>,
    scale_target_ref: Target,
    #[serde(default)]
    metrics: Vec<Metric>,
    max_replicas: u32,
    min_replicas: Option<u32>,
    prediction: Option<Prediction>,
    #[serde(default)]
    instance_bounds: Vec<Bounds>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Prediction {
    quantile: Option<f64>,
    scale_up_forward: Option<u32>,
}

#[derive(Debug, Deserialize)]
struct Bounds {
    bounds: Vec<Bound>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bound {
    cron: Text<Cron>,
    min_replicas: u32,
    max_replicas: u32,
}

/// Reads an AHPA.
pub(super) fn read(document: usize, object: &Object, root: &Node, issues: &mut Issues) -> Option<Ahpa> {
    let written = decode::decode_known::<Manifest>(root, issues)?.spec;
    let mode = match written.scale_strategy.as_deref() {
        None | Some("observer") => PredictiveMode::Observer,
        Some("auto") => PredictiveMode::Auto,
        Some("proactive") => PredictiveMode::Proactive,
        Some("reactive") => PredictiveMode::Reactive,
        Some(other) => {
            let message = format!("there is no strategy {}", quote(other));
            issues.error(code::UNSUPPORTED, path("spec.scaleStrategy"), message).with_help("there are `auto`, `observer`, `proactive` and `reactive`");
            return None;
        }
    };
    let prediction = written.prediction.unwrap_or(Prediction { quantile: None, scale_up_forward: None });
    if prediction.quantile.is_some_and(|quantile| !(0.0..=1.0).contains(&quantile)) {
        issues.error(code::REFUSED, path("spec.prediction.quantile"), "a quantile lies between 0 and 1");
    }
    let bound = |bound: Bound| InstanceBound { cron: bound.cron, min: bound.min_replicas, max: bound.max_replicas };
    let spec = Predictive {
        min: written.min_replicas,
        max: written.max_replicas,
        mode: Some(mode),
        quantile: prediction.quantile.map(|quantile| Text(Share(quantile))),
        scale_up_forward: Text(Span::from_secs(u64::from(prediction.scale_up_forward.unwrap_or(0)))),
        bounds: written.instance_bounds.into_iter().flat_map(|bounds| bounds.bounds).map(bound).collect(),
        metrics: written.metrics,
        ..Predictive::default()
    };
    let (name, namespace) = (object.metadata.name.clone(), object.namespace().to_owned());
    Some(Ahpa { document, name, namespace, target: written.scale_target_ref, spec })
}

/// Gives an AHPA to its Deployment, unless the scenario has an autoscaler for it.
pub(super) fn attach(scenario: &mut Scenario, ahpa: Ahpa, origins: &mut Origins, known: &Known, issues: &mut Issues) {
    let Ahpa { document, name, namespace, target, spec } = ahpa;
    let scaler = Scaler { what: "AHPA", document, name: &name, namespace: &namespace, target: (&target.kind, &target.name) };
    let fields = [("min", "minReplicas"), ("max", "maxReplicas"), ("metrics", "metrics"), ("bounds", "instanceBounds")];
    autoscaler::attach(scenario, &scaler, ("predictive", Autoscaler::Predictive(Box::new(spec))), &fields, origins, known, issues);
}
