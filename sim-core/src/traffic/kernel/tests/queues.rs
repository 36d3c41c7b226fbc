//! Waiting times in closed form.

use super::{check, exponential, kernel, replicate, requests, t};
use crate::plan::Arrivals;
use crate::random::Distribution;
use crate::units::{Span, Time};

/// Erlang's C: the probability of waiting in M/M/c with `load` = lambda / mu.
fn erlang_c(c: u32, load: f64) -> f64 {
    // B(c) from the recursion B(n) = a B(n-1) / (n + a B(n-1)), then C = B / (1 - rho (1 - B)).
    let blocking = (1..=c).fold(1.0, |b, n| load * b / (f64::from(n) + load * b));
    blocking / (1.0 - load / f64::from(c) * (1.0 - blocking))
}

#[test]
fn erlang_c_gives_published_values() {
    for (c, load, p_wait) in [(2, 1.65, 0.745_890_411), (3, 2.0, 0.444_444_444), (10, 8.0, 0.409_180_151), (50, 45.0, 0.363_864_467)] {
        assert!((erlang_c(c, load) - p_wait).abs() < 1e-8, "{c}");
    }
}

#[test]
fn mean_waits_of_m_m_c_are_those_of_erlang() {
    for (c, rho) in [(1, 0.7), (2, 0.825), (4, 0.8), (8, 0.8), (16, 0.8), (50, 0.9)] {
        let rate = rho * f64::from(c);
        let plan = requests(rate, exponential(1.0), c);
        let [wait, latency, no_wait, p99, busy] = replicate(&plan, 1, Span::from_secs_f64(120_000.0 / rate), |_, _, measured| {
            let (wait, latency) = (&measured.meter.wait, &measured.meter.latency);
            let share = |q: f64| if wait.quantile(q) == 0 { 1.0 } else { 0.0 };
            // The share that did not wait, by bisection on the quantile.
            let (mut low, mut high) = (0.0, 1.0);
            for _ in 0..30 {
                let middle = f64::midpoint(low, high);
                if share(middle) == 1.0 { low = middle } else { high = middle }
            }
            [wait.mean() / 1e9, latency.mean() / 1e9, low, wait.quantile(0.99) as f64 / 1e9, measured.busy / measured.seconds]
        });
        let p_wait = erlang_c(c, rate);
        let spare = f64::from(c) - rate;
        check(&format!("M/M/{c} wait"), wait, p_wait / spare, 0.05);
        check(&format!("M/M/{c} latency"), latency, 1.0 + p_wait / spare, 0.02);
        check(&format!("M/M/{c} share that does not wait"), no_wait, 1.0 - p_wait, 0.02);
        check(&format!("M/M/{c} busy workers"), busy, rate, 0.01);
        // P(W > t) = C exp(-(c mu - lambda) t); the histogram adds up to 0.4 %.
        let exact = crate::math::ln(p_wait / 0.01) / spare;
        assert!((p99.0 / exact - 1.0).abs() < 4.0 * p99.1 / exact + 0.004, "M/M/{c} p99: {p99:?} for {exact}");
    }
}

#[test]
fn mean_waits_of_m_g_1_are_those_of_pollaczek_and_khinchine() {
    // Wq = lambda E[S^2] / (2 (1 - rho)) at lambda = 8, mean service 0.1.
    for (name, service, wait) in [
        ("M/D/1", Distribution::Constant(0.1), 0.2),
        ("M/E4/1", Distribution::gamma(0.1, 0.5), 0.25),
        ("M/M/1", exponential(0.1), 0.4),
        ("M/LN/1", Distribution::lognormal(0.1, 1.5), 0.2 * (1.0 + 2.25)),
        ("M/U/1", Distribution::Uniform { min: 0.0, max: 0.2 }, 0.2 * (1.0 + 1.0 / 3.0)),
    ] {
        let [estimate] = replicate(&requests(8.0, service, 1), 1, Span::from_secs(25_000), |_, _, measured| [measured.meter.wait.mean() / 1e9]);
        check(name, estimate, wait, 0.05);
    }
}

#[test]
fn deterministic_service_by_many_workers() {
    for (rate, workers, wait) in [(4.0, 5, 0.289_060_007), (9.0, 10, 0.344_582_05)] {
        let plan = requests(rate, Distribution::Constant(1.0), workers);
        let [estimate] = replicate(&plan, 1, Span::from_secs(20_000), |_, _, measured| [measured.meter.wait.mean() / 1e9]);
        check(&format!("M/D/{workers}"), estimate, wait, 0.05);
    }
}

#[test]
fn random_routing_splits_a_poisson_stream_into_poisson_streams() {
    // 5 pods of 10 a second at 40 a second: each is an M/M/1 at 80 %.
    for (service, wait) in [(exponential(0.1), 0.4), (Distribution::Constant(0.1), 0.2)] {
        let [estimate] = replicate(&requests(40.0, service, 1), 5, Span::from_secs(6000), |_, _, measured| [measured.meter.wait.mean() / 1e9]);
        check("five pods", estimate, wait, 0.05);
    }
}

#[test]
fn even_arrivals_in_turn_never_wait_below_saturation() {
    let mut plan = requests(40.0, Distribution::Constant(0.1), 1);
    plan.arrivals = Arrivals::Constant;
    plan.balancing = crate::plan::Balancing::RoundRobin;
    let (mut kernel, _) = kernel(&plan, 1, 5);
    kernel.advance(t(1000));
    let meter = kernel.take_window();
    assert_eq!((meter.offered, meter.wait.max(), meter.latency.max()), (39_999, 0, 100_000_000));
    assert_eq!((meter.completed, kernel.in_flight(), kernel.next_arrival()), (39_996, 3, t(1000)));
}

#[test]
fn little_holds_for_requests_in_flight() {
    let (mut kernel, _) = kernel(&requests(120.0, Distribution::lognormal(0.2, 1.0), 4), 3, 8);
    let mut in_flight = 0;
    for second in 1..=20_000 {
        kernel.advance(t(second));
        in_flight += kernel.in_flight();
    }
    let meter = kernel.take_window();
    let littles = meter.completed as f64 / 20_000.0 * meter.latency.mean() / 1e9;
    let sampled = in_flight as f64 / 20_000.0;
    assert!((sampled / littles - 1.0).abs() < 0.01, "{sampled} in flight, {littles} by Little's law");
}

#[test]
fn cpu_is_that_of_the_work_at_every_scrape() {
    // Without queueing and with constant service times, the busy time is known at every instant.
    let mut plan = requests(1.0, Distribution::Constant(0.4), 1);
    plan.arrivals = Arrivals::Constant;
    let (mut kernel, slots) = kernel(&plan, 1, 1);
    for tenth in 1..200_u64 {
        let now = Time::from_nanos(tenth * 100_000_000);
        kernel.advance(now);
        let (whole, rest) = (tenth / 10, tenth % 10);
        let expected = if whole == 0 { 0 } else { (whole - 1) * 4 + rest.min(4) };
        assert_eq!(kernel.busy(slots[0], now), expected * 100_000_000, "at {now}");
    }
}
