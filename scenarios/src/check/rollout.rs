//! Rolling updates.

use sim_core::controllers::deployment::Strategy;
use sim_core::plan::RolloutRules;
use sim_core::units::{IntOrPercent, Span};

use super::limits::SPAN_MAX;
use super::{Context, code};
use crate::issue::Path;
use crate::spec;
use crate::text::Text;

/// How the service at `path` exchanges one revision for the next.
pub(super) fn rules(cx: &mut Context<'_>, written: &spec::Service, path: &Path) -> RolloutRules {
    let default = RolloutRules::default();
    let strategy = match &written.strategy {
        None => default.strategy,
        Some(spec::Strategy::Recreate) => Strategy::Recreate,
        Some(spec::Strategy::RollingUpdate(bounds)) => {
            let path = path.key("strategy").key("rollingUpdate");
            let mut bound = |written: Option<Text<IntOrPercent>>, key: &str| {
                let bound = written.map_or(IntOrPercent::Percent(25), |text| text.0);
                if key == "maxUnavailable" && matches!(bound, IntOrPercent::Percent(percent) if percent > 100) {
                    cx.issues.error(code::TOO_LARGE, path.key(key), "Kubernetes accepts at most 100%");
                }
                bound
            };
            let (max_surge, max_unavailable) = (bound(bounds.max_surge, "maxSurge"), bound(bounds.max_unavailable, "maxUnavailable"));
            if max_surge.of(100, true) == 0 && max_unavailable.of(100, true) == 0 {
                cx.issues.warning(code::REFUSED, &path, "Kubernetes refuses to have both bounds at 0; one pod may be missing here");
            }
            Strategy::RollingUpdate { max_surge, max_unavailable }
        }
    };
    let mut span = |written: Option<Text<Span>>, default: Span, key: &str| {
        let span = written.map_or(default, |span| span.0);
        if span > SPAN_MAX {
            cx.issues.error(code::TOO_LARGE, path.key(key), "a time of at most 10 years is possible");
        }
        span
    };
    let min_ready = span(written.min_ready, default.min_ready, "minReady");
    let progress_deadline = span(written.progress_deadline, default.progress_deadline, "progressDeadline");
    if progress_deadline <= min_ready {
        let place = if written.progress_deadline.is_some() { "progressDeadline" } else { "minReady" };
        cx.issues.error(code::ORDER, path.key(place), "`progressDeadline` is longer than `minReady`");
    }
    RolloutRules { strategy, min_ready, progress_deadline }
}
