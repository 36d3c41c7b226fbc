//! Charts of a sweep, and its table of sensitivities.

use std::io::Write;
use std::path::Path;

use sim_reports::chart::study::{Cell, Change, Dot, Effect, StudyChart, effects, frontier, heat_map, tornado};
use sim_reports::html::Lang;
use sim_studies::overview::Overview;
use sim_studies::results::whole;
use sim_studies::sensitivity::{Elasticity, MainEffect, elasticities, main_effects};

/// Writes all charts that say something to `out/charts`, and `sensitivity.csv` to `out`.
pub(super) fn write(overview: &Overview, out: &Path, lang: Lang) -> anyhow::Result<()> {
    let folder = out.join("charts");
    let save = |name: &str, chart: &StudyChart| -> anyhow::Result<()> {
        whole(&folder, &format!("{name}.svg"), |file| file.write_all(chart.svg(lang).as_bytes()))?;
        whole(&folder, &format!("{name}.png"), |file| file.write_all(&chart.png(lang)))?;
        Ok(())
    };
    if let (Some(cost), Some(latency)) = (overview.place("cost.total"), overview.place("latency_ms.p99")) {
        save("frontier", &cost_against_latency(overview, cost, latency))?;
    }
    let mut table = String::from("figure,axis,elasticity,half_width\n");
    for (place, figure) in overview.figures.iter().enumerate() {
        let name: String = figure.chars().map(|c| if c.is_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' }).collect();
        let levels = main_effects(overview, place);
        if levels.iter().any(|effect| effect.levels.len() > 1) {
            save(&format!("effects-{name}"), &main(overview, figure, &levels))?;
        }
        if let Some(chart) = heat(overview, place, &levels) {
            save(&format!("heat-{name}"), &chart)?;
        }
        let found = elasticities(overview, place);
        if !found.is_empty() {
            save(&format!("tornado-{name}"), &storm(overview, figure, &found))?;
        }
        for Elasticity { axis, value, half_width } in found {
            let half = half_width.map_or_else(String::new, |half| half.to_string());
            table = format!("{table}{},{},{value},{half}\n", quoted(figure), quoted(&axis));
        }
    }
    whole(out, "sensitivity.csv", |file| file.write_all(table.as_bytes()))?;
    Ok(())
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

fn subtitle(overview: &Overview) -> String {
    let manifest = &overview.manifest;
    format!("{}, {} points, {} replications each on common random numbers", manifest.name, manifest.points, manifest.replications)
}

fn label(overview: &Overview, point: usize) -> String {
    let values = overview.manifest.axes.iter().zip(&overview.points[point].values).filter(|(_, value)| !value.is_empty());
    values.map(|(axis, value)| format!("{axis}={value}")).collect::<Vec<_>>().join(" ")
}

fn cost_against_latency(overview: &Overview, cost: usize, latency: usize) -> StudyChart {
    let best = overview.frontier(cost, latency);
    let dot = |point: usize| {
        let (x, y) = (overview.points[point].estimates[cost]?, overview.points[point].estimates[latency]?);
        Some(Dot { x: x.mean, y: y.mean, half: x.half_width.zip(y.half_width), best: best.contains(&point), label: label(overview, point) })
    };
    let dots: Vec<Dot> = (0..overview.points.len()).filter_map(dot).collect();
    let subtitle = format!("{}; the line is the frontier: nothing is cheaper and as fast", subtitle(overview));
    frontier("Cost against p99", &subtitle, &overview.figures[cost], &overview.figures[latency], &dots)
}

fn main(overview: &Overview, figure: &str, levels: &[MainEffect]) -> StudyChart {
    let effect = |effect: &MainEffect| Effect { axis: effect.axis.clone(), levels: effect.levels.clone() };
    let subtitle = format!("{}; means over all points with a value", subtitle(overview));
    effects(&format!("What moves {figure}"), &subtitle, figure, &levels.iter().map(effect).collect::<Vec<_>>())
}

/// The figure over the two axes that move it most, averaged over the others.
fn heat(overview: &Overview, place: usize, levels: &[MainEffect]) -> Option<StudyChart> {
    let spread = |effect: &MainEffect| {
        let means = || effect.levels.iter().map(|(_, mean)| *mean);
        means().fold(f64::NEG_INFINITY, f64::max) - means().fold(f64::INFINITY, f64::min)
    };
    let mut order: Vec<usize> = (0..levels.len()).filter(|axis| levels[*axis].levels.len() > 1).collect();
    order.sort_by(|a, b| spread(&levels[*b]).total_cmp(&spread(&levels[*a])));
    let [first, second] = order.get(..2)? else { return None };
    let names = |axis: usize| levels[axis].levels.iter().map(|(value, _)| value.clone()).collect::<Vec<String>>();
    let (x, y) = (names(*first), names(*second));
    if x.len() > 60 || y.len() > 40 {
        return None;
    }
    let mut sums = vec![(0.0, 0_u32); x.len() * y.len()];
    for (point, summary) in overview.points.iter().enumerate() {
        let at = |names: &[String], axis: usize| names.iter().position(|name| *name == summary.values[axis]);
        if let (Some(i), Some(j), Some(mean)) = (at(&x, *first), at(&y, *second), overview.mean(point, place)) {
            let (sum, count) = &mut sums[j * x.len() + i];
            *sum += mean;
            *count += 1;
        }
    }
    let cell = |(at, (sum, count)): (usize, &(f64, u32))| (*count > 0).then(|| Cell { x: at % x.len(), y: at / x.len(), value: sum / f64::from(*count) });
    let cells: Vec<Cell> = sums.iter().enumerate().filter_map(cell).collect();
    let figure = &overview.figures[place];
    let others = if levels.len() > 2 { "; means over the other axes" } else { "" };
    let subtitle = format!("{}{others}", subtitle(overview));
    Some(heat_map(figure, &subtitle, (&levels[*first].axis, &x), (&levels[*second].axis, &y), figure, &cells))
}

fn storm(overview: &Overview, figure: &str, found: &[Elasticity]) -> StudyChart {
    let change = |elasticity: &Elasticity| {
        let told_apart = elasticity.half_width.is_some_and(|half| elasticity.value.abs() > half);
        Change { label: elasticity.axis.clone(), share: elasticity.value, half: elasticity.half_width, told_apart }
    };
    let subtitle = format!("{}; 1 means that 1 % more of the input is 1 % more of the figure", subtitle(overview));
    tornado(&format!("Elasticity of {figure}"), &subtitle, &found.iter().map(change).collect::<Vec<_>>())
}
