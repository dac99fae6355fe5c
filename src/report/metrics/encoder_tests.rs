//! The lines of this folder against the encoder of the `prometheus` crate: what is
//! written here is read back, sorted and encoded by the crate, and has to be the
//! same to the last byte.

use prometheus::core::{Collector, Desc};
use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};
use prometheus::{Registry, TextEncoder};

use super::family::{Family, Spec};
use super::{collect, families};
use crate::names::Lane;
use crate::report::{PortView, sample};

/// Families as the crate knows them.
struct Read(Vec<MetricFamily>);

impl Collector for Read {
    fn desc(&self) -> Vec<&Desc> {
        Vec::new()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.0.clone()
    }
}

/// The families as this folder writes them, in the order of their names.
fn ours(mut families: Vec<Family>) -> String {
    families.retain(|family| !family.is_empty());
    families.sort_by_key(Family::name);
    let mut text = String::new();
    for family in families {
        let (before, size) = (text.len(), family.size());
        family.write(&mut text);
        assert!(text.len() - before <= size + 8, "{}", family.name());
    }
    text
}

/// The same by the crate.
fn theirs(text: &str) -> String {
    let read = Read(families().filter_map(|spec| read(spec, text)).collect());
    let registry = Registry::new();
    registry.register(Box::new(read)).unwrap();
    TextEncoder::new()
        .encode_to_string(&registry.gather())
        .unwrap()
}

/// One family of a text, its lines in reverse, so that sorting has to be done.
fn read(spec: &Spec, text: &str) -> Option<MetricFamily> {
    let of_family = |line: &&str| {
        let rest = line.strip_prefix(spec.name);
        rest.is_some_and(|rest| rest.starts_with(['{', ' ']))
    };
    let lines = text.lines().filter(of_family).rev();
    let metrics: Vec<_> = lines.map(|line| metric(spec, line)).collect();
    let mut family = MetricFamily::default();
    family.set_name(spec.name.to_owned());
    family.set_help(spec.help.to_owned());
    family.set_field_type(if spec.counter {
        MetricType::COUNTER
    } else {
        MetricType::GAUGE
    });
    let some = !metrics.is_empty();
    family.set_metric(metrics);
    some.then_some(family)
}

fn metric(spec: &Spec, line: &str) -> Metric {
    let (labels, value) = line.rsplit_once(' ').unwrap();
    let value: f64 = value.parse().unwrap();
    let mut metric = Metric::from_label(labels_of(&labels[spec.name.len()..]));
    if spec.counter {
        let mut counter = Counter::default();
        counter.set_value(value);
        metric.set_counter(counter);
    } else {
        let mut gauge = Gauge::default();
        gauge.set_value(value);
        metric.set_gauge(gauge);
    }
    metric
}

/// The pairs between braces, unescaped.
fn labels_of(text: &str) -> Vec<LabelPair> {
    let inside = text.strip_prefix('{').and_then(|t| t.strip_suffix('}'));
    let mut rest = inside.unwrap_or_default();
    let mut pairs = Vec::new();
    while let Some((name, after)) = rest.split_once("=\"") {
        let mut value = String::new();
        let mut chars = after.char_indices();
        let end = loop {
            match chars.next().unwrap() {
                (at, '"') => break at,
                (_, '\\') => value.push(match chars.next().unwrap().1 {
                    'n' => '\n',
                    other => other,
                }),
                (_, other) => value.push(other),
            }
        };
        let mut pair = LabelPair::default();
        pair.set_name(name.trim_start_matches(',').to_owned());
        pair.set_value(value);
        pairs.push(pair);
        rest = &after[end + 1..];
    }
    pairs
}

fn holds(views: Vec<PortView>) -> String {
    let slot = |(index, view)| sample::slot(&format!("Ethernet{index}"), view);
    let slots = views.into_iter().enumerate().map(slot).collect();
    let text = ours(collect(&sample::fleet(slots)));
    assert_eq!(text, theirs(&text));
    text
}

#[test]
fn the_crate_encodes_the_same() {
    let text = holds(vec![
        sample::view(),
        sample::counted(),
        sample::active(sample::module(sample::HOSTILE)),
        sample::active(sample::rare("S2")),
    ]);
    assert!(text.lines().count() > 300, "{} lines", text.lines().count());
}

#[test]
fn ports_and_lanes_are_sorted_as_the_crate_sorts_them() {
    // Ethernet10 comes before Ethernet2, and lane 10 before lane 2.
    let mut wide = sample::module("S1");
    let first = wide.lanes.first().cloned().unwrap();
    wide.lanes = (0..32)
        .map(|index| crate::module::LaneReadings {
            lane: Lane::from_index(index),
            ..first.clone()
        })
        .collect();
    let text = holds(vec![sample::active(wide); 12]);
    let place = |what: &str| {
        text.find(what)
            .unwrap_or_else(|| panic!("{what} is absent"))
    };
    assert!(place(r#"{port="Ethernet10",lane="10"}"#) < place(r#"{port="Ethernet10",lane="2"}"#));
    assert!(place(r#"{port="Ethernet10",lane="9"}"#) < place(r#"{port="Ethernet2",lane="1"}"#));
}

#[test]
fn labels_and_numbers_of_any_kind_are_written_as_the_crate_writes_them() {
    let [gauge, counter] = [false, true].map(|counter| {
        families()
            .find(|spec| spec.counter == counter)
            .expect("there are both")
    });
    let labels = [
        "",
        " ",
        "!",
        "a",
        "a b",
        "a\"b",
        "a\\",
        "\\n",
        "a\nb",
        "\n",
        "\"",
        "{a=\"b\"} 1",
        "\u{1}",
        "µ\u{2028}",
        "ff",
    ];
    let values = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.1,
        1e21,
        1e-9,
        1.5e300,
        5e-324,
        9_007_199_254_740_993.0,
        f64::NAN,
        f64::INFINITY,
    ];
    let filled = |spec: &'static Spec| {
        spec.filled(|series| {
            for (n, value) in values.into_iter().enumerate() {
                for label in labels {
                    series.add(&[("label", label), ("n", &n.to_string())], value);
                }
            }
        })
    };
    let text = ours(vec![filled(gauge), filled(counter)]);
    assert_eq!(text, theirs(&text));
    let finite = values.iter().filter(|value| value.is_finite()).count();
    assert_eq!(text.lines().count(), 2 * (2 + finite * labels.len()));
    let bare = ours(vec![gauge.filled(|series| series.add(&[], 2.5))]);
    assert_eq!(bare, theirs(&bare));
}
