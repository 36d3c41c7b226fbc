//! A hash of everything deterministic: two runs that agree in it agree in every event and decision.

use super::Decision;
use crate::cluster::Cause;
use crate::engine::Event;
use crate::units::Time;

/// A running 64-bit hash.
#[derive(Clone, Copy, Debug, Default)]
pub struct Digest {
    state: u64,
    events: u64,
}

impl Digest {
    /// Folds a word in.
    pub fn word(&mut self, word: u64) {
        let mixed = (self.state ^ word).wrapping_mul(0xff51_afd7_ed55_8ccd);
        self.state = (mixed ^ (mixed >> 32)).wrapping_mul(0xc4ce_b9fe_1a85_ec53).rotate_left(29);
    }

    /// Folds a text in.
    pub fn text(&mut self, text: &str) {
        self.word(text.len() as u64);
        let (whole, rest) = text.as_bytes().as_chunks::<8>();
        for word in whole {
            self.word(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.word(u64::from_le_bytes(word));
        }
    }

    /// The hash of a text alone, to be folded in as a word where the same is said again and again.
    pub fn of(text: &str) -> u64 {
        let mut digest = Self::default();
        digest.text(text);
        digest.state
    }

    /// Folds an event in and counts it.
    pub fn event(&mut self, at: Time, event: Event) {
        self.events += 1;
        self.word(at.as_nanos());
        self.word(u64::from(event.code()) << 56 ^ event.subject());
    }

    /// Folds a decision in.
    pub fn decision(&mut self, decision: &Decision) {
        match decision {
            Decision::Placed { pod, node, unit, .. } => {
                self.word(pod.index() as u64);
                self.word((node.index() as u64) << 8 | *unit as u64);
            }
            Decision::Scaled { from, to, .. } => self.word(u64::from(*from) << 32 | u64::from(*to)),
            Decision::Protected { pod, budget } => {
                self.word(pod.index() as u64);
                self.text(budget);
            }
            Decision::JobEnded { job, run, what, .. } => {
                self.word((job.index() as u64) << 32 | u64::from(*run));
                self.text(what);
            }
            Decision::Restarted { pod, cause, .. } => self.word(!(pod.index() as u64) << 16 | *cause as u64),
            Decision::Resized { service, revision, from, to, .. } => {
                self.word((service.index() as u64) << 32 | u64::from(*revision));
                self.word(u64::from(*from) << 32 | u64::from(*to));
            }
            Decision::RolledOut { service, revision, what, .. } => {
                self.word((service.index() as u64) << 32 | u64::from(*revision));
                self.text(what);
            }
            Decision::Refused { pod, reason } => {
                self.word(pod.index() as u64);
                self.text(reason);
            }
            Decision::Waited { pod, until } => {
                self.word(pod.index() as u64);
                self.word(until.as_nanos());
            }
            Decision::Nominated { pod, node, victims } => {
                self.word(pod.index() as u64);
                self.word((node.index() as u64) << 32 | u64::from(*victims));
            }
            Decision::Fault { place, begins, .. } => self.word(u64::from(*place) << 8 | u64::from(*begins)),
            Decision::NodeCondition { node, ready } => self.word((node.index() as u64) << 8 | u64::from(*ready)),
            Decision::Evicted { pod, cause } => {
                self.word(!(pod.index() as u64));
                if *cause != Cause::ScaleIn {
                    self.word(*cause as u64);
                }
            }
            Decision::Lost { pod, cause } => self.word(!(pod.index() as u64) << 8 | *cause as u64),
            Decision::Policy { workload, what, reason } => {
                self.word(*workload as u64);
                self.text(what);
                self.text(reason);
            }
            Decision::Changed { subject, what, .. } => {
                self.text(subject);
                self.text(what);
            }
            Decision::Submitted { job, run } | Decision::Completed { job, run } => self.word((job.index() as u64) << 32 | u64::from(*run)),
            Decision::Supply { pod, note } => {
                self.word(pod.index() as u64);
                self.text(note.event());
            }
            Decision::Grown { pool, from, to, reason } => {
                self.word((pool.index() as u64) << 48 | u64::from(*from) << 24 | u64::from(*to));
                self.text(reason);
            }
            Decision::BackedOff { pool, until, .. } => self.word((pool.index() as u64) << 48 ^ until.as_nanos()),
            Decision::NotGrown { reason } => self.text(reason),
            Decision::Node { node, what, .. } => {
                self.word(node.index() as u64);
                self.text(what);
            }
            Decision::Reloaded { place } => self.word(u64::from(*place)),
            Decision::Noted { service, action, object, reason, .. } => {
                self.word(service.index() as u64);
                for text in [*action, object, reason] {
                    self.text(text);
                }
            }
            Decision::Kept { service, reason } => {
                self.word(service.index() as u64);
                self.text(reason);
            }
        }
    }

    /// Events folded in so far.
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// The hash as 16 hexadecimal digits.
    pub fn hex(&self) -> String {
        format!("{:016x}", self.state)
    }
}
