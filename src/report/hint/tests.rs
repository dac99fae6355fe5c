use super::hints;
use crate::health::verdict::Verdict;
use crate::module::{DataPathState, LaneReadings, ModuleState, Presence, Reading, Snapshot};
use crate::plan::finding::{Finding, Severity};
use crate::report::{PortView, sample};
use crate::units::{Amperes, Celsius, Watts};

fn well() -> Snapshot {
    let mut module = sample::module("S1");
    for lane in &mut module.lanes {
        lane.signals.rx_lol = Reading::Value(false);
    }
    module
}

/// What is said of a module that was changed so on each lane, counted from 1.
fn said_of(change: impl Fn(usize, &mut LaneReadings)) -> String {
    let mut module = well();
    for (index, lane) in module.lanes.iter_mut().enumerate() {
        change(index + 1, lane);
    }
    said(module)
}

fn said(module: Snapshot) -> String {
    let mut view = sample::active(module);
    view.findings.clear();
    view.judgement.verdict = Verdict::Ok;
    hints(&view, &[]).join("; ")
}

fn milliwatts(value: f64) -> Reading<Watts> {
    Reading::Value(Watts::new(value * 1e-3))
}

#[test]
fn nothing_wrong_is_nothing_to_do() {
    assert_eq!(said(well()), "");
}

#[test]
fn light_tells_where_to_look() {
    let dark = |_, lane: &mut LaneReadings| lane.rx_power = milliwatts(0.0);
    assert_eq!(
        said_of(dark),
        "tx fine, rx dark: fibre, polarity or the far end"
    );
    assert!(
        said_of(|number, lane| {
            if number == 3 {
                lane.rx_power = milliwatts(0.0);
            }
        })
        .starts_with("lane 3 dark among lit ones: a dirty or broken fibre")
    );
    assert_eq!(
        said_of(|_, lane| lane.rx_power = milliwatts(0.18)),
        "all lanes low: a dirty connector, too much loss on the way, or the wrong reach"
    );
    assert!(
        said_of(|number, lane| {
            if number == 2 {
                lane.rx_power = milliwatts(0.18);
            }
        })
        .starts_with("low light on lane 2 alone")
    );
    assert!(
        said_of(|_, lane| lane.rx_power = milliwatts(3.0))
            .starts_with("too much light on lanes 1 to 8")
    );
    assert!(
        said_of(|number, lane| lane.signals.rx_lol = Reading::Value(number == 4))
            .starts_with("light but no lock on lane 4")
    );
    assert!(
        said_of(|number, lane| lane.signals.rx_los = Reading::Value(number == 1))
            .starts_with("light was lost for a moment on lane 1")
    );
}

#[test]
fn the_transmitter_decides_who_is_to_blame_for_the_dark() {
    let off = |_, lane: &mut LaneReadings| {
        lane.tx_power = milliwatts(0.0);
        lane.tx_bias = Reading::Value(Amperes::new(0.0));
    };
    assert!(said_of(off).starts_with("tx off: the lasers are off while light arrives"));
    assert!(
        said_of(|number, lane| {
            off(number, lane);
            lane.rx_power = milliwatts(0.0);
        })
        .starts_with("tx off, rx dark")
    );
    assert_eq!(
        said_of(|_, lane| {
            lane.rx_power = milliwatts(0.0);
            lane.tx_power = Reading::NOT_ADVERTISED;
            lane.tx_bias = Reading::NOT_ADVERTISED;
        }),
        "rx dark: fibre, polarity or the far end"
    );
}

#[test]
fn the_host_side_is_told_apart() {
    assert_eq!(
        said_of(|_, lane| lane.signals.tx_los = Reading::Value(true)),
        "host LOS on lanes 1 to 8: the host sends nothing, so enable the port and check its speed"
    );
    assert!(
        said_of(|_, lane| lane.signals.tx_lol = Reading::Value(true))
            .starts_with("no lock on the host's signal on lanes 1 to 8")
    );
    assert!(
        said_of(|number, lane| lane.signals.tx_fault = Reading::Value(number == 1))
            .starts_with("tx fault on lane 1")
    );
    let down = |_, lane: &mut LaneReadings| {
        lane.data_path_state = Reading::Value(DataPathState::Deactivated);
        lane.signals.tx_los = Reading::Value(true);
        lane.rx_power = milliwatts(0.0);
    };
    assert_eq!(
        said_of(down),
        "no data path is active: the host has not set the port up, so enable it"
    );
}

#[test]
fn states_go_before_lanes() {
    for (state, begins) in [
        (ModuleState::LowPower, "module in low power"),
        (ModuleState::PowerUp, "module not ready"),
        (ModuleState::Fault, "module fault"),
    ] {
        let mut module = well();
        module.state = Reading::Value(state);
        module.lanes[0].rx_power = milliwatts(0.0);
        let said = said(module);
        assert!(said.starts_with(begins) && !said.contains("dark"), "{said}");
    }
    let mut module = well();
    module.monitors.temperature = Reading::Value(Celsius::new(72.0));
    assert_eq!(
        said(module),
        "hot: check fans, air flow and blanking panels"
    );
}

#[test]
fn findings_say_what_they_advise_and_notices_nothing() {
    let view = sample::active(well());
    let mut notice = sample::finding();
    notice.severity = Severity::Notice;
    assert_eq!(
        hints(&view, &[sample::finding(), notice]),
        ["wrong class: put a coherent module here"]
    );
}

#[test]
fn what_stands_in_the_cage_decides_without_a_module() {
    let said = |presence, findings: &[Finding]| {
        let mut view: PortView = sample::view();
        view.presence = presence;
        hints(&view, findings).join("; ")
    };
    let missing = Finding {
        rule: "missing",
        ..sample::finding()
    };
    assert!(said(Presence::Empty, &[missing]).starts_with("no module: push one in"));
    assert_eq!(said(Presence::Empty, &[]), "");
    assert!(said(Presence::Settling, &[]).starts_with("module not ready"));
    assert!(said(Presence::Failing, &[]).starts_with("module silent"));
    assert!(said(Presence::Unread, &[]).starts_with("not looked at yet"));
}

#[test]
fn what_has_no_hint_still_has_its_reason() {
    let mut view = sample::active(well());
    view.findings.clear();
    view.judgement.reasons = vec!["something odd".to_owned()];
    assert_eq!(hints(&view, &[]), ["something odd"]);
}
