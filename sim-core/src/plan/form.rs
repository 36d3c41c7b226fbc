//! Forms of a class of pods that differ in nothing but where its pods go.

/// What a variant is a form of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Form {
    /// The class that it is a form of.
    pub base: usize,
    /// Counts the placements that its workload has during the run: 0 for the first.
    pub epoch: u32,
    /// Where its pods go.
    pub route: Route,
}

/// Where pods go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Route {
    /// As the placement of that epoch says.
    Own,
    /// To virtual nodes, because their namespace or an autoscaler says so.
    Instances,
    /// To the nodes of a subset, by its place.
    Subset(u32),
}
