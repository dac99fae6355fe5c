//! What hangs where, from sysfs: adapters and their mux trees, the drivers that
//! own modules, and network interfaces.
//!
//! The channels of an I2C mux are adapters of their own, each below the adapter
//! that it switches. Only one of them can be on the bus at a time, so all share
//! the thread of the topmost adapter, the root. Nothing here touches a bus.

use std::fs;
use std::path::{Component, Path, PathBuf};

/// The 7-bit address of every module's first device, as sysfs writes it.
const MODULE_ADDRESS: &str = "0050";

/// A sysfs tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sysfs {
    root: PathBuf,
}

impl Default for Sysfs {
    /// This machine's.
    fn default() -> Self {
        Self::at(Path::new("/sys"))
    }
}

/// One I2C adapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adapter {
    /// Its number: N of `/dev/i2c-N`.
    pub number: u32,
    /// What its driver calls it.
    pub name: String,
    /// The numbers of the adapters above it, from the root down; none for a root.
    pub above: Vec<u32>,
    /// Who owns the module's address on it, if a driver does.
    pub owner: Option<Owner>,
}

impl Adapter {
    /// The number of the adapter at the top of its tree.
    pub fn root(&self) -> u32 {
        self.above.first().copied().unwrap_or(self.number)
    }
}

/// A driver that owns a module's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The driver's name: optoe, at24, …
    pub driver: String,
    /// Its file of the module's memory, if it offers one.
    pub eeprom: Option<PathBuf>,
    /// What the platform calls the port (optoe's `port_name`), if it says.
    pub port: Option<String>,
}

/// One network interface with hardware behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// The device behind it, such as a PCI address.
    pub device: String,
    /// The driver of the device, if it is known.
    pub driver: Option<String>,
}

impl Sysfs {
    /// The tree whose top is `root`: `/sys`, or a copy of one.
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// Whether this is the tree of the running machine.
    pub fn is_live(&self) -> bool {
        *self == Self::default()
    }

    /// All I2C adapters by number; none where sysfs has no such bus.
    pub fn adapters(&self) -> Vec<Adapter> {
        let mut adapters: Vec<Adapter> = names(&self.i2c_devices())
            .iter()
            .filter_map(|name| self.adapter(adapter_number(name)?))
            .collect();
        adapters.sort_by_key(|adapter| adapter.number);
        adapters
    }

    /// The adapter with this number, if there is one.
    pub fn adapter(&self, number: u32) -> Option<Adapter> {
        let link = self.i2c_devices().join(format!("i2c-{number}"));
        let place = fs::canonicalize(&link).ok()?;
        let mut above = adapters_on(&place);
        above.pop();
        Some(Adapter {
            number,
            name: line(&place.join("name")).unwrap_or_default(),
            above,
            owner: self.owner(number),
        })
    }

    /// The root adapter of a file below a sysfs device, such as a driver's
    /// `eeprom`.
    pub fn root_of_file(&self, file: &Path) -> Option<u32> {
        adapters_on(&fs::canonicalize(file).ok()?).first().copied()
    }

    /// Who owns the module's address on an adapter.
    fn owner(&self, number: u32) -> Option<Owner> {
        let device = self
            .i2c_devices()
            .join(format!("{number}-{MODULE_ADDRESS}"));
        let eeprom = device.join("eeprom");
        Some(Owner {
            driver: target(&device.join("driver"))?,
            eeprom: eeprom.exists().then_some(eeprom),
            port: line(&device.join("port_name")).filter(|name| !name.is_empty()),
        })
    }

    /// Network interfaces that a device stands behind, by name; those of software
    /// (bridges, bonds, loopback) have none.
    pub fn interfaces(&self) -> Vec<Interface> {
        let mut interfaces: Vec<Interface> = names(&self.root.join("class/net"))
            .iter()
            .filter_map(|name| self.interface(name))
            .collect();
        interfaces.sort_by(|a, b| a.name.cmp(&b.name));
        interfaces
    }

    /// The network interface of that name, if a device stands behind it.
    pub fn interface(&self, name: &str) -> Option<Interface> {
        let device = self.root.join("class/net").join(name).join("device");
        Some(Interface {
            name: name.to_owned(),
            device: target(&device)?,
            driver: target(&device.join("driver")),
        })
    }

    fn i2c_devices(&self) -> PathBuf {
        self.root.join("bus/i2c/devices")
    }
}

/// N of `i2c-N`.
pub fn adapter_number(name: &str) -> Option<u32> {
    let digits = name.strip_prefix("i2c-")?;
    let is_number = digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?
}

/// The adapters that a path leads through, from the top.
fn adapters_on(path: &Path) -> Vec<u32> {
    path.components()
        .filter_map(|component| match component {
            Component::Normal(name) => adapter_number(name.to_str()?),
            _ => None,
        })
        .collect()
}

/// The names in a folder; none if it is not there.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

/// The name of what a link points to.
fn target(link: &Path) -> Option<String> {
    let target = fs::canonicalize(link).ok()?;
    Some(target.file_name()?.to_str()?.to_owned())
}

