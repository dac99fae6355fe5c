//! `opticsd sim`: simulated modules behind kernel character devices.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use clap::ArgGroup;
use clap::builder::PossibleValuesParser;
use embedded_hal::i2c::I2c;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{info, warn};

use super::error::CliError;
use super::{Format, Outcome, convert, output};
use crate::bus::address::Device;
use crate::bus::dump;
use crate::clock::{Clock, ManualClock, SystemClock};
use crate::daemon::DaemonError;
use crate::names::PortName;
use crate::sim::builders;
use crate::sim::cage::Cage;
use crate::sim::cuse::rack::{Change, Rack};
use crate::sim::lifecycle::Startup;
use crate::sim::module::SimModule;
use crate::sim::scenario::Scenario;
use crate::sim::wire::BusRate;

/// How often the scenario is asked whether something is due.
const SCENARIO_STEP: Duration = Duration::from_millis(100);

/// How many writes each cage remembers; nobody asks for them here.
const WRITES_KEPT: usize = 64;

/// Put simulated modules behind /dev/i2c-N, for opticsd, i2c-tools and others.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Needs root and `modprobe cuse`; Ctrl-C takes the devices away. SIGHUP reads the \
    scenario again and starts it from its beginning; its ports are the names of the devices.\n\n\
    Example:\n  opticsd sim --cuse i2c-90 --module dsp-800g\n  opticsd sim --cuse i2c-90 --cuse \
    i2c-91 --module lpo-800g@i2c-91 --scenario faults.toml\n  opticsd sim --dump dsp-800g > \
    dsp.dump"
)]
#[command(group(ArgGroup::new("deed").required(true).args(["cuse", "dump", "list"])))]
pub struct Args {
    /// An adapter: the name of its device below /dev, once for each.
    #[arg(long, value_name = "NAME", value_parser = device_name)]
    cuse: Vec<PortName>,
    /// What is plugged in, one for each adapter: a family, or a dump file (with
    /// a slash in its path); without a name, in the next adapter that is empty.
    #[arg(long, value_name = "MODULE[@NAME]", conflicts_with_all = ["dump", "list"])]
    module: Vec<Wish>,
    /// What is to happen when.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dump", "list"])]
    scenario: Option<PathBuf>,
    /// Print the registers of a module of this family as a dump.
    #[arg(long, value_name = "FAMILY", value_parser = PossibleValuesParser::new(builders::NAMES))]
    dump: Option<String>,
    /// List the families of modules.
    #[arg(long)]
    list: bool,
    /// How to print the list; JSON is an array of names.
    #[arg(long, value_enum, default_value_t = Format::Text, requires = "list")]
    format: Format,
}

/// A name that a device can have.
fn device_name(text: &str) -> Result<PortName, String> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    PortName::new(text)
        .filter(|name| name.as_str().chars().all(legal))
        .ok_or_else(|| "give a name such as i2c-90".to_owned())
}

/// A module and where it is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    module: String,
    adapter: Option<String>,
}

impl FromStr for Wish {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.rsplit_once('@') {
            // The folder of a dump may have an @ in its name.
            Some((module, adapter)) if !adapter.contains('/') => Self {
                module: module.to_owned(),
                adapter: Some(adapter.to_owned()),
            },
            _ => Self {
                module: text.to_owned(),
                adapter: None,
            },
        })
    }
}

/// Serves until a signal ends it, or prints what is asked for.
///
/// # Errors
/// If a module, the scenario or `/dev/cuse` cannot be used.
pub fn sim(args: &Args) -> Result<Outcome, CliError> {
    if args.list {
        output::print(&match args.format {
            Format::Text => builders::NAMES.join("\n") + "\n",
            Format::Json => serde_json::to_string(builders::NAMES)? + "\n",
        })?;
    } else if let Some(family) = &args.dump {
        output::print(&dump_of(family))?;
    } else {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(CliError::Thread)?;
        runtime.block_on(serve(args))?;
    }
    Ok(Outcome::Done)
}

