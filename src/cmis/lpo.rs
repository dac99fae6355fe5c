//! Pages C1h and C2h: the amplitudes that a linear module can still measure, as
//! Arista's enhanced LPO has them. They are the vendor's pages, in bank 0 only.

use super::page01::Advertisement;
use super::scale;
use crate::bus::address::Device;
use crate::bus::field::{Field, Form, bit};
use crate::bus::read_plan::{Cadence, Group, Place};
use crate::bus::sheet::Sheet;
use crate::units::{Decibels, Volts, Watts};

// Page C1h: what is measured, and its thresholds.
const CAPABILITIES: u8 = 128;
const EXTINCTION_RATIO_BIT: u8 = 2;
const HOST_AMPLITUDE_BIT: u8 = 3;
const OPTICAL_AMPLITUDE_BIT: u8 = 4;
const MAX_EXTINCTION_RATIO: u8 = 129;
const TX_POLARITY: u8 = 133;
const RX_POLARITY: u8 = 134;
const HOST_ACCURACY: u8 = 135;
const HOST_THRESHOLDS: u8 = 136;
const OPTICAL_ACCURACY: u8 = 140;
const OPTICAL_THRESHOLDS: u8 = 141;
const OPTICAL_THRESHOLDS_LAST: u8 = 148;
// Page C2h: bitmaps of lanes, a byte or a word for each lane.
const HOST_FLAGS: u8 = 141;
const HOST_FLAGS_LAST: u8 = 144;
const HOST_AMPLITUDES: u8 = 145;
const HOST_AMPLITUDES_LAST: u8 = 152;
const OPTICAL_FLAGS: u8 = 157;
const OPTICAL_FLAGS_LAST: u8 = 160;
const OPTICAL_AMPLITUDES: u8 = 161;
const OPTICAL_AMPLITUDES_LAST: u8 = 176;

/// Host amplitude: 5 mV.
const VOLTS_PER_BIT: f64 = 5e-3;
/// Extinction ratio: 0.1 dB.
const EXTINCTION_STEP: f64 = 0.1;
/// Accuracy of the optical amplitude: 0.2 dB.
const ACCURACY_STEP: f64 = 0.2;

const fn on_page(
    name: &'static str,
    page: u8,
    first: u8,
    last: u8,
    cadence: Cadence,
) -> Group<Advertisement> {
    Group {
        name,
        place: Place::Page(Device::A0, page),
        first,
        last,
        cadence,
        clears: false,
        gate: Advertisement::enhanced_lpo_pages,
    }
}

/// What the module measures, and its thresholds.
pub const CAPABILITY: Group<Advertisement> = on_page(
    "enhanced LPO capability",
    0xC1,
    CAPABILITIES,
    OPTICAL_THRESHOLDS_LAST,
    Cadence::Insertion,
);
/// Latched threshold flags of the host amplitudes: reading clears them.
pub const VMA_FLAGS: Group<Advertisement> = Group {
    clears: true,
    ..on_page(
        "host amplitude flags",
        0xC2,
        HOST_FLAGS,
        HOST_FLAGS_LAST,
        Cadence::OnFlag,
    )
};
/// The amplitudes that arrive from the host.
pub const VMA: Group<Advertisement> = on_page(
    "host amplitudes",
    0xC2,
    HOST_AMPLITUDES,
    HOST_AMPLITUDES_LAST,
    Cadence::Fast,
);
/// Latched threshold flags of the optical amplitudes: reading clears them.
pub const OMA_FLAGS: Group<Advertisement> = Group {
    clears: true,
    ..on_page(
        "optical amplitude flags",
        0xC2,
        OPTICAL_FLAGS,
        OPTICAL_FLAGS_LAST,
        Cadence::OnFlag,
    )
};
/// The optical amplitudes received.
pub const OMA: Group<Advertisement> = on_page(
    "optical amplitudes",
    0xC2,
    OPTICAL_AMPLITUDES,
    OPTICAL_AMPLITUDES_LAST,
    Cadence::Fast,
);

/// Every register group of pages C1h and C2h.
pub const GROUPS: &[Group<Advertisement>] = &[CAPABILITY, VMA_FLAGS, VMA, OMA_FLAGS, OMA];

