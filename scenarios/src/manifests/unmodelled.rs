//! What a pod template says that changes placement or price in a real cluster and is not simulated: said aloud, because a silent difference would be
//! taken for a result.

use crate::check::code;
use crate::issue::{Issues, Path};
use crate::locate;
use crate::tree::Node;
use crate::wording::quote;

/// Fields of a pod that bind it, move it in the queue or keep it off instances, and what is done instead.
const FIELDS: [(&str, &str); 3] =
    [("nodeName", "the scheduler chooses the node"), ("runtimeClassName", "its overhead is not added"), ("schedulingGates", "pods are scheduled at once")];

/// Warns about everything in a pod template that matters and is not simulated. `spec` is what holds `template`.
pub(super) fn warn(root: &Node, spec: &Path, issues: &mut Issues) {
    let pod = spec.key("template").key("spec");
    for (field, instead) in FIELDS {
        let place = pod.clone().key(field);
        if locate::value(root, &place).is_some_and(|value| !matches!(value.text(), Some("false" | "0"))) {
            issues.warning(code::NOT_SIMULATED, place, format!("{} is not simulated: {instead}", quote(field))).on_key();
        }
    }
    check_selector(root, spec, issues);
}

/// The API server refuses an object whose selector does not match its own pods.
fn check_selector(root: &Node, spec: &Path, issues: &mut Issues) {
    let selector = spec.key("selector").key("matchLabels");
    let labels = spec.key("template").key("metadata").key("labels");
    let wanted = locate::value(root, &selector).and_then(Node::entries).unwrap_or_default();
    for (key, value) in wanted {
        let (Some(key), Some(value)) = (key.text(), value.text()) else { continue };
        let found = locate::value(root, &labels.clone().key(key)).and_then(Node::text);
        if found != Some(value) {
            let place: Path = selector.clone().key(key);
            issues.error(code::REFUSED, place, format!("the selector does not match the template's labels: no label {}", quote(&format!("{key}: {value}"))));
        }
    }
}
