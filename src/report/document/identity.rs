//! What a module is: identity, class, power, reach, firmware, applications.

use serde::Serialize;

use super::Absent;
use crate::class::{self, Classification};
use crate::cmis::sff8024;
use crate::module::Snapshot;
use crate::report::codes;

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Identity {
    /// Kind of module as it codes it (SFF-8024).
    identifier: u8,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    identifier_name: Option<&'static str>,
    /// What it is made for, by CMIS's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    function_type: Option<u8>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    function_type_name: Option<&'static str>,
    /// Revision of the management interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
    /// Whether it has no pages.
    flat_memory: bool,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor: Option<String>,
    /// The maker's IEEE identifier, `00:11:22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    oui: Option<String>,
    /// Part number.
    #[serde(skip_serializing_if = "Option::is_none")]
    part_number: Option<String>,
    /// Revision of the part.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision_number: Option<String>,
    /// Serial number.
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<String>,
    /// Date code, as the module has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    date_code: Option<String>,
    /// Connector as the module codes it (SFF-8024).
    #[serde(skip_serializing_if = "Option::is_none")]
    connector: Option<u8>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    connector_name: Option<&'static str>,
    /// Media interface technology as the module codes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    media_technology: Option<u8>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    media_technology_name: Option<&'static str>,
    /// Extended compliance code (SFF-8024).
    #[serde(skip_serializing_if = "Option::is_none")]
    extended_compliance: Option<u8>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    extended_compliance_name: Option<&'static str>,
    /// Why members are missing, by their names.
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Class {
    /// The class: `lpo`, `dsp` and so on.
    name: &'static str,
    /// How it is built: `pluggable`, `cable`, `co-packaged` or `laser-source`.
    form: &'static str,
    /// Where signals are retimed: `none`, `tx-only`, `both` or `unknown`.
    retiming: &'static str,
    /// How sure it is, 0 to 1.
    confidence: f64,
    /// How it was found: `operator` (configured), `structural` or `scored`.
    source: &'static str,
    /// What speaks for it.
    evidence: Vec<Evidence>,
    /// What would make it surer, in words.
    missing: Vec<String>,
    /// What contradicts it, in words.
    conflicts: Vec<String>,
    /// Classes that were weighed, the best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scores: Vec<Scored>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Scored {
    /// The class.
    class: &'static str,
    /// What it weighs; only the order has a meaning.
    score: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Evidence {
    /// The kind of evidence.
    signal: &'static str,
    /// Where it stands.
    #[serde(rename = "where")]
    place: String,
    /// What stands there.
    value: String,
    /// What that means.
    says: String,
    /// What it weighs.
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Power {
    /// Power class of the module's own standard.
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<u8>,
    /// What it draws at most, in watts, as it says; not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_watts: Option<f64>,
    /// Why members are missing, by their names.
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Cable {
    /// Length in metres.
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Fiber {
    /// On single-mode fibre, in metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    smf_meters: Option<f64>,
    /// On OM2, in metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    om2_meters: Option<f64>,
    /// On OM3, in metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    om3_meters: Option<f64>,
    /// On OM4, in metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    om4_meters: Option<f64>,
    /// On OM5, in metres.
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Firmware {
    /// The version that runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    active: Option<String>,
    /// The version in the other bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    inactive: Option<String>,
    /// Why members are missing, by their names.
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct LaneCount {
    /// Towards the host.
    host: u16,
    /// Towards the medium.
    media: u16,
}

pub(super) fn lane_count(snapshot: &Snapshot) -> LaneCount {
    LaneCount {
        host: snapshot.lane_count.host,
        media: snapshot.lane_count.media,
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Application {
    /// Its number in the module's list.
    app: u8,
    /// Host interface (SFF-8024).
    host_code: u8,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    host_name: Option<&'static str>,
    /// Media interface (SFF-8024).
    media_code: u8,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    media_name: Option<&'static str>,
    /// Lanes towards the host.
    host_lanes: u8,
    /// Lanes towards the medium.
    media_lanes: u8,
    /// Host lanes on which it may begin; bit k is lane k + 1.
    host_starts: u8,
    /// Media lanes on which it may begin; bit k is lane k + 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    media_starts: Option<u8>,
    /// Which directions are linear: `none`, `rx` or `both`; left out where that is not known.
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
