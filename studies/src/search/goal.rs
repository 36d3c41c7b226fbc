//! What a search is for: what it minimises, and what must hold.

use super::Sample;
use crate::figures::Figures;

/// What is minimised under which constraints.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// The figure that is minimised, by its whole path.
    pub minimize: String,
    /// What must hold.
    pub constraints: Vec<Constraint>,
    /// Whether constraints are judged by the mean over runs, or run by run.
    pub on_average: bool,
    /// Share of runs in which all constraints hold together, where they are judged run by run (0..1).
    pub share: f64,
    /// How certain the answer must be (0.5..1).
    pub confidence: f64,
    /// Most runs, if the study says so.
    pub budget: Option<u32>,
}

/// Something that must hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Constraint {
    /// An objective of the scenario is met.
    Objective {
        /// Its name.
        name: String,
        /// Share of windows in which it must hold (0..=1).
        attain: f64,
    },
    /// A figure has a bound.
    Figure {
        /// Its whole path.
        figure: String,
        /// Whether the bound is a least value.
        at_least: bool,
        /// Whether the bound itself holds.
        inclusive: bool,
        /// The bound.
        bound: f64,
    },
}

/// Largest margin: beyond it one value is as good as another.
const FAR: f64 = 5.0;

/// Share of bad windows that counts where none is bad.
const NONE_BAD: f64 = 5e-4;

impl Constraint {
    /// Its name in tables.
    pub fn text(&self) -> String {
        match self {
            Self::Objective { name, .. } => format!("{name} met"),
            Self::Figure { figure, at_least, inclusive, bound } => {
                let word = match (at_least, inclusive) {
                    (true, true) => "at least",
                    (true, false) => "above",
                    (false, true) => "at most",
                    (false, false) => "below",
                };
                format!("{figure} {word} {bound}")
            }
        }
    }

    /// The figure that it looks at.
    pub fn figure(&self) -> String {
        match self {
            Self::Objective { name, .. } => format!("objectives.{name}.met"),
            Self::Figure { figure, .. } => figure.clone(),
        }
    }

    /// Whether a run with these figures holds it. A figure that a run has not got holds no bound.
    pub fn holds(&self, figures: &Figures) -> bool {
        let Some(value) = figures.get(&self.figure()).copied() else { return false };
        match self {
            Self::Objective { .. } => value == 1.0,
            Self::Figure { at_least, inclusive, bound, .. } => {
                (if *at_least { value > *bound } else { value < *bound }) || (*inclusive && value.to_bits() == bound.to_bits())
            }
        }
    }

    /// By how much a run holds it, or misses it: positive exactly where it holds.
    pub fn margin(&self, figures: &Figures, on_average: bool) -> f64 {
        let value = figures.get(&self.figure()).copied();
        match (self, value) {
            (_, None) => -FAR,
            (Self::Objective { name, attain }, Some(met)) => {
                // How close it is, its share of bad windows says, as a ratio to what is allowed; of a run without any, half a window in a thousand is bad.
                let attained = figures.get(&format!("objectives.{name}.attained")).copied().unwrap_or(met);
                let margin = sim_core::math::ln((1.0 - attain).max(NONE_BAD) / (1.0 - attained).max(NONE_BAD));
                if met == 1.0 { margin.clamp(1e-3, FAR) } else { margin.clamp(-FAR, -1e-3) }
            }
            (Self::Figure { at_least, bound, .. }, Some(value)) if on_average => {
                let gap = if *at_least { value - bound } else { bound - value };
                gap / bound.abs().max(1e-12)
            }
            (Self::Figure { at_least, inclusive, bound, .. }, Some(value)) => {
                // Between whole numbers nothing is exactly at the bound: what may be at most 3 is half a one below it at 3.
                let counted = *inclusive && bound.fract() == 0.0 && value.fract() == 0.0;
                let bound = if counted { bound + if *at_least { -0.5 } else { 0.5 } } else { *bound };
                // Shares near 1 differ in what is missing: 0.999 is ten times as good as 0.99.
                let share = *at_least && (0.5..1.0).contains(&bound) && (0.0..=1.0).contains(&value);
                let ratio = if share {
                    (1.0 - bound) / (1.0 - value).max(1e-12)
                } else if *at_least {
                    value / bound
                } else {
                    bound / value
                };
                let margin = if value > 0.0 && bound > 0.0 && ratio.is_finite() {
                    sim_core::math::ln(ratio)
                } else if value == 0.0 && bound > 0.0 && !*at_least {
                    // Nothing at all is as far below as can be.
                    FAR
                } else {
                    (if *at_least { value - bound } else { bound - value }) / bound.abs().max(1e-12)
                };
                // Exactly at the bound, the sign says whether it holds.
                if self.holds(figures) { margin.clamp(1e-9, FAR) } else { margin.clamp(-FAR, -1e-9) }
            }
        }
    }
}

impl Goal {
    /// What the figures of a run say; none if it has not got the figure to minimise.
    pub fn sample(&self, figures: &Figures) -> Sample {
        let margins = self.constraints.iter().map(|constraint| constraint.margin(figures, self.on_average)).collect();
        Sample { cost: figures.get(&self.minimize).copied().unwrap_or(f64::MAX), margins }
    }
}

#[cfg(test)]
mod tests {
    use super::Constraint;
    use crate::figures::Figures;

    #[test]
    fn margins_are_positive_exactly_where_a_constraint_holds() {
        let bound = |at_least, inclusive, bound| Constraint::Figure { figure: "x".to_owned(), at_least, inclusive, bound };
        for constraint in [bound(false, false, 300.0), bound(false, true, 300.0), bound(true, false, 0.99), bound(true, true, 0.0), bound(false, true, 0.0)] {
            for value in [-1.0, 0.0, 0.5, 0.98, 0.99, 0.999, 1.0, 299.0, 300.0, 301.0, 1e9] {
                let figures = Figures::from([("x".to_owned(), value)]);
                assert_eq!(constraint.margin(&figures, false) > 0.0, constraint.holds(&figures), "{} of {value}", constraint.text());
            }
            assert!(!constraint.holds(&Figures::new()) && constraint.margin(&Figures::new(), false) < 0.0);
        }
        let none = bound(false, true, 0.0);
        let of = |value: f64| none.margin(&Figures::from([("x".to_owned(), value)]), false);
        assert!(of(0.0) > 1.0 && of(1.0) < -0.5 && of(9.0) < of(1.0), "none at all is far from one");
        let met = Constraint::Objective { name: "p99".to_owned(), attain: 0.99 };
        let figures = |met: f64, attained: f64| Figures::from([("objectives.p99.met".to_owned(), met), ("objectives.p99.attained".to_owned(), attained)]);
        assert!(met.margin(&figures(1.0, 0.995), false) > 0.0);
        assert!(met.margin(&figures(0.0, 0.9), false) > met.margin(&figures(0.0, 0.1), false));
        assert!(met.margin(&figures(1.0, 1.0), false) > met.margin(&figures(1.0, 0.991), false), "room to spare is worth something");
    }
}
