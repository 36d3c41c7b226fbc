//! Load profiles: every rate becomes a curve, and curves add up; users are counted.

mod diurnal;
mod modulated;
pub(super) mod replay;
pub(super) mod shapes;
mod timestamps;
mod users;
mod waves;

use sim_core::plan::{Curve, Modulated, Users};
use sim_core::units::{MilliCpu, Time};

use super::limits::{PIECES_TOTAL_MAX, RATE_MAX};
use super::{Context, code};
use crate::issue::Path;
use crate::spec::{CpuDemand, Profile, ShortOr};

/// The load of one service.
#[derive(Debug)]
pub(super) enum Load {
    /// Requests per second, as told, at random, and as recorded.
    Requests {
        /// As told.
        rate: Curve,
        /// On top, at random.
        modulated: Vec<Modulated>,
        /// On top, at these instants.
        recorded: Vec<Time>,
    },
    /// Users who wait for answers.
    Users(Users),
    /// MilliCPU, and most that one pod can use.
    CpuDemand {
        /// Total demand.
        demand: Curve,
        /// Most that one pod can use.
        cap: Option<MilliCpu>,
    },
}

/// What does not mix.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rate,
    Users,
    CpuDemand,
}

impl Kind {
    const fn of(profile: &Profile) -> Self {
        match profile {
            Profile::CpuDemand(_) => Self::CpuDemand,
            Profile::Users(_) => Self::Users,
            _ => Self::Rate,
        }
    }
}

/// The sum of the profiles at `path`.
pub(super) fn read(cx: &mut Context<'_>, profiles: &[Profile], path: &Path) -> Load {
    let first = profiles.first().map(Kind::of);
    let is_demand = first == Some(Kind::CpuDemand);
    let (mut sum, mut cap, mut users) = (Curve::default(), None, None);
    let (mut modulated, mut recorded, mut surges) = (Vec::new(), Vec::new(), Vec::new());
    for (i, profile) in profiles.iter().enumerate() {
        let place = path.index(i);
        if Some(Kind::of(profile)) != first {
            cx.issues
                .error(code::MIXED_LOAD, &place, "rates, `users` and `cpuDemand` do not mix in one service")
                .with_help("describe the load of a service in one of the three ways");
            continue;
        }
        if let Profile::Users(written) = profile {
            if users.replace(users::read(cx, written, &place.key("users"))).is_some() {
                let message = "a service has one entry of `users`";
                cx.issues.error(code::CONFLICT, &place, message).with_help("`steps` and `stages` change their number over time");
            }
            continue;
        }
        match profile {
            Profile::Mmpp(written) => {
                modulated.extend(modulated::read(cx, written, &place.key("mmpp")));
                continue;
            }
            Profile::Timestamps(written) => {
                recorded.extend(timestamps::read(cx, written, &place.key("timestamps")));
                continue;
            }
            Profile::Surge(surge) => {
                surges.push(shapes::surge(cx, surge, &place.key("surge")));
                continue;
            }
            _ => {}
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
        if !is_demand && peak > RATE_MAX {
            cx.issues.error(code::TOO_LARGE, &place, format!("a rate of {peak:.0} requests per second is too high: at most {RATE_MAX:.0} are possible"));
            continue;
        }
        sum = if sum.pieces().is_empty() { curve } else { sum.plus(&curve) };
    }
    if is_demand {
        return Load::CpuDemand { demand: sum, cap };
    }
    if let Some(users) = users {
        return Load::Users(users);
    }
    for surge in &surges {
        sum = sum.times(surge);
        cx.pieces += sum.pieces().len() as u64;
    }
    if !surges.is_empty() && sum.is_zero() {
        cx.issues.warning(code::NO_EFFECT, path, "a `surge` multiplies the other rates of a service, and there are none").on_key();
    }
    let others = modulated.len() + recorded.len();
    if others > 0 && !surges.is_empty() {
        cx.issues.warning(code::NO_EFFECT, path, "a `surge` does not multiply `mmpp` and `timestamps`").on_key();
    }
    recorded.sort_unstable();
    let peak = modulated.iter().flat_map(|modulated: &Modulated| &modulated.states).fold(0.0, |peak, state| f64::max(peak, state.0));
    let requests = sum.integral(Time::ZERO, Time::ZERO + cx.duration) + peak * cx.duration.as_secs_f64() + recorded.len() as f64;
    let most = cx.requests_max;
    if requests > most {
        cx.issues
            .error(code::TOO_LARGE, path, format!("about {requests:.2e} requests are too many: at most {most:.0e} are possible"))
            .on_key()
            .with_help("lower the rate or the duration");
    }
    Load::Requests { rate: sum, modulated, recorded }
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
        Profile::Weekly(weekly) => diurnal::weekly(cx, weekly, &place.key("weekly")),
        Profile::Promotion(promotion) => waves::promotion(cx, promotion, &place.key("promotion")),
        Profile::ClassStart(classes) => waves::class_start(cx, classes, &place.key("classStart")),
        Profile::Users(_) | Profile::Mmpp(_) | Profile::Timestamps(_) | Profile::Surge(_) => Curve::default(),
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
