//! Load profiles: every one becomes a curve, and curves add up.

mod diurnal;
mod replay;
mod shapes;

use sim_core::plan::Curve;
use sim_core::units::MilliCpu;

use super::limits::{PIECES_TOTAL_MAX, RATE_MAX, REQUESTS_MAX};
use super::{Context, code};
use crate::issue::Path;
use crate::spec::{CpuDemand, Profile, ShortOr};

/// The load of one service.
#[derive(Debug, PartialEq)]
pub(super) enum Load {
    /// Requests per second.
    Requests(Curve),
    /// MilliCPU, and most that one pod can use.
    CpuDemand {
        /// Total demand.
        demand: Curve,
        /// Most that one pod can use.
        cap: Option<MilliCpu>,
    },
}

/// The sum of the profiles at `path`.
pub(super) fn read(cx: &mut Context<'_>, profiles: &[Profile], path: &Path) -> Load {
    let is_demand = |profile: &Profile| matches!(profile, Profile::CpuDemand(_));
    let first = profiles.first().is_some_and(is_demand);
    let mut sum = Curve::default();
    let mut cap = None;
    for (i, profile) in profiles.iter().enumerate() {
        let place = path.index(i);
        if is_demand(profile) != first {
            cx.issues
                .error(code::MIXED_LOAD, &place, "requests and `cpuDemand` do not mix in one service")
                .with_help("describe the load of a service in one of the two ways");
            continue;
        }
        if cx.pieces > PIECES_TOTAL_MAX {
            break;
        }
        let curve = curve(cx, profile, &mut cap, &place);
        cx.pieces += (curve.pieces().len() + sum.pieces().len()) as u64;
        if cx.pieces > PIECES_TOTAL_MAX {
            cx.issues
                .error(code::TOO_LARGE, &place, "the load profiles are too detailed for a run as long as this")
                .with_help("use fewer profiles, or a shorter `duration`");
            break;
        }
        let peak = curve.peak(cx.duration);
        if !first && peak > RATE_MAX {
            cx.issues.error(code::TOO_LARGE, &place, format!("a rate of {peak:.0} requests per second is too high: at most {RATE_MAX:.0} are possible"));
            continue;
        }
        sum = if sum.pieces().is_empty() { curve } else { sum.plus(&curve) };
    }
    if first {
        return Load::CpuDemand { demand: sum, cap };
    }
    let requests = sum.integral(sim_core::units::Time::ZERO, sim_core::units::Time::ZERO + cx.duration);
    if requests > REQUESTS_MAX {
        cx.issues
            .error(code::TOO_LARGE, path, format!("about {requests:.2e} requests are too many: at most {REQUESTS_MAX:.0e} are possible"))
            .on_key()
            .with_help("lower the rate or the duration");
    }
    Load::Requests(sum)
}

fn curve(cx: &mut Context<'_>, profile: &Profile, cap: &mut Option<MilliCpu>, place: &Path) -> Curve {
    match profile {
        Profile::Constant(rate) => Curve::constant(rate.0.0),
        Profile::Stages(stages) => shapes::stages(cx, stages, &place.key("stages")),
        Profile::Diurnal(diurnal) => diurnal::curve(cx, diurnal, &place.key("diurnal")),
        Profile::FlashSale(sale) => shapes::flash_sale(cx, sale, &place.key("flashSale")),
        Profile::Crawler(crawler) => shapes::crawler(cx, crawler, &place.key("crawler")),
        Profile::Replay(replay) => replay::curve(cx, replay, &place.key("replay")),
        Profile::Steps(points) => {
            let points: Vec<_> = points.iter().map(|(at, rate)| (at.0, rate.0.0)).collect();
            shapes::steps(cx, &points, &place.key("steps"))
        }
        Profile::CpuDemand(ShortOr::Short(points)) => {
            let points: Vec<_> = points.iter().map(|(at, cpu)| (at.0, cpu.0.0 as f64)).collect();
            shapes::steps(cx, &points, &place.key("cpuDemand"))
        }
        Profile::CpuDemand(ShortOr::Full(demand)) => cpu_demand(cx, demand, cap, &place.key("cpuDemand")),
    }
}

fn cpu_demand(cx: &mut Context<'_>, demand: &CpuDemand, cap: &mut Option<MilliCpu>, place: &Path) -> Curve {
    if let Some(given) = demand.cap_per_pod {
        if given.0.0 == 0 {
            cx.issues.error(code::TOO_SMALL, place.key("capPerPod"), "a pod can use more than 0 CPU");
        }
        if cap.replace(given.0).is_some_and(|other| other != given.0) {
            cx.issues.error(code::CONFLICT, place.key("capPerPod"), "two entries of one service give different caps");
        }
    }
    let points = |list: &[(crate::text::Duration, crate::text::Cpu)]| list.iter().map(|(at, cpu)| (at.0, cpu.0.0 as f64)).collect::<Vec<_>>();
    match (&demand.steps, &demand.linear) {
        (Some(steps), None) => shapes::steps(cx, &points(steps), &place.key("steps")),
        (None, Some(linear)) => shapes::linear(cx, &points(linear), &place.key("linear")),
        (Some(_), Some(_)) => {
            cx.issues.error(code::CONFLICT, place, "a CPU demand has either `steps` or `linear`");
            Curve::default()
        }
        (None, None) => {
            cx.issues.error(code::MISSING, place, "a CPU demand needs `steps` or `linear`");
            Curve::default()
        }
    }
}
