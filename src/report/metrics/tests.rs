use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};

use super::{Exporter, families};
use crate::class::{Class, Classification, Retiming};
use crate::module::Presence;
use crate::report::{PortView, sample};

/// The families of the documentation that this build can fill, with their type.
const PROMISED: [(&str, &str); 70] = [
    ("port_info", "gauge"),
    ("module_present", "gauge"),
    ("module_up", "gauge"),
    ("module_last_read_timestamp_seconds", "gauge"),
    ("module_reads_total", "counter"),
    ("module_read_failures_total", "counter"),
    ("module_insertions_total", "counter"),
    ("module_info", "gauge"),
    ("module_class_confidence_ratio", "gauge"),
    ("module_state", "gauge"),
    ("module_temperature_celsius", "gauge"),
    ("module_supply_volts", "gauge"),
    ("module_power_max_watts", "gauge"),
    ("module_temperature_threshold_celsius", "gauge"),
    ("module_supply_threshold_volts", "gauge"),
    ("lane_rx_power_watts", "gauge"),
    ("lane_tx_power_watts", "gauge"),
    ("lane_tx_bias_amperes", "gauge"),
    ("lane_rx_power_threshold_watts", "gauge"),
    ("lane_tx_power_threshold_watts", "gauge"),
    ("lane_tx_bias_threshold_amperes", "gauge"),
    ("lane_datapath_active", "gauge"),
    ("lane_rx_los", "gauge"),
    ("lane_rx_lol", "gauge"),
    ("lane_tx_fault", "gauge"),
    ("lane_tx_los", "gauge"),
    ("lane_tx_lol", "gauge"),
    ("lane_snr_db", "gauge"),
    ("lane_host_input_vma_volts", "gauge"),
    ("lane_rx_oma_watts", "gauge"),
    ("threshold_flag_events_total", "counter"),
    ("signal_flag_events_total", "counter"),
    ("pre_fec_bit_error_ratio", "gauge"),
    ("post_fec_codeword_error_ratio", "gauge"),
    ("post_fec_bit_error_ratio", "gauge"),
    ("ber_margin_decades", "gauge"),
    ("ber_trend_decades_per_day", "gauge"),
    ("ber_session_change_ratio", "gauge"),
    ("plane_imbalance_ratio", "gauge"),
    ("post_fec_errored_frames", "gauge"),
    ("vdm_value", "gauge"),
    ("host_fec_up", "gauge"),
    ("host_fec_reads_total", "counter"),
    ("host_fec_read_failures_total", "counter"),
    ("fec_corrected_codewords_total", "counter"),
    ("fec_uncorrectable_codewords_total", "counter"),
    ("fec_corrected_bit_errors_total", "counter"),
    ("finding", "gauge"),
    ("verdict", "gauge"),
    ("build_info", "gauge"),
    ("config_last_reload_successful", "gauge"),
    ("config_last_reload_success_timestamp_seconds", "gauge"),
    ("web_config_last_reload_successful", "gauge"),
    ("web_certificate_expiry_timestamp_seconds", "gauge"),
    ("bus_transactions_total", "counter"),
    ("bus_bytes_total", "counter"),
    ("bus_errors_total", "counter"),
    ("bus_busy_seconds_total", "counter"),
    ("sweep_duration_seconds", "gauge"),
    ("sweep_jitter_seconds", "gauge"),
    ("sweep_overruns_total", "counter"),
    ("events_total", "counter"),
    ("internal_errors_total", "counter"),
    ("store_up", "gauge"),
    ("store_persistent", "gauge"),
    ("store_events_saved_total", "counter"),
    ("store_events_lost_total", "counter"),
    ("store_events_waiting", "gauge"),
    ("store_errors_total", "counter"),
    ("store_size_bytes", "gauge"),
];

fn scrape(views: Vec<PortView>) -> String {
    let slot = |(index, view)| sample::slot(&format!("Ethernet{index}"), view);
    let ports = views.into_iter().enumerate().map(slot).collect();
    Exporter::new(sample::fleet(ports))
        .unwrap()
        .render()
        .unwrap()
}

/// The lines of a scrape that begin so, without `opticsd_`.
fn lines<'a>(scrape: &'a str, start: &str) -> Vec<&'a str> {
    let ours = scrape
        .lines()
        .filter_map(|line| line.strip_prefix("opticsd_"));
    ours.filter(|line| line.starts_with(start)).collect()
}

#[test]
fn the_families_are_the_promised_ones_and_each_has_a_series() {
    let promised: BTreeMap<String, String> = PROMISED
        .iter()
        .map(|(name, kind)| (format!("opticsd_{name}"), (*kind).to_owned()))
        .collect();
    let listed: BTreeSet<&str> = families().map(|spec| spec.name).collect();
    assert_eq!(listed, promised.keys().map(String::as_str).collect());

    let text = scrape(vec![sample::counted()]);
    let exported: BTreeMap<String, String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE opticsd_"))
        .map(|line| {
            let (name, kind) = line.split_once(' ').unwrap();
            (format!("opticsd_{name}"), kind.to_owned())
        })
        .collect();
    assert_eq!(exported, promised);
    assert!(text.contains("\nprocess_resident_memory_bytes "));
}

