//! Dump files: a module's memory as this project writes it, and as the tools of
//! others do. One file per format; here is what they have in common: which one
//! a file has, and the way to and from an [`Image`].
//!
//! The identifier byte decides how a linear dump is laid out; nothing else here
//! knows what a byte means, the flat bit and the two select bytes apart.

mod binary;
mod canonical;
mod ethtool_hex;
mod fault;
mod hex;
mod holding;
mod i2cdump;
mod layout;
mod linear;
mod own;
mod sfputil;
mod sniff;

pub use fault::{DumpError, DumpFault, Place};
pub use holding::{fit, write_as};
pub use own::{parse, write};

use super::address::{Half, Span};
use super::image::Image;

use fault::Placed;
use linear::Linear;
use sniff::Source;

/// The largest file that is read, in bytes: far more than any dump has.
pub const LARGEST: usize = 16 << 20;

/// The formats that are written; more are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// This project's own: holds everything.
    Own,
    /// `hexdump -C` of a linear file; read: `xxd` and `od` too.
    Hexdump,
    /// A linear file, as the optoe driver and `ethtool -m X raw on` have it.
    Raw,
    /// `ethtool -m X hex on`.
    EthtoolHex,
    /// SONiC's `sfputil show eeprom-hexdump`.
    Sfputil,
    /// `i2cdump -y N 0x50`.
    I2cdump,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Own,
        Self::Hexdump,
        Self::Raw,
        Self::EthtoolHex,
        Self::Sfputil,
        Self::I2cdump,
    ];

    /// The word for it on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Hexdump => "hexdump",
            Self::Raw => "raw",
            Self::EthtoolHex => "ethtool-hex",
            Self::Sfputil => "sfputil",
            Self::I2cdump => "i2cdump",
        }
    }

    /// The format with this name.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == word)
    }
}

/// What a file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// Its format.
    pub format: Format,
    /// What it says of the module's memory.
    pub image: Image,
    /// What a reader of the image should know, a sentence each.
    pub notes: Vec<String>,
}

/// An image and the file that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The file, as the caller names it.
    pub name: String,
    /// What it holds.
    pub image: Image,
}

/// Reads a dump in any format.
///
/// `name` stands for the file in errors.
///
/// # Errors
/// The first fault: where it is, what it is, and what was expected.
pub fn read(bytes: &[u8], name: &str) -> Result<Recognised, DumpError> {
    let fail = |(place, fault)| DumpError {
        name: name.to_owned(),
        place,
        fault,
    };
    let source = sniff::source(bytes).map_err(fail)?;
    let format = source.format();
    if let Source::Own(text) = &source {
        return Ok(Recognised {
            format,
            image: parse(text, name)?,
            notes: Vec::new(),
        });
    }
    let (image, notes) = read_foreign(&source).map_err(fail)?;
    Ok(Recognised {
        format,
        image,
        notes,
    })
}

/// Reads a dump in a format that is not this project's.
fn read_foreign(source: &Source<'_>) -> Result<(Image, Vec<String>), Placed> {
    let whole = |fault| (Place::Whole, fault);
    match source {
        Source::Own(_) | Source::Sfputil(_) => {
            let image = pages(source)?;
            layout::Family::of_image(&image).map_err(whole)?;
            Ok((image, Vec::new()))
        }
        Source::I2cdump(_) => layout::window(&linear(source)?).map_err(whole),
        // Which page it is matters more than that 128 bytes are lower memory.
        Source::Binary(bytes) if bytes.len() == linear::HALF => Err(whole(DumpFault::PageNotNamed)),
        _ => layout::image(&linear(source)?).map_err(whole),
    }
}

/// The pages of a format that names them.
fn pages(source: &Source<'_>) -> Result<Image, Placed> {
    match source {
        Source::Own(text) => own::parse_pages(text),
        Source::Sfputil(text) => sfputil::read(text),
        _ => Ok(Image::new()),
    }
}

/// The bytes of a format that has addresses only.
fn linear(source: &Source<'_>) -> Result<Linear, Placed> {
    match source {
        Source::Binary(bytes) => binary::read(bytes),
        Source::Canonical(text) => canonical::read(text),
        Source::PlainHex(text) => canonical::read_plain(text),
        Source::EthtoolHex(text) => ethtool_hex::read(text),
        Source::I2cdump(text) => i2cdump::read(text),
        Source::Own(_) | Source::Sfputil(_) => Ok(Linear::default()),
    }
}

