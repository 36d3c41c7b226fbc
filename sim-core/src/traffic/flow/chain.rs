//! A station's number of requests as a birth-and-death chain, advanced by implicit steps.
//!
//! With single steps and exponential times the chain is the M/M/c or M/M/c/K queue itself, Erlang's formulas included. In its queue, steps and rates
//! have the drift and the variance of the real one (Kushner's Markov chain approximation of a diffusion), so that an overload grows as the fluid does. A step
//! by the backward Euler rule is stable whatever its length: a long one ends in the stationary distribution.

use super::grid::Grid;

/// Probabilities below this are not looked at.
const NOTHING: f64 = 1e-13;

/// The probability of each node.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub(super) p: Vec<f64>,
    /// First and last node that count.
    pub(super) low: usize,
    pub(super) high: usize,
}

/// Memory for steps.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    up: Vec<f64>,
    down: Vec<f64>,
    factor: Vec<f64>,
    /// The probabilities after the step, from `low` to `high`.
    pub(super) next: Vec<f64>,
    pub(super) low: usize,
    pub(super) high: usize,
}

/// Arrivals and departures a second at each node.
pub(super) trait Rates {
    /// Arrivals that the station takes.
    fn arrivals(&self, node: usize) -> f64;
    /// Departures.
    fn departures(&self, node: usize) -> f64;
}

impl Chain {
    /// An idle station.
    pub(super) fn idle(grid: &Grid) -> Self {
        let mut p = vec![0.0; grid.x.len()];
        p[0] = 1.0;
        Self { p, low: 0, high: 0 }
    }

    /// Finds the distribution after `dt` seconds. Returns by how much it differs from now, as a sum of absolute differences.
    pub(super) fn step(&self, grid: &Grid, rates: &impl Rates, dt: f64, scratch: &mut Scratch) -> f64 {
        let top = grid.top();
        let (mut low, mut high) = (self.low, (self.high + 4).min(top));
        loop {
            scratch.solve(self, grid, rates, dt, (low, high));
            let next = &scratch.next;
            let more_below = low > 0 && next[0] > NOTHING;
            let more_above = high < top && next[high - low] > NOTHING;
            if !more_below && !more_above {
                break;
            }
            if more_below {
                low = low.saturating_sub(8 + (high - low) / 4);
            }
            if more_above {
                high = (high + 8 + (high - low) / 4).min(top);
            }
        }
        (scratch.low, scratch.high) = (low, high);
        scratch.next.iter().zip(&self.p[low..=high]).map(|(next, now)| (next - now).abs()).sum()
    }

    /// Makes the step that was found last.
    pub(super) fn take(&mut self, scratch: &Scratch) {
        self.p[self.low..=self.high].fill(0.0);
        self.p[scratch.low..=scratch.high].copy_from_slice(&scratch.next);
        (self.low, self.high) = (scratch.low, scratch.high);
        self.trim();
    }

    /// Mixes in other stations, which are in the same group from now on: `share` is theirs.
    pub(super) fn mix(&mut self, other: &Self, share: f64) {
        self.low = self.low.min(other.low);
        self.high = self.high.max(other.high);
        for node in self.low..=self.high {
            self.p[node] += share * (other.p[node] - self.p[node]);
        }
        self.trim();
    }

    /// The same distribution on another grid, with every number of requests changed by `change`. Means are kept.
    pub(super) fn moved(&self, from: &Grid, to: &Grid, change: impl Fn(f64) -> f64) -> Self {
        let mut p = vec![0.0; to.x.len()];
        for node in self.low..=self.high {
            let x = change(from.x[node]).clamp(0.0, to.x[to.top()]);
            let below = to.below(x);
            let above = (below + 1).min(to.top());
            let share = if above > below { (x - to.x[below]) / (to.x[above] - to.x[below]) } else { 0.0 };
            p[below] += self.p[node] * (1.0 - share);
            p[above] += self.p[node] * share;
        }
        let mut moved = Self { low: 0, high: p.len() - 1, p };
        moved.trim();
        moved
    }

    /// The mean of a function of the node.
    #[cfg(test)]
    pub(super) fn mean(&self, of: impl Fn(usize) -> f64) -> f64 {
        (self.low..=self.high).map(|node| self.p[node] * of(node)).sum()
    }

    fn trim(&mut self) {
        while self.high > self.low && self.p[self.high] < NOTHING / 4.0 {
            self.p[self.high] = 0.0;
            self.high -= 1;
        }
        while self.low < self.high && self.p[self.low] < NOTHING / 4.0 {
            self.p[self.low] = 0.0;
            self.low += 1;
        }
        let sum: f64 = self.p[self.low..=self.high].iter().sum();
        self.p[self.low..=self.high].iter_mut().for_each(|p| *p /= sum);
    }
}

