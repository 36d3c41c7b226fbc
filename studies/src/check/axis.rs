//! Axes, and which of them move together.

use sim_scenarios::issue::Path;
use sim_scenarios::locate;
use sim_scenarios::overrides::Override;
use sim_scenarios::source::Span;
use sim_scenarios::spec::ShortOr;
use sim_scenarios::tree::{Kind, Node};
use sim_scenarios::wording::quote;

use super::{Checker, code};
use crate::condition::Condition;
use crate::decimal::Decimal;
use crate::design::{Axis, Continuous, Level, Levels};
use crate::spec::{self, Range, Scale};

/// Most values of one axis.
const MAX_VALUES: usize = 100_000;

/// Longest text of a value without a label.
const MAX_TEXT: usize = 60;

impl Checker<'_> {
    pub(super) fn axes(&mut self, written: &spec::Study) -> Vec<Axis> {
        let names: Vec<&str> = written.axes.names().collect();
        let path = Path::root().key("axes");
        written.axes.0.iter().enumerate().filter_map(|(at, (name, axis))| self.axis(name, axis, &names[..at], &path.key(name))).collect()
    }

    fn axis(&mut self, name: &str, written: &ShortOr<Vec<spec::Anything>, spec::Axis>, earlier: &[&str], path: &Path) -> Option<Axis> {
        let full = match written {
            ShortOr::Short(_) => None,
            ShortOr::Full(full) => Some(full),
        };
        if crate::table::RESERVED.contains(&name) {
            self.issues
                .error(code::AXIS, path, format!("{} is the name of another column of the results", quote(name)))
                .on_key()
                .with_help("name the axis otherwise, with `path`");
        }
        let changes = self.paths(name, full, path)?;
        let levels = match full {
            None => self.list(path, &[], &changes)?,
            Some(spec::Axis { values: Some(_), range: None, labels, .. }) => self.list(&path.key("values"), labels, &changes)?,
            Some(spec::Axis { values: None, range: Some(range), labels, .. }) => {
                if !labels.is_empty() {
                    self.issues.error(code::AXIS, path.key("labels"), "values of a range are their own labels");
                }
                self.range(range, &path.key("range"), changes)?
            }
            Some(_) => {
                self.issues.error(code::AXIS, path, format!("axis {} needs either `values` or `range`", quote(name))).on_key();
                return None;
            }
        };
        let when = full.and_then(|full| full.when.as_deref()).and_then(|text| {
            Condition::parse(text, earlier)
                .map_err(|message| {
                    let issue = self.issues.error(code::CONDITION, path.key("when"), message);
                    issue.with_help("a condition of an axis asks for axes that stand before it");
                })
                .ok()
        });
        Some(Axis { name: name.to_owned(), levels, when })
    }

    /// What an axis changes, with nothing for a value yet.
    fn paths(&mut self, name: &str, full: Option<&spec::Axis>, path: &Path) -> Option<Vec<Override>> {
        let own = || locate::find(self.root, path).key.map(|key| key.span);
        let paths: Vec<(String, Option<Span>)> = match full.and_then(|full| full.path.as_ref()) {
            None => vec![(name.to_owned(), own())],
            Some(paths) => paths.0.iter().map(|text| (text.clone(), locate::value(self.root, &path.key("path")).map(|node| node.span))).collect(),
        };
        if paths.is_empty() {
            self.issues.error(code::AXIS, path.key("path"), "an axis changes at least one value of the scenario");
        }
        let whole = self.root.span;
        let changes: Vec<Override> =
            paths.iter().filter_map(|(text, span)| Override::at(text, span.unwrap_or(whole), Node::null(span.unwrap_or(whole)), self.issues)).collect();
        (changes.len() == paths.len() && !changes.is_empty()).then_some(changes)
    }

    fn list(&mut self, path: &Path, labels: &[String], changes: &[Override]) -> Option<Levels> {
        let nodes = locate::value(self.root, path)?.elements().unwrap_or_default();
        if nodes.is_empty() || nodes.len() > MAX_VALUES {
            self.issues.error(code::AXIS, path, format!("expected 1 to {MAX_VALUES} values, found {}", nodes.len()));
            return None;
        }
        if !labels.is_empty() && labels.len() != nodes.len() {
            self.issues.error(code::AXIS, path, format!("there are {} values and {} labels", nodes.len(), labels.len()));
            return None;
        }
        let level = |(at, node): (usize, &Node)| Level {
            text: labels.get(at).cloned().unwrap_or_else(|| shown(node)),
            changes: changes.iter().map(|change| change.with_value(node.clone())).collect(),
        };
        let levels: Vec<Level> = nodes.iter().enumerate().map(level).collect();
        for (at, level) in levels.iter().enumerate() {
            if levels[..at].iter().any(|other| other.text == level.text) {
                let issue = self.issues.error(code::AXIS, path.index(at), format!("the value {} is there twice", quote(&level.text)));
                issue.with_help("give values that look alike different `labels`");
            }
        }
        Some(Levels::List(levels))
    }

    fn range(&mut self, range: &Range, path: &Path, changes: Vec<Override>) -> Option<Levels> {
        let mut number = |key: &str, text: &spec::Scalar| {
            text.0
                .parse::<Decimal>()
                .map_err(|message| {
                    self.issues.error(code::RANGE, path.key(key), message);
                })
                .ok()
        };
        let (from, to) = (number("from", &range.from), number("to", &range.to));
        let step = range.step.as_ref().map(|step| number("step", step));
        let (from, to) = (from?, to?);
        let step = match step {
            None => None,
            Some(step) => Some(step?),
        };
        let units = [Some(&from), Some(&to), step.as_ref()];
        if units.into_iter().flatten().any(|number| number.unit != from.unit) {
            let shown: Vec<String> = units.into_iter().flatten().map(ToString::to_string).collect();
            self.issues.error(code::RANGE, path, format!("the numbers of a range have one unit: {}", shown.join(", ")));
            return None;
        }
        let log = range.scale == Scale::Log;
        if log && (from.as_f64() <= 0.0 || step.is_some()) {
            self.issues.error(code::RANGE, path.key("scale"), "values by ratio begin above zero and have a `count`, not a `step`");
            return None;
        }
        if from.as_f64() > to.as_f64() {
            self.issues.error(code::RANGE, path, "a range ends before it begins");
            return None;
        }
        let texts: Vec<String> = match (step, range.count) {
            (Some(_), Some(_)) => {
                self.issues.error(code::RANGE, path, "a range has either a `step` or a `count`");
                return None;
            }
            (None, None) => return Some(Levels::Continuous(Continuous { from, to, log, changes })),
            (Some(step), None) => match from.steps(&to, &step, MAX_VALUES) {
                Ok(values) => values.iter().map(ToString::to_string).collect(),
                Err(message) => {
                    self.issues.error(code::RANGE, path, message);
                    return None;
                }
            },
            (None, Some(count)) if (1..=MAX_VALUES as u32).contains(&count) => {
                let range = Continuous { from, to, log, changes: Vec::new() };
                let share = |i: u32| f64::from(i) / f64::from(count.max(2) - 1);
                (0..count).map(|i| range.level(share(i)).text).collect()
            }
            (None, Some(count)) => {
                self.issues.error(code::RANGE, path.key("count"), format!("expected 1 to {MAX_VALUES} values, found {count}"));
                return None;
            }
        };
        let level = |text: String| Level { changes: changes.iter().map(|change| change.with_text(&text)).collect(), text };
        Some(Levels::List(texts.into_iter().map(level).collect()))
    }

    /// Groups of axes that move together, each axis in one.
    pub(super) fn dimensions(&mut self, written: &spec::Study, axes: &[Axis]) -> Vec<Vec<usize>> {
        let mut group: Vec<Option<usize>> = vec![None; axes.len()];
        for (at, names) in written.zip.iter().enumerate() {
            let path = Path::root().key("zip").index(at);
            let mut length = None;
            for (i, name) in names.iter().enumerate() {
                let Some(axis) = axes.iter().position(|axis| axis.name == *name) else {
                    if written.axes.get(name).is_none() {
                        self.issues.error(code::ZIP, path.index(i), format!("there is no axis {}", quote(name)));
                    }
                    continue;
                };
                if group[axis].replace(at).is_some() {
                    self.issues.error(code::ZIP, path.index(i), format!("axis {} moves with others already", quote(name)));
                }
                let this = axes[axis].count();
                if *length.get_or_insert(this) != this {
                    let message = format!("axes that move together have equally many values, and {} has another number of them", quote(name));
                    self.issues.error(code::ZIP, path.index(i), message);
                }
            }
        }
        let mut dimensions: Vec<Vec<usize>> = Vec::new();
        for axis in 0..axes.len() {
            let first = group[axis].and_then(|at| group[..axis].iter().position(|other| *other == Some(at)));
            match first.and_then(|first| dimensions.iter_mut().find(|dimension| dimension.contains(&first))) {
                Some(dimension) => dimension.push(axis),
                None => dimensions.push(vec![axis]),
            }
        }
        dimensions
    }
}

/// A value as text: scalars as they are, anything else as YAML on one line.
fn shown(node: &Node) -> String {
    let text = flow(node);
    if text.chars().count() <= MAX_TEXT { text } else { text.chars().take(MAX_TEXT - 1).chain(['…']).collect() }
}

fn flow(node: &Node) -> String {
    match &node.kind {
        Kind::Null => "null".to_owned(),
        Kind::Scalar { text, .. } => text.clone(),
        Kind::Sequence(elements) => format!("[{}]", elements.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Kind::Mapping(entries) => {
            format!("{{{}}}", entries.iter().map(|(key, value)| format!("{}: {}", flow(key), flow(value))).collect::<Vec<_>>().join(", "))
        }
    }
}
