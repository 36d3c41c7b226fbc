//! The numbers of requests at a station that a chain tells apart.

/// Nodes up to which each step is as small as it can be; beyond, steps grow by this share.
const EVEN: usize = 128;
const GROWTH: f64 = 1.01;
/// Single steps below the number of workers; beyond, they grow too.
const BELOW: usize = 512;
/// Longest queue that is told apart where there is no limit.
const LONGEST: f64 = 1e9;

/// Requests at a station, in work and waiting: in single steps while workers are idle, then in steps of the queue.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grid {
    /// Requests at each node, ascending from 0.
    pub(super) x: Vec<f64>,
    /// The node at which every worker is busy and nothing waits.
    pub(super) full: usize,
    /// Step of the queue: half of the sum of the squared variations of arrivals and of services, so that a geometric number of steps has the mean of
    /// Allen and Cunneen's approximation, and Erlang's where both are 1.
    pub(super) step: f64,
    /// The node from which on requests queue: at workers, or for the cores that they share.
    pub(super) queues: usize,
}

impl Grid {
    /// Nodes for this many workers and at most `room` requests waiting.
    pub(super) fn new(workers: f64, step: f64, room: Option<f64>) -> Self {
        let step = step.clamp(0.02, 64.0);
        let mut x = vec![0.0];
        let mut gap = 1.0;
        while x[x.len() - 1] + 1.5 * gap < workers {
            x.push(x[x.len() - 1] + gap);
            gap *= if x.len() > BELOW { GROWTH } else { 1.0 };
        }
        let full = x.len();
        x.push(workers);
        let room = room.unwrap_or(LONGEST);
        let even = (room / step).round();
        if even <= EVEN as f64 {
            // The last node is the limit exactly.
            let count = if room > 0.0 { even.max(1.0) } else { 0.0 };
            x.extend((1..=count as usize).map(|node| workers + room * node as f64 / count));
        } else {
            let (mut waiting, mut gap) = (0.0, step);
            while waiting < room {
                gap *= if x.len() - full > EVEN { GROWTH } else { 1.0 };
                waiting = if waiting + 1.5 * gap > room { room } else { waiting + gap };
                x.push(workers + waiting);
            }
        }
        Self { x, full, step, queues: full }
    }

    /// Lets requests queue from this number on, although there are more workers.
    pub(super) fn queueing_from(mut self, requests: f64) -> Self {
        self.queues = self.full.min(self.x.partition_point(|x| *x < requests));
        self
    }

    /// Requests waiting at a node.
    pub(super) fn waiting(&self, node: usize) -> f64 {
        self.x[node] - self.x[self.full.min(node)]
    }

    /// The last node.
    pub(super) const fn top(&self) -> usize {
        self.x.len() - 1
    }

    /// The last node that is not above `x`.
    pub(super) fn below(&self, x: f64) -> usize {
        self.x.partition_point(|node| *node <= x).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::Grid;

    #[test]
    fn nodes_are_single_steps_up_to_the_limit() {
        let grid = Grid::new(3.0, 1.0, Some(4.0));
        assert_eq!(grid.x, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        assert_eq!((grid.full, grid.top(), grid.waiting(2), grid.waiting(5), grid.below(5.5)), (3, 7, 0.0, 2.0, 5));
        assert_eq!(Grid::new(2.0, 1.0, Some(0.0)).top(), 2);
        let long = Grid::new(4.0, 1.5, Some(5000.0));
        assert_eq!(long.x[long.top()], 5004.0);
        assert!(long.x.is_sorted_by(|a, b| a < b) && long.top() < 700);
        assert!(Grid::new(4.0, 1.0, None).top() < 2500);
        assert!(Grid::new(20_000.0, 1.0, Some(10.0)).full <= 1200);
    }
}
