//! The forms in which `opticsd check` says what it found.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::cli::error::CliError;
use crate::names::counted;
use crate::plan::finding::{Finding, Severity};
use crate::tomlfile::{Mistake, Spot};

/// All that a check found.
#[derive(Debug)]
pub(super) struct Report {
    /// What was checked, in words.
    pub summary: String,
    /// Every port that was checked.
    pub ports: Vec<String>,
    /// What was found.
    pub told: Vec<Told>,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Told {
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<String>,
    severity: &'static str,
    rule: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    saw: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    planned: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip)]
    gravity: Severity,
}

impl Told {
    /// A finding of a port, with where the plan names the port.
    pub(super) fn of(port: &str, finding: &Finding, place: Option<(PathBuf, Spot)>) -> Self {
        let (file, spot) = place.unzip();
        Self {
            port: Some(port.to_owned()),
            severity: finding.severity.name(),
            rule: finding.rule,
            message: format!(
                "saw {}, planned {}; {}",
                finding.saw, finding.planned, finding.advice
            ),
            saw: Some(finding.saw.clone()),
            planned: Some(finding.planned.clone()),
            advice: Some(finding.advice.clone()),
            file,
            line: spot.map(|spot| spot.line),
            column: spot.map(|spot| spot.column),
            gravity: finding.severity,
        }
    }

    /// A port whose module cannot be read.
    pub(super) fn unreadable(port: &str, trouble: &str) -> Self {
        Self {
            port: Some(port.to_owned()),
            ..Self::bare("unreadable", format!("cannot be read: {trouble}"))
        }
    }

    fn mistake(mistake: &Mistake) -> Self {
        Self {
            file: Some(mistake.file.clone()),
            line: Some(mistake.line),
            column: Some(mistake.column),
            ..Self::bare("mistake", mistake.message.clone())
        }
    }

    /// An error of which only this is known.
    fn bare(rule: &'static str, message: String) -> Self {
        Self {
            port: None,
            severity: Severity::Error.name(),
            rule,
            message,
            saw: None,
            planned: None,
            advice: None,
            file: None,
            line: None,
            column: None,
            gravity: Severity::Error,
        }
    }
}

impl Report {
    /// A report without findings as yet.
    pub(super) fn new(summary: String) -> Self {
        Self {
            summary,
            ports: Vec::new(),
            told: Vec::new(),
        }
    }

    /// The report of files that cannot be used.
    pub(super) fn of_mistakes(path: &Path, mistakes: &[Mistake]) -> Self {
        Self {
            told: mistakes.iter().map(Told::mistake).collect(),
            ..Self::new(format!("{}: unusable", path.display()))
        }
    }

    /// How grave the gravest finding is.
    pub(super) fn gravest(&self) -> Option<Severity> {
        self.told.iter().map(|told| told.gravity).max()
    }
}

/// A line for each finding, and a summary.
pub(super) fn text(report: &Report) -> String {
    let mut out = String::new();
    for told in &report.told {
        let port = told.port.as_deref().unwrap_or("-");
        out += &match told.saw {
            Some(_) => format!(
                "{port}: {} {}: {}\n",
                told.severity, told.rule, told.message
            ),
            None => format!("{port}: {}\n", told.message),
        };
    }
    let found = match report.told.len() {
        0 => "no mistakes".to_owned(),
        n => counted(n, "finding"),
    };
    out + &format!("{}, {found}\n", report.summary)
}

