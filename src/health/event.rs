//! Everything that can happen to a port, a bus or the daemon, in one place.
//!
//! An event is something that changed; it is logged and counted once, when it
//! happens, and never per poll.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::ber::{Estimate, Vantage};
use super::flags::Flag;
use super::reason::lanes_in_words;
use super::suspect::in_time;
use super::verdict::Verdict;
use crate::class::Class;
use crate::module::ModuleState;
use crate::names::{Lane, counted};
use crate::plan::finding::Severity;

/// The kind of [`Event::InternalError`], which has a counter of its own beside.
pub const INTERNAL_ERROR: &str = "internal_error";

/// Something that changed. Text fields hold what the module or the bus said.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A module came into a cage that was empty or not read yet.
    Inserted(Nameplate),
    /// A module stopped answering and counts as taken out.
    Removed(Nameplate),
    /// Another module stands where one stood at the sweep before.
    Swapped(Nameplate),
    /// The module's own state machine moved.
    StateChanged {
        /// The state before.
        from: ModuleState,
        /// The state now.
        to: ModuleState,
    },
    /// The class of a module was found, or found anew.
    ClassDecided {
        /// The class.
        class: Class,
        /// 0 to 1.
        confidence: f64,
    },
    /// A latched flag was found raised that was not.
    FlagRaised {
        /// The flag.
        flag: Flag,
        /// The lanes in which it was; none for one of the whole module.
        lanes: Vec<Lane>,
    },
    /// A flag that was raised was found clear for some sweeps in a row.
    FlagCleared {
        /// The flag.
        flag: Flag,
        /// The lanes in which it was; none for one of the whole module.
        lanes: Vec<Lane>,
    },
    /// A link that was up is down.
    DataPathDown,
    /// A link that was down is up.
    DataPathUp,
    /// Error ratios are gathered from here on.
    SessionOpened,
    /// A session ended with its link.
    SessionClosed {
        /// How long it lasted, in seconds.
        seconds: f64,
        /// The error ratio of each vantage over it.
        ratios: Vec<(Vantage, Estimate)>,
    },
    /// The port is judged differently than before.
    VerdictChanged {
        /// The verdict before.
        from: Verdict,
        /// The verdict now.
        to: Verdict,
        /// The gravest reason; empty when the port is well.
        reason: String,
    },
    /// The port differs from its plan in a way it did not before.
    FindingRaised {
        /// The rule.
        rule: &'static str,
        /// How grave it is.
        severity: Severity,
        /// What was seen.
        saw: String,
    },
    /// The port no longer differs from its plan in this way.
    FindingCleared {
        /// The rule.
        rule: &'static str,
    },
    /// A module that should answer cannot be read.
    BusTrouble {
        /// What the bus said.
        said: String,
    },
    /// The module can be read again.
    BusRecovered,
    /// The configuration was read anew and is in force.
    ConfigReloaded {
        /// How many ports it names.
        ports: usize,
    },
    /// The configuration was read anew and refused; the old one stays in force.
    ConfigRefused {
        /// How many mistakes it has.
        mistakes: usize,
    },
    /// opticsd itself met a defect of its own.
    InternalError {
        /// The thread that panicked: the bus, for those that read modules.
        thread: String,
        /// File, line and column of its source.
        place: String,
        /// What it said.
        said: String,
    },
}

/// Which module an event is about, as far as the module said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Nameplate {
    /// Vendor name.
    pub vendor: Option<String>,
    /// Vendor part number.
    pub part_number: Option<String>,
    /// Vendor serial number.
    pub serial: Option<String>,
}

impl Event {
    /// The word used in logs and labels.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Inserted(_) => "insert",
            Self::Removed(_) => "remove",
            Self::Swapped(_) => "swap",
            Self::StateChanged { .. } => "state_change",
            Self::ClassDecided { .. } => "class_decided",
            Self::FlagRaised { .. } => "flag_raised",
            Self::FlagCleared { .. } => "flag_cleared",
            Self::DataPathDown => "data_path_down",
            Self::DataPathUp => "data_path_up",
            Self::SessionOpened => "ber_session_opened",
            Self::SessionClosed { .. } => "ber_session_closed",
            Self::VerdictChanged { .. } => "verdict_changed",
            Self::FindingRaised { .. } => "finding_raised",
            Self::FindingCleared { .. } => "finding_cleared",
            Self::BusTrouble { .. } => "bus_trouble",
            Self::BusRecovered => "bus_recovered",
            Self::ConfigReloaded { .. } => "config_reloaded",
            Self::ConfigRefused { .. } => "config_refused",
            Self::InternalError { .. } => INTERNAL_ERROR,
        }
    }

    /// Whether a human should look.
    pub fn is_grave(&self) -> bool {
        match self {
            Self::VerdictChanged { to, .. } => *to == Verdict::Bad,
            Self::FindingRaised { severity, .. } => *severity == Severity::Error,
            Self::BusTrouble { .. } | Self::ConfigRefused { .. } | Self::InternalError { .. } => {
                true
            }
            Self::Inserted(_)
            | Self::Removed(_)
            | Self::Swapped(_)
            | Self::StateChanged { .. }
            | Self::ClassDecided { .. }
            | Self::FlagRaised { .. }
            | Self::FlagCleared { .. }
            | Self::DataPathDown
            | Self::DataPathUp
            | Self::SessionOpened
            | Self::SessionClosed { .. }
            | Self::FindingCleared { .. }
            | Self::BusRecovered
            | Self::ConfigReloaded { .. } => false,
        }
    }
}

