//! Recordings: sweeps of ports one after another, as a text file.
//!
//! ```text
//! # time 2026-11-26T22:10:00.250Z port Ethernet4
//! # fec {"at":"2026-11-26T22:10:00.100Z","source":"ethtool","corrected_bits":812}
//! page lower
//! 19 50 00 07 …
//! ```
//!
//! A record is a dump file under a comment that says when and where, and perhaps
//! one with the counters of the host, so that any dump of the daemon is a
//! recording of one sweep, and dumps put together are a longer one. A record
//! without pages is a sweep in which nobody answered.

mod host;

use std::fmt::Write as _;
use std::io::{self, BufRead};
use std::time::SystemTime;

use super::moment;
use super::plain::plain;
use crate::bus::dump::{self, DumpError, Place};
use crate::bus::image::Image;
use crate::health::host_fec::HostFec;
use host::HostLine;

/// The longest record that is read, in bytes: far more than a module has.
const LONGEST: usize = 4 << 20;

const HEADING: &str = "# time ";
const COUNTERS: &str = "# fec ";

/// One sweep of one port.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// When it was; `None` where the file does not tell.
    pub at: Option<SystemTime>,
    /// Which port.
    pub port: Option<String>,
    /// What the host had counted. Its time counts from 1970.
    pub host: Option<HostFec>,
    /// The registers; `None` where nobody answered.
    pub image: Option<Image>,
}

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file cannot be read.
    #[error("cannot read {name}: {source}; check the path")]
    Read {
        /// The file.
        name: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A comment that should say when and where does not.
    #[error("{name}:{line}: {said}; expected {expected}")]
    Heading {
        /// The file.
        name: String,
        /// The line.
        line: usize,
        /// What is wrong.
        said: String,
        /// What would be right.
        expected: &'static str,
    },
    /// The registers of a record cannot be used.
    #[error(transparent)]
    Dump(#[from] DumpError),
}

/// The comments above the dump of a port that was swept at that moment.
pub fn heading(port: &str, at: SystemTime, host: Option<(SystemTime, &HostFec)>) -> String {
    let at = moment::utc_millis(at);
    let mut out = format!("{HEADING}{at} port {}\n", plain(port));
    if let Some((at, host)) = host
        && let Ok(line) = serde_json::to_string(&HostLine::of(at, host))
    {
        let _ = writeln!(out, "{COUNTERS}{line}");
    }
    out
}

/// The records of a text, one at a time.
pub struct Records<R> {
    source: R,
    name: String,
    line: usize,
    /// The first line of the next record, read already.
    next: Option<Vec<u8>>,
    is_over: bool,
}

impl<R: BufRead> Records<R> {
    /// The records of a text; `name` stands for it in errors.
    pub fn new(source: R, name: &str) -> Self {
        Self {
            source,
            name: name.to_owned(),
            line: 0,
            next: None,
            is_over: false,
        }
    }

    /// Whether another record follows the one that was read last.
    pub fn has_more(&self) -> bool {
        self.next.is_some()
    }

    /// The next line, with its end; `None` at the end of the text.
    fn take_line(&mut self) -> Result<Option<Vec<u8>>, RecordingError> {
        if let Some(line) = self.next.take() {
            return Ok(Some(line));
        }
        let mut line = Vec::new();
        let most = u64::try_from(LONGEST).unwrap_or(u64::MAX);
        let read = io::Read::take(&mut self.source, most).read_until(b'\n', &mut line);
        let read = read.map_err(|source| RecordingError::Read {
            name: self.name.clone(),
            source,
        })?;
        if read == 0 {
            return Ok(None);
        }
        self.line += 1;
        Ok(Some(line))
    }

    fn record(&mut self) -> Result<Option<Record>, RecordingError> {
        let mut bytes: Vec<u8> = Vec::new();
        let mut first_line = self.line + usize::from(self.next.is_none());
        let mut record = Record {
            at: None,
            port: None,
            host: None,
            image: None,
        };
        let mut has_heading = false;
        while let Some(line) = self.take_line()? {
            let text = String::from_utf8_lossy(&line);
            if let Some(rest) = text.strip_prefix(HEADING) {
                if has_heading || has_content(&bytes) {
                    self.next = Some(line);
                    break;
                }
                // What stands above the first heading is a comment on the whole.
                bytes.clear();
                first_line = self.line;
                has_heading = true;
                (record.at, record.port) = self.when_and_where(rest.trim_end())?;
            } else if let Some(rest) = text.strip_prefix(COUNTERS) {
                record.host = Some(self.counters(rest.trim_end())?);
            }
            bytes.extend_from_slice(&line);
            if bytes.len() > LONGEST {
                return Err(self.complain("the record has no end", "the pages of one module"));
            }
        }
        let has_content = has_content(&bytes);
        if !has_heading && !has_content {
            return Ok(None);
        }
        if has_content {
            record.image = Some(self.image(&bytes, first_line, has_heading)?);
        }
        Ok(Some(record))
    }

    /// The registers of a record. A file without headings may be of any format.
    fn image(&self, bytes: &[u8], first: usize, is_own: bool) -> Result<Image, RecordingError> {
        if !is_own {
            return Ok(dump::read(bytes, &self.name)?.image);
        }
        let text = String::from_utf8_lossy(bytes);
        Ok(dump::parse(&text, &self.name).map_err(|mut error| {
            if let Place::Line(line) = &mut error.place {
                *line += first - 1;
            }
            error
        })?)
    }

    fn when_and_where(
        &self,
        rest: &str,
    ) -> Result<(Option<SystemTime>, Option<String>), RecordingError> {
        const EXPECTED: &str = "# time 2026-11-26T22:10:00Z port NAME";
        let (time, place) = match rest.split_once(' ') {
            Some((time, place)) => (time, Some(place)),
            None => (rest, None),
        };
        let at = moment_of(time)
            .ok_or_else(|| self.complain(&format!("{time:?} is no time in UTC"), EXPECTED))?;
        let port = place.map(|place| {
            let name = place.strip_prefix("port ").map(str::trim);
            name.map(str::to_owned)
                .ok_or_else(|| self.complain(&format!("{place:?} names no port"), EXPECTED))
        });
        Ok((Some(at), port.transpose()?))
    }

    fn counters(&self, rest: &str) -> Result<HostFec, RecordingError> {
        const EXPECTED: &str = "counters as opticsd dump writes them";
        serde_json::from_str::<HostLine>(rest)
            .map_err(|error| self.complain(&error.to_string(), EXPECTED))?
            .host()
            .ok_or_else(|| self.complain("`at` is no time in UTC", EXPECTED))
    }

    fn complain(&self, said: &str, expected: &'static str) -> RecordingError {
        RecordingError::Heading {
            name: self.name.clone(),
            line: self.line,
            said: said.to_owned(),
            expected,
        }
    }
}

impl<R: BufRead> Iterator for Records<R> {
    type Item = Result<Record, RecordingError>;

    /// The next record. Behind an error there is none.
    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let record = self.record();
        self.is_over = record.is_err();
        record.transpose()
    }
}

