//! How messages show what a user wrote.

use std::fmt::Write;

/// Longest piece of the input that a message repeats, in characters.
const MAX_QUOTED: usize = 60;

/// Longest list of names that a message enumerates.
const MAX_LISTED: usize = 20;

/// A piece of the input in backticks: shortened, and with control characters made visible, so that a file cannot steer the terminal.
pub fn quote(text: &str) -> String {
    let mut shown = String::from("`");
    for (at, c) in text.chars().enumerate() {
        if at == MAX_QUOTED {
            shown.push('…');
            break;
        }
        match c {
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            c if c.is_control() || is_invisible(c) => {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
            }
            c => shown.push(c),
        }
    }
    shown.push('`');
    shown
}

/// Names in backticks to choose from: `a`, `b` or `c`.
pub fn either<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    join(names, "or")
}

/// Names in backticks: `a`, `b` and `c`.
pub fn every<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    join(names, "and")
}

fn join<'a>(names: impl IntoIterator<Item = &'a str>, word: &str) -> String {
    let names: Vec<String> = names.into_iter().map(quote).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] if names.len() <= MAX_LISTED => format!("{} {word} {last}", first.join(", ")),
        _ => format!("{} and {} more", names[..MAX_LISTED].join(", "), names.len() - MAX_LISTED),
    }
}

/// A text with its control and invisible characters replaced, but for line breaks; for texts that are shown without [`quote`].
pub fn visible(text: &str) -> String {
    text.replace(|c: char| is_invisible(c) || c.is_control() && c != '\n', "\u{fffd}")
}

/// Characters that change the direction of text or have no width: they make a message say something else than the file.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_short_and_harmless() {
        assert_eq!(quote("web"), "`web`");
        assert_eq!(quote("a\u{1b}[31m\nb"), "`a\\u{1b}[31m\\nb`");
        assert_eq!(quote("字".repeat(80).as_str()), format!("`{}…`", "字".repeat(60)));
    }

    #[test]
    fn control_characters_are_visible() {
        assert_eq!(visible("a\u{1b}[0m\nb\t"), "a\u{fffd}[0m\nb\u{fffd}");
    }

    #[test]
    fn names_are_enumerated() {
        assert_eq!(either(["idc"]), "`idc`");
        assert_eq!(either(["idc", "ecs", "eci"]), "`idc`, `ecs` or `eci`");
        assert_eq!(every(["idc", "ecs"]), "`idc` and `ecs`");
        assert!(either(vec!["x"; 30]).ends_with("`x` and 10 more"));
    }
}
