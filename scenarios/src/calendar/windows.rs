//! Stretches of time between two schedules, as KEDA's cron scaler has them.

use sim_core::units::{Span, Time};

use super::{Cron, Zone, origin};
use crate::text::DateTime;

/// When a window is open during a run: from each instant on and before the other.
///
/// It is closed at an instant exactly if the next start, strictly after it, comes before the next end.
pub fn windows(start: &Cron, end: &Cron, zone: &Zone, begin: Option<&DateTime>, until: Span) -> Vec<(Time, Time)> {
    let Some(origin) = origin(Some(zone), begin) else { return Vec::new() };
    let zero = origin.timestamp().as_nanosecond();
    let mut now = origin;
    let mut open: Option<Time> = None;
    let mut found = Vec::new();
    let time = |at: &jiff::Zoned| Time::from_nanos(u64::try_from(at.timestamp().as_nanosecond() - zero).unwrap_or(0));
    loop {
        let (next_start, next_end) = (start.next(&now), end.next(&now));
        let is_open = match (&next_start, &next_end) {
            (Some(start), Some(end)) => end <= start,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        match (is_open, open) {
            (true, None) => open = Some(time(&now)),
            (false, Some(from)) => {
                found.push((from, time(&now)));
                open = None;
            }
            _ => {}
        }
        let next = [next_start, next_end].into_iter().flatten().min();
        let Some(next) = next.filter(|next| time(next).since(Time::ZERO) < until) else { break };
        now = next;
    }
    found.extend(open.map(|from| (from, Time::ZERO + until + Span::from_nanos(1))));
    found
}

#[cfg(test)]
mod tests {
    use super::windows;
    use sim_core::units::{Span, Time};

    const HOUR: u64 = 3600;

    fn hours(start: &str, end: &str, zone: &str, begin: &str, until: u64) -> Vec<(u64, u64)> {
        let (start, end, zone) = (start.parse().unwrap(), end.parse().unwrap(), zone.parse().unwrap());
        let found = windows(&start, &end, &zone, begin.parse().ok().as_ref(), Span::from_secs(until * HOUR));
        let hour = |at: Time| at.as_nanos() / (HOUR * 1_000_000_000);
        found.into_iter().map(|(from, until)| (hour(from), hour(until))).collect()
    }

    #[test]
    fn a_window_is_open_from_its_start_to_before_its_end() {
        assert_eq!(hours("0 8 * * *", "0 20 * * *", "UTC", "2026-11-21", 48), [(8, 20), (32, 44)]);
        assert_eq!(hours("0 8 * * *", "0 20 * * *", "UTC", "2026-11-21T08:00:00", 24), [(0, 12)], "it starts within the window");
        assert_eq!(hours("0 20 * * *", "0 8 * * *", "UTC", "2026-11-21", 24), [(0, 8), (20, 24)], "over midnight");
        assert_eq!(hours("0 8 * * mon", "0 20 * * fri", "UTC", "2026-11-21", 240), [(56, 164), (224, 240)], "from Monday to Friday");
    }

    #[test]
    fn zones_and_changes_of_clocks_shift_windows() {
        assert_eq!(hours("0 8 * * *", "0 20 * * *", "Asia/Shanghai", "2026-11-21T00:00:00Z", 24), [(0, 12)]);
        // Clocks go forward at 2: the window from 1 to 4 lasts two hours.
        assert_eq!(hours("0 1 * * *", "0 4 * * *", "Europe/Berlin", "2026-03-29", 24), [(1, 3)]);
        // They go back at 3: it lasts four.
        assert_eq!(hours("0 1 * * *", "0 4 * * *", "Europe/Berlin", "2026-10-25", 24), [(1, 5)]);
    }
}
