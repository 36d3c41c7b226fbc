//! Where instances come from: providers and their limits.

mod create_limiter;

pub use create_limiter::CreateLimiter;
