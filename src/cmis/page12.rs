//! Page 12h: how each tunable laser of a bank is set, and where it is (CMIS 5.4
//! Table 8-109).

use super::page01::Advertisement;
use super::scale;
use crate::bus::field::{Field, Form, bit, bits};
use crate::bus::read_plan::{Cadence, Group, Place};
use crate::bus::sheet::Sheet;
use crate::units::{Hertz, Watts};

// One byte, one word or one double word for each media lane.
const GRIDS: u8 = 128;
const CHANNELS: u8 = 136;
const FINE_OFFSETS: u8 = 152;
const FINE_OFFSETS_LAST: u8 = 167;
const FREQUENCIES: u8 = 168;
const FREQUENCIES_LAST: u8 = 199;
const TARGET_POWERS: u8 = 200;
const TARGET_POWERS_LAST: u8 = 215;
const STATUS: u8 = 222;
const STATUS_LAST: u8 = 229;
const FLAGS_FIRST: u8 = 231;
const FLAGS_LAST: u8 = 238;

const FINE_TUNING_BIT: u8 = 0;
const RELATIVE_THRESHOLDS_BIT: u8 = 1;
const UNLOCKED_BIT: u8 = 0;
const TUNING_BIT: u8 = 1;

/// Frequencies and offsets are in 0.001 GHz.
const HERTZ_PER_BIT: f64 = 1e6;

const fn on_page(
    name: &'static str,
    first: u8,
    last: u8,
    cadence: Cadence,
) -> Group<Advertisement> {
    Group {
        name,
        place: Place::EveryBank(0x12),
        first,
        last,
        cadence,
        clears: false,
        gate: Advertisement::tunable,
    }
}

/// Grid, channel and fine offset that the host asks for.
pub const SETTINGS: Group<Advertisement> =
    on_page("laser settings", GRIDS, FINE_OFFSETS_LAST, Cadence::Slow);
/// The frequency that each laser has now.
pub const FREQUENCY: Group<Advertisement> = on_page(
    "laser frequencies",
    FREQUENCIES,
    FREQUENCIES_LAST,
    Cadence::Fast,
);
/// The output power that the host asks for.
pub const TARGET_POWER: Group<Advertisement> = on_page(
    "laser target powers",
    TARGET_POWERS,
    TARGET_POWERS_LAST,
    Cadence::Slow,
);
/// Whether each laser is tuning, and locked.
pub const TUNING: Group<Advertisement> =
    on_page("laser tuning status", STATUS, STATUS_LAST, Cadence::Fast);
/// Latched tuning flags: reading clears them.
pub const FLAGS: Group<Advertisement> = Group {
    clears: true,
    ..on_page(
        "laser tuning flags",
        FLAGS_FIRST,
        FLAGS_LAST,
        Cadence::OnFlag,
    )
};

/// Every register group of page 12h.
pub const GROUPS: &[Group<Advertisement>] = &[SETTINGS, FREQUENCY, TARGET_POWER, TUNING, FLAGS];

/// The registers of page 12h by name.
pub const FIELDS: &[Field] = &[
    Field::new(
        GRIDS,
        135,
        "grid and tuning of lane",
        Form::Bits(&[
            bits(7, 4, "grid"),
            bit(RELATIVE_THRESHOLDS_BIT, "relative thresholds"),
            bit(FINE_TUNING_BIT, "fine tuning"),
        ]),
    )
    .each(1),
    Field::new(CHANNELS, 151, "channel of lane", Form::Signed).each(2),
    Field::new(
        FINE_OFFSETS,
        FINE_OFFSETS_LAST,
        "fine offset of lane",
        Form::Signed,
    )
    .each(2),
    Field::new(
        FREQUENCIES,
        FREQUENCIES_LAST,
        "laser frequency of lane",
        Form::Unsigned,
    )
    .each(4),
    Field::new(
        TARGET_POWERS,
        TARGET_POWERS_LAST,
        "target power of lane",
        Form::Signed,
    )
    .each(2),
    Field::reserved(216, 221),
    Field::new(
        STATUS,
        STATUS_LAST,
        "tuning status of lane",
        Form::Bits(&[bit(TUNING_BIT, "tuning"), bit(UNLOCKED_BIT, "unlocked")]),
    )
    .each(1),
    Field::lanes(230, "tuning flag summary"),
    Field::new(
        FLAGS_FIRST,
        FLAGS_LAST,
        "tuning flags of lane",
        Form::Bits(&[
            bit(5, "power out of range"),
            bit(4, "fine offset out of range"),
            bit(3, "not accepted"),
            bit(2, "invalid channel"),
            bit(1, "unlocked"),
            bit(0, "tuning complete"),
        ]),
    )
    .each(1),
    Field::new(239, 246, "tuning flag masks of lane", Form::Bytes).each(1),
    Field::reserved(247, 255),
];

/// Where in an array of `width` bytes for each lane the `lane`th (from 0) is.
fn at(array: u8, lane: u8, width: u8) -> u8 {
    array.saturating_add(lane.saturating_mul(width))
}

