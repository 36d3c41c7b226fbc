//! Whose turn it is, where what happens next depends on what happened before.

/// What happens at one instant, in this order: a change of the number of users finds those who send then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// An attempt ends: it is answered, or its client gives up or learns that it was refused.
    End,
    /// The number of users changes.
    Change,
    /// A client sends.
    Send,
    /// A request of the open loop arrives.
    Arrival,
}

/// The next thing that somebody does; turns of one kind and instant in the order in which they were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn<Of> {
    pub(super) at: u64,
    pub(super) kind: Kind,
    pub(super) sequence: u64,
    pub(super) of: Of,
}
