//! Results in the XML of `JUnit`, as CI systems read it: the elements and attributes that Jenkins' schema and GitLab know.

use std::fmt::Write as _;

use super::{Case, Verdict};

/// The report: one suite, one case a file.
pub(super) fn report(cases: &[Case]) -> String {
    let count = |test: fn(&Verdict) -> bool| cases.iter().filter(|case| test(&case.verdict)).count();
    let [failures, errors, skipped] = [
        count(|verdict| matches!(verdict, Verdict::Failed(_))),
        count(|verdict| matches!(verdict, Verdict::Wrong(_))),
        count(|verdict| matches!(verdict, Verdict::Skipped(_))),
    ];
    let seconds: f64 = cases.iter().map(|case| case.seconds).sum();
    let figures = format!("tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"{seconds:.3}\"", cases.len());
    let mut xml = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"overspill\" {figures}>\n");
    for case in cases {
        let folder = case.file.parent().map(|folder| folder.display().to_string()).filter(|folder| !folder.is_empty());
        let (name, class) = (escape(&case.file.display().to_string()), escape(folder.as_deref().unwrap_or(".")));
        let _ = write!(xml, "  <testcase name=\"{name}\" classname=\"{class}\" time=\"{:.3}\">", case.seconds);
        let _ = match &case.verdict {
            Verdict::Passed(_) => Ok(()),
            Verdict::Skipped(why) => write!(xml, "<skipped message=\"{}\"/>", escape(why)),
            Verdict::Failed(why) => write!(xml, "<failure type=\"expectation\" message=\"expectation not met\">{}</failure>", escape(why)),
            Verdict::Wrong(why) => write!(xml, "<error type=\"scenario\" message=\"the scenario is wrong\">{}</error>", escape(why)),
        };
        xml.push_str("</testcase>\n");
    }
    xml.push_str("</testsuite>\n</testsuites>\n");
    xml
}

/// A text without what XML cannot hold.
fn escape(text: &str) -> String {
    let text: String =
        text.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\t') || matches!(c, '\u{fffe}' | '\u{ffff}') { '\u{fffd}' } else { c }).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{Case, Verdict, report};

    #[test]
    fn what_xml_cannot_hold_is_escaped_and_every_fate_is_counted() {
        let case = |file: &str, verdict| Case { file: file.into(), verdict, seconds: 0.5 };
        let xml = report(&[
            case("a&b.yaml", Verdict::Failed("p99 < 300\u{1b}[1m".into())),
            case("dir/b.yaml", Verdict::Wrong("`x` is unknown".into())),
            case("c.yaml", Verdict::Skipped("no data".into())),
            case("d.yaml", Verdict::Passed(3)),
        ]);
        for part in
            ["a&amp;b.yaml", "p99 &lt; 300\u{fffd}[1m", "tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\" time=\"2.000\"", "classname=\"dir\"", "<error "]
        {
            assert!(xml.contains(part), "{part} is missing in {xml}");
        }
    }
}
