use serde_json::{Value, json};

use super::document;
use crate::module::{Absence, DataPathState, ModuleState, Reading};
use crate::report::sample;

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

fn sorted<const N: usize>(mut names: [&str; N]) -> Vec<&str> {
    names.sort_unstable();
    names.to_vec()
}

fn full() -> Value {
    serde_json::to_value(document(&sample::module("S1"), &sample::classification())).unwrap()
}

#[test]
fn a_module_has_the_promised_keys_and_no_others() {
    let document = full();
    let top = sorted([
        "management",
        "identity",
        "class",
        "module_state",
        "media_type",
        "media_type_name",
        "power",
        "cable",
        "fiber",
        "wavelength_meters",
        "firmware",
        "hardware_revision",
        "banks",
        "lane_count",
        "checksum",
        "applications",
        "monitors",
        "thresholds",
        "flags",
        "lanes",
        "snr",
        "vdm",
        "problems",
        "absent",
    ]);
    let unnamed = |names: Vec<&'static str>| -> Vec<&'static str> {
        names
            .into_iter()
            .filter(|name| !name.ends_with("_name"))
            .collect()
    };
    let found: Vec<&str> = keys(&document)
        .into_iter()
        .filter(|k| !k.ends_with("_name"))
        .collect();
    assert_eq!(found, unnamed(top));
    assert_eq!(keys(&document["power"]), sorted(["class", "max_watts"]));
    assert_eq!(
        keys(&document["class"]),
        sorted([
            "name",
            "form",
            "retiming",
            "confidence",
            "source",
            "evidence",
            "missing",
            "conflicts",
            "scores"
        ])
    );
    assert_eq!(
        keys(&document["class"]["evidence"][0]),
        sorted(["signal", "where", "value", "says", "weight"])
    );
    assert_eq!(
        keys(&document["thresholds"]["rx_power_watts"]),
        sorted(["high_alarm", "low_alarm", "high_warning", "low_warning"])
    );
    assert_eq!(
        keys(&document["vdm"][0]),
        sorted([
            "type",
            "name",
            "side",
            "statistic",
            "lane",
            "bank",
            "value",
            "unit",
            "raw",
            "thresholds",
            "flags"
        ])
    );
    assert_eq!(
        keys(&document["lanes"][7]),
        sorted([
            "lane",
            "bank",
            "data_path_state",
            "active_application",
            "tx_power_watts",
            "tx_bias_amperes",
            "rx_power_watts",
            "tx_fault",
            "tx_los",
            "tx_lol",
            "rx_los",
            "rx_lol",
            "data_path_changed",
            "tx_power_high_alarm",
            "tx_power_low_alarm",
            "tx_power_high_warning",
            "tx_power_low_warning",
            "rx_power_high_alarm",
            "rx_power_low_alarm",
            "rx_power_high_warning",
            "rx_power_low_warning",
            "absent",
        ])
    );
}

#[test]
fn values_are_si_and_words_are_the_promised_ones() {
    let document = full();
    let at = |pointer: &str| document.pointer(pointer).unwrap().clone();
    assert_eq!(at("/identity/oui"), "00:1b:c5");
    assert_eq!(at("/identity/revision"), "5.2");
    assert_eq!(at("/module_state"), "ready");
    assert_eq!(at("/checksum/page_02"), false);
    assert_eq!(at("/fiber/smf_meters"), 2000.0);
    assert_eq!(at("/wavelength_meters"), 1311e-9);
    assert_eq!(at("/monitors/tec_current_percent"), -12.5);
    assert_eq!(at("/monitors/aux1"), -7);
    assert_eq!(at("/flags/temperature_high_warning"), true);
    assert_eq!(at("/lanes/7/rx_power_low_warning"), true);
    assert_eq!(at("/lanes/0/data_path_state"), "activated");
    assert_eq!(at("/snr/media/2"), json!({"lane": 3, "value_db": 21.25}));
    assert_eq!(at("/vdm/0/type"), 15);
    assert_eq!(at("/vdm/0/flags"), 4);
    assert_eq!(at("/applications/1/app"), 2);
    assert!(document.pointer("/vdm/3/lane").is_none());
}

