//! What `explain` can be asked.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Options of `explain`.
#[derive(Debug, Args)]
#[command(
    subcommand_value_name = "TOPIC",
    subcommand_help_heading = "Topics",
    after_help = "Examples:\n  overspill run shop.yaml --out out/shop && overspill explain out/shop\n  overspill explain out/shop pod web-17\n  overspill explain out/shop scale web --at 1h2m\n  overspill explain out/shop scale web --at 2026-11-11T00:05\n  overspill explain out/shop nodes burst\n  overspill explain out/shop breach --lang zh\n  overspill explain shop.yaml                    run the scenario first"
)]
pub(crate) struct ExplainArgs {
    /// Folder of a record, as `run --out` writes it, or a scenario, which is run first
    #[arg(value_name = "DIR|SCENARIO")]
    pub(crate) source: PathBuf,
    /// Seed of the run of a scenario
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Change a value of the scenario; can be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) set: Vec<String>,
    #[command(subcommand)]
    pub(crate) topic: Option<Topic>,
}

/// What is asked about; the whole run without one.
#[derive(Debug, Subcommand)]
pub(crate) enum Topic {
    /// A pod: its phases, its start-up, who refused, placed and removed it
    Pod {
        /// Its name, for instance web-17
        name: String,
    },
    /// The size of a service: what its autoscalers saw, proposed, and were limited by
    Scale {
        /// Its name
        workload: String,
        /// Around which time: since the start, for instance 1h2m or 0:01:30, or a date and time where the scenario has a `start`
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
        /// The same, as `at TIME`
        #[arg(value_name = "at TIME", num_args = 0..=2, conflicts_with = "at")]
        moment: Vec<String>,
    },
    /// Nodes of pools: why they came and went
    Nodes {
        /// A pool or a node; all of them if left out
        name: Option<String>,
    },
    /// What held capacity back while objectives were not held
    Breach,
    /// Where the money went
    Cost,
}