/// One document.
pub(super) fn json(report: &Report) -> Result<String, CliError> {
    #[derive(Serialize)]
    struct Document<'a> {
        summary: &'a str,
        ports: usize,
        findings: &'a [Told],
    }
    let document = Document {
        summary: &report.summary,
        ports: report.ports.len(),
        findings: &report.told,
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// A workflow command for each finding; GitHub shows it beside its line.
pub(super) fn github(report: &Report) -> String {
    let mut out = String::new();
    for told in &report.told {
        let mut properties = Vec::new();
        if let Some(file) = &told.file {
            properties.push(format!("file={}", escaped(&file.to_string_lossy(), ":,")));
        }
        properties.extend(told.line.map(|line| format!("line={line}")));
        properties.extend(told.column.map(|column| format!("col={column}")));
        let title = match &told.port {
            Some(port) => format!("{port}: {}", told.rule),
            None => told.rule.to_owned(),
        };
        properties.push(format!("title={}", escaped(&title, ":,")));
        let message = escaped(&told.message, "");
        out += &format!("::{} {}::{message}\n", told.severity, properties.join(","));
    }
    out
}

/// Text for a workflow command: `%`, line ends and `more` by their numbers.
fn escaped(text: &str, more: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '%' || c.is_control() || more.contains(c) {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{:02X}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// A test report: a case for each port, failed by warnings and errors; and one
/// for each mistake of the files.
pub(super) fn junit(report: &Report) -> String {
    let mut by_port: std::collections::HashMap<&str, Vec<&Told>> = Default::default();
    let mut others = Vec::new();
    for told in &report.told {
        match &told.port {
            Some(port) => by_port.entry(port).or_default().push(told),
            None => others.push(told),
        }
    }
    let nothing = Vec::new();
    let cases: Vec<(String, Vec<&Told>)> = report
        .ports
        .iter()
        .map(|port| {
            (
                port.clone(),
                by_port.get(port.as_str()).unwrap_or(&nothing).clone(),
            )
        })
        .chain(others.into_iter().map(|told| {
            let line = told.line.unwrap_or_default();
            (format!("{} on line {line}", told.rule), vec![told])
        }))
        .collect();
    let is_failure = |told: &&&Told| told.gravity > Severity::Notice;
    let failed = cases
        .iter()
        .filter(|(_, told)| told.iter().any(|one| is_failure(&one)))
        .count();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuite name=\"opticsd check\" tests=\"{}\" failures=\"{failed}\">\n",
        cases.len()
    );
    for (name, told) in &cases {
        out += &case(name, told);
    }
    out + "</testsuite>\n"
}

/// One case of a test report. Notices are what a test prints.
fn case(name: &str, told: &[&Told]) -> String {
    let head = format!("  <testcase classname=\"opticsd\" name=\"{}\"", xml(name));
    if told.is_empty() {
        return head + "/>\n";
    }
    let mut out = head + ">\n";
    let failures: Vec<_> = told
        .iter()
        .filter(|one| one.gravity > Severity::Notice)
        .collect();
    // A case fails once, by most readers of these reports.
    if let Some(first) = failures.first() {
        let messages: Vec<_> = failures
            .iter()
            .map(|one| format!("{}: {}", one.rule, one.message))
            .collect();
        out += &format!(
            "    <failure type=\"{}\" message=\"{}\"/>\n",
            first.rule,
            xml(&messages.join("\n"))
        );
    }
    let notices: Vec<_> = told
        .iter()
        .filter(|one| one.gravity == Severity::Notice)
        .map(|one| format!("{}: {}", one.rule, one.message))
        .collect();
    if !notices.is_empty() {
        out += &format!(
            "    <system-out>{}</system-out>\n",
            xml(&notices.join("\n"))
        );
    }
    out + "  </testcase>\n"
}

/// Text for XML; characters that XML 1.0 cannot hold become `?`.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // A line end in an attribute would be read as a space.
            '\n' => out.push_str("&#10;"),
            c if c.is_control() => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let finding = |rule, severity, saw: &str| Finding {
            rule,
            severity,
            saw: saw.to_owned(),
            planned: "dsp".to_owned(),
            advice: "swap it".to_owned(),
        };
        let spot = Spot { line: 7, column: 9 };
        let place = Some((PathBuf::from("a,b.toml"), spot));
        let denied = finding("class-denied", Severity::Error, "100 %\n<lpo>");
        let notice = finding("lane-rate", Severity::Notice, "112G");
        Report {
            ports: vec!["e0".to_owned(), "e1".to_owned(), "e2".to_owned()],
            told: vec![
                Told::of("e0", &denied, place),
                Told::of("e1", &notice, None),
            ],
            ..Report::new("x.toml: 3 ports".to_owned())
        }
    }

    #[test]
    fn text_ends_with_a_summary() {
        assert!(text(&report()).ends_with(
            "e1: notice lane-rate: saw 112G, planned dsp; swap it\nx.toml: 3 ports, 2 findings\n"
        ));
        let clean = Report::new("x.toml: 0 ports".to_owned());
        assert_eq!(text(&clean), "x.toml: 0 ports, no mistakes\n");
    }

    #[test]
    fn json_has_every_part() {
        let value: serde_json::Value = serde_json::from_str(&json(&report()).unwrap()).unwrap();
        assert_eq!(value["ports"], 3);
        assert_eq!(value["findings"][0]["line"], 7);
        assert_eq!(value["findings"][0]["rule"], "class-denied");
        assert_eq!(value["findings"][1].get("file"), None);
    }

    #[test]
    fn workflow_commands_cannot_be_broken_out_of() {
        assert_eq!(
            github(&report()),
            "::error file=a%2Cb.toml,line=7,col=9,title=e0%3A class-denied::\
             saw 100 %25%0A<lpo>, planned dsp; swap it\n\
             ::notice title=e1%3A lane-rate::saw 112G, planned dsp; swap it\n"
        );
    }

    #[test]
    fn a_test_report_has_a_case_for_each_port() {
        assert_eq!(
            junit(&report()),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <testsuite name=\"opticsd check\" tests=\"3\" failures=\"1\">\n  \
             <testcase classname=\"opticsd\" name=\"e0\">\n    \
             <failure type=\"class-denied\" message=\"class-denied: saw 100 %&#10;&lt;lpo&gt;, planned dsp; swap it\"/>\n  \
             </testcase>\n  \
             <testcase classname=\"opticsd\" name=\"e1\">\n    \
             <system-out>lane-rate: saw 112G, planned dsp; swap it</system-out>\n  \
             </testcase>\n  \
             <testcase classname=\"opticsd\" name=\"e2\"/>\n</testsuite>\n"
        );
        let file = Path::new("p.toml");
        let wrong = Spot { line: 3, column: 1 }.mistake(file, "no");
        let report = Report::of_mistakes(file, &[wrong]);
        assert!(junit(&report).contains("failures=\"1\""));
        assert_eq!(report.gravest(), Some(Severity::Error));
    }
}
