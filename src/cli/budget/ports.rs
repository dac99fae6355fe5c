//! Which modules are budgeted: those of files, each in every way, or those of a
//! configuration's ports, each in the port's own way.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use super::load::Port;
use super::{Args, PathName};
use crate::bus::dump;
use crate::bus::image::Image;
use crate::bus::topology::adapter_number;
use crate::cli::convert;
use crate::cli::error::CliError;
use crate::clock::SystemClock;
use crate::config::{Config, PortConfig, PortSource};
use crate::daemon::probe;
use crate::daemon::reload::{ConfigFile, WantedError};
use crate::daemon::source;
use crate::module::rehearsal::{self, Rehearsal};
use crate::module::sweep::SweepSettings;

/// A module by its registers.
#[derive(Clone)]
pub(super) struct Module {
    name: String,
    image: Rc<Image>,
}

impl Module {
    /// The module in a dump file.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub(super) fn read(file: &Path) -> Result<Self, CliError> {
        let name = file.display().to_string();
        let found = dump::read(&convert::contents(file)?, &name)?;
        let notes: Vec<String> = found.notes.iter().map(|n| format!("{name}: {n}")).collect();
        convert::tell(&notes);
        Ok(Self {
            name,
            image: Rc::new(found.image),
        })
    }
}

/// What a rehearsal depends on: the module, the way to it, what is allowed.
type Key = (String, PathName, bool, bool);

/// Rehearses each module once for all ports that have the same.
pub(super) struct Stage {
    period: Duration,
    known: BTreeMap<Key, Rc<Rehearsal>>,
}

impl Stage {
    /// Sweeps once a period.
    pub(super) fn new(period: Duration) -> Self {
        Self {
            period,
            known: BTreeMap::new(),
        }
    }

    /// How often everything is swept.
    pub(super) fn period(&self) -> Duration {
        self.period
    }

    /// Each file as a module alone on its adapter, in each way.
    ///
    /// # Errors
    /// A file without lower memory.
    pub(super) fn files(&mut self, modules: &[Module], args: &Args) -> Result<Vec<Port>, CliError> {
        let paths = match args.path.as_slice() {
            [] => &PathName::ALL,
            some => some,
        };
        let mut ports = Vec::new();
        for module in modules {
            for path in paths {
                ports.push(Port {
                    name: module.name.clone(),
                    adapter: None,
                    module: module.name.clone(),
                    path: *path,
                    rehearsal: self.rehearse(module, *path, SweepSettings::default())?,
                });
            }
        }
        Ok(ports)
    }

    /// The ports of a configuration, each in its own way.
    ///
    /// # Errors
    /// Sources that cannot be used, or a port whose module nobody knows.
    pub(super) fn ports_of(
        &mut self,
        config: &Config,
        stand_ins: &[Module],
        args: &Args,
    ) -> Result<Vec<Port>, CliError> {
        let clock = SystemClock::new();
        let bindings =
            source::bindings(&config.ports, &config.sonic, &clock).map_err(WantedError::Sources)?;
        let probed = match (&args.config, args.probe) {
            (Some(file), true) => probed(file, &clock)?,
            _ => BTreeMap::new(),
        };
        let mut ports = Vec::new();
        for (port, binding) in config.ports.iter().zip(bindings) {
            let name = port.name.to_string();
            let paths = match args.path.as_slice() {
                [] => vec![own_path(&port.source)],
                some => some.to_vec(),
            };
            let known = match (&port.source, probed.get(&name)) {
                (PortSource::Sim(called), _) => Some(simulated(port, called)?),
                (_, Some(module)) => Some(module.clone()),
                (_, None) => None,
            };
            for path in paths {
                let (module, rehearsal) = match &known {
                    Some(module) => {
                        let rehearsal = self.rehearse(module, path, binding.settings)?;
                        (module.name.clone(), rehearsal)
                    }
                    // An empty cage costs nothing worth a line.
                    None if args.probe && stand_ins.is_empty() => continue,
                    None => self
                        .costliest(stand_ins, path, binding.settings)?
                        .ok_or_else(|| CliError::UnknownModule { port: name.clone() })?,
                };
                ports.push(Port {
                    name: name.clone(),
                    adapter: Some(binding.bus.to_string()),
                    module,
                    path,
                    rehearsal,
                });
            }
        }
        Ok(ports)
    }

    /// The stand-in whose worst sweep costs most.
    fn costliest(
        &mut self,
        stand_ins: &[Module],
        path: PathName,
        settings: SweepSettings,
    ) -> Result<Option<(String, Rc<Rehearsal>)>, CliError> {
        let rehearsed: Vec<_> = stand_ins
            .iter()
            .map(|module| Ok((module.name.clone(), self.rehearse(module, path, settings)?)))
            .collect::<Result<_, CliError>>()?;
        Ok(rehearsed.into_iter().max_by_key(|(_, r)| r.worst.cost))
    }

    fn rehearse(
        &mut self,
        module: &Module,
        path: PathName,
        settings: SweepSettings,
    ) -> Result<Rc<Rehearsal>, CliError> {
        let key = (module.name.clone(), path, settings.passive, settings.freeze);
        if let Some(known) = self.known.get(&key) {
            return Ok(Rc::clone(known));
        }
        let told = rehearsal::rehearse(&module.image, path.path(), settings, self.period);
        let told = Rc::new(told.map_err(|error| CliError::NoModule {
            name: module.name.clone(),
            error,
        })?);
        self.known.insert(key, Rc::clone(&told));
        Ok(told)
    }
}

/// The way of a port. What `auto` will choose is guessed from what it names.
fn own_path(source: &PortSource) -> PathName {
    match source {
        PortSource::I2c(_) | PortSource::Sim(_) => PathName::I2c,
        PortSource::Optoe(_) => PathName::Optoe,
        PortSource::Ethtool(_) => PathName::Ethtool,
        PortSource::Auto(place) if adapter_number(place).is_some() => PathName::I2c,
        PortSource::Auto(_) => PathName::Ethtool,
    }
}

/// A simulated module.
fn simulated(port: &PortConfig, called: &str) -> Result<Module, CliError> {
    let module = source::sim_module(&port.name, called);
    let module = module.map_err(|error| WantedError::Sources(vec![error]))?;
    Ok(Module {
        name: called.to_owned(),
        image: Rc::new(module.registers().image().clone()),
    })
}

/// What stands in the ports of a configuration, by one look at each.
fn probed(file: &Path, clock: &SystemClock) -> Result<BTreeMap<String, Module>, CliError> {
    let wanted = ConfigFile::at(file.to_owned(), clock).read()?;
    let fleet = probe::probe(wanted, clock).map_err(CliError::Thread)?;
    let slots = fleet.ports.load();
    let modules = slots.iter().filter_map(|slot| {
        let view = slot.view.load();
        let snapshot = view.snapshot.as_deref()?;
        let name = slot.name.to_string();
        let module = Module {
            name: format!("module in {name}"),
            image: Rc::new(snapshot.image.as_ref().clone()),
        };
        Some((name, module))
    });
    Ok(modules.collect())
}
