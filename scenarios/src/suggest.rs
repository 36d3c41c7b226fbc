//! "Did you mean …?"

/// Names longer than this are not compared: the distance costs the product of the lengths.
const MAX_LENGTH: usize = 64;

/// The known name that a mistyped one most likely stands for; the first of equally near ones.
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = simplify(wanted);
    if plain.is_empty() || wanted.len() > MAX_LENGTH {
        return None;
    }
    // One typing error in a short name, a third of the letters in a long one.
    let allowed = (plain.chars().count() / 3).max(1);
    known
        .into_iter()
        .filter(|name| name.len() <= MAX_LENGTH && *name != wanted)
        .map(|name| (strsim::damerau_levenshtein(&plain, &simplify(name)), name))
        .filter(|&(distance, name)| distance <= allowed && distance < name.chars().count())
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

/// Spelling habits are not typing errors: `max_replicas`, `max-replicas` and `MaxReplicas` are `maxReplicas`.
fn simplify(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_name_that_was_meant() {
        let known = ["replicas", "requests", "maxReplicas", "cpu", "memory", "hpa"];
        assert_eq!(nearest("replica", known), Some("replicas"));
        assert_eq!(nearest("reqeusts", known), Some("requests"));
        assert_eq!(nearest("max_replicas", known), Some("maxReplicas"));
        assert_eq!(nearest("CPU", known), Some("cpu"));
        assert_eq!(nearest("hap", known), Some("hpa"));
        assert_eq!(nearest("tier", known), None);
        assert_eq!(nearest("x", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest(&"x".repeat(100_000), known), None);
        assert_eq!(nearest("内存", ["内存量", "其他"]), Some("内存量"));
    }
}
