//! Scaling ahead of the load by a forecast from history, after ACK's Advanced HPA.
//!
//! The forecast is seasonal: of each step of the period, a quantile over the periods that were recorded. So a load that repeats exactly is forecast exactly,
//! and a quantile above one half leans to the safe side where days differ.

use crate::plan::Predictive;
use crate::units::{Span, Time};

/// The forecast of one period from a history of equal steps, which ends where the forecast begins.
///
/// Quantiles interpolate linearly between order statistics (type 7 of Hyndman and Fan 1996). A history shorter than a period repeats itself.
pub fn seasonal_quantile(history: &[f64], period: usize, quantile: f64) -> Vec<f64> {
    let period = period.min(history.len());
    let first = history.len().checked_rem(period).unwrap_or(0);
    (0..period)
        .map(|phase| {
            // Whole periods, counted back from the end.
            let mut values: Vec<f64> = history[first..].iter().skip(phase).step_by(period).copied().collect();
            values.sort_by(f64::total_cmp);
            let place = quantile.clamp(0.0, 1.0) * (values.len() - 1) as f64;
            let (below, above) = (values[place as usize], values[(place as usize + 1).min(values.len() - 1)]);
            below + (above - below) * (place - (place as usize) as f64)
        })
        .collect()
}

/// The largest load that a repeating forecast shows from `now` for as long as `forward`, its end included.
pub fn ahead(forecast: &[f64], step: Span, now: Time, forward: Span) -> f64 {
    if forecast.is_empty() {
        return 0.0;
    }
    let place = |at: Time| at.as_nanos() / step.as_nanos();
    let (first, last) = (place(now), place(now.saturating_add(forward)));
    let last = last.min(first + forecast.len() as u64 - 1);
    (first..=last).map(|index| forecast[(index % forecast.len() as u64) as usize]).fold(0.0, f64::max)
}

/// The replicas that the forecast asks for at `now`, within the bounds of that time: `(replicas, load)`.
pub fn replicas_ahead(plan: &Predictive, now: Time) -> (u32, f64) {
    let load = ahead(&plan.forecast, plan.step, now, plan.forward);
    let (min, max) = bounds_at(&plan.bounds, now);
    (((load / plan.per_replica).ceil().clamp(0.0, f64::from(u32::MAX)) as u32).clamp(min, max.max(min)), load)
}

/// The bounds that hold at `now`: fewest and most.
pub fn bounds_at(bounds: &[(Time, u32, u32)], now: Time) -> (u32, u32) {
    bounds.iter().take_while(|(from, ..)| *from <= now).last().map_or((1, u32::MAX), |(_, min, max)| (*min, *max))
}

#[cfg(test)]
mod tests {
    use super::{ahead, bounds_at, replicas_ahead, seasonal_quantile};
    use crate::plan::{Predictive, PredictiveMode};
    use crate::units::{Span, Time};

    const DAY: [f64; 4] = [10.0, 40.0, 80.0, 20.0];

    #[test]
    fn a_history_that_repeats_is_forecast_exactly() {
        let week: Vec<f64> = DAY.repeat(7);
        for quantile in [0.0, 0.5, 0.95, 1.0] {
            assert_eq!(seasonal_quantile(&week, 4, quantile), DAY);
        }
        // Half a day more at the front shifts nothing: periods are counted back from the end.
        let odd: Vec<f64> = [7.0, 7.0].into_iter().chain(week).collect();
        assert_eq!(seasonal_quantile(&odd, 4, 0.5), DAY);
    }

    #[test]
    fn quantiles_interpolate_over_days() {
        let history: Vec<f64> = (1..=5).flat_map(|day| [f64::from(day), 100.0]).collect();
        assert_eq!(seasonal_quantile(&history, 2, 0.5), [3.0, 100.0]);
        assert_eq!(seasonal_quantile(&history, 2, 0.9), [4.6, 100.0]);
        assert_eq!(seasonal_quantile(&[5.0], 4, 0.5), [5.0]);
        assert!(seasonal_quantile(&[], 4, 0.5).is_empty());
    }

    #[test]
    fn forward_seconds_lead_the_load() {
        let (minute, at) = (Span::from_secs(60), Time::from_secs);
        assert_eq!([0, 59, 60, 120, 180, 240].map(|t| ahead(&DAY, minute, at(t), Span::ZERO)), [10.0, 10.0, 40.0, 80.0, 20.0, 10.0]);
        // A minute ahead, the peak is there a minute earlier and leaves no earlier.
        assert_eq!([0, 59, 60, 120, 179, 180].map(|t| ahead(&DAY, minute, at(t), minute)), [40.0, 40.0, 80.0, 80.0, 80.0, 20.0]);
        assert_eq!(ahead(&DAY, minute, at(0), Span::from_secs(1_000_000)), 80.0, "a whole period and more");
    }

    #[test]
    fn replicas_stay_within_the_bounds_of_the_time() {
        let plan = Predictive {
            mode: PredictiveMode::Auto,
            interval: Span::from_secs(60),
            forecast: DAY.to_vec(),
            step: Span::from_secs(60),
            per_replica: 10.0,
            forward: Span::ZERO,
            bounds: vec![(Time::ZERO, 2, 5), (Time::from_secs(180), 4, 9)],
        };
        let replicas = [0, 60, 120, 180].map(|t| replicas_ahead(&plan, Time::from_secs(t)).0);
        assert_eq!(replicas, [2, 4, 5, 4]);
        assert_eq!(bounds_at(&plan.bounds, Time::from_secs(179)), (2, 5));
    }
}
