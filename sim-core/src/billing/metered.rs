//! From when to when something is billed.

use super::Basis;
use crate::ledger::{Entry, Kind};
use crate::plan::{BillingStart, BillingStop};
use crate::units::{MilliCpu, Span, Time};

/// An entry of the ledger with the time that is billed for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Metered<'a> {
    pub(super) entry: &'a Entry,
    /// When the meter started.
    pub(super) from: Time,
    /// When it stopped; the end of the run for what was still in use.
    pub(super) to: Time,
    /// What is billed: at least the provider's minimum, rounded up to its granularity. What is still in use is rounded as if it ended now.
    pub(super) billed: Span,
}

impl<'a> Metered<'a> {
    /// The billed time of an entry; none if its meter never started.
    pub(super) fn of(entry: &'a Entry, basis: &Basis) -> Option<Self> {
        let end = basis.terms.calendar.end;
        match entry.kind {
            Kind::Machine => {
                let (from, to) = (entry.started?, entry.stopped.unwrap_or(end));
                let used = to.since(from);
                let by_use = !entry.purchase.is_prepaid();
                let billed = if by_use { basis.tariff.machines.billed(MilliCpu(entry.cpu_milli), used) } else { used };
                Some(Self { entry, from, to, billed })
            }
            Kind::Instance => {
                let billing = &basis.tariff.providers.get(&entry.provider)?.billing;
                let from = match billing.start {
                    BillingStart::Scheduled => entry.requested,
                    BillingStart::Created => entry.started,
                    BillingStart::Ready => entry.ready,
                }?;
                let to = match billing.stop {
                    BillingStop::Stopped => entry.stopped,
                    BillingStop::Deleted => entry.deleted,
                };
                let to = to.unwrap_or(end);
                Some(Self { entry, from, to, billed: to.since(from).max(billing.minimum).round_up_to(billing.granularity) })
            }
            Kind::Pod | Kind::VirtualNode => None,
        }
    }

    /// Billed time in nanoseconds.
    pub(super) const fn ns(&self) -> u64 {
        self.billed.as_nanos()
    }

    /// When the billed time ends.
    pub(super) fn until(&self) -> Time {
        self.from.saturating_add(self.billed)
    }
}

/// The clock hours that [`from`, `to`) touches: (hour since midnight before the start, from, to).
pub(super) fn hours(clock: Span, from: Time, to: Time) -> impl Iterator<Item = (u32, Time, Time)> {
    const HOUR: u64 = 3_600_000_000_000;
    let offset = clock.as_nanos();
    let (first, last) = ((from.as_nanos() + offset) / HOUR, (to.as_nanos() + offset).saturating_sub(1) / HOUR);
    let count = if from < to { last + 1 - first } else { 0 };
    (first..first + count).map(move |hour| {
        let start = Time::from_nanos((hour * HOUR).saturating_sub(offset));
        let end = Time::from_nanos((hour + 1) * HOUR - offset);
        (hour as u32, start.max(from), end.min(to))
    })
}

#[cfg(test)]
mod tests {
    use super::{Span, Time, hours};

    #[test]
    fn use_is_cut_at_full_hours_of_the_clock_as_in_golden_case_g17() {
        // 10:59:30 to 11:50:30, in a run that starts at 10:30.
        let (clock, from, to) = (Span::from_secs(37_800), Time::from_secs(1770), Time::from_secs(4830));
        let cut: Vec<(u32, u64)> = hours(clock, from, to).map(|(hour, from, to)| (hour, to.since(from).as_nanos() / 1_000_000_000)).collect();
        assert_eq!(cut, [(10, 30), (11, 3030)]);
        assert_eq!(hours(clock, from, from).count(), 0);
    }
}
