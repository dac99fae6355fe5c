//! Which error ratios of a module are measurements.
//!
//! A direction that is not retimed has no error counter: a zero read there is
//! absence, not health. Where retiming is not established only a ratio that is
//! not zero is taken for a measurement.

use crate::class::{Classification, Retiming};
use crate::module::{Snapshot, VdmSample};
use crate::names::Side;

/// VDM observable types of the pre-FEC bit error ratio, both sides (CMIS 5.4
/// Table 8-122).
pub(super) const PRE_FEC_TYPES: std::ops::RangeInclusive<u8> = 9..=16;
/// VDM observable types of the errored frame count, both sides.
pub(super) const ERRORED_FRAME_TYPES: std::ops::RangeInclusive<u8> = 17..=26;

/// VDM observable types of the signal to noise ratio at the input, both sides.
const SNR_TYPES: std::ops::RangeInclusive<u8> = 5..=6;

/// Lanes in a bank: VDM names lanes inside their bank.
const LANES_PER_BANK: u16 = 8;

/// Whether a sample counts errors of traffic.
fn counts_errors(sample: &VdmSample) -> bool {
    PRE_FEC_TYPES.contains(&sample.observable) || ERRORED_FRAME_TYPES.contains(&sample.observable)
}

/// The side and value of an error sample, if a module of this class can know it.
pub(super) fn measured(sample: &VdmSample, class: &Classification) -> Option<(Side, f64)> {
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

/// Whether a sample counts errors that a module of this class cannot know.
pub(super) fn is_unfounded(sample: &VdmSample, class: &Classification) -> bool {
    counts_errors(sample) && sample.value.value().is_some() && measured(sample, class).is_none()
}

/// The lane of a sample over all banks; `None` for the whole module.
pub(super) fn lane_over_all_banks(sample: &VdmSample) -> Option<u16> {
    let first = LANES_PER_BANK * u16::from(sample.bank.number());
    sample.lane.map(|lane| first + u16::from(lane))
}

/// The signal to noise ratio of each lane and side that has one, once: as the
/// diagnostics page shows it, and where that shows something else, as VDM does.
pub(super) fn lane_snr(module: &Snapshot) -> Vec<(u16, Side, f64)> {
    let shown = module
        .snr
        .iter()
        .filter_map(|snr| Some((snr.lane.number(), snr.side, snr.snr.value()?.decibels())));
    let observed = module
        .vdm
        .iter()
        .filter(|sample| SNR_TYPES.contains(&sample.observable))
        .filter_map(|s| Some((lane_over_all_banks(s)?, s.side?, s.value.value()?)));
    let mut found: Vec<(u16, Side, f64)> = Vec::new();
    for (lane, side, decibels) in shown.chain(observed) {
        if !found.iter().any(|(l, s, _)| (*l, *s) == (lane, side)) {
            found.push((lane, side, decibels));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_direction_without_retimer_measures_nothing() {
        let snapshot = sample::module("S1");
        let ber = snapshot.vdm.iter().find(|s| s.observable == 15).unwrap();
        let measured_by = |retiming, value| {
            let class = Classification {
                retiming,
                ..sample::classification()
            };
            let sample = VdmSample {
                value: crate::module::Reading::Value(value),
                ..ber.clone()
            };
            measured(&sample, &class).map(|(_, value)| value)
        };
        assert_eq!(measured_by(Retiming::Both, 0.0), Some(0.0));
        assert_eq!(measured_by(Retiming::None, 0.0), None);
        assert_eq!(measured_by(Retiming::None, 1e-6), None);
        assert_eq!(measured_by(Retiming::TxOnly, 1e-6), None);
        assert_eq!(measured_by(Retiming::Unknown, 0.0), None);
        assert_eq!(measured_by(Retiming::Unknown, 1e-6), Some(1e-6));
        assert_eq!(measured_by(Retiming::Both, f64::NAN), None);
    }

    #[test]
    fn a_lane_has_one_signal_to_noise_ratio_and_the_diagnostics_page_goes_first() {
        let mut module = sample::module("S1");
        let of_vdm = |lane, decibels| VdmSample {
            observable: 5,
            side: Some(Side::Media),
            lane: Some(lane),
            value: crate::module::Reading::Value(decibels),
            ..module.vdm[0].clone()
        };
        let (first, second) = (of_vdm(1, 20.0), of_vdm(2, 21.0));
        module.vdm = vec![first, second];
        module.snr.truncate(1);
        let shown = module.snr[0].snr.value().unwrap().decibels();
        let lane = module.snr[0].lane.number();
        let side = module.snr[0].side;
        let found = lane_snr(&module);
        assert!(found.contains(&(lane, side, shown)));
        let of_media = |lane| {
            found
                .iter()
                .filter(move |f| (f.0, f.1) == (lane, Side::Media))
        };
        assert_eq!(of_media(2).count(), 1);
        assert_eq!(of_media(1).count(), 1);
        module.snr.clear();
        assert!(lane_snr(&module).contains(&(1, Side::Media, 20.0)));
    }
}
