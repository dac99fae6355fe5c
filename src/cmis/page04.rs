//! Page 04h: the frequency grids, channels and powers that a tunable laser
//! offers (CMIS 5.4 Table 8-68).

use super::page01::Advertisement;
use super::scale;
use crate::bus::address::Device;
use crate::bus::field::{Field, Form, bit};
use crate::bus::read_plan::{Cadence, Group, Place};
use crate::bus::sheet::Sheet;
use crate::units::{Hertz, Watts};

const GRIDS: u8 = 128;
const MORE_GRIDS: u8 = 129;
const POWER_CONTROLS: u8 = 196;
const PROGRAMMABLE_POWER_BIT: u8 = 7;
const LOWEST_POWER: u8 = 198;
const HIGHEST_POWER: u8 = 200;
const LAST_SUMMED: u8 = 254;
const CHECKSUM: u8 = 255;

/// The frequency from which channels are counted, 193.1 THz.
const ANCHOR_HERTZ: f64 = 193.1e12;

/// All of page 04h.
pub const CAPABILITY: Group<Advertisement> = Group {
    name: "laser capabilities",
    place: Place::Page(Device::A0, 0x04),
    first: GRIDS,
    last: CHECKSUM,
    cadence: Cadence::Insertion,
    clears: false,
    gate: Advertisement::tunable,
};

/// Every register group of page 04h.
pub const GROUPS: &[Group<Advertisement>] = &[CAPABILITY];

/// The registers of page 04h by name.
pub const FIELDS: &[Field] = &[
    Field::bits(
        GRIDS,
        "laser grids",
        &[
            bit(7, "75 GHz"),
            bit(6, "33 GHz"),
            bit(5, "100 GHz"),
            bit(4, "50 GHz"),
            bit(3, "25 GHz"),
            bit(2, "12.5 GHz"),
            bit(1, "6.25 GHz"),
            bit(0, "3.125 GHz"),
        ],
    ),
    Field::bits(
        MORE_GRIDS,
        "more laser grids",
        &[bit(7, "fine tuning"), bit(6, "150 GHz"), bit(5, "300 GHz")],
    ),
    Field::new(130, 169, "lowest and highest channel of grid", Form::Bytes).each(4),
    Field::reserved(170, 189),
    Field::word(190, "fine tuning resolution", Form::Unsigned),
    Field::word(192, "lowest fine tuning offset", Form::Signed),
    Field::word(194, "highest fine tuning offset", Form::Signed),
    Field::bits(
        POWER_CONTROLS,
        "laser power controls",
        &[
            bit(PROGRAMMABLE_POWER_BIT, "programmable power"),
            bit(6, "relative thresholds"),
        ],
    ),
    Field::reserved(197, 197),
    Field::word(LOWEST_POWER, "lowest programmable power", Form::Signed),
    Field::word(HIGHEST_POWER, "highest programmable power", Form::Signed),
    Field::reserved(202, LAST_SUMMED),
    Field::byte(CHECKSUM, "checksum of page 04h"),
];

/// A frequency grid: how channel numbers become frequencies, and where page 04h
/// says that the module offers it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// Its code in 12h:128-135.
    pub code: u8,
    /// From one channel to the next that may be used.
    pub spacing: Hertz,
    /// What one step of the channel number is, in hertz.
    step: f64,
    /// What is added to the channel number first.
    shift: f64,
    /// Byte and bit of page 04h that say whether the module offers it.
    offered: (u8, u8),
    /// Where page 04h has its lowest and highest channel.
    channels: u8,
}

const fn grid(code: u8, spacing: f64, offered: (u8, u8), channels: u8) -> Grid {
    Grid {
        code,
        spacing: Hertz::new(spacing),
        step: spacing,
        shift: 0.0,
        offered,
        channels,
    }
}

impl Grid {
    const fn stepped(mut self, step: f64, shift: f64) -> Self {
        self.step = step;
        self.shift = shift;
        self
    }
}

/// The grids by code. Those of 33 GHz and above 100 GHz count in steps that are
/// not their spacing.
// One row a line: wrapped, the table could not be compared with the standard.
#[rustfmt::skip]
static TABLE: [Grid; 10] = [
    grid(0, 3.125e9, (GRIDS, 0), 130),
    grid(1, 6.25e9, (GRIDS, 1), 134),
    grid(2, 12.5e9, (GRIDS, 2), 138),
    grid(3, 25e9, (GRIDS, 3), 142),
    grid(4, 50e9, (GRIDS, 4), 146),
    grid(5, 100e9, (GRIDS, 5), 150),
    grid(6, 100e9 / 3.0, (GRIDS, 6), 154),
    grid(7, 75e9, (GRIDS, 7), 158).stepped(25e9, 0.0),
    grid(8, 150e9, (MORE_GRIDS, 6), 162).stepped(25e9, 3.0),
    grid(9, 300e9, (MORE_GRIDS, 5), 166).stepped(12.5e9, -9.0),
];

