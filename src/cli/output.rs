//! Printing that survives a closed pipe, and steers no terminal by accident.

use std::io::{ErrorKind, Write};
use std::path::Path;

use super::error::CliError;
use crate::report::plain::{plain_json, plain_lines};

/// Prints text as it is. A reader that has seen enough (`| head`) is no error.
///
/// # Errors
/// [`CliError::Print`] if standard output does not take it.
pub fn print(text: &str) -> Result<(), CliError> {
    print_on(text).map(drop)
}

/// The same for one who prints on and on: returns whether anybody still reads.
///
/// # Errors
/// [`CliError::Print`] if standard output does not take it.
pub fn print_on(text: &str) -> Result<bool, CliError> {
    let mut out = std::io::stdout().lock();
    let outcome = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match outcome {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(CliError::Print(error)),
    }
}

/// Text that came from elsewhere, fit for a terminal.
pub fn tame(text: &str) -> String {
    plain_lines(text).into_owned()
}

/// JSON that came from elsewhere, fit for a terminal and the same in meaning, with
/// a new line behind it.
pub fn tame_json(json: &str) -> String {
    plain_json(json.trim_end()).into_owned() + "\n"
}

/// Prints, or writes a file where one is named.
///
/// # Errors
/// If standard output does not take it, or the file cannot be written.
pub fn deliver(text: &str, file: Option<&Path>) -> Result<(), CliError> {
    match file {
        None => print(text),
        Some(path) => std::fs::write(path, text).map_err(|source| CliError::Write {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Says on stderr what somebody should know who runs this.
pub fn warn(text: &str) {
    // There is nobody left to tell if stderr is closed.
    let _ = writeln!(std::io::stderr().lock(), "opticsd: {}", tame(text));
}

/// Says on stderr what went wrong.
pub fn complain(error: &CliError) {
    // There is nobody left to tell if stderr is closed.
    let _ = std::io::stderr()
        .lock()
        .write_all(complaint(error).as_bytes());
}

/// What went wrong, each line of it under the program's name.
pub fn complaint(error: &CliError) -> String {
    let text = tame(&error.to_string());
    let lines = text.lines().map(|line| format!("opticsd: {line}\n"));
    lines.collect()
}
