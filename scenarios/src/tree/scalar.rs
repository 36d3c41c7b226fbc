//! Which plain scalars are numbers and truth values: the core schema of YAML 1.2, without its traps.

/// A plain scalar that is a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Whole(i128),
    Real(f64),
}

impl Number {
    /// The value as a whole number, if it is one: `3.0` and `1e9` are.
    pub(crate) fn whole(self) -> Option<i128> {
        /// Up to here every whole number has a double of its own.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        match self {
            Self::Whole(value) => Some(value),
            Self::Real(value) => (value.fract() == 0.0 && value.abs() <= EXACT).then_some(value as i128),
        }
    }

    /// The value as a double.
    pub(crate) const fn real(self) -> f64 {
        match self {
            Self::Whole(value) => value as f64,
            Self::Real(value) => value,
        }
    }
}

/// A truth value. `yes` and `on` are text since YAML 1.2.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// A finite number. A leading zero is refused because readers disagree whether `010` is ten or eight.
pub(crate) fn number(text: &str) -> Option<Number> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let signed = |value: i128| Number::Whole(if negative { -value } else { value });
    if let Some(hex) = digits.strip_prefix("0x") {
        return radix(hex, 16).map(signed);
    }
    if let Some(octal) = digits.strip_prefix("0o") {
        return radix(octal, 8).map(signed);
    }
    if !is_decimal(digits) || has_leading_zero(digits) {
        return None;
    }
    if let Ok(value) = digits.parse::<i128>() {
        return Some(signed(value));
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite()).map(Number::Real)
}

/// Advice for text that its author probably took for a number.
pub(crate) fn number_help(text: &str, plain: bool) -> Option<String> {
    let bare = text.trim_start_matches(['-', '+']);
    if !plain {
        return number(text).map(|_| format!("remove the quotes: `{text}`"));
    }
    if bare.starts_with(|c: char| c.is_ascii_digit()) && text.contains(['_', ',']) {
        let joined: String = text.chars().filter(|c| !matches!(c, '_' | ',')).collect();
        return number(&joined).map(|_| format!("write it without separators: `{joined}`"));
    }
    if is_decimal(bare) && has_leading_zero(bare) {
        return Some(format!("a leading zero is ambiguous: write `{}`", bare.trim_start_matches('0')));
    }
    matches!(bare.to_ascii_lowercase().as_str(), ".inf" | ".nan" | "inf" | "nan" | "infinity").then(|| "numbers are finite here".to_owned())
}

fn radix(digits: &str, radix: u32) -> Option<i128> {
    // The standard parser would accept a second sign.
    digits.chars().all(|c| c.is_digit(radix)).then(|| i128::from_str_radix(digits, radix).ok()).flatten()
}

fn has_leading_zero(digits: &str) -> bool {
    digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Digits with at most one point and an exponent: `12`, `1.5`, `.5`, `1e-3`.
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    !(whole.is_empty() && fraction.is_empty()) && all_digits(whole) && all_digits(fraction) && exponent_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_core_schema() {
        let whole = |text| number(text).and_then(Number::whole);
        assert_eq!(whole("12"), Some(12));
        assert_eq!(whole("-12"), Some(-12));
        assert_eq!(whole("+7"), Some(7));
        assert_eq!(whole("0x1F"), Some(31));
        assert_eq!(whole("0o17"), Some(15));
        assert_eq!(whole("1e9"), Some(1_000_000_000));
        assert_eq!(whole("3.0"), Some(3));
        assert_eq!(whole("2.5"), None);
        assert_eq!(number("2.5"), Some(Number::Real(2.5)));
        assert_eq!(number(".5"), Some(Number::Real(0.5)));
        assert_eq!(number("5."), Some(Number::Real(5.0)));
        assert_eq!(number("-1.5e-3"), Some(Number::Real(-0.0015)));
        assert_eq!(number("0"), Some(Number::Whole(0)));
        for text in ["", "-", "+", ".", "1_000", "010", "1e", "1e+", "e5", ".inf", "nan", "inf", "0x", "0x-1", "1.2.3", "500m", "99%", "1e999", "--1", "１"] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!(number("123456789012345678901234567890123456789012345").and_then(Number::whole), None);
    }

    #[test]
    fn advice_for_near_numbers() {
        assert_eq!(number_help("1_000", true).as_deref(), Some("write it without separators: `1000`"));
        assert_eq!(number_help("010", true).as_deref(), Some("a leading zero is ambiguous: write `10`"));
        assert_eq!(number_help("5", false).as_deref(), Some("remove the quotes: `5`"));
        assert_eq!(number_help(".inf", true).as_deref(), Some("numbers are finite here"));
        assert_eq!(number_help("abc", true), None);
    }
}
