//! `opticsd discover`: what this machine has, and a configuration to begin with.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use serde::Serialize;

use super::error::CliError;
use super::{Outcome, output};
use crate::bus::address::Half;
use crate::bus::driven::Driven;
use crate::bus::ethtool::Ethtool;
use crate::bus::route::Way;
use crate::bus::sheet::Sheet;
use crate::bus::topology::{self, Sysfs};
use crate::bus::{BusErrorKind, Memory, Part, i2c_dev};
use crate::clock::SystemClock;
use crate::cmis::sff8024;
use crate::module::{Management, assemble};
use crate::names::PortName;

/// No CMIS is older than this (00h:1 of 3.0). The memory modules of DDR4, which have
/// the same address, begin with 23h as some modules do, and then with 10h to 13h.
const OLDEST_CMIS: u8 = 0x30;

/// Identifier, revision, memory model: enough to know a module by.
const FIRST_BYTES: Part = Part {
    first: 0,
    length: 3,
};

/// List adapters, drivers, interfaces and the modules that answer.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "It reads bytes 0-2 at address 50h of every adapter where no driver owns that \
    address, and of every interface, and writes no register. Bytes that a driver owns are left \
    to it. Reading through interfaces needs CAP_NET_ADMIN.\n\n\
    Example:\n  opticsd discover\n  opticsd discover --format toml > opticsd.toml"
)]
pub struct Args {
    /// How to print it; toml is a configuration.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// List only what sysfs says; touch no bus.
    #[arg(long)]
    no_probe: bool,
    /// Read a copy of sysfs instead of /sys; then no bus is touched.
    #[arg(long, value_name = "DIR", default_value = "/sys")]
    sys_root: PathBuf,
}

/// In which form the machine is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// A configuration to paste.
    Toml,
}

/// Whether a module is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    /// Nobody was asked: a driver owns it, or the bus was to be left alone.
    NotAsked,
    /// A module answered.
    Module {
        /// Byte 0.
        identifier: u8,
        /// What it stands for (SFF-8024).
        name: &'static str,
    },
    /// Something else answered: a memory module or a display has this address too.
    NoModule {
        /// Byte 0.
        identifier: u8,
    },
    /// Nobody answered.
    Nobody,
    /// It could not be asked.
    Trouble(String),
}

