//! The data plane: what requests do to the pods of a service between two control events.
//!
//! Requests touch the rest of the simulation only through the set of endpoints and through what is measured. While that set stays as it is, they
//! are pushed through the pods in a tight loop, without a calendar of events.

mod arrivals;
mod demand;
mod flow;
mod histogram;
mod kernel;
mod meter;
mod plane;

pub use arrivals::ArrivalProcess;
pub use demand::{Demand, DemandMeter};
pub use flow::FlowKernel;
pub use histogram::Histogram;
pub(crate) use kernel::{CallFigures, Chain};
pub use kernel::{Endpoint, RequestKernel, Slot};
pub use meter::{Causes, Meter};
pub use plane::Plane;

/// The nearest whole number to a non-negative one, quickly: below 2^52, adding 2^52 leaves no fraction bits, and the sum's last bits are the number.
#[inline(always)]
fn round(x: f64) -> u64 {
    const TWO_52: f64 = (1_u64 << 52) as f64;
    if x < TWO_52 { (x + TWO_52).to_bits() - TWO_52.to_bits() } else { x as u64 }
}
