//! Page 02h: the module's own alarm and warning thresholds (CMIS 5.4 Table 8-65).

use super::page01::Advertisement;
use super::{always, scale};
use crate::bus::address::Device;
use crate::bus::field::{Field, Form};
use crate::bus::read_plan::{Cadence, Group, Place};
use crate::bus::sheet::Sheet;
use crate::units::{Amperes, Celsius, Volts, Watts};

// Each quantity is four words: high alarm, low alarm, high warning, low warning.
const TEMPERATURE: u8 = 128;
const SUPPLY: u8 = 136;
const TX_POWER: u8 = 176;
const TX_BIAS: u8 = 184;
const RX_POWER: u8 = 192;
const WORD_LENGTH: u8 = 2;
const LAST_SUMMED: u8 = 254;
const CHECKSUM: u8 = 255;

/// All of page 02h.
pub const THRESHOLDS: Group<Advertisement> = Group {
    name: "thresholds",
    place: Place::Page(Device::A0, 0x02),
    first: TEMPERATURE,
    last: CHECKSUM,
    cadence: Cadence::Insertion,
    clears: false,
    gate: always,
};

/// Every register group of page 02h.
pub const GROUPS: &[Group<Advertisement>] = &[THRESHOLDS];

/// The names of all of page 02h.
pub const FIELDS: &[Field] = &[
    Field::new(TEMPERATURE, SUPPLY - 1, "temperature", Form::Temperature).levels(),
    Field::new(SUPPLY, 143, "supply", Form::Supply).levels(),
    Field::new(144, 151, "aux 1", Form::Signed).levels(),
    Field::new(152, 159, "aux 2", Form::Signed).levels(),
    Field::new(160, 167, "aux 3", Form::Signed).levels(),
    Field::new(168, 175, "custom monitor", Form::Signed).levels(),
    Field::new(TX_POWER, TX_BIAS - 1, "tx power", Form::OpticalPower).levels(),
    Field::new(
        TX_BIAS,
        RX_POWER - 1,
        "tx bias, before the multiplier",
        Form::Bias,
    )
    .levels(),
    Field::new(RX_POWER, 199, "rx power", Form::OpticalPower).levels(),
    Field::reserved(200, 229),
    Field::vendor(230, LAST_SUMMED),
    Field::byte(CHECKSUM, "checksum of 128-254"),
];

/// The four threshold words of a quantity: high alarm, low alarm, high warning,
/// low warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words([u16; 4]);

impl Words {
    /// The four words from an absolute offset on.
    pub(super) fn at(page: &Sheet, first: u8) -> Self {
        Self([0, 1, 2, 3].map(|level| page.u16(first + WORD_LENGTH * level)))
    }

    /// As they stand.
    pub(super) fn raw(self) -> [u16; 4] {
        self.0
    }

    /// Whether all four are zero: usually a module that has no thresholds.
    pub fn are_zeros(self) -> bool {
        self.0 == [0; 4]
    }

    /// Whether all four are FFFFh: no thresholds.
    pub fn are_ones(self) -> bool {
        self.0 == [u16::MAX; 4]
    }

    /// As temperatures.
    pub fn temperatures(self) -> [Celsius; 4] {
        self.0.map(|word| scale::temperature(word.cast_signed()))
    }

    /// As supply voltages.
    pub fn supplies(self) -> [Volts; 4] {
        self.0.map(scale::supply)
    }

    /// As optical powers.
    pub fn optical_powers(self) -> [Watts; 4] {
        self.0.map(scale::optical_power)
    }

    /// As laser biases, with the multiplier that the module advertises.
    pub fn biases(self, multiplier: u8) -> [Amperes; 4] {
        self.0.map(|word| scale::bias(word, multiplier))
    }
}

/// The thresholds as register words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// Case temperature.
    pub temperature: Words,
    /// Supply voltage.
    pub supply: Words,
    /// Optical transmit power, for every lane.
    pub tx_power: Words,
    /// Laser bias, for every lane.
    pub tx_bias: Words,
    /// Optical receive power, for every lane.
    pub rx_power: Words,
}

/// Decodes [`THRESHOLDS`].
pub fn thresholds(page: &Sheet) -> Thresholds {
    Thresholds {
        temperature: Words::at(page, TEMPERATURE),
        supply: Words::at(page, SUPPLY),
        tx_power: Words::at(page, TX_POWER),
        tx_bias: Words::at(page, TX_BIAS),
        rx_power: Words::at(page, RX_POWER),
    }
}

/// Whether the checksum fits the bytes 128 to 254.
pub fn checksum_is_good(page: &Sheet) -> bool {
    page.sum(TEMPERATURE, LAST_SUMMED) == page.u8(CHECKSUM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_come_in_register_order() {
        let mut page = Sheet::full([0; 128]);
        page.put(128, &[0x4B, 0x00, 0xFB, 0x00, 0x46, 0x00, 0x00, 0x00]);
        page.put(136, &[0x8B, 0x42, 0x76, 0x8E, 0x8B, 0x42, 0x76, 0x8E]);
        page.put(184, &[0x92, 0x7C, 0x1D, 0x4C, 0x92, 0x7C, 0x1D, 0x4C]);
        page.put(192, &[0x27, 0x10, 0x00, 0x0A, 0x27, 0x10, 0x00, 0x0A]);
        let read = thresholds(&page);
        let temperatures = read.temperature.temperatures().map(Celsius::celsius);
        assert_eq!(temperatures, [75.0, -5.0, 70.0, 0.0]);
        assert!((read.supply.supplies()[0].volts() - 3.565).abs() < 1e-9);
        assert!((read.supply.supplies()[3].volts() - 3.035).abs() < 1e-9);
        assert!((read.tx_bias.biases(4)[0].amperes() - 0.3).abs() < 1e-4);
        assert!((read.rx_power.optical_powers()[1].watts() - 1e-6).abs() < 1e-15);
        assert!(read.tx_power.are_zeros() && !read.rx_power.are_zeros());
        let sum = page.sum(128, 254);
        page.put(255, &[sum]);
        assert!(checksum_is_good(&page));
        page.put(128, &[0]);
        assert!(!checksum_is_good(&page));
    }

    #[test]
    fn zeros_and_ones_are_told_apart_from_thresholds() {
        let zeros = thresholds(&Sheet::full([0; 128]));
        assert!(zeros.temperature.are_zeros() && !zeros.temperature.are_ones());
        let ones = thresholds(&Sheet::full([0xFF; 128]));
        assert!(ones.rx_power.are_ones() && !ones.rx_power.are_zeros());
    }
}
