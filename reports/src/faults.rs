//! What broke during a run, as people call it.

use sim_core::record::{FaultSummary, Record};

use crate::lang::Both;

/// Kinds of faults as the record names them, in words.
const KINDS: [(&str, &str, &str); 7] = [
    ("zoneOutage", "zone outage", "可用区中断"),
    ("nodeCrash", "node crash", "节点宕机"),
    ("partition", "network partition", "网络分区"),
    ("instanceFailure", "instance failure", "实例故障"),
    ("registry", "registry failure", "镜像仓库故障"),
    ("providerApi", "provider API failure", "云厂商 API 故障"),
    ("readinessFlap", "readiness flapping", "就绪探针抖动"),
];

/// The kind of a fault in words; as the record has it where it is none of those.
pub(crate) fn kind(fault: &FaultSummary) -> Both {
    KINDS.iter().find(|(key, ..)| *key == fault.kind).map_or_else(|| Both::of(&fault.kind), |(_, en, zh)| Both::new(*en, *zh))
}

/// Kind and target: `zone outage (zone cn-hangzhou-h)`.
pub(crate) fn name(fault: &FaultSummary) -> Both {
    let kind = kind(fault);
    if fault.target.is_empty() { kind } else { Both::new(format!("{} ({})", kind.en, fault.target), format!("{}（{}）", kind.zh, fault.target)) }
}

/// From and until when something was broken; the end of the run if it was not repaired.
pub(crate) fn span(record: &Record, fault: &FaultSummary) -> (f64, f64) {
    (fault.from_s, fault.to_s.unwrap_or(record.summary.simulated_s))
}
