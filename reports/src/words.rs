//! Chinese for the words of charts and tables. Names, figures and what has no entry stay as they are.

/// English and Chinese.
const WORDS: &[(&str, &str)] = &[
    // Charts: what an axis measures.
    ("requests a second", "每秒请求数"),
    ("CPU cores", "CPU 核数"),
    ("pods ready", "就绪 Pod 数"),
    ("latency by window", "各时间窗的延迟"),
    ("not answered in time, requests a second", "未按时应答的请求（每秒）"),
    ("CPU used of requested, %", "CPU 用量占申请量，%"),
    ("CPU requested of allocatable, %", "CPU 申请量占可分配量，%"),
    ("pods not ready yet", "尚未就绪的 Pod 数"),
    ("seconds from creation to ready, by stage", "从创建到就绪的秒数（分阶段）"),
    ("cost so far", "累计费用"),
    ("cost in an hour", "每小时费用"),
    ("pods of jobs", "任务的 Pod 数"),
    ("pods succeeded so far", "累计成功的 Pod 数"),
    // Charts: series.
    ("answered", "已应答"),
    ("timed out, rejected or failed", "超时、拒绝或失败"),
    ("capacity of ready pods", "就绪 Pod 的处理能力"),
    ("load", "负载"),
    ("used", "已使用"),
    ("requested by ready pods", "就绪 Pod 的申请量"),
    ("demanded", "需求"),
    ("replicas desired", "期望副本数"),
    ("timed out", "超时"),
    ("rejected", "被拒绝"),
    ("lost with their pod", "随 Pod 丢失"),
    ("without a node", "无节点可用"),
    ("waiting for a node", "等待节点"),
    ("waiting for its creation", "等待创建"),
    ("starting", "启动中"),
    ("running", "运行中"),
    ("all jobs", "全部任务"),
    ("objective", "目标"),
    ("objective not held", "未达目标"),
    // Charts: titles.
    ("Load against capacity", "负载与处理能力"),
    ("Replicas by tier", "各层级的副本"),
    ("Utilisation", "利用率"),
    ("Pending and start-up", "等待与启动"),
    ("Cost by tier", "各层级的费用"),
    ("Jobs", "任务"),
    ("time since the start", "自开始的时间"),
    ("time since the start (min:s)", "自开始的时间（分:秒）"),
    ("time since the start (h:min)", "自开始的时间（时:分）"),
    // Causes of breaches.
    ("pods pending: no node has room", "Pod 等待：没有节点有空位"),
    ("pods waiting for the provider's creation limit", "Pod 等待：受云厂商创建速率限制"),
    ("pods starting", "Pod 启动中"),
    ("pods pulling images", "Pod 正在拉取镜像"),
    ("pods waiting for stock", "Pod 等待：云厂商库存不足"),
    ("pods waiting for quota", "Pod 等待：账号配额用尽"),
    ("pods waiting for the scheduler or the kubelet", "Pod 等待调度器或 kubelet"),
    ("the metrics did not show the load yet", "指标尚未反映负载"),
    ("the autoscaler had not looked yet", "自动伸缩尚未到同步时间"),
    ("replicas held down by a stabilisation window", "稳定窗口压住了副本数"),
    ("replicas growing as fast as policies allow", "扩容速度已到策略上限"),
    ("the autoscaler asks for no more replicas", "自动伸缩不再要求更多副本"),
    ("replicas at the autoscaler's maximum", "副本数已到自动伸缩上限"),
    ("replicas not asked for yet: metrics, sync period or target", "尚未扩容：指标延迟、同步周期或目标值"),
    ("too few replicas, and no autoscaler", "副本太少，且没有自动伸缩"),
    // Bills.
    ("owned", "自有"),
    ("subscription", "包年包月"),
    ("pay-as-you-go", "按量付费"),
    ("spot", "抢占式"),
    ("node-hour", "节点小时"),
    ("node-hours", "节点小时"),
    ("instance-second", "实例秒"),
    ("instance-seconds", "实例秒"),
    // Decisions.
    ("placed", "已调度"),
    ("refused", "被拒绝"),
    ("scaled", "已伸缩"),
    ("kept", "保持"),
    ("evicted", "已移除"),
    ("waited", "等待"),
    ("created", "已创建"),
    ("started", "已启动"),
    ("submitted", "已提交"),
    ("completed", "已完成"),
];

/// The Chinese for an English text; the text itself where there is none.
pub(crate) fn zh(en: &str) -> String {
    let known = |text: &str| WORDS.iter().find(|(word, _)| *word == text).map(|(_, zh)| (*zh).to_owned());
    if let Some(text) = known(en) {
        return text;
    }
    if let Some(service) = en.strip_prefix("Latency of ") {
        return format!("{service} 的延迟");
    }
    // A name or a unit around known words: `web: requests a second`, `cost so far, CNY`, `objective: p99 ≤ 300 ms`.
    let colon = en.split_once(": ").filter(|(before, after)| known(before).is_some() || zh(after) != *after);
    if let Some((before, after)) = colon {
        return format!("{}：{}", known(before).unwrap_or_else(|| before.to_owned()), zh(after));
    }
    match en.rsplit_once(", ") {
        Some((words, unit)) if known(words).is_some() => format!("{}，{unit}", zh(words)),
        _ => en.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{WORDS, zh};

    #[test]
    fn names_and_units_stay_around_known_words() {
        assert_eq!(
            [zh("load"), zh("web: requests a second"), zh("cost so far, CNY"), zh("objective: p99 ≤ 300 ms"), zh("Latency of web"), zh("eci, spot: x")],
            ["负载", "web：每秒请求数", "累计费用，CNY", "目标：p99 ≤ 300 ms", "web 的延迟", "eci, spot: x"]
        );
    }

    #[test]
    fn no_word_is_there_twice() {
        for (i, (word, _)) in WORDS.iter().enumerate() {
            assert!(WORDS[..i].iter().all(|(other, _)| other != word), "{word}");
        }
    }
}
