//! What all Kubernetes objects have in common.

use serde::Deserialize;

use crate::check::code;
use crate::decode;
use crate::issue::{Issues, Path};
use crate::tree::{Kind, Node};
use crate::wording::quote;

/// The head of an object.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Object {
    #[serde(default)]
    pub(super) api_version: String,
    #[serde(default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) metadata: Metadata,
}

/// Name and namespace.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Metadata {
    #[serde(default)]
    pub(super) name: String,
    pub(super) namespace: Option<String>,
}

impl Object {
    /// The head of a document; nothing, with an issue, if it is no Kubernetes object.
    pub(super) fn read(document: &Node, issues: &mut Issues) -> Option<Self> {
        let object: Self = decode::decode_known(document, issues)?;
        if object.kind.is_empty() || object.api_version.is_empty() {
            issues.error(code::NOT_AN_OBJECT, Path::root(), "a Kubernetes object has `apiVersion` and `kind`");
            return None;
        }
        if object.metadata.name.is_empty() {
            issues.error(code::NOT_AN_OBJECT, Path::root().key("metadata"), format!("this {} has no `metadata.name`", quote(&object.kind)));
            return None;
        }
        Some(object)
    }

    /// `apps` of `apps/v1`, empty for the core group.
    pub(super) fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// `v1` of `apps/v1`.
    pub(super) fn version(&self) -> &str {
        self.api_version.split_once('/').map_or(self.api_version.as_str(), |(_, version)| version)
    }

    /// The namespace.
    pub(super) fn namespace(&self) -> &str {
        self.metadata.namespace.as_deref().unwrap_or("default")
    }
}

/// The items of a `List`, or the document itself.
pub(super) fn split_list(document: Node) -> Vec<Node> {
    let is_list = document.get("kind").and_then(Node::text) == Some("List");
    match document.get("items").and_then(Node::elements) {
        Some(items) if is_list => items.iter().filter(|item| matches!(item.kind, Kind::Mapping(_))).cloned().collect(),
        _ => vec![document],
    }
}