/// The one line of an attribute.
fn line(file: &Path) -> Option<String> {
    Some(fs::read_to_string(file).ok()?.trim().to_owned())
}

/// A fake sysfs tree, for the tests of all that reads one.
#[cfg(test)]
pub(crate) mod fake {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A tree: root adapter 0 with the mux channels 34 and 35; optoe owns the
    /// module on 34; adapter 1 without a mux, where a driver without a file owns
    /// the module; and the interfaces eth0 (with a device), eth1 (its second
    /// port) and lo.
    pub(crate) fn tree() -> (tempfile::TempDir, Sysfs) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let devices = root.join("bus/i2c/devices");
        fs::create_dir_all(&devices).unwrap();
        adapter(root, "devices/pci0/i2c-0", "SMBus of the switch");
        adapter(root, "devices/pci0/i2c-0/i2c-34", "i2c-0-mux (chan_id 0)");
        adapter(root, "devices/pci0/i2c-0/i2c-35", "i2c-0-mux (chan_id 1)");
        adapter(root, "devices/platform/i2c-1", "the other one");
        let optoe = client(root, "devices/pci0/i2c-0/i2c-34/34-0050", "optoe3");
        fs::write(optoe.join("eeprom"), [0x18, 0x50, 0x00]).unwrap();
        fs::write(optoe.join("port_name"), "Ethernet0\n").unwrap();
        client(root, "devices/platform/i2c-1/1-0050", "secret");
        let net = root.join("class/net");
        for (name, device) in [("eth0", "pci0/0000:3b:00.0"), ("eth1", "pci0/0000:3b:00.0")] {
            let device = root.join("devices").join(device);
            fs::create_dir_all(&device).unwrap();
            fs::create_dir_all(net.join(name)).unwrap();
            symlink(device, net.join(name).join("device")).unwrap();
        }
        fs::create_dir_all(net.join("lo")).unwrap();
        let driver = root.join("drivers/mlx5_core");
        fs::create_dir_all(&driver).unwrap();
        symlink(driver, root.join("devices/pci0/0000:3b:00.0/driver")).unwrap();
        let sysfs = Sysfs::at(root);
        (folder, sysfs)
    }

    fn adapter(root: &Path, place: &str, name: &str) {
        let place = root.join(place);
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("name"), format!("{name}\n")).unwrap();
        let link = root
            .join("bus/i2c/devices")
            .join(place.file_name().unwrap());
        symlink(place, link).unwrap();
    }

    fn client(root: &Path, place: &str, driver: &str) -> PathBuf {
        let driver = root.join("bus/i2c/drivers").join(driver);
        fs::create_dir_all(&driver).unwrap();
        let place = root.join(place);
        fs::create_dir_all(&place).unwrap();
        symlink(driver, place.join("driver")).unwrap();
        let link = root
            .join("bus/i2c/devices")
            .join(place.file_name().unwrap());
        symlink(&place, link).unwrap();
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mux_channels_know_their_root() {
        let (_folder, sysfs) = fake::tree();
        let adapters = sysfs.adapters();
        let seen: Vec<(u32, u32)> = adapters.iter().map(|a| (a.number, a.root())).collect();
        assert_eq!(seen, [(0, 0), (1, 1), (34, 0), (35, 0)]);
        assert_eq!(adapters[2].above, [0]);
        assert_eq!(adapters[0].name, "SMBus of the switch");
        assert_eq!(sysfs.adapter(36), None);
    }

    #[test]
    fn owners_of_a_module_and_their_files_are_found() {
        let (_folder, sysfs) = fake::tree();
        let owner = |number| sysfs.adapter(number).unwrap().owner;
        let optoe = owner(34).unwrap();
        assert_eq!(optoe.driver, "optoe3");
        assert_eq!(optoe.port.as_deref(), Some("Ethernet0"));
        let file = optoe.eeprom.unwrap();
        assert!(file.ends_with("bus/i2c/devices/34-0050/eeprom"));
        assert_eq!(sysfs.root_of_file(&file), Some(0));
        assert_eq!(owner(1).unwrap().eeprom, None);
        assert_eq!(owner(35), None);
    }

    #[test]
    fn interfaces_of_software_are_left_out() {
        let (_folder, sysfs) = fake::tree();
        let names: Vec<String> = sysfs.interfaces().into_iter().map(|i| i.name).collect();
        assert_eq!(names, ["eth0", "eth1"]);
        let eth0 = sysfs.interface("eth0").unwrap();
        assert_eq!(eth0.device, "0000:3b:00.0");
        assert_eq!(eth0.driver.as_deref(), Some("mlx5_core"));
        assert_eq!(sysfs.interface("lo"), None);
    }

    #[test]
    fn a_machine_without_i2c_has_no_adapters() {
        let folder = tempfile::tempdir().unwrap();
        let sysfs = Sysfs::at(folder.path());
        assert!(sysfs.adapters().is_empty() && sysfs.interfaces().is_empty());
        assert_eq!(adapter_number("i2c-7"), Some(7));
        for no in ["i2c-", "i2c-x", "i2c-+7", "7-0050", "i2c"] {
            assert_eq!(adapter_number(no), None, "{no}");
        }
    }
}
