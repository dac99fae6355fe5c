//! What each format can hold, and writing an image in it.

use crate::bus::address::{Device, Half};
use crate::bus::image::Image;
use crate::bus::sheet::Sheet;

use super::fault::{DumpError, DumpFault, Place};
use super::layout::{self, Family};
use super::{Format, canonical, ethtool_hex, i2cdump, offsets, own, sfputil};

/// What [`fit`] writes for a byte that is not known: what an erased memory has.
const FILLING: u8 = 0xFF;

/// How many halves a linear file has at least: half of that could be any page.
const LEAST: usize = 2;

/// How many halves `ethtool` prints: two, four of an SFP with diagnostics, five
/// of a QSFP with pages.
const ETHTOOL_ONE_PAGE: usize = LEAST;
const ETHTOOL_SFP: usize = 4;
const ETHTOOL_QSFP: usize = 5;

/// Writes an image in a format that can hold it as it is.
///
/// # Errors
/// If the format has no place for one of its halves, or cannot leave out a
/// byte that is not known; [`fit`] makes an image that it can hold.
pub fn write_as(image: &Image, format: Format) -> Result<Vec<u8>, DumpError> {
    let fail = |fault| DumpError {
        name: format.name().to_owned(),
        place: Place::Whole,
        fault,
    };
    if format == Format::Own {
        return Ok(own::write(image).into_bytes());
    }
    let family = Family::of_image(image).map_err(fail)?;
    let held = halves(image, family, format);
    if let Some((half, _)) = image.halves().find(|(half, _)| !held.contains(half)) {
        return Err(fail(DumpFault::NoPlace(half)));
    }
    if needs_every_byte(format) {
        for half in &held {
            if let Some(offset) = offsets(*half).find(|offset| !knows(image, *half, *offset)) {
                return Err(fail(DumpFault::UnknownByte {
                    half: *half,
                    offset,
                }));
            }
        }
    }
    Ok(match format {
        Format::Own => own::write(image).into_bytes(),
        Format::Hexdump => canonical::write(image, family).into_bytes(),
        Format::Raw => in_a_row(image, &held),
        Format::EthtoolHex => ethtool_hex::write(&in_a_row(image, &held)).into_bytes(),
        Format::Sfputil => sfputil::write(image, family).into_bytes(),
        Format::I2cdump => {
            let (lower, upper) = i2cdump::halves(image);
            i2cdump::write(&lower, &upper).into_bytes()
        }
    })
}

/// The part of an image that a format can hold, with FFh for unknown bytes
/// where it cannot leave them out, and what was lost or added, a sentence each.
pub fn fit(image: &Image, format: Format) -> (Image, Vec<String>) {
    let Ok(family) = Family::of_image(image) else {
        return (image.clone(), Vec::new());
    };
    let held = halves(image, family, format);
    let mut fitted = Image::new();
    let (mut lost, mut added) = (Vec::new(), Vec::new());
    for (half, sheet) in image.halves() {
        if held.contains(&half) {
            *fitted.sheet_mut(half) = sheet.clone();
        } else {
            lost.push(format!("`{half}`"));
        }
    }
    if needs_every_byte(format) {
        for half in held {
            let known = offsets(half).filter(|offset| knows(image, half, *offset));
            let unknown = offsets(half).count() - known.count();
            if unknown > 0 {
                added.push(format!("{unknown} bytes of `{half}`"));
                fill(fitted.sheet_mut(half), half);
            }
        }
    }
    let notes = [("left out", lost), ("not known and written as ff", added)];
    let told = notes.into_iter().filter(|(_, what)| !what.is_empty());
    let told = told.map(|(fate, what)| format!("{fate}: {}", what.join(", ")));
    (fitted, told.collect())
}

/// Makes every byte of a half known.
fn fill(sheet: &mut Sheet, half: Half) {
    for offset in offsets(half) {
        if !sheet.knows(offset, 1) {
            sheet.put(offset, &[FILLING]);
        }
    }
}

/// Whether a format has no way to say that a byte is not known.
const fn needs_every_byte(format: Format) -> bool {
    match format {
        Format::Raw | Format::EthtoolHex | Format::Sfputil => true,
        Format::Own | Format::Hexdump | Format::I2cdump => false,
    }
}

/// The halves that a format holds of an image, in their order there; where a
/// format has no gaps, all of them up to the last.
fn halves(image: &Image, family: Family, format: Format) -> Vec<Half> {
    let first = |count: usize| (0..count).filter_map(|place| family.half(place)).collect();
    let placed = || {
        image
            .halves()
            .filter(|(half, _)| family.place(*half).is_some())
    };
    match format {
        Format::Own => image.halves().map(|(half, _)| half).collect(),
        Format::Hexdump | Format::Sfputil => placed().map(|(half, _)| half).collect(),
        Format::Raw => {
            let last = placed().filter_map(|(half, _)| family.place(half)).max();
            first(last.map_or(0, |last| (last + 1).max(LEAST)))
        }
        Format::EthtoolHex => first(ethtool_halves(image, family)),
        Format::I2cdump => {
            let lower = image.sheet(Half::LOWER);
            let selected = lower.and_then(layout::selected);
            [Half::LOWER].into_iter().chain(selected).collect()
        }
    }
}

