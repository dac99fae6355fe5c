//! Any text as a file that an operator wrote: read, or refused with mistakes whose
//! places are in the text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use opticsd::bus::address::Half;
use opticsd::class::{self, Classification, Settings};
use opticsd::clock::{Clock, ManualClock};
use opticsd::config::Config;
use opticsd::config::web::WebFile;
use opticsd::module::sweep::Session;
use opticsd::module::{Presence, Snapshot};
use opticsd::names::PortName;
use opticsd::plan::check::check;
use opticsd::plan::date::Date;
use opticsd::plan::fleet::{FleetPort, check_fleet, check_plan};
use opticsd::plan::{Plan, fabric};
use opticsd::sim::builders;
use opticsd::sim::cage::Cage;
use opticsd::sim::module::SimModule;
use opticsd::sim::scenario::Scenario;
use opticsd::tomlfile::Mistake;

/// What the text is called.
const FILE: &str = "/etc/opticsd/fuzz.toml";

/// A configuration.
pub fn config(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match Config::parse(&text, Path::new(FILE)) {
        Err(mistakes) => are_in(&text, &mistakes),
        Ok(config) => {
            assert!(!config.ports.is_empty() && !config.listen.is_empty());
            let mut names = BTreeSet::new();
            for port in &config.ports {
                assert!(names.insert(port.name.as_str()), "{} twice", port.name);
                assert!(port.cadences.vdm >= port.cadences.monitors);
                assert!(port.cadences.slow >= port.cadences.monitors);
                assert!(!(port.passive && port.vdm_freeze));
            }
        }
    }
}

/// A plan, held against modules, and its fabric worked out and drawn.
pub fn plan(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let plan = match Plan::parse(&text, Path::new(FILE)) {
        Err(mistakes) => return are_in(&text, &mistakes),
        Ok(plan) => plan,
    };
    let today = Date::parse("2026-06-30");
    let plan = today.map_or(plan.clone(), |today| plan.as_of(today));
    for (port, _) in check_plan(&plan) {
        assert!(plan.assignment(&port).is_some());
    }
    let modules = modules();
    let mut ports = Vec::new();
    for (assignment, (snapshot, class)) in plan.assignments().iter().zip(modules.iter().cycle()) {
        for presence in [Presence::Active, Presence::Empty] {
            let module = (presence == Presence::Active).then_some((snapshot, class));
            check(Some(assignment), presence, module);
        }
        ports.push(FleetPort {
            assignment,
            presence: Presence::Active,
            snapshot: Some(snapshot),
            class: Some(class),
        });
    }
    check_fleet(&plan, &ports);
    let sizings = [
        fabric::of_plan(&plan),
        fabric::of_fabric(&plan.fabric, None),
    ];
    for sizing in sizings.iter().flatten() {
        assert!(!fabric::text(sizing).is_empty());
        assert!(serde_json::to_string(&fabric::json(sizing)).is_ok());
        assert!(fabric::svg(sizing).starts_with("<svg"));
    }
}

/// Settings of the classification, with which modules are then classified.
pub fn class_settings(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match Settings::parse(&text, Path::new(FILE)) {
        Err(mistakes) => are_in(&text, &mistakes),
        Ok(settings) => {
            for (snapshot, _) in modules() {
                let class = class::classify(snapshot, &settings);
                assert!((0.0..=1.0).contains(&class.confidence), "{class:?}");
                for (_, score) in &class.scores {
                    assert!((0.0..=1.0).contains(score), "{class:?}");
                }
            }
        }
    }
}

/// A web configuration.
pub fn web_config(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match WebFile::parse(&text, Path::new(FILE)) {
        // YAML ends lines at a CR as well.
        Err(mistakes) => are_in(&text.replace("\r\n", "\n").replace('\r', "\n"), &mistakes),
        Ok(web) => {
            for file in web.files() {
                assert!(file.is_absolute(), "{file:?}");
            }
        }
    }
}

/// The most events of a scenario that are let happen.
const MOST_EVENTS: usize = 64;

/// A scenario, which then happens to some ports.
pub fn scenario(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let clock = ManualClock::new();
    let cages = cages(&clock);
    let mut scenario = match Scenario::parse(&text, Path::new(FILE), cages.keys()) {
        Err(mistakes) => return are_in(&text, &mistakes),
        Ok(scenario) => scenario,
    };
    for _ in 0..MOST_EVENTS {
        let Some(at) = scenario.next_at() else {
            return;
        };
        assert!(!scenario.apply(at, &cages).is_empty());
        clock.advance(at.saturating_sub(clock.now()));
        for cage in cages.values() {
            cage.peek(Half::LOWER, 0);
            cage.host_counters();
        }
    }
}

/// The ports of the scenario of the demo, a quarter of them with a module.
fn cages(clock: &ManualClock) -> BTreeMap<PortName, Cage> {
    static MODULES: LazyLock<Vec<SimModule>> = LazyLock::new(|| {
        let names = ["dsp-800g", "lpo-800g", "qsfp28"];
        names.into_iter().filter_map(builders::by_name).collect()
    });
    let mut modules = MODULES.iter().cycle();
    let port = |number: u32| {
        let cage = Cage::new(Arc::new(clock.clone()));
        if number % 8 < 2
            && let Some(module) = modules.next()
        {
            cage.insert(module.clone());
        }
        Some((PortName::new(&format!("Ethernet{number}"))?, cage))
    };
    (0..64).filter_map(port).collect()
}

/// A module of each family, swept and classified once.
fn modules() -> &'static [(Snapshot, Classification)] {
    static MODULES: LazyLock<Vec<(Snapshot, Classification)>> = LazyLock::new(|| {
        let modules = builders::NAMES.iter().filter_map(|name| {
            let mut memory = builders::by_name(name)?.registers().image().clone();
            let swept = Session::new().sweep(&mut memory, &ManualClock::new());
            let snapshot = swept.ok()?.snapshot;
            let class = class::classify(&snapshot, &Settings::default());
            Some((snapshot, class))
        });
        modules.collect()
    });
    assert_eq!(MODULES.len(), builders::NAMES.len());
    &MODULES
}

/// Every mistake says something, of a place in the text or right behind it.
fn are_in(text: &str, mistakes: &[Mistake]) {
    assert!(!mistakes.is_empty(), "refused without a word");
    let lines: Vec<usize> = text.split('\n').map(|line| line.chars().count()).collect();
    for mistake in mistakes {
        assert!(!mistake.message.trim().is_empty(), "{mistake:?}");
        let length = mistake.line.checked_sub(1).and_then(|line| lines.get(line));
        let inside = length.is_some_and(|length| (1..=length + 1).contains(&mistake.column));
        assert!(inside, "{mistake:?} is not in a text of lines {lines:?}");
        let place = format!("{FILE}:{}:{}: ", mistake.line, mistake.column);
        assert!(mistake.to_string().starts_with(&place), "{mistake}");
    }
}
