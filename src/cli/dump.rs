//! `opticsd dump`: the registers of a live module as a dump file, from the
//! running daemon or by a sweep of its own.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use super::client::{Address, Daemon, no_such_port};
use super::error::CliError;
use super::{Outcome, output, terminal};
use crate::clock::{Clock, SystemClock};
use crate::daemon::probe;
use crate::daemon::reload::ConfigFile;
use crate::report::raw;

/// Write the registers of a live module as a dump file.
///
/// The daemon gives what its sweeps read last: nothing is read for a dump, so no
/// latched flag is lost to it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  opticsd dump Ethernet3 -o ethernet3.dump\n  opticsd dump Ethernet3 | opticsd decode -\n  \
    opticsd dump Ethernet3 --config opticsd.toml      no daemon: one sweep\n  \
    opticsd dump Ethernet3 --every 5 --count 100 -o ethernet3.rec      for opticsd replay"
)]
pub struct Args {
    /// The port.
    #[arg(value_name = "PORT")]
    port: String,
    /// Where to write the dump, instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    from: Address,
    /// Go on, and write each sweep behind the one before: a recording for `opticsd
    /// replay`. Asks this often, in seconds; sweeps seen already are left out. Waits for
    /// a daemon that is restarted, and for a module that is pulled.
    #[arg(long, value_name = "SECONDS", value_parser = every, conflicts_with = "config")]
    every: Option<Duration>,
    /// End after so many sweeps instead of at Ctrl-C.
    #[arg(long, value_name = "N", requires = "every")]
    count: Option<u64>,
    /// Ask no daemon, but sweep the port of this configuration once. Not beside
    /// a running daemon: reading clears the module's latched flags.
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    config: Option<PathBuf>,
}

/// Reads how often somebody wants to ask, in seconds.
pub(super) fn every(text: &str) -> Result<Duration, String> {
    let number = text.parse::<f64>().ok();
    number
        .and_then(|number| Duration::try_from_secs_f64(number).ok())
        .filter(|time| (Duration::from_millis(100)..=Duration::from_secs(86_400)).contains(time))
        .ok_or_else(|| "give a number of seconds from 0.1 to 86400".to_owned())
}

/// Writes the dump.
///
/// # Errors
/// If the daemon cannot be asked, the configuration cannot be used, the port is
/// not known, nothing could be read of it, or the file cannot be written.
pub fn dump(args: &Args) -> Result<Outcome, CliError> {
    if let Some(every) = args.every {
        return record(args, every);
    }
    let text = match &args.config {
        Some(path) => swept(path, &args.port)?,
        None => of_daemon(&args.from.daemon()?, args)?,
    };
    output::deliver(&text, args.output.as_deref())?;
    Ok(Outcome::Done)
}

/// What the sweeps of the daemon read last.
fn of_daemon(daemon: &Daemon, args: &Args) -> Result<String, CliError> {
    Ok(output::tame(&daemon.of_port(&args.port, "/dump")?))
}

/// Writes one sweep behind the other, until there are enough of them or somebody ends
/// it. A daemon that is restarted comes back, and so does a module that is pulled.
fn record(args: &Args, every: Duration) -> Result<Outcome, CliError> {
    let failed = |path: &PathBuf| {
        let path = path.clone();
        move |source| CliError::Write { path, source }
    };
    let signals = terminal::signals()?;
    let mut file = match &args.output {
        Some(path) => Some((path, File::create(path).map_err(failed(path))?)),
        None => None,
    };
    let daemon = args.from.daemon()?;
    // What does not even work once is more likely a mistake than a restart.
    let mut text = of_daemon(&daemon, args)?;
    let (mut before, mut sweeps) = (String::new(), 0);
    loop {
        // The first line says when the sweep was.
        let when = text.lines().next().unwrap_or_default().to_owned();
        if when != before {
            let is_read = match &mut file {
                Some((path, file)) => {
                    file.write_all(text.as_bytes()).map_err(failed(path))?;
                    true
                }
                None => output::print_on(&text)?,
            };
            before = when;
            sweeps += 1;
            if !is_read || args.count.is_some_and(|count| sweeps >= count) {
                return Ok(Outcome::Done);
            }
        }
        match next(&daemon, args, every, &signals) {
            Some(later) => text = later,
            None => return Ok(Outcome::Done),
        }
    }
}

/// What the daemon gives at the next moment when it gives something; `None` if somebody
/// ends the waiting. What it says instead is told where it says something else.
fn next(
    daemon: &Daemon,
    args: &Args,
    every: Duration,
    signals: &Receiver<terminal::Signal>,
) -> Option<String> {
    let mut told = None;
    loop {
        match terminal::wait(signals, every) {
            Some(terminal::Signal::End) => return None,
            Some(terminal::Signal::Resized) => continue,
            None => {}
        }
        match of_daemon(daemon, args) {
            Ok(text) => {
                if told.is_some() {
                    output::warn(&format!("{} is told of again; going on", args.port));
                }
                return Some(text);
            }
            Err(error) => {
                let complaint = output::complaint(&error);
                if told.as_ref() != Some(&complaint) {
                    output::complain(&error);
                }
                told = Some(complaint);
            }
        }
    }
}

/// The dump after one sweep of one port; the other ports are left alone.
fn swept(path: &std::path::Path, port: &str) -> Result<String, CliError> {
    let clock = SystemClock::new();
    let mut wanted = ConfigFile::at(path.to_owned(), &clock).read()?;
    let mut names = wanted.ports.iter().map(|binding| binding.name.as_str());
    if !names.clone().any(|name| name == port) {
        return Err(no_such_port(port, names.by_ref()));
    }
    wanted.ports.retain(|binding| binding.name.as_str() == port);
    output::warn(&format!(
        "reading {port} clears its latched flags; nobody else will see those raised until now"
    ));
    let fleet = probe::probe(wanted, &clock).map_err(CliError::Thread)?;
    let slots = fleet.ports.load();
    let nothing = |why: String| CliError::NothingRead {
        name: port.to_owned(),
        why,
    };
    let slot = slots.first().ok_or_else(|| nothing("unread".to_owned()))?;
    raw::dump_file(slot, clock.wall()).ok_or_else(|| {
        let view = slot.view.load();
        let trouble = view.trouble.clone();
        nothing(trouble.unwrap_or_else(|| view.presence.name().to_owned()))
    })
}
