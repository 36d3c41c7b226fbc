//! What the user can type.

mod explain;
mod export;
mod runs;
mod search;
mod study;

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use explain::{ExplainArgs, Topic};
pub(crate) use export::{ExportArgs, ExportFormat};
pub(crate) use runs::Runs;
pub(crate) use search::{HeadroomArgs, OptimizeArgs, ResilienceArgs, Screen};
pub(crate) use study::{CompareArgs, Engine, MergeArgs, SweepArgs};

/// Simulate hybrid elastic capacity: what will it cost, how slow will it get, what should be bought instead?
#[derive(Debug, Parser)]
#[command(name = "overspill", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// Print results only: no progress, no warnings
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say on standard error what is done and how long it takes; progress even where that is no terminal
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
    /// Let scenarios read files outside their own folder
    #[arg(long, global = true)]
    pub(crate) allow_outside: bool,
    /// Language of texts and charts; without it, English, and the browser's for a report
    #[arg(long, global = true, value_enum, value_name = "LANG")]
    pub(crate) lang: Option<Language>,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Simulate a scenario and print what it costs and how slow it gets
    Run(RunArgs),
    /// Make the page of a record again: report.html, one file that opens without a network
    Report(ReportArgs),
    /// Ask why: the story of a run, of a pod, of a workload's size, of a breach, of the bill
    Explain(ExplainArgs),
    /// Write a record in another tool's format: CSV, Parquet, OpenMetrics, trace, Markdown
    Export(ExportArgs),
    /// Bill a record again: the whole bill, under its own prices or under others
    Invoice(InvoiceArgs),
    /// Price books: list, show or check them
    Prices(PricesArgs),
    /// Validate scenarios without running them
    Check(CheckArgs),
    /// Run the scenarios that state what they expect, and report pass or fail
    Test(TestArgs),
    /// Check the simulator's own controllers against recorded decisions of Kubernetes
    Conformance(ConformanceArgs),
    /// Run every point of a study, in parallel and resumable, into one table of results
    Sweep(SweepArgs),
    /// Compare two scenarios on the same customers: differences with intervals, budgets for CI
    Compare(CompareArgs),
    /// Find the cheapest point of a study that meets its objectives, in few runs
    Optimize(OptimizeArgs),
    /// Tell how much more load a scenario takes before it misses an objective
    Headroom(HeadroomArgs),
    /// Tell which configurations survive the loss of any one zone at the peak, and which of them is cheapest
    Resilience(ResilienceArgs),
    /// Put the parts of a sweep together that ran on several machines
    Merge(MergeArgs),
    /// Start a scenario from a template
    New(NewArgs),
    /// Print the JSON Schema of scenario files, price books or study files, for editors
    Schema(SchemaArgs),
}

/// Options of `schema`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  overspill schema > scenario.schema.json\n  overspill schema --prices > prices.schema.json\n  overspill schema --study > study.schema.json"
)]
pub(crate) struct SchemaArgs {
    /// The schema of price books
    #[arg(long)]
    pub(crate) prices: bool,
    /// The schema of study files
    #[arg(long, conflicts_with = "prices")]
    pub(crate) study: bool,
}

/// Options of `invoice`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  overspill run shop.yaml --out out/shop && overspill invoice out/shop\n  overspill invoice out/shop --prices my-prices.yaml --by hour\n  overspill invoice out/shop --focus > focus.csv"
)]
pub(crate) struct InvoiceArgs {
    /// Record, as `run --out` writes it
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Price book to bill by: a name or a file; the record's own if not given
    #[arg(long, value_name = "BOOK")]
    pub(crate) prices: Option<String>,
    /// Cut the bill this way too
    #[arg(long, value_enum)]
    pub(crate) by: Option<Cut>,
    /// Print every part of every line as CSV
    #[arg(long, conflicts_with_all = ["focus", "json"])]
    pub(crate) csv: bool,
    /// Print CSV in the columns of FOCUS, the `FinOps` specification
    #[arg(long, conflicts_with = "json")]
    pub(crate) focus: bool,
    /// Print the bill as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A way to cut a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Cut {
    /// By tier
    Tier,
    /// By workload
    Workload,
    /// By zone
    Zone,
    /// By item
    Item,
    /// By clock hour
    Hour,
    /// By what it was paid for: used, idle, unallocated, rounding, start-up
    Class,
}

impl From<Cut> for sim_reports::invoice::By {
    fn from(cut: Cut) -> Self {
        match cut {
            Cut::Tier => Self::Tier,
            Cut::Workload => Self::Workload,
            Cut::Zone => Self::Zone,
            Cut::Item => Self::Item,
            Cut::Hour => Self::Hour,
            Cut::Class => Self::Class,
        }
    }
}

