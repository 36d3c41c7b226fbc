//! Manifests as they are written, and what becomes of them.

use sim_core::autoscaling::hpa::{MetricSpec, ResourceName, Target};
use sim_core::plan::{Placement, Split, wants_instance};
use sim_core::units::{Bytes, MilliCpu, Span};

use crate::testing::{Folder, same};
use crate::{LoadOptions, Loaded};

mod autoscalers;
mod jobs;
mod scheduler;

const SCENARIO: &str = "\
name: test
duration: 10m
nodes: [{name: node, tier: idc, capacity: {cpu: 6, memory: 64Gi}}]
virtualNodes: [{name: vk}]
manifests: [k8s/app.yaml]
";

fn load(more: &str, manifest: &str) -> (Loaded, Folder) {
    let folder = Folder::new(&[("test.yaml", &format!("{SCENARIO}{more}")), ("k8s/app.yaml", manifest)]);
    (crate::load(&folder.path("test.yaml"), &LoadOptions::default()), folder)
}

fn lines(loaded: &Loaded) -> Vec<String> {
    loaded.issues.sorted().iter().map(|issue| format!("{} {}: {}", issue.code, issue.path, issue.message)).collect()
}

/// As the documentation of registered clusters shows it, comments and all.
const POLICY: &str = "\
apiVersion: scheduling.alibabacloud.com/v1alpha1
kind: ResourcePolicy
metadata:
  name: cost-balance-policy
spec:
  selector:
    app: nginx           // 选择应用Pod
  strategy: prefer
  units:
  - resource: idc        //优先使用idc指定使用IDC中节点资源
  - resource: eci        //当idc节点资源不足时,使用Serverless ECI
";

const DEPLOYMENT: &str = "\
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: nginx
  labels:
    app: nginx
spec:
  replicas: 2
  selector:
    matchLabels:
      app: nginx
  template:
    metadata:
      name: nginx
      annotations:
        addannotion: \"true\"
      labels:
        app: nginx      # 此处要与上一步创建的ResourcePolicy的selector相关联。
    spec:
      schedulerName: ack-co-scheduler
      containers:
      - name: nginx
        image: acr-multiple-clusters-registry.cn-hangzhou.cr.aliyuncs.com/ack-multiple-clusters/nginx
        resources:
          requests:
            cpu: 2
          limits:
            cpu: 2
";

#[test]
fn the_documented_policy_and_deployment_are_used_verbatim() {
    let (loaded, folder) = load("", &format!("{POLICY}{DEPLOYMENT}"));
    same(
        &folder.shorten(&loaded.report(false)),
        "\
warning[S0311]: `//` does not start a comment in YAML: 3 were taken for comments
 --> k8s/app.yaml:7:26
  |
7 |     app: nginx           // 选择应用Pod
  |                          ^^^^^^^^^^^^^^
  |
  = help: write `#`, or quote the value
",
    );
    let plan = loaded.plan.unwrap();
    let nginx = plan.services.values().next().unwrap();
    assert_eq!(
        (nginx.name.as_str(), nginx.replicas, nginx.template.requests.cpu, nginx.template.cpu_limit),
        ("nginx", 2, MilliCpu(2000), Some(MilliCpu(2000)))
    );
    let Placement::Prefer { policy, units, .. } = &nginx.template.placement else { panic!("a preference") };
    assert_eq!(policy, "cost-balance-policy");
    assert_eq!(units.iter().map(|unit| plan.tiers[unit.tier].name.as_str()).collect::<Vec<_>>(), ["idc", "eci"]);
}

#[test]
fn the_scenario_wins_over_manifests() {
    let (loaded, _folder) = load("services: {nginx: {replicas: 5, requests: {memory: 1Gi}, placement: {prefer: [eci]}}}\n", &format!("{POLICY}{DEPLOYMENT}"));
    assert_eq!(lines(&loaded), ["S0311 : `//` does not start a comment in YAML: 3 were taken for comments"]);
    let plan = loaded.plan.unwrap();
    let nginx = plan.services.values().next().unwrap();
    assert_eq!((nginx.replicas, nginx.template.requests.cpu, nginx.template.requests.memory), (5, MilliCpu(2000), Bytes::from_gib(1)));
    let Placement::Prefer { units, .. } = &nginx.template.placement else { panic!("a preference") };
    assert_eq!(units.len(), 1);
}

