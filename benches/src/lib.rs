//! What the benchmarks share: timing, and the bare queueing recursions that the simulator is measured against.

pub mod bare;
pub mod timing;
