//! The start-up of nodes: one time, or stages.

use sim_core::plan::{Stages, StartUp};
use sim_core::random::Distribution;

use super::super::{Context, code, distribution};
use crate::issue::Path;
use crate::spec;

/// Defaults of stages, in seconds.
struct Usual {
    whole: Distribution,
    scheduling: Distribution,
    sandbox: Distribution,
    cached: Distribution,
}

/// The start-up of a machine.
pub(in crate::check) fn machine(cx: &mut Context<'_>, whole: Option<&spec::Distribution>, stages: Option<&spec::StartUpStages>, path: &Path) -> StartUp {
    let constant = Distribution::Constant;
    let usual = Usual { whole: distribution::machine_start_up(), scheduling: constant(0.0), sandbox: constant(1.0), cached: constant(0.0) };
    read(cx, whole, stages, usual, path)
}

/// The start-up of a virtual node.
pub(in crate::check) fn virtual_node(cx: &mut Context<'_>, whole: Option<&spec::Distribution>, stages: Option<&spec::StartUpStages>, path: &Path) -> StartUp {
    let usual = Usual {
        whole: distribution::instance_start_up(),
        scheduling: Distribution::Constant(1.0),
        sandbox: Distribution::lognormal_median(8.0, 0.25),
        cached: Distribution::Uniform { min: 0.0, max: 5.0 },
    };
    read(cx, whole, stages, usual, path)
}

fn read(cx: &mut Context<'_>, whole: Option<&spec::Distribution>, stages: Option<&spec::StartUpStages>, usual: Usual, path: &Path) -> StartUp {
    if whole.is_some() && stages.is_some() {
        cx.issues.error(code::CONFLICT, path.key("startUpStages"), "a node starts pods in one time or in stages").on_key().with_help("leave `startUp` out");
    }
    let Some(written) = stages else {
        return StartUp::Whole(whole.map_or(usual.whole, |whole| distribution::read(cx, whole, false, &path.key("startUp"))));
    };
    let place = path.key("startUpStages");
    let mut stage = |written: Option<&spec::Distribution>, usual, key: &str| match written {
        Some(written) => distribution::read(cx, written, false, &place.key(key)),
        None => usual,
    };
    StartUp::Stages(Box::new(Stages {
        scheduling: stage(written.scheduling.as_ref(), usual.scheduling, "scheduling"),
        sandbox: stage(written.sandbox.as_ref(), usual.sandbox, "sandbox"),
        cached: stage(written.cached.as_ref(), usual.cached, "cached"),
        load_balancer: stage(written.load_balancer.as_ref(), Distribution::Constant(0.0), "loadBalancer"),
    }))
}