#[test]
fn what_is_missing_is_left_out_and_says_why() {
    let document = full();
    let absent = document.pointer("/monitors/absent").unwrap();
    assert_eq!(absent["laser_temperature_celsius"], "not ready");
    assert!(
        document
            .pointer("/monitors/laser_temperature_celsius")
            .is_none()
    );
    assert_eq!(
        document.pointer("/lanes/0/absent").unwrap(),
        &json!({"tx_adaptive_eq_fault": "read failed"})
    );
}

#[test]
fn an_unknown_module_still_makes_a_document() {
    let nothing = document(&sample::nothing(), &sample::classification());
    let document = serde_json::to_value(nothing).unwrap();
    assert_eq!(document["management"], "unknown");
    assert_eq!(document["lanes"], json!([]));
    assert_eq!(keys(&document["monitors"]), ["absent"]);
    assert!(document.get("module_state").is_none());
}

#[test]
fn reserved_codes_keep_their_number_and_odd_floats_are_absent() {
    let mut module = sample::module("S1");
    module.state = Reading::Value(ModuleState::Reserved(6));
    module.lanes[0].data_path_state = Reading::Value(DataPathState::Reserved(9));
    module.vdm[0].value = Reading::Value(f64::NAN);
    module.vdm[1].value = Reading::Absent(Absence::NotReady);
    let document = serde_json::to_value(document(&module, &sample::classification())).unwrap();
    assert_eq!(document["module_state"], 6);
    assert_eq!(document["lanes"][0]["data_path_state"], 9);
    assert!(document["vdm"][0].get("value").is_none());
    assert_eq!(document["vdm"][1]["absent"]["value"], "not ready");
}

#[test]
fn what_few_modules_have_has_its_promised_keys() {
    let rare = document(&sample::rare("S1"), &sample::classification());
    let document = serde_json::to_value(rare).unwrap();
    let laser = &document["laser"][0];
    assert_eq!(laser["lane"], 1);
    assert_eq!(laser["frequency_hertz"], 192.7999e12);
    assert_eq!(
        (&laser["channel"], &laser["grid_code"]),
        (&json!(-12), &json!(7))
    );
    assert_eq!(laser["target_power_dbm"], -10.0);
    assert_eq!(
        (&laser["tuning"], &laser["locked"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(laser["tuning_complete"], true);
    let coherent = &document["coherent"];
    assert_eq!(keys(coherent), sorted(["fec", "link", "more_lanes"]));
    assert_eq!(coherent["fec"]["pre_fec_ber"], 1e-6);
    assert!(coherent["fec"].get("pre_fec_ber_min").is_none());
    assert_eq!(
        coherent["link"]["dgd"],
        json!({"avg": 2e-12, "min": 1e-12, "max": 3e-12})
    );
    assert_eq!(coherent["more_lanes"][0]["lane"], 2);
    assert_eq!(coherent["more_lanes"][0]["fec"]["corrected_bits"], 2000);
    let lpo = &document["lpo"];
    assert_eq!(lpo["polarity"], json!({"tx": 3, "rx": 0}));
    assert_eq!(lpo["lanes"][0]["vma_volts"], 0.5);
    assert_eq!(lpo["lanes"][0]["oma_watts"], 5e-4);
    assert_eq!(lpo["lanes"][0]["vma_low_alarm"], true);
    let source = &document["laser_source"];
    assert_eq!(source["min_power_watts"], 0.01);
    assert_eq!(source["lanes"][0]["state"], 3);
    let absent = &source["lanes"][0]["absent"];
    assert_eq!(absent, &json!({"bias_set_point_amperes": "read failed"}));
    assert_eq!(document["latency"][0]["rx_seconds"], 120e-9);
    assert_eq!(
        document["latency"][0]["absent"]["tx_seconds"],
        "read failed"
    );
    assert_eq!(document["identity"]["function_type_name"], "transmission");
}
