//! The error ratios of a host's decoder, from the differences of its counters over
//! measured time.

use std::collections::VecDeque;
use std::time::Duration;

use super::ber::{Ber, Estimate, Source};
use super::burst::Tail;
use super::counter::{Difference, Unlike, difference};
use super::fec::{Code, KP4};
use super::host_fec::{FecCode, HostFec};
use super::module_ber::float;
use crate::module::Statistic;
use crate::names::Side;

/// Over how many seconds rare errors are gathered: enough for 5e-13 of a 100G lane.
const WINDOW_SECONDS: f64 = 60.0;
/// Pieces of the window.
const PIECES: f64 = 16.0;
/// So many errors make a ratio good to a tenth, and no older ones are wanted.
const ENOUGH_ERRORS: f64 = 400.0;
/// A counter that should have shown so many errors and shows none stands still.
const EXPECTED_AT_LEAST: f64 = 50.0;
/// For how many seconds, or times the time between readings, the last ratio stands
/// while no new reading comes.
const HOLD_SECONDS: f64 = 10.0;
const HOLD_READINGS: f64 = 3.0;
/// Readings further apart are not compared: much may have happened between.
const LONGEST_SECONDS: f64 = 600.0;

/// What was counted since the daemon started, resets of the host's own counters
/// apart. `None` where the host does not count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Codewords corrected.
    pub corrected_codewords: Option<u64>,
    /// Codewords that could not be corrected.
    pub uncorrectable_codewords: Option<u64>,
    /// Bits corrected.
    pub corrected_bits: Option<u64>,
}

/// What a host's counters tell at this moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HostFigures {
    /// Bit error ratios before correction: of the whole path first, then by lane
    /// where the host counts lanes.
    pub bers: Vec<Ber>,
    /// Codewords that could not be corrected by all codewords.
    pub codeword_error_ratio: Option<Estimate>,
    /// Wrong bits behind the correction by all bits.
    pub post_fec_ber: Option<Estimate>,
    /// Codewords that could not be corrected since the step before.
    pub uncorrectable_now: u64,
    /// Why there are no ratios although there is a source.
    pub trouble: Option<&'static str>,
}

/// What happened to the counters in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moved {
    /// A new interval was counted.
    On,
    /// Nothing new.
    Not,
    /// They are of another speed or code than before: another link.
    Elsewhere,
}

/// One piece of the window.
#[derive(Debug, Clone, PartialEq)]
struct Piece {
    seconds: f64,
    bits: f64,
    errors: f64,
    codewords: f64,
    uncorrectable: f64,
    /// Errors of each lane, where all lanes count them.
    lanes: Vec<f64>,
}

/// The counters of one port over time.
#[derive(Debug, Clone, Default)]
pub(super) struct HostCounters {
    base: Option<HostFec>,
    /// The newest piece last.
    window: VecDeque<Piece>,
    totals: Totals,
    /// Seconds without a new interval, and how long the last one was.
    waited: f64,
    last_seconds: f64,
    figures: HostFigures,
    /// Codewords by wrong symbols since the link came up, and those beyond
    /// correction.
    histogram: Vec<u64>,
    uncorrectable: u64,
}

impl HostCounters {
    /// Takes in the newest reading, `elapsed` after the step before. `rate` is what
    /// the module says passes through it, for hosts that do not tell.
    pub(super) fn step(
        &mut self,
        now: Option<&HostFec>,
        rate: Option<f64>,
        elapsed: Duration,
    ) -> Moved {
        self.figures.uncorrectable_now = 0;
        let Some(now) = now else {
            self.figures = HostFigures::default();
            return Moved::Not;
        };
        self.waited += elapsed.as_secs_f64();
        let Some(before) = &self.base else {
            self.base = Some(now.clone());
            self.waited = 0.0;
            self.figures = told(now);
            return Moved::Not;
        };
        if now.at == before.at {
            self.hold();
            return Moved::Not;
        }
        let found = match difference(before, now) {
            Ok(found) if found.seconds <= LONGEST_SECONDS => found,
            Ok(_) | Err(Unlike::Restarted) => {
                self.base = Some(now.clone());
                self.waited = 0.0;
                return Moved::Not;
            }
            Err(Unlike::Changed) => {
                self.forget();
                self.base = Some(now.clone());
                self.figures = told(now);
                return Moved::Elsewhere;
            }
        };
        self.take(now, &found, rate)
    }

    /// Begins a new window: what was counted before is of another link.
    pub(super) fn forget(&mut self) {
        self.window.clear();
        self.histogram.clear();
        self.uncorrectable = 0;
        self.waited = 0.0;
        self.figures = HostFigures {
            uncorrectable_now: self.figures.uncorrectable_now,
            ..HostFigures::default()
        };
    }

