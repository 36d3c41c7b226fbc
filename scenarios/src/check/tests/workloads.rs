//! Services, jobs, placement, autoscalers and what is suspicious about them.

use sim_core::autoscaling::hpa::{MetricSpec, ResourceName, Target};
use sim_core::plan::{JobArrivals, Phase, Placement, Traffic};
use sim_core::units::{MilliCpu, Span, Time};

use super::{issues, load, plan};

const NODES: &str = "nodes: [{name: ecs, count: 2, instanceType: ecs.c7.2xlarge, labels: {pool: base}}]\nvirtualNodes: [{name: vk}]\n";

#[test]
fn a_busy_pod_uses_its_limit_or_request_or_what_is_given() {
    let cpu = |fields: &str| {
        let plan = plan(&format!("{NODES}services: {{web: {{serviceTime: 40ms, concurrency: 8, {fields}}}}}\nload: {{web: [{{constant: 1/s}}]}}"));
        let Traffic::Requests(requests) = &plan.services.values().next().unwrap().traffic else { panic!("requests") };
        requests.cpu_per_worker
    };
    assert_eq!(cpu("requests: {cpu: 500m}, limits: {cpu: 2}"), 250.0);
    assert_eq!(cpu("requests: {cpu: 500m}"), 62.5);
    assert_eq!(cpu("timeout: 1s"), 125.0);
    assert_eq!(cpu("requests: {cpu: 500m}, cpuPerRequest: 4ms"), 100.0);
}

#[test]
fn defaults_follow_kubernetes() {
    let plan = plan(&format!("{NODES}services: {{web: {{limits: {{cpu: 1}}, autoscaler: {{hpa: {{min: 3, max: 9}}}}}}}}"));
    let web = plan.services.values().next().unwrap();
    assert_eq!((web.replicas, web.template.requests.cpu, web.template.namespace.as_str()), (3, MilliCpu(1000), "default"));
    assert_eq!(web.hpa.as_ref().unwrap().metrics, [MetricSpec::Resource { resource: ResourceName::Cpu, target: Target::Utilization(80) }]);
    assert_eq!((web.termination_grace, plan.metrics.window, plan.hpa.phase), (Span::from_secs(30), Span::from_secs(15), Phase::Random));
    assert_eq!((plan.window, plan.currency.as_str()), (Span::from_secs(1), "CNY"));
}

#[test]
fn units_of_a_preference_keep_their_order() {
    let text = format!(
        "{NODES}services: {{web: {{placement: {{prefer: [{{tier: ecs, max: 22, nodeSelector: {{pool: base}}}}, idc, {{tier: eci, nodeSelector: {{pool: base}}}}]}}}}}}"
    );
    let loaded = load(&text);
    assert_eq!(
        super::lines(&loaded),
        [
            "S0304 services.web.placement.prefer[1]: no node is in the tier `idc`: it is always skipped",
            "S0305 services.web.placement.prefer[2].nodeSelector: a `nodeSelector` has no effect on the tier `eci`",
        ]
    );
    let plan = loaded.plan.unwrap();
    let Placement::Prefer { units, .. } = &plan.services.values().next().unwrap().template.placement else { panic!("a preference") };
    let shown: Vec<_> = units.iter().map(|unit| (plan.tiers[unit.tier].name.as_str(), unit.max, unit.node_selector.len())).collect();
    assert_eq!(shown, [("ecs", Some(22), 1), ("idc", None, 0), ("eci", None, 0)]);
}

#[test]
fn a_pod_that_asks_for_an_instance_gets_one() {
    let plan = plan(&format!("{NODES}services: {{web: {{requests: {{cpu: 1}}, labels: {{alibabacloud.com/eci: \"true\"}}}}}}"));
    let template = &plan.services.values().next().unwrap().template;
    assert_eq!(template.node_selector["type"], "virtual-kubelet");
    assert_eq!(template.tolerations.len(), 1);
}

