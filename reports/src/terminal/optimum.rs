//! What a search found.

use std::fmt::Write as _;

use super::study::points;
use super::{Look, said};
use crate::format;
use crate::lang::Lang;

/// Most points of the frontier that are shown.
const SHOWN: usize = 12;

/// The answer to a search.
#[derive(Clone, Debug)]
pub struct Optimum {
    /// The figure that is minimised.
    pub minimize: String,
    /// When a point holds, in words.
    pub holds: String,
    /// Points to choose from, and those that were run.
    pub points: usize,
    /// Points that were run.
    pub tried: usize,
    /// Runs used, those by rates among them.
    pub runs: u32,
    /// Runs that simulated rates instead of requests.
    pub screened: u32,
    /// Most runs allowed.
    pub budget: u32,
    /// Whether the search ended before they were used up.
    pub complete: bool,
    /// The cheapest point that holds.
    pub best: Option<Choice>,
    /// The next one.
    pub runner_up: Option<Choice>,
    /// What keeps the best point from being cheaper, in words.
    pub binds: Vec<String>,
    /// Points than which none is both cheaper and further from its bounds, cheapest first.
    pub frontier: Vec<Choice>,
}

/// A point that was run.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its values, each with the name of its axis.
    pub values: Vec<(String, String)>,
    /// How often it was run.
    pub runs: u32,
    /// Mean of what is minimised, and half the width of its interval.
    pub cost: Option<(f64, Option<f64>)>,
    /// Probability that it holds.
    pub certainty: f64,
    /// Each constraint in words, its figure, in how many runs it held, and the mean of its figure.
    pub constraints: Vec<(String, String, u32, Option<f64>)>,
}

impl Choice {
    fn shown(&self) -> String {
        let parts: Vec<String> = self.values.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}")).collect();
        parts.join(", ")
    }

    fn priced(&self, figure: &str) -> String {
        self.cost.map_or_else(String::new, |(mean, half)| {
            let half = half.map(|half| format!(" ± {}", format::figure(figure, half))).unwrap_or_default();
            format::figure(figure, mean) + &half
        })
    }
}

/// The answer for people.
pub fn optimum(found: &Optimum, look: Look) -> String {
    let mut text = String::new();
    let minimize = &found.minimize;
    match &found.best {
        None => {
            let _ = writeln!(text, "no point that was run holds");
        }
        Some(best) => {
            let _ = writeln!(text, "cheapest point that holds: {}", best.shown());
            let _ = writeln!(text, "  {minimize} {}", best.priced(minimize));
            for (words, figure, held, mean) in &best.constraints {
                let mean = mean.map_or_else(String::new, |mean| format!(", mean {}", format::figure(figure, mean)));
                let _ = writeln!(text, "  {words}: in {held} of {} runs{mean}", best.runs);
            }
            let _ = writeln!(text, "  certainty that it holds: {}", format::percent(best.certainty));
            if let Some(next) = &found.runner_up {
                let _ = writeln!(text, "runner-up: {}", next.shown());
                let _ = writeln!(text, "  {minimize} {}, certainty {}", next.priced(minimize), format::percent(next.certainty));
            }
            if !found.binds.is_empty() {
                text += "what binds:\n";
                found.binds.iter().for_each(|line| text += &format!("  {line}\n"));
            }
        }
    }
    let _ = writeln!(text, "holds: {}", found.holds);
    let screened = if found.screened > 0 { format!(", {} of them by rates to look around", found.screened) } else { String::new() };
    let _ = writeln!(text, "{} runs of at most {}{screened}; {} of {} points were run", found.runs, found.budget, found.tried, found.points);
    if !found.complete {
        text += "the budget ended the search: a larger `--budget` may find a cheaper point\n";
    }
    constraints(&said(&text, look.lang), look.lang) + &frontier(found, look)
}

/// Constraints in the words of a language: they are parts of many sentences.
fn constraints(text: &str, lang: Lang) -> String {
    const WORDS: [(&str, &str); 6] =
        [(" below ", " 低于 "), (" above ", " 高于 "), (" at most ", " 至多 "), (" at least ", " 至少 "), (" met", " 达成"), (" and ", "，且 ")];
    if lang == Lang::En { text.to_owned() } else { WORDS.iter().fold(text.to_owned(), |text, (en, zh)| text.replace(en, zh)) }
}

