//! `opticsd dump`: the registers of a live module as a dump file, from the
//! running daemon or by a sweep of its own.

use std::path::PathBuf;

use super::error::CliError;
use super::show::{DEFAULT_URL, get, percent_encoded};
use super::{Outcome, output};
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
    opticsd dump Ethernet3 --config opticsd.toml      no daemon: one sweep"
)]
pub struct Args {
    /// The port.
    #[arg(value_name = "PORT")]
    port: String,
    /// Where to write the dump, instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The daemon to ask.
    #[arg(long, value_name = "URL", default_value = DEFAULT_URL)]
    from: String,
    /// Ask no daemon, but sweep the port of this configuration once. Not beside
    /// a running daemon: reading clears the module's latched flags.
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    config: Option<PathBuf>,
}

/// Writes the dump.
///
/// # Errors
/// If the daemon cannot be asked, the configuration cannot be used, the port is
/// not known, nothing could be read of it, or the file cannot be written.
pub fn dump(args: &Args) -> Result<Outcome, CliError> {
    let text = match &args.config {
        Some(path) => swept(path, &args.port)?,
        None => {
            let base = args.from.trim_end_matches('/');
            let name = percent_encoded(&args.port);
            get(&format!("{base}/api/v1/ports/{name}/dump"))?
        }
    };
    match &args.output {
        None => output::print(&text)?,
        Some(path) => std::fs::write(path, text).map_err(|source| CliError::Write {
            path: path.clone(),
            source,
        })?,
    }
    Ok(Outcome::Done)
}

/// The dump after one sweep of one port; the other ports are left alone.
fn swept(path: &std::path::Path, port: &str) -> Result<String, CliError> {
    let clock = SystemClock::new();
    let mut wanted = ConfigFile::at(path.to_owned(), &clock).read()?;
    wanted.ports.retain(|binding| binding.name.as_str() == port);
    if wanted.ports.is_empty() {
        return Err(CliError::NoSuchPort {
            name: port.to_owned(),
        });
    }
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