/// The registers of page C1h by name, where a vendor fills them like this.
pub const FIELDS_C1: &[Field] = &[
    Field::bits(
        CAPABILITIES,
        "enhanced LPO capabilities",
        &[
            bit(EXTINCTION_RATIO_BIT, "extinction ratio"),
            bit(HOST_AMPLITUDE_BIT, "host amplitude"),
            bit(OPTICAL_AMPLITUDE_BIT, "optical amplitude"),
        ],
    ),
    Field::byte(MAX_EXTINCTION_RATIO, "largest extinction ratio"),
    Field::vendor(130, 132),
    Field::lanes(TX_POLARITY, "tx polarity flipped"),
    Field::lanes(RX_POLARITY, "rx polarity flipped"),
    Field::byte(HOST_ACCURACY, "host amplitude accuracy"),
    Field::new(HOST_THRESHOLDS, 139, "host amplitude", Form::Unsigned).levels(),
    Field::byte(OPTICAL_ACCURACY, "optical amplitude accuracy"),
    Field::new(
        OPTICAL_THRESHOLDS,
        OPTICAL_THRESHOLDS_LAST,
        "optical amplitude",
        Form::OpticalPower,
    )
    .levels(),
    Field::vendor(OPTICAL_THRESHOLDS_LAST + 1, 255),
];

/// The registers of page C2h by name, where a vendor fills them like this.
pub const FIELDS_C2: &[Field] = &[
    Field::vendor(128, HOST_FLAGS - 1),
    Field::new(HOST_FLAGS, HOST_FLAGS_LAST, "host amplitude", Form::Lanes).levels(),
    Field::new(
        HOST_AMPLITUDES,
        HOST_AMPLITUDES_LAST,
        "host amplitude of lane",
        Form::Unsigned,
    )
    .each(1),
    Field::new(153, 156, "host amplitude flag mask", Form::Lanes).levels(),
    Field::new(
        OPTICAL_FLAGS,
        OPTICAL_FLAGS_LAST,
        "optical amplitude",
        Form::Lanes,
    )
    .levels(),
    Field::new(
        OPTICAL_AMPLITUDES,
        OPTICAL_AMPLITUDES_LAST,
        "optical amplitude of lane",
        Form::OpticalPower,
    )
    .each(2),
    Field::new(177, 180, "optical amplitude flag mask", Form::Lanes).levels(),
    Field::vendor(181, 255),
];

/// What an enhanced LPO module measures. Thresholds are high alarm, low alarm,
/// high warning, low warning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Capability {
    /// Highest extinction ratio of the transmitters, where the module tells.
    pub max_extinction_ratio: Option<Decibels>,
    /// Bit k: transmit lane k + 1 is inverted.
    pub tx_polarity: u8,
    /// Bit k: receive lane k + 1 is inverted.
    pub rx_polarity: u8,
    /// Voltage modulation amplitude from the host, where it is measured.
    pub vma: Option<Amplitude<Volts, Volts>>,
    /// Optical modulation amplitude received, where it is measured.
    pub oma: Option<Amplitude<Watts, Decibels>>,
}

/// How an amplitude is measured and judged by the module.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Amplitude<T, A> {
    /// How far the true value may be from the one shown.
    pub accuracy: A,
    /// High alarm, low alarm, high warning, low warning.
    pub thresholds: [T; 4],
}

/// Decodes [`CAPABILITY`].
pub fn capability(page: &Sheet) -> Capability {
    let has = |bit| page.bit(CAPABILITIES, bit);
    let low_half = |offset| f64::from(page.u8(offset) & 0x0F);
    let ratio = f64::from(page.u8(MAX_EXTINCTION_RATIO)) * EXTINCTION_STEP;
    Capability {
        max_extinction_ratio: has(EXTINCTION_RATIO_BIT).then(|| Decibels::new(ratio)),
        tx_polarity: page.u8(TX_POLARITY),
        rx_polarity: page.u8(RX_POLARITY),
        vma: has(HOST_AMPLITUDE_BIT).then(|| Amplitude {
            accuracy: Volts::new(low_half(HOST_ACCURACY) * VOLTS_PER_BIT),
            thresholds: page.array(HOST_THRESHOLDS).map(volts),
        }),
        oma: has(OPTICAL_AMPLITUDE_BIT).then(|| Amplitude {
            accuracy: Decibels::new(low_half(OPTICAL_ACCURACY) * ACCURACY_STEP),
            thresholds: [0, 1, 2, 3]
                .map(|level| scale::optical_power(page.u16(OPTICAL_THRESHOLDS + 2 * level))),
        }),
    }
}

impl Capability {
    /// Whether it can be what it claims to be: something is measured, and all
    /// thresholds stand in their order. Other vendors have other things on
    /// these pages.
    pub fn is_sensible(&self) -> bool {
        let any = self.max_extinction_ratio.is_some() || self.vma.is_some() || self.oma.is_some();
        any && self.max_extinction_ratio.is_none_or(|r| r.decibels() > 0.0)
            && self.vma.is_none_or(|vma| ordered(vma.thresholds))
            && self.oma.is_none_or(|oma| ordered(oma.thresholds))
    }
}

