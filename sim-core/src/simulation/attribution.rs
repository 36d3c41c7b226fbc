//! What is known about a service in a window, for the attribution of breaches.

use super::Simulation;
use super::blame::Blame;
use super::pace::Binding;
use crate::autoscaling::hpa::{EffectiveRules, HpaDecision, Limit, Reason, SelectPolicy, Stabilization};
use crate::cluster::{Phase, Pod};
use crate::id::Id;
use crate::observe::attribution::{Bottleneck, Seen, Stretch, Verdict, Weights, weigh};
use crate::plan::{CreateLimit, NodeKind, Service};
use crate::supply::Lack;
use crate::units::{Span, Time};

/// What a service remembers for the attribution of breaches.
#[derive(Clone, Debug, Default)]
pub(super) struct Shortage {
    /// When more pods began to be needed than were asked for.
    pub since: Option<Time>,
    /// What the present shortage, and the backlog that it left, are made of.
    pub debt: Blame,
    /// Verdicts of its autoscaler since the start of the window, and the one before.
    pub verdicts: Vec<Verdict>,
    /// The integral of ready pods over the last window, in pod-nanoseconds.
    pub ready_ns: u128,
}

impl Simulation<'_> {
    /// Remembers why an HPA did not ask for more.
    pub(super) fn note_verdict(&mut self, service: Id<Service>, decision: &HpaDecision) {
        let plan = self.plan;
        if plan.objectives.is_empty() {
            return;
        }
        let state = &mut self.services[service.index()];
        let by = match (decision.limited_by(), decision.stabilized_by(), &decision.reason) {
            (Some(Limit::TooManyReplicas), ..) | (.., Reason::AboveMaximum { .. }) => Some(Bottleneck::MaxReplicas),
            (Some(Limit::ScaleUpLimit), ..) => Some(Bottleneck::PolicyLimit),
            (_, Some(Stabilization::ScaleUpStabilized), _) => Some(Bottleneck::Stabilisation),
            (.., Reason::FailedMetrics { .. }) => Some(Bottleneck::MetricStaleness),
            _ => None,
        };
        // A policy holds for its period, a sample for as long as there is no newer one; a longer wait for the next look is the look's fault.
        let rules = state.hpa.as_ref().and_then(|hpa| hpa.behavior.as_ref()).map(EffectiveRules::up);
        let period = rules.as_ref().and_then(|rules| rules.policies.iter().map(|policy| policy.period).max()).unwrap_or(DEFAULT_PERIOD);
        let fresh = plan.metrics.scrape_interval + plan.metrics.delay;
        let until = match by {
            Some(Bottleneck::PolicyLimit) if rules.as_ref().is_none_or(|rules| rules.select != SelectPolicy::Disabled) => self.now + period,
            Some(Bottleneck::PolicyLimit | Bottleneck::MaxReplicas | Bottleneck::Stabilisation) => Time::from_nanos(u64::MAX),
            _ => self.now + fresh.max(DEFAULT_PERIOD),
        };
        state.shortage.verdicts.push(Verdict { at: self.now, by, until });
    }

    /// Pods that the requests need that were asked of a service in the last window, busy all the time.
    fn needed(&self, place: usize) -> u32 {
        let each = self.pace.each(place);
        if each > 0.0 { (self.pace.asked(place) / each).ceil() as u32 } else { 0 }
    }

    /// What each service was short of over the last window: itself, or somebody whom its requests visit. None for those that were not. Remembers since when
    /// too few pods are asked for, and what held the others.
    pub(super) fn note_shortages(&mut self) -> Vec<Option<Blame>> {
        for place in 0..self.services.len() {
            if self.desired_at(place, self.window_start) < self.needed(place) {
                self.services[place].shortage.since.get_or_insert(self.window_start);
            } else {
                self.services[place].shortage.since = None;
            }
        }
        let short: Vec<Option<Blame>> = (0..self.services.len()).map(|place| self.short(place)).collect();
        for (service, blame) in self.services.iter_mut().zip(&short) {
            if let Some(blame) = blame {
                service.shortage.debt.merge(blame);
            }
        }
        short
    }

    fn short(&self, place: usize) -> Option<Blame> {
        let needed = u128::from(self.needed(place));
        let length = u128::from(self.now.since(self.window_start).as_nanos());
        if !self.has_pace(place) {
            return (needed * length > self.services[place].shortage.ready_ns).then(|| self.weigh_member(place));
        }
        let Binding { member, part } = self.binding(place).filter(|_| needed > 0)?;
        // In pods of the service whose requests wait, whoever lacks them.
        let missing = (needed as f64 * (1.0 - part) * length as f64) as u128;
        Some(Blame::at(member, &self.weigh(member).scaled(missing.max(1))))
    }

    /// What holds back a service where nobody is short.
    pub(super) fn weigh_busiest(&self, place: usize) -> Blame {
        self.weigh_member(if self.has_pace(place) { self.busiest(place) } else { place })
    }

    /// What holds back a member, and nobody else.
    pub(super) fn weigh_member(&self, member: usize) -> Blame {
        Blame::at(member, &self.weigh(member))
    }

    /// What holds a service or a backend back.
    fn weigh(&self, member: usize) -> Weights {
        if member < self.services.len() {
            return self.weigh_window(member);
        }
        let mut weights = Weights::default();
        weights.add(Bottleneck::Backend, u128::from(self.now.since(self.window_start).as_nanos()));
        weights
    }

    /// Ends a window for the attribution; what a shortage left behind is worked off when nothing is short or breached any more.
    pub(super) fn forget_window(&mut self, place: usize, is_over: bool) {
        let shortage = &mut self.services[place].shortage;
        if is_over {
            shortage.debt = Blame::default();
        }
        let old = shortage.verdicts.len().saturating_sub(1);
        shortage.verdicts.drain(..old);
    }

    /// What holds a service's capacity back in the window that ends now.
    fn weigh_window(&self, place: usize) -> Weights {
        let state = &self.services[place];
        let metrics = &self.plan.metrics;
        // A load that needs no more pods than are asked for hides nothing from the metrics.
        let visible = state.shortage.since.map_or(Time::ZERO, |since| self.scrape_after(since).saturating_add(metrics.delay));
        let mut waiting = Weights::default();
        for id in &state.active {
            self.weigh_pod(*id, &mut waiting);
        }
        let seen = Seen {
            needed: self.needed(place),
            max: state.hpa.as_ref().map(|hpa| hpa.max),
            visible,
            is_stale: metrics.delay > self.plan.hpa.sync_period + metrics.scrape_interval,
            waiting,
            stretches: &self.stretches(place, visible),
        };
        weigh(&seen)
    }

    /// The first scrape after an instant.
    fn scrape_after(&self, at: Time) -> Time {
        let interval = self.plan.metrics.scrape_interval.as_nanos().max(1);
        // Scrapes are evenly spaced: any of them tells all.
        let any = self.last_scrape.as_nanos() % interval;
        let at = at.as_nanos();
        Time::from_nanos(at + (any + interval - at % interval) % interval)
    }

    fn desired_at(&self, place: usize, at: Time) -> u32 {
        let steps = &self.services[place].steps;
        steps.iter().rfind(|step| step.0 <= at).map_or(0, |step| step.1)
    }

    /// The window, cut where replicas asked for, the autoscaler's verdict or what metrics show changed.
    fn stretches(&self, place: usize, visible: Time) -> Vec<Stretch> {
        let state = &self.services[place];
        let verdicts = &state.shortage.verdicts;
        let changes = state.steps.iter().rev().map(|step| step.0).take_while(|at| *at > self.window_start);
        let expiries = verdicts.iter().map(|verdict| verdict.until);
        let mut cuts: Vec<Time> = changes.chain(verdicts.iter().map(|verdict| verdict.at)).chain(expiries).chain([visible]).collect();
        cuts.retain(|at| (self.window_start..self.now).contains(at));
        cuts.extend([self.window_start, self.now]);
        cuts.sort_unstable();
        cuts.dedup();
        let stretch = |ends: &[Time]| Stretch {
            from: ends[0],
            to: ends[1],
            desired: self.desired_at(place, ends[0]),
            verdict: verdicts.iter().rfind(|verdict| verdict.at <= ends[0]).copied(),
        };
        cuts.windows(2).map(stretch).collect()
    }

    /// Adds the part of the window that a pod spent on its way to ready, by what held it.
    fn weigh_pod(&self, id: Id<Pod>, waiting: &mut Weights) {
        let pod = &self.pods[id];
        if pod.phase == Phase::Unready && (self.faults.is_silent(id) || self.faults.flapping.contains_key(&id)) {
            let from = pod.interruptions.unready_since.unwrap_or(self.now).max(self.window_start);
            return waiting.add(Bottleneck::Fault, u128::from(self.now.since(from).as_nanos()));
        }
        if pod.preexisting || pod.ready.is_some_and(|ready| ready <= self.window_start) {
            return;
        }
        let mut from = pod.created;
        let mut pass = |bottleneck: Bottleneck, to: Option<Time>| {
            let to = to.unwrap_or(self.now).clamp(from, self.now.max(from));
            let within = to.min(self.now).since(from.max(self.window_start).min(to.min(self.now)));
            waiting.add(bottleneck, u128::from(within.as_nanos()));
            from = to;
        };
        let why = self.why_pending(pod);
        if let Some((asked, ready)) = self.provisioned(pod) {
            pass(why, Some(asked));
            pass(Bottleneck::NodeProvisioning, ready);
        }
        pass(why, pod.scheduled);
        let Some(scheduled) = pod.scheduled else { return };
        let instance = self.supply.instances.get(&id);
        let luck = instance.map(|instance| instance.luck).unwrap_or_default();
        let virtual_node = pod.node.and_then(|node| if let NodeKind::Virtual(node) = &self.plan.nodes[node].kind { Some(node) } else { None });
        if let Some(node) = virtual_node {
            pass(Bottleneck::Scheduling, Some(pod.starting.unwrap_or(self.now).min(scheduled.saturating_add(luck.scheduling))));
            let is_limited = self.plan.providers[node.provider].create_limit != CreateLimit::Unlimited;
            let held = match instance.and_then(|instance| instance.lack) {
                Some(Lack::QuotaFull) => Bottleneck::Quota,
                None if self.faults.calls.contains_key(&id) || self.faults.is_off(id) => Bottleneck::Fault,
                None if is_limited => Bottleneck::CreationLimit,
                Some(Lack::NoStock | Lack::IpNotEnough) | None => Bottleneck::Stock,
            };
            pass(held, pod.starting);
        }
        let Some(starting) = pod.starting else { return };
        if let Some(instance) = instance.filter(|instance| instance.is_staged) {
            let before = if virtual_node.is_some() { Span::ZERO } else { luck.scheduling };
            pass(Bottleneck::Scheduling, Some(starting.saturating_add(before)));
            let sandbox = starting.saturating_add(before).saturating_add(luck.sandbox);
            pass(Bottleneck::StartUp, Some(sandbox));
            if self.plan.template(pod.class).supply.image.is_some() && (pod.due.is_some() || self.now > sandbox) {
                // Once it is known when the pod gets ready, the image is there.
                let pulled = pod.due.map(|_| sandbox.saturating_add(instance.stages.pull));
                pass(Bottleneck::ImagePull, pulled);
            }
        }
        if pod.due.is_some() {
            pass(Bottleneck::StartUp, Some(pod.ready.unwrap_or(self.now)));
        }
    }

    /// When the machine was asked for that a pod waited or waits for, and when that was ready.
    fn provisioned(&self, pod: &Pod) -> Option<(Time, Option<Time>)> {
        match pod.node.zip(pod.scheduled) {
            Some((node, scheduled)) => {
                let life = self.fleet.life_at(node, scheduled)?;
                life.ready.filter(|ready| *ready > pod.created).map(|ready| (life.asked, Some(ready)))
            }
            None => Some((self.awaited_since(pod.class)?, None)),
        }
    }

    /// Why a pod has no node.
    fn why_pending(&self, pod: &Pod) -> Bottleneck {
        let lack = self.supply.avoided.iter().find(|entry| entry.0.0 == pod.class).map(|entry| *entry.1);
        match lack {
            Some(Lack::NoStock | Lack::IpNotEnough) => Bottleneck::Stock,
            Some(Lack::QuotaFull) => Bottleneck::Quota,
            None if pod.phase == Phase::Pending && self.refused[pod.class].is_some() => Bottleneck::PendingForCapacity,
            None if pod.phase == Phase::Pending => Bottleneck::Scheduling,
            // It found room after a wait.
            None => Bottleneck::PendingForCapacity,
        }
    }
}

/// The period of the default policies.
const DEFAULT_PERIOD: Span = Span::from_secs(15);
