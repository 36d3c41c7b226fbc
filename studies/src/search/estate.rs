//! What the machines of a point are together, as its plan says without a run.
//!
//! Two nodes of a large type and four of half the size are much the same: the same pods fit, and the price is near. To a search, types and numbers are axes
//! that have nothing to do with each other. What they add up to tells it what such points have in common.

use sim_core::plan::{NodeKind, Plan};

/// Levels that are told apart.
const LEVELS: f64 = 63.0;

/// The machines that are there from the start.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estate {
    /// CPU that pods may use, in cores.
    cpu: f64,
    /// Price of all for an hour.
    hourly: f64,
}

impl Estate {
    /// The machines of a plan; those of pools come and go.
    pub fn of(plan: &Plan) -> Self {
        let pooled = |node: usize| plan.pools.values().any(|pool| pool.offers.iter().any(|offer| offer.places.contains(&node)));
        let mut estate = Self::default();
        for (_, node) in plan.nodes.iter().filter(|(id, _)| !pooled(id.index())) {
            if let NodeKind::Machine(machine) = &node.kind {
                let kept = machine.reserved.cpu.0 + machine.daemons.requests.cpu.0;
                estate.cpu += machine.capacity.cpu.0.saturating_sub(kept) as f64 / 1e3;
                estate.hourly += machine.price.price.hourly().as_f64();
            }
        }
        estate
    }
}

/// The levels of each point in what distinguishes the estates: none where they are all alike.
pub fn levels(estates: &[Estate]) -> Vec<Vec<usize>> {
    let each: [fn(&Estate) -> f64; 2] = [|estate| estate.cpu, |estate| estate.hourly];
    let all = each.map(|of| {
        let most = estates.iter().map(of).fold(0.0, f64::max);
        estates.iter().map(|estate| if most > 0.0 { (of(estate) / most * LEVELS).round() as usize } else { 0 }).collect::<Vec<usize>>()
    });
    let mut levels: Vec<Vec<usize>> = Vec::new();
    for dimension in all {
        let tells_apart = dimension.windows(2).any(|pair| pair[0] != pair[1]);
        if tells_apart && !levels.contains(&dimension) {
            levels.push(dimension);
        }
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::{Estate, levels};
    use crate::search::Space;

    #[test]
    fn two_large_machines_are_like_four_of_half_the_size() {
        // Types of 4 and 8 cores, 0 to 4 of them; the larger one is a little cheaper for what it has.
        let space = Space::grid(&[2, 5, 3], &[true, false, false]);
        let estate = |place: &Vec<usize>| {
            let (size, count) = ([4.0, 8.0][place[0]], place[1] as f64);
            Estate { cpu: size * count, hourly: [1.0, 1.9][place[0]] * count }
        };
        let estates: Vec<Estate> = space.places.iter().map(estate).collect();
        let with = space.with(&levels(&estates));
        let of = |place: &[usize]| with.places.iter().find(|other| other[..3] == *place).map(|place| place[3..].to_vec());
        let (two, four) = (of(&[1, 2, 0]).unwrap(), of(&[0, 4, 0]).unwrap());
        assert_eq!((two[0], with.derived, with.free()), (four[0], 2, 3));
        assert!(two[1].abs_diff(four[1]) <= 2 && with.explained[..3] == [true, true, false], "{two:?} {four:?}");
    }

    #[test]
    fn what_follows_from_one_dimension_says_nothing_more() {
        let space = Space::grid(&[5, 3], &[false, false]);
        let estates: Vec<Estate> = space.places.iter().map(|place| Estate { cpu: place[0] as f64, hourly: 2.0 * place[0] as f64 }).collect();
        assert_eq!((levels(&estates).len(), space.with(&levels(&estates)).derived), (1, 0));
        assert!(levels(&[Estate::default(); 4]).is_empty());
    }
}
