//! Where instances come from: providers, their limits, and what they can run out of.

mod account;
mod create_limiter;
mod link;
mod offers;
mod reclaim;

pub use account::{Account, Lack, Need};
pub use create_limiter::CreateLimiter;
pub use link::{Link, Pull};
pub use offers::offers;
pub use reclaim::{Reclaim, end_of, is_bid_high_enough, is_sold, reclaim};
