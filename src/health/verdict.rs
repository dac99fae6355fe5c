//! The judgement of a port at this moment.

use super::reason::Reason;
use super::{faults, optical, thermal};
use crate::class::Classification;
use crate::module::{Presence, Snapshot};
use crate::plan::finding::{Finding, Severity};

/// The judgement of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing to do.
    Ok,
    /// Nothing can be said: no module planned and none there, or not settled yet.
    Unknown,
    /// Works, but somebody should look.
    Degraded,
    /// Does not do what it is there for.
    Bad,
}

impl Verdict {
    /// Every verdict, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Degraded, Self::Bad, Self::Unknown];

    /// The word used in labels and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unknown => "unknown",
            Self::Degraded => "degraded",
            Self::Bad => "bad",
        }
    }
}

/// A verdict with its reasons, gravest first, in words for people.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Why; empty when it is [`Verdict::Ok`].
    pub reasons: Vec<String>,
}

/// Judges a port at this moment.
///
/// The gravest reason decides. `trouble` is what the bus said if the last sweep
/// failed; the presence tells whether that counts, so that one lost sweep of a
/// good module changes nothing. `over_time` are the reasons that watching the port
/// found ([`Figures::reasons`](super::figures::Figures::reasons)).
pub fn judge(
    presence: Presence,
    snapshot: Option<&Snapshot>,
    class: Option<&Classification>,
    findings: &[Finding],
    over_time: &[Reason],
    trouble: Option<&str>,
) -> Judgement {
    let mut reasons: Vec<_> = findings.iter().filter_map(of_finding).collect();
    match (presence, snapshot) {
        (Presence::Failing | Presence::Dormant, _) => reasons.push(Reason::bad(match trouble {
            Some(trouble) => format!("does not answer: {trouble}"),
            None => "does not answer".to_owned(),
        })),
        (Presence::Settling, _) => {
            reasons.push(Reason::unknown("the module is not ready to be read yet"));
        }
        (Presence::Active, Some(module)) => {
            reasons.extend(faults::look(module));
            reasons.extend(optical::look(module, class.map(|class| class.class)));
            reasons.extend(thermal::look(module));
            reasons.extend(of_failures(module));
            reasons.extend_from_slice(over_time);
        }
        (Presence::Active, None) | (Presence::Unread, _) => {
            reasons.push(Reason::unknown("not read yet"));
        }
        // Where a module is missing, the finding says so.
        (Presence::Empty, _) if !reasons.is_empty() => {}
        (Presence::Empty, _) => reasons.push(Reason::unknown("no module")),
    }
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.verdict));
    Judgement {
        verdict: reasons.first().map_or(Verdict::Ok, |reason| reason.verdict),
        reasons: reasons.into_iter().map(|reason| reason.text).collect(),
    }
}

/// What a finding means for the verdict: a notice means nothing.
fn of_finding(finding: &Finding) -> Option<Reason> {
    let text = format!(
        "{}: saw {}; planned {}",
        finding.rule, finding.saw, finding.planned
    );
    match finding.severity {
        Severity::Notice => None,
        Severity::Warning => Some(Reason::degraded(text)),
        Severity::Error => Some(Reason::bad(text)),
    }
}

