//! Names of the things that opticsd speaks of: ports, buses, lanes and sides.
//!
//! Each is a type of its own so that none can stand where another is meant.

use std::fmt;
use std::num::NonZeroU16;
use std::sync::Arc;

/// The longest name that a port or a bus may have, in bytes.
pub const LONGEST_NAME: usize = 128;

/// The families of simulated modules, as configurations and commands name them; `sim`
/// has a builder for each.
pub const SIMULATED: &[&str] = &[
    "dsp-800g",
    "dsp-800g-dr8",
    "lpo-800g",
    "lpo-800g-enhanced",
    "lpo-800g-hollow",
    "lro-800g",
    "dac-400g",
    "aec-800g",
    "qsfp28",
    "sfp28",
    "cpo-32",
];

/// So many things in words, `1 port`, `64 ports`. `one` is what a single one is called;
/// many take an s.
pub fn counted<N: fmt::Display + PartialEq + From<u8>>(number: N, one: &str) -> String {
    let many = if number == N::from(1) { "" } else { "s" };
    format!("{number} {one}{many}")
}

macro_rules! name_type {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Makes a name from text.
            ///
            /// Returns `None` if the text is empty, longer than [`LONGEST_NAME`]
            /// bytes, or holds a control character or white space.
            pub fn new(text: &str) -> Option<Self> {
                let legal = !text.is_empty()
                    && text.len() <= LONGEST_NAME
                    && !text.chars().any(|c| c.is_control() || c.is_whitespace());
                legal.then(|| Self(Arc::from(text)))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}

name_type! {
    /// The cage as the configuration names it, for example `Ethernet12`.
    PortName
}

name_type! {
    /// A root adapter: everything under it shares one thread and one bus.
    BusName
}

/// How much of each port the metrics tell: each profile has all that the one
/// before it has, and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Profile {
    /// What a fleet of hundreds of thousands of modules needs: identity, levels,
    /// error ratios, findings and the verdict.
    Lean,
    /// Also the module's own thresholds, states, flags, and ratios of signal to
    /// noise: what the shipped rules and dashboards work with.
    #[default]
    Default,
    /// Also every VDM observable as the module shows it.
    Full,
}

impl Profile {
    /// Every profile, from the smallest.
    pub const ALL: [Self; 3] = [Self::Lean, Self::Default, Self::Full];

    /// The word used in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lean => "lean",
            Self::Default => "default",
            Self::Full => "full",
        }
    }
}

/// One lane of a module, counted from 1 over all banks: lane 9 is the first
/// lane of bank 1 (CMIS 5.x, section 1.1: global lane = 8 x bank + lane).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lane(NonZeroU16);

impl Lane {
    /// The lane with this zero-based index over all banks.
    pub fn from_index(index: u8) -> Self {
        Self(NonZeroU16::MIN.saturating_add(u16::from(index)))
    }

    /// The lane number as people say it, 1 and up.
    pub fn number(self) -> u16 {
        self.0.get()
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which side of a module a value belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// Towards the switch chip or NIC: electrical lanes.
    Host,
    /// Towards the fibre or cable: media lanes.
    Media,
}

impl Side {
    /// The word used in labels and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Media => "media",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_refuse_what_would_break_a_log_line() {
        assert!(PortName::new("Ethernet12").is_some());
        assert!(PortName::new("").is_none());
        assert!(PortName::new("a b").is_none());
        assert!(PortName::new("a\nb").is_none());
        assert!(PortName::new(&"x".repeat(129)).is_none());
    }

    #[test]
    fn lanes_count_from_one_over_all_banks() {
        assert_eq!(Lane::from_index(0).number(), 1);
        assert_eq!(Lane::from_index(8).number(), 9);
        assert_eq!(Lane::from_index(255).number(), 256);
    }

    #[test]
    fn one_is_one_and_none_are_many() {
        assert_eq!(counted(0_usize, "port"), "0 ports");
        assert_eq!(counted(1_u64, "port"), "1 port");
        assert_eq!(counted(64_usize, "port"), "64 ports");
    }
}
