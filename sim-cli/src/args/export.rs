//! What `export` can write.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Options of `export`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  overspill export out/shop --format csv --out shop.csv\n  overspill export out/shop --format openmetrics --start 2026-11-11T19:00:00Z --out shop.om\n  promtool tsdb create-blocks-from openmetrics shop.om data/\n  overspill export out/shop --format trace --out shop.json        open it at ui.perfetto.dev\n  overspill export out/shop --format markdown >> pull-request.md"
)]
pub(crate) struct ExportArgs {
    /// Folder of a record, as `run --out` writes it
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Format
    #[arg(long, value_enum)]
    pub(crate) format: ExportFormat,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// When the run begins, for OpenMetrics: 2026-11-11T19:00:00Z; without a zone, in UTC. Default: the scenario's `start`, else 2026-01-01T00:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) start: Option<String>,
}

/// A format of another tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// One tidy table of all series: t, kind, name, metric, unit, value
    Csv,
    /// The same table as Parquet
    Parquet,
    /// For back-filling Prometheus, with the metric names of kube-state-metrics and cAdvisor
    Openmetrics,
    /// The life of every pod, for Perfetto and Chrome
    Trace,
    /// A summary for pull requests
    Markdown,
}
