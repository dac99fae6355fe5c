//! Every VDM observable as the module shows it, for those who want all.

use super::Port;
use super::family::{Family, Once, Series, Spec};
use crate::module::VdmSample;
use crate::names::{Profile, Side};
use crate::report::quality;

const VALUE: Spec = Spec::gauge(
    "opticsd_vdm_value",
    "What a VDM observable reads, in the unit of the label, as of the last sweep; without lane it is the whole module's or data path's.",
)
.in_profile(Profile::Full);

/// The families of this file.
pub(super) const SPECS: [&Spec; 1] = [&VALUE];

pub(super) fn collect(ports: &[Port<'_>]) -> Vec<Family> {
    vec![VALUE.by_port(ports, add)]
}

/// Adds each observable of a lane once: of repeated descriptors the first counts.
fn add(port: &Port<'_>, series: &mut Series<'_>) {
    let (Some(module), Some(class)) = (port.snapshot(), port.class()) else {
        return;
    };
    let mut once = Once::new();
    let founded = module
        .vdm
        .iter()
        .filter(|s| !quality::is_unfounded(s, class));
    for sample in founded {
        let lane = quality::lane_over_all_banks(sample);
        if let Some(value) = sample.value.value()
            && once.first((sample.observable, lane))
        {
            let labels = [
                ("observable", &*observable(sample)),
                ("side", sample.side.map_or("", Side::name)),
                ("lane", &*lane.map_or_else(String::new, |n| n.to_string())),
                ("statistic", sample.statistic.name()),
                ("unit", sample.unit),
            ];
            series.add(&labels, value);
        }
    }
}

/// The name of the observable; types without one keep their number.
fn observable(sample: &VdmSample) -> String {
    match sample.name {
        "vendor" | "reserved" => format!("{}_{}", sample.name, sample.observable),
        name => name.to_owned(),
    }
}
