//! Load profiles.

use std::str::FromStr;

use serde::Deserialize;
use sim_core::units::Span;

use super::clients::Users;
use super::profiles::{ClassStart, Modulated, Promotion, State, Surge, Timestamps, Weekly};
use super::short::ShortOr;
use crate::text::{Bare, Cpu, DateTime, Duration, Rate, Text, TimeOfDay, Unit};

/// What asks a service for work, over time. Rates of one service add up; rates, `users` and `cpuDemand` do not mix.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub enum Profile {
    /// The same rate all the time: `{constant: 800/s}`.
    Constant(Text<Rate>),
    /// Ramps, as in k6: `{stages: [{duration: 1m, target: 500/s}, {duration: 5m, target: 500/s}, {duration: 1m, target: 0}]}`.
    Stages(ShortOr<Vec<Stage>, Stages>),
    /// Days and nights: `{diurnal: {mean: 800/s, peakAt: "20:00", peakToMean: 2}}`.
    Diurnal(Diurnal),
    /// A rush at a known time: `{flashSale: {at: 1h, peak: 20000/s, rampUp: 5s, hold: 5m, decay: 10m}}`.
    FlashSale(FlashSale),
    /// Bursts that come and go: `{crawler: {rate: 300/s, on: 2m, off: 8m}}`.
    Crawler(Crawler),
    /// Days and nights with busier and quieter days: `{weekly: {mean: 800/s, peakAt: "20:00", peakToMean: 2, days: {sat: 0.6, sun: 0.5}}}`.
    Weekly(Weekly),
    /// Hours of higher load with soft edges: `{promotion: {at: 8h, rate: 3000/s, rampUp: 30m, hold: 4h, decay: 1h}}`.
    Promotion(Promotion),
    /// Classes whose students all log in around the hour: `{classStart: {at: ["08:00", "14:00"], students: 5000, requests: 30, early: 10m, late: 5m}}`.
    ClassStart(ClassStart),
    /// A rate that jumps at random between states, as in a Markov-modulated Poisson process: `{mmpp: [{rate: 300/s, mean: 2m}, {rate: 0/s, mean: 8m}]}`.
    Mmpp(ShortOr<Vec<State>, Modulated>),
    /// Multiplies the other rates of this service: `{surge: {at: 1h, factor: 3, rampUp: 1m, hold: 10m, decay: 5m}}`.
    Surge(Surge),
    /// A recording of requests per interval, from a CSV file.
    Replay(Replay),
    /// A recording of single requests: a CSV file with the time of each.
    Timestamps(Timestamps),
    /// Rates that hold from one time to the next: `{steps: [[0s, 100/s], [10m, 400/s]]}`.
    Steps(Vec<(Duration, Text<Rate>)>),
    /// Users who wait for each answer before they go on: `{users: {count: 200, think: 900ms}}`.
    Users(Box<Users>),
    /// Not requests but a total CPU demand, split evenly over ready pods, for replaying what an HPA saw: `{cpuDemand: [[0s, 12375m], [60s, 24750m]]}`.
    CpuDemand(ShortOr<Vec<(Duration, Cpu)>, CpuDemand>),
}

/// One ramp: a straight line from the rate before to `target`.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Stage {
    /// How long the ramp takes; `0s` makes a jump.
    pub duration: Duration,
    /// Rate at its end.
    pub target: Text<Rate>,
}

/// Ramps with a rate to start from. After the last stage its target holds.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Stages {
    /// Rate before the first stage.
    #[serde(default)]
    pub start_rate: Text<Rate>,
    /// When the first stage starts.
    #[serde(default)]
    pub at: Duration,
    /// The ramps.
    pub stages: Vec<Stage>,
}

/// A daily wave around a mean, highest at `peakAt`. It is a sine wave if `peakToMean` is at most 2; higher peaks get narrower.
/// It is drawn with straight lines of one minute (five minutes in runs of more than a year).
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Diurnal {
    /// Mean over a day.
    pub mean: Text<Rate>,
    /// Time of day of the peak, in quotes: `"20:00"`.
    #[schemars(extend("examples" = ["20:00"]))]
    pub peak_at: Text<TimeOfDay>,
    /// Peak over mean, 1 to 10.
    pub peak_to_mean: f64,
    /// Lowest rate of the day. Default: as far below the mean as the peak is above it, at least 0.
    pub trough: Option<Text<Rate>>,
}

/// A rush: straight up to the peak, constant, straight down to nothing.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct FlashSale {
    /// When it starts.
    pub at: Duration,
    /// Highest rate.
    pub peak: Text<Rate>,
    /// Time to get there.
    #[serde(default)]
    pub ramp_up: Duration,
    /// Time at the peak.
    #[serde(default)]
    pub hold: Duration,
    /// Time to get down to nothing.
    #[serde(default)]
    pub decay: Duration,
}

/// Bursts that come and go.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Crawler {
    /// Rate during a burst.
    pub rate: Text<Rate>,
    /// Length of a burst.
    pub on: Duration,
    /// Time between two bursts.
    pub off: Duration,
    /// When the first burst starts.
    #[serde(default)]
    pub start: Duration,
}

/// A recording: a CSV file with a header, one row an interval, in order of time. The name ends in `.gz` if it is compressed.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Replay {
    /// The file, relative to this one.
    pub file: String,
    /// Column of the counts. Default: the last one.
    pub column: Option<String>,
    /// Column of the times at which intervals start: dates, or seconds. Intervals without a row count as 0. Default: the first column, if there are two or more.
    pub time_column: Option<String>,
    /// Length of an interval.
    #[serde(default = "one_minute")]
    pub interval: Duration,
    /// Every count is multiplied by this.
    #[serde(default = "one")]
    pub scale: f64,
    /// Where the run starts in the recording: a date and time such as `"1998-06-10 12:00:00"`, or a time after its first row. Default: its first row.
    pub from: Option<Text<Offset>>,
    /// How much of the recording is used; nothing comes after it. Default: all that follows.
    pub length: Option<Duration>,
}

const fn one_minute() -> Duration {
    Text(Span::from_secs(60))
}

const fn one() -> f64 {
    1.0
}

/// A place in a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offset {
    /// A date and time.
    Date(DateTime),
    /// A time after the first row.
    After(Span),
}

impl FromStr for Offset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |_| format!("`{text}` is not a place in a recording; expected a date and time such as `1998-06-10 12:00:00`, or a duration such as `6d`");
        text.parse().map(Self::After).or_else(|_| text.parse().map(Self::Date).map_err(wrong))
    }
}

impl Unit for Offset {
    const NAME: &'static str = "Offset";
    const EXPECTED: &'static str = "a date and time, or a duration such as `6d`";
    const DESCRIPTION: &'static str = "A place in a recording: a date and time, or a duration after its first row.";
    const PATTERN: &'static str = r"^([0-9]{4}-[0-9]{2}-[0-9]{2}.*|0|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|min|h|d|w))+)$";
    const EXAMPLES: &'static [&'static str] = &["1998-06-10 12:00:00", "6d"];
    const BARE: Bare = Bare::Zero;
}

/// A CPU demand by steps or by straight lines, and what one pod can use of it. Give either `steps` or `linear`.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct CpuDemand {
    /// Each value holds from its time to the next: `[[0s, 12375m], [60s, 24750m]]`.
    pub steps: Option<Vec<(Duration, Cpu)>>,
    /// Straight lines through these points; the last value holds. Two points at one time make a jump.
    pub linear: Option<Vec<(Duration, Cpu)>>,
    /// Most that one pod can use. Default: its CPU limit, if it has one.
    pub cap_per_pod: Option<Cpu>,
}
