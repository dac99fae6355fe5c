//! Pages 34h and 35h: error counters and link quality of a coherent media lane
//! over the module's last interval (C-CMIS 1.3, pages 34h and 35h).
//!
//! Each bank has one media lane. The interval ends when a host freezes the
//! statistics; where nobody does, the values are those of the last one that did.

mod fields;

pub use fields::{FIELDS_34, FIELDS_35};

use super::page01::Advertisement;
use super::scale;
use crate::bus::read_plan::{Cadence, Group, Place};
use crate::bus::sheet::Sheet;

// Page 34h: counters of the interval and, behind them, the least and the most
// of a sub-interval.
const BITS: u8 = 128;
const BITS_PER_SUB_INTERVAL: u8 = 136;
const CORRECTED_BITS: u8 = 144;
const LEAST_CORRECTED_BITS: u8 = 152;
const MOST_CORRECTED_BITS: u8 = 160;
const FRAMES: u8 = 168;
const FRAMES_PER_SUB_INTERVAL: u8 = 172;
const UNCORRECTABLE_FRAMES: u8 = 176;
const LEAST_UNCORRECTABLE_FRAMES: u8 = 180;
const MOST_UNCORRECTABLE_FRAMES: u8 = 184;
const FEC_LAST: u8 = 187;
// Page 35h: from dispersion to Q margin.
const LINK_FIRST: u8 = 128;
const LINK_LAST: u8 = 241;

const KILO: f64 = 1e3;
const MEGA: f64 = 1e6;
const TENTH: f64 = 0.1;
/// 1 ps of delay for each nm of wavelength, in seconds per metre.
const PS_PER_NM: f64 = 1e-3;
const HUNDREDTH_PS: f64 = 1e-14;
const HUNDREDTH_SQUARE_PS: f64 = 1e-26;
/// One step of a share of 16 bits without, or 15 bits with sign.
const SHARE: f64 = 1.0 / 65535.0;
const SIGNED_SHARE: f64 = 1.0 / 32767.0;

const fn on_page(name: &'static str, page: u8, first: u8, last: u8) -> Group<Advertisement> {
    Group {
        name,
        place: Place::EveryBank(page),
        first,
        last,
        cadence: Cadence::Fast,
        clears: false,
        gate: Advertisement::coherent_pages,
    }
}

/// Error counters of the media side.
pub const FEC: Group<Advertisement> = on_page("coherent error counters", 0x34, BITS, FEC_LAST);
/// Quality of the optical link.
pub const LINK: Group<Advertisement> =
    on_page("coherent link quality", 0x35, LINK_FIRST, LINK_LAST);

/// Every register group of pages 34h and 35h.
pub const GROUPS: &[Group<Advertisement>] = &[FEC, LINK];

/// What the error correction of a media lane counted in the interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fec {
    /// Bits received.
    pub bits: u64,
    /// Bits received in each sub-interval.
    pub bits_per_sub_interval: u64,
    /// Bits corrected.
    pub corrected_bits: u64,
    /// Fewest bits corrected in a sub-interval.
    pub corrected_bits_min: u64,
    /// Most bits corrected in a sub-interval.
    pub corrected_bits_max: u64,
    /// Frames received.
    pub frames: u32,
    /// Frames received in each sub-interval.
    pub frames_per_sub_interval: u32,
    /// Frames that could not be corrected.
    pub uncorrectable_frames: u32,
    /// Fewest of them in a sub-interval.
    pub uncorrectable_frames_min: u32,
    /// Most of them in a sub-interval.
    pub uncorrectable_frames_max: u32,
}

/// Decodes [`FEC`]; `None` where all is zero: no interval was ever counted.
pub fn fec(page: &Sheet) -> Option<Fec> {
    (!is_blank(page, BITS, FEC_LAST)).then(|| Fec {
        bits: page.u64(BITS),
        bits_per_sub_interval: page.u64(BITS_PER_SUB_INTERVAL),
        corrected_bits: page.u64(CORRECTED_BITS),
        corrected_bits_min: page.u64(LEAST_CORRECTED_BITS),
        corrected_bits_max: page.u64(MOST_CORRECTED_BITS),
        frames: page.u32(FRAMES),
        frames_per_sub_interval: page.u32(FRAMES_PER_SUB_INTERVAL),
        uncorrectable_frames: page.u32(UNCORRECTABLE_FRAMES),
        uncorrectable_frames_min: page.u32(LEAST_UNCORRECTABLE_FRAMES),
        uncorrectable_frames_max: page.u32(MOST_UNCORRECTABLE_FRAMES),
    })
}

impl Fec {
    /// The bit error ratio before correction, over the interval.
    pub fn pre_fec_ber(&self) -> Option<f64> {
        share(self.corrected_bits, self.bits)
    }

