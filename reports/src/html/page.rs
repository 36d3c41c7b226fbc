//! The page: templates, style and script in files of their own, filled from the record.

use std::sync::LazyLock;

use minijinja::value::{Value, ViaDeserialize};
use minijinja::{AutoEscape, Environment, context};
use serde::Serialize;
use sim_core::record::Record;

use super::causes::{self, Stretch};
use super::escape::{html, json};
use super::figure::{self, Figure};
use super::lang::{Both, Lang, zh_time};
use super::{Source, answer, decisions, invoice, stages, tiles, yaml};
use crate::chart::{self, NamedChart, palette};
use crate::format::{count, duration, money_in};
use crate::record_dir::Input;

/// What the script may cost at most, in bytes: with the rest the page stays well below six megabytes.
const DATA_LIMIT: usize = 3_000_000;
/// Stretches of time whose peaks are kept, before that limit asks for fewer.
const BUCKETS: usize = 3000;
/// Fewer would no longer fill a chart.
const FEWEST_BUCKETS: usize = 100;
/// Services beyond this number have their charts folded away.
const OPEN_SERVICES: usize = 3;
/// Characters of an input that are shown; the record has the rest.
const INPUT_LIMIT: usize = 200_000;
/// Rows of small tables, for runs with very many of something.
const LISTED: usize = 200;

/// The templates, each in its file.
static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(environment);

const STYLE: &str = concat!(include_str!("page/page.css"), include_str!("page/chart.css"), include_str!("page/table.css"), include_str!("page/print.css"));

/// The script in the order in which its parts build on each other.
const SCRIPT: &str = concat!(
    "(() => {\n'use strict';\n",
    include_str!("script/base.js"),
    include_str!("script/format.js"),
    include_str!("script/scale.js"),
    include_str!("script/series.js"),
    include_str!("script/view.js"),
    include_str!("script/chart.js"),
    include_str!("script/pointer.js"),
    include_str!("script/datatable.js"),
    include_str!("script/overview.js"),
    include_str!("script/decisions.js"),
    include_str!("script/invoice.js"),
    include_str!("script/main.js"),
    "})();\n"
);

/// What the script reads.
#[derive(Serialize)]
struct Data<'a> {
    end: f64,
    figures: &'a [Figure],
    breaches: &'a [Stretch],
    decisions: &'a [decisions::Entry],
    lang: Option<&'static str>,
    /// Words of decisions.
    words: Vec<(&'a str, Both)>,
}

/// A file of the scenario, marked up.
#[derive(Serialize)]
struct Shown {
    name: String,
    html: Value,
    cut: bool,
}

/// The page for `record`.
pub(super) fn render(record: &Record, source: &Source<'_>) -> String {
    let summary = &record.summary;
    let charts = chart::all(record);
    let stretches = causes::stretches(record);
    let shaded = causes::shaded(&stretches, summary.simulated_s);
    let by_cause = causes::by_cause(&stretches);
    let (entries, all_entries) = decisions::entries(record);
    let lang = source.lang.map(|lang| if lang == Lang::Zh { "zh" } else { "en" });
    let (figures, data) = data(&charts, summary, |figures| {
        json(&Data { end: summary.simulated_s, figures, breaches: &shaded, decisions: &entries, lang, words: words(&entries) })
    });
    let (parts, idle) = invoice::by_workload(record);
    let thinned = figures.iter().map(|figure| figure.kept).max_by_key(|(kept, all)| (*all, *kept)).filter(|(kept, all)| kept < all);
    let simulated = duration(summary.simulated_s);
    let assumptions = &summary.cost.assumptions;
    let order = by_size(summary);
    let folded = |figure: &Figure| figure.about.as_ref().is_some_and(|name| order.iter().skip(OPEN_SERVICES).any(|other| *other == name));
    let slim = |figure: &Figure| context! { id => figure.id, title => figure.title };
    let context = context! {
        lang => lang.unwrap_or("auto"),
        name => summary.scenario, seed => summary.seed, digest => summary.digest, fidelity => summary.fidelity, tool => source.tool_version,
        simulated => Both::new(simulated.clone(), zh_time(&simulated)),
        style => Value::from_safe_string(format!("{}{STYLE}", colors())),
        script => Value::from_safe_string(SCRIPT.to_owned()),
        data => Value::from_safe_string(data),
        verdict => answer::verdict(record),
        sentences => answer::sentences(record, &by_cause),
        tiles => tiles::tiles(record),
        objectives => answer::objectives(record),
        causes => by_cause,
        breaches => causes::listed(&stretches), breach_count => stretches.len(),
        warnings => &summary.warnings[..summary.warnings.len().min(LISTED)],
        assumptions => &assumptions[..assumptions.len().min(LISTED)],
        pending => &summary.pending[..summary.pending.len().min(LISTED)],
        figures => figures.iter().filter(|figure| !folded(figure)).map(slim).collect::<Vec<_>>(),
        more_figures => figures.iter().filter(|figure| folded(figure)).map(slim).collect::<Vec<_>>(),
        thinned => thinned.map(|(kept, all)| context! { kept => count(kept as u64), all => count(all as u64) }),
        stages => stages::rows(record),
        groups => invoice::groups(record), parts => parts, idle => idle,
        currency => summary.cost.currency, total => money_in(summary.cost.total, &summary.cost.currency), exact_total => summary.cost.total.to_string(),
        decisions => all_entries, shown_decisions => entries.len(),
        inputs => inputs(source), overrides => source.overrides,
    };
    let template = TEMPLATES.get_template("report.html").expect("the template is part of the program");
    template.render(context).expect("the template fits its context")
}

