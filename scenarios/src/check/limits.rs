//! How much a scenario may ask for. Everything has a limit, so that a slip of the pen is refused at once instead of running for a year.

use sim_core::units::Span;

/// Longest run, and longest time of any setting: ten years.
pub(crate) const SPAN_MAX: Span = Span::from_secs(3653 * 86_400);
/// Most windows of the time series.
pub(crate) const WINDOWS_MAX: u64 = 1_000_000;
/// Rows that a default window aims at.
pub(crate) const WINDOWS_USUAL: u64 = 720;
/// Most nodes.
pub(crate) const NODES_MAX: u64 = 100_000;
/// Most pods at a time, over all workloads.
pub(crate) const PODS_MAX: u64 = 1_000_000;
/// Most submissions of one job.
pub(crate) const SUBMISSIONS_MAX: u64 = 1_000_000;
/// Highest rate of requests, per second.
pub(crate) const RATE_MAX: f64 = 1e8;
/// Most requests of a run.
pub(crate) const REQUESTS_MAX: f64 = 1e12;
/// The same where only rates are simulated.
pub(crate) const RATES_MAX: f64 = 1e15;
/// Most users of a service.
pub(crate) const USERS_MAX: u32 = 1_000_000;
/// Most times that a request is sent.
pub(crate) const ATTEMPTS_MAX: u32 = 100;
/// Most pieces of one load profile.
pub(crate) const PIECES_MAX: u64 = 2_000_000;
/// Most pieces of all load profiles, counted once more each time a profile is added to others.
pub(crate) const PIECES_TOTAL_MAX: u64 = 20_000_000;
/// Most rows of the time series: windows times workloads and tiers.
pub(crate) const ROWS_TOTAL_MAX: u64 = 10_000_000;
/// Most requests that all pods of a service can work on at once.
pub(crate) const WORKERS_MAX: u64 = 50_000_000;
/// Most repetitions of a periodic task, such as a scrape.
pub(crate) const TICKS_MAX: u64 = 100_000_000;
/// Most requests that a pod works on at once.
pub(crate) const CONCURRENCY_MAX: u32 = 100_000;
/// Most rows of a recording that are read.
pub(crate) const RECORDING_ROWS_MAX: u64 = 20_000_000;
/// Most recorded requests of a run: they are kept in memory.
pub(crate) const INSTANTS_MAX: u64 = 20_000_000;
/// Most bytes of a recording, unpacked.
pub(crate) const RECORDING_BYTES_MAX: u64 = 2 << 30;