    /// The bit error ratio of the best sub-interval.
    pub fn pre_fec_ber_min(&self) -> Option<f64> {
        share(self.corrected_bits_min, self.bits_per_sub_interval)
    }

    /// The bit error ratio of the worst sub-interval.
    pub fn pre_fec_ber_max(&self) -> Option<f64> {
        share(self.corrected_bits_max, self.bits_per_sub_interval)
    }
}

/// A part of a whole; `None` where the whole is nothing or less than its part.
#[expect(
    clippy::cast_precision_loss,
    reason = "a ratio of counters is as exact as a double is"
)]
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0 && part <= whole).then(|| part as f64 / whole as f64)
}

/// How a reading of page 35h is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// Unsigned word.
    Word,
    /// Signed word.
    Signed,
    /// Signed double word.
    Long,
    /// Signed word in 0.01 dBm; the value is a power.
    CentiDbm,
}

/// One quantity of the optical link.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantity {
    /// Its name in JSON and on screens.
    pub name: &'static str,
    /// The SI unit of its values, in the words of
    /// [`Observable::unit`](super::vdm_observables::Observable::unit).
    pub unit: &'static str,
    place: u8,
    encoding: Encoding,
    scale: f64,
}

const fn quantity(
    name: &'static str,
    place: u8,
    encoding: Encoding,
    scale: f64,
    unit: &'static str,
) -> Quantity {
    Quantity {
        name,
        unit,
        place,
        encoding,
        scale,
    }
}

/// The quantities of page 35h by rising place.
// One row a line: wrapped, the table could not be compared with the standard.
#[rustfmt::skip]
pub static QUANTITIES: [Quantity; 17] = [
    quantity("chromatic_dispersion", 128, Encoding::Long, PS_PER_NM, "seconds_per_meter"),
    quantity("dgd", 140, Encoding::Word, HUNDREDTH_PS, "seconds"),
    quantity("sopmd", 146, Encoding::Word, HUNDREDTH_SQUARE_PS, "square_seconds"),
    quantity("pdl", 152, Encoding::Word, TENTH, "decibels"),
    quantity("osnr", 158, Encoding::Word, TENTH, "decibels"),
    quantity("esnr", 164, Encoding::Word, TENTH, "decibels"),
    quantity("cfo", 170, Encoding::Signed, MEGA, "hertz"),
    quantity("evm", 176, Encoding::Word, SHARE, "ratio"),
    quantity("tx_power", 182, Encoding::CentiDbm, 1.0, "watts"),
    quantity("rx_total_power", 188, Encoding::CentiDbm, 1.0, "watts"),
    quantity("rx_signal_power", 194, Encoding::CentiDbm, 1.0, "watts"),
    quantity("sop_rate_of_change", 200, Encoding::Word, KILO, "radians_per_second"),
    quantity("mer", 206, Encoding::Word, TENTH, "decibels"),
    quantity("clock_recovery_loop", 212, Encoding::Signed, SIGNED_SHARE, "ratio"),
    quantity("snr_margin", 224, Encoding::Signed, TENTH, "decibels"),
    quantity("q_factor", 230, Encoding::Word, TENTH, "decibels"),
    quantity("q_margin", 236, Encoding::Signed, TENTH, "decibels"),
];

/// A quantity over the interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Which quantity, and its unit.
    pub quantity: &'static Quantity,
    /// Its mean.
    pub average: f64,
    /// Its least.
    pub minimum: f64,
    /// Its most.
    pub maximum: f64,
}

/// Decodes [`LINK`]: every quantity in page order; nothing where all is zero,
/// because no interval was ever measured.
pub fn link(page: &Sheet) -> Vec<Interval> {
    if is_blank(page, LINK_FIRST, LINK_LAST) {
        return Vec::new();
    }
    QUANTITIES
        .iter()
        .map(|quantity| quantity.read(page))
        .collect()
}

impl Quantity {
    fn read(&'static self, page: &Sheet) -> Interval {
        let [average, minimum, maximum] = [0, 1, 2].map(|index| self.value(page, index));
        Interval {
            quantity: self,
            average,
            minimum,
            maximum,
        }
    }

    /// Average (0), least (1) or most (2).
    fn value(&self, page: &Sheet, index: u8) -> f64 {
        let width = match self.encoding {
            Encoding::Long => 4,
            Encoding::Word | Encoding::Signed | Encoding::CentiDbm => 2,
        };
        let offset = self.place.saturating_add(width * index);
        let number = match self.encoding {
            Encoding::Word => f64::from(page.u16(offset)),
            Encoding::Signed => f64::from(page.i16(offset)),
            Encoding::Long => f64::from(page.i32(offset)),
            Encoding::CentiDbm => scale::power_of_centi_dbm(page.i16(offset)).watts(),
        };
        number * self.scale
    }
}