impl Scratch {
    /// Solves the backward Euler equations between two nodes, beyond which nothing goes.
    fn solve(&mut self, chain: &Chain, grid: &Grid, rates: &impl Rates, dt: f64, (low, high): (usize, usize)) {
        let count = high - low + 1;
        for list in [&mut self.up, &mut self.down, &mut self.factor, &mut self.next] {
            list.clear();
            list.resize(count, 0.0);
        }
        for node in low..=high {
            let (up, down) = jumps(grid, rates, node);
            self.up[node - low] = if node == high { 0.0 } else { up * dt };
            self.down[node - low] = if node == low { 0.0 } else { down * dt };
        }
        // Thomas' algorithm on (1 + up + down) p' - up(below) p'(below) - down(above) p'(above) = p.
        let (mut factor, mut value) = (0.0, 0.0);
        for i in 0..count {
            let from_below = if i > 0 { self.up[i - 1] } else { 0.0 };
            let pivot = 1.0 / (1.0 + self.up[i] + self.down[i] - from_below * factor);
            value = (chain.p[low + i] + from_below * value) * pivot;
            factor = if i + 1 < count { self.down[i + 1] * pivot } else { 0.0 };
            self.next[i] = value;
            self.factor[i] = factor;
        }
        for i in (0..count - 1).rev() {
            self.next[i] += self.factor[i] * self.next[i + 1];
        }
    }
}

/// Jumps a second to the next node and to the one before.
fn jumps(grid: &Grid, rates: &impl Rates, node: usize) -> (f64, f64) {
    let (arrivals, departures) = (rates.arrivals(node), rates.departures(node));
    let below = if node > 0 { grid.x[node] - grid.x[node - 1] } else { 1.0 };
    if node == grid.top() || arrivals <= 0.0 {
        return (0.0, if node > 0 { departures / below } else { 0.0 });
    }
    let above = grid.x[node + 1] - grid.x[node];
    if node == 0 || node == grid.queues {
        return (arrivals / above, if node > 0 { departures / below } else { 0.0 });
    }
    let drift = arrivals - departures;
    let variance = (arrivals + departures) * if node < grid.queues { 1.0 } else { grid.step };
    let up = (variance + drift * below) / (above * (above + below));
    let down = (variance - drift * above) / (below * (above + below));
    if down < 0.0 {
        (drift / above, 0.0)
    } else if up < 0.0 {
        (0.0, -drift / below)
    } else {
        (up, down)
    }
}

#[cfg(test)]
mod tests {
    use super::{Chain, Grid, Rates, Scratch};

    struct Queue {
        arrivals: f64,
        servers: f64,
    }

    impl Rates for (&Queue, &Grid) {
        fn arrivals(&self, _: usize) -> f64 {
            self.0.arrivals
        }

        fn departures(&self, node: usize) -> f64 {
            self.1.x[node].min(self.0.servers)
        }
    }

    fn after(queue: &Queue, grid: &Grid, steps: &[f64]) -> Chain {
        let (mut chain, mut scratch) = (Chain::idle(grid), Scratch::default());
        for &dt in steps {
            chain.step(grid, &(queue, grid), dt, &mut scratch);
            chain.take(&scratch);
        }
        chain
    }

    #[test]
    fn a_long_step_ends_in_erlangs_distribution() {
        // M/M/50 at 0.8: Erlang C is 0.0869532, from the reference table's mean wait of 8.69532 ms.
        let queue = Queue { arrivals: 40.0, servers: 50.0 };
        let grid = Grid::new(50.0, 1.0, None);
        let chain = after(&queue, &grid, &[1e9]);
        let waits = chain.mean(|node| f64::from(u8::from(node >= grid.full)));
        assert!((waits - 0.086_953_2).abs() < 1e-6, "{waits}");
        let queue_length = chain.mean(|node| grid.waiting(node));
        assert!((queue_length / 40.0 - 0.008_695_32).abs() < 1e-7, "{queue_length}");
        // M/M/1/3 at load 2: probabilities 1 : 2 : 4 : 8.
        let small = Grid::new(1.0, 1.0, Some(2.0));
        let lost = after(&Queue { arrivals: 2.0, servers: 1.0 }, &small, &[1e12]);
        for (node, share) in [1.0, 2.0, 4.0, 8.0].into_iter().enumerate() {
            assert!((lost.p[node] - share / 15.0).abs() < 1e-9, "{:?}", lost.p);
        }
    }

    #[test]
    fn an_overload_grows_as_the_fluid_does() {
        let queue = Queue { arrivals: 25.0, servers: 10.0 };
        let grid = Grid::new(10.0, 1.0, None);
        let inside = |chain: &Chain| chain.mean(|node| grid.x[node]);
        let half = after(&queue, &grid, &[0.1; 100]);
        let whole = after(&queue, &grid, &[0.1; 1000]);
        assert!((inside(&whole) - inside(&half) - 15.0 * 90.0).abs() < 1e-6, "{} {}", inside(&half), inside(&whole));
    }

    #[test]
    fn moving_to_another_grid_keeps_mass_and_mean() {
        let grid = Grid::new(4.0, 1.0, Some(100.0));
        let chain = after(&Queue { arrivals: 5.0, servers: 4.0 }, &grid, &[1.0; 30]);
        let other = Grid::new(8.0, 1.0, Some(200.0));
        let moved = chain.moved(&grid, &other, |x| x * 1.5);
        assert!((moved.mean(|_| 1.0) - 1.0).abs() < 1e-12);
        assert!((moved.mean(|node| other.x[node]) - 1.5 * chain.mean(|node| grid.x[node])).abs() < 1e-9);
    }
}
