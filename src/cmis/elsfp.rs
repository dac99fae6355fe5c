//! Pages 1Ah and 1Bh: the lasers of an external source (OIF-ELSFP-CMIS-01.0).
//!
//! A laser source has no data paths and no pages 10h to 13h; these two pages
//! say what its lasers are set to, what they do and what is wrong with them.

mod fields;

pub use fields::{FIELDS_1A, FIELDS_1B};

use super::page01::Advertisement;
use super::page02::Words;
use crate::bus::read_plan::{Cadence, Group, Place};
use crate::bus::sheet::Sheet;
use crate::units::{Amperes, Hertz, Volts, Watts};

// Page 1Ah: limits, control, thresholds.
const MAX_POWER: u8 = 128;
const MIN_POWER: u8 = 130;
const MAX_BIAS: u8 = 132;
const MIN_BIAS: u8 = 134;
const LIMITS_LAST: u8 = 135;
const CONTROL: u8 = 140;
const BIAS_THRESHOLDS: u8 = 141;
const POWER_THRESHOLDS: u8 = 149;
const THRESHOLDS_LAST: u8 = 156;
// Page 1Ah: latched flags; faults and warnings are bitmaps of 32 lanes, levels
// are bitmaps of the eight lanes of the bank.
const FAULTS: u8 = 166;
const WARNINGS: u8 = 174;
const BIAS_LEVELS: u8 = 186;
const POWER_LEVELS: u8 = 190;
const FLAGS_LAST: u8 = 193;
// Page 1Ah: state by lane.
const CODES: u8 = 212;
const ENABLED: u8 = 220;
const STATES: u8 = 221;
const STATES_LAST: u8 = 222;
const FREQUENCIES: u8 = 232;
const FREQUENCIES_LAST: u8 = 247;
// Page 1Bh: a word for each lane, but a byte for its voltage.
const BIAS_SET_POINTS: u8 = 128;
const POWER_SET_POINTS: u8 = 144;
const SET_POINTS_LAST: u8 = 159;
const BIASES: u8 = 184;
const POWERS: u8 = 200;
const POWERS_LAST: u8 = 215;
const VOLTAGES: u8 = 232;
const SUPPLY_CURRENT: u8 = 240;
const SUPPLY_CURRENT_LAST: u8 = 241;

/// 1Ah:140.0: constant power, not constant current.
const CONSTANT_POWER_BIT: u8 = 0;
/// Optical power: 10 uW.
const WATTS_PER_BIT: f64 = 10e-6;
/// Laser bias: 100 uA.
const AMPERES_PER_BIT: f64 = 100e-6;
/// Laser frequency: 5 GHz.
const HERTZ_PER_BIT: f64 = 5e9;
/// Laser voltage: 15 mV.
const VOLTS_PER_BIT: f64 = 15e-3;
/// Supply current: 200 uA.
const SUPPLY_AMPERES_PER_BIT: f64 = 200e-6;

const fn on_page(
    name: &'static str,
    page: u8,
    first: u8,
    last: u8,
    cadence: Cadence,
) -> Group<Advertisement> {
    Group {
        name,
        place: Place::EveryBank(page),
        first,
        last,
        cadence,
        clears: false,
        gate: is_laser_source,
    }
}

/// Most and least power and bias that can be set.
pub const LIMITS: Group<Advertisement> = on_page(
    "laser source limits",
    0x1A,
    MAX_POWER,
    LIMITS_LAST,
    Cadence::Insertion,
);
/// How lasers are controlled, and how many there are.
pub const MODE: Group<Advertisement> = on_page(
    "laser source control",
    0x1A,
    CONTROL,
    CONTROL,
    Cadence::Slow,
);
/// Thresholds of bias and power, for every lane.
pub const THRESHOLDS: Group<Advertisement> = on_page(
    "laser source thresholds",
    0x1A,
    BIAS_THRESHOLDS,
    THRESHOLDS_LAST,
    Cadence::Insertion,
);
/// Latched faults, warnings and threshold flags: reading clears them.
pub const FLAGS: Group<Advertisement> = Group {
    clears: true,
    ..on_page(
        "laser source flags",
        0x1A,
        FAULTS,
        FLAGS_LAST,
        Cadence::OnFlag,
    )
};
/// Fault and warning codes, lane enable and lane state.
pub const STATE: Group<Advertisement> = on_page(
    "laser source states",
    0x1A,
    CODES,
    STATES_LAST,
    Cadence::Fast,
);
/// The frequency of each laser.
pub const FREQUENCY: Group<Advertisement> = on_page(
    "laser source frequencies",
    0x1A,
    FREQUENCIES,
    FREQUENCIES_LAST,
    Cadence::Slow,
);
/// What bias and power are set to.
pub const SET_POINTS: Group<Advertisement> = on_page(
    "laser source set points",
    0x1B,
    BIAS_SET_POINTS,
    SET_POINTS_LAST,
    Cadence::Slow,
);
/// Bias and power as measured.
pub const MONITORS: Group<Advertisement> = on_page(
    "laser source monitors",
    0x1B,
    BIASES,
    POWERS_LAST,
    Cadence::Fast,
);
/// Laser voltages and the current that the module draws.
pub const SUPPLY: Group<Advertisement> = on_page(
    "laser source supply",
    0x1B,
    VOLTAGES,
    SUPPLY_CURRENT_LAST,
    Cadence::Fast,
);

