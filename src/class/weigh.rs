//! The class of an optical module where no structure decides: the findings of
//! all groups, added up, with the argument for and against.

use super::facts::Facts;
use super::score::{self, Finding, Score};
use super::settings::Settings;
use super::{Class, Classification, Evidence, Form, Source, groups};

/// Weighs LPO, LRO and DSP against each other.
pub(super) fn weigh(facts: &Facts, settings: &Settings) -> Classification {
    let (findings, mut missing) = groups::find(facts, settings);
    let findings = score::strongest(findings, settings);
    let ranking = score::ranking(&findings, settings);
    let [best, second, _] = ranking;
    let limits = &settings.limits;

    let established = best.score >= limits.established && best.score - second.score >= limits.lead;
    let mut conflicts = conflicts(&findings, best.class, settings);
    let gravest = findings
        .iter()
        .map(|finding| settings.weights(finding.item).of(best.class).doubt)
        .fold(0.0, f64::max);
    let mut confidence = best.score;
    if established && gravest >= limits.grave_conflict {
        confidence = confidence.min(limits.conflict_cap);
    }
    if !established {
        let scores = scores_in_words(&ranking);
        if best.support >= limits.established {
            conflicts.push(format!("the facts contradict each other: {scores}"));
        } else {
            missing.push(format!("enough evidence for any class: {scores}"));
        }
    }
    let class = if established {
        best.class
    } else {
        Class::Unknown
    };
    Classification {
        class,
        form: Form::Pluggable,
        retiming: class.retiming(),
        confidence,
        source: Source::Scored,
        evidence: evidence(findings, best.class, settings),
        missing,
        conflicts,
        scores: ranking
            .iter()
            .map(|score| (score.class, score.score))
            .collect(),
    }
}

/// What doubts a class enough to be told of.
fn conflicts(findings: &[Finding], class: Class, settings: &Settings) -> Vec<String> {
    let doubt = |finding: &Finding| settings.weights(finding.item).of(class).doubt;
    findings
        .iter()
        .filter(|finding| doubt(finding) >= settings.limits.noted_conflict)
        .map(|finding| {
            format!(
                "against {}: {}: {}: {}",
                class.name(),
                finding.place,
                finding.value,
                finding.says
            )
        })
        .collect()
}

/// The findings that bear on a class, strongest first.
fn evidence(findings: Vec<Finding>, class: Class, settings: &Settings) -> Vec<Evidence> {
    let mut evidence: Vec<Evidence> = findings
        .into_iter()
        .map(|finding| Evidence {
            signal: finding.item.group(),
            place: finding.place,
            value: finding.value,
            says: finding.says,
            weight: settings.weights(finding.item).of(class).net(),
        })
        .filter(|item| item.weight != 0.0)
        .collect();
    evidence.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
    evidence
}

fn scores_in_words(ranking: &[Score; 3]) -> String {
    let words: Vec<String> = ranking
        .iter()
        .map(|score| format!("{} {:.2}", score.class.name(), score.score))
        .collect();
    words.join(", ")
}
