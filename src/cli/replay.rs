//! `opticsd replay`: recorded sweeps through the daemon's own judgement.

mod source;
mod tally;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::error::CliError;
use super::{Format, Outcome, output};
use crate::bus::Memory;
use crate::clock::{Clock, ManualClock};
use crate::daemon::stage::{Seat, Stage, nobody};
use crate::health::event::Event;
use crate::health::host_fec::HostFec;
use crate::names::{BusName, PortName};
use crate::plan::Plan;
use crate::report::moment;
use crate::report::recording::Record;
use source::Sources;
use tally::Tally;

/// Let recorded sweeps pass through the judgement of the daemon.
///
/// Prints what the daemon would have told, when, and how each port ended.
/// Recordings are dumps one behind the other, each with its time, as `opticsd
/// dump` writes them; captures of the daemon are such dumps too.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The exit status is 1 if some port was ever judged degraded or bad.\n\n\
    Example:\n  opticsd dump Ethernet3 --every 5 --count 100 -o ethernet3.rec\n  \
    opticsd replay ethernet3.rec\n  opticsd replay --plan plan.toml --format json captures/*.dump\n  \
    opticsd replay --interval 60 first.hex second.hex"
)]
pub struct Args {
    /// Recordings or dump files; those with a time are put in order. `-` is
    /// standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The plan to hold the ports against.
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// The port that dumps belong to which name none.
    #[arg(long, value_name = "NAME", default_value = "module", value_parser = port_name)]
    port: PortName,
    /// How many seconds lie between dumps that do not say when they were read.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    interval: Option<Duration>,
    /// How to print it; JSON is one object a line.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Print the numbers of every sweep, not what happened alone.
    #[arg(long)]
    sweeps: bool,
}

fn port_name(text: &str) -> Result<PortName, String> {
    PortName::new(text).ok_or_else(|| "not a name that a port can have".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.parse::<f64>().ok();
    number
        .and_then(|number| Duration::try_from_secs_f64(number).ok())
        .filter(|time| !time.is_zero() && *time <= Duration::from_secs(366 * 86_400))
        .ok_or_else(|| "give a number of seconds above 0".to_owned())
}

/// Replays.
///
/// # Errors
/// If the plan or a file cannot be used, or does not say when it was read.
pub fn replay(args: &Args) -> Result<Outcome, CliError> {
    let plan = args.plan.as_deref().map(read_plan).transpose()?;
    let mut sources = Sources::open(&args.files, args.interval)?;
    let mut player = Player::new(plan, args);
    while let Some((at, record)) = sources.next_record()? {
        player.play(at, record)?;
    }
    player.end()
}

fn read_plan(path: &Path) -> Result<Plan, CliError> {
    let text = std::fs::read_to_string(path).map_err(|source| CliError::Read {
        path: path.to_owned(),
        source,
    })?;
    Plan::parse(&text, path).map_err(CliError::Mistakes)
}

/// Records on their way through the judgement.
struct Player<'a> {
    args: &'a Args,
    plan: Option<Plan>,
    /// Made with the first record, whose time is its first.
    stage: Option<Stage>,
    ports: BTreeMap<PortName, (Seat, Tally)>,
}

impl<'a> Player<'a> {
    fn new(plan: Option<Plan>, args: &'a Args) -> Self {
        Self {
            args,
            plan,
            stage: None,
            ports: BTreeMap::new(),
        }
    }

    /// Lets time pass up to `at` and the daemon look at the port of a record.
    fn play(&mut self, at: SystemTime, record: Record) -> Result<(), CliError> {
        let name = match record.port.as_deref() {
            Some(name) => PortName::new(name).ok_or_else(|| CliError::Misused {
                what: format!("port {name}"),
                said: "a record has this name, which no port can have; correct its first line"
                    .to_owned(),
            })?,
            None => self.args.port.clone(),
        };
        let since_1970 = at.duration_since(SystemTime::UNIX_EPOCH);
        let since_1970 = since_1970.unwrap_or_default();
        let stage = match &mut self.stage {
            Some(stage) => stage,
            None => {
                let clock = ManualClock::new();
                clock.advance(since_1970);
                self.stage.insert(Stage::new(clock, self.plan.take()))
            }
        };
        let clock = stage.clock().clone();
        clock.advance(since_1970.saturating_sub(clock.now()));
        let (seat, tally) = match self.ports.get_mut(&name) {
            Some(port) => port,
            None => {
                let Some(bus) = BusName::new("recording") else {
                    return Ok(());
                };
                let time = clock.clone();
                let open = Box::new(move |_: &_| Ok(nobody(&time)));
                let seat = stage.add(name.clone(), bus, open);
                self.ports
                    .entry(name.clone())
                    .or_insert((seat, Tally::default()))
            }
        };
        let memory: Box<dyn Memory> = match record.image {
            Some(image) => Box::new(image),
            None => nobody(stage.clock()),
        };
        // A host that was asked before the module must not seem to be of later.
        let host = record.host.map(|host| HostFec {
            at: host.at.min(since_1970),
            ..host
        });
        let news = stage.look_at(*seat, memory, host);
        let Some((_, view)) = stage.view(*seat) else {
            return Ok(());
        };
        tally.take_in(at, &view);
        for event in news {
            print_event(self.args.format, at, &name, &event)?;
        }
        if self.args.sweeps {
            tally::print_sweep(self.args.format, at, &name, &view)?;
        }
        Ok(())
    }

    /// Tells how each port ended.
    fn end(self) -> Result<Outcome, CliError> {
        let mut found = false;
        for (name, (_, tally)) in &self.ports {
            found |= tally.was_ill();
            match self.args.format {
                Format::Text => output::print(&tally.text(name))?,
                Format::Json => output::print(&line(&tally.json(name)))?,
            }
        }
        Ok(if found { Outcome::Found } else { Outcome::Done })
    }
}

fn print_event(
    format: Format,
    at: SystemTime,
    port: &PortName,
    event: &Event,
) -> Result<(), CliError> {
    let at = moment::utc_millis(at);
    let text = match format {
        Format::Text => format!("{at}  {port}  {event}\n"),
        Format::Json => line(&json!({
            "at": at,
            "port": port.to_string(),
            "kind": event.kind(),
            "what": event.to_string(),
            "grave": event.is_grave(),
        })),
    };
    output::print(&text)?;
    Ok(())
}

fn line(value: &Value) -> String {
    format!("{value}\n")
}
