//! `opticsd decode`: dump files through the very sweep of the daemon.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::error::CliError;
use super::{Format, Outcome, output};
use crate::bus::dump;
use crate::class::{self, Classification, Settings};
use crate::clock::SystemClock;
use crate::module::Snapshot;
use crate::module::sweep::Session;
use crate::report::{document, text};

/// Decode dump files: what the module is and what it says, offline.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Several files as JSON are one document a line, each with its file.\n\n\
    Example:\n  opticsd decode --explain module.dump\n  opticsd decode --format json - < module.dump"
)]
pub struct Args {
    /// Dump files; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Print the evidence for the class too (JSON always has it).
    #[arg(long)]
    explain: bool,
}

/// One module out of a dump.
struct Decoded {
    snapshot: Snapshot,
    class: Classification,
}

/// Decodes each file; one that cannot be decoded does not keep the others back.
///
/// # Errors
/// What is wrong with the file, or how many of several files are wrong.
pub fn decode(args: &Args) -> Result<Outcome, CliError> {
    if let [file] = args.files.as_slice() {
        let module = read(file)?;
        let printed = match args.format {
            Format::Text => as_text(&module, args.explain),
            Format::Json => serde_json::to_string_pretty(&as_json(&module)?)? + "\n",
        };
        output::print(&printed)?;
        return Ok(Outcome::Done);
    }
    let mut failed = 0;
    for file in &args.files {
        match read(file) {
            Ok(module) => output::print(&one_of_several(file, &module, args)?)?,
            Err(error) => {
                output::complain(&error);
                failed += 1;
            }
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

/// The module in a dump file.
fn read(file: &Path) -> Result<Decoded, CliError> {
    let name = file.display().to_string();
    let text = read_text(file).map_err(|source| CliError::Read {
        path: file.to_owned(),
        source,
    })?;
    let mut image = dump::parse(&text, &name)?;
    let sweep = Session::new().sweep(&mut image, &SystemClock::new());
    let snapshot = sweep
        .map_err(|error| CliError::NoModule { name, error })?
        .snapshot;
    let class = class::classify(&snapshot, &Settings::default());
    Ok(Decoded { snapshot, class })
}

/// The text of a file, or of standard input.
fn read_text(file: &Path) -> std::io::Result<String> {
    if file.as_os_str() != "-" {
        return std::fs::read_to_string(file);
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(text)
}

/// A module for people; the class in one line unless it is to be explained.
fn as_text(module: &Decoded, explain: bool) -> String {
    let mut class = module.class.clone();
    if !explain {
        class.evidence.clear();
        class.missing.clear();
        class.conflicts.clear();
    }
    text::module(&module.snapshot, &class, &[], None)
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
        Format::Text => format!("# {name}\n{}\n", as_text(module, args.explain)),
        Format::Json => {
            let mut document = as_json(module)?;
            if let Some(members) = document.as_object_mut() {
                members.insert("file".to_owned(), Value::String(name));
            }
            serde_json::to_string(&document)? + "\n"
        }
    })
}
