//! How the core's own units are written.

use sim_core::units::{Bytes, IntOrPercent, MilliCpu, Quantity, Span};

use super::{Bare, Unit};

impl Unit for Span {
    const NAME: &'static str = "Duration";
    const EXPECTED: &'static str = "a duration such as `90s`";
    const DESCRIPTION: &'static str = "A duration: a number with a unit (ns, us, ms, s, m, h, d, w), or several such as `1m30s`; `0` needs no unit.";
    const PATTERN: &'static str = r"^(0|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|min|h|d|w))+)$";
    const EXAMPLES: &'static [&'static str] = &["250ms", "90s", "1m30s", "2h", "7d"];
    const BARE: Bare = Bare::Zero;
}

impl Unit for IntOrPercent {
    const NAME: &'static str = "IntOrPercent";
    const EXPECTED: &'static str = "a number or a percentage such as `25%`";
    const DESCRIPTION: &'static str = "A number of pods, or a share of all of them in whole percent.";
    const PATTERN: &'static str = r"^[0-9]+ ?%?$";
    const EXAMPLES: &'static [&'static str] = &["3", "25%"];
    const BARE: Bare = Bare::Any;
}

/// Number and suffix of a Kubernetes quantity.
const QUANTITY: &str = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$";

impl Unit for MilliCpu {
    const NAME: &'static str = "Cpu";
    const EXPECTED: &'static str = "an amount of CPU such as `500m`";
    const DESCRIPTION: &'static str = "An amount of CPU: cores, or thousandths with the suffix `m`.";
    const PATTERN: &'static str = QUANTITY;
    const EXAMPLES: &'static [&'static str] = &["500m", "2", "1.5"];
    const BARE: Bare = Bare::Any;
}

impl Unit for Bytes {
    const NAME: &'static str = "Memory";
    const EXPECTED: &'static str = "an amount of memory such as `4Gi`";
    const DESCRIPTION: &'static str = "An amount of memory: bytes, or with a suffix (Ki, Mi, Gi, Ti; k, M, G, T).";
    const PATTERN: &'static str = QUANTITY;
    const EXAMPLES: &'static [&'static str] = &["512Mi", "64Gi", "1.5Gi"];
    const BARE: Bare = Bare::Any;
}

impl Unit for Quantity {
    const NAME: &'static str = "Quantity";
    const EXPECTED: &'static str = "a quantity such as `500m` or `4Gi`";
    const DESCRIPTION: &'static str = "A Kubernetes quantity: a number with an optional suffix.";
    const PATTERN: &'static str = QUANTITY;
    const EXAMPLES: &'static [&'static str] = &["500m", "2", "64Gi"];
    const BARE: Bare = Bare::Any;
}
