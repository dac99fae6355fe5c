//! `opticsd events`: the event journal, from the running daemon or from its state
//! directory.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::client::{Address, Daemon, percent_encoded};
use super::error::CliError;
use super::{Format, Outcome, output, terminal};
use crate::clock::{Clock, SystemClock};
use crate::report::events::{self, EventDocument};
use crate::store::query;
use crate::store::record::EventQuery;

/// How often a follower looks for news.
const FOLLOW: Duration = Duration::from_secs(1);

/// How many events are asked for at once by a follower: as many as a daemon gives.
const AT_ONCE: usize = 100_000;

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
    /// Go on with what happens from now on, until Ctrl-C. A daemon that is restarted
    /// is waited for; nothing is left out or told twice.
    #[arg(short, long)]
    follow: bool,
    #[command(flatten)]
    from: Address,
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
        None => Source::Daemon(args.from.daemon()?, args.since.clone()),
    };
    let found = source.events(&query)?;
    if let (true, Some(port), Source::Daemon(daemon, _)) = (found.is_empty(), &args.port, &source) {
        daemon.doubt(port);
    }
    let is_read = output::print_on(&text(&found, args.format)?)?;
    if !args.follow || !is_read {
        return Ok(Outcome::Done);
    }
    // Later than what was seen is all that matters from now on.
    query.since = None;
    query.limit = AT_ONCE;
    follow(source.without_start(), query, found.last(), args.format)?;
    Ok(Outcome::Done)
}

/// Prints what comes behind the event that was printed last, until somebody ends it.
fn follow(
    source: Source<'_>,
    mut query: EventQuery,
    printed: Option<&EventDocument>,
    format: Format,
) -> Result<(), CliError> {
    let signals = terminal::signals()?;
    let mut seen = match printed {
        Some(event) => Some(event.clone()),
        None => source.newest()?,
    };
    let mut is_lost = false;
    loop {
        match terminal::wait(&signals, FOLLOW) {
            Some(terminal::Signal::End) => return Ok(()),
            Some(terminal::Signal::Resized) => continue,
            None => {}
        }
        let news = match later(&source, &mut query, seen.as_ref()) {
            Ok(news) => news,
            // A daemon that is restarted comes back.
            Err(error) => {
                if !is_lost {
                    output::complain(&error);
                }
                is_lost = true;
                continue;
            }
        };
        if is_lost {
            output::warn("the daemon answers again");
        }
        is_lost = false;
        if !output::print_on(&text(&news, format)?)? {
            return Ok(());
        }
        seen = news.last().cloned().or(seen);
    }
}

/// What came behind the event that was seen last. The numbers of a journal that is
/// kept in memory begin anew with the daemon; then all of the new one came later.
fn later(
    source: &Source<'_>,
    query: &mut EventQuery,
    seen: Option<&EventDocument>,
) -> Result<Vec<EventDocument>, CliError> {
    // The one seen is asked for again: it tells whether this is the same journal.
    query.after = seen.map(|seen| seen.id.saturating_sub(1));
    let found = source.events(query)?;
    let Some(seen) = seen else {
        return Ok(found);
    };
    let is_anew = match found.first() {
        Some(first) if first.id == seen.id => !is_same(first, seen),
        // It was thrown away since, is of another kind, or was never in this journal.
        _ => source.newest()?.is_none_or(|newest| {
            newest.id < seen.id || (newest.id == seen.id && !is_same(&newest, seen))
        }),
    };
    if !is_anew {
        let news = found.into_iter().filter(|event| event.id > seen.id);
        return Ok(news.collect());
    }
    output::warn("the daemon began a new journal; what it has follows");
    query.after = None;
    source.events(query)
}

/// Whether two events with one number are one event.
fn is_same(one: &EventDocument, other: &EventDocument) -> bool {
    // Whether it was stored may have changed in between.
    (&one.time, &one.port, &one.kind, &one.what)
        == (&other.time, &other.port, &other.kind, &other.what)
}

fn text(found: &[EventDocument], format: Format) -> Result<String, CliError> {
    match format {
        Format::Text => Ok(output::tame(&events::events_text(found))),
        Format::Json => {
            let mut out = String::new();
            for event in found {
                out += &output::tame_json(&serde_json::to_string(event)?);
            }
            Ok(out)
        }
    }
}

/// Where events are read.
enum Source<'a> {
    /// A daemon, and `--since` as it was written.
    Daemon(Daemon, Option<String>),
    Directory(&'a Path),
}

impl Source<'_> {
    /// The same without `--since`.
    fn without_start(self) -> Self {
        match self {
            Self::Daemon(daemon, _) => Self::Daemon(daemon, None),
            Self::Directory(directory) => Self::Directory(directory),
        }
    }

    /// The newest event of all, if there is any.
    fn newest(&self) -> Result<Option<EventDocument>, CliError> {
        let query = EventQuery {
            limit: 1,
            ..EventQuery::default()
        };
        Ok(self.events(&query)?.pop())
    }

    fn events(&self, wanted: &EventQuery) -> Result<Vec<EventDocument>, CliError> {
        match self {
            Self::Daemon(daemon, since) => {
                let mut url = format!("/api/v1/events?limit={}", wanted.limit);
                let texts = [
                    ("port", wanted.port.as_deref()),
                    ("kind", wanted.kind.as_deref()),
                    ("since", since.as_deref()),
                ];
                for (name, text) in texts {
                    if let Some(text) = text {
                        url += &format!("&{name}={}", percent_encoded(text));
                    }
                }
                if let Some(after) = wanted.after {
                    url += &format!("&after={after}");
                }
                daemon.json(&url)
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
