//! The stable codes of what is wrong with a study; those of files and shape are the scenario's.

/// An axis has no values, two kinds of them, or labels that do not fit.
pub const AXIS: &str = "S0401";
/// A range that has no values.
pub const RANGE: &str = "S0402";
/// A condition that cannot be understood.
pub const CONDITION: &str = "S0403";
/// Axes cannot move together.
pub const ZIP: &str = "S0404";
/// More points or axes than a study takes.
pub const TOO_MANY: &str = "S0405";
/// A number of replications, or a precision, that makes no sense.
pub const REPLICATIONS: &str = "S0406";
/// A name that is no figure of the summary.
pub const FIGURE: &str = "S0407";
/// A constraint, share or budget of a search that makes no sense.
pub const CONSTRAINT: &str = "S0408";
