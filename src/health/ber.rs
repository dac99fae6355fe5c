//! Error ratios: one type for whoever measured them, and for none seen.

use std::fmt;

use super::poisson;
use crate::module::Statistic;
use crate::names::Side;

/// An error ratio as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Estimate {
    /// Errors were seen.
    Measured {
        /// Their share, above 0 and at most 1.
        ratio: f64,
        /// Between which the true share lies with `poisson::CONFIDENCE`; `None`
        /// where nobody tells how many bits were looked at.
        interval: Option<[f64; 2]>,
    },
    /// None was seen: with `poisson::CONFIDENCE` the true share is below this.
    Below(f64),
}

impl Estimate {
    /// What it means that so many of so many were wrong. `None` where nothing was
    /// looked at, or more is wrong than there is.
    pub fn of_counts(wrong: f64, all: f64) -> Option<Self> {
        let sane = all > 0.0 && all.is_finite() && (0.0..=all).contains(&wrong);
        if !sane {
            return None;
        }
        let bound = (poisson::upper_of_none() / all).min(1.0);
        if wrong == 0.0 {
            return (bound > 0.0).then_some(Self::Below(bound));
        }
        let ratio = wrong / all;
        let interval = poisson::interval(wrong).map(|mean| (mean / all).min(1.0));
        (ratio > 0.0).then_some(Self::Measured {
            ratio,
            interval: Some(interval),
        })
    }

    /// A ratio that somebody else worked out, over so many bits where that is
    /// known. `None` for what is no ratio, and for a zero of nobody knows how many.
    pub fn of_ratio(ratio: f64, bits: Option<f64>) -> Option<Self> {
        if !(0.0..=1.0).contains(&ratio) {
            return None;
        }
        match bits.filter(|bits| *bits > 0.0) {
            Some(bits) => Self::of_counts(ratio * bits, bits),
            None if ratio > 0.0 => Some(Self::Measured {
                ratio,
                interval: None,
            }),
            None => None,
        }
    }

    /// The ratio, or the bound that stands for it: above 0.
    pub fn number(self) -> f64 {
        match self {
            Self::Measured { ratio, .. } => ratio,
            Self::Below(bound) => bound,
        }
    }

    /// Whether no error was seen, so that the number is only a bound.
    pub fn is_bound(self) -> bool {
        matches!(self, Self::Below(_))
    }

    /// Between which the true ratio lies, where that is known.
    pub fn interval(self) -> Option<[f64; 2]> {
        match self {
            Self::Measured { interval, .. } => interval,
            Self::Below(bound) => Some([0.0, bound]),
        }
    }

    /// The same of something else that is so many times as frequent, up to 1.
    pub(super) fn times(self, factor: f64) -> Self {
        let scaled = |ratio: f64| (ratio * factor).min(1.0);
        match self {
            Self::Measured { ratio, interval } => Self::Measured {
                ratio: scaled(ratio),
                interval: interval.map(|ends| ends.map(scaled)),
            },
            Self::Below(bound) => Self::Below(scaled(bound)),
        }
    }

    /// The number's decimal logarithm.
    pub fn log10(self) -> f64 {
        self.number().log10()
    }
}

/// Shown as `3.1e-8`, or as `< 5e-13`, the bound rounded up.
impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Measured { ratio, .. } => write!(f, "{ratio:.1e}"),
            Self::Below(bound) => {
                let exponent = bound.log10().floor();
                let unit = 10_f64.powf(exponent);
                let digit = (bound / unit - 1e-9).ceil();
                match digit > 9.0 {
                    true => write!(f, "< 1e{:.0}", exponent + 1.0),
                    false => write!(f, "< {digit:.0}e{exponent:.0}"),
                }
            }
        }
    }
}

/// Who measured an error ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// The module's own decoder.
    Module,
    /// The decoder of switch chip or NIC: of the whole way that ends there.
    Host,
    /// Nobody: it follows from the ratio before correction, if errors fall at
    /// random.
    Model,
}

impl Source {
    /// The word used in labels and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Module => "module",
            Self::Host => "host",
            Self::Model => "model",
        }
    }
}

/// One bit error ratio before correction, and what it is of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ber {
    /// Which side of the module; what a host counts came in over its own.
    pub side: Side,
    /// Who measured it.
    pub source: Source,
    /// The lane over all banks, from 1; `None` for the whole path.
    pub lane: Option<u16>,
    /// What it tells over time.
    pub statistic: Statistic,
    /// The ratio.
    pub estimate: Estimate,
    /// How many bits were looked at, where that is known.
    pub bits: Option<f64>,
}

impl Ber {
    /// Which side, seen by whom.
    pub fn vantage(&self) -> Vantage {
        Vantage {
            side: self.side,
            source: self.source,
        }
    }
}

/// Which of several error ratios is meant: one side, one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Vantage {
    /// The side.
    pub side: Side,
    /// Who looks.
    pub source: Source,
}

/// Shown as `media side, by the module`.
impl fmt::Display for Vantage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { side, source } = self;
        write!(f, "{} side, by the {}", side.name(), source.name())
    }
}

