//! The error ratios of a host's decoder, from the differences of its counters over
//! measured time.

mod piece;

use std::collections::VecDeque;
use std::time::Duration;

use self::piece::{Piece, piece};
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
const LONGEST_SECONDS: f64 = 3600.0;

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

#[cfg(test)]
mod tests;