/// Shown as a person says it, without port and kind.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inserted(module) => write!(f, "module inserted: {module}"),
            Self::Removed(module) => write!(f, "module removed: {module}"),
            Self::Swapped(module) => write!(f, "module swapped, now {module}"),
            Self::StateChanged { from, to } => {
                write!(f, "module state {} to {}", word(*from), word(*to))
            }
            Self::ClassDecided { class, confidence } => {
                write!(f, "class {} at {:.0} %", class.name(), confidence * 100.0)
            }
            Self::FlagRaised { flag, lanes } => {
                write!(f, "flag raised: {flag}{}", in_lanes(lanes))
            }
            Self::FlagCleared { flag, lanes } => {
                write!(f, "flag cleared: {flag}{}", in_lanes(lanes))
            }
            Self::DataPathDown => f.write_str("link down"),
            Self::DataPathUp => f.write_str("link up"),
            Self::SessionOpened => f.write_str("error ratios are gathered anew"),
            Self::SessionClosed { seconds, ratios } => {
                write!(f, "link was up for {}", in_time(seconds / 86_400.0))?;
                ratios.iter().try_for_each(|(vantage, ratio)| {
                    write!(f, ", bit error ratio {ratio} ({vantage})")
                })
            }
            Self::VerdictChanged { from, to, reason } => {
                write!(f, "verdict {} to {}", from.name(), to.name())?;
                if reason.is_empty() {
                    return Ok(());
                }
                write!(f, ": {reason}")
            }
            Self::FindingRaised {
                rule,
                severity,
                saw,
            } => write!(f, "finding {rule} ({}): {saw}", severity.name()),
            Self::FindingCleared { rule } => write!(f, "finding {rule} cleared"),
            Self::BusTrouble { said } => write!(f, "module cannot be read: {said}"),
            Self::BusRecovered => f.write_str("module can be read again"),
            Self::ConfigReloaded { ports } => {
                write!(f, "configuration reloaded, {}", counted(*ports, "port"))
            }
            Self::ConfigRefused { mistakes } => write!(
                f,
                "configuration refused for {}, the old one stays in force",
                counted(*mistakes, "mistake")
            ),
            Self::InternalError {
                thread,
                place,
                said,
            } => write!(
                f,
                "defect of opticsd in thread {thread} at {place}: {said}; please report it with the log"
            ),
        }
    }
}

/// The lanes as the end of a sentence.
fn in_lanes(lanes: &[Lane]) -> String {
    lanes_in_words(lanes).map_or_else(String::new, |words| format!(", {words}"))
}

/// A module state as a word, or `reserved N`.
fn word(state: ModuleState) -> String {
    state
        .name()
        .map_or_else(|code| format!("reserved {code}"), str::to_owned)
}

/// Shown as vendor, part and serial number; what is not known is left out.
impl fmt::Display for Nameplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [&self.vendor, &self.part_number, &self.serial];
        let mut known = words.into_iter().flatten().peekable();
        if known.peek().is_none() {
            return f.write_str("no name given");
        }
        for (i, text) in known.enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(text)?;
        }
        Ok(())
    }
}

/// How many events of each kind there were since the daemon started.
#[derive(Debug, Default)]
pub struct EventCounts(Mutex<BTreeMap<&'static str, u64>>);

impl EventCounts {
    /// Counts one event.
    pub fn count(&self, event: &Event) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(event.kind()).or_default() += 1;
    }

    /// The counts by [`Event::kind`]; a kind that never happened is left out.
    pub fn by_kind(&self) -> BTreeMap<&'static str, u64> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_read_as_a_person_says_them() {
        let event = Event::VerdictChanged {
            from: Verdict::Ok,
            to: Verdict::Bad,
            reason: "too hot".to_owned(),
        };
        assert_eq!(event.to_string(), "verdict ok to bad: too hot");
        assert!(event.is_grave());
        let named = Nameplate {
            vendor: Some("Acme".to_owned()),
            part_number: None,
            serial: Some("A1".to_owned()),
        };
        assert_eq!(
            Event::Inserted(named).to_string(),
            "module inserted: Acme A1"
        );
        assert_eq!(
            Event::Removed(Nameplate::default()).to_string(),
            "module removed: no name given"
        );
    }

    #[test]
    fn counts_are_kept_by_kind() {
        let counts = EventCounts::default();
        counts.count(&Event::BusRecovered);
        counts.count(&Event::BusRecovered);
        counts.count(&Event::ConfigReloaded { ports: 1 });
        assert_eq!(
            counts.by_kind(),
            BTreeMap::from([("bus_recovered", 2), ("config_reloaded", 1)])
        );
    }
}
