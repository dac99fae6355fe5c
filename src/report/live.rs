//! What changed, for whoever keeps a view of all ports: a short form of each port,
//! and the ports whose short form is another than the one told before.

use std::time::SystemTime;

use serde::Serialize;

use super::headline::Headline;
use super::page::{bringup, mark::Mark};
use super::{Fleet, PortSlot, hint, moment};
use crate::health::verdict::Verdict;
use crate::module::Presence;
use crate::plan::Plan;

/// What is told at one moment.
// Opaque on purpose: its form is the JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Told {
    /// The time, in seconds since 1970.
    now_seconds: f64,
    /// When the oldest of the values was read, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_read_seconds: Option<f64>,
    /// How many ports there are of each kind.
    counts: Counts,
    /// The ports that changed; all of them the first time.
    ports: Vec<Row>,
}

/// How many ports there are of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Counts {
    /// All.
    ports: usize,
    /// With a module.
    modules: usize,
    /// With the verdict `ok`.
    ok: usize,
    /// With the verdict `degraded`.
    degraded: usize,
    /// With the verdict `bad`.
    bad: usize,
    /// With the verdict `unknown`.
    unknown: usize,
    /// That the plan wants to have a module at work.
    planned: usize,
    /// Of these, how many do.
    planned_ok: usize,
}

/// One port in its shortest form: SI units, absent what is not known.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "PortNews"))]
struct Row {
    /// Name of the port, as configured.
    port: String,
    /// The judgement: `ok`, `degraded`, `bad` or `unknown`.
    verdict: &'static str,
    /// `unread`, `empty`, `settling`, `active`, `failing` or `dormant`.
    presence: &'static str,
    /// How the page shows it: the verdict, or `empty`.
    mark: &'static str,
    /// One character that tells the same without colour.
    glyph: &'static str,
    /// The same as a word.
    word: &'static str,
    /// Whether it is as planned: `OK`, `NOT OK`, or `empty, may be`; left out without a plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    bringup: Option<&'static str>,
    /// Class of the module: `lpo`, `dsp` and so on.
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<&'static str>,
    /// Serial number of the module.
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<String>,
    /// Case temperature, in degrees Celsius.
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature_celsius: Option<f64>,
    /// The worst lane for received light: dark, or nearest to a warning threshold.
    #[serde(skip_serializing_if = "Option::is_none")]
    rx_lane: Option<u16>,
    /// How much it receives, in watts.
    #[serde(skip_serializing_if = "Option::is_none")]
    rx_power_watts: Option<f64>,
    /// How far that is from the nearer warning threshold, in decibels; negative beyond it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rx_margin_db: Option<f64>,
    /// The bit error ratio before correction that is nearest to its limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pre_fec_ber: Option<f64>,
    /// Whether no error was seen, so that the ratio is below that with 95 %.
    pre_fec_ber_is_bound: bool,
    /// How many decades it is below its limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    ber_margin_decades: Option<f64>,
    /// How fast it rises, in decades a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    ber_decades_per_day: Option<f64>,
    /// Modules seen to come since the daemon started.
    insertions: u64,
    /// How many findings there are.
    findings: usize,
    /// The gravest thing to know, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What to look at, in words, where it is not as planned.
    hints: Vec<String>,
    /// When a sweep last worked, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_read_seconds: Option<f64>,
}

/// What one listener was told, so that it is told changes only.
#[derive(Debug, Default)]
pub struct Listener {
    counts: Option<Counts>,
    rows: Vec<Row>,
}

/// What a listener has to hear.
#[derive(Debug, PartialEq)]
pub enum News {
    /// Some ports changed; all of them the first time.
    Ports(Box<Told>),
    /// The ports are others than before: their list is to be fetched anew.
    Others,
}

impl Listener {
    /// What changed since the last call; `None` if nothing did. `now` is the wall
    /// time.
    pub fn hear(&mut self, fleet: &Fleet, plan: Option<&Plan>, now: SystemTime) -> Option<News> {
        let slots = fleet.ports.load();
        let rows: Vec<Row> = slots.iter().map(|slot| row(fleet, plan, slot)).collect();
        let same_ports = rows.len() == self.rows.len()
            && rows
                .iter()
                .zip(&self.rows)
                .all(|(new, old)| new.port == old.port);
        if self.counts.is_some() && !same_ports {
            *self = Self::default();
            return Some(News::Others);
        }
        let counts = count(&rows);
        let changed: Vec<Row> = if self.counts.is_none() {
            rows.clone()
        } else {
            let both = rows.iter().zip(&self.rows);
            both.filter(|(new, old)| new != old)
                .map(|(new, _)| new.clone())
                .collect()
        };
        if changed.is_empty() && self.counts == Some(counts) {
            return None;
        }
        self.counts = Some(counts);
        self.rows = rows;
        let at_work = slots.iter().filter_map(|slot| {
            let view = slot.view.load();
            view.snapshot.as_ref().and(view.last_read)
        });
        Some(News::Ports(Box::new(Told {
            now_seconds: moment::unix_seconds(now),
            oldest_read_seconds: at_work.min().map(moment::unix_seconds),
            counts,
            ports: changed,
        })))
    }
}

