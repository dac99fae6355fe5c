//! Lower memory of SFF-8636: status, latched flags, monitors (Tables 6-1 to 6-9
//! of revision 2.10).

use super::super::{bias, power, supply, temperature};
use super::{Advertisement, LANES};
use crate::bus::field::{Bits, Field, Form, bit, bits};
use crate::bus::sheet::Sheet;
use crate::units::{Amperes, Celsius, Volts, Watts};

/// 00h:0-2: identifier, revision code, status.
const IDENTIFIER: u8 = 0;
const REVISION: u8 = 1;
const STATUS: u8 = 2;
const STATUS_FLAT: u8 = 2;
const STATUS_DATA_NOT_READY: u8 = 0;

/// 00h:3-5: flags of one direction in the low nibble (lane 1 in bit 0), of the
/// other in the high one.
const LOSS_OF_SIGNAL: u8 = 3;
const FAULT: u8 = 4;
const LOSS_OF_LOCK: u8 = 5;
/// 00h:6, 7: threshold flags in the high nibble.
const TEMPERATURE_FLAGS: u8 = 6;
const SUPPLY_FLAGS: u8 = 7;
/// 00h:9-14: threshold flags of lanes, two lanes a byte, the odd lane high.
const RX_POWER_FLAGS: u8 = 9;
const TX_BIAS_FLAGS: u8 = 11;
const TX_POWER_FLAGS: u8 = 13;

/// 00h:22-57: monitors; lanes in order, a word each.
const TEMPERATURE: u8 = 22;
const SUPPLY: u8 = 26;
const RX_POWER: u8 = 34;
const TX_BIAS: u8 = 42;
const TX_POWER: u8 = 50;
/// 00h:107: worst-case power of class 8, 0.1 W.
const MAX_POWER: u8 = 107;
const MAX_POWER_STEP: f64 = 0.1;

/// Bits of 00h:220 that say which monitors there are.
const HAS_TEMPERATURE: u8 = 5;
const HAS_SUPPLY: u8 = 4;
const RX_POWER_IS_AVERAGE: u8 = 3;
const HAS_TX_POWER: u8 = 2;
/// Bits of 00h:193-195 that say which flags there are.
const HAS_ADAPTIVE_EQUALISER: u8 = 3;
const HAS_TX_LOCK: u8 = 5;
const HAS_RX_LOCK: u8 = 4;
const HAS_TX_FAULT: u8 = 3;
const HAS_TX_LOSS: u8 = 1;

