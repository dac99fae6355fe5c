//! What only watching over time finds, as findings: each rule with what was seen,
//! what would be right, and what to do.

use std::collections::BTreeMap;

use super::ber::{Estimate, Source, Vantage};
use super::burst::Tail;
use super::course::Course;
use super::levels::Ageing;
use super::lines::Standing;
use super::session::{Change, Record, Session};
use super::trend::{Trend, median};
use crate::module::Snapshot;
use crate::plan::finding::{Finding, Severity};
use crate::plan::policy::{BerPolicy, WatchPolicy};
use crate::plan::watched;
use crate::units::Watts;

/// In how many steps in a row something must be seen to be a finding.
const RAISE_AFTER: u32 = 2;
/// In how many steps in a row it must not be seen to be none any more.
const CLEAR_AFTER: u32 = 5;
/// How sure a change must be.
const SURE: f64 = 0.99;
/// So far below the line that warns, in decades, a worse ratio is worth a notice
/// only.
const REMOTE_DECADES: f64 = 3.0;
/// A finding that a change of this session made is over when so much of it is left,
/// in decades.
const HALF: f64 = 0.5;

/// A finding that is seen in a step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sight {
    /// What is seen.
    pub finding: Finding,
    /// Whether once is enough.
    pub is_sure: bool,
}

impl From<Finding> for Sight {
    /// What must be seen again to be believed.
    fn from(finding: Finding) -> Self {
        Self {
            finding,
            is_sure: false,
        }
    }
}

