//! Records of several files in the order of time.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::cli::error::CliError;
use crate::cli::output;
use crate::report::recording::{Record, Records};

type Lines = Box<dyn BufRead>;

/// Files that are read side by side: of all next records the earliest comes first.
pub(super) struct Sources {
    open: Vec<Source>,
    /// When the record before was.
    before: Option<SystemTime>,
    /// Whether it was said that time went back.
    is_told: bool,
}

/// A file, and the record that it is at.
struct Source {
    name: String,
    next: (SystemTime, Record),
    /// What follows it, where something does.
    rest: Option<Records<Lines>>,
}

impl Sources {
    /// Opens the files. Those of one record are closed again at once, so that a
    /// thousand captures are no trouble.
    pub(super) fn open(files: &[PathBuf], interval: Option<Duration>) -> Result<Self, CliError> {
        let mut open = Vec::new();
        let mut untimed = 0;
        for path in files {
            let name = path.display().to_string();
            let mut records = Records::new(lines(path)?, &name);
            let Some(first) = records.next().transpose()? else {
                return Err(CliError::NoRecord { name });
            };
            let at = match (first.at, interval) {
                (Some(at), _) => at,
                (None, Some(interval)) => {
                    untimed += 1;
                    SystemTime::UNIX_EPOCH + interval * untimed
                }
                (None, None) => return Err(CliError::NoTime { name }),
            };
            open.push(Source {
                name,
                next: (at, first),
                rest: records.has_more().then_some(records),
            });
        }
        let timed = open.iter().find(|source| source.next.1.at.is_some());
        if let Some(timed) = timed.filter(|_| untimed > 0) {
            return Err(CliError::MixedTimes {
                name: timed.name.clone(),
            });
        }
        Ok(Self {
            open,
            before: None,
            is_told: false,
        })
    }

    /// The next record and its time; `None` behind the last.
    pub(super) fn next_record(&mut self) -> Result<Option<(SystemTime, Record)>, CliError> {
        let earliest = (0_usize..)
            .zip(&self.open)
            .min_by_key(|(_, source)| source.next.0);
        let Some((place, _)) = earliest else {
            return Ok(None);
        };
        let Some(source) = self.open.get_mut(place) else {
            return Ok(None);
        };
        let after = match &mut source.rest {
            Some(records) => records.next().transpose()?,
            None => None,
        };
        let record = match after {
            Some(record) => {
                let at = record.at.unwrap_or(source.next.0);
                std::mem::replace(&mut source.next, (at, record))
            }
            None => self.open.remove(place).next,
        };
        if self.before.is_some_and(|before| record.0 < before) && !self.is_told {
            self.is_told = true;
            output::warn("time goes back in a recording; what lies before counts as at once");
        }
        self.before = self.before.max(Some(record.0));
        Ok(Some(record))
    }
}

fn lines(path: &Path) -> Result<Lines, CliError> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(path).map_err(|source| CliError::Read {
        path: path.to_owned(),
        source,
    })?;
    Ok(Box::new(BufReader::new(file)))
}
