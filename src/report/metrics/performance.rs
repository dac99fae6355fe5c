//! Families about signal quality: error ratios before and behind the correction,
//! from the module and from the host's decoder, and their margins.
//!
//! Only what a module of its class can know is exported: see
//! [`crate::health::module_ber`].

use super::Port;
use super::family::{Family, Once, Series, Spec};
use crate::health::ber::{Source, Vantage};
use crate::health::module_ber::{self, ERRORED_FRAME_TYPES};
use crate::module::{Snapshot, Statistic};
use crate::names::Side;

const PRE_FEC: Spec = Spec::gauge(
    "opticsd_pre_fec_bit_error_ratio",
    "Wrong bits by all bits before correction, above 0, as of the last sweep; where no error was seen, what it is below with 95 % confidence; without lane it is of the whole path.",
);
const ERRORED_FRAMES: Spec = Spec::gauge(
    "opticsd_post_fec_errored_frames",
    "Frames that could not be corrected in the module's own interval, as of the last sweep; a count that the module resets.",
);
const CODEWORDS: Spec = Spec::gauge(
    "opticsd_post_fec_codeword_error_ratio",
    "Codewords that could not be corrected by all codewords, over the last minute at most; where there was none, what it is below with 95 % confidence.",
);
const POST_FEC: Spec = Spec::gauge(
    "opticsd_post_fec_bit_error_ratio",
    "Wrong bits by all bits behind the correction: from the host's uncorrectable codewords (host; where there was none, what it is below with 95 % confidence), or as it follows from the ratio before correction if errors fall at random (model).",
);
const MARGIN: Spec = Spec::gauge(
    "opticsd_ber_margin_decades",
    "How many decades the worst lane's bit error ratio is below the limit of its code, as of the last sweep; at least so many where no error was seen.",
);

const TREND: Spec = Spec::gauge(
    "opticsd_ber_trend_decades_per_day",
    "How fast the worst lane's bit error ratio rises, in decades a day, by the median of all slopes since the link came up; absent where there is no trend that chance would make less than once in 10000 times.",
);
const CHANGE: Spec = Spec::gauge(
    "opticsd_ber_session_change_ratio",
    "The bit error ratio of the last values by that of the session before the link last went down; at least so many times where no error was seen then, at most where none is seen now.",
);

/// The families of this file.
pub(super) const SPECS: [&Spec; 7] = [
    &PRE_FEC,
    &ERRORED_FRAMES,
    &CODEWORDS,
    &POST_FEC,
    &MARGIN,
    &TREND,
    &CHANGE,
];

pub(super) fn collect(ports: &[Port<'_>]) -> Vec<Family> {
    let source = |source: Source| [("source", source.name())];
    vec![
        PRE_FEC.by_port(ports, add_ratios),
        ERRORED_FRAMES.by_port(ports, |port, series| {
            add_frames(port, series);
            add_coherent_frames(port, series);
        }),
        CODEWORDS.by_port(ports, |port, series| {
            let ratio = port.view.health.codeword_error_ratio;
            series.add_some(&source(Source::Host), ratio.map(|ratio| ratio.number()));
        }),
        POST_FEC.by_port(ports, |port, series| {
            let health = &port.view.health;
            let counted = health.post_fec_ber.map(|ratio| ratio.number());
            series.add_some(&source(Source::Host), counted);
            series.add_some(&source(Source::Model), health.modelled_post_fec_ber);
        }),
        MARGIN.by_port(ports, |port, series| {
            for standing in &port.view.health.standings {
                let labels = place(standing.vantage());
                series.add_some(&labels, standing.margin.map(|margin| margin.decades));
            }
        }),
        TREND.by_port(ports, |port, series| {
            for trending in &port.view.health.trends {
                series.add(&place(trending.vantage), trending.trend.per_day);
            }
        }),
        CHANGE.by_port(ports, |port, series| {
            for change in &port.view.health.changes {
                series.add(&place(change.vantage), change.times);
            }
        }),
    ]
}

/// The labels of a vantage.
fn place(vantage: Vantage) -> [(&'static str, &'static str); 2] {
    [
        ("side", vantage.side.name()),
        ("source", vantage.source.name()),
    ]
}

fn add_ratios(port: &Port<'_>, series: &mut Series<'_>) {
    for ber in &port.view.health.bers {
        let lane = ber.lane.map_or_else(String::new, |lane| lane.to_string());
        let labels = [
            ("side", ber.side.name()),
            ("lane", &*lane),
            ("statistic", ber.statistic.name()),
            ("source", ber.source.name()),
        ];
        series.add(&labels, ber.estimate.number());
    }
}

/// Adds the frames that VDM observes, each lane and statistic once: of repeated
/// descriptors the first counts.
fn add_frames(port: &Port<'_>, series: &mut Series<'_>) {
    let (Some(module), Some(class)) = (port.snapshot(), port.class()) else {
        return;
    };
    let mut once = Once::new();
    let types = ERRORED_FRAME_TYPES;
    for sample in module.vdm.iter().filter(|s| types.contains(&s.observable)) {
        let lane = module_ber::lane_over_all_banks(sample);
        let key = (sample.observable, lane);
        let lane = lane.map_or_else(String::new, |lane| lane.to_string());
        if let Some((side, value)) = module_ber::measured(sample, class)
            && once.first(key)
        {
            let labels = [
                ("side", side.name()),
                ("lane", &*lane),
                ("statistic", sample.statistic.name()),
            ];
            series.add(&labels, value);
        }
    }
}

/// Adds the frames that coherent lanes could not correct (C-CMIS 34h), where VDM
/// does not say the same of the media side.
fn add_coherent_frames(port: &Port<'_>, series: &mut Series<'_>) {
    let Some(module) = port.snapshot() else {
        return;
    };
    if observes_frames(module) {
        return;
    }
    for lane in &module.coherent {
        let Some(fec) = lane.fec.value() else {
            continue;
        };
        let labels = [
            ("side", Side::Media.name()),
            ("lane", &*lane.lane.to_string()),
            ("statistic", Statistic::Total.name()),
        ];
        series.add(&labels, f64::from(fec.uncorrectable_frames));
    }
}

/// Whether VDM counts all errored frames of the media side.
fn observes_frames(module: &Snapshot) -> bool {
    module.vdm.iter().any(|sample| {
        ERRORED_FRAME_TYPES.contains(&sample.observable)
            && sample.side == Some(Side::Media)
            && sample.statistic == Statistic::Total
    })
}
