//! ScaledObjects, `CronHPAs` and AHPAs.

use sim_core::autoscaling::hpa::{MetricSpec, ResourceName, Target};
use sim_core::plan::{Activation, PredictiveMode};
use sim_core::units::Span;

use super::{DEPLOYMENT, lines, load};

/// A service with the parts of the Deployment that autoscalers need.
fn with(more: &str, manifest: &str) -> (Vec<String>, Option<sim_core::plan::Plan>) {
    let (loaded, _folder) = load(more, &format!("{DEPLOYMENT}---\n{manifest}"));
    let lines = lines(&loaded);
    (lines, loaded.plan)
}

const SCALED_OBJECT: &str = "\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: nginx}
spec:
  scaleTargetRef: {name: nginx}
  pollingInterval: 10
  cooldownPeriod: 60
  minReplicaCount: 0
  maxReplicaCount: 7
  advanced: {horizontalPodAutoscalerConfig: {behavior: {scaleDown: {stabilizationWindowSeconds: 45}}}}
  triggers:
  - {type: rabbitmq, metadata: {queueName: orders, mode: QueueLength, value: '5', activationValue: '2'}}
  - {type: cron, metadata: {timezone: Asia/Shanghai, start: 0 8 * * *, end: 0 18 * * *, desiredReplicas: '3'}}
  - {type: cpu, metricType: Utilization, metadata: {value: '60'}}
";

#[test]
fn a_scaled_object_wakes_its_deployment() {
    let (lines, plan) = with("customMetrics: {orders: {steps: [[0s, 9]]}}\n", SCALED_OBJECT);
    assert_eq!(lines, [""; 0]);
    let plan = plan.unwrap();
    let nginx = plan.services.values().next().unwrap();
    let (hpa, keda) = (nginx.hpa.as_ref().unwrap(), nginx.scaling.keda.as_ref().unwrap());
    assert_eq!((keda.min, keda.idle, keda.polling_interval, keda.cooldown), (0, None, Span::from_secs(10), Span::from_secs(60)));
    assert_eq!((hpa.max, hpa.metrics.len()), (7, 3));
    assert_eq!(hpa.behavior.as_ref().unwrap().scale_down.as_ref().unwrap().stabilization_window, Some(Span::from_secs(45)));
    // CPU does not wake anybody.
    assert_eq!(keda.triggers.len(), 2);
    assert!(matches!(keda.triggers[0].activation, Activation::Above { threshold, .. } if threshold == 2.0));
    assert!(matches!(&keda.triggers[1].activation, Activation::During(times) if !times.is_empty() || plan.duration < Span::from_secs(3600)));
}

#[test]
fn a_scaled_object_says_what_is_wrong_with_it() {
    let (lines, _) = with("", SCALED_OBJECT);
    assert!(lines.iter().any(|line| line.contains("orders")), "{lines:?}");
    let (lines, _) = with("customMetrics: {orders: {steps: [[0s, 9]]}}\n", &SCALED_OBJECT.replace("{name: nginx}\n  polling", "{name: ngnix}\n  polling"));
    assert_eq!(lines, ["S0312 spec.scaleTargetRef.name: there is no Deployment `ngnix` in the namespace `default`, so this ScaledObject scales nothing"]);
    let (lines, _) = with("", &SCALED_OBJECT.replace("value: '5', ", ""));
    assert!(lines.iter().any(|line| line.starts_with("S0209 spec.triggers[0].metadata")), "{lines:?}");
}

const CRON_HPA: &str = "\
apiVersion: autoscaling.alibabacloud.com/v1beta1
kind: CronHorizontalPodAutoscaler
metadata: {name: nginx}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: nginx}
  excludeDates: ['* * * 15 11 *']
  jobs:
  - {name: up, schedule: '30 */1 * * * *', targetSize: 3}
  - {name: once, schedule: '@date 2026-11-21 00:05:00', targetSize: 5, runOnce: true}
";

#[test]
fn a_cron_hpa_fires_during_the_run() {
    let (lines, plan) = with("start: 2026-11-21T00:00:00\n", CRON_HPA);
    assert_eq!(lines, [""; 0]);
    let plan = plan.unwrap();
    let cron = plan.services.values().next().unwrap().scaling.cron.as_ref().unwrap();
    // Ten minutes: every minute at 30 s, and once at 5 min.
    assert_eq!((cron.firings.len(), cron.jobs[0].target_size, cron.jobs[1].target_size), (11, 3, 5));
    assert_eq!(cron.firings[0].at.as_secs_f64(), 30.0);
    let (lines, plan) =
        with("start: 2026-11-15T00:00:00\n", &CRON_HPA.replace("  - {name: once, schedule: '@date 2026-11-21 00:05:00', targetSize: 5, runOnce: true}\n", ""));
    assert_eq!(lines, [""; 0]);
    let plan = plan.unwrap();
    assert!(plan.services.values().next().unwrap().scaling.cron.as_ref().unwrap().firings.iter().all(|firing| firing.excluded.is_some()));
}

const AHPA: &str = "\
apiVersion: autoscaling.alibabacloud.com/v1beta1
kind: AdvancedHorizontalPodAutoscaler
metadata: {name: nginx}
spec:
  scaleStrategy: auto
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: nginx}
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: 40}}
  maxReplicas: 50
  minReplicas: 2
  prediction: {quantile: 0.95, scaleUpForward: 180}
  instanceBounds:
  - startTime: '2021-12-16 00:00:00'
    endTime: '2031-12-16 00:00:00'
    bounds: [{cron: '* 0-8 * * *', minReplicas: 4, maxReplicas: 15}]
";

#[test]
fn an_ahpa_forecasts_for_its_deployment() {
    let load = "services: {nginx: {serviceTime: 20ms, cpuPerRequest: 10ms}}\nload: {nginx: [{constant: 100/s}]}\n";
    let (lines, plan) = with(load, AHPA);
    assert_eq!(lines, [""; 0]);
    let plan = plan.unwrap();
    let nginx = plan.services.values().next().unwrap();
    let forecast = nginx.scaling.predictive.as_ref().unwrap();
    assert_eq!((forecast.mode, forecast.forward), (PredictiveMode::Auto, Span::from_secs(180)));
    assert_eq!(forecast.bounds[0], (sim_core::units::Time::ZERO, 4, 15), "it is midnight");
    // 40 % of two cores is 0.8 cores, of which a request takes 0.01 core-seconds.
    assert!((forecast.per_replica - 80.0).abs() < 1e-9);
    assert_eq!(nginx.hpa.as_ref().unwrap().metrics, [MetricSpec::Resource { resource: ResourceName::Cpu, target: Target::Utilization(40) }]);
    let (lines, _) = with(load, &AHPA.replace("scaleStrategy: auto", "scaleStrategy: sometimes"));
    assert_eq!(lines[0], "S0261 spec.scaleStrategy: there is no strategy `sometimes`");
}
