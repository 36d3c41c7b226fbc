//! Fewer windows without a lost peak: of each stretch of time those windows stay in which some series is largest or smallest.
//!
//! What stays are true values at their true times, nothing is averaged. A group of series that share their times keeps the same windows,
//! so that layers of a stack still add up.

/// Indices of the windows to keep, in order, when time is cut into `buckets` stretches. `columns` are the series, missing values `None`.
pub(super) fn keep(times: &[f64], columns: &[Vec<Option<f64>>], buckets: usize) -> Vec<usize> {
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return Vec::new() };
    if times.len() <= 2 * buckets {
        return (0..times.len()).collect();
    }
    let length = ((last - first) / buckets as f64).max(f64::MIN_POSITIVE);
    let mut kept = Vec::new();
    let mut start = 0;
    while start < times.len() {
        let bucket = ((times[start] - first) / length).floor();
        let end = start + times[start..].partition_point(|t| ((t - first) / length).floor() <= bucket);
        let mut chosen = vec![start];
        for column in columns {
            // A gap in a line is something to see too.
            chosen.extend((start..end).find(|i| column[*i].is_none()));
            let by_value = |a: &usize, b: &usize| column[*a].unwrap_or(0.0).total_cmp(&column[*b].unwrap_or(0.0));
            let present = || (start..end).filter(|i| column[*i].is_some());
            // Of equal values the first: a level that does not change costs one window.
            chosen.extend(present().rev().max_by(by_value));
            chosen.extend(present().min_by(by_value));
        }
        chosen.sort_unstable();
        chosen.dedup();
        kept.append(&mut chosen);
        start = end;
    }
    if kept.last() != Some(&(times.len() - 1)) {
        kept.push(times.len() - 1);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::keep;

    #[test]
    fn peaks_troughs_gaps_and_ends_stay() {
        let times: Vec<f64> = (0..100_000).map(f64::from).collect();
        let mut a: Vec<Option<f64>> = vec![Some(5.0); times.len()];
        let mut b = a.clone();
        (a[55_555], b[77_777], b[31_234]) = (Some(900.0), Some(-3.0), None);
        let kept = keep(&times, &[a.clone(), b], 500);
        assert!(kept.len() < 1200 && kept.is_sorted(), "{}", kept.len());
        assert!([0, 31_234, 55_555, 77_777, 99_999].iter().all(|i| kept.binary_search(i).is_ok()));
        assert_eq!(keep(&times[..900], &[a[..900].to_vec()], 500).len(), 900, "little is kept whole");
        assert!(keep(&[], &[], 500).is_empty());
        assert_eq!(keep(&vec![1.0; 5000], &[vec![Some(1.0); 5000]], 500).len(), 2, "all at one time");
    }
}
