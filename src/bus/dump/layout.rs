//! Which half stands where in a linear dump: the layouts of the optoe driver,
//! which files, `ethtool` and the hexadecimal dumps of both have in common.
//!
//! Lower memory comes first, then page p at (p + 1) x 128. An SFP has the two
//! halves of A0h, lower A2h, then page p of A2h at (p + 3) x 128. Banks follow
//! in one of two ways: SONiC counts 256 pages to a bank; the driver patch as
//! first posted gives the banks after the first the 240 pages from 10h on.

use crate::bus::address::{Bank, Device, Half};
use crate::bus::image::Image;
use crate::bus::sheet::Sheet;

use super::fault::DumpFault;
use super::linear::{HALF, Linear};

/// How many pages a device can have.
const PAGES: usize = 256;
/// How many halves a module behind one address has, without banks.
const ONE_BANK: usize = 1 + PAGES;
/// How many halves an SFP has: two of A0h, lower A2h, the pages of A2h.
const SFP_HALVES: usize = 3 + PAGES;
/// The first page that the driver patch as first posted repeats in each bank.
const FIRST_REPEATED: usize = 0x10;
/// How many pages it repeats.
const REPEATED: usize = PAGES - FIRST_REPEATED;

/// Which bytes of lower memory select the upper page: both in CMIS 5.x, the
/// second alone in SFF-8636.
const BANK_SELECT: u8 = 126;
const PAGE_SELECT: u8 = 127;
/// The byte of lower memory that says that there is page 00h only, and its bit
/// in CMIS 5.x (00h:2.7) and SFF-8636 (00h:2.2).
const FLAT: u8 = 2;
const FLAT_BIT_CMIS: u8 = 7;
const FLAT_BIT_SFF_8636: u8 = 2;

/// What the memory of a module is like, by its identifier (byte 0, SFF-8024
/// table 4-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// SFF-8472: two devices.
    Sfp,
    /// SFF-8636: one device, pages.
    Qsfp,
    /// CMIS, and whatever is not known: one device, pages and banks.
    Cmis,
}

impl Family {
    /// The family of an identifier. 91h is a QSFP whose identifier is wrong.
    pub(super) const fn of(identifier: u8) -> Self {
        match identifier {
            0x03 => Self::Sfp,
            0x0C | 0x0D | 0x11 | 0x91 => Self::Qsfp,
            _ => Self::Cmis,
        }
    }

    /// The family of an image.
    ///
    /// # Errors
    /// If its byte 0 is not known.
    pub(super) fn of_image(image: &Image) -> Result<Self, DumpFault> {
        let lower = image.sheet(Half::LOWER).filter(|lower| lower.knows(0, 1));
        lower
            .map(|lower| Self::of(lower.u8(0)))
            .ok_or(DumpFault::NoIdentifier)
    }

    /// The half that stands at `place` x 128 in a layout without banks.
    pub(super) fn half(self, place: usize) -> Option<Half> {
        let page = |first: usize| u8::try_from(place - first).ok();
        match (self, place) {
            (_, 0) => Some(Half::LOWER),
            (Self::Sfp, 1) => Some(Half::page(0)),
            (Self::Sfp, 2) => Some(Half::lower(Device::A2)),
            (Self::Sfp, _) => page(3).map(|page| Half::page_of(Device::A2, page)),
            (Self::Qsfp | Self::Cmis, _) => page(1).map(Half::page),
        }
    }

    /// Where a half stands in a layout without banks, in units of 128 bytes.
    pub(super) fn place(self, half: Half) -> Option<usize> {
        let most = match self {
            Self::Sfp => SFP_HALVES,
            Self::Qsfp | Self::Cmis => ONE_BANK,
        };
        (0..most).find(|place| self.half(*place) == Some(half))
    }
}

/// How the banks after the first follow.
#[derive(Debug, Clone, Copy)]
enum Banks {
    /// No banks but the first.
    None,
    /// 256 pages each.
    OfAllPages,
    /// 240 pages each.
    OfRepeatedPages,
}

impl Banks {
    /// The layout of a dump with this many halves.
    fn of(halves: usize, bytes: usize) -> Result<Self, DumpFault> {
        let whole = |pages: usize| {
            halves > ONE_BANK
                && (halves - ONE_BANK).is_multiple_of(pages)
                && (halves - ONE_BANK) / pages < usize::from(Bank::MOST)
        };
        match (whole(PAGES), whole(REPEATED)) {
            _ if halves <= ONE_BANK => Ok(Self::None),
            (true, false) => Ok(Self::OfAllPages),
            (false, true) => Ok(Self::OfRepeatedPages),
            (true, true) => Err(DumpFault::TwoLayouts(bytes)),
            (false, false) => Err(DumpFault::Size {
                found: bytes,
                expected: "at most 32896 without banks, or whole banks: 32896 and a multiple of 32768 (as SONiC counts) or 30720 (as the first driver patch did)",
            }),
        }
    }

