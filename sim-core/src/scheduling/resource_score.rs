//! Scores for the resources of a node (kube-scheduler's NodeResourcesFit and NodeResourcesBalancedAllocation), 0..=100.

use crate::plan::{Balance, ScoringStrategy, ShapePoint};
use crate::units::{EXTENDED_MAX, Resource, Resources};

/// The highest score.
pub(super) const MAX_SCORE: i64 = 100;
/// Steps of a score of a shape on the scale of scores.
const SHAPE_STEP: i64 = 10;

/// What is wrong with a list of resources to score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadResources {
    /// It is empty.
    Empty,
    /// The weight at this place is not in 1..=100.
    Weight(usize),
}

/// Checks a list of resources to score, as kube-scheduler does with its configuration.
pub fn bad_resources(scored: &[(Resource, i64)]) -> Option<BadResources> {
    if scored.is_empty() {
        return Some(BadResources::Empty);
    }
    scored.iter().position(|(_, weight)| !(1..=MAX_SCORE).contains(weight)).map(BadResources::Weight)
}

/// How good a node is for a pod by its free resources. `used` is what the node's pods and this one request, with stand-ins for what
/// containers leave open.
#[inline]
pub fn fit_score(strategy: &ScoringStrategy, scored: &[(Resource, i64)], pod: Resources, used: Resources, capacity: Resources) -> i64 {
    let (mut sum, mut weights) = (0, 0);
    for (resource, weight) in scored {
        let Some((used, capacity)) = counted(*resource, pod, used, capacity) else { continue };
        let score = match strategy {
            ScoringStrategy::LeastAllocated => percent(capacity.saturating_sub(used), capacity),
            ScoringStrategy::MostAllocated => percent(used.min(capacity), capacity),
            ScoringStrategy::RequestedToCapacityRatio(shape) => {
                let scaled = shape.iter().map(|point| ShapePoint { score: point.score * SHAPE_STEP, ..*point });
                broken_linear(scaled, percent(used.min(capacity), capacity))
            }
        };
        // Only a function of the utilisation leaves resources without a score out altogether.
        if score > 0 || !matches!(strategy, ScoringStrategy::RequestedToCapacityRatio(_)) {
            sum += weight * score;
            weights += weight;
        }
    }
    match strategy {
        _ if weights == 0 => 0,
        ScoringStrategy::LeastAllocated | ScoringStrategy::MostAllocated => sum / weights,
        ScoringStrategy::RequestedToCapacityRatio(_) => (sum as f64 / weights as f64).round() as i64,
    }
}

/// How evenly a node's resources are used with a pod, 100 when all to the same fraction; none for a pod that requests none of them, because
/// such pods would all go to one node.
#[inline]
pub fn balanced_score(balance: Balance, balanced: &[Resource], pod: Resources, used: Resources, capacity: Resources) -> Option<i64> {
    if balance == Balance::Difference {
        return Some(difference_score(used, capacity));
    }
    if balanced.iter().all(|resource| pod.get(*resource) == 0) {
        return None;
    }
    let mut fractions = [0.0; 2 + EXTENDED_MAX];
    let mut count = 0;
    for (used, capacity) in balanced.iter().filter_map(|resource| counted(*resource, pod, used, capacity)) {
        fractions[count] = (used as f64 / capacity as f64).min(1.0);
        count += 1;
    }
    let deviation = match fractions[..count] {
        [] | [_] => 0.0,
        [a, b] => (a - b).abs() / 2.0,
        ref fractions => {
            let mean = fractions.iter().sum::<f64>() / count as f64;
            (fractions.iter().map(|fraction| (fraction - mean) * (fraction - mean)).sum::<f64>() / count as f64).sqrt()
        }
    };
    Some(((1.0 - deviation) * MAX_SCORE as f64) as i64)
}

/// The score of releases until 1.21: CPU and memory only, no room is no merit.
fn difference_score(used: Resources, capacity: Resources) -> i64 {
    // What a node has not is taken to be used up.
    let fraction = |used: u64, capacity: u64| if capacity == 0 { 1.0 } else { used as f64 / capacity as f64 };
    let (cpu, memory) = (fraction(used.cpu.0, capacity.cpu.0), fraction(used.memory.0, capacity.memory.0));
    if cpu >= 1.0 || memory >= 1.0 { 0 } else { ((1.0 - (cpu - memory).abs()) * MAX_SCORE as f64) as i64 }
}

/// Use and capacity, if the resource counts: the node has it, and it is not an extended one that the pod does not ask for.
#[inline]
fn counted(resource: Resource, pod: Resources, used: Resources, capacity: Resources) -> Option<(u64, u64)> {
    let is_wanted = !matches!(resource, Resource::Extended(_)) || pod.get(resource) > 0;
    let capacity = capacity.get(resource);
    (is_wanted && capacity > 0).then(|| (used.get(resource), capacity))
}

