//! A2h of SFF-8472: monitors, thresholds, status and flags (Tables 9-5 to 9-12 of
//! revision 12.4).

use super::super::{ThresholdSets, bias, four_words, power, supply, temperature};
use super::calibration::{self, Calibration};
use crate::bus::field::{Bits, Field, Form, bit};
use crate::bus::sheet::Sheet;
use crate::units::{Amperes, Celsius, Volts, Watts};

/// A2h:0-39: thresholds, each set high alarm, low alarm, high and low warning.
const TEMPERATURE_LEVELS: u8 = 0;
const SUPPLY_LEVELS: u8 = 8;
const BIAS_LEVELS: u8 = 16;
const TX_POWER_LEVELS: u8 = 24;
const RX_POWER_LEVELS: u8 = 32;
/// A2h:95: low byte of the sum of 0-94.
const CHECKSUM: (u8, u8, u8) = (0, 94, 95);
/// A2h:96-105: monitors.
const TEMPERATURE: u8 = 96;
const SUPPLY: u8 = 98;
const TX_BIAS: u8 = 100;
const TX_POWER: u8 = 102;
const RX_POWER: u8 = 104;
/// A2h:110: status.
const STATUS: u8 = 110;
const TX_FAULT: u8 = 2;
const RX_LOS: u8 = 1;
const DATA_NOT_READY: u8 = 0;
/// A2h:112-113 alarms, 116-117 warnings, of the same layout: pairs of high and
/// low, from the highest bit down.
const ALARMS: u8 = 112;
const WARNINGS: u8 = 116;
/// The high bit of each pair in the 16-bit word of alarms or warnings.
const TEMPERATURE_PAIR: u16 = 1 << 15;
const SUPPLY_PAIR: u16 = 1 << 13;
const BIAS_PAIR: u16 = 1 << 11;
const TX_POWER_PAIR: u16 = 1 << 9;
const RX_POWER_PAIR: u16 = 1 << 7;

/// The names of A2h. Thresholds and monitors are raw words here: whether they
/// are calibrated, A0h tells.
pub const FIELDS: &[Field] = &[
    Field::new(TEMPERATURE_LEVELS, 7, "temperature", Form::Signed).levels(),
    Field::new(SUPPLY_LEVELS, 15, "supply", Form::Unsigned).levels(),
    Field::new(BIAS_LEVELS, 23, "tx bias", Form::Unsigned).levels(),
    Field::new(TX_POWER_LEVELS, 31, "tx power", Form::Unsigned).levels(),
    Field::new(RX_POWER_LEVELS, 39, "rx power", Form::Unsigned).levels(),
    Field::new(40, 55, "optional thresholds, part", Form::Bytes).each(8),
    Field::new(
        calibration::RX_POWER,
        75,
        "rx power coefficients, part",
        Form::Bytes,
    )
    .each(4),
    Field::word(calibration::TX_BIAS, "tx bias slope, 1/256", Form::Unsigned),
    Field::word(calibration::TX_BIAS + 2, "tx bias offset", Form::Signed),
    Field::word(
        calibration::TX_POWER,
        "tx power slope, 1/256",
        Form::Unsigned,
    ),
    Field::word(calibration::TX_POWER + 2, "tx power offset", Form::Signed),
    Field::word(
        calibration::TEMPERATURE,
        "temperature slope, 1/256",
        Form::Unsigned,
    ),
    Field::word(
        calibration::TEMPERATURE + 2,
        "temperature offset",
        Form::Signed,
    ),
    Field::word(calibration::SUPPLY, "supply slope, 1/256", Form::Unsigned),
    Field::word(calibration::SUPPLY + 2, "supply offset", Form::Signed),
    Field::reserved(92, 94),
    Field::byte(CHECKSUM.2, "checksum of 0-94"),
    Field::word(TEMPERATURE, "temperature now", Form::Signed),
    Field::word(SUPPLY, "supply now", Form::Unsigned),
    Field::word(TX_BIAS, "tx bias now", Form::Unsigned),
    Field::word(TX_POWER, "tx power now", Form::Unsigned),
    Field::word(RX_POWER, "rx power now", Form::Unsigned),
    Field::word(106, "laser temperature now", Form::Signed),
    Field::word(108, "TEC current now", Form::Signed),
    Field::bits(
        STATUS,
        "status",
        &[
            bit(7, "tx disabled"),
            bit(6, "tx disabled by software"),
            bit(TX_FAULT, "tx fault"),
            bit(RX_LOS, "rx los"),
            bit(DATA_NOT_READY, "data not ready"),
        ],
    ),
    Field::reserved(111, 111),
    Field::new(ALARMS, 113, "alarms", Form::Bits(PAIRS)),
    Field::new(114, 115, "input equalisers", Form::Bytes),
    Field::new(WARNINGS, 117, "warnings", Form::Bits(PAIRS)),
    Field::new(118, 119, "extended status", Form::Bytes),
    Field::vendor(120, 126),
    Field::byte(127, "page select"),
];

