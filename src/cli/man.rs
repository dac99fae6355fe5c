//! `opticsd man`: manual pages, made of the same words as `--help`.

use std::path::{Path, PathBuf};

use clap::Command;
use clap_mangen::Man;

use super::error::CliError;
use super::{Outcome, output};

/// Print the manual page, or write those of all commands to a directory.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  opticsd man | man -l -\n  \
    opticsd man --out /usr/share/man/man1")]
pub struct Args {
    /// Where to write `opticsd.1` and `opticsd-COMMAND.1` for every command; made if
    /// it is not there.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints a page or writes all.
///
/// # Errors
/// If the pages cannot be written.
pub fn man(args: &Args) -> Result<Outcome, CliError> {
    let pages = pages();
    match &args.out {
        None => {
            let first = pages.first().map_or("", |(_, text)| text.as_str());
            output::print(first)?;
        }
        Some(directory) => {
            let failed = |path: &Path| {
                let path = path.to_owned();
                move |source| CliError::Write { path, source }
            };
            std::fs::create_dir_all(directory).map_err(failed(directory))?;
            for (name, text) in &pages {
                let path = directory.join(name);
                std::fs::write(&path, text).map_err(failed(&path))?;
            }
        }
    }
    Ok(Outcome::Done)
}

/// Every page by the name of its file, that of the program first.
fn pages() -> Vec<(String, String)> {
    let mut command = super::command().disable_help_subcommand(true);
    // Options of a command that its own commands take too are told with these.
    command.build();
    let mut pages = Vec::new();
    add(&command, &mut pages);
    pages
}

fn add(command: &Command, pages: &mut Vec<(String, String)>) {
    let name = command
        .get_display_name()
        .unwrap_or(command.get_name())
        .to_owned();
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    // Writing to memory cannot fail.
    let _ = man.render(&mut page);
    pages.push((
        format!("{name}.1"),
        String::from_utf8_lossy(&page).into_owned(),
    ));
    let commands = command.get_subcommands().filter(|c| !c.is_hide_set());
    commands.for_each(|command| add(command, pages));
}
