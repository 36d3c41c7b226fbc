//! Start-up stages, instances, stocks and profiles.

use sim_core::plan::{CreateLimit, FailStrategy, NodeKind, Rejection, SpecChoice, StartUp, StockUnit, VSwitchOrder};
use sim_core::units::{MilliCpu, Span, Time};

use super::{issues, load, plan};

const WEB: &str = "services: {web: {requests: {cpu: 1, memory: 2Gi}, placement: {prefer: [eci]}, annotations: {";

fn with_annotations(annotations: &str) -> String {
    format!("virtualNodes: [{{name: vk}}]\n{WEB}{annotations}}}}}}}")
}

#[test]
fn annotations_say_what_an_instance_is_like() {
    let plan = plan(&format!(
        "vSwitches: {{a: {{zone: z1}}, b: {{zone: z2}}}}\n{}",
        with_annotations(
            "k8s.aliyun.com/eci-use-specs: \"ecs.g7.xlarge, 2-4Gi\", k8s.aliyun.com/eci-fail-strategy: fail-over, k8s.aliyun.com/eci-max-pending-minute: \"30\", \
             k8s.aliyun.com/eci-vswitch: \"b,a\", k8s.aliyun.com/eci-schedule-strategy: VSwitchOrdered, k8s.aliyun.com/eci-spot-strategy: SpotWithPriceLimit, \
             k8s.aliyun.com/eci-spot-price-limit: \"0.5\", k8s.aliyun.com/eci-spot-duration: \"0\", k8s.aliyun.com/eci-spot-fallback: \"true\""
        )
    ));
    let template = &plan.services.values().next().unwrap().template;
    let (from, wish) = &template.supply.wishes[0];
    assert_eq!((*from, template.supply.wishes.len()), (Time::ZERO, 1));
    assert_eq!(wish.specs, [SpecChoice::Type(0), SpecChoice::Size { cpu: MilliCpu(2000), memory: "4Gi".parse().unwrap() }]);
    assert_eq!((wish.on_failure, wish.max_pending, wish.order), (FailStrategy::FailOver, Span::from_secs(1800), Some(VSwitchOrder::Ordered)));
    let names: Vec<&str> = wish.vswitches.iter().flatten().map(|id| plan.supply.vswitches[*id].name.as_str()).collect();
    assert_eq!(names, ["b", "a"]);
    let spot = wish.spot.unwrap();
    assert!(spot.fallback && spot.protection.is_zero() && spot.limit.is_some());
    assert_eq!(plan.providers.values().next().unwrap().supply.types[0].name, "ecs.g7.xlarge");
}

#[test]
fn wrong_annotations_are_found_where_they_are() {
    let at = "services.web.annotations.\"k8s.aliyun.com/eci-";
    for (annotation, expected) in [
        ("use-specs: ecs.g7.xlage", format!("S0201 {at}use-specs\": there is no machine type `ecs.g7.xlage`")),
        ("use-specs: \"1-1Gi,1-2Gi,1-4Gi,2-4Gi,4-8Gi,8-16Gi\"", format!("S0205 {at}use-specs\": 6 specs are too many: at most 5 are possible")),
        ("fail-strategy: fail-up", format!("S0261 {at}fail-strategy\": `fail-up` is no value of `eci-fail-strategy`")),
        ("max-pending-minute: \"5\"", format!("S0231 {at}max-pending-minute\": `5` is not a number of minutes from 10 to 1440")),
        ("vswitch: c", format!("S0201 {at}vswitch\": there is no vSwitch `c`")),
        ("spot-strategy: SpotWithPriceLimit", format!("S0209 {at}spot-strategy\": `SpotWithPriceLimit` needs the annotation `eci-spot-price-limit`")),
        ("instance-family: ecs.g7", format!("S0308 {at}instance-family\": `k8s.aliyun.com/eci-instance-family` is not simulated")),
    ] {
        let found = issues(&with_annotations(&format!("k8s.aliyun.com/eci-{annotation}")));
        assert_eq!(found, [expected], "{annotation}");
    }
}

