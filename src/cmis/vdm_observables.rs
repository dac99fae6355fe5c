//! VDM observable types: what each code of a descriptor observes, and how its
//! word becomes an SI value (CMIS 5.0 Table 8-122 with the additions of 5.2 to
//! 5.4, and C-CMIS 1.0 to 1.3 for codes 128 and up).
//!
//! A plain constant table. From 5 to 34, odd codes look at the media side and
//! even codes at the host side.

use Encoding::{CentiDbm, F16, Signed, Unsigned};
use Statistic::{Average, Current, Maximum, Minimum, Total};

use super::{f16, scale};
use crate::names::Side;

/// What a VDM observable tells over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Statistic {
    /// The value at this moment (a basic observable).
    Current,
    /// Smallest of the interval.
    Minimum,
    /// Largest of the interval.
    Maximum,
    /// Mean of the interval.
    Average,
    /// Sum over the interval.
    Total,
}

impl Statistic {
    /// Whether it is gathered over an interval.
    pub fn is_over_time(self) -> bool {
        self != Self::Current
    }

    /// The word used in labels and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Minimum => "minimum",
            Self::Maximum => "maximum",
            Self::Average => "average",
            Self::Total => "total",
        }
    }
}

/// How the 16 bits of a sample or threshold are a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Unsigned integer.
    Unsigned,
    /// Two's complement integer.
    Signed,
    /// [`f16::decode`]: decimal exponent and mantissa, for ratios and counts.
    F16,
    /// Two's complement integer in 0.01 dBm; the value is a power.
    CentiDbm,
}

/// One observable type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observable {
    /// What is observed, without side and statistic.
    pub name: &'static str,
    /// Which side, where the observable has one.
    pub side: Option<Side>,
    /// What the value tells over time.
    pub statistic: Statistic,
    /// How the word is a number.
    pub encoding: Encoding,
    /// What one step of that number is in `unit`.
    pub scale: f64,
    /// SI unit of the value: `ratio`, `frames`, `symbols` (of one codeword),
    /// `decibels`, `celsius`, `hertz`, `volts`, `watts`, `seconds`,
    /// `square_seconds`, `seconds_per_meter`, `radians_per_second`; `raw` for the
    /// bare word of a code whose meaning is not known.
    pub unit: &'static str,
}

/// Codes whose meaning is the vendor's.
const VENDOR_CODES: std::ops::RangeInclusive<u8> = 100..=127;
/// What LTP shows when it is over range or not valid.
const LTP_INVALID: u16 = 0xFFFF;

const MEDIA: Option<Side> = Some(Side::Media);
const HOST: Option<Side> = Some(Side::Host);
const MODULE: Option<Side> = None;

const KILO: f64 = 1e3;
const MEGA: f64 = 1e6;
const MICRO: f64 = 1e-6;
const PICO: f64 = 1e-12;
const TENTH: f64 = 0.1;
const PERCENT: f64 = 0.01;
/// One step of a share of 16 bits without, or 15 bits with sign.
const SHARE: f64 = 1.0 / 65535.0;
const SIGNED_SHARE: f64 = 1.0 / 32767.0;
/// One step of a number whose low byte is the fraction.
const BYTE_FRACTION: f64 = 1.0 / 256.0;
/// 1 ps of delay for each nm of wavelength, in seconds per metre.
const PS_PER_NM: f64 = 1e-3;

/// A code whose meaning only the vendor knows.
static VENDOR: Observable = raw_word("vendor");
/// A code that no revision known here gives a meaning.
static RESERVED: Observable = raw_word("reserved");

