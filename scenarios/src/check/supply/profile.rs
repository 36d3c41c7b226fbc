//! The `eci-profile`: which pods get which annotations, from when on.

use std::collections::BTreeMap;

use sim_core::plan::{PlanSupply, ProfileReload};
use sim_core::units::Time;

use super::super::{Context, code, names};
use crate::issue::Path;
use crate::spec::{self, MatchLabels, ProfileSelector, Scenario};

/// The label that every namespace carries.
const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// What the profile says over time; the first epoch begins with the run.
pub(super) struct Profile {
    pub(super) epochs: Vec<Epoch>,
}

/// What it says from some time on.
#[derive(Clone, Debug, Default)]
pub(super) struct Epoch {
    pub(super) from: Time,
    /// Where it is written.
    pub(super) path: Path,
    selectors: Vec<ProfileSelector>,
}

impl Epoch {
    /// The annotations of a pod: its own, then those of the first selector that matches, then those of later ones.
    pub(super) fn annotations(
        &self,
        own: &BTreeMap<String, String>,
        labels: &BTreeMap<String, String>,
        namespace: &str,
        namespace_labels: Option<&BTreeMap<String, String>>,
    ) -> BTreeMap<String, String> {
        let relevant = |key: &str| key.starts_with(super::annotations::PREFIX);
        let mut all: BTreeMap<String, String> = own.iter().filter(|(key, _)| relevant(key)).map(|(key, value)| (key.clone(), value.clone())).collect();
        let in_namespace = |key: &str, value: &str| {
            (key == NAMESPACE_NAME && value == namespace) || namespace_labels.is_some_and(|labels| labels.get(key).is_some_and(|found| found == value))
        };
        let matches = |wanted: Option<&MatchLabels>, holds: &dyn Fn(&str, &str) -> bool| {
            wanted.is_none_or(|wanted| wanted.match_labels.iter().all(|(key, value)| holds(key, value)))
        };
        for selector in &self.selectors {
            let is_pod = matches(selector.object_selector.as_ref(), &|key, value| labels.get(key).is_some_and(|found| found == value));
            if is_pod && matches(selector.namespace_selector.as_ref(), &in_namespace) {
                for (key, value) in selector.effect.annotations.iter().filter(|(key, _)| relevant(key)) {
                    all.entry(key.clone()).or_insert_with(|| value.clone());
                }
            }
        }
        all
    }
}

/// The profile over time, and its changes for the record.
pub(super) fn read(cx: &mut Context<'_>, scenario: &Scenario, supply: &mut PlanSupply) -> Profile {
    let path = Path::root().key("eciProfile");
    let Some(written) = &scenario.eci_profile else { return Profile { epochs: vec![Epoch { path, ..Epoch::default() }] } };
    for (i, name) in written.v_switch_ids.iter().enumerate() {
        if supply.vswitches.find(|known| known.name == *name).is_none() {
            names::unknown(cx, "vSwitch", name, scenario.v_switches.names(), &path.key("vSwitchIds").index(i));
        }
    }
    let mut epochs = vec![Epoch { from: Time::ZERO, path: path.key("selectors"), selectors: written.selectors.clone() }];
    for (i, reload) in written.reloads.iter().enumerate() {
        let place = path.key("reloads").index(i);
        if i > 0 && reload.at < written.reloads[i - 1].at {
            cx.issues.error(code::ORDER, place.key("at"), "changes are in order of time");
        }
        if reload.at.0 >= cx.duration {
            cx.issues.warning(code::NO_EFFECT, place.key("at"), "this change comes after the end of the run");
        }
        let at = Time::ZERO + reload.at.0;
        let error = match selectors(&reload.data) {
            Ok(selectors) => {
                epochs.push(Epoch { from: at, path: place.key("data"), selectors });
                unknown_vswitch(&reload.data, scenario)
            }
            Err(error) => Some(error),
        };
        supply.reloads.push(ProfileReload { at, error });
    }
    Profile { epochs }
}

fn unknown_vswitch(data: &BTreeMap<String, String>, scenario: &Scenario) -> Option<String> {
    let known = |name: &&str| scenario.v_switches.get(name).is_none();
    vswitch_ids(data).find(known).map(|name| format!("there is no vSwitch `{name}`"))
}

/// The subnets that virtual nodes have after a change; none if it says nothing of them, or cannot be read.
pub(in crate::check) fn new_vswitches(reload: &spec::ProfileReload) -> Option<Vec<&str>> {
    let ids: Vec<&str> = vswitch_ids(&reload.data).collect();
    (!ids.is_empty() && selectors(&reload.data).is_ok()).then_some(ids)
}

/// The subnets that a ConfigMap's data lists.
fn vswitch_ids(data: &BTreeMap<String, String>) -> impl Iterator<Item = &str> {
    data.get("vSwitchIds").into_iter().flat_map(|ids| ids.split(',')).map(str::trim).filter(|name| !name.is_empty())
}

/// The selectors of a ConfigMap's data: a JSON text.
pub(crate) fn selectors(data: &BTreeMap<String, String>) -> Result<Vec<ProfileSelector>, String> {
    let Some(text) = data.get("selectors").filter(|text| !text.trim().is_empty()) else { return Ok(Vec::new()) };
    serde_json::from_str(text).map_err(|error| format!("`selectors` is not what it should be: {error}"))
}
