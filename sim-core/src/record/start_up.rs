//! Where scale-out time goes.

use serde::de::{Deserialize, Deserializer};
use serde::{Serialize, Serializer};

use crate::units::Span;

/// What the stages of one pod's start took, as far as its node starts pods stage by stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageTimes {
    /// Until the kubelet acted on it; on a virtual node, until the creation call.
    pub scheduling: Span,
    /// Its sandbox.
    pub sandbox: Span,
    /// Its image.
    pub pull: Span,
    /// Its application.
    pub application: Span,
    /// Until the readiness probe found out.
    pub readiness: Span,
    /// Until the load balancer knew.
    pub load_balancer: Span,
}

/// A time in a column, kept small: whole milliseconds, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageCell(u32);

impl Default for StageCell {
    fn default() -> Self {
        Self(u32::MAX)
    }
}

impl StageCell {
    /// The cell of a stage that took this long; 49 days and more are cut.
    pub fn of(span: Span) -> Self {
        Self(u32::try_from((span.as_nanos() + 500_000) / 1_000_000).map_or(u32::MAX - 1, |ms| ms.min(u32::MAX - 1)))
    }

    /// Seconds.
    pub fn seconds(self) -> Option<f64> {
        (self.0 != u32::MAX).then(|| f64::from(self.0) / 1000.0)
    }
}

impl Serialize for StageCell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.seconds().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StageCell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<f64>::deserialize(deserializer)?.map_or_else(Self::default, |seconds| Self::of(Span::from_secs_f64(seconds))))
    }
}

/// Where the time from creation to ready went, over pods that were created and turned ready in the run. The stages add up to the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Deserialize, Serialize)]
pub struct StartUpSummary {
    /// Pods.
    pub pods: u64,
    /// From creation to ready.
    pub total: StageSummary,
    /// Median of that.
    pub p50: f64,
    /// 95th percentile of that.
    pub p95: f64,
    /// 99th percentile of that.
    pub p99: f64,
    /// Until a node was found, while none was on its way.
    pub pending: StageSummary,
    /// Until a node was found, while its machine was being provisioned.
    #[serde(default)]
    pub provisioning: StageSummary,
    /// From binding until the kubelet acted, or until the creation call on a virtual node.
    pub scheduling: StageSummary,
    /// From the creation call until there was an instance: its turn under the creation limit, and waiting for stock and quota.
    pub creation: StageSummary,
    /// Sandbox.
    pub sandbox: StageSummary,
    /// Image pull.
    pub pull: StageSummary,
    /// Application start.
    pub application: StageSummary,
    /// Until the readiness probe found out.
    pub readiness: StageSummary,
    /// Until the load balancer knew.
    pub load_balancer: StageSummary,
    /// Time that is known only as a whole: nodes with a single `startUp`.
    pub unsplit: StageSummary,
}

/// A stage over many pods, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Deserialize, Serialize)]
pub struct StageSummary {
    /// Mean.
    pub mean: f64,
    /// Largest.
    pub max: f64,
}

impl StartUpSummary {
    /// The stages with their names, in order, without the total.
    pub const fn stages(&self) -> [(&'static str, StageSummary); 10] {
        [
            ("pending", self.pending),
            ("node provisioning", self.provisioning),
            ("scheduling", self.scheduling),
            ("creation", self.creation),
            ("sandbox", self.sandbox),
            ("image pull", self.pull),
            ("application", self.application),
            ("readiness", self.readiness),
            ("load balancer", self.load_balancer),
            ("unsplit", self.unsplit),
        ]
    }
}
