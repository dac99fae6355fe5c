//! Families about signal quality, from the module's VDM observables and from the
//! counters of coherent lanes.
//!
//! Only what a module of its class can know is exported: see
//! [`crate::report::quality`].

use std::ops::RangeInclusive;

use prometheus::proto::MetricFamily;

use super::Port;
use super::family::{Once, Series, Spec};
use crate::module::{Fec, Snapshot, Statistic};
use crate::names::{Lane, Side};
use crate::report::quality::{self, ERRORED_FRAME_TYPES, PRE_FEC_TYPES};

const PRE_FEC: Spec = Spec::gauge(
    "opticsd_pre_fec_bit_error_ratio",
    "Wrong bits by all bits before correction, from 0 to 1, as of the last sweep; without lane it is the whole module's.",
);
const ERRORED_FRAMES: Spec = Spec::gauge(
    "opticsd_post_fec_errored_frames",
    "Frames that could not be corrected in the module's own interval, as of the last sweep; a count that the module resets.",
);

/// The families of this file.
pub(super) const SPECS: [&Spec; 2] = [&PRE_FEC, &ERRORED_FRAMES];

pub(super) fn collect(ports: &[Port<'_>]) -> Vec<MetricFamily> {
    vec![
        PRE_FEC.by_port(ports, |port, series| {
            add_samples(port, &PRE_FEC_TYPES, &[("source", "module")], series);
            add_coherent_ratios(port, series);
        }),
        ERRORED_FRAMES.by_port(ports, |port, series| {
            add_samples(port, &ERRORED_FRAME_TYPES, &[], series);
            add_coherent_frames(port, series);
        }),
    ]
}

/// Adds the samples of these types, each lane and statistic once: of repeated
/// descriptors the first counts.
fn add_samples(
    port: &Port<'_>,
    types: &RangeInclusive<u8>,
    more: &[(&str, &str)],
    series: &mut Series<'_>,
) {
    let (Some(module), Some(class)) = (port.snapshot(), port.class()) else {
        return;
    };
    let mut once = Once::new();
    for sample in module.vdm.iter().filter(|s| types.contains(&s.observable)) {
        let lane = quality::lane_over_all_banks(sample);
        let key = (sample.observable, lane);
        let lane = lane.map_or_else(String::new, |lane| lane.to_string());
        if let Some((side, value)) = quality::measured(sample, class)
            && once.first(key)
        {
            let labels = [
                ("side", side.name()),
                ("lane", &*lane),
                ("statistic", sample.statistic.name()),
            ];
            series.add(&[&labels, more].concat(), value);
        }
    }
}

/// Adds the ratios that coherent lanes counted (C-CMIS 34h), where VDM does not
/// say the same of the media side.
fn add_coherent_ratios(port: &Port<'_>, series: &mut Series<'_>) {
    let Some(module) = port.snapshot() else {
        return;
    };
    for (lane, fec) in counted(module) {
        for (statistic, ratio) in [
            (Statistic::Minimum, fec.pre_fec_ber_min()),
            (Statistic::Maximum, fec.pre_fec_ber_max()),
            (Statistic::Average, fec.pre_fec_ber()),
        ] {
            if !observes(module, &PRE_FEC_TYPES, statistic) {
                let labels = [
                    ("side", Side::Media.name()),
                    ("lane", &*lane.to_string()),
                    ("statistic", statistic.name()),
                    ("source", "module"),
                ];
                series.add_some(&labels, ratio);
            }
        }
    }
}

/// Adds the frames that coherent lanes could not correct, likewise.
fn add_coherent_frames(port: &Port<'_>, series: &mut Series<'_>) {
    let Some(module) = port.snapshot() else {
        return;
    };
    if observes(module, &ERRORED_FRAME_TYPES, Statistic::Total) {
        return;
    }
    for (lane, fec) in counted(module) {
        let labels = [
            ("side", Side::Media.name()),
            ("lane", &*lane.to_string()),
            ("statistic", Statistic::Total.name()),
        ];
        series.add(&labels, f64::from(fec.uncorrectable_frames));
    }
}

fn counted(module: &Snapshot) -> impl Iterator<Item = (Lane, Fec)> {
    let lanes = module.coherent.iter();
    lanes.filter_map(|lane| Some((lane.lane, lane.fec.value()?)))
}

/// Whether VDM has this statistic of the media side among these types.
fn observes(module: &Snapshot, types: &RangeInclusive<u8>, statistic: Statistic) -> bool {
    module.vdm.iter().any(|sample| {
        types.contains(&sample.observable)
            && sample.side == Some(Side::Media)
            && sample.statistic == statistic
    })
}
