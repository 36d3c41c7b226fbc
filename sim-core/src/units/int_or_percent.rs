//! A number of pods, or a share of them.

use std::fmt;
use std::str::FromStr;

/// A number of pods, or a share of all of them in whole percent, as in Kubernetes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntOrPercent {
    /// Pods.
    Int(u32),
    /// Percent of all.
    Percent(u32),
}

impl IntOrPercent {
    /// The number of pods out of `all`; a share is rounded up or down.
    pub fn of(self, all: u32, round_up: bool) -> u32 {
        match self {
            Self::Int(pods) => pods,
            Self::Percent(percent) => {
                let hundredths = u64::from(percent) * u64::from(all);
                (if round_up { hundredths.div_ceil(100) } else { hundredths / 100 }).min(u64::from(u32::MAX / 2)) as u32
            }
        }
    }
}

impl FromStr for IntOrPercent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let read = match text.strip_suffix('%') {
            Some(number) => number.trim_end().parse().map(Self::Percent),
            None => text.parse().map(Self::Int),
        };
        read.map_err(|_| format!("`{text}` is neither a number nor a percentage; expected for instance `3` or `25%`"))
    }
}

impl fmt::Display for IntOrPercent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(pods) => write!(f, "{pods}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}