fn is_blank(page: &Sheet, first: u8, last: u8) -> bool {
    page.slice(first, last - first + 1)
        .iter()
        .all(|byte| *byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_ratio_is_corrected_bits_by_bits() {
        let mut page = Sheet::full([0; 128]);
        page.put(128, &1_000_000_000_u64.to_be_bytes());
        page.put(136, &1_000_000_u64.to_be_bytes());
        page.put(144, &2_500_000_u64.to_be_bytes());
        page.put(152, &2_000_u64.to_be_bytes());
        page.put(160, &9_000_u64.to_be_bytes());
        page.put(168, &70_000_u32.to_be_bytes());
        page.put(172, &70_u32.to_be_bytes());
        page.put(176, &5_u32.to_be_bytes());
        page.put(184, &3_u32.to_be_bytes());
        let told = fec(&page).unwrap();
        assert_eq!(told.pre_fec_ber(), Some(2.5e-3));
        assert_eq!(told.pre_fec_ber_min(), Some(2e-3));
        assert_eq!(told.pre_fec_ber_max(), Some(9e-3));
        assert_eq!((told.frames, told.frames_per_sub_interval), (70_000, 70));
        assert_eq!(told.uncorrectable_frames, 5);
        assert_eq!(told.uncorrectable_frames_min, 0);
        assert_eq!(told.uncorrectable_frames_max, 3);
    }

    #[test]
    fn no_bits_have_no_error_ratio() {
        let mut page = Sheet::full([0; 128]);
        assert_eq!(fec(&page), None);
        page.put(144, &7_u64.to_be_bytes());
        assert_eq!(fec(&page).unwrap().pre_fec_ber(), None);
        page.put(128, &6_u64.to_be_bytes());
        assert_eq!(fec(&page).unwrap().pre_fec_ber(), None);
        page.put(128, &7_u64.to_be_bytes());
        assert_eq!(fec(&page).unwrap().pre_fec_ber(), Some(1.0));
    }

    fn named(link: &[Interval], name: &str) -> [f64; 3] {
        let found = link.iter().find(|i| i.quantity.name == name).unwrap();
        [found.average, found.minimum, found.maximum]
    }

    #[test]
    fn a_link_of_80_kilometres() {
        let mut page = Sheet::full([0; 128]);
        page.put(128, &1360_i32.to_be_bytes());
        page.put(132, &(-4_i32).to_be_bytes());
        page.put(136, &1400_i32.to_be_bytes());
        page.put(140, &[0x00, 0xC8]);
        page.put(158, &[0x01, 0x68, 0x01, 0x5E, 0x01, 0x72]);
        page.put(170, &[0xFF, 0x38]);
        page.put(176, &[0xFF, 0xFF]);
        page.put(188, &[0xFC, 0x18]);
        page.put(212, &[0x80, 0x01]);
        page.put(236, &[0xFF, 0xF6]);
        let link = link(&page);
        let near = |name, expected: [f64; 3]| {
            for (found, right) in named(&link, name).iter().zip(expected) {
                let slack = right.abs() * 1e-9;
                assert!((found - right).abs() <= slack, "{name}: {found} {right}");
            }
        };
        near("chromatic_dispersion", [1.36, -4e-3, 1.4]);
        near("dgd", [2e-12, 0.0, 0.0]);
        near("osnr", [36.0, 35.0, 37.0]);
        near("cfo", [-200e6, 0.0, 0.0]);
        near("evm", [1.0, 0.0, 0.0]);
        near("rx_total_power", [1e-4, 1e-3, 1e-3]);
        near("clock_recovery_loop", [-1.0, 0.0, 0.0]);
        near("q_margin", [-1.0, 0.0, 0.0]);
        assert_eq!(link.len(), 17);
    }

    #[test]
    fn quantities_lie_on_the_page_and_do_not_overlap() {
        for pair in QUANTITIES.windows(2) {
            let width = if pair[0].encoding == Encoding::Long {
                12
            } else {
                6
            };
            assert!(pair[0].place + width <= pair[1].place, "{}", pair[1].name);
        }
        assert_eq!(QUANTITIES[16].place + 5, LINK_LAST);
    }

    #[test]
    fn zeros_are_no_interval_and_ones_decode_with_their_sign() {
        assert!(link(&Sheet::full([0; 128])).is_empty());
        let ones = link(&Sheet::full([0xFF; 128]));
        assert_eq!(named(&ones, "chromatic_dispersion"), [-1e-3; 3]);
        assert_eq!(named(&ones, "sop_rate_of_change"), [65_535e3; 3]);
        let all = fec(&Sheet::full([0xFF; 128])).unwrap();
        assert_eq!((all.bits, all.frames), (u64::MAX, u32::MAX));
    }
}
