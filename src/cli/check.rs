//! `opticsd check`: configuration and plan, a plan alone, and with a probe the
//! modules too. Made for people and for continuous integration alike.

mod forms;

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::CliError;
use super::run::DEFAULT_CONFIG;
use super::{Outcome, output};
use crate::clock::{Clock, SystemClock};
use crate::daemon::access::AccessError;
use crate::daemon::journal::Journal;
use crate::daemon::load::{self, LoadError};
use crate::daemon::reload::{ConfigFile, Wanted, WantedError};
use crate::daemon::{fleet_check, probe};
use crate::module::Presence;
use crate::names::{PortName, counted};
use crate::plan::Plan;
use crate::plan::date::Date;
use crate::plan::finding::{Finding, Severity};
use crate::plan::fleet::check_plan;
use crate::report::Fleet;
use crate::tomlfile::Mistake;
use forms::{Report, Told};

/// Check configuration and plan; with --probe sweep each module once.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 clean or notices only, 1 warnings or errors found, 2 unusable.\n\n\
    Example:\n  opticsd check --config opticsd.toml --probe\n  \
    opticsd check --plan plan.toml --format github      a plan alone, in CI"
)]
pub struct Args {
    /// The configuration file.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_CONFIG)]
    config: PathBuf,
    /// Check this plan alone: no configuration and no hardware.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["config", "probe"])]
    plan: Option<PathBuf>,
    /// Sweep each module once and hold it against the plan. Not beside a
    /// running daemon: reading clears the modules' latched flags.
    #[arg(long)]
    probe: bool,
    /// How to print what was found.
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

/// In which form findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For people: a line each.
    Text,
    /// For programs: one document.
    Json,
    /// Workflow commands, which GitHub shows beside the lines of the plan.
    Github,
    /// A test report, a case for each port.
    Junit,
}

impl Form {
    fn render(self, report: &Report) -> Result<String, CliError> {
        Ok(match self {
            Self::Text => forms::text(report),
            Self::Json => forms::json(report)?,
            Self::Github => forms::github(report),
            Self::Junit => forms::junit(report),
        })
    }
}

/// Prints what was found, and a summary where people read it.
///
/// # Errors
/// Every mistake in configuration and plan; these are printed in the form asked
/// for as well, unless that is text.
pub fn check(args: &Args) -> Result<Outcome, CliError> {
    let outcome = match &args.plan {
        Some(path) => of_plan(path, Date::of(SystemTime::now())),
        None => of_config(args),
    };
    match outcome {
        Ok(report) => {
            output::print(&args.format.render(&report)?)?;
            Ok(match report.gravest() {
                Some(Severity::Warning | Severity::Error) => Outcome::Found,
                Some(Severity::Notice) | None => Outcome::Done,
            })
        }
        Err(error) => {
            if args.format != Form::Text {
                let mistakes = mistakes(&error);
                let report =
                    Report::of_mistakes(args.plan.as_ref().unwrap_or(&args.config), mistakes);
                output::print(&args.format.render(&report)?)?;
            }
            Err(error)
        }
    }
}

/// The mistakes of files that cannot be used, where that is why.
fn mistakes(error: &CliError) -> &[Mistake] {
    match error {
        CliError::Mistakes(mistakes)
        | CliError::Wanted(
            WantedError::Load(LoadError::Mistakes(mistakes))
            | WantedError::Access(AccessError::Mistakes(mistakes)),
        ) => mistakes,
        _ => &[],
    }
}

/// Checks a plan by itself, as of a day.
fn of_plan(path: &Path, today: Date) -> Result<Report, CliError> {
    let text = std::fs::read_to_string(path).map_err(|source| CliError::Read {
        path: path.to_owned(),
        source,
    })?;
    let plan = Plan::parse(&text, path).map_err(CliError::Mistakes)?;
    let plan = plan.as_of(today);
    let ports = counted(plan.assignments().len(), "port");
    let mut report = Report::new(format!("{}: {ports} in the plan", path.display()));
    report.ports = plan
        .assignments()
        .iter()
        .map(|a| a.port.to_string())
        .collect();
    for (port, finding) in check_plan(&plan) {
        report.told.push(told(&port, &finding, Some((&plan, path))));
    }
    Ok(report)
}

