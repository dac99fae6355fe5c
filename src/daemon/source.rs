//! From the configuration's words to modules that can be read.
//!
//! Nothing is opened here: each [`Binding`] carries a way to open its module,
//! which the poller of its bus uses, and uses again when a device went away. All
//! that hangs on one root adapter, and all interfaces of one device, share a bus.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use tracing::info;

use super::hosts::Counting;
use super::sim_host;
use crate::bus::Memory;
use crate::bus::driven::Driven;
use crate::bus::dump::{self, DumpError};
use crate::bus::ethtool::Ethtool;
use crate::bus::i2c_dev;
use crate::bus::meter::{Meter, Metered};
use crate::bus::optoe::Optoe;
use crate::bus::paging::Paged;
use crate::bus::route::{self, Way};
use crate::bus::topology::{Sysfs, adapter_number};
use crate::clock::{Clock, SystemClock};
use crate::config::{
    self, Cadences, DEFAULT_PERIOD, FecFrom, I2cManner, LockConfig, LockWay, PortConfig, PortSource,
};
use crate::module::sweep::SweepSettings;
use crate::names::{BusName, PortName};
use crate::sim::builders;
use crate::sim::cage::Cage;
use crate::sim::lifecycle::Startup;
use crate::sim::module::SimModule;
use crate::sim::wire::BusRate;

/// How many simulated ports hang on one simulated root adapter.
const SIM_PORTS_PER_ADAPTER: usize = 8;

/// Opens a module; what goes over its bus is counted in the meter. Fails with
/// what the operating system said.
pub type Opener = Box<dyn FnMut(&Arc<Meter>) -> Result<Box<dyn Memory>, String> + Send>;

/// A port, the root adapter it hangs on, and the way to its module.
pub struct Binding {
    /// The port.
    pub name: PortName,
    /// The root adapter.
    pub bus: BusName,
    /// The source in one line: a port with the same name, bus and source is
    /// the same port after a reload.
    pub source: String,
    /// The way to the module.
    pub open: Opener,
    /// What may be done to the module.
    pub settings: SweepSettings,
    /// Who counts the errors of its link, if anybody.
    pub fec: Option<Counting>,
    /// How often what is read.
    pub cadences: Cadences,
    /// The lock that is held while the module is read.
    pub lock: Option<Arc<LockConfig>>,
}

/// Why a source cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// No name can be made of the path.
    #[error("port {port}: {path} cannot name a bus; give a device like /dev/i2c-34")]
    NoBusName {
        /// The port.
        port: PortName,
        /// The path.
        path: String,
    },
    /// Neither a built-in simulated module nor a file.
    #[error("port {port}: no simulated module is called {name}, and no dump file: {source}")]
    NoSuchModule {
        /// The port.
        port: PortName,
        /// What the configuration says.
        name: String,
        /// Why it is no file.
        source: std::io::Error,
    },
    /// The dump file cannot be used.
    #[error("port {port}: {source}")]
    Dump {
        /// The port.
        port: PortName,
        /// What is wrong with it.
        source: DumpError,
    },
}

/// The bindings of the configured ports, in their order.
///
/// # Errors
/// Every source that cannot be used.
pub fn bindings(
    ports: &[PortConfig],
    sonic: &config::Sonic,
    clock: &SystemClock,
) -> Result<Vec<Binding>, Vec<SourceError>> {
    let mut bound = bindings_under(&Sysfs::default(), ports, clock)?;
    let sonic = Arc::new(sonic.clone());
    for (binding, port) in bound.iter_mut().zip(ports) {
        match &port.fec {
            Some(FecFrom::Ethtool(name)) => {
                binding.fec = Some(Counting::Ethtool(name.clone()));
            }
            Some(FecFrom::Sonic(name)) => {
                binding.fec = Some(Counting::Sonic(name.clone(), Arc::clone(&sonic)));
            }
            // A simulated port has that of its cage.
            Some(FecFrom::Sim) => {}
            None => binding.fec = None,
        }
    }
    Ok(bound)
}

