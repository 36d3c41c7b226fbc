//! KEDA's looks at its triggers.

use super::Simulation;
use super::hpa::API_DOWN;
use crate::autoscaling::keda::{self, Step};
use crate::engine::Event;
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::{Activation, Service};

const CONTROLLER: &str = "keda";

impl Simulation<'_> {
    /// Looks at the triggers of a service, and wakes it or puts it to sleep.
    pub(super) fn keda_polls(&mut self, service: Id<Service>) {
        let plan = self.plan;
        let config = plan.services[service].scaling.keda.as_ref().expect("only services with KEDA are polled");
        self.push_in_run(self.now + config.polling_interval, Event::KedaPolls(service));
        if self.api_is_down() {
            return self.decide(Decision::Noted { service, controller: CONTROLLER, action: "kept", object: String::new(), reason: API_DOWN.to_owned() });
        }
        let mut why = None;
        for trigger in &config.triggers {
            let seen = match &trigger.activation {
                Activation::During(times) => times.iter().any(|(from, until)| *from <= self.now && self.now < *until).then(|| "inside its window".to_owned()),
                Activation::Above { source, threshold } => {
                    self.metric(source).filter(|value| value > threshold).map(|value| format!("{value:.3} is above {threshold}"))
                }
            };
            why = why.or(seen.map(|seen| format!("trigger {} is active: {seen}", trigger.name)));
        }
        let state = &mut self.services[service.index()];
        match keda::poll(config, why.is_some(), state.desired, &mut state.keda_last_active, self.now) {
            Step::Keep => {}
            Step::Activate(replicas) => self.scale(service, replicas, CONTROLLER, why.unwrap_or_default()),
            Step::Deactivate(replicas) => self.scale(service, replicas, CONTROLLER, format!("no trigger has been active for more than {}", config.cooldown)),
            Step::Raise(replicas) => self.scale(service, replicas, CONTROLLER, format!("fewer than minReplicaCount {replicas}")),
        }
    }
}
