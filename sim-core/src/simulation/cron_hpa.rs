//! Jobs of a `CronHPA` that fire.

use super::Simulation;
use super::hpa::API_DOWN;
use crate::autoscaling::cron_hpa;
use crate::engine::Event;
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::{CronHpa, CronHpaJob, Service};

const CONTROLLER: &str = "cron-hpa";

impl Simulation<'_> {
    /// A job fires, or tries again.
    pub(super) fn cron_fires(&mut self, service: Id<Service>, place: u32) {
        let cron = cron_of(self.plan, service);
        let firing = &cron.firings[place as usize];
        let job = &cron.jobs[firing.job as usize];
        if firing.at == self.now
            && let Some(next) = cron.firings.get(place as usize + 1)
        {
            self.push_in_run(next.at, Event::CronFires(service, place + 1));
        }
        if job.run_once && self.services[service.index()].cron_done[firing.job as usize] {
            return self.note_cron(service, job, "skipped", "it runs once and has run".to_owned());
        }
        if let Some(date) = &firing.excluded {
            return self.note_cron(service, job, "skipped", format!("excludeDates has {date}"));
        }
        if self.api_is_down() {
            return match cron_hpa::next_attempt(firing.at, self.now) {
                Some(next) => {
                    self.push_in_run(next, Event::CronFires(service, place));
                    self.note_cron(service, job, "waited", format!("{API_DOWN}: tries again in {}", cron_hpa::RETRY_INTERVAL));
                }
                None => self.note_cron(service, job, "failed", format!("{API_DOWN}: gives up after {}", cron_hpa::RETRY_TIMEOUT)),
            };
        }
        self.services[service.index()].cron_done[firing.job as usize] = true;
        let reason = format!("job {} ({})", job.name, job.schedule);
        if cron.through_hpa {
            self.adjust_hpa(service, job, reason);
        } else {
            self.scale(service, job.target_size, CONTROLLER, reason);
        }
    }

    /// Moves the bounds of the HPA, and scales the service where the HPA cannot be waited for.
    fn adjust_hpa(&mut self, service: Id<Service>, job: &CronHpaJob, reason: String) {
        let state = &mut self.services[service.index()];
        let current = state.desired;
        let spec = state.hpa.as_mut().expect("the checks found the HPA");
        let (min, max) = (spec.min, spec.max);
        let adjusted = cron_hpa::adjust(min, max, job.target_size, current);
        (spec.min, spec.max) = (adjusted.min, adjusted.max);
        let object = format!("{min}..{max} -> {}..{}", adjusted.min, adjusted.max);
        let moved = (min, max) != (adjusted.min, adjusted.max);
        self.decide(Decision::Noted { service, controller: CONTROLLER, action: if moved { "bounded" } else { "kept" }, object, reason: reason.clone() });
        if let Some(replicas) = adjusted.scale_to {
            self.scale(service, replicas, CONTROLLER, reason);
        }
    }

    fn note_cron(&mut self, service: Id<Service>, job: &CronHpaJob, action: &'static str, reason: String) {
        self.decide(Decision::Noted { service, controller: CONTROLLER, action, object: job.name.clone(), reason });
    }
}

fn cron_of(plan: &crate::plan::Plan, service: Id<Service>) -> &CronHpa {
    plan.services[service].scaling.cron.as_ref().expect("only services with a CronHPA have firings")
}
