//! What the members of a chain and their calls go by.

use super::super::draws::Draws;
use super::super::instant::NEVER;
use super::super::retries::Retries;
use super::super::users::Users;
use crate::plan::{Callee, Requests};
use crate::random::{Stream, Streams, unit};
use crate::traffic::Meter;
use crate::units::Span;

/// A service or backend.
#[derive(Clone, Debug)]
pub(super) struct MemberRules {
    /// Its calls, by step, as places in the chain's list.
    pub(super) steps: Vec<Vec<u32>>,
    /// Whether a worker waits for the answers.
    pub(super) holds_worker: bool,
    /// For those who use it directly.
    pub(super) timeout: Option<u64>,
    pub(super) retries: Option<Retries>,
    pub(super) users: Option<Users>,
}

/// A call, and what became of it so far.
#[derive(Clone, Debug)]
pub(super) struct CallRule {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) timeout: Option<u64>,
    pub(super) retries: Option<Retries>,
    pub(super) is_optional: bool,
    pub(super) meter: Meter,
    pub(super) in_flight: u64,
    probability: f64,
    choice: Stream,
    works: Draws,
}

impl CallRule {
    /// Whether a request makes this call.
    pub(super) fn is_made(&mut self) -> bool {
        self.probability >= 1.0 || unit(&mut self.choice) < self.probability
    }

    /// The work that the next one asks for.
    pub(super) fn work(&mut self) -> u64 {
        self.works.take()
    }
}

/// The rules of a chain's members and of all their calls; `place` tells where among the members somebody is who is called.
pub(super) fn of(all: &[(&str, &Requests)], place: impl Fn(Callee) -> usize, streams: Streams) -> (Vec<MemberRules>, Vec<CallRule>) {
    let nanos = |span: Span| span.as_nanos().min(NEVER);
    let mut calls = Vec::new();
    let rules = all
        .iter()
        .enumerate()
        .map(|(from, (name, requests))| {
            let stream = |purpose: &str| streams.stream(&format!("{name}/{purpose}"));
            let mut number = 0;
            let steps = requests.calls.steps.iter().map(|step| {
                let of_step = step.iter().map(|call| {
                    let to = place(call.to);
                    let of_call = |purpose: &str| stream(&format!("calls/{number}/{purpose}"));
                    calls.push(CallRule {
                        from,
                        to,
                        timeout: call.timeout.map(nanos),
                        retries: call.retries.map(|retries| Retries::new(retries, &all[to].1.service_time, of_call)),
                        is_optional: call.is_optional,
                        meter: Meter::default(),
                        in_flight: 0,
                        probability: call.probability,
                        choice: of_call("choice"),
                        works: Draws::new(all[to].1.service_time.clone(), of_call("service")),
                    });
                    number += 1;
                    (calls.len() - 1) as u32
                });
                of_step.collect()
            });
            MemberRules {
                steps: steps.collect(),
                holds_worker: requests.calls.hold_worker,
                timeout: requests.timeout.map(nanos),
                retries: requests.retries.map(|retries| Retries::new(retries, &requests.service_time, stream)),
                users: requests.users.as_ref().map(|users| Users::new(users, requests, stream("users"), stream("service"))),
            }
        })
        .collect();
    (rules, calls)
}
