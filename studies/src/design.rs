//! Which points a study consists of: combinations of the values of its axes, made one at a time.

mod latin;
mod sobol;

use sim_core::random::{Streams, unit};
use sim_scenarios::overrides::Override;

use crate::condition::Condition;
use crate::decimal::Decimal;
use latin::Permutation;
use sobol::Sobol;

pub use sobol::DIMENSIONS as SOBOL_DIMENSIONS;

/// Everything that varies, and how it is combined.
#[derive(Clone, Debug)]
pub struct Design {
    /// What varies.
    pub axes: Vec<Axis>,
    /// Axes that move together, by their places: each group is one dimension.
    pub dimensions: Vec<Vec<usize>>,
    /// Points to leave out.
    pub exclude: Vec<Condition>,
    /// How dimensions are combined.
    pub kind: Kind,
}

/// How dimensions are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Every combination, the last dimension fastest.
    Grid,
    /// Independent random points.
    Random(Sample),
    /// Latin hypercube.
    LatinHypercube(Sample),
    /// Sobol's sequence.
    Sobol(Sample),
}

/// Size and seed of a sampled design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Number of points drawn.
    pub points: u64,
    /// Seed of the draw.
    pub seed: u64,
}

/// Something that varies.
#[derive(Clone, Debug)]
pub struct Axis {
    /// Name in tables and charts.
    pub name: String,
    /// Its values.
    pub levels: Levels,
    /// Where it varies; everywhere if there is none.
    pub when: Option<Condition>,
}

/// The values of an axis.
#[derive(Clone, Debug)]
pub enum Levels {
    /// One of these.
    List(Vec<Level>),
    /// Any number of a range.
    Continuous(Continuous),
}

/// One value of an axis.
#[derive(Clone, Debug)]
pub struct Level {
    /// As tables show it and conditions compare it.
    pub text: String,
    /// What it changes in the scenario.
    pub changes: Vec<Override>,
}

/// Any number of a range.
#[derive(Clone, Debug)]
pub struct Continuous {
    /// Its lower end.
    pub from: Decimal,
    /// Its upper end.
    pub to: Decimal,
    /// Whether numbers are spread by ratio.
    pub log: bool,
    /// What is changed, with any value.
    pub changes: Vec<Override>,
}

/// One combination.
#[derive(Clone, Debug)]
pub struct Point {
    /// Its number, from 0, without gaps.
    pub index: u64,
    /// A value for each axis; none where the axis does not apply.
    pub levels: Vec<Option<Level>>,
}

/// Digits of a number that is drawn from a range.
const DIGITS: usize = 6;

impl Point {
    /// What is changed in the scenario, in the order of the axes.
    pub fn changes(&self) -> Vec<Override> {
        self.levels.iter().flatten().flat_map(|level| level.changes.iter().cloned()).collect()
    }

    /// The values as text, empty where an axis does not apply.
    pub fn texts(&self) -> Vec<String> {
        self.levels.iter().map(|level| level.as_ref().map_or_else(String::new, |level| level.text.clone())).collect()
    }
}

impl Axis {
    /// Number of values; none of a range.
    pub const fn count(&self) -> Option<usize> {
        match &self.levels {
            Levels::List(levels) => Some(levels.len()),
            Levels::Continuous(_) => None,
        }
    }

    fn level(&self, share: f64, place: Option<usize>) -> Level {
        match &self.levels {
            Levels::List(levels) => levels[place.unwrap_or((share * levels.len() as f64) as usize).min(levels.len() - 1)].clone(),
            Levels::Continuous(range) => range.level(share),
        }
    }
}

impl Continuous {
    pub(crate) fn level(&self, share: f64) -> Level {
        let (from, to) = (self.from.as_f64(), self.to.as_f64());
        // Points of a design are inputs of runs: they must be the same on every platform.
        let value = if self.log { from * sim_core::math::exp(share * sim_core::math::ln(to / from)) } else { (to - from).mul_add(share, from) };
        let text = Decimal::rounded(value, DIGITS, &self.from.unit).to_string();
        let changes = self.changes.iter().map(|change| change.with_text(&text)).collect();
        Level { text, changes }
    }
}

