//! A finding: how a port differs from its plan, and what to do about it.

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Notice,
    /// A human should look.
    Warning,
    /// The port must not be used like this.
    Error,
}

impl Severity {
    /// The word used in labels and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// How a port differs from its plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule's stable name, for example `class-denied`.
    pub rule: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// What was seen.
    pub saw: String,
    /// What was planned.
    pub planned: String,
    /// What to do.
    pub advice: String,
}