/// Reads one half out of a file in any format; whoever asks knows that it is
/// in there. The file may hold that page alone, without a word on which it is.
///
/// `name` stands for the file in errors.
///
/// # Errors
/// The first fault; or that the file does not hold the half, or says that it
/// holds another.
pub fn read_page(bytes: &[u8], name: &str, half: Half) -> Result<Image, DumpError> {
    let fail = |(place, fault)| DumpError {
        name: name.to_owned(),
        place,
        fault,
    };
    let whole = |fault| fail((Place::Whole, fault));
    let source = sniff::source(bytes).map_err(fail)?;
    let found = match &source {
        Source::Own(_) | Source::Sfputil(_) => pages(&source).map_err(fail)?,
        _ => {
            let linear = linear(&source).map_err(fail)?;
            layout::page(&linear, half).map_err(whole)?
        }
    };
    let sheet = found
        .sheet(half)
        .ok_or_else(|| whole(DumpFault::PageMissing(half)))?;
    let mut image = Image::new();
    *image.sheet_mut(half) = sheet.clone();
    Ok(image)
}

/// Puts together what several files hold of one module.
///
/// # Errors
/// If two of them say different things of the same byte.
pub fn merge(parts: &[Named]) -> Result<Image, DumpError> {
    let mut merged = Image::new();
    for (count, part) in parts.iter().enumerate() {
        for (half, sheet) in part.image.halves() {
            for offset in offsets(half) {
                if !sheet.knows(offset, 1) {
                    continue;
                }
                let value = sheet.u8(offset);
                let before = parts.iter().take(count);
                if let Some((other, other_value)) = contradiction(before, half, offset, value) {
                    return Err(DumpError {
                        name: part.name.clone(),
                        place: Place::Whole,
                        fault: DumpFault::Conflict {
                            half,
                            offset,
                            value,
                            other,
                            other_value,
                        },
                    });
                }
                merged.sheet_mut(half).put(offset, &[value]);
            }
        }
    }
    Ok(merged)
}

/// The first file that has another value for a byte, and that value.
fn contradiction<'a>(
    mut files: impl Iterator<Item = &'a Named>,
    half: Half,
    offset: u8,
    value: u8,
) -> Option<(String, u8)> {
    files.find_map(|file| {
        let sheet = file.image.sheet(half)?;
        let differs = sheet.knows(offset, 1) && sheet.u8(offset) != value;
        differs.then(|| (file.name.clone(), sheet.u8(offset)))
    })
}

