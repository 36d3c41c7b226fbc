//! Fewer points for the same picture.

/// Unbroken stretches of a series, as they are drawn.
pub(super) type Runs = Vec<Vec<(f64, f64)>>;

/// Splits a series where values are missing; with `step`, each value is held until the time of the next point.
pub(super) fn runs(points: &[(f64, Option<f64>)], step: bool) -> Runs {
    let mut runs = Runs::new();
    let mut run: Vec<(f64, f64)> = Vec::new();
    for (t, value) in points {
        if step && let Some((_, held)) = run.last() {
            run.push((*t, *held));
        }
        match value {
            Some(value) => run.push((*t, *value)),
            None if run.is_empty() => {}
            None => runs.push(std::mem::take(&mut run)),
        }
    }
    runs.push(run);
    runs.retain(|run| !run.is_empty());
    runs
}

/// Keeps of each column of pixels the first, the smallest, the largest and the last point, in their order.
///
/// Drawn as a line this is the same picture as all points, peaks of a single window included. `column` is the width of a column in
/// seconds.
pub(super) fn thin(run: &[(f64, f64)], column: f64) -> Vec<(f64, f64)> {
    let mut kept = Vec::new();
    for part in run.chunk_by(|a, b| (a.0 / column).floor() == (b.0 / column).floor()) {
        if part.len() <= 4 {
            kept.extend_from_slice(part);
            continue;
        }
        let by_value = |a: &usize, b: &usize| part[*a].1.total_cmp(&part[*b].1);
        let all = 0..part.len();
        let mut chosen = [Some(0), all.clone().min_by(by_value), all.max_by(by_value), Some(part.len() - 1)];
        chosen.sort_unstable();
        let mut last = None;
        for at in chosen.into_iter().flatten() {
            if last != Some(at) {
                kept.push(part[at]);
            }
            last = Some(at);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{runs, thin};

    #[test]
    fn gaps_split_and_steps_hold() {
        let points = [(0.0, None), (1.0, Some(5.0)), (2.0, Some(7.0)), (3.0, None), (4.0, Some(1.0))];
        assert_eq!(runs(&points, false), [vec![(1.0, 5.0), (2.0, 7.0)], vec![(4.0, 1.0)]]);
        assert_eq!(runs(&points, true), [vec![(1.0, 5.0), (2.0, 5.0), (2.0, 7.0), (3.0, 7.0)], vec![(4.0, 1.0)]]);
        assert!(runs(&[], true).is_empty());
    }

    #[test]
    fn a_peak_of_one_window_survives() {
        let mut run: Vec<(f64, f64)> = (0..10_000).map(|i| (f64::from(i), 1.0)).collect();
        run[5_555].1 = 900.0;
        run[7_777].1 = -3.0;
        let thinned = thin(&run, 100.0);
        assert!(thinned.len() <= 400 && thinned.is_sorted_by(|a, b| a.0 < b.0));
        assert!(thinned.contains(&(5_555.0, 900.0)) && thinned.contains(&(7_777.0, -3.0)));
        assert_eq!((thinned.first(), thinned.last()), (run.first(), run.last()));
        assert_eq!(thin(&run[..3], 1.0), run[..3]);
    }
}