fn count(rows: &[Row]) -> Counts {
    let of = |verdict: Verdict| {
        rows.iter()
            .filter(|row| row.verdict == verdict.name())
            .count()
    };
    let is_module = |row: &&Row| {
        ![Presence::Unread, Presence::Empty]
            .map(Presence::name)
            .contains(&row.presence)
    };
    let bringup = |state: bringup::State| {
        rows.iter()
            .filter(|row| row.bringup == Some(state.in_words()))
            .count()
    };
    let planned_ok = bringup(bringup::State::Ok);
    Counts {
        ports: rows.len(),
        modules: rows.iter().filter(is_module).count(),
        ok: of(Verdict::Ok),
        degraded: of(Verdict::Degraded),
        bad: of(Verdict::Bad),
        unknown: of(Verdict::Unknown),
        planned: planned_ok + bringup(bringup::State::NotOk),
        planned_ok,
    }
}

fn row(fleet: &Fleet, plan: Option<&Plan>, slot: &PortSlot) -> Row {
    let view = slot.view.load_full();
    let mark = Mark::of(&view);
    let headline = Headline::of(&view);
    let findings = fleet.findings_of(&slot.name, &view);
    let (verdict, presence) = (view.judgement.verdict, view.presence);
    let assignment = plan.and_then(|plan| plan.assignment(&slot.name));
    let bringup = assignment.map(|a| bringup::State::of(verdict, presence, a.required));
    let serial = view
        .snapshot
        .as_deref()
        .map(|module| &module.identity.serial);
    Row {
        port: slot.name.to_string(),
        verdict: verdict.name(),
        presence: presence.name(),
        mark: mark.class,
        glyph: mark.glyph,
        word: mark.word,
        bringup: bringup.map(bringup::State::in_words),
        class: view.class.as_ref().map(|class| class.class.name()),
        serial: serial.and_then(|serial| serial.as_ref().value().cloned()),
        temperature_celsius: headline.temperature.map(|t| t.celsius()),
        rx_lane: headline.light.map(|light| light.lane.number()),
        rx_power_watts: headline.light.map(|light| light.power.watts()),
        rx_margin_db: headline.light.and_then(|light| light.margin),
        pre_fec_ber: headline.ber.map(|ber| ber.estimate.number()),
        pre_fec_ber_is_bound: headline.ber.is_some_and(|ber| ber.estimate.is_bound()),
        ber_margin_decades: headline.ber.map(|ber| ber.margin),
        ber_decades_per_day: headline.growth,
        insertions: headline.insertions,
        findings: findings.len(),
        reason: view.gravest(),
        hints: match bringup {
            Some(bringup::State::NotOk) => hint::hints(&view, &findings),
            _ => Vec::new(),
        },
        last_read_seconds: view.last_read.map(moment::unix_seconds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use std::sync::Arc;
    use std::time::Duration;

    fn hear(listener: &mut Listener, fleet: &Fleet) -> Option<serde_json::Value> {
        match listener.hear(fleet, None, sample::now())? {
            News::Ports(told) => Some(serde_json::to_value(*told).unwrap()),
            News::Others => Some("others".into()),
        }
    }

    #[test]
    fn all_is_told_once_and_then_what_changed() {
        let module = sample::slot("Ethernet0", sample::active(sample::module(sample::HOSTILE)));
        let empty = sample::slot("Ethernet1", sample::view());
        let fleet = sample::fleet(vec![Arc::clone(&module), empty]);
        let mut listener = Listener::default();
        let first = hear(&mut listener, &fleet).unwrap();
        assert_eq!(first["ports"].as_array().unwrap().len(), 2);
        assert_eq!(first["counts"]["bad"], 1);
        assert_eq!(first["counts"]["modules"], 1);
        let told = &first["ports"][0];
        assert_eq!(
            (&told["verdict"], &told["glyph"]),
            (&"bad".into(), &"≠".into())
        );
        assert_eq!(told["serial"], sample::HOSTILE);
        assert_eq!(told["temperature_celsius"], 46.5);
        assert_eq!(told["rx_lane"], 8);
        // What is not known is not there, least of all as zero.
        let nothing = first["ports"][1].as_object().unwrap();
        for absent in [
            "temperature_celsius",
            "rx_power_watts",
            "pre_fec_ber",
            "last_read_seconds",
        ] {
            assert!(!nothing.contains_key(absent), "{absent}");
        }

        assert_eq!(hear(&mut listener, &fleet), None);
        let mut view = sample::active(sample::module("S1"));
        view.last_read = Some(sample::now() + Duration::from_secs(1));
        module.view.store(Arc::new(view));
        let second = hear(&mut listener, &fleet).unwrap();
        assert_eq!(second["ports"].as_array().unwrap().len(), 1);
        assert_eq!(second["ports"][0]["serial"], "S1");
        assert_eq!(hear(&mut listener, &fleet), None);
    }

    #[test]
    fn other_ports_are_told_as_such_and_then_in_full() {
        let fleet = sample::fleet(vec![sample::slot("Ethernet0", sample::view())]);
        let mut listener = Listener::default();
        assert!(hear(&mut listener, &fleet).is_some());
        let other = sample::slot("Ethernet9", sample::view());
        fleet.ports.store(Arc::new(vec![other]));
        assert_eq!(hear(&mut listener, &fleet).unwrap(), "others");
        let anew = hear(&mut listener, &fleet).unwrap();
        assert_eq!(anew["ports"][0]["port"], "Ethernet9");
    }
}
