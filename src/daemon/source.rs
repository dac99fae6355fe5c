//! From the configuration's words to modules that can be read.
//!
//! Nothing is opened here: each [`Binding`] carries a way to open its module,
//! which the poller of its bus uses, and uses again when a device went away.

use std::path::Path;
use std::sync::Arc;

use crate::bus::Memory;
use crate::bus::dump::{self, DumpError};
use crate::bus::i2c_dev::KernelBus;
use crate::bus::meter::{Meter, Metered};
use crate::bus::paging::Paged;
use crate::clock::{Clock, SystemClock};
use crate::config::{PortConfig, PortSource};
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
    clock: &SystemClock,
) -> Result<Vec<Binding>, Vec<SourceError>> {
    let mut bound = Vec::with_capacity(ports.len());
    let mut errors = Vec::new();
    let mut simulated = 0;
    for port in ports {
        let binding = match &port.source {
            PortSource::I2c(path) => i2c(&port.name, path, clock),
            PortSource::Sim(name) => {
                let adapter = simulated / SIM_PORTS_PER_ADAPTER;
                simulated += 1;
                sim(&port.name, name, adapter, clock)
            }
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
    binding
}

/// A port behind a kernel I2C device. Its bus is the device: a mux channel has
/// a device, and so a thread, of its own.
fn i2c(port: &PortName, path: &Path, clock: &SystemClock) -> Result<Binding, SourceError> {
    let bus = path
        .file_name()
        .and_then(|name| name.to_str())
        .and_then(BusName::new)
        .ok_or_else(|| SourceError::NoBusName {
            port: port.clone(),
            path: path.display().to_string(),
        })?;
    let (path, clock) = (path.to_owned(), clock.clone());
    Ok(Binding {
        name: port.clone(),
        bus,
        source: format!("i2c {}", path.display()),
        open: Box::new(move |meter| {
            let device = KernelBus::open(&path)
                .map_err(|error| format!("cannot open {}: {error}", path.display()))?;
            let metered = Metered::new(device, clock.clone(), Arc::clone(meter));
            let module = Paged::new(metered, clock.clone(), Arc::clone(meter));
            Ok(Box::new(module))
        }),
        settings: SweepSettings::default(),
    })
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

/// A port whose module stands in a simulated cage.
pub fn cage_binding(
    name: PortName,
    bus: BusName,
    source: String,
    cage: Cage,
    clock: &SystemClock,
) -> Binding {
    let clock = clock.clone();
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
    }
}

/// The simulated module of that name, or the one whose dump is in that file.
fn sim_module(port: &PortName, name: &str) -> Result<SimModule, SourceError> {
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

    fn port(name: &str, source: PortSource) -> PortConfig {
        PortConfig {
            name: PortName::new(name).unwrap(),
            source,
            passive: false,
            vdm_freeze: false,
        }
    }

    #[test]
    fn a_device_file_names_its_bus() {
        let ports = [port("Ethernet0", PortSource::I2c("/dev/i2c-34".into()))];
        let bound = bindings(&ports, &SystemClock::new()).unwrap();
        assert_eq!(bound[0].bus.as_str(), "i2c-34");
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
            let bound = bindings(&[port], &SystemClock::new()).unwrap();
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
        let mut bound = bindings(&ports, &SystemClock::new()).unwrap();
        let error = (bound[0].open)(&Arc::new(Meter::default())).err().unwrap();
        assert!(error.contains("/nonexistent/i2c-9"), "{error}");
    }

    #[test]
    fn all_sources_that_cannot_be_used_are_told() {
        let ports = [
            port("a", PortSource::Sim("no-such-module".to_owned())),
            port("b", PortSource::I2c("/".into())),
        ];
        let errors = bindings(&ports, &SystemClock::new()).err().unwrap();
        assert_eq!(errors.len(), 2);
        assert!(errors[0].to_string().contains("no-such-module"));
    }
}
