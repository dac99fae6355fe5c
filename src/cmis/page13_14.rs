//! Pages 13h and 14h: diagnostics (CMIS 5.4 Tables 8-111 to 8-139).
//!
//! 13h says what can be measured; 14h shows one kind of result at a time, chosen
//! by the selector in its first byte. The selector is shared with every other
//! master: a result is only what the selector beside it says.

use super::f16;
use super::page01::Advertisement;
use crate::bus::field::{Field, Form, bit, bits};
use crate::bus::read_plan::{Cadence, Group, Place};
use crate::bus::sheet::Sheet;
use crate::names::Side;
use crate::units::{BitErrorRatio, Decibels};

/// 13h:128-143: capabilities.
const LOOPBACKS: u8 = 128;
const REPORTING: u8 = 130;
const PATTERNS: u8 = 131;
const CAPABILITY_LAST: u8 = 143;

/// 14h:128: what the window shows.
const SELECTOR: u8 = 128;
/// Selector of the signal to noise ratios.
const SELECT_SNR: u8 = 0x06;
/// Selectors that show the error ratios of the pattern checkers, free-running
/// and of the last gate.
const SELECT_BER: u8 = 0x01;
const SELECT_GATED_BER: u8 = 0x11;
/// 14h:132-139: latched flags of gating, generators and checkers.
const FLAGS_FIRST: u8 = 132;
const FLAGS_LAST: u8 = 139;
/// 14h:192-255: the window.
const WINDOW_FIRST: u8 = 192;
const WINDOW_LAST: u8 = 255;
/// Where the window has the ratios of lanes 1 to 8, little-endian U16.
const HOST_BER: u8 = 192;
const MEDIA_BER: u8 = 208;
const HOST_SNR: u8 = 208;
const MEDIA_SNR: u8 = 240;
/// One step of a ratio, in decibels.
const SNR_STEP: f64 = 1.0 / 256.0;
/// Lanes of a bank.
const LANES: u8 = 8;

/// 13h:130.4 and .5: signal to noise ratio of host and media side.
const REPORTS_BER: u8 = 1 << 0;
const REPORTS_HOST_SNR: u8 = 1 << 4;
const REPORTS_MEDIA_SNR: u8 = 1 << 5;

/// Whether a module has diagnostics.
pub fn advertised(advertisement: &Advertisement) -> bool {
    advertisement.diagnostics_pages()
}

/// What can be diagnosed (13h:128-143).
pub const CAPABILITY: Group<Advertisement> = Group {
    name: "diagnostics capability",
    place: Place::EveryBank(0x13),
    first: LOOPBACKS,
    last: CAPABILITY_LAST,
    cadence: Cadence::Insertion,
    clears: false,
    gate: advertised,
};

/// What the window shows (14h:128); read in the same visit as the window.
pub const SELECTION: Group<Advertisement> = Group {
    name: "diagnostics selector",
    place: Place::EveryBank(0x14),
    first: SELECTOR,
    last: SELECTOR,
    cadence: Cadence::Fast,
    clears: false,
    gate: advertised,
};

/// Latched flags (14h:132-139).
pub const FLAGS: Group<Advertisement> = Group {
    name: "diagnostics flags",
    place: Place::EveryBank(0x14),
    first: FLAGS_FIRST,
    last: FLAGS_LAST,
    cadence: Cadence::OnFlag,
    clears: true,
    gate: advertised,
};

/// The results that the selector chose (14h:192-255).
pub const WINDOW: Group<Advertisement> = Group {
    name: "diagnostics results",
    place: Place::EveryBank(0x14),
    first: WINDOW_FIRST,
    last: WINDOW_LAST,
    cadence: Cadence::Fast,
    clears: false,
    gate: advertised,
};

/// All register groups of diagnostics.
pub const GROUPS: &[Group<Advertisement>] = &[CAPABILITY, SELECTION, FLAGS, WINDOW];