#[test]
fn an_hpa_finds_its_deployment() {
    let v2 = "\
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: nginx}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: nginx}
  minReplicas: 2
  maxReplicas: 10
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}
  behavior:
    scaleDown: {stabilizationWindowSeconds: 60}
";
    let v1 = "\
---
apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: nginx}
spec: {scaleTargetRef: {kind: Deployment, name: nginx}, minReplicas: 2, maxReplicas: 10, targetCPUUtilizationPercentage: 60}
";
    for (manifest, window) in [(v2, Some(Span::from_secs(60))), (v1, None)] {
        let (loaded, _folder) = load("", &format!("{DEPLOYMENT}{manifest}"));
        assert!(loaded.issues.is_empty(), "{}", loaded.report(false));
        let plan = loaded.plan.unwrap();
        let hpa = plan.services.values().next().unwrap().hpa.as_ref().unwrap();
        assert_eq!((hpa.min, hpa.max), (2, 10));
        assert_eq!(hpa.metrics, [MetricSpec::Resource { resource: ResourceName::Cpu, target: Target::Utilization(60) }]);
        assert_eq!(hpa.behavior.as_ref().and_then(|behavior| behavior.scale_down.as_ref()?.stabilization_window), window);
    }
    let (loaded, _folder) = load("", &format!("{DEPLOYMENT}{}", v1.replace("Deployment, name: nginx", "Deployment, name: ngnix")));
    assert_eq!(lines(&loaded), ["S0312 spec.scaleTargetRef.name: there is no Deployment `ngnix` in the namespace `default`, so this HPA scales nothing"]);
    let (loaded, _folder) = load("", &format!("{DEPLOYMENT}{}", v1.replace("autoscaling/v1", "autoscaling/v2beta1")));
    assert_eq!(lines(&loaded), ["S0261 apiVersion: the version `v2beta1` of HorizontalPodAutoscaler cannot be read"]);
}

#[test]
fn problems_are_shown_in_the_manifest() {
    let manifest = format!(
        "{}{}",
        POLICY.lines().map(|line| line.split("//").next().unwrap().trim_end()).collect::<Vec<_>>().join("\n").replace("eci", "ecx\n"),
        DEPLOYMENT.replace("cpu: 2\n          limits", "cpu: 3\n          limits")
    );
    let (loaded, folder) = load("services: {nginx: {concurrency: 0}}\n", &manifest);
    same(
        &folder.shorten(&loaded.report(false)),
        "\
error[S0204]: a pod works on 1 to 100000 requests at once
 --> test.yaml:6:33
  |
6 | services: {nginx: {concurrency: 0}}
  |                                 ^

error[S0201]: there is no tier `ecx`
  --> k8s/app.yaml:11:15
   |
11 |   - resource: ecx
   |               ^^^
   |
   = help: did you mean `eci`?

error[S0206]: a pod requests more cpu than its limit
  --> k8s/app.yaml:33:7
   |
33 |       containers:
   |       ^^^^^^^^^^
",
    );
}

#[test]
fn what_is_not_simulated_is_said_once() {
    let others = "\
---
apiVersion: v1
kind: Service
metadata: {name: a}
---
apiVersion: v1
kind: Service
metadata: {name: b}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: c}
---
kind: nothing
---
apiVersion: scheduling.alibabacloud.com/v1alpha1
kind: ResourcePolicy
metadata: {name: p, namespace: elsewhere}
spec: {selector: {app: nginx}, strategy: required, whenTryNextUnits: {policy: ExceedMax}, units: [{resource: ecs, maxResources: {cpu: 4}}]}
";
    let (loaded, _folder) = load("", &format!("{DEPLOYMENT}{others}"));
    assert_eq!(
        lines(&loaded),
        [
            "S0308 kind: objects of kind `Service` are not simulated",
            "S0308 kind: objects of kind `ServiceAccount` are not simulated",
            "S0260 : a Kubernetes object has `apiVersion` and `kind`",
            "S0312 spec.selector: the policy `p` selects no pods in the namespace `elsewhere`",
            "S0261 spec.strategy: there is no strategy `required`",
        ]
    );
}

#[test]
fn pods_of_another_scheduler_do_not_follow_a_policy() {
    let (loaded, _folder) = load("", &format!("{POLICY}{}", DEPLOYMENT.replace("ack-co-scheduler", "my-scheduler")));
    assert_eq!(
        lines(&loaded)[0],
        "S0312 metadata.name: the scheduler `my-scheduler` of `nginx` does not read policies, so `cost-balance-policy` does not count for it"
    );
    assert_eq!(loaded.plan.unwrap().services.values().next().unwrap().template.placement, Placement::Scheduler);
}