/// A place where a module can be.
#[derive(Debug, Serialize)]
struct Place {
    /// The device or interface.
    name: String,
    /// What the kernel calls it, or the device behind an interface.
    description: String,
    /// The adapters above it, from the root down.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    above: Vec<u32>,
    /// The driver that owns the module, or drives the interface.
    driver: Option<String>,
    /// What a port there would be called.
    port: String,
    /// The key and the value for a configuration; none where there is no way.
    source: Option<(&'static str, String)>,
    answer: Answer,
}

/// All that was found.
#[derive(Debug, Serialize)]
struct Machine {
    adapters: Vec<Place>,
    interfaces: Vec<Place>,
}

/// How bytes 0-2 of a module are asked for, if at all.
type Ask<'a> = &'a mut dyn FnMut(&Way) -> Answer;

/// Prints what was found.
///
/// # Errors
/// If it cannot be printed.
pub fn discover(args: &Args) -> Result<Outcome, CliError> {
    let sysfs = Sysfs::at(&args.sys_root);
    let machine = if args.no_probe || !sysfs.is_live() {
        machine(&sysfs, &mut |_| Answer::NotAsked)
    } else {
        machine(&sysfs, &mut ask)
    };
    output::print(&match args.format {
        Format::Text => text(&machine),
        Format::Json => serde_json::to_string_pretty(&machine)? + "\n",
        Format::Toml => configuration(&machine),
    })?;
    Ok(Outcome::Done)
}

/// Everything that sysfs knows, and who answers.
fn machine(sysfs: &Sysfs, ask: Ask<'_>) -> Machine {
    let adapters = sysfs.adapters();
    let interfaces = sysfs.interfaces();
    Machine {
        adapters: adapters.into_iter().map(|a| on_adapter(a, ask)).collect(),
        interfaces: interfaces
            .into_iter()
            .map(|i| in_interface(i, ask))
            .collect(),
    }
}

fn on_adapter(adapter: topology::Adapter, ask: Ask<'_>) -> Place {
    let device = format!("/dev/i2c-{}", adapter.number);
    let (driver, port, source, answer) = match adapter.owner {
        Some(owner) => {
            let file = owner.eeprom.map(|file| file.display().to_string());
            let source = file.map(|file| ("optoe", file));
            (Some(owner.driver), owner.port, source, Answer::NotAsked)
        }
        None => {
            let answer = ask(&Way::I2c(PathBuf::from(&device)));
            (None, None, Some(("i2c", device.clone())), answer)
        }
    };
    let port = port.filter(|name| PortName::new(name).is_some());
    Place {
        name: device,
        description: adapter.name,
        above: adapter.above,
        driver,
        port: port.unwrap_or_else(|| format!("i2c-{}", adapter.number)),
        source,
        answer,
    }
}

fn in_interface(interface: topology::Interface, ask: Ask<'_>) -> Place {
    Place {
        answer: ask(&Way::Ethtool(interface.name.clone())),
        port: interface.name.clone(),
        source: Some(("ethtool", interface.name.clone())),
        name: interface.name,
        description: interface.device,
        above: Vec::new(),
        driver: interface.driver,
    }
}

/// Asks for bytes 0-2 of a module of this machine.
fn ask(way: &Way) -> Answer {
    let clock = SystemClock::new();
    let meter = Arc::default();
    let opened: Result<Box<dyn Memory>, String> = match way {
        Way::I2c(path) => i2c_dev::open(path, i2c_dev::Manner::default(), &clock, &meter)
            .map_err(|e| e.to_string()),
        Way::Ethtool(name) => Ethtool::open(name)
            .map(|module| Box::new(Driven::new(module, clock, meter)) as Box<dyn Memory>),
        Way::Optoe(_) => return Answer::NotAsked,
    };
    match opened {
        Ok(mut memory) => answer(memory.as_mut()),
        Err(said) => Answer::Trouble(said),
    }
}

/// Who answers there.
fn answer(memory: &mut dyn Memory) -> Answer {
    let mut sheet = Sheet::unknown();
    match memory.visit(Half::LOWER, &[FIRST_BYTES], &mut sheet) {
        Ok(()) => {
            let identifier = sheet.u8(0);
            let management = assemble::management(identifier);
            let too_old = management == Management::Cmis && sheet.u8(1) < OLDEST_CMIS;
            match sff8024::identifier_name(identifier) {
                Some(name) if management != Management::Unknown && !too_old => {
                    Answer::Module { identifier, name }
                }
                _ => Answer::NoModule { identifier },
            }
        }
        Err(error) if error.kind == BusErrorKind::NoAnswer => Answer::Nobody,
        Err(error) => Answer::Trouble(error.kind.to_string()),
    }
}

/// The machine for people: adapters as a tree, then interfaces.
fn text(machine: &Machine) -> String {
    let mut text = String::new();
    let mut section = |title: &str, places: &[Place]| {
        if places.is_empty() {
            line(&mut text, &format!("no {title}"));
            return;
        }
        line(&mut text, &format!("{title}:"));
        for place in in_tree_order(places) {
            let indent = "  ".repeat(1 + place.above.len());
            let (name, description) = (&place.name, &place.description);
            line(
                &mut text,
                &format!("{indent}{name}  {description}  {}", told(place)),
            );
        }
    };
    section("I2C adapters", &machine.adapters);
    section("network interfaces", &machine.interfaces);
    line(
        &mut text,
        "bytes 0-2 were read where it says so and nowhere else; \
         --format toml prints a configuration",
    );
    text
}

/// Each adapter behind the one above it.
fn in_tree_order(places: &[Place]) -> Vec<&Place> {
    let way_down = |place: &Place| -> Vec<u32> {
        let own = place.name.strip_prefix("/dev/");
        let own = own.and_then(topology::adapter_number);
        place.above.iter().copied().chain(own).collect()
    };
    let mut ordered: Vec<&Place> = places.iter().collect();
    ordered.sort_by_key(|place| way_down(place));
    ordered
}

/// What is known of a place, in words.
fn told(place: &Place) -> String {
    let driver = match (&place.driver, &place.source) {
        (Some(driver), None) => format!("driver {driver}, which offers no file; "),
        (Some(driver), Some((key @ "optoe", file))) => format!("driver {driver}, {key} {file}; "),
        (Some(driver), Some(_)) => format!("driver {driver}; "),
        (None, _) => String::new(),
    };
    driver
        + &match &place.answer {
            Answer::NotAsked => "not asked".to_owned(),
            Answer::Module { identifier, name } => format!("read: {name} ({identifier:02x}h)"),
            Answer::NoModule { identifier } => {
                format!("read: no module (byte 0 is {identifier:02x}h)")
            }
            Answer::Nobody => "read: nobody answers".to_owned(),
            Answer::Trouble(said) => format!("cannot be read: {said}"),
        }
}

/// The machine as a configuration: what is surely a module's as ports, what may be
/// commented out.
fn configuration(machine: &Machine) -> String {
    let mut text = String::from(
        "# Found by `opticsd discover`. Ports that are commented out were not asked or did\n\
         # not answer. A module that shows here twice, by its adapter and by its\n\
         # interface, wants one port only.\n",
    );
    let mut names: Vec<&str> = Vec::new();
    for place in machine.adapters.iter().chain(&machine.interfaces) {
        let Some((key, value)) = &place.source else {
            line(&mut text, &format!("\n# {}: {}", place.name, told(place)));
            continue;
        };
        let is_sure = *key == "optoe" || matches!(place.answer, Answer::Module { .. });
        let mark = if is_sure { "" } else { "# " };
        // A platform may give two ports one name; a configuration must not.
        let again = names.contains(&place.port.as_str());
        let name = match Path::new(&place.name).file_name() {
            Some(own) if again => own.to_string_lossy().into_owned(),
            _ => place.port.clone(),
        };
        names.push(&place.port);
        line(&mut text, &format!("\n# {}: {}", place.name, told(place)));
        line(&mut text, &format!("{mark}[[port]]"));
        line(&mut text, &format!("{mark}name = {}", quoted(&name)));
        line(&mut text, &format!("{mark}{key} = {}", quoted(value)));
    }
    text
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Adds one line. What a kernel says must not make two of it.
fn line(text: &mut String, line: &str) {
    let from = usize::from(line.starts_with('\n'));
    let (lead, rest) = line.split_at(from);
    let flat = rest.replace(|c: char| c.is_control(), " ");
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{lead}{flat}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::image::Image;
    use crate::bus::topology::fake;
    use crate::config::{Config, PortSource};

    /// The fake machine, on which a module answers on i2c-35 and in eth0, a memory
    /// module on i2c-0, and nobody else.
    fn probed() -> (tempfile::TempDir, Machine) {
        let (folder, sysfs) = fake::tree();
        let machine = machine(&sysfs, &mut |way| {
            let bytes = match way.to_string().as_str() {
                "i2c /dev/i2c-35" => [0x18, 0x50, 0x00],
                "ethtool eth0" => [0x11, 0x08, 0x00],
                "i2c /dev/i2c-0" => [0x23, 0x11, 0x0C],
                "ethtool eth1" => return Answer::Nobody,
                other => panic!("{other} must not be asked"),
            };
            let mut image = Image::new();
            image.sheet_mut(Half::LOWER).put(0, &bytes);
            answer(&mut image)
        });
        (folder, machine)
    }

    #[test]
    fn the_tree_is_shown_with_owners_and_answers() {
        let (folder, machine) = probed();
        let text = text(&machine).replace(folder.path().to_str().unwrap(), "/sys");
        let expected = "\
I2C adapters:
  /dev/i2c-0  SMBus of the switch  read: no module (byte 0 is 23h)
    /dev/i2c-34  i2c-0-mux (chan_id 0)  driver optoe3, optoe /sys/bus/i2c/devices/34-0050/eeprom; not asked
    /dev/i2c-35  i2c-0-mux (chan_id 1)  read: QSFP-DD 8X (18h)
  /dev/i2c-1  the other one  driver secret, which offers no file; not asked
network interfaces:
  eth0  0000:3b:00.0  driver mlx5_core; read: QSFP28 or later with SFF-8636 (11h)
  eth1  0000:3b:00.0  driver mlx5_core; read: nobody answers
";
        assert!(text.starts_with(expected), "{text}");
    }

    #[test]
    fn the_configuration_can_be_used_as_it_is() {
        let (folder, machine) = probed();
        let text = configuration(&machine);
        let config = Config::parse(&text, Path::new("opticsd.toml")).unwrap();
        let file = folder.path().join("bus/i2c/devices/34-0050/eeprom");
        let ports: Vec<(String, PortSource)> = config
            .ports
            .into_iter()
            .map(|port| (port.name.to_string(), port.source))
            .collect();
        assert_eq!(
            ports,
            [
                ("Ethernet0".to_owned(), PortSource::Optoe(file)),
                ("i2c-35".to_owned(), PortSource::I2c("/dev/i2c-35".into())),
                ("eth0".to_owned(), PortSource::Ethtool("eth0".to_owned())),
            ]
        );
        assert!(text.contains("# name = \"eth1\""), "{text}");
    }

    #[test]
    fn a_copy_of_sysfs_is_never_asked_and_json_says_so() {
        let (_folder, sysfs) = fake::tree();
        assert!(!sysfs.is_live());
        let machine = machine(&sysfs, &mut |_| Answer::NotAsked);
        let json = serde_json::to_value(&machine).unwrap();
        assert_eq!(json["adapters"][2]["driver"], "optoe3");
        assert_eq!(json["adapters"][2]["above"], serde_json::json!([0]));
        assert_eq!(json["adapters"][3]["answer"], "not_asked");
        assert_eq!(json["interfaces"][0]["source"][0], "ethtool");
    }

    #[test]
    fn what_the_kernel_says_stays_on_its_line() {
        let mut text = String::new();
        line(&mut text, "\n# a\n[[port]]");
        assert_eq!(text, "\n# a [[port]]\n");
    }
}
