//! Topologies: nodes with the same value of a label are one domain.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::id::{Id, Table};
use crate::plan::Node;

/// Stands for the domain of a node without the label.
const NONE: u32 = u32::MAX;

/// The domains of one label.
#[derive(Debug)]
pub struct Topology {
    /// By node.
    domains: Vec<u32>,
    count: u32,
}

impl Topology {
    fn by_value(key: &str, nodes: &Table<Node>) -> Self {
        let mut known = BTreeMap::new();
        let mut domain = |value| {
            let next = known.len() as u32;
            *known.entry(value).or_insert(next)
        };
        let domains = nodes.values().map(|node| node.labels.get(key).map_or(NONE, &mut domain)).collect();
        Self { domains, count: known.len() as u32 }
    }

    fn by_node(key: &str, nodes: &Table<Node>) -> Self {
        let domains = nodes.iter().map(|(id, node)| if node.labels.contains_key(key) { id.index() as u32 } else { NONE }).collect();
        Self { domains, count: nodes.len() as u32 }
    }

    /// The domain that a node is in; none if it lacks the label.
    pub fn domain(&self, node: Id<Node>) -> Option<usize> {
        let domain = self.domains[node.index()];
        (domain != NONE).then_some(domain as usize)
    }

    /// Number of domains.
    pub const fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether every node is a domain of its own.
    pub fn has_every_node(&self) -> bool {
        self.domains.len() == self.count as usize && self.domains.last().is_none_or(|last| *last + 1 == self.count) && !self.domains.contains(&NONE)
    }

    /// Whether no node has the label.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// The topologies of an estate, each worked out once.
#[derive(Debug)]
pub struct Topologies<'n> {
    nodes: &'n Table<Node>,
    by_value: BTreeMap<String, Rc<Topology>>,
    by_node: BTreeMap<String, Rc<Topology>>,
}

impl<'n> Topologies<'n> {
    /// The topologies of these nodes.
    pub const fn new(nodes: &'n Table<Node>) -> Self {
        Self { nodes, by_value: BTreeMap::new(), by_node: BTreeMap::new() }
    }

    /// The nodes.
    pub const fn nodes(&self) -> &'n Table<Node> {
        self.nodes
    }

    /// The topology of a label.
    pub fn get(&mut self, key: &str) -> Rc<Topology> {
        Rc::clone(self.by_value.entry(key.to_owned()).or_insert_with(|| Rc::new(Topology::by_value(key, self.nodes))))
    }

    /// The topology in which every node that has the label is a domain of its own.
    pub fn nodes_with(&mut self, key: &str) -> Rc<Topology> {
        Rc::clone(self.by_node.entry(key.to_owned()).or_insert_with(|| Rc::new(Topology::by_node(key, self.nodes))))
    }
}