/// The names of lower memory (Tables 6-1 to 6-13).
pub const FIELDS: &[Field] = &[
    Field::byte(IDENTIFIER, "identifier"),
    Field::byte(REVISION, "revision code"),
    Field::bits(
        STATUS,
        "status",
        &[
            bit(STATUS_FLAT, "flat memory"),
            bit(1, "no interrupt"),
            bit(STATUS_DATA_NOT_READY, "data not ready"),
        ],
    ),
    Field::bits(LOSS_OF_SIGNAL, "loss of signal", BY_DIRECTION),
    Field::bits(
        FAULT,
        "faults",
        &[bits(7, 4, "tx equaliser lanes"), bits(3, 0, "tx lanes")],
    ),
    Field::bits(LOSS_OF_LOCK, "loss of lock", BY_DIRECTION),
    Field::bits(
        TEMPERATURE_FLAGS,
        "temperature flags",
        &[
            bit(7, "high alarm"),
            bit(6, "low alarm"),
            bit(5, "high warning"),
            bit(4, "low warning"),
            bit(0, "initialised"),
        ],
    ),
    Field::bits(
        SUPPLY_FLAGS,
        "supply flags",
        &[
            bit(7, "high alarm"),
            bit(6, "low alarm"),
            bit(5, "high warning"),
            bit(4, "low warning"),
        ],
    ),
    Field::vendor(8, 8),
    Field::new(
        RX_POWER_FLAGS,
        10,
        "rx power flags, lanes",
        Form::Bits(OF_TWO_LANES),
    )
    .pairs(),
    Field::new(
        TX_BIAS_FLAGS,
        12,
        "tx bias flags, lanes",
        Form::Bits(OF_TWO_LANES),
    )
    .pairs(),
    Field::new(
        TX_POWER_FLAGS,
        14,
        "tx power flags, lanes",
        Form::Bits(OF_TWO_LANES),
    )
    .pairs(),
    Field::reserved(15, 18),
    Field::vendor(19, 21),
    Field::word(TEMPERATURE, "temperature", Form::Temperature),
    Field::reserved(24, 25),
    Field::word(SUPPLY, "supply", Form::Supply),
    Field::reserved(28, 29),
    Field::vendor(30, 33),
    Field::new(RX_POWER, 41, "rx power of lane", Form::OpticalPower).each(2),
    Field::new(TX_BIAS, 49, "tx bias of lane", Form::Bias).each(2),
    Field::new(TX_POWER, 57, "tx power of lane", Form::OpticalPower).each(2),
    Field::reserved(58, 85),
    Field::lanes(86, "tx disabled"),
    Field::new(87, 92, "rate and application select", Form::Bytes),
    Field::bits(
        93,
        "power controls",
        &[
            bit(3, "class 8 allowed"),
            bit(2, "classes 5 to 7 allowed"),
            bit(1, "low power"),
            bit(0, "override pin"),
        ],
    ),
    Field::reserved(94, 97),
    Field::bits(98, "CDR on", BY_DIRECTION),
    Field::reserved(99, 99),
    Field::new(100, 104, "masks", Form::Bytes),
    Field::reserved(105, 106),
    Field::byte(MAX_POWER, "largest power of class 8, 0.1 W"),
    Field::reserved(108, 118),
    Field::new(119, 122, "password change", Form::Bytes),
    Field::new(123, 126, "password entry", Form::Bytes),
    Field::byte(127, "page select"),
];

/// A lane bitmap of each direction in one byte.
const BY_DIRECTION: &[Bits] = &[bits(7, 4, "tx lanes"), bits(3, 0, "rx lanes")];
/// Threshold flags of two lanes in one byte.
const OF_TWO_LANES: &[Bits] = &[
    bit(7, "first high alarm"),
    bit(6, "first low alarm"),
    bit(5, "first high warning"),
    bit(4, "first low warning"),
    bit(3, "second high alarm"),
    bit(2, "second low alarm"),
    bit(1, "second high warning"),
    bit(0, "second low warning"),
];

/// Words that stand for no monitor where no support bit can be believed.
const NO_SAMPLE: [u16; 2] = [0x0000, 0xFFFF];

/// Identifier, revision and status (00h:0-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// SFF-8024 identifier.
    pub identifier: u8,
    /// Revision code of the memory map: 7 is 2.5 to 2.7, 8 is 2.8 to 2.10.
    pub revision: u8,
    /// There are no pages but 00h.
    pub flat: bool,
    /// Monitors are not valid yet.
    pub data_not_ready: bool,
}

impl Status {
    /// Decodes lower memory.
    pub fn decode(sheet: &Sheet) -> Self {
        Self {
            identifier: sheet.u8(IDENTIFIER),
            revision: sheet.u8(REVISION),
            flat: sheet.bit(STATUS, STATUS_FLAT),
            data_not_ready: sheet.bit(STATUS, STATUS_DATA_NOT_READY),
        }
    }
}

/// The worst-case power of a class 8 module; `None` if it says nothing.
pub fn max_power(sheet: &Sheet) -> Option<Watts> {
    let steps = sheet.u8(MAX_POWER);
    (steps != 0).then(|| Watts::new(f64::from(steps) * MAX_POWER_STEP))
}

/// A module-wide word; `None` if the module has no such monitor.
fn module_word(sheet: &Sheet, at: u8, support: u8, advertisement: &Advertisement) -> Option<u16> {
    let word = sheet.u16(at);
    let there = if advertisement.has_support_bits() {
        advertisement.supports(advertisement.diagnostics, support)
    } else {
        !NO_SAMPLE.contains(&word)
    };
    (there && !advertisement.is_passive_copper()).then_some(word)
}

