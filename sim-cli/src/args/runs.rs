//! Options of the commands that run many times.

use std::num::NonZeroUsize;

use clap::Args;
use sim_scenarios::LoadOptions;

use super::{Fidelity, Global};

/// How to run a scenario or a study many times.
#[derive(Debug, Args)]
pub(crate) struct Runs {
    /// Runs at once; as many as there are cores if not given
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// How close to look at requests; as the files say if not given
    #[arg(long, value_enum, value_name = "FIDELITY")]
    pub(crate) fidelity: Option<Fidelity>,
    /// Seed of the first replication, and of a search's own choices; each file's own if not given
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Change a value of the scenario, in every point of a study; can be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) set: Vec<String>,
}

impl Runs {
    /// How to read a file with these options.
    pub(crate) fn load(&self, global: &Global) -> LoadOptions {
        LoadOptions { set: Fidelity::before(self.fidelity, &self.set), allow_outside: global.allow_outside, seed: self.seed }
    }

    /// The options that change what is run, as a user would type them again.
    pub(crate) fn words(&self) -> Vec<String> {
        let set = Fidelity::before(self.fidelity, &self.set).into_iter().map(|change| format!("--set={change}"));
        set.chain(self.seed.map(|seed| format!("--seed={seed}"))).collect()
    }
}
