//! `opticsd convert`: between dump formats.

use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser;

use super::Outcome;
use super::error::CliError;
use crate::bus::address::{Bank, Device, Half};
use crate::bus::dump::{self, Format, Named};
use crate::bus::image::Image;

/// Convert dump files: read any format, put several files of one module
/// together, write any format that can hold it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Read are opticsd's own dumps, `ethtool -m X hex on` and `raw on`, `sfputil show \
    eeprom-hexdump`, `i2cdump -y N 0x50`, linear files of the optoe driver, and `hexdump -C`, `xxd` \
    and `od` of those.\n\nExample:\n  opticsd convert eeprom.bin --to own -o module.dump\n  \
    opticsd convert ethtool.txt --page 11=page11.txt --page 11:1=page11-bank1.txt --to own\n  \
    opticsd convert module.dump --to raw --lossy -o eeprom.bin"
)]
pub struct Args {
    /// Dump files of one module; `-` is standard input.
    #[arg(value_name = "FILE", required_unless_present = "pages")]
    files: Vec<PathBuf>,
    /// The format to write.
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    to: Format,
    /// Where to write it; without one, to standard output.
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// A file of one page, which need not name it: `11=FILE`, `11:1=FILE` for
    /// bank 1, `lower=FILE`; with `@a2` before the `=`, of an SFP's second device.
    #[arg(long = "page", value_name = "PAGE[:BANK]=FILE")]
    pages: Vec<PageFile>,
    /// Leave out what the format cannot hold, and write ff for bytes that are
    /// not known; each is told on standard error.
    #[arg(long)]
    lossy: bool,
}

/// The names of the formats, as clap checks and lists them.
fn formats() -> impl TypedValueParser<Value = Format> {
    let names = Format::ALL.map(Format::name);
    PossibleValuesParser::new(names)
        .try_map(|word| Format::parse(&word).ok_or("not a dump format that can be written"))
}

/// A file that holds one half, and which: what `--page` takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageFile {
    half: Half,
    path: PathBuf,
}

/// Why a `--page` cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageFileError {
    /// No file is named.
    #[error("expected PAGE=FILE, such as 11=page11.txt, 11:1=FILE, lower=FILE or 00@a2=FILE")]
    Form,
    /// Not a page number.
    #[error("a page is `lower` or two hexadecimal digits, 00 to ff")]
    Page,
    /// Not a bank number.
    #[error("banks are 0 to 31")]
    Bank,
    /// A bank of a page that has none.
    #[error("this page has no banks; expected a page such as 11")]
    NotBanked,
    /// Not a device.
    #[error("devices are a0 and a2")]
    Device,
}

impl FromStr for PageFile {
    type Err = PageFileError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (place, path) = text.split_once('=').ok_or(PageFileError::Form)?;
        if path.is_empty() {
            return Err(PageFileError::Form);
        }
        Ok(Self {
            half: half(place)?,
            path: path.into(),
        })
    }
}

/// Reads the name of a half: `11`, `0x11`, `11:1`, `lower`, `lower@a2`, `00@a2`.
///
/// # Errors
/// Which part of it is not right.
pub(super) fn half(text: &str) -> Result<Half, PageFileError> {
    let (place, device) = match text.split_once('@') {
        None | Some((_, "a0")) => (text.trim_end_matches("@a0"), Device::A0),
        Some((place, "a2")) => (place, Device::A2),
        Some(_) => return Err(PageFileError::Device),
    };
    let (page, bank) = match place.split_once(':') {
        None => (place, Bank::ZERO),
        Some((page, bank)) => {
            let bank = bank.parse().ok().and_then(Bank::new);
            (page, bank.ok_or(PageFileError::Bank)?)
        }
    };
    if page == "lower" {
        return match bank {
            Bank::ZERO => Ok(Half::lower(device)),
            _ => Err(PageFileError::NotBanked),
        };
    }
    let digits = page.strip_prefix("0x").unwrap_or(page);
    let is_page = matches!(digits.len(), 1 | 2) && digits.bytes().all(|d| d.is_ascii_hexdigit());
    let page = u8::from_str_radix(digits, 16).ok().filter(|_| is_page);
    let page = page.ok_or(PageFileError::Page)?;
    match device {
        Device::A0 => Half::banked(page, bank).ok_or(PageFileError::NotBanked),
        Device::A2 if bank == Bank::ZERO => Ok(Half::page_of(device, page)),
        Device::A2 => Err(PageFileError::NotBanked),
    }
}

/// Reads the files, puts them together and writes them.
///
/// # Errors
/// If a file cannot be read or is no dump, two files contradict each other, or
/// the format cannot hold what they say.
pub fn convert(args: &Args) -> Result<Outcome, CliError> {
    let (mut image, mut notes) = gather(&args.files, &args.pages)?;
    if args.lossy {
        let (fitted, lost) = dump::fit(&image, args.to);
        image = fitted;
        notes.extend(
            lost.into_iter()
                .map(|note| format!("{}: {note}", args.to.name())),
        );
    }
    let bytes = dump::write_as(&image, args.to)?;
    tell(&notes);
    match &args.output {
        Some(path) => std::fs::write(path, bytes).map_err(|source| CliError::Write {
            path: path.clone(),
            source,
        })?,
        None => print(&bytes, args.to)?,
    }
    Ok(Outcome::Done)
}

/// What several files say of one module, and what a reader should know, each
/// note with its file.
///
/// # Errors
/// If a file cannot be read or is no dump, or two files contradict each other.
fn gather(files: &[PathBuf], pages: &[PageFile]) -> Result<(Image, Vec<String>), CliError> {
    let mut parts = Vec::new();
    let mut notes = Vec::new();
    for path in files {
        let name = path.display().to_string();
        let found = dump::read(&contents(path)?, &name)?;
        notes.push(format!("{name}: read as {}", found.format.name()));
        notes.extend(found.notes.iter().map(|note| format!("{name}: {note}")));
        parts.push(Named {
            name,
            image: found.image,
        });
    }
    add_pages(&mut parts, pages)?;
    Ok((dump::merge(&parts)?, notes))
}

/// An image with more pages of the same module, each from a file of its own.
///
/// # Errors
/// If a file cannot be read or is no page, or two files contradict each other.
pub(super) fn with_pages(name: &str, image: Image, pages: &[PageFile]) -> Result<Image, CliError> {
    let mut parts = vec![Named {
        name: name.to_owned(),
        image,
    }];
    add_pages(&mut parts, pages)?;
    Ok(dump::merge(&parts)?)
}

/// Reads files of single pages.
fn add_pages(parts: &mut Vec<Named>, pages: &[PageFile]) -> Result<(), CliError> {
    for PageFile { half, path } in pages {
        let name = path.display().to_string();
        let image = dump::read_page(&contents(path)?, &name, *half)?;
        parts.push(Named { name, image });
    }
    Ok(())
}

/// The bytes of a file, or of standard input; of a file that is too large,
/// enough to see that it is.
pub(super) fn contents(path: &Path) -> Result<Vec<u8>, CliError> {
    let read = || {
        let most = u64::try_from(dump::LARGEST).unwrap_or(u64::MAX);
        let mut bytes = Vec::new();
        if path.as_os_str() == "-" {
            std::io::stdin()
                .lock()
                .take(most + 1)
                .read_to_end(&mut bytes)?;
        } else {
            let file = std::fs::File::open(path)?;
            file.take(most + 1).read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    };
    read().map_err(|source| CliError::Read {
        path: path.to_owned(),
        source,
    })
}

/// Says on stderr what a user should know.
pub(super) fn tell(notes: &[String]) {
    let mut out = std::io::stderr().lock();
    for note in notes {
        // There is nobody left to tell if stderr is closed.
        let _ = writeln!(out, "opticsd: {note}");
    }
}

/// Writes to standard output; raw bytes not to a terminal. A reader that has
/// seen enough is no error.
fn print(bytes: &[u8], format: Format) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    if format == Format::Raw && out.is_terminal() {
        let why = "raw bytes do not belong on a terminal, name a file with -o";
        return Err(CliError::Print(std::io::Error::other(why)));
    }
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(CliError::Print(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_named_as_in_headings() {
        let half = |text: &str| half(text).map(|half| half.to_string());
        assert_eq!(half("11").unwrap(), "page 11");
        assert_eq!(half("0x11:3").unwrap(), "page 11 bank 3");
        assert_eq!(half("lower").unwrap(), "page lower");
        assert_eq!(half("lower@a2").unwrap(), "page lower addr a2");
        assert_eq!(half("02@a2").unwrap(), "page 02 addr a2");
        assert_eq!(half("02@a0").unwrap(), "page 02");
        assert_eq!(half("111"), Err(PageFileError::Page));
        assert_eq!(half("+1"), Err(PageFileError::Page));
        assert_eq!(half(""), Err(PageFileError::Page));
        assert_eq!(half("11:32"), Err(PageFileError::Bank));
        assert_eq!(half("02:1"), Err(PageFileError::NotBanked));
        assert_eq!(half("lower:1"), Err(PageFileError::NotBanked));
        assert_eq!(half("00:1@a2"), Err(PageFileError::NotBanked));
        assert_eq!(half("00@a4"), Err(PageFileError::Device));
        assert_eq!("11=".parse::<PageFile>(), Err(PageFileError::Form));
        assert_eq!("11".parse::<PageFile>(), Err(PageFileError::Form));
    }

    #[test]
    fn several_files_are_one_module() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let mut module = [0x20; 256];
        module[0] = 0x19;
        let module = file("module.bin", &module);
        let page = file("page.bin", &[0x11; 128]);
        let page = format!("11:1={}", page.display()).parse().unwrap();
        let (image, notes) = gather(&[module], &[page]).unwrap();
        let eleven = Half::page(0x11).in_bank(Bank::new(1).unwrap());
        assert_eq!(image.halves().count(), 3);
        assert_eq!(image.sheet(eleven).unwrap().u8(200), 0x11);
        assert!(notes[0].ends_with("module.bin: read as raw"));

        let large = file("large", &vec![0; dump::LARGEST + 1]);
        let error = gather(&[large], &[]).unwrap_err().to_string();
        assert!(error.contains("larger than 16777216 bytes"), "{error}");
        let error = gather(&[folder.path().join("none")], &[]).unwrap_err();
        assert!(matches!(error, CliError::Read { .. }));
    }
}
