//! The commands, one file each, and what they have in common: errors that say
//! what, where and what to do, and the exit status 0 (done), 1 (found
//! something) or 2 (could not).

pub mod budget;
pub mod captures;
pub mod check;
pub mod client;
pub mod completions;
pub mod convert;
pub mod decode;
pub mod demo;
pub mod discover;
pub mod doctor;
pub mod dump;
pub mod error;
pub mod events;
pub mod fabric;
mod groups;
pub mod man;
pub mod output;
pub mod replay;
pub mod run;
pub mod show;
pub mod sim;
pub mod terminal;
pub mod top;

use std::io::IsTerminal;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::daemon::teller::log_goes_to_journald;

/// The exit status of a command that could not do its work. Usage errors have
/// the same, by clap's own custom.
const COULD_NOT: u8 = 2;

/// Watches the optical modules of AI clusters: what each one is, whether it
/// belongs there, whether it is well.
#[derive(Debug, Parser)]
#[command(name = "opticsd", version, arg_required_else_help = true)]
#[command(
    after_help = "Example:\n  opticsd demo            a simulated 64-port switch, no hardware needed"
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Run(run::Args),
    Check(check::Args),
    Show(show::Args),
    Decode(decode::Args),
    Convert(convert::Args),
    Budget(budget::Args),
    Fabric(fabric::Args),
    Dump(dump::Args),
    Replay(replay::Args),
    Discover(discover::Args),
    Doctor(doctor::Args),
    Events(events::Args),
    Captures(captures::Args),
    Sim(sim::Args),
    Top(top::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// The command line as clap knows it, with its commands in groups.
pub fn command() -> clap::Command {
    groups::grouped(Cli::command())
}

/// What the arguments of this process ask for; usage errors and help end it.
pub fn parsed() -> Cli {
    let matches = command().get_matches();
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// How a command that could do its work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done, and nothing to say.
    Done,
    /// Done, and something was found that somebody should look at.
    Found,
}

/// In which form a command prints what it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Runs the command that was asked for. Errors go to stderr.
pub fn run(cli: Cli) -> ExitCode {
    start_logging(match cli.command {
        Command::Demo(_) | Command::Run(_) | Command::Sim(_) => "info",
        // All others print an answer and end: only what went wrong is worth a line.
        _ => "error",
    });
    let outcome = match cli.command {
        Command::Demo(args) => demo::demo(args),
        Command::Run(args) => run::run(args),
        Command::Check(args) => check::check(&args),
        Command::Show(args) => show::show(&args),
        Command::Decode(args) => decode::decode(&args),
        Command::Convert(args) => convert::convert(&args),
        Command::Budget(args) => budget::budget(&args),
        Command::Fabric(args) => fabric::fabric(&args),
        Command::Dump(args) => dump::dump(&args),
        Command::Replay(args) => replay::replay(&args),
        Command::Discover(args) => discover::discover(&args),
        Command::Doctor(args) => doctor::doctor(&args),
        Command::Events(args) => events::events(&args),
        Command::Captures(args) => captures::captures(&args),
        Command::Sim(args) => sim::sim(&args),
        Command::Top(args) => top::top(&args),
        Command::Completions(args) => completions::completions(&args),
        Command::Man(args) => man::man(&args),
    };
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::FAILURE,
        Err(error) => {
            output::complain(&error);
            ExitCode::from(COULD_NOT)
        }
    }
}

/// Whether stderr is a stream to journald: `JOURNAL_STREAM` names its device and
/// inode (systemd.exec(5)).
fn stderr_is_the_journal() -> bool {
    let named = std::env::var("JOURNAL_STREAM").unwrap_or_default();
    let Ok(stderr) = std::io::stderr().as_fd().try_clone_to_owned() else {
        return false;
    };
    let found = std::fs::File::from(stderr).metadata();
    found.is_ok_and(|found| named == format!("{}:{}", found.dev(), found.ino()))
}

/// Logs from `level` on, or what `RUST_LOG` says: to journald where stderr goes
/// there, else to stderr; in colour on a terminal only, and never with `NO_COLOR`
/// set to anything.
fn start_logging(level: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    // Under systemd the fields of a record are worth more than its line.
    if stderr_is_the_journal()
        && let Ok(journal) = tracing_journald::layer()
    {
        let journal = journal
            .with_field_prefix(None)
            .with_syslog_identifier("opticsd".to_owned());
        tracing_subscriber::registry()
            .with(filter)
            .with(journal)
            .init();
        log_goes_to_journald();
        return;
    }
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && !is_plain)
        .with_target(false)
        .with_env_filter(filter)
        .init();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Commands that print no data of their own, and why.
    const WITHOUT_FORMAT: [(&str, &str); 8] = [
        ("demo", "serves until it is ended"),
        ("run", "serves until it is ended"),
        ("top", "is a screen"),
        ("dump", "prints a dump file, which has a form of its own"),
        ("captures show", "prints a dump file"),
        ("convert", "prints a file in the form that --to names"),
        ("completions", "prints a script"),
        ("man", "prints manual pages"),
    ];

    /// Calls back for every command below one, with its words.
    fn walk(command: &clap::Command, words: &str, each: &mut impl FnMut(&str, &clap::Command)) {
        for own in command.get_subcommands() {
            let words = format!("{words} {}", own.get_name());
            each(words.trim_start(), own);
            walk(own, &words, each);
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example() {
        for command in command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string);
            let name = command.get_name();
            assert!(
                help.is_some_and(|help| help.contains(&format!("opticsd {name}"))),
                "{name}"
            );
        }
    }

    #[test]
    fn every_command_that_prints_data_prints_it_as_json_too() {
        let mut exempt = Vec::new();
        walk(&command(), "", &mut |words, command| {
            let format = command.get_arguments().find(|a| a.get_id() == "format");
            match format {
                Some(format) => {
                    let values = format.get_possible_values();
                    assert!(values.iter().any(|v| v.get_name() == "json"), "{words}");
                }
                None => exempt.push(words.to_owned()),
            }
        });
        exempt.sort();
        let mut allowed: Vec<&str> = WITHOUT_FORMAT.iter().map(|(words, _)| *words).collect();
        allowed.sort_unstable();
        assert_eq!(exempt, allowed);
    }
}