/// The grid with this code, or `None` for a reserved one.
pub fn grid_of(code: u8) -> Option<&'static Grid> {
    TABLE.iter().find(|grid| grid.code == code)
}

impl Grid {
    /// The nominal frequency of a channel.
    pub fn frequency(&self, channel: i16) -> Hertz {
        Hertz::new(ANCHOR_HERTZ + (f64::from(channel) + self.shift) * self.step)
    }

    /// The lowest and the highest channel that a module offers on this grid, or
    /// `None` where it does not offer the grid.
    pub fn channels(&self, page: &Sheet) -> Option<[i16; 2]> {
        let (byte, bit) = self.offered;
        let [a, b, c, d] = page.array(self.channels);
        page.bit(byte, bit)
            .then(|| [i16::from_be_bytes([a, b]), i16::from_be_bytes([c, d])])
    }
}

/// The lowest and the highest output power that the host may ask for, or `None`
/// where it may not choose.
pub fn power_range(page: &Sheet) -> Option<[Watts; 2]> {
    page.bit(POWER_CONTROLS, PROGRAMMABLE_POWER_BIT).then(|| {
        [LOWEST_POWER, HIGHEST_POWER].map(|offset| scale::power_of_centi_dbm(page.i16(offset)))
    })
}

/// Whether the checksum fits the bytes 128 to 254. There is none before CMIS 5.0.
pub fn checksum_is_good(page: &Sheet) -> bool {
    page.sum(GRIDS, LAST_SUMMED) == page.u8(CHECKSUM)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terahertz(code: u8, channel: i16) -> f64 {
        grid_of(code).unwrap().frequency(channel).hertz() / 1e12
    }

    #[test]
    fn channels_count_from_the_anchor_by_the_rule_of_each_grid() {
        for (code, channel, expected) in [
            (0, 1, 193.103_125),
            (1, -2, 193.0875),
            (2, 4, 193.15),
            (3, 1, 193.125),
            (4, -61, 190.05),
            (5, 30, 196.1),
            (6, 3, 193.2),
            (7, 3, 193.175),
            (7, -120, 190.1),
            (8, 6, 193.325),
            (8, 0, 193.175),
            (9, 24, 193.2875),
        ] {
            let found = terahertz(code, channel);
            assert!((found - expected).abs() < 1e-9, "{code} {channel}: {found}");
        }
    }

    #[test]
    fn every_channel_of_every_grid_is_one_step_above_the_one_before() {
        for grid in &TABLE {
            for channel in i16::MIN..i16::MAX {
                let step = grid.frequency(channel + 1).hertz() - grid.frequency(channel).hertz();
                assert!((step - grid.step).abs() < 1.0, "{} {channel}", grid.code);
            }
        }
    }

    #[test]
    fn a_zr_module_offers_two_grids_and_a_power() {
        let mut page = Sheet::full([0; 128]);
        page.put(128, &[0xA0]);
        page.put(150, &[0xFF, 0xE2, 0x00, 0x1E]);
        page.put(158, &[0xFF, 0x88, 0x00, 0x78]);
        page.put(196, &[0x80, 0, 0xFC, 0x18, 0x00, 0x64]);
        let offered: Vec<u8> = TABLE
            .iter()
            .filter(|grid| grid.channels(&page).is_some())
            .map(|grid| grid.code)
            .collect();
        assert_eq!(offered, [5, 7]);
        assert_eq!(grid_of(5).unwrap().channels(&page), Some([-30, 30]));
        assert_eq!(grid_of(7).unwrap().channels(&page), Some([-120, 120]));
        let dbm = power_range(&page).unwrap().map(|p| p.dbm().unwrap());
        assert!((dbm[0] + 10.0).abs() < 1e-9 && (dbm[1] - 1.0).abs() < 1e-9);
        let sum = page.sum(128, 254);
        page.put(255, &[sum]);
        assert!(checksum_is_good(&page));
        page.put(129, &[0x40]);
        assert!(!checksum_is_good(&page));
        assert_eq!(grid_of(8).unwrap().channels(&page), Some([0, 0]));
    }

    #[test]
    fn zeros_offer_nothing_ones_everything_and_reserved_codes_no_grid() {
        let zeros = Sheet::full([0; 128]);
        assert!(TABLE.iter().all(|grid| grid.channels(&zeros).is_none()));
        assert_eq!(power_range(&zeros), None);
        let ones = Sheet::full([0xFF; 128]);
        assert!(
            TABLE
                .iter()
                .all(|grid| grid.channels(&ones) == Some([-1, -1]))
        );
        assert!((10..=15).all(|code| grid_of(code).is_none()));
    }
}
