//! What becomes of requests at the stations in a step of time.

use super::Stations;

/// What becomes of requests in a step.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Flows {
    pub(in super::super) arrived: f64,
    pub(in super::super) answered: f64,
    pub(in super::super) timed_out: f64,
    pub(in super::super) rejected: f64,
}

impl Stations {
    /// Finds the step of `dt` seconds at this rate of all arrivals, of users who think for some seconds and how many they are. Returns by how much distributions would change.
    pub(in super::super) fn try_step(&mut self, total: f64, dt: f64, users: Option<(f64, f64)>) -> f64 {
        let weight: f64 = self.groups.iter().map(|group| group.stations * group.kind.weight).sum();
        let tails = self.rules.two_choices.then(|| self.tails());
        let pods: f64 = self.groups.iter().map(|group| group.stations).sum();
        self.total_rate = total;
        let one = self.is_one();
        let mut change = 0.0;
        for group in self.groups.iter_mut().filter(|group| group.stations > 0.0) {
            let share = if weight > 0.0 { group.kind.weight / weight } else { 1.0 / pods };
            group.bias.clear();
            if let Some(tails) = &tails {
                group.bias.extend(tails.windows(2).map(|pair| pair[0] + pair[1]));
            }
            if let Some((think, present)) = users.filter(|_| total > 0.0) {
                // Users who are here are not among those who will come: of one station, exactly so; of several, as many fewer come to each as are here.
                let inside = group.moments.inside;
                let others = if one { think * total } else { present };
                let fewer = |x: f64| (1.0 + (inside - x) / others).max(0.0);
                if group.bias.is_empty() {
                    group.bias.extend(self.grid.x.iter().map(|x| fewer(*x)));
                } else {
                    group.bias.iter_mut().zip(&self.grid.x).for_each(|(bias, x)| *bias *= fewer(*x));
                }
            }
            if group.kind.deaf {
                group.rate = total * share;
            } else {
                change += group.stations / pods * group.try_step(&self.grid, &self.capacity, total * share, dt);
            }
        }
        change
    }

    /// Probability that a pod has at least as many requests as each node, and zero at the end.
    fn tails(&self) -> Vec<f64> {
        let pods: f64 = self.groups.iter().map(|group| group.stations).sum();
        let mut tails = vec![0.0; self.grid.x.len() + 1];
        if pods < 1.5 {
            // The only pod gets every request: its tails add up to one at each node.
            tails.fill(0.5);
            return tails;
        }
        for group in self.groups.iter().filter(|group| group.stations > 0.0) {
            let chain = &group.chain;
            for (tail, p) in tails[chain.low..=chain.high].iter_mut().zip(&chain.p[chain.low..=chain.high]) {
                *tail += group.stations / pods * p;
            }
        }
        for node in (0..self.grid.x.len()).rev() {
            tails[node] += tails[node + 1];
        }
        tails
    }

    /// Requests at pods after the step that was found last.
    pub(in super::super) fn inside_next(&self) -> f64 {
        let groups = self.groups.iter().filter(|group| group.stations > 0.0 && !group.kind.deaf);
        groups.map(|group| group.stations * group.inside_next(&self.grid)).sum()
    }

    /// Makes that step.
    pub(in super::super) fn take_step(&mut self) {
        for group in self.groups.iter_mut().filter(|group| group.stations > 0.0 && !group.kind.deaf) {
            group.take_step(&self.grid, &self.capacity);
        }
        self.count();
    }

