//! One file a command.

pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod conformance;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod headroom;
pub(crate) mod invoice;
pub(crate) mod merge;
pub(crate) mod new;
pub(crate) mod optimize;
pub(crate) mod prices;
pub(crate) mod replications;
pub(crate) mod report;
pub(crate) mod resilience;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod sweep;
pub(crate) mod test;