/// The moment that a text names in full, in UTC.
fn moment_of(text: &str) -> Option<SystemTime> {
    let is_full = text.contains('T') && text.ends_with('Z');
    is_full
        .then(|| moment::parse(text, SystemTime::UNIX_EPOCH))
        .flatten()
}

/// Whether there is more than comments.
fn has_content(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    lines.any(|line| !line.trim_ascii().is_empty() && !line.starts_with(b"#"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::bus::address::Half;
    use crate::health::host_fec::{FecCode, FecSource, LaneFec};

    fn page(first: &str) -> String {
        let row = " 00".repeat(15);
        format!("page lower\n{first}{row}\n") + &format!("00{row}\n").repeat(7)
    }

    fn read(text: &str) -> Vec<Result<Record, String>> {
        let records = Records::new(text.as_bytes(), "r.txt");
        records
            .map(|record| record.map_err(|error| error.to_string()))
            .collect()
    }

    #[test]
    fn records_come_back_as_they_were_written() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_764_195_000_250);
        let host = HostFec {
            code: Some(FecCode::Rs544),
            corrected_bits: Some(u64::MAX),
            histogram: vec![5, 0, 1],
            lanes: vec![LaneFec::default()],
            ..HostFec::empty(
                at.duration_since(SystemTime::UNIX_EPOCH).unwrap(),
                FecSource::Sonic,
            )
        };
        let text = "# a recording\n\n".to_owned()
            + &heading("Ethernet4", at, Some((at, &host)))
            + &page("19")
            + &heading("Ethernet5", at, None)
            + "# nobody answered\n"
            + &heading("Ethernet4", at, None)
            + &page("1e");
        let records: Vec<Record> = read(&text).into_iter().map(Result::unwrap).collect();
        assert_eq!(records.len(), 3);
        assert_eq!(records[0].at, Some(at));
        assert_eq!(records[0].host.as_ref(), Some(&host));
        let first = |record: &Record| Some(record.image.as_ref()?.sheet(Half::LOWER)?.u8(0));
        let seen: Vec<_> = records.iter().map(first).collect();
        assert_eq!(seen, [Some(0x19), None, Some(0x1E)]);
        assert_eq!(records[1].port.as_deref(), Some("Ethernet5"));
    }

    #[test]
    fn a_dump_of_any_format_is_a_record_without_a_time() {
        let records = read(&page("19"));
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].as_ref().unwrap().at, None);
        assert!(read("").is_empty() && read("# nothing\n\n").is_empty());
    }

    #[test]
    fn mistakes_are_told_with_their_line_and_end_the_reading() {
        let good = format!("# time 2026-11-26T22:10:00Z port a\n{}", page("19"));
        for (bad, said) in [
            (
                "# time yesterday port a\n",
                "r.txt:11: \"yesterday\" is no time",
            ),
            (
                "# time 2026-11-26T22:10:00Z a\n",
                "r.txt:11: \"a\" names no port",
            ),
            ("# fec {\"at\":3}\n", "r.txt:11: invalid type"),
            ("zz\n", "r.txt:11: "),
        ] {
            let records = read(&format!("{good}{bad}{good}"));
            let error = records.last().unwrap().as_ref().unwrap_err();
            assert!(error.starts_with(said), "{error}");
            assert!(records.len() <= 2);
        }
    }
}
