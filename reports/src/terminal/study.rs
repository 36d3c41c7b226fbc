//! Studies: figures with their intervals, points, and comparisons.

use super::page::{Ink, Page};
use super::table::{Table, figure, text};
use super::{Look, said};
use crate::format;

/// A figure over replications.
#[derive(Clone, Debug)]
pub struct EstimateRow {
    /// Its path in the summary.
    pub figure: String,
    /// Mean.
    pub mean: f64,
    /// Half the width of the interval of the mean; none of one replication.
    pub half_width: Option<f64>,
    /// Standard deviation.
    pub sd: Option<f64>,
    /// Interval of the median; none of too few replications.
    pub median: Option<(f64, f64)>,
}

/// A figure of two plans.
#[derive(Clone, Debug)]
pub struct ComparisonRow {
    /// Its path in the summary.
    pub figure: String,
    /// Mean of the first.
    pub a: f64,
    /// Mean of the second.
    pub b: f64,
    /// Mean of the differences.
    pub difference: f64,
    /// Half the width of its interval.
    pub half_width: Option<f64>,
    /// The difference as a share of the first.
    pub relative: Option<f64>,
    /// What can be said, in words.
    pub verdict: String,
}

/// Figures with intervals of a confidence in 0..1 from `n` replications.
pub fn estimates(rows: &[EstimateRow], n: usize, confidence: f64, look: Look) -> String {
    let mut page = look.page();
    page.section(&format!("{n} replications"), &format!("intervals hold the true value with {}", format::percent(confidence)));
    let mut table =
        Table::new([text("figure"), figure("mean"), figure("±"), figure("± in %"), figure("sd").expendable(1), figure("median between").expendable(2)]);
    for row in rows {
        let show = |value: f64| format::figure(&row.figure, value);
        let relative = row.half_width.filter(|_| row.mean != 0.0).map(|half| format::percent(half / row.mean.abs()));
        table.row([
            row.figure.clone(),
            show(row.mean),
            row.half_width.map(show).unwrap_or_default(),
            relative.unwrap_or_default(),
            row.sd.map(show).unwrap_or_default(),
            row.median.map(|(low, high)| format!("{} and {}", show(low), show(high))).unwrap_or_default(),
        ]);
    }
    table.write(&mut page);
    page.finish()
}

/// Points of a sweep: values of axes, then figures, the most important first. A narrow page loses the last figures first; if that is not enough, the values of
/// all axes share a column, whose text is wrapped.
pub fn points(title: &str, note: &str, names: &[String], figures: &[String], rows: &[Vec<String>], look: Look) -> String {
    let mut page = look.page();
    let dropped = fitted(&mut page, title, note, names, figures, rows);
    if !dropped.is_empty() {
        page.line(&[(Ink::Faint, &said(&format!("  no room for {}", dropped.join(", ")), look.lang))]);
    }
    page.finish()
}

/// Points of a sweep on a page; returns the figures that it has no room for.
pub(super) fn fitted(page: &mut Page, title: &str, note: &str, names: &[String], figures: &[String], rows: &[Vec<String>]) -> Vec<String> {
    page.section(title, note);
    let mut table = filled(names, figures, rows);
    let least = filled(names, &figures[..figures.len().min(1)], rows).natural_width();
    if least > page.width() && names.len() > 1 {
        let joined = |row: &Vec<String>| {
            let parts: Vec<String> = names.iter().zip(row).filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}")).collect();
            std::iter::once(parts.join(", ")).chain(row[names.len()..].iter().cloned()).collect()
        };
        let rows: Vec<Vec<String>> = rows.iter().map(joined).collect();
        table = filled(&["point".to_owned()], figures, &rows);
        // What is left for the text, or a third of the page.
        table.narrow(0, page.width() / 3);
    }
    table.write(page)
}

/// A table whose later figures are expendable.
fn filled(names: &[String], figures: &[String], rows: &[Vec<String>]) -> Table {
    let mut table = Table::of(names, figures);
    for at in 1..figures.len() {
        table.rank(names.len() + at, at as u8);
    }
    let columns = names.len() + figures.len();
    for row in rows {
        table.add(&row[..columns]);
    }
    table
}

/// Two plans side by side.
pub fn comparison(a: &str, b: &str, rows: &[ComparisonRow], n: usize, confidence: f64, look: Look) -> String {
    let mut page = look.page();
    page.line(&[(Ink::Plain, "A "), (Ink::Strong, a), (Ink::Plain, "   B "), (Ink::Strong, b)]);
    let note = format!("{n} replications on common random numbers, intervals of {}", format::percent(confidence));
    page.section("B against A", &note);
    let mut table = Table::new([text("figure"), figure("A"), figure("B"), figure("B - A"), figure("±"), figure("in %"), text("B is")]);
    for row in rows {
        let show = |value: f64| format::figure(&row.figure, value);
        table.row([
            row.figure.clone(),
            show(row.a),
            show(row.b),
            signed(&row.figure, row.difference),
            row.half_width.map(show).unwrap_or_default(),
            row.relative.map(signed_percent).unwrap_or_default(),
            page.word(&row.verdict),
        ]);
    }
    table.write(&mut page);
    page.finish()
}

