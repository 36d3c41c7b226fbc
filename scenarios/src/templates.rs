//! Scenarios to start from: the gallery, embedded so that the program works anywhere.

/// A scenario to start from, with the files it needs.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// Name, for `overspill new NAME`.
    pub name: &'static str,
    /// The scenario.
    pub text: &'static str,
    /// Further files, by path relative to the scenario.
    pub files: &'static [(&'static str, &'static str)],
}

impl Template {
    /// The question that the scenario answers: its first comment.
    pub fn question(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default().trim_start_matches('#').trim()
    }
}

/// The smallest scenario that shows something.
const MINIMAL: &str = "\
# How many pods does a service need in a rush, and what do they cost?
name: minimal
duration: 10m
nodes:
  - {name: base, tier: ecs, instanceType: ecs.c7.xlarge, reserved: ack-1.28}
virtualNodes:
  - {name: burst}
services:
  web:
    requests: {cpu: 500m, memory: 1Gi}
    serviceTime: {lognormal: {mean: 40ms, cv: 1}}
    concurrency: 8
    autoscaler: {hpa: {min: 2, max: 50, cpu: 60}}
    placement: {prefer: [ecs, eci]}
load:
  web:
    - {constant: 200/s}
    - {flashSale: {at: 3m, peak: 1000/s, rampUp: 10s, hold: 2m, decay: 1m}}
objectives:
  - {p99: 500ms, of: web, attain: 95%}
";

macro_rules! gallery {
    ($($name:literal $([$($file:literal),*])?),* $(,)?) => {
        &[
            Template { name: "minimal", text: MINIMAL, files: &[] },
            $(Template {
                name: $name,
                text: include_str!(concat!("../gallery/", $name, ".yaml")),
                files: &[$($(($file, include_str!(concat!("../gallery/", $file)))),*)?],
            }),*
        ]
    };
}

/// Every template, in the order in which they are listed.
pub const TEMPLATES: &[Template] = gallery![
    "flash-sale",
    "shop-chain",
    "nginx-idc-eci"["k8s/nginx.yaml"],
    "wordpress-scale",
    "wordpress-hpa",
    "crawler",
    "promotion-cron-hpa",
    "keda-queue",
    "diurnal-education",
    "batch-jobs",
    "spark-etl",
    "presto-queries",
    "argo-workflow",
    "rolling-update",
    "node-pool-vs-eci",
    "rollout-at-the-peak",
    "node-maintenance",
    "zone-outage",
    "double-eleven",
    "world-cup-98"["data/world-cup-sample.csv"],
];

/// The template of this name.
pub fn find(name: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.name == name)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{TEMPLATES, find};
    use crate::LoadOptions;
    use crate::testing::Folder;

    #[test]
    fn every_template_is_sound() {
        for template in TEMPLATES {
            let folder = Folder::new(&[("scenario.yaml", template.text)]);
            for (name, text) in template.files {
                folder.write(name, text.as_bytes());
            }
            let loaded = crate::load(&folder.path("scenario.yaml"), &LoadOptions::default());
            assert!(loaded.plan.is_some(), "{}: {}", template.name, loaded.report(false));
            assert!(template.question().ends_with('?'), "{}", template.name);
        }
    }

    #[test]
    fn the_whole_gallery_is_embedded() {
        let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("gallery");
        for entry in std::fs::read_dir(gallery).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(path.extension().is_none_or(|extension| extension != "yaml") || find(name).is_some(), "{name} is not a template");
        }
    }
}
