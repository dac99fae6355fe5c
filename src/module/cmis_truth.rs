//! Snapshots of real modules against values from independent decoders, where
//! the images and the expectations are at hand (`../shared`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::assemble::{Registers, snapshot};
use super::{Levels, Reading, Snapshot};
use crate::bus::address::{Bank, Half};
use crate::bus::image::Image;

/// How many fields of the real modules there are to compare, at least.
const LEAST_FIELDS: usize = 2000;

fn shared(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared")
        .join(path)
}

fn image(text: &str) -> Image {
    let mut image = Image::new();
    let mut half = Half::LOWER;
    let mut next = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let ["page", page, bank @ ..] = words.as_slice() {
            let number = bank.last().map_or(0, |bank| bank.parse().unwrap());
            half = match *page {
                "lower" => Half::LOWER,
                page => Half::page(u8::from_str_radix(page, 16).unwrap())
                    .in_bank(Bank::new(number).unwrap()),
            };
            next = half.base();
        } else {
            let bytes: Vec<u8> = words
                .iter()
                .map(|word| u8::from_str_radix(word, 16).unwrap())
                .collect();
            image.sheet_mut(half).put(next, &bytes);
            next = next.wrapping_add(16);
        }
    }
    image
}

fn snapshot_of(image: Image) -> Snapshot {
    snapshot(Registers {
        image: Arc::new(image),
        failures: Vec::new(),
        started: Duration::ZERO,
        finished: Duration::ZERO,
    })
}

/// What a snapshot says, by the paths of the expectations.
#[derive(Default)]
struct Said(BTreeMap<String, Value>);

impl Said {
    fn put<T: Into<Value>>(&mut self, path: impl Into<String>, reading: Reading<T>) {
        if let Reading::Value(value) = reading {
            self.0.insert(path.into(), value.into());
        }
    }

    fn levels<T: Copy, V: Into<Value> + Copy>(
        &mut self,
        path: &str,
        levels: Reading<Levels<T>>,
        open: impl Fn(T) -> V,
    ) {
        if let Reading::Value(levels) = levels {
            for (name, value) in levels.map(open).named() {
                self.put(format!("{path}{name}"), Reading::Value(value));
            }
        }
    }

    fn of(s: &Snapshot) -> Self {
        let mut said = Self::default();
        said.module(s);
        said.applications(s);
        said.monitors(s);
        for lane in &s.lanes {
            said.lane(lane);
        }
        said
    }

    fn module(&mut self, s: &Snapshot) {
        let id = s.identity.clone();
        self.put("management", Reading::Value(s.management.name()));
        self.put("identity/identifier", Reading::Value(id.identifier));
        self.put("identity/revision", id.revision);
        self.put("identity/flat_memory", Reading::Value(id.flat_memory));
        self.put("identity/vendor", id.vendor);
        let oui = id.oui.map(|oui| oui.map(|b| format!("{b:02x}")).join(":"));
        self.put("identity/oui", oui);
        self.put("identity/part_number", id.part_number);
        self.put("identity/revision_number", id.revision_number);
        self.put("identity/serial", id.serial);
        self.put("identity/date_code", id.date_code);
        self.put("identity/connector", id.connector);
        self.put("identity/media_technology", id.media_technology);
        let state = s
            .state
            .map(|s| s.name().map_or_else(|c| json!(c), |n| json!(n)));
        self.put("module_state", state);
        self.put("media_type", s.media_type);
        self.put("power/class", s.power.class);
        self.put("power/max_w", s.power.max.map(|w| w.watts()));
        self.put("cable/length_m", s.cable_length.map(|m| m.meters()));
        self.put("fiber/smf_m", s.fiber.smf.map(|m| m.meters()));
        self.put("fiber/om3_m", s.fiber.om3.map(|m| m.meters()));
        self.put("wavelength_m", s.wavelength.map(|m| m.meters()));
        self.put("firmware/active", s.firmware.active.clone());
        self.put("firmware/inactive", s.firmware.inactive.clone());
        self.put("hardware_revision", s.firmware.hardware.clone());
        self.put("banks", Reading::Value(s.banks));
        self.put("lane_count/host", Reading::Value(s.lane_count.host));
        self.put("lane_count/media", Reading::Value(s.lane_count.media));
        for checksum in &s.checksums {
            let path = format!("checksum/{}", checksum.name);
            self.put(path, Reading::Value(checksum.good));
        }
    }

    fn applications(&mut self, s: &Snapshot) {
        self.put("applications/count", Reading::Value(s.applications.len()));
        for app in &s.applications {
            let path = |name| format!("applications/{}/{name}", app.number);
            self.put(path("host_code"), Reading::Value(app.host_code));
            self.put(path("media_code"), Reading::Value(app.media_code));
            self.put(path("host_lanes"), Reading::Value(app.host_lanes));
            self.put(path("media_lanes"), Reading::Value(app.media_lanes));
            self.put(path("host_starts"), Reading::Value(app.host_starts));
            self.put(path("media_starts"), app.media_starts);
        }
    }

