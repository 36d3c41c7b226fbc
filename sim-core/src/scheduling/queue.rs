//! Pods without a node, first come first served over all workloads.

use std::collections::VecDeque;

use crate::cluster::Pod;
use crate::id::Id;

/// The scheduling queue. Pods of one workload are alike, so when one finds no node, its siblings need not be tried in the same cycle.
#[derive(Clone, Debug, Default)]
pub struct PendingQueue {
    /// By workload: its pods with their place in the whole queue.
    lines: Vec<VecDeque<(u64, Id<Pod>)>>,
    next: u64,
}

impl PendingQueue {
    /// An empty queue for this many workloads.
    pub fn new(workloads: usize) -> Self {
        Self { lines: vec![VecDeque::new(); workloads], next: 0 }
    }

    /// Appends a pod of a workload.
    pub fn push(&mut self, workload: usize, pod: Id<Pod>) {
        self.lines[workload].push_back((self.next, pod));
        self.next += 1;
    }

    /// The oldest pod among workloads that are not marked `stuck`.
    pub fn first(&self, stuck: &[bool]) -> Option<(usize, Id<Pod>)> {
        let heads = self
            .lines
            .iter()
            .enumerate()
            .filter(|(workload, _)| !stuck[*workload])
            .filter_map(|(workload, line)| line.front().map(|head| (head.0, workload, head.1)));
        heads.min_by_key(|head| head.0).map(|(_, workload, pod)| (workload, pod))
    }

    /// Takes the oldest pod of a workload out.
    pub fn pop(&mut self, workload: usize) {
        self.lines[workload].pop_front();
    }

    /// Keeps only the pods of a workload that satisfy `keep`.
    pub fn retain(&mut self, workload: usize, keep: impl Fn(Id<Pod>) -> bool) {
        self.lines[workload].retain(|entry| keep(entry.1));
    }
}
