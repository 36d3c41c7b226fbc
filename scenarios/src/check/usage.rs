//! What a pod uses besides the CPU of its requests.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sim_core::plan::{Container, Curve, Growth, MILLION, MemoryUse, Part, PodUsage, StartUpCpu};
use sim_core::units::{Bytes, MilliCpu, Quantity, Span, Time};

use super::limits::SPAN_MAX;
use super::{Context, code};
use crate::issue::Path;
use crate::spec::{self, CpuPart, MemoryPart};
use crate::text::{Share, Text};
use crate::wording::quote;

/// The plan's use of the pods of the service at `path`.
pub(super) fn read(cx: &mut Context<'_>, written: &spec::Service, path: &Path) -> PodUsage {
    PodUsage {
        memory: written.memory.as_ref().map(|memory| memory_use(cx, memory, &path.key("memory"))),
        memory_limit: memory_limit(&written.limits),
        start_up: written.start_up.as_ref().map(|start| start_up(cx, start, &path.key("startUp"))),
        containers: containers(cx, &written.containers, &path.key("containers")),
        pod_level_requests: written.containers.len() < 2 || (!written.requests.0.is_empty() && !written.requests_are_a_sum),
    }
}

/// The service with the sum of its containers' requests, unless it says itself what its pods request.
pub(super) fn with_requests(written: &spec::Service) -> Cow<'_, spec::Service> {
    if written.containers.is_empty() || !written.requests.0.is_empty() {
        return Cow::Borrowed(written);
    }
    let mut sums: BTreeMap<String, i128> = BTreeMap::new();
    for (name, amount) in written.containers.iter().flat_map(|container| &container.requests.0) {
        *sums.entry(name.clone()).or_default() += amount.0.as_nano();
    }
    let sums = sums.into_iter().filter_map(|(name, nano)| Some((name, Text(Quantity::from_nano(nano)?)))).collect();
    Cow::Owned(spec::Service { requests: spec::Amounts(sums), requests_are_a_sum: true, ..written.clone() })
}

/// The memory limit among `limits`.
pub(super) fn memory_limit(limits: &spec::Amounts) -> Option<Bytes> {
    limits.0.get("memory").map(|amount| Bytes(amount.0.as_units().clamp(0, i128::from(u64::MAX)) as u64))
}

/// The memory of a job's pods, which have no requests.
pub(super) fn of_job(cx: &mut Context<'_>, written: &spec::MemoryUse, path: &Path) -> MemoryUse {
    for (given, key) in [(written.per_request.0.0 > 0, "perRequest"), (written.total.is_some(), "total")] {
        if given {
            cx.issues.error(code::CONFLICT, path.key(key), format!("`{key}` is about services: a job has no requests")).on_key();
        }
    }
    memory_use(cx, written, path)
}

fn memory_use(cx: &mut Context<'_>, written: &spec::MemoryUse, path: &Path) -> MemoryUse {
    let shared = written.total.as_ref().map(|points| {
        let ordered = points.windows(2).all(|pair| pair[0].0.0 < pair[1].0.0);
        if points.is_empty() || !ordered {
            cx.issues.error(code::ORDER, path.key("total"), "at least one point is needed, and times are in ascending order");
            return Curve::default();
        }
        Curve::steps(&points.iter().map(|(at, amount)| (Time::ZERO + at.0, amount.0.0 as f64)).collect::<Vec<_>>())
    });
    let growth = written.growth.as_ref().map(|growth| Growth { per_hour: growth.per_hour.0, max: growth.max.map(|max| max.0) });
    MemoryUse { base: written.base.0, per_request: written.per_request.0, growth, shared }
}

fn start_up(cx: &mut Context<'_>, written: &spec::StartUp, path: &Path) -> StartUpCpu {
    for (span, key) in [(written.before_ready.unwrap_or_default(), "beforeReady"), (written.after_ready, "afterReady")] {
        if span.0 > SPAN_MAX {
            cx.issues.error(code::TOO_LARGE, path.key(key), "a time of at most 10 years is possible");
        }
    }
    if written.cpu.0.0 > 1_000_000_000 {
        cx.issues.error(code::TOO_LARGE, path.key("cpu"), "a pod uses at most a million cores");
    }
    StartUpCpu {
        cpu: written.cpu.0,
        before_ready: written.before_ready.map(|span: crate::text::Duration| -> Span { span.0 }),
        after_ready: written.after_ready.0,
    }
}

fn containers(cx: &mut Context<'_>, written: &[spec::Container], path: &Path) -> Vec<Container> {
    for (i, container) in written.iter().enumerate() {
        if written[..i].iter().any(|other| other.name == container.name) {
            cx.issues.error(code::DUPLICATE_NAME, path.index(i).key("name"), format!("two containers are called {}", quote(&container.name)));
        }
    }
    let cpu = parts(cx, written, path, "cpu", |container| {
        container.cpu.map(|part| match part {
            CpuPart::Fixed(cpu) => Part::Fixed(cpu.0),
            CpuPart::Share(share) => Part::Share(millionths(share.0)),
        })
    });
    let memory = parts(cx, written, path, "memory", |container| {
        container.memory.map(|part| match part {
            MemoryPart::Fixed(memory) => Part::Fixed(memory.0),
            MemoryPart::Share(share) => Part::Share(millionths(share.0)),
        })
    });
    let request = |container: &spec::Container, name: &str| container.requests.0.get(name).map(|amount| amount.0);
    let all = written.iter().zip(cpu.into_iter().zip(memory));
    all.map(|(container, (cpu, memory))| Container {
        name: container.name.clone(),
        cpu_request: request(container, "cpu").map(|amount| MilliCpu(amount.as_milli().clamp(0, i128::from(u64::MAX)) as u64)),
        memory_request: request(container, "memory").map(|amount| Bytes(amount.as_units().clamp(0, i128::from(u64::MAX)) as u64)),
        cpu,
        memory,
    })
    .collect()
}

fn millionths(share: Share) -> u32 {
    (share.0 * f64::from(MILLION)).round() as u32
}

/// The part of each container; those that say nothing have the rest in even parts.
fn parts<T: Copy>(cx: &mut Context<'_>, written: &[spec::Container], path: &Path, key: &str, of: impl Fn(&spec::Container) -> Option<Part<T>>) -> Vec<Part<T>> {
    let given: u32 = written.iter().filter_map(&of).map(|part| if let Part::Share(share) = part { share } else { 0 }).sum();
    let open = written.iter().filter(|container| of(container).is_none()).count() as u32;
    if given > MILLION || (open == 0 && given < MILLION && !written.is_empty()) {
        cx.issues
            .error(code::CONFLICT, path, format!("the `{key}` shares of all containers add up to {}% instead of 100%", f64::from(given) / 10_000.0))
            .with_help(format!("leave out `{key}` for the container that does the rest"));
    }
    let rest = MILLION.saturating_sub(given);
    let mut left = open;
    let mut remaining = rest;
    written
        .iter()
        .map(|container| {
            of(container).unwrap_or_else(|| {
                let share = remaining / left.max(1);
                remaining -= share;
                left = left.saturating_sub(1);
                Part::Share(share)
            })
        })
        .collect()
}
