//! Worked by hand from the rules; those with a name of Kubernetes' own test are its cases.

use super::{DeploymentView, ReplicaSet, Resize, Strategy, Why, annotations, is_complete, sync};
use crate::units::IntOrPercent;

fn rolling(max_surge: IntOrPercent, max_unavailable: IntOrPercent) -> Strategy {
    Strategy::RollingUpdate { max_surge, max_unavailable }
}

fn pods(max_surge: u32, max_unavailable: u32) -> Strategy {
    rolling(IntOrPercent::Int(max_surge), IntOrPercent::Int(max_unavailable))
}

/// A set that was sized for `desired` replicas of the Deployment.
fn sized(replicas: u32, available: u32, desired: u32, strategy: Strategy) -> ReplicaSet {
    ReplicaSet { replicas, available, desired, max: annotations(desired, strategy).1 }
}

/// What becomes of old sets and the newest, the last one.
fn sizes(replicas: u32, strategy: Strategy, sets: &[ReplicaSet]) -> Vec<u32> {
    let view = DeploymentView { replicas, strategy, paused: false, sets, newest: Some(sets.len() - 1), old_pods: 0 };
    let mut sizes: Vec<u32> = sets.iter().map(|set| set.replicas).collect();
    for Resize { set, to, .. } in sync(&view) {
        sizes[set] = to;
    }
    sizes
}

#[test]
fn shares_of_replicas_round_up_for_the_surge_and_down_for_the_rest() {
    let quarter = Strategy::default();
    assert_eq!([1, 2, 3, 4, 5, 10].map(|n| (quarter.max_surge(n), quarter.max_unavailable(n))), [(1, 0), (1, 0), (1, 0), (1, 1), (2, 1), (3, 2)]);
    let percent = |surge, unavailable| rolling(IntOrPercent::Percent(surge), IntOrPercent::Percent(unavailable));
    // Nothing could ever change with neither: one pod may be missing.
    assert_eq!((percent(0, 5).max_surge(10), percent(0, 5).max_unavailable(10)), (0, 1));
    assert_eq!(pods(0, 20).max_unavailable(10), 10, "no more than there are");
    assert_eq!(percent(0, 0).max_unavailable(0), 0);
    assert_eq!((Strategy::Recreate.max_surge(10), Strategy::Recreate.max_unavailable(10)), (0, 0));
}

/// `TestDeploymentController_reconcileNewReplicaSet`: ten replicas, an old and the new set, surge -> size of the new set.
#[test]
fn the_new_revision_grows_as_far_as_the_surge_allows() {
    for (replicas, surge, old, new, expected) in
        [(10, 0, 0, 0, 10), (10, 2, 0, 0, 10), (10, 2, 5, 0, 7), (10, 2, 10, 0, 2), (10, 2, 10, 2, 2), (10, 2, 0, 11, 10)]
    {
        let strategy = pods(surge, 0);
        // Old pods are not available and so are not what limits the new ones; nothing else moves in the same pass.
        let sets = [sized(old, 0, replicas, strategy), sized(new, 0, replicas, strategy)];
        assert_eq!(sizes(replicas, strategy, &sets)[1], expected, "{replicas} {surge} {old} {new}");
    }
}

/// `TestDeploymentController_reconcileOldReplicaSets`.
#[test]
fn old_revisions_shrink_while_enough_pods_are_available() {
    for (replicas, unavailable, old, new, ready_old, ready_new, expected) in
        [(10, 0, 10, 0, 10, 0, 9), (10, 2, 10, 0, 10, 0, 8), (10, 2, 10, 0, 8, 0, 8), (10, 2, 10, 0, 9, 0, 8), (10, 2, 8, 2, 8, 0, 8)]
    {
        let strategy = pods(0, unavailable);
        let sets = [sized(old, ready_old, replicas, strategy), sized(new, ready_new, replicas, strategy)];
        assert_eq!(sizes(replicas, strategy, &sets)[0], expected, "{old} {new} ready {ready_old} {ready_new}");
    }
}

/// `TestDeploymentController_cleanupUnhealthyReplicas`: what is not available goes first, oldest first.
#[test]
fn replicas_that_are_not_available_go_first() {
    let strategy = pods(0, 2);
    let sets = [sized(3, 0, 10, strategy), sized(7, 7, 10, strategy), sized(0, 0, 10, strategy)];
    let view = DeploymentView { replicas: 10, strategy, paused: false, sets: &sets, newest: Some(2), old_pods: 10 };
    // 10 - 8 = 2 may go, and two of the three that do not serve do.
    assert_eq!(sync(&view), [Resize { set: 0, to: 1, why: Why::Unhealthy }]);
}

/// What it is about, the strategy, replicas before and after, sizes of the sets before and after.
type Case<'a> = (&'a str, Strategy, u32, u32, &'a [u32], &'a [u32]);

