//! Rules that no port decides alone.

use super::*;
use crate::plan::planes::{Quantity, imbalance};
use crate::sim::knobs::Ramp;

/// A NIC with one port for each of four planes.
const NIC: &str = "[[assign]]\nports = 'n1'\nrole = 'scale-out'\nplane = 1\nplane_set = 'nic0'\n\
    [[assign]]\nports = 'n2'\nrole = 'scale-out'\nplane = 2\nplane_set = 'nic0'\n\
    [[assign]]\nports = 'n3'\nrole = 'scale-out'\nplane = 3\nplane_set = 'nic0'\npeer = 'leaf7:e4'\n\
    [[assign]]\nports = 'n4'\nrole = 'scale-out'\nplane = 4\nplane_set = 'nic0'\n";

/// What a rule says of the NIC whose third plane has this module.
fn with_third(rule: &str, third: Option<&Module>) -> Vec<String> {
    let plan = plan(NIC);
    let well = |serial| treated("dsp-800g", serial, |_, _| ());
    let (one, two, four) = (well("A1"), well("A2"), well("A4"));
    let ports = [
        port(&plan, "n1", Some(&one)),
        port(&plan, "n2", Some(&two)),
        port(&plan, "n3", third),
        port(&plan, "n4", Some(&four)),
    ];
    between(&check_fleet(&plan, &ports), rule)
}

fn third(turn: impl FnOnce(&mut Knobs, Duration)) -> Vec<String> {
    with_third("plane-imbalance", Some(&treated("dsp-800g", "A3", turn)))
}

#[test]
fn the_plane_that_is_darker_is_named_alone() {
    assert_eq!(third(|_, _| ()), Vec::<String>::new());
    let dark = third(|knobs, _| knobs.rx_loss_db = Ramp::steady(2.6));
    let [found] = dark.as_slice() else {
        panic!("{dark:?}");
    };
    assert!(
        found.starts_with("n3: warning plane-imbalance: saw plane 3 of nic0: receives -3."),
        "{found}"
    );
    assert!(found.ends_with(
        "planned planes of nic0 alike; take the plane out of the spray, then compare its fibre, module and port towards leaf7:e4 with the others"
    ), "{found}");
    assert_eq!(
        third(|knobs, _| knobs.rx_loss_db = Ramp::steady(0.3)).len(),
        0
    );
    // Brighter, cooler: nobody's trouble.
    assert_eq!(
        third(|knobs, _| knobs.rx_loss_db = Ramp::steady(-3.0)).len(),
        0
    );
}

#[test]
fn the_plane_that_is_hotter_or_makes_more_errors_is_named() {
    let hot = third(|knobs, _| knobs.temperature = Ramp::steady(71.0));
    assert_eq!(hot.len(), 1);
    assert!(hot[0].contains("°C, the others 52 °C"), "{hot:?}");
    assert_eq!(
        third(|knobs, _| knobs.temperature = Ramp::steady(63.0)).len(),
        0
    );
    let wrong = third(|knobs, _| knobs.ber_decades = Ramp::steady(4.0));
    assert_eq!(wrong.len(), 1);
    assert!(wrong[0].contains("bit error ratio"), "{wrong:?}");
}

#[test]
fn the_plane_that_carries_less_or_stands_is_named() {
    let (mut snapshot, class) = treated("dsp-800g", "A3", |_, _| ());
    for lane in snapshot.lanes.iter_mut().take(4) {
        lane.data_path_state =
            crate::module::Reading::Value(crate::module::DataPathState::Deactivated);
        lane.active_application = crate::module::Reading::Value(0);
    }
    let found = with_third("plane-imbalance", Some(&(snapshot, class)));
    assert_eq!(found.len(), 1);
    assert!(
        found[0].contains(
            "50 % of its lanes active, of the others 100 %; carries 400 Gb/s, the others 800 Gb/s"
        ),
        "{found:?}"
    );
}

#[test]
fn a_plane_without_module_is_incomplete() {
    assert_eq!(
        with_third("plane-incomplete", None),
        [
            "n3: warning plane-incomplete: saw plane 3 of nic0 carries nothing: its cage is empty, planned every plane of nic0 at work; traffic is sprayed over the planes that are left: mend this one first"
        ]
    );
    let well = treated("dsp-800g", "A3", |_, _| ());
    assert_eq!(with_third("plane-incomplete", Some(&well)).len(), 0);
}

#[test]
fn a_set_without_all_planes_is_told_from_the_plan_alone() {
    let three = NIC.rsplit_once("[[assign]]").unwrap().0;
    assert_eq!(
        between(&check_plan(&plan(three)), "plane-incomplete"),
        [
            "n1: warning plane-incomplete: saw nic0 is assigned to plane 1, 2, 3 only, planned all 4 planes of the fabric; assign the missing planes, or correct `planes` of [fabric]"
        ]
    );
    assert_eq!(check_plan(&plan(NIC)), []);
}

