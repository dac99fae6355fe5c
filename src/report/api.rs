//! The published view as JSON for other programs: all ports in short, one port
//! in full.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::document::{Document, document};
use super::health_json::{Health, health};
use super::moment;
use super::summary::{Finding, PortSummary, age_seconds, findings, summary};
use super::{BusStats, Fleet, PortSlot, PortView, planned};

/// One port in full, `/api/v1/ports/NAME`: the module's [`Document`] with what
/// is known of the port beside it.
// Opaque on purpose: its form is the JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PortDocument {
    /// Name of the port, as configured.
    port: String,
    /// The root adapter that leads to the cage.
    bus: String,
    /// `unread`, `empty`, `settling`, `active`, `failing` or `dormant`.
    presence: &'static str,
    /// The judgement: `ok`, `degraded`, `bad` or `unknown`.
    verdict: &'static str,
    /// Why the verdict is what it is, in words.
    reasons: Vec<String>,
    /// Where the port differs from its plan.
    findings: Vec<Finding>,
    /// What the plan says of the port.
    #[serde(skip_serializing_if = "Option::is_none")]
    planned: Option<Planned>,
    /// When a sweep last worked, UTC (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    last_read: Option<String>,
    /// How old the values are, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    age_seconds: Option<f64>,
    /// Why the last sweep failed, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<String>,
    /// Error ratios, margins, trends and flags.
    health: Health,
    #[serde(flatten)]
    module: Option<Document>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Planned {
    /// What the port is used for: `scale-up`, `scale-out` or `scale-across`.
    role: &'static str,
    /// The plane of the fabric, where it has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    plane: Option<String>,
    /// The far end, `host:port`.
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<String>,
    /// What the plan asks of the module, one by one.
    wants: Vec<Want>,
}

/// One thing that the plan asks of the module.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Want {
    /// What it is about: `class`, `application`, `host_lanes`, `lane_rate`, `power`, `reach`, `form_factor`, `media`, `vendor`, `part_number`, `firmware` or `peer_class`.
    what: &'static str,
    /// What is asked, in words.
    planned: String,
    /// Left out where the module does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<String>,
    /// Whether a finding says that it is not as planned.
    differs: bool,
}

/// All ports in short, in configured order. `now` is what ages count to.
pub fn ports(fleet: &Fleet, now: SystemTime) -> Vec<PortSummary> {
    let slots = fleet.ports.load();
    slots.iter().map(|slot| summary(fleet, slot, now)).collect()
}

/// A root adapter, an element of `/api/v1/buses`. Counts are since the daemon
/// started.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BusDocument {
    /// Its name.
    pub bus: String,
    /// Seconds spent in transactions.
    pub busy_seconds: f64,
    /// Transactions.
    pub transactions: u64,
    /// Payload bytes in both directions.
    pub bytes: u64,
    /// Failed transactions.
    pub errors: u64,
    /// Sweeps that began so late that one was left out before them.
    pub overruns: u64,
    /// For how long sweeps were under way in the last round over all ports, in
    /// seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_round_seconds: Option<f64>,
}

/// All root adapters.
pub fn buses(fleet: &Fleet) -> Vec<BusDocument> {
    let buses = fleet.buses.load();
    let one = |bus: &Arc<BusStats>| BusDocument {
        bus: bus.name.to_string(),
        busy_seconds: bus.meter.busy().as_secs_f64(),
        transactions: bus.meter.reads.load(Ordering::Relaxed)
            + bus.meter.writes.load(Ordering::Relaxed),
        bytes: bus.meter.bytes.load(Ordering::Relaxed),
        errors: bus.meter.errors().values().sum(),
        overruns: bus.overruns.load(Ordering::Relaxed),
        last_round_seconds: bus.last_round.load().map(|round| round.as_secs_f64()),
    };
    buses.iter().map(one).collect()
}

