//! A real Prometheus against the demo.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod support;

use support::monitoring::{Prometheus, value};
use support::{Demo, has_tool};

#[test]
fn a_real_prometheus_answers_for_the_demo() {
    if !has_tool("prometheus") {
        return;
    }
    let demo = Demo::start(&[]);
    demo.settled_ports();
    let target = demo.url.trim_start_matches("http://");
    let prometheus = Prometheus::start(&[(target, "demo:10458")], None);

    let temperatures = prometheus.query("opticsd_module_temperature_celsius", 31);
    for series in &temperatures {
        assert!((-40.0..150.0).contains(&value(series)), "{series}");
    }
    prometheus.query("opticsd_finding{rule=\"class-denied\"}", 1);
    prometheus.query("opticsd_module_info{class=\"lpo\"}", 1);
    assert_eq!(value(&prometheus.query("up", 1)[0]), 1.0);
}
