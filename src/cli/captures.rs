//! `opticsd captures`: the registers that were kept, as dump files.

use std::path::PathBuf;

use super::client::{Address, percent_encoded};
use super::error::CliError;
use super::events::open;
use super::{Format, Outcome, output};
use crate::report::events::{self, CaptureDocument};
use crate::store::query;
use crate::store::record::CaptureQuery;

/// List registers kept at insertions and in grave trouble, or print one dump.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  opticsd captures --port Ethernet3\n  \
    opticsd captures show 17 | opticsd decode -\n  \
    opticsd captures show 17 -o before.dump --state /var/lib/opticsd")]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    list: List,
    #[command(flatten)]
    from: Address,
    /// Ask no daemon, but read its state directory.
    #[arg(long, value_name = "DIR", conflicts_with = "from", global = true)]
    state: Option<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the captures, the newest last; what happens without a word, too.
    List(List),
    /// Print one as a dump file.
    Show {
        /// Its number.
        #[arg(value_name = "ID")]
        id: u64,
        /// Where to write the dump, instead of standard output.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
struct List {
    /// Of this port only.
    #[arg(long, value_name = "PORT")]
    port: Option<String>,
    /// The newest so many.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    limit: usize,
    /// How to print the list; JSON is one capture a line.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Prints the list or a capture.
///
/// # Errors
/// If the daemon cannot be asked, its state directory not be read, the capture is
/// not there (any more), or the file cannot be written.
pub fn captures(args: &Args) -> Result<Outcome, CliError> {
    match &args.action {
        Some(Action::Show { id, output }) => {
            output::deliver(&output::tame(&dump(args, *id)?), output.as_deref())?;
        }
        Some(Action::List(list)) => output::print(&listed(args, list)?)?,
        None => output::print(&listed(args, &args.list)?)?,
    }
    Ok(Outcome::Done)
}

fn listed(args: &Args, list: &List) -> Result<String, CliError> {
    let found: Vec<CaptureDocument> = match &args.state {
        Some(directory) => {
            let wanted = CaptureQuery {
                port: list.port.clone(),
                limit: list.limit,
            };
            let found = query::captures(&open(directory)?, &wanted)?;
            found.into_iter().map(CaptureDocument::new).collect()
        }
        None => {
            let mut path = format!("/api/v1/captures?limit={}", list.limit);
            if let Some(port) = &list.port {
                path += &format!("&port={}", percent_encoded(port));
            }
            let daemon = args.from.daemon()?;
            let found: Vec<CaptureDocument> = daemon.json(&path)?;
            if let (true, Some(port)) = (found.is_empty(), &list.port) {
                daemon.doubt(port);
            }
            found
        }
    };
    match list.format {
        Format::Text => Ok(output::tame(&events::captures_text(&found))),
        Format::Json => {
            let mut out = String::new();
            for capture in &found {
                out += &output::tame_json(&serde_json::to_string(capture)?);
            }
            Ok(out)
        }
    }
}

fn dump(args: &Args, id: u64) -> Result<String, CliError> {
    match &args.state {
        Some(directory) => {
            query::capture(&open(directory)?, id)?.ok_or(CliError::NoSuchCapture { id })
        }
        None => args
            .from
            .daemon()?
            .get(&format!("/api/v1/captures/{id}"))
            .map_err(|error| match error {
                CliError::Refused { status: 404, .. } => CliError::NoSuchCapture { id },
                error => error,
            }),
    }
}