#[test]
fn jobs_are_submitted_as_they_say() {
    let arrivals = |fields: &str| plan(&format!("{NODES}jobs: {{j: {{runTime: 1m, {fields}}}}}")).jobs.values().next().unwrap().arrivals.clone();
    let JobArrivals::At(times) = arrivals("every: 2m, start: 1m, until: 6m") else { panic!("instants") };
    assert_eq!(times, [60, 180, 300].map(Time::from_secs));
    let JobArrivals::Poisson(rate) = arrivals("rate: 6/h, start: 5m") else { panic!("a rate") };
    assert!((rate.integral(Time::ZERO, Time::from_secs(3600)) - 0.5).abs() < 1e-12);
    for (fields, expected) in [
        ("runTime: 1m", "S0209 jobs.j: a job needs `at`, `every`, `rate` or `schedule`"),
        ("runTime: 1m, at: [0s], every: 1m", "S0208 jobs.j: a job has exactly one of `at`, `every`, `rate` and `schedule`"),
        ("at: [0s]", "S0209 jobs.j: a job needs `runTime`"),
        ("runTime: 1m, every: 1us", "S0205 jobs.j.every: 600000000 submissions are too many: at most 1000000 are possible"),
        ("runTime: 1m, every: 1m, start: 10m", "S0206 jobs.j.start: no job is ever submitted: `start` is not before `until` and the end of the run"),
    ] {
        assert_eq!(issues(&format!("{NODES}jobs: {{j: {{{fields}}}}}")), [expected]);
    }
}

#[test]
fn jobs_are_submitted_on_schedule() {
    let job = |start: &str, fields: &str| format!("{NODES}{start}jobs: {{j: {{runTime: 1m, {fields}}}}}");
    let seconds = |start: &str, fields: &str| match &plan(&job(start, fields)).jobs.values().next().unwrap().arrivals {
        JobArrivals::At(times) => times.iter().map(|at| at.as_nanos() / 1_000_000_000).collect::<Vec<_>>(),
        JobArrivals::Poisson(_) => panic!("instants"),
    };
    assert_eq!(seconds("", "schedule: \"*/3 * * * *\", start: 1m, until: 9m"), [180, 360]);
    assert_eq!(seconds("start: 2026-11-21T23:55:00\n", "schedule: \"@weekly\""), [300]);
    assert_eq!(seconds("start: 2026-11-21T17:55:00Z\n", "schedule: \"0 2 * * *\", timeZone: Asia/Shanghai"), [300]);
    for (fields, expected) in [
        ("schedule: \"0 0 * * mon\"", "S0209 jobs.j.schedule: this schedule needs a date, which the scenario does not give"),
        ("schedule: \"0 2 * * *\"", "S0307 jobs.j.schedule: no job is ever submitted: the schedule does not fire during the run"),
        ("every: 1m, timeZone: UTC", "S0208 jobs.j.timeZone: `timeZone` goes with `schedule`"),
        ("schedule: \"TZ=UTC @daily\", timeZone: UTC", "S0208 jobs.j.timeZone: the schedule already names a time zone"),
    ] {
        assert_eq!(issues(&job("", fields)), [expected]);
    }
    let long = format!("name: test\nduration: 700d\n{}", job("", "schedule: \"* * * * *\""));
    assert_eq!(
        super::lines(&crate::load_text("test.yaml", &long, &crate::LoadOptions::default())),
        ["S0205 jobs.j.schedule: the schedule fires too often: at most 1000000 submissions are possible"]
    );
}

