//! Every number of a summary, by its dotted path.

use std::collections::BTreeMap;

use serde_json::Value;
use sim_core::record::Summary;

/// Numbers of a run by their path in the summary, for instance `latency_ms.p99` and `cost.by_tier.eci`. Truth values are 1 and 0; what is null is
/// left out.
pub type Figures = BTreeMap<String, f64>;

/// Parts of a summary that are no result of the run, or no single numbers.
const LEFT_OUT: [&str; 10] = ["schema", "seed", "wall_s", "simulated_to_wall", "series", "warnings", "spikes", "pending", "nodes", "pods_by_namespace"];

/// The figures of a summary.
pub fn of(summary: &Summary) -> Figures {
    let mut figures = Figures::new();
    // Series are long and left out anyway.
    let mut summary = summary.clone();
    summary.series.clear();
    if let Ok(Value::Object(entries)) = serde_json::to_value(&summary) {
        for (name, value) in entries.iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str())) {
            collect(name, value, &mut figures);
        }
    }
    figures
}

fn collect(path: &str, value: &Value, figures: &mut Figures) {
    match value {
        Value::Object(entries) => entries.iter().for_each(|(name, value)| collect(&format!("{path}.{name}"), value, figures)),
        // Of lists only those of named things have a path that stays the same from run to run.
        Value::Array(elements) if path == "objectives" => {
            for element in elements {
                if let Some(name) = element.get("name").and_then(Value::as_str) {
                    let path = format!("{path}.{name}");
                    ["attained", "met"]
                        .iter()
                        .filter_map(|key| Some((key, element.get(key)?)))
                        .for_each(|(key, value)| collect(&format!("{path}.{key}"), value, figures));
                }
            }
        }
        _ => {
            if let Some(number) = number(path, value) {
                figures.insert(path.to_owned(), number);
            }
        }
    }
}

fn number(path: &str, value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::Bool(truth) => f64::from(u8::from(*truth)),
        // Money is written as text; names and digests may look like numbers and are none.
        Value::String(text) if !matches!(path, "scenario" | "digest" | "fidelity" | "cost.currency") => text.parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// The figure that a short name means: its whole path; or `p99` for `latency_ms.p99` and `cost` for `cost.total`; or the end of exactly one path.
pub fn resolve<'a>(names: impl Iterator<Item = &'a str> + Clone, short: &str) -> Result<&'a str, Unresolved<'a>> {
    let exact = |wanted: &str| names.clone().find(|name| *name == wanted);
    let usual = [short.to_owned(), format!("latency_ms.{short}"), format!("{short}.total"), format!("requests.{short}"), format!("cost.{short}")];
    if let Some(found) = usual.iter().find_map(|name| exact(name)) {
        return Ok(found);
    }
    let ends = |name: &&str| name.strip_suffix(short).is_some_and(|before| before.ends_with('.'));
    let matching: Vec<&str> = names.clone().filter(ends).collect();
    match matching[..] {
        [only] => Ok(only),
        [] => Err(Unresolved::Unknown(sim_scenarios::suggest::nearest(short, names))),
        _ => Err(Unresolved::Ambiguous(matching)),
    }
}

/// Why a short name is no figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unresolved<'a> {
    /// No figure has this name; perhaps the given one was meant.
    Unknown(Option<&'a str>),
    /// Several figures end like this.
    Ambiguous(Vec<&'a str>),
}

impl std::fmt::Display for Unresolved<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown(Some(near)) => write!(f, "the summary has no such figure; did you mean `{near}`?"),
            Self::Unknown(None) => f.write_str("the summary has no such figure; `overspill run … --json` shows all of them"),
            Self::Ambiguous(names) => write!(f, "several figures end like this: {}", sim_scenarios::wording::every(names.iter().copied())),
        }
    }
}

/// Whether a figure tells if an objective was met.
pub fn is_met(name: &str) -> bool {
    name.strip_prefix("objectives.").and_then(|rest| rest.rsplit_once('.')).is_some_and(|(_, last)| last == "met")
}

#[cfg(test)]
mod tests {
    use super::{Unresolved, resolve};

    #[test]
    fn short_names_mean_what_people_expect() {
        let names = ["cost.total", "cost.by_tier.eci", "latency_ms.p99", "requests.offered", "workloads.web.latency_ms.p99", "workloads.web.replicas.max"];
        let of = |short: &str| resolve(names.iter().copied(), short).map_err(|_| ());
        assert_eq!(of("p99"), Ok("latency_ms.p99"));
        assert_eq!(of("cost"), Ok("cost.total"));
        assert_eq!(of("by_tier.eci"), Ok("cost.by_tier.eci"));
        assert_eq!(of("replicas.max"), Ok("workloads.web.replicas.max"));
        assert_eq!(of("web.latency_ms.p99"), Ok("workloads.web.latency_ms.p99"));
        assert!(matches!(resolve(["a.x", "b.x"].into_iter(), "x"), Err(Unresolved::Ambiguous(_))));
        assert_eq!(resolve(names.into_iter(), "latency_ms.p9"), Err(Unresolved::Unknown(Some("latency_ms.p99"))));
    }
}
