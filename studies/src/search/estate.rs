//! What the machines of a point are together, as its plan says without a run.
//!
//! Two nodes of a large type and four of half the size are much the same: the same pods fit, and the price is near. To a search, types and numbers are axes
//! that have nothing to do with each other. What they add up to tells it what such points have in common. Only whole pods count: of a machine with
//! 3.9 cores, pods of one core get three.

use sim_core::plan::{Machine, NodeKind, Plan};
use sim_core::units::Resources;

/// Levels that are told apart.
const LEVELS: f64 = 63.0;

/// The machines that are there from the start.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estate {
    /// Cores for as many whole pods as fit, on average over the workloads.
    cpu: f64,
    /// Price of all for an hour.
    hourly: f64,
}

impl Estate {
    /// The machines of a plan; those of pools come and go.
    pub fn of(plan: &Plan) -> Self {
        let pooled = |node: usize| plan.pools.values().any(|pool| pool.offers.iter().any(|offer| offer.places.contains(&node)));
        let machines: Vec<&Machine> = plan.nodes.iter().filter(|(id, _)| !pooled(id.index())).filter_map(|(_, node)| machine(&node.kind)).collect();
        let steps = plan.jobs.values().flat_map(|job| &job.steps).map(|step| plan.template(step.class));
        let pods: Vec<Resources> = plan.services.values().map(|service| &service.template).chain(steps).map(|template| template.requests).collect();
        let asking = || pods.iter().filter(|pod| pod.cpu.0 > 0);
        let cores = asking().flat_map(|pod| machines.iter().map(|machine| fitting(machine, pod) as f64 * pod.cpu.0 as f64 / 1e3));
        Self { cpu: cores.sum::<f64>() / asking().count().max(1) as f64, hourly: machines.iter().map(|machine| machine.price.price.hourly().as_f64()).sum() }
    }
}

const fn machine(kind: &NodeKind) -> Option<&Machine> {
    if let NodeKind::Machine(machine) = kind { Some(machine) } else { None }
}

/// Pods with these requests that fit on a machine without others.
fn fitting(machine: &Machine, pod: &Resources) -> u64 {
    let free = machine.capacity.saturating_sub(machine.reserved).saturating_sub(machine.daemons.requests);
    whole(&free, pod).min(u64::from(machine.max_pods.saturating_sub(machine.daemons.pods)))
}

/// How many times these requests fit into what is free.
fn whole(free: &Resources, pod: &Resources) -> u64 {
    let extended = free.extended.iter().zip(&pod.extended);
    let each = [(&free.cpu.0, &pod.cpu.0), (&free.memory.0, &pod.memory.0)].into_iter().chain(extended);
    each.filter_map(|(free, asked)| free.checked_div(*asked)).min().unwrap_or(u64::MAX)
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
    use sim_core::units::{Bytes, MilliCpu, Resources};

    use super::{Estate, levels, whole};
    use crate::search::Space;

    #[test]
    fn only_whole_pods_fit() {
        let mut free = Resources::new(MilliCpu(3_900), Bytes::from_gib(7));
        free.extended[0] = 1;
        let pod = |cpu: u64, gib: u64| Resources::new(MilliCpu(cpu), Bytes::from_gib(gib));
        assert_eq!([whole(&free, &pod(1_000, 2)), whole(&free, &pod(500, 4)), whole(&free, &pod(4_000, 1)), whole(&free, &pod(100, 0))], [3, 1, 0, 39]);
        let mut with_device = pod(100, 1);
        with_device.extended[0] = 1;
        assert_eq!(whole(&free, &with_device), 1);
    }

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
