//! What sweeping a module costs, found by sweeping its image: the very code of the
//! daemon over a memory that keeps account instead of a bus.
//!
//! The image stands for a module that behaves: it is ready and answers at once,
//! flags that are read clear, and a page that the image lacks is one that the
//! module lacks.

use std::time::Duration;

use super::Management;
use super::assemble;
use super::read_list;
use super::sweep::{Due, Session, SweepSettings};
use crate::bus::address::{Bank, Device, Half, Span};
use crate::bus::cost::{AccessPath, Cost, Reach};
use crate::bus::freeze::Request;
use crate::bus::ideal::ideal;
use crate::bus::image::Image;
use crate::bus::read_plan::{self, Visit};
use crate::bus::sheet::Sheet;
use crate::bus::wait::{self, Work};
use crate::bus::{Addressing, BusError, BusErrorKind, Memory, Part};
use crate::clock::{Clock, ManualClock};
use crate::cmis::vdm;

/// How many sweeps are rehearsed with all due and every flag raised: statistics are
/// frozen in one of them.
const SWEEPS: usize = 10;
/// The module state in CMIS (00h:3.3-1), and what it is when all else is read.
const STATE: u8 = 3;
const STATE_BITS: u8 = 0b1110;
const READY: u8 = 0b0110;
/// The flag summary of CMIS (00h:4-7), and all its bits.
const FLAG_SUMMARY: Part = Part {
    first: 4,
    length: 4,
};
const ALL_RAISED: [u8; 4] = [0x0F; 4];
/// The freeze request of VDM and its answers (2Fh:144-145).
const HANDSHAKE: Part = Part {
    first: 144,
    length: 2,
};
const REQUEST_BIT: u8 = 7;
const FROZEN: u8 = 0x80;
const UNFROZEN: u8 = 0x40;

/// How a module is swept.
#[derive(Debug, Clone, Copy)]
pub struct Manner<'a> {
    /// The way to it.
    pub path: AccessPath,
    /// What is allowed at its port.
    pub settings: SweepSettings,
    /// Whether bank 0 and page 00h are selected whenever a sweep leaves it.
    pub leaves_page_zero: bool,
    /// How often.
    pub period: Duration,
    /// What the sweeps after the first one read in turn.
    pub turns: &'a [Due],
}

/// What the sweeps of one module cost on one path.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    /// Which map the module follows.
    pub management: Management,
    /// How it is read.
    pub reach: Reach,
    /// The first sweep: what the module is, and everything that it has.
    pub insertion: Account,
    /// The sweep that most others are like: nothing slow is due, no flag raised.
    pub steady: Account,
    /// The costliest sweep of a module that stays: slow groups due, flags raised.
    pub worst: Account,
    /// What each sweep of the turns costs while no flag is raised.
    pub quiet: Vec<Cost>,
}

/// What one sweep reads and what that costs.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// The visits in their order, those to pages that are not there apart.
    pub visits: Vec<Visit>,
    /// What everything costs.
    pub cost: Cost,
    /// The bytes that it needs; a span may be there more than once.
    pub wanted: Vec<Span>,
    /// Bytes that it must not read unless it needs them.
    pub spared: Vec<Span>,
    /// What it costs to leave the module as others want it.
    pub leaving: Cost,
}

impl Account {
    /// The least that it could cost; see [`crate::bus::ideal`].
    pub fn ideal(&self, reach: &Reach, overhead: u64) -> Cost {
        ideal(&self.wanted, &self.spared, reach, overhead) + self.leaving
    }

    /// The wanted bytes, each once, in order.
    pub fn wanted_runs(&self) -> Vec<Span> {
        let mut spans = self.wanted.clone();
        spans.sort_unstable();
        let mut runs: Vec<Span> = Vec::new();
        for span in spans {
            let joined = runs
                .last()
                .filter(|run| run.half() == span.half() && span.first() <= run.last())
                .and_then(|run| Span::new(run.half(), run.first(), run.last().max(span.last())));
            match (joined, runs.last_mut()) {
                (Some(joined), Some(run)) => *run = joined,
                _ => runs.push(span),
            }
        }
        runs
    }
}