/// Checks configuration and plan, and the modules where that is wanted.
fn of_config(args: &Args) -> Result<Report, CliError> {
    let clock = SystemClock::new();
    let today = Date::of(clock.wall());
    let wanted = ConfigFile::at(args.config.clone(), &clock).read()?;
    // Where the plan is, for findings that point to a line of it.
    let file = load::load(&args.config)
        .map_err(WantedError::Load)?
        .config
        .plan;
    let plan = wanted.plan.map(|plan| plan.as_of(today));
    let with = match &plan {
        Some(_) => "with a plan",
        None => "without a plan",
    };
    let ports = counted(wanted.ports.len(), "port");
    let summary = format!("{}: {ports} {with}", args.config.display());
    let mut report = Report::new(summary);
    report.ports = wanted
        .ports
        .iter()
        .map(|port| port.name.to_string())
        .collect();
    let placed = plan.as_ref().zip(file.as_deref());
    if args.probe {
        let wanted = Wanted {
            plan: plan.clone(),
            ..wanted
        };
        let fleet = probe::probe(wanted, &clock).map_err(CliError::Thread)?;
        if let Some(plan) = &plan {
            fleet_check::look(&fleet, &Journal::unkept(&fleet), plan);
        }
        report.told = of_fleet(&fleet, placed);
    }
    for (port, finding) in plan.as_ref().map(check_plan).unwrap_or_default() {
        let finding = told(&port, &finding, placed);
        // What the plan alone shows the ports may have shown already.
        if !args.probe || !report.told.contains(&finding) {
            report.told.push(finding);
        }
    }
    Ok(report)
}

/// How the ports differ from their plan, and what could not be read.
fn of_fleet(fleet: &Fleet, placed: Option<(&Plan, &Path)>) -> Vec<Told> {
    let mut all = Vec::new();
    for slot in fleet.ports.load().iter() {
        let view = slot.view.load();
        let findings = fleet.findings_of(&slot.name, &view);
        all.extend(
            findings
                .iter()
                .map(|finding| told(&slot.name, finding, placed)),
        );
        if let Some(trouble) = &view.trouble
            && view.presence != Presence::Empty
        {
            all.push(Told::unreadable(slot.name.as_str(), trouble));
        }
    }
    all
}

/// A finding with the place in the plan that names its port.
fn told(port: &PortName, finding: &Finding, placed: Option<(&Plan, &Path)>) -> Told {
    let place = placed.and_then(|(plan, path)| {
        let spot = plan.assignment(port)?.at;
        Some((path.to_owned(), spot))
    });
    Told::of(port.as_str(), finding, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_alone_is_checked_as_of_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.toml");
        let text = "[fabric]\nname = 'x'\n[[assign]]\nports = 'e{0..3}'\nrole = 'scale-out'\n\
            [[exception]]\nports = 'e2'\nrule = 'class-denied'\nreason = 'on trial'\n\
            expires = '2027-03-01'\n";
        std::fs::write(&path, text).unwrap();
        let on = |day| of_plan(&path, Date::parse(day).unwrap()).unwrap();
        assert_eq!(on("2027-03-01").gravest(), None);
        let report = on("2027-03-02");
        assert_eq!(report.gravest(), Some(Severity::Warning));
        let text = forms::text(&report);
        assert!(
            text.starts_with(
                "e2: warning exception-expired: saw the exception from class-denied ended on \
                 2027-03-01, planned a port without it: on trial; mend"
            ),
            "{text}"
        );
        let github = forms::github(&report);
        let place = format!("::warning file={},line=4,col=9,title=", path.display());
        assert!(github.starts_with(&place), "{github}");
    }

    #[test]
    fn the_outcome_follows_the_gravest_finding() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.toml");
        let outcome = |length: &str, more: &str| {
            let text = format!(
                "[fabric]\nname = 'x'\n[[assign]]\nports = 'e0'\nrole = 'scale-up'\n\
                 length_meters = {length}\n{more}"
            );
            std::fs::write(&path, text).unwrap();
            check(&Args {
                config: PathBuf::new(),
                plan: Some(path.clone()),
                probe: false,
                format: Form::Junit,
            })
        };
        assert_eq!(outcome("100", "").unwrap(), Outcome::Done);
        assert_eq!(outcome("101", "").unwrap(), Outcome::Found);
        // An accepted finding is a notice, and a notice is no failure.
        let accepted = "[[exception]]\nports = 'e0'\nrule = 'fiber-too-long'\n\
            reason = 'being moved'\nexpires = '9999-12-31'\n";
        assert_eq!(outcome("101", accepted).unwrap(), Outcome::Done);
        let wrong = outcome("'far'", "").unwrap_err();
        assert!(matches!(wrong, CliError::Mistakes(mistakes) if mistakes.len() == 1));
    }
}
