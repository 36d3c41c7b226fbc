//! Stabilisation, limits and scale events.

use serde::Deserialize;
use sim_core::autoscaling::hpa::{
    Behavior, EffectiveRules, HpaMemory, HpaSpec, Limit, Recommendation, change_within, limit_with_behavior, limit_without_behavior, scale_down_limit,
    scale_up_limit, stabilize_with_behavior, stabilize_without_behavior, store_scale_event,
};
use sim_core::units::Span;

use super::flags::{EventJson, RecommendationJson, RulesJson, config, events, memory_of};
use super::pods::seconds;
use crate::report::{Difference, same};

#[derive(Deserialize)]
pub(crate) struct Convert {
    current_replicas: u32,
    desired_replicas: u32,
    min_replicas: u32,
    max_replicas: u32,
    scale_up_rules: Option<RulesJson>,
    scale_down_rules: Option<RulesJson>,
    #[serde(default)]
    scale_up_events: Vec<EventJson>,
    #[serde(default)]
    scale_down_events: Vec<EventJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Converted {
    replicas: u32,
    reason: String,
}

impl Convert {
    fn spec(&self) -> HpaSpec {
        HpaSpec { min: self.min_replicas, max: self.max_replicas, metrics: Vec::new(), behavior: None }
    }
}

impl Converted {
    fn agrees(&self, (replicas, limit): (u32, Option<Limit>)) -> Result<(), Difference> {
        same("size and reason", &(replicas, limit.map_or("DesiredWithinRange", Limit::as_str)), &(self.replicas, self.reason.as_str()))
    }
}

pub(crate) fn convert_without(input: &Convert, expect: &Converted) -> Result<(), Difference> {
    expect.agrees(limit_without_behavior(&input.spec(), input.current_replicas, input.desired_replicas))
}

pub(crate) fn convert_with(input: &Convert, expect: &Converted) -> Result<(), Difference> {
    let behavior =
        Behavior { scale_up: input.scale_up_rules.as_ref().map(RulesJson::rules), scale_down: input.scale_down_rules.as_ref().map(RulesJson::rules) };
    let memory = memory_of_events(&input.scale_up_events, &input.scale_down_events);
    expect.agrees(limit_with_behavior(&config(), &input.spec(), &behavior, input.current_replicas, input.desired_replicas, &memory, 0))
}

fn memory_of_events(up: &[EventJson], down: &[EventJson]) -> HpaMemory {
    HpaMemory { scale_up_events: events(up), scale_down_events: events(down), ..HpaMemory::default() }
}

#[derive(Deserialize)]
pub(crate) struct RateLimit {
    current_replicas: u32,
    scale_up_events: Vec<EventJson>,
    scale_down_events: Vec<EventJson>,
    rules: RulesJson,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateLimited {
    limit: i64,
}

pub(crate) fn up_limit(input: &RateLimit, expect: &RateLimited) -> Result<(), Difference> {
    let behavior = Behavior { scale_up: Some(input.rules.rules()), scale_down: None };
    let memory = memory_of_events(&input.scale_up_events, &input.scale_down_events);
    same("limit", &scale_up_limit(&config(), &EffectiveRules::up(&behavior), input.current_replicas, &memory, 0), &expect.limit)
}

pub(crate) fn down_limit(input: &RateLimit, expect: &RateLimited) -> Result<(), Difference> {
    let behavior = Behavior { scale_up: None, scale_down: Some(input.rules.rules()) };
    let memory = memory_of_events(&input.scale_up_events, &input.scale_down_events);
    let rules = EffectiveRules::down(&behavior, &config());
    same("limit", &scale_down_limit(&config(), &rules, input.current_replicas, &memory, 0), &expect.limit)
}

#[derive(Deserialize)]
pub(crate) struct Stabilize {
    recommendations: Vec<RecommendationJson>,
    desired_replicas: u32,
    #[serde(default)]
    current_replicas: u32,
    #[serde(default)]
    downscale_stabilization_window_s: i64,
    #[serde(default)]
    scale_up_stabilization_window_s: i64,
    #[serde(default)]
    scale_down_stabilization_window_s: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StableSize {
    replicas: u32,
    log_length_after: Option<usize>,
    recommendations_after: Option<Vec<u32>>,
}

impl StableSize {
    fn agrees(&self, replicas: u32, memory: &HpaMemory) -> Result<(), Difference> {
        same("size", &replicas, &self.replicas)?;
        let log: Vec<u32> = memory.recommendations.iter().flatten().map(|r: &Recommendation| r.replicas).collect();
        self.log_length_after.map_or(Ok(()), |length| same("length of the log", &log.len(), &length))?;
        self.recommendations_after.as_ref().map_or(Ok(()), |expected| same("log", &log, expected))
    }
}

pub(crate) fn stabilize_without(input: &Stabilize, expect: &StableSize) -> Result<(), Difference> {
    let mut memory = memory_of(&input.recommendations);
    let replicas = stabilize_without_behavior(seconds(input.downscale_stabilization_window_s), input.desired_replicas, &mut memory, 0);
    expect.agrees(replicas, &memory)
}

pub(crate) fn stabilize_with(input: &Stabilize, expect: &StableSize) -> Result<(), Difference> {
    let mut memory = memory_of(&input.recommendations);
    let (up, down) = (seconds(input.scale_up_stabilization_window_s), seconds(input.scale_down_stabilization_window_s));
    let replicas = stabilize_with_behavior(up, down, input.current_replicas, input.desired_replicas, &mut memory, 0);
    expect.agrees(replicas, &memory)
}

#[derive(Deserialize)]
pub(crate) struct Store {
    directions: Vec<Direction>,
    replica_change: u32,
    replicas_before: u32,
    measure_period_s: u64,
    previous_events: Vec<EventJson>,
    rules: Option<RulesJson>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Direction {
    Up,
    Down,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stored {
    change_in_period_before_store: u32,
    events_after: Vec<StoredEvent>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct StoredEvent {
    change: u32,
    outdated: bool,
}

pub(crate) fn store(input: &Store, expect: &Stored) -> Result<(), Difference> {
    let config = config();
    let behavior = input.rules.as_ref().map(|rules| Behavior { scale_up: Some(rules.rules()), scale_down: Some(rules.rules()) });
    for direction in &input.directions {
        let mut memory = memory_of_events(&input.previous_events, &input.previous_events);
        let before = change_within(&memory.scale_up_events, Span::from_secs(input.measure_period_s), 0);
        same("change before", &before, &expect.change_in_period_before_store)?;

        let to = match direction {
            Direction::Up => input.replicas_before.saturating_add(input.replica_change),
            Direction::Down => input.replicas_before.saturating_sub(input.replica_change),
        };
        store_scale_event(&config, behavior.as_ref(), input.replicas_before, to, &mut memory, 0);
        let rules = behavior.as_ref().map(|behavior| match direction {
            Direction::Up => EffectiveRules::up(behavior),
            Direction::Down => EffectiveRules::down(behavior, &config),
        });
        let list = match direction {
            Direction::Up => &memory.scale_up_events,
            Direction::Down => &memory.scale_down_events,
        };
        let after: Vec<StoredEvent> =
            list.iter().map(|event| StoredEvent { change: event.change, outdated: rules.is_some_and(|rules| rules.outdates(event, 0)) }).collect();
        same("events after", &after, &expect.events_after)?;
    }
    Ok(())
}
