//! Instants inside the loop, where a mispredicted branch costs as much as the rest of a request.

use std::hint::select_unpredictable;

/// The end of time: half of what fits, so that the sum of two instants fits and the sign of their difference tells which is earlier.
pub(super) const NEVER: u64 = u64::MAX >> 1;

/// The earlier of two instants up to [`NEVER`], without a branch.
///
/// The compiler makes the plain minimum and maximum branches when an operand comes from memory, and which is earlier is not predictable.
#[inline(always)]
pub(super) fn earlier(a: u64, b: u64) -> u64 {
    select_unpredictable((a.wrapping_sub(b) as i64) < 0, a, b)
}

/// The later of two instants up to [`NEVER`], without a branch.
#[inline(always)]
pub(super) fn later(a: u64, b: u64) -> u64 {
    select_unpredictable((a.wrapping_sub(b) as i64) < 0, b, a)
}