    pub(super) fn figures(&self) -> &HostFigures {
        &self.figures
    }

    pub(super) fn totals(&self) -> Totals {
        self.totals
    }

    /// The worst codeword since the link came up, where the host has a histogram.
    pub(super) fn tail(&self) -> Option<Tail> {
        let path = self.figures.bers.first()?;
        let (histogram, bad) = (&self.histogram, self.uncorrectable);
        Tail::of(histogram, bad, path.estimate.number(), self.code())
    }

    /// The code whose counters these are.
    pub(super) fn code(&self) -> Code {
        let named = self.base.as_ref().and_then(|fec| fec.code);
        named.and_then(Code::of).unwrap_or(KP4)
    }

    fn take(&mut self, now: &HostFec, found: &Difference, rate: Option<f64>) -> Moved {
        if matches!(now.code, Some(FecCode::Off | FecCode::BaseR)) {
            self.base = Some(now.clone());
            self.figures = HostFigures::default();
            return Moved::Not;
        }
        if !found.has_moved() && self.must_have_moved(now, found.seconds) {
            // The base stays: the next difference is over all of the time.
            self.hold();
            return Moved::Not;
        }
        self.base = Some(now.clone());
        self.waited = 0.0;
        self.last_seconds = found.seconds;
        self.count(found);
        let Some(piece) = piece(now, found, self.code(), rate) else {
            self.figures = HostFigures {
                uncorrectable_now: found.uncorrectable_codewords.unwrap_or_default(),
                ..told(now)
            };
            return Moved::Not;
        };
        self.push(piece);
        self.figures = HostFigures {
            uncorrectable_now: found.uncorrectable_codewords.unwrap_or_default(),
            ..self.summed()
        };
        Moved::On
    }

    /// Whether counters that did not move should have: codewords always do, and
    /// errors where many were seen before.
    fn must_have_moved(&self, now: &HostFec, seconds: f64) -> bool {
        let counts_all = now.codewords.is_some() || !now.histogram.is_empty();
        let (errors, time) = self
            .window
            .iter()
            .fold((0.0, 0.0), |(errors, time), piece| {
                (errors + piece.errors, time + piece.seconds)
            });
        counts_all || time > 0.0 && errors / time * seconds >= EXPECTED_AT_LEAST
    }

    /// Lets the last ratio stand for a while, and no longer.
    fn hold(&mut self) {
        if self.waited > HOLD_SECONDS.max(HOLD_READINGS * self.last_seconds) {
            self.figures = HostFigures {
                trouble: Some("the host's FEC counters stand still"),
                ..HostFigures::default()
            };
        }
    }

    fn count(&mut self, found: &Difference) {
        let add = |total: &mut Option<u64>, more: Option<u64>| {
            if let Some(more) = more {
                *total = Some(total.unwrap_or_default().saturating_add(more));
            }
        };
        let totals = &mut self.totals;
        add(&mut totals.corrected_codewords, found.corrected_codewords);
        add(
            &mut totals.uncorrectable_codewords,
            found.uncorrectable_codewords,
        );
        add(&mut totals.corrected_bits, found.corrected_bits);
        let bad = found.uncorrectable_codewords.unwrap_or_default();
        self.uncorrectable = self.uncorrectable.saturating_add(bad);
        self.histogram.resize(found.histogram.len(), 0);
        for (sum, more) in self.histogram.iter_mut().zip(&found.histogram) {
            *sum = sum.saturating_add(*more);
        }
    }

    /// Adds a piece: to the newest one while that is narrow, so that the window has
    /// a bounded number of them.
    fn push(&mut self, piece: Piece) {
        match self.window.back_mut() {
            Some(newest)
                if newest.seconds + piece.seconds < WINDOW_SECONDS / PIECES
                    && newest.lanes.len() == piece.lanes.len() =>
            {
                newest.add(&piece);
            }
            _ => self.window.push_back(piece),
        }
        let mut seconds: f64 = self.window.iter().map(|piece| piece.seconds).sum();
        while let Some(oldest) = self.window.front() {
            seconds -= oldest.seconds;
            if seconds < WINDOW_SECONDS {
                break;
            }
            self.window.pop_front();
        }
    }

