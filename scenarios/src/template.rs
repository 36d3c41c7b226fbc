//! A scenario that is read once and becomes many plans, each with other values: what studies vary.

use std::path::Path;

use crate::issue::Issues;
use crate::overrides::Override;
use crate::source::{SourceId, Sources};
use crate::tree::Node;
use crate::{LoadOptions, Loaded, finish, issue, read_tree};

/// A scenario's document, with everything that it includes, before it is checked.
#[derive(Clone, Debug)]
pub struct Template {
    root: Option<Node>,
    sources: Sources,
    issues: Issues,
    text: String,
    seed: Option<u64>,
}

impl Template {
    /// Reads a scenario from a file. What is wrong with it, every [`Template::build`] says.
    pub fn open(path: &Path, options: &LoadOptions) -> Self {
        let mut sources = if options.allow_outside { Sources::new().allow_outside() } else { Sources::new() };
        let mut issues = Issues::default();
        match sources.open(path) {
            Ok(id) => Self::of(sources, id, issues, options),
            Err(problem) => {
                problem.report(&mut issues, issue::Path::root());
                Self { root: None, sources, issues, text: String::new(), seed: options.seed }
            }
        }
    }

    /// Reads a scenario that is no file; `name` stands for its file name in messages.
    pub fn parse(name: &str, text: &str, options: &LoadOptions) -> Self {
        let mut sources = Sources::new();
        let id = sources.add(name, text);
        Self::of(sources, id, Issues::default(), options)
    }

    /// Takes a scenario that is among the sources already; `issues` are those found on the way to it.
    pub fn of(mut sources: Sources, id: SourceId, mut issues: Issues, options: &LoadOptions) -> Self {
        let root = read_tree(&mut sources, id, &mut issues, &options.set);
        let text = sources.text(id).to_owned();
        Self { root, sources, issues, text, seed: options.seed }
    }

    /// The same scenario with these changes, made in order.
    #[must_use]
    pub fn changed(mut self, changes: &[Override]) -> Self {
        if let Some(root) = &mut self.root {
            for change in changes {
                change.apply(root, &mut self.issues);
            }
        }
        self
    }

    /// The document; none if it cannot be read.
    pub const fn root(&self) -> Option<&Node> {
        self.root.as_ref()
    }

    /// The scenario's own text, as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The files read so far.
    pub const fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Checks the scenario with these changes, made in order.
    pub fn build(&self, changes: &[Override]) -> Loaded {
        let Self { root, sources, issues, text, seed } = self.clone().changed(changes);
        finish(root, sources, issues, text, seed)
    }

    /// Like [`Template::build`], with changes written as `PATH=VALUE`.
    pub fn build_set(&self, set: &[String]) -> Loaded {
        let mut template = self.clone();
        if let Some(root) = &mut template.root {
            for argument in set {
                crate::overrides::set(root, "--set", argument, &mut template.sources, &mut template.issues);
            }
        }
        finish(template.root, template.sources, template.issues, template.text, template.seed)
    }
}

#[cfg(test)]
mod tests {
    use super::Template;
    use crate::LoadOptions;

    const SCENARIO: &str = "name: test\nduration: 2m\nnodes: [{name: idc, capacity: {cpu: 4}}]\nservices: {web: {requests: {cpu: 1}, replicas: 1}}\n";

    #[test]
    fn one_text_becomes_many_plans() {
        let template = Template::parse("test.yaml", SCENARIO, &LoadOptions::default());
        for replicas in [1, 3] {
            let loaded = template.build_set(&[format!("services.web.replicas={replicas}")]);
            let plan = loaded.plan.as_ref().unwrap_or_else(|| panic!("{}", loaded.report(false)));
            let same = crate::load_text("test.yaml", &SCENARIO.replace("replicas: 1", &format!("replicas: {replicas}")), &LoadOptions::default());
            assert_eq!(format!("{plan:?}"), format!("{:?}", same.plan.unwrap()));
        }
        assert!(template.build_set(&["services.web.replicas=-1".to_owned()]).issues.has_errors());
        assert!(!template.build(&[]).issues.has_errors());
    }
}
