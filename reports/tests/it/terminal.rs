//! The terminal summary at the widths that people have.

use sim_core::record::Record;
use sim_reports::lang::Lang;
use sim_reports::terminal::summary;
use unicode_width::UnicodeWidthStr;

use crate::example;

#[track_caller]
fn check(record: &Record, width: usize, expected: &[&str]) -> String {
    let text = summary(record, width, false, Lang::En);
    for line in text.lines() {
        assert!(line.width() <= width, "{} columns instead of {width}: {line}", line.width());
        assert_eq!(line.trim_end(), line, "spaces at the end");
        assert!(!line.contains('\x1b'), "a colour code: {line:?}");
    }
    for figure in expected {
        assert!(text.contains(figure), "`{figure}` is missing from\n{text}");
    }
    text
}

#[test]
fn a_flash_sale_fits_both_widths() {
    let record = example::flash_sale();
    let figures = [
        "flash-sale",
        "seed 42, digest 9f2c44d01b7ae863",
        "2 h simulated in 1.84 s, 3,913 times as fast as real time",
        "15,959,345 requests · 90.05 % in time",
        "✗ 1 of 2 objectives missed",
        "web: 1,443,687 timed out",
        "47.1 ms",
        "5.00 s",
        "3 min 15 s",
        "✗ never",
        "✓ errors below 2% in 95% of windows",
        "1:00:00 to 1:04:10 (4 min 10 s): replicas were starting",
        "idc server 16 vCPU 64 GiB*",
        "a million requests cost 2.28 CNY",
        "idle 19.42 (54.2 %)",
        "* idc server: 2.7 CNY an hour",
        "16.05",
        "web: 3 pods: 0/7 nodes are available: 6 Insufficient cpu",
        "! hpa web: max 180 replicas",
    ];
    let narrow = check(&record, 80, &figures);
    let wide =
        check(&record, 120, &[&figures[..], &["pay-as-you-go", "0.0000245", "node-hours", "402 ms", "idc 48, ecs 62, eci 70", "2.50 of 15.58"]].concat());
    assert!(!narrow.contains("pay-as-you-go"), "a narrow page drops what is expendable");
    for text in [narrow, wide] {
        assert!(text.find("  idc pods").unwrap() < text.find("  eci pods").unwrap(), "tiers in the order in which they fill up");
        let sparks = |label: &str| text.lines().find(|line| line.trim_start().starts_with(label)).unwrap().chars().filter(|c| "▁▂▃▄▅▆▇█".contains(*c)).count();
        assert!(sparks("web ready") >= 30 && sparks("web p99") >= 30);
    }
}

#[test]
fn a_very_narrow_page_is_still_whole() {
    check(&example::two_services(), 40, &["two-services", "Services", "Tiers", "total"]);
    assert_eq!(summary(&example::flash_sale(), 3, false, Lang::En), summary(&example::flash_sale(), 40, false, Lang::En));
}

#[test]
fn several_services_get_a_total() {
    check(&example::two_services(), 80, &["checkout", "  all "]);
}

#[test]
fn cpu_demand_speaks_of_cores_instead_of_latency() {
    let text = check(&example::cpu_demand(), 80, &["unserved core-seconds", "1,234", "web cores wanted", "at most 180 replicas · 35.83 CNY"]);
    assert!(!text.contains("p95") && !text.contains("million requests") && !text.contains("Objectives"), "{text}");
}

#[test]
fn jobs_without_prices_have_no_bill() {
    let text = check(&example::only_jobs(), 80, &["37 of 40 jobs completed", "1 h 55 min", "train: 4 pods: 0/12 nodes", "train ready"]);
    assert!(!text.contains("Cost") && !text.contains("Services") && !text.contains("CNY"), "{text}");
}

#[test]
fn many_nodes_are_shown_by_tier() {
    let mut record = example::flash_sale();
    let node = record.nodes[0].clone();
    record.nodes.extend((0..300).map(|i| sim_core::record::NodeRow { node: format!("idc-{i}"), ..node.clone() }));
    let text = check(&record, 80, &["one by one in nodes.csv", "302"]);
    assert!(!text.contains("idc-299"), "{text}");
}

#[test]
fn colour_changes_nothing_but_colour() {
    let record = example::flash_sale();
    let colored = summary(&record, 100, true, Lang::En);
    assert!(colored.contains("\x1b[1mflash-sale\x1b[0m") && colored.contains("\x1b[31m✗\x1b[0m") && colored.contains("\x1b[32m✓\x1b[0m"));
    let mut plain = colored;
    for code in ["0", "1", "2", "31", "32", "33", "36"] {
        plain = plain.replace(&format!("\x1b[{code}m"), "");
    }
    assert_eq!(plain, summary(&record, 100, false, Lang::En));
}

#[test]
fn the_summary_speaks_chinese_and_fits() {
    for width in [80, 120] {
        let text = summary(&example::flash_sale(), width, false, Lang::Zh);
        for line in text.lines() {
            assert!(line.width() <= width, "{} columns instead of {width}: {line}", line.width());
        }
        for words in ["随机种子 42", "服务 ──", "✗ 2 个目标中有 1 个未达成", "扩容用时", "每百万请求费用 2.28 CNY", "合计"] {
            assert!(text.contains(words), "`{words}` is missing from\n{text}");
        }
    }
}