    /// The half that stands at a place beyond the first bank; `None` for a page
    /// that is not banked.
    fn half(self, place: usize) -> Option<Half> {
        let beyond = place.checked_sub(ONE_BANK)?;
        let (bank, page) = match self {
            Self::None => return None,
            Self::OfAllPages => (1 + beyond / PAGES, beyond % PAGES),
            Self::OfRepeatedPages => (1 + beyond / REPEATED, FIRST_REPEATED + beyond % REPEATED),
        };
        let bank = Bank::new(u8::try_from(bank).ok()?)?;
        Half::banked(u8::try_from(page).ok()?, bank)
    }
}

/// The image in a linear dump, with notes for whoever asked.
///
/// # Errors
/// If byte 0 is missing, or no layout has that size.
pub(super) fn image(linear: &Linear) -> Result<(Image, Vec<String>), DumpFault> {
    let family = match (linear.at(0), linear.first()) {
        (Some(identifier), _) => Family::of(identifier),
        (None, None) => return Err(DumpFault::Empty),
        (None, Some(first)) if first >= HALF && linear.end() <= 2 * HALF => {
            return Err(DumpFault::PageNotNamed);
        }
        (None, Some(_)) => return Err(DumpFault::NoIdentifier),
    };
    let halves = linear.end().div_ceil(HALF);
    let banks = match family {
        Family::Sfp if halves > SFP_HALVES => {
            return Err(DumpFault::Size {
                found: linear.end(),
                expected: "at most 33152, for byte 0 says that it is an SFP",
            });
        }
        Family::Sfp => Banks::None,
        Family::Qsfp | Family::Cmis => Banks::of(halves, linear.end())?,
    };
    let mut image = Image::new();
    let mut unbanked = 0;
    for place in 0..halves {
        let half = family.half(place).or_else(|| banks.half(place));
        match half.map(|half| (half, linear.sheet(place * HALF, half))) {
            Some((half, Some(sheet))) => *image.sheet_mut(half) = sheet,
            Some((_, None)) => {}
            None => unbanked += 1,
        }
    }
    let mut notes = copies(&image);
    if unbanked > 0 {
        notes.push(format!(
            "{unbanked} pages of banks after the first are left out, for they have no banks"
        ));
    }
    Ok((image, notes))
}

/// A note about pages that repeat page 00h: what many modules, drivers and
/// adapters answer for pages that the module does not have.
fn copies(image: &Image) -> Vec<String> {
    let first = Half::page(0);
    let Some(identity) = image.sheet(first).and_then(Sheet::whole) else {
        return Vec::new();
    };
    let same = |(half, sheet): &(Half, &Sheet)| {
        *half != first && half.upper().is_some() && sheet.whole() == Some(identity)
    };
    match image.halves().filter(same).count() {
        0 => Vec::new(),
        copies => vec![format!(
            "{copies} pages repeat page 00 byte for byte: the module may not have them"
        )],
    }
}

/// Which page stood at 128 to 255 when lower memory was read, by its bytes 126
/// and 127; `None` if the bytes that say so are not known.
pub(super) fn selected(lower: &Sheet) -> Option<Half> {
    let known = |offset: u8| lower.knows(offset, 1).then(|| lower.u8(offset));
    let flat_bit = match Family::of(known(0)?) {
        Family::Sfp => return Some(Half::page(0)),
        Family::Qsfp => FLAT_BIT_SFF_8636,
        Family::Cmis => FLAT_BIT_CMIS,
    };
    known(FLAT)?;
    if lower.bit(FLAT, flat_bit) {
        return Some(Half::page(0));
    }
    let half = Half::page(known(PAGE_SELECT)?);
    match (flat_bit, half.upper()) {
        (FLAT_BIT_CMIS, Some((page, _))) if page.is_banked() => {
            Some(half.in_bank(Bank::new(known(BANK_SELECT)?)?))
        }
        _ => Some(half),
    }
}

