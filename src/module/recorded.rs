//! Recorded modules for tests: register images, and what independent decoders
//! made of them. Both lie outside the project; tests skip where they are absent.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::assemble::Registers;
use super::{Levels, Reading, Snapshot};
use crate::bus::address::{Bank, Device, Half};
use crate::bus::image::Image;
use crate::cmis::page01::Advertisement;

/// What was decoded, by the path under which the expectations have it.
pub(super) type Decoded = BTreeMap<String, Value>;

/// Registers made of whole halves.
pub(super) fn registers_of(halves: &[(Half, [u8; 128])]) -> Registers {
    let mut image = Image::new();
    for (half, bytes) in halves {
        image.put(*half, *bytes);
    }
    Registers {
        image: Arc::new(image),
        failures: Vec::new(),
        started: Duration::ZERO,
        finished: Duration::ZERO,
    }
}

/// An advertisement of nothing but supported pages (01h:142) and banks.
pub(super) fn advertisement(pages: u8, banks: u8) -> Advertisement {
    Advertisement {
        pages,
        banks,
        ..Advertisement::default()
    }
}

fn shared(path: &str) -> Option<String> {
    let path = format!("{}/../shared/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path);
    if text.is_err() {
        eprintln!("skipped: {path} is not there");
    }
    text.ok()
}

/// The registers of a recorded module.
pub(super) fn registers(name: &str) -> Option<Registers> {
    let text = shared(&format!("images/{name}.img"))?;
    let mut halves: Vec<(Half, Vec<u8>)> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("page ") {
            Some(heading) => halves.push((half(heading), Vec::new())),
            None => halves.last_mut().unwrap().1.extend(
                line.split_whitespace()
                    .map(|byte| u8::from_str_radix(byte, 16).unwrap()),
            ),
        }
    }
    let whole = |(half, bytes): (Half, Vec<u8>)| (half, bytes.try_into().unwrap());
    Some(registers_of(
        &halves.into_iter().map(whole).collect::<Vec<_>>(),
    ))
}

/// The half that a heading such as `11 bank 1` or `lower addr a2` names.
fn half(heading: &str) -> Half {
    let mut words = heading.split_whitespace();
    let page = words.next().unwrap();
    let (mut device, mut bank) = (Device::A0, Bank::ZERO);
    while let (Some(key), Some(value)) = (words.next(), words.next()) {
        match key {
            "addr" => device = Device::A2,
            "bank" => bank = Bank::new(value.parse().unwrap()).unwrap(),
            other => panic!("heading says {other}"),
        }
    }
    match page {
        "lower" => Half::lower(device),
        page => Half::page_of(device, u8::from_str_radix(page, 16).unwrap()).in_bank(bank),
    }
}

/// What is expected of a recorded module, by path, of the given kinds.
pub(super) fn expected(name: &str, wanted: fn(&str) -> bool) -> Option<Decoded> {
    let document: Value = serde_json::from_str(&shared("oracle/expected.json")?).unwrap();
    let image = &document["images"][name];
    let fields = image["fields"].as_object().unwrap().clone();
    Some(
        fields
            .into_iter()
            .filter(|(path, _)| wanted(path))
            .collect(),
    )
}

/// Everything in which decoded values differ from the expected ones.
pub(super) fn differences(expected: &Decoded, decoded: &Decoded) -> Vec<String> {
    let mut out = Vec::new();
    for (path, entry) in expected {
        let got = decoded.get(path);
        let fits = match (entry["need"].as_str().unwrap(), got) {
            ("any", _) => true,
            ("absent", _) => !decoded.keys().any(|key| matches(path, key)),
            ("must", None) => false,
            ("may", None) => true,
            (_, Some(got)) => fits(entry, got),
            (other, None) => panic!("need {other}"),
        };
        if !fits {
            out.push(format!("{path}: expected {entry}, got {got:?}"));
        }
    }
    out
}

/// Whether a path fits a pattern with one `*` for a part of it.
fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        Some((head, tail)) => path.starts_with(head) && path.ends_with(tail),
        None => pattern == path,
    }
}

fn fits(entry: &Value, got: &Value) -> bool {
    let choices =
        std::iter::once(&entry["value"]).chain(entry["or"].as_array().into_iter().flatten());
    let step = entry["lsb"].as_f64().unwrap_or(0.0) * 1.000_001;
    choices
        .into_iter()
        .any(|want| match (want.as_f64(), got.as_f64()) {
            (Some(want), Some(got)) => (want - got).abs() <= step + want.abs() * 1e-9,
            _ => want == got,
        })
}

/// Decoded values under construction, by path.
struct Shown(Decoded);

impl Shown {
    fn put(&mut self, path: &str, value: impl Into<Value>) {
        self.0.insert(path.to_owned(), value.into());
    }

