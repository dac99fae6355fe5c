//! What only the reader of a module can know of it, as problems of the snapshot.

use super::identify::Identified;
use super::{Reading, Snapshot};
use crate::bus::BusErrorKind;
use crate::bus::address::Half;

/// Adds to a snapshot's problems what only the reader can know.
pub(super) fn tell(snapshot: &mut Snapshot, identified: Option<Identified>) {
    if identified.is_some_and(|i| !i.long_reads) {
        let promise = match snapshot.advertisement {
            Reading::Value(says) if says.whole_page_reads() => {
                ", although 01h:251 promises reads of a whole page"
            }
            _ => "",
        };
        snapshot.problems.push(format!(
            "long reads disagree with 8-byte reads: the module is read 8 bytes at a time{promise}"
        ));
    }
    let mut told: Vec<Half> = Vec::new();
    for failure in &snapshot.failures {
        let half = failure.error.half;
        let text = match failure.error.kind {
            BusErrorKind::NoSuchPage => "is advertised, but the module does not have it",
            BusErrorKind::NotInDump => "is not in this dump, or not whole",
            _ => continue,
        };
        if !told.contains(&half) {
            told.push(half);
            snapshot.problems.push(format!("{half} {text}"));
        }
    }
}
