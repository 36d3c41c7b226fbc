//! Pods without a node: who is tried next, and when again (the queue of kube-scheduler).
//!
//! Pods that are to be tried are *active*: the highest priority first, then the one that has waited longest since its last try. A pod that found no
//! node is *unschedulable* until something happens that may help it, or for [`QueueRules::flush`]. Then it is active again, or, while the pause after
//! its last try goes on, it *backs off*.
//!
//! Pods of one workload are alike and mostly fail together, so those that failed at one instant are kept together: a change of the cluster costs as
//! many steps as there are such groups, not as there are pods.

use std::cmp::Reverse;
use std::collections::{BTreeSet, VecDeque};

use crate::cluster::Pod;
use crate::id::Id;
use crate::plan::QueueRules;
use crate::units::{Span, Time};

/// The window in which pods that back off are compared by priority instead of by the end of their pauses.
const WINDOW: Span = Span::from_secs(1);

/// The scheduling queue.
#[derive(Clone, Debug)]
pub struct PendingQueue {
    rules: QueueRules,
    /// By workload.
    lines: Vec<Line>,
    /// The first active pod of each workload that has one: priority, since when it waits, its place in the order of creation.
    heads: BTreeSet<(Reverse<i32>, Time, u64, usize)>,
    /// Workloads with pods that are not active.
    waiting: BTreeSet<usize>,
    next: u64,
    len: usize,
}

/// The waiting pods of a workload.
#[derive(Clone, Debug, Default)]
struct Line {
    priority: i32,
    /// By (`since`, `place`).
    active: VecDeque<Waiting>,
    groups: Vec<Group>,
}

/// A pod that waits for a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its workload.
    pub workload: usize,
    /// The pod.
    pub pod: Id<Pod>,
    /// Its place in the order of creation.
    place: u64,
    /// Tries without success, as far as they make pauses longer.
    attempts: u32,
    /// Its creation or last try.
    since: Time,
}

/// Pods that failed at one instant.
#[derive(Clone, Debug)]
struct Group {
    attempts: u32,
    since: Time,
    /// Whether something happened that may help them.
    backs_off: bool,
    /// In the order of creation.
    pods: VecDeque<(u64, Id<Pod>)>,
}

impl PendingQueue {
    /// An empty queue for workloads with these priorities.
    pub fn new(rules: QueueRules, priorities: impl IntoIterator<Item = i32>) -> Self {
        let lines = priorities.into_iter().map(|priority| Line { priority, ..Line::default() }).collect();
        Self { rules, lines, heads: BTreeSet::new(), waiting: BTreeSet::new(), next: 0, len: 0 }
    }

    /// Whether no pod waits.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a new pod of a workload.
    pub fn push(&mut self, workload: usize, pod: Id<Pod>, now: Time) {
        let entry = Waiting { workload, pod, place: self.next, attempts: 0, since: now };
        self.next += 1;
        self.len += 1;
        self.unlist(workload);
        // A pod that was moved here after its last try may have waited less long than one that is older.
        let line = &mut self.lines[workload].active;
        let rank = line.partition_point(|other| (other.since, other.place) < (entry.since, entry.place));
        line.insert(rank, entry);
        self.list(workload);
    }