/// The case temperature; `None` if the module has no such monitor.
pub fn case_temperature(sheet: &Sheet, advertisement: &Advertisement) -> Option<Celsius> {
    module_word(sheet, TEMPERATURE, HAS_TEMPERATURE, advertisement)
        .map(|word| temperature(f64::from(word.cast_signed())))
}

/// The supply voltage; `None` if the module has no such monitor.
pub fn supply_voltage(sheet: &Sheet, advertisement: &Advertisement) -> Option<Volts> {
    module_word(sheet, SUPPLY, HAS_SUPPLY, advertisement).map(|word| supply(f64::from(word)))
}

/// The words of four lanes; `None` for each lane if there is no such monitor.
///
/// Where no bit says so, a monitor that reads nothing on every lane is not
/// there. Zero on one lane among others that read something is a measurement:
/// a dark lane.
fn lane_words(
    sheet: &Sheet,
    first: u8,
    told_supported: bool,
    advertisement: &Advertisement,
) -> [Option<u16>; LANES as usize] {
    let words = [0, 2, 4, 6].map(|step| sheet.u16(first + step));
    let reads_something = words.iter().any(|word| !NO_SAMPLE.contains(word));
    let there = !advertisement.is_passive_copper() && (told_supported || reads_something);
    words.map(|word| (there && (told_supported || word != u16::MAX)).then_some(word))
}

/// Receive power of four lanes. Bit 3 of 00h:220 says that there is one; clear,
/// it may still be there as a modulation amplitude.
pub fn rx_power(sheet: &Sheet, advertisement: &Advertisement) -> [Option<Watts>; LANES as usize] {
    let told = advertisement.has_support_bits()
        && advertisement.supports(advertisement.diagnostics, RX_POWER_IS_AVERAGE);
    lane_words(sheet, RX_POWER, told, advertisement).map(|word| Some(power(f64::from(word?))))
}

/// Laser bias of four lanes. No bit says whether there is one.
pub fn tx_bias(sheet: &Sheet, advertisement: &Advertisement) -> [Option<Amperes>; LANES as usize] {
    lane_words(sheet, TX_BIAS, false, advertisement).map(|word| Some(bias(f64::from(word?))))
}

/// Transmit power of four lanes.
pub fn tx_power(sheet: &Sheet, advertisement: &Advertisement) -> [Option<Watts>; LANES as usize] {
    if !advertisement.supports(advertisement.diagnostics, HAS_TX_POWER) {
        return [None; LANES as usize];
    }
    let told = advertisement.has_support_bits();
    lane_words(sheet, TX_POWER, told, advertisement).map(|word| Some(power(f64::from(word?))))
}

/// The four threshold flags of a nibble whose highest bit is the high alarm:
/// high alarm, low alarm, high warning, low warning.
fn levels(nibble: u8) -> [bool; 4] {
    [3, 2, 1, 0].map(|bit| nibble >> bit & 1 == 1)
}

/// Latched threshold flags of the module, `None` where not supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModuleFlagSets {
    /// Case temperature.
    pub temperature: Option<[bool; 4]>,
    /// Supply voltage.
    pub supply: Option<[bool; 4]>,
}

/// Decodes the module's threshold flags (00h:6-7).
pub fn module_flags(sheet: &Sheet, advertisement: &Advertisement) -> ModuleFlagSets {
    let active = !advertisement.is_passive_copper();
    let of = |at: u8, support: u8| {
        let there = active && advertisement.supports(advertisement.diagnostics, support);
        there.then(|| levels(sheet.u8(at) >> 4))
    };
    ModuleFlagSets {
        temperature: of(TEMPERATURE_FLAGS, HAS_TEMPERATURE),
        supply: of(SUPPLY_FLAGS, HAS_SUPPLY),
    }
}

/// Latched flags of one lane, `None` where not supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneFlagSet {
    /// Loss of the optical signal.
    pub rx_los: Option<bool>,
    /// Loss of lock on it.
    pub rx_lol: Option<bool>,
    /// Loss of the signal from the host.
    pub tx_los: Option<bool>,
    /// Loss of lock on it.
    pub tx_lol: Option<bool>,
    /// Transmitter fault.
    pub tx_fault: Option<bool>,
    /// The adaptive input equaliser failed.
    pub tx_adaptive_eq_fault: Option<bool>,
    /// Threshold flags of receive power.
    pub rx_power: Option<[bool; 4]>,
    /// Threshold flags of laser bias.
    pub tx_bias: Option<[bool; 4]>,
    /// Threshold flags of transmit power.
    pub tx_power: Option<[bool; 4]>,
}