#[test]
fn autoscalers_are_checked_as_kubernetes_does() {
    let check = |hpa: &str| issues(&format!("{NODES}services: {{web: {{requests: {{cpu: 1}}, autoscaler: {{hpa: {hpa}}}}}}}"));
    for (hpa, expected) in [
        ("{min: 5, max: 3}", "S0206 services.web.autoscaler.hpa.max: `max` is 3 while `min` is 5"),
        ("{min: 0, max: 3}", "S0204 services.web.autoscaler.hpa.min: an HPA keeps at least one replica"),
        ("{max: 3, cpu: 0}", "S0204 services.web.autoscaler.hpa.cpu: a target utilisation is at least 1 percent"),
        (
            "{max: 3, behavior: {scaleUp: {policies: [{type: Pods, value: 4, periodSeconds: 1801}]}}}",
            "S0231 services.web.autoscaler.hpa.behavior.scaleUp.policies[0].periodSeconds: a period lasts 1 to 1800 seconds",
        ),
        (
            "{max: 3, behavior: {scaleDown: {selectPolicy: max}}}",
            "S0231 services.web.autoscaler.hpa.behavior.scaleDown.selectPolicy: expected `Max`, `Min` or `Disabled`, found `max`",
        ),
        (
            "{max: 3, cpu: 60, metrics: [{type: Resource, resource: {name: memory, target: {averageUtilization: 60}}}]}",
            "S0308 services.web.autoscaler.hpa.metrics[0].resource.name: memory use is not simulated: this metric is left out",
        ),
    ] {
        assert_eq!(check(hpa), [expected]);
    }
    assert_eq!(
        issues(&format!("{NODES}services: {{web: {{autoscaler: {{hpa: {{max: 3, cpu: 60}}}}}}}}")),
        ["S0230 services.web.autoscaler.hpa: the HPA cannot compute CPU utilisation: the pods have no CPU request"]
    );
}

#[test]
fn what_no_node_takes_is_suspicious() {
    let check = |service: &str| issues(&format!("{NODES}services: {{web: {{{service}}}}}"));
    for (service, expected) in [
        ("nodeSelector: {pool: bse}", "S0301 services.web: no node matches the `nodeSelector` and affinity of `web`: its pods stay Pending"),
        (
            "requests: {cpu: 9}",
            "S0303 services.web.requests: a pod of `web` requests 9 CPU and 0 memory, more than any node or instance that it may use has: it stays Pending",
        ),
        (
            "nodeSelector: {type: virtual-kubelet}",
            "S0302 services.web: every node that `web` may use has a taint that its pods do not tolerate: they stay Pending",
        ),
        (
            "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: type, operator: DoesNotExist}]}, {matchExpressions: [{key: type, operator: Exists}]}]}}}",
            "S0302 services.web: `web` selects the virtual node `vk` but does not tolerate its taint, so it never goes there",
        ),
        (
            "requests: {cpu: 65}, placement: {prefer: [ecs, eci]}",
            "S0303 services.web.requests: a pod of `web` requests 65 CPU and 0 memory, more than any node or instance that it may use has: it stays Pending",
        ),
    ] {
        assert_eq!(check(service), [expected]);
    }
    assert!(check("requests: {cpu: 9}, placement: {prefer: [ecs, eci]}").is_empty());
}

#[test]
fn golden_case_g04_weights_are_no_order() {
    let check = |version: &str, cpu: &str, placement: &str| {
        let affinity = "affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 20, preference: {matchExpressions: [{key: type, operator: Exists}]}}, {weight: 80, preference: {matchExpressions: [{key: pool, operator: Exists}]}}]}}";
        let tolerations = "tolerations: [{key: virtual-kubelet.io/provider, operator: Exists}]";
        let web = format!("{{replicas: 2, requests: {{cpu: {cpu}, memory: 1Gi}}, {tolerations}, {affinity}{placement}}}");
        let rows = issues(&format!(
            "kubernetes: {{version: \"{version}\"}}\nnodes: [{{name: base, capacity: {{cpu: 8, memory: 64Gi}}, labels: {{pool: base}}, price: 0/h}}]\nvirtualNodes: [{{name: vk}}]\nservices: {{web: {web}}}"
        ));
        rows.into_iter().filter(|row| row.starts_with("S0310")).collect::<Vec<_>>()
    };
    let expected = "S0310 services.web.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution: of 2 pods of `web` the weights suggest 2 for the nodes that they favour, but kube-scheduler 1.22 places 1 there: it adds scores for free and balanced resources";
    assert_eq!(check("1.22", "3500m", ""), [expected]);
    assert_eq!(check("1.22", "3500m", ", placement: {preference: kube-score}"), [expected]);
    assert!(check("1.22", "3500m", ", placement: {prefer: [base, eci]}").is_empty(), "a policy is no matter of weights");
    assert!(check("1.33", "3", "").is_empty(), "a lead of 150 is enough here");
}