/// The registers of a module that has been running for a while.
fn dump_of(family: &str) -> String {
    const A_WHILE: Duration = Duration::from_secs(10);
    let clock = ManualClock::new();
    let cage = Cage::new(Arc::new(clock.clone()));
    if let Some(module) = builders::by_name(family) {
        cage.insert(settled(module));
    }
    clock.advance(A_WHILE);
    // A read lets happen what was due; this byte does not clear when read.
    let mut identifier = [0];
    let _ = cage.i2c(BusRate::default()).write_read(
        Device::A0.address(),
        &[0],
        identifier.as_mut_slice(),
    );
    let module = cage.remove();
    module.map_or_else(String::new, |module| {
        dump::write(module.registers().image())
    })
}

/// The same module, but long since powered up.
fn settled(module: SimModule) -> SimModule {
    module.with_manners(|manners| manners.startup = Startup::INSTANT)
}

/// Serves all adapters.
async fn serve(args: &Args) -> Result<(), CliError> {
    let clock = SystemClock::new();
    let cages = cages(args, &clock)?;
    let scenario = match &args.scenario {
        Some(path) => read_scenario(path, &cages)?,
        None => Scenario::default(),
    };
    let signals = Signals::new().map_err(DaemonError::Start)?;
    let mut stage = Stage {
        rack: Rack::new(cages),
        clock,
        file: args.scenario.as_deref(),
    };
    stage.play(scenario, signals).await
}

/// A cage for each adapter, with the modules in them.
fn cages(args: &Args, clock: &SystemClock) -> Result<BTreeMap<PortName, Cage>, CliError> {
    let clock: Arc<dyn Clock> = Arc::new(clock.clone());
    let cages: BTreeMap<PortName, Cage> = args
        .cuse
        .iter()
        .map(|name| {
            let cage = Cage::new(Arc::clone(&clock));
            cage.keep_writes(WRITES_KEPT);
            (name.clone(), cage)
        })
        .collect();
    for wish in &args.module {
        let misplaced = |why: &str| CliError::Misplaced {
            module: wish.module.clone(),
            why: why.to_owned(),
        };
        let mut wanted = args.cuse.iter().filter_map(|name| {
            let fits = wish.adapter.as_deref().is_none_or(|a| a == name.as_str());
            cages.get(name).filter(|_| fits)
        });
        let cage = wanted.find(|cage| cage.is_empty());
        let cage =
            cage.ok_or_else(|| misplaced("no such adapter, or none empty; add --cuse NAME"))?;
        cage.insert(settled(module(&wish.module)?));
    }
    Ok(cages)
}

/// The module of that family, or the one whose dump is in that file.
fn module(name: &str) -> Result<SimModule, CliError> {
    if let Some(module) = builders::by_name(name) {
        return Ok(module);
    }
    if !name.contains('/') {
        return Err(CliError::Misplaced {
            module: name.to_owned(),
            why: format!(
                "no such family; there are {} (a dump file needs a slash)",
                builders::NAMES.join(", ")
            ),
        });
    }
    let contents = convert::contents(Path::new(name))?;
    Ok(SimModule::from_image(&dump::read(&contents, name)?.image))
}

fn read_scenario(path: &Path, cages: &BTreeMap<PortName, Cage>) -> Result<Scenario, CliError> {
    let text = std::fs::read_to_string(path).map_err(|source| CliError::Read {
        path: path.to_owned(),
        source,
    })?;
    Scenario::parse(&text, path, cages.keys()).map_err(CliError::Mistakes)
}

/// The signals that end it or start the scenario anew.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }
}

/// Where the scenario plays.
struct Stage<'a> {
    rack: Rack,
    clock: SystemClock,
    file: Option<&'a Path>,
}

