//! The Job controller: how many pods it wants, when it waits, when it gives up.

use crate::units::{Span, Time};

/// First pause after a failure.
const BACKOFF: Span = Span::from_secs(10);
/// Longest pause.
const BACKOFF_MAX: Span = Span::from_secs(600);
/// Longest pause up to this release.
const BACKOFF_MAX_OLD: Span = Span::from_secs(360);

/// What a Job says about its pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRules {
    /// Pods at a time.
    pub parallelism: u32,
    /// Successes that it takes; none if the first success ends the work, as for pods that share a queue.
    pub completions: Option<u32>,
    /// Whether each completion has an index of its own.
    pub indexed: bool,
    /// Failures beyond which the job fails.
    pub backoff_limit: u32,
    /// Failures of one index beyond which it fails for good.
    pub backoff_limit_per_index: Option<u32>,
    /// Failed indexes beyond which the job fails.
    pub max_failed_indexes: Option<u32>,
    /// The job fails when it has not ended after this long.
    pub active_deadline: Option<Span>,
    /// Whether a container that fails is started again in its pod (`restartPolicy: OnFailure`).
    pub restarts_in_place: bool,
    /// Longest pause after failures.
    pub backoff_max: Span,
    /// What to do about a pod that failed: the first rule that matches.
    pub failure_policy: Vec<FailureRule>,
}

impl JobRules {
    /// Rules of a job of this many pods that all run at once.
    pub fn all_at_once(pods: u32) -> Self {
        Self {
            parallelism: pods,
            completions: Some(pods),
            indexed: false,
            backoff_limit: 6,
            backoff_limit_per_index: None,
            max_failed_indexes: None,
            active_deadline: None,
            restarts_in_place: false,
            backoff_max: BACKOFF_MAX,
            failure_policy: Vec::new(),
        }
    }

    /// The longest pause of a release: 10 minutes since 1.29, 6 minutes before.
    pub fn backoff_max_of(version: crate::plan::KubernetesVersion) -> Span {
        if (version.major, version.minor) >= (1, 29) { BACKOFF_MAX } else { BACKOFF_MAX_OLD }
    }

    /// How long the controller waits after a failure, the `failures`-th since the last success: 10 s, doubling.
    pub fn backoff(&self, failures: u32) -> Span {
        match failures {
            0 => Span::ZERO,
            _ => (BACKOFF * 1_u64.checked_shl(failures - 1).unwrap_or(u64::MAX).min(1 << 20)).min(self.backoff_max),
        }
    }

    /// What the rules say about a failed pod.
    pub fn verdict(&self, exit_code: Option<u32>, is_disruption: bool) -> FailureAction {
        let matches = |rule: &&FailureRule| match &rule.on {
            FailureMatch::ExitCodes { codes, negated } => exit_code.is_some_and(|code| codes.contains(&code) != *negated),
            FailureMatch::Disruption => is_disruption,
        };
        self.failure_policy.iter().find(matches).map_or(FailureAction::Count, |rule| rule.action)
    }
}

/// A rule of a `podFailurePolicy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureRule {
    /// What it is about.
    pub on: FailureMatch,
    /// What to do.
    pub action: FailureAction,
}

/// Which failures a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailureMatch {
    /// The container ended with one of these codes, or with none of them.
    ExitCodes {
        /// Codes.
        codes: Vec<u32>,
        /// Whether those are meant that are not listed.
        negated: bool,
    },
    /// The pod was taken away: drained, preempted, reclaimed (condition `DisruptionTarget`).
    Disruption,
}

/// What to do about a failed pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureAction {
    /// The job fails.
    FailJob,
    /// Its index fails.
    FailIndex,
    /// It does not count against the limits.
    Ignore,
    /// It counts.
    Count,
}

/// What the controller sees of a Job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobView {
    /// Pods that have not ended.
    pub active: u32,
    /// Successes; of an indexed job, of different indexes.
    pub succeeded: u32,
    /// Failures that count; for containers that are started again in place, their restarts.
    pub failed: u32,
    /// Indexes that failed for good.
    pub failed_indexes: u32,
    /// When it started.
    pub started: Time,
    /// Until when it pauses after a failure.
    pub paused_until: Time,
    /// Now.
    pub now: Time,
}

/// What the controller does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The job fails; its pods are removed.
    Fail(&'static str),
    /// The job is complete.
    Complete,
    /// Creates this many pods.
    Create(u32),
    /// Creates pods at this instant.
    Wait(Time),
    /// Nothing to do until something happens.
    Nothing,
}

/// One sync of the controller.
pub fn sync(rules: &JobRules, view: JobView) -> Step {
    let limit = rules.backoff_limit;
    let too_many = if rules.restarts_in_place { view.failed > 0 && view.failed >= limit.max(1) } else { view.failed > limit };
    if too_many {
        return Step::Fail("BackoffLimitExceeded");
    }
    if rules.active_deadline.is_some_and(|deadline| view.started.saturating_add(deadline) <= view.now) {
        return Step::Fail("DeadlineExceeded");
    }
    if rules.max_failed_indexes.is_some_and(|most| view.failed_indexes > most) {
        return Step::Fail("MaxFailedIndexesExceeded");
    }
    let wanted = match rules.completions {
        None if view.succeeded > 0 => {
            return if view.active == 0 { Step::Complete } else { Step::Nothing };
        }
        None => rules.parallelism,
        Some(completions) => {
            let left = completions.saturating_sub(view.succeeded + view.failed_indexes);
            if left == 0 && view.active == 0 {
                return if view.failed_indexes > 0 { Step::Fail("FailedIndexes") } else { Step::Complete };
            }
            left.min(rules.parallelism)
        }
    };
    match wanted.saturating_sub(view.active) {
        0 => Step::Nothing,
        _ if view.paused_until > view.now => Step::Wait(view.paused_until),
        missing => Step::Create(missing),
    }
}

