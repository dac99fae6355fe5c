//! Watts per 100 Gb/s: worst-case power by the most that the module can carry.
//!
//! Rates are nominal payload rates, as people name interfaces: 850 Gb/s with
//! coding is 800G. All banks count: an engine states the power of all of them.

use crate::cmis::sff8024::{self, Interface};
use crate::module::{Application, Snapshot};

/// Lanes of a bank (CMIS 5.4 section 1.1).
const BANK_LANES: u8 = 8;

/// What a lane carries, by its bit rate with coding, both in Gb/s: 64b/66b, the
/// transcoded RS(544,514) of PAM4 and its NRZ ancestor, and the same with an
/// inner code around it.
const NOMINAL_LANE_GBPS: [(f64, f64); 7] = [
    (10.3125, 10.0),
    (25.78125, 25.0),
    (26.5625, 25.0),
    (53.125, 50.0),
    (106.25, 100.0),
    (212.5, 200.0),
    (226.875, 200.0),
];

/// How far a rate may be from one of the table, as a share.
const SAME_RATE: f64 = 1e-3;

/// Worst-case power (00h:201) in watts per 100 Gb/s of the best single
/// application, repeated as often as the module has room for it.
///
/// Returns `None` where power is not told (0 says nothing either) or no
/// application has a rate that is known.
pub fn watts_per_100g(snapshot: &Snapshot) -> Option<f64> {
    let watts = snapshot.power.max.value()?.watts();
    let gbps = aggregate_gbps(snapshot)?;
    (watts > 0.0).then(|| watts / (gbps / 100.0))
}

/// The most that the module carries at once with one application, repeated in
/// every bank as often as its start options allow, in Gb/s of payload.
pub fn aggregate_gbps(snapshot: &Snapshot) -> Option<f64> {
    let media_type = snapshot.media_type.value().unwrap_or_default();
    snapshot
        .applications
        .iter()
        .filter_map(|application| {
            let gbps = application_gbps(application, media_type)?;
            Some(gbps * f64::from(instances(snapshot, application)))
        })
        .max_by(f64::total_cmp)
}

/// How often the module carries an application at once, over all banks; at
/// least the one that is advertised.
pub fn instances(snapshot: &Snapshot, application: &Application) -> u16 {
    let in_bank = if snapshot.identity.flat_memory {
        // The byte of start options means something else there.
        1
    } else {
        instances_in_bank(application)
    };
    u16::from(in_bank) * u16::from(snapshot.banks.max(1))
}

/// The payload rate of one instance of an application in Gb/s: of its host
/// interface, or of its media interface where the host code does not tell.
pub fn application_gbps(application: &Application, media_type: u8) -> Option<f64> {
    let host = sff8024::host_interface(application.host_code);
    let media = sff8024::media_interface(media_type, application.media_code);
    host.and_then(|row| nominal_gbps(row, application.host_lanes))
        .or_else(|| media.and_then(|row| nominal_gbps(row, application.media_lanes)))
}

fn nominal_gbps(row: &Interface, descriptor_lanes: u8) -> Option<f64> {
    let lanes = match descriptor_lanes {
        0 => row.lanes?,
        lanes => lanes,
    };
    let line_gbps = row
        .lane_gbps
        .or_else(|| Some(row.total_gbps? / f64::from(row.lanes?)))?;
    let nominal = NOMINAL_LANE_GBPS
        .iter()
        .find(|(line, _)| (line_gbps / line - 1.0).abs() < SAME_RATE)
        .map_or(line_gbps, |(_, payload)| *payload);
    (nominal > 0.0 && lanes > 0).then(|| nominal * f64::from(lanes))
}

