//! Records in the formats of other tools.
//!
//! | format | for |
//! |---|---|
//! | CSV, Parquet | notebooks and databases: one tidy table of every series, a row a value |
//! | OpenMetrics | back-filling Prometheus, under the names of kube-state-metrics and cAdvisor |
//! | trace | Perfetto and `chrome://tracing`: the life of every pod |
//! | Markdown | pull requests |

mod markdown;
mod metrics;
mod openmetrics;
#[cfg(feature = "parquet")]
mod parquet;
mod tidy;
mod trace;

#[cfg(feature = "parquet")]
pub use self::parquet::parquet;
pub use markdown::markdown;
pub use openmetrics::openmetrics;
pub use tidy::csv;
pub use trace::trace;
