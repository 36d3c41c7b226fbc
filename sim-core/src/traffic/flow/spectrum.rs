//! How much of something takes how long: a histogram with fractions.

/// Cells an octave, as a power of two: a cell is at most 1.6 % wide.
const PRECISION: u32 = 6;
const CELLS: u64 = 1 << PRECISION;
/// Most values that are told apart when they are added to others.
const LATER: usize = 64;

/// Mass by value in nanoseconds. Each cell knows the mean of its values, so that sums are exact.
#[derive(Clone, Debug, Default)]
pub(super) struct Spectrum {
    /// The number of the first cell.
    base: usize,
    /// Mass, and mass times value.
    cells: Vec<(f64, f64)>,
}

impl Spectrum {
    /// Adds mass at a value.
    pub(super) fn add(&mut self, value: f64, mass: f64) {
        let index = cell(value);
        if self.cells.is_empty() {
            self.base = index;
        }
        if index < self.base {
            self.cells.splice(0..0, std::iter::repeat_n((0.0, 0.0), self.base - index));
            self.base = index;
        }
        let place = index - self.base;
        if place >= self.cells.len() {
            self.cells.resize(place + 1, (0.0, 0.0));
        }
        let cell = &mut self.cells[place];
        cell.0 += mass;
        cell.1 += mass * value;
    }

    /// Adds a share of another one.
    pub(super) fn add_all(&mut self, other: &Self, share: f64) {
        for (value, mass) in other.atoms() {
            self.add(value, mass * share);
        }
    }

    /// Values that have mass, in ascending order, with it.
    pub(super) fn atoms(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.cells.iter().filter(|cell| cell.0 > 0.0).map(|&(mass, moment)| (moment / mass, mass))
    }

    /// At most about `most` of them, with neighbours together.
    pub(super) fn merged(&self, most: usize) -> impl Iterator<Item = (f64, f64)> + '_ {
        let merged =
            self.cells.chunks(self.cells.len().div_ceil(most).max(1)).map(|some| some.iter().fold((0.0, 0.0), |sum, cell| (sum.0 + cell.0, sum.1 + cell.1)));
        merged.filter(|cell| cell.0 > 0.0).map(|(mass, moment)| (moment / mass, mass))
    }

    /// These values, each so much later as the other one says, which does not depend on it.
    pub(super) fn after(&self, other: &Self) -> Self {
        let mass = other.mass();
        if other.atoms().all(|(value, _)| value == 0.0) {
            return self.clone();
        }
        let mut sum = Self::default();
        for (offset, share) in other.merged(LATER) {
            for (value, of) in self.atoms() {
                sum.add(offset + value, of * share / mass);
            }
        }
        sum
    }

    /// Whether there is nothing.
    pub(super) const fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// All mass.
    pub(super) fn mass(&self) -> f64 {
        self.cells.iter().map(|cell| cell.0).sum()
    }

    /// Keeps a share of all mass.
    pub(super) fn keep(&mut self, share: f64) {
        for cell in &mut self.cells {
            cell.0 *= share;
            cell.1 *= share;
        }
    }
}

/// The cell of a value: the octave and the bits after the leading one, as in [`crate::traffic::Histogram`].
fn cell(value: f64) -> usize {
    let value = value as u64;
    let shift = (63 - PRECISION) - (value | CELLS).leading_zeros();
    ((shift as usize) << PRECISION) + (value >> shift) as usize
}

#[cfg(test)]
mod tests {
    use super::Spectrum;

    #[test]
    fn mass_and_mean_are_kept() {
        let mut spectrum = Spectrum::default();
        for (value, mass) in [(5e6, 1.0), (1e3, 2.0), (0.0, 0.5), (3e9, 0.25), (5.01e6, 3.0)] {
            spectrum.add(value, mass);
        }
        assert!((spectrum.mass() - 6.75).abs() < 1e-12);
        let moment: f64 = spectrum.atoms().map(|(value, mass)| value * mass).sum();
        assert!((moment - (5e6 + 2e3 + 0.75e9 + 15.03e6)).abs() < 1.0, "{moment}");
        assert!(spectrum.atoms().is_sorted_by(|a, b| a.0 < b.0));
        spectrum.keep(0.5);
        assert!((spectrum.mass() - 3.375).abs() < 1e-12);
    }
}