/// The findings that stand, from step to step.
#[derive(Debug, Clone, Default)]
pub(super) struct Held(BTreeMap<&'static str, Holding>);

#[derive(Debug, Clone)]
struct Holding {
    seen: u32,
    missed: u32,
    finding: Finding,
}

impl Held {
    /// Takes in what is seen now and tells what stands.
    pub(super) fn settle(&mut self, seen: Vec<Sight>) -> Vec<Finding> {
        for holding in self.0.values_mut() {
            holding.missed += 1;
        }
        for Sight { finding, is_sure } in seen {
            let holding = self.0.entry(finding.rule).or_insert(Holding {
                seen: 0,
                missed: 0,
                finding: finding.clone(),
            });
            holding.seen += if is_sure { RAISE_AFTER } else { 1 };
            holding.missed = 0;
            holding.finding = finding;
        }
        self.0.retain(|_, holding| {
            let patience = if holding.seen < RAISE_AFTER {
                1
            } else {
                CLEAR_AFTER
            };
            holding.missed < patience
        });
        let standing = self
            .0
            .values()
            .filter(|holding| holding.seen >= RAISE_AFTER);
        standing.map(|holding| holding.finding.clone()).collect()
    }

    /// Whether a rule stands.
    pub(super) fn has(&self, rule: &str) -> bool {
        self.0
            .get(rule)
            .is_some_and(|holding| holding.seen >= RAISE_AFTER)
    }
}

/// The gravest of the changes that are too large.
///
/// The first interval of a module may have begun before the link was up, so that it
/// is not sure by itself. That of a host began with it, unless codewords were beyond
/// correction in it.
pub(super) fn after_flap(
    changes: &[Change],
    ber: &BerPolicy,
    watch: &WatchPolicy,
    stands: bool,
    uncorrectable: u64,
) -> Option<Sight> {
    let line = if stands {
        watch.flap_ratio.powf(HALF)
    } else {
        watch.flap_ratio
    };
    let worst = changes
        .iter()
        .filter(|change| change.times >= line && change.confidence >= SURE)
        .max_by(|a, b| a.times.total_cmp(&b.times))?;
    let more = if worst.before.is_bound() {
        "more than "
    } else {
        ""
    };
    let remote = worst.now.log10() < ber.warn.log10() - REMOTE_DECADES;
    let finding = Finding {
        rule: watched::BER_WORSE_AFTER_FLAP,
        severity: if remote {
            Severity::Notice
        } else {
            Severity::Warning
        },
        saw: format!(
            "bit error ratio {} ({}) since the link came up, {more}{:.0} times the {} of the \
             session before; {}",
            worst.now,
            worst.vantage,
            worst.times,
            worst.before,
            sure(worst.confidence)
        ),
        planned: format!("at most {:.0} times the session before", watch.flap_ratio),
        advice: "let the link come up once more, so that the receivers adapt anew; if that does \
                 not help, clean and reseat the connectors at both ends"
            .to_owned(),
    };
    Some(Sight {
        finding,
        is_sure: worst.vantage.source == Source::Host && uncorrectable == 0,
    })
}

/// A confidence in words.
fn sure(confidence: f64) -> String {
    if confidence > 0.9999 {
        "more than 99.99 % sure".to_owned()
    } else {
        format!("{:.2} % sure", (confidence * 1e4).floor() / 100.0)
    }
}

/// A ratio that will pass its limit while there is time to act.
pub(super) fn rising(standing: &Standing, trend: Trend, watch: &WatchPolicy) -> Option<Finding> {
    let [days, soonest] = trend.days_until(standing.limit.log10())?;
    (days <= watch.horizon_days).then(|| Finding {
        rule: watched::BER_RISING,
        severity: Severity::Warning,
        saw: format!(
            "bit error ratio {} ({}) rises by {:.2} decades a day and reaches the limit of \
             {:.1e} in {}, {} at the soonest",
            standing.estimate(),
            standing.vantage(),
            trend.per_day,
            standing.limit,
            in_time(days),
            in_time(soonest)
        ),
        planned: format!("no limit in sight for {:.0} days", watch.horizon_days),
        advice: "plan to clean or replace the link before then; its levels and temperatures tell \
                 which part changed"
            .to_owned(),
    })
}

/// Days in words.
pub(super) fn in_time(days: f64) -> String {
    let hours = days * 24.0;
    if hours < 2.0 {
        format!("{:.0} minutes", hours * 60.0)
    } else if days < 2.0 {
        format!("{hours:.0} hours")
    } else {
        format!("{days:.0} days")
    }
}

/// Errors that come in bursts, or codewords near the end of correction.
pub(super) fn bursts(tail: Tail, watch: &WatchPolicy) -> Option<Finding> {
    let severity = if tail.seen > watch.fec_tail_error {
        Severity::Error
    } else if tail.seen > watch.fec_tail_warn || tail.is_burst {
        Severity::Warning
    } else {
        return None;
    };
    let why = if tail.is_burst {
        "errors come in bursts"
    } else {
        "as random errors at this ratio make"
    };
    Some(Finding {
        rule: watched::FEC_BURSTS,
        severity,
        saw: format!(
            "a codeword with {} wrong symbols, where {} would be the most by chance: {why}",
            tail.seen, tail.expected
        ),
        planned: format!("at most {} wrong symbols", watch.fec_tail_warn),
        advice: "look for reflections at connectors and for a receiver that has adapted badly; \
                 the bit error ratio does not show bursts"
            .to_owned(),
    })
}

/// Lasers that age.
pub(super) fn ageing(found: &[Ageing]) -> Option<Finding> {
    let worst = found.iter().max_by(|a, b| a.rise.total_cmp(&b.rise))?;
    let others = match found.len() {
        1 => String::new(),
        n => format!(" (and {} more lanes)", n - 1),
    };
    Some(Finding {
        rule: watched::LASER_AGEING,
        severity: Severity::Warning,
        saw: format!(
            "lane {} takes {:.1} mA for the light that {:.1} mA made {} ago{others}",
            worst.lane,
            worst.to * 1e3,
            worst.from * 1e3,
            in_time(worst.days)
        ),
        planned: "bias that stays, apart from warmth".to_owned(),
        advice: "replace the module before its bias alarm".to_owned(),
    })
}

/// Received light against what there was when the link came up, or in the session
/// before where that was more: of all lanes together, and of single ones.
pub(super) fn light(
    module: &Snapshot,
    session: &Session,
    before: Option<&Record>,
    watch: &WatchPolicy,
) -> Vec<Finding> {
    let drops: Vec<(u16, f64)> = module
        .lanes
        .iter()
        .filter(|lane| session.lanes.contains(&lane.lane.number()))
        .filter_map(|lane| {
            let number = lane.lane.number();
            let now = lane.rx_power.value().and_then(Watts::dbm)?;
            let then = before.and_then(|record| record.lane(number)?.rx_dbm);
            let best = session
                .rx_dbm(number)
                .into_iter()
                .chain(then)
                .reduce(f64::max)?;
            Some((number, best - now))
        })
        .collect();
    let Some(common) = median(drops.iter().map(|(_, drop)| *drop)) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    let all = drops.len();
    let have_dropped = drops
        .iter()
        .filter(|(_, drop)| *drop >= watch.rx_drop_db / 2.0);
    if common >= watch.rx_drop_db && have_dropped.count() == all {
        let lanes = if all == 1 {
            "the lane".to_owned()
        } else {
            format!("all {all} lanes")
        };
        findings.push(Finding {
            rule: watched::LIGHT_DROPPED,
            severity: Severity::Warning,
            saw: format!(
                "receive power of {lanes} is {common:.1} dB lower than at best since the session \
                 before, which points at connector or fibre"
            ),
            planned: format!("at most {:.1} dB less", watch.rx_drop_db),
            advice: "all lanes share the connector: clean and reseat it, and look for a bent \
                     fibre"
                .to_owned(),
        });
    }
    let worst = drops.iter().max_by(|(_, a), (_, b)| a.total_cmp(b));
    if let Some((lane, drop)) = worst
        && all > 1
        && drop - common.max(0.0) >= watch.rx_drop_db
    {
        findings.push(Finding {
            rule: watched::LANE_OUTLIER,
            severity: Severity::Warning,
            saw: format!(
                "receive power of lane {lane} is {drop:.1} dB lower than at best since the session \
                 before, that of its sisters {:.1} dB",
                common.max(0.0)
            ),
            planned: format!(
                "lanes within {:.1} dB of each other's change",
                watch.rx_drop_db
            ),
            advice: "one lane alone: look at its fibre in the connector, then at the far \
                     transmitter"
                .to_owned(),
        });
    }
    findings
}

/// A lane whose error ratio is far above that of its sisters, where that matters.
pub(super) fn lane_ratio(
    vantage: Vantage,
    lanes: &[(u16, Estimate)],
    ber: &BerPolicy,
    watch: &WatchPolicy,
) -> Option<Finding> {
    let measured = lanes.iter().filter(|(_, ratio)| !ratio.is_bound());
    let (lane, ratio) = measured.max_by(|(_, a), (_, b)| a.number().total_cmp(&b.number()))?;
    let sisters = lanes.iter().filter(|(other, _)| other != lane);
    let middle = median(sisters.map(|(_, ratio)| ratio.log10()))?;
    let is_outlier = lanes.len() > 2
        && ratio.number() > ber.warn / 10.0
        && ratio.log10() - middle >= watch.lane_ber_decades;
    is_outlier.then(|| Finding {
        rule: watched::LANE_OUTLIER,
        // Lanes of healthy modules differ by decades where errors are rare.
        severity: match ratio.number() > ber.warn {
            true => Severity::Warning,
            false => Severity::Notice,
        },
        saw: format!(
            "bit error ratio {ratio} of lane {lane} ({vantage}), its sisters {:.1e}",
            10_f64.powf(middle)
        ),
        planned: format!(
            "lanes within {:.1} decades of each other",
            watch.lane_ber_decades
        ),
        advice: "one lane alone: look at its fibre in the connector, then at the far transmitter"
            .to_owned(),
    })
}

/// Settings that are not those of the session before.
pub(super) fn settings(session: &Session, before: &Record) -> Option<Finding> {
    let unlike = session.settings_unlike(before);
    let first = unlike.first()?;
    let more = match unlike.len() {
        1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    Some(Finding {
        rule: watched::SETTINGS_CHANGED,
        severity: Severity::Notice,
        saw: format!("{first}{more}"),
        planned: "the settings of the session before".to_owned(),
        advice: "if nobody changed them on purpose, look at what configures the module".to_owned(),
    })
}

/// Whether the ratio has left where it was when the link came up, in words.
pub(super) fn worse_than_at_first(
    course: &Course,
    standing: &Standing,
    ber: &BerPolicy,
    watch: &WatchPolicy,
) -> Option<String> {
    let (now, first) = (course.recent().center()?, course.first.center()?);
    let remote = now.log10() < ber.warn.log10() - REMOTE_DECADES;
    let times = now.number() / first.number();
    let worse = !now.is_bound() && !remote && times >= watch.flap_ratio;
    worse.then(|| {
        format!(
            "bit error ratio {now} ({}) is {times:.0} times the {first} of when the link came up",
            standing.vantage()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(rule: &'static str) -> Sight {
        Sight::from(Finding {
            rule,
            severity: Severity::Warning,
            saw: String::new(),
            planned: String::new(),
            advice: String::new(),
        })
    }

    #[test]
    fn a_finding_takes_two_sights_and_goes_after_five_misses() {
        let mut held = Held::default();
        let rule = watched::FEC_BURSTS;
        assert_eq!(held.settle(vec![finding(rule)]), []);
        assert_eq!(held.settle(vec![]), []);
        // Once more is not twice in a row.
        assert_eq!(held.settle(vec![finding(rule)]), []);
        assert_eq!(held.settle(vec![finding(rule)]).len(), 1);
        for _ in 0..4 {
            assert_eq!(held.settle(vec![]).len(), 1);
        }
        assert!(held.has(rule));
        assert_eq!(held.settle(vec![]), []);
        assert!(!held.has(rule));
        let sure = Sight {
            is_sure: true,
            ..finding(rule)
        };
        assert_eq!(held.settle(vec![sure]).len(), 1);
    }

    #[test]
    fn tails_are_graded_by_length_and_by_chance() {
        let watch = WatchPolicy::default();
        let of = |seen, is_burst| {
            let tail = Tail {
                seen,
                expected: 3,
                is_burst,
            };
            bursts(tail, &watch).map(|finding| finding.severity)
        };
        assert_eq!(of(4, false), None);
        assert_eq!(of(7, true), Some(Severity::Warning));
        assert_eq!(of(9, true), Some(Severity::Warning));
        assert_eq!(of(13, false), Some(Severity::Error));
    }

    #[test]
    fn days_are_said_as_people_do() {
        assert_eq!(in_time(0.05), "72 minutes");
        assert_eq!(in_time(1.5), "36 hours");
        assert_eq!(in_time(12.3), "12 days");
    }
}
