//! Feature gates that change what an autoscaler may do.

use std::collections::BTreeMap;

use sim_core::plan::KubernetesVersion;

use super::{Context, code, names};
use crate::issue::Path;
use crate::spec::Kubernetes;

/// A gate that exists from a minor release on, and is on by default from another one on, if ever.
struct Gate {
    name: &'static str,
    exists: u32,
    on: Option<u32>,
}

/// The gates that matter here, by the releases of their stages.
const GATES: [Gate; 3] = [
    Gate { name: "HPAScaleToZero", exists: 16, on: None },
    Gate { name: "HPAContainerMetrics", exists: 20, on: Some(27) },
    // On by default from 1.35 on; before, whoever writes the field is taken to have turned the gate on.
    Gate { name: "HPAConfigurableTolerance", exists: 33, on: Some(33) },
];

/// Which gates are on.
#[derive(Clone, Debug, Default)]
pub(super) struct Gates(BTreeMap<&'static str, bool>);

impl Gates {
    /// Whether a gate is on.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.get(name).copied().unwrap_or(false)
    }
}

/// The gates of a release, with those that the scenario sets.
pub(super) fn read(cx: &mut Context<'_>, written: &Kubernetes, version: KubernetesVersion) -> Gates {
    let path = Path::root().key("kubernetes").key("featureGates");
    for (name, on) in &written.feature_gates {
        let place = path.key(name);
        match GATES.iter().find(|gate| gate.name == name) {
            None => {
                names::unknown(cx, "feature gate", name, GATES.iter().map(|gate| gate.name), &place).on_key();
            }
            Some(gate) if *on && version.minor < gate.exists => {
                cx.issues.error(code::UNSUPPORTED, &place, format!("this gate exists from 1.{} on", gate.exists)).on_key();
            }
            Some(_) => {}
        }
    }
    let state = |gate: &Gate| {
        let usual = gate.on.is_some_and(|minor| version.minor >= minor);
        (gate.name, version.minor >= gate.exists && written.feature_gates.get(gate.name).copied().unwrap_or(usual))
    };
    Gates(GATES.iter().map(state).collect())
}
