//! `overspill check`: validate scenarios, run nothing.

use sim_scenarios::{LoadOptions, load, render};

use crate::args::{CheckArgs, Global};
use crate::exit::Outcome;
use crate::output;

/// Runs the command.
pub(crate) fn run(args: &CheckArgs, global: &Global) -> anyhow::Result<Outcome> {
    let mut all_good = true;
    let mut problems = Vec::new();
    for file in &args.files {
        let loaded = load(file, &LoadOptions { set: args.set.clone(), allow_outside: global.allow_outside, seed: None });
        let good = loaded.plan.is_some() && (!args.strict || loaded.issues.is_empty());
        all_good &= good;
        if args.json {
            problems.extend(render::rows(&loaded.issues, &loaded.sources));
            continue;
        }
        output::show_issues(&loaded, global);
        if let Some(plan) = loaded.plan.as_ref().filter(|_| good) {
            output::print(&format!("{}: {}\n", file.display(), describe(plan, loaded.issues.len())))?;
        }
    }
    if args.json {
        output::print(&(serde_json::to_string_pretty(&problems)? + "\n"))?;
    }
    Ok(if all_good { Outcome::Done } else { Outcome::WrongInput })
}

/// What a plan holds, in one line.
fn describe(plan: &sim_core::plan::Plan, warnings: usize) -> String {
    let machines = plan.nodes.values().filter(|node| matches!(node.kind, sim_core::plan::NodeKind::Machine(_))).count();
    let parts = [
        (machines, "node", "nodes"),
        (plan.nodes.len() - machines, "virtual node", "virtual nodes"),
        (plan.services.len(), "service", "services"),
        (plan.jobs.len(), "job", "jobs"),
        (warnings, "warning", "warnings"),
    ];
    let counted = parts.into_iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| sim_reports::format::plural(n as u64, one, many));
    format!("ok, {} ({})", counted.collect::<Vec<_>>().join(", "), plan.duration)
}