/// Alarms or warnings, from the highest bit down.
const PAIRS: &[Bits] = &[
    bit(15, "temperature high"),
    bit(14, "temperature low"),
    bit(13, "supply high"),
    bit(12, "supply low"),
    bit(11, "bias high"),
    bit(10, "bias low"),
    bit(9, "tx power high"),
    bit(8, "tx power low"),
    bit(7, "rx power high"),
    bit(6, "rx power low"),
];

/// Monitors of a module; receive power is `None` where its calibration is no
/// number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Monitors {
    /// Case temperature.
    pub temperature: Celsius,
    /// Supply voltage.
    pub supply: Volts,
    /// Laser bias.
    pub tx_bias: Amperes,
    /// Optical transmit power.
    pub tx_power: Watts,
    /// Optical receive power.
    pub rx_power: Option<Watts>,
}

/// Decodes the monitors (96-105).
pub fn monitors(sheet: &Sheet, calibration: &Calibration) -> Monitors {
    let raw = |at| f64::from(sheet.u16(at));
    Monitors {
        temperature: temperature(
            calibration
                .temperature
                .apply(f64::from(sheet.i16(TEMPERATURE))),
        ),
        supply: supply(calibration.supply.apply(raw(SUPPLY))),
        tx_bias: bias(calibration.tx_bias.apply(raw(TX_BIAS))),
        tx_power: power(calibration.tx_power.apply(raw(TX_POWER)).max(0.0)),
        rx_power: calibration.rx_power(sheet.u16(RX_POWER)).map(power),
    }
}

/// Decodes the thresholds (0-39), calibrated like the monitors.
pub fn thresholds(sheet: &Sheet, calibration: &Calibration) -> ThresholdSets {
    let set = |first| four_words(sheet, first);
    let to_temperature = |word: u16| {
        let raw = f64::from(word.cast_signed());
        temperature(calibration.temperature.apply(raw))
    };
    let to_supply = |word: u16| supply(calibration.supply.apply(f64::from(word)));
    let to_bias = |word: u16| bias(calibration.tx_bias.apply(f64::from(word)));
    let to_tx = |word: u16| power(calibration.tx_power.apply(f64::from(word)).max(0.0));
    let to_rx = |words: [u16; 4]| {
        let [a, b, c, d] = words.map(|word| calibration.rx_power(word).map(power));
        Some([a?, b?, c?, d?])
    };
    ThresholdSets {
        temperature: set(TEMPERATURE_LEVELS).map(|words| words.map(to_temperature)),
        supply: set(SUPPLY_LEVELS).map(|words| words.map(to_supply)),
        tx_bias: set(BIAS_LEVELS).map(|words| words.map(to_bias)),
        tx_power: set(TX_POWER_LEVELS).map(|words| words.map(to_tx)),
        rx_power: set(RX_POWER_LEVELS).and_then(to_rx),
    }
}

/// Whether the checksum of thresholds and calibration fits.
pub fn checksum_fits(sheet: &Sheet) -> bool {
    let (first, last, at) = CHECKSUM;
    sheet.sum(first, last) == sheet.u8(at)
}

/// The state of the module at this moment (110).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// Transmitter fault.
    pub tx_fault: bool,
    /// Loss of the optical signal.
    pub rx_los: bool,
    /// Monitors are not valid yet.
    pub data_not_ready: bool,
}

impl Status {
    /// Decodes the status byte.
    pub fn decode(sheet: &Sheet) -> Self {
        Self {
            tx_fault: sheet.bit(STATUS, TX_FAULT),
            rx_los: sheet.bit(STATUS, RX_LOS),
            data_not_ready: sheet.bit(STATUS, DATA_NOT_READY),
        }
    }
}

/// Threshold flags, each set in the order high alarm, low alarm, high warning,
/// low warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlagSets {
    /// Case temperature.
    pub temperature: [bool; 4],
    /// Supply voltage.
    pub supply: [bool; 4],
    /// Laser bias.
    pub tx_bias: [bool; 4],
    /// Optical transmit power.
    pub tx_power: [bool; 4],
    /// Optical receive power.
    pub rx_power: [bool; 4],
}

