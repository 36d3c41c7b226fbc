//! Piecewise-linear functions of time: request rates and CPU demand.

use crate::units::{Span, Time};

/// A function of time that is linear between breakpoints and may jump at them; zero before the first.
///
/// Every load profile becomes a curve, and curves add up, so that arrivals can be drawn by exact inversion.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    pieces: Vec<Piece>,
}

/// One linear piece: `start_value` at `start`, `end_value` just before the next piece starts. The last piece stays at its `end_value`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// Where the piece starts.
    pub start: Time,
    /// Value at the start.
    pub start_value: f64,
    /// Limit at the end.
    pub end_value: f64,
}

impl Curve {
    /// Zero everywhere.
    pub const ZERO: Self = Self { pieces: Vec::new() };

    /// The curve of these pieces, whose starts strictly increase. The last piece must be flat.
    pub fn from_pieces(pieces: Vec<Piece>) -> Self {
        assert!(pieces.windows(2).all(|w| w[0].start < w[1].start), "pieces out of order");
        assert!(
            pieces.iter().all(|p| p.start_value.is_finite() && p.end_value.is_finite() && p.start_value >= 0.0 && p.end_value >= 0.0),
            "a negative or infinite rate"
        );
        assert!(pieces.last().is_none_or(|p| p.start_value == p.end_value), "the last piece has no end to slope to");
        Self { pieces }
    }

    /// Straight lines through `points` (time, value), then flat. Two points at one time make a jump.
    pub fn through(points: &[(Time, f64)]) -> Self {
        let mut pieces: Vec<Piece> = Vec::with_capacity(points.len());
        for (i, &(start, value)) in points.iter().enumerate() {
            let end_value = points.get(i + 1).map_or(value, |next| next.1);
            if points.get(i + 1).is_none_or(|next| next.0 > start) {
                pieces.push(Piece { start, start_value: value, end_value });
            }
        }
        Self::from_pieces(pieces)
    }

    /// Steps: each value holds from its time to the next.
    pub fn steps(points: &[(Time, f64)]) -> Self {
        let mut pieces: Vec<Piece> = Vec::with_capacity(points.len());
        for &(start, value) in points {
            if pieces.last().is_some_and(|p| p.start == start) {
                pieces.pop();
            }
            pieces.push(Piece { start, start_value: value, end_value: value });
        }
        Self::from_pieces(pieces)
    }

    /// The same value from the start on.
    pub fn constant(value: f64) -> Self {
        Self::from_pieces(vec![Piece { start: Time::ZERO, start_value: value, end_value: value }])
    }

    /// The pieces, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Whether the curve is zero everywhere.
    pub fn is_zero(&self) -> bool {
        self.pieces.iter().all(|p| p.start_value == 0.0 && p.end_value == 0.0)
    }

    /// End of the `index`-th piece.
    pub fn piece_end(&self, index: usize) -> Time {
        self.pieces.get(index + 1).map_or(Time::MAX, |next| next.start)
    }

    /// The value at `t` (from the right at a jump).
    pub fn at(&self, t: Time) -> f64 {
        self.index_at(t).map_or(0.0, |index| self.at_in(index, t))
    }

    /// The value at `t` on the line of the `index`-th piece.
    pub fn at_in(&self, index: usize, t: Time) -> f64 {
        let piece = &self.pieces[index];
        if piece.start_value == piece.end_value {
            return piece.start_value;
        }
        let length = self.piece_end(index).since(piece.start).as_secs_f64();
        piece.start_value + (piece.end_value - piece.start_value) * (t.since(piece.start).as_secs_f64() / length)
    }

    /// The integral over `[from, to)` in value-seconds.
    pub fn integral(&self, from: Time, to: Time) -> f64 {
        let mut index = self.pieces.partition_point(|p| p.start <= from).saturating_sub(1);
        let mut sum = 0.0;
        while index < self.pieces.len() && self.pieces[index].start < to {
            let (a, b) = (self.pieces[index].start.max(from), self.piece_end(index).min(to));
            if b > a {
                sum += f64::midpoint(self.at_in(index, a), self.at_in(index, b)) * b.since(a).as_secs_f64();
            }
            index += 1;
        }
        sum
    }

    /// The largest value over `[0, until)`.
    pub fn peak(&self, until: Span) -> f64 {
        let end = Time::ZERO + until;
        self.pieces.iter().filter(|p| p.start < end).fold(0.0, |peak, p| f64::max(peak, f64::max(p.start_value, p.end_value)))
    }