/// One port of the fleet in full. `now` is what the age counts to.
pub fn port(fleet: &Fleet, slot: &PortSlot, now: SystemTime) -> PortDocument {
    let view = slot.view.load();
    let module = view.snapshot.as_deref().zip(view.class.as_deref());
    PortDocument {
        port: slot.name.to_string(),
        bus: slot.bus.to_string(),
        presence: view.presence.name(),
        verdict: view.judgement.verdict.name(),
        reasons: view.judgement.reasons.clone(),
        findings: findings(fleet, slot, &view),
        planned: view.planned.as_ref().map(|planned| Planned {
            role: planned.role,
            plane: planned.plane.clone(),
            peer: planned.peer.clone(),
            wants: wants(fleet, slot, &view),
        }),
        last_read: view.last_read.map(moment::utc),
        age_seconds: age_seconds(&view, now),
        trouble: view.trouble.clone(),
        health: health(&view.health, &view.flags),
        module: module.map(|(snapshot, class)| document(snapshot, class)),
    }
}

fn wants(fleet: &Fleet, slot: &PortSlot, view: &PortView) -> Vec<Want> {
    let one = |row: planned::Beside<'_>| Want {
        what: row.what.name(),
        planned: row.planned.to_owned(),
        found: row.found,
        differs: row.differs,
    };
    let findings = fleet.findings_of(&slot.name, view);
    let rows = planned::beside(view, &findings);
    rows.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::sample;

    #[test]
    fn the_list_has_one_element_for_each_port() {
        let ports = vec![
            sample::slot("Ethernet0", sample::active(sample::module("S1"))),
            sample::slot("Ethernet1", sample::view()),
        ];
        let list =
            serde_json::to_value(super::ports(&sample::fleet(ports), sample::now())).unwrap();
        assert_eq!(list[0]["role"], "scale-out");
        assert_eq!(list[0]["plane"], "2");
        assert_eq!(list[0]["class"], "dsp");
        assert_eq!(list[0]["vendor"], "ACME OPTICS");
        assert_eq!(list[0]["findings"][0]["rule"], "class-denied");
        assert_eq!(list[0]["age_seconds"], 2.0);
        assert_eq!(
            list[1],
            json!({"port": "Ethernet1", "bus": "i2c-34", "presence": "unread", "reasons": [],
                   "verdict": "unknown", "findings": []})
        );
    }

    #[test]
    fn a_bus_is_told_by_what_was_counted_of_it() {
        let fleet = sample::fleet(vec![]);
        let known = fleet.buses.load();
        let told = super::buses(&fleet);
        assert_eq!(told.len(), known.len());
        for (bus, told) in known.iter().zip(&told) {
            assert_eq!(told.bus, bus.name.to_string());
            assert_eq!(told.busy_seconds, bus.meter.busy().as_secs_f64());
        }
        let text = serde_json::to_string(&told).unwrap();
        assert_eq!(
            serde_json::from_str::<Vec<BusDocument>>(&text).unwrap(),
            told
        );
    }

    #[test]
    fn a_port_is_its_module_with_more_beside_it() {
        let slot = sample::slot("Ethernet0", sample::active(sample::module("S1")));
        let port =
            serde_json::to_value(port(&sample::fleet(vec![]), &slot, sample::now())).unwrap();
        let module = document(&sample::module("S1"), &sample::classification());
        let Value::Object(module) = serde_json::to_value(module).unwrap() else {
            panic!("a document is an object");
        };
        for (key, value) in &module {
            assert_eq!(&port[key], value);
        }
        assert_eq!(port["port"], "Ethernet0");
        assert_eq!(port["verdict"], "bad");
        assert_eq!(port["reasons"], json!(["lane 8 receives too little light"]));
        assert_eq!(port["planned"]["peer"], "leaf7:Ethernet3");
        assert_eq!(
            port["planned"]["wants"][2],
            json!({"what": "host_lanes", "planned": "8", "found": "8", "differs": false})
        );
        assert_eq!(port["planned"]["wants"][0]["differs"], true);
        assert_eq!(port["last_read"], "2027-01-15T07:59:58Z");
    }

    #[test]
    fn a_port_without_module_has_only_its_own_members() {
        let slot = sample::slot("Ethernet0", sample::view());
        let port = port(&sample::fleet(vec![]), &slot, sample::now());
        assert_eq!(
            serde_json::to_value(port).unwrap(),
            json!({"port": "Ethernet0", "bus": "i2c-34", "presence": "unread",
                   "verdict": "unknown", "reasons": [], "findings": [],
                   "health": {"pre_fec_ber": [], "margin": []}})
        );
    }
}
