//! What must outlive a restart: events, the registers that prove them, link
//! sessions, and the minutes of the plots.
//!
//! One SQLite file in the state directory. Nothing in here starts a thread, reads
//! a clock or knows what an event means: [`place`] finds and guards the file,
//! [`schema`] makes and migrates its tables, [`database`] writes them,
//! [`query`] reads them, [`record`] is what goes in and comes out; [`history`] (in
//! [`chunk`]s) and [`sessions`] have their own.
//!
//! A transaction is on disk when [`database::Writing::commit`] returns, and a
//! reader sees it no earlier: in WAL mode SQLite syncs the log before it
//! publishes the new end of it to readers.

pub mod chunk;
pub mod database;
pub mod history;
pub mod place;
pub mod query;
pub mod record;
pub mod schema;
pub mod sessions;

use std::path::PathBuf;

use rusqlite::ErrorCode;

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the state directory.
    #[error(
        "{} is used by another opticsd{}; end that one, or name another state directory",
        directory.display(),
        holder.as_ref().map_or_else(String::new, |pid| format!(" (process {pid})"))
    )]
    Locked {
        /// The state directory.
        directory: PathBuf,
        /// The process that holds it, as it wrote into the lock file.
        holder: Option<String>,
    },
    /// The file is of a later version.
    #[error(
        "{} was written by a newer opticsd: its schema is {found}, and this one knows {known} at \
         most; run the newer version, or move the file away",
        file.display()
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its schema.
        found: u32,
        /// The newest schema that this version knows.
        known: u32,
    },
    /// There is no store to read.
    #[error("{} has no history of opticsd; check the path", directory.display())]
    Nothing {
        /// The directory.
        directory: PathBuf,
    },
    /// The operating system refused a file or a directory.
    #[error("{}: {source}", path.display())]
    System {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// SQLite refused.
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
}

impl StoreError {
    /// Whether a person has to decide before anything is written: to go on would
    /// spoil what is there.
    pub fn needs_a_person(&self) -> bool {
        matches!(self, Self::Locked { .. } | Self::Newer { .. })
    }

    /// Whether the file itself is spoilt, so that waiting will not help.
    pub fn is_corruption(&self) -> bool {
        matches!(self.kind(), "corrupt")
    }

    /// The word used in labels: `full`, `read_only`, `corrupt`, `locked`,
    /// `newer`, `missing`, `permission` or `other`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "locked",
            Self::Newer { .. } => "newer",
            Self::Nothing { .. } => "missing",
            Self::System { source, .. } => match source.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => "full",
                std::io::ErrorKind::ReadOnlyFilesystem => "read_only",
                std::io::ErrorKind::PermissionDenied => "permission",
                std::io::ErrorKind::NotFound => "missing",
                _ => "other",
            },
            Self::Database(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => "full",
                Some(ErrorCode::ReadOnly) => "read_only",
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => "corrupt",
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "locked",
                Some(ErrorCode::PermissionDenied) => "permission",
                _ => "other",
            },
        }
    }
}
