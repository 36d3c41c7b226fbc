//! Options of studies and comparisons.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Fidelity, Runs};
use sim_studies::compare::Budget;
use sim_studies::sweep::shard::Shard;

/// Options of `sweep`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  overspill sweep scenarios/studies/flash-sale-floor.yaml --out out/floor\n  overspill sweep study.yaml --out out/study --resume\n  overspill sweep study.yaml --out shared/study --shard 2/7\n  overspill sweep /study/study.yaml --out /results --emit kubernetes --workers 20 | kubectl apply -f -\n  overspill sweep study.yaml --out /shared/study --emit slurm --workers 20 > sweep.sbatch"
)]
pub(crate) struct SweepArgs {
    /// Study file
    pub(crate) study: PathBuf,
    /// Folder for results, tables and charts
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Go on with a sweep that was interrupted: points that have a result are not run again
    #[arg(long)]
    pub(crate) resume: bool,
    /// Run only this part of the points, for instance 2/7; `merge` puts parts together
    #[arg(long, value_name = "K/N", default_value_t = Shard::ALL, hide_default_value = true)]
    pub(crate) shard: Shard,
    #[command(flatten)]
    pub(crate) runs: Runs,
    /// Keep results here instead of in the folder: another folder, or an object store such as <s3://bucket/prefix> (feature object-store)
    #[arg(long, value_name = "PLACE")]
    pub(crate) store: Option<String>,
    /// Run nothing: print what makes an engine run the parts; STUDY and --out are paths as its workers see them
    #[arg(long, value_enum, value_name = "ENGINE")]
    pub(crate) emit: Option<Engine>,
    /// Number of parts for --emit
    #[arg(long, value_name = "N", default_value = "10")]
    pub(crate) workers: NonZeroU32,
    /// Container image for --emit kubernetes, with the program and the study in it
    #[arg(long, value_name = "IMAGE", default_value = "overspill:latest")]
    pub(crate) image: String,
    /// Keep the whole record of every run, not only its summary
    #[arg(long)]
    pub(crate) records: bool,
}

/// What runs the parts of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// A Kubernetes Indexed Job that tolerates virtual nodes
    Kubernetes,
    /// A Slurm array script
    Slurm,
}

/// Options of `merge`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  overspill merge out/part-* --out out/whole\n  overspill merge shared/study --out out/study")]
pub(crate) struct MergeArgs {
    /// Folders (or object stores) with results of parts of one sweep
    #[arg(required = true, value_name = "DIR")]
    pub(crate) parts: Vec<String>,
    /// Folder for all results, tables and charts
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

/// Options of `compare`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  overspill compare shop.yaml shop-new.yaml --replications 20\n  overspill compare shop.yaml shop.yaml --set services.web.autoscaler.hpa.cpu=50 --fail-if 'cost.total>+5%'\n  overspill compare main.yaml branch.yaml --markdown > comment.md\n\n`--set` changes B alone, `--set-a` A alone, `--set-both` both."
)]
pub(crate) struct CompareArgs {
    /// Scenario to compare with
    pub(crate) a: PathBuf,
    /// Scenario that is compared
    pub(crate) b: PathBuf,
    /// Runs of each, every pair with the same random numbers
    #[arg(long, value_name = "N", default_value = "10")]
    pub(crate) replications: NonZeroU32,
    /// Confidence of intervals in percent
    #[arg(long, value_name = "PERCENT", default_value = "95", value_parser = percent)]
    pub(crate) confidence: f64,
    /// Change a value of B; can be repeated
    #[arg(long = "set", visible_alias = "set-b", value_name = "PATH=VALUE")]
    pub(crate) set: Vec<String>,
    /// Change a value of A; can be repeated
    #[arg(long = "set-a", value_name = "PATH=VALUE")]
    pub(crate) set_a: Vec<String>,
    /// Change a value of both; can be repeated
    #[arg(long = "set-both", value_name = "PATH=VALUE")]
    pub(crate) set_both: Vec<String>,
    /// How close to look at the requests of both; as the scenarios say if not given
    #[arg(long, value_enum, value_name = "FIDELITY")]
    pub(crate) fidelity: Option<Fidelity>,
    /// Seed of the first pair; A's own if not given
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Runs at once; as many as there are cores if not given
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Exit with 3 if this holds, for instance `cost.total>+5%`, `p99>300` or `success_rate<-0.001`; can be repeated
    #[arg(long = "fail-if", value_name = "BUDGET")]
    pub(crate) fail_if: Vec<Budget>,
    /// Exit with 3 if B misses an objective that it states
    #[arg(long)]
    pub(crate) gate: bool,
    /// Show only these figures; can be repeated
    #[arg(long = "figure", value_name = "FIGURE")]
    pub(crate) figures: Vec<String>,
    /// Show every figure that differs
    #[arg(long)]
    pub(crate) all: bool,
    /// Print a Markdown table, for a pull request
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
    /// Print everything as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the comparison as CSV, JSON and a chart to this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// A confidence in percent, as a share.
fn percent(text: &str) -> Result<f64, String> {
    let percent: f64 = text.trim_end_matches('%').trim().parse().map_err(|_| "expected a percentage such as 95".to_owned())?;
    if (50.0..100.0).contains(&percent) { Ok(percent / 100.0) } else { Err("expected at least 50 and less than 100 percent".to_owned()) }
}
