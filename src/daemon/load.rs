//! Reads what the operator wrote: the configuration, the plan that it names,
//! and whether the two agree.

use std::collections::HashSet;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::config::Config;
use crate::names::PortName;
use crate::plan::Plan;
use crate::tomlfile::{Mistake, nearest};

/// What the operator wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// The plan, if the configuration names one. It names configured ports only.
    pub plan: Option<Plan>,
}

/// Why configuration and plan cannot be used.
#[derive(Debug, Error)]
pub enum LoadError {
    /// A file could not be read.
    #[error("cannot read the {what} {}: {source}; {}", .path.display(), advice(.source, .what))]
    Unreadable {
        /// Which of the files: `configuration` or `plan`.
        what: &'static str,
        /// Where it should be.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There are mistakes in the files, one or more.
    #[error("{}", lines(.0))]
    Mistakes(Vec<Mistake>),
}

/// Reads the configuration at `path` and the plan that it names.
///
/// # Errors
/// The file that cannot be read, or every mistake in the first file that has
/// any. Only a right configuration tells where the plan is.
pub fn load(path: &Path) -> Result<Loaded, LoadError> {
    let text = read("configuration", path)?;
    let config = Config::parse(&text, path).map_err(LoadError::Mistakes)?;
    let Some(plan_path) = &config.plan else {
        return Ok(Loaded { config, plan: None });
    };
    let text = read("plan", plan_path)?;
    let plan = Plan::parse(&text, plan_path).map_err(LoadError::Mistakes)?;
    let mistakes = unknown_ports(&config, &plan, plan_path);
    if !mistakes.is_empty() {
        return Err(LoadError::Mistakes(mistakes));
    }
    Ok(Loaded {
        config,
        plan: Some(plan),
    })
}

fn read(what: &'static str, path: &Path) -> Result<String, LoadError> {
    fs::read_to_string(path).map_err(|source| LoadError::Unreadable {
        what,
        path: path.to_owned(),
        source,
    })
}

/// What to do about a file that cannot be read.
fn advice(error: &io::Error, what: &str) -> &'static str {
    match (error.kind(), what) {
        (io::ErrorKind::NotFound, "plan") => {
            "write it, or correct `plan` in the configuration or leave it out"
        }
        (io::ErrorKind::NotFound, _) => "write it, or name another one with --config",
        (io::ErrorKind::PermissionDenied, _) => "let the user that opticsd runs as read it",
        (io::ErrorKind::InvalidData, _) => "write it as UTF-8 text",
        _ => "make it a file that opticsd can read",
    }
}

fn lines(mistakes: &[Mistake]) -> String {
    let mut text = String::new();
    for mistake in mistakes {
        let between = if text.is_empty() { "" } else { "\n" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{between}{mistake}");
    }
    text
}

/// Ports that the plan names and the configuration does not: told once for each
/// place in the plan.
fn unknown_ports(config: &Config, plan: &Plan, file: &Path) -> Vec<Mistake> {
    let known: HashSet<&PortName> = config.ports.iter().map(|port| &port.name).collect();
    let unknown: Vec<_> = plan
        .assignments()
        .iter()
        .filter(|assignment| !known.contains(&assignment.port))
        .collect();
    unknown
        .chunk_by(|a, b| a.at == b.at)
        .filter_map(|of_one_place| {
            let first = of_one_place.first()?;
            let name = first.port.as_str();
            let more = match of_one_place.len() - 1 {
                0 => String::new(),
                n => format!(" (and {n} more)"),
            };
            let names = config.ports.iter().map(|port| port.name.as_str());
            let advice = match nearest(name, names) {
                Some(near) => format!("the nearest name is `{near}`"),
                None => "add it there, or take it out of the plan".to_owned(),
            };
            let message = format!("no port `{name}`{more} is configured; {advice}");
            Some(first.at.mistake(file, message))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Loads a configuration with its plan from a folder of their own; in what
    /// goes wrong the folder is left out.
    fn load_texts(config: &str, plan: Option<&str>) -> Result<Loaded, String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("opticsd.toml"), config).unwrap();
        if let Some(plan) = plan {
            fs::write(folder.path().join("plan.toml"), plan).unwrap();
        }
        load(&folder.path().join("opticsd.toml")).map_err(|error| {
            let folder = format!("{}/", folder.path().display());
            error.to_string().replace(&folder, "")
        })
    }

    const CONFIG: &str =
        "plan = 'plan.toml'\n[[port]]\nname = 'Ethernet{0..3}'\ni2c = '/dev/i2c-{1..4}'\n";

    #[test]
    fn a_plan_may_leave_ports_out_but_not_invent_them() {
        let plan = "[fabric]\nname = 'x'\n\
            [[assign]]\nports = 'Ethernet{0..2}'\nrole = 'scale-up'\n";
        let loaded = load_texts(CONFIG, Some(plan)).unwrap();
        assert_eq!(loaded.plan.unwrap().assignments().len(), 3);

        let plan = "[fabric]\nname = 'x'\n\
            [[assign]]\nports = ['Ethernet{2..5}', 'swp7']\nrole = 'scale-up'\n";
        assert_eq!(
            load_texts(CONFIG, Some(plan)).unwrap_err(),
            "plan.toml:4:10: no port `Ethernet4` (and 1 more) is configured; \
             the nearest name is `Ethernet0`\n\
             plan.toml:4:28: no port `swp7` is configured; \
             add it there, or take it out of the plan"
        );
    }

    #[test]
    fn mistakes_are_told_one_a_line() {
        let told = load_texts("[[port]]\nnme = 'a'\ni2c = 'b'\n", None).unwrap_err();
        assert_eq!(told.lines().count(), 3, "{told}");
        let told = load_texts(CONFIG, Some("fabric = 1\n")).unwrap_err();
        assert!(told.starts_with("plan.toml:1:10: "), "{told}");
    }

    #[test]
    fn a_file_that_is_not_there_says_what_to_do() {
        let told = load_texts(CONFIG, None).unwrap_err();
        assert!(
            told.starts_with("cannot read the plan plan.toml: "),
            "{told}"
        );
        assert!(told.ends_with("or leave it out"), "{told}");
        let told = load(Path::new("/nowhere/opticsd.toml"))
            .unwrap_err()
            .to_string();
        assert!(told.starts_with("cannot read the configuration /nowhere/opticsd.toml: "));
        assert!(told.ends_with("; write it, or name another one with --config"));
    }

    #[test]
    fn what_ships_is_right() {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let loaded = load(&shipped.join("opticsd.toml")).unwrap();
        assert!(loaded.plan.is_some());
        for file in fs::read_dir(shipped.join("plans")).unwrap() {
            let path = file.unwrap().path();
            let plan = Plan::parse(&fs::read_to_string(&path).unwrap(), &path);
            assert!(
                !plan.unwrap().assignments().is_empty(),
                "{}",
                path.display()
            );
        }
    }
}
