//! The lives of pods, as small as they can be kept: rows of the record and of the ledger are made from them when somebody looks.

use std::collections::BTreeMap;

use crate::cluster::{Cause, Phase};
use crate::id::Id;
use crate::plan::{Node, NodeKind, Plan};
use crate::record::{PodRow, StageCell};
use crate::units::{Resources, Time};

/// Every pod of a run, in the order of creation.
#[derive(Clone, Debug)]
pub(crate) struct Lives {
    pub(crate) pods: Vec<Life>,
    pub(crate) names: Names,
}

/// A pod's life.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    /// CPU that it used, in milliCPU-nanoseconds: upper and lower half, so that a life is laid out like the pod that it takes the place of.
    pub(crate) used_milli_ns: [u64; 2],
    /// Its workload's place among services, then jobs.
    pub(crate) workload: u32,
    /// The submission of its job; none for a service's.
    pub(crate) run: Option<u32>,
    pub(crate) number: u32,
    pub(crate) class: u32,
    pub(crate) node: Option<Id<Node>>,
    pub(crate) zone: Text,
    pub(crate) spec: Text,
    pub(crate) reason: Text,
    pub(crate) phase: Phase,
    pub(crate) preexisting: bool,
    pub(crate) cause: Option<Cause>,
    pub(crate) created: Time,
    pub(crate) scheduled: Option<Time>,
    pub(crate) starting: Option<Time>,
    pub(crate) ready: Option<Time>,
    pub(crate) terminating: Option<Time>,
    pub(crate) ended: Option<Time>,
    /// When what it ran on stopped under it, if that was before it ended.
    pub(crate) stopped: Option<Time>,
    /// The stages of its start-up, where they are known: in the order of the columns.
    pub(crate) stages: Option<Box<[StageCell; 7]>>,
}

/// What lives refer to.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// Name and namespace, services before jobs.
    pub(crate) workloads: Vec<(String, String)>,
    pub(crate) nodes: Vec<NodeNames>,
    texts: Vec<String>,
    places: BTreeMap<String, Text>,
    /// What a pod requests, by class.
    pub(crate) requests: Vec<Resources>,
}

/// What a node is called, and where it is.
#[derive(Clone, Debug)]
pub(crate) struct NodeNames {
    pub(crate) name: String,
    pub(crate) tier: String,
    pub(crate) is_virtual: bool,
}

/// A text that many pods share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text(u32);

impl Names {
    /// The names of a plan.
    pub(crate) fn of(plan: &Plan) -> Self {
        let workload = |place| (plan.workload_name(place).to_owned(), plan.template(place).namespace.clone());
        let node = |node: &Node| NodeNames {
            name: node.name.clone(),
            tier: plan.tiers[node.tier].name.clone(),
            is_virtual: matches!(node.kind, NodeKind::Virtual(_)),
        };
        Self {
            workloads: (0..plan.workload_count()).map(workload).collect(),
            nodes: plan.nodes.values().map(node).collect(),
            texts: vec![String::new()],
            places: BTreeMap::new(),
            requests: (0..plan.class_count()).map(|class| plan.template(class).requests).collect(),
        }
    }

    /// Keeps a text.
    pub(crate) fn keep(&mut self, text: &str) -> Text {
        if text.is_empty() {
            return Text(0);
        }
        if let Some(known) = self.places.get(text) {
            return *known;
        }
        let place = Text(self.texts.len() as u32);
        self.texts.push(text.to_owned());
        self.places.insert(text.to_owned(), place);
        place
    }

    fn text(&self, text: Text) -> &str {
        &self.texts[text.0 as usize]
    }
}

impl Life {
    /// CPU that it used, in milliCPU-nanoseconds.
    pub(crate) const fn used_milli_ns(&self) -> u128 {
        (self.used_milli_ns[0] as u128) << 64 | self.used_milli_ns[1] as u128
    }
}

impl Lives {
    /// A pod's name.
    pub(crate) fn name(&self, life: &Life) -> String {
        let (workload, _) = &self.names.workloads[life.workload as usize];
        match life.run {
            None => format!("{workload}-{}", life.number),
            Some(run) => format!("{workload}-{run}-{}", life.number),
        }
    }

    /// The node that a pod is or was on.
    pub(crate) fn node(&self, life: &Life) -> Option<&NodeNames> {
        life.node.map(|node| &self.names.nodes[node.index()])
    }

    /// Its zone.
    pub(crate) fn zone(&self, life: &Life) -> &str {
        self.names.text(life.zone)
    }

    /// All pods as rows of the record.
    pub(crate) fn rows(&self) -> Vec<PodRow> {
        self.pods.iter().map(|life| self.row(life)).collect()
    }

    fn row(&self, life: &Life) -> PodRow {
        let at = |time: Option<Time>| time.map(Time::as_secs_f64);
        let (workload, namespace) = &self.names.workloads[life.workload as usize];
        let node = self.node(life);
        let [scheduling_s, sandbox_s, pull_s, application_s, readiness_s, load_balancer_s, provisioning_s] =
            life.stages.as_deref().copied().unwrap_or_default();
        PodRow {
            pod: self.name(life),
            workload: workload.clone(),
            namespace: namespace.clone(),
            node: node.map_or_else(String::new, |node| node.name.clone()),
            tier: node.map_or_else(String::new, |node| node.tier.clone()),
            zone: self.zone(life).to_owned(),
            spec: self.names.text(life.spec).to_owned(),
            phase: life.phase.name().to_owned(),
            created: life.created.as_secs_f64(),
            scheduled: at(life.scheduled),
            starting: at(life.starting),
            ready: at(life.ready),
            terminating: at(life.terminating),
            ended: at(life.ended),
            reason: self.names.text(life.reason).to_owned(),
            scheduling_s,
            sandbox_s,
            pull_s,
            application_s,
            readiness_s,
            load_balancer_s,
            provisioning_s,
            stopped: at(life.stopped),
        }
    }
}
