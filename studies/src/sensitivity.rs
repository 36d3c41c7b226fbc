//! Which input moves a figure most: elasticities from the points of a sweep.
//!
//! An elasticity is the relative change of a figure for a relative change of an input: 0.5 means that doubling the input raises the figure by about 40 %
//! (2^0.5). It is the slope of a regression of the figure's logarithm on the logarithms of all numeric axes together, so that points need not be a grid.
//! Axes without numbers, and figures that reach zero, have none; main effects show them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::decimal::Decimal;
use crate::overview::Overview;
use crate::statistics::{student_quantile, sum};

/// What an axis does to a figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Elasticity {
    /// Name of the axis.
    pub axis: String,
    /// Relative change of the figure for a relative change of the axis.
    pub value: f64,
    /// Half the width of its interval, from how well a power law fits the points; none if there are too few.
    pub half_width: Option<f64>,
}

/// The mean of a figure at each value of an axis, over all points that have it, in the order of the points.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MainEffect {
    /// Name of the axis.
    pub axis: String,
    /// Its values and the means.
    pub levels: Vec<(String, f64)>,
}

/// Elasticities of a figure (its place among those shown) to all numeric axes.
pub fn elasticities(overview: &Overview, figure: usize) -> Vec<Elasticity> {
    let axes = &overview.manifest.axes;
    let numeric: Vec<usize> = (0..axes.len()).filter(|axis| is_numeric(overview, *axis)).collect();
    let mut rows: Vec<(Vec<f64>, f64)> = Vec::new();
    for (point, summary) in overview.points.iter().enumerate() {
        let x: Option<Vec<f64>> = numeric.iter().map(|axis| Some(positive(&summary.values[*axis])?.ln())).collect();
        let y = overview.mean(point, figure).filter(|mean| *mean > 0.0);
        if let (Some(x), Some(y)) = (x, y) {
            rows.push((x, y.ln()));
        }
    }
    let Some(fit) = regression(&rows, overview.manifest.confidence) else { return Vec::new() };
    numeric.iter().zip(fit).map(|(axis, (value, half_width))| Elasticity { axis: axes[*axis].clone(), value, half_width }).collect()
}

/// Main effects of all axes on a figure.
pub fn main_effects(overview: &Overview, figure: usize) -> Vec<MainEffect> {
    let effect = |axis: usize| {
        let mut order: Vec<&str> = Vec::new();
        let mut means: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for (point, summary) in overview.points.iter().enumerate() {
            let value = summary.values[axis].as_str();
            if let Some(mean) = overview.mean(point, figure).filter(|_| !value.is_empty()) {
                if !means.contains_key(value) {
                    order.push(value);
                }
                means.entry(value).or_default().push(mean);
            }
        }
        if order.iter().all(|value| positive(value).is_some()) {
            order.sort_by(|a, b| positive(a).partial_cmp(&positive(b)).unwrap_or(std::cmp::Ordering::Equal));
        }
        let level = |value: &str| (value.to_owned(), sum(means[value].iter().copied()) / means[value].len() as f64);
        MainEffect { axis: overview.manifest.axes[axis].clone(), levels: order.into_iter().map(level).collect() }
    };
    (0..overview.manifest.axes.len()).map(effect).collect()
}

/// Whether all values of an axis are numbers above zero, and not all the same.
fn is_numeric(overview: &Overview, axis: usize) -> bool {
    let mut values = overview.points.iter().map(|summary| positive(&summary.values[axis]));
    let first = values.next().flatten();
    first.is_some() && overview.points.iter().all(|summary| positive(&summary.values[axis]).is_some()) && values.any(|value| value != first)
}

/// A number above zero: of seconds for durations, of units for quantities.
fn positive(text: &str) -> Option<f64> {
    let plain = text.parse::<f64>().ok();
    let span = || text.parse::<sim_core::units::Span>().ok().map(sim_core::units::Span::as_secs_f64);
    let unit = || text.parse::<Decimal>().ok().map(|number| number.as_f64());
    plain.or_else(span).or_else(unit).filter(|value| *value > 0.0 && value.is_finite())
}

