//! `opticsd show`: what stands in the ports, from the running daemon or by a
//! sweep of its own.

mod select;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::Value;

use super::client::{Address, Daemon, no_such_port};
use super::error::CliError;
use super::{Format, Outcome, output, terminal};
use crate::clock::{Clock, SystemClock};
use crate::daemon::probe;
use crate::daemon::reload::ConfigFile;
use crate::names;
use crate::report::moment;
use crate::report::summary::PortSummary;
use crate::report::text::{Look, cut, table};
use crate::report::{Fleet, api, console};

pub(super) use select::{Select, counted};

/// Show the modules: a table of all ports, the worst first, or some ports in full.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  opticsd show\n  opticsd show --verdict bad --verdict degraded --watch\n  \
    opticsd show --role scale-out --plane 2 --sort margin\n  \
    opticsd show Ethernet3 --format json\n  \
    opticsd show --from unix:/run/opticsd/http.sock\n  \
    opticsd show --config opticsd.toml      no daemon: one sweep"
)]
pub struct Args {
    /// Ports to show in full; without one, a table of all.
    #[arg(value_name = "PORT",
        conflicts_with_all = ["sort", "role", "plane", "verdict", "class"])]
    ports: Vec<String>,
    #[command(flatten)]
    select: Select,
    /// Show it again every so many seconds, until Ctrl-C: in place on a terminal,
    /// one after the other with a line of the time elsewhere.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true,
        default_missing_value = "2", value_parser = super::dump::every)]
    watch: Option<Duration>,
    #[command(flatten)]
    from: Address,
    /// Ask no daemon, but sweep the ports of this configuration once. Not
    /// beside a running daemon: reading clears the modules' latched flags.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "watch"])]
    config: Option<PathBuf>,
    /// How to print it; JSON is a list of all ports, or a document a line for each
    /// port that is named.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Prints what is asked for.
///
/// # Errors
/// If the daemon cannot be asked, the configuration cannot be used, or a port
/// is not known.
pub fn show(args: &Args) -> Result<Outcome, CliError> {
    let source = match &args.config {
        Some(path) => Source::swept(path)?,
        None => Source::Daemon(args.from.daemon()?),
    };
    match args.watch {
        Some(every) => terminal::watch(every, |look| {
            let (text, counts) = shown(&source, args, look)?;
            Ok(match args.format {
                Format::Text => headed(&source, &text, &counts, look),
                Format::Json => text,
            })
        })?,
        None => output::print(&shown(&source, args, terminal::look())?.0)?,
    }
    Ok(Outcome::Done)
}

/// Where the ports are known.
enum Source {
    /// Over there.
    Daemon(Daemon),
    /// In this process, after a sweep of its own.
    Fleet(Arc<Fleet>, SystemClock),
}

impl Source {
    fn swept(path: &Path) -> Result<Self, CliError> {
        let clock = SystemClock::new();
        let file = ConfigFile::at(path.to_owned(), &clock);
        let fleet = probe::probe(file.read()?, &clock).map_err(CliError::Thread)?;
        Ok(Self::Fleet(fleet, clock))
    }

    /// All ports as JSON.
    fn ports(&self) -> Result<String, CliError> {
        match self {
            Self::Daemon(daemon) => daemon.get("/api/v1/ports"),
            Self::Fleet(fleet, clock) => {
                Ok(serde_json::to_string(&api::ports(fleet, clock.wall()))?)
            }
        }
    }

    /// The error for an answer that was not understood.
    fn strange(&self, source: serde_json::Error) -> CliError {
        match self {
            Self::Daemon(daemon) => CliError::Strange {
                url: daemon.place().to_owned(),
                source,
            },
            Self::Fleet(..) => CliError::Json(source),
        }
    }

    /// One port in full.
    fn port(&self, name: &str, format: Format) -> Result<String, CliError> {
        match (self, format) {
            (Self::Daemon(daemon), Format::Text) => daemon.of_port(name, "?format=text"),
            (Self::Daemon(daemon), Format::Json) => daemon.of_port(name, "?format=json"),
            (Self::Fleet(fleet, clock), _) => {
                let slots = fleet.ports.load();
                let slot = slots.iter().find(|slot| slot.name.as_str() == name);
                let names = || slots.iter().map(|slot| slot.name.as_str());
                let slot = slot.ok_or_else(|| no_such_port(name, names()))?;
                Ok(match format {
                    Format::Text => console::port(fleet, slot),
                    Format::Json => serde_json::to_string(&api::port(fleet, slot, clock.wall()))?,
                })
            }
        }
    }
}

/// All that is asked for, once, and how many ports of a list are how.
fn shown(source: &Source, args: &Args, look: Look) -> Result<(String, String), CliError> {
    if args.ports.is_empty() {
        let answer = source.ports()?;
        let all = serde_json::from_str(&answer).map_err(|error| source.strange(error))?;
        return listed(all, args, look).map_err(|error| match error {
            CliError::Json(error) => source.strange(error),
            error => error,
        });
    }
    let mut out = String::new();
    for name in &args.ports {
        let text = source.port(name, args.format)?;
        out += &match args.format {
            Format::Text => output::tame(text.trim_end()) + "\n",
            Format::Json => output::tame_json(&text),
        };
    }
    Ok((out, String::new()))
}

/// The ports that are wanted, of all as JSON.
fn listed(all: Vec<Value>, args: &Args, look: Look) -> Result<(String, String), CliError> {
    let ports: Result<Vec<PortSummary>, _> = all.iter().map(PortSummary::deserialize).collect();
    let mut ports = ports?;
    let count = ports.len();
    args.select.keep(&mut ports);
    if ports.is_empty() && count > 0 && args.watch.is_none() {
        output::warn(&format!(
            "none of {} is like that",
            names::counted(count, "port")
        ));
    }
    let counts = counted(&ports);
    let text = match args.format {
        Format::Text => {
            args.select.order().sort(&mut ports);
            table(&ports, look)
        }
        // What a newer daemon says beyond what is known here is passed on.
        Format::Json => {
            args.select
                .order_asked_for()
                .inspect(|order| order.sort(&mut ports));
            let by_name = |port: &PortSummary| {
                all.iter()
                    .find(|value| value.get("port").and_then(Value::as_str) == Some(&port.port))
            };
            let wanted: Vec<&Value> = ports.iter().filter_map(by_name).collect();
            output::tame_json(&serde_json::to_string(&wanted)?)
        }
    };
    Ok((text, counts))
}

/// A text under a line of who said it and when.
fn headed(source: &Source, text: &str, counts: &str, look: Look) -> String {
    let place = match source {
        Source::Daemon(daemon) => daemon.place(),
        Source::Fleet(..) => "one sweep",
    };
    let line = format!("{}  {place}  {counts}", moment::utc(SystemTime::now()));
    let line = output::tame(&line);
    let width = look.width.unwrap_or(usize::MAX);
    // A table ends where the next one begins, on a pipe too.
    format!("{}\n{text}\n", cut(line.trim_end(), width))
}