impl Stage<'_> {
    /// Lets happen what the scenario says until a signal ends it, or an adapter
    /// is lost.
    async fn play(&mut self, mut scenario: Scenario, mut signals: Signals) -> Result<(), CliError> {
        self.follow()?;
        let mut began = self.clock.now();
        let mut step = tokio::time::interval(SCENARIO_STEP);
        loop {
            tokio::select! {
                _ = signals.terminate.recv() => return Ok(()),
                _ = signals.interrupt.recv() => return Ok(()),
                _ = signals.hangup.recv() => if let Some(anew) = self.read_again() {
                    (scenario, began) = (anew, self.clock.now());
                },
                _ = step.tick() => {
                    let now = self.clock.now().saturating_sub(began);
                    for event in scenario.apply(now, self.rack.cages()) {
                        info!(port = %event.port, event = event.deed, "scenario");
                    }
                    self.follow()?;
                }
            }
        }
    }

    /// Lets devices come and go with their adapters, and tells of it.
    fn follow(&mut self) -> Result<(), CliError> {
        for change in self.rack.follow()? {
            match change {
                Change::Came(path) => {
                    output::print(&format!("opticsd sim: {}\n", path.display()))?;
                }
                Change::Went(name) => info!(port = %name, "the device is gone"),
            }
        }
        Ok(())
    }

    /// The scenario as its file has it now; the old one goes on if that cannot
    /// be used.
    fn read_again(&self) -> Option<Scenario> {
        let read = read_scenario(self.file?, self.rack.cages());
        read.inspect_err(|error| warn!(%error, "the scenario goes on as it was"))
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_deed_at_a_time() {
        use clap::Parser;
        let accepted = |line: &str| {
            let words = ["opticsd", "sim"]
                .into_iter()
                .chain(line.split_whitespace());
            crate::cli::Cli::try_parse_from(words).is_ok()
        };
        assert!(accepted(
            "--cuse a --cuse b --module dsp-800g@a --scenario f"
        ));
        assert!(accepted("--dump dsp-800g"));
        assert!(accepted("--list"));
        for bad in [
            "",
            "--module dsp-800g",
            "--dump dsp",
            "--list --cuse a",
            "--list --module x",
        ] {
            assert!(!accepted(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_module_may_name_its_adapter() {
        let wish = |text: &str| {
            let Ok(wish) = text.parse::<Wish>();
            (wish.module, wish.adapter)
        };
        let at = |name: &str| Some(name.to_owned());
        assert_eq!(wish("dsp-800g"), ("dsp-800g".to_owned(), None));
        assert_eq!(wish("dsp-800g@i2c-9"), ("dsp-800g".to_owned(), at("i2c-9")));
        assert_eq!(wish("./a@b/c").0, "./a@b/c");
        assert_eq!(wish("./a@b/c@i2c-9"), ("./a@b/c".to_owned(), at("i2c-9")));
    }

    #[test]
    fn device_names_stay_below_dev() {
        assert!(device_name("i2c-90").is_ok());
        for bad in ["", "..", "i2c/9", "a b", "i2c\0", "i2c=9"] {
            assert!(device_name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn every_family_has_a_dump_that_is_read_as_it_was_written() {
        for family in builders::NAMES {
            let text = dump_of(family);
            let image = dump::parse(&text, family).unwrap();
            assert_eq!(dump::write(&image), text, "{family}");
        }
    }

    #[test]
    fn modules_go_where_they_are_wanted() {
        let args = |module: &[&str]| Args {
            cuse: ["i2c-90", "i2c-91"]
                .map(|name| PortName::new(name).unwrap())
                .into(),
            module: module.iter().map(|text| text.parse().unwrap()).collect(),
            scenario: None,
            dump: None,
            list: false,
            format: Format::Text,
        };
        let place = |module: &[&str]| {
            let cages = cages(&args(module), &SystemClock::new())?;
            let empty: Vec<bool> = cages.values().map(Cage::is_empty).collect();
            Ok::<_, CliError>(empty)
        };
        assert_eq!(place(&["dsp-800g@i2c-91"]).unwrap(), [true, false]);
        assert_eq!(place(&["dsp-800g"]).unwrap(), [false, true]);
        assert_eq!(place(&["dsp-800g", "sfp28"]).unwrap(), [false, false]);
        for bad in [
            ["dsp-800g@i2c-92", "sfp28"],
            ["sfp28@i2c-90", "sfp28@i2c-90"],
            ["dsp", "sfp28"],
        ] {
            assert!(place(&bad).is_err(), "{bad:?}");
        }
    }
}