/// Every register group of pages 1Ah and 1Bh.
pub const GROUPS: &[Group<Advertisement>] = &[
    LIMITS, MODE, THRESHOLDS, FLAGS, STATE, FREQUENCY, SET_POINTS, MONITORS, SUPPLY,
];

const fn is_laser_source(advertisement: &Advertisement) -> bool {
    advertisement.laser_source
}

fn power(word: u16) -> Watts {
    Watts::new(f64::from(word) * WATTS_PER_BIT)
}

fn bias(word: u16) -> Amperes {
    Amperes::new(f64::from(word) * AMPERES_PER_BIT)
}

/// Lane `lane` (from 0) of an array of words.
fn word(page: &Sheet, array: u8, lane: u8) -> u16 {
    page.u16(array.saturating_add(lane.saturating_mul(2)))
}

/// Most and least that can be set, in this order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Optical power.
    pub power: [Watts; 2],
    /// Laser bias.
    pub bias: [Amperes; 2],
}

/// Decodes [`LIMITS`].
pub fn limits(page: &Sheet) -> Limits {
    Limits {
        power: [MAX_POWER, MIN_POWER].map(|offset| power(page.u16(offset))),
        bias: [MAX_BIAS, MIN_BIAS].map(|offset| bias(page.u16(offset))),
    }
}

/// Whether power is held constant (true) or current (false).
pub fn holds_power(page: &Sheet) -> bool {
    page.bit(CONTROL, CONSTANT_POWER_BIT)
}

/// How many lanes the source has, over all banks.
pub fn lane_count(page: &Sheet) -> u8 {
    page.u8(CONTROL) >> 1
}

/// The words of the bias thresholds and of the power thresholds.
pub fn thresholds(page: &Sheet) -> [Words; 2] {
    [BIAS_THRESHOLDS, POWER_THRESHOLDS].map(|first| Words::at(page, first))
}

/// Bias thresholds in amperes.
pub fn bias_levels(words: Words) -> [Amperes; 4] {
    words.raw().map(bias)
}

/// Power thresholds in watts.
pub fn power_levels(words: Words) -> [Watts; 4] {
    words.raw().map(power)
}

/// Latched flags of one laser. Four flags are high alarm, low alarm, high
/// warning, low warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags {
    /// The laser failed.
    pub fault: bool,
    /// It is about to.
    pub warning: bool,
    /// Laser bias.
    pub bias: [bool; 4],
    /// Optical power.
    pub power: [bool; 4],
}

/// Decodes [`FLAGS`] for one lane: `bank` counts from 0, `lane` from 0 in it.
pub fn flags(page: &Sheet, bank: u8, lane: u8) -> Flags {
    // The bitmaps have room for four banks; no source has more.
    let of_source = |array: u8| bank < 4 && page.bit(array.saturating_add(bank), lane);
    let levels = |first: u8| [0, 1, 2, 3].map(|level| page.bit(first + level, lane));
    Flags {
        fault: of_source(FAULTS),
        warning: of_source(WARNINGS),
        bias: levels(BIAS_LEVELS),
        power: levels(POWER_LEVELS),
    }
}

/// What a laser does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// 0 none, 1 power control failed, 2 current control failed, 9 to 15 the
    /// vendor's.
    pub fault_code: u8,
    /// Likewise, for warnings.
    pub warning_code: u8,
    /// Whether the host has enabled it.
    pub enabled: bool,
    /// 0 off, 1 ramping, 2 on; 3 is reserved.
    pub state: u8,
}

/// Decodes [`STATE`] for one lane (0 to 7 in its bank).
pub fn state(page: &Sheet, lane: u8) -> State {
    let codes = page.u8(CODES.saturating_add(lane));
    let states = page.u8(STATES.saturating_add(lane / 4));
    State {
        fault_code: codes & 0x0F,
        warning_code: codes >> 4,
        enabled: page.bit(ENABLED, lane),
        state: states >> (lane % 4 * 2) & 0b11,
    }
}

/// The frequency of a laser; `None` where the register says zero.
pub fn frequency(page: &Sheet, lane: u8) -> Option<Hertz> {
    let word = word(page, FREQUENCIES, lane);
    (word != 0).then(|| Hertz::new(f64::from(word) * HERTZ_PER_BIT))
}

