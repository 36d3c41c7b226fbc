//! How pods start, and what providers can run out of.

mod annotations;
pub(super) mod market;
mod profile;
mod stages;
mod types;

use std::collections::BTreeMap;

use sim_core::id::{Id, Table};
use sim_core::plan::{
    self, Job, Namespace, Node, NodeKind, Placement, PlanSupply, PodSupply, Probe, Registry, Rejection, Service, StartUp, Unit, VSwitch, Variant,
};
use sim_core::units::Span;

use self::profile::Profile;
pub(super) use self::profile::new_vswitches;
pub(crate) use self::profile::selectors;
pub(super) use self::stages::{machine, virtual_node};
use self::types::Types;
use super::estate::Estate;
use super::{Context, code, distribution, names, rollout};
use crate::issue::Path;
use crate::prices::PriceBook;
use crate::spec::{self, Scenario, ShortOr};
use crate::suggest;
use crate::wording::{either, quote};

/// Registries that need not be described, with bytes a second for one pull: 336,066,994 bytes in 12.951 s within a region; 386 MB in 50 s.
const REGISTRIES: [(&str, f64); 2] = [("acr", 25.9e6), ("docker-hub", 7.7e6)];

/// The subnets of the scenario.
pub(super) fn vswitches(cx: &mut Context<'_>, scenario: &Scenario) -> Table<VSwitch> {
    let mut table = Table::new();
    for (name, written) in &scenario.v_switches.0 {
        let path = Path::root().key("vSwitches").key(name);
        names::free(cx, "vSwitch", name, &path);
        names::free(cx, "zone", &written.zone, &path.key("zone"));
        table.push(VSwitch { name: name.clone(), zone: written.zone.clone(), addresses: written.addresses });
    }
    table
}

/// What a workload says about its start-up.
struct Written<'a> {
    name: &'a str,
    annotations: &'a BTreeMap<String, String>,
    image: Option<&'a spec::ImageForm>,
    application: Option<&'a spec::Distribution>,
    readiness: Option<spec::Readiness>,
    needs_host: Option<spec::NeedsHost>,
    path: Path,
}

impl<'a> Written<'a> {
    fn of_service(name: &'a str, service: &'a spec::Service, path: Path) -> Self {
        Self {
            name,
            annotations: &service.annotations,
            image: service.image.as_ref(),
            application: service.application_start.as_ref(),
            readiness: service.readiness,
            needs_host: service.needs_host,
            path,
        }
    }

    fn of_job(name: &'a str, job: &'a spec::Job) -> Self {
        Self {
            name,
            annotations: &job.annotations,
            image: job.image.as_ref(),
            application: job.application_start.as_ref(),
            readiness: job.readiness,
            needs_host: job.needs_host,
            path: Path::root().key("jobs").key(name),
        }
    }
}

/// Fills in what templates and providers say about supply.
pub(super) fn apply(
    cx: &mut Context<'_>,
    scenario: &Scenario,
    book: Option<&PriceBook>,
    estate: &mut Estate,
    (services_of, jobs_of, variants): (&mut Table<Service>, &mut Table<Job>, &mut [Variant]),
    namespaces: &Table<Namespace>,
) -> PlanSupply {
    let mut supply = PlanSupply { vswitches: std::mem::take(&mut estate.vswitches), ..PlanSupply::default() };
    let mut types = Types::new(book);
    let profile = profile::read(cx, scenario, &mut supply);
    let mut images = Vec::new();
    for (service, (name, written)) in services_of.values_mut().zip(&scenario.services.0) {
        let written = Written::of_service(name, written, Path::root().key("services").key(name));
        let mut supplied = pod(cx, scenario, &written, &mut supply, &mut images);
        supplied.wishes = wishes(cx, &written, &service.template, &profile, &supply, &mut types, &Surroundings { nodes: &estate.nodes, namespaces });
        service.template.supply = supplied;
    }
    for (job, (name, written)) in jobs_of.values_mut().zip(&scenario.jobs.0) {
        let written = Written::of_job(name, written);
        let mut supplied = pod(cx, scenario, &written, &mut supply, &mut images);
        supplied.wishes = wishes(cx, &written, &job.template, &profile, &supply, &mut types, &Surroundings { nodes: &estate.nodes, namespaces });
        job.template.supply = supplied;
    }
    let changes = rollout::changes(scenario, services_of);
    let services = services_of.len();
    let (of_services, of_jobs): (Vec<&mut Variant>, Vec<&mut Variant>) = variants.iter_mut().partition(|variant| variant.workload < services);
    for variant in of_jobs {
        variant.template.supply = jobs_of[Id::new(variant.workload - services)].template.supply.clone();
    }
    for (variant, (event, name, changed)) in of_services.into_iter().filter(|variant| variant.form.is_none()).zip(&changes) {
        let written = Written::of_service(name, changed, Path::root().key("events").index(*event).key("rollout"));
        let mut supplied = pod(cx, scenario, &written, &mut supply, &mut images);
        supplied.wishes = wishes(cx, &written, &variant.template, &profile, &supply, &mut types, &Surroundings { nodes: &estate.nodes, namespaces });
        variant.template.supply = supplied;
    }
    let is_serverless = scenario.cluster.kind == Some(spec::ClusterKind::Ask);
    let mut settings = Vec::new();
    for provider in estate.providers.values() {
        let instances = book.and_then(|book| book.instances.get(&provider.name));
        let written = scenario.providers.get(&provider.name);
        settings.push(market::read(cx, provider, written, is_serverless, instances, &mut types));
    }
    let types = types.found(cx);
    for (provider, mut settings) in estate.providers.values_mut().zip(settings) {
        settings.types.clone_from(&types);
        provider.supply = settings;
    }
    warn_of_stages(cx, estate, services_of, jobs_of);
    supply
}

