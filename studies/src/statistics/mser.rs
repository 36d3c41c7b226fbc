//! Where a steady state begins: MSER-5.

/// Observations in a batch.
const BATCH: usize = 5;

/// The number of observations to leave out at the start, a multiple of five; none if the series never settles: the best place to cut lies in its
/// second half, so it is too short to tell.
///
/// The marginal standard error rule (White, Cobb and Spratt, A comparison of five steady-state truncation heuristics, WSC 2000): cut where the standard
/// error of the mean of what remains is least, over means of five observations.
pub fn truncation(observations: &[f64]) -> Option<usize> {
    let batches: Vec<f64> = observations.chunks_exact(BATCH).map(|batch| batch.iter().sum::<f64>() / BATCH as f64).collect();
    let n = batches.len();
    if n < 2 {
        return None;
    }
    // From the back: sums over what remains behind each cut.
    let (mut sum, mut squares) = (0.0, 0.0);
    let mut best = (f64::INFINITY, 0);
    let shift = batches[n - 1];
    for cut in (0..n).rev() {
        let value = batches[cut] - shift;
        sum += value;
        squares += value * value;
        let left = (n - cut) as f64;
        let error = (squares - sum * sum / left) / (left * left);
        // The last few batches have hardly any spread by chance alone.
        if n - cut >= BATCH.min(n) && error <= best.0 {
            best = (error, cut);
        }
    }
    (best.1 <= n / 2).then_some(best.1 * BATCH)
}

#[cfg(test)]
mod tests {
    use super::truncation;
    use sim_core::random::{Streams, unit};

    #[test]
    fn a_transient_is_cut_off_and_a_steady_series_is_left_whole() {
        let mut rng = Streams::new(3).stream("noise");
        let noise: Vec<f64> = (0..1000).map(|_| unit(&mut rng) - 0.5).collect();
        let transient: Vec<f64> = noise.iter().enumerate().map(|(i, noise)| 10.0 - 10.0 * (-(i as f64) / 40.0).exp() + noise).collect();
        let cut = truncation(&transient).unwrap();
        assert!((80..300).contains(&cut), "{cut}");
        assert!(truncation(&noise).unwrap() < 300);
        assert_eq!(truncation(&[1.0; 100]), Some(0));
    }

    #[test]
    fn a_series_that_grows_to_its_end_has_no_steady_state() {
        let growing: Vec<f64> = (0..200).map(f64::from).collect();
        assert_eq!(truncation(&growing), None);
        assert_eq!(truncation(&[1.0; 7]), None);
    }
}