/// Sweeps an image as the daemon would sweep the module.
///
/// # Errors
/// What the first sweep fails with: an image without lower memory.
pub fn rehearse(image: &Image, manner: Manner<'_>) -> Result<Rehearsal, BusError> {
    let clock = ManualClock::new();
    let mut stage = Stage::new(image, manner);
    let mut session = Session::with_settings(manner.settings);
    let mut sweep = |stage: &mut Stage, due: Due| {
        clock.advance(manner.period);
        stage.account = Account::default();
        wait::complete(session.sweep_in_steps(stage, &clock as &dyn Clock, due))?;
        Ok(std::mem::take(&mut stage.account))
    };
    let insertion = sweep(&mut stage, Due::ALL)?;
    let mut quiet = Vec::with_capacity(manner.turns.len());
    let mut steady: Option<Account> = None;
    for due in manner.turns {
        let account = sweep(&mut stage, *due)?;
        quiet.push(account.cost);
        if steady
            .as_ref()
            .is_none_or(|least| account.cost < least.cost)
        {
            steady = Some(account);
        }
    }
    stage.is_raised = true;
    let mut worst = Account::default();
    for _ in 0..SWEEPS {
        let account = sweep(&mut stage, Due::ALL)?;
        if account.cost >= worst.cost {
            worst = account;
        }
    }
    Ok(Rehearsal {
        management: stage.management,
        reach: stage.reach,
        insertion,
        steady: steady.unwrap_or_default(),
        worst,
        quiet,
    })
}

/// A module that is an image, and the account of what is read of it.
struct Stage {
    image: Image,
    management: Management,
    reach: Reach,
    /// Whether every flag is raised anew before each sweep, as the summary tells.
    is_raised: bool,
    /// What clears when it is read.
    clearing: Vec<Span>,
    /// Planned visits that were not made yet.
    planned: Vec<Visit>,
    /// The page that is selected.
    left_at: u8,
    leaves_page_zero: bool,
    account: Account,
}

impl Stage {
    /// What the image does not know reads zero.
    fn new(image: &Image, manner: Manner<'_>) -> Self {
        let mut filled = Image::new();
        for (half, sheet) in image.halves() {
            let mut bytes = [0; 128];
            bytes.copy_from_slice(&sheet.array::<128>(half.base()));
            filled.put(half, bytes);
        }
        let identifier = filled.sheet(Half::LOWER).map_or(0, |lower| lower.u8(0));
        let management = assemble::management(identifier);
        if management == Management::Cmis {
            let lower = filled.sheet_mut(Half::LOWER);
            lower.put(STATE, &[lower.u8(STATE) & !STATE_BITS | READY]);
        }
        Self {
            image: filled,
            management,
            reach: Reach::new(manner.path, Addressing::Flat),
            is_raised: false,
            clearing: read_list::clearing(management, Bank::MOST),
            planned: Vec::new(),
            left_at: 0,
            leaves_page_zero: manner.leaves_page_zero,
            account: Account::default(),
        }
    }

    /// Whether the module shows this half.
    fn has(&self, half: Half) -> bool {
        let is_second_page = half.upper().is_some_and(|(page, _)| page.0 != 0);
        let is_hidden = is_second_page && self.reach.addressing == Addressing::Flat;
        !is_hidden && self.image.sheet(half).is_some()
    }

    /// The module sums its flags up before lower memory is read.
    fn summarise(&mut self) {
        if self.management == Management::Cmis && self.reach.addressing != Addressing::Flat {
            let summary = if self.is_raised { ALL_RAISED } else { [0; 4] };
            let lower = self.image.sheet_mut(Half::LOWER);
            lower.put(FLAG_SUMMARY.first, &summary);
        }
    }

    /// What was read of the latched bytes is gone.
    fn clear(&mut self, half: Half, parts: &[Part]) {
        let of_half = self.clearing.iter().filter(|span| span.half() == half);
        let sheet = self.image.sheet_mut(half);
        for offset in of_half.flat_map(|span| span.first()..=span.last()) {
            if parts.iter().any(|part| contains(*part, offset)) {
                sheet.put(offset, &[0]);
            }
        }
    }

