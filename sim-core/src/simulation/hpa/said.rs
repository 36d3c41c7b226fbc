//! What an HPA said, so that saying it again costs little: a year has two million syncs, and mostly one says what the last one said.

use std::fmt::Write;
use std::rc::Rc;

use crate::autoscaling::hpa::Reason;
use crate::observe::Digest;
use crate::units::MilliCpu;

/// Pods that all look the same to an HPA: those of one class, how many, and what each uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulation) struct Sight {
    pub class: usize,
    pub pods: u32,
    pub cpu: MilliCpu,
    pub desired: u32,
}

/// A verdict in words.
#[derive(Clone, Debug)]
pub(in crate::simulation) struct Words {
    pub text: Rc<str>,
    /// Their hash.
    pub digest: u64,
}

/// What the HPA of a service said last.
#[derive(Clone, Debug, Default)]
pub(in crate::simulation) struct Said {
    /// What it decided, and the same in words.
    pub last: Option<(Reason, Words)>,
    /// What it saw then, if all pods looked the same.
    pub sight: Option<Sight>,
    /// What it said when it last left the service alone; none after a scaling.
    pub kept: Option<Words>,
}

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        Self { text: text.into(), digest: Digest::of(text) }
    }
}

impl From<&Reason> for Words {
    fn from(reason: &Reason) -> Self {
        // Long enough for nearly all of them: a text that grows is moved several times.
        let mut text = String::with_capacity(192);
        write!(text, "{reason}").expect("a text takes everything");
        Self::from(text.as_str())
    }
}

impl Words {
    /// Whether these are the same words, whatever their figures.
    pub(super) fn say_as_much_as(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.text, &other.text) || without_figures(&self.text).eq(without_figures(&other.text))
    }
}

fn without_figures(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| !c.is_ascii_digit())
}