/// The names of all of page 13h.
pub const FIELDS_13: &[Field] = &[
    Field::bits(
        LOOPBACKS,
        "loopbacks",
        &[
            bit(6, "both sides at once"),
            bit(5, "media by lane"),
            bit(4, "host by lane"),
            bit(3, "host input"),
            bit(2, "host output"),
            bit(1, "media input"),
            bit(0, "media output"),
        ],
    ),
    Field::bits(
        129,
        "gating",
        &[
            bits(7, 6, "kind"),
            bit(5, "gated results"),
            bit(4, "periodic updates"),
            bit(3, "timers by lane"),
            bit(2, "automatic restart"),
        ],
    ),
    Field::bits(
        REPORTING,
        "reporting",
        &[
            bit(7, "media FEC"),
            bit(6, "host FEC"),
            bit(5, "media SNR"),
            bit(4, "host SNR"),
            bit(1, "counters"),
            bit(0, "BER"),
        ],
    ),
    Field::bits(
        PATTERNS,
        "pattern engines",
        &[
            bits(7, 6, "media generator"),
            bits(5, 4, "media checker"),
            bits(3, 2, "host generator"),
            bits(1, 0, "host checker"),
        ],
    ),
    Field::new(132, 139, "patterns of engine", Form::Bytes).each(2),
    Field::new(140, 142, "pattern options", Form::Bytes),
    Field::reserved(CAPABILITY_LAST, CAPABILITY_LAST),
    Field::new(144, 151, "host generator", Form::Bytes),
    Field::new(152, 159, "media generator", Form::Bytes),
    Field::new(160, 167, "host checker", Form::Bytes),
    Field::new(168, 175, "media checker", Form::Bytes),
    Field::new(176, 179, "clocks and gates", Form::Bytes),
    Field::lanes(180, "media output looped"),
    Field::lanes(181, "media input looped"),
    Field::lanes(182, "host output looped"),
    Field::lanes(183, "host input looped"),
    Field::new(184, 191, "scratchpad", Form::Bytes),
    Field::reserved(192, 205),
    Field::new(206, 213, "masks of 14h byte", Form::Bytes).each_from(1, 132),
    Field::reserved(214, 223),
    Field::new(224, 255, "user pattern", Form::Bytes),
];

/// The names of all of page 14h.
pub const FIELDS_14: &[Field] = &[
    Field::byte(SELECTOR, "diagnostics selector"),
    Field::reserved(129, 131),
    Field::bits(FLAGS_FIRST, "reference clock", &[bit(7, "lost")]),
    Field::reserved(133, 133),
    Field::lanes(134, "host gating complete"),
    Field::lanes(135, "media gating complete"),
    Field::lanes(136, "host generator lost lock"),
    Field::lanes(137, "media generator lost lock"),
    Field::lanes(138, "host checker lost lock"),
    Field::lanes(FLAGS_LAST, "media checker lost lock"),
    Field::reserved(140, 191),
    Field::new(
        WINDOW_FIRST,
        WINDOW_LAST,
        "results by selector, part",
        Form::Bytes,
    )
    .each(8),
];

/// What page 13h says that the module can diagnose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiagnosticsCapability {
    /// 13h:128 raw: loopbacks.
    pub loopbacks: u8,
    /// 13h:130 raw: 7 media FEC, 6 host FEC, 5 media SNR, 4 host SNR, 1 counters, 0 BER.
    pub reporting: u8,
    /// 13h:131 raw: pattern engines; 7-6 media generator, 5-4 media checker,
    /// 3-2 host generator, 1-0 host checker.
    pub patterns: u8,
}

impl DiagnosticsCapability {
    /// Decodes page 13h.
    pub fn decode(sheet: &Sheet) -> Self {
        Self {
            loopbacks: sheet.u8(LOOPBACKS),
            reporting: sheet.u8(REPORTING),
            patterns: sheet.u8(PATTERNS),
        }
    }

    /// Whether the pattern checkers tell error ratios (13h:130.0).
    pub fn has_ber(&self) -> bool {
        self.reporting & REPORTS_BER != 0
    }

    /// Whether the signal to noise ratio of a side can be had.
    pub fn has_snr(&self, side: Side) -> bool {
        let bit = match side {
            Side::Host => REPORTS_HOST_SNR,
            Side::Media => REPORTS_MEDIA_SNR,
        };
        self.reporting & bit != 0
    }
}

/// Whether the window of page 14h shows signal to noise ratios.
pub fn shows_snr(sheet: &Sheet) -> bool {
    sheet.u8(SELECTOR) == SELECT_SNR
}

/// The signal to noise ratio at the input of a lane, 0 to 7 in its bank, from
/// page 14h while it [`shows_snr`].
///
/// Returns `None` for zero: the module has no result for the lane.
pub fn snr(sheet: &Sheet, side: Side, lane: u8) -> Option<Decibels> {
    let first = match side {
        Side::Host => HOST_SNR,
        Side::Media => MEDIA_SNR,
    };
    let word = sheet.u16_le(first + lane % LANES * 2);
    (word != 0).then(|| Decibels::new(f64::from(word) * SNR_STEP))
}

