//! Which of several pools grows.

use crate::plan::Expander;
use crate::units::Resources;

/// A pool that could grow, and what that would bring.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExpansionOption {
    /// The pool.
    pub pool: usize,
    /// New nodes.
    pub nodes: u32,
    /// Pods that find room there.
    pub pods: u32,
    /// What these request together.
    pub requested: Resources,
    /// What one new node has installed.
    pub capacity: Resources,
    /// What one costs an hour.
    pub hourly: f64,
    /// The pool's priority.
    pub priority: i32,
}

/// The option that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Its place among the options.
    pub place: usize,
    /// What decided last; none if there was only one option.
    pub by: Option<Expander>,
}

/// A GiB in terms of a vCPU, as cluster-autoscaler's pricing of Google's machines has it: 0.004446 to 0.033174 an hour. Only the ratio counts.
const GIB_PER_VCPU: f64 = 0.004_446 / 0.033_174;

impl ExpansionOption {
    /// The share of CPU plus the share of memory that stays unused.
    pub fn waste(&self) -> f64 {
        let unused = |asked: u64, each: u64| {
            let there = each as f64 * f64::from(self.nodes);
            if there > 0.0 { (there - asked as f64) / there } else { 0.0 }
        };
        unused(self.requested.cpu.0, self.capacity.cpu.0) + unused(self.requested.memory.0, self.capacity.memory.0)
    }

    /// What the new nodes cost for each vCPU that the pods request, memory counted in terms of it. Pods that request nothing make no pool a good one.
    pub fn cost(&self) -> f64 {
        let gib = self.requested.memory.0 as f64 / f64::from(1 << 30);
        let worth = self.requested.cpu.0 as f64 / 1000.0 + GIB_PER_VCPU * gib;
        if worth > 0.0 { self.hourly * f64::from(self.nodes) / worth } else { f64::INFINITY }
    }

    /// How good the option is for an expander: the less the better.
    pub fn rank(&self, by: Expander) -> f64 {
        match by {
            Expander::Random => 0.0,
            Expander::MostPods => -f64::from(self.pods),
            Expander::LeastWaste => self.waste(),
            Expander::Price => self.cost(),
            Expander::Priority => -f64::from(self.priority),
            Expander::LeastNodes => f64::from(self.nodes),
        }
    }
}

/// The option that the expanders leave, each among those that the one before left; between equal ones `draw` decides, which gives a number below its
/// argument. None without options.
pub fn choose(options: &[ExpansionOption], expanders: &[Expander], draw: impl FnOnce(usize) -> usize) -> Option<Chosen> {
    let mut left: Vec<usize> = (0..options.len()).collect();
    let mut by = None;
    for expander in expanders.iter().filter(|expander| **expander != Expander::Random) {
        if left.len() < 2 {
            break;
        }
        let best = left.iter().map(|place| options[*place].rank(*expander)).min_by(f64::total_cmp)?;
        left.retain(|place| options[*place].rank(*expander).total_cmp(&best).is_le());
        by = Some(*expander);
    }
    match left.len() {
        0 => None,
        1 => Some(Chosen { place: left[0], by }),
        several => Some(Chosen { place: left[draw(several)], by: Some(Expander::Random) }),
    }
}

#[cfg(test)]
mod tests {
    use super::{ExpansionOption, choose};
    use crate::plan::Expander::{LeastNodes, LeastWaste, MostPods, Price, Priority, Random};
    use crate::units::{Bytes, MilliCpu, Resources};

    fn option(pool: usize, (nodes, pods): (u32, u32), asked: (u64, u64), each: (u64, u64), hourly: f64) -> ExpansionOption {
        let size = |(cores, gib)| Resources::new(MilliCpu(1000 * cores), Bytes::from_gib(gib));
        ExpansionOption { pool, nodes, pods, requested: size(asked), capacity: size(each), hourly, priority: 0 }
    }

    #[test]
    fn each_expander_has_its_own_favourite() {
        // Ten pods of 1 core and 2 GiB: 2 nodes of 8 cores, 16 GiB; 1 of 16, 64; 3 of 4, 8 for nine of them... by hand:
        // waste 6/16 + 12/32 = 0.75; 6/16 + 44/64 = 1.0625; 2/12 + 4/24 = 0.3333 for ten pods.
        let options = [option(0, (2, 10), (10, 20), (8, 16), 1.0), option(1, (1, 10), (10, 20), (16, 64), 1.5), option(2, (3, 9), (9, 18), (4, 8), 0.7)];
        let chosen = |by: &[crate::plan::Expander]| choose(&options, by, |_| 0).unwrap().place;
        assert_eq!(chosen(&[LeastWaste]), 2);
        assert_eq!(chosen(&[LeastNodes]), 1);
        assert_eq!(chosen(&[MostPods]), 0, "the first two are equal, and chance takes the first here");
        assert_eq!(chosen(&[MostPods, LeastWaste]), 0);
        assert_eq!(chosen(&[MostPods, LeastNodes]), 1);
        // 2.0 and 1.5 for the same pods, 2.1 for fewer.
        assert_eq!(chosen(&[Price]), 1);
        assert_eq!(choose(&options, &[Random], |n| n - 1).unwrap().place, 2);
        let mut ranked = options;
        ranked[2].priority = 10;
        assert_eq!(choose(&ranked, &[Priority], |_| 0).unwrap().by, Some(Priority));
        assert_eq!(choose(&ranked, &[Priority], |_| 0).unwrap().place, 2);
        assert_eq!(choose(&[], &[Priority], |_| 0), None);
    }
}
