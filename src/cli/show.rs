//! `opticsd show`: what stands in the ports, from the running daemon or by a
//! sweep of its own.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::error::CliError;
use super::{Format, Outcome, output};
use crate::clock::{Clock, SystemClock};
use crate::daemon::probe;
use crate::daemon::reload::ConfigFile;
use crate::report::{Fleet, PortSlot, api, console, text};

/// The TCP port of page, API and metrics.
pub const DEFAULT_PORT: u16 = 10458;

/// Where the daemon is, unless the command line says otherwise.
pub(super) const DEFAULT_URL: &str = "http://127.0.0.1:10458";

/// How long to wait for the daemon: it answers from memory.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The largest answer that is read, in bytes: some thousand modules in full.
const LARGEST_ANSWER: u64 = 256 << 20;

/// Show the modules: a table of all ports, or some ports in full.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  opticsd show\n  opticsd show Ethernet3 --format json\n  \
    opticsd show --config opticsd.toml      no daemon: one sweep"
)]
pub struct Args {
    /// Ports to show in full; without one, a table of all.
    #[arg(value_name = "PORT")]
    ports: Vec<String>,
    /// The daemon to ask.
    #[arg(long, value_name = "URL", default_value = DEFAULT_URL)]
    from: String,
    /// Ask no daemon, but sweep the ports of this configuration once. Not
    /// beside a running daemon: reading clears the modules' latched flags.
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    config: Option<PathBuf>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Prints what is asked for; as JSON the list of all ports, or one document a
/// line for each port named.
///
/// # Errors
/// If the daemon cannot be asked, the configuration cannot be used, or a port
/// is not known.
pub fn show(args: &Args) -> Result<Outcome, CliError> {
    match &args.config {
        Some(path) => {
            let clock = SystemClock::new();
            let file = ConfigFile::at(path.clone(), &clock);
            let fleet = probe::probe(file.read()?, &clock).map_err(CliError::Thread)?;
            show_fleet(&fleet, &clock, args)?;
        }
        None => show_remote(args)?,
    }
    Ok(Outcome::Done)
}

/// Prints from a fleet in this process.
fn show_fleet(fleet: &Fleet, clock: &SystemClock, args: &Args) -> Result<(), CliError> {
    let slots = fleet.ports.load();
    if args.ports.is_empty() {
        return output::print(&match args.format {
            Format::Text => text::table(&slots),
            Format::Json => serde_json::to_string(&api::ports(fleet, clock.wall()))? + "\n",
        });
    }
    for name in &args.ports {
        let slot: Option<&Arc<PortSlot>> = slots.iter().find(|s| s.name.as_str() == name);
        let slot = slot.ok_or_else(|| CliError::NoSuchPort { name: name.clone() })?;
        output::print(&match args.format {
            Format::Text => console::port(fleet, slot),
            Format::Json => serde_json::to_string(&api::port(fleet, slot, clock.wall()))? + "\n",
        })?;
    }
    Ok(())
}

/// Prints what a daemon answers.
fn show_remote(args: &Args) -> Result<(), CliError> {
    let base = args.from.trim_end_matches('/');
    let format = match args.format {
        Format::Text => "text",
        Format::Json => "json",
    };
    if args.ports.is_empty() {
        return print_answer(&format!("{base}/api/v1/ports?format={format}"));
    }
    for name in &args.ports {
        let name = percent_encoded(name);
        print_answer(&format!("{base}/api/v1/ports/{name}?format={format}"))?;
    }
    Ok(())
}

/// Gets an answer and prints it, ending in a new line.
fn print_answer(url: &str) -> Result<(), CliError> {
    let mut answer = get(url)?;
    if !answer.ends_with('\n') {
        answer.push('\n');
    }
    output::print(&answer)
}

/// The answer of a daemon. Proxies are not asked: a daemon is near.
pub(super) fn get(url: &str) -> Result<String, CliError> {
    let unreachable = |source| CliError::Unreachable {
        url: url.to_owned(),
        source: Box::new(source),
    };
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(TIMEOUT))
        .build();
    let mut response = config.new_agent().get(url).call().map_err(unreachable)?;
    let body = response.body_mut().with_config().limit(LARGEST_ANSWER);
    let answer = body.read_to_string().map_err(unreachable)?;
    let status = response.status();
    if status.is_success() {
        return Ok(answer);
    }
    let said = serde_json::from_str::<serde_json::Value>(&answer);
    let said = said
        .ok()
        .and_then(|answer| Some(answer.get("error")?.as_str()?.to_owned()));
    Err(CliError::Refused {
        url: url.to_owned(),
        status: status.as_u16(),
        said: said.unwrap_or(answer),
    })
}

/// Text as one segment of a URL path (RFC 3986: unreserved bytes as they are).
pub(super) fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_path_segment() {
        assert_eq!(percent_encoded("Ethernet12"), "Ethernet12");
        assert_eq!(percent_encoded("et-0/0/1?é"), "et-0%2F0%2F1%3F%C3%A9");
    }

    #[test]
    fn the_default_address_has_the_default_port() {
        assert!(DEFAULT_URL.ends_with(&format!(":{DEFAULT_PORT}")));
    }
}
