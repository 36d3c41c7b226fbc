//! Jobs: how many ended how, and how long they took.

use sim_core::record::Record;

use super::page::Page;
use super::table::{Table, figure, text};
use crate::format::{count, duration};

pub(super) fn write(page: &mut Page, record: &Record) {
    if record.summary.jobs.is_empty() {
        return;
    }
    page.section("Jobs", "wait: from submission until a pod is ready");
    let mut table = Table::new([
        text("job"),
        figure("submitted"),
        figure("completed"),
        figure("failed"),
        figure("unfinished"),
        figure("makespan"),
        figure("wait p50"),
        figure("p99").expendable(2),
        figure("longest").expendable(1),
        text("pods at most").expendable(3),
    ]);
    for (name, job) in &record.summary.jobs {
        let [submitted, completed, failed, unfinished] = [job.submitted, job.completed, job.failed, job.unfinished].map(count);
        let [p50, p99, max] = [job.wait_s.p50, job.wait_s.p99, job.wait_s.max].map(duration);
        let pods: Vec<String> = job.pods.iter().map(|(tier, pods)| format!("{tier} {}", pods.peak)).collect();
        table.row([name.clone(), submitted, completed, failed, unfinished, duration(job.makespan_s), p50, p99, max, pods.join(", ")]);
    }
    table.write(page);
}
