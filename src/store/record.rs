//! What goes into the store and comes out of it, as plain data.

use std::time::{Duration, SystemTime};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRecord {
    /// Its place in the order of all events, 1 and up; later is larger, whatever
    /// the wall clock did.
    pub id: u64,
    /// Wall time.
    pub at: SystemTime,
    /// The port; `None` for an event of the daemon itself.
    pub port: Option<String>,
    /// Serial number of the module that it is about, where known.
    pub serial: Option<String>,
    /// The word for the kind of event.
    pub kind: String,
    /// What happened, as a person says it.
    pub what: String,
    /// What was before, where the event is a change of something.
    pub before: Option<String>,
    /// What is now.
    pub after: Option<String>,
    /// Whether a human should look.
    pub grave: bool,
    /// The capture with the registers of that instant.
    pub capture: Option<u64>,
}

/// Registers of a module as a dump file, at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCapture {
    /// Wall time.
    pub at: SystemTime,
    /// The port.
    pub port: String,
    /// Serial number of the module, where known.
    pub serial: Option<String>,
    /// The kind of the event that asked for it.
    pub kind: String,
    /// The dump file.
    pub dump: Packed,
}

/// A capture without its registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureRecord {
    /// Its number, 1 and up.
    pub id: u64,
    /// Wall time.
    pub at: SystemTime,
    /// The port.
    pub port: String,
    /// Serial number of the module, where known.
    pub serial: Option<String>,
    /// The kind of the event that asked for it.
    pub kind: String,
    /// How long the dump file is, in bytes.
    pub size: u64,
}

/// Text, compressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Length of the text in bytes.
    pub(super) size: u64,
    /// The text as a zlib stream.
    pub(super) bytes: Vec<u8>,
}

impl Packed {
    /// Compresses a text.
    pub fn new(text: &str) -> Self {
        use std::io::Write;
        let mut encoder =
            flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        // Writing to memory cannot fail.
        let _ = encoder.write_all(text.as_bytes());
        Self {
            size: u64::try_from(text.len()).unwrap_or(u64::MAX),
            bytes: encoder.finish().unwrap_or_default(),
        }
    }

    /// The text again.
    ///
    /// # Errors
    /// If the bytes are no such stream.
    pub fn text(&self) -> std::io::Result<String> {
        use std::io::Read;
        let mut text = String::new();
        let limit = self.size.saturating_add(1);
        flate2::read::ZlibDecoder::new(self.bytes.as_slice())
            .take(limit)
            .read_to_string(&mut text)?;
        Ok(text)
    }
}

/// Which events are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventQuery {
    /// Of this port only.
    pub port: Option<String>,
    /// Of this kind only.
    pub kind: Option<String>,
    /// Not before this wall time.
    pub since: Option<SystemTime>,
    /// Later in the order than this one.
    pub after: Option<u64>,
    /// The newest of them, at most so many.
    pub limit: usize,
}

impl EventQuery {
    /// Whether an event is wanted, the limit apart.
    pub fn wants(&self, event: &EventRecord) -> bool {
        let is = |wanted: &Option<String>, found: Option<&String>| {
            wanted.is_none() || wanted.as_ref() == found
        };
        is(&self.port, event.port.as_ref())
            && is(&self.kind, Some(&event.kind))
            && self.since.is_none_or(|since| event.at >= since)
            && self.after.is_none_or(|after| event.id > after)
    }
}

/// Which captures are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureQuery {
    /// Of this port only.
    pub port: Option<String>,
    /// The newest of them, at most so many.
    pub limit: usize,
}

/// How much is kept; what is older goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Events.
    pub events: u64,
    /// Captures of one port: a port that flaps all night must not push out the
    /// registers of the others.
    pub captures_of_a_port: u64,
    /// Captures of all ports.
    pub captures: u64,
    /// Compressed bytes of all captures.
    pub capture_bytes: u64,
    /// Link sessions of one port.
    pub sessions_of_a_port: u64,
    /// Age of the minutes of the plots, in minutes.
    pub history_minutes: u64,
}

impl Limits {
    /// On disk: some 100 MB of events and 64 MB of captures at the very most, and
    /// eight days of minutes, about 1 MB for each port.
    pub const DISK: Self = Self {
        events: 500_000,
        captures_of_a_port: 64,
        captures: 8192,
        capture_bytes: 64 << 20,
        sessions_of_a_port: 200,
        history_minutes: 8 * 24 * 60,
    };
    /// In memory, where no state directory is.
    pub const MEMORY: Self = Self {
        events: 5000,
        captures_of_a_port: 8,
        captures: 512,
        capture_bytes: 2 << 20,
        sessions_of_a_port: 8,
        history_minutes: 3 * 60,
    };
}

/// Wall time as the store has it: microseconds since 1970, negative before.
pub(super) fn micros(at: SystemTime) -> i64 {
    let of = |span: Duration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
    match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => of(since),
        Err(before) => -of(before.duration()),
    }
}

/// The wall time of a number of microseconds since 1970.
pub(super) fn moment(micros: i64) -> SystemTime {
    let span = Duration::from_micros(micros.unsigned_abs());
    let at = if micros < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(span)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(span)
    };
    at.unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_back_even_from_before_1970() {
        for micros_of in [0, 1, -1, 1_800_000_000_123_456, i64::MIN + 1] {
            assert_eq!(micros(moment(micros_of)), micros_of);
        }
    }

    #[test]
    fn packed_text_comes_back_and_is_small() {
        let text = "00 00 00 00\n".repeat(1000);
        let packed = Packed::new(&text);
        assert!(packed.bytes.len() < 100);
        assert_eq!(packed.text().unwrap(), text);
        let spoilt = Packed {
            bytes: vec![1, 2, 3],
            ..packed
        };
        assert!(spoilt.text().is_err());
    }
}
