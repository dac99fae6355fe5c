//! What both SFF maps share on their way into a snapshot: text, thresholds,
//! checksums, and monitors that are not ready yet.

use super::{Absence, Checksum, Levels, Reading, Snapshot, Thresholds};
use crate::cmis::text;
use crate::sff::ThresholdSets;

/// Cleans text fields of one module and tells of odd ones.
pub(super) struct Texts<'a> {
    problems: &'a mut Vec<String>,
}

impl<'a> Texts<'a> {
    pub(super) fn new(problems: &'a mut Vec<String>) -> Self {
        Self { problems }
    }

    /// The clean text of a field; absent where nothing of it is text.
    pub(super) fn take(&mut self, field: &str, bytes: Reading<&[u8]>) -> Reading<String> {
        bytes.and_then(|bytes| {
            let (text, dropped) = text::clean(bytes);
            if dropped {
                self.problems
                    .push(format!("{field} holds bytes that are not text"));
            }
            (!text.is_empty()).then_some(text).into()
        })
    }
}

/// Threshold sets as readings; a blank set is absent.
pub(super) fn threshold_readings(sets: Reading<ThresholdSets>) -> Thresholds {
    fn one<T: Copy>(set: Option<[T; 4]>) -> Reading<Levels<T>> {
        set.map(Levels::from_array).into()
    }
    Thresholds {
        temperature: sets.and_then(|sets| one(sets.temperature)),
        supply: sets.and_then(|sets| one(sets.supply)),
        tx_power: sets.and_then(|sets| one(sets.tx_power)),
        tx_bias: sets.and_then(|sets| one(sets.tx_bias)),
        rx_power: sets.and_then(|sets| one(sets.rx_power)),
    }
}

/// A reading of a monitor, which is not ready as long as the module says so.
pub(super) fn once_ready<T>(data_not_ready: Reading<bool>, reading: Reading<T>) -> Reading<T> {
    match (data_not_ready, reading) {
        (Reading::Value(true), Reading::Value(_)) => Reading::Absent(Absence::NotReady),
        (_, reading) => reading,
    }
}

impl Snapshot {
    /// Notes a checksum, and tells of it if it is wrong.
    pub(super) fn take_checksum(&mut self, name: &'static str, good: bool) {
        self.checksums.push(Checksum { name, good });
        if !good {
            self.problems.push(format!("{name} checksum does not fit"));
        }
    }
}
