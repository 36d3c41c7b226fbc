//! Instances behind virtual nodes: asked for, found or not, taken back.

use super::Simulation;
use super::supply::Instance;
use crate::cluster::{Cause, Phase, Pod};
use crate::engine::{Event, SupplyEvent};
use crate::id::Id;
use crate::observe::{Decision, SupplyNote};
use crate::plan::{FailStrategy, InstanceWish, Market, Node, NodeKind, Provider, StartUp, VSwitch, VSwitchOrder, VirtualNode};
use crate::random::{below, exp1};
use crate::supply::{Lack, Need, is_bid_high_enough, reclaim};
use crate::units::{Span, Time};

impl<'p> Simulation<'p> {
    /// Schedules what is known ahead about supply.
    pub(super) fn start_supply(&mut self) {
        for (id, node) in self.plan.nodes.iter() {
            if let NodeKind::Virtual(virtual_node) = &node.kind
                && virtual_node.from > Time::ZERO
            {
                self.push_in_run(virtual_node.from, Event::Supply(SupplyEvent::Registered(id)));
            }
        }
        for (id, provider) in self.plan.providers.iter() {
            let mut changes: Vec<Time> = provider.supply.stock.iter().flat_map(|stock| stock.levels.iter().map(|level| level.0)).collect();
            changes.sort_unstable();
            changes.dedup();
            for at in changes.into_iter().filter(|at| *at > Time::ZERO) {
                self.push_in_run(at, Event::Supply(SupplyEvent::StockChange(id)));
            }
        }
        for (place, reload) in self.plan.supply.reloads.iter().enumerate() {
            self.push_in_run(reload.at, Event::Supply(SupplyEvent::Reloaded(place as u32)));
        }
    }

    pub(super) fn supply_event(&mut self, event: SupplyEvent) {
        match event {
            SupplyEvent::Call(pod) => {
                if self.pods[pod].phase == Phase::Scheduled && !self.faults.is_off(pod) {
                    self.call_provider(pod);
                }
            }
            SupplyEvent::Sandbox(pod) => self.sandbox_created(pod),
            SupplyEvent::Pulled(link, version) => self.pulled(usize::from(link), version),
            SupplyEvent::Cached(pod) => self.image_there(pod),
            SupplyEvent::Retry(provider) => self.retry(provider),
            SupplyEvent::Failed(pod) => {
                if self.pods[pod].phase == Phase::Scheduled {
                    self.lose(pod, Cause::InstanceFailure);
                }
            }
            SupplyEvent::GiveUp(pod) => self.give_up(pod),
            SupplyEvent::Notice(pod) => {
                if self.pods[pod].is_active() {
                    self.note_supply(pod, SupplyNote::SpotToBeReleased);
                }
            }
            SupplyEvent::Reclaim(pod) => {
                if matches!(self.pods[pod].phase, Phase::Starting | Phase::Ready | Phase::Unready | Phase::Terminating) {
                    self.note_supply(pod, SupplyNote::SpotReleased);
                    self.lose(pod, Cause::SpotReclaim);
                }
            }
            SupplyEvent::StockChange(provider) => self.stock_changed(provider),
            SupplyEvent::Registered(node) => {
                self.node_changed(node);
                self.wake_scheduler();
            }
            SupplyEvent::Reloaded(place) => {
                self.decide(Decision::Reloaded { place });
                self.refresh_virtual_nodes();
            }
        }
    }

    /// What is said about a pod's instance.
    pub(super) fn note_supply(&mut self, pod: Id<Pod>, note: SupplyNote) {
        self.decide(Decision::Supply { pod, note });
    }

    /// Has every virtual node looked at again by the scheduler.
    fn refresh_virtual_nodes(&mut self) {
        for (node, _) in self.plan.nodes.iter().filter(|(_, node)| matches!(node.kind, NodeKind::Virtual(_))) {
            self.node_changed(node);
        }
        self.wake_scheduler();
    }