/// The image of 256 bytes behind one I2C address at one moment: lower memory
/// and the page that it says is selected.
///
/// # Errors
/// If byte 0 is missing.
pub(super) fn window(linear: &Linear) -> Result<(Image, Vec<String>), DumpFault> {
    if linear.at(0).is_none() {
        return Err(match linear.first() {
            None => DumpFault::Empty,
            Some(first) if first >= HALF => DumpFault::PageNotNamed,
            Some(_) => DumpFault::NoIdentifier,
        });
    }
    let mut image = Image::new();
    if let Some(lower) = linear.sheet(0, Half::LOWER) {
        *image.sheet_mut(Half::LOWER) = lower;
    }
    let half = image.sheet(Half::LOWER).and_then(selected);
    let note = match half.map(|half| (half, linear.sheet(HALF, half))) {
        Some((half, Some(upper))) => {
            *image.sheet_mut(half) = upper;
            format!("bytes 128 to 255 are `{half}`, as bytes 0 to 127 say")
        }
        Some((_, None)) => return Ok((image, Vec::new())),
        None => "bytes 128 to 255 are left out: bytes 126 and 127 do not say which page they are"
            .to_owned(),
    };
    Ok((image, vec![note]))
}

/// One half out of a linear dump, which may be that page alone (at 0 or at
/// 128), 256 bytes with that page selected, or a whole module.
///
/// # Errors
/// If the half is not in it, or the dump says that it is another.
pub(super) fn page(linear: &Linear, half: Half) -> Result<Image, DumpFault> {
    let first = linear.first().ok_or(DumpFault::Empty)?;
    let start = match (first >= HALF, linear.end() <= HALF) {
        // Starts in the upper half: a fragment at its own addresses.
        (true, _) if half.base() == 0 || linear.end() > 2 * HALF => {
            return Err(DumpFault::NotOnePage);
        }
        (true, _) => HALF,
        // Ends in the lower half: a fragment counted from 0.
        (false, true) => 0,
        (false, false) => return page_of_module(linear, half),
    };
    let mut image = Image::new();
    if let Some(sheet) = linear.sheet(start, half) {
        *image.sheet_mut(half) = sheet;
    }
    Ok(image)
}

/// One half out of a dump that has lower memory and more.
fn page_of_module(linear: &Linear, half: Half) -> Result<Image, DumpFault> {
    if half.device() == Device::A2 && linear.end() <= 2 * HALF {
        return Ok(only(
            half,
            linear.sheet(usize::from(half.base()), half).as_ref(),
        ));
    }
    if linear.end() > 2 * HALF {
        let (image, _) = self::image(linear)?;
        let sheet = image.sheet(half).ok_or(DumpFault::PageMissing(half))?;
        return Ok(only(half, Some(sheet)));
    }
    let lower = linear.sheet(0, Half::LOWER);
    let found = lower.as_ref().and_then(selected);
    match (half.upper(), found) {
        (Some(_), Some(found)) if found != half => Err(DumpFault::OtherPage {
            wanted: half,
            found,
        }),
        _ => Ok(only(
            half,
            linear.sheet(usize::from(half.base()), half).as_ref(),
        )),
    }
}