fn frontier(found: &Optimum, look: Look) -> String {
    let shown = &found.frontier[..found.frontier.len().min(SHOWN)];
    let Some(first) = shown.first() else { return String::new() };
    let names: Vec<String> = first.values.iter().map(|(name, _)| name.clone()).collect();
    let constraints = first.constraints.iter().map(|(_, figure, ..)| short(figure));
    let figures: Vec<String> = [short(&found.minimize), "certainty".to_owned()].into_iter().chain(constraints).chain(["runs".to_owned()]).collect();
    let row = |choice: &Choice| -> Vec<String> {
        let cost = choice.cost.map_or_else(String::new, |(mean, _)| format::figure(&found.minimize, mean));
        let held = choice.constraints.iter().map(|(_, figure, _, mean)| mean.map_or_else(String::new, |mean| format::figure(figure, mean)));
        let values = choice.values.iter().map(|(_, value)| value.clone());
        values.chain([cost, format::percent(choice.certainty)]).chain(held).chain([choice.runs.to_string()]).collect()
    };
    let rows: Vec<Vec<String>> = shown.iter().map(row).collect();
    points("cost against constraint", "nothing is cheaper and further from its bounds", &names, &figures, &rows, look)
}

/// A figure's path without what every reader knows.
pub fn short(figure: &str) -> String {
    let short = ["latency_ms.", "requests.", "objectives."].iter().find_map(|known| figure.strip_prefix(known)).unwrap_or(figure);
    short.to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Choice, Lang, Look, Optimum, optimum};

    fn look(lang: Lang) -> Look {
        Look { width: 80, color: false, lang }
    }

    #[test]
    fn the_answer_says_what_how_sure_and_why_not_cheaper() {
        let choice = |nodes: &str, cost: f64| Choice {
            values: vec![("nodes".to_owned(), nodes.to_owned()), ("type".to_owned(), "ecs.c7.2xlarge".to_owned())],
            runs: 12,
            cost: Some((cost, Some(0.02))),
            certainty: 0.994,
            constraints: vec![("latency_ms.p99 below 300".to_owned(), "latency_ms.p99".to_owned(), 12, Some(276.0))],
        };
        let found = Optimum {
            minimize: "cost.total".to_owned(),
            holds: "latency_ms.p99 below 300 in 95 % of runs, with 95 % confidence".to_owned(),
            points: 672,
            tried: 41,
            runs: 67,
            screened: 0,
            budget: 67,
            complete: false,
            best: Some(choice("2", 1.5)),
            runner_up: Some(choice("3", 1.6)),
            binds: vec!["with nodes=1: misses latency_ms.p99 below 300".to_owned()],
            frontier: vec![choice("2", 1.5), choice("3", 1.6)],
        };
        let shown = optimum(&found, look(Lang::En));
        for part in [
            "nodes=2, type=ecs.c7.2xlarge",
            "1.50 ± 0.02",
            "in 12 of 12 runs, mean 276 ms",
            "99.4 %",
            "runner-up: nodes=3",
            "misses",
            "67 runs of at most 67",
            "larger `--budget`",
        ] {
            assert!(shown.contains(part), "{part} is missing in\n{shown}");
        }
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
        let chinese = optimum(&found, look(Lang::Zh));
        for part in [
            "满足约束的最便宜的点：nodes=2",
            "latency_ms.p99 低于 300：12 次运行中 12 次满足，均值 276 ms",
            "把握：99.4 %",
            "次优：nodes=3",
            "限制因素",
            "取 nodes=1 时：不满足 latency_ms.p99 低于 300",
            "95 % 的运行",
            "运行 67 次，至多 67 次",
            "预算已用尽",
            "费用与约束",
        ] {
            assert!(chinese.contains(part), "{part} is missing in\n{chinese}");
        }
        let none = optimum(&Optimum { best: None, runner_up: None, binds: Vec::new(), frontier: Vec::new(), ..found }, look(Lang::En));
        assert!(none.contains("no point that was run holds"), "{none}");
    }
}