    /// A pod was bound to a virtual node.
    pub(super) fn request_instance(&mut self, id: Id<Pod>, node: &VirtualNode) {
        let class = self.pods[id].class;
        let created = self.pods[id].created;
        let provider = node.provider;
        self.pods[id].spec = self.supply.offers(class, created, provider).first().copied().map(Box::new);
        let account = &mut self.supply.accounts[provider.index()];
        account.pods += 1;
        if self.plan.providers[provider].supply.max_pods == Some(account.pods) {
            self.refresh_virtual_nodes();
        }
        if self.supply.is_contended(self.plan, class, created, node) {
            self.supply.instances.insert(id, Instance::default());
        }
        let is_heard = !self.is_bound_to_silence(id);
        if let StartUp::Stages(stages) = &node.start_up {
            let luck = self.luck(id, stages);
            let instance = self.supply.instances.entry(id).or_default();
            (instance.luck, instance.is_staged) = (luck, true);
            if is_heard && !self.warming_up && !luck.scheduling.is_zero() {
                let at = self.now.saturating_add(luck.scheduling);
                self.push_in_run(at, Event::Supply(SupplyEvent::Call(id)));
                return;
            }
        }
        if is_heard {
            self.call_provider(id);
        }
    }

    fn provider_of(&self, id: Id<Pod>) -> Option<(Id<Node>, &'p VirtualNode)> {
        let node = self.pods[id].node?;
        match &self.plan.nodes[node].kind {
            NodeKind::Virtual(virtual_node) => Some((node, virtual_node)),
            NodeKind::Machine(_) => None,
        }
    }

    /// Calls the provider, which accepts the call when its limit allows.
    pub(super) fn call_provider(&mut self, id: Id<Pod>) {
        let (_, node) = self.provider_of(id).expect("only virtual nodes call a provider");
        if !self.faults.active.is_empty() && self.is_call_throttled(id, node.provider) {
            return;
        }
        let provider = node.provider.index();
        if let Some(instance) = self.supply.instances.get_mut(&id) {
            instance.stages.scheduling = self.now.since(self.pods[id].scheduled.unwrap_or(self.now));
        }
        let accepted = if self.warming_up { self.now } else { self.limiters[provider].accept(self.now) };
        if accepted == self.now {
            self.instance_accepted(id);
        } else {
            self.decide(Decision::Waited { pod: id, until: accepted });
            self.push_in_run(accepted, Event::InstanceAccepted(id));
        }
    }

    pub(super) fn instance_accepted(&mut self, id: Id<Pod>) {
        // The pod may have been removed while it waited for its turn.
        if self.pods[id].phase != Phase::Scheduled || self.faults.is_off(id) {
            return;
        }
        let provider = self.provider_of(id).expect("only virtual nodes have instances").1.provider;
        if self.is_call_failing(id, provider) {
            return;
        }
        self.faults.calls.remove(&id);
        let is_free = self.supply.instances.get(&id).is_none_or(|instance| instance.is_held);
        match if is_free { Ok(()) } else { self.take_instance(id) } {
            Ok(()) => self.begin_start(id),
            Err(lack) => self.lacking(id, lack),
        }
    }