    /// The sum of two curves.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let mut starts: Vec<Time> = self.pieces.iter().chain(&other.pieces).map(|p| p.start).collect();
        starts.sort_unstable();
        starts.dedup();
        let pieces = starts
            .iter()
            .enumerate()
            .map(|(i, &start)| {
                let start_value = self.at(start) + other.at(start);
                let end_value = starts.get(i + 1).map_or(start_value, |&end| self.before(end) + other.before(end));
                Piece { start, start_value, end_value }
            })
            .collect();
        Self::from_pieces(pieces)
    }

    /// The product of two curves. Where both slope it is not linear, and drawn with straight lines between exact values, sixteen a piece.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        const PARTS: u64 = 16;
        let mut starts: Vec<Time> = self.pieces.iter().chain(&other.pieces).map(|p| p.start).collect();
        starts.sort_unstable();
        starts.dedup();
        let slopes = |curve: &Self, t: Time| curve.index_at(t).is_some_and(|index| curve.pieces[index].start_value != curve.pieces[index].end_value);
        let between: Vec<Time> = starts
            .windows(2)
            .filter(|ends| slopes(self, ends[0]) && slopes(other, ends[0]))
            .flat_map(|ends| {
                (1..PARTS).map(|part| ends[0] + Span::from_nanos((u128::from(ends[1].since(ends[0]).as_nanos()) * u128::from(part) / u128::from(PARTS)) as u64))
            })
            .collect();
        starts.extend(between);
        starts.sort_unstable();
        starts.dedup();
        let pieces = starts
            .iter()
            .enumerate()
            .map(|(i, &start)| {
                let start_value = self.at(start) * other.at(start);
                let end_value = starts.get(i + 1).map_or(start_value, |&end| self.before(end) * other.before(end));
                Piece { start, start_value, end_value }
            })
            .collect();
        Self::from_pieces(pieces)
    }

    /// The piece that holds `t`.
    fn index_at(&self, t: Time) -> Option<usize> {
        self.pieces.partition_point(|p| p.start <= t).checked_sub(1)
    }

    /// The limit at `t` from the left.
    fn before(&self, t: Time) -> f64 {
        self.pieces.partition_point(|p| p.start < t).checked_sub(1).map_or(0.0, |index| self.at_in(index, t))
    }

    /// Every value times `factor`.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self::from_pieces(self.pieces.iter().map(|p| Piece { start: p.start, start_value: p.start_value * factor, end_value: p.end_value * factor }).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Curve;
    use crate::units::{Span, Time};

    fn t(s: u64) -> Time {
        Time::from_secs(s)
    }

    #[test]
    fn lines_jumps_and_sums() {
        let ramp = Curve::through(&[(t(0), 0.0), (t(10), 100.0), (t(20), 100.0), (t(20), 40.0)]);
        assert_eq!([ramp.at(t(5)), ramp.at(t(15)), ramp.at(t(20)), ramp.at(t(99))], [50.0, 100.0, 40.0, 40.0]);
        assert_eq!(ramp.integral(t(0), t(30)), 500.0 + 1000.0 + 400.0);
        let sum = ramp.plus(&Curve::steps(&[(t(5), 10.0), (t(12), 0.0)]));
        assert_eq!([sum.at(t(4)), sum.at(t(5)), sum.at(t(11)), sum.at(t(12)), sum.at(t(50))], [40.0, 60.0, 110.0, 100.0, 40.0]);
        assert!((sum.integral(t(0), t(30)) - 1970.0).abs() < 1e-9);
        assert_eq!(sum.peak(Span::from_secs(100)), 110.0);
        let surge = Curve::through(&[(t(0), 1.0), (t(10), 3.0), (t(10), 2.0), (t(15), 2.0), (t(15), 1.0)]);
        let product = ramp.times(&surge);
        assert_eq!([product.at(t(5)), product.at(t(12)), product.at(t(16)), product.at(t(40))], [100.0, 200.0, 100.0, 40.0]);
        // The integral of 10 t (1 + t / 5) over ten seconds is 1166.7; the straight lines are a little above.
        assert!((product.integral(t(0), t(10)) - 1166.67).abs() < 3.0, "{}", product.integral(t(0), t(10)));
    }
}
