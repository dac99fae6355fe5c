//! What a module is: identity, class, power, reach, firmware, applications.

use serde::Serialize;

use super::Absent;
use crate::class::{self, Classification};
use crate::cmis::sff8024;
use crate::module::Snapshot;
use crate::report::codes;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Identity {
    identifier: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    identifier_name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_type: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_type_name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
    flat_memory: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oui: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connector: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connector_name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_technology: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_technology_name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extended_compliance: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extended_compliance_name: Option<&'static str>,
    #[serde(skip_serializing_if = "Absent::is_empty")]
    absent: Absent,
}

pub(super) fn identity(snapshot: &Snapshot) -> Identity {
    let identity = &snapshot.identity;
    let mut absent = Absent::default();
    let function_type = absent.passing("function_type", identity.function_type);
    let connector = absent.take("connector", identity.connector);
    let media_technology = absent.take("media_technology", identity.media_technology);
    let extended_compliance = absent.passing("extended_compliance", identity.extended_compliance);
    Identity {
        identifier: identity.identifier,
        identifier_name: sff8024::identifier_name(identity.identifier),
        function_type,
        function_type_name: function_type.and_then(codes::function_type_name),
        revision: absent.take("revision", identity.revision.clone()),
        flat_memory: identity.flat_memory,
        vendor: absent.take("vendor", identity.vendor.clone()),
        oui: absent
            .take("oui", identity.oui)
            .map(|[a, b, c]| format!("{a:02x}:{b:02x}:{c:02x}")),
        part_number: absent.take("part_number", identity.part_number.clone()),
        revision_number: absent.take("revision_number", identity.revision_number.clone()),
        serial: absent.take("serial", identity.serial.clone()),
        date_code: absent.take("date_code", identity.date_code.clone()),
        connector,
        connector_name: connector.and_then(sff8024::connector_name),
        media_technology,
        media_technology_name: media_technology.and_then(sff8024::media_technology_name),
        extended_compliance,
        extended_compliance_name: extended_compliance.and_then(sff8024::extended_compliance_name),
        absent,
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Class {
    name: &'static str,
    form: &'static str,
    retiming: &'static str,
    confidence: f64,
    source: &'static str,
    evidence: Vec<Evidence>,
    missing: Vec<String>,
    conflicts: Vec<String>,
    /// Classes that were weighed, the best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scores: Vec<Scored>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Scored {
    class: &'static str,
    score: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Evidence {
    signal: &'static str,
    #[serde(rename = "where")]
    place: String,
    value: String,
    says: String,
    weight: f64,
}

impl From<&class::Evidence> for Evidence {
    fn from(evidence: &class::Evidence) -> Self {
        Self {
            signal: evidence.signal,
            place: evidence.place.clone(),
            value: evidence.value.clone(),
            says: evidence.says.clone(),
            weight: evidence.weight,
        }
    }
}

pub(super) fn class(class: &Classification) -> Class {
    Class {
        name: class.class.name(),
        form: class.form.name(),
        retiming: class.retiming.name(),
        confidence: class.confidence,
        source: class.source.name(),
        evidence: class.evidence.iter().map(Evidence::from).collect(),
        missing: class.missing.clone(),
        conflicts: class.conflicts.clone(),
        scores: class
            .scores
            .iter()
            .map(|(class, score)| Scored {
                class: class.name(),
                score: *score,
            })
            .collect(),
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Power {
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_watts: Option<f64>,
    #[serde(skip_serializing_if = "Absent::is_empty")]
    absent: Absent,
}

pub(super) fn power(snapshot: &Snapshot) -> Power {
    let mut absent = Absent::default();
    Power {
        class: absent.take("class", snapshot.power.class),
        max_watts: absent.number("max_watts", snapshot.power.max.map(|power| power.watts())),
        absent,
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Cable {
    #[serde(skip_serializing_if = "Option::is_none")]
    length_meters: Option<f64>,
}

pub(super) fn cable(snapshot: &Snapshot) -> Cable {
    let length = snapshot.cable_length.map(|length| length.meters());
    Cable {
        length_meters: length.value().filter(|meters| meters.is_finite()),
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Fiber {
    #[serde(skip_serializing_if = "Option::is_none")]
    smf_meters: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    om2_meters: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    om3_meters: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    om4_meters: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    om5_meters: Option<f64>,
}

pub(super) fn fiber(snapshot: &Snapshot) -> Fiber {
    let fiber = &snapshot.fiber;
    Fiber {
        smf_meters: fiber.smf.value().map(|reach| reach.meters()),
        om2_meters: fiber.om2.value().map(|reach| reach.meters()),
        om3_meters: fiber.om3.value().map(|reach| reach.meters()),
        om4_meters: fiber.om4.value().map(|reach| reach.meters()),
        om5_meters: fiber.om5.value().map(|reach| reach.meters()),
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Firmware {
    #[serde(skip_serializing_if = "Option::is_none")]
    active: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inactive: Option<String>,
    #[serde(skip_serializing_if = "Absent::is_empty")]
    absent: Absent,
}

pub(super) fn firmware(snapshot: &Snapshot) -> Firmware {
    let mut absent = Absent::default();
    Firmware {
        active: absent.take("active", snapshot.firmware.active.clone()),
        inactive: absent.take("inactive", snapshot.firmware.inactive.clone()),
        absent,
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct LaneCount {
    host: u16,
    media: u16,
}

pub(super) fn lane_count(snapshot: &Snapshot) -> LaneCount {
    LaneCount {
        host: snapshot.lane_count.host,
        media: snapshot.lane_count.media,
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Application {
    app: u8,
    host_code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    host_name: Option<&'static str>,
    media_code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_name: Option<&'static str>,
    host_lanes: u8,
    media_lanes: u8,
    host_starts: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_starts: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    linear: Option<&'static str>,
}

pub(super) fn applications(snapshot: &Snapshot) -> Vec<Application> {
    let one = |application| {
        let names = codes::application(snapshot, application);
        Application {
            app: application.number,
            host_code: application.host_code,
            host_name: names.host,
            media_code: application.media_code,
            media_name: names.media,
            host_lanes: application.host_lanes,
            media_lanes: application.media_lanes,
            host_starts: application.host_starts,
            media_starts: application.media_starts.value(),
            linear: names.linear,
        }
    };
    snapshot.applications.iter().map(one).collect()
}
