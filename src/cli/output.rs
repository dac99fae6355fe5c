//! Printing that survives a closed pipe.

use std::io::{ErrorKind, Write};

use super::error::CliError;

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

/// Says on stderr what somebody should know who runs this.
pub fn warn(text: &str) {
    // There is nobody left to tell if stderr is closed.
    let _ = writeln!(std::io::stderr().lock(), "opticsd: {text}");
}

/// Says on stderr what went wrong, each line of it under the program's name
/// unless the line names a file itself.
pub fn complain(error: &CliError) {
    let text = error.to_string();
    let mut out = std::io::stderr().lock();
    for line in text.lines() {
        // There is nobody left to tell if stderr is closed.
        let _ = writeln!(out, "opticsd: {line}");
    }
}