/// One module split over four planes, with these lanes dark, or in need of light.
fn split(turn: impl FnOnce(&mut Knobs, Duration)) -> (Vec<String>, f64) {
    let plan = plan(
        "[[assign]]\nports = 'n0'\nrole = 'scale-out'\nbreakout = '4x200G'\nplanes = '{1..4}'\n",
    );
    let module = treated("dsp-800g-dr8", "B1", turn);
    let ports = [port(&plan, "n0", Some(&module))];
    let found = between(&check_fleet(&plan, &ports), "plane-imbalance");
    let rx = imbalance(&ports);
    let rx = rx.iter().find(|one| one.quantity == Quantity::RxPower);
    (found, rx.unwrap().ratio)
}

#[test]
fn lanes_of_one_module_are_compared_as_planes() {
    let (found, ratio) = split(|_, _| ());
    assert_eq!(found, Vec::<String>::new());
    assert!(ratio < 0.5, "{ratio}");
    let (found, ratio) = split(|knobs, _| knobs.dark_lanes = 0b0011_0000);
    let [found] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert!(
        found.starts_with(
            "n0: warning plane-imbalance: saw plane 3 (lanes 5 to 6) of n0: receives -40.0 dBm"
        ),
        "{found}"
    );
    assert!(ratio > 10.0, "{ratio}");
}

#[test]
fn two_ports_with_one_serial_number_are_told_both() {
    let plan = plan("[[assign]]\nports = 'e{0..2}'\nrole = 'scale-out'\n");
    let found = |family: &str, serials: [&str; 3]| {
        let modules = serials.map(|serial| treated(family, serial, |_, _| ()));
        let ports = ["e0", "e1", "e2"];
        let ports: Vec<_> = ports
            .iter()
            .zip(&modules)
            .map(|(name, module)| port(&plan, name, Some(module)))
            .collect();
        between(&check_fleet(&plan, &ports), "duplicate-serial")
    };
    assert_eq!(
        found("dsp-800g", ["S1", "S2", "S1"]),
        [
            "e0: warning duplicate-serial: saw serial number S1, which e2 has too, planned a serial number of its own; compare the labels on the modules: the register may be a copy, or two ports may be configured for one cage",
            "e2: warning duplicate-serial: saw serial number S1, which e0 has too, planned a serial number of its own; compare the labels on the modules: the register may be a copy, or two ports may be configured for one cage",
        ]
    );
    assert_eq!(found("dsp-800g", ["S1", "S2", "S3"]).len(), 0);
    assert_eq!(found("dsp-800g", ["S1", "S1", "S1"]).len(), 3);
}

#[test]
fn both_ends_of_a_link_in_one_plan_are_held_against_each_other() {
    let text = "[[assign]]\nports = 'e0'\nrole = 'scale-up'\npeer = 'leaf3:e1'\n\
        [[assign]]\nports = 'e1'\nrole = 'scale-up'\npeer = 'leaf3:e0'\n\
        [[assign]]\nports = 'e2'\nrole = 'scale-up'\npeer = 'other:e1'\n";
    let plan = plan(text);
    let (linear, retimed) = (module("lpo-800g"), module("dsp-800g"));
    let found = |far: &Module| {
        let ports = [
            port(&plan, "e0", Some(&linear)),
            port(&plan, "e1", Some(far)),
            port(&plan, "e2", Some(&linear)),
        ];
        between(&check_fleet(&plan, &ports), "peer-class-mismatch")
    };
    let both = found(&retimed);
    assert_eq!(both.len(), 2);
    assert!(
        both[0].starts_with("e0: warning peer-class-mismatch: saw lpo (OPTICSD SIM SIM-800G-LINEAR), dsp (OPTICSD SIM SIM-800G-2FR4) at the far end, planned scale-up: lpo at both ends"),
        "{both:?}"
    );
    assert!(both[1].starts_with("e1: "), "{both:?}");
    assert_eq!(found(&linear).len(), 0);
}

#[test]
fn a_plan_alone_shows_fibre_that_is_too_long() {
    let long = |meters| {
        plan(&format!(
            "[[assign]]\nports = 'e0'\nrole = 'scale-up'\nlength_meters = {meters}\n"
        ))
    };
    assert_eq!(
        between(&check_plan(&long(101)), "fiber-too-long"),
        [
            "e0: warning fiber-too-long: saw 101 m of fibre in the plan, planned scale-up: up to 100 m; move the two ends nearer, or raise `fiber_max_meters` for these ports"
        ]
    );
    assert_eq!(check_plan(&long(100)), []);
}

#[test]
fn exceptions_hold_between_ports_too() {
    let excused = format!(
        "{NIC}[[exception]]\nports = 'n3'\nrule = 'plane-incomplete'\nreason = 'on order'\nexpires = '2027-03-01'\n"
    );
    let plan = plan(&excused);
    let on = |day: &str| {
        let plan = plan.clone().as_of(Date::parse(day).unwrap());
        let found = check_fleet(&plan, &[port(&plan, "n3", None)]);
        let found = found
            .iter()
            .filter(|(_, f)| f.saw.contains("carries nothing"));
        found.map(|(_, f)| f.severity).collect::<Vec<_>>()
    };
    assert_eq!(on("2027-03-01"), [Severity::Notice]);
    assert_eq!(on("2027-03-02"), [Severity::Warning]);
    let over = plan.as_of(Date::parse("2027-03-02").unwrap());
    assert_eq!(between(&check_plan(&over), "exception-expired").len(), 1);
}