/// Observables by rising code.
// One row a line: wrapped, the table could not be compared with the standard.
#[rustfmt::skip]
static OBSERVABLES: [(u8, Observable); 67] = [
    row(1, "laser_age", MEDIA, Current, Unsigned, PERCENT, "ratio"),
    row(2, "tec_current", MODULE, Current, Signed, SIGNED_SHARE, "ratio"),
    row(3, "laser_frequency_error", MEDIA, Current, Signed, 10.0 * MEGA, "hertz"),
    row(4, "laser_temperature", MEDIA, Current, Signed, BYTE_FRACTION, "celsius"),
    row(5, "snr", MEDIA, Current, Unsigned, BYTE_FRACTION, "decibels"),
    row(6, "snr", HOST, Current, Unsigned, BYTE_FRACTION, "decibels"),
    row(7, "ltp", MEDIA, Current, Unsigned, BYTE_FRACTION, "decibels"),
    row(8, "ltp", HOST, Current, Unsigned, BYTE_FRACTION, "decibels"),
    row(9, "pre_fec_ber", MEDIA, Minimum, F16, 1.0, "ratio"),
    row(10, "pre_fec_ber", HOST, Minimum, F16, 1.0, "ratio"),
    row(11, "pre_fec_ber", MEDIA, Maximum, F16, 1.0, "ratio"),
    row(12, "pre_fec_ber", HOST, Maximum, F16, 1.0, "ratio"),
    row(13, "pre_fec_ber", MEDIA, Average, F16, 1.0, "ratio"),
    row(14, "pre_fec_ber", HOST, Average, F16, 1.0, "ratio"),
    row(15, "pre_fec_ber", MEDIA, Current, F16, 1.0, "ratio"),
    row(16, "pre_fec_ber", HOST, Current, F16, 1.0, "ratio"),
    row(17, "errored_frames", MEDIA, Minimum, F16, 1.0, "frames"),
    row(18, "errored_frames", HOST, Minimum, F16, 1.0, "frames"),
    row(19, "errored_frames", MEDIA, Maximum, F16, 1.0, "frames"),
    row(20, "errored_frames", HOST, Maximum, F16, 1.0, "frames"),
    row(21, "errored_frames", MEDIA, Average, F16, 1.0, "frames"),
    row(22, "errored_frames", HOST, Average, F16, 1.0, "frames"),
    row(23, "errored_frames", MEDIA, Current, F16, 1.0, "frames"),
    row(24, "errored_frames", HOST, Current, F16, 1.0, "frames"),
    row(25, "errored_frames", MEDIA, Total, F16, 1.0, "frames"),
    row(26, "errored_frames", HOST, Total, F16, 1.0, "frames"),
    row(27, "symbol_errors_max", MEDIA, Minimum, Unsigned, 1.0, "symbols"),
    row(28, "symbol_errors_max", HOST, Minimum, Unsigned, 1.0, "symbols"),
    row(29, "symbol_errors_max", MEDIA, Maximum, Unsigned, 1.0, "symbols"),
    row(30, "symbol_errors_max", HOST, Maximum, Unsigned, 1.0, "symbols"),
    row(31, "symbol_errors_max", MEDIA, Average, Unsigned, 1.0, "symbols"),
    row(32, "symbol_errors_max", HOST, Average, Unsigned, 1.0, "symbols"),
    row(33, "symbol_errors_max", MEDIA, Current, Unsigned, 1.0, "symbols"),
    row(34, "symbol_errors_max", HOST, Current, Unsigned, 1.0, "symbols"),
    row(77, "rail_2v6", MODULE, Current, Unsigned, 100.0 * MICRO, "volts"),
    row(78, "rail_1v8", MODULE, Current, Unsigned, 100.0 * MICRO, "volts"),
    row(79, "rail_1v2", MODULE, Current, Unsigned, 100.0 * MICRO, "volts"),
    row(80, "rail_0v9", MODULE, Current, Unsigned, 100.0 * MICRO, "volts"),
    row(81, "rail_0v7_a", MODULE, Current, Unsigned, 100.0 * MICRO, "volts"),
    row(82, "rail_0v7_b", MODULE, Current, Unsigned, 100.0 * MICRO, "volts"),
    row(83, "rail_12v", MODULE, Current, Unsigned, 250.0 * MICRO, "volts"),
    row(84, "external_laser_power", MEDIA, Current, CentiDbm, 1.0, "watts"),
    row(128, "modulator_bias_xi", MEDIA, Current, Unsigned, SHARE, "ratio"),
    row(129, "modulator_bias_xq", MEDIA, Current, Unsigned, SHARE, "ratio"),
    row(130, "modulator_bias_yi", MEDIA, Current, Unsigned, SHARE, "ratio"),
    row(131, "modulator_bias_yq", MEDIA, Current, Unsigned, SHARE, "ratio"),
    row(132, "modulator_bias_x_phase", MEDIA, Current, Unsigned, SHARE, "ratio"),
    row(133, "modulator_bias_y_phase", MEDIA, Current, Unsigned, SHARE, "ratio"),
    row(134, "chromatic_dispersion", MEDIA, Current, Signed, PS_PER_NM, "seconds_per_meter"),
    row(135, "chromatic_dispersion_coarse", MEDIA, Current, Signed, 20.0 * PS_PER_NM, "seconds_per_meter"),
    row(136, "differential_group_delay", MEDIA, Current, Unsigned, 0.01 * PICO, "seconds"),
    row(137, "sopmd", MEDIA, Current, Unsigned, 0.01 * PICO * PICO, "square_seconds"),
    row(138, "pdl", MEDIA, Current, Unsigned, TENTH, "decibels"),
    row(139, "osnr", MEDIA, Current, Unsigned, TENTH, "decibels"),
    row(140, "esnr", MEDIA, Current, Unsigned, TENTH, "decibels"),
    row(141, "carrier_frequency_offset", MEDIA, Current, Signed, MEGA, "hertz"),
    row(142, "evm", MEDIA, Current, Unsigned, SHARE, "ratio"),
    row(143, "tx_power", MEDIA, Current, CentiDbm, 1.0, "watts"),
    row(144, "rx_total_power", MEDIA, Current, CentiDbm, 1.0, "watts"),
    row(145, "rx_signal_power", MEDIA, Current, CentiDbm, 1.0, "watts"),
    row(146, "sop_rate_of_change", MEDIA, Current, Unsigned, KILO, "radians_per_second"),
    row(147, "mer", MEDIA, Current, Unsigned, TENTH, "decibels"),
    row(148, "clock_recovery_loop", MEDIA, Current, Signed, SIGNED_SHARE, "ratio"),
    row(149, "sopmd_coarse", MEDIA, Current, Unsigned, PICO * PICO, "square_seconds"),
    row(150, "snr_margin", MEDIA, Current, Signed, TENTH, "decibels"),
    row(151, "q_factor", MEDIA, Current, Unsigned, TENTH, "decibels"),
    row(152, "q_margin", MEDIA, Current, Signed, TENTH, "decibels"),
];

