//! What broke, and what that did.

use sim_core::record::Record;

use super::page::{Ink, Page};
use super::table::{Table, figure, text};
use crate::faults;
use crate::format::{clock, count, duration};

/// Faults listed before the rest is only counted.
const LISTED: usize = 12;

pub(super) fn write(page: &mut Page, record: &Record) {
    let all = &record.summary.faults;
    if all.is_empty() {
        return;
    }
    page.section("Faults", "");
    let mut table = Table::new([figure("at"), figure("for"), text("fault"), text("of"), figure("pods hit"), figure("pods lost")]);
    for fault in all.iter().take(LISTED) {
        let (from, to) = faults::span(record, fault);
        let length = if fault.to_s.is_some() { duration(to - from) } else { page.word("to the end") };
        let [hit, lost] = [fault.pods_hit, fault.pods_lost].map(|pods| count(u64::from(pods)));
        let kind = faults::kind(fault);
        table.row([clock(from), length, page.pick(&kind).to_owned(), fault.target.clone(), hit, lost]);
    }
    table.write(page);
    if all.len() > LISTED {
        page.paragraph(Ink::Faint, "  ", &format!("and {} more", count((all.len() - LISTED) as u64)));
    }
}
