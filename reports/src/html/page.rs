//! The page: templates, style and script in files of their own, filled from the record.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use minijinja::value::{Value, ViaDeserialize};
use minijinja::{AutoEscape, Environment, context};
use serde::Serialize;
use sim_core::record::{BackendSummary, CallSummary, FaultSummary, PendingSummary, Record, Summary};

use super::causes::{self, Stretch};
use super::escape::{html, json};
use super::figure::{self, Figure};
use super::{Source, answer, decisions, invoice, stages, tiles, yaml};
use crate::chart::{self, NamedChart, palette};
use crate::clock::Clock;
use crate::faults;
use crate::format::{count, latency, money_in, number, percent};
use crate::lang::{Both, Lang};
use crate::record_dir::Input;
use crate::shares;
use crate::words;

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
/// Faults that charts mark.
const MARKED: usize = 1000;
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
    /// The start as a clock on the wall shows it, in milliseconds since 1970.
    start: Option<i64>,
    figures: &'a [Figure],
    breaches: &'a [Stretch],
    faults: &'a [Fault],
    decisions: &'a [decisions::Entry],
    lang: Option<&'static str>,
    /// Words of decisions, where the two languages differ.
    words: Vec<(&'a str, String)>,
}

/// Something that was broken.
#[derive(Serialize)]
struct Fault {
    from: f64,
    to: f64,
    name: Both,
    kind: Both,
    target: String,
    /// As read: from, and how long.
    shown: [Both; 2],
    pods_hit: String,
    pods_lost: String,
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
    let clock = Clock::of(record);
    let stretches = causes::stretches(record);
    let shaded = causes::shaded(&stretches, summary.simulated_s);
    let groups = shares::groups(record);
    let broken = broken(record, &clock);
    let (entries, all_entries) = decisions::entries(record);
    let lang = source.lang.map(|lang| if lang == Lang::Zh { "zh" } else { "en" });
    let (figures, data) = data(&charts, summary, |figures| {
        json(&Data {
            end: summary.simulated_s,
            start: clock.millis(),
            figures,
            breaches: &shaded,
            faults: &broken,
            decisions: &entries,
            lang,
            words: own_words(&entries),
        })
    });
    let (parts, idle) = invoice::by_workload(record);
    let thinned = figures.iter().map(|figure| figure.kept).max_by_key(|(kept, all)| (*all, *kept)).filter(|(kept, all)| kept < all);
    let assumptions = &summary.cost.assumptions;
    let order = by_size(summary);
    let folded = |figure: &Figure| figure.about.as_ref().is_some_and(|name| order.iter().skip(OPEN_SERVICES).any(|other| *other == name));
    let slim = |figure: &Figure| context! { id => figure.id, title => figure.title };
    let context = context! {
        lang => lang.unwrap_or("auto"),
        name => summary.scenario, seed => summary.seed, digest => summary.digest, fidelity => summary.fidelity, tool => source.tool_version,
        simulated => Both::duration(summary.simulated_s),
        style => Value::from_safe_string(format!("{}{STYLE}", colors())),
        script => Value::from_safe_string(SCRIPT.to_owned()),
        data => Value::from_safe_string(data),
        verdict => answer::verdict(record),
        sentences => answer::sentences(record, &groups),
        tiles => tiles::tiles(record),
        faults => &broken[..broken.len().min(LISTED)], fault_count => summary.faults.len(),
        calls => calls(summary), backends => backends(summary),
        objectives => answer::objectives(record),
        causes => causes::groups(record, &groups),
        breaches => causes::listed(&stretches), breach_count => stretches.len(),
        warnings => both(&summary.warnings),
        assumptions => both(assumptions),
        pending => pending(summary), start => clock.start(),
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

/// Calls between services, by caller and callee.
fn calls(summary: &Summary) -> Vec<Value> {
    let row = |call: &CallSummary| {
        let (requests, ms) = (&call.requests, &call.latency_ms);
        context! {
            from => call.from, to => call.to, calls => count(requests.offered), in_time => percent(requests.success_rate),
            again => count(requests.retried), mean => latency(ms.mean), p99 => latency(ms.p99),
        }
    };
    summary.calls.iter().take(LISTED).map(row).collect()
}

/// Backends by name, and how much of them was used.
fn backends(summary: &Summary) -> Vec<Value> {
    let row = |(name, backend): (&String, &BackendSummary)| {
        context! {
            name => name, calls => count(backend.requests.offered), rate => number(backend.requests.throughput_per_s),
            capacity => if backend.capacity_per_s > 0.0 { number(backend.capacity_per_s) } else { "–".to_owned() },
            used => if backend.capacity_per_s > 0.0 { percent(backend.utilization) } else { "–".to_owned() },
            wait => latency(backend.wait_ms.p99), p99 => latency(backend.latency_ms.p99),
        }
    };
    summary.backends.iter().take(LISTED).map(row).collect()
}

/// What broke, in order; for runs with very many faults the first of them.
fn broken(record: &Record, clock: &Clock) -> Vec<Fault> {
    let fault = |fault: &FaultSummary| {
        let (from, to) = faults::span(record, fault);
        let length = if fault.to_s.is_some() { Both::duration(to - from) } else { Both::of("to the end") };
        let [pods_hit, pods_lost] = [fault.pods_hit, fault.pods_lost].map(|pods| count(u64::from(pods)));
        let (name, kind, target) = (faults::name(fault), faults::kind(fault), fault.target.clone());
        Fault { from, to, name, kind, target, shown: [clock.both(from), length], pods_hit, pods_lost }
    };
    record.summary.faults.iter().take(MARKED).map(fault).collect()
}

/// Texts in both languages, for runs with very many of them not all.
fn both(texts: &[String]) -> Vec<Both> {
    texts.iter().take(LISTED).map(|text| Both::of(text)).collect()
}

/// Pods that had no node at the end, and why.
fn pending(summary: &Summary) -> Vec<Value> {
    let kind = |kind: &PendingSummary| context! { workload => kind.workload, pods => count(u64::from(kind.pods)), reason => Both::of(&kind.reason) };
    summary.pending.iter().take(LISTED).map(kind).collect()
}

/// What decisions say that has other words in Chinese.
fn own_words(entries: &[decisions::Entry]) -> Vec<(&str, String)> {
    let texts: BTreeSet<&str> = entries.iter().flat_map(|entry| [&entry.a, &entry.o, &entry.r]).map(String::as_str).collect();
    texts.into_iter().map(|text| (text, words::zh(text))).filter(|(text, zh)| text != zh).collect()
}

/// Names of services, those with most requests first.
fn by_size(summary: &Summary) -> Vec<&String> {
    let mut names: Vec<&String> = summary.workloads.keys().collect();
    names.sort_by_key(|name| std::cmp::Reverse(summary.workloads[*name].requests.offered));
    names
}

/// The charts and the data as text, with as many windows as fit.
fn data(charts: &[NamedChart], summary: &Summary, text: impl Fn(&[Figure]) -> String) -> (Vec<Figure>, String) {
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
    environment.add_function("named", |en: String, zh: String| named(&Both::new(en, zh)));
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

/// What a cell is, for pages too narrow for a head above its column.
fn named(text: &Both) -> Value {
    Value::from_safe_string(format!("data-e=\"{}\" data-z=\"{}\"", html(&text.en), html(&text.zh)))
}
