//! The error ratio of one vantage over a session, in decades.

use std::collections::VecDeque;

use super::ber::{Ber, Estimate};
use super::trend::Trend;
use super::window::Window;

/// How many of the newest values tell where the ratio stands now.
const RECENT: usize = 8;
/// How many of the first values tell where it stood when the link came up.
const FIRST: f64 = 60.0;
/// A change of less is no trend, in decades.
const LEAST_TREND: f64 = 0.3;
/// Of so many values at least one in ten without errors, the counts tell more than
/// the logarithms of what is left.
const MANY_BOUNDS: f64 = 0.1;

/// Where values of a ratio lie: logarithms to the base of ten, and what was counted
/// where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spread {
    /// How many values.
    pub samples: f64,
    /// How many of them were bounds, because no error was seen.
    pub bounds: f64,
    /// Mean of the logarithms of those with errors.
    pub mean: f64,
    /// Sum of the squares of what they are off it.
    pub squares: f64,
    /// Least and most of them.
    pub least: f64,
    /// See `least`.
    pub most: f64,
    /// Wrong bits that were seen.
    pub errors: f64,
    /// Bits that were looked at.
    pub bits: f64,
    /// The lowest bound.
    pub bound: f64,
}

impl Spread {
    /// Takes in a value.
    pub(super) fn add(&mut self, ber: &Ber) {
        self.samples += 1.0;
        if let Some(bits) = ber.bits {
            self.bits += bits;
        }
        match ber.estimate {
            Estimate::Below(bound) => {
                self.bound = if self.bounds == 0.0 {
                    bound
                } else {
                    self.bound.min(bound)
                };
                self.bounds += 1.0;
            }
            Estimate::Measured { ratio, .. } => {
                let log = ratio.log10();
                let measured = self.measured();
                (self.least, self.most) = if measured == 1.0 {
                    (log, log)
                } else {
                    (self.least.min(log), self.most.max(log))
                };
                let off = log - self.mean;
                self.mean += off / measured;
                self.squares += off * (log - self.mean);
                self.errors += ratio * ber.bits.unwrap_or_default();
            }
        }
    }

    fn measured(&self) -> f64 {
        self.samples - self.bounds
    }

    /// The ratio that stands for all values.
    pub fn center(&self) -> Option<Estimate> {
        if self.samples <= 0.0 {
            return None;
        }
        let by_counts = self.bounds > MANY_BOUNDS * self.samples;
        match Estimate::of_counts(self.errors, self.bits) {
            // Windows overlap: their sum is no tighter than the tightest of them.
            Some(Estimate::Below(_)) if self.bound > 0.0 => Some(Estimate::Below(self.bound)),
            Some(counted) if by_counts => Some(counted),
            _ if self.measured() > 0.0 => Estimate::of_ratio(10_f64.powf(self.mean), None),
            _ if self.bound > 0.0 => Some(Estimate::Below(self.bound)),
            _ => None,
        }
    }

    /// The deviation of the values, in decades.
    pub fn deviation(&self) -> f64 {
        let free = self.measured() - 1.0;
        if free > 0.0 {
            (self.squares / free).max(0.0).sqrt()
        } else {
            0.0
        }
    }

    /// How far the center may be off, in decades: what the values scatter, what the
    /// count allows, and what modules wander by themselves.
    pub fn error_of_center(&self) -> f64 {
        const WANDER: f64 = 0.1;
        let scatter = self.deviation() / self.measured().max(1.0).sqrt();
        let count = if self.errors > 0.0 {
            std::f64::consts::LOG10_E / self.errors.sqrt()
        } else {
            0.0
        };
        (scatter * scatter + count * count + WANDER * WANDER).sqrt()
    }
}

/// The course of one vantage's ratio since the link came up.
#[derive(Debug, Clone, Default)]
pub(super) struct Course {
    /// All of the session.
    pub all: Spread,
    /// Its beginning.
    pub first: Spread,
    recent: VecDeque<Ber>,
    window: Window,
    trend: Option<Trend>,
}

impl Course {
    /// Takes in the ratio at a time in seconds.
    pub(super) fn push(&mut self, at: f64, ber: Ber) {
        self.all.add(&ber);
        if self.first.samples < FIRST {
            self.first.add(&ber);
        }
        if self.recent.len() >= RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(ber);
        if self.window.push(at, ber.estimate.log10()) {
            self.trend = Trend::of(self.window.points(), LEAST_TREND);
        }
    }

    /// Where the ratio stands now.
    pub(super) fn recent(&self) -> Spread {
        let mut spread = Spread::default();
        for ber in &self.recent {
            spread.add(ber);
        }
        spread
    }

    /// The better of the last two values: what both are at least as bad as.
    pub(super) fn steady(&self) -> Option<Estimate> {
        let mut newest = self.recent.iter().rev().map(|ber| ber.estimate);
        let (last, before) = (newest.next()?, newest.next()?);
        let better = before.is_bound() || (!last.is_bound() && before.number() < last.number());
        Some(if better { before } else { last })
    }

    /// The trend in decades, if there is one.
    pub(super) fn trend(&self) -> Option<Trend> {
        self.trend
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::ber::Source;
    use crate::module::Statistic;
    use crate::names::Side;

    fn ber(ratio: f64) -> Ber {
        Ber {
            side: Side::Media,
            source: Source::Module,
            lane: Some(1),
            statistic: Statistic::Current,
            estimate: Estimate::of_ratio(ratio, Some(1e11)).unwrap(),
            bits: Some(1e11),
        }
    }

    fn spread(ratios: &[f64]) -> Spread {
        let mut spread = Spread::default();
        for ratio in ratios {
            spread.add(&ber(*ratio));
        }
        spread
    }

    #[test]
    fn the_center_is_that_of_the_logarithms() {
        let spread = spread(&[1e-9, 1e-8, 1e-7]);
        assert!((spread.center().unwrap().log10() + 8.0).abs() < 1e-9);
        assert!((spread.deviation() - 1.0).abs() < 1e-9);
        assert_eq!((spread.least.round(), spread.most.round()), (-9.0, -7.0));
    }

    #[test]
    fn rare_errors_are_counted_over_all_bits() {
        // One wrong bit in a hundred intervals of 1e11.
        let mut ratios = vec![0.0; 99];
        ratios.push(1e-11);
        let center = spread(&ratios).center().unwrap();
        assert!((center.number() / 1e-13 - 1.0).abs() < 1e-6);
        assert!(spread(&[0.0, 0.0]).center().unwrap().is_bound());
        assert_eq!(Spread::default().center(), None);
    }

    #[test]
    fn one_bad_value_alone_is_not_steady() {
        let mut course = Course::default();
        course.push(0.0, ber(1e-9));
        assert_eq!(course.steady(), None);
        course.push(1.0, ber(1e-5));
        assert_eq!(course.steady().unwrap().number(), 1e-9);
        course.push(2.0, ber(2e-5));
        assert!((course.steady().unwrap().number() / 1e-5 - 1.0).abs() < 1e-9);
        course.push(3.0, ber(0.0));
        assert!(course.steady().unwrap().is_bound());
    }
}
