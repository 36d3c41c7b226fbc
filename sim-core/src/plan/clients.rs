//! Clients whose next request depends on what became of the last one.

use crate::random::Distribution;
use crate::units::{Span, Time};

/// A closed loop: each user sends a request, waits for what becomes of it, thinks, and starts again.
#[derive(Clone, Debug)]
pub struct Users {
    /// How many there are from these instants on, in ascending order; none before the first. Users who come send at once, users who are too many
    /// leave when they would send next.
    pub count: Vec<(Time, u32)>,
    /// Seconds between the end of a request and the next one.
    pub think: Distribution,
}

/// What a client does about an attempt that timed out, was rejected or failed: it sends the request again, with the same work.
#[derive(Clone, Copy, Debug)]
pub struct Retries {
    /// Most times that a request is sent, the first included.
    pub attempts: u32,
    /// Delay before the second attempt; it doubles from attempt to attempt.
    pub initial: Span,
    /// Longest delay.
    pub max: Span,
    /// Each delay is shortened at random by up to this share, in 0..=1.
    pub jitter: f64,
    /// What a request adds to the budget that retries are taken from, one each, in 0..=1; none for no limit. At most [`Retries::SAVED`] are saved up.
    pub budget: Option<f64>,
    /// Whether each attempt is a new draw of the service time; else a request is the same work each time.
    pub anew: bool,
}

impl Retries {
    /// Most retries that a budget holds, and what it starts with: enough for some bad luck, too few to keep an overload going.
    pub const SAVED: u32 = 10;
}