#[test]
fn what_is_absent_has_no_series() {
    let mut empty = sample::view();
    empty.presence = Presence::Empty;
    let text = scrape(vec![
        sample::view(),
        empty,
        sample::active(sample::nothing()),
    ]);
    for of_module in [
        "lane_",
        "module_temperature",
        "pre_fec",
        "module_state",
        "module_supply",
    ] {
        assert_eq!(lines(&text, of_module), Vec::<&str>::new());
    }
    assert_eq!(
        lines(&text, "module_present"),
        [
            r#"module_present{port="Ethernet1"} 0"#,
            r#"module_present{port="Ethernet2"} 1"#
        ]
    );
    assert_eq!(
        lines(&text, "module_up"),
        [r#"module_up{port="Ethernet2"} 1"#]
    );
    assert_eq!(lines(&text, "module_last_read").len(), 1);
    assert!(!text.contains("NaN"));
}

#[test]
fn a_module_that_fails_is_present_but_not_up() {
    let mut failing = sample::active(sample::module("S1"));
    failing.presence = Presence::Failing;
    failing.trouble = Some("no answer".to_owned());
    let text = scrape(vec![failing]);
    assert_eq!(
        lines(&text, "module_present"),
        [r#"module_present{port="Ethernet0"} 1"#]
    );
    assert_eq!(
        lines(&text, "module_up"),
        [r#"module_up{port="Ethernet0"} 0"#]
    );
}

#[test]
fn values_are_si_and_small_ratios_are_exact() {
    let text = scrape(vec![sample::active(sample::module("S1"))]);
    assert!(text.contains("opticsd_lane_rx_power_watts{port=\"Ethernet0\",lane=\"1\"} 0.00095\n"));
    assert!(text.contains("opticsd_bus_busy_seconds_total{bus=\"i2c-34\"} 0\n"));
    let ratios = lines(&text, "pre_fec_bit_error_ratio");
    let labels = |side, lane| {
        format!(
            r#"pre_fec_bit_error_ratio{{port="Ethernet0",side="{side}",lane="{lane}",statistic="current",source="module"}}"#
        )
    };
    assert_eq!(
        ratios,
        [
            // No error in 850 Gbit: below three by so many.
            format!("{} {}", labels("host", ""), -(1.0 - 0.95_f64).ln() / 850e9),
            format!("{} 0.0000000495", labels("media", "1")),
            format!("{} 0.0000000025", labels("media", "5")),
        ]
    );
}

#[test]
fn a_linear_module_has_no_error_ratio() {
    let class = Classification {
        class: Class::Lpo,
        retiming: Retiming::None,
        ..sample::classification()
    };
    let lpo = sample::active_of(sample::module("S1"), class);
    let text = scrape(vec![lpo]);
    assert_eq!(lines(&text, "pre_fec"), Vec::<&str>::new());
    assert_eq!(lines(&text, "post_fec"), Vec::<&str>::new());
}

#[test]
fn coherent_counters_fill_in_for_vdm() {
    let mut module = sample::rare("S1");
    let average = r#"statistic="average",source="module"}"#;
    let of = |module| {
        let text = scrape(vec![sample::active(module)]);
        let lines = lines(&text, "pre_fec_bit_error_ratio");
        let averages = lines.iter().filter_map(|line| line.split_once(average));
        averages
            .map(|(_, value)| value.trim().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(of(module.clone()), ["0.000001", "0.000002"]);
    let mut vdm = module.vdm[0].clone();
    (vdm.observable, vdm.statistic) = (13, crate::module::Statistic::Average);
    module.vdm.push(vdm);
    assert_eq!(of(module), ["0.0000000495"]);
}

#[test]
fn no_series_comes_twice() {
    let mut view = sample::active(sample::rare("S1"));
    view.findings.push(sample::finding());
    let text = scrape(vec![view]);
    let names: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.rsplit_once(' ').unwrap().0)
        .collect();
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(names.len(), distinct.len());
}

#[test]
fn state_sets_have_one_member_at_one() {
    let text = scrape(vec![sample::active(sample::module("S1"))]);
    let states = lines(&text, "module_state");
    assert_eq!(states.len(), 5);
    let at_one: Vec<&&str> = states.iter().filter(|line| line.ends_with(" 1")).collect();
    assert_eq!(
        at_one,
        [&r#"module_state{port="Ethernet0",state="ready"} 1"#]
    );
    assert_eq!(lines(&text, "verdict").len(), 4);
}

#[test]
fn hostile_names_stay_inside_their_label() {
    let mut module = sample::module(sample::HOSTILE);
    module.identity.vendor = crate::module::Reading::Value(sample::HOSTILE.to_owned());
    let text = scrape(vec![sample::active(module)]);
    let found = lines(&text, "module_info");
    assert_eq!(found.len(), 1);
    assert!(
        found[0].contains(r#"vendor="<script>alert(\"1\")</script>\\\n"#),
        "{}",
        found[0]
    );
}

#[test]
fn promtool_has_nothing_to_say() {
    let hostile = sample::active(sample::module(sample::HOSTILE));
    let text = scrape(vec![
        sample::view(),
        hostile,
        sample::active(sample::rare("S2")),
    ]);
    let promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut promtool) = promtool else {
        assert!(
            std::env::var_os("OPTICSD_REQUIRE_TOOLS").is_none(),
            "promtool is required but not installed"
        );
        eprintln!("skipped: promtool is not installed");
        return;
    };
    promtool
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let outcome = promtool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&[outcome.stdout, outcome.stderr].concat()).into_owned();
    assert!(outcome.status.success() && said.is_empty(), "{said}");
}
