//! Sums that do not lose the small part of a number.

/// Neumaier's compensated sum: the error does not grow with the number of values.
pub fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = total + value;
        lost += if total.abs() >= value.abs() { (total - next) + value } else { (value - next) + total };
        total = next;
    }
    total + lost
}

#[cfg(test)]
mod tests {
    use super::sum;

    #[test]
    fn small_values_are_not_lost_beside_large_ones() {
        assert_eq!(sum([1e16, 1.0, 1.0, -1e16]), 2.0);
        assert_eq!(sum(std::iter::repeat_n(0.1, 10)), 1.0);
    }
}
