//! Sentences with variable parts: `{} of {}` in one language, `{1} 的 {0}` in the other.

/// `text` as `to` says it, if it is made like `from`, whose parts `{}` are as short as they can be. `part` says a part in the other language.
pub(super) fn rewrite(text: &str, from: &str, to: &str, part: &impl Fn(&str) -> String) -> Option<String> {
    let parts = parts(text, from)?;
    let mut out = String::new();
    let mut rest = to;
    while let Some((before, after)) = rest.split_once('{') {
        let (number, after) = after.split_once('}')?;
        push(&mut out, before);
        push(&mut out, &part(parts.get(number.parse::<usize>().ok()?)?));
        rest = after;
    }
    push(&mut out, rest);
    Some(out)
}

/// Adds text with a space where Chinese meets a letter or a digit, as it is set.
fn push(out: &mut String, text: &str) {
    let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    if let (Some(last), Some(next)) = (out.chars().next_back(), text.chars().next())
        && (is_chinese(last) && next.is_ascii_alphanumeric() || last.is_ascii_alphanumeric() && is_chinese(next))
    {
        out.push(' ');
    }
    out.push_str(text);
}

/// The variable parts of `text`, if it is made like `from`.
fn parts<'a>(text: &'a str, from: &str) -> Option<Vec<&'a str>> {
    let mut literals = from.split("{}");
    let mut rest = text.strip_prefix(literals.next()?)?;
    let mut literals = literals.peekable();
    let mut parts = Vec::new();
    while let Some(literal) = literals.next() {
        // The last part reaches to the end; none is empty.
        let end = if literals.peek().is_none() {
            rest.strip_suffix(literal)?.len()
        } else {
            rest.char_indices().skip(1).find(|(at, _)| rest[*at..].starts_with(literal))?.0
        };
        if end == 0 {
            return None;
        }
        parts.push(&rest[..end]);
        rest = &rest[end + literal.len()..];
    }
    rest.is_empty().then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::{parts, rewrite};

    #[test]
    fn parts_are_found_between_what_is_fixed() {
        assert_eq!(parts("a of b of c", "{} of {}"), Some(vec!["a", "b of c"]));
        assert_eq!(parts("unit 2 (ecs)", "unit {} ({})"), Some(vec!["2", "ecs"]));
        assert_eq!(parts(" of b", "{} of {}"), None);
        assert_eq!(parts("plain", "plain"), Some(vec![]));
        assert_eq!(parts("plainer", "plain"), None);
        assert_eq!(rewrite("3 of 5", "{} of {}", "{1}中的{0}", &str::to_owned).as_deref(), Some("5 中的 3"));
    }
}
