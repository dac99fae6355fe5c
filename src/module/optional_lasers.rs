//! Modules that tell of their lasers one by one, swept as they would be on a bus.

use super::optional_pages::{DIRECT_DETECT, advertise, first_sweep, plain, put, swept, told};
use super::sweep::Session;
use super::{Absence, LaneCount, LaserState, Reading};
use crate::bus::address::Half;
use crate::bus::image::Image;
use crate::units::{Hertz, Volts, Watts};

fn tunable(revision: u8) -> Image {
    let mut image = plain(revision, DIRECT_DETECT);
    advertise(&mut image, 155, &[0x40]);
    put(
        &mut image,
        Half::page(0x04),
        &[
            (128, &[0x80]),
            (158, &[0xFF, 0x88, 0x00, 0x78]),
            (196, &[0x80]),
            (255, &[0xFF]),
        ],
    );
    put(
        &mut image,
        Half::page(0x12),
        &[
            (128, &[0x70, 0x72, 0x50, 0x70]),
            (138, &[0xFF, 0xF4, 0x00, 0x00, 0x00, 0x7B]),
            (168, &192_799_000_u32.to_be_bytes()),
            (202, &[0xFC, 0x18]),
            (222, &[0x02, 0x01]),
        ],
    );
    image
}

#[test]
fn a_tunable_module_tells_each_laser() {
    let s = first_sweep(tunable(0x52));
    assert_eq!(s.lasers.len(), 4);
    let first = &s.lasers[0];
    assert_eq!(first.frequency, Reading::Value(Hertz::new(192.799e12)));
    assert_eq!(first.set_frequency, Reading::Value(Hertz::new(193.1e12)));
    assert_eq!(first.tuning, Reading::Value(true));
    let second = &s.lasers[1];
    assert_eq!(second.frequency, Reading::Absent(Absence::Undefined));
    assert_eq!(
        (second.channel, second.grid_code),
        (Reading::Value(-12), Reading::Value(7))
    );
    let dbm = second.target_power.value().unwrap().dbm().unwrap();
    assert!((dbm + 10.0).abs() < 1e-9);
    assert_eq!(second.locked, Reading::Value(false));
    assert!(told(
        &s,
        "laser of lane 3 is set to the 100 GHz grid, which the module"
    ));
    assert!(told(
        &s,
        "laser of lane 4 is set to channel 123; the module offers -120 to 120"
    ));
    let names: Vec<_> = s.checksums.iter().map(|sum| (sum.name, sum.good)).collect();
    assert_eq!(names[3], ("page_04", true));
}

#[test]
fn page_04_has_a_checksum_since_5_0_only() {
    let s = first_sweep(tunable(0x40));
    assert_eq!(s.checksums.len(), 3);
    let mut image = tunable(0x50);
    image.sheet_mut(Half::page(0x04)).put(255, &[0]);
    assert!(told(&first_sweep(image), "checksum of page 04h is wrong"));
}

#[test]
fn a_power_that_cannot_be_chosen_is_not_shown() {
    let mut image = tunable(0x52);
    image.sheet_mut(Half::page(0x04)).put(196, &[0]);
    assert_eq!(
        first_sweep(image).lasers[1].target_power,
        Reading::NOT_ADVERTISED
    );
}

#[test]
fn tuning_flags_are_read_when_the_summary_says_so() {
    let mut image = tunable(0x52);
    let mut session = Session::new();
    let quiet = Reading::Value([false; 6]);
    assert_eq!(swept(&mut session, &mut image).lasers[0].flags, quiet);
    image.sheet_mut(Half::page(0x12)).put(231, &[0x02]);
    assert_eq!(swept(&mut session, &mut image).lasers[0].flags, quiet);
    image.sheet_mut(Half::LOWER).put(4, &[0x02]);
    let raised = swept(&mut session, &mut image).lasers[0].flags;
    let unlocked = [false, true, false, false, false, false];
    assert_eq!(raised, Reading::Value(unlocked));
}

#[test]
fn lanes_with_thresholds_of_their_own_show_them() {
    let mut image = tunable(0x54);
    advertise(&mut image, 174, &[0x20]);
    put(
        &mut image,
        Half::page(0x62),
        &[(136, &[0x00, 0xC8, 0xF8, 0x30, 0x00, 0x64, 0xFC, 0x18])],
    );
    let s = first_sweep(image);
    let levels = s.lasers[1].tx_power_thresholds.value().unwrap();
    assert!((levels.low_warning.watts() - 1e-4).abs() < 1e-12);
    let first = s.lasers[0].tx_power_thresholds;
    assert_eq!(first, Reading::NOT_ADVERTISED);
}

#[test]
fn a_laser_source_fills_the_lanes_from_its_own_pages() {
    let mut image = plain(0x53, [0xFF, 0]);
    image.sheet_mut(Half::LOWER).put(0, &[0x22]);
    image.sheet_mut(Half::LOWER).put(57, &[1]);
    image.sheet_mut(Half::page(0x00)).put(128, &[0x22]);
    put(
        &mut image,
        Half::page(0x1A),
        &[
            (140, &[0x05]),
            (149, &[0x27, 0x10, 0, 1, 0x23, 0x28, 0, 2]),
            (166, &[0x02]),
            (187, &[0x01]),
            (213, &[0x21]),
            (220, &[0x03, 0x06]),
            (232, &[0x96, 0xE1]),
        ],
    );
    put(
        &mut image,
        Half::page(0x1B),
        &[(144, &[0x27, 0x10]), (200, &[0x27, 0x0F]), (232, &[100])],
    );
    let s = first_sweep(image);
    assert_eq!(s.lane_count, LaneCount { host: 0, media: 2 });
    assert_eq!(s.lanes.len(), 2);
    assert_eq!(
        s.lanes[0].tx_power,
        Reading::Value(Watts::new(9999.0 * 10e-6))
    );
    assert_eq!(s.lanes[0].rx_power, Reading::NOT_ADVERTISED);
    assert!(s.lanes[0].tx_bias_flags.value().unwrap().low_alarm);
    assert_eq!(s.lanes[1].signals.tx_fault, Reading::Value(true));
    assert_eq!(
        s.lasers[0].frequency,
        Reading::Value(Hertz::new(193.125e12))
    );
    let high = s.thresholds.tx_power.value().unwrap().high_alarm;
    assert_eq!(high, Watts::new(10_000.0 * 10e-6));
    let source = s.laser_source.as_ref().unwrap();
    assert_eq!(source.holds_power, Reading::Value(true));
    assert_eq!(source.lanes[0].state, Reading::Value(LaserState::On));
    assert_eq!(source.lanes[0].voltage, Reading::Value(Volts::new(1.5)));
    assert_eq!(source.lanes[1].state, Reading::Value(LaserState::Ramping));
    assert_eq!(source.lanes[1].fault_code, Reading::Value(1));
    assert_eq!(s.identity.function_type, Reading::Value(1));
    assert!(s.failures.is_empty(), "{:?}", s.failures);
    assert!(!told(&s, "is missing"));
}
