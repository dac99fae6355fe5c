//! `opticsd doctor`: whether this machine lets the daemon do its work, and what to do
//! where it does not. It looks at files, devices, the service manager and the daemon;
//! it reads no register and causes no traffic on any bus.

mod devices;
mod machine;
mod service;
mod serving;
mod state;
mod who;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::error::CliError;
use super::run::DEFAULT_CONFIG;
use super::{Format, Outcome, output};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::daemon::{load, source};
use crate::names::counted;
use machine::Machine;
use service::Unit;
use who::Who;

/// Check what the daemon needs of this machine, and say what to do.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "It looks at files, devices, the service manager and the running daemon. It reads \
    no register: nothing happens on any bus. As root it looks on behalf of the service's user. \
    Exit status 0: all is well; 1: it warned or found a failure.\n\n\
    Example:\n  sudo opticsd doctor\n  opticsd doctor --config opticsd.toml --format json"
)]
pub struct Args {
    /// The configuration file.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_CONFIG)]
    config: PathBuf,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Where the running daemon is asked, instead of where the configuration serves.
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// Look at a copy of a machine's files instead of /; then nobody is asked.
    #[arg(long, value_name = "DIR", default_value = "/")]
    root: PathBuf,
}

/// How many findings with one remedy are told in words.
const MOST_ALIKE: usize = 3;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Ok,
    Warn,
    Fail,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Finding {
    check: &'static str,
    level: Level,
    /// What was seen, and where.
    what: String,
    /// What to do; nothing where all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

/// All that was found, in the order of the checks.
#[derive(Debug, Default)]
struct Report(Vec<Finding>);

impl Report {
    fn ok(&mut self, check: &'static str, what: impl Into<String>) {
        self.add(check, Level::Ok, what.into(), None);
    }

    fn warn(&mut self, check: &'static str, what: impl Into<String>, advice: impl Into<String>) {
        self.add(check, Level::Warn, what.into(), Some(advice.into()));
    }

    fn fail(&mut self, check: &'static str, what: impl Into<String>, advice: impl Into<String>) {
        self.add(check, Level::Fail, what.into(), Some(advice.into()));
    }

    fn add(&mut self, check: &'static str, level: Level, what: String, advice: Option<String>) {
        self.0.push(Finding {
            check,
            level,
            what,
            advice,
        });
    }

    /// How many findings a check has that are not all well.
    fn troubles(&self, check: &str) -> usize {
        let own = self.0.iter().filter(|found| found.check == check);
        own.filter(|found| found.level > Level::Ok).count()
    }

    fn count(&self, level: Level) -> usize {
        self.0.iter().filter(|found| found.level == level).count()
    }
}

/// Prints what was found.
///
/// # Errors
/// If it cannot be printed.
pub fn doctor(args: &Args) -> Result<Outcome, CliError> {
    let machine = Machine::at(&args.root);
    let report = examine(&machine, &args.config, args.from.as_deref());
    output::print(&match args.format {
        Format::Text => output::tame(&text(&report)),
        Format::Json => output::tame_json(&json(&report)?),
    })?;
    let is_well = report.count(Level::Ok) == report.0.len();
    Ok(if is_well {
        Outcome::Done
    } else {
        Outcome::Found
    })
}

/// Does all checks.
fn examine(machine: &Machine, config: &Path, from: Option<&str>) -> Report {
    let mut report = Report::default();
    let unit = Unit::ask(machine);
    let who = Who::of(machine, unit.as_ref(), &mut report);
    let loaded = configuration(machine, config, &who, &mut report);
    devices::kernel(machine, loaded.as_ref(), &mut report);
    if let Some(config) = &loaded {
        devices::ports(machine, config, &who, &mut report);
        devices::interfaces(machine, config, &who, unit.as_ref(), &mut report);
        devices::hosts(machine, config, &who, &mut report);
    }
    state::directory(machine, loaded.as_ref(), unit.as_ref(), &who, &mut report);
    state::clock(machine, &mut report);
    if let Some(config) = &loaded {
        serving::web(config, &who, &mut report);
        serving::daemon(machine, config, from, &mut report);
    }
    service::state(machine, unit.as_ref(), &mut report);
    state::limits(machine, loaded.as_ref(), unit.as_ref(), &mut report);
    report
}

/// The configuration with its plan, if both are right.
fn configuration(machine: &Machine, path: &Path, who: &Who, report: &mut Report) -> Option<Config> {
    const CHECK: &str = "configuration";
    let shown = path.display();
    let loaded = match load::load(&machine.path(path)) {
        Ok(loaded) => loaded,
        Err(error) => {
            let advice = format!("correct it; opticsd check --config {shown} says the same");
            for line in error.to_string().lines() {
                report.fail(CHECK, line, advice.clone());
            }
            return None;
        }
    };
    let config = loaded.config;
    let files = std::iter::once(machine.path(path)).chain(config.plan.clone());
    for file in files {
        if !who.may(&file, false) {
            report.fail(
                CHECK,
                format!("{} cannot be read by {who}", file.display()),
                format!("chgrp {} {1} && chmod g+r {1}", who.group(), file.display()),
            );
        }
    }
    if machine.is_live()
        && let Err(errors) = source::bindings(&config.ports, &config.sonic, &SystemClock::new())
    {
        for error in errors {
            report.fail(
                CHECK,
                error.to_string(),
                format!("correct its port in {shown}"),
            );
        }
    }
    if report.troubles(CHECK) == 0 {
        let plan = match &config.plan {
            Some(plan) => format!("plan {}", plan.display()),
            None => "no plan".to_owned(),
        };
        report.ok(
            CHECK,
            format!("{shown}: {}, {plan}", counted(config.ports.len(), "port")),
        );
    }
    Some(config)
}

/// A line for each finding, what to do below it, and a summary.
fn text(report: &Report) -> String {
    let mut text = String::new();
    let widest = report.0.iter().map(|found| found.check.len()).max();
    let widest = widest.unwrap_or_default();
    let alike = |a: &Finding, b: &Finding| {
        a.level > Level::Ok && (a.check, a.level, &a.advice) == (b.check, b.level, &b.advice)
    };
    // What has one remedy is told together.
    for run in report.0.chunk_by(alike) {
        for (number, found) in run.iter().enumerate() {
            let level = match found.level {
                Level::Ok => "OK  ",
                Level::Warn => "WARN",
                Level::Fail => "FAIL",
            };
            let more = run.len() - number;
            let what = match number {
                MOST_ALIKE if more > 1 => format!("and {more} more like these (--format json)"),
                _ => found.what.replace(char::is_control, " "),
            };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{level}  {:<widest$}  {what}", found.check);
            if number == MOST_ALIKE && more > 1 {
                break;
            }
        }
        if let Some(advice) = run.first().and_then(|found| found.advice.as_ref()) {
            let advice = advice.replace(char::is_control, " ");
            let _ = writeln!(text, "{:width$}-> {advice}", "", width = widest + 8);
        }
    }
    let (well, warned, failed) = (
        report.count(Level::Ok),
        report.count(Level::Warn),
        report.count(Level::Fail),
    );
    let _ = writeln!(
        text,
        "{well} ok, {warned} warnings, {failed} failures; no bus was touched"
    );
    text
}

fn json(report: &Report) -> Result<String, CliError> {
    #[derive(Serialize)]
    struct Document<'a> {
        version: &'a str,
        warnings: usize,
        failures: usize,
        checks: &'a [Finding],
    }
    Ok(serde_json::to_string_pretty(&Document {
        version: env!("CARGO_PKG_VERSION"),
        warnings: report.count(Level::Warn),
        failures: report.count(Level::Fail),
        checks: &report.0,
    })?)
}

#[cfg(test)]
mod tests;