/// What the bias of a laser is set to.
pub fn bias_set_point(page: &Sheet, lane: u8) -> Amperes {
    bias(word(page, BIAS_SET_POINTS, lane))
}

/// What the power of a laser is set to.
pub fn power_set_point(page: &Sheet, lane: u8) -> Watts {
    power(word(page, POWER_SET_POINTS, lane))
}

/// The bias of a laser.
pub fn tx_bias(page: &Sheet, lane: u8) -> Amperes {
    bias(word(page, BIASES, lane))
}

/// The optical power of a laser.
pub fn tx_power(page: &Sheet, lane: u8) -> Watts {
    power(word(page, POWERS, lane))
}

/// The voltage over a laser.
pub fn voltage(page: &Sheet, lane: u8) -> Volts {
    let byte = page.u8(VOLTAGES.saturating_add(lane));
    Volts::new(f64::from(byte) * VOLTS_PER_BIT)
}

/// The current that the module draws.
pub fn supply_current(page: &Sheet) -> Amperes {
    Amperes::new(f64::from(page.u16(SUPPLY_CURRENT)) * SUPPLY_AMPERES_PER_BIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_of_eight_lasers() {
        let mut page = Sheet::full([0; 128]);
        page.put(128, &[0x4E, 0x20, 0x03, 0xE8, 0x0F, 0xA0, 0x01, 0xF4]);
        page.put(140, &[0x11]);
        page.put(141, &[0x0F, 0xA0, 0x01, 0xF4, 0x0B, 0xB8, 0x03, 0xE8]);
        page.put(213, &[0x21]);
        page.put(220, &[0x02, 0x08, 0x40]);
        page.put(234, &[0x96, 0xE1]);
        let told = limits(&page);
        assert_eq!(told.power[0], Watts::new(0.2));
        assert_eq!(told.bias[1], Amperes::new(0.05));
        assert!(holds_power(&page));
        assert_eq!(lane_count(&page), 8);
        let [bias, power] = thresholds(&page);
        assert_eq!(bias_levels(bias)[2], Amperes::new(3000.0 * 100e-6));
        assert!(power.are_zeros());
        let second = state(&page, 1);
        assert_eq!((second.fault_code, second.warning_code), (1, 2));
        assert!(second.enabled && !state(&page, 0).enabled);
        assert_eq!((second.state, state(&page, 7).state), (2, 1));
        assert_eq!(frequency(&page, 1), Some(Hertz::new(193.125e12)));
        assert_eq!(frequency(&page, 0), None);
    }

    #[test]
    fn monitors_and_set_points_of_the_last_laser() {
        let mut page = Sheet::full([0; 128]);
        page.put(142, &[0x03, 0xE8]);
        page.put(158, &[0x27, 0x10]);
        page.put(198, &[0x03, 0xE9]);
        page.put(214, &[0x27, 0x11]);
        page.put(239, &[100, 0x13, 0x88]);
        assert_eq!(bias_set_point(&page, 7), Amperes::new(1000.0 * 100e-6));
        assert_eq!(power_set_point(&page, 7), Watts::new(10_000.0 * 10e-6));
        assert_eq!(tx_bias(&page, 7), Amperes::new(1001.0 * 100e-6));
        assert_eq!(tx_power(&page, 7), Watts::new(10_001.0 * 10e-6));
        assert_eq!(voltage(&page, 7), Volts::new(1.5));
        assert_eq!(supply_current(&page), Amperes::new(1.0));
        assert_eq!(voltage(&page, 6), Volts::new(0.0));
    }

    #[test]
    fn faults_count_lanes_over_all_banks_and_levels_in_their_own() {
        let mut page = Sheet::full([0; 128]);
        page.put(167, &[0x04]);
        page.put(174, &[0x04]);
        page.put(187, &[0x04]);
        page.put(192, &[0x04]);
        let [first, second] = [0, 1].map(|bank| flags(&page, bank, 2));
        assert!(!first.fault && second.fault);
        assert!(first.warning && !second.warning);
        assert_eq!(first.bias, [false, true, false, false]);
        assert_eq!(second.power, [false, false, true, false]);
        assert_eq!(flags(&page, 0, 1).bias, [false; 4]);
        assert!(!flags(&Sheet::full([0xFF; 128]), 4, 0).fault);
    }

    #[test]
    fn zeros_and_ones_decode_to_what_they_are() {
        let zeros = Sheet::full([0; 128]);
        assert_eq!(state(&zeros, 3).state, 0);
        assert_eq!(lane_count(&zeros), 0);
        assert!(!holds_power(&zeros));
        let ones = Sheet::full([0xFF; 128]);
        assert_eq!((state(&ones, 7).state, state(&ones, 7).fault_code), (3, 15));
        assert_eq!(lane_count(&ones), 127);
        assert!(flags(&ones, 3, 7).fault);
        assert_eq!(tx_power(&ones, 7), Watts::new(65_535.0 * 10e-6));
    }
}
