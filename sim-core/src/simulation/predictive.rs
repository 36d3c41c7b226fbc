//! Predictive autoscalers at work.

use super::Simulation;
use super::hpa::API_DOWN;
use crate::autoscaling::predictive::{bounds_at, replicas_ahead};
use crate::engine::Event;
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::{PredictiveMode, Service};

const CONTROLLER: &str = "predictive";

impl Simulation<'_> {
    /// Looks at the forecast of a service and acts on it as its mode says.
    pub(super) fn predict(&mut self, service: Id<Service>) {
        let plan = self.plan;
        let config = plan.services[service].scaling.predictive.as_ref().expect("only services with a forecast are evaluated");
        self.push_in_run(self.now + config.interval, Event::Predicts(service));
        if self.api_is_down() {
            return self.note_prediction(service, None, API_DOWN.to_owned());
        }
        let (replicas, load) = replicas_ahead(config, self.now);
        let (min, max) = bounds_at(&config.bounds, self.now);
        let reason = format!("forecast of {load:.1} within {}, {} a replica, bounds {min}..{max}", config.forward, config.per_replica);
        let state = &mut self.services[service.index()];
        let current = state.desired;
        match config.mode {
            PredictiveMode::Observer => self.note_prediction(service, Some(replicas), reason),
            PredictiveMode::Reactive => {
                if let Some(spec) = &mut state.hpa {
                    (spec.min, spec.max) = (min, max);
                }
            }
            PredictiveMode::Auto => {
                // The HPA keeps at least what the forecast asks for, and shrinks by its own rules.
                if let Some(spec) = &mut state.hpa {
                    (spec.min, spec.max) = (replicas, max);
                }
                if replicas > current || (state.hpa.is_none() && replicas != current) {
                    self.scale(service, replicas, CONTROLLER, reason);
                }
            }
            PredictiveMode::Proactive => self.scale(service, replicas, CONTROLLER, reason),
        }
    }

    /// Says what the forecast asks for, once until that changes.
    fn note_prediction(&mut self, service: Id<Service>, replicas: Option<u32>, reason: String) {
        let state = &mut self.services[service.index()];
        if state.predicted != Some(replicas) {
            state.predicted = Some(replicas);
            let object = replicas.map_or_else(String::new, |replicas| format!("{} -> {replicas}", state.desired));
            self.decide(Decision::Noted { service, controller: CONTROLLER, action: "kept", object, reason });
        }
    }
}
