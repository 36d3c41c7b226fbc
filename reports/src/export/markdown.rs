//! A run as Markdown, to be put into a pull request.

use sim_core::record::Record;

use crate::format::{count, duration, latency, money_in, number, percent};

/// The summary as Markdown tables.
pub fn markdown(record: &Record) -> String {
    let summary = &record.summary;
    let currency = &summary.cost.currency;
    let mut page = format!("### {}\n\n", cell(&summary.scenario));
    let requests = &summary.requests;
    if requests.offered > 0 {
        let (all, good) = (count(requests.offered), percent(requests.success_rate));
        page += &format!("{all} requests over {}: {good} answered in time, p99 {}. ", duration(summary.simulated_s), latency(summary.latency_ms.p99));
    }
    page += &format!("Cost: **{}**", money_in(summary.cost.total, currency));
    page += &summary.cost.per_million_requests.map_or_else(String::new, |each| format!(", {} a million requests", money_in(each, currency)));
    page += ".\n";
    if !summary.objectives.is_empty() {
        page += "\n| objective | attained | asked for | | held back by |\n|---|---|---|---|---|\n";
        for objective in &summary.objectives {
            let mark = if objective.met { "✅ met" } else { "❌ not met" };
            let mut causes: Vec<(&String, &f64)> = objective.attribution.iter().collect();
            causes.sort_by(|a, b| b.1.total_cmp(a.1));
            let causes: Vec<String> = causes.iter().map(|(cause, seconds)| format!("{cause} {}", duration(**seconds))).collect();
            page +=
                &format!("| {} | {} | {} | {mark} | {} |\n", cell(&objective.name), percent(objective.attained), percent(objective.target), causes.join(", "));
        }
    }
    if !summary.workloads.is_empty() {
        page += "\n| service | requests | in time | p50 | p99 | replicas | CPU |\n|---|--:|--:|--:|--:|--:|--:|\n";
        for (name, workload) in &summary.workloads {
            let (requests, times, replicas) = (&workload.requests, &workload.latency_ms, &workload.replicas);
            let answered = if requests.offered > 0 {
                format!("{} | {} | {} | {}", count(requests.offered), percent(requests.success_rate), latency(times.p50), latency(times.p99))
            } else {
                "- | - | - | -".to_owned()
            };
            let cpu = percent(workload.cpu_utilization.mean);
            page += &format!("| {} | {answered} | {} to {}, mean {} | {cpu} |\n", cell(name), replicas.min, replicas.max, number(replicas.mean));
        }
    }
    if !summary.tiers.is_empty() {
        page += "\n| tier | peak pods | pod-hours | cost | idle |\n|---|--:|--:|--:|--:|\n";
        for (name, tier) in &summary.tiers {
            let hours = number(tier.pod_seconds / 3600.0);
            page +=
                &format!("| {} | {} | {hours} | {} | {} |\n", cell(name), tier.peak_pods, money_in(tier.cost, currency), money_in(tier.idle_cost, currency));
        }
    }
    for warning in &summary.warnings {
        page += &format!("\n> ⚠️ {}\n", cell(warning));
    }
    page + &format!("\n<sub>seed {}, digest {}</sub>\n", summary.seed, summary.digest)
}

/// Text that cannot end its cell or become markup.
fn cell(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().replace('|', "\\|").replace('<', "&lt;")
}