/// Whether page 14h shows the error ratios of the pattern checkers. They mean
/// something only while a checker runs.
pub fn shows_ber(sheet: &Sheet) -> bool {
    matches!(sheet.u8(SELECTOR), SELECT_BER | SELECT_GATED_BER)
}

/// The error ratio that the pattern checker of a lane, 0 to 7 of its bank, found,
/// from page 14h while it [`shows_ber`]. Unlike the signal to noise ratio it is
/// big-endian. `None` where it is no ratio, or 0.5: no sample (CMIS 5.4).
pub fn ber(sheet: &Sheet, side: Side, lane: u8) -> Option<BitErrorRatio> {
    const NO_SAMPLE: f64 = 0.5;
    let first = match side {
        Side::Host => HOST_BER,
        Side::Media => MEDIA_BER,
    };
    let ratio = f16::decode(sheet.u16(first + lane % LANES * 2));
    (ratio < NO_SAMPLE).then(|| BitErrorRatio::new(ratio))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_ratios_are_big_endian_and_half_is_no_sample() {
        let mut sheet = Sheet::full([0; 128]);
        sheet.put(128, &[1]);
        // 1e-6 at host lane 8, 0.5 at media lane 1, nonsense at media lane 8.
        sheet.put(206, &[0x7B, 0xE8, 0xA9, 0xF4]);
        sheet.put(222, &[0xFF, 0xFF]);
        assert!(shows_ber(&sheet) && !shows_snr(&sheet));
        let ratio = |side, lane| ber(&sheet, side, lane).map(BitErrorRatio::ratio);
        assert!((ratio(Side::Host, 7).unwrap() - 1e-6).abs() < 1e-18);
        assert_eq!(ratio(Side::Host, 0), Some(0.0));
        assert_eq!(ratio(Side::Media, 0), None);
        assert_eq!(ratio(Side::Media, 7), None);
        for selector in (0..=255_u8).filter(|s| ![0x01, 0x11].contains(s)) {
            sheet.put(128, &[selector]);
            assert!(!shows_ber(&sheet));
        }
    }

    #[test]
    fn ratios_are_little_endian_and_zero_is_none() {
        let mut sheet = Sheet::full([0; 128]);
        sheet.put(128, &[6]);
        sheet.put(254, &[0xD7, 0x15]);
        sheet.put(208, &[0x00, 0x01]);
        assert!(shows_snr(&sheet));
        let db = |side, lane| snr(&sheet, side, lane).map(Decibels::decibels);
        assert_eq!(db(Side::Media, 7), Some(5591.0 / 256.0));
        assert_eq!(db(Side::Host, 0), Some(1.0));
        assert_eq!(db(Side::Host, 7), None);
        assert_eq!(db(Side::Media, 0), None);
    }

    #[test]
    fn every_word_is_a_256th_of_a_decibel() {
        for word in 1..=u16::MAX {
            let mut sheet = Sheet::unknown();
            sheet.put(242, &word.to_le_bytes());
            let db = snr(&sheet, Side::Media, 1).unwrap().decibels();
            assert_eq!(db * 256.0, f64::from(word));
        }
    }

    #[test]
    fn other_selectors_do_not_show_ratios() {
        for selector in (0..=255_u8).filter(|s| *s != 6) {
            let mut sheet = Sheet::full([0xFF; 128]);
            sheet.put(128, &[selector]);
            assert!(!shows_snr(&sheet));
        }
    }

    #[test]
    fn capability_bits_are_told_apart_by_side() {
        let mut sheet = Sheet::full([0; 128]);
        let none = DiagnosticsCapability::decode(&sheet);
        assert!(!none.has_snr(Side::Host) && !none.has_snr(Side::Media));
        sheet.put(128, &[0x33, 0xFF, 0x20, 0xC3]);
        let capability = DiagnosticsCapability::decode(&sheet);
        assert_eq!((capability.loopbacks, capability.patterns), (0x33, 0xC3));
        assert!(!capability.has_snr(Side::Host) && capability.has_snr(Side::Media));
        let all = DiagnosticsCapability::decode(&Sheet::full([0xFF; 128]));
        assert!(all.has_snr(Side::Host) && all.has_snr(Side::Media));
    }
}
