//! What ports are read through: the kernel's driver, devices, interfaces, hosts.

use std::net::TcpStream;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Report;
use super::machine::Machine;
use super::service::Unit;
use super::who::{Who, by_number};
use crate::bus::i2c_dev;
use crate::bus::topology::{self, Adapter};
use crate::config::{Config, FecFrom, PortConfig, PortSource, RedisAddress};
use crate::names::counted;

/// The number of CAP_NET_ADMIN (linux/capability.h).
const CAP_NET_ADMIN: u32 = 12;
/// How long a host's database may take to accept.
const PATIENCE: Duration = Duration::from_secs(1);

/// The I2C device of a port, if it is read through one.
fn device(port: &PortConfig) -> Option<PathBuf> {
    match &port.source {
        PortSource::I2c(path) => Some(path.clone()),
        PortSource::Auto(place) if topology::adapter_number(place).is_some() => {
            Some(Path::new("/dev").join(place))
        }
        _ => None,
    }
}

/// The interface of a port, if it is read through one.
fn interface(port: &PortConfig) -> Option<&str> {
    match &port.source {
        PortSource::Ethtool(name) => Some(name),
        PortSource::Auto(place) if topology::adapter_number(place).is_none() => Some(place),
        _ => None,
    }
}

/// Whether the kernel offers I2C devices, and which adapters there are.
pub(super) fn kernel(machine: &Machine, config: Option<&Config>, report: &mut Report) {
    const CHECK: &str = "i2c";
    let adapters = machine.sysfs().adapters();
    let is_loaded = machine.has("/sys/class/i2c-dev");
    let wanted = config.is_none_or(|c| c.ports.iter().any(|port| device(port).is_some()));
    if !is_loaded && wanted {
        report.fail(
            CHECK,
            "the driver i2c-dev is not loaded (/sys/class/i2c-dev is not there): there are no /dev/i2c-*",
            "modprobe i2c-dev; at each boot: install systemd/opticsd.modules-load.conf as \
             /etc/modules-load.d/opticsd.conf",
        );
    }
    if adapters.is_empty() && wanted {
        report.fail(
            CHECK,
            "the kernel knows no I2C adapter (/sys/bus/i2c/devices)",
            "load the driver of the platform's adapters and muxes, or of the BMC's",
        );
    }
    if report.troubles(CHECK) == 0 {
        let driver = if is_loaded {
            "loaded"
        } else {
            "not loaded and not needed"
        };
        report.ok(
            CHECK,
            format!("{}, i2c-dev {driver}", counted(adapters.len(), "adapter")),
        );
    }
}

/// Whether the devices of ports are there and can be opened.
pub(super) fn ports(machine: &Machine, config: &Config, who: &Who, report: &mut Report) {
    const CHECK: &str = "devices";
    let mut count = 0;
    for port in &config.ports {
        let path = match &port.source {
            PortSource::Optoe(path) => Some(path.clone()),
            _ => device(port),
        };
        let Some(path) = path else {
            continue;
        };
        count += 1;
        let name = &port.name;
        let shown = path.display();
        let file = machine.path(&path);
        let adapter = path.file_name().and_then(|name| name.to_str());
        let adapter = adapter.and_then(topology::adapter_number);
        let adapter = adapter.and_then(|number| machine.sysfs().adapter(number));
        let Ok(found) = file.metadata() else {
            report.fail(
                CHECK,
                format!("port {name}: {shown} is not there"),
                missing(adapter),
            );
            continue;
        };
        if !who.may(&file, true) {
            let group = by_number(machine, "/etc/group", found.gid());
            let group = group.unwrap_or_else(|| found.gid().to_string());
            let mode = found.mode() & 0o777;
            report.fail(
                CHECK,
                format!("port {name}: {who} may not open {shown} (mode {mode:o}, group {group})"),
                opened_by(&group, mode),
            );
            continue;
        }
        if let (PortSource::I2c(_), Some(owner)) =
            (&port.source, adapter.and_then(|adapter| adapter.owner))
        {
            let way = match owner.eeprom {
                Some(file) => format!("write optoe = \"{}\" for it", file.display()),
                None => "unbind that driver, or read the port with `ethtool`".to_owned(),
            };
            report.fail(
                CHECK,
                format!(
                    "port {name}: driver {} owns the module's address on {shown}",
                    owner.driver
                ),
                format!("{way}, or auto = \"…\", which takes the safest way"),
            );
            continue;
        }
        if machine.is_live() && matches!(port.source, PortSource::I2c(_)) {
            functions(port, &path, report);
        }
    }
    if report.troubles(CHECK) == 0 {
        report.ok(
            CHECK,
            format!("{count} devices of ports are there, and {who} may open them"),
        );
    }
}

/// What to do about a device that is not there.
fn missing(adapter: Option<Adapter>) -> String {
    match adapter {
        Some(adapter) => format!(
            "the kernel has this adapter ({}): modprobe i2c-dev makes its device",
            adapter.name
        ),
        None => "opticsd discover lists the devices there are; numbers may change at a boot, or a \
                 mux's driver is not loaded"
            .to_owned(),
    }
}