/// How many instances fit into a bank without sharing a host lane; at least the
/// one that is advertised.
fn instances_in_bank(application: &Application) -> u8 {
    let lanes = match application.host_lanes {
        0 => sff8024::host_interface(application.host_code)
            .and_then(|row| row.lanes)
            .unwrap_or(BANK_LANES),
        lanes => lanes,
    };
    let mut free_from = 0;
    let mut instances: u8 = 0;
    for start in 0..BANK_LANES {
        let offered = application.host_starts >> start & 1 == 1;
        if offered && start >= free_from && start.saturating_add(lanes) <= BANK_LANES {
            instances += 1;
            free_from = start + lanes;
        }
    }
    instances.max(1)
}

#[cfg(test)]
mod tests {
    use super::super::sample::Sample;
    use super::*;

    fn of(sample: Sample) -> Option<f64> {
        watts_per_100g(&sample.snapshot())
    }

    #[track_caller]
    fn assert_watts(sample: Sample, expected: f64) {
        let watts = of(sample).unwrap();
        assert!((watts - expected).abs() < 1e-9, "{watts}");
    }

    #[test]
    fn rates_are_nominal_and_instances_count() {
        let fr4 = Sample::optics().watts(16.0);
        assert_watts(fr4.clone().applications(&[(0x50, 0x1D, 4, 0x11)]), 2.0);
        assert_watts(fr4.clone().applications(&[(0x4C, 0x15, 1, 0xFF)]), 2.0);
        assert_watts(fr4.applications(&[(0x50, 0x1D, 4, 0x01)]), 4.0);
        let linear = Sample::optics().watts(9.0);
        assert_watts(linear.applications(&[(0x22, 0x1D, 4, 0x11)]), 1.125);
        let dr4 = Sample::optics().watts(10.0);
        assert_watts(dr4.applications(&[(0x11, 0x1C, 8, 0x01)]), 2.5);
    }

    #[test]
    fn the_best_application_decides() {
        let sample = Sample::optics().watts(32.0);
        let rows = [
            (0x4C, 0x14, 1, 0xFF),
            (0x82, 0x77, 4, 0x11),
            (0x50, 0x1C, 4, 0x11),
        ];
        assert_watts(sample.applications(&rows), 2.0);
    }

    #[test]
    fn all_banks_of_an_engine_count() {
        let engine = Sample::optics().watts(48.0).with(|s| s.banks = 4);
        assert_watts(engine.applications(&[(0x82, 0x77, 4, 0x11)]), 0.75);
    }

    #[test]
    fn an_inner_code_is_not_payload() {
        let vendor_host = Sample::optics().watts(16.0);
        assert_watts(vendor_host.applications(&[(0xC0, 0x7A, 4, 0x11)]), 1.0);
    }

    #[test]
    fn start_options_that_overlap_are_one_instance() {
        let sample = Sample::optics().watts(16.0);
        // Four lanes from any of lanes 1 to 4, or from lane 7, which has no room.
        assert_watts(sample.clone().applications(&[(0x50, 0x1D, 4, 0x4F)]), 4.0);
        assert_watts(sample.clone().applications(&[(0x50, 0x1D, 0, 0x11)]), 2.0);
        assert_watts(sample.applications(&[(0x50, 0x1D, 4, 0x00)]), 4.0);
    }

    #[test]
    fn flat_memory_has_no_start_options() {
        let cable = Sample::cmis().media_type(3).watts(0.25);
        let cable = cable.with(|s| s.identity.flat_memory = true);
        assert_watts(cable.applications(&[(0x1D, 0x01, 8, 0xFF)]), 0.0625);
    }

    #[test]
    fn without_power_or_rate_there_is_no_ratio() {
        let one = [(0x50, 0x1D, 4, 0x11)];
        assert_eq!(of(Sample::optics().applications(&one)), None);
        assert_eq!(of(Sample::optics().watts(0.0).applications(&one)), None);
        assert_eq!(of(Sample::optics().watts(9.0)), None);
        let vendor = Sample::optics().watts(9.0);
        assert_eq!(of(vendor.applications(&[(0xC0, 0xC1, 8, 0x01)])), None);
    }
}
