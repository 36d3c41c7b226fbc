//! YAML with its parts marked, for reading: keys, texts, numbers, comments.
//!
//! Not a parser: it looks at one line at a time, and where it cannot tell it leaves the text plain. Block texts are therefore
//! marked like the rest, which is harmless.

use super::escape::html;

/// The text as HTML, one `<span class="l">` a line.
pub(super) fn highlighted(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        out += &format!("<span class=\"l\">{}</span>\n", self::line(line));
    }
    out
}

fn line(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let (class, length) = match c {
            '#' if before.is_whitespace() => ("yc", rest.len()),
            '"' | '\'' => ("ys", quoted(rest, c)),
            '{' | '}' | '[' | ']' | ',' | ':' => ("yp", 1),
            '-' if rest[1..].starts_with(' ') || rest.len() == 1 => ("yp", 1),
            c if c.is_whitespace() => ("", rest.len() - rest.trim_start().len()),
            _ => word(rest),
        };
        let (part, next) = rest.split_at(length);
        if class.is_empty() {
            out += &html(part);
        } else {
            out += &format!("<i class=\"{class}\">{}</i>", html(part));
        }
        before = part.chars().next_back().unwrap_or(' ');
        rest = next;
    }
    out
}

/// Length of a quoted text with its quotes; the rest of the line if it does not end there.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// Class and length of what starts with an ordinary character.
fn word(text: &str) -> (&'static str, usize) {
    let ends = |at: usize, c: char| matches!(c, ',' | '}' | ']' | '{' | '[') || (c == ':' && text[at + 1..].chars().next().is_none_or(char::is_whitespace));
    let comment = text.find(" #").unwrap_or(text.len());
    let end = text.char_indices().find(|(at, c)| ends(*at, *c)).map_or(text.len(), |(at, _)| at).min(comment);
    let part = &text[..end];
    let class = if text[end..].starts_with(':') {
        "yk"
    } else if part.starts_with(|c: char| c.is_ascii_digit()) || matches!(part.trim_end(), "true" | "false" | "null" | "~") {
        "yn"
    } else {
        ""
    };
    (class, end.max(text.chars().next().map_or(1, char::len_utf8)))
}

#[cfg(test)]
mod tests {
    use super::highlighted;

    #[test]
    fn parts_of_a_line_are_marked() {
        let check = |line: &str, expected: &str| assert_eq!(highlighted(line), format!("<span class=\"l\">{expected}</span>\n"));
        check("# <why>", "<i class=\"yc\"># &lt;why&gt;</i>");
        check("a: 10m # b", "<i class=\"yk\">a</i><i class=\"yp\">:</i> <i class=\"yn\">10m</i> <i class=\"yc\"># b</i>");
        check(
            "- {at: \"20:30\"}",
            "<i class=\"yp\">-</i> <i class=\"yp\">{</i><i class=\"yk\">at</i><i class=\"yp\">:</i> <i class=\"ys\">&quot;20:30&quot;</i><i class=\"yp\">}</i>",
        );
        check("image: a:b#c 大促", "<i class=\"yk\">image</i><i class=\"yp\">:</i> a:b#c 大促");
        check("x: \"open", "<i class=\"yk\">x</i><i class=\"yp\">:</i> <i class=\"ys\">&quot;open</i>");
        check("-é", "-é");
    }
}