    fn reading<T>(&mut self, path: &str, reading: Reading<T>, open: impl FnOnce(T) -> Value) {
        if let Reading::Value(value) = reading {
            self.put(path, open(value));
        }
    }

    fn levels<T: Copy>(&mut self, path: &str, levels: Reading<Levels<T>>, open: fn(T) -> f64) {
        if let Reading::Value(levels) = levels {
            for (level, value) in levels.named() {
                self.put(&format!("{path}/{level}"), open(value));
            }
        }
    }

    fn flags(&mut self, path: &str, flags: Reading<Levels<bool>>) {
        if let Reading::Value(flags) = flags {
            for (level, value) in flags.named() {
                self.put(&format!("{path}_{level}"), value);
            }
        }
    }
}

/// A snapshot's values, by the path under which the expectations have them.
pub(super) fn shown(snapshot: &Snapshot) -> Decoded {
    let mut out = Shown(Decoded::new());
    out.put("management", snapshot.management.name().replace('-', ""));
    show_identity(snapshot, &mut out);
    let meters = |m: crate::units::Meters| json!(m.meters());
    out.reading("data_not_ready", snapshot.data_not_ready, Value::from);
    out.reading("power/class", snapshot.power.class, Value::from);
    out.reading("power/max_w", snapshot.power.max, |w| json!(w.watts()));
    out.reading("cable/length_m", snapshot.cable_length, meters);
    out.reading("fiber/smf_m", snapshot.fiber.smf, meters);
    out.reading("fiber/om2_m", snapshot.fiber.om2, meters);
    out.reading("fiber/om3_m", snapshot.fiber.om3, meters);
    out.reading("fiber/om4_m", snapshot.fiber.om4, meters);
    out.reading("wavelength_m", snapshot.wavelength, meters);
    for checksum in &snapshot.checksums {
        out.put(&format!("checksum/{}", checksum.name), checksum.good);
    }
    show_measured(snapshot, &mut out);
    out.0
}

fn show_identity(snapshot: &Snapshot, out: &mut Shown) {
    let identity = &snapshot.identity;
    let number = |text: &String| json!(text.parse::<u8>().unwrap());
    out.put("identity/identifier", identity.identifier);
    out.put("identity/flat_memory", identity.flat_memory);
    out.reading("identity/revision", identity.revision.as_ref(), number);
    for (path, text) in [
        ("vendor", &identity.vendor),
        ("part_number", &identity.part_number),
        ("revision_number", &identity.revision_number),
        ("serial", &identity.serial),
        ("date_code", &identity.date_code),
    ] {
        out.reading(&format!("identity/{path}"), text.as_ref(), |t| json!(t));
    }
    let colons = |[a, b, c]: [u8; 3]| json!(format!("{a:02x}:{b:02x}:{c:02x}"));
    out.reading("identity/oui", identity.oui, colons);
    for (path, code) in [
        ("connector", identity.connector),
        ("media_technology", identity.media_technology),
        ("extended_compliance", identity.extended_compliance),
    ] {
        out.reading(&format!("identity/{path}"), code, Value::from);
    }
}

fn show_measured(snapshot: &Snapshot, out: &mut Shown) {
    use crate::units::{Amperes, Celsius, Volts, Watts};
    let (monitors, thresholds) = (&snapshot.monitors, &snapshot.thresholds);
    out.reading("monitors/temperature_c", monitors.temperature, |c| {
        json!(c.celsius())
    });
    out.reading("monitors/vcc_v", monitors.supply, |v| json!(v.volts()));
    out.levels(
        "thresholds/temperature_c",
        thresholds.temperature,
        Celsius::celsius,
    );
    out.levels("thresholds/vcc_v", thresholds.supply, Volts::volts);
    out.levels("thresholds/rx_power_w", thresholds.rx_power, Watts::watts);
    out.levels("thresholds/tx_power_w", thresholds.tx_power, Watts::watts);
    out.levels("thresholds/tx_bias_a", thresholds.tx_bias, Amperes::amperes);
    out.flags("flags/temperature", snapshot.flags.temperature);
    out.flags("flags/vcc", snapshot.flags.supply);
    for lane in &snapshot.lanes {
        let path = |what: &str| format!("lanes/{}/{what}", lane.lane);
        out.reading(&path("tx_power_w"), lane.tx_power, |w| json!(w.watts()));
        out.reading(&path("rx_power_w"), lane.rx_power, |w| json!(w.watts()));
        out.reading(&path("tx_bias_a"), lane.tx_bias, |a| json!(a.amperes()));
        for (name, flag) in lane.signals.named() {
            out.reading(&path(name), flag, Value::from);
        }
        out.flags(&path("tx_power"), lane.tx_power_flags);
        out.flags(&path("tx_bias"), lane.tx_bias_flags);
        out.flags(&path("rx_power"), lane.rx_power_flags);
    }
}
