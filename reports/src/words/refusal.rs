//! kube-scheduler's sentence about nodes that take no pod.

const AVAILABLE: &str = " nodes are available: ";

/// The filters of a refusal: `0/3 nodes are available: 1 Insufficient cpu, 2 had untolerated taint.` are one and two nodes, each with its reason.
pub(crate) fn filters(reason: &str) -> Vec<(u32, &str)> {
    let Some((_, list)) = reason.split_once(AVAILABLE) else { return Vec::new() };
    let list = list.split_once(". ").map_or(list, |(list, _)| list).trim_end_matches('.');
    let part = |part: &'_ str| -> Option<(u32, usize)> {
        let (count, _) = part.split_once(' ')?;
        Some((count.parse().ok()?, count.len() + 1))
    };
    let mut found: Vec<(u32, &str)> = Vec::new();
    let mut rest = list;
    while let Some((count, skip)) = part(rest) {
        // A reason may hold a comma itself: the next one begins with a number.
        let end = rest.match_indices(", ").map(|(at, _)| at).find(|at| part(&rest[at + 2..]).is_some());
        found.push((count, &rest[skip..end.unwrap_or(rest.len())]));
        match end {
            Some(end) => rest = &rest[end + 2..],
            None => break,
        }
    }
    found
}

/// The sentence in Chinese; none if the text is no such sentence, or has more after it.
pub(super) fn zh(text: &str, part: impl Fn(&str) -> Option<String>) -> Option<String> {
    let (nodes, _) = text.strip_prefix("0/")?.split_once(AVAILABLE)?;
    if !text.ends_with('.') || text.contains(". ") {
        return None;
    }
    let say = |reason: &str| match part(reason) {
        Some(zh) if zh.starts_with(|c: char| c.is_ascii()) => format!(" {zh}"),
        Some(zh) => zh,
        None => format!(" {reason}"),
    };
    let list: Vec<String> = filters(text).into_iter().map(|(count, reason)| format!("{count} 个{}", say(reason))).collect();
    Some(format!("{nodes} 个节点均不可用：{}。", list.join("，")))
}

#[cfg(test)]
mod tests {
    use super::filters;

    #[test]
    fn refusals_are_taken_apart_by_filter() {
        let reason = "0/3 nodes are available: 1 Insufficient cpu, 2 had untolerated taint {a: b, c}. The pod waits (unit 1).";
        assert_eq!(filters(reason), [(1, "Insufficient cpu"), (2, "had untolerated taint {a: b, c}")]);
        assert_eq!(filters("there are no nodes"), []);
    }
}
