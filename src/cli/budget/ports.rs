//! Which modules are budgeted: those of files, each in every way, or those of a
//! configuration's ports, each in the port's own way.

use std::collections::{BTreeMap, HashMap};
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
use crate::config::{Cadences, Config, DEFAULT_PERIOD, PortConfig, PortSource};
use crate::daemon::probe;
use crate::daemon::reload::{ConfigFile, WantedError};
use crate::daemon::schedule::Times;
use crate::daemon::source;
use crate::module::rehearsal::{self, Manner, Rehearsal};
use crate::module::sweep::{Due, SweepSettings};

/// How many sweeps are rehearsed at most: an hour of the usual period.
const MOST_SWEEPS: usize = 3600;

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

/// How a port is swept; what a rehearsal depends on beside the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Care {
    path: PathName,
    settings: SweepSettings,
    leaves_page_zero: bool,
    cadences: Cadences,
}

/// Rehearses each module once for all ports that are swept alike.
pub(super) struct Stage {
    /// Every port's, instead of what the configuration says.
    period: Option<Duration>,
    known: HashMap<(String, Care), Rc<Rehearsal>>,
}

impl Stage {
    /// Sweeps as the configuration says, or once a period.
    pub(super) fn new(period: Option<Duration>) -> Self {
        Self {
            period,
            known: HashMap::new(),
        }
    }

    /// The cadences of a port. What follows its period follows the other one too, and
    /// no group is read more often than the monitors.
    fn cadences(&self, own: Cadences) -> Cadences {
        let Some(period) = self.period else {
            return own;
        };
        let (usual, wanted) = (Cadences::usual(own.monitors), Cadences::usual(period));
        let follow = |own: Duration, usual, wanted: Duration| {
            if own == usual {
                wanted
            } else {
                own.max(period)
            }
        };
        Cadences {
            monitors: period,
            vdm: follow(own.vdm, usual.vdm, wanted.vdm),
            slow: follow(own.slow, usual.slow, wanted.slow),
        }
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
        let period = self.period.unwrap_or(DEFAULT_PERIOD);
        let mut ports = Vec::new();
        for module in modules {
            for path in paths {
                let care = Care {
                    path: *path,
                    settings: SweepSettings::default(),
                    leaves_page_zero: false,
                    cadences: Cadences::usual(period),
                };
                ports.push(Port {
                    name: module.name.clone(),
                    adapter: None,
                    module: module.name.clone(),
                    path: *path,
                    period,
                    rehearsal: self.rehearse(module, care)?,
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
                let care = Care {
                    path,
                    settings: binding.settings,
                    leaves_page_zero: port.i2c.leave_page_zero,
                    cadences: self.cadences(port.cadences),
                };
                let (module, rehearsal) = match &known {
                    Some(module) => (module.name.clone(), self.rehearse(module, care)?),
                    // An empty cage costs nothing worth a line.
                    None if args.probe && stand_ins.is_empty() => continue,
                    None => self
                        .costliest(stand_ins, care)?
                        .ok_or_else(|| CliError::UnknownModule { port: name.clone() })?,
                };
                ports.push(Port {
                    name: name.clone(),
                    adapter: Some(binding.bus.to_string()),
                    module,
                    path,
                    period: care.cadences.monitors,
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
        care: Care,
    ) -> Result<Option<(String, Rc<Rehearsal>)>, CliError> {
        let rehearsed: Vec<_> = stand_ins
            .iter()
            .map(|module| Ok((module.name.clone(), self.rehearse(module, care)?)))
            .collect::<Result<_, CliError>>()?;
        Ok(rehearsed.into_iter().max_by_key(|(_, r)| r.worst.cost))
    }

    fn rehearse(&mut self, module: &Module, care: Care) -> Result<Rc<Rehearsal>, CliError> {
        let key = (module.name.clone(), care);
        if let Some(known) = self.known.get(&key) {
            return Ok(Rc::clone(known));
        }
        let manner = Manner {
            path: care.path.path(),
            settings: care.settings,
            leaves_page_zero: care.leaves_page_zero,
            period: care.cadences.monitors,
            turns: &turns(care.cadences),
        };
        let told = rehearsal::rehearse(&module.image, manner);
        let told = Rc::new(told.map_err(|error| CliError::NoModule {
            name: module.name.clone(),
            error,
        })?);
        self.known.insert(key, Rc::clone(&told));
        Ok(told)
    }
}

/// What the sweeps after the first one read, by the daemon's own schedule, until each
/// group had its turn as often as it is frozen.
fn turns(cadences: Cadences) -> Vec<Due> {
    let in_sweeps = |period: Duration| {
        let sweeps = period.as_nanos() / cadences.monitors.as_nanos().max(1);
        usize::try_from(sweeps).unwrap_or(usize::MAX)
    };
    let longest = in_sweeps(cadences.slow).max(in_sweeps(cadences.vdm).saturating_mul(10));
    let mut times = Times::new(cadences, 0, Duration::ZERO);
    times.begin(Duration::ZERO);
    let sweeps = longest.clamp(1, MOST_SWEEPS);
    (0..sweeps).map(|_| times.begin(times.next()).due).collect()
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