/// How many halves `ethtool` prints of a module like this.
fn ethtool_halves(image: &Image, family: Family) -> usize {
    let has = |wanted: fn(Half) -> bool| image.halves().any(|(half, _)| wanted(half));
    match family {
        Family::Sfp if has(|half| half.device() == Device::A2) => ETHTOOL_SFP,
        Family::Qsfp if has(|half| half.upper().is_some() && half != Half::page(0)) => ETHTOOL_QSFP,
        Family::Sfp | Family::Qsfp | Family::Cmis => ETHTOOL_ONE_PAGE,
    }
}

/// Whether a byte of an image is known.
fn knows(image: &Image, half: Half, offset: u8) -> bool {
    image
        .sheet(half)
        .is_some_and(|sheet| sheet.knows(offset, 1))
}

/// The bytes of complete halves, one after the other.
fn in_a_row(image: &Image, halves: &[Half]) -> Vec<u8> {
    let whole = |half: &Half| image.sheet(*half).and_then(Sheet::whole);
    halves.iter().filter_map(whole).flatten().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::address::Bank;

    fn image(identifier: u8, halves: &[Half]) -> Image {
        let mut image = Image::new();
        for half in halves {
            image.put(*half, [0x20; 128]);
        }
        image.sheet_mut(Half::LOWER).put(0, &[identifier]);
        image.sheet_mut(Half::LOWER).put(126, &[0, 0]);
        image
    }

    fn fault(image: &Image, format: Format) -> DumpFault {
        write_as(image, format).unwrap_err().fault
    }

    #[test]
    fn banks_fit_into_our_own_format_only() {
        let banked = Half::page(0x11).in_bank(Bank::new(1).unwrap());
        let image = image(0x19, &[Half::LOWER, Half::page(0), banked]);
        for format in Format::ALL {
            if format == Format::Own {
                assert!(write_as(&image, format).is_ok());
                continue;
            }
            assert_eq!(fault(&image, format), DumpFault::NoPlace(banked));
            let (fitted, notes) = fit(&image, format);
            assert!(write_as(&fitted, format).is_ok());
            assert_eq!(notes[0], "left out: `page 11 bank 1`");
        }
    }

    #[test]
    fn unknown_bytes_are_written_only_when_asked_for() {
        let mut image = image(0x19, &[Half::LOWER, Half::page(2)]);
        image.sheet_mut(Half::page(0)).put(128, &[0x19; 127]);
        let missing = DumpFault::UnknownByte {
            half: Half::page(0),
            offset: 255,
        };
        assert_eq!(fault(&image, Format::Raw), missing);
        let (fitted, notes) = fit(&image, Format::Raw);
        assert_eq!(
            notes,
            ["not known and written as ff: 1 bytes of `page 00`, 128 bytes of `page 01`"]
        );
        let raw = write_as(&fitted, Format::Raw).unwrap();
        assert_eq!(raw.len(), 512);
        assert_eq!(
            (raw[254], raw[255], raw[256], raw[384]),
            (0x19, 0xFF, 0xFF, 0x20)
        );
        let error = write_as(&image, Format::Sfputil).unwrap_err().to_string();
        assert!(
            error.starts_with("sfputil: `page 00` byte 255 is not known"),
            "{error}"
        );
        assert!(error.contains("--lossy"));
    }

    #[test]
    fn ethtool_prints_the_sizes_of_the_tool() {
        let lines = |identifier, halves: &[Half]| {
            let (fitted, _) = fit(&image(identifier, halves), Format::EthtoolHex);
            let text = write_as(&fitted, Format::EthtoolHex).unwrap();
            String::from_utf8(text).unwrap().lines().count() - 2
        };
        assert_eq!(lines(0x19, &[Half::LOWER, Half::page(0x11)]), 16);
        assert_eq!(lines(0x11, &[Half::LOWER, Half::page(0)]), 16);
        assert_eq!(lines(0x11, &[Half::LOWER, Half::page(3)]), 40);
        assert_eq!(lines(0x03, &[Half::LOWER]), 16);
        assert_eq!(lines(0x03, &[Half::LOWER, Half::lower(Device::A2)]), 32);
    }

    #[test]
    fn without_an_identifier_only_our_own_format_will_do() {
        let mut image = Image::new();
        image.put(Half::page(0x11), [1; 128]);
        assert!(write_as(&image, Format::Own).is_ok());
        assert_eq!(fault(&image, Format::Raw), DumpFault::NoIdentifier);
        assert_eq!(fit(&image, Format::Raw).0, image);
    }
}
