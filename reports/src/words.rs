//! Chinese for what charts, tables, decisions and warnings say. Names, figures and what has no entry stay as they are.

mod charts;
mod decisions;
mod pattern;
mod refusal;
mod studies;
mod summary;
mod warnings;

const EXACT: [&[(&str, &str)]; 5] = [charts::WORDS, decisions::WORDS, warnings::WORDS, summary::WORDS, studies::WORDS];
const PATTERNS: [&[(&str, &str)]; 5] = [charts::PATTERNS, decisions::PATTERNS, warnings::PATTERNS, summary::PATTERNS, studies::PATTERNS];

/// Parts of a text that are texts themselves: deeper than any that a controller writes.
const DEPTH: usize = 8;

pub(crate) use refusal::filters;

/// The Chinese for an English text; the text itself where there is none.
pub(crate) fn zh(en: &str) -> String {
    translate(en, DEPTH).unwrap_or_else(|| en.to_owned())
}

fn translate(en: &str, depth: usize) -> Option<String> {
    if en.is_empty() || depth == 0 {
        return None;
    }
    if let Some((_, zh)) = EXACT.iter().copied().flatten().find(|(word, _)| *word == en) {
        return Some((*zh).to_owned());
    }
    if let Some(zh) = refusal::zh(en, |part| translate(part, depth - 1)) {
        return Some(zh);
    }
    let part = |part: &str| translate(part, depth - 1).unwrap_or_else(|| part.to_owned());
    if let Some(zh) = PATTERNS.iter().copied().flatten().find_map(|(from, to)| pattern::rewrite(en, from, to, &part)) {
        return Some(zh);
    }
    // A name or a unit around known words: `web: requests a second`, `cost so far, CNY`, `objective: p99 ≤ 300 ms`.
    if let Some((before, after)) = en.split_once(": ") {
        let (own, rest) = (translate(before, depth - 1), translate(after, depth - 1));
        if own.is_some() || rest.is_some() {
            return Some(format!("{}：{}", own.unwrap_or_else(|| before.to_owned()), rest.unwrap_or_else(|| after.to_owned())));
        }
    }
    let (words, unit) = en.rsplit_once(", ")?;
    Some(format!("{}，{unit}", translate(words, depth - 1)?))
}

#[cfg(test)]
mod tests {
    use super::{EXACT, PATTERNS, zh};

    #[test]
    fn names_and_units_stay_around_known_words() {
        assert_eq!(
            [zh("load"), zh("web: requests a second"), zh("cost so far, CNY"), zh("objective: p99 ≤ 300 ms"), zh("Latency of web"), zh("eci, spot: x")],
            ["负载", "web：每秒请求数", "累计费用，CNY", "目标：p99 ≤ 300 ms", "web 的延迟", "eci, spot: x"]
        );
    }

    #[test]
    fn reasons_are_said_part_by_part() {
        let hpa = "cpu 225% of target 60% (highest of 2 metrics), 3 unready counted as idle: 83 proposed, held at 44 by the lowest recommendation of the \
                   last 5m (ScaleUpStabilized), limited to 40 by maxReplicas (TooManyReplicas)";
        assert_eq!(
            zh(hpa),
            "CPU 225%，目标 60%（2 个指标中最高），3 个未就绪 Pod 按空闲计：建议 83 个，被最近 5m 内的最低建议值压在 44 个（ScaleUpStabilized），\
             被maxReplicas限制为 40 个（TooManyReplicas）"
                .replace("被maxReplicas限制", "被 maxReplicas 限制")
        );
        assert_eq!(
            zh("0/6 nodes are available: 2 Insufficient cpu, 4 had untolerated taint. The pod waits for room, because the unit is below its max (unit 1)."),
            "6 个节点均不可用：2 个 CPU 不足，4 个有未容忍的污点。该单元未达上限，Pod 等待空位（第 1 单元）。"
        );
        assert_eq!(zh("unit 3 (eci) of ResourcePolicy web: unit 2 (ecs) was without room"), "ResourcePolicy web 的第 3 单元（eci）：第 2 单元（ecs）没有空位");
        assert_eq!(zh("web p99 below 300ms in 99% of windows"), "web 在 99% 的时间窗内 p99 低于 300ms");
        assert_eq!(zh("errors below 0.1% in 100% of windows"), "100% 的时间窗内错误率低于 0.1%");
        assert_eq!(zh("there is no node for `web`: its pods stay Pending"), "`web` 没有可用的节点：其 Pod 将一直 Pending");
    }

    #[test]
    fn no_word_is_there_twice_and_every_part_is_said() {
        let all: Vec<_> = EXACT.iter().copied().flatten().collect();
        for (i, (word, zh)) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|(other, _)| other != word), "{word}");
            assert!(zh.chars().any(|c| c as u32 > 0x2E80), "{word}: {zh}");
        }
        for (from, to) in PATTERNS.iter().copied().flatten() {
            for part in 0..from.matches("{}").count() {
                assert!(to.contains(&format!("{{{part}}}")), "{from}: {to}");
            }
        }
    }
}
