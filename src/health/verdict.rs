//! The judgement of a port at this moment.

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
/// `trouble` is what the bus said if the last sweep failed.
pub fn judge(
    presence: crate::module::Presence,
    snapshot: Option<&crate::module::Snapshot>,
    class: Option<&crate::class::Classification>,
    findings: &[crate::plan::finding::Finding],
    trouble: Option<&str>,
) -> Judgement {
    let _ = (presence, snapshot, class, findings, trouble);
    Judgement {
        verdict: Verdict::Unknown,
        reasons: Vec::new(),
    }
}