/// Whether high levels lie above low ones; four zeros do not.
fn ordered<T: PartialOrd>([high_alarm, low_alarm, high_warning, low_warning]: [T; 4]) -> bool {
    high_alarm >= high_warning && high_warning > low_warning && low_warning >= low_alarm
}

fn volts(byte: u8) -> Volts {
    Volts::new(f64::from(byte) * VOLTS_PER_BIT)
}

/// The amplitude that arrives on a host lane (0 to 7).
pub fn vma(page: &Sheet, lane: u8) -> Volts {
    volts(page.u8(HOST_AMPLITUDES.saturating_add(lane)))
}

/// The optical amplitude that arrives on a media lane (0 to 7).
pub fn oma(page: &Sheet, lane: u8) -> Watts {
    let offset = OPTICAL_AMPLITUDES.saturating_add(lane.saturating_mul(2));
    scale::optical_power(page.u16(offset))
}

/// Decodes [`VMA_FLAGS`] for one host lane: high alarm, low alarm, high warning,
/// low warning.
pub fn vma_flags(page: &Sheet, lane: u8) -> [bool; 4] {
    [0, 1, 2, 3].map(|level| page.bit(HOST_FLAGS + level, lane))
}

/// Decodes [`OMA_FLAGS`] for one media lane, likewise.
pub fn oma_flags(page: &Sheet, lane: u8) -> [bool; 4] {
    [0, 1, 2, 3].map(|level| page.bit(OPTICAL_FLAGS + level, lane))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sensible() -> Sheet {
        let mut page = Sheet::full([0; 128]);
        page.put(128, &[0x1C, 45]);
        page.put(133, &[0x0F, 0xF0, 0x04, 160, 20, 150, 30]);
        page.put(140, &[0x05]);
        page.put(141, &[0x75, 0x30, 0x00, 0x64, 0x4E, 0x20, 0x03, 0xE8]);
        page
    }

    #[test]
    fn a_module_that_measures_both_amplitudes() {
        let told = capability(&sensible());
        assert!(told.is_sensible());
        assert!((told.max_extinction_ratio.unwrap().decibels() - 4.5).abs() < 1e-9);
        assert_eq!((told.tx_polarity, told.rx_polarity), (0x0F, 0xF0));
        let vma = told.vma.unwrap();
        assert_eq!(vma.accuracy, Volts::new(0.02));
        assert_eq!(vma.thresholds[0], Volts::new(0.8));
        let oma = told.oma.unwrap();
        assert_eq!(oma.accuracy, Decibels::new(1.0));
        assert!((oma.thresholds[3].watts() - 1e-4).abs() < 1e-12);
    }

    #[test]
    fn thresholds_out_of_order_make_no_sense() {
        let broken = |first, bytes: &[u8]| {
            let mut page = sensible();
            page.put(first, bytes);
            capability(&page).is_sensible()
        };
        assert!(!broken(136, &[0, 0, 0, 0]));
        assert!(!broken(136, &[20, 160, 30, 150]));
        assert!(!broken(141, &[0; 8]));
        assert!(!broken(129, &[0]));
        assert!(!broken(128, &[0]));
        assert!(broken(128, &[0x08]));
    }

    #[test]
    fn values_and_flags_of_the_last_lane() {
        let mut page = Sheet::full([0; 128]);
        page.put(142, &[0x80]);
        page.put(152, &[100]);
        page.put(160, &[0x80]);
        page.put(175, &[0x13, 0x88]);
        assert_eq!(vma(&page, 7), Volts::new(0.5));
        assert!((oma(&page, 7).watts() - 500e-6).abs() < 1e-12);
        assert_eq!(vma_flags(&page, 7), [false, true, false, false]);
        assert_eq!(oma_flags(&page, 7), [false, false, false, true]);
        assert_eq!(vma_flags(&page, 6), [false; 4]);
    }

    #[test]
    fn zeros_and_ones_make_no_sense() {
        for byte in [0x00, 0xFF] {
            assert!(!capability(&Sheet::full([byte; 128])).is_sensible());
        }
        assert!((vma(&Sheet::full([0xFF; 128]), 7).volts() - 1.275).abs() < 1e-9);
        assert_eq!(oma(&Sheet::full([0; 128]), 0), Watts::new(0.0));
    }
}