#[test]
fn demands_on_other_pods_are_read() {
    let rules = [
        "    spec:",
        "      topologySpreadConstraints:",
        "      - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: nginx}}}",
        "      affinity:",
        "        podAntiAffinity:",
        "          requiredDuringSchedulingIgnoredDuringExecution:",
        "          - {labelSelector: {matchLabels: {app: ngnix}}, topologyKey: kubernetes.io/hostname}",
    ];
    let (loaded, _folder) = load("", &DEPLOYMENT.replacen("    spec:", &rules.join("\n"), 1));
    let place = "spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]";
    assert_eq!(lines(&loaded), [format!("S0307 {place}: no workload has the pods that `nginx` is to be away from")]);
    let plan = loaded.plan.unwrap();
    let nginx = &plan.services.values().next().unwrap().template;
    assert_eq!((nginx.spread.len(), nginx.pod_anti_affinity.required.len()), (1, 1));
}

#[test]
fn a_workload_spread_finds_its_deployment() {
    let spread = "\
---
apiVersion: apps.kruise.io/v1alpha1
kind: WorkloadSpread
metadata: {name: spread}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: nginx}
  scheduleStrategy: {type: Adaptive, adaptive: {rescheduleCriticalSeconds: 40}}
  subsets:
  - {name: base, maxReplicas: 30%, requiredNodeSelectorTerm: {matchExpressions: [{key: type, operator: NotIn, values: [virtual-kubelet]}]}}
  - {name: burst, tolerations: [{key: virtual-kubelet.io/provider, operator: Exists}]}
";
    let (loaded, _folder) = load("", &format!("{DEPLOYMENT}{spread}"));
    assert!(loaded.issues.is_empty(), "{}", loaded.report(false));
    let plan = loaded.plan.unwrap();
    let Placement::Subsets(all) = &plan.services.values().next().unwrap().template.placement else { panic!("subsets") };
    assert_eq!((all.policy.as_str(), all.subsets.len(), all.adaptive.map(|adaptive| adaptive.reschedule_after)), ("spread", 2, Some(Span::from_secs(40))));
}

#[test]
fn priorities_and_budgets_come_from_manifests() {
    let manifest = "\
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: high}
value: 1000
preemptionPolicy: Never
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: guard}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {priorityClassName: high, containers: [{name: web, resources: {requests: {cpu: 1}}}]}
";
    let (loaded, _folder) = load("", manifest);
    assert_eq!(lines(&loaded), Vec::<String>::new());
    let plan = loaded.plan.unwrap();
    let web = plan.services.values().next().unwrap();
    assert_eq!((web.template.priority, web.template.preempts, plan.disruption_budgets.len()), (1000, false, 1));
}

