//! Time zones by their IANA name; the names and rules are part of the program, so that no result depends on the machine.

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::suggest;
use crate::text::{Bare, Unit};
use crate::wording::quote;

/// A time zone. The default is UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    pub(super) const fn time_zone(&self) -> &TimeZone {
        &self.0
    }

    /// The instant when clocks in the zone show this, the first of two; a time that they skip is as long after the change as it would be without one.
    pub(super) fn at(&self, civil: DateTime) -> Option<Zoned> {
        self.0.to_zoned(civil).ok()
    }

    /// An instant, by clocks in the zone.
    pub(super) fn of(&self, instant: Timestamp) -> Zoned {
        instant.to_zoned(self.0.clone())
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

impl FromStr for Zone {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Like Kubernetes, and unlike the library, names are taken as they are written.
        match TimeZone::get(text) {
            Ok(zone) if zone.iana_name() == Some(text) => Ok(Self(zone)),
            _ => {
                let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
                let near = suggest::nearest(text, names.iter().map(String::as_str)).map(|near| format!("; did you mean {}?", quote(near)));
                Err(format!("there is no time zone {}{}", quote(text), near.unwrap_or_default()))
            }
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.iana_name().unwrap_or("UTC"))
    }
}

impl Unit for Zone {
    const NAME: &'static str = "TimeZone";
    const EXPECTED: &'static str = "a time zone such as `Asia/Shanghai`";
    const DESCRIPTION: &'static str = "A time zone by its IANA name.";
    const PATTERN: &'static str = r"^[A-Za-z0-9_+/-]+$";
    const EXAMPLES: &'static [&'static str] = &["Asia/Shanghai", "Europe/Berlin", "UTC"];
    const BARE: Bare = Bare::Never;
}

#[cfg(test)]
mod tests {
    use super::Zone;

    #[test]
    fn zones_have_names() {
        for name in ["UTC", "Asia/Shanghai", "America/Argentina/Buenos_Aires", "Etc/GMT+8"] {
            assert_eq!(name.parse::<Zone>().unwrap().to_string(), name);
        }
        assert_eq!("Asia/Shangai".parse::<Zone>().unwrap_err(), "there is no time zone `Asia/Shangai`; did you mean `Asia/Shanghai`?");
        for name in ["", "asia/shanghai", "+08:00", "Local", "../../etc/passwd"] {
            assert!(name.parse::<Zone>().is_err(), "{name}");
        }
    }
}
