//! What a replay keeps of each port, to say how it went.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::SystemTime;

use serde_json::{Value, json};

use super::line;
use crate::cli::error::CliError;
use crate::cli::{Format, output};
use crate::health::ber::{Estimate, Vantage};
use crate::health::verdict::Verdict;
use crate::names::{PortName, counted};
use crate::report::{PortView, moment};

/// How a port went.
#[derive(Debug, Default)]
pub(super) struct Tally {
    sweeps: u64,
    span: Option<[SystemTime; 2]>,
    verdict: Option<Verdict>,
    worst: Option<Verdict>,
    reasons: Vec<String>,
    ratios: BTreeMap<Vantage, Ratios>,
}

/// Error ratios of one vantage.
#[derive(Debug, Clone, Copy)]
struct Ratios {
    first: Estimate,
    worst: Estimate,
    last: Estimate,
}

impl Tally {
    /// Takes in what came of a sweep.
    pub(super) fn take_in(&mut self, at: SystemTime, view: &PortView) {
        self.sweeps += 1;
        let first = self.span.map_or(at, |[first, _]| first);
        self.span = Some([first, at]);
        let verdict = view.judgement.verdict;
        self.verdict = Some(verdict);
        self.worst = self.worst.max(Some(verdict));
        self.reasons.clone_from(&view.judgement.reasons);
        for standing in &view.health.standings {
            let now = standing.estimate();
            let ratios = self.ratios.entry(standing.vantage()).or_insert(Ratios {
                first: now,
                worst: now,
                last: now,
            });
            ratios.last = now;
            if now.number() > ratios.worst.number() {
                ratios.worst = now;
            }
        }
    }

    /// Whether somebody should have looked.
    pub(super) fn was_ill(&self) -> bool {
        self.worst >= Some(Verdict::Degraded)
    }

    pub(super) fn text(&self, port: &PortName) -> String {
        let mut out = format!("{port}: {}", counted(self.sweeps, "sweep"));
        if let Some([first, last]) = self.span {
            let _ = write!(out, " from {} to {}", moment::utc(first), moment::utc(last));
        }
        if let (Some(verdict), Some(worst)) = (self.verdict, self.worst) {
            let _ = write!(
                out,
                ", {} at the end, {} at worst",
                verdict.name(),
                worst.name()
            );
        }
        out.push('\n');
        for reason in &self.reasons {
            let _ = writeln!(out, "  {reason}");
        }
        for (vantage, ratios) in &self.ratios {
            let (side, source) = words(*vantage);
            let Ratios { first, worst, last } = ratios;
            let _ = writeln!(
                out,
                "  bit errors of the {side} side by the {source}: {first} at first, {worst} at worst, {last} at last"
            );
        }
        out
    }

    pub(super) fn json(&self, port: &PortName) -> Value {
        let ratios = self.ratios.iter().map(|(vantage, ratios)| {
            let (side, source) = words(*vantage);
            json!({
                "side": side,
                "source": source,
                "first": number(ratios.first),
                "worst": number(ratios.worst),
                "last": number(ratios.last),
            })
        });
        json!({
            "port": port.to_string(),
            "kind": "summary",
            "sweeps": self.sweeps,
            "first": self.span.map(|[first, _]| moment::utc_millis(first)),
            "last": self.span.map(|[_, last]| moment::utc_millis(last)),
            "verdict": self.verdict.map(Verdict::name),
            "worst_verdict": self.worst.map(Verdict::name),
            "reasons": self.reasons,
            "pre_fec_bit_error_ratio": ratios.collect::<Vec<_>>(),
        })
    }
}

/// The ratios of one sweep.
pub(super) fn print_sweep(
    format: Format,
    at: SystemTime,
    port: &PortName,
    view: &PortView,
) -> Result<(), CliError> {
    let at = moment::utc_millis(at);
    let verdict = view.judgement.verdict.name();
    let standings = view.health.standings.iter();
    let told = standings.map(|standing| (words(standing.vantage()), standing.estimate()));
    let text = match format {
        Format::Text => {
            let mut out = format!("{at}  {port}  {verdict}");
            for ((side, source), ratio) in told {
                let _ = write!(out, "  {side} BER {ratio} ({source})");
            }
            out + "\n"
        }
        Format::Json => {
            let ratios = told.map(|((side, source), ratio)| {
                json!({"side": side, "source": source, "ratio": number(ratio)})
            });
            line(&json!({
                "at": at,
                "port": port.to_string(),
                "kind": "sweep",
                "verdict": verdict,
                "pre_fec_bit_error_ratio": ratios.collect::<Vec<_>>(),
            }))
        }
    };
    output::print(&text)?;
    Ok(())
}

/// A ratio, or the bound that it is below.
fn number(estimate: Estimate) -> Value {
    match estimate.is_bound() {
        true => json!({"below": estimate.number()}),
        false => json!({"value": estimate.number()}),
    }
}

fn words(vantage: Vantage) -> (&'static str, &'static str) {
    (vantage.side.name(), vantage.source.name())
}
