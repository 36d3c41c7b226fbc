//! What a naive implementation gets wrong; `golden` has the cases with agreed numbers.

mod golden;

use proptest::prelude::*;

use super::*;
use crate::plan::KubernetesVersion;

const SECOND: i64 = 1_000_000_000;
const LONG_AGO: i64 = -1_000_000 * SECOND;

fn release(minor: u32) -> HpaConfig {
    HpaConfig::defaults(KubernetesVersion { major: 1, minor })
}

fn cpu(target: u32) -> HpaSpec {
    let metrics = vec![MetricSpec::Resource { resource: ResourceName::Cpu, target: Target::Utilization(target) }];
    HpaSpec { min: 1, max: 1000, metrics, behavior: None }
}

fn with_behavior(spec: HpaSpec) -> HpaSpec {
    HpaSpec { behavior: Some(Behavior::default()), ..spec }
}

/// A pod that has long been ready, requests one core and uses `milli`.
fn busy(milli: i64) -> PodView<'static> {
    PodView { sample: Some(Sample { at_ns: 0, window_ns: 15 * SECOND, usage: Amounts::cpu(milli) }), ..silent() }
}

/// The same without a sample.
fn silent() -> PodView<'static> {
    PodView { start_ns: Some(LONG_AGO), ready: Some(ReadyCondition { ready: true, since_ns: LONG_AGO }), requests: Amounts::cpu(1000), ..PodView::default() }
}

fn pending() -> PodView<'static> {
    PodView { phase: PodPhaseView::Pending, start_ns: None, ready: None, ..silent() }
}

/// `total` milli-cores spread over `count` pods.
fn sharing(total: i64, count: u32) -> Vec<PodView<'static>> {
    let count = i64::from(count);
    (0..count).map(|place| busy(total / count + i64::from(place < total % count))).collect()
}

/// A memory that holds nothing back: the HPA has been seen, without any recommendation.
fn settled() -> HpaMemory {
    HpaMemory { recommendations: Some(Vec::new()), ..HpaMemory::default() }
}