#[cfg(test)]
mod tests {
    use super::{FailureAction, FailureMatch, FailureRule, JobRules, JobView, Step, sync};
    use crate::units::{Span, Time};

    fn view(active: u32, succeeded: u32, failed: u32) -> JobView {
        JobView { active, succeeded, failed, failed_indexes: 0, started: Time::ZERO, paused_until: Time::ZERO, now: Time::from_secs(100) }
    }

    #[test]
    fn pauses_double_from_ten_seconds_to_ten_minutes() {
        let rules = JobRules::all_at_once(1);
        let pauses = [0, 1, 2, 3, 4, 5, 6, 7, 8, 40, 80].map(|failures| rules.backoff(failures).as_nanos() / 1_000_000_000);
        assert_eq!(pauses, [0, 10, 20, 40, 80, 160, 320, 600, 600, 600, 600]);
        let old = JobRules { backoff_max: JobRules::backoff_max_of(crate::plan::KubernetesVersion { major: 1, minor: 28 }), ..rules };
        assert_eq!(old.backoff(7), Span::from_secs(360));
    }

    #[test]
    fn no_more_pods_than_are_still_needed() {
        let rules = JobRules { parallelism: 3, completions: Some(5), ..JobRules::all_at_once(5) };
        let cases =
            [(0, 0, Step::Create(3)), (2, 1, Step::Create(1)), (3, 2, Step::Nothing), (2, 3, Step::Nothing), (1, 3, Step::Create(1)), (0, 5, Step::Complete)];
        for (active, succeeded, expected) in cases {
            assert_eq!(sync(&rules, view(active, succeeded, 0)), expected, "{active} {succeeded}");
        }
        // A queue of work: the first success says that it is empty.
        let queue = JobRules { completions: None, ..rules };
        assert_eq!(
            [(0, 0), (2, 1), (0, 1)].map(|(active, succeeded)| sync(&queue, view(active, succeeded, 0))),
            [Step::Create(3), Step::Nothing, Step::Complete]
        );
    }

    #[test]
    fn a_job_gives_up_beyond_its_limits() {
        let rules = JobRules { backoff_limit: 2, ..JobRules::all_at_once(1) };
        assert_eq!(sync(&rules, view(0, 0, 2)), Step::Create(1));
        assert_eq!(sync(&rules, view(0, 0, 3)), Step::Fail("BackoffLimitExceeded"));
        // Restarts in place are counted up to the limit, not beyond it.
        let in_place = JobRules { restarts_in_place: true, ..rules.clone() };
        assert_eq!([1, 2].map(|failed| sync(&in_place, view(1, 0, failed))), [Step::Nothing, Step::Fail("BackoffLimitExceeded")]);
        let late = JobRules { active_deadline: Some(Span::from_secs(100)), ..rules.clone() };
        assert_eq!(sync(&late, view(1, 0, 0)), Step::Fail("DeadlineExceeded"));
        assert_eq!(sync(&rules, JobView { paused_until: Time::from_secs(110), ..view(0, 0, 1) }), Step::Wait(Time::from_secs(110)));
    }

    #[test]
    fn an_indexed_job_fails_when_all_indexes_ended_and_one_failed() {
        let rules = JobRules { indexed: true, backoff_limit: u32::MAX, backoff_limit_per_index: Some(0), ..JobRules::all_at_once(3) };
        assert_eq!(sync(&rules, JobView { failed_indexes: 1, ..view(1, 1, 1) }), Step::Nothing);
        assert_eq!(sync(&rules, JobView { failed_indexes: 1, ..view(0, 2, 1) }), Step::Fail("FailedIndexes"));
        let few = JobRules { max_failed_indexes: Some(0), ..rules };
        assert_eq!(sync(&few, JobView { failed_indexes: 1, ..view(1, 1, 1) }), Step::Fail("MaxFailedIndexesExceeded"));
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let codes = |codes: &[u32], negated, action| FailureRule { on: FailureMatch::ExitCodes { codes: codes.to_vec(), negated }, action };
        let ignore = FailureRule { on: FailureMatch::Disruption, action: FailureAction::Ignore };
        let rules = JobRules {
            failure_policy: vec![ignore, codes(&[42], false, FailureAction::FailJob), codes(&[1], true, FailureAction::Count)],
            ..JobRules::all_at_once(1)
        };
        assert_eq!(rules.verdict(Some(42), true), FailureAction::Ignore);
        assert_eq!(rules.verdict(Some(42), false), FailureAction::FailJob);
        assert_eq!(rules.verdict(Some(1), false), FailureAction::Count);
    }
}