    fn monitors(&mut self, s: &Snapshot) {
        let m = &s.monitors;
        self.put("monitors/temperature_c", m.temperature.map(|t| t.celsius()));
        self.put("monitors/vcc_v", m.supply.map(|v| v.volts()));
        let laser = m.laser_temperature.map(|t| t.celsius());
        self.put("monitors/laser_temperature_c", laser);
        let tec = m.tec_current.map(|r| 100.0 * r.ratio());
        self.put("monitors/tec_current_percent", tec);
        for (name, word) in &m.vendor {
            self.put(format!("monitors/{name}"), Reading::Value(*word));
        }
        let t = s.thresholds;
        self.levels("thresholds/temperature_c/", t.temperature, |v| v.celsius());
        self.levels("thresholds/vcc_v/", t.supply, |v| v.volts());
        self.levels("thresholds/tx_power_w/", t.tx_power, |v| v.watts());
        self.levels("thresholds/tx_bias_a/", t.tx_bias, |v| v.amperes());
        self.levels("thresholds/rx_power_w/", t.rx_power, |v| v.watts());
        self.levels("flags/temperature_", s.flags.temperature, |v| v);
        self.levels("flags/vcc_", s.flags.supply, |v| v);
    }

    fn lane(&mut self, lane: &super::LaneReadings) {
        let at = |name: &str| format!("lanes/{}/{name}", lane.lane);
        let state = lane
            .data_path_state
            .map(|s| s.name().map_or_else(|c| json!(c), |n| json!(n)));
        self.put(at("datapath_state"), state);
        self.put(at("active_application"), lane.active_application);
        self.put(at("tx_power_w"), lane.tx_power.map(|w| w.watts()));
        self.put(at("tx_bias_a"), lane.tx_bias.map(|a| a.amperes()));
        self.put(at("rx_power_w"), lane.rx_power.map(|w| w.watts()));
        for (name, flag) in lane.signals.named() {
            self.put(at(name), flag);
        }
        self.levels(&at("tx_power_"), lane.tx_power_flags, |v| v);
        self.levels(&at("tx_bias_"), lane.tx_bias_flags, |v| v);
        self.levels(&at("rx_power_"), lane.rx_power_flags, |v| v);
    }

    /// Whether anything is said at a path, in which `*` stands for any one part.
    fn speaks_of(&self, path: &str) -> bool {
        let wanted: Vec<&str> = path.split('/').collect();
        self.0.keys().any(|key| {
            let parts: Vec<&str> = key.split('/').collect();
            parts.len() == wanted.len()
                && parts.iter().zip(&wanted).all(|(p, w)| p == w || *w == "*")
        })
    }
}

fn fits(expected: &Value, got: &Value) -> bool {
    let wanted = &expected["value"];
    let named = expected["name"].as_str().filter(|name| *name != "reserved");
    if let (Some(name), Some(word)) = (named, got.as_str()) {
        return name == word;
    }
    match (wanted.as_f64(), got.as_f64()) {
        (Some(wanted), Some(got)) => {
            let lsb = expected["lsb"].as_f64().unwrap_or(0.0);
            // Half a step: a right decoder is not off by one.
            (wanted - got).abs() <= 0.5 * lsb + 1e-9 * wanted.abs()
        }
        _ => wanted == got,
    }
}

#[test]
fn snapshots_say_what_independent_decoders_say() {
    let Ok(text) = std::fs::read_to_string(shared("oracle/expected.json")) else {
        eprintln!("skipped: no expectations in {}", shared("oracle").display());
        return;
    };
    let expectations: Value = serde_json::from_str(&text).unwrap();
    let elsewhere = ["vdm", "snr", "laser", "coherent"];
    let mut compared = 0;
    let mut wrong = Vec::new();
    for (name, expected) in expectations["images"].as_object().unwrap() {
        if expected["fields"]["management"]["value"] != "cmis" {
            continue;
        }
        let path = shared("images").join(format!("{name}.img"));
        let Ok(text) = std::fs::read_to_string(&path) else {
            eprintln!("skipped: no {}", path.display());
            continue;
        };
        let snapshot = snapshot_of(image(&text));
        let said = Said::of(&snapshot);
        for (path, entry) in expected["fields"].as_object().unwrap() {
            if elsewhere.iter().any(|part| path.starts_with(part)) {
                continue;
            }
            let got = said.0.get(path);
            let good = match entry["need"].as_str().unwrap() {
                "must" => got.is_some_and(|got| fits(entry, got)),
                "may" => got.is_none_or(|got| fits(entry, got)),
                "absent" => !said.speaks_of(path),
                _ => continue,
            };
            compared += 1;
            if !good {
                wrong.push(format!("{name}: {path}: got {got:?}, expected {entry}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    if shared("images").exists() {
        assert!(compared >= LEAST_FIELDS, "only {compared} fields");
    }
}