    /// Finds an instance for a pod: the market before the full price, then its specs in order, then the subnets in order
    /// as far as they have addresses.
    fn take_instance(&mut self, id: Id<Pod>) -> Result<(), Lack> {
        let class = self.pods[id].class;
        let created = self.pods[id].created;
        let (node_id, node) = self.provider_of(id).expect("only virtual nodes have instances");
        let (provider_id, node_order, node_vswitches) = (node.provider, node.order, node.vswitches_at(created));
        let provider = &self.plan.providers[provider_id];
        let wish = self.supply.wish(class, created).clone();
        let markets: &[Market] = match wish.spot {
            None => &[Market::OnDemand],
            Some(spot) if spot.fallback => &[Market::Spot, Market::OnDemand],
            Some(_) => &[Market::Spot],
        };
        let vswitches = self.vswitch_order(id, wish.vswitches.as_deref().unwrap_or(node_vswitches), wish.order.unwrap_or(node_order));
        let own_zone = self.plan.nodes[node_id].zone.as_str();
        let offers = self.supply.offers(class, created, provider_id).to_vec();
        let mut lack = None;
        for market in markets {
            for spec in &offers {
                for vswitch in &vswitches {
                    let zone = vswitch.map_or(own_zone, |vswitch| self.plan.supply.vswitches[vswitch].zone.as_str());
                    let need = Need { spec: *spec, zone, market: *market };
                    if self.is_zone_out(zone) {
                        lack = lack.max(Some(Lack::NoStock));
                        continue;
                    }
                    let is_outbid = |spot| !is_bid_high_enough(&provider.supply.spot, spot, *spec, provider.price_of(*spec), zone, self.now);
                    if *market == Market::Spot && wish.spot.is_some_and(is_outbid) {
                        lack = lack.max(Some(Lack::NoStock));
                        continue;
                    }
                    let has_address =
                        |vswitch: &Id<VSwitch>| self.plan.supply.vswitches[*vswitch].addresses.is_none_or(|most| self.supply.addresses[vswitch.index()] < most);
                    if !vswitch.iter().all(has_address) {
                        lack = lack.max(Some(Lack::IpNotEnough));
                        continue;
                    }
                    match self.supply.accounts[provider_id.index()].take(provider, need, self.now) {
                        Ok(()) => {
                            if let Some(vswitch) = vswitch {
                                self.supply.addresses[vswitch.index()] += 1;
                            }
                            let instance = self.supply.instances.get_mut(&id).expect("contended instances have a record");
                            (instance.is_held, instance.lack) = (true, None);
                            let pod = &mut self.pods[id];
                            (pod.spec, pod.vswitch, pod.market) = (Some(Box::new(*spec)), *vswitch, *market);
                            return Ok(());
                        }
                        Err(found) => lack = lack.max(Some(found)),
                    }
                }
            }
        }
        Err(lack.unwrap_or(Lack::NoStock))
    }

    /// The subnets in the order in which this pod tries them; one without a name stands for the node's own zone.
    fn vswitch_order(&self, id: Id<Pod>, vswitches: &[Id<VSwitch>], order: VSwitchOrder) -> Vec<Option<Id<VSwitch>>> {
        if vswitches.is_empty() {
            return vec![None];
        }
        let mut left: Vec<Option<Id<VSwitch>>> = vswitches.iter().copied().map(Some).collect();
        if order == VSwitchOrder::Random {
            let pod = &self.pods[id];
            let mut rng = self.streams.indexed(&format!("{}/vswitch", self.plan.workload_name(self.place_of(id))), u64::from(pod.number));
            for end in (1..left.len()).rev() {
                left.swap(end, below(&mut rng, end as u64 + 1) as usize);
            }
        }
        left
    }

    /// There is no instance for a pod.
    fn lacking(&mut self, id: Id<Pod>, lack: Lack) {
        let class = self.pods[id].class;
        let created = self.pods[id].created;
        let (node_id, node) = self.provider_of(id).expect("only virtual nodes have instances");
        let provider = node.provider;
        let InstanceWish { on_failure, max_pending, .. } = *self.supply.wish(class, created);
        let instance = self.supply.instances.get_mut(&id).expect("contended instances have a record");
        let before = instance.lack.replace(lack);
        if before != Some(lack) {
            self.note_supply(id, SupplyNote::Lack(lack));
        }
        match on_failure {
            FailStrategy::FailBack => {
                self.supply.waiting[provider.index()].insert(id);
                let until = self.pods[id].scheduled.unwrap_or(self.now).saturating_add(max_pending);
                if before.is_none() {
                    self.push_in_run(until.max(self.now), Event::Supply(SupplyEvent::GiveUp(id)));
                }
            }
            FailStrategy::FailOver => {
                self.supply.avoided.insert((class, node_id), lack);
                self.node_changed(node_id);
                self.unschedule(id);
            }
            FailStrategy::FailFast => {
                let at = self.now.saturating_add(self.plan.providers[provider].supply.retry);
                self.push_in_run(at, Event::Supply(SupplyEvent::Failed(id)));
                return;
            }
        }
        self.await_retry(provider);
    }

    fn await_retry(&mut self, provider: Id<Provider>) {
        if !std::mem::replace(&mut self.supply.retry_due[provider.index()], true) {
            let at = self.now.saturating_add(self.plan.providers[provider].supply.retry);
            self.push_in_run(at, Event::Supply(SupplyEvent::Retry(provider)));
        }
    }