    /// Lets `dt` seconds go by with the present distributions at this rate of all arrivals, `more` times as many as expected.
    pub(in super::super) fn pass(&mut self, total: f64, dt: f64, more: f64) -> Flows {
        let change = if self.total_rate > 0.0 { total / self.total_rate } else { 1.0 };
        let mut flows = Flows::default();
        // Those that look the same to autoscalers are not new.
        let old: f64 = self.groups.iter().filter(|group| !group.kind.is_new).map(|group| group.stations).sum::<f64>() * self.rules.each(&self.grid);
        for group in self.groups.iter_mut().filter(|group| group.stations > 0.0) {
            let requests = group.rate * change * group.stations * dt * more;
            let moments = group.moments;
            if group.kind.deaf {
                let all = requests * group.bias_at(0);
                flows.arrived += all;
                flows.rejected += all;
                continue;
            }
            let work = moments.work * (1.0 + moments.idle * (change - 1.0)) * dt;
            group.worked += work;
            if !group.kind.is_new || old == 0.0 {
                self.mean_busy += work * group.stations * 1e9 / if old > 0.0 { old } else { f64::from(self.members) };
            }
            group.busy += work * 1e9 / self.rules.each(&self.grid);
            group.arrive(requests);
            flows.answered += requests * moments.answered;
            let refused = requests * moments.refused;
            let hopeless = requests * moments.hopeless;
            let turned_away = self.rules.turned_away(group.rate * change, self.grid.x[self.grid.full]);
            flows.rejected += refused + hopeless * turned_away;
            flows.timed_out += requests * moments.late + hopeless * (1.0 - turned_away);
            flows.arrived += requests * (moments.answered + moments.late) + refused + hopeless;
        }
        flows
    }

    /// Notes how many times as much work attempts are as requests, and how many times as many are answered. Returns by how much that has changed.
    pub(in super::super) fn weigh(&mut self, heavy: f64, answered: f64) -> f64 {
        let old = self.groups.first().map_or(heavy, |group| group.heavy);
        for group in &mut self.groups {
            (group.heavy, group.answered) = (heavy, answered);
        }
        (heavy / old - 1.0).abs()
    }

    /// Does worker-seconds more than since the last call, or fewer; returns how many. Each pod gets its part of them, and none works backwards.
    pub(in super::super) fn work_more(&mut self, seconds: f64) -> f64 {
        let worked: f64 = self.groups.iter().map(|group| group.worked * group.stations).sum();
        let share = if worked > 0.0 { (seconds / worked).clamp(-0.9, 1.0) } else { 0.0 };
        let each = self.rules.each(&self.grid);
        for group in &mut self.groups {
            group.busy += group.worked * share * 1e9 / each;
            group.worked = 0.0;
        }
        self.mean_busy += worked * share * 1e9 / f64::from(self.members.max(1));
        worked * share
    }

    /// Probability that a pod has an idle worker, over all pods, and the share of arrivals that get no worker.
    pub(in super::super) fn room(&self) -> (f64, f64) {
        let groups = self.groups.iter().filter(|group| !group.kind.deaf);
        let (idle, lost, count) = groups.fold((0.0, 0.0, 0.0), |(idle, lost, count), group| {
            let of = group.moments;
            (idle + group.stations * of.idle, lost + group.stations * (of.refused + of.hopeless), count + group.stations)
        });
        if count > 0.0 { (idle / count, lost / count) } else { (0.0, 0.0) }
    }

    /// By how much the rate of all arrivals differs from the last step's, as a share.
    pub(in super::super) fn drift(&self, total: f64) -> f64 {
        if self.total_rate > 0.0 { (total / self.total_rate - 1.0).abs() } else { f64::from(u8::from(total > 0.0)) }
    }

    /// Puts requests that all come at this instant among the pods.
    pub(in super::super) fn burst(&mut self, requests: f64) {
        let stations: f64 = self.groups.iter().filter(|group| !group.kind.deaf).map(|group| group.stations).sum();
        if stations == 0.0 {
            return;
        }
        for group in self.groups.iter_mut().filter(|group| group.stations > 0.0 && !group.kind.deaf) {
            group.settle();
            let each = requests / stations;
            for node in group.chain.low..=group.chain.high {
                group.found[node] += requests * group.stations / stations * group.chain.p[node];
            }
            group.chain = group.chain.moved(&self.grid, &self.grid, |x| x + each);
            group.refresh(&self.grid, &self.capacity);
        }
        self.count();
    }
}