/// Decodes the flags (112-113, 116-117).
pub fn flags(sheet: &Sheet) -> FlagSets {
    let (alarms, warnings) = (sheet.u16(ALARMS), sheet.u16(WARNINGS));
    let set = |high: u16| {
        let low = high >> 1;
        [alarms & high, alarms & low, warnings & high, warnings & low].map(|bit| bit != 0)
    };
    FlagSets {
        temperature: set(TEMPERATURE_PAIR),
        supply: set(SUPPLY_PAIR),
        tx_bias: set(BIAS_PAIR),
        tx_power: set(TX_POWER_PAIR),
        rx_power: set(RX_POWER_PAIR),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(pieces: &[(u8, &[u8])]) -> Sheet {
        let mut sheet = Sheet::full([0; 128]);
        for (offset, bytes) in pieces {
            sheet.put(*offset, bytes);
        }
        sheet
    }

    #[test]
    fn monitors_decode_in_their_units() {
        let sheet = sheet(&[(
            96,
            &[0xE7, 0x80, 0x80, 0xE8, 0x0B, 0xB8, 0x13, 0x88, 0x03, 0xE8],
        )]);
        let found = monitors(&sheet, &Calibration::NEUTRAL);
        assert_eq!(found.temperature, Celsius::new(-24.5));
        assert!((found.supply.volts() - 3.3).abs() < 1e-12);
        assert!((found.tx_bias.amperes() - 6e-3).abs() < 1e-12);
        assert!((found.tx_power.watts() - 0.5e-3).abs() < 1e-12);
        assert!((found.rx_power.unwrap().watts() - 0.1e-3).abs() < 1e-12);
    }

    #[test]
    fn thresholds_are_calibrated_like_monitors() {
        let constants = sheet(&[
            (0, &[75, 0, 0xFB, 0, 70, 0, 0, 0]),
            (8, &[0x80, 0xE8, 0, 0, 0, 0, 0, 0]),
            (32, &[0, 100, 0, 10, 0, 50, 0, 20]),
            (68, &2.0_f32.to_be_bytes()),
            (72, &5.0_f32.to_be_bytes()),
            (84, &[0x02, 0x00, 0x01, 0x00]),
            (88, &[0x01, 0x00, 0xFF, 0x9C]),
        ]);
        let sets = thresholds(&constants, &Calibration::decode(&constants));
        let celsius = [151.0, -9.0, 141.0, 1.0].map(Celsius::new);
        assert_eq!(sets.temperature, Some(celsius));
        assert!((sets.supply.unwrap()[0].volts() - 3.29).abs() < 1e-12);
        let micro = sets.rx_power.unwrap().map(|w| (w.watts() * 1e7).round());
        assert_eq!(micro, [205.0, 25.0, 105.0, 45.0]);
        assert_eq!((sets.tx_bias, sets.tx_power), (None, None));
    }

    #[test]
    fn each_flag_bit_belongs_to_one_flag() {
        let mut owners = std::collections::BTreeMap::new();
        for byte in [112, 113, 116, 117] {
            for bit in 0..8_u8 {
                let found = flags(&sheet(&[(byte, &[1 << bit])]));
                let all = [
                    found.temperature,
                    found.supply,
                    found.tx_bias,
                    found.tx_power,
                    found.rx_power,
                ];
                let set: Vec<_> = (0..20).filter(|n| all.as_flattened()[*n]).collect();
                let used = byte % 4 == 0 || bit >= 6;
                assert_eq!(set.len(), usize::from(used), "byte {byte} bit {bit}");
                owners.extend(set.first().map(|which| (*which, (byte, bit))));
            }
        }
        assert_eq!(owners.len(), 20);
        assert_eq!((owners[&0], owners[&1]), ((112, 7), (112, 6)));
        assert_eq!((owners[&10], owners[&15]), ((116, 3), (116, 0)));
        assert_eq!((owners[&16], owners[&19]), ((113, 7), (117, 6)));
    }

    #[test]
    fn status_bits_and_checksum() {
        let status = Status::decode(&sheet(&[(110, &[0x06])]));
        assert!(status.tx_fault && status.rx_los && !status.data_not_ready);
        let ones = Sheet::full([0xFF; 128]);
        assert!(Status::decode(&ones).data_not_ready);
        assert!(!checksum_fits(&ones));
        assert!(checksum_fits(&sheet(&[(94, &[3, 3])])));
        assert!(!checksum_fits(&sheet(&[(94, &[3, 4])])));
    }
}