#[test]
fn a_united_deployment_is_a_service_with_subsets() {
    let united = "\
apiVersion: apps.kruise.io/v1alpha1
kind: UnitedDeployment
metadata: {name: web}
spec:
  replicas: 6
  selector: {matchLabels: {app: web}}
  template:
    deploymentTemplate:
      metadata: {labels: {app: web}}
      spec:
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}}
          spec: {runtimeClassName: kata, containers: [{name: web, resources: {requests: {cpu: 1}}}]}
  topology:
    scheduleStrategy: {type: Adaptive, adaptive: {rescheduleCriticalSeconds: 40, unschedulableDuration: 100}}
    subsets:
    - {name: idc, nodeSelectorTerm: {matchExpressions: [{key: type, operator: NotIn, values: [virtual-kubelet]}]}, replicas: 70%}
    - {name: eci, patch: {metadata: {labels: {alibabacloud.com/eci: \"true\"}}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps.kruise.io/v1alpha1, kind: UnitedDeployment, name: web}
  maxReplicas: 10
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]
";
    let (loaded, folder) = load("", united);
    same(
        &folder.shorten(&loaded.report(false)),
        "\
warning[S0308]: `runtimeClassName` is not simulated: its overhead is not added
  --> k8s/app.yaml:14:18
   |
14 |           spec: {runtimeClassName: kata, containers: [{name: web, resources: {requests: {cpu: 1}}}]}
   |                  ^^^^^^^^^^^^^^^^
",
    );
    let plan = loaded.plan.unwrap();
    let web = plan.services.values().next().unwrap();
    assert_eq!((web.name.as_str(), web.replicas, web.template.requests.cpu, web.hpa.as_ref().unwrap().max), ("web", 6, MilliCpu(1000), 10));
    let Placement::Subsets(all) = &web.template.placement else { panic!("subsets") };
    assert_eq!((all.policy.as_str(), all.subsets.len(), all.adaptive.map(|adaptive| adaptive.shun_for)), ("web", 2, Some(Span::from_secs(100))));
    assert!(wants_instance(&all.subsets[1].target.labels), "the patch gives the label");
}

/// As the documentation of ElasticWorkloads writes them.
const ELASTIC: &str = "\
---
apiVersion: autoscaling.alibabacloud.com/v1beta1
kind: ElasticWorkload
metadata: {name: elastic}
spec:
  sourceTarget: {name: nginx, kind: Deployment, apiVersion: apps/v1, min: 2, max: 4}
  replicas: 6
  elasticUnit:
  - name: virtual-kubelet
    labels: {virtual-kubelet: \"true\"}
    nodeSelector: {type: virtual-kubelet}
    tolerations: [{key: virtual-kubelet.io/provider, operator: Exists}]
";

#[test]
fn an_elastic_workload_extends_its_deployment_and_is_scaled_in_its_place() {
    let hpa = "\
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: nginx}
spec:
  scaleTargetRef: {apiVersion: autoscaling.alibabacloud.com/v1beta1, kind: ElasticWorkload, name: elastic}
  minReplicas: 2
  maxReplicas: 12
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]
";
    let (loaded, _folder) = load("", &format!("{DEPLOYMENT}{ELASTIC}{hpa}"));
    assert_eq!(lines(&loaded), Vec::<String>::new());
    let plan = loaded.plan.unwrap();
    let nginx = plan.services.values().next().unwrap();
    assert_eq!((nginx.replicas, nginx.hpa.as_ref().unwrap().max), (6, 12), "six, not the two of the Deployment");
    let Placement::Subsets(all) = &nginx.template.placement else { panic!("subsets") };
    assert_eq!((all.split, all.subsets.len(), all.subsets[1].target.tolerations.len()), (Split::Elastic, 2, 1));
    let (loaded, _folder) = load("services: {nginx: {replicas: 3}}\n", &format!("{DEPLOYMENT}{ELASTIC}"));
    assert_eq!(loaded.plan.unwrap().services.values().next().unwrap().replicas, 3, "the scenario wins");
    let (loaded, _folder) = load("services: {web: {}}\n", ELASTIC);
    assert_eq!(lines(&loaded), ["S0312 spec.sourceTarget: there is no Deployment `nginx` in the namespace `default`, so `elastic` extends nothing"]);
}

#[test]
fn namespaces_come_from_manifests() {
    let namespaces = "\
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {alibabacloud.com/eci: \"true\"}, annotations: {a: b}}
---
apiVersion: v1
kind: Namespace
metadata: {name: told, labels: {a: b}}
";
    let (loaded, _folder) = load("namespaces: {told: {labels: {c: d}}}\n", &format!("{DEPLOYMENT}{namespaces}"));
    assert_eq!(lines(&loaded), Vec::<String>::new());
    let plan = loaded.plan.unwrap();
    let of = |name: &str| plan.namespaces.values().find(|namespace| namespace.name == name).unwrap();
    assert!(wants_instance(&of("shop").labels) && of("shop").annotations.contains_key("a"));
    assert_eq!(of("told").labels.keys().collect::<Vec<_>>(), ["c"], "the scenario wins");
}

#[test]
fn a_daemon_set_takes_its_part_of_every_machine() {
    let manifest = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: proxy}\nspec:\n  selector: {matchLabels: {app: proxy}}\n  template:\n    metadata: {labels: {app: proxy}}\n    spec:\n      \
                    tolerations: [{operator: Exists}]\n      containers: [{name: a, resources: {requests: {cpu: 100m}}}, {name: b, resources: {requests: {cpu: 50m}}}]\n";
    let (loaded, _folder) = load("", manifest);
    let plan = loaded.plan.as_ref().unwrap_or_else(|| panic!("{}", loaded.report(false)));
    let sim_core::plan::NodeKind::Machine(machine) = &plan.nodes.values().next().unwrap().kind else { panic!("a machine") };
    assert_eq!((machine.daemons.pods, machine.daemons.requests.cpu), (1, MilliCpu(150)));
}
