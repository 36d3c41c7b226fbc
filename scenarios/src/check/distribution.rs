//! Distributions of times.

use sim_core::random::Distribution as Plan;

use super::limits::SPAN_MAX;
use super::{Context, code};
use crate::issue::Path;
use crate::spec::{Distribution, DistributionForm, LogNormal, ShortOr, Weibull};
use crate::text::Duration;

/// The plan's distribution, in seconds. With `positive`, its mean must not be zero.
pub(super) fn read(cx: &mut Context<'_>, written: &Distribution, positive: bool, path: &Path) -> Plan {
    let plan = match written {
        ShortOr::Short(value) => Plan::Constant(seconds(cx, *value, path)),
        ShortOr::Full(form) => read_form(cx, form, path),
    };
    if positive && plan.mean() <= 0.0 {
        cx.issues.error(code::TOO_SMALL, path, "this time is longer than 0");
    }
    plan
}

fn read_form(cx: &mut Context<'_>, form: &DistributionForm, path: &Path) -> Plan {
    match form {
        DistributionForm::Constant(value) => Plan::Constant(seconds(cx, *value, &path.key("constant"))),
        DistributionForm::Exponential(mean) => {
            let path = path.key("exponential");
            let mean = match mean {
                ShortOr::Short(mean) => seconds(cx, *mean, &path),
                ShortOr::Full(full) => seconds(cx, full.mean, &path.key("mean")),
            };
            Plan::Exponential { mean }
        }
        DistributionForm::Lognormal(form) => lognormal(cx, form, &path.key("lognormal")),
        DistributionForm::Uniform(range) => {
            let path = path.key("uniform");
            let (min, max) = (seconds(cx, range.min, &path.key("min")), seconds(cx, range.max, &path.key("max")));
            if min > max {
                cx.issues.error(code::ORDER, path.key("min"), "`min` is larger than `max`");
            }
            Plan::Uniform { min, max }
        }
        DistributionForm::Gamma(gamma) => {
            let path = path.key("gamma");
            let (mean, cv) = (positive(cx, gamma.mean, &path.key("mean")), variation(cx, gamma.cv, &path.key("cv")));
            Plan::gamma(mean, cv)
        }
        DistributionForm::Hyperexponential(form) => {
            let path = path.key("hyperexponential");
            let (mean, cv) = (positive(cx, form.mean, &path.key("mean")), number(cx, form.cv, 1.0, 100.0, &path.key("cv")));
            Plan::hyperexponential(mean, cv)
        }
        DistributionForm::Weibull(form) => weibull(cx, form, &path.key("weibull")),
        DistributionForm::Pareto(pareto) => {
            let path = path.key("pareto");
            let alpha = number(cx, pareto.alpha, 0.1, 1000.0, &path.key("alpha"));
            Plan::Pareto { min: positive(cx, pareto.min, &path.key("min")), alpha }
        }
        DistributionForm::Empirical(values) => {
            let path = path.key("empirical");
            if values.is_empty() {
                cx.issues.error(code::EMPTY, &path, "measured times need at least one value");
                return Plan::Constant(1.0);
            }
            Plan::Empirical(values.iter().enumerate().map(|(i, value)| seconds(cx, *value, &path.index(i))).collect())
        }
    }
}

fn lognormal(cx: &mut Context<'_>, form: &LogNormal, path: &Path) -> Plan {
    let cv = variation(cx, form.cv, &path.key("cv"));
    match (form.mean, form.median) {
        (Some(mean), None) => Plan::lognormal(positive(cx, mean, &path.key("mean")), cv),
        (None, Some(median)) => Plan::lognormal_median(positive(cx, median, &path.key("median")), cv),
        (Some(_), Some(_)) => {
            cx.issues.error(code::CONFLICT, path.key("median"), "a lognormal has either `mean` or `median`").on_key();
            Plan::Constant(1.0)
        }
        (None, None) => {
            cx.issues.error(code::MISSING, path, "a lognormal needs `mean` or `median`");
            Plan::Constant(1.0)
        }
    }
}

fn weibull(cx: &mut Context<'_>, form: &Weibull, path: &Path) -> Plan {
    match *form {
        Weibull { mean: Some(mean), cv: Some(cv), scale: None, shape: None } => {
            let mean = positive(cx, mean, &path.key("mean"));
            // Below this a Weibull is as good as a constant, above it its shape is below the smallest.
            let cv = if cv == 0.0 { cv } else { number(cx, cv, 0.01, 100.0, &path.key("cv")) };
            Plan::weibull(mean, cv)
        }
        Weibull { mean: None, cv: None, scale: Some(scale), shape: Some(shape) } => {
            let shape = number(cx, shape, 0.1, 100.0, &path.key("shape"));
            Plan::Weibull { shape, scale: positive(cx, scale, &path.key("scale")) }
        }
        _ => {
            cx.issues.error(code::MISSING, path, "a Weibull distribution has either `mean` and `cv` or `scale` and `shape`");
            Plan::Constant(1.0)
        }
    }
}

/// The default time from the accepted creation call to a ready instance.
pub(super) fn instance_start_up() -> Plan {
    Plan::lognormal(30.0, 0.25)
}

/// The default time from binding a pod to a machine until it is ready.
pub(super) const fn machine_start_up() -> Plan {
    Plan::Constant(2.0)
}

fn seconds(cx: &mut Context<'_>, value: Duration, path: &Path) -> f64 {
    if value.0 > SPAN_MAX {
        cx.issues.error(code::TOO_LARGE, path, "a time of at most 10 years is possible");
    }
    value.0.as_secs_f64()
}

/// Formulas with logarithms and shapes need a positive number; a harmless one stands in for a wrong one.
fn positive(cx: &mut Context<'_>, value: Duration, path: &Path) -> f64 {
    let value = seconds(cx, value, path);
    if value > 0.0 {
        return value;
    }
    cx.issues.error(code::TOO_SMALL, path, "this time is longer than 0");
    1.0
}

/// A coefficient of variation; one below a millionth is none, because its square would vanish.
fn variation(cx: &mut Context<'_>, cv: f64, path: &Path) -> f64 {
    let cv = number(cx, cv, 0.0, 100.0, path);
    if cv < 1e-6 { 0.0 } else { cv }
}

/// A number in bounds; the nearest bound stands in for a wrong one.
pub(super) fn number(cx: &mut Context<'_>, value: f64, min: f64, max: f64, path: &Path) -> f64 {
    if value.is_nan() || value < min {
        cx.issues.error(code::TOO_SMALL, path, format!("a number from {min} to {max} is possible"));
    } else if value > max {
        cx.issues.error(code::TOO_LARGE, path, format!("a number from {min} to {max} is possible"));
    }
    if value.is_nan() { min } else { value.clamp(min, max) }
}
