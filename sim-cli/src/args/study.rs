//! Options of the commands that run many times.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use sim_studies::sweep::shard::Shard;

/// Options of `sweep`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  overspill sweep scenarios/studies/flash-sale-floor.yaml --out out/floor\n  overspill sweep study.yaml --out out/study --resume\n  overspill sweep study.yaml --out shared/study --shard 2/7"
)]
pub(crate) struct SweepArgs {
    /// Study file
    pub(crate) study: PathBuf,
    /// Folder for results, tables and charts
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Runs at once; as many as there are cores if not given
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Go on with a sweep that was interrupted: points that have a result are not run again
    #[arg(long)]
    pub(crate) resume: bool,
    /// Run only this part of the points, for instance 2/7; `merge` puts parts together
    #[arg(long, value_name = "K/N", default_value_t = Shard::ALL, hide_default_value = true)]
    pub(crate) shard: Shard,
    /// Seed of the first replication; the study's own if not given
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Change a value of the scenario in every point; can be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) set: Vec<String>,
    /// Keep the whole record of every run, not only its summary
    #[arg(long)]
    pub(crate) records: bool,
}

/// Options of `merge`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  overspill merge out/part-* --out out/whole\n  overspill merge shared/study --out out/study")]
pub(crate) struct MergeArgs {
    /// Folders with results of parts of one sweep
    #[arg(required = true, value_name = "DIR")]
    pub(crate) parts: Vec<PathBuf>,
    /// Folder for all results, tables and charts
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}
