//! What the operator wrote: the daemon's configuration as types.

mod care;
mod fec;
mod file;
mod listen;
mod sonic;
mod source;
pub mod web;

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

pub use listen::Listen;
pub use sonic::{RedisAddress, Sonic};

use crate::names::{PortName, Profile};

/// Where page, API and metrics are served unless told otherwise: every address
/// of the machine, IPv6 and IPv4.
pub const DEFAULT_LISTEN: Listen =
    Listen::Tcp(SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 10458));

/// How often each module is swept unless told otherwise.
pub const DEFAULT_PERIOD: Duration = Duration::from_secs(1);

/// The daemon's configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where page, API and metrics are served; at least one place.
    pub listen: Vec<Listen>,
    /// The web configuration file, which says who may see them, resolved against
    /// the configuration's folder; `None` for everybody, by plain HTTP.
    pub web_config: Option<PathBuf>,
    /// The plan file, resolved against the configuration's folder.
    pub plan: Option<PathBuf>,
    /// Where the daemon keeps what must outlive a restart, resolved against the
    /// configuration's folder; `None` leaves it to the service manager.
    pub state_directory: Option<PathBuf>,
    /// How much of each port the metrics tell.
    pub profile: Profile,
    /// Where SONiC's databases are, for ports whose errors SONiC counts.
    pub sonic: Sonic,
    /// The ports in the order of the file; at least one, no name twice.
    pub ports: Vec<PortConfig>,
}

/// One port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortConfig {
    /// Its name.
    pub name: PortName,
    /// How its module is reached.
    pub source: PortSource,
    /// Whether another manager owns its module: registers that clear when read
    /// are left to that one.
    pub passive: bool,
    /// Whether its VDM statistics are frozen while they are read; never at a
    /// passive port.
    pub vdm_freeze: bool,
    /// How often what is read.
    pub cadences: Cadences,
    /// How its I2C device is used, if it is reached by one.
    pub i2c: I2cManner,
    /// The lock that is held while its module is read.
    pub lock: Option<LockConfig>,
    /// Who on the host counts the errors of its link, if anybody.
    pub fec: Option<FecFrom>,
}

/// Who on the host counts the errors of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FecFrom {
    /// The driver of a network interface, by the interface's name.
    Ethtool(String),
    /// SONiC, by its name of the port.
    Sonic(String),
    /// The simulated host of a simulated port.
    Sim,
}

/// Shown as it is written in the configuration.
impl fmt::Display for FecFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ethtool(name) => write!(f, "ethtool:{name}"),
            Self::Sonic(name) => write!(f, "sonic:{name}"),
            Self::Sim => f.write_str("sim"),
        }
    }
}

/// Every how many periods is read what changes by configuration only, unless told
/// otherwise.
const SLOW_PERIODS: u32 = 10;

/// How often each kind of register group is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cadences {
    /// Monitors, lanes and flags.
    pub monitors: Duration,
    /// What VDM observables read; not shorter.
    pub vdm: Duration,
    /// What changes by configuration only; not shorter than `monitors`.
    pub slow: Duration,
}

impl Cadences {
    /// All groups equally often.
    pub const fn every(period: Duration) -> Self {
        Self {
            monitors: period,
            vdm: period,
            slow: period,
        }
    }

    /// What a configuration means that gives the period of the monitors alone.
    pub fn usual(period: Duration) -> Self {
        Self {
            slow: period * SLOW_PERIODS,
            ..Self::every(period)
        }
    }
}

/// How a kernel I2C device is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct I2cManner {
    /// How long a transfer may take.
    pub timeout: Duration,
    /// How often the kernel repeats one that lost the bus to another master.
    pub retries: u16,
    /// Whether bank 0 and page 00h are selected after each sweep.
    pub leave_page_zero: bool,
}

impl Default for I2cManner {
    fn default() -> Self {
        Self {
            timeout: Duration::from_millis(200),
            retries: 1,
            leave_page_zero: false,
        }
    }
}

/// A lock that is shared with another manager of the same modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockConfig {
    /// How it is taken.
    pub way: LockWay,
    /// For how long it is waited for, and for each command.
    pub patience: Duration,
}

impl LockConfig {
    /// For how long a lock is waited for unless told otherwise.
    pub const PATIENCE: Duration = Duration::from_secs(1);
}

/// How a lock is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockWay {
    /// A file is locked (flock).
    File(PathBuf),
    /// Commands take it and give it back; the program comes first.
    Commands {
        /// Run before; holds the lock if it ends with status 0.
        take: Vec<String>,
        /// Run behind.
        give: Vec<String>,
    },
}

/// How a module is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortSource {
    /// A kernel I2C device, `/dev/i2c-N`.
    I2c(PathBuf),
    /// The `eeprom` file of a driver that owns the module, such as optoe.
    Optoe(PathBuf),
    /// The driver of a network interface, by the interface's name.
    Ethtool(String),
    /// The safest way to the module on an adapter (`i2c-34`) or in a network
    /// interface (`eth0`), found out when it is opened.
    Auto(String),
    /// A simulated module: a builder's name, or a dump file.
    Sim(String),
}
