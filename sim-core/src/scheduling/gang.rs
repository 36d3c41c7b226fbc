//! Gang scheduling, as the coscheduling plugin does it: nobody of a group of pods is bound before enough of them have a place.
//!
//! Source: kubernetes-sigs/scheduler-plugins, `pkg/coscheduling` (`PreFilter`, `PostFilter`, `Permit`), whose group is a `PodGroup`.

/// What becomes of a pod of a gang that has found a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permit {
    /// It is bound, and so are those that wait for it.
    Allow,
    /// It holds its place and waits for the others.
    Wait,
}

/// Whether a gang has pods enough to be worth a try: `siblings` exist, of which `min_member` have to be placed.
pub const fn may_start(min_member: u32, siblings: u32) -> bool {
    siblings >= min_member
}

/// What becomes of the pod that makes them `placed`: those that are bound, and those that hold a place, itself among them.
pub const fn permit(min_member: u32, placed: u32) -> Permit {
    if placed >= min_member { Permit::Allow } else { Permit::Wait }
}

/// Whether a pod that found no node has all others give their places back: not if enough are placed without it, nor if no more than a tenth is missing,
/// which is worth waiting for.
pub const fn gives_up(min_member: u32, placed: u32) -> bool {
    placed < min_member && (min_member - placed) as u64 * 10 > min_member as u64
}

#[cfg(test)]
mod tests {
    use super::{Permit, gives_up, may_start, permit};

    #[test]
    fn nobody_is_bound_before_the_minimum_has_a_place() {
        assert_eq!([(3, 2), (3, 3), (3, 4), (1, 1)].map(|(min, placed)| permit(min, placed)), [Permit::Wait, Permit::Allow, Permit::Allow, Permit::Allow]);
        assert_eq!([(3, 2), (3, 3)].map(|(min, siblings)| may_start(min, siblings)), [false, true]);
    }

    #[test]
    fn a_gang_gives_up_unless_it_is_almost_complete() {
        // 18 of 20 leaves a tenth, which is waited for; 17 of 20 and 8 of 9 leave more.
        assert_eq!([(20, 18), (20, 17), (9, 8), (10, 9), (8, 8), (8, 9)].map(|(min, placed)| gives_up(min, placed)), [false, true, true, false, false, false]);
    }
}
