//! What tells one pod from another, and a cold or sleeping one from a warm one.

use super::draws::Draws;
use super::instant::NEVER;
use crate::plan::Requests;
use crate::random::Stream;
use crate::traffic::round;
use crate::units::Span;

/// A pod that is to take requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Endpoint {
    /// When it turned ready, in nanoseconds since the start; zero for one that is warm already.
    pub ready: u64,
    /// Whether it has been running since long before the start.
    pub warm: bool,
    /// How fast it works, relative to the service time as written; above 0.
    pub speed: f64,
    /// Its share of requests, for weighted balancing.
    pub weight: f64,
    /// The node it is on, for balancing by node.
    pub node: u32,
    /// The tier it is in, which latency is told apart by.
    pub tier: u16,
}

impl Endpoint {
    /// A warm pod of ordinary speed and weight on a node of its own.
    pub const PLAIN: Self = Self { ready: 0, warm: true, speed: 1.0, weight: 1.0, node: u32::MAX, tier: 0 };
}

/// The traits of all pods of a service, if any has such.
#[derive(Clone, Debug)]
pub(super) struct Traits {
    by_slot: Vec<Trait>,
    warm_up: (u64, f64),
    listens_after: u64,
    wake_up: Option<Draws>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Trait {
    /// Time that a unit of work takes on the warm pod.
    pub(super) slowness: f64,
    /// Until when it works more slowly.
    pub(super) warm_from: u64,
    /// Time that a unit of work takes until then.
    pub(super) cold_slowness: f64,
    /// Until when it refuses connections.
    pub(super) listens_from: u64,
}

impl Traits {
    /// None if all pods of the service are alike from their first second.
    pub(super) fn of(plan: &Requests, wake_up: Stream) -> Option<Self> {
        let plain = !plan.revisions_differ
            && plan.speed.iter().all(|speed| *speed == 1.0)
            && plan.warm_up.is_none()
            && plan.listens_after == Span::ZERO
            && plan.endpoint_delay.remove == Span::ZERO
            && plan.wake_up.is_none();
        (!plain).then(|| Self {
            by_slot: Vec::new(),
            warm_up: plan.warm_up.map_or((0, 1.0), |warm_up| (warm_up.length.as_nanos(), warm_up.speed)),
            listens_after: plan.listens_after.as_nanos(),
            wake_up: plan.wake_up.clone().map(|distribution| Draws::new(distribution, wake_up)),
        })
    }

    /// Notes a pod in this slot.
    pub(super) fn add(&mut self, slot: u32, endpoint: Endpoint) {
        let slowness = 1.0 / endpoint.speed;
        let after = |span: u64| if endpoint.warm { 0 } else { (endpoint.ready + span).min(NEVER) };
        let pod = Trait { slowness, warm_from: after(self.warm_up.0), cold_slowness: slowness / self.warm_up.1, listens_from: after(self.listens_after) };
        let place = slot as usize;
        if place == self.by_slot.len() {
            self.by_slot.push(pod);
        } else {
            self.by_slot[place] = pod;
        }
    }

    /// The pod takes no more connections.
    pub(super) fn close(&mut self, slot: u32) {
        self.by_slot[slot as usize].listens_from = u64::MAX;
    }

    pub(super) fn of_pod(&self, slot: u32) -> Trait {
        self.by_slot[slot as usize]
    }

    /// Whether the pod takes connections.
    #[inline(always)]
    pub(super) fn listens(&self, slot: u32, at: u64) -> bool {
        at >= self.by_slot[slot as usize].listens_from
    }

    /// How long a worker takes for `work` that it starts at `start`.
    #[inline(always)]
    pub(super) fn stretched(&self, slot: u32, start: u64, work: u64) -> u64 {
        let pod = self.by_slot[slot as usize];
        let slowness = if start < pod.warm_from { pod.cold_slowness } else { pod.slowness };
        round(work as f64 * slowness).min(NEVER)
    }

    /// How long an idle worker takes to wake up.
    pub(super) fn wake_up(&mut self) -> u64 {
        self.wake_up.as_mut().map_or(0, Draws::take)
    }

    pub(super) const fn sleeps(&self) -> bool {
        self.wake_up.is_some()
    }
}
