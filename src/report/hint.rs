//! What to do at a port that is not well, in plain words for whoever stands in
//! front of it.
//!
//! Findings carry their own advice; what the module and its light tell is put into
//! words here. Pure: the same view always says the same.

mod light;

use super::PortView;
use crate::health::reason::lanes_in_words;
use crate::health::verdict::Verdict;
use crate::module::{
    DataPathState, LaneReadings, Management, ModuleState, Presence, Reading, Snapshot,
};
use crate::names::Lane;
use crate::plan::finding::{Finding, Severity};

/// Hints for a port, what to do first at the front; none where there is nothing
/// to do. `findings` are all of the port, those between ports among them.
pub(super) fn hints(view: &PortView, findings: &[Finding]) -> Vec<String> {
    let mut said: Vec<String> = of_presence(view.presence, findings)
        .into_iter()
        .map(str::to_owned)
        .collect();
    let grave = findings
        .iter()
        .filter(|finding| finding.severity > Severity::Notice && finding.rule != MISSING);
    said.extend(grave.map(|finding| format!("{}: {}", in_words(finding.rule), finding.advice)));
    if let (Presence::Active, Some(module)) = (view.presence, view.snapshot.as_deref()) {
        said.extend(of_module(view, module));
    }
    let troubled = matches!(view.judgement.verdict, Verdict::Bad | Verdict::Degraded);
    if said.is_empty() && troubled {
        said.extend(view.gravest());
    }
    said
}

/// The rule that sees an empty cage: what stands in the cage says it better.
const MISSING: &str = "missing";

/// What a rule found, in words.
fn in_words(rule: &str) -> String {
    match rule {
        "class-denied" | "class-warned" => "wrong class".to_owned(),
        other => other.replace('-', " "),
    }
}

fn of_presence(presence: Presence, findings: &[Finding]) -> Option<&'static str> {
    match presence {
        Presence::Active => None,
        Presence::Unread => Some("not looked at yet: wait for the first sweep"),
        Presence::Empty => findings.iter().any(|finding| finding.rule == MISSING).then_some(
            "no module: push one in until its latch clicks; if one is in, it does not answer, so reseat it",
        ),
        Presence::Settling => Some(
            "module not ready: it answers but cannot be read yet; wait a minute, then reseat it",
        ),
        Presence::Failing | Presence::Dormant => Some(
            "module silent: reseat it; if it stays silent, try it in another cage to tell module from cage",
        ),
    }
}

fn of_module(view: &PortView, module: &Snapshot) -> Vec<String> {
    if let Some(said) = of_state(module) {
        return vec![said.to_owned()];
    }
    let mut said = of_signals(module);
    let class = view.class.as_ref().map(|class| class.class);
    let of_light = light::look(module, class);
    let light_is_good = of_light.is_empty();
    said.extend(of_light);
    let hot = module
        .monitors
        .temperature
        .value()
        .zip(module.thresholds.temperature.value());
    if hot.is_some_and(|(now, levels)| now.celsius() > levels.high_warning.celsius()) {
        said.push("hot: check fans, air flow and blanking panels".to_owned());
    }
    let errors =
        view.health.reasons.iter().any(|reason| {
            reason.verdict > Verdict::Unknown && reason.text.contains("bit error ratio")
        });
    if errors && light_is_good {
        said.push(
            "bit errors with good light: clean the connectors at both ends; if they stay, swap one module at a time"
                .to_owned(),
        );
    }
    said
}

/// The states in which lanes tell nothing.
fn of_state(module: &Snapshot) -> Option<&'static str> {
    let of_state = match module.state.value() {
        Some(ModuleState::LowPower) => {
            Some("module in low power: the host has not brought it up, so enable the port")
        }
        Some(ModuleState::PowerUp | ModuleState::PowerDown) => {
            Some("module not ready: it is changing its power; reseat it if that lasts a minute")
        }
        Some(ModuleState::Fault) => {
            Some("module fault: reset it from the host or reseat it; swap it if the fault returns")
        }
        Some(ModuleState::Ready | ModuleState::Reserved(_)) | None => None,
    };
    let not_ready = module.data_not_ready == Reading::Value(true);
    of_state.or_else(|| {
        not_ready.then_some("module not ready: its monitors are not valid yet; wait a minute")
    })
}

/// What the electrical side and the transmitters say.
fn of_signals(module: &Snapshot) -> Vec<String> {
    let mut said = Vec::new();
    let is_raised = |flag: Reading<bool>| flag == Reading::Value(true);
    let on = |raised: &dyn Fn(&LaneReadings) -> bool| lanes(module, raised);
    if let Some(lanes) = on(&|lane| is_raised(lane.signals.tx_fault)) {
        said.push(format!(
            "tx fault on {lanes}: reseat the module; swap it if the fault returns"
        ));
    }
    if no_data_path(module) {
        said.push(
            "no data path is active: the host has not set the port up, so enable it".to_owned(),
        );
        return said;
    }
    let sleeps = |lane: &LaneReadings| {
        lane.data_path_state
            .value()
            .is_some_and(|state| state != DataPathState::Activated)
    };
    if let Some(lanes) = on(&|lane| is_raised(lane.signals.tx_los) && !sleeps(lane)) {
        said.push(format!(
            "host LOS on {lanes}: the host sends nothing, so enable the port and check its speed"
        ));
    }
    let unlocked = |lane: &LaneReadings| {
        is_raised(lane.signals.tx_lol) && !is_raised(lane.signals.tx_los) && !sleeps(lane)
    };
    if let Some(lanes) = on(&unlocked) {
        said.push(format!(
            "no lock on the host's signal on {lanes}: check speed, FEC and equaliser of the host"
        ));
    }
    said
}

/// Whether the host has set up no lane at all; only CMIS modules tell.
fn no_data_path(module: &Snapshot) -> bool {
    let mut states = module
        .lanes
        .iter()
        .filter_map(|lane| lane.data_path_state.value());
    let is_down = |state| state == DataPathState::Deactivated;
    module.management == Management::Cmis
        && states.next().is_some_and(is_down)
        && states.all(is_down)
}

/// The lanes that are so, in words; `None` if none is.
fn lanes(module: &Snapshot, is_so: &dyn Fn(&LaneReadings) -> bool) -> Option<String> {
    let lanes: Vec<Lane> = module
        .lanes
        .iter()
        .filter(|lane| is_so(lane))
        .map(|lane| lane.lane)
        .collect();
    lanes_in_words(&lanes)
}

#[cfg(test)]
mod tests;
