//! Names and labels: their form, and what they refer to.

pub(super) use sim_core::scheduling::{is_label_key, is_label_value};

use super::Context;
use super::code;
use crate::issue::{Issue, Path};
use crate::suggest;
use crate::wording::{either, quote};

/// Reports a name that refers to nothing, with the one that was probably meant.
pub(super) fn unknown<'i, 'a>(cx: &'i mut Context<'_>, what: &str, name: &str, known: impl IntoIterator<Item = &'a str>, path: &Path) -> &'i mut Issue {
    let known: Vec<&str> = known.into_iter().collect();
    let issue = cx.issues.error(code::UNKNOWN_NAME, path, format!("there is no {what} {}", quote(name)));
    if let Some(near) = suggest::nearest(name, known.iter().copied()) {
        issue.with_help(format!("did you mean {}?", quote(near)));
    } else if known.is_empty() {
        issue.with_help(format!("the scenario has no {what}"));
    } else {
        issue.with_help(format!("there is {}", either(known)));
    }
    issue
}

/// Checks the name of an object as Kubernetes does: lowercase letters, digits, `-` and `.`, at most 63 characters.
pub(super) fn object(cx: &mut Context<'_>, what: &str, name: &str, path: &Path) {
    let inner = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'.';
    let outer = |c: &u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let fits = name.len() <= 63 && name.bytes().all(inner) && name.as_bytes().first().is_some_and(outer) && name.as_bytes().last().is_some_and(outer);
    if !fits {
        let message = format!("{} cannot be the name of a {what}", quote(name));
        cx.issues.error(code::BAD_NAME, path, message).with_help("names have at most 63 lowercase letters, digits, `-` and `.`, as in Kubernetes");
    }
}

/// Checks a free name: printable, not empty, not too long.
pub(super) fn free(cx: &mut Context<'_>, what: &str, name: &str, path: &Path) {
    let fits = !name.trim().is_empty() && name.chars().count() <= 100 && !name.chars().any(|c| c.is_control() || c == '/' || c == '\\');
    if !fits {
        let message = format!("{} cannot be the name of a {what}", quote(name));
        cx.issues.error(code::BAD_NAME, path, message).with_help("names have 1 to 100 characters, no slashes and no line breaks");
    }
}

/// Checks labels as Kubernetes does.
pub(super) fn labels<'a>(cx: &mut Context<'_>, labels: impl IntoIterator<Item = (&'a String, &'a String)>, path: &Path) {
    for (key, value) in labels {
        let place = path.key(key);
        if !is_label_key(key) {
            let message = format!("{} cannot be the key of a label", quote(key));
            cx.issues.error(code::BAD_NAME, &place, message).on_key().with_help("a key is `name` or `prefix/name` of letters, digits, `-`, `_` and `.`");
        }
        if !is_label_value(value) {
            let message = format!("{} cannot be the value of a label", quote(value));
            cx.issues.error(code::BAD_NAME, &place, message).with_help("a value has at most 63 letters, digits, `-`, `_` and `.`");
        }
    }
}