/// The absolute offsets of a half.
fn offsets(half: Half) -> std::ops::RangeInclusive<u8> {
    half.base()..=Span::whole(half).last()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::path::Path;
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;
    use crate::bus::address::{Bank, Device};

    /// What a tool prints of a file, or `None` where it is not installed.
    fn printed_by(command: &[&str], file: &Path) -> Option<Vec<u8>> {
        let arguments = command[1..].iter().map(std::ffi::OsStr::new);
        let mut tool = Command::new(command[0]);
        let output = match tool.args(arguments).arg(file).output() {
            Ok(output) => output,
            Err(error) => {
                eprintln!("skipped: {}: {error}", command[0]);
                return None;
            }
        };
        assert!(output.status.success(), "{command:?}");
        Some(output.stdout)
    }

    /// A linear file of `halves` x 128 bytes with runs that tools fold.
    fn linear_file(identifier: u8, halves: usize) -> Vec<u8> {
        let mut bytes = vec![identifier, 0x50, 0];
        let varied = |at: usize| match at / 512 % 3 {
            0 => 0,
            1 => u8::try_from(at * 7 % 256).unwrap(),
            _ => u8::try_from(at * at % 251).unwrap(),
        };
        bytes.extend((3..halves * 128).map(varied));
        bytes
    }

    #[test]
    fn what_real_tools_print_reads_as_the_file() {
        let tools: &[&[&str]] = &[
            &["hexdump", "-C"],
            &["hexdump", "-v", "-C"],
            &["hexdump"],
            &["hexdump", "-v"],
            &["xxd"],
            &["xxd", "-a"],
            &["xxd", "-u", "-g1"],
            &["xxd", "-c8"],
            &["xxd", "-p"],
            &["od", "-Ax", "-tx1"],
            &["od", "-Ax", "-tx1z", "-v"],
            &["od", "-Ad", "-tx1"],
            &["od", "-tx1"],
            &["od", "-x"],
            &["od", "-Ax", "-x"],
        ];
        for (identifier, halves) in [(0x19, 257), (0x11, 5), (0x03, 4), (0x18, 2), (0x19, 513)] {
            let bytes = linear_file(identifier, halves);
            let wanted = read(&bytes, "x").unwrap().image;
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(&bytes).unwrap();
            for tool in tools {
                let Some(text) = printed_by(tool, file.path()) else {
                    continue;
                };
                let found = read(&text, "x").map_err(|error| format!("{tool:?}: {error}"));
                let found = found.unwrap();
                assert_eq!(found.format, Format::Hexdump, "{tool:?}");
                assert!(found.image == wanted, "{tool:?} of {halves} halves");
            }
        }
    }

    #[test]
    fn a_hexdump_is_written_as_the_real_one() {
        let bytes = linear_file(0x19, 20);
        let image = read(&bytes, "x").unwrap().image;
        assert_eq!(write_as(&image, Format::Raw).unwrap(), bytes);
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        let Some(text) = printed_by(&["hexdump", "-v", "-C"], file.path()) else {
            return;
        };
        assert!(write_as(&image, Format::Hexdump).unwrap() == text);
    }

    /// Whatever fits into a format comes out as it went in. Images are
    /// compared as written: a forgotten byte may still lie in its sheet.
    fn assert_round_trips(image: &Image, name: &str) {
        let wanted = write(image);
        for format in Format::ALL {
            let word = format.name();
            let back = |bytes: Vec<u8>| {
                let found = read(&bytes, name).map_err(|error| error.to_string());
                let found = found.unwrap();
                assert_eq!(found.format, format, "{name} as {word}");
                write(&found.image)
            };
            if let Ok(bytes) = write_as(image, format) {
                assert!(back(bytes) == wanted, "{name} as {word}");
            }
            let (fitted, notes) = fit(image, format);
            let fits = write(&fitted);
            let bytes = write_as(&fitted, format).unwrap();
            assert!(back(bytes) == fits, "{name} as {word}, fitted");
            assert_eq!(notes.is_empty(), fits == wanted, "{name} as {word}");
        }
    }

    #[test]
    fn recorded_modules_go_through_every_format() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/images");
        let Ok(files) = std::fs::read_dir(&folder) else {
            eprintln!("skipped: {} is not there", folder.display());
            return;
        };
        for file in files {
            let path = file.unwrap().path();
            let name = path.display().to_string();
            let recorded = read(&std::fs::read(&path).unwrap(), &name).unwrap();
            assert_eq!(recorded.format, Format::Own);
            assert_round_trips(&recorded.image, &name);
        }
    }

    #[test]
    fn files_of_one_module_are_put_together() {
        let module = linear_file(0x19, 2);
        let page = [0x77; 128];
        let eleven = Half::page(0x11).in_bank(Bank::new(1).unwrap());
        let parts = [
            Named {
                name: "module".to_owned(),
                image: read(&module, "module").unwrap().image,
            },
            Named {
                name: "page".to_owned(),
                image: read_page(&page, "page", eleven).unwrap(),
            },
        ];
        let merged = merge(&parts).unwrap();
        assert_eq!(merged.halves().count(), 3);
        assert_eq!(merged.sheet(eleven).unwrap().whole(), Some(&page));

        let mut other = parts[0].clone();
        other.name = "other".to_owned();
        other.image.sheet_mut(Half::page(0)).put(200, &[0xEE]);
        let error = merge(&[parts[0].clone(), other]).unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("other: `page 00` byte 200 is eeh, but "),
            "{text}"
        );
        assert!(text.contains(" in module;"), "{text}");
    }

    #[test]
    fn a_page_is_taken_from_any_format() {
        let twelve = Half::page(0x12);
        let bytes = linear_file(0x19, 20);
        let image = read(&bytes, "x").unwrap().image;
        for format in [Format::Own, Format::Hexdump, Format::Raw, Format::Sfputil] {
            let file = write_as(&image, format).unwrap();
            let page = read_page(&file, "x", twelve).unwrap();
            assert_eq!(page.halves().count(), 1);
            assert_eq!(page.sheet(twelve), image.sheet(twelve));
            let error = read_page(&file, "x", Half::page(0x20)).unwrap_err();
            assert_eq!(error.fault, DumpFault::PageMissing(Half::page(0x20)));
        }
        let fragment = "Offset\t\tValues\n------\t\t------\n0x0080:\t\t19 41 43 4d \n";
        let page = read_page(fragment.as_bytes(), "x", twelve).unwrap();
        assert_eq!(page.sheet(twelve).unwrap().slice(128, 4), b"\x19ACM");
        let error = read(fragment.as_bytes(), "x.txt").unwrap_err();
        assert_eq!(error.fault, DumpFault::PageNotNamed);
        assert!(error.to_string().starts_with("x.txt: "));
    }

    #[test]
    fn odd_sizes_of_raw_files_are_refused() {
        for length in [1, 127, 128, 200, 257, 32_896 + 128, LARGEST, LARGEST + 1] {
            assert!(read(&vec![0x19; length], "x").is_err(), "{length}");
        }
        assert!(read(&[0x19; 256], "x").is_ok());
        let error = read(&[0x19; 200], "x.bin").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("x.bin at byte 200: 200 bytes; expected")
        );
    }

    /// Any module: some halves, some of their bytes.
    fn module() -> impl Strategy<Value = Image> {
        let identifier = prop::sample::select(vec![0x03, 0x0D, 0x11, 0x18, 0x19, 0x80, 0x00]);
        let half = (any::<bool>(), prop::option::of(any::<u8>()), 0..4_u8);
        let sheet = (half, any::<[u8; 128]>(), 0..128_u8, 0..128_u8);
        let sheets = prop::collection::vec(sheet, 0..6);
        (identifier, any::<[u8; 128]>(), sheets).prop_map(|(identifier, lower, sheets)| {
            let mut image = Image::new();
            image.put(Half::LOWER, lower);
            image.sheet_mut(Half::LOWER).put(0, &[identifier]);
            for ((is_first, page, bank), bytes, first, length) in sheets {
                let half = match (is_first, page) {
                    (true, Some(page)) => Half::page(page).in_bank(Bank::new(bank).unwrap()),
                    (true, None) => continue,
                    (false, Some(page)) => Half::page_of(Device::A2, page),
                    (false, None) => Half::lower(Device::A2),
                };
                image.put(half, bytes);
                if length < 100 {
                    image
                        .sheet_mut(half)
                        .forget(half.base() | first, length.min(128 - first));
                }
            }
            image
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_module_round_trips(image in module()) {
            assert_round_trips(&image, "x");
        }

        #[test]
        fn damaged_files_end_in_an_error_or_an_image(
            image in module(),
            cut in any::<prop::sample::Index>(),
            hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        ) {
            for format in Format::ALL {
                let (fitted, _) = fit(&image, format);
                let mut bytes = write_as(&fitted, format).unwrap();
                for (at, value) in &hits {
                    let at = at.index(bytes.len());
                    bytes[at] = *value;
                }
                let _ = read(&bytes, "x");
                bytes.truncate(cut.index(bytes.len()));
                let _ = read(&bytes, "x");
                let _ = read_page(&bytes, "x", Half::page(0x11));
            }
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..1024)) {
            let _ = read(&bytes, "x");
            let _ = read_page(&bytes, "x", Half::LOWER);
        }

        #[test]
        fn no_text_panics(text in "([0-9a-f]{6,8}:? |0x[0-9a-f]{4}:|[0-9a-f]{2} |[0-9a-f]{4} |\\*\n|\n|\\||XX |é|  |Upper page [0-9a-f]{1,3}h\n|A0h dump\n|Offset\t\tValues\n){0,40}") {
            let _ = read(text.as_bytes(), "x");
            let _ = read_page(text.as_bytes(), "x", Half::page(0));
        }
    }
}