fn pod(cx: &mut Context<'_>, scenario: &Scenario, written: &Written<'_>, supply: &mut PlanSupply, images: &mut Vec<String>) -> PodSupply {
    let path = &written.path;
    PodSupply {
        image: written.image.and_then(|image| self::image(cx, scenario, image, written.name, supply, images, &path.key("image"))),
        application: written.application.map(|time| distribution::read(cx, time, false, &path.key("applicationStart"))),
        probe: written.readiness.map(|probe| self::probe(cx, probe, &path.key("readiness"))),
        rejected: written.needs_host.map(|needs| match needs {
            spec::NeedsHost::DaemonSet => Rejection::DaemonSet,
            spec::NeedsHost::HostPath => Rejection::HostPath,
            spec::NeedsHost::HostNetwork => Rejection::HostNetwork,
            spec::NeedsHost::Privileged => Rejection::Privileged,
        }),
        wishes: Vec::new(),
    }
}

fn image(
    cx: &mut Context<'_>,
    scenario: &Scenario,
    written: &spec::ImageForm,
    workload: &str,
    supply: &mut PlanSupply,
    images: &mut Vec<String>,
    path: &Path,
) -> Option<plan::Image> {
    let (size, name, registry, cached) = match written {
        ShortOr::Short(size) => (size.0, None, None, 0.0),
        ShortOr::Full(full) => (full.size.0, full.name.as_deref(), full.registry.as_deref(), full.cached.map_or(0.0, |share| share.0.0)),
    };
    let registry = registry.unwrap_or("acr");
    let known = supply.registries.find(|known| known.name == registry);
    let id = if let Some(known) = known {
        known
    } else if let Some(written) = scenario.registries.get(registry) {
        let place = Path::root().key("registries").key(registry);
        let mut rate = |rate: Option<crate::text::Text<crate::text::Rate>>, key: &str| {
            if rate.is_some_and(|rate| rate.0.0 <= 0.0) {
                cx.issues.error(code::TOO_SMALL, place.key(key), "something has to flow").with_help("leave it out for no limit");
            }
            rate.map(|rate| rate.0.0)
        };
        let (bandwidth, per_pull) = (rate(written.bandwidth, "bandwidth"), rate(written.per_pull, "perPull"));
        supply.registries.push(Registry { name: registry.to_owned(), bandwidth, per_pull })
    } else if let Some((name, per_pull)) = REGISTRIES.iter().find(|(name, _)| *name == registry) {
        supply.registries.push(Registry { name: (*name).to_owned(), bandwidth: None, per_pull: Some(*per_pull) })
    } else {
        let known = scenario.registries.names().chain(REGISTRIES.iter().map(|(name, _)| *name));
        names::unknown(cx, "registry", registry, known, &path.key("registry"));
        return None;
    };
    if supply.registries.len() > usize::from(u16::MAX) {
        cx.issues.error(code::TOO_LARGE, path, "too many registries");
    }
    let name = name.unwrap_or(workload);
    let key = images.iter().position(|known| known == name).unwrap_or_else(|| {
        images.push(name.to_owned());
        images.len() - 1
    });
    Some(plan::Image { registry: id, key: key as u32, size, cached })
}

fn probe(cx: &mut Context<'_>, written: spec::Readiness, path: &Path) -> Probe {
    let mut span = |value: Option<crate::text::Duration>, usual: u64, key: &str| {
        let span = value.map_or(Span::from_secs(usual), |span| span.0);
        if span > super::limits::SPAN_MAX {
            cx.issues.error(code::TOO_LARGE, path.key(key), "a time of at most 10 years is possible");
        }
        span
    };
    let probe = Probe {
        initial_delay: span(written.initial_delay, 0, "initialDelay"),
        period: span(written.period, 10, "period"),
        successes: written.successes.unwrap_or(1),
    };
    if probe.period.is_zero() {
        cx.issues.error(code::TOO_SMALL, path.key("period"), "probes are more than 0 apart");
    }
    if !(1..=1000).contains(&probe.successes) {
        cx.issues.error(code::TOO_SMALL, path.key("successes"), "1 to 1000 successes are possible");
    }
    probe
}