    /// Asks again for what there was none of. Pods of one workload on one node are alike: after the first that still finds nothing, the others need
    /// not ask.
    fn retry(&mut self, provider: Id<Provider>) {
        self.supply.retry_due[provider.index()] = false;
        let avoided: Vec<Id<Node>> = self.supply.avoided.keys().map(|key| key.1).collect();
        if !avoided.is_empty() {
            self.supply.avoided.clear();
            for node in avoided {
                self.node_changed(node);
            }
            self.wake_scheduler();
        }
        let waiting: Vec<Id<Pod>> = self.supply.waiting[provider.index()].iter().copied().collect();
        let mut refused: Vec<(usize, Option<Id<Node>>)> = Vec::new();
        let mut found = Vec::new();
        let mut left = false;
        for id in waiting {
            if self.faults.is_off(id) {
                continue;
            }
            if self.pods[id].phase != Phase::Scheduled {
                self.supply.waiting[provider.index()].remove(&id);
                continue;
            }
            let key = (self.pods[id].class, self.pods[id].node);
            if refused.contains(&key) {
                left = true;
            } else if let Err(lack) = self.take_instance(id) {
                refused.push(key);
                left = true;
                let instance = self.supply.instances.get_mut(&id).expect("contended instances have a record");
                if instance.lack.replace(lack) != Some(lack) {
                    self.note_supply(id, SupplyNote::Lack(lack));
                }
            } else {
                self.supply.waiting[provider.index()].remove(&id);
                found.push(id);
            }
        }
        for id in found {
            self.call_provider(id);
        }
        if left {
            self.await_retry(provider);
        }
    }

    fn give_up(&mut self, id: Id<Pod>) {
        let is_waiting = self.pods[id].phase == Phase::Scheduled && self.supply.instances.get(&id).is_some_and(|instance| instance.lack.is_some());
        if is_waiting {
            if let Some((_, node)) = self.provider_of(id) {
                let provider = node.provider.index();
                self.supply.waiting[provider].remove(&id);
            }
            self.lose(id, Cause::InstanceFailure);
        }
    }

    /// Takes a pod off its virtual node and puts it back into the scheduler's queue.
    fn unschedule(&mut self, id: Id<Pod>) {
        self.stop_counting(id);
        self.unbind(id);
        self.enter(id, Phase::Pending);
        let pod = &mut self.pods[id];
        // It counts nowhere until it is bound again.
        pod.counted = None;
        (pod.node, pod.spec, pod.vswitch) = (None, None, None);
        self.pending.push(pod.class, id, self.now);
        self.wake_scheduler();
    }

    /// The zone of a pod: its instance's own, or that of its node.
    pub(super) fn zone_of(&self, pod: &Pod) -> &str {
        match (pod.vswitch, pod.node) {
            (Some(vswitch), _) => &self.plan.supply.vswitches[vswitch].zone,
            (None, Some(node)) => &self.plan.nodes[node].zone,
            (None, None) => "",
        }
    }

    /// Gives back what a pod on a virtual node held.
    pub(super) fn release_instance(&mut self, id: Id<Pod>) {
        let Some((_, node)) = self.provider_of(id) else { return self.cancel_pull(id) };
        let provider_id = node.provider;
        let provider = &self.plan.providers[provider_id];
        self.cancel_pull(id);
        self.give_instance_back(id);
        let account = &mut self.supply.accounts[provider_id.index()];
        account.pods -= 1;
        let was_full = provider.supply.max_pods == Some(account.pods + 1);
        self.supply.waiting[provider_id.index()].remove(&id);
        if was_full {
            self.refresh_virtual_nodes();
        }
    }

