//! The error ratios that a module measured itself: VDM observables (CMIS 5.4
//! Table 8-122, types 9 to 16) and the counters of coherent lanes (C-CMIS 34h).
//!
//! A direction that is not retimed has no error counter: a zero read there is
//! absence, not health. Where retiming is not established only a ratio that is
//! not zero is taken for a measurement.

use super::ber::{Ber, Estimate, Source};
use super::fec::KP4;
use crate::class::rate::{LineRate, line_rate};
use crate::class::{Classification, Retiming};
use crate::module::{Fec, Snapshot, Statistic, VdmSample};
use crate::names::{Lane, Side};

/// VDM observable types of the pre-FEC bit error ratio, both sides.
pub const PRE_FEC_TYPES: std::ops::RangeInclusive<u8> = 9..=16;
/// VDM observable types of the errored frame count, both sides.
pub const ERRORED_FRAME_TYPES: std::ops::RangeInclusive<u8> = 17..=26;

/// VDM observable types of the most wrong symbols in a codeword, both sides.
const SYMBOL_ERROR_TYPES: std::ops::RangeInclusive<u8> = 27..=34;
/// Lanes in a bank: VDM names lanes inside their bank.
const LANES_PER_BANK: u16 = 8;
/// Over how long a module counts at least, in seconds. No register tells it; those
/// that say so in their manuals renew a value once a second.
const INTERVAL_SECONDS: f64 = 1.0;

/// The side and value of an error sample, if a module of this class can know it.
pub fn measured(sample: &VdmSample, class: &Classification) -> Option<(Side, f64)> {
    let side = sample.side?;
    let value = sample.value.value().filter(|value| value.is_finite())?;
    let knows = match class.retiming {
        Retiming::None => false,
        Retiming::TxOnly => side == Side::Host,
        Retiming::Both => true,
        Retiming::Unknown => value != 0.0,
    };
    knows.then_some((side, value))
}

/// The lane of a sample over all banks; `None` for the whole module.
pub fn lane_over_all_banks(sample: &VdmSample) -> Option<u16> {
    let first = LANES_PER_BANK * u16::from(sample.bank.number());
    sample.lane.map(|lane| first + u16::from(lane))
}

/// The error ratios before correction that a module of this class can know, each
/// side, lane and statistic once: of repeated descriptors the first counts.
///
/// Where no error was seen and the rate of the lanes is known, a bound over the
/// second that modules count at least; where it is not known, nothing.
pub fn bers(module: &Snapshot, class: &Classification) -> Vec<Ber> {
    let rate = line_rate(module);
    let samples = module
        .vdm
        .iter()
        .filter(|sample| PRE_FEC_TYPES.contains(&sample.observable));
    let mut found: Vec<Ber> = Vec::new();
    for sample in samples {
        let Some((side, ratio)) = measured(sample, class) else {
            continue;
        };
        let lane = lane_over_all_banks(sample);
        let key = (side, lane, sample.statistic);
        if found.iter().any(|f| (f.side, f.lane, f.statistic) == key) {
            continue;
        }
        let bits = bits(side, lane, rate);
        found.extend(Estimate::of_ratio(ratio, bits).map(|estimate| Ber {
            side,
            source: Source::Module,
            lane,
            statistic: sample.statistic,
            estimate,
            bits,
        }));
    }
    for lane in &module.coherent {
        if let Some(fec) = lane.fec.value() {
            found.extend(of_coherent(module, lane.lane, &fec));
        }
    }
    found
}

/// The most wrong symbols in a codeword that the module saw on its media side
/// (types 27 to 34), and how many codewords it looked at.
pub(super) fn worst_codeword(module: &Snapshot, class: &Classification) -> Option<(u16, f64)> {
    let codewords = line_rate(module).host? * INTERVAL_SECONDS / KP4.bits();
    let samples = module.vdm.iter().filter(|sample| {
        SYMBOL_ERROR_TYPES.contains(&sample.observable)
            && matches!(sample.statistic, Statistic::Current | Statistic::Maximum)
    });
    let of_media = samples.filter_map(|sample| measured(sample, class));
    let symbols = of_media.filter(|(side, _)| *side == Side::Media);
    let most = symbols.map(|(_, symbols)| symbols).reduce(f64::max)?;
    // More is beyond correction, which is counted as one more.
    (1..=KP4.corrects() + 1)
        .rev()
        .find(|wrong| f64::from(*wrong) <= most)
        .map(|wrong| (wrong, codewords))
}

/// How many bits a lane, or all of a side, carries while the module counts.
fn bits(side: Side, lane: Option<u16>, rate: LineRate) -> Option<f64> {
    let per_second = match (side, lane) {
        (Side::Host, Some(_)) => rate.host_lane,
        (Side::Media, Some(_)) => rate.media_lane,
        // What comes in on one side goes out on the other.
        (Side::Host | Side::Media, None) => rate.host,
    };
    per_second.map(|rate| rate * INTERVAL_SECONDS)
}