fn evaluate(config: &HpaConfig, spec: &HpaSpec, replicas: u32, pods: &[PodView<'_>], memory: &mut HpaMemory, now_s: i64) -> HpaDecision {
    let seen = HpaInput { spec_replicas: replicas, status_replicas: replicas, pods, ..HpaInput::default() };
    reconcile(config, spec, now_s * SECOND, &seen, memory)
}

/// One evaluation of the newest rules with a settled memory.
fn decide(spec: &HpaSpec, pods: &[PodView<'_>]) -> HpaDecision {
    evaluate(&release(33), spec, pods.len() as u32, pods, &mut settled(), 0)
}

#[test]
fn utilization_is_truncated_to_whole_percent_before_the_ratio() {
    // 60.99 % is 60 %; 66.9 % is 66 %, still inside; 67 % is not.
    assert_eq!(decide(&cpu(60), &[busy(609), busy(610)]).utilization(), Some(60));
    assert_eq!(decide(&cpu(60), &sharing(6690, 10)).desired, 10);
    assert_eq!(decide(&cpu(60), &sharing(6700, 10)).desired, 12);
}

#[test]
fn the_multiplier_is_the_pods_seen_not_the_current_size() {
    // A rolling update: 20 asked for, 10 ready and measured.
    let decision = evaluate(&release(33), &cpu(50), 20, &sharing(10_000, 10), &mut settled(), 0);
    assert_eq!((decision.proposal(), decision.desired), (Some(20), 20));
}

#[test]
fn a_missing_sample_counts_as_full_on_the_way_down() {
    // Five at 30 %, five missing: (5 x 30 + 5 x 100) / 10 = 65 % turns the direction.
    let mut pods = sharing(1500, 5);
    pods.extend([silent(); 5]);
    let decision = decide(&cpu(60), &pods);
    assert_eq!(decision.desired, 10);
    assert_eq!(decision.reason.to_string(), "cpu 30% of target 60%, 5 without metrics counted as fully used: within tolerance, 10 kept");

    // With a target above 100 % a missing pod uses the target.
    let mut pods = sharing(400, 4);
    pods.push(silent());
    assert_eq!(decide(&cpu(200), &pods).desired, 2, "(4 x 10 + 200) / 5 = 48 %; ceil(0.24 x 5)");
}

#[test]
fn gaps_that_would_turn_the_direction_keep_the_size() {
    let mut pods = sharing(2000, 5);
    pods.extend([silent(); 5]);
    let decision = decide(&cpu(50), &pods);
    assert_eq!(decision.desired, 10, "40 % becomes 70 %");
    assert_eq!(
        decision.reason.to_string(),
        "cpu 40% of target 50%, 5 without metrics counted as fully used: pods without a trusted sample could turn the direction, 10 kept"
    );
}

#[test]
fn unready_pods_count_as_idle_only_while_growing() {
    let mut growing = sharing(900, 1);
    growing.push(pending());
    assert_eq!(decide(&cpu(50), &growing).desired, 2, "90 % alone, 45 % of two: damped into the tolerance");
    let mut shrinking = sharing(300, 1);
    shrinking.extend([pending(); 3]);
    assert_eq!(decide(&cpu(50), &shrinking).desired, 1, "30 % of one pod, not 7 % of four");
}

#[test]
fn missing_pods_are_left_out_at_a_ratio_of_exactly_one() {
    let mut pods = sharing(1000, 2);
    pods.push(silent());
    let decision = decide(&cpu(50), &pods);
    assert_eq!((decision.desired, decision.reason.to_string().as_str()), (3, "cpu 50% of target 50%: within tolerance, 3 kept"));
}

#[test]
fn a_backlog_of_pending_pods_damps_further_growth() {
    // 10 pods at 100 %: 20 wanted. With the 10 new ones still pending: 50 %, nothing more.
    assert_eq!(decide(&cpu(50), &sharing(10_000, 10)).desired, 20);
    let mut pods = sharing(10_000, 10);
    pods.extend([pending(); 10]);
    let decision = decide(&cpu(50), &pods);
    assert_eq!(decision.desired, 20);
    assert_eq!(decision.reason.to_string(), "cpu 100% of target 50%, 10 unready counted as idle: within tolerance, 20 kept");
}

#[test]
fn a_container_without_request_fails_the_metric_and_blocks_scale_in() {
    let mut pods = sharing(1000, 10);
    pods[3].requests = Amounts::default();
    let decision = decide(&cpu(50), &pods);
    assert_eq!(decision.desired, 10);
    assert_eq!(
        decision.reason.to_string(),
        "the HPA was unable to compute the replica count: invalid metrics (1 invalid out of 1), first error is: missing request for cpu in Pod #3"
    );

    let mut spec = cpu(50);
    spec.metrics.push(MetricSpec::External { name: "queue".to_owned(), target: ValueTarget::AverageValue(1000) });
    let external = |value: i64| {
        let series = [value];
        let values = [MetricValues::FromPods, MetricValues::Series(&series)];
        let seen = HpaInput { spec_replicas: 10, status_replicas: 10, pods: &pods, values: &values, stray_samples: &[] };
        reconcile(&release(33), &spec, 0, &seen, &mut settled())
    };
    assert_eq!(external(3000).desired, 10, "shrinking is blocked");
    assert!(external(3000).reason.to_string().ends_with("; scale-in to 3 withheld"));
    assert_eq!(external(15_000).desired, 15, "growing is not");
}

#[test]
fn scale_in_waits_for_the_highest_recommendation_of_the_window() {
    for (spec, last) in [(cpu(50), 300), (with_behavior(cpu(50)), 299)] {
        let mut memory = settled();
        assert_eq!(evaluate(&release(33), &spec, 10, &sharing(5000, 10), &mut memory, 0).desired, 10);
        let held = evaluate(&release(33), &spec, 10, &sharing(1000, 10), &mut memory, last);
        assert_eq!(held.reason.to_string(), "cpu 10% of target 50%: 2 proposed, held at 10 by the highest recommendation of the last 5m (ScaleDownStabilized)");
        assert_eq!(evaluate(&release(33), &spec, 10, &sharing(1000, 10), &mut memory, last + 1).desired, 2);
    }
}

#[test]
fn with_behavior_the_current_size_is_moved_only_as_far_as_both_windows_agree() {
    let at = |replicas, age: i64| Recommendation { replicas, at_ns: -age * SECOND };
    let mut memory = HpaMemory { recommendations: Some(vec![at(20, 60)]), ..HpaMemory::default() };
    assert_eq!(stabilize_without_behavior(300 * SECOND, 5, &mut memory.clone(), 0), 20, "the older path grows to the highest");
    assert_eq!(stabilize_with_behavior(0, 300 * SECOND, 10, 5, &mut memory, 0), 10);
}

#[test]
fn bounds_bypass_metrics_windows_and_rate_limits() {
    let spec = HpaSpec { min: 5, max: 8, ..with_behavior(cpu(50)) };
    let mut memory = HpaMemory::default();
    let above = evaluate(&release(33), &spec, 100, &[], &mut memory, 0);
    assert_eq!((above.desired, above.reason.to_string().as_str()), (8, "current number of replicas above maxReplicas 8"));
    assert_eq!(memory.scale_down_events, [ScaleEvent { change: 92, at_ns: 0 }], "it counts in later rate limits");
    assert_eq!(evaluate(&release(33), &spec, 1, &[], &mut memory, 15).desired, 5);
    let off = evaluate(&release(33), &spec, 0, &[], &mut memory, 30);
    assert!(!off.scaled && off.desired == 0 && off.reason == Reason::ScalingDisabled);
}

#[test]
fn rate_limits_count_both_directions_since_1_26() {
    let minute = |kind, value| ScalingRules {
        policies: Some(vec![ScalingPolicy { kind, value, period: Span::from_secs(60) }]),
        stabilization_window: Some(Span::ZERO),
        ..ScalingRules::default()
    };
    let behavior = Behavior { scale_up: Some(minute(PolicyKind::Pods, 10)), scale_down: Some(minute(PolicyKind::Pods, 10)) };
    let event = |change| vec![ScaleEvent { change, at_ns: -30 * SECOND }];
    let memory = HpaMemory { scale_up_events: event(4), scale_down_events: event(6), ..HpaMemory::default() };
    let limits = |config: &HpaConfig| {
        let up = scale_up_limit(config, &EffectiveRules::up(&behavior), 100, &memory, 0);
        (up, scale_down_limit(config, &EffectiveRules::down(&behavior, config), 100, &memory, 0))
    };
    assert_eq!((limits(&release(26)), limits(&release(25))), ((112, 92), (106, 96)));
}

#[test]
fn disabled_directions_do_not_move() {
    let disabled = Some(ScalingRules { select_policy: Some(SelectPolicy::Disabled), ..ScalingRules::default() });
    let spec = HpaSpec { behavior: Some(Behavior { scale_up: disabled.clone(), scale_down: disabled }), ..cpu(50) };
    assert_eq!(decide(&spec, &sharing(10_000, 10)).desired, 10);
    let decision = decide(&spec, &sharing(1000, 10));
    assert_eq!(decision.reason.to_string(), "cpu 10% of target 50%: 2 proposed, limited to 10 by scale-down policy (ScaleDownLimit)");
}

#[test]
fn a_new_hpa_cannot_shrink_for_one_window() {
    let mut memory = HpaMemory::default();
    let mut sizes = Vec::new();
    for now_s in (0..=315).step_by(15) {
        sizes.push(evaluate(&release(33), &cpu(50), 10, &sharing(1000, 10), &mut memory, now_s).desired);
    }
    assert_eq!((sizes[20], sizes[21]), (10, 2), "after 300 s and after 315 s");
}

#[test]
fn starting_pods_are_trusted_after_one_full_window_of_readiness() {
    let config = release(33);
    let pod = |start_s: i64, ready, since_s: i64, sampled_s: i64| PodView {
        start_ns: Some(start_s * SECOND),
        ready: Some(ReadyCondition { ready, since_ns: since_s * SECOND }),
        sample: Some(Sample { at_ns: sampled_s * SECOND, window_ns: 15 * SECOND, usage: Amounts::cpu(1) }),
        ..PodView::default()
    };
    let group = |pod: PodView<'_>| classify(&config, &pod, Some(ResourceName::Cpu), true, 0);
    assert_eq!(group(pod(-60, true, -20, -6)), PodGroup::Unready);
    assert_eq!(group(pod(-60, true, -20, -5)), PodGroup::Ready);
    assert_eq!(group(pod(-300, false, -271, -5)), PodGroup::Unready, "never ready within 30 s of its start");
    assert_eq!(group(pod(-300, false, -270, -5)), PodGroup::Ready, "was ready once");
    assert_eq!(classify(&config, &pod(-60, false, -20, -6), Some(ResourceName::Memory), true, 0), PodGroup::Ready, "only CPU is mistrusted");
}

#[test]
fn a_tolerance_by_direction_needs_1_33() {
    let rules = |tolerance| Some(ScalingRules { tolerance: Some(tolerance), ..ScalingRules::default() });
    let behavior = Some(Behavior { scale_up: rules(0.5), scale_down: None });
    let contains = |minor, ratio| Tolerances::new(&release(minor), behavior.as_ref()).contain(ratio);
    assert!(contains(33, 1.4) && !contains(33, 0.8) && !contains(32, 1.4));
}

#[test]
fn no_metrics_mean_cpu_at_80_percent() {
    let spec = HpaSpec { metrics: Vec::new(), ..cpu(1) };
    assert_eq!(decide(&spec, &sharing(16_000, 10)).reason.to_string(), "cpu 160% of target 80%: 20 proposed");
}

proptest! {
    /// Metrics that stand still for some syncs at a time: whatever is repeated is what an evaluation would decide and remember.
    #[test]
    fn a_repeated_evaluation_decides_and_remembers_the_same(
        uses in prop::collection::vec((100i64..1500, 1usize..40), 1..6), step_s in 5i64..90, has_behavior in any::<bool>(), target in 40u32..90
    ) {
        let spec = if has_behavior { with_behavior(cpu(target)) } else { cpu(target) };
        let (mut memory, mut replicas, mut now) = (HpaMemory::default(), 4, 0);
        for (milli, syncs) in uses {
            let mut last: Option<(u32, Reason)> = None;
            for _ in 0..syncs {
                now += step_s;
                let pods: Vec<PodView<'_>> = (0..replicas).map(|_| busy(milli)).collect();
                let mut short = memory.clone();
                let decision = evaluate(&release(33), &spec, replicas, &pods, &mut memory, now);
                if let Some((_, reason)) = last.filter(|(kept, _)| *kept == replicas)
                    && repeat(&release(33), &spec, now * SECOND, replicas, &reason, &mut short)
                {
                    prop_assert_eq!((&reason, false, &short), (&decision.reason, decision.scaled, &memory));
                }
                replicas = decision.desired;
                last = (!decision.scaled).then_some((replicas, decision.reason));
            }
        }
    }
}

#[test]
fn a_steady_evaluation_is_repeated() {
    let (config, spec, mut memory) = (release(33), cpu(60), HpaMemory::default());
    let pods = sharing(2400, 4);
    let first = evaluate(&config, &spec, 4, &pods, &mut memory, 60);
    assert!(!first.scaled && repeat(&config, &spec, 120 * SECOND, 4, &first.reason, &mut memory));
    assert!(!repeat(&config, &HpaSpec { max: 3, ..spec }, 180 * SECOND, 4, &first.reason, &mut memory), "the bounds have changed");
}
