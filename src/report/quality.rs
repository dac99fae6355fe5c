//! Which error ratios of a module are measurements, and where its signal to noise
//! ratios stand.

use crate::class::Classification;
use crate::health::module_ber::{self, ERRORED_FRAME_TYPES, PRE_FEC_TYPES};
use crate::module::{Snapshot, VdmSample};
use crate::names::Side;

pub(super) use module_ber::lane_over_all_banks;

/// VDM observable types of the signal to noise ratio at the input, both sides.
const SNR_TYPES: std::ops::RangeInclusive<u8> = 5..=6;

/// Whether a sample counts errors of traffic.
fn counts_errors(sample: &VdmSample) -> bool {
    PRE_FEC_TYPES.contains(&sample.observable) || ERRORED_FRAME_TYPES.contains(&sample.observable)
}

/// Whether a sample counts errors that a module of this class cannot know.
pub(super) fn is_unfounded(sample: &VdmSample, class: &Classification) -> bool {
    counts_errors(sample)
        && sample.value.value().is_some()
        && module_ber::measured(sample, class).is_none()
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
    use crate::class::Retiming;
    use crate::report::sample;

    #[test]
    fn ratios_that_the_class_cannot_know_are_unfounded() {
        let snapshot = sample::module("S1");
        let unfounded = |retiming| {
            let class = Classification {
                retiming,
                ..sample::classification()
            };
            let samples = snapshot.vdm.iter();
            samples.filter(|s| is_unfounded(s, &class)).count()
        };
        assert_eq!(unfounded(Retiming::Both), 0);
        assert_eq!(unfounded(Retiming::None), 5);
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
