//! Cron schedules and time zones, turned into instants of a run.
//!
//! The core knows no calendar: whatever recurs by date or time of day is expanded here, before a run begins. The rules are those of robfig/cron v3, which
//! Kubernetes' CronJobs, KEDA and CronHPA use: day of week 7 is an error, a wall-clock time that a change of clocks skips does not fire, and one that it
//! repeats fires twice.

mod cron;
mod cron_hpa;
mod field;
mod next;
mod windows;
mod zone;

pub use cron::{Cron, FieldSet, Pattern, Recurrence};
pub use cron_hpa::CronHpaSchedule;
pub use field::{Bounds, Field};
pub use jiff::{Timestamp, Zoned};
pub use windows::windows;
pub use zone::Zone;

use std::iter;
use std::time::Duration;

use jiff::{SignedDuration, civil};
use sim_core::units::{Span, Time};

use crate::text::DateTime;

/// The first day of a run whose scenario does not say when it starts.
const SOME_DAY: civil::DateTime = civil::date(2000, 1, 1).at(0, 0, 0, 0);

/// When a schedule fires, from `from` on and before `until`, counted from the start of a run.
///
/// The zone is `zone`, or that of the schedule. Without either, the run's clock is one on the wall that is never changed, and an offset of `start` from UTC
/// does not matter. With one, a start with an offset is that instant, and a start without one is what clocks in the zone show.
pub fn instants(cron: &Cron, zone: Option<&Zone>, start: Option<&DateTime>, from: Span, until: Span) -> impl Iterator<Item = Time> {
    let origin = origin(zone.or(cron.zone()), start);
    // A pattern may fire at once; an interval has to pass first.
    let grace = match cron.recurrence() {
        Recurrence::Pattern(_) => SignedDuration::from_nanos(1),
        Recurrence::Every(_) => SignedDuration::ZERO,
    };
    let before = origin.as_ref().and_then(|origin| origin.checked_add(SignedDuration::try_from(Duration::from_nanos(from.as_nanos())).ok()? - grace).ok());
    let fired = iter::successors(before.and_then(|before| cron.next(&before)), |last| cron.next(last));
    let zero = origin.map_or(0, |origin| origin.timestamp().as_nanosecond());
    let since_start = move |at: Zoned| u64::try_from(at.timestamp().as_nanosecond() - zero).ok().map(Time::from_nanos);
    fired.map_while(since_start).take_while(move |at| at.since(Time::ZERO) < until)
}

/// The instant at which a run starts; none if there is no such date.
fn origin(zone: Option<&Zone>, start: Option<&DateTime>) -> Option<Zoned> {
    let civil = start.map_or(SOME_DAY, |start| start.civil);
    match (zone, start.and_then(|start| start.offset)) {
        (None, _) => Zone::default().at(civil),
        (Some(zone), None) => zone.at(civil),
        (Some(zone), Some(offset)) => Some(zone.of(offset.to_timestamp(civil).ok()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Cron, Zone, instants};
    use crate::text::DateTime;
    use sim_core::units::{Span, Time};

    const HOUR: u64 = 3600;

    /// Hours of the run in which a schedule fires.
    fn hours(cron: &str, start: &str, zone: Option<&str>, from: u64, until: u64) -> Vec<f64> {
        let (cron, start) = (cron.parse::<Cron>().unwrap(), start.parse::<DateTime>().ok());
        let zone = zone.map(|zone| zone.parse::<Zone>().unwrap());
        let fired = instants(&cron, zone.as_ref(), start.as_ref(), Span::from_secs(from * HOUR), Span::from_secs(until * HOUR));
        fired.map(|at| at.since(Time::ZERO).as_secs_f64() / HOUR as f64).collect()
    }

    #[test]
    fn schedules_become_instants_of_the_run() {
        assert_eq!(hours("0 2 * * *", "2026-11-21T22:00:00", None, 0, 48), [4.0, 28.0]);
        assert_eq!(hours("0 22 * * *", "2026-11-21T22:00:00", None, 0, 48), [0.0, 24.0]);
        assert_eq!(hours("0 22 * * *", "2026-11-21T22:00:00", None, 1, 24), [0.0; 0]);
        // Noon of a Monday: 21 November 2026 is a Saturday.
        assert_eq!(hours("0 12 * * mon", "2026-11-21", None, 0, 24 * 14), [60.0, 228.0]);
        assert_eq!(hours("@every 90m", "2026-11-21", None, 1, 6), [2.5, 4.0, 5.5]);
        assert_eq!(hours("0 0 31 4 *", "2026-11-21", None, 0, 100_000), [0.0; 0]);
        assert_eq!(hours("0 0 1 1 *", "9999-11-21", None, 0, 100_000), [0.0; 0]);
    }

    #[test]
    fn zones_shift_instants() {
        // 02:00 in Shanghai is 18:00 UTC.
        assert_eq!(hours("0 2 * * *", "2026-11-21T12:00:00Z", Some("Asia/Shanghai"), 0, 24), [6.0]);
        assert_eq!(hours("0 2 * * *", "2026-11-21T20:00:00+08:00", Some("Asia/Shanghai"), 0, 24), [6.0]);
        assert_eq!(hours("CRON_TZ=Asia/Shanghai 0 2 * * *", "2026-11-21T12:00:00Z", None, 0, 24), [6.0]);
        assert_eq!(hours("0 2 * * *", "", Some("Asia/Shanghai"), 0, 24), [2.0]);
        // Without an offset, the start is what clocks in the zone show; without a zone, the offset changes nothing.
        assert_eq!(hours("0 2 * * *", "2026-11-21T20:00:00", Some("Asia/Shanghai"), 0, 24), [6.0]);
        assert_eq!(hours("0 2 * * *", "2026-11-21T20:00:00-05:00", None, 0, 24), [6.0]);
    }

    #[test]
    fn a_change_of_clocks_skips_and_repeats() {
        assert_eq!(hours("30 2 * * *", "2026-03-28T00:00:00", Some("Europe/Berlin"), 0, 72), [2.5, 49.5]);
        assert_eq!(hours("30 2 * * *", "2026-10-25T00:00:00", Some("Europe/Berlin"), 0, 24), [2.5, 3.5]);
        assert_eq!(hours("30 2 * * *", "2026-03-29T00:00:00", None, 0, 24), [2.5]);
    }
}
