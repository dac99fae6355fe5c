//! `opticsd events`: the event journal, from the running daemon or from its state
//! directory.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::error::CliError;
use super::show::{DEFAULT_URL, get, percent_encoded};
use super::{Format, Outcome, output};
use crate::clock::{Clock, SystemClock};
use crate::report::events::{self, EventDocument};
use crate::store::query;
use crate::store::record::EventQuery;

/// How often a follower looks for news.
const FOLLOW: Duration = Duration::from_secs(1);

/// How many events are asked for at once by a follower.
const AT_ONCE: usize = 10_000;

/// Show what happened: modules that came and went, flags, findings, verdicts.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  opticsd events --since 6h --port Ethernet3\n  \
    opticsd events --follow --format json\n  \
    opticsd events --state /var/lib/opticsd      beside a daemon, or without one"
)]
pub struct Args {
    /// Not before this: 2027-01-15T08:00:00Z, 2027-01-15, or how long ago (30m, 6h, 7d).
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Of this port only.
    #[arg(long, value_name = "PORT")]
    port: Option<String>,
    /// Of this kind only: insert, remove, verdict_changed and so on.
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Later in the order than the event with this number.
    #[arg(long, value_name = "ID")]
    after: Option<u64>,
    /// The newest so many.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    limit: usize,
    /// Go on with what happens from now on, until interrupted.
    #[arg(short, long)]
    follow: bool,
    /// The daemon to ask.
    #[arg(long, value_name = "URL", default_value = DEFAULT_URL)]
    from: String,
    /// Ask no daemon, but read its state directory.
    #[arg(long, value_name = "DIR", conflicts_with = "from")]
    state: Option<PathBuf>,
    /// How to print it; JSON is one event a line.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Prints the events that are asked for.
///
/// # Errors
/// If the daemon cannot be asked, or its state directory not be read.
pub fn events(args: &Args) -> Result<Outcome, CliError> {
    let clock = SystemClock::new();
    let wrong = |said| CliError::Misused {
        what: "--since".to_owned(),
        said,
    };
    let since = args
        .since
        .as_deref()
        .map(|text| events::since(text, clock.wall()));
    let mut query = EventQuery {
        port: args.port.clone(),
        kind: args.kind.clone(),
        since: since.transpose().map_err(wrong)?,
        after: args.after,
        limit: args.limit,
    };
    let source = match &args.state {
        Some(directory) => Source::Directory(directory),
        None => Source::Daemon(args.from.trim_end_matches('/'), args.since.as_deref()),
    };
    let mut found = source.events(&query)?;
    let mut last = found.last().map_or(0, |event| event.id);
    let mut is_lost = false;
    loop {
        let is_read = output::print_on(&text(&found, args.format)?)?;
        if !args.follow || !is_read {
            return Ok(Outcome::Done);
        }
        found.clear();
        clock.sleep(FOLLOW);
        query.after = Some(last);
        query.limit = AT_ONCE;
        found = match source.events(&query) {
            Ok(found) => found,
            // A daemon that is restarted comes back.
            Err(error) => {
                if !is_lost {
                    output::complain(&error);
                }
                is_lost = true;
                continue;
            }
        };
        is_lost = false;
        last = found.last().map_or(last, |event| event.id);
    }
}

fn text(found: &[EventDocument], format: Format) -> Result<String, CliError> {
    match format {
        Format::Text => Ok(events::events_text(found)),
        Format::Json => {
            let mut out = String::new();
            for event in found {
                out += &serde_json::to_string(event)?;
                out.push('\n');
            }
            Ok(out)
        }
    }
}

/// Where events are read.
enum Source<'a> {
    /// A daemon by its address, and `--since` as it was written.
    Daemon(&'a str, Option<&'a str>),
    Directory(&'a Path),
}

impl Source<'_> {
    fn events(&self, wanted: &EventQuery) -> Result<Vec<EventDocument>, CliError> {
        match self {
            Self::Daemon(base, since) => {
                let mut url = format!("{base}/api/v1/events?limit={}", wanted.limit);
                let texts = [
                    ("port", wanted.port.as_deref()),
                    ("kind", wanted.kind.as_deref()),
                    ("since", *since),
                ];
                for (name, text) in texts {
                    if let Some(text) = text {
                        url += &format!("&{name}={}", percent_encoded(text));
                    }
                }
                if let Some(after) = wanted.after {
                    url += &format!("&after={after}");
                }
                Ok(serde_json::from_str(&get(&url)?)?)
            }
            Self::Directory(directory) => {
                let found = query::events(&open(directory)?, wanted)?;
                let found = found.into_iter();
                Ok(found.map(|event| EventDocument::new(event, true)).collect())
            }
        }
    }
}

/// Opens the store of a state directory.
pub(super) fn open(directory: &Path) -> Result<Connection, CliError> {
    Ok(query::open(directory)?)
}
