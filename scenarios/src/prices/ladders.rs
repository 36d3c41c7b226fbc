//! Instance sizes of several clouds, as data.

use serde::Deserialize;
use sim_core::plan::{InstanceSpec, SizeSteps};

use crate::decode;
use crate::issue::Issues;
use crate::source::Sources;
use crate::spec::{Rung, Steps};
use crate::tree;

macro_rules! ladders {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../ladders/", $name, ".yaml")))),*]
    };
}

const LADDERS: [(&str, &str); 6] = ladders!["alibaba-eci", "alibaba-eci-selected", "huawei-cci", "tencent-super-node", "aws-fargate", "gke-autopilot"];

#[derive(Deserialize)]
struct Ladder {
    #[serde(default)]
    sizes: Vec<Rung>,
    steps: Option<Steps>,
}

/// Names of the ladders.
pub fn names() -> impl Iterator<Item = &'static str> {
    LADDERS.iter().map(|(name, _)| *name)
}

/// The sizes of a ladder, sorted by CPU, then memory, and those in steps; none if there is no such ladder.
pub fn sizes(name: &str) -> Option<(Vec<InstanceSpec>, Option<SizeSteps>)> {
    let (name, text) = LADDERS.iter().find(|(known, _)| *known == name)?;
    let (mut sources, mut issues) = (Sources::new(), Issues::default());
    let id = sources.add(format!("ladders/{name}.yaml"), *text);
    let ladder: Ladder = tree::parse(&sources, id, &mut issues).and_then(|root| decode::decode(&root, &mut issues))?;
    let mut sizes: Vec<InstanceSpec> =
        ladder.sizes.iter().flat_map(|rung| rung.memory.iter().map(|memory| InstanceSpec::general(rung.cpu.0, memory.0))).collect();
    sizes.sort_unstable();
    Some((sizes, ladder.steps.map(Steps::plan)))
}
