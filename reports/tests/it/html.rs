//! The page: whole, self-contained, true to the record, and safe whatever things are called.

use sim_core::record::{Breach, DecisionRow, Record, TierRow, WorkloadRow};
use sim_reports::html::{Lang, Source, page};
use sim_reports::record_dir::Input;

use crate::example;

const SOURCE: Source<'_> = Source { tool_version: "0.1.0", scenario_yaml: "name: flash-sale\nduration: 2h # long\n", inputs: &[], overrides: &[], lang: None };

/// The data in the page, and the page without it.
fn parts(page: &str) -> (serde_json::Value, String) {
    let (before, rest) = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    let (data, after) = rest.split_once("</script>").unwrap();
    (serde_json::from_str(data).unwrap(), format!("{before}{after}"))
}

/// Fails unless every element that is opened is closed, in order. Scripts and styles hold text.
#[track_caller]
fn check_nesting(page: &str) {
    const VOID: [&str; 5] = ["meta", "link", "input", "br", "rect"];
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if rest.starts_with('!') {
            continue;
        }
        let end = rest.find('>').unwrap();
        let (tag, next) = (&rest[..end], &rest[end + 1..]);
        rest = next;
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "closed in the wrong order before: {rest:.80}");
        } else if !tag.ends_with('/') && !VOID.contains(&name) {
            if matches!(name, "script" | "style") {
                rest = &rest[rest.find(&format!("</{name}>")).unwrap()..];
            }
            open.push(name);
        }
    }
    assert!(open.is_empty(), "never closed: {open:?}");
}

