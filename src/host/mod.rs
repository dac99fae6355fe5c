//! What the host counts for a link: the FEC decoders of NICs and switch chips,
//! asked through whoever knows their counters.
//!
//! - [`ethtool_fec`]: the driver of a network interface, by ethtool netlink.
//! - [`sonic`]: SONiC's databases, by Redis.
//! - [`own`]: a decoder that answers by itself, such as a simulated one.
//!
//! A [`Teller`] is asked for all of its ports at once. It only reads; what it
//! cannot tell is an error that says what to do, never a zero.

pub mod ethtool_fec;
mod line_rate;
pub mod own;
pub mod sonic;
mod sonic_row;

use crate::clock::Clock;
use crate::health::host_fec::HostFec;

/// Who knows the counters of some ports.
pub trait Teller: Send {
    /// The counters of each port asked for, in the order asked, with the time of
    /// `clock` at which they were read. `ports` are the names under which the
    /// teller knows them.
    fn tell(&mut self, ports: &[String], clock: &dyn Clock) -> Vec<Result<HostFec, Silence>>;
}

/// Why a host does not tell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{said}")]
pub struct Silence {
    /// What kind of trouble it is.
    pub kind: SilenceKind,
    /// What is wrong, where, and what to do about it.
    pub said: String,
}

/// What keeps a host from telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SilenceKind {
    /// Whoever knows cannot be reached.
    Unreachable,
    /// It gave no answer in time.
    TimedOut,
    /// It does not let us ask.
    Refused,
    /// It knows no port of that name.
    NoSuchPort,
    /// It knows the port, and no error counters of it.
    NoCounters,
    /// Its answer is not what it should be.
    Malformed,
}

impl SilenceKind {
    /// The word used in metrics.
    pub fn label(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Refused => "refused",
            Self::NoSuchPort => "no_such_port",
            Self::NoCounters => "no_counters",
            Self::Malformed => "malformed",
        }
    }
}

impl Silence {
    /// A reason for silence in words.
    pub fn new(kind: SilenceKind, said: impl Into<String>) -> Self {
        Self {
            kind,
            said: said.into(),
        }
    }
}