/// The same as a Markdown table, for a pull request.
pub fn comparison_markdown(a: &str, b: &str, rows: &[ComparisonRow], n: usize, confidence: f64) -> String {
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
    let mut out =
        format!("**A** {} · **B** {} · {n} replications on common random numbers, intervals of {}\n\n", cell(a), cell(b), format::percent(confidence));
    out += "| figure | A | B | B − A | ± | in % | B is |\n|---|--:|--:|--:|--:|--:|---|\n";
    for row in rows {
        let show = |value: f64| format::figure(&row.figure, value);
        let cells = [
            format!("`{}`", row.figure),
            show(row.a),
            show(row.b),
            signed(&row.figure, row.difference),
            row.half_width.map(show).unwrap_or_default(),
            row.relative.map(signed_percent).unwrap_or_default(),
            row.verdict.clone(),
        ];
        out += &format!("| {} |\n", cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(" | "));
    }
    out
}

fn signed(path: &str, value: f64) -> String {
    // A difference of shares or truths is no share or truth itself.
    let shown = format::figure(path, value);
    if value > 0.0 { format!("+{shown}") } else { shown }
}

fn signed_percent(share: f64) -> String {
    let shown = format::percent(share.abs());
    match share {
        share if share > 0.0 => format!("+{shown}"),
        share if share < 0.0 => format!("-{shown}"),
        _ => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::{ComparisonRow, EstimateRow, Look, comparison, comparison_markdown, estimates};
    use crate::lang::Lang;

    fn look(width: usize, lang: Lang) -> Look {
        Look { width, color: false, lang }
    }

    #[test]
    fn intervals_stand_beside_means() {
        let row = |figure: &str, mean: f64| EstimateRow { figure: figure.to_owned(), mean, half_width: Some(mean / 50.0), sd: Some(mean / 20.0), median: None };
        let shown = estimates(&[row("latency_ms.p99", 250.0), row("cost.total", 13.216)], 20, 0.95, look(100, Lang::En));
        for part in ["20 replications", "95 %", "250 ms", "5 ms", "13.22", "2 %"] {
            assert!(shown.contains(part), "{part} is missing in\n{shown}");
        }
    }

    #[test]
    fn points_fit_a_page_of_eighty_columns() {
        let text = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
        let names = text(&["point", "node type", "subscribed nodes", "floor", "target", "order of tiers"]);
        let figures = text(&["cost.total", "p99", "success_rate", "workloads.web.cpu_utilization.mean"]);
        let row = text(&["124", "ecs.c7.2xlarge", "4", "16", "55", "[idc, ecs, eci]", "1.48 ± 0.03", "276 ms ± 8 ms", "99.98 %", "48.7 %"]);
        let shown = super::points("shop", "", &names, &figures, std::slice::from_ref(&row), look(80, Lang::En));
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
        assert!(shown.contains("1.48 ± 0.03") && shown.contains("type=ecs.c7.2xlarge"), "{shown}");
        let chinese = super::points("shop", "", &names, &figures, std::slice::from_ref(&row), look(80, Lang::Zh));
        assert!(chinese.contains("列宽不足，略去："), "{chinese}");
        assert!(shown.contains("no room for") && shown.contains("workloads.web.cpu_utilization.mean\n"), "{shown}");
    }

    #[test]
    fn a_comparison_says_what_is_not_distinguishable() {
        let row = ComparisonRow {
            figure: "cost.total".to_owned(),
            a: 10.0,
            b: 10.5,
            difference: 0.5,
            half_width: Some(0.7),
            relative: Some(0.05),
            verdict: "not distinguishable".to_owned(),
        };
        let shown = comparison("a.yaml", "b.yaml", std::slice::from_ref(&row), 5, 0.95, look(100, Lang::En));
        let chinese = comparison("a.yaml", "b.yaml", std::slice::from_ref(&row), 5, 0.95, look(100, Lang::Zh));
        assert!(chinese.contains("B 相对于 A") && chinese.contains("无法区分") && chinese.contains("cost.total"), "{chinese}");
        assert!(shown.contains("+0.50") && shown.contains("+5 %") && shown.contains("not distinguishable"), "{shown}");
        let markdown = comparison_markdown("a|b", "b", &[row], 5, 0.95);
        assert!(markdown.contains("| `cost.total` | 10.00 | 10.50 | +0.50 | 0.70 | +5 % | not distinguishable |") && markdown.contains("a\\|b"), "{markdown}");
    }
}
