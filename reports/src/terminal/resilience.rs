//! Configurations side by side: what they cost, and which zone each can lose.

use std::fmt::Write as _;

use super::study::fitted;
use super::{Look, said};
use crate::format;

/// A configuration.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Mean cost and half the width of its interval.
    pub cost: Option<(f64, Option<f64>)>,
    /// When zones are lost, in seconds.
    pub at_s: f64,
    /// As it is (no zone), then without each zone.
    pub cases: Vec<Case>,
    /// Whether it holds all of them.
    pub survives: bool,
}

/// A case of a configuration.
#[derive(Clone, Debug)]
pub struct Case {
    /// The zone that is lost.
    pub zone: Option<String>,
    /// Runs, and those that met all objectives.
    pub runs: u32,
    /// Runs that met all objectives.
    pub met: u32,
    /// 99th percentile of latency in milliseconds.
    pub p99_ms: Option<f64>,
}

/// All configurations in one table, and the cheapest that survives.
pub fn resilience(rows: &[Row], note: &str, look: Look) -> String {
    let mut zones: Vec<&String> = rows.iter().flat_map(|row| row.cases.iter().filter_map(|case| case.zone.as_ref())).collect();
    zones.sort();
    zones.dedup();
    let figures: Vec<String> = ["survives", "cost"].into_iter().chain(zones.iter().map(|zone| zone.as_str())).chain(["as it is"]).map(str::to_owned).collect();
    let shown = |with_latency: bool| {
        let cell = |case: &Case| {
            let p99 = case.p99_ms.filter(|_| with_latency).map_or_else(String::new, |ms| format!(", p99 {}", format::latency(ms)));
            format!("{}/{}{p99}", case.met, case.runs)
        };
        let line = |row: &Row| {
            let of = |zone: Option<&String>| row.cases.iter().find(|case| case.zone.as_ref() == zone).map_or_else(String::new, cell);
            let cost = row.cost.map_or_else(String::new, |(mean, _)| format::figure("cost.total", mean));
            let mut cells = vec![row.name.clone(), look.lang.word(if row.survives { "yes" } else { "no" }), cost];
            cells.extend(zones.iter().copied().map(Some).chain([None]).map(of));
            cells
        };
        let lines: Vec<Vec<String>> = rows.iter().map(line).collect();
        let mut page = look.page();
        let dropped = fitted(&mut page, "any one zone lost at the peak", note, &["configuration".to_owned()], &figures, &lines);
        (page.finish(), dropped)
    };
    // On a page too narrow for all zones latencies go first, then how it is without a loss.
    let (full, dropped) = shown(true);
    let mut text = if zones.iter().any(|zone| dropped.contains(zone)) { shown(false).0 } else { full };
    let cheapest = rows.iter().filter(|row| row.survives).min_by(|a, b| {
        let cost = |row: &Row| row.cost.map_or(f64::INFINITY, |(mean, _)| mean);
        cost(a).total_cmp(&cost(b))
    });
    let mut last = String::new();
    let _ = match cheapest {
        Some(row) => {
            let cost = row.cost.map_or_else(String::new, |(mean, half)| {
                let half = half.map(|half| format!(" ± {}", format::figure("cost.total", half))).unwrap_or_default();
                format!(", {}{half}", format::figure("cost.total", mean))
            });
            writeln!(last, "cheapest that survives the loss of any one zone: {}{cost}", row.name)
        }
        None => writeln!(last, "none survives the loss of any one zone"),
    };
    if let Some(row) = rows.first() {
        let _ = writeln!(last, "zones are lost at {}, the peak of {}", format::clock(row.at_s), row.name);
    }
    text.push('\n');
    text + &said(&last, look.lang)
}

#[cfg(test)]
mod tests {
    use super::{Case, Row, resilience};
    use crate::lang::Lang;
    use crate::terminal::Look;

    #[test]
    fn the_cheapest_survivor_is_named() {
        let case = |zone: Option<&str>, met: u32| Case { zone: zone.map(str::to_owned), runs: 20, met, p99_ms: Some(240.0) };
        let row = |name: &str, cost: f64, met: u32| Row {
            name: name.to_owned(),
            cost: Some((cost, Some(0.1))),
            at_s: 3600.0,
            cases: vec![case(None, 20), case(Some("zone-h"), met), case(Some("zone-i"), 20)],
            survives: met == 20,
        };
        let rows = [row("lean.yaml", 10.0, 3), row("spread.yaml", 12.0, 20), row("double.yaml", 20.0, 20)];
        let look = |lang| Look { width: 80, color: false, lang };
        let shown = resilience(&rows, "objectives met", look(Lang::En));
        assert!(shown.contains("cheapest that survives the loss of any one zone: spread.yaml, 12.00 ± 0.10"), "{shown}");
        assert!(
            shown.contains("3/20") && shown.contains("zone-h") && shown.contains("zone-i") && shown.lines().all(|line| line.chars().count() <= 80),
            "{shown}"
        );
        assert!(resilience(&rows[..1], "", look(Lang::En)).contains("none survives"));
        let chinese = resilience(&rows, "runs that met all objectives; 95 % of 20 must", look(Lang::Zh));
        for part in ["高峰时失去任一可用区", "能承受", "20 次中须有 95 %", "能承受失去任一可用区的最便宜配置：spread.yaml", "是"]
        {
            assert!(chinese.contains(part), "{part} is missing in\n{chinese}");
        }
    }
}
