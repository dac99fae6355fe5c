//! Reads that a module cut short: it fell silent in the middle, and what nobody
//! drives reads FFh.
//!
//! No transfer tells of it, so a run of FFh at the end of a read is doubted: both of
//! its ends are read once more, by themselves. What the module means is remembered
//! until it goes, so that this costs nothing in a steady sweep. Registers that clear
//! when read are never read twice: a run is judged by what is behind them, and where
//! it was no part of the module they are lost, and the reading fails. Where an adapter
//! cuts reads into pieces only the last piece can be doubted.

use std::collections::BTreeMap;

use crate::bus::address::{Half, Span};
use crate::bus::read_plan::Visit;
use crate::bus::sheet::Sheet;
use crate::bus::{BusError, BusErrorKind, Memory, Part};

/// How many bytes every module serves in one read (CMIS 5.4 section 5.2.2.3), and so
/// how much is read to make sure.
const SERVED: u8 = 8;
/// What reads where nobody drives the bus.
const SILENT: u8 = u8::MAX;
/// How often the rest of a read is fetched before it is given up.
const MOST_ATTEMPTS: u32 = 3;

/// Runs of FFh that a module means: where they end, and where they begin.
#[derive(Debug, Default)]
pub(super) struct Silences {
    meant: BTreeMap<(Half, u8), u8>,
}

impl Silences {
    /// Makes sure of what a visit has put into a sheet; what was cut short is read
    /// again. `clearing` is what may not be. On an error nothing of the visit is known.
    ///
    /// # Errors
    /// [`BusErrorKind::ShortRead`], or as [`Memory::visit`].
    pub async fn make_sure(
        &mut self,
        memory: &mut dyn Memory,
        visit: &Visit,
        sheet: &mut Sheet,
        clearing: &[Span],
    ) -> Result<(), BusError> {
        let outcome = self.fetch_rest(memory, visit, sheet, clearing).await;
        if outcome.is_err() {
            for part in &visit.parts {
                sheet.forget(part.first, part.length);
            }
        }
        outcome
    }

    /// Reads again what was cut short, as often as that may help.
    async fn fetch_rest(
        &mut self,
        memory: &mut dyn Memory,
        visit: &Visit,
        sheet: &mut Sheet,
        clearing: &[Span],
    ) -> Result<(), BusError> {
        let half = visit.half;
        let mut parts = visit.parts.clone();
        for _ in 0..MOST_ATTEMPTS {
            let doubted: Vec<Run> = self.doubted(half, &parts, sheet, clearing).collect();
            if doubted.is_empty() {
                return Ok(());
            }
            let ends: Vec<Part> = doubted.iter().flat_map(|run| ends(run.part)).collect();
            let mut again = Sheet::unknown();
            memory.visit_in_steps(half, &ends, &mut again).await?;
            let (meant, cut): (Vec<Run>, Vec<Run>) = doubted.into_iter().partition(|run| {
                let mut ends = ends_of(run.part, &again);
                ends.all(|byte| byte == SILENT)
            });
            for run in meant {
                self.meant.insert((half, last(run.part)), run.first);
            }
            if cut.is_empty() {
                return Ok(());
            }
            if cut.iter().any(|run| run.first < run.part.first) {
                break;
            }
            parts = cut.iter().map(|run| run.part).collect();
            memory.visit_in_steps(half, &parts, sheet).await?;
        }
        match self.doubted(half, &parts, sheet, clearing).next() {
            None => Ok(()),
            Some(_) => Err(BusError {
                kind: BusErrorKind::ShortRead,
                half,
                attempts: MOST_ATTEMPTS,
            }),
        }
    }

