//! Services.

use sim_core::autoscaling::hpa::HpaSpec;
use sim_core::plan::{InitialPods, Scaling, Service, Traffic};
use sim_core::units::{Span, Time};

use super::estate::Estate;
use super::limits::{SPAN_MAX, WORKERS_MAX};
use super::{Context, code, names, pods, rollout, scaling, traffic, usage};
use crate::issue::Path;
use crate::spec::{self, Profile};

/// Grace period of a pod that does not set one.
const TERMINATION_GRACE: Span = Span::from_secs(30);

/// The plan's service.
pub(super) fn read(cx: &mut Context<'_>, name: &str, written: &spec::Service, load: &[Profile], estate: &mut Estate) -> Service {
    let path = Path::root().key("services").key(name);
    names::object(cx, "service", name, &path);
    let summed = usage::with_requests(written);
    let written = summed.as_ref();
    let template = pods::template(cx, name, &pods::Written::from(written), estate, &path);
    let usage = usage::read(cx, written, &path);
    let traffic = traffic::read(cx, name, written, load, &template, &estate.tiers, &path);
    let seen = scaling::Pods { requests: template.requests, containers: &written.containers, simulates_memory: usage.memory.is_some() };
    let (hpa, scaling) = scaling::read(cx, name, written, &seen, &traffic, &path);
    let replicas = written.replicas.unwrap_or_else(|| first_replicas(hpa.as_ref(), &scaling));
    let scale_steps = scale_steps(cx, &written.scale, &path.key("scale"));
    if hpa.is_some() && !scale_steps.is_empty() {
        cx.issues.warning(code::NO_EFFECT, path.key("scale"), "the HPA sets the number of pods again at its next evaluation");
    }
    let termination_grace = written.termination_grace_period.map_or(TERMINATION_GRACE, |span| span.0);
    if termination_grace > SPAN_MAX {
        cx.issues.error(code::TOO_LARGE, path.key("terminationGracePeriod"), "a time of at most 10 years is possible");
    }
    let pre_stop = written.pre_stop.map_or(Span::ZERO, |span| span.0);
    if pre_stop > SPAN_MAX {
        cx.issues.error(code::TOO_LARGE, path.key("preStop"), "a time of at most 10 years is possible");
    } else if pre_stop > termination_grace {
        let message =
            format!("the hook takes {pre_stop}, but pods are killed {termination_grace} after they were asked to go, and 2s for a hook that still runs");
        cx.issues.warning(code::ORDER_OF_STOP, path.key("preStop"), message);
    }
    if !matches!(traffic, Traffic::None)
        && replicas == 0
        && hpa.is_none()
        && scaling.cron.is_none()
        && scaling.predictive.is_none()
        && scale_steps.iter().all(|(_, replicas)| *replicas == 0)
    {
        cx.issues.warning(code::NO_PODS, Path::root().key("load").key(name), format!("the service `{name}` never has a pod to serve this load")).on_key();
    }
    let service = Service {
        name: name.to_owned(),
        template,
        replicas,
        initial: match written.initial_pods {
            Some(spec::InitialPods::Created) => InitialPods::Created,
            Some(spec::InitialPods::Ready) | None => InitialPods::Ready,
        },
        scale_steps,
        hpa,
        termination_grace,
        pre_stop,
        rollout: rollout::rules(cx, written, &path),
        revisions: Vec::new(),
        traffic,
        usage,
        scaling,
    };
    if let Traffic::Requests(requests) = &service.traffic
        && most_pods(cx, &service) * u64::from(requests.concurrency) > WORKERS_MAX
    {
        let message = format!("all pods together could work on more than {WORKERS_MAX} requests at once, which is the limit");
        cx.issues.error(code::TOO_LARGE, path.key("concurrency"), message);
    }
    service
}

/// Replicas at the start where the service does not say: the fewest that its autoscaler keeps.
fn first_replicas(hpa: Option<&HpaSpec>, scaling: &Scaling) -> u32 {
    let keda = scaling.keda.as_ref().map(|keda| keda.idle.unwrap_or(keda.min));
    let forecast = scaling.predictive.as_ref().and_then(|predictive| predictive.bounds.first()).map(|(_, min, _)| *min);
    keda.or(forecast).or(hpa.map(|hpa| hpa.min)).unwrap_or(1)
}

fn scale_steps(cx: &mut Context<'_>, written: &[spec::ScaleStep], path: &Path) -> Vec<(Time, u32)> {
    for (i, pair) in written.windows(2).enumerate() {
        if pair[1].at.0 <= pair[0].at.0 {
            cx.issues.error(code::ORDER, path.index(i + 1).key("at"), "each change comes later than the one before");
        }
    }
    for (i, step) in written.iter().enumerate() {
        if step.at.0 >= cx.duration {
            cx.issues.warning(code::NO_EFFECT, path.index(i).key("at"), "this change comes after the end of the run");
        }
    }
    written.iter().map(|step| (Time::ZERO + step.at.0, step.replicas)).collect()
}

/// The most pods that a service can have at a time.
pub(super) fn most_pods(cx: &Context<'_>, service: &Service) -> u64 {
    let by_event = cx.scaled_by_hand.get(service.name.as_str()).copied().unwrap_or(0);
    let by_hand = service.scale_steps.iter().map(|(_, replicas)| *replicas).max().unwrap_or(0).max(by_event);
    let by_hpa = service.hpa.as_ref().map_or(0, |hpa| hpa.max);
    let by_cron = service.scaling.cron.iter().flat_map(|cron| &cron.jobs).map(|job| job.target_size).max().unwrap_or(0);
    let by_forecast = service.scaling.predictive.iter().flat_map(|predictive| &predictive.bounds).map(|bound| bound.2).max().unwrap_or(0);
    u64::from(service.replicas.max(by_hand).max(by_hpa).max(by_cron).max(by_forecast))
}