    /// The pods that found no node when they were last tried, by workload.
    pub fn unschedulable(&self) -> impl Iterator<Item = (usize, Id<Pod>)> + '_ {
        self.lines.iter().enumerate().flat_map(|(workload, line)| {
            let active = line.active.iter().filter(|entry| entry.attempts > 0).map(|entry| entry.pod);
            let groups = line.groups.iter().flat_map(|group| group.pods.iter().map(|pod| pod.1));
            active.chain(groups).map(move |pod| (workload, pod))
        })
    }

    /// Takes out the pod that is to be tried next; none if all have to wait.
    pub fn pop(&mut self) -> Option<Waiting> {
        if let Some((.., workload)) = self.heads.pop_first() {
            let entry = self.lines[workload].active.pop_front();
            self.list(workload);
            self.len -= 1;
            return entry;
        }
        if self.rules.pops_backoff { self.pop_backing_off() } else { None }
    }

    /// Takes out the first of those that back off: with nobody else to try, there is no reason to let them wait.
    fn pop_backing_off(&mut self) -> Option<Waiting> {
        let mut best = None;
        for workload in &self.waiting {
            let line = &self.lines[*workload];
            for (place, group) in line.groups.iter().enumerate().filter(|(_, group)| group.backs_off) {
                let end = group.since.saturating_add(self.rules.pause(group.attempts));
                let first = group.pods.front().map_or(u64::MAX, |pod| pod.0);
                let key = (end.as_nanos() / WINDOW.as_nanos(), Reverse(line.priority), group.since, first, *workload, place);
                best = best.into_iter().chain([key]).min();
            }
        }
        let (.., workload, place) = best?;
        let group = &mut self.lines[workload].groups[place];
        let (attempts, since) = (group.attempts, group.since);
        let (place, pod) = group.pods.pop_front()?;
        self.tidy(workload);
        self.len -= 1;
        Some(Waiting { workload, pod, place, attempts, since })
    }

    /// Puts a pod back that found no node.
    pub fn fail(&mut self, entry: Waiting, now: Time) {
        self.len += 1;
        self.put_back(entry.workload, entry.attempts + 1, now, [(entry.place, entry.pod)].into());
    }

    /// Marks all pods of a workload that would be tried now as having failed, but for those that `is_special`: they are no different from the one
    /// that did.
    pub fn fail_alike(&mut self, workload: usize, now: Time, is_special: impl Fn(Id<Pod>) -> bool) {
        self.unlist(workload);
        let (special, alike): (VecDeque<Waiting>, VecDeque<Waiting>) =
            std::mem::take(&mut self.lines[workload].active).into_iter().partition(|entry| is_special(entry.pod));
        self.lines[workload].active = special;
        self.list(workload);
        for entries in chunks(alike) {
            self.put_back(workload, entries[0].attempts + 1, now, entries.iter().map(|entry| (entry.place, entry.pod)).collect());
        }
        if self.rules.pops_backoff {
            let (tried, rest): (Vec<Group>, Vec<Group>) = std::mem::take(&mut self.lines[workload].groups)
                .into_iter()
                .partition(|group| group.backs_off && !group.pods.iter().any(|pod| is_special(pod.1)));
            self.lines[workload].groups = rest;
            for group in tried {
                self.put_back(workload, group.attempts + 1, now, group.pods);
            }
        }
    }

    /// Something happened that may help any pod.
    pub fn wake_all(&mut self, now: Time) {
        for workload in self.waiting.clone() {
            self.wake(workload, now);
        }
    }

    /// Something happened that may help the pods of a workload.
    pub fn wake(&mut self, workload: usize, now: Time) {
        self.move_on(workload, now, |_| true);
    }

    /// Lets time pass: pauses end, and what has been unschedulable for long is tried again.
    pub fn advance(&mut self, now: Time) {
        let flush = self.rules.flush;
        for workload in self.waiting.clone() {
            self.move_on(workload, now, |group| group.since.saturating_add(flush) <= now);
        }
    }

    /// When [`Self::advance`] has something to do.
    pub fn next_due(&self) -> Option<Time> {
        let due = |group: &Group| group.since.saturating_add(if group.backs_off { self.rules.pause(group.attempts) } else { self.rules.flush });
        self.waiting.iter().flat_map(|workload| &self.lines[*workload].groups).map(due).min()
    }

    /// Keeps only the pods of a workload that satisfy `keep`.
    pub fn retain(&mut self, workload: usize, keep: impl Fn(Id<Pod>) -> bool) {
        self.unlist(workload);
        let line = &mut self.lines[workload];
        self.len -= line.len();
        line.active.retain(|entry| keep(entry.pod));
        line.groups.iter_mut().for_each(|group| group.pods.retain(|pod| keep(pod.1)));
        self.len += line.len();
        self.tidy(workload);
        self.list(workload);
    }

    /// Moves those groups on that were helped: to the active pods when their pauses are over.
    fn move_on(&mut self, workload: usize, now: Time, is_helped: impl Fn(&Group) -> bool) {
        let rules = self.rules;
        let groups = &mut self.lines[workload].groups;
        for group in groups.iter_mut() {
            group.backs_off |= is_helped(group);
        }
        let is_over = |group: &mut Group| group.backs_off && group.since.saturating_add(rules.pause(group.attempts)) <= now;
        let over: Vec<Group> = groups.extract_if(.., is_over).collect();
        if over.is_empty() {
            return;
        }
        self.unlist(workload);
        let active = &mut self.lines[workload].active;
        for Group { attempts, since, pods, .. } in over {
            active.extend(pods.into_iter().map(|(place, pod)| Waiting { workload, pod, place, attempts, since }));
        }
        active.make_contiguous().sort_unstable_by_key(|entry| (entry.since, entry.place));
        self.tidy(workload);
        self.list(workload);
    }

    /// Adds unschedulable pods to those that failed as often at the same instant.
    fn put_back(&mut self, workload: usize, attempts: u32, now: Time, pods: VecDeque<(u64, Id<Pod>)>) {
        // Beyond the longest pause one more try makes no difference.
        let attempts = attempts.min(self.rules.longest());
        let groups = &mut self.lines[workload].groups;
        match groups.iter_mut().find(|group| (group.attempts, group.since, group.backs_off) == (attempts, now, false)) {
            Some(group) => {
                let is_sorted = group.pods.back() < pods.front();
                group.pods.extend(pods);
                if !is_sorted {
                    group.pods.make_contiguous().sort_unstable();
                }
            }
            None => groups.push(Group { attempts, since: now, backs_off: false, pods }),
        }
        self.waiting.insert(workload);
    }

    /// Forgets groups without pods.
    fn tidy(&mut self, workload: usize) {
        let groups = &mut self.lines[workload].groups;
        groups.retain(|group| !group.pods.is_empty());
        if groups.is_empty() {
            self.waiting.remove(&workload);
        }
    }

    fn list(&mut self, workload: usize) {
        self.heads.extend(self.lines[workload].head(workload));
    }

    fn unlist(&mut self, workload: usize) {
        if let Some(head) = self.lines[workload].head(workload) {
            self.heads.remove(&head);
        }
    }
}