/// What the decisions' actions are called in both languages.
fn words(entries: &[decisions::Entry]) -> Vec<(&str, Both)> {
    let actions: std::collections::BTreeSet<&str> = entries.iter().map(|entry| entry.a.as_str()).collect();
    actions.into_iter().map(|action| (action, Both::of(action))).collect()
}

/// Names of services, those with most requests first.
fn by_size(summary: &sim_core::record::Summary) -> Vec<&String> {
    let mut names: Vec<&String> = summary.workloads.keys().collect();
    names.sort_by_key(|name| std::cmp::Reverse(summary.workloads[*name].requests.offered));
    names
}

/// The charts and the data as text, with as many windows as fit.
fn data(charts: &[NamedChart], summary: &sim_core::record::Summary, text: impl Fn(&[Figure]) -> String) -> (Vec<Figure>, String) {
    let mut buckets = BUCKETS;
    loop {
        let figures = figure::all(charts, summary.workloads.len() > 1, buckets);
        let data = text(&figures);
        if data.len() <= DATA_LIMIT || buckets <= FEWEST_BUCKETS {
            return (figures, data);
        }
        buckets = (buckets / 2).max(FEWEST_BUCKETS);
    }
}

/// The scenario's files as they were written.
fn inputs(source: &Source<'_>) -> Vec<Shown> {
    let own = [Input { name: "scenario.yaml".to_owned(), path: String::new(), text: source.scenario_yaml.to_owned() }];
    let inputs = if source.inputs.is_empty() { &own[..] } else { source.inputs };
    let mut room = INPUT_LIMIT * 2;
    let shown = |input: &Input| {
        let end = input.text.floor_char_boundary(INPUT_LIMIT.min(room).min(input.text.len()));
        room -= end;
        Shown { name: input.name.clone(), html: Value::from_safe_string(yaml::highlighted(&input.text[..end])), cut: end < input.text.len() }
    };
    inputs.iter().map(shown).collect()
}

/// The palette as custom properties of the style sheet.
fn colors() -> String {
    let color = |(name, c): &(&str, palette::Color)| format!("--c-{name}:#{:02x}{:02x}{:02x};", c.0, c.1, c.2);
    format!(":root{{{}}}\n", palette::NAMED.iter().map(color).collect::<String>())
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let templates = [
        ("report.html", include_str!("page/report.html")),
        ("head.html", include_str!("page/head.html")),
        ("answer.html", include_str!("page/answer.html")),
        ("charts.html", include_str!("page/charts.html")),
        ("invoice.html", include_str!("page/invoice.html")),
        ("decisions.html", include_str!("page/decisions.html")),
        ("scenario.html", include_str!("page/scenario.html")),
    ];
    for (name, text) in templates {
        environment.add_template(name, text).expect("the templates are part of the program and are rendered by the tests");
    }
    environment.add_function("t", |en: String, zh: String| spans(&Both::new(en, zh)));
    environment.add_filter("both", |text: ViaDeserialize<Both>| spans(&text));
    environment.add_function("label", |en: String, zh: String| label(&Both::new(en, zh)));
    environment
}

/// A text in both languages, of which the style sheet shows one.
fn spans(text: &Both) -> Value {
    let both =
        if text.en == text.zh { html(&text.en) } else { format!("<span class=\"e\">{}</span><span class=\"z\">{}</span>", html(&text.en), html(&text.zh)) };
    Value::from_safe_string(both)
}

/// A name for screen readers, which the script changes with the language.
fn label(text: &Both) -> Value {
    let (en, zh) = (html(&text.en), html(&text.zh));
    Value::from_safe_string(format!("aria-label=\"{en}\" data-en=\"{en}\" data-zh=\"{zh}\""))
}
