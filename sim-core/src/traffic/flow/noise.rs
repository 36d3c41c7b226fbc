//! Chance in rates: as many requests come as a random process would bring, and they are as much work.
//!
//! Autoscalers react to the largest of several readings, so without chance they would ask for less.

use rand_distr::{Distribution as _, StandardNormal};

use super::law::Law;
use crate::plan::{Arrivals, Requests, Users};
use crate::random::{Distribution, Stream, exp1};

/// Draws how many requests come, and how much more work they are than the mean.
#[derive(Clone, Debug)]
pub(super) struct Noise {
    arrivals: Stream,
    services: Stream,
    /// Squared coefficient of variation of the gaps between arrivals; of users, of the time from one request to the next.
    pub(super) variation: f64,
    /// Expected arrivals that have not come yet, where nothing is random.
    due: f64,
}

/// Up to this many expected arrivals they are drawn one by one.
const FEW: f64 = 12.0;

impl Noise {
    pub(super) fn new(plan: &Requests, arrivals: Stream, services: Stream) -> Self {
        let variation = match &plan.arrivals {
            _ if plan.users.is_some() => plan.users.as_ref().map_or(0.0, |users| cycle(users, &plan.service_time)),
            Arrivals::Poisson => 1.0,
            Arrivals::Constant => 0.0,
            Arrivals::Renewal(gap) => gap.variance().unwrap_or(100.0).min(100.0),
        };
        Self { arrivals, services, variation, due: 0.0 }
    }

    /// By how many the requests of users differ from those expected.
    pub(super) fn more(&mut self, expected: f64) -> f64 {
        let z: f64 = StandardNormal.sample(&mut self.arrivals);
        (expected * self.variation).sqrt() * z
    }

    /// How many requests come of those expected.
    pub(super) fn count(&mut self, expected: f64) -> u64 {
        if expected <= 0.0 {
            return 0;
        }
        if self.variation == 0.0 {
            self.due += expected;
            let come = self.due as u64;
            self.due -= come as f64;
            return come;
        }
        if expected < FEW {
            // A Poisson process; with other gaps as many as that in clumps, which has the same mean and variance.
            let mut left = expected / self.variation.max(0.05);
            let mut clumps = 0_u64;
            loop {
                left -= exp1(&mut self.arrivals);
                if left < 0.0 {
                    break;
                }
                clumps += 1;
            }
            self.due += clumps as f64 * self.variation.max(0.05);
            let come = self.due as u64;
            self.due -= come as f64;
            return come;
        }
        let z: f64 = StandardNormal.sample(&mut self.arrivals);
        let drawn = expected + (expected * self.variation).sqrt() * z + (z * z - 1.0) / 6.0 + self.due;
        let come = drawn.max(0.0) as u64;
        self.due = (drawn - come as f64).clamp(0.0, 1.0);
        come
    }

    /// By how much the work of this many requests exceeds the mean, in standard deviations of one.
    pub(super) fn excess(&mut self, count: f64) -> f64 {
        let z: f64 = StandardNormal.sample(&mut self.services);
        count.sqrt() * z
    }
}

/// Squared coefficient of variation of the time from one request of a user to the next, at pods without queues: over a long time, the variance of a renewal
/// process is that times its mean.
fn cycle(users: &Users, service: &Distribution) -> f64 {
    let (think, service) = (Law::new(&users.think), Law::new(service));
    let mean = think.mean + service.mean;
    let variance = think.scv * think.mean * think.mean + service.scv * service.mean * service.mean;
    if mean > 0.0 { (variance / (mean * mean)).min(1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::Noise;
    use crate::plan::{Arrivals, Requests};
    use crate::random::{Distribution, Streams};

    #[test]
    fn counts_have_the_mean_and_variance_of_the_process() {
        for (arrivals, variation) in [(Arrivals::Poisson, 1.0), (Arrivals::Constant, 0.0), (Arrivals::Renewal(Distribution::gamma(1.0, 2.0)), 4.0)] {
            for expected in [0.3, 7.7, 40.0, 3000.0] {
                let plan = Requests { arrivals: arrivals.clone(), ..Requests::new(Distribution::Constant(1.0), 1) };
                let streams = Streams::new(1);
                let mut noise = Noise::new(&plan, streams.stream("a"), streams.stream("s"));
                let counts: Vec<f64> = (0..20_000).map(|_| noise.count(expected) as f64).collect();
                let mean = counts.iter().sum::<f64>() / 20_000.0;
                let variance = counts.iter().map(|count| (count - mean) * (count - mean)).sum::<f64>() / 20_000.0;
                let error = (expected * f64::max(variation, 0.01) / 20_000.0).sqrt();
                assert!((mean - expected).abs() < 5.0 * error, "{arrivals:?} {expected}: mean {mean}");
                assert!((variance - expected * variation).abs() < 0.06 * expected * variation + 0.6, "{arrivals:?} {expected}: variance {variance}");
            }
        }
    }
}