/// The ratio that stands for each vantage: of a module the worst lane, or the whole
/// path where that is all there is; of a host the whole path, since codewords run
/// over all lanes. Values of the moment go before averages, whose interval
/// may have begun before the link came up.
pub fn worst(bers: &[Ber]) -> Vec<(Vantage, Ber)> {
    let mut found: Vec<(Vantage, u8, Ber)> = Vec::new();
    for ber in bers {
        let rank = match (ber.lane, ber.statistic) {
            (None, Statistic::Current) if ber.source == Source::Host => 4,
            (Some(_), Statistic::Current) => 3,
            (Some(_), Statistic::Average) => 2,
            (None, Statistic::Current) => 1,
            (None, Statistic::Average) => 0,
            (_, Statistic::Minimum | Statistic::Maximum | Statistic::Total) => continue,
        };
        let vantage = ber.vantage();
        match found.iter_mut().find(|(other, ..)| *other == vantage) {
            None => found.push((vantage, rank, *ber)),
            Some((_, best_rank, best)) => {
                if rank > *best_rank || rank == *best_rank && worse(ber.estimate, best.estimate) {
                    (*best_rank, *best) = (rank, *ber);
                }
            }
        }
    }
    found
        .into_iter()
        .map(|(vantage, _, ber)| (vantage, ber))
        .collect()
}

/// Whether one ratio is worse than another: errors that were seen are worse than
/// any bound.
fn worse(one: Estimate, other: Estimate) -> bool {
    match (one.is_bound(), other.is_bound()) {
        (false, true) => true,
        (true, false) => false,
        _ => one.number() > other.number(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_error_is_a_bound_and_never_zero() {
        // A lane of 106.25 Gb/s for a second and for a minute, a port of 800G for
        // a minute.
        for (bits, bound, shown) in [
            (106.25e9, 2.8e-11, "< 3e-11"),
            (60.0 * 106.25e9, 4.7e-13, "< 5e-13"),
            (60.0 * 850e9, 5.9e-14, "< 6e-14"),
        ] {
            let estimate = Estimate::of_counts(0.0, bits).unwrap();
            assert!((estimate.number() / bound - 1.0).abs() < 0.02);
            assert!(estimate.is_bound());
            assert_eq!(estimate.to_string(), shown);
        }
        assert_eq!(Estimate::Below(9.7e-13).to_string(), "< 1e-12");
        assert_eq!(Estimate::Below(1e-12).to_string(), "< 1e-12");
        assert_eq!(Estimate::of_ratio(0.0, None), None);
    }

    #[test]
    fn counts_give_an_interval_around_the_ratio() {
        let estimate = Estimate::of_counts(10.0, 1e10).unwrap();
        let [low, high] = estimate.interval().unwrap();
        assert!((low / 4.795e-10 - 1.0).abs() < 1e-2 && (high / 1.839e-9 - 1.0).abs() < 1e-2);
        assert_eq!(estimate.to_string(), "1.0e-9");
        assert_eq!(Estimate::of_ratio(1e-9, Some(1e10)), Some(estimate));
        assert_eq!(Estimate::of_ratio(1e-9, None).unwrap().interval(), None);
    }

    #[test]
    fn what_is_no_ratio_is_nothing() {
        for (wrong, all) in [
            (1.0, 0.0),
            (2.0, 1.0),
            (-1.0, 5.0),
            (f64::NAN, 5.0),
            (1.0, f64::NAN),
            (0.0, f64::INFINITY),
        ] {
            assert_eq!(Estimate::of_counts(wrong, all), None, "{wrong} of {all}");
        }
        for ratio in [-0.1, 1.1, f64::NAN] {
            assert_eq!(Estimate::of_ratio(ratio, Some(1e9)), None);
        }
    }

    #[test]
    fn the_worst_lane_stands_for_its_side() {
        let ber = |lane, statistic, ratio| Ber {
            side: Side::Media,
            source: Source::Module,
            lane,
            statistic,
            estimate: Estimate::of_ratio(ratio, Some(1e11)).unwrap(),
            bits: None,
        };
        let now = Statistic::Current;
        let path = ber(None, now, 1e-6);
        let lanes = [
            path,
            ber(Some(1), now, 1e-9),
            ber(Some(2), now, 1e-8),
            ber(Some(3), now, 0.0),
            ber(Some(4), Statistic::Maximum, 1e-3),
        ];
        let [(vantage, found)] = worst(&lanes)[..] else {
            panic!("one vantage");
        };
        assert_eq!(vantage.to_string(), "media side, by the module");
        assert_eq!(found.lane, Some(2));
        assert_eq!(worst(&lanes[..1])[0].1, path);
        let of_host = [Some(1), None, Some(2)].map(|lane| Ber {
            source: Source::Host,
            ..ber(lane, now, 1e-7)
        });
        assert_eq!(worst(&of_host)[0].1.lane, None);
        let with_average = [ber(Some(1), Statistic::Average, 1e-6), lanes[1]];
        assert_eq!(worst(&with_average)[0].1, lanes[1]);
        assert_eq!(worst(&with_average[..1])[0].1, with_average[0]);
    }

    proptest! {
        #[test]
        fn every_estimate_is_a_positive_ratio(wrong in any::<f64>(), all in any::<f64>()) {
            let both = [Estimate::of_counts(wrong, all), Estimate::of_ratio(wrong, Some(all))];
            for estimate in both.into_iter().flatten() {
                prop_assert!(estimate.number() > 0.0 && estimate.number() <= 1.0);
                if let Some([low, high]) = estimate.interval() {
                    prop_assert!(low <= high && high <= 1.0);
                }
                prop_assert!(!estimate.to_string().is_empty());
            }
        }
    }
}