/// Fails if anything in the page asks for something outside it.
#[track_caller]
fn check_self_contained(page: &str) {
    assert!(page.contains("default-src 'none'"), "no policy that forbids requests");
    for attribute in [" src=", " href=", "xlink:href=", " action=", " srcset="] {
        for (at, _) in page.match_indices(attribute) {
            let value = page[at + attribute.len()..].trim_start_matches('"');
            assert!(value.starts_with('#') || value.starts_with("data:,"), "{:.60}", &page[at..]);
        }
    }
    for request in ["http://", "https://", "@import", "fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "import("] {
        assert!(!page.contains(request), "{request}");
    }
    assert!(page.match_indices("url(").all(|(at, _)| page[at..].starts_with("url(#")));
}

#[test]
fn every_page_is_whole_and_asks_for_nothing() {
    for record in [example::flash_sale(), example::two_services(), example::cpu_demand(), example::only_jobs()] {
        let page = page(&record, &SOURCE);
        check_nesting(&page);
        check_self_contained(&page);
        let (data, _) = parts(&page);
        assert!(data["figures"].as_array().unwrap().len() >= 3, "{}", record.summary.scenario);
    }
}

#[test]
fn the_page_says_what_the_summary_says() {
    let record = example::flash_sale();
    let page = page(&record, &Source { overrides: &["services.web.replicas=20".to_owned()], ..SOURCE });
    let (data, text) = parts(&page);
    let summary = &record.summary;
    let percent = |share: f64| sim_reports::format::percent(share);
    let mut figures = vec![
        summary.scenario.clone(),
        summary.digest.clone(),
        sim_reports::format::money_in(summary.cost.total, &summary.cost.currency),
        summary.cost.total.to_string(),
        sim_reports::format::latency(summary.latency_ms.p99),
        sim_reports::format::latency(summary.latency_ms.p50),
        sim_reports::format::count(summary.requests.offered),
        percent(summary.requests.success_rate),
        "services.web.replicas=20".to_owned(),
    ];
    figures.extend(summary.cost.lines.iter().flat_map(|line| [line.item.clone(), line.amount.to_string(), line.unit_price.to_string()]));
    figures.extend(summary.objectives.iter().flat_map(|objective| [objective.name.clone(), percent(objective.attained)]));
    figures.extend(summary.warnings.iter().chain(&summary.cost.assumptions).cloned());
    for figure in figures {
        let escaped = figure.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&#39;");
        assert!(text.contains(&escaped), "{figure}");
    }
    assert_eq!(data["end"], 7200.0);
    let load = data["figures"][0]["marks"].as_array().unwrap().iter().find(|mark| mark["name"]["en"] == "load").unwrap();
    let most = load["v"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).fold(0.0, f64::max);
    let offered = record.workload_series.iter().map(|row| row.offered).max().unwrap() as f64;
    let window = record.workload_series[1].t - record.workload_series[0].t;
    assert!((most - offered / window).abs() < most * 1e-5, "{most} {offered}");
    assert_eq!(data["breaches"].as_array().unwrap().len(), summary.objectives.iter().map(|objective| objective.breaches.len()).sum::<usize>());
}

#[test]
fn both_languages_are_there_and_one_opens() {
    let open = |lang| page(&example::flash_sale(), &Source { lang, ..SOURCE });
    let (english, chinese) = (open(Some(Lang::En)), open(Some(Lang::Zh)));
    assert!(open(None).contains("<html lang=\"en\" data-lang=\"auto\">"));
    assert!(english.contains("data-lang=\"en\"") && chinese.contains("data-lang=\"zh\""));
    for text in ["<span class=\"e\">Invoice</span><span class=\"z\">账单</span>", "结束", "百分之一慢于", "The scenario as written"] {
        assert!(english.contains(text) && chinese.contains(text), "{text}");
    }
    assert!(
        parts(&english).0["figures"].as_array().unwrap().iter().all(|figure| figure["title"]["en"] != figure["title"]["zh"]),
        "every chart has a Chinese title"
    );
}

#[test]
fn a_hostile_name_stays_a_name() {
    const EVIL: &str = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&";
    let mut record = example::flash_sale();
    let web = record.summary.workloads["web"].clone();
    record.summary.workloads = [(EVIL.to_owned(), web)].into();
    record.workload_series.iter_mut().for_each(|row| EVIL.clone_into(&mut row.workload));
    record.tier_series.iter_mut().filter(|row| row.tier == "eci").for_each(|row| EVIL.clone_into(&mut row.tier));
    EVIL.clone_into(&mut record.summary.scenario);
    record.summary.warnings.push(EVIL.to_owned());
    record.summary.cost.assumptions.push(EVIL.to_owned());
    EVIL.clone_into(&mut record.summary.cost.lines[0].item);
    record.summary.cost.by_workload = [(EVIL.to_owned(), record.summary.cost.total)].into();
    for objective in &mut record.summary.objectives {
        EVIL.clone_into(&mut objective.name);
        objective.breaches.push(Breach { cause: EVIL.to_owned(), from: 10.0, to: 20.0, ..Breach::default() });
    }
    let decision =
        |i: usize| DecisionRow { t: i as f64, controller: EVIL.into(), action: EVIL.into(), subject: EVIL.into(), object: EVIL.into(), reason: EVIL.into() };
    record.decisions = (0..3).map(decision).collect();
    let inputs = [Input { name: EVIL.to_owned(), path: EVIL.to_owned(), text: format!("name: {EVIL}\n# {EVIL}\n\"{EVIL}\": 1\n") }];
    let overrides = [EVIL.to_owned()];
    let page = page(&record, &Source { inputs: &inputs, overrides: &overrides, ..SOURCE });
    assert!(!page.contains("<script>alert") && !page.contains("<img"), "a name became markup");
    assert_eq!(page.matches("</script>").count(), 2);
    check_nesting(&page);
    assert_eq!(parts(&page).0["decisions"][0]["r"], EVIL, "and is still itself");
}

/// A year of minutes of one service on three tiers, with one minute of extreme load.
fn year() -> Record {
    let mut record = example::flash_sale();
    let (minute, windows) = (60.0, 525_600u32);
    record.summary.simulated_s = f64::from(windows) * minute;
    let row = record.workload_series[0].clone();
    let noise = |i: u32| f64::from(i.wrapping_mul(2_654_435_761) >> 16) / 65_536.0;
    let service = |i: u32| WorkloadRow {
        t: f64::from(i) * minute,
        offered: if i == 400_000 { 6_000_000 } else { 60_000 + (noise(i) * 3e4) as u64 },
        latency_p50_ms: Some(20.0 + noise(i + 1)),
        latency_p99_ms: if i == 123_456 { Some(54_321.0) } else { Some(80.0 + 40.0 * noise(i + 2)) },
        cpu_used_cores: 3.0 + noise(i + 3),
        replicas_desired: 10 + (noise(i / 60) * 9.0) as u32,
        ..row.clone()
    };
    record.workload_series = (0..windows).map(service).collect();
    let tiers: Vec<TierRow> = record.tier_series[..3].to_vec();
    let of_tier =
        |i: u32| tiers.iter().map(move |tier| TierRow { t: f64::from(i) * minute, pods_ready: 3 + (noise(i) * 5.0) as u32, cost: tier.cost, ..tier.clone() });
    record.tier_series = (0..windows).flat_map(of_tier).collect();
    let decision = record.decisions[0].clone();
    record.decisions = (0..200_000).map(|i| DecisionRow { t: f64::from(i) * 150.0, ..decision.clone() }).collect();
    for objective in &mut record.summary.objectives {
        objective.breaches = (0..20_000)
            .map(|i| Breach { from: f64::from(i) * 1500.0, to: f64::from(i) * 1500.0 + 60.0, cause: "pods starting".to_owned(), ..Breach::default() })
            .collect();
    }
    record
}

#[test]
fn a_year_stays_small_and_keeps_its_peaks() {
    let page = page(&year(), &SOURCE);
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("year");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("report.html"), &page).unwrap();
    assert!(page.len() < 6_000_000, "{} bytes", page.len());
    let (data, _) = parts(&page);
    let values = |id: &str, name: &str| -> Vec<f64> {
        let figure = data["figures"].as_array().unwrap().iter().find(|figure| figure["id"] == id).unwrap();
        let mark = figure["marks"].as_array().unwrap().iter().find(|mark| mark["name"]["en"] == name).unwrap();
        mark["v"].as_array().unwrap().iter().filter_map(serde_json::Value::as_f64).collect()
    };
    let (load, p99) = (values("load-0", "load"), values("latency-web-0", "p99"));
    assert!(load.contains(&100_000.0) && p99.contains(&54_321.0), "a peak is gone");
    assert!(load.len() > 1000 && load.len() < 60_000, "{} windows", load.len());
    assert!(data["decisions"].as_array().unwrap().len() <= 4000 && data["breaches"].as_array().unwrap().len() <= 1500);
    assert!(page.contains("windows are drawn, every peak among them"));
}
