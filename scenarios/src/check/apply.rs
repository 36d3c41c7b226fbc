//! Placements that services get during the run.

use sim_core::id::{Id, Table};
use sim_core::plan::{Placement, Service};
use sim_core::units::Time;

use super::estate::Estate;
use super::{Context, names, placement};
use crate::issue::Path;
use crate::spec::{Event, Scenario};

/// The later placements of services, in order of time.
pub(super) fn placements(cx: &mut Context<'_>, scenario: &Scenario, services: &Table<Service>, estate: &mut Estate) -> Vec<(Time, Id<Service>, Placement)> {
    let mut later = Vec::new();
    for (i, event) in scenario.events.iter().enumerate() {
        let Event::Apply(apply) = event else { continue };
        let path = Path::root().key("events").index(i).key("apply");
        let Some(service) = services.find(|service| service.name == apply.service) else {
            names::unknown(cx, "service", &apply.service, services.values().map(|service| service.name.as_str()), &path.key("service"));
            continue;
        };
        let has_weights = !services[service].template.preferred_affinity.is_empty();
        let policy = apply.policy.as_deref().unwrap_or("placement");
        let scheduler = scenario.services.get(&apply.service).and_then(|written| written.scheduler_name.as_deref());
        let written = placement::followed(cx, Some(&apply.placement), scheduler, &path.key("placement"));
        let placement = placement::read(cx, written, estate, policy, has_weights, &path.key("placement"));
        later.push((Time::ZERO + apply.at.0, service, placement));
    }
    later.sort_by_key(|entry| entry.0);
    later
}
