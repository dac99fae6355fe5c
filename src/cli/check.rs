//! `opticsd check`: configuration and plan, and with a probe the modules too.

use std::path::PathBuf;

use super::error::CliError;
use super::run::DEFAULT_CONFIG;
use super::{Outcome, output};
use crate::clock::SystemClock;
use crate::daemon::probe;
use crate::daemon::reload::ConfigFile;
use crate::module::Presence;
use crate::report::Fleet;

/// Check configuration and plan; with --probe sweep each module once.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit status: 0 clean, 1 findings, 2 unusable.\n\n\
    Example:\n  opticsd check --config opticsd.toml --probe")]
pub struct Args {
    /// The configuration file.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_CONFIG)]
    config: PathBuf,
    /// Sweep each module once and hold it against the plan. Not beside a
    /// running daemon: reading clears the modules' latched flags.
    #[arg(long)]
    probe: bool,
}

/// Prints what was found, a line each, and a summary.
///
/// # Errors
/// Every mistake in configuration and plan.
pub fn check(args: &Args) -> Result<Outcome, CliError> {
    let clock = SystemClock::new();
    let wanted = ConfigFile::at(args.config.clone(), &clock).read()?;
    let ports = wanted.ports.len();
    let plan = match &wanted.plan {
        Some(_) => "with a plan",
        None => "without a plan",
    };
    let summary = format!("{}: {ports} ports {plan}", args.config.display());
    if !args.probe {
        output::print(&format!("{summary}, no mistakes\n"))?;
        return Ok(Outcome::Done);
    }
    let fleet = probe::probe(wanted, &clock).map_err(CliError::Thread)?;
    let found = findings(&fleet);
    for line in &found {
        output::print(&format!("{line}\n"))?;
    }
    output::print(&format!("{summary}, {} findings\n", found.len()))?;
    Ok(if found.is_empty() {
        Outcome::Done
    } else {
        Outcome::Found
    })
}

/// How the ports differ from their plan, and what could not be read, a line each.
fn findings(fleet: &Fleet) -> Vec<String> {
    let mut lines = Vec::new();
    for slot in fleet.ports.load().iter() {
        let view = slot.view.load();
        for finding in &view.findings {
            lines.push(format!(
                "{}: {} {}: saw {}, planned {}; {}",
                slot.name,
                finding.severity.name(),
                finding.rule,
                finding.saw,
                finding.planned,
                finding.advice
            ));
        }
        if let Some(trouble) = &view.trouble
            && view.presence != Presence::Empty
        {
            lines.push(format!("{}: cannot be read: {trouble}", slot.name));
        }
    }
    lines
}