/// Decodes the flags of a lane, 0 to 3 (00h:3-5, 9-14).
pub fn lane_flags(sheet: &Sheet, lane: u8, advertisement: &Advertisement) -> LaneFlagSet {
    let active = !advertisement.is_passive_copper();
    let lane = lane % LANES;
    let rx = |at: u8, there: bool| (active && there).then(|| sheet.bit(at, lane));
    let tx = |at: u8, there: bool| (active && there).then(|| sheet.bit(at, lane + LANES));
    let crossed = |first: u8, there: bool| {
        let byte = sheet.u8(first + lane / 2);
        let odd_lane = lane.is_multiple_of(2);
        let nibble = if odd_lane { byte >> 4 } else { byte };
        (active && there).then(|| levels(nibble))
    };
    let has = |byte: u8, bit: u8| advertisement.supports(byte, bit);
    LaneFlagSet {
        rx_los: rx(LOSS_OF_SIGNAL, true),
        rx_lol: rx(LOSS_OF_LOCK, has(advertisement.lock_options, HAS_RX_LOCK)),
        tx_los: tx(
            LOSS_OF_SIGNAL,
            has(advertisement.fault_options, HAS_TX_LOSS),
        ),
        tx_lol: tx(LOSS_OF_LOCK, has(advertisement.lock_options, HAS_TX_LOCK)),
        tx_fault: rx(FAULT, has(advertisement.fault_options, HAS_TX_FAULT)),
        tx_adaptive_eq_fault: tx(
            FAULT,
            has(advertisement.equaliser_options, HAS_ADAPTIVE_EQUALISER),
        ),
        rx_power: crossed(RX_POWER_FLAGS, true),
        tx_bias: crossed(TX_BIAS_FLAGS, true),
        tx_power: crossed(TX_POWER_FLAGS, has(advertisement.diagnostics, HAS_TX_POWER)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advertisement(revision: u8, technology: u8, supported: u8) -> Advertisement {
        Advertisement {
            revision,
            flat: false,
            technology,
            equaliser_options: supported,
            lock_options: supported,
            fault_options: supported,
            diagnostics: supported,
        }
    }

    fn sheet(pieces: &[(u8, &[u8])]) -> Sheet {
        let mut sheet = Sheet::full([0; 128]);
        for (offset, bytes) in pieces {
            sheet.put(*offset, bytes);
        }
        sheet
    }

    #[test]
    fn realistic_monitors_decode_in_their_units() {
        let old = advertisement(7, 4, 0);
        let sheet = sheet(&[
            (22, &[0xFF, 0x80]),
            (26, &[0x80, 0xDD]),
            (34, &[0x12, 0x23, 0, 0, 0xFF, 0xFF, 0, 1]),
            (42, &[0x14, 0x14]),
            (50, &[0x41, 0x41]),
        ]);
        assert_eq!(case_temperature(&sheet, &old), Some(Celsius::new(-0.5)));
        let volts = supply_voltage(&sheet, &old).unwrap().volts();
        assert!((volts - 3.2989).abs() < 1e-12);
        let rx = rx_power(&sheet, &old).map(|w| w.map(Watts::watts));
        assert!((rx[0].unwrap() - 464.3e-6).abs() < 1e-12);
        assert_eq!((rx[1], rx[2]), (Some(0.0), None));
        assert!((tx_bias(&sheet, &old)[0].unwrap().amperes() - 10.28e-3).abs() < 1e-12);
        assert!((tx_power(&sheet, &old)[0].unwrap().watts() - 1670.5e-6).abs() < 1e-12);
    }

    #[test]
    fn old_maps_have_no_monitor_where_a_word_says_nothing() {
        let old = advertisement(7, 4, 0);
        for byte in [0x00, 0xFF] {
            let sheet = Sheet::full([byte; 128]);
            assert_eq!(case_temperature(&sheet, &old), None);
            assert_eq!(supply_voltage(&sheet, &old), None);
            assert_eq!(rx_power(&sheet, &old), [None; 4]);
            assert_eq!(tx_bias(&sheet, &old), [None; 4]);
            assert_eq!(tx_power(&sheet, &old), [None; 4]);
        }
    }

    #[test]
    fn new_maps_say_which_monitors_there_are() {
        let zeros = Sheet::full([0; 128]);
        let all = advertisement(8, 4, 0xFF);
        assert_eq!(case_temperature(&zeros, &all), Some(Celsius::new(0.0)));
        assert_eq!(rx_power(&zeros, &all), [Some(Watts::new(0.0)); 4]);
        assert_eq!(tx_power(&zeros, &all), [Some(Watts::new(0.0)); 4]);
        assert_eq!(tx_bias(&zeros, &all), [None; 4]);
        let busy = Sheet::full([0x55; 128]);
        let none = advertisement(8, 4, 0);
        assert_eq!(case_temperature(&busy, &none), None);
        assert_eq!(supply_voltage(&busy, &none), None);
        assert_eq!(tx_power(&busy, &none), [None; 4]);
        assert!(rx_power(&busy, &none)[0].is_some());
        let flags = lane_flags(&busy, 0, &none);
        assert_eq!(flags.tx_fault, None);
        assert_eq!(flags.rx_los, Some(true));
    }

    #[test]
    fn passive_copper_has_neither_monitors_nor_flags() {
        let busy = Sheet::full([0x55; 128]);
        for technology in [0x0A, 0x0B] {
            let copper = advertisement(8, technology, 0xFF);
            assert_eq!(case_temperature(&busy, &copper), None);
            assert_eq!(rx_power(&busy, &copper), [None; 4]);
            assert_eq!(lane_flags(&busy, 0, &copper).rx_los, None);
            assert_eq!(module_flags(&busy, &copper).supply, None);
        }
    }

    #[test]
    fn each_flag_bit_belongs_to_one_flag_of_one_lane() {
        let all = advertisement(8, 4, 0xFF);
        let mut owners = std::collections::BTreeMap::new();
        for byte in (3..=5).chain(9..=14) {
            for bit in 0..8_u8 {
                let sheet = sheet(&[(byte, &[1 << bit])]);
                let set: Vec<_> = (0..4)
                    .flat_map(|lane| {
                        let flags = lane_flags(&sheet, lane, &all);
                        let mut bits = [flags.rx_los, flags.rx_lol, flags.tx_los]
                            .into_iter()
                            .chain([flags.tx_lol, flags.tx_fault, flags.tx_adaptive_eq_fault])
                            .map(Option::unwrap)
                            .collect::<Vec<_>>();
                        bits.extend(flags.rx_power.unwrap());
                        bits.extend(flags.tx_bias.unwrap());
                        bits.extend(flags.tx_power.unwrap());
                        let raised = |(which, set): (usize, bool)| set.then_some((lane, which));
                        bits.into_iter()
                            .enumerate()
                            .filter_map(raised)
                            .collect::<Vec<_>>()
                    })
                    .collect();
                assert_eq!(set.len(), 1, "byte {byte} bit {bit}: {set:?}");
                assert!(owners.insert(set[0], (byte, bit)).is_none());
            }
        }
        assert_eq!(owners.len(), 72);
        assert_eq!(owners[&(0, 0)], (3, 0));
        assert_eq!(owners[&(3, 2)], (3, 7));
        assert_eq!(owners[&(0, 4)], (4, 0));
        assert_eq!(owners[&(2, 3)], (5, 6));
        assert_eq!(owners[&(0, 6)], (9, 7));
        assert_eq!(owners[&(3, 17)], (14, 0));
    }

    #[test]
    fn module_flags_stand_in_the_high_nibble() {
        let flags = module_flags(
            &sheet(&[(6, &[0x9F]), (7, &[0x60])]),
            &advertisement(8, 4, 0xFF),
        );
        assert_eq!(flags.temperature, Some([true, false, false, true]));
        assert_eq!(flags.supply, Some([false, true, true, false]));
    }
}
