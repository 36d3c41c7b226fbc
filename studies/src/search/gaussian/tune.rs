//! Which shape fits the data: lengths, weights of the orders and the share of noise maximise the likelihood, whose scale is profiled out, a little held back
//! towards what is usual.

use super::{Datum, Process, Shape};
use crate::search::Space;

/// Most passes over all parameters in a climb.
const PASSES: usize = 3;

/// A better shape for the data, in lengths, weights, noise, and how rates go with requests where both are there. The likelihood has several summits, one of
/// which takes everything for noise: a thorough climb starts from the last shape and from usual ones, another one goes a step on from the last.
pub(in crate::search) fn tune(shape: &mut Shape, space: &Space, data: &[Datum<'_>], thorough: bool) {
    let likelihood = |shape: &Shape| Process::fit(shape, space, data).map_or(f64::NEG_INFINITY, |process| process.likelihood - shape.unusual(space));
    let mixed = data.iter().any(|datum| datum.by_rates) && data.iter().any(|datum| !datum.by_rates);
    let climb = |mut shape: Shape| {
        let mut best = likelihood(&shape);
        for _ in 0..if thorough { PASSES } else { 1 } {
            let before = best;
            // The kinship comes last.
            for number in 0..shape.dimensions() + if mixed { 5 } else { 4 } {
                let choices = shape.parameter(number).1;
                for choice in 0..choices {
                    let mut other = shape.clone();
                    let (place, _) = other.parameter(number);
                    if *place == choice {
                        continue;
                    }
                    *place = choice;
                    let found = likelihood(&other);
                    if found > best + 1e-9 {
                        (best, shape) = (found, other);
                    }
                }
            }
            if best <= before {
                break;
            }
        }
        (best, shape)
    };
    let mut starts = vec![shape.clone()];
    if thorough {
        starts.extend([Shape::new(space), Shape::of_a_sum(space)]);
        starts.extend(space.explained.contains(&true).then(|| Shape::of_each(space)));
    }
    let found = starts.into_iter().map(climb).reduce(|best, other| if other.0 > best.0 { other } else { best });
    if let Some((_, found)) = found {
        *shape = found;
    }
}
