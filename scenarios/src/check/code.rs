//! The stable codes of what is wrong with the meaning of a scenario: errors from `S0201`, warnings from `S0301`.

/// A name refers to nothing.
pub const UNKNOWN_NAME: &str = "S0201";
/// A name is used twice.
pub const DUPLICATE_NAME: &str = "S0202";
/// A name, label or code has characters or a length that it may not have.
pub const BAD_NAME: &str = "S0203";
/// A value is too small.
pub const TOO_SMALL: &str = "S0204";
/// A value is larger than the simulator takes.
pub const TOO_LARGE: &str = "S0205";
/// Bounds or times are in the wrong order.
pub const ORDER: &str = "S0206";
/// A list is empty that has to hold something.
pub const EMPTY: &str = "S0207";
/// Two entries exclude each other.
pub const CONFLICT: &str = "S0208";
/// An entry is needed because of another one.
pub const MISSING: &str = "S0209";
/// The price of a machine or instance is unknown.
pub const UNKNOWN_PRICE: &str = "S0220";
/// A resource is neither CPU nor memory nor an extended resource.
pub const UNKNOWN_RESOURCE: &str = "S0221";
/// More extended resources than the simulator takes.
pub const MANY_RESOURCES: &str = "S0222";
/// An HPA target is relative to a CPU request that is not there.
pub const NO_CPU_REQUEST: &str = "S0230";
/// A metric, behaviour or affinity that Kubernetes would refuse.
pub const REFUSED: &str = "S0231";
/// Rates, users and CPU demand for one service.
pub const MIXED_LOAD: &str = "S0240";
/// A recording cannot be used.
pub const BAD_RECORDING: &str = "S0241";
/// Calls that lead back to where they come from.
pub const CIRCLE: &str = "S0242";
/// An expectation that no run can be compared with.
pub const BAD_EXPECTATION: &str = "S0250";
/// A document is not a Kubernetes object.
pub const NOT_AN_OBJECT: &str = "S0260";
/// A Kubernetes object in a version or with a setting that cannot be simulated.
pub const UNSUPPORTED: &str = "S0261";

/// Labels or affinity of a workload match no node.
pub const NO_MATCH: &str = "S0301";
/// Every node that a workload selects repels it.
pub const NOT_TOLERATED: &str = "S0302";
/// A pod is larger than every node and instance that it may go to.
pub const LARGE_POD: &str = "S0303";
/// A preferred tier has no node.
pub const EMPTY_TIER: &str = "S0304";
/// A node selector of a unit that has no effect.
pub const IGNORED_SELECTOR: &str = "S0305";
/// Load for a service without pods.
pub const NO_PODS: &str = "S0306";
/// An entry has no effect.
pub const NO_EFFECT: &str = "S0307";
/// Something in a manifest is not simulated.
pub const NOT_SIMULATED: &str = "S0308";
/// A zone lies outside the region of the price book.
pub const FOREIGN_ZONE: &str = "S0309";
/// Weights of preferred affinity do not decide alone.
pub const WEIGHTS: &str = "S0310";
/// A `//` comment was cut off.
pub const SLASHES: &str = "S0311";
/// A policy or autoscaler selects nothing.
pub const UNUSED_POLICY: &str = "S0312";
/// A busy pod would use more than its limit.
pub const ABOVE_LIMIT: &str = "S0313";
/// A recording is shorter than the run.
pub const SHORT_RECORDING: &str = "S0314";
/// A window is longer than the run.
pub const LONG_WINDOW: &str = "S0315";
/// A hook takes longer than its pod's grace period.
pub const ORDER_OF_STOP: &str = "S0319";