    /// The runs of FFh at the ends of parts that were read that may be no bytes of
    /// the module: long ones, and those that begin where it may have stopped.
    fn doubted(
        &self,
        half: Half,
        parts: &[Part],
        sheet: &Sheet,
        clearing: &[Span],
    ) -> impl Iterator<Item = Run> {
        parts.iter().filter_map(move |part| {
            let end = last(*part);
            let silent = (part.first..=end).rev();
            let length = silent.take_while(|at| sheet.u8(*at) == SILENT).count();
            let length = u8::try_from(length).ok().filter(|length| *length > 0)?;
            let first = end - (length - 1);
            let is_suspicious = length >= SERVED || first <= part.first.saturating_add(SERVED);
            let is_long = part.length > SERVED;
            let meant = self.meant.get(&(half, end));
            let is_new = meant.is_none_or(|meant| first < *meant);
            // What is behind the last byte that may not be read again.
            let span = Span::new(half, first, end)?;
            let clears = clearing.iter().filter(|other| other.overlaps(span));
            let behind = clears.map(|other| u16::from(other.last()) + 1).max();
            let start = u8::try_from(behind.unwrap_or(first.into()))
                .ok()?
                .max(first);
            let part = Part {
                first: start,
                length: end.checked_sub(start)?.checked_add(1)?,
            };
            (is_long && is_suspicious && is_new).then_some(Run { first, part })
        })
    }
}

/// A run of FFh at the end of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    /// Where it begins.
    first: u8,
    /// What of it may be read again: its end.
    part: Part,
}

/// The last offset of a part.
fn last(part: Part) -> u8 {
    part.first + (part.length - 1)
}

/// Both ends of a run, or all of a short one; each in one read that is served whole.
fn ends(run: Part) -> impl Iterator<Item = Part> {
    let head = Part {
        first: run.first,
        length: run.length.min(SERVED),
    };
    let rest = (run.length - head.length).min(SERVED);
    let tail = (rest > 0).then(|| Part {
        first: last(run) - (rest - 1),
        length: rest,
    });
    [head].into_iter().chain(tail)
}

/// The bytes of both ends of a run in a sheet.
fn ends_of(run: Part, sheet: &Sheet) -> impl Iterator<Item = u8> {
    ends(run).flat_map(move |end| sheet.slice(end.first, end.length).iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(first: u8, length: u8) -> Part {
        Part { first, length }
    }

    /// The runs that are doubted where a page reads `bytes` from 128 on: their
    /// beginning, and what is read again.
    fn doubted(parts: &[Part], bytes: &[u8], clearing: &[Span]) -> Vec<(u8, Part)> {
        let mut sheet = Sheet::unknown();
        sheet.put(128, bytes);
        let silences = Silences::default();
        let runs = silences.doubted(Half::page(0x11), parts, &sheet, clearing);
        runs.map(|run| (run.first, run.part)).collect()
    }

    #[test]
    fn what_ends_in_silence_is_doubted_and_judged_by_what_does_not_clear() {
        let mut bytes = [1; 32];
        bytes[8..].fill(SILENT);
        let whole = [part(128, 32)];
        assert_eq!(doubted(&whole, &bytes, &[]), [(136, part(136, 24))]);
        let flags = |first, last| Span::new(Half::page(0x11), first, last).unwrap();
        let some = [flags(140, 141)];
        assert_eq!(doubted(&whole, &bytes, &some), [(136, part(142, 18))]);
        assert_eq!(doubted(&whole, &bytes, &[flags(130, 159)]), []);
        // Nine bytes of which the last was not served.
        assert_eq!(doubted(&[part(128, 9)], &bytes, &[]), [(136, part(136, 1))]);
        // Eight bytes are served by every module.
        assert_eq!(doubted(&[part(136, 8)], &bytes, &[]), []);
        // A word that happens to be FFFFh behind values is none of these.
        let mut bytes = [1; 32];
        bytes[30..].fill(SILENT);
        assert_eq!(doubted(&whole, &bytes, &[]), []);
    }

    #[test]
    fn both_ends_of_a_run_are_read_again() {
        let of = |run| ends(run).collect::<Vec<_>>();
        assert_eq!(of(part(136, 1)), [part(136, 1)]);
        assert_eq!(of(part(136, 8)), [part(136, 8)]);
        assert_eq!(of(part(136, 10)), [part(136, 8), part(144, 2)]);
        assert_eq!(of(part(136, 24)), [part(136, 8), part(152, 8)]);
    }
}