    /// Makes a visit and takes note of what it costs.
    fn account_for(
        &mut self,
        half: Half,
        parts: &[Part],
        sheet: &mut Sheet,
    ) -> Result<(), BusError> {
        if !self.has(half) {
            self.account.cost += self.reach.visit_missing(half, parts);
            self.account.wanted.retain(|span| span.half() != half);
            return Err(BusError {
                kind: match half.upper() {
                    Some(_) => BusErrorKind::NoSuchPage,
                    None => BusErrorKind::NoAnswer,
                },
                half,
                attempts: 1,
            });
        }
        self.note_unplanned(half, parts);
        if let Some((page, _)) = half.upper()
            && half.device() == Device::A0
            && self.reach.addressing != Addressing::Flat
        {
            self.left_at = page.0;
        }
        if half == Half::LOWER {
            self.summarise();
        }
        self.account.cost += self.reach.visit(half, parts);
        self.account.visits.push(Visit {
            half,
            parts: parts.to_vec(),
        });
        if let Some(held) = self.image.sheet(half) {
            sheet.merge(held, parts);
        }
        self.clear(half, parts);
        Ok(())
    }

    /// Takes note of a visit that nobody planned: what it reads is needed.
    fn note_unplanned(&mut self, half: Half, parts: &[Part]) {
        let is_visit = |visit: &Visit| visit.half == half && visit.parts == parts;
        match self.planned.iter().position(is_visit) {
            Some(index) => {
                self.planned.swap_remove(index);
            }
            None => {
                let spans = parts.iter().filter_map(|part| {
                    let last = part.first.checked_add(part.length.checked_sub(1)?)?;
                    Span::new(half, part.first, last)
                });
                self.account.wanted.extend(spans);
            }
        }
    }
}

/// Whether a part has a byte at this offset.
fn contains(part: Part, offset: u8) -> bool {
    offset >= part.first && offset - part.first < part.length
}

impl Memory for Stage {
    fn visit_in_steps<'a>(
        &'a mut self,
        half: Half,
        parts: &'a [Part],
        sheet: &'a mut Sheet,
    ) -> Work<'a, Result<(), BusError>> {
        let outcome = self.account_for(half, parts, sheet);
        Box::pin(async { outcome })
    }

    fn plan(&mut self, spans: &[Span], spared: &[Span]) -> Vec<Visit> {
        self.account.wanted.extend(spans);
        self.account.spared.extend(spared);
        let visits = read_plan::visits(spans, spared, &self.reach);
        self.planned.clone_from(&visits);
        visits
    }

    fn set_addressing(&mut self, addressing: Addressing) {
        self.reach.addressing = addressing;
        self.left_at = 0;
    }

    fn probe_read_size(&mut self, half: Half) -> Work<'_, Result<bool, BusError>> {
        self.account.cost += self.reach.probe(half);
        Box::pin(async { Ok(true) })
    }

    fn leave(&mut self) -> Work<'_, ()> {
        if self.leaves_page_zero {
            self.account.leaving = self.reach.leave();
            self.account.cost += self.account.leaving;
            self.left_at = 0;
        }
        Box::pin(async {})
    }

    fn freeze_request(&mut self) -> Option<&mut dyn Request> {
        (!self.reach.path.is_driven()).then_some(self)
    }

    fn sees_swaps(&self) -> bool {
        !self.reach.path.is_driven() && self.left_at != 0
    }
}

/// A module that freezes and unfreezes at once, when it is asked.
impl Request for Stage {
    fn request(&mut self, freeze: bool) -> Work<'_, Result<bool, BusError>> {
        let outcome = self.ask(freeze);
        Box::pin(async move { outcome })
    }
}

impl Stage {
    /// Freezes or unfreezes; returns whether that took a write.
    fn ask(&mut self, freeze: bool) -> Result<bool, BusError> {
        let half = Half::page(vdm::CONTROL_PAGE);
        let mut now = Sheet::unknown();
        self.visit(half, &[HANDSHAKE], &mut now)?;
        if now.bit(HANDSHAKE.first, REQUEST_BIT) == freeze {
            return Ok(false);
        }
        self.account.cost += Cost::write(1);
        let changed = now.u8(HANDSHAKE.first) ^ 1 << REQUEST_BIT;
        let answer = if freeze { FROZEN } else { UNFROZEN };
        let sheet = self.image.sheet_mut(half);
        sheet.put(HANDSHAKE.first, &[changed, answer]);
        self.visit(half, &[HANDSHAKE], &mut now)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
