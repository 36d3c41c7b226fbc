//! The ConfigMap `kube-system/eci-profile`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::object::Object;
use super::origins::path;
use crate::check::{code, selectors};
use crate::decode;
use crate::issue::Issues;
use crate::spec::EciProfile;
use crate::tree::Node;

#[derive(Debug, Deserialize)]
struct Manifest {
    #[serde(default)]
    data: BTreeMap<String, String>,
}

/// Whether a ConfigMap is the one that the component reads.
pub(super) fn is_profile(object: &Object) -> bool {
    object.metadata.name == "eci-profile" && object.namespace() == "kube-system"
}

/// Reads the profile. Selectors that cannot be read leave the component without any, as in a cluster.
pub(super) fn read(root: &Node, issues: &mut Issues) -> Option<EciProfile> {
    let manifest: Manifest = decode::decode_known(root, issues)?;
    let ids = manifest.data.get("vSwitchIds").map(String::as_str).unwrap_or_default();
    let v_switch_ids = ids.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let selectors = selectors(&manifest.data).unwrap_or_else(|error| {
        issues.warning(code::NOT_SIMULATED, path("data.selectors"), format!("the component reads no selectors: {error}"));
        Vec::new()
    });
    Some(EciProfile { v_switch_ids, selectors, reloads: Vec::new() })
}