/// An image with one half at most.
fn only(half: Half, sheet: Option<&Sheet>) -> Image {
    let mut image = Image::new();
    if let Some(sheet) = sheet {
        *image.sheet_mut(half) = sheet.clone();
    }
    image
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Halves full of their own number, from 1 on; byte 0 is the identifier.
    fn linear(identifier: u8, halves: usize) -> Linear {
        let mut bytes = vec![identifier];
        let number = |at: usize| u8::try_from((at / HALF + 1) % 251).unwrap();
        bytes.extend((1..halves * HALF).map(number));
        Linear::from_binary(&bytes).unwrap()
    }

    fn byte(image: &Image, half: Half) -> Option<u8> {
        image.sheet(half).map(|sheet| sheet.u8(5))
    }

    fn bank(page: u8, bank: u8) -> Half {
        Half::banked(page, Bank::new(bank).unwrap()).unwrap()
    }

    #[test]
    fn the_identifier_decides_the_layout() {
        let (sfp, _) = image(&linear(0x03, 6)).unwrap();
        assert_eq!(byte(&sfp, Half::page(0)), Some(2));
        assert_eq!(byte(&sfp, Half::lower(Device::A2)), Some(3));
        assert_eq!(byte(&sfp, Half::page_of(Device::A2, 2)), Some(6));
        let (qsfp, _) = image(&linear(0x11, 5)).unwrap();
        assert_eq!(byte(&qsfp, Half::page(3)), Some(5));
        let (paged, _) = image(&linear(0x19, 257)).unwrap();
        // 11h:154 is at 2330, 2Fh:144 at 6160.
        assert_eq!(byte(&paged, Half::page(0x11)), Some(19));
        assert_eq!(Family::Cmis.place(Half::page(0x11)), Some(2330 / 128));
        assert_eq!(Family::Cmis.place(Half::page(0x2F)), Some(6160 / 128));
        assert!(image(&linear(0x03, 260)).is_err());
    }

    #[test]
    fn banks_follow_in_two_ways_told_apart_by_size() {
        // Bank 1 of 11h starts at (256 + 17) x 128 + 128 as SONiC counts.
        let (sonic, notes) = image(&linear(0x19, 1 + 4 * 256)).unwrap();
        let number = u8::try_from((256 + 17 + 1 + 1) % 251).unwrap();
        assert_eq!(byte(&sonic, bank(0x11, 1)), Some(number));
        assert!(byte(&sonic, bank(0x11, 3)).is_some());
        assert!(notes.last().unwrap().contains("have no banks"));
        // 125,056 bytes for four banks in the driver patch as first posted.
        let posted = linear(0x19, 125_056 / HALF);
        let (posted, _) = image(&posted).unwrap();
        let number = u8::try_from((257 + 1 + 1) % 251).unwrap();
        assert_eq!(byte(&posted, bank(0x11, 1)), Some(number));
        assert!(byte(&posted, bank(0x10, 3)).is_some());

        let both = image(&linear(0x19, 257 + 16 * 240)).unwrap_err();
        assert_eq!(both, DumpFault::TwoLayouts(524_416));
        let none = image(&linear(0x19, 300)).unwrap_err();
        assert!(matches!(none, DumpFault::Size { found: 38_400, .. }));
    }

    #[test]
    fn copies_of_page_00_are_kept_and_told() {
        let mut bytes = [0x19; 512];
        bytes[300] = 1;
        let (image, notes) = image(&Linear::from_binary(&bytes).unwrap()).unwrap();
        assert_eq!(image.halves().count(), 4);
        assert_eq!(notes.len(), 1);
        assert!(notes[0].starts_with("1 pages repeat page 00"));
    }

    #[test]
    fn the_window_shows_the_selected_page() {
        let select = |identifier, flags, bank, page| {
            let mut lower = Sheet::full([0; 128]);
            lower.put(0, &[identifier, 0, flags]);
            lower.put(126, &[bank, page]);
            selected(&lower)
        };
        assert_eq!(select(0x19, 0, 1, 0x11), Some(bank(0x11, 1)));
        assert_eq!(select(0x19, 0x80, 1, 0x11), Some(Half::page(0)));
        assert_eq!(select(0x19, 0, 1, 0x02), Some(Half::page(2)));
        assert_eq!(select(0x19, 0, 32, 0x11), None);
        assert_eq!(select(0x11, 0, 1, 3), Some(Half::page(3)));
        assert_eq!(select(0x11, 4, 1, 3), Some(Half::page(0)));
        assert_eq!(select(0x11, 0x80, 1, 0x20), Some(Half::page(0x20)));
        assert_eq!(select(0x03, 0, 1, 3), Some(Half::page(0)));
        let mut lower = Sheet::full([0; 128]);
        lower.forget(127, 1);
        assert_eq!(selected(&lower), None);
    }

    #[test]
    fn a_page_comes_out_of_fragments_windows_and_modules() {
        let eleven = Half::page(0x11);
        let mut fragment = Linear::default();
        fragment.put(128, &[7; 128]).unwrap();
        assert_eq!(byte(&page(&fragment, eleven).unwrap(), eleven), Some(7));
        assert_eq!(page(&fragment, Half::LOWER), Err(DumpFault::NotOnePage));
        assert_eq!(image(&fragment), Err(DumpFault::PageNotNamed));

        let from_zero = Linear::from_binary(&[7; 128]).unwrap();
        assert_eq!(byte(&page(&from_zero, eleven).unwrap(), eleven), Some(7));

        let mut bytes = [0x19; 256];
        bytes[2] = 0;
        bytes[126..128].copy_from_slice(&[0, 0x11]);
        let window = Linear::from_binary(&bytes).unwrap();
        assert_eq!(byte(&page(&window, eleven).unwrap(), eleven), Some(0x19));
        let other = page(&window, Half::page(0x10)).unwrap_err();
        assert!(matches!(other, DumpFault::OtherPage { .. }));
        let diagnostics = Half::lower(Device::A2);
        assert!(
            page(&window, diagnostics)
                .unwrap()
                .sheet(diagnostics)
                .is_some()
        );

        let module = linear(0x19, 20);
        assert_eq!(byte(&page(&module, eleven).unwrap(), eleven), Some(19));
        assert!(page(&module, Half::page(0x20)).is_err());
    }
}
