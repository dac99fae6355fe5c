//! VDM statistics of one insertion: when they are frozen, what they read then,
//! and which values of a snapshot that was.
//!
//! A statistic is of an interval, and unfreezing begins the next one, so how
//! often they are frozen is how long the interval is: [`FREEZE_EVERY`] readings.
//! In between the words of the last whole interval are kept, as every register
//! is that is read slowly; what the module gathers meanwhile is half an interval
//! and of no use beside them.

use std::collections::BTreeMap;

use super::read_list::Entry;
use super::{Absence, ModuleState, Reading, Snapshot, VdmSample};
use crate::bus::address::Half;
use crate::bus::freeze::{Freeze, FreezeError};
use crate::bus::image::Image;
use crate::bus::sheet::Sheet;
use crate::cmis::lower;
use crate::cmis::vdm::{self, GROUP_LENGTH, Purpose};
use crate::cmis::vdm_observables::observable;

/// Every how many readings of VDM its statistics are frozen.
pub(super) const FREEZE_EVERY: u64 = 10;
/// How often a module may leave a request unanswered before it is asked no more:
/// each of them keeps its sweep waiting for a second.
const MOST_UNANSWERED: u32 = 3;

/// The statistics of one insertion.
#[derive(Debug, Default)]
pub(super) struct Statistics {
    /// What was asked of the module.
    pub freeze: Freeze,
    /// The first bytes of the module of which it was asked.
    pub kind: Option<[u8; 3]>,
    /// Sample pages as they were when last frozen.
    held: BTreeMap<Half, Sheet>,
    /// The reading at which they are frozen next.
    next: u64,
    unanswered: u32,
    /// Somebody else kept them frozen when it was their turn last.
    taken: bool,
    /// They were to be frozen in this sweep and were not.
    missed: bool,
    problem: Option<String>,
}

impl Statistics {
    /// Those of another insertion; what was asked for still is.
    pub fn start_over(&mut self) {
        *self = Self {
            freeze: std::mem::take(&mut self.freeze),
            kind: self.kind,
            ..Self::default()
        };
    }

    /// Whether they are to be frozen in this reading: the module is ready and has
    /// some, and the interval is over.
    pub fn are_due(&self, reading: u64, image: &Image, samples: &[Entry]) -> bool {
        let descriptors = samples
            .iter()
            .filter_map(|entry| descriptors_of(entry.span.half()))
            .filter_map(|half| image.sheet(half));
        self.unanswered < MOST_UNANSWERED
            && reading >= self.next
            && is_ready(image)
            && vdm::has_statistics(descriptors)
    }

    /// A sweep in which nothing was frozen yet; `reading` counts those that read
    /// VDM, if it does. What was held is let go where its time is over, or where
    /// the module went out of the state it was gathered in.
    pub fn begin_sweep(&mut self, reading: Option<u64>, image: &Image) {
        if reading.is_some_and(|reading| reading >= self.next) || !is_ready(image) {
            self.held.clear();
        }
        if reading.is_none() {
            return;
        }
        self.missed = false;
        self.problem = (self.unanswered >= MOST_UNANSWERED).then(|| {
            "VDM statistics are read unfrozen: the module answers no request to freeze".to_owned()
        });
    }

    /// Whether somebody else keeps them frozen for so long that it must have
    /// forgotten them.
    pub fn are_abandoned(&self) -> bool {
        self.taken
    }

    /// Takes note of how freezing and reading went.
    pub fn took_turn(&mut self, reading: u64, outcome: &Result<(), FreezeError>) {
        self.next = reading + FREEZE_EVERY;
        self.taken = matches!(outcome, Err(FreezeError::Taken));
        match outcome {
            Ok(()) => self.unanswered = 0,
            Err(FreezeError::Unanswered(_)) => self.unanswered += 1,
            Err(_) => {}
        }
        if let Err(error) = outcome {
            self.missed = true;
            self.problem = Some(format!("VDM statistics could not be frozen: {error}"));
        }
    }

    /// Takes note of how unfreezing went.
    pub fn were_released(&mut self, outcome: &Result<(), FreezeError>) {
        if let Err(error) = outcome {
            self.problem = Some(format!("VDM statistics could not be unfrozen: {error}"));
        }
    }

    /// Keeps the sample pages that were read while frozen.
    pub fn keep(&mut self, image: &Image, samples: &[Entry]) {
        for entry in samples {
            if let Some(sheet) = image.known(entry.span) {
                self.held.insert(entry.span.half(), sheet.clone());
            }
        }
    }

    /// Puts the words of the last whole interval in the place of those of the
    /// interval under way.
    pub fn put_back(&self, image: &mut Image) {
        for (half, held) in &self.held {
            let descriptors = descriptors_of(*half).and_then(|half| image.sheet(half).cloned());
            let Some(descriptors) = descriptors else {
                continue;
            };
            let sheet = image.sheet_mut(*half);
            for place in 0..GROUP_LENGTH {
                let found = vdm::descriptor(&descriptors, place);
                let first = vdm::instance_offset(place);
                let is_statistic =
                    found.is_some_and(|found| observable(found.code).statistic.is_over_time());
                if is_statistic && held.knows(first, 2) && sheet.knows(first, 2) {
                    let word = vdm::sample(held, place).to_be_bytes();
                    sheet.put(first, &word);
                }
            }
        }
    }

    /// Marks the statistics of a snapshot, and takes out those that should have
    /// been frozen and were not.
    pub fn mark(&self, snapshot: &mut Snapshot) {
        for sample in &mut snapshot.vdm {
            if !sample.statistic.is_over_time() {
                continue;
            }
            if self.missed {
                sample.value = Reading::Absent(Absence::NotReady);
                sample.raw = 0;
            }
            sample.frozen = !self.missed && self.held.contains_key(&samples_page(sample));
        }
        snapshot.problems.extend(self.problem.clone());
    }
}

/// Whether the module says that it is ready: none is frozen in low power.
fn is_ready(image: &Image) -> bool {
    let state = |lower| ModuleState::from_code(lower::status(lower).state);
    image.sheet(Half::LOWER).map(state) == Some(ModuleState::Ready)
}

/// The descriptors of the instances on a sample page.
fn descriptors_of(samples: Half) -> Option<Half> {
    let (page, bank) = samples.upper()?;
    match vdm::purpose(page.0, samples.base()) {
        Some((Purpose::Samples, group)) => {
            Some(Half::page(vdm::descriptor_page(group)).in_bank(bank))
        }
        _ => None,
    }
}

/// The page that a sample stands on.
fn samples_page(sample: &VdmSample) -> Half {
    let group = sample.instance.saturating_sub(1) / u16::from(GROUP_LENGTH);
    let group = u8::try_from(group).unwrap_or_default();
    Half::page(vdm::sample_page(group)).in_bank(sample.bank)
}