#[test]
fn profiles_reload_at_an_instant() {
    let plan = plan(
        "virtualNodes: [{name: vk}]\nservices: {web: {labels: {app: x}, requests: {cpu: 1}, placement: {prefer: [eci]}}}\n\
         eciProfile: {reloads: [{at: 1m, data: {selectors: '[{\"name\": \"s\", \"effect\": {\"annotations\": {\"k8s.aliyun.com/eci-use-specs\": \"2-4Gi\"}}}]'}}, {at: 2m, data: {selectors: '{'}}]}",
    );
    let wishes = &plan.services.values().next().unwrap().template.supply.wishes;
    assert_eq!(wishes.iter().map(|(from, wish)| (from.as_secs_f64(), wish.specs.len())).collect::<Vec<_>>(), [(60.0, 1)]);
    assert_eq!(plan.supply.reloads.iter().map(|reload| reload.error.is_some()).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn nodes_start_pods_in_one_time_or_in_stages() {
    let plan = plan(
        "virtualNodes: [{name: vk, startUpStages: {sandbox: 5s}}]\nservices: {web: {image: 100M, applicationStart: 2s, readiness: {period: 5s}, requests: {cpu: 1}, placement: {prefer: [eci]}}}",
    );
    let NodeKind::Virtual(node) = &plan.nodes.values().next().unwrap().kind else { panic!("a machine") };
    assert!(matches!(&node.start_up, StartUp::Stages(stages) if stages.sandbox.mean() == 5.0 && stages.cached.mean() == 2.5));
    assert_eq!(plan.supply.registries.values().next().unwrap().per_pull, Some(25.9e6));
    for (text, expected) in [
        ("virtualNodes: [{name: vk, startUp: 1s, startUpStages: {}}]", "S0208 virtualNodes[0].startUpStages: a node starts pods in one time or in stages"),
        (
            "nodes: [{name: a, capacity: {cpu: 4}}]\nservices: {web: {image: 100M, requests: {cpu: 1}}}",
            "S0307 services.web.image: `image` has no effect: every node starts pods in one time, `startUp`",
        ),
        (
            "virtualNodes: [{name: vk, startUpStages: {}}]\nservices: {web: {image: {size: 1G, registry: quay}, requests: {cpu: 1}, placement: {prefer: [eci]}}}",
            "S0201 services.web.image.registry: there is no registry `quay`",
        ),
        ("virtualNodes: [{name: vk, perVSwitch: true}]", "S0209 virtualNodes[0].perVSwitch: there is no subnet"),
        (
            "virtualNodes: [{name: vk}]\nproviders: {eci: {stock: [{available: 1, levels: [[0s, 1]]}]}}",
            "S0208 providers.eci.stock[0].levels: a stock has either `available` or `levels`",
        ),
        ("virtualNodes: [{name: vk}]\nproviders: {eci: {stock: [{levels: [[1s, 1]]}]}}", "S0206 providers.eci.stock[0].levels: the first step is at `0s`"),
        ("virtualNodes: [{name: vk}]\nproviders: {eci: {specs: {ladder: aws-fargat}}}", "S0201 providers.eci.specs.ladder: there is no ladder `aws-fargat`"),
        (
            "virtualNodes: [{name: vk}]\nservices: {web: {requests: {cpu: 1}, placement: {prefer: [eci]}}}\n\
             providers: {eci: {specs: {steps: {cpu: {from: 1, to: 4, step: 0}, memory: {perCpu: [1Gi, 2Gi]}}}}}",
            "S0204 providers.eci.specs.steps.cpu.step: sizes of CPU are more than 0 apart",
        ),
        (
            "virtualNodes: [{name: vk}]\nproviders: {eci: {specs: {steps: {cpu: {from: 1, to: 4, step: 1}, memory: {perCpu: [2Gi, 1Gi]}}}}}",
            "S0206 providers.eci.specs.steps.memory.perCpu: the most memory for each vCPU is above 0, and not below the least",
        ),
    ] {
        let found: Vec<String> = issues(text);
        assert_eq!(found.first().map(String::as_str), Some(expected), "{text}");
    }
}

#[test]
fn pods_that_need_a_host_stay_off_virtual_nodes() {
    let found = issues("virtualNodes: [{name: vk}]\nservices: {agent: {needsHost: privileged, requests: {cpu: 1}, placement: {prefer: [eci]}}}");
    assert_eq!(found, ["S0301 services.agent: virtual nodes do not support privileged containers, and `agent` may use no others: its pods stay Pending"]);
    let loaded = load("virtualNodes: [{name: vk}]\nservices: {agent: {needsHost: daemonSet, requests: {cpu: 1}, placement: {prefer: [eci]}}}");
    assert_eq!(loaded.plan.unwrap().services.values().next().unwrap().template.supply.rejected, Some(Rejection::DaemonSet));
}

#[test]
fn limits_and_stocks_have_names() {
    let plan = plan(
        "virtualNodes: [{name: vk}]\nproviders: {eci: {createLimit: eciBucket, quota: {vcpu: 500, spotVcpu: 800, pods: 20000}, specs: {ladder: huawei-cci}, \
         stock: [{zone: a, available: 5}, {spec: ecs.g7.xlarge, market: spot, available: 2}]}}",
    );
    let provider = plan.providers.values().next().unwrap();
    assert_eq!(provider.create_limit, CreateLimit::TokenBucket { burst: 100, per_second: 20.0 });
    let supply = &provider.supply;
    assert_eq!((supply.quota, supply.spot_quota, supply.max_pods), (Some(MilliCpu(500_000)), Some(MilliCpu(800_000)), Some(20_000)));
    assert_eq!((supply.stock[0].unit, supply.stock[0].levels[0].1), (StockUnit::MilliCpu, Some(5000)));
    assert_eq!((supply.stock[1].unit, supply.stock[1].levels[0].1), (StockUnit::Instances, Some(2)));
    assert!(provider.specs.iter().any(|spec| spec.to_string() == "2 vCPU 4 GiB") && !provider.specs.iter().any(|spec| spec.to_string() == "2 vCPU 1 GiB"));
}
