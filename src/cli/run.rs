//! `opticsd run`: the daemon.

use std::path::PathBuf;

use super::Outcome;
use super::error::CliError;
use crate::clock::SystemClock;
use crate::config::Listen;
use crate::daemon;
use crate::daemon::reload::ConfigFile;

/// Where the configuration is, unless the command line says otherwise.
pub const DEFAULT_CONFIG: &str = "/etc/opticsd/opticsd.toml";

/// Watch the configured ports and serve page, API and metrics.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "SIGHUP reads configuration and plan again; a mistake in them leaves the \
    old ones in force.\n\nExample:\n  opticsd run --config /etc/opticsd/opticsd.toml"
)]
pub struct Args {
    /// The configuration file.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_CONFIG)]
    config: PathBuf,
    /// Serve here instead of where the configuration says; `unix:/path` for a unix socket.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<Listen>,
}

/// Runs until a signal ends it.
///
/// # Errors
/// If the configuration cannot be used, or the daemon cannot run.
pub fn run(args: Args) -> Result<Outcome, CliError> {
    let clock = SystemClock::new();
    let file = ConfigFile {
        path: args.config,
        listen: args.listen,
        clock: clock.clone(),
    };
    let wanted = file.read()?;
    daemon::run(wanted, Some(file), &clock, |_| {})?;
    Ok(Outcome::Done)
}
