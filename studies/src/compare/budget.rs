//! Budgets of a comparison: `cost.total>+5%`, `p99>300`, `success_rate<-0.1`.

use std::fmt;

use super::Comparison;
use crate::figures;
use crate::statistics::paired::Paired;

/// A condition under which a comparison fails.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    text: String,
    figure: String,
    above: bool,
    /// Whether the limit itself crosses it.
    inclusive: bool,
    limit: Limit,
}

/// What a figure is held against.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Limit {
    /// The second plan's own mean.
    Value(f64),
    /// The difference.
    Difference(f64),
    /// The difference as a share of the first plan's mean.
    Share(f64),
}

/// How a budget fared.
#[derive(Clone, Debug, PartialEq)]
pub enum Fared {
    /// Not crossed.
    Kept,
    /// Crossed by the mean, but chance may have done it.
    Unclear(String),
    /// Crossed, and more than chance can explain; or without replications to tell.
    Crossed(String),
}

impl Budget {
    /// Reads `FIGURE>LIMIT` or `FIGURE<LIMIT`, with `=` after the sign if the limit itself crosses it. A limit with a sign is about the difference (`+5%` of
    /// the first plan's value, or `+0.5` in the figure's own unit), one without about the second plan itself.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("`{text}` is no budget; write a figure, one of `>`, `>=`, `<`, `<=`, and a limit: `cost.total>+5%`, `p99>=300` or `success_rate<-0.001`")
        };
        let at = text.find(['>', '<']).ok_or_else(wrong)?;
        let (figure, limit) = (text[..at].trim(), &text[at + 1..]);
        let (limit, inclusive) = limit.strip_prefix('=').map_or((limit, false), |limit| (limit, true));
        let limit = limit.trim();
        let signed = limit.starts_with(['+', '-']);
        let (number, is_share) = limit.strip_suffix('%').map_or((limit, false), |number| (number.trim_end(), true));
        let number: f64 = number.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(wrong)?;
        let limit = match (signed, is_share) {
            (true, true) => Limit::Share(number / 100.0),
            (true, false) => Limit::Difference(number),
            (false, false) => Limit::Value(number),
            (false, true) => Limit::Value(number / 100.0),
        };
        if figure.is_empty() {
            return Err(wrong());
        }
        Ok(Self { text: text.to_owned(), figure: figure.to_owned(), above: text.as_bytes()[at] == b'>', inclusive, limit })
    }

    /// Whether it is crossed; an error if the comparison has no such figure.
    pub fn judge(&self, comparison: &Comparison) -> Result<Fared, String> {
        let names = comparison.figures.iter().map(|(name, _)| name.as_str());
        let name = figures::resolve(names, &self.figure).map_err(|problem| format!("`{}` is no figure: {problem}", self.figure))?;
        let Some(paired) = comparison.get(name) else { return Err(format!("`{name}` is no figure")) };
        Ok(self.fared(name, paired))
    }

    fn fared(&self, name: &str, paired: &Paired) -> Fared {
        let (value, half, limit) = match self.limit {
            Limit::Value(limit) => (paired.b.mean, paired.b.half_width, limit),
            Limit::Difference(limit) => (paired.difference.mean, paired.difference.half_width, limit),
            Limit::Share(share) => (paired.difference.mean, paired.difference.half_width, share * paired.a.mean.abs()),
        };
        let beyond = if self.above { value - limit } else { limit - value };
        if beyond < 0.0 || beyond == 0.0 && !self.inclusive {
            return Fared::Kept;
        }
        let interval = half.map_or_else(String::new, |half| format!(" ± {}", shown(half)));
        let what = if matches!(self.limit, Limit::Value(_)) { name.to_owned() } else { format!("the difference in {name}") };
        let said = format!("{}: {what} is {}{interval}, the limit {}", self.text, shown(value), shown(limit));
        if half.is_some_and(|half| beyond <= half && half > 0.0) { Fared::Unclear(said) } else { Fared::Crossed(said) }
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for Budget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }
}

/// A number with at most six digits behind the point.
fn shown(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Budget, Fared};
    use crate::case::Outcome;
    use crate::compare::Comparison;

    fn comparison(pairs: &[(f64, f64)]) -> Comparison {
        let outcome = |value: f64| Outcome { seed: 1, digest: String::new(), figures: [("cost.total".to_owned(), value)].into() };
        let (a, b): (Vec<Outcome>, Vec<Outcome>) = pairs.iter().map(|(a, b)| (outcome(*a), outcome(*b))).unzip();
        Comparison::of(&a.iter().collect::<Vec<_>>(), &b.iter().collect::<Vec<_>>(), 0.95)
    }

    fn judge(budget: &str, comparison: &Comparison) -> Fared {
        Budget::parse(budget).unwrap().judge(comparison).unwrap()
    }

    #[test]
    fn budgets_are_about_differences_or_values() {
        let ten_more = comparison(&[(100.0, 110.0), (102.0, 112.1), (98.0, 107.9)]);
        for (budget, crossed) in [
            ("cost.total>+5%", true),
            ("cost.total>+15%", false),
            ("cost>+9", true),
            ("cost > +11", false),
            ("cost.total>104", true),
            // Above 105 too, but within the interval of ± 5.2.
            ("cost.total>105", false),
            ("cost.total>120", false),
            ("cost.total<120", true),
            ("cost.total<-5%", false),
        ] {
            assert_eq!(matches!(judge(budget, &ten_more), Fared::Crossed(_)), crossed, "{budget}");
        }
        assert_eq!(judge("cost<+5%", &ten_more), Fared::Kept);
        let same = comparison(&[(100.0, 100.0), (100.0, 100.0)]);
        assert_eq!((judge("cost>100", &same), judge("cost<+0", &same)), (Fared::Kept, Fared::Kept));
        assert!(matches!(judge("cost>=100", &same), Fared::Crossed(_)) && matches!(judge("cost <= +0%", &same), Fared::Crossed(_)));
    }

    #[test]
    fn what_may_be_chance_is_unclear() {
        let noisy = comparison(&[(100.0, 120.0), (100.0, 95.0), (100.0, 110.0)]);
        assert!(matches!(judge("cost>+5%", &noisy), Fared::Unclear(_)));
        assert!(matches!(judge("cost>+5%", &comparison(&[(100.0, 120.0)])), Fared::Crossed(_)), "one pair is all there is to go by");
    }

    #[test]
    fn what_is_no_budget_is_refused() {
        for text in ["", "cost", "cost>", ">5", "cost>five", "cost>+%"] {
            assert!(Budget::parse(text).is_err(), "{text}");
        }
        let problem = Budget::parse("p98>1").unwrap().judge(&comparison(&[(1.0, 1.0)])).unwrap_err();
        assert!(problem.contains("no figure"), "{problem}");
    }
}
