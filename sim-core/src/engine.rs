//! The event queue and the closed list of everything that can happen on the control plane.

mod event;
mod queue;

pub use event::{Event, FaultEvent, MachineEvent, SupplyEvent};
pub use queue::EventQueue;
