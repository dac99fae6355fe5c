//! `opticsd completions`: what a shell needs to complete commands, options and
//! their values.

use clap_complete::{Shell, generate};

use super::error::CliError;
use super::{Outcome, output};

/// Print completions for a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  opticsd completions bash > \
    /usr/share/bash-completion/completions/opticsd\n  \
    opticsd completions zsh > /usr/share/zsh/vendor-completions/_opticsd\n  \
    source <(opticsd completions bash)      for this shell alone")]
pub struct Args {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// If standard output does not take it.
pub fn completions(args: &Args) -> Result<Outcome, CliError> {
    let mut script = Vec::new();
    generate(args.shell, &mut super::command(), "opticsd", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Done)
}
