//! `overspill check`: validate scenarios, run nothing.

use sim_core::units::Money;
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
            if args.estimate {
                output::print(&estimate(plan)?)?;
            }
        }
    }
    if args.json {
        output::print(&(serde_json::to_string_pretty(&problems)? + "\n"))?;
    }
    Ok(if all_good { Outcome::Done } else { Outcome::WrongInput })
}

/// What a plan costs before it is run.
fn estimate(plan: &sim_core::plan::Plan) -> anyhow::Result<String> {
    use std::fmt::Write as _;
    let estimate = sim_core::billing::estimate(plan).map_err(|missing| anyhow::anyhow!("{}", missing[0]))?;
    let money = |amount| sim_reports::format::money_in(amount, &estimate.currency);
    let mut text = String::new();
    for line in &estimate.lines {
        let mark = if line.note.assumption { "*" } else { "" };
        let when = if line.prepaid { "prepaid" } else { "postpaid" };
        let _ = writeln!(text, "  {when:<9} {:<14} {}{mark}: {}", line.purchase.name(), line.item, money(line.amount));
    }
    let _ = writeln!(text, "  prepaid {}, postpaid {} whatever the load", money(estimate.prepaid), money(estimate.postpaid));
    let mut most = estimate.prepaid + estimate.postpaid;
    if estimate.instances_at_most != Money::ZERO {
        let _ = writeln!(text, "  services on instances: at most {}, if all their pods ran there all the time", money(estimate.instances_at_most));
        most += estimate.instances_at_most;
    }
    if estimate.jobs_on_instances != Money::ZERO {
        let _ = writeln!(text, "  jobs on instances: about {}, if all their pods ran there for their mean time", money(estimate.jobs_on_instances));
        most += estimate.jobs_on_instances;
    }
    let _ = writeln!(text, "  in all at most about {}", money(most));
    for line in estimate.lines.iter().filter(|line| line.note.assumption) {
        let _ = writeln!(text, "  * {} ({}): {}", line.item, line.purchase.name(), line.note.source);
    }
    Ok(text)
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
