//! What the operator wrote: the daemon's configuration as types.

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
    /// How often each module is swept.
    pub period: Duration,
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