impl Line {
    fn head(&self, workload: usize) -> Option<(Reverse<i32>, Time, u64, usize)> {
        self.active.front().map(|entry| (Reverse(self.priority), entry.since, entry.place, workload))
    }

    fn len(&self) -> usize {
        self.active.len() + self.groups.iter().map(|group| group.pods.len()).sum::<usize>()
    }
}

/// Pods that were tried as often, together.
fn chunks(mut entries: VecDeque<Waiting>) -> Vec<Vec<Waiting>> {
    let entries = entries.make_contiguous();
    entries.sort_by_key(|entry| (entry.attempts, entry.place));
    entries.chunk_by(|a, b| a.attempts == b.attempts).map(<[Waiting]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::PendingQueue;
    use crate::id::Id;
    use crate::plan::QueueRules;
    use crate::units::{Span, Time};

    const OLD: fn() -> QueueRules = || QueueRules { pops_backoff: false, ..QueueRules::default() };

    fn at(seconds: u64) -> Time {
        Time::from_secs(seconds)
    }

    fn order(queue: &mut PendingQueue) -> Vec<usize> {
        std::iter::from_fn(|| queue.pop()).map(|entry| entry.pod.index()).collect()
    }

    #[test]
    fn pauses_double_up_to_a_limit() {
        let rules = QueueRules::default();
        let pauses: Vec<u64> = (1..7).map(|attempts| rules.pause(attempts).as_nanos() / 1_000_000_000).collect();
        assert_eq!((pauses, rules.longest()), (vec![1, 2, 4, 8, 10, 10], 5));
        assert_eq!(QueueRules { initial_backoff: Span::ZERO, ..rules }.longest(), 1);
    }

    #[test]
    fn priority_comes_before_age() {
        let mut queue = PendingQueue::new(OLD(), [0, 10, 0]);
        for (pod, workload) in [0, 2, 1, 0, 1].into_iter().enumerate() {
            queue.push(workload, Id::new(pod), at(pod as u64));
        }
        assert_eq!(order(&mut queue), [2, 4, 0, 1, 3]);
        assert!(queue.is_empty());
    }

    #[test]
    fn who_failed_waits_for_a_cause_and_for_the_end_of_its_pause() {
        let mut queue = PendingQueue::new(OLD(), [0]);
        queue.push(0, Id::new(0), at(0));
        queue.push(0, Id::new(1), at(0));
        let first = queue.pop().unwrap();
        queue.fail(first, at(0));
        queue.fail_alike(0, at(0), |_| false);
        assert_eq!((queue.pop(), queue.next_due()), (None, Some(at(300))), "without a cause, for five minutes");
        queue.wake_all(Time::from_nanos(500_000_000));
        assert_eq!((queue.pop(), queue.next_due()), (None, Some(at(1))), "the pause goes on");
        queue.advance(at(1));
        let again = queue.pop().unwrap();
        queue.fail(again, at(1));
        queue.fail_alike(0, at(1), |_| false);
        queue.wake_all(at(2));
        assert_eq!(queue.next_due(), Some(at(3)), "the second pause is twice as long");
        queue.wake_all(at(3));
        assert_eq!(order(&mut queue), [0, 1]);
    }

    #[test]
    fn new_releases_cut_pauses_short_while_nobody_else_waits() {
        let mut queue = PendingQueue::new(QueueRules::default(), [0, 5]);
        queue.push(0, Id::new(0), at(0));
        queue.push(1, Id::new(1), at(0));
        for _ in 0..2 {
            let entry = queue.pop().unwrap();
            queue.fail(entry, at(0));
        }
        queue.wake_all(at(0));
        queue.push(0, Id::new(2), at(0));
        assert_eq!(order(&mut queue), [2, 1, 0], "active pods first, then by priority within a second");
    }

    #[test]
    fn what_is_unschedulable_for_long_is_tried_again_and_removed_pods_are_not() {
        let mut queue = PendingQueue::new(QueueRules::default(), [0]);
        for pod in 0..3 {
            queue.push(0, Id::new(pod), at(0));
        }
        let entry = queue.pop().unwrap();
        queue.fail(entry, at(1));
        queue.fail_alike(0, at(1), |pod| pod.index() == 2);
        assert_eq!(queue.pop().map(|entry| entry.pod.index()), Some(2), "a special pod is tried by itself");
        queue.retain(0, |pod| pod.index() != 0);
        queue.advance(at(300));
        assert_eq!(queue.pop(), None);
        queue.advance(at(301));
        assert_eq!(order(&mut queue), [1]);
    }
}