/// `TestScale`: (replicas before, after, old sets, new set) -> sizes with a surge of a number or a share.
#[test]
fn a_rollout_is_scaled_in_proportion() {
    let none = pods(0, 0);
    let share = |percent| rolling(IntOrPercent::Percent(percent), IntOrPercent::Int(0));
    let cases: [Case<'_>; 12] = [
        ("normal scaling event: 10 -> 12", none, 10, 12, &[10], &[12]),
        ("normal scaling event: 10 -> 5", none, 10, 5, &[10], &[5]),
        ("proportional scaling: 5 -> 10", none, 5, 10, &[3, 2], &[6, 4]),
        ("proportional scaling: 5 -> 3", none, 5, 3, &[3, 2], &[2, 1]),
        ("proportional scaling: 9 -> 4", none, 9, 4, &[1, 8], &[0, 4]),
        ("proportional scaling: 7 -> 10", none, 7, 10, &[2, 3, 2], &[3, 4, 3]),
        ("proportional scaling: 13 -> 8", none, 13, 8, &[3, 8, 2], &[2, 5, 1]),
        ("leftovers: 3 -> 4", none, 3, 4, &[1, 1, 1], &[1, 1, 2]),
        ("leftovers: 3 -> 2", none, 3, 2, &[1, 1, 1], &[0, 1, 1]),
        ("leftovers: 4 -> 5", none, 4, 5, &[1, 1, 2], &[1, 1, 3]),
        ("surge: 10 -> 20", pods(2, 2), 10, 20, &[6, 6], &[11, 11]),
        ("surge: 10 -> 5 in percent", share(50), 10, 5, &[10, 5], &[5, 3]),
    ];
    for (name, strategy, before, after, sets, expected) in cases {
        let sets: Vec<ReplicaSet> = sets.iter().map(|size| sized(*size, 0, before, strategy)).collect();
        assert_eq!(sizes(after, strategy, &sets), expected, "{name}");
    }
}

#[test]
fn a_new_revision_that_has_everything_takes_all() {
    let strategy = pods(2, 2);
    // Sized for 20 before, while 20 of the new revision are there: the rest of the old one goes.
    let sets = [sized(5, 5, 10, strategy), sized(20, 20, 20, strategy)];
    assert_eq!(sizes(20, strategy, &sets), [0, 20]);
}

#[test]
fn a_paused_rollout_is_scaled_and_goes_no_further() {
    let strategy = pods(2, 2);
    let sets = [sized(8, 8, 10, strategy), sized(4, 4, 10, strategy)];
    let view = |replicas, newest| DeploymentView { replicas, strategy, paused: true, sets: &sets, newest, old_pods: 8 };
    assert_eq!(sync(&view(10, Some(1))), []);
    // 12 -> 22 in all: 8/12 and 4/12 of it, rounded.
    assert_eq!(sync(&view(20, Some(1))).iter().map(|resize| (resize.set, resize.to)).collect::<Vec<_>>(), [(0, 15), (1, 7)]);
    assert_eq!(sync(&DeploymentView { sets: &sets[..1], ..view(12, None) }), [Resize { set: 0, to: 12, why: Why::Scaled }]);
}

#[test]
fn recreate_waits_until_the_last_old_pod_is_gone() {
    let next = |old, old_pods| {
        let sets = [sized(old, old, 3, Strategy::Recreate), sized(0, 0, 3, Strategy::Recreate)];
        sync(&DeploymentView { replicas: 3, strategy: Strategy::Recreate, paused: false, sets: &sets, newest: Some(1), old_pods })
    };
    assert_eq!(next(3, 3), [Resize { set: 0, to: 0, why: Why::OldRevision }]);
    assert_eq!(next(0, 1), []);
    assert_eq!(next(0, 0), [Resize { set: 1, to: 3, why: Why::NewRevision }]);
}

/// Ten replicas, 25 % and 25 %: at most 13 pods, at least 8 available. New pods get available all at once.
#[test]
fn ten_replicas_roll_over_in_three_waves() {
    let strategy = Strategy::default();
    let mut sets = vec![sized(10, 10, 10, strategy), sized(0, 0, 10, strategy)];
    let mut waves = Vec::new();
    loop {
        loop {
            let view = DeploymentView { replicas: 10, strategy, paused: false, sets: &sets, newest: Some(1), old_pods: 0 };
            let resizes = sync(&view);
            if resizes.is_empty() {
                break;
            }
            for Resize { set, to, .. } in resizes {
                sets[set].replicas = to;
                sets[set].available = sets[set].available.min(to);
            }
            assert!(sets[0].replicas + sets[1].replicas <= 13 && sets[0].available + sets[1].available >= 8);
        }
        waves.push((sets[0].replicas, sets[1].replicas));
        let view = DeploymentView { replicas: 10, strategy, paused: false, sets: &sets, newest: Some(1), old_pods: 0 };
        if is_complete(&view, sets[0].replicas + sets[1].replicas) {
            break;
        }
        sets[1].available = sets[1].replicas;
    }
    assert_eq!(waves, [(8, 5), (3, 10), (0, 10)]);
}