    /// Gives back what an instance takes of quotas and stocks.
    pub(super) fn give_instance_back(&mut self, id: Id<Pod>) {
        let Some((_, node)) = self.provider_of(id) else { return };
        let provider_id = node.provider;
        let zone = self.zone_of(&self.pods[id]).to_owned();
        if let (Some(instance), Some(spec)) = (self.supply.instances.get_mut(&id), self.pods[id].spec.as_deref().copied())
            && std::mem::take(&mut instance.is_held)
        {
            let need = Need { spec, zone: &zone, market: self.pods[id].market };
            self.supply.accounts[provider_id.index()].give_back(&self.plan.providers[provider_id], need);
            if let Some(vswitch) = self.pods[id].vswitch {
                self.supply.addresses[vswitch.index()] -= 1;
            }
        }
    }

    /// Plans the end of a spot instance that starts now.
    pub(super) fn plan_reclaim(&mut self, id: Id<Pod>) {
        if self.pods[id].market != Market::Spot {
            return;
        }
        let workload = self.place_of(id);
        let pod = &self.pods[id];
        let Some(wish) = self.supply.wish(pod.class, pod.created).spot else { return };
        let Some((_, node)) = self.provider_of(id) else { return };
        let provider = &self.plan.providers[node.provider];
        let spec = *pod.spec.as_deref().expect("an instance has a spec");
        let chance = exp1(&mut self.streams.indexed(&format!("{}/spot", self.plan.workload_name(workload)), u64::from(pod.number)));
        let end = reclaim(&provider.supply.spot, wish, spec, provider.price_of(spec), self.zone_of(&self.pods[id]), self.now, chance);
        if let Some(end) = end {
            self.push_in_run(end.notice, Event::Supply(SupplyEvent::Notice(id)));
            self.push_in_run(end.at, Event::Supply(SupplyEvent::Reclaim(id)));
        }
    }

    /// A stock has shrunk or grown: what the spot market has no longer is taken back, the longest running first, but nothing within its protection. If only
    /// that is left, the market is looked at again when the first of it may go.
    fn stock_changed(&mut self, provider_id: Id<Provider>) {
        let provider = &self.plan.providers[provider_id];
        let notice = provider.supply.spot.notice;
        let mut account = self.supply.accounts[provider_id.index()].clone();
        let is_here = |id: &Id<Pod>| self.provider_of(*id).is_some_and(|(_, node)| node.provider == provider_id);
        let of_market = self.supply.instances.iter().filter(|(id, instance)| instance.is_held && self.pods[**id].market == Market::Spot);
        let (going, staying): (Vec<Id<Pod>>, Vec<Id<Pod>>) =
            of_market.map(|entry| *entry.0).filter(is_here).partition(|id| self.supply.instances[id].is_doomed);
        let spec_and_zone = |id: Id<Pod>| Some((self.pods[id].spec.as_deref().copied()?, self.zone_of(&self.pods[id]).to_owned()));
        for (spec, zone) in going.into_iter().filter_map(spec_and_zone) {
            account.give_back(provider, Need { spec, zone: &zone, market: Market::Spot });
        }
        let (mut doomed, mut again) = (Vec::new(), None);
        for id in staying {
            let (Some((spec, zone)), Some(started)) = (spec_and_zone(id), self.pods[id].starting) else { continue };
            let need = Need { spec, zone: &zone, market: Market::Spot };
            if !account.is_overdrawn(provider, need, self.now) {
                continue;
            }
            let wish = self.supply.wish(self.pods[id].class, self.pods[id].created).spot;
            let safe_until = started.saturating_add(wish.map_or(Span::ZERO, |wish| wish.protection));
            if safe_until > self.now.saturating_add(notice) {
                again = again.into_iter().chain([safe_until]).min();
            } else {
                account.give_back(provider, need);
                doomed.push((id, safe_until));
            }
        }
        for (id, safe_until) in doomed {
            self.supply.instances.get_mut(&id).expect("listed above").is_doomed = true;
            // The provider tells an instance before it takes it back.
            self.push_in_run(self.now, Event::Supply(SupplyEvent::Notice(id)));
            self.push_in_run(self.now.saturating_add(notice).max(safe_until), Event::Supply(SupplyEvent::Reclaim(id)));
        }
        if let Some(at) = again {
            self.push_in_run(Time::from_nanos(at.as_nanos() - notice.as_nanos()), Event::Supply(SupplyEvent::StockChange(provider_id)));
        }
    }
}
