//! Products, and systems of equations with a lower triangle, row by row.

/// The sum of products, as far as both go. Four sums side by side: a single one waits for each addition.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len());
    let (a, b) = (a[..n].chunks_exact(4), b[..n].chunks_exact(4));
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(x, y)| x * y).sum();
    let mut sums = [0.0; 4];
    for (x, y) in a.zip(b) {
        for lane in 0..4 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    (sums[0] + sums[2]) + (sums[1] + sums[3]) + rest
}

pub(super) fn forward(factor: &[Vec<f64>], values: &[f64]) -> Vec<f64> {
    let mut solved: Vec<f64> = Vec::with_capacity(values.len());
    for (row, value) in factor.iter().zip(values) {
        let known = dot(row, &solved);
        let pivot = row[solved.len()];
        solved.push((value - known) / pivot);
    }
    solved
}

pub(super) fn backward(factor: &[Vec<f64>], mut values: Vec<f64>) -> Vec<f64> {
    for i in (0..values.len()).rev() {
        values[i] /= factor[i][i];
        let solved = values[i];
        for (entry, value) in factor[i].iter().take(i).zip(&mut values) {
            *value -= entry * solved;
        }
    }
    values
}
