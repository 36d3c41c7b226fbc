//! `KubeSchedulerConfigurations`, and what Deployments say about how their pods end.

use sim_core::plan::{ActionKind, DefaultSpread, ScoringStrategy};
use sim_core::units::{Resource, Span};

use super::{DEPLOYMENT, lines, load};

const CONFIGURATION: &str = "\
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
percentageOfNodesToScore: 30
podInitialBackoffSeconds: 2
podMaxBackoffSeconds: 20
profiles:
- schedulerName: default-scheduler
  plugins:
    score:
      disabled: [{name: TaintToleration}, {name: NodeResourcesBalancedAllocation}]
      enabled: [{name: NodeAffinity, weight: 7}]
  pluginConfig:
  - name: NodeResourcesFit
    args: {scoringStrategy: {type: MostAllocated, resources: [{name: cpu, weight: 3}, {name: memory, weight: 1}]}}
  - name: PodTopologySpread
    args: {defaultingType: List, defaultConstraints: [{maxSkew: 2, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway}]}
  - {name: InterPodAffinity, args: {hardPodAffinityWeight: 9}}
";

#[test]
fn a_scheduler_is_configured_as_it_is() {
    let (loaded, _folder) = load("", &format!("{CONFIGURATION}---\n{DEPLOYMENT}"));
    assert_eq!(lines(&loaded), [""; 0]);
    let scheduler = loaded.plan.unwrap().scheduler;
    assert_eq!((scheduler.percentage_of_nodes, scheduler.hard_pod_affinity_weight), (30, 9));
    assert_eq!((scheduler.queue.initial_backoff, scheduler.queue.max_backoff), (Span::from_secs(2), Span::from_secs(20)));
    assert_eq!((scheduler.strategy, scheduler.scored), (ScoringStrategy::MostAllocated, vec![(Resource::Cpu, 3), (Resource::Memory, 1)]));
    assert!(matches!(scheduler.default_spread, DefaultSpread::List(list) if list.len() == 1 && list[0].max_skew == 2));
    let weights = scheduler.weights.unwrap();
    assert_eq!((weights.affinity, weights.taints, weights.balanced, weights.fit, weights.spread), (7, 0, 0, 1, 2));
}

#[test]
fn the_scenario_wins_and_unknown_plugins_are_named() {
    let more = "scheduler: {percentageOfNodesToScore: 50, scoring: leastAllocated, pluginWeights: {NodeAffinity: 1}}\n";
    let odd = CONFIGURATION.replace("{name: NodeAffinity, weight: 7}", "{name: NodeAffinity, weight: 7}, {name: Coscheduling}");
    let (loaded, _folder) = load(more, &format!("{odd}---\n{DEPLOYMENT}"));
    assert_eq!(lines(&loaded), ["S0308 profiles[0].plugins.score.enabled[1]: the plugin `Coscheduling` is not simulated"]);
    let scheduler = loaded.plan.unwrap().scheduler;
    assert_eq!((scheduler.percentage_of_nodes, scheduler.strategy, scheduler.weights.unwrap().affinity), (50, ScoringStrategy::LeastAllocated, 1));
    let (loaded, _folder) = load("scheduler: {pluginWeights: {NodeAfinity: 3, TaintToleration: 101, ImageLocality: 2}}\n", DEPLOYMENT);
    assert_eq!(
        lines(&loaded),
        [
            "S0201 scheduler.pluginWeights.NodeAfinity: there is no plugin that scores nodes `NodeAfinity`",
            "S0231 scheduler.pluginWeights.TaintToleration: a weight lies between 0 and 100",
            "S0308 scheduler.pluginWeights.ImageLocality: where images are already does not count for the choice of nodes",
        ]
    );
}

#[test]
fn hooks_and_pauses_of_a_deployment() {
    let container = "      - name: nginx\n";
    let with = |hook: &str, more: &str| {
        let text = DEPLOYMENT.replacen(container, &format!("{container}        lifecycle: {{preStop: {hook}}}\n"), 1).replacen(
            "  replicas: 2\n",
            &format!("  replicas: 2\n{more}"),
            1,
        );
        let (loaded, _folder) = load("", &text);
        let lines = lines(&loaded);
        (lines, loaded.plan.unwrap())
    };
    for hook in ["{sleep: {seconds: 12}}", "{exec: {command: [sleep, '12']}}", "{exec: {command: [/bin/sh, -c, sleep 12]}}"] {
        let (lines, plan) = with(hook, "");
        assert_eq!(lines, [""; 0], "{hook}");
        assert_eq!(plan.services.values().next().unwrap().pre_stop, Span::from_secs(12));
    }
    let (lines, plan) = with("{exec: {command: [nginx, -s, quit]}}", "  paused: true\n");
    assert_eq!(lines, ["S0308 spec.template.spec.containers: how long the `preStop` hook of container 1 takes is not known: it takes no time here"]);
    assert!(matches!(plan.actions[..], [ref action] if matches!(action.what, ActionKind::PauseRollout { paused: true, .. })));
}
