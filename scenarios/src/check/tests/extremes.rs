//! Whatever values a scenario holds, checking it ends, soon and without a panic.

use std::time::{Duration, Instant};

use super::{DAY, EVERYTHING};
use crate::LoadOptions;
use crate::testing::Folder;

const ROUNDS: usize = 600;

const VALUES: [&str; 36] = [
    "0",
    "1",
    "-1",
    "0.5",
    "1e18",
    "1e-9",
    "18446744073709551615",
    "4294967295",
    "null",
    "[]",
    "{}",
    "''",
    "x",
    "0s",
    "1ns",
    "3653d",
    "73000d",
    "0/s",
    "1/d",
    "99999999G/s",
    "1e9/s",
    "0%",
    "100%",
    "1n",
    "1Ei",
    "9E",
    "0.000000000001/s",
    "1000000000/s",
    "0/h",
    "random",
    "true",
    "2026-11-11",
    "\"24:00\"",
    "web",
    "eci",
    "[[0s, 1], [0s, 2]]",
];

/// Where values stand: behind a colon, a bracket or a comma, up to the next of these.
fn slots(text: &str) -> Vec<(usize, usize)> {
    let mut slots = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let code = line.split(" #").next().unwrap_or(line).trim_end();
        let starts = code.match_indices([':', '[', ',']).map(|(at, _)| at + 1);
        for start in starts {
            let rest = &code[start..];
            let space = rest.len() - rest.trim_start().len();
            let end = rest[space..].find([',', ']', '}', '[', '{', ':']).map_or(code.len(), |end| start + space + end);
            if end > start + space && !code[end..].starts_with(':') {
                slots.push((offset + start + space, offset + end));
            }
        }
        offset += line.len();
    }
    slots
}

#[test]
fn extreme_values_never_panic() {
    let slots = slots(EVERYTHING);
    assert!(slots.len() > 200, "{} values", slots.len());
    let folder = Folder::new(&[("day.csv", DAY)]);
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut below = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % limit as u64) as usize
    };
    let mut sound = 0;
    for round in 0..ROUNDS {
        let mut text = EVERYTHING.to_owned();
        // From the end, so that earlier places stay.
        let mut chosen: Vec<usize> = (0..=below(3)).map(|_| below(slots.len())).collect();
        chosen.sort_unstable();
        chosen.dedup();
        for slot in chosen.into_iter().rev() {
            text.replace_range(slots[slot].0..slots[slot].1, VALUES[below(VALUES.len())]);
        }
        folder.write("test.yaml", text.as_bytes());
        let start = Instant::now();
        let loaded = crate::load(&folder.path("test.yaml"), &LoadOptions::default());
        assert!(start.elapsed() < Duration::from_secs(5), "round {round} took {:?}:\n{text}", start.elapsed());
        assert_eq!(loaded.plan.is_some(), !loaded.issues.has_errors(), "round {round}");
        assert!(loaded.issues.iter().all(|issue| issue.span.is_some()), "round {round}");
        sound += usize::from(loaded.plan.is_some());
    }
    assert!(sound > ROUNDS / 20 && sound < ROUNDS, "{sound} of {ROUNDS} were sound");
}