/// What lets the daemon open a device of that group and mode.
fn opened_by(group: &str, mode: u32) -> String {
    if mode & 0o060 == 0o060 && group != "root" {
        format!("give the service that group: SupplementaryGroups={group} (systemctl edit opticsd)")
    } else {
        "have udev give it to a group: KERNEL==\"i2c-[0-9]*\", GROUP=\"i2c\", MODE=\"0660\" in \
         /etc/udev/rules.d/60-i2c.rules; udevadm trigger"
            .to_owned()
    }
}

/// Whether an adapter can do what reading takes. Its driver is asked, not the bus.
fn functions(port: &PortConfig, path: &Path, report: &mut Report) {
    let Ok(functions) = i2c_dev::functionality(path) else {
        // Who may not open it himself has been told, or looks for another.
        return;
    };
    let (name, shown) = (&port.name, path.display());
    if !functions.is_plain() && functions.width().is_none() {
        report.fail(
            "devices",
            format!("port {name}: the adapter of {shown} can neither do I2C nor SMBus words"),
            "read the port another way: optoe or ethtool",
        );
    } else if !functions.is_plain() {
        report.warn(
            "devices",
            format!("port {name}: the adapter of {shown} can do SMBus only; pages are read slowly"),
            "nothing, if opticsd budget says that it keeps up",
        );
    }
}

/// Whether interfaces are there, and the right to read modules through them.
pub(super) fn interfaces(
    machine: &Machine,
    config: &Config,
    who: &Who,
    unit: Option<&Unit>,
    report: &mut Report,
) {
    const CHECK: &str = "interfaces";
    let read: Vec<&str> = config.ports.iter().filter_map(interface).collect();
    let counted = config.ports.iter().filter_map(|port| match &port.fec {
        Some(FecFrom::Ethtool(name)) => Some(name.as_str()),
        _ => None,
    });
    let all: Vec<&str> = read.iter().copied().chain(counted).collect();
    if all.is_empty() {
        return;
    }
    for name in &all {
        if !machine.has(Path::new("/sys/class/net").join(name)) {
            report.fail(
                CHECK,
                format!("there is no network interface {name}"),
                "ip link lists them; correct the configuration, or load the card's driver",
            );
        }
    }
    let (has_right, by) = match unit {
        Some(unit) => (
            unit.get("AmbientCapabilities").contains("cap_net_admin")
                || matches!(unit.get("User"), "" | "root"),
            "the service",
        ),
        None => (who.is_root() || has_net_admin(machine), "this user"),
    };
    if !read.is_empty() && !has_right {
        report.fail(
            CHECK,
            format!("{by} lacks CAP_NET_ADMIN, without which the kernel shows no module's memory"),
            "install systemd/opticsd.service.d-ethtool.conf as \
             /etc/systemd/system/opticsd.service.d/ethtool.conf; systemctl daemon-reload; \
             systemctl restart opticsd",
        );
    }
    if report.troubles(CHECK) == 0 {
        report.ok(
            CHECK,
            format!("{} interfaces are there and may be asked", all.len()),
        );
    }
}

/// Whether this process has the right.
fn has_net_admin(machine: &Machine) -> bool {
    let status = machine.text("/proc/self/status").unwrap_or_default();
    let field = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let capabilities = field.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
    capabilities.is_some_and(|bits| bits >> CAP_NET_ADMIN & 1 == 1)
}

/// Whether SONiC's databases can be reached.
pub(super) fn hosts(machine: &Machine, config: &Config, who: &Who, report: &mut Report) {
    const CHECK: &str = "hosts";
    let mut ports = config.ports.iter();
    if !ports.any(|port| matches!(port.fec, Some(FecFrom::Sonic(_)))) {
        return;
    }
    let address = &config.sonic.address;
    match address {
        RedisAddress::Unix(path) => {
            let file = machine.path(path);
            if !file.exists() {
                report.fail(
                    CHECK,
                    format!("SONiC's database does not listen on {address}"),
                    "start its container, or correct [sonic] in the configuration",
                );
            } else if !who.may(&file, true) {
                report.fail(
                    CHECK,
                    format!("{who} may not use SONiC's database at {address}"),
                    "give the service the socket's group: SupplementaryGroups=redis \
                     (systemctl edit opticsd)",
                );
            }
        }
        RedisAddress::Tcp(place) if machine.is_live() => {
            if let Err(error) = TcpStream::connect_timeout(place, PATIENCE) {
                report.fail(
                    CHECK,
                    format!("SONiC's database does not answer at {address}: {error}"),
                    "start its container, or correct [sonic] in the configuration",
                );
            }
        }
        RedisAddress::Tcp(_) => {}
    }
    if report.troubles(CHECK) == 0 {
        report.ok(CHECK, format!("SONiC's database is there at {address}"));
    }
}