/// The bindings on a machine with that sysfs tree.
fn bindings_under(
    sysfs: &Sysfs,
    ports: &[PortConfig],
    clock: &SystemClock,
) -> Result<Vec<Binding>, Vec<SourceError>> {
    let mut bound = Vec::with_capacity(ports.len());
    let mut errors = Vec::new();
    let mut simulated = 0;
    for port in ports {
        let binding = match &port.source {
            PortSource::Sim(name) => {
                let adapter = simulated / SIM_PORTS_PER_ADAPTER;
                simulated += 1;
                sim(&port.name, name, adapter, clock)
            }
            PortSource::I2c(path) => real(sysfs, port, Way::I2c(path.clone()), clock),
            PortSource::Optoe(path) => real(sysfs, port, Way::Optoe(path.clone()), clock),
            PortSource::Ethtool(name) => real(sysfs, port, Way::Ethtool(name.clone()), clock),
            PortSource::Auto(place) => auto(sysfs, port, place, clock),
        };
        match binding {
            Ok(binding) => bound.push(with_settings(binding, port)),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(bound)
    } else {
        Err(errors)
    }
}

/// The binding with what the configuration says of its port, also in its
/// source: a port whose settings changed is not the same after a reload.
fn with_settings(mut binding: Binding, port: &PortConfig) -> Binding {
    binding.settings = SweepSettings {
        passive: port.passive,
        freeze: port.vdm_freeze,
    };
    if port.passive {
        binding.source += ", passive";
    }
    if port.vdm_freeze {
        binding.source += ", frozen";
    }
    if port.i2c != I2cManner::default() {
        binding.source += &format!(", {:?}", port.i2c);
    }
    binding.cadences = port.cadences;
    if let Some(lock) = &port.lock {
        let way = match &lock.way {
            LockWay::File(path) => path.display().to_string(),
            LockWay::Commands { take, give } => format!("{} / {}", take.join(" "), give.join(" ")),
        };
        let patience = lock.patience.as_millis();
        binding.source += &format!(", locked by {way} for {patience} ms");
        binding.lock = Some(Arc::new(lock.clone()));
    }
    binding
}

/// A port that is reached in a way of the kernel's.
fn real(
    sysfs: &Sysfs,
    port: &PortConfig,
    way: Way,
    clock: &SystemClock,
) -> Result<Binding, SourceError> {
    let clock = clock.clone();
    let manner = manner(port);
    Ok(Binding {
        name: port.name.clone(),
        bus: bus(sysfs, &port.name, &way)?,
        source: way.to_string(),
        open: Box::new(move |meter| open(&way, manner, &clock, meter)),
        settings: SweepSettings::default(),
        fec: None,
        cadences: Cadences::every(DEFAULT_PERIOD),
        lock: None,
    })
}

/// A port whose way is found out each time that it is opened: drivers come and go.
fn auto(
    sysfs: &Sysfs,
    port: &PortConfig,
    place: &str,
    clock: &SystemClock,
) -> Result<Binding, SourceError> {
    let guess = match adapter_number(place) {
        Some(_) => Way::I2c(Path::new("/dev").join(place)),
        None => Way::Ethtool(place.to_owned()),
    };
    let bus = bus(sysfs, &port.name, &guess)?;
    let (sysfs, name, clock) = (sysfs.clone(), port.name.clone(), clock.clone());
    let (source, place) = (format!("auto {place}"), place.to_owned());
    let mut last = None;
    let manner = manner(port);
    let open = move |meter: &Arc<Meter>| {
        let route = route::safest(&sysfs, &place)?;
        if last.as_ref() != Some(&route) {
            info!(port = %name, way = %route.way, why = %route.why, "way chosen");
        }
        let way = &last.insert(route).way;
        open(way, manner, &clock, meter)
    };
    Ok(Binding {
        name: port.name.clone(),
        bus,
        source,
        open: Box::new(open),
        settings: SweepSettings::default(),
        fec: None,
        cadences: Cadences::every(DEFAULT_PERIOD),
        lock: None,
    })
}

/// The bus that a module hangs on: the root adapter, the device behind an
/// interface, or what the way itself is called where sysfs does not know it.
fn bus(sysfs: &Sysfs, port: &PortName, way: &Way) -> Result<BusName, SourceError> {
    let adapter = |number: u32| format!("i2c-{number}");
    let (known, path) = match way {
        Way::I2c(path) => {
            let device = std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
            let number = last_name(&device).and_then(adapter_number);
            let root = number.and_then(|number| sysfs.adapter(number));
            (root.map(|root| adapter(root.root())), path.as_path())
        }
        Way::Optoe(path) => (sysfs.root_of_file(path).map(adapter), path.as_path()),
        Way::Ethtool(name) => {
            let device = sysfs.interface(name).map(|interface| interface.device);
            (device, Path::new(name))
        }
    };
    // Without sysfs an optoe file is called after its device: 34-0050.
    let called = match way {
        Way::Optoe(_) => path.parent().and_then(last_name),
        Way::I2c(_) | Way::Ethtool(_) => last_name(path),
    };
    let name = known.or_else(|| called.map(str::to_owned));
    name.as_deref()
        .and_then(BusName::new)
        .ok_or_else(|| SourceError::NoBusName {
            port: port.clone(),
            path: path.display().to_string(),
        })
}

fn last_name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

/// How the kernel's device of a port is used. Each port waits in a beat of its
/// own.
fn manner(port: &PortConfig) -> i2c_dev::Manner {
    let mut hasher = DefaultHasher::new();
    port.name.as_str().hash(&mut hasher);
    i2c_dev::Manner {
        timeout: port.i2c.timeout,
        retries: port.i2c.retries,
        leave_page_zero: port.i2c.leave_page_zero,
        seed: hasher.finish(),
    }
}

/// Opens a module.
fn open(
    way: &Way,
    manner: i2c_dev::Manner,
    clock: &SystemClock,
    meter: &Arc<Meter>,
) -> Result<Box<dyn Memory>, String> {
    let (clock, meter) = (clock.clone(), Arc::clone(meter));
    match way {
        Way::I2c(path) => i2c_dev::open(path, manner, &clock, &meter)
            .map_err(|error| cannot_open(path, &error.to_string())),
        Way::Optoe(path) => match Optoe::open(path) {
            Ok(file) => Ok(Box::new(Driven::new(file, clock, meter))),
            Err(error) => Err(cannot_open(path, &error.to_string())),
        },
        Way::Ethtool(name) => Ok(Box::new(Driven::new(Ethtool::open(name)?, clock, meter))),
    }
}

/// That a device could not be opened, why, and what to do about it.
fn cannot_open(path: &Path, said: &str) -> String {
    let advice = match std::fs::File::open(path).map_err(|error| error.kind()) {
        Err(ErrorKind::NotFound) => {
            "; opticsd discover lists the devices there are, and `modprobe i2c-dev` makes those \
             of the kernel"
        }
        Err(ErrorKind::PermissionDenied) => "; let the user that opticsd runs as open it",
        _ => "",
    };
    format!("cannot open {}: {said}{advice}", path.display())
}

/// A port with a simulated module in it: a built-in one, or one that answers
/// from a dump file.
fn sim(
    port: &PortName,
    name: &str,
    adapter: usize,
    clock: &SystemClock,
) -> Result<Binding, SourceError> {
    let cage = Cage::new(Arc::new(clock.clone()) as Arc<dyn Clock>);
    // It has been in its cage for long: no waiting for it to power up.
    let module = sim_module(port, name)?;
    cage.insert(module.with_manners(|manners| manners.startup = Startup::INSTANT));
    let bus = BusName::new(&format!("sim-{adapter}")).ok_or_else(|| SourceError::NoBusName {
        port: port.clone(),
        path: name.to_owned(),
    })?;
    Ok(cage_binding(
        port.clone(),
        bus,
        format!("sim {name}"),
        cage,
        clock,
    ))
}

/// A port whose module stands in a simulated cage, and whose host counts.
pub fn cage_binding(
    name: PortName,
    bus: BusName,
    source: String,
    cage: Cage,
    clock: &SystemClock,
) -> Binding {
    let clock = clock.clone();
    let fec = Some(Counting::Own(sim_host::decoder(cage.clone())));
    Binding {
        name,
        bus,
        source,
        open: Box::new(move |meter| {
            let i2c = cage.i2c(BusRate::default());
            let metered = Metered::new(i2c, clock.clone(), Arc::clone(meter));
            let module = Paged::new(metered, clock.clone(), Arc::clone(meter));
            Ok(Box::new(module))
        }),
        settings: SweepSettings::default(),
        fec,
        cadences: Cadences::every(DEFAULT_PERIOD),
        lock: None,
    }
}

/// The simulated module of that name, or the one whose dump is in that file.
///
/// # Errors
/// Neither is there, or the dump cannot be used.
pub fn sim_module(port: &PortName, name: &str) -> Result<SimModule, SourceError> {
    if let Some(module) = builders::by_name(name) {
        return Ok(module);
    }
    let bytes = std::fs::read(name).map_err(|source| SourceError::NoSuchModule {
        port: port.clone(),
        name: name.to_owned(),
        source,
    })?;
    let found = dump::read(&bytes, name).map_err(|source| SourceError::Dump {
        port: port.clone(),
        source,
    })?;
    Ok(SimModule::from_image(&found.image))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::Part;
    use crate::bus::address::Half;
    use crate::bus::sheet::Sheet;
    use crate::bus::topology::fake;

    fn port(name: &str, source: PortSource) -> PortConfig {
        PortConfig {
            name: PortName::new(name).unwrap(),
            source,
            passive: false,
            vdm_freeze: false,
            fec: None,
            cadences: Cadences::every(DEFAULT_PERIOD),
            i2c: I2cManner::default(),
            lock: None,
        }
    }

    /// The bus of each source on the fake machine.
    fn buses(sources: Vec<PortSource>) -> Vec<String> {
        let (_folder, sysfs) = fake::tree();
        let ports: Vec<PortConfig> = sources.into_iter().map(|s| port("a", s)).collect();
        let bound = bindings_under(&sysfs, &ports, &SystemClock::new()).unwrap();
        bound.iter().map(|b| b.bus.to_string()).collect()
    }

    #[test]
    fn all_that_hangs_on_one_root_shares_a_bus() {
        let seen = buses(vec![
            PortSource::I2c("/dev/i2c-34".into()),
            PortSource::I2c("/dev/i2c-35".into()),
            PortSource::Auto("i2c-34".to_owned()),
            PortSource::I2c("/dev/i2c-1".into()),
            PortSource::Ethtool("eth0".to_owned()),
            PortSource::Auto("eth1".to_owned()),
        ]);
        let device = "0000:3b:00.0";
        assert_eq!(seen, ["i2c-0", "i2c-0", "i2c-0", "i2c-1", device, device]);
    }

    #[test]
    fn what_sysfs_does_not_know_is_called_after_itself() {
        let seen = buses(vec![
            PortSource::I2c("/dev/i2c-77".into()),
            PortSource::Optoe("/nonexistent/77-0050/eeprom".into()),
            PortSource::Ethtool("eth77".to_owned()),
        ]);
        assert_eq!(seen, ["i2c-77", "77-0050", "eth77"]);
    }

    #[test]
    fn an_optoe_file_hangs_on_the_root_of_its_adapter_and_auto_finds_it() {
        let (folder, sysfs) = fake::tree();
        let file = folder.path().join("bus/i2c/devices/34-0050/eeprom");
        let ports = [
            port("a", PortSource::Optoe(file)),
            port("b", PortSource::Auto("i2c-34".to_owned())),
        ];
        let mut bound = bindings_under(&sysfs, &ports, &SystemClock::new()).unwrap();
        assert_eq!(bound[0].bus.as_str(), "i2c-0");
        let mut sheet = Sheet::unknown();
        let part = [Part {
            first: 0,
            length: 3,
        }];
        for binding in &mut bound {
            let mut memory = (binding.open)(&Arc::new(Meter::default())).unwrap();
            memory.visit(Half::LOWER, &part, &mut sheet).unwrap();
            assert_eq!(sheet.slice(0, 3), [0x18, 0x50, 0x00]);
        }
    }

    #[test]
    fn auto_that_finds_no_way_says_so_when_opened() {
        let (_folder, sysfs) = fake::tree();
        let ports = [port("a", PortSource::Auto("i2c-1".to_owned()))];
        let mut bound = bindings_under(&sysfs, &ports, &SystemClock::new()).unwrap();
        let error = (bound[0].open)(&Arc::new(Meter::default())).err().unwrap();
        assert!(error.contains("secret owns the module"), "{error}");
    }

    #[test]
    fn a_port_with_other_settings_is_another_port() {
        let plain = port("Ethernet0", PortSource::I2c("/dev/i2c-34".into()));
        let mut sources = Vec::new();
        for (passive, vdm_freeze) in [(false, false), (true, false), (false, true)] {
            let port = PortConfig {
                passive,
                vdm_freeze,
                ..plain.clone()
            };
            let bound = bindings(&[port], &config::Sonic::default(), &SystemClock::new()).unwrap();
            let freeze = vdm_freeze;
            assert_eq!(bound[0].settings, SweepSettings { passive, freeze });
            sources.push(bound[0].source.clone());
        }
        sources.dedup();
        assert_eq!(sources.len(), 3);
    }

    #[test]
    fn a_device_that_is_not_there_says_so_when_opened() {
        let ports = [port(
            "Ethernet0",
            PortSource::I2c("/nonexistent/i2c-9".into()),
        )];
        let mut bound = bindings(&ports, &config::Sonic::default(), &SystemClock::new()).unwrap();
        let error = (bound[0].open)(&Arc::new(Meter::default())).err().unwrap();
        assert!(error.contains("/nonexistent/i2c-9"), "{error}");
    }

    #[test]
    fn all_sources_that_cannot_be_used_are_told() {
        let ports = [
            port("a", PortSource::Sim("no-such-module".to_owned())),
            port("b", PortSource::I2c("/".into())),
        ];
        let errors = bindings(&ports, &config::Sonic::default(), &SystemClock::new())
            .err()
            .unwrap();
        assert_eq!(errors.len(), 2);
        assert!(errors[0].to_string().contains("no-such-module"));
    }

    #[test]
    fn a_device_that_is_not_there_is_told_with_where_to_look() {
        let clock = SystemClock::new();
        let meter = Arc::default();
        let manner = manner(&port("a", PortSource::I2c("/dev/i2c-nonsense".into())));
        for way in [
            Way::I2c("/dev/i2c-nonsense".into()),
            Way::Optoe("/dev/i2c-nonsense".into()),
        ] {
            let Err(said) = open(&way, manner, &clock, &meter) else {
                panic!("it was opened");
            };
            assert!(
                said.starts_with("cannot open /dev/i2c-nonsense: "),
                "{said}"
            );
            assert!(said.contains("opticsd discover"), "{said}");
        }
    }
}
