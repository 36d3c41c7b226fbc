//! Random scenarios as text: small ones like the gallery's, with other loads, limits, disciplines, balancing and clients.
//!
//! A scenario depends on its number alone. All are so busy that flow fidelity takes rates.

use std::fmt::Write as _;

use sim_core::plan::FEW_REQUESTS;
use sim_core::random::{Stream, Streams, below, unit};

/// A stream of draws.
struct Dice(Stream);

impl Dice {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * unit(&mut self.0)
    }

    /// Even in the logarithm.
    fn factor(&mut self, low: f64, high: f64) -> f64 {
        low * (high / low).powf(unit(&mut self.0))
    }

    fn chance(&mut self, probability: f64) -> bool {
        unit(&mut self.0) < probability
    }

    fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        among[below(&mut self.0, among.len() as u64) as usize]
    }
}

/// The scenario with this number, and what is special about it.
pub(crate) fn write(number: u64) -> (String, String) {
    let mut dice = Dice(Streams::new(number).stream("flow"));
    let dice = &mut dice;
    let (mut text, mut what) = (String::new(), Vec::new());
    let minutes = dice.pick(&[60, 90, 120]);
    let cv = dice.pick(&[0.5, 1.0, 1.0, 1.5]);
    let mean = dice.factor(0.01, 0.12);
    let law = dice.pick(&["lognormal", "gamma", "exponential", "lognormal"]);
    let service = if law == "exponential" { format!("{{exponential: {mean:.4}s}}") } else { format!("{{{law}: {{mean: {mean:.4}s, cv: {cv}}}}}") };
    what.push(format!("{law} {:.0} ms cv {cv}", mean * 1000.0));
    let shares = dice.chance(0.2);
    let workers = if shares { dice.pick(&[16, 64, 500]) } else { dice.pick(&[1, 2, 4, 8, 16, 32]) };
    let cpu_share = dice.between(0.2, 0.9);
    let cores = if shares { 1.0 } else { f64::from(workers) };
    let users = dice.chance(0.15);
    let request = 1000.0 * if shares { 1.0 } else { (cores * cpu_share).max(0.1) };
    let target = dice.pick(&[40, 50, 60, 70, 80]);
    // As many pods as serve the wanted number of requests in the whole run.
    let wanted = FEW_REQUESTS * dice.factor(1.3, 4.0);
    let rate = wanted / (f64::from(minutes) * 60.0);
    let pods = (rate * mean / cores / (f64::from(target) / 100.0)).max(2.0);
    writeln!(text, "name: random-{number}\nduration: {minutes}m\nwindow: 1m").unwrap();
    // Some of the pods are instances, so that the bill depends on how many there are.
    let cpu = (pods * request / 1000.0 * dice.between(0.2, 0.5)).max(request / 1000.0).ceil();
    writeln!(text, "nodes:\n  - {{name: idc, tier: idc, count: 2, capacity: {{cpu: {cpu}, memory: 256Gi}}, reserved: none, maxPods: 250}}").unwrap();
    let start = dice.factor(5.0, 60.0);
    writeln!(text, "virtualNodes:\n  - {{name: vk-a, tier: eci, zone: cn-hangzhou-i, startUp: {{lognormal: {{mean: {start:.0}s, cv: 0.3}}}}}}").unwrap();
    writeln!(text, "services:\n  web:\n    replicas: {}", pods.ceil()).unwrap();
    writeln!(text, "    requests: {{cpu: {request:.0}m, memory: 512Mi}}\n    serviceTime: {service}\n    concurrency: {workers}").unwrap();
    if shares {
        writeln!(text, "    limits: {{cpu: 1}}\n    discipline: processorSharing").unwrap();
        what.push(format!("shared x{workers}"));
        if dice.chance(0.3) {
            writeln!(text, "    cfsPeriod: 100ms").unwrap();
            what.push("cfs".to_owned());
        }
    } else {
        writeln!(text, "    cpuPerRequest: {:.5}s", mean * cpu_share).unwrap();
        what.push(format!("x{workers}"));
    }
    let balancing = dice.pick(&["random", "random", "roundRobin", "powerOfTwo", "leastOutstanding", "{weighted: {idc: 3, eci: 2}}", "local"]);
    writeln!(text, "    balancing: {balancing}").unwrap();
    what.push(balancing.to_owned());
    if dice.chance(0.6) {
        let limit = dice.pick(&[5, 20, 100, 300]);
        writeln!(text, "    queueLimit: {limit}").unwrap();
        what.push(format!("limit {limit}"));
    }
    if dice.chance(0.5) {
        let timeout = dice.pick(&[0.5_f64, 1.0, 3.0, 10.0]).max(mean * 8.0);
        writeln!(text, "    timeout: {timeout:.2}s").unwrap();
        what.push(format!("timeout {timeout:.1}"));
        if dice.chance(0.4) {
            let budget = dice.pick(&["", ", budget: 10%"]);
            writeln!(text, "    retries: {{attempts: 3, backoff: {{initial: 200ms, max: 2s, jitter: 50%}}{budget}}}").unwrap();
            what.push(format!("retries{budget}"));
        }
    }
    if !shares && dice.chance(0.1) {
        writeln!(text, "    shedding: {{wait: {:.3}s}}", mean * 3.0).unwrap();
        what.push("shedding".to_owned());
    }
    if dice.chance(0.2) {
        writeln!(text, "    warmUp: {{length: 60s, speed: 50%}}").unwrap();
        what.push("warm-up".to_owned());
    }
    if dice.chance(0.2) {
        writeln!(text, "    speed: {{eci: 0.8}}").unwrap();
        what.push("slow eci".to_owned());
    }
    if !users && dice.chance(0.15) {
        let arrivals = dice.pick(&["constant", "{gamma: {cv: 0.5}}", "{hyperexponential: {cv: 2}}"]);
        writeln!(text, "    arrivals: {arrivals}").unwrap();
        what.push(arrivals.to_owned());
    }
    let (min, max) = ((pods / 3.0).ceil().max(1.0), (pods * 5.0).ceil());
    if dice.chance(0.85) {
        writeln!(text, "    autoscaler: {{hpa: {{min: {min}, max: {max}, cpu: {target}}}}}").unwrap();
        what.push(format!("hpa {target}"));
    }
    writeln!(text, "    placement: {{prefer: [idc, eci]}}\nload:\n  web:").unwrap();
    if users {
        let count = (rate * (mean * 1.3 + 1.0)).ceil();
        writeln!(text, "    - {{users: {{think: {{exponential: 1s}}, stages: [{{target: {count}, duration: 5m}}, {{target: {:.0}, duration: {}m}}, {{target: {count}, duration: 5m}}]}}}}", count * 1.5, minutes / 2).unwrap();
        what.push("users".to_owned());
    } else {
        match dice.pick(&[0, 1, 2, 3]) {
            0 => writeln!(text, "    - {{constant: {rate:.1}/s}}").unwrap(),
            1 => {
                writeln!(
                    text,
                    "    - {{stages: {{startRate: {:.1}/s, stages: [{{duration: 20m, target: {:.1}/s}}, {{duration: {}m, target: {:.1}/s}}]}}}}",
                    rate * 0.5,
                    rate * 1.8,
                    minutes - 20,
                    rate * 0.8
                )
                .unwrap();
                what.push("stages".to_owned());
            }
            2 => {
                let peak = rate * dice.pick(&[1.5, 3.0, 6.0]);
                writeln!(
                    text,
                    "    - {{constant: {:.1}/s}}\n    - {{flashSale: {{at: 20m, peak: {peak:.1}/s, rampUp: 30s, hold: 5m, decay: 10m}}}}",
                    rate * 0.6
                )
                .unwrap();
                what.push(format!("sale x{:.1}", peak / rate));
            }
            _ => {
                writeln!(text, "    - {{constant: {:.1}/s}}\n    - {{crawler: {{rate: {:.1}/s, on: 2m, off: 8m, start: 5m}}}}", rate * 0.8, rate).unwrap();
                what.push("crawler".to_owned());
            }
        }
    }
    (text, what.join(", "))
}