impl Design {
    /// The points, made as they are asked for.
    pub fn points(&self) -> impl Iterator<Item = Point> + Send + '_ {
        let drawn = match self.kind {
            Kind::Grid => self.combinations().unwrap_or(u64::MAX),
            Kind::Random(sample) | Kind::LatinHypercube(sample) | Kind::Sobol(sample) => sample.points,
        };
        let coordinates = Coordinates::of(self);
        let kept = (0..drawn).filter_map(move |raw| self.levels(raw, &coordinates));
        kept.enumerate().map(|(index, levels)| Point { index: index as u64, levels })
    }

    /// Number of combinations of a grid, before any is left out; none if it does not fit or an axis is continuous.
    pub fn combinations(&self) -> Option<u64> {
        self.dimensions.iter().try_fold(1u64, |product, axes| product.checked_mul(self.axes[*axes.first()?].count()? as u64))
    }

    /// The values of a drawn combination; none if it is left out.
    fn levels(&self, raw: u64, coordinates: &Coordinates) -> Option<Vec<Option<Level>>> {
        let mut levels: Vec<Option<Level>> = vec![None; self.axes.len()];
        let places = (self.kind == Kind::Grid).then(|| self.places(raw));
        for (dimension, axes) in self.dimensions.iter().enumerate() {
            let place = places.as_ref().map(|places| places[dimension]);
            let share = coordinates.share(dimension, raw);
            for axis in axes {
                levels[*axis] = Some(self.axes[*axis].level(share, place));
            }
        }
        // An axis that does not apply must not make the same point several times.
        for axis in 0..self.axes.len() {
            let Some(when) = &self.axes[axis].when else { continue };
            if !when.holds(|other| levels[other].as_ref().map(|level| level.text.as_str())) {
                let dimension = self.dimensions.iter().position(|axes| axes.contains(&axis));
                let alone = dimension.is_some_and(|dimension| self.dimensions[dimension].len() == 1);
                if alone && places.as_ref().zip(dimension).is_some_and(|(places, dimension)| places[dimension] > 0) {
                    return None;
                }
                levels[axis] = None;
            }
        }
        let left_out = self.exclude.iter().any(|condition| condition.holds(|axis| levels[axis].as_ref().map(|level| level.text.as_str())));
        (!left_out).then_some(levels)
    }

    /// Place of each dimension's value in the `raw`-th combination of the grid.
    fn places(&self, mut raw: u64) -> Vec<usize> {
        let mut places = vec![0; self.dimensions.len()];
        for (place, axes) in places.iter_mut().zip(&self.dimensions).rev() {
            let count = axes.first().and_then(|axis| self.axes[*axis].count()).unwrap_or(1) as u64;
            *place = (raw % count) as usize;
            raw /= count;
        }
        places
    }
}

/// Where in 0..1 each dimension stands in a drawn point.
enum Coordinates {
    Grid,
    Random(Vec<Streams>),
    Latin { permutations: Vec<Permutation>, jitter: Streams, points: u64 },
    Sobol(Sobol),
}

impl Coordinates {
    fn of(design: &Design) -> Self {
        let name = |dimension: &Vec<usize>| dimension.iter().map(|axis| design.axes[*axis].name.as_str()).collect::<Vec<_>>().join("+");
        let names = design.dimensions.iter().map(name);
        match design.kind {
            Kind::Grid => Self::Grid,
            Kind::Random(sample) => {
                // A seed of its own for each dimension, by its name: another axis leaves the draws of the others as they are.
                let of = |name: String| Streams::new(sim_core::random::below(&mut Streams::new(sample.seed).stream(&format!("design/{name}")), u64::MAX));
                Self::Random(names.map(of).collect())
            }
            Kind::LatinHypercube(sample) => {
                let streams = Streams::new(sample.seed);
                let permutations = names.map(|name| Permutation::new(sample.points, streams, &format!("design/{name}"))).collect();
                Self::Latin { permutations, jitter: streams, points: sample.points }
            }
            Kind::Sobol(sample) => Self::Sobol(Sobol::new(design.dimensions.len(), sample.seed)),
        }
    }

    fn share(&self, dimension: usize, point: u64) -> f64 {
        match self {
            Self::Grid => 0.0,
            Self::Random(seeds) => unit(&mut seeds[dimension].indexed("point", point)),
            Self::Latin { permutations, jitter, points } => {
                let within = unit(&mut jitter.indexed(&format!("design/jitter/{dimension}"), point));
                (permutations[dimension].of(point) as f64 + within) / *points as f64
            }
            Self::Sobol(sobol) => sobol.share(dimension, point),
        }
    }
}

#[cfg(test)]
mod tests;