/// Amounts below this have exact quotients: with fewer than 2^53 hundredths, and a percent further from the next than doubles are apart.
pub(super) const EXACT: u64 = 1 << 46;

/// Whole percent of `whole` that `part` is, which is not more.
#[inline]
fn percent(part: u64, whole: u64) -> i64 {
    if whole < EXACT {
        // Division of doubles takes a fraction of the time of that of integers, and every pod means many.
        return ((part * 100) as f64 / whole as f64) as i64;
    }
    // Only an exbibyte needs the long way.
    part.checked_mul(100).map_or_else(|| (u128::from(part) * 100 / u128::from(whole)) as i64, |hundredfold| (hundredfold / whole) as i64)
}

/// The value at `at` of straight lines through points of rising utilisation, flat outside; what lies between is cut off towards the score of
/// the point before.
pub fn broken_linear(shape: impl IntoIterator<Item = ShapePoint>, at: i64) -> i64 {
    let mut before: Option<ShapePoint> = None;
    for point in shape {
        if at <= point.utilization {
            let Some(start) = before else { return point.score };
            return start.score + (point.score - start.score) * (at - start.utilization) / (point.utilization - start.utilization);
        }
        before = Some(point);
    }
    before.map_or(0, |last| last.score)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{EXACT, balanced_score, fit_score, percent};
    use crate::plan::{Balance, ScoringStrategy, ShapePoint};
    use crate::units::{Bytes, MilliCpu, Resource, Resources};

    const BOTH: [Resource; 2] = [Resource::Cpu, Resource::Memory];

    fn r(cpu: u64, memory: u64) -> Resources {
        Resources::new(MilliCpu(cpu), Bytes(memory))
    }

    #[test]
    fn scores_truncate_as_kubernetes_does() {
        let least = |used, capacity| fit_score(&ScoringStrategy::LeastAllocated, &BOTH.map(|resource| (resource, 1)), r(1, 1), used, capacity);
        assert_eq!(least(r(3000, 5000), r(4000, 10000)), 37);
        assert_eq!(least(r(6000, 0), r(4000, 10000)), 50);
        assert_eq!(least(r(1000, 1 << 58), r(4000, 1 << 60)), 75);
        let balanced = |used, capacity| balanced_score(Balance::Deviation, &BOTH, r(1, 1), used, capacity);
        assert_eq!(balanced(r(3000, 5000), r(6000, 10000)), Some(100));
        assert_eq!(balanced(r(3000, 0), r(4000, 10000)), Some(62));
        assert_eq!(balanced(r(3000, 0), r(4000, 0)), Some(100), "one resource is always even");
        assert_eq!(balanced(r(8000, 10000), r(4000, 10000)), Some(100), "more than all is all");
        assert_eq!(balanced_score(Balance::Deviation, &BOTH, r(0, 0), r(3000, 0), r(4000, 10000)), None);
    }

    #[test]
    fn until_1_21_the_whole_difference_counts() {
        let balanced = |used, capacity| balanced_score(Balance::Difference, &BOTH, r(1, 1), used, capacity);
        assert_eq!(balanced(r(3000, 0), r(4000, 10000)), Some(25));
        assert_eq!(balanced(r(3000, 5000), r(6000, 10000)), Some(100));
        assert_eq!(balanced(r(4000, 5000), r(4000, 10000)), Some(0), "a full node has no merit");
        assert_eq!(balanced(r(3000, 0), r(4000, 0)), Some(0));
    }

    #[test]
    fn a_function_of_the_utilisation_leaves_out_what_scores_nothing() {
        let point = |utilization, score| ShapePoint { utilization, score };
        let packed = ScoringStrategy::RequestedToCapacityRatio(vec![point(0, 0), point(100, 10)]);
        assert_eq!(fit_score(&packed, &BOTH.map(|resource| (resource, 1)), r(1, 0), r(3000, 0), r(4000, 10000)), 75);
    }

    proptest! {
        #[test]
        fn percent_is_cut_off_exactly(whole in 1..EXACT, part in 0.0..=1.0, off in 0u64..3) {
            // Next to a whole percent, where a quotient that is rounded would show.
            let hundredth = (part * 100.0) as u64;
            for part in [whole / 100 * hundredth + off, (u128::from(whole) * u128::from(hundredth) / 100) as u64].map(|part| part.min(whole)) {
                prop_assert_eq!(percent(part, whole), (u128::from(part) * 100 / u128::from(whole)) as i64);
            }
        }
    }
}
