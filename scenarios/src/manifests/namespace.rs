//! Namespaces.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::object::Object;
use super::origins::{Origins, path};
use crate::decode;
use crate::issue::{Issues, Path};
use crate::spec::{Namespace, Scenario};
use crate::tree::Node;

/// A namespace with its name, and where it comes from.
pub(super) struct Named {
    document: usize,
    name: String,
    namespace: Namespace,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    metadata: Metadata,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

/// Reads a Namespace.
pub(super) fn read(document: usize, object: &Object, root: &Node, issues: &mut Issues) -> Option<Named> {
    let Metadata { labels, annotations } = decode::decode_known::<Manifest>(root, issues)?.metadata;
    Some(Named { document, name: object.metadata.name.clone(), namespace: Namespace { labels, annotations } })
}

impl Named {
    /// Adds it to the scenario, whose own entry of the same name wins.
    pub(super) fn add(self, scenario: &mut Scenario, origins: &mut Origins) {
        if scenario.namespaces.get(&self.name).is_none() {
            origins.add(Path::root().key("namespaces").key(&self.name), self.document, path("metadata"));
            scenario.namespaces.0.push((self.name, self.namespace));
        }
    }
}
