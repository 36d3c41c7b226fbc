//! Draws for a scenario's text.

use sim_core::random::{Stream, Streams, below, unit};

/// A stream of draws.
pub(crate) struct Dice(Stream);

impl Dice {
    /// The draws for one part of a scenario, whatever others draw.
    pub(crate) fn new(number: u64, part: &str) -> Self {
        Self(Streams::new(number).stream(&format!("chaos/{part}")))
    }

    /// A whole number, both ends included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + below(&mut self.0, high - low + 1)
    }

    /// Whether something happens that does so with this probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        unit(&mut self.0) < probability
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, among: &[&'a T]) -> &'a T {
        among[below(&mut self.0, among.len() as u64) as usize]
    }

    pub(crate) fn one<'a>(&mut self, among: &'a [String]) -> &'a str {
        &among[below(&mut self.0, among.len() as u64) as usize]
    }
}