/// The ratios that a coherent lane counted, where VDM does not say the same.
fn of_coherent(module: &Snapshot, lane: Lane, fec: &Fec) -> impl Iterator<Item = Ber> {
    let ratios = [
        (
            Statistic::Minimum,
            fec.pre_fec_ber_min(),
            fec.bits_per_sub_interval,
        ),
        (
            Statistic::Maximum,
            fec.pre_fec_ber_max(),
            fec.bits_per_sub_interval,
        ),
        (Statistic::Average, fec.pre_fec_ber(), fec.bits),
    ];
    ratios
        .into_iter()
        .filter_map(move |(statistic, ratio, bits)| {
            if observes(module, statistic) {
                return None;
            }
            let bits = float(bits);
            Some(Ber {
                side: Side::Media,
                source: Source::Module,
                lane: Some(lane.number()),
                statistic,
                estimate: Estimate::of_ratio(ratio?, Some(bits))?,
                bits: Some(bits),
            })
        })
}

/// Whether VDM has this statistic of the media side's ratio.
fn observes(module: &Snapshot, statistic: Statistic) -> bool {
    module.vdm.iter().any(|sample| {
        PRE_FEC_TYPES.contains(&sample.observable)
            && sample.side == Some(Side::Media)
            && sample.statistic == statistic
    })
}

/// A count as a float.
#[expect(
    clippy::cast_precision_loss,
    reason = "no error ratio needs more than sixteen digits"
)]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::address::Bank;
    use crate::class::{Class, Form, Source as ClassSource};
    use crate::health::fixture;
    use crate::module::{CoherentLane, Reading};

    fn class(retiming: Retiming) -> Classification {
        Classification {
            class: Class::Dsp,
            form: Form::Pluggable,
            retiming,
            confidence: 0.9,
            source: ClassSource::Scored,
            evidence: Vec::new(),
            missing: Vec::new(),
            conflicts: Vec::new(),
            scores: Vec::new(),
        }
    }

    fn sample(observable: u8, side: Side, lane: Option<u8>, value: f64) -> VdmSample {
        VdmSample {
            bank: Bank::ZERO,
            instance: 1,
            observable,
            name: "pre_fec_ber",
            side: Some(side),
            statistic: Statistic::Current,
            lane,
            frozen: false,
            value: Reading::Value(value),
            unit: "ratio",
            raw: 0,
            thresholds: Reading::NOT_ADVERTISED,
            flags: Reading::NOT_ADVERTISED,
        }
    }

    /// Lanes of 106.25 Gb/s.
    fn module(samples: Vec<VdmSample>) -> Snapshot {
        let mut module = fixture::of_100g_lanes();
        module.vdm = samples;
        module
    }

    #[test]
    fn a_zero_counts_where_a_decoder_is_and_is_a_bound_there() {
        let module = module(vec![
            sample(15, Side::Media, Some(1), 0.0),
            sample(16, Side::Host, Some(1), 0.0),
        ]);
        let sides = |retiming| {
            let found = bers(&module, &class(retiming));
            found.iter().map(|ber| ber.side).collect::<Vec<_>>()
        };
        assert_eq!(sides(Retiming::Both), [Side::Media, Side::Host]);
        assert_eq!(sides(Retiming::TxOnly), [Side::Host]);
        assert_eq!(sides(Retiming::None), []);
        assert_eq!(sides(Retiming::Unknown), []);
        let found = bers(&module, &class(Retiming::Both));
        assert_eq!(found[0].estimate.to_string(), "< 3e-11");
    }

    #[test]
    fn a_zero_of_unknown_rate_says_nothing_and_errors_do() {
        let mut module = module(vec![
            sample(15, Side::Media, Some(1), 0.0),
            sample(15, Side::Media, Some(2), 3e-9),
        ]);
        module.applications.clear();
        let found = bers(&module, &class(Retiming::Both));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].lane, found[0].bits), (Some(2), None));
    }

    #[test]
    fn repeated_descriptors_and_nonsense_are_left_out() {
        let module = module(vec![
            sample(15, Side::Media, Some(1), 1e-9),
            sample(15, Side::Media, Some(1), 1e-3),
            sample(15, Side::Media, Some(2), f64::NAN),
            sample(15, Side::Media, Some(3), 2.0),
        ]);
        let found = bers(&module, &class(Retiming::Both));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].estimate.number(), 1e-9);
    }

    #[test]
    fn the_worst_codeword_is_the_most_of_all_lanes() {
        let symbols = |lane, value| VdmSample {
            observable: 33,
            name: "symbol_errors_max",
            ..sample(33, Side::Media, Some(lane), value)
        };
        let module = module(vec![symbols(1, 2.0), symbols(2, 5.0), symbols(3, f64::NAN)]);
        let (wrong, codewords) = worst_codeword(&module, &class(Retiming::Both)).unwrap();
        assert_eq!(wrong, 5);
        assert!(codewords > 1e7);
        assert_eq!(worst_codeword(&module, &class(Retiming::None)), None);
    }

    #[test]
    fn coherent_lanes_count_what_vdm_does_not_observe() {
        let mut module = module(Vec::new());
        module.coherent = vec![CoherentLane {
            lane: Lane::from_index(0),
            fec: Reading::Value(Fec {
                bits: 1_000_000_000_000,
                bits_per_sub_interval: 0,
                corrected_bits: 2_000_000_000,
                corrected_bits_min: 0,
                corrected_bits_max: 0,
                frames: 1,
                frames_per_sub_interval: 0,
                uncorrectable_frames: 0,
                uncorrectable_frames_min: 0,
                uncorrectable_frames_max: 0,
            }),
            link: Reading::NOT_ADVERTISED,
        }];
        let found = bers(&module, &class(Retiming::Both));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].statistic, Statistic::Average);
        assert_eq!(found[0].estimate.to_string(), "2.0e-3");
    }
}
