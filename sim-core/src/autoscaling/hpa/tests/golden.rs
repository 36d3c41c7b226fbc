//! Cases with agreed numbers: the demo of 22 to 100 replicas, and the corners of the rules.

use super::*;

#[test]
fn without_behavior_growth_stops_at_twice_the_size_or_four() {
    assert_eq!((decide(&cpu(10), &sharing(3000, 3)).desired, decide(&cpu(10), &sharing(1000, 1)).desired), (6, 4));
    let decision = decide(&with_behavior(cpu(10)), &sharing(3000, 3));
    assert_eq!((decision.desired, decision.limited_by()), (7, Some(Limit::ScaleUpLimit)), "an empty behavior brings the default policies");
    assert_eq!(decide(&with_behavior(cpu(10)), &sharing(22_000, 22)).desired, 44);
}

#[test]
fn the_tolerance_bound_moved_with_1_33() {
    let kept = |minor| {
        let keeps = |percent: &i64| evaluate(&release(minor), &cpu(60), 10, &sharing(percent * 100, 10), &mut settled(), 0).desired == 10;
        // Within 10 % of the target only the tolerance can keep 10 pods.
        (50..=70).filter(keeps).collect::<Vec<i64>>()
    };
    let inside = |from: i64, to: i64| (from..=to).collect::<Vec<i64>>();
    assert_eq!((kept(32), kept(33)), (inside(54, 65), inside(54, 66)));
}

#[test]
fn the_largest_of_several_metrics_wins() {
    let mut spec = cpu(50);
    let target = Target::AverageValue(1000 << 30);
    spec.metrics.push(MetricSpec::Resource { resource: ResourceName::Memory, target });
    let mut pods = sharing(2000, 4);
    for pod in &mut pods {
        let sample = pod.sample.as_mut().unwrap();
        sample.usage.memory = Some(1500 << 30);
    }
    let decision = decide(&spec, &pods);
    assert_eq!((decision.desired, decision.utilization()), (6, None));
    assert_eq!(decision.reason.to_string(), "memory 1536 MiB of target 1024 MiB per pod (highest of 2 metrics): 6 proposed");
}

#[test]
fn the_demo_scales_22_to_44_to_83_to_100() {
    for behavior in [None, Some(Behavior::default())] {
        let spec = HpaSpec { min: 22, max: 100, behavior, ..cpu(60) };
        let mut memory = HpaMemory::default();
        let mut replicas = 22;
        let mut steps = Vec::new();
        for (now_s, demand) in [(15, 49_500), (30, 49_500), (75, 99_000)] {
            let decision = evaluate(&release(33), &spec, replicas, &sharing(demand, replicas), &mut memory, now_s);
            replicas = decision.desired;
            steps.push((replicas, decision.proposal(), decision.utilization(), decision.limited_by()));
        }
        let expected =
            [(44, Some(83), Some(225), Some(Limit::ScaleUpLimit)), (83, Some(83), Some(112), None), (100, Some(165), Some(119), Some(Limit::TooManyReplicas))];
        assert_eq!(steps, expected);
    }
}

#[test]
fn reasons_are_sentences() {
    let spec = HpaSpec { min: 22, max: 100, ..with_behavior(cpu(60)) };
    let reason = |spec: &HpaSpec, total, count| decide(spec, &sharing(total, count)).reason.to_string();
    assert_eq!(reason(&spec, 49_500, 22), "cpu 225% of target 60%: 83 proposed, limited to 44 by scale-up policy (ScaleUpLimit)");
    assert_eq!(reason(&spec, 99_000, 83), "cpu 119% of target 60%: 165 proposed, limited to 100 by maxReplicas (TooManyReplicas)");
    assert_eq!(reason(&spec, 2200, 44), "cpu 5% of target 60%: 4 proposed, raised to 22 by minReplicas (TooFewReplicas)");
    let older = HpaSpec { behavior: None, ..spec };
    assert_eq!(
        reason(&older, 49_500, 22),
        "cpu 225% of target 60%: 83 proposed, limited to 44 by the bound of twice the current size, at least 4 (ScaleUpLimit)"
    );
}
