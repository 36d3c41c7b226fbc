//! Values with a unit as people write them: `2h`, `500m`, `800/s`, `99%`, `"20:00"`, `2.5/h`.
//!
//! A [`Text`] is read from the scalar's own characters, so that `cpu: 2`, `cpu: 1.50` and `cpu: 500m` all mean what they say.

mod exact;
mod moment;
mod price;
mod rate;
mod schema;
mod share;
mod units;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};

pub use exact::{ItemPrice, ItemUnit, Ratio};
pub use moment::{DateTime, TimeOfDay};
pub use price::Price;
pub use rate::Rate;
pub use share::{Percent, Share};
use sim_core::units::{Bytes, MilliCpu, Quantity, Span};

/// A kind of value that is written as a number with a unit.
pub trait Unit: FromStr<Err: fmt::Display> {
    /// Name in the JSON Schema.
    const NAME: &'static str;
    /// What it is, for messages: a noun phrase with an example.
    const EXPECTED: &'static str;
    /// How it is written, for the JSON Schema.
    const DESCRIPTION: &'static str;
    /// Regular expression for editors; the parser may know better.
    const PATTERN: &'static str;
    /// Examples for editors.
    const EXAMPLES: &'static [&'static str];
    /// Which numbers make sense without a unit.
    const BARE: Bare;
}

/// Numbers without a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bare {
    /// None.
    Never,
    /// Zero, which is the same in every unit.
    Zero,
    /// All of them.
    Any,
}

/// A value read from text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<T>(pub T);

/// A length of time, such as `90s`, `1m30s`, `250ms`, `2h` or `7d`.
pub type Duration = Text<Span>;
/// An amount of CPU, such as `500m` or `2`.
pub type Cpu = Text<MilliCpu>;
/// An amount of memory, such as `64Gi`.
pub type Memory = Text<Bytes>;
/// A Kubernetes quantity, such as `500m`, `2` or `64Gi`.
pub type Amount = Text<Quantity>;

impl<'de, T: Unit> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor(PhantomData))
    }
}

struct TextVisitor<T>(PhantomData<T>);

impl<T: Unit> Visitor<'_> for TextVisitor<T> {
    type Value = Text<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<T>, E> {
        text.parse().map(Text).map_err(E::custom)
    }
}

/// Defaults in the schema are shown as users would write them.
impl<T: fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<T: Unit> schemars::JsonSchema for Text<T> {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schema::of::<T>()
    }
}

#[cfg(test)]
mod tests {
    use super::{Price, Rate, Share, TimeOfDay, Unit};

    #[test]
    fn every_example_fits_its_own_parser() {
        fn check<T: Unit>() {
            for example in T::EXAMPLES {
                assert!(example.parse::<T>().is_ok(), "{}: {example}", T::NAME);
            }
        }
        check::<sim_core::units::Span>();
        check::<sim_core::units::MilliCpu>();
        check::<sim_core::units::Bytes>();
        check::<sim_core::units::Quantity>();
        check::<Rate>();
        check::<Share>();
        check::<super::Percent>();
        check::<TimeOfDay>();
        check::<super::DateTime>();
        check::<Price>();
        check::<super::Ratio>();
        check::<super::ItemPrice>();
        check::<sim_core::units::IntOrPercent>();
        check::<crate::calendar::Cron>();
        check::<crate::calendar::CronHpaSchedule>();
        check::<crate::calendar::Zone>();
    }
}