/// One row of the table.
const fn row(
    code: u8,
    name: &'static str,
    side: Option<Side>,
    statistic: Statistic,
    encoding: Encoding,
    scale: f64,
    unit: &'static str,
) -> (u8, Observable) {
    let observable = Observable {
        name,
        side,
        statistic,
        encoding,
        scale,
        unit,
    };
    (code, observable)
}

/// An observable of which only the word can be shown.
const fn raw_word(name: &'static str) -> Observable {
    row(0, name, MODULE, Current, Unsigned, 1.0, "raw").1
}

/// The observable that a descriptor's type code stands for. A code that is not
/// known has the name `vendor` or `reserved`, and its word for a value.
pub fn observable(code: u8) -> &'static Observable {
    let place = OBSERVABLES.binary_search_by_key(&code, |(code, _)| *code);
    match place.ok().and_then(|place| OBSERVABLES.get(place)) {
        Some((_, observable)) => observable,
        None if VENDOR_CODES.contains(&code) => &VENDOR,
        None => &RESERVED,
    }
}

impl Observable {
    /// The value of a threshold word, in `unit`.
    pub fn level(&self, word: u16) -> f64 {
        let signed = f64::from(word.cast_signed());
        match self.encoding {
            Encoding::Unsigned => f64::from(word) * self.scale,
            Encoding::Signed => signed * self.scale,
            Encoding::F16 => f16::decode(word) * self.scale,
            Encoding::CentiDbm => {
                scale::power_of_centi_dbm(word.cast_signed()).watts() * self.scale
            }
        }
    }

