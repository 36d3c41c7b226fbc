//! What a store's results are of.

use serde::{Deserialize, Serialize};

use crate::check::Study;
use crate::identity::{Hash, Hasher, MODEL};

/// Name of the manifest's entry.
pub const NAME: &str = "study.jsonl";

/// Version of the layout of stores.
const FORMAT: &str = "overspill.study/1";

/// A study, as its results know it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Layout of the store.
    pub format: String,
    /// Identity: a hash of everything that decides the results.
    pub id: String,
    /// Version of the simulator.
    pub model: String,
    /// Name of the study.
    pub name: String,
    /// Its question.
    pub description: Option<String>,
    /// Names of the axes.
    pub axes: Vec<String>,
    /// Number of points.
    pub points: u64,
    /// Hash of all plans and values, in order.
    pub plans: String,
    /// Seed of the first replication.
    pub seed: u64,
    /// How often points are run, in words.
    pub replications: String,
    /// Confidence of intervals.
    pub confidence: f64,
    /// When runs begin to count.
    pub warm_up: Option<String>,
    /// Currency of amounts.
    pub currency: String,
    /// Figures to show; no part of the identity.
    pub figures: Vec<String>,
}

impl Manifest {
    pub(super) fn of(study: &Study, points: u64, plans: Hash) -> Self {
        let mut manifest = Self {
            format: FORMAT.to_owned(),
            id: String::new(),
            model: MODEL.to_owned(),
            name: study.name.clone(),
            description: study.description.clone(),
            axes: study.design.axes.iter().map(|axis| axis.name.clone()).collect(),
            points,
            plans: plans.to_string(),
            seed: study.base_seed,
            replications: how_often(study),
            confidence: study.replications.confidence,
            warm_up: study.warm_up.map(|warm_up| warm_up.to_string()),
            currency: study.currency.clone(),
            figures: study.figures.clone(),
        };
        let mut hasher = Hasher::new();
        hasher.text(&format_args!(
            "{} {} {:?} {} {} {} {} {} {:?}",
            manifest.format,
            manifest.model,
            manifest.axes,
            manifest.points,
            manifest.plans,
            manifest.seed,
            manifest.replications,
            manifest.confidence,
            manifest.warm_up
        ));
        manifest.id = hasher.finish().to_string();
        manifest
    }

    /// What differs from another study, in words.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        let mut compare = |what: &str, here: String, there: String| {
            if here != there {
                differences.push(format!("{what}: {here} in the results, {there} now"));
            }
        };
        compare("version of overspill", self.model.clone(), other.model.clone());
        compare("axes", self.axes.join(", "), other.axes.join(", "));
        compare("number of points", self.points.to_string(), other.points.to_string());
        compare("seed", self.seed.to_string(), other.seed.to_string());
        compare("replications", self.replications.clone(), other.replications.clone());
        compare("confidence", self.confidence.to_string(), other.confidence.to_string());
        let warm_up = |manifest: &Self| manifest.warm_up.clone().unwrap_or_else(|| "none".to_owned());
        compare("warm-up", warm_up(self), warm_up(other));
        if differences.is_empty() && self.plans != other.plans {
            differences.push("the scenario, or values of axes, changed".to_owned());
        }
        differences
    }
}

fn how_often(study: &Study) -> String {
    let replications = &study.replications;
    let until: Vec<String> = replications.until.iter().map(|(figure, share)| format!("{figure} within {share}")).collect();
    if until.is_empty() {
        return replications.min.to_string();
    }
    format!("{} to {} until {}", replications.min, replications.max, until.join(", "))
}
