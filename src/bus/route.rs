//! The safest way to a module, where the configuration leaves the choice to us.
//!
//! A driver that owns a module selects its pages; beside it, nobody else may. So
//! its file comes first, the interface's driver where an interface is named, and
//! the bus itself only where no driver owns the module.

use std::fmt;
use std::path::PathBuf;

use super::topology::{Sysfs, adapter_number};

/// A way to a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// A kernel I2C device.
    I2c(PathBuf),
    /// The `eeprom` file of a driver.
    Optoe(PathBuf),
    /// The driver of a network interface.
    Ethtool(String),
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::I2c(path) => write!(f, "i2c {}", path.display()),
            Self::Optoe(path) => write!(f, "optoe {}", path.display()),
            Self::Ethtool(interface) => write!(f, "ethtool {interface}"),
        }
    }
}

/// A way and the reason for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The way.
    pub way: Way,
    /// Why this one, in words.
    pub why: String,
}

/// The safest way to the module on an adapter (`i2c-34`, `/dev/i2c-34`) or in an
/// interface (`eth0`).
///
/// # Errors
/// Why there is none, and what to do.
pub fn safest(sysfs: &Sysfs, place: &str) -> Result<Route, String> {
    let name = place.strip_prefix("/dev/").unwrap_or(place);
    match adapter_number(name) {
        Some(number) => on_adapter(sysfs, number),
        None => in_interface(sysfs, name),
    }
}

fn on_adapter(sysfs: &Sysfs, number: u32) -> Result<Route, String> {
    let device = PathBuf::from(format!("/dev/i2c-{number}"));
    let Some(adapter) = sysfs.adapter(number) else {
        return Err(format!(
            "there is no adapter i2c-{number}; see `opticsd discover`"
        ));
    };
    match adapter.owner {
        Some(owner) => match owner.eeprom {
            Some(file) => Ok(Route {
                way: Way::Optoe(file),
                why: format!("the driver {} owns the module", owner.driver),
            }),
            None => Err(format!(
                "the driver {} owns the module on i2c-{number} and offers no eeprom file; \
                 name the interface with ethtool, or unbind the driver",
                owner.driver
            )),
        },
        None => Ok(Route {
            way: Way::I2c(device),
            why: "no driver owns the module".to_owned(),
        }),
    }
}

fn in_interface(sysfs: &Sysfs, name: &str) -> Result<Route, String> {
    match sysfs.interface(name) {
        Some(interface) => Ok(Route {
            way: Way::Ethtool(name.to_owned()),
            why: format!("it is a network interface on {}", interface.device),
        }),
        None => Err(format!(
            "{name} is neither an adapter such as i2c-34 nor an interface with a device; \
             see `opticsd discover`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::topology::fake;

    #[test]
    fn the_owner_of_a_module_comes_before_the_bus() {
        let (folder, sysfs) = fake::tree();
        let route = safest(&sysfs, "i2c-34").unwrap();
        let file = folder.path().join("bus/i2c/devices/34-0050/eeprom");
        assert_eq!(route.way, Way::Optoe(file));
        assert_eq!(route.why, "the driver optoe3 owns the module");
        let route = safest(&sysfs, "/dev/i2c-35").unwrap();
        assert_eq!(route.way, Way::I2c("/dev/i2c-35".into()));
    }

    #[test]
    fn an_interface_is_read_through_its_driver() {
        let (_folder, sysfs) = fake::tree();
        let route = safest(&sysfs, "eth0").unwrap();
        assert_eq!(route.way, Way::Ethtool("eth0".to_owned()));
        assert!(route.why.contains("0000:3b:00.0"));
    }

    #[test]
    fn where_there_is_no_way_it_says_what_to_do() {
        let (_folder, sysfs) = fake::tree();
        assert!(safest(&sysfs, "i2c-1").unwrap_err().contains("secret owns"));
        for nowhere in ["i2c-99", "eth9", "lo"] {
            let told = safest(&sysfs, nowhere).unwrap_err();
            assert!(told.contains("opticsd discover"), "{told}");
        }
    }
}
