//! All cores busy, and results that do not depend on how many there are.

use std::fmt;
use std::num::NonZeroUsize;

use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelBridge, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::case::{Case, Outcome};

/// A pool of threads for runs.
pub struct Runner {
    pool: ThreadPool,
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner").field("jobs", &self.jobs()).finish()
    }
}

impl Runner {
    /// A pool of `jobs` threads; as many as there are cores if none is given.
    pub fn new(jobs: Option<NonZeroUsize>) -> Result<Self, rayon::ThreadPoolBuildError> {
        let threads = jobs.map_or(0, NonZeroUsize::get);
        Ok(Self { pool: ThreadPoolBuilder::new().num_threads(threads).thread_name(|i| format!("run-{i}")).build()? })
    }

    /// Number of runs at once.
    pub fn jobs(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// Applies `f` to every item; results are in the order of the items.
    pub fn map<T: Sync, R: Send>(&self, items: &[T], f: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
        self.pool.install(|| items.par_iter().map(f).collect())
    }

    /// Applies `f` to items as they come, at most one a thread at once, so that memory does not grow with their number; ends at the first error.
    pub fn each<T: Send, E: Send>(&self, items: impl Iterator<Item = T> + Send, f: impl Fn(T) -> Result<(), E> + Sync + Send) -> Result<(), E> {
        self.pool.install(|| items.par_bridge().try_for_each(f))
    }

    /// Runs replications of cases, each given by the case's place and the replication's number from 0; outcomes are in the order asked for.
    pub fn run(&self, cases: &[Case], wanted: &[(usize, u32)]) -> Vec<Outcome> {
        self.map(wanted, |(case, replication)| cases[*case].run(*replication))
    }

    /// Runs these replications of one case. Called from within [`Runner::each`], it shares that call's threads.
    pub fn replicate<R: Send>(&self, replications: std::ops::Range<u32>, run: impl Fn(u32) -> R + Sync + Send) -> Vec<R> {
        self.pool.install(|| replications.into_par_iter().map(run).collect())
    }
}
