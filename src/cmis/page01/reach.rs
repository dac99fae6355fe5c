//! Page 01h: how far light of the module reaches, and its wavelength (CMIS 5.4
//! Tables 8-45 and 8-46).

use crate::bus::sheet::Sheet;
use crate::cmis::lower::Revision;
use crate::units::Meters;

pub(super) const SMF: u8 = 132;
pub(super) const OM5: u8 = 133;
pub(super) const OM4: u8 = 134;
pub(super) const OM3: u8 = 135;
pub(super) const OM2: u8 = 136;
pub(super) const SECOND_SMF_MULTIPLIER: u8 = 137;
pub(super) const WAVELENGTH: u8 = 138;

/// Single mode reach: what the two top bits multiply the others with.
const SMF_METERS_PER_BIT: [f64; 3] = [100.0, 1e3, 10e3];
/// The second multiplier, 137.7-6 (5.3 and later), where the first one is 11b.
const LONG_SMF_METERS_PER_BIT: [f64; 4] = [50e3, 100e3, 200e3, 500e3];
/// OM3, OM4 and OM5 count in steps of two metres, OM2 in single ones.
const OM_METERS_PER_BIT: f64 = 2.0;
const OM2_METERS_PER_BIT: f64 = 1.0;
/// Wavelength is in units of 0.05 nm.
const WAVELENGTH_METERS_PER_BIT: f64 = 0.05e-9;

/// Reach by kind of fibre; `None` where the module says zero or a reserved code.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reach {
    /// Single mode.
    pub smf: Option<Meters>,
    /// OM2.
    pub om2: Option<Meters>,
    /// OM3.
    pub om3: Option<Meters>,
    /// OM4.
    pub om4: Option<Meters>,
    /// OM5.
    pub om5: Option<Meters>,
}

/// Decodes the reach bytes by the rules of a revision.
pub fn reach(page: &Sheet, revision: Revision) -> Reach {
    let om = |offset, scale| meters(page.u8(offset), Some(scale));
    Reach {
        smf: smf_reach(page, revision),
        om2: om(OM2, OM2_METERS_PER_BIT),
        om3: om(OM3, OM_METERS_PER_BIT),
        om4: om(OM4, OM_METERS_PER_BIT),
        om5: om(OM5, OM_METERS_PER_BIT),
    }
}

fn smf_reach(page: &Sheet, revision: Revision) -> Option<Meters> {
    let code = page.u8(SMF);
    let long = usize::from(page.u8(SECOND_SMF_MULTIPLIER) >> 6);
    let scale = match SMF_METERS_PER_BIT.get(usize::from(code >> 6)) {
        Some(scale) => Some(scale),
        None if revision >= Revision::V5_3 => LONG_SMF_METERS_PER_BIT.get(long),
        None => None,
    };
    meters(code & 0x3F, scale.copied())
}

fn meters(base: u8, scale: Option<f64>) -> Option<Meters> {
    let length = f64::from(base) * scale?;
    (length > 0.0).then(|| Meters::new(length))
}

/// Nominal wavelength (Table 8-46), or `None` where the module gives none.
pub fn wavelength(page: &Sheet) -> Option<Meters> {
    match page.u16(WAVELENGTH) {
        0 => None,
        raw => Some(Meters::new(f64::from(raw) * WAVELENGTH_METERS_PER_BIT)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(parts: &[(u8, &[u8])]) -> Sheet {
        let mut sheet = Sheet::full([0; 128]);
        for (first, bytes) in parts {
            sheet.put(*first, bytes);
        }
        sheet
    }

    #[test]
    fn multimode_reach_and_wavelength() {
        let page = page(&[(133, &[75, 50, 35, 30]), (138, &[0x42, 0x68])]);
        let told = reach(&page, Revision::V5_0);
        let meters = [told.om5, told.om4, told.om3, told.om2].map(|m| m.unwrap().meters());
        assert_eq!(meters, [150.0, 100.0, 70.0, 30.0]);
        assert_eq!(told.smf, None);
        assert!((wavelength(&page).unwrap().meters() - 850e-9).abs() < 1e-15);
    }

    #[test]
    fn single_mode_reach_has_two_multipliers() {
        let smf = |code, second, revision| {
            let page = page(&[(132, &[code]), (137, &[second])]);
            reach(&page, Revision::from_byte(revision)).smf
        };
        assert_eq!(smf(0x1E, 0, 0x40).unwrap().meters(), 3000.0);
        assert_eq!(smf(0x4A, 0, 0x40).unwrap().meters(), 10e3);
        assert_eq!(smf(0x88, 0, 0x50).unwrap().meters(), 80e3);
        assert_eq!(smf(0xC2, 0x40, 0x53).unwrap().meters(), 200e3);
        assert_eq!(smf(0xC2, 0x40, 0x52), None);
    }

    #[test]
    fn zeros_say_nothing_and_ones_the_most() {
        let zeros = page(&[]);
        assert_eq!(wavelength(&zeros), None);
        assert_eq!(reach(&zeros, Revision::V5_4).smf, None);
        let ones = Sheet::full([0xFF; 128]);
        let farthest = reach(&ones, Revision::V5_4).smf.unwrap();
        assert_eq!(farthest.meters(), 63.0 * 500e3);
        assert_eq!(reach(&ones, Revision::V5_0).smf, None);
    }
}