/// What registers that could not be read mean: nobody can say that all is well.
/// A page that the module or the dump does not have is another matter.
fn of_failures(module: &Snapshot) -> Option<Reason> {
    let mut failures = module
        .failures
        .iter()
        .filter(|failure| failure.error.kind.is_transient());
    let first = failures.next()?;
    let more = match failures.count() {
        0 => String::new(),
        n => format!(" (and {n} more)"),
    };
    let text = format!("could not read {}{more}: {}", first.group, first.error);
    Some(Reason::degraded(text))
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::bus::address::Half;
    use crate::bus::{BusError, BusErrorKind};
    use crate::module::{GroupFailure, Reading};
    use crate::units::{Celsius, Watts};

    fn finding(severity: Severity) -> Finding {
        Finding {
            rule: "some-rule",
            severity,
            saw: "this".to_owned(),
            planned: "that".to_owned(),
            advice: String::new(),
        }
    }

    fn of_module(module: &Snapshot) -> Judgement {
        judge(Presence::Active, Some(module), None, &[], &[], None)
    }

    #[test]
    fn a_healthy_module_needs_no_reasons() {
        let module = fixture::well();
        let notice = [finding(Severity::Notice)];
        let judgement = judge(
            Presence::Active,
            Some(&module),
            None,
            &notice,
            &[],
            Some("one lost sweep"),
        );
        assert_eq!(judgement.verdict, Verdict::Ok);
        assert!(judgement.reasons.is_empty());
    }

    #[test]
    fn the_gravest_reason_comes_first_and_decides() {
        let mut module = fixture::well();
        module.monitors.temperature = Reading::Value(Celsius::new(71.0));
        assert_eq!(of_module(&module).verdict, Verdict::Degraded);
        module.lanes[0].rx_power = Reading::Value(Watts::new(0.0));
        let found = [finding(Severity::Warning)];
        let judgement = judge(Presence::Active, Some(&module), None, &found, &[], None);
        assert_eq!(judgement.verdict, Verdict::Bad);
        assert_eq!(judgement.reasons.len(), 3);
        assert_eq!(judgement.reasons[0], "no light received on lane 1");
    }

    #[test]
    fn findings_count_by_their_severity() {
        let module = fixture::well();
        for (severity, verdict) in [
            (Severity::Notice, Verdict::Ok),
            (Severity::Warning, Verdict::Degraded),
            (Severity::Error, Verdict::Bad),
        ] {
            let found = [finding(severity)];
            let judgement = judge(Presence::Active, Some(&module), None, &found, &[], None);
            assert_eq!(judgement.verdict, verdict);
        }
    }

    #[test]
    fn what_watching_found_counts_while_the_module_can_be_read() {
        let module = fixture::well();
        let found = [Reason::degraded("ten times worse")];
        let of = |presence| judge(presence, Some(&module), None, &[], &found, None);
        assert_eq!(of(Presence::Active).verdict, Verdict::Degraded);
        assert_eq!(of(Presence::Active).reasons, ["ten times worse"]);
        assert_eq!(of(Presence::Settling).verdict, Verdict::Unknown);
    }

    #[test]
    fn presence_decides_where_no_module_was_read() {
        let told = |presence, findings: &[Finding]| {
            let judgement = judge(presence, None, None, findings, &[], Some("no answer"));
            (judgement.verdict, judgement.reasons.join("; "))
        };
        let unknown = |text: &str| (Verdict::Unknown, text.to_owned());
        assert_eq!(told(Presence::Empty, &[]), unknown("no module"));
        assert_eq!(told(Presence::Unread, &[]), unknown("not read yet"));
        assert_eq!(told(Presence::Active, &[]), unknown("not read yet"));
        assert_eq!(
            told(Presence::Settling, &[]),
            unknown("the module is not ready to be read yet")
        );
        assert_eq!(
            told(Presence::Failing, &[]),
            (Verdict::Bad, "does not answer: no answer".to_owned())
        );
        let missing = [finding(Severity::Error)];
        assert_eq!(
            told(Presence::Empty, &missing),
            (Verdict::Bad, "some-rule: saw this; planned that".to_owned())
        );
    }

    #[test]
    fn registers_that_could_not_be_read_leave_a_doubt() {
        let failure = |kind| GroupFailure {
            group: "lane monitors",
            error: BusError {
                kind,
                half: Half::LOWER,
                attempts: 3,
            },
        };
        let mut module = fixture::well();
        module.failures = vec![failure(BusErrorKind::NoSuchPage)];
        assert_eq!(of_module(&module).verdict, Verdict::Ok);
        module.failures.push(failure(BusErrorKind::BusFault));
        module.failures.push(failure(BusErrorKind::Refused));
        let judgement = of_module(&module);
        assert_eq!(judgement.verdict, Verdict::Degraded);
        let expected = "could not read lane monitors (and 1 more): ";
        assert!(judgement.reasons[0].starts_with(expected), "{judgement:?}");
    }
}
