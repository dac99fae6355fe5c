//! Recorded modules for tests: register images, and what independent decoders
//! made of them. Both lie outside the project; tests skip where they are absent.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::assemble::Registers;
use crate::bus::address::{Bank, Device, Half};
use crate::bus::image::Image;

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
    let text = shared(&format!("images/{name}Transceiver.img"))
        .or_else(|| shared(&format!("images/{name}.img")))?;
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
    let image = [format!("{name}Transceiver"), name.to_owned()]
        .into_iter()
        .find_map(|name| document["images"].get(name).cloned())?;
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
