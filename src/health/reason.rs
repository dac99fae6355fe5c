//! A reason for a verdict, in words for people.

use super::verdict::Verdict;
use crate::names::Lane;

/// One reason, and the verdict that it leads to by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// The verdict if there were no other reason.
    pub verdict: Verdict,
    /// The reason.
    pub text: String,
}

impl Reason {
    /// The port does not do what it is there for.
    pub(super) fn bad(text: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Bad,
            text: text.into(),
        }
    }

    /// The port works, but somebody should look.
    pub(super) fn degraded(text: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Degraded,
            text: text.into(),
        }
    }

    /// Nothing can be said.
    pub(super) fn unknown(text: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Unknown,
            text: text.into(),
        }
    }
}

/// Lanes in words: `lane 3`, `lanes 1 to 4, 7`; `None` if there are none.
pub fn lanes_in_words(lanes: &[Lane]) -> Option<String> {
    let runs = lanes.chunk_by(|a, b| a.number() + 1 == b.number());
    let runs: Vec<_> = runs
        .filter_map(|run| {
            let (first, last) = (run.first()?, run.last()?);
            Some(match run.len() {
                1 => first.to_string(),
                2 => format!("{first}, {last}"),
                _ => format!("{first} to {last}"),
            })
        })
        .collect();
    match lanes.len() {
        0 => None,
        1 => Some(format!("lane {}", runs.join(", "))),
        _ => Some(format!("lanes {}", runs.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_lanes_are_said_as_a_run() {
        let words = |indexes: &[u8]| {
            let lanes: Vec<_> = indexes.iter().map(|i| Lane::from_index(*i)).collect();
            lanes_in_words(&lanes)
        };
        assert_eq!(words(&[]), None);
        assert_eq!(words(&[2]).as_deref(), Some("lane 3"));
        assert_eq!(words(&[0, 1]).as_deref(), Some("lanes 1, 2"));
        assert_eq!(words(&[0, 1, 2, 3, 6]).as_deref(), Some("lanes 1 to 4, 7"));
    }
}
