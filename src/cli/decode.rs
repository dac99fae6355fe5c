//! `opticsd decode`: dump files through the very sweep of the daemon.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::convert::{self, PageFile};
use super::error::CliError;
use super::{Format, Outcome, output};
use crate::bus::address::Half;
use crate::bus::dump;
use crate::bus::image::Image;
use crate::class::{self, Classification, Settings};
use crate::clock::SystemClock;
use crate::module::sweep::Session;
use crate::module::{Management, Snapshot};
use crate::report::{document, raw, text};

/// Decode dump files: what the module is and what it says, offline.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Several files as JSON are one document a line, each with its file.\n\n\
    Example:\n  opticsd decode --explain module.dump\n  opticsd decode --format json - < module.dump\n  \
    opticsd decode --raw --page 11 --page lower@a2 module.dump\n  opticsd decode ethtool.txt --with 11=page11.txt"
)]
pub struct Args {
    /// Dump files; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Print all evidence for the class and what was missing, not the most
    /// telling alone (JSON always has it).
    #[arg(long)]
    explain: bool,
    /// Print the registers as they stand, each byte beside its name.
    #[arg(long, conflicts_with_all = ["explain", "format"])]
    raw: bool,
    /// Only these pages of the raw registers: `lower`, `11`, `11:1` for bank 1,
    /// `lower@a2` for the second device of an SFP.
    #[arg(long, value_name = "PAGE", value_parser = convert::half, conflicts_with_all = ["explain", "format"])]
    page: Vec<Half>,
    /// Another file with one page of the same module, which need not name it.
    #[arg(long, value_name = "PAGE[:BANK]=FILE")]
    with: Vec<PageFile>,
}

/// How much evidence for the class is printed unasked.
const MOST_TELLING: usize = 3;

/// One module out of a dump.
struct Decoded {
    image: Image,
    snapshot: Snapshot,
    class: Classification,
    /// What is wrong with the dump for all that.
    incomplete: Option<CliError>,
}

/// Decodes each file; one that cannot be decoded does not keep the others back.
///
/// # Errors
/// What is wrong with the file, or how many of several files are wrong.
pub fn decode(args: &Args) -> Result<Outcome, CliError> {
    if let [file] = args.files.as_slice() {
        let module = read(file, &args.with)?;
        let printed = match args.format {
            Format::Text => as_text(&module, args),
            Format::Json => output::tame_json(&serde_json::to_string_pretty(&as_json(&module)?)?),
        };
        output::print(&printed)?;
        return module.incomplete.map_or(Ok(Outcome::Done), Err);
    }
    let mut failed = 0;
    for file in &args.files {
        let outcome = match read(file, &args.with) {
            Ok(module) => {
                output::print(&one_of_several(file, &module, args)?)?;
                module.incomplete.map_or(Ok(()), Err)
            }
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            output::complain(&error);
            failed += 1;
        }
    }
    match failed {
        0 => Ok(Outcome::Done),
        failed => Err(CliError::SomeFiles {
            failed,
            all: args.files.len(),
        }),
    }
}

/// The module in a dump file of any format, with more pages from files of theirs.
fn read(file: &Path, more: &[PageFile]) -> Result<Decoded, CliError> {
    let name = file.display().to_string();
    let contents = convert::contents(file)?;
    let mut found = dump::read(&contents, &name)?;
    if found.format != dump::Format::Own {
        convert::tell(&[format!("{name}: read as {}", found.format.name())]);
    }
    let notes: Vec<String> = found.notes.iter().map(|n| format!("{name}: {n}")).collect();
    convert::tell(&notes);
    found.image = convert::with_pages(&name, found.image, more)?;
    let sweep = Session::new().sweep(&mut found.image, &SystemClock::new());
    let snapshot = sweep
        .map_err(|error| CliError::NoModule {
            name: name.clone(),
            error,
        })?
        .snapshot;
    let class = class::classify(&snapshot, &Settings::default());
    let missing = match found.format {
        dump::Format::Own => missing_pages(&snapshot, &found.image),
        // Other tools dump what they were asked for.
        _ => Vec::new(),
    };
    let line = contents.iter().filter(|b| **b == b'\n').count().max(1);
    let incomplete = (!missing.is_empty()).then_some(CliError::Incomplete {
        name,
        line,
        missing,
    });
    Ok(Decoded {
        image: found.image,
        snapshot,
        class,
        incomplete,
    })
}

/// The pages that every module of this kind has and that the dump lacks
/// (CMIS 5.4 section 8.1: paged modules have 00h, 01h, 02h, 10h and 11h; laser
/// sources have no lane pages).
fn missing_pages(snapshot: &Snapshot, dump: &Image) -> Vec<Half> {
    const LASER_SOURCE: u8 = 0x22;
    let identity = &snapshot.identity;
    let wanted: &[u8] = match snapshot.management {
        Management::Cmis if identity.flat_memory => &[0x00],
        Management::Cmis if identity.identifier == LASER_SOURCE => &[0x00, 0x01, 0x02],
        Management::Cmis => &[0x00, 0x01, 0x02, 0x10, 0x11],
        Management::Sff8636 => &[0x00],
        Management::Sff8472 | Management::Unknown => &[],
    };
    let halves = wanted.iter().map(|page| Half::page(*page));
    halves.filter(|half| dump.sheet(*half).is_none()).collect()
}

/// A module for people; the class in one line unless it is to be explained.
fn as_text(module: &Decoded, args: &Args) -> String {
    if args.raw || !args.page.is_empty() {
        return as_raw(module, &args.page);
    }
    let mut class = module.class.clone();
    if !args.explain {
        class.evidence.truncate(MOST_TELLING);
        class.missing.clear();
        class.conflicts.clear();
    }
    text::module(&module.snapshot, &class, &[], None)
}

/// The raw registers of some halves, or of all.
fn as_raw(module: &Decoded, wanted: &[Half]) -> String {
    let all: Vec<Half> = module.image.halves().map(|(half, _)| half).collect();
    let halves = if wanted.is_empty() { &all } else { wanted };
    let management = module.snapshot.management;
    let pages = halves
        .iter()
        .map(|half| raw::page(&module.image, *half, management));
    pages.collect::<Vec<_>>().join("\n")
}

/// A module for programs.
fn as_json(module: &Decoded) -> Result<Value, CliError> {
    let document = document::document(&module.snapshot, &module.class);
    Ok(serde_json::to_value(document)?)
}

/// A module with the file that it came from.
fn one_of_several(file: &Path, module: &Decoded, args: &Args) -> Result<String, CliError> {
    let name = file.display().to_string();
    Ok(match args.format {
        Format::Text => format!("# {name}\n{}\n", as_text(module, args)),
        Format::Json => {
            let mut document = as_json(module)?;
            if let Some(members) = document.as_object_mut() {
                members.insert("file".to_owned(), Value::String(name));
            }
            output::tame_json(&serde_json::to_string(&document)?)
        }
    })
}
