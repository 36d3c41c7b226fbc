//! Options of the commands that look for an answer.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sim_studies::search::study;

use super::Runs;

/// Options of `optimize`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  overspill optimize scenarios/studies/shop-cheapest.yaml\n  overspill optimize study.yaml --budget 200 --out out/cheapest\n  overspill optimize study.yaml --out out/cheapest --resume --json | jq .best.values"
)]
pub(crate) struct OptimizeArgs {
    /// Study file: a scenario, axes to choose on, what to minimise, what must hold
    pub(crate) study: PathBuf,
    /// Most runs; if not given the study's own number, or a tenth of those of all its points (`replications` each) and at least 40
    #[arg(long, value_name = "RUNS")]
    pub(crate) budget: Option<std::num::NonZeroU32>,
    /// Whether to look at rates (`--fidelity flow`) before requests; these runs count too
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Screen::Auto)]
    pub(crate) screen: Screen,
    /// Go on with a search that was interrupted: what was run is not run again
    #[arg(long, requires = "out")]
    pub(crate) resume: bool,
    /// Folder for the winning scenario (best.yaml), its Kubernetes manifests (k8s/), the frontier and all runs
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) runs: Runs,
    /// Print the answer as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// When to look at rates before requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Screen {
    /// Where a run has ten million requests or more, and rates can be simulated
    Auto,
    /// Where rates can be simulated
    Always,
    /// Requests only
    Never,
}

impl From<Screen> for study::Screen {
    fn from(screen: Screen) -> Self {
        match screen {
            Screen::Auto => Self::Auto,
            Screen::Always => Self::Always,
            Screen::Never => Self::Never,
        }
    }
}

/// Options of `headroom`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  overspill headroom shop.yaml\n  overspill headroom shop.yaml --of web --growth 5%/month\n  overspill headroom small.yaml large.yaml --json"
)]
pub(crate) struct HeadroomArgs {
    /// Scenario files, each with objectives
    #[arg(required = true, value_name = "SCENARIO")]
    pub(crate) scenarios: Vec<PathBuf>,
    /// The service whose load grows; all of them if not given
    #[arg(long, value_name = "SERVICE")]
    pub(crate) of: Option<String>,
    /// Replications that decide; most of them are only run at the load that is found
    #[arg(long, value_name = "N", default_value = "20")]
    pub(crate) replications: std::num::NonZeroU32,
    /// How near to each other the load that holds and the one that breaks must be
    #[arg(long, value_name = "SHARE", default_value = "0.5%")]
    pub(crate) precision: sim_scenarios::text::Share,
    /// Share of runs in which all objectives must be met
    #[arg(long, value_name = "SHARE", default_value = "95%")]
    pub(crate) share: sim_scenarios::text::Share,
    /// Whether to look at rates (`--fidelity flow`) first, to see where to look
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Screen::Auto)]
    pub(crate) screen: Screen,
    /// Growth of the load, to tell how long the headroom lasts, for instance 5%/month
    #[arg(long, value_name = "SHARE/PERIOD")]
    pub(crate) growth: Option<Growth>,
    #[command(flatten)]
    pub(crate) runs: Runs,
    /// Print the answer as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `resilience`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  overspill resilience lean.yaml spread.yaml double.yaml\n  overspill resilience study.yaml --replications 20\n  overspill resilience shop.yaml --zone cn-hangzhou-h --at 1h --for 30m --json\n\nA configuration is a scenario file, or each point of a study file. Of a study, points are looked at from the cheapest on until one survives."
)]
pub(crate) struct ResilienceArgs {
    /// Scenario files with objectives, or study files whose points are configurations
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// A zone that is lost; can be repeated; all that have nodes, one at a time, if not given
    #[arg(long = "zone", value_name = "ZONE")]
    pub(crate) zones: Vec<String>,
    /// When zones are lost; at the peak of each configuration's load if not given
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<sim_core::units::Span>,
    /// For how long; to the end of the run if not given
    #[arg(long = "for", value_name = "TIME")]
    pub(crate) lasts: Option<sim_core::units::Span>,
    /// Runs of each case, all on the same customers
    #[arg(long, value_name = "N", default_value = "10")]
    pub(crate) replications: std::num::NonZeroU32,
    /// Share of runs in which all objectives must be met
    #[arg(long, value_name = "SHARE", default_value = "95%")]
    pub(crate) share: sim_scenarios::text::Share,
    #[command(flatten)]
    pub(crate) runs: Runs,
    /// Print the answer as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Growth by a share in each period.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Growth {
    /// Share, 0.05 for 5 %.
    pub(crate) share: f64,
    /// `day`, `week`, `month`, `quarter` or `year`.
    pub(crate) period: String,
}

impl std::str::FromStr for Growth {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no growth such as `5%/month`");
        let (share, period) = text.split_once('/').ok_or_else(wrong)?;
        let share = share.trim().strip_suffix('%').and_then(|share| share.trim().parse::<f64>().ok()).ok_or_else(wrong)? / 100.0;
        let period = period.trim();
        if !["day", "week", "month", "quarter", "year"].contains(&period) {
            return Err(format!("`{period}` is not day, week, month, quarter or year"));
        }
        if !(share > 0.0 && share.is_finite()) {
            return Err("growth is above 0 %".to_owned());
        }
        Ok(Self { share, period: period.to_owned() })
    }
}
