//! Families about signal quality, from the module's VDM observables.
//!
//! Only what a module of its class can know is exported: see
//! [`crate::report::quality`].

use std::ops::RangeInclusive;

use prometheus::proto::MetricFamily;

use super::Port;
use super::family::{Once, Series, Spec};
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
        }),
        ERRORED_FRAMES.by_port(ports, |port, series| {
            add_samples(port, &ERRORED_FRAME_TYPES, &[], series);
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
