//! Whether a node has room (the filter of kube-scheduler's NodeResourcesFit).

use super::filter::Verdict;
use crate::units::{EXTENDED_MAX, Resource, Resources};

/// The extended resources that the filter passes over, by place.
pub type Ignored = [bool; EXTENDED_MAX];

/// The resources of these `names` that a configuration tells the filter to pass over, by name or by the group before the slash.
pub fn ignored(names: &[String], resources: &[String], groups: &[String]) -> Ignored {
    let is_ignored = |name: &String| resources.contains(name) || name.split_once('/').is_some_and(|(group, _)| groups.iter().any(|ignored| ignored == group));
    std::array::from_fn(|place| names.get(place).is_some_and(is_ignored))
}

/// A resource that a node has too little of for one more pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// Which one.
    pub resource: Resource,
    /// What the pod requests.
    pub requested: u64,
    /// What the pods on the node request.
    pub used: u64,
    /// What the node has for pods.
    pub capacity: u64,
}

impl Shortage {
    /// Whether other pods are in the way, or the node is too small even for this one alone.
    pub const fn verdict(&self) -> Verdict {
        if self.requested > self.capacity { Verdict::UnschedulableAndUnresolvable } else { Verdict::Unschedulable }
    }
}

/// What is missing for a pod that requests `wanted` on a node where `used` of `capacity` is taken; CPU and memory first.
///
/// What the pod does not request cannot be short, even on a node that is over-committed.
pub fn shortages(wanted: Resources, used: Resources, capacity: Resources, ignored: Ignored) -> impl Iterator<Item = Shortage> {
    let extended = (0..EXTENDED_MAX).filter(move |place| !ignored[*place]).map(|place| Resource::Extended(place as u8));
    [Resource::Cpu, Resource::Memory].into_iter().chain(extended).filter_map(move |resource| {
        let shortage = Shortage { resource, requested: wanted.get(resource), used: used.get(resource), capacity: capacity.get(resource) };
        let free = shortage.capacity.saturating_sub(shortage.used);
        (shortage.requested > free).then_some(shortage)
    })
}

/// Whether nothing is missing.
pub fn fits(wanted: Resources, used: Resources, capacity: Resources) -> bool {
    wanted.fits_in(capacity.saturating_sub(used))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Ignored, fits, ignored, shortages};
    use crate::units::{Bytes, MilliCpu, Resources};

    #[test]
    fn names_and_groups_are_ignored() {
        let names = ["a.com/x", "b.com/y", "hugepages-2Mi"].map(String::from);
        assert_eq!(ignored(&names, &["b.com/y".into()], &[]), [false, true, false, false]);
        assert_eq!(ignored(&names, &[], &["a.com".into(), "hugepages-2Mi".into()]), [true, false, false, false]);
    }

    proptest! {
        #[test]
        fn a_pod_fits_where_nothing_is_short(amounts in prop::array::uniform3((0u64..4, 0u64..4, 0u64..4))) {
            let resources = amounts.map(|(cpu, memory, extended)| Resources { extended: [0, extended, 0, 0], ..Resources::new(MilliCpu(cpu), Bytes(memory)) });
            let [wanted, used, capacity] = resources;
            prop_assert_eq!(fits(wanted, used, capacity), shortages(wanted, used, capacity, Ignored::default()).next().is_none());
        }
    }
}