    /// The ratios of as much of the window as is needed for enough errors.
    fn summed(&self) -> HostFigures {
        let mut newest = self.window.iter().rev();
        let Some(mut recent) = newest.next().cloned() else {
            return HostFigures::default();
        };
        let mut all = recent.clone();
        for piece in newest {
            if recent.errors < ENOUGH_ERRORS && recent.lanes.len() == piece.lanes.len() {
                recent.add(piece);
            }
            all.add(piece);
        }
        let lanes = float(recent.lanes.len() as u64);
        let path = (None, recent.errors, recent.bits);
        let by_lane = (1..).zip(&recent.lanes);
        let by_lane = by_lane.map(|(lane, errors)| (Some(lane), *errors, recent.bits / lanes));
        let bers = std::iter::once(path)
            .chain(by_lane)
            .filter_map(|(lane, errors, bits)| {
                Some(Ber {
                    side: Side::Host,
                    source: Source::Host,
                    lane,
                    statistic: Statistic::Current,
                    estimate: Estimate::of_counts(errors, bits)?,
                    bits: Some(bits),
                })
            });
        let code = self.code();
        let counts_bad = self
            .base
            .as_ref()
            .is_some_and(|fec| fec.uncorrectable_codewords.is_some());
        let codewords = counts_bad
            .then(|| Estimate::of_counts(all.uncorrectable, all.codewords))
            .flatten();
        HostFigures {
            bers: bers.collect(),
            codeword_error_ratio: codewords,
            // A codeword is beyond correction from one more wrong symbol on.
            post_fec_ber: codewords
                .map(|ratio| ratio.times(f64::from(code.corrects() + 1) / code.bits())),
            uncorrectable_now: 0,
            trouble: None,
        }
    }
}

impl Piece {
    fn add(&mut self, other: &Self) {
        self.seconds += other.seconds;
        self.bits += other.bits;
        self.errors += other.errors;
        self.codewords += other.codewords;
        self.uncorrectable += other.uncorrectable;
        for (sum, more) in self.lanes.iter_mut().zip(&other.lanes) {
            *sum += more;
        }
    }
}

/// The ratios that the source worked out itself, for one whose counters do not do.
fn told(now: &HostFec) -> HostFigures {
    let estimate = |ratio: Option<f64>| Estimate::of_ratio(ratio?, None);
    HostFigures {
        bers: estimate(now.told.pre_fec)
            .map(|estimate| Ber {
                side: Side::Host,
                source: Source::Host,
                lane: None,
                statistic: Statistic::Current,
                estimate,
                bits: None,
            })
            .into_iter()
            .collect(),
        post_fec_ber: estimate(now.told.post_fec),
        ..HostFigures::default()
    }
}

/// Errors and bits of one interval; `None` where the counters do not tell them, or
/// tell more errors than bits.
fn piece(now: &HostFec, found: &Difference, code: Code, rate: Option<f64>) -> Option<Piece> {
    let counted = found.all_codewords().filter(|codewords| *codewords > 0);
    let counted_bits = counted.map(|codewords| float(codewords) * code.bits());
    let timed_bits = now
        .coded_bits_per_second
        .or(rate)
        .map(|rate| rate * found.seconds);
    let bits = counted_bits.or(timed_bits).filter(|bits| *bits > 0.0)?;
    let codewords = bits / code.bits();
    let uncorrectable = float(found.uncorrectable_codewords.unwrap_or_default());
    let errors = errors(found, code, bits, uncorrectable)?;
    let lanes: Option<Vec<f64>> = found.lane_bits.iter().map(|bits| bits.map(float)).collect();
    (errors <= bits && uncorrectable <= codewords).then(|| Piece {
        seconds: found.seconds,
        bits,
        errors,
        codewords,
        uncorrectable,
        lanes: lanes.unwrap_or_default(),
    })
}

/// Wrong bits of an interval, from whichever counter is nearest to bits.
///
/// Codewords that were not corrected are in none of them: each has at least one
/// wrong bit in one more symbol than the code corrects. Without them a link that
/// corrects nothing any more would look perfect.
fn errors(found: &Difference, code: Code, bits: f64, uncorrectable: f64) -> Option<f64> {
    let lanes: Option<u64> = found.lane_bits.iter().copied().sum();
    let lanes = lanes.filter(|_| !found.lane_bits.is_empty());
    let least = uncorrectable * f64::from(code.corrects() + 1);
    if let Some(corrected) = found.corrected_bits.or(lanes) {
        return Some(float(corrected) + least);
    }
    let binned = || {
        let bins = (0_u64..).zip(&found.histogram);
        let symbols = bins.map(|(wrong, codewords)| wrong.saturating_mul(*codewords));
        (!found.histogram.is_empty()).then(|| symbols.fold(0, u64::saturating_add))
    };
    if let Some(symbols) = found.corrected_symbols.or_else(binned) {
        let share = (float(symbols) + least) * 10.0 / bits;
        return Some(code.ber_of_symbols(share) * bits);
    }
    let codewords = bits / code.bits();
    let touched = float(found.corrected_codewords?) + uncorrectable;
    // That every one is touched tells of no upper end.
    let share = (touched / codewords).min(1.0 - 0.5 / codewords);
    Some(code.ber_of_touched(share) * bits)
}

#[cfg(test)]
mod tests;
