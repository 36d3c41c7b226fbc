//! What a pod asks for and what a node has.

use std::ops::{Add, AddAssign, SubAssign};

use serde::Serialize;

use super::{Bytes, MilliCpu};

/// How many extended resources (`nvidia.com/gpu` and the like) a plan can name.
pub const EXTENDED_MAX: usize = 4;

/// One of the kinds of [`Resources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// CPU, counted in thousandths of a core.
    Cpu,
    /// Memory, counted in bytes.
    Memory,
    /// An extended resource, by its place in [`Resources::extended`].
    Extended(u8),
}

/// CPU, memory and up to [`EXTENDED_MAX`] extended resources, whose names stand in the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Resources {
    /// CPU.
    pub cpu: MilliCpu,
    /// Memory.
    pub memory: Bytes,
    /// Extended resources, in the order of [`crate::plan::Plan::extended_resources`].
    pub extended: [u64; EXTENDED_MAX],
}

impl Resources {
    /// CPU and memory alone.
    pub const fn new(cpu: MilliCpu, memory: Bytes) -> Self {
        Self { cpu, memory, extended: [0; EXTENDED_MAX] }
    }

    /// The amount of one resource.
    pub const fn get(&self, resource: Resource) -> u64 {
        match resource {
            Resource::Cpu => self.cpu.0,
            Resource::Memory => self.memory.0,
            Resource::Extended(place) => self.extended[place as usize],
        }
    }

    /// What is left after `other` is taken away, zero where `other` has more.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        Self {
            cpu: MilliCpu(self.cpu.0.saturating_sub(other.cpu.0)),
            memory: Bytes(self.memory.0.saturating_sub(other.memory.0)),
            extended: std::array::from_fn(|i| self.extended[i].saturating_sub(other.extended[i])),
        }
    }

    /// Whether every resource of `self` is at most that of `other`.
    pub fn fits_in(self, other: Self) -> bool {
        self.cpu <= other.cpu && self.memory <= other.memory && self.extended.iter().zip(other.extended).all(|(a, b)| *a <= b)
    }
}

impl Add for Resources {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { cpu: self.cpu + other.cpu, memory: self.memory + other.memory, extended: std::array::from_fn(|i| self.extended[i] + other.extended[i]) }
    }
}

impl AddAssign for Resources {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Resources {
    fn sub_assign(&mut self, other: Self) {
        self.cpu -= other.cpu;
        self.memory -= other.memory;
        for (have, gone) in self.extended.iter_mut().zip(other.extended) {
            *have = have.checked_sub(gone).expect("more given back than was taken");
        }
    }
}