/// What the host asks of one laser.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    /// The frequency grid; [`super::page04::grid_of`] knows the codes.
    pub grid_code: u8,
    /// The channel on it.
    pub channel: i16,
    /// How far from the channel; `None` where fine tuning is off.
    pub fine_offset: Option<Hertz>,
    /// Whether the lane has power thresholds of its own, on page 62h (5.4).
    pub own_thresholds: bool,
}

/// Decodes [`SETTINGS`] for one media lane (0 to 7 in its bank).
pub fn setting(page: &Sheet, lane: u8) -> Setting {
    let grid = at(GRIDS, lane, 1);
    let offset = f64::from(page.i16(at(FINE_OFFSETS, lane, 2))) * HERTZ_PER_BIT;
    Setting {
        grid_code: page.u8(grid) >> 4,
        channel: page.i16(at(CHANNELS, lane, 2)),
        fine_offset: page.bit(grid, FINE_TUNING_BIT).then(|| Hertz::new(offset)),
        own_thresholds: page.bit(grid, RELATIVE_THRESHOLDS_BIT),
    }
}

/// The present frequency of a media lane's laser; `None` where the register
/// says zero, which stands for no data.
pub fn frequency(page: &Sheet, lane: u8) -> Option<Hertz> {
    let word = page.u32(at(FREQUENCIES, lane, 4));
    (word != 0).then(|| Hertz::new(f64::from(word) * HERTZ_PER_BIT))
}

/// The output power that the host asks of a media lane's laser.
pub fn target_power(page: &Sheet, lane: u8) -> Watts {
    scale::power_of_centi_dbm(page.i16(at(TARGET_POWERS, lane, 2)))
}

/// Whether a media lane's laser is tuning now.
pub fn is_tuning(page: &Sheet, lane: u8) -> bool {
    page.bit(at(STATUS, lane, 1), TUNING_BIT)
}

/// Whether a media lane's laser holds its wavelength.
pub fn is_locked(page: &Sheet, lane: u8) -> bool {
    !page.bit(at(STATUS, lane, 1), UNLOCKED_BIT)
}

/// The latched tuning flags of a laser, by rising bit.
pub const FLAG_NAMES: [&str; 6] = [
    "tuning_complete",
    "wavelength_unlocked",
    "invalid_channel",
    "tuning_not_accepted",
    "fine_tuning_out_of_range",
    "target_power_out_of_range",
];

/// Decodes [`FLAGS`] for one media lane: in the order of [`FLAG_NAMES`].
pub fn flags(page: &Sheet, lane: u8) -> [bool; 6] {
    [0, 1, 2, 3, 4, 5].map(|bit| page.bit(at(FLAGS_FIRST, lane, 1), bit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_laser_on_channel_minus_12_of_75_gigahertz() {
        let mut page = Sheet::full([0; 128]);
        page.put(129, &[0x73]);
        page.put(138, &[0xFF, 0xF4]);
        page.put(154, &[0xFF, 0x9C]);
        // 192.8 THz less 0.1 GHz is 192799900 MHz.
        page.put(172, &192_799_900_u32.to_be_bytes());
        page.put(202, &[0xFC, 0x18]);
        page.put(223, &[0x02]);
        page.put(232, &[0x21]);
        let told = setting(&page, 1);
        assert_eq!((told.grid_code, told.channel), (7, -12));
        assert_eq!(told.fine_offset, Some(Hertz::new(-100e6)));
        assert!(told.own_thresholds);
        assert_eq!(frequency(&page, 1), Some(Hertz::new(192.7999e12)));
        assert!((target_power(&page, 1).watts() - 100e-6).abs() < 1e-15);
        assert!(is_tuning(&page, 1) && is_locked(&page, 1));
        assert_eq!(flags(&page, 1), [true, false, false, false, false, true]);
        assert_eq!(setting(&page, 0).fine_offset, None);
    }

    #[test]
    fn every_lane_has_registers_of_its_own() {
        for lane in 0..8 {
            let mut page = Sheet::full([0; 128]);
            page.put(168 + 4 * lane, &[0, 0, 0, 1]);
            page.put(222 + lane, &[1]);
            page.put(231 + lane, &[0xFF]);
            for other in 0..8 {
                assert_eq!(frequency(&page, other).is_some(), other == lane);
                assert_eq!(is_locked(&page, other), other != lane);
                assert_eq!(flags(&page, other), [other == lane; 6]);
            }
        }
    }

    #[test]
    fn zeros_are_no_frequency_and_ones_what_they_are() {
        let zeros = Sheet::full([0; 128]);
        assert_eq!(frequency(&zeros, 0), None);
        assert_eq!(target_power(&zeros, 7), Watts::new(1e-3));
        assert!(is_locked(&zeros, 0) && !is_tuning(&zeros, 0));
        let ones = Sheet::full([0xFF; 128]);
        assert_eq!(setting(&ones, 7).grid_code, 15);
        assert_eq!(setting(&ones, 7).channel, -1);
        assert!(!is_locked(&ones, 7) && is_tuning(&ones, 7));
        assert_eq!(
            frequency(&ones, 7),
            Some(Hertz::new(f64::from(u32::MAX) * 1e6))
        );
    }
}