/// Options of `prices`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  overspill prices list\n  overspill prices show aliyun-cn-hangzhou\n  overspill prices check my-prices.yaml")]
pub(crate) struct PricesArgs {
    #[command(subcommand)]
    pub(crate) command: PricesCommand,
}

/// What to do with price books.
#[derive(Debug, Subcommand)]
pub(crate) enum PricesCommand {
    /// List the books that come with the program
    List,
    /// Show a book: every price with its status and source
    Show {
        /// Name or file
        book: String,
        /// Print the file of a book that comes with the program, to start one's own
        #[arg(long)]
        yaml: bool,
    },
    /// Check books
    Check {
        /// Names or files
        #[arg(required = true, value_name = "BOOK")]
        books: Vec<String>,
    },
}

/// Options of `run`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  overspill run scenarios/gallery/flash-sale.yaml\n  overspill run shop.yaml --set services.web.autoscaler.hpa.cpu=70 --out out/shop\n  overspill run shop.yaml --json | jq .cost.total"
)]
pub(crate) struct RunArgs {
    /// Scenario file
    pub(crate) scenario: PathBuf,
    /// Seed of all random streams; the scenario's own if not given
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Change a value of the scenario, for instance services.web.replicas=20; can be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) set: Vec<String>,
    /// How close to look at requests; as the scenario says if not given
    #[arg(long, value_enum, value_name = "FIDELITY")]
    pub(crate) fidelity: Option<Fidelity>,
    /// Write the record (summary, series, pods, decisions), the charts and report.html to this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Run so often, with other random numbers each time, and show every figure with its interval
    #[arg(long, value_name = "N", conflicts_with = "out")]
    pub(crate) replications: Option<NonZeroU32>,
    /// Print the summary as JSON, and nothing else, on standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// Exit with 3 if an objective or an expectation is not met
    #[arg(long)]
    pub(crate) gate: bool,
}

/// How close a simulation looks at requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Fidelity {
    /// Every request
    Request,
    /// Rates and probabilities: a year takes seconds
    Flow,
}

impl Fidelity {
    /// Changes of a scenario, with the one that sets its fidelity before them.
    pub(crate) fn before(fidelity: Option<Self>, set: &[String]) -> Vec<String> {
        let own = fidelity.map(|fidelity| match fidelity {
            Self::Request => "fidelity=request".to_owned(),
            Self::Flow => "fidelity=flow".to_owned(),
        });
        own.into_iter().chain(set.iter().cloned()).collect()
    }
}

/// Language of texts for people; a report has both and shows this one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// English
    En,
    /// Chinese
    Zh,
}

/// Options of `report`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  overspill report out/shop                           write out/shop/report.html again\n  overspill report out/shop --lang zh --out shop.html\n  overspill report out/shop --charts slides/          the charts as SVG and PNG"
)]
pub(crate) struct ReportArgs {
    /// Folder of a record, as `run --out` writes it
    pub(crate) dir: PathBuf,
    /// Write the page to this file instead of the record's folder
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Write the charts to this folder too, as SVG and PNG; with `--lang zh`, in Chinese (PNG needs a Chinese font on this machine)
    #[arg(long, value_name = "DIR")]
    pub(crate) charts: Option<PathBuf>,
}

/// Options of `check`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  overspill check shop.yaml\n  overspill check --strict scenarios/*.yaml")]
pub(crate) struct CheckArgs {
    /// Scenario files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Treat warnings as errors
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print what will be paid ahead, and bounds for what will be paid by use
    #[arg(long, conflicts_with = "json")]
    pub(crate) estimate: bool,
    /// Change a value of the scenario; can be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) set: Vec<String>,
    /// Print problems as JSON, for editors
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `test`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  overspill test scenarios/\n  overspill test capacity/ --junit report.xml")]
pub(crate) struct TestArgs {
    /// Scenario files, or folders with scenario files
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write the results as `JUnit` XML too
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
}

/// Options of `conformance`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  overspill conformance conformance/vectors\n  overspill conformance vectors/hpa_behavior.json --json")]
pub(crate) struct ConformanceArgs {
    /// Vector files, or folders with vector files (*.json)
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Print the results as JSON, with the details of each failure
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `new`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  overspill new                          list the templates\n  overspill new flash-sale > shop.yaml\n  overspill new flash-sale --out shop.yaml"
)]
pub(crate) struct NewArgs {
    /// Template; without one, the templates are listed
    pub(crate) template: Option<String>,
    /// Write to this file or folder, which must not exist, instead of standard output
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,
}
