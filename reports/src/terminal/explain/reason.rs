//! Reasons as controllers write them, taken apart.

/// What an HPA's reason says, part by part. Empty parts were not part of the decision.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Verdict<'a> {
    /// The metric with what it stood at and its target: `cpu 225% of target 60%`.
    pub metric: &'a str,
    /// What it stood at over its target.
    pub ratio: Option<f64>,
    /// Pods that were not measured, and what they were taken for.
    pub groups: Vec<&'a str>,
    /// What the metric asked for.
    pub proposal: &'a str,
    /// The window of recommendations that overruled it.
    pub window: &'a str,
    /// What limited it.
    pub limit: &'a str,
    /// Metrics that could not be read.
    pub failures: &'a str,
}

impl<'a> Verdict<'a> {
    /// Takes a reason apart; none if metrics did not decide.
    pub(super) fn of(reason: &'a str) -> Option<Self> {
        let (text, failures) = reason.split_once("; ").unwrap_or((reason, ""));
        let colon = text.match_indices(": ").map(|(at, _)| at).find(|at| {
            let after = &text[at + 2..];
            after.split_once(' ').is_some_and(|(count, rest)| count.parse::<u32>().is_ok() && rest.starts_with("proposed"))
                || after.starts_with("within tolerance")
                || after.starts_with("pods without a trusted sample")
        })?;
        let (seen, chosen) = (&text[..colon], &text[colon + 2..]);
        let mut seen = seen.split(", ");
        let metric = seen.next()?;
        let cut = |mark: &str| chosen.find(mark);
        let (window, limit) = (cut(", held at "), cut(", limited to ").or_else(|| cut(", raised to ")));
        let end = chosen.len();
        Some(Self {
            metric,
            ratio: ratio(metric),
            groups: seen.collect(),
            proposal: &chosen[..window.or(limit).unwrap_or(end)],
            window: window.map_or("", |at| &chosen[at + 2..limit.unwrap_or(end)]),
            limit: limit.map_or("", |at| &chosen[at + 2..]),
            failures,
        })
    }
}

/// `cpu 225% of target 60%` is 3.75.
fn ratio(metric: &str) -> Option<f64> {
    let (reading, target) = metric.split_once(" of target ")?;
    let value = |text: &str| -> Option<f64> {
        let digits = text.trim_end_matches('%');
        digits.strip_suffix('m').map_or_else(|| digits.parse().ok(), |milli| milli.parse::<f64>().ok().map(|milli| milli / 1000.0))
    };
    let reading = reading.trim_end_matches(" MiB").rsplit(' ').next()?;
    let target = value(target.split(' ').next()?)?;
    (target > 0.0).then_some(value(reading)? / target)
}

#[cfg(test)]
mod tests {
    use super::Verdict;

    #[test]
    fn verdicts_are_taken_apart_by_step() {
        let reason = "cpu 225% of target 60% (highest of 2 metrics), 3 unready counted as idle: 83 proposed, held at 44 by the lowest recommendation \
                      of the last 5m (ScaleUpStabilized), limited to 40 by maxReplicas (TooManyReplicas)";
        let verdict = Verdict::of(reason).unwrap();
        assert_eq!((verdict.metric, verdict.ratio), ("cpu 225% of target 60% (highest of 2 metrics)", Some(3.75)));
        assert_eq!((verdict.groups.as_slice(), verdict.proposal), (["3 unready counted as idle"].as_slice(), "83 proposed"));
        assert_eq!(verdict.window, "held at 44 by the lowest recommendation of the last 5m (ScaleUpStabilized)");
        assert_eq!(verdict.limit, "limited to 40 by maxReplicas (TooManyReplicas)");
        let quiet = Verdict::of("queue 1500m of target 3 per pod: within tolerance, 4 kept").unwrap();
        assert_eq!((quiet.ratio, quiet.proposal, quiet.limit), (Some(0.5), "within tolerance, 4 kept", ""));
        assert_eq!(Verdict::of("current number of replicas above maxReplicas 4"), None);
    }
}