/// Slopes of an ordinary least-squares regression with a constant, each with half its interval's width; none if columns depend on each other.
fn regression(rows: &[(Vec<f64>, f64)], confidence: f64) -> Option<Vec<(f64, Option<f64>)>> {
    let k = rows.first()?.0.len();
    let n = rows.len();
    if k == 0 || n <= k {
        return None;
    }
    // Centred, so that the constant drops out and the system is well conditioned.
    let means: Vec<f64> = (0..k).map(|j| sum(rows.iter().map(|row| row.0[j])) / n as f64).collect();
    let mean = sum(rows.iter().map(|row| row.1)) / n as f64;
    let entry = |i: usize, j: usize| sum(rows.iter().map(|row| (row.0[i] - means[i]) * (row.0[j] - means[j])));
    let moments: Vec<Vec<f64>> = (0..k).map(|i| (0..k).map(|j| entry(i, j)).collect()).collect();
    let right: Vec<f64> = (0..k).map(|i| sum(rows.iter().map(|row| (row.0[i] - means[i]) * (row.1 - mean)))).collect();
    let inverse = inverse(moments)?;
    let slopes: Vec<f64> = inverse.iter().map(|row| sum(row.iter().zip(&right).map(|(a, b)| a * b))).collect();
    let residual = |row: &(Vec<f64>, f64)| row.1 - mean - sum((0..k).map(|j| slopes[j] * (row.0[j] - means[j])));
    let degrees = n - k - 1;
    let variance = (degrees > 0).then(|| sum(rows.iter().map(|row| residual(row).powi(2))) / degrees as f64);
    let half = |j: usize| variance.map(|variance| student_quantile(degrees, f64::midpoint(1.0, confidence)) * (variance * inverse[j][j]).sqrt());
    Some((0..k).map(|j| (slopes[j], half(j))).collect())
}

/// Gauss and Jordan with pivots; none of a singular matrix.
fn inverse(mut a: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let k = a.len();
    let mut b: Vec<Vec<f64>> = (0..k).map(|i| (0..k).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    let scale = a.iter().flatten().fold(0.0_f64, |most, value| most.max(value.abs()));
    for column in 0..k {
        let pivot = (column..k).max_by(|i, j| a[*i][column].abs().total_cmp(&a[*j][column].abs()))?;
        if a[pivot][column].abs() <= scale * 1e-12 {
            return None;
        }
        a.swap(column, pivot);
        b.swap(column, pivot);
        let divisor = a[column][column];
        for value in a[column].iter_mut().chain(&mut b[column]) {
            *value /= divisor;
        }
        for row in (0..k).filter(|row| *row != column) {
            let factor = a[row][column];
            for j in 0..k {
                a[row][j] -= factor * a[column][j];
                b[row][j] -= factor * b[column][j];
            }
        }
    }
    Some(b)
}

#[cfg(test)]
mod tests {
    use super::{positive, regression};

    #[test]
    fn a_power_law_is_found_exactly() {
        // y = 3 a^0.5 b^-2
        let rows: Vec<(Vec<f64>, f64)> = (1..5)
            .flat_map(|a| (1..4).map(move |b| (f64::from(a).ln(), f64::from(b).ln())))
            .map(|(a, b)| (vec![a, b], 3f64.ln() + 0.5 * a - 2.0 * b))
            .collect();
        let fit = regression(&rows, 0.95).unwrap();
        assert!((fit[0].0 - 0.5).abs() < 1e-9 && (fit[1].0 + 2.0).abs() < 1e-9);
        assert!(fit.iter().all(|(_, half)| half.unwrap() < 1e-6));
    }

    #[test]
    fn axes_that_move_together_cannot_be_told_apart() {
        let rows: Vec<(Vec<f64>, f64)> = (1..9).map(|a| (vec![f64::from(a), 2.0 * f64::from(a)], f64::from(a))).collect();
        assert_eq!(regression(&rows, 0.95), None);
        assert_eq!(regression(&[(vec![1.0], 1.0)], 0.95), None);
    }

    #[test]
    fn values_with_units_are_numbers() {
        assert_eq!([positive("90s"), positive("1m30s"), positive("40"), positive("800/s")], [Some(90.0), Some(90.0), Some(40.0), Some(800.0)]);
        assert_eq!([positive("0"), positive("eci"), positive("-1"), positive("")], [None; 4]);
    }
}
