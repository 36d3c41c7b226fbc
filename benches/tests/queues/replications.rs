//! Independent replications until they are precise enough.

use std::thread;

use sim_core::plan::Requests;
use sim_core::random::Streams;
use sim_core::traffic::{Endpoint, RequestKernel};
use sim_core::units::{Span, Time};

use crate::table::Row;

/// Student's t for 99.9 % and 31 degrees of freedom.
const T_31: f64 = 3.633;
const REPLICATIONS: usize = 32;
/// Requests of a replication at first, and at most.
const REQUESTS: (f64, f64) = (100_000.0, 60_000_000.0);

/// An estimate of one column.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    name: &'static str,
    exact: f64,
    mean: f64,
    /// Half of the 99.9 % interval.
    half_width: f64,
}

impl Figure {
    /// Half-width asked for, as a share of the mean.
    fn precision(&self) -> f64 {
        if self.name.ends_with("_p99") || self.name.ends_with("_p95") { 0.02 } else { 0.01 }
    }

    fn is_precise(&self) -> bool {
        self.half_width <= self.precision() * self.exact
    }

    /// What is wrong with it.
    pub(crate) fn verdict(&self) -> Option<String> {
        // Quantiles come from a histogram with a relative error of 0.4 %; a count is a whole number.
        let resolution = match self.name {
            "busy_p95" => 1.0,
            name if name.contains("_p9") => 0.004 * self.exact,
            // The table has nine digits.
            _ => 1e-9 * self.exact,
        };
        let is_right = (self.mean - self.exact).abs() <= self.half_width + resolution;
        (!is_right || !self.is_precise()).then(|| format!("{}: {} ± {}, exactly {}", self.name, self.mean, self.half_width, self.exact))
    }
}

/// All columns of a row that a run can show.
pub(crate) fn run(plan: &Requests, pods: usize, row: &Row) -> Vec<Figure> {
    let mut requests = REQUESTS.0;
    loop {
        let span = Span::from_secs_f64(requests / row.lam);
        let mut values = vec![Vec::new(); row.known.len()];
        thread::scope(|scope| {
            let halves: Vec<_> = (0..2)
                .map(|half| {
                    scope.spawn(move || {
                        (half * REPLICATIONS / 2..(half + 1) * REPLICATIONS / 2).map(|seed| one(plan, pods, row, span, seed)).collect::<Vec<_>>()
                    })
                })
                .collect();
            for half in halves {
                for figures in half.join().unwrap() {
                    figures.into_iter().zip(&mut values).for_each(|(value, list)| list.push(value));
                }
            }
        });
        let figures: Vec<Figure> = row
            .known
            .iter()
            .zip(&values)
            .map(|(&(name, exact), values)| {
                let mean = values.iter().sum::<f64>() / REPLICATIONS as f64;
                let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (REPLICATIONS - 1) as f64;
                Figure { name, exact, mean, half_width: T_31 * (variance / REPLICATIONS as f64).sqrt() }
            })
            .collect();
        let worst = figures.iter().map(|figure| figure.half_width / (figure.precision() * figure.exact)).fold(0.0, f64::max);
        if worst <= 1.0 || requests >= REQUESTS.1 {
            return figures;
        }
        // The width falls with the root of the length.
        requests = (requests * (1.3 * worst * worst).clamp(1.5, 50.0)).min(REQUESTS.1);
    }
}

/// One replication: started empty, measured after a tenth of it.
fn one(plan: &Requests, pods: usize, row: &Row, span: Span, seed: usize) -> Vec<f64> {
    let mut kernel = RequestKernel::new(plan, Streams::new(seed as u64), "web");
    let slots: Vec<_> = (0..pods).map(|_| kernel.add_endpoint(Endpoint::PLAIN)).collect();
    let (from, to) = (Time::from_nanos(span.as_nanos() / 10), Time::ZERO + span);
    let busy = |kernel: &RequestKernel, at: Time| slots.iter().map(|slot| u128::from(kernel.busy(*slot, at))).sum::<u128>();
    kernel.advance(from);
    kernel.take_window();
    let before = busy(&kernel, from);
    let in_system = if row.system == "M/G/inf" { sample(&mut kernel, from, to) } else { Vec::new() };
    kernel.advance(to);
    let busy = (busy(&kernel, to) - before) as f64 / to.since(from).as_nanos() as f64;
    let meter = kernel.take_window();
    row.known
        .iter()
        .map(|(name, _)| match *name {
            "p_wait" => 1.0 - meter.wait.share_of_zeros(),
            "p_loss" => meter.rejected as f64 / meter.offered as f64,
            "wq_mean" => meter.wait.mean() / 1e9,
            "t_mean" => meter.latency.mean() / 1e9,
            "wq_p95" => meter.wait.quantile(0.95) as f64 / 1e9,
            "wq_p99" => meter.wait.quantile(0.99) as f64 / 1e9,
            // Waking up keeps a worker busy as well: what is known there is the work alone.
            "util" if row.setup_mean.is_some() => row.lam / row.mu,
            "util" => busy / f64::from(row.c.max(1)),
            "busy_mean" => busy,
            "busy_p95" => f64::from(in_system[in_system.len() * 95 / 100]),
            other => panic!("no figure for {other}"),
        })
        .collect()
}

/// Requests in the system at instants two mean services apart, in ascending order.
fn sample(kernel: &mut RequestKernel, from: Time, to: Time) -> Vec<u32> {
    let step = Span::from_secs(8);
    let mut counts = Vec::new();
    let mut now = from + step;
    while now < to {
        kernel.advance(now);
        counts.push(kernel.in_flight() as u32);
        now += step;
    }
    counts.sort_unstable();
    counts
}
