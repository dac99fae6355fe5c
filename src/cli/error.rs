//! Why a command could not do its work: what, where, and what to do.

use std::io;
use std::path::PathBuf;

use crate::bus::BusError;
use crate::bus::address::Half;
use crate::bus::dump::DumpError;
use crate::daemon::DaemonError;
use crate::daemon::reload::WantedError;
use crate::plan::fabric::Lacking;
use crate::report::recording::RecordingError;
use crate::sim::cuse::rack::RackError;
use crate::store::StoreError;
use crate::tomlfile::Mistake;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}; check the path", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source}; choose another path", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A dump has a mistake.
    #[error(transparent)]
    Dump(#[from] DumpError),
    /// A dump lacks what every module must show.
    #[error("{name}: {error}; a dump needs at least the lower memory, bytes 0-127")]
    NoModule {
        /// The dump.
        name: String,
        /// What was missed.
        error: BusError,
    },
    /// A dump in opticsd's own format lacks pages that every such module has.
    #[error(
        "{name}:{line}: the dump ends without {}; expected the headings and eight lines of bytes \
         for each, as every module of this kind has them (`..` for bytes that were not read)",
        pages(missing)
    )]
    Incomplete {
        /// The dump.
        name: String,
        /// Its last line.
        line: usize,
        /// The pages.
        missing: Vec<Half>,
    },
    /// A recording cannot be used.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// A recording holds nothing.
    #[error("{name}: no sweep in it; record with opticsd dump PORT --every 5 -o FILE")]
    NoRecord {
        /// The file.
        name: String,
    },
    /// A dump does not say when it was read.
    #[error("{name} does not say when it was read; give --interval SECONDS between the files")]
    NoTime {
        /// The file.
        name: String,
    },
    /// Some files say when they were read and others do not.
    #[error(
        "{name} says when it was read and other files do not; replay the two kinds apart from each other"
    )]
    MixedTimes {
        /// One that does.
        name: String,
    },
    /// Some of several files could not be used; each was complained about.
    #[error("{failed} of {all} files could not be decoded; what is wrong with each stands above")]
    SomeFiles {
        /// How many.
        failed: usize,
        /// Of how many.
        all: usize,
    },
    /// Configuration or plan cannot be used.
    #[error(transparent)]
    Wanted(#[from] WantedError),
    /// A file that an operator wrote has mistakes, one a line.
    #[error("{}", lines(.0))]
    Mistakes(Vec<Mistake>),
    /// The plan of a fabric lacks a number.
    #[error("{name}: {lacking}")]
    Sizing {
        /// The plan, or the option that stands for it.
        name: String,
        /// What it lacks.
        lacking: Lacking,
    },
    /// The daemon cannot be asked.
    #[error("cannot ask {url}: {source}; {advice}")]
    Unreachable {
        /// The address.
        url: String,
        /// Why not.
        source: Box<ureq::Error>,
        /// What to do.
        advice: &'static str,
    },
    /// What answers is no opticsd, or one of another time.
    #[error(
        "{url} answered what no opticsd does ({source}); check the address, and that daemon and \
         command are of one version"
    )]
    Strange {
        /// The address.
        url: String,
        /// What was not understood.
        source: serde_json::Error,
    },
    /// The daemon refused.
    #[error("{url} answered {status}: {said}")]
    Refused {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// Its words.
        said: String,
    },
    /// No port has that name.
    #[error("no port is called {name}; {}", meant(nearest.as_deref()))]
    NoSuchPort {
        /// The name.
        name: String,
        /// The port that may be meant.
        nearest: Option<String>,
    },
    /// An option has a value that it cannot have.
    #[error("{what}: {said}")]
    Misused {
        /// The option.
        what: String,
        /// What is wrong with it.
        said: String,
    },
    /// The store of a state directory cannot be read.
    #[error("cannot read the history: {0}")]
    Store(#[from] StoreError),
    /// No capture has that number.
    #[error("there is no capture {id} (any more); opticsd captures lists them")]
    NoSuchCapture {
        /// The number.
        id: u64,
    },
    /// There is nothing in a port that registers could be read of.
    #[error("no registers could be read of port {name}: {why}; check the cage, then its bus")]
    NothingRead {
        /// The port.
        name: String,
        /// What stands in the cage, or what the bus said.
        why: String,
    },
    /// Nobody knows what stands in a port.
    #[error(
        "port {port}: what stands in it is not known; name a dump of such a module as FILE, or \
         have a look with --probe (not beside a running daemon)"
    )]
    UnknownModule {
        /// The port.
        port: String,
    },
    /// A simulated module cannot be put where it is wanted.
    #[error("--module {module}: {why}")]
    Misplaced {
        /// The module as the command line has it.
        module: String,
        /// Why not, and what to do.
        why: String,
    },
    /// A simulated adapter has no device, or lost it.
    #[error(transparent)]
    Cuse(#[from] RackError),
    /// The daemon could not start or had to end.
    #[error(transparent)]
    Daemon(#[from] DaemonError),
    /// The operating system refused a thread.
    #[error("cannot start a thread: {0}; raise the limit on tasks")]
    Thread(io::Error),
    /// Standard output does not take what is printed.
    #[error("cannot print: {0}; check where standard output goes")]
    Print(io::Error),
    /// What is known cannot be said as JSON.
    #[error("cannot write JSON: {0}; this is a defect of opticsd")]
    Json(#[from] serde_json::Error),
}

/// Which port may be meant, or how to find it.
fn meant(nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!("did you mean {nearest}?"),
        None => "opticsd show without a name lists them".to_owned(),
    }
}

/// Pages as their headings, in a row.
fn pages(halves: &[Half]) -> String {
    let headings: Vec<String> = halves.iter().map(|half| format!("`{half}`")).collect();
    headings.join(", ")
}

/// Each mistake on a line of its own.
fn lines(mistakes: &[Mistake]) -> String {
    let lines: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