/// What the pods of a workload wish for, by the time from which it counts; nothing if neither they nor the profile say anything.
/// What a pod's annotations depend on besides the pod.
struct Surroundings<'a> {
    nodes: &'a Table<Node>,
    namespaces: &'a Table<Namespace>,
}

/// A workload's annotations on virtual nodes: its own, and those that the unit of its preference gives which holds these nodes.
fn with_unit(cx: &mut Context<'_>, written: &Written<'_>, template: &plan::PodTemplate, nodes: &Table<Node>) -> BTreeMap<String, String> {
    let mut all = written.annotations.clone();
    let Placement::Prefer { units, .. } = &template.placement else { return all };
    let is_virtual = |unit: &&Unit| nodes.values().any(|node| node.tier == unit.tier && matches!(node.kind, NodeKind::Virtual(_)));
    let of = |unit: &Unit| -> BTreeMap<String, String> {
        unit.pod_annotations.iter().filter(|(key, _)| key.starts_with(annotations::PREFIX)).map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    let mut given = units.iter().filter(is_virtual).map(of);
    let Some(first) = given.next() else { return all };
    if given.any(|other| other != first) {
        let message = "units of virtual nodes give different annotations: those of the first one count for all";
        cx.issues.warning(code::NOT_SIMULATED, written.path.key("placement"), message).on_key();
    }
    all.extend(first);
    all
}

fn wishes(
    cx: &mut Context<'_>,
    written: &Written<'_>,
    template: &plan::PodTemplate,
    profile: &Profile,
    supply: &PlanSupply,
    types: &mut Types<'_>,
    around: &Surroundings<'_>,
) -> Vec<(sim_core::units::Time, plan::InstanceWish)> {
    let place = written.path.key("annotations");
    let own = with_unit(cx, written, template, around.nodes);
    annotations::check_unmodelled(cx, &own, &place);
    let labels = around.namespaces.values().find(|namespace| namespace.name == template.namespace).map(|namespace| &namespace.labels);
    let mut wishes: Vec<(sim_core::units::Time, plan::InstanceWish)> = Vec::new();
    for epoch in &profile.epochs {
        let effective = epoch.annotations(&own, &template.labels, &template.namespace, labels);
        if wishes.is_empty() && effective.is_empty() {
            continue;
        }
        let wish = annotations::read(cx, &effective, supply, types, &|key| {
            if own.contains_key(key) { place.key(key) } else { epoch.path.clone() }
        });
        if wishes.last().is_none_or(|(_, last)| *last != wish) {
            wishes.push((epoch.from, wish));
        }
    }
    wishes
}

/// An image that no node pulls is probably an oversight.
fn warn_of_stages(cx: &mut Context<'_>, estate: &Estate, services: &Table<Service>, jobs: &Table<Job>) {
    let is_staged = |node: &plan::Node| match &node.kind {
        NodeKind::Machine(machine) => matches!(machine.start_up, StartUp::Stages(_)),
        NodeKind::Virtual(node) => matches!(node.start_up, StartUp::Stages(_)),
    };
    if estate.nodes.values().any(is_staged) {
        return;
    }
    let services = services.values().map(|service| ("services", &service.name, &service.template.supply));
    let jobs = jobs.values().map(|job| ("jobs", &job.name, &job.template.supply));
    for (kind, name, supply) in services.chain(jobs) {
        let given = [(supply.image.is_some(), "image"), (supply.application.is_some(), "applicationStart")];
        for (_, key) in given.iter().filter(|(given, _)| *given) {
            let path = Path::root().key(kind).key(name).key(*key);
            cx.issues
                .warning(code::NO_EFFECT, path, format!("`{key}` has no effect: every node starts pods in one time, `startUp`"))
                .on_key()
                .with_help("give nodes `startUpStages: {}` in its place");
        }
    }
}

/// Reports one of a few words that is not there.
fn wrong_word(cx: &mut Context<'_>, key: &str, found: &str, known: &[&str], path: Path) {
    let issue = cx.issues.error(code::UNSUPPORTED, path, format!("{} is no value of `{key}`", quote(found)));
    match suggest::nearest(found, known.iter().copied()) {
        Some(near) => issue.with_help(format!("did you mean {}?", quote(near))),
        None => issue.with_help(format!("there is {}", either(known.iter().copied()))),
    };
}
