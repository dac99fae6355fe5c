//! Verdicts that do not flicker.

use super::verdict::{Judgement, Verdict};

/// In how many steps in a row a port must be better before it is called so.
const STEPS_UNTIL_BETTER: u32 = 3;

/// The verdict that is shown, from step to step: worse at once, better only when
/// that lasts. What is not known any more is not held either.
#[derive(Debug, Clone, Default)]
pub struct Hysteresis {
    shown: Option<Judgement>,
    better: u32,
}

impl Hysteresis {
    /// The judgement to show when this is the one of the moment.
    pub fn settle(&mut self, now: Judgement) -> Judgement {
        if let Some(shown) = &self.shown {
            let is_better = matches!(shown.verdict, Verdict::Degraded | Verdict::Bad)
                && now.verdict < shown.verdict
                && now.verdict != Verdict::Unknown;
            self.better = if is_better { self.better + 1 } else { 0 };
            if is_better && self.better < STEPS_UNTIL_BETTER {
                return Judgement {
                    verdict: shown.verdict,
                    reasons: shown.reasons.iter().map(|reason| held(reason)).collect(),
                };
            }
        }
        self.better = 0;
        self.shown = Some(now.clone());
        now
    }
}

fn held(reason: &str) -> String {
    format!("until a moment ago: {reason}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(hysteresis: &mut Hysteresis, verdict: Verdict) -> Verdict {
        let judgement = Judgement {
            verdict,
            reasons: vec![verdict.name().to_owned()],
        };
        hysteresis.settle(judgement).verdict
    }

    #[test]
    fn worse_at_once_and_better_when_it_lasts() {
        use Verdict::{Bad, Degraded, Ok, Unknown};
        let mut hysteresis = Hysteresis::default();
        for (now, expected) in [
            (Unknown, Unknown),
            (Ok, Ok),
            (Bad, Bad),
            (Ok, Bad),
            (Ok, Bad),
            (Bad, Bad),
            (Ok, Bad),
            (Degraded, Bad),
            (Ok, Ok),
            (Degraded, Degraded),
            (Unknown, Unknown),
            (Ok, Ok),
        ] {
            assert_eq!(shown(&mut hysteresis, now), expected);
        }
    }

    #[test]
    fn a_value_that_hovers_over_its_line_changes_the_verdict_once() {
        let mut hysteresis = Hysteresis::default();
        let mut changes = 0;
        let mut last = Verdict::Ok;
        for step in 0..200 {
            let now = if step % 3 == 0 {
                Verdict::Degraded
            } else {
                Verdict::Ok
            };
            let verdict = shown(&mut hysteresis, now);
            changes += u32::from(verdict != last);
            last = verdict;
        }
        assert_eq!(changes, 1);
    }

    #[test]
    fn what_is_held_says_so() {
        let mut hysteresis = Hysteresis::default();
        shown(&mut hysteresis, Verdict::Bad);
        let held = hysteresis.settle(Judgement {
            verdict: Verdict::Ok,
            reasons: Vec::new(),
        });
        assert_eq!(held.reasons, ["until a moment ago: bad"]);
    }
}
