//! The HorizontalPodAutoscaler: from pods and metrics to a size, piece by piece and as a whole.

pub(crate) mod behavior;
pub(crate) mod calculator;
mod flags;
mod pods;
pub(crate) mod reconcile;

pub(crate) use pods::seconds;