    /// The value of a sample word, in `unit`.
    ///
    /// Returns `None` if the word stands for no value: an error ratio above 1,
    /// or the word that modules show for an LTP over range.
    pub fn value(&self, word: u16) -> Option<f64> {
        let value = self.level(word);
        let valid = if self.is_error_ratio() {
            value <= 1.0
        } else {
            self.name != "ltp" || word != LTP_INVALID
        };
        valid.then_some(value)
    }

    /// Whether it is a share of wrong bits, 0 to 1.
    pub fn is_error_ratio(&self) -> bool {
        self.encoding == Encoding::F16 && self.unit == "ratio"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_rises_so_that_it_can_be_searched() {
        assert!(OBSERVABLES.is_sorted_by(|(a, _), (b, _)| a < b));
    }

    #[test]
    fn sides_alternate_where_codes_come_in_pairs() {
        for code in 5..=34 {
            let side = if code % 2 == 1 {
                Side::Media
            } else {
                Side::Host
            };
            assert_eq!(observable(code).side, Some(side), "{code}");
            let pair = observable(code - 1 + code % 2 * 2);
            if code % 2 == 1 {
                assert_eq!(observable(code).name, pair.name, "{code}");
                assert_eq!(observable(code).statistic, pair.statistic, "{code}");
            }
        }
    }

    #[test]
    fn codes_without_a_row_show_their_word() {
        for code in (100..=127).chain([0, 35, 76, 85, 99, 153, 255]) {
            let name = if (100..=127).contains(&code) {
                "vendor"
            } else {
                "reserved"
            };
            assert_eq!(observable(code).name, name, "{code}");
            assert_eq!(observable(code).unit, "raw");
            assert_eq!(observable(code).value(0xFFFF), Some(65535.0));
        }
    }

    #[test]
    fn every_word_of_every_code_is_finite_and_of_its_sign() {
        for (code, observable) in &OBSERVABLES {
            let signed = observable.encoding == Encoding::Signed;
            for word in 0..=u16::MAX {
                let level = observable.level(word);
                assert!(level.is_finite(), "{code} {word:#06x}");
                assert_eq!(level < 0.0, signed && word > 0x7FFF, "{code} {word:#06x}");
            }
        }
    }

    #[test]
    fn known_words_have_known_values() {
        let close = |code: u8, word: u16, value: f64| {
            let ours = observable(code).level(word);
            let slack = value.abs() * 1e-12;
            assert!((ours - value).abs() <= slack, "{code}: {ours} {value}");
        };
        close(1, 7, 0.07);
        close(2, 0x8001, -1.0);
        close(3, 0xFFFF, -10e6);
        close(4, 0x1980, 25.5);
        close(5, 0x1530, 21.1875);
        close(15, 0x71DA, 4.74e-8);
        close(23, 0xC05A, 90.0);
        close(33, 12, 12.0);
        close(77, 26000, 2.6);
        close(83, 48000, 12.0);
        close(84, 2000_u16, 0.1);
        close(128, 65535, 1.0);
        close(134, (-40_i16).cast_unsigned(), -0.04);
        close(135, 100, 2.0);
        close(136, 250, 2.5e-12);
        close(137, 100, 1e-24);
        close(141, 0xFF38, -200e6);
        close(144, (-1000_i16).cast_unsigned(), 1e-4);
        close(146, 5, 5000.0);
        close(148, 0x7FFF, 1.0);
        close(149, 2, 2e-24);
        close(152, (-15_i16).cast_unsigned(), -1.5);
    }

    #[test]
    fn words_that_cannot_be_have_no_value() {
        for code in 9..=16 {
            assert_eq!(observable(code).value(0xFFFF), None, "{code}");
            assert_eq!(observable(code).value(0xC001), Some(1.0), "{code}");
        }
        assert_eq!(observable(7).value(0xFFFF), None);
        assert_eq!(observable(8).value(0xFFFF), None);
        assert!(observable(7).value(0xFFFE).is_some());
        assert!(observable(5).value(0xFFFF).is_some());
        assert_eq!(observable(25).value(0xD001), Some(100.0));
    }
}
