//! Reads register groups into an image, in as few visits as they need.

use super::GroupFailure;
use super::cut_short::Silences;
use super::read_list::Entry;
use crate::bus::address::Span;
use crate::bus::image::Image;
use crate::bus::read_plan::Visit;
use crate::bus::{BusError, BusErrorKind, Memory, Part};

/// After how many failed visits in a row the rest is left: the module is
/// probably gone, and its neighbours are waiting.
const GONE_AFTER: u32 = 2;

/// Reads entries, and not one of the `spared` bytes on the way that no entry
/// names. What cannot be read is forgotten, so that no old value stands for a
/// new one, and returned.
pub(super) async fn read(
    memory: &mut dyn Memory,
    image: &mut Image,
    silences: &mut Silences,
    entries: &[Entry],
    spared: &[Span],
) -> Vec<GroupFailure> {
    let clearing = entries.iter().filter(|entry| entry.clears);
    let clearing = clearing
        .map(|entry| entry.span)
        .chain(spared.iter().copied());
    let clearing: Vec<Span> = clearing.collect();
    let spans: Vec<Span> = entries.iter().map(|entry| entry.span).collect();
    let mut failures = Vec::new();
    let mut in_a_row = 0;
    let mut last_error: Option<BusError> = None;
    for visit in memory.plan(&spans, spared) {
        let outcome = match &last_error {
            Some(error) if in_a_row >= GONE_AFTER => Err(BusError {
                half: visit.half,
                ..error.clone()
            }),
            _ => {
                let sheet = image.sheet_mut(visit.half);
                let visited = memory.visit_in_steps(visit.half, &visit.parts, sheet).await;
                match visited {
                    Ok(()) => silences.make_sure(memory, &visit, sheet, &clearing).await,
                    failed => failed,
                }
            }
        };
        let Err(error) = outcome else {
            in_a_row = 0;
            continue;
        };
        if error.kind.is_transient() {
            in_a_row += 1;
            last_error = Some(error.clone());
        }
        failures.extend(failed(memory, image, entries, &visit, &error).await);
    }
    failures
}

/// Deals with a visit that failed: in a dump that holds part of a page, the
/// groups are tried one by one.
async fn failed(
    memory: &mut dyn Memory,
    image: &mut Image,
    entries: &[Entry],
    visit: &Visit,
    error: &BusError,
) -> Vec<GroupFailure> {
    let mut failures = Vec::new();
    for entry in entries.iter().filter(|e| e.span.half() == visit.half) {
        let part = Part {
            first: entry.span.first(),
            length: entry.span.length(),
        };
        let sheet = image.sheet_mut(visit.half);
        let partial = error.kind == BusErrorKind::NotInDump
            && memory
                .visit_in_steps(visit.half, &[part], sheet)
                .await
                .is_ok();
        if !partial {
            image.forget(entry.span);
            let failure = GroupFailure {
                group: entry.name,
                error: error.clone(),
            };
            // A group that is read in runs fails once.
            if !failures.contains(&failure) {
                failures.push(failure);
            }
        }
    }
    failures
}
