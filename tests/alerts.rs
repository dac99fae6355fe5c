//! From the module to the one on call: a real Prometheus with the rules that ship,
//! and a real Alertmanager with the configuration that ships.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod support;

use support::monitoring::{Alertmanager, Daemon, Prometheus, value};
use support::{Demo, has_tool};

fn has_tools() -> bool {
    has_tool("prometheus") && has_tool("prometheus-alertmanager")
}

#[test]
fn a_module_that_is_heated_rings_at_the_alertmanager() {
    if !has_tools() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("heat.toml");
    let heat = "[[event]]\nat = 0\nport = 'Ethernet3'\ndo = 'heat'\nvalue = 88\n";
    std::fs::write(&scenario, heat).unwrap();
    let demo = Demo::start(&["--speed", "10", "--scenario", scenario.to_str().unwrap()]);
    let manager = Alertmanager::start();
    let target = demo.url.trim_start_matches("http://");
    let _prometheus = Prometheus::start(&[(target, "leaf1:10458")], Some(&manager));

    let is_ours = |alert: &serde_json::Value| alert["labels"]["port"] == "Ethernet3";
    let alert = manager.alert("OpticsModuleTooHot", is_ours);
    assert_eq!(alert["labels"]["instance"], "leaf1:10458");
    assert_eq!(alert["labels"]["severity"], "critical");
    let told = alert["annotations"]["description"].as_str().unwrap();
    assert!(
        told.starts_with("Ethernet3 of leaf1:10458: the case is at "),
        "{told}"
    );
    assert!(
        told.ends_with("above the module's high alarm of 75.0 °C."),
        "{told}"
    );
    assert_eq!(
        alert["annotations"]["runbook_url"],
        "docs/runbook.md#opticsmoduletoohot"
    );
    let receivers = alert["receivers"].as_array().unwrap();
    assert_eq!(receivers[0]["name"], "on-call");

    // The verdict says the same of the port, so it does not ring as well.
    manager.alert("OpticsPortBad", |alert| {
        is_ours(alert) && alert["status"]["state"] == "suppressed"
    });
    // A port that was built in sick, by another alert.
    let dark = manager.alert("OpticsRxLossOfSignal", |a| {
        a["labels"]["port"] == "Ethernet25"
    });
    assert_eq!(dark["labels"]["lane"], "4");
    manager.alert("OpticsFindingClassDenied", |a| {
        a["labels"]["port"] == "Ethernet35"
    });
}

/// Both ends of two links: one retimed at both ends, one retimed at one end and
/// linear at the other.
fn two_boxes() -> [Daemon; 2] {
    let config = |second: &str| {
        format!(
            "[[port]]\nname = 'Ethernet0'\nsim = 'dsp-800g-dr8'\n\
             [[port]]\nname = 'Ethernet1'\nsim = '{second}'\n"
        )
    };
    let plan = |host: &str, peer: &str| {
        format!(
            "[fabric]\nname = 'pair'\nhost = '{host}'\n\
             [[assign]]\nports = 'Ethernet{{0..1}}'\nrole = 'scale-out'\n\
             peer = '{peer}:Ethernet{{0..1}}'\n"
        )
    };
    [
        Daemon::start(&config("dsp-800g-dr8"), &plan("leaf1", "spine1")),
        Daemon::start(&config("lpo-800g"), &plan("spine1", "leaf1")),
    ]
}

#[test]
fn two_daemons_are_joined_as_both_ends_of_a_link() {
    if !has_tools() {
        return;
    }
    let [leaf, spine] = two_boxes();
    let manager = Alertmanager::start();
    let targets = [
        (leaf.address.as_str(), "leaf1:10458"),
        (spine.address.as_str(), "spine1:10458"),
    ];
    let prometheus = Prometheus::start(&targets, Some(&manager));

    // Eight lanes of two ports of two boxes.
    let losses = prometheus.query("opticsd:link_loss_db", 32);
    for loss in &losses {
        assert!((0.0..6.0).contains(&value(loss)), "{loss}");
    }
    let one = "opticsd:link_loss_db{instance=\"leaf1:10458\", port=\"Ethernet0\", lane=\"1\"}";
    let loss = prometheus.query(one, 1).remove(0);
    assert_eq!(loss["metric"]["here"], "leaf1:Ethernet0");
    assert_eq!(loss["metric"]["peer"], "spine1:Ethernet0");
    // The same by hand, from the two ends as they are now; light flickers a little.
    let watts = |metric: &str, instance: &str| {
        let query = format!("{metric}{{instance=\"{instance}\", port=\"Ethernet0\", lane=\"1\"}}");
        value(&prometheus.query(&query, 1)[0])
    };
    let sent = watts("opticsd_lane_tx_power_watts", "spine1:10458");
    let arrived = watts("opticsd_lane_rx_power_watts", "leaf1:10458");
    let by_hand = 10.0 * (sent / arrived).log10();
    assert!(
        (value(&loss) - by_hand).abs() < 0.5,
        "{} {by_hand}",
        value(&loss)
    );
    prometheus.query("opticsd:port_link_loss_asymmetry_db", 4);
    prometheus.query("opticsd:link_budget_db", 4);

    for (instance, classes) in [("leaf1:10458", "dsp/lpo"), ("spine1:10458", "lpo/dsp")] {
        let alert = manager.alert("OpticsLinkClassMismatch", |alert| {
            alert["labels"]["instance"] == instance
        });
        assert_eq!(alert["labels"]["port"], "Ethernet1", "{alert}");
        assert_eq!(alert["labels"]["classes"], classes);
    }
    let firing = prometheus.query("ALERTS{alertname=\"OpticsLinkClassMismatch\"}", 2);
    assert_eq!(firing.len(), 2, "the other link is alright: {firing:?}");
}
