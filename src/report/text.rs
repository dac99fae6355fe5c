//! A snapshot and its class as text that an optics engineer likes to read, for
//! `decode` and `show`.
//!
//! Text from modules is made fit for a terminal; no line has trailing blanks.

mod coherent;
pub(crate) mod grid;
mod identity;
mod lanes;
mod lasers;
mod lpo;
mod monitors;
mod ports;
mod quality;
mod vdm;

use crate::class::Classification;
use crate::health::figures::Figures;
use crate::health::verdict::Judgement;
use crate::module::Snapshot;
use crate::plan::finding::Finding;

use super::plain::plain;

pub use ports::{Line, Look, Tone, cut, lines, table};

pub(super) use identity::{is_in_use, retiming};
pub(super) use lanes::{data_path_state, raised as raised_flags, snr};
pub(super) use monitors::raised as raised_module_flags;

/// All that is known of one module, as text. `judgement` and its figures are left
/// out where nobody judged: a dump has no past and no plan.
pub fn module(
    snapshot: &Snapshot,
    class: &Classification,
    findings: &[Finding],
    judged: Option<(&Judgement, &Figures)>,
) -> String {
    let mut out = String::new();
    identity::write(snapshot, &mut out);
    if let Some((judgement, _)) = judged {
        identity::write_judgement(judgement, &mut out);
    }
    write_findings(findings, &mut out);
    if let Some((_, figures)) = judged {
        quality::write(figures, &mut out);
    }
    identity::write_class(class, &mut out);
    identity::write_applications(snapshot, &mut out);
    monitors::write(snapshot, &mut out);
    lanes::write(snapshot, &mut out);
    lasers::write(snapshot, &mut out);
    coherent::write(snapshot, &mut out);
    if let Some(lpo) = &snapshot.lpo {
        lpo::write(lpo, &mut out);
    }
    lanes::write_latencies(snapshot, &mut out);
    lanes::write_pattern_ber(snapshot, &mut out);
    lanes::write_flags(snapshot, &mut out);
    vdm::write(snapshot, class, &mut out);
    write_list("Problems", &super::problems(snapshot), &mut out);
    out
}

fn write_findings(findings: &[Finding], out: &mut String) {
    if findings.is_empty() {
        return;
    }
    heading("Against the plan", out);
    let mut grid = grid::Grid::new(&[]);
    for finding in findings {
        let difference = format!("saw {}, planned {}", finding.saw, finding.planned);
        grid.row([finding.severity.name(), finding.rule, &difference]);
        grid.row(["", "", &finding.advice]);
    }
    grid.write(2, out);
}

/// Starts a section with an empty line and its title.
fn heading(title: &str, out: &mut String) {
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(title);
    out.push('\n');
}

/// A section of one line each; nothing where there are none.
fn write_list(title: &str, lines: &[String], out: &mut String) {
    if lines.is_empty() {
        return;
    }
    heading(title, out);
    for text in lines {
        line(text, out);
    }
}

/// One indented line, fit for a terminal.
fn line(text: &str, out: &mut String) {
    out.push_str("  ");
    out.push_str(plain(text).trim_end());
    out.push('\n');
}

#[cfg(test)]
mod tests;
