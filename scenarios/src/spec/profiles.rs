//! Load profiles beyond the plain shapes.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::load::Offset;
use crate::text::{Duration, Rate, Text, TimeOfDay};

/// A daily wave whose height depends on the day of the week. The scenario's `start` says which day it is at first; a Monday without one.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Weekly {
    /// Mean over an ordinary day.
    pub mean: Text<Rate>,
    /// Time of day of the peak, in quotes: `"20:00"`.
    #[schemars(extend("examples" = ["20:00"]))]
    pub peak_at: Text<TimeOfDay>,
    /// Peak over mean, 1 to 10.
    pub peak_to_mean: f64,
    /// Lowest rate of an ordinary day. Default: as far below the mean as the peak is above it, at least 0.
    pub trough: Option<Text<Rate>>,
    /// Days that differ, as multiples of an ordinary day: `{sat: 0.6, sun: 0.5, mon: 1.2}`.
    #[serde(default)]
    pub days: BTreeMap<Day, f64>,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Day {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

/// Hours of higher load.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Promotion {
    /// When it starts.
    pub at: Duration,
    /// Rate on top while it lasts.
    pub rate: Text<Rate>,
    /// Time to get there, at first slowly, then fast, then slowly: half a cosine wave.
    #[serde(default)]
    pub ramp_up: Duration,
    /// Time at that rate.
    #[serde(default)]
    pub hold: Duration,
    /// Time to get back, in the same form.
    #[serde(default)]
    pub decay: Duration,
    /// Rush in the first minutes of the promotion, as a multiple of `rate`; it is over after a tenth of `hold`. Default: 1, none.
    pub opening: Option<f64>,
}

/// Classes that start at fixed times of every day. Requests come evenly more and more from `early` before to the start, then fewer and fewer until `late`
/// after it.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ClassStart {
    /// Times of day, in quotes.
    pub at: Vec<Text<TimeOfDay>>,
    /// Students of each class.
    pub students: u32,
    /// Requests that each student sends to get in.
    #[serde(default = "one")]
    pub requests: f64,
    /// How long before the start the first students come.
    pub early: Duration,
    /// How long after it the last ones come.
    pub late: Duration,
}

const fn one() -> f64 {
    1.0
}

/// A state of a rate that changes at random.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct State {
    /// Rate in this state.
    pub rate: Text<Rate>,
    /// How long it lasts on average; exponentially distributed.
    pub mean: Duration,
}

/// A rate that changes at random between states. Each of the other states follows with equal probability; every replication draws its own path.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Modulated {
    /// The states.
    pub states: Vec<State>,
    /// When it starts.
    #[serde(default)]
    pub start: Duration,
}

/// A time in which the other rates of a service are multiplied.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Surge {
    /// When it starts.
    pub at: Duration,
    /// What rates are multiplied by at its height.
    pub factor: f64,
    /// Time to get there.
    #[serde(default)]
    pub ramp_up: Duration,
    /// Time at that factor.
    #[serde(default)]
    pub hold: Duration,
    /// Time to get back.
    #[serde(default)]
    pub decay: Duration,
}

/// A recording of single requests: a CSV file with a header, one row a request, in order of time. The name ends in `.gz` if it is compressed.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Timestamps {
    /// The file, relative to this one.
    pub file: String,
    /// Column of the times: dates, or numbers. Default: the first column.
    pub column: Option<String>,
    /// What one unit of a number is.
    #[serde(default = "one_second")]
    pub unit: Duration,
    /// Where the run starts in the recording: a date and time, or a time after its first row. Default: its first row.
    pub from: Option<Text<Offset>>,
    /// How much of the recording is used. Default: all that follows.
    pub length: Option<Duration>,
    /// Times between requests are divided by this: 2 is twice the rate.
    #[serde(default = "one")]
    pub speed: f64,
}

const fn one_second() -> Duration {
    Text(sim_core::units::Span::from_secs(1))
}
