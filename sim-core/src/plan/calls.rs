//! Calls from one service to others, and backends that several services share.

use super::clients::Retries;
use super::{Plan, Requests, Service, Traffic};
use crate::id::Id;
use crate::units::Span;

/// Whom a service asks after its own work, before it answers.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    /// One step after the other; the calls of a step are made together, and all of them are answered before the next step.
    pub steps: Vec<Vec<Call>>,
    /// Whether a worker is kept until all answers are there, as in a server with a thread for each request.
    pub hold_worker: bool,
}

/// A call of a service or a backend.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who is called.
    pub to: Callee,
    /// Share of requests that make it, in 0..=1.
    pub probability: f64,
    /// The caller gives up after this long, each time that it sends.
    pub timeout: Option<Span>,
    /// What the caller does about an attempt that was not answered.
    pub retries: Option<Retries>,
    /// Whether a request succeeds without the answer.
    pub is_optional: bool,
}

/// Who is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A service.
    Service(Id<Service>),
    /// A backend.
    Backend(Id<Backend>),
}

/// Something outside of the cluster that services call, of fixed capacity: a database, a partner's interface. More pods do not make it faster.
#[derive(Clone, Debug)]
pub struct Backend {
    /// Name, unique over services, jobs and backends.
    pub name: String,
    /// How it works: as one pod that is always there.
    pub requests: Requests,
}

/// Services and backends that are connected by calls, so that their requests are simulated together, in one order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainMembers {
    /// Services, in ascending order.
    pub services: Vec<Id<Service>>,
    /// Backends, in ascending order.
    pub backends: Vec<Id<Backend>>,
}

impl Plan {
    /// The groups of services and backends that are connected by calls. A service that neither calls nor is called is in none.
    pub fn chains(&self) -> Vec<ChainMembers> {
        let services = self.services.len();
        let place = |callee: Callee| match callee {
            Callee::Service(id) => id.index(),
            Callee::Backend(id) => services + id.index(),
        };
        // Everything points to the least member of its group that is known so far.
        let mut group: Vec<usize> = (0..services + self.backends.len()).collect();
        let mut is_member = vec![false; group.len()];
        for (id, service) in self.services.iter() {
            let Traffic::Requests(requests) = &service.traffic else { continue };
            for call in requests.calls.steps.iter().flatten() {
                let pair = [id.index(), place(call.to)];
                for member in pair {
                    is_member[member] = true;
                }
                let groups = pair.map(|member| group[member]);
                let (from, to) = (groups[0].max(groups[1]), groups[0].min(groups[1]));
                group.iter_mut().filter(|of| **of == from).for_each(|of| *of = to);
            }
        }
        let mut chains: Vec<(usize, ChainMembers)> = Vec::new();
        for member in (0..group.len()).filter(|member| is_member[*member]) {
            let index = chains.iter().position(|(of, _)| *of == group[member]).unwrap_or_else(|| {
                chains.push((group[member], ChainMembers::default()));
                chains.len() - 1
            });
            let chain = &mut chains[index].1;
            match member.checked_sub(services) {
                None => chain.services.push(Id::new(member)),
                Some(backend) => chain.backends.push(Id::new(backend)),
            }
        }
        chains.into_iter().map(|(_, members)| members).collect()
    }
}
