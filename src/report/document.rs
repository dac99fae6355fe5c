//! A snapshot and its class as the JSON document of one module: a promise to
//! other programs, printed by `decode` and `show` and served for each port.
//!
//! Numbers are SI. What a module cannot give is left out, and `absent` beside
//! it says why; inside `lanes` only reasons that can pass are told, because the
//! others would be said once per lane.

mod coherent;
mod identity;
mod lane;
mod laser;
mod lpo;
mod monitor;

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::class::Classification;
use crate::cmis::sff8024;
use crate::module::{Absence, Reading, Snapshot};

/// All that is known of one module, as JSON.
// Opaque on purpose: its form is the JSON, not these fields.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Document {
    /// How the module is managed: `cmis`, `sff-8636` or `sff-8472`.
    management: &'static str,
    /// What the module says it is.
    identity: identity::Identity,
    /// What it is found to be, and why.
    class: identity::Class,
    /// State of the module's state machine, or the number of a reserved state.
    #[serde(skip_serializing_if = "Option::is_none")]
    module_state: Option<StateWord>,
    /// Whether the module says that its values cannot be used yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    data_not_ready: Option<bool>,
    /// Media type as the module codes it (SFF-8024).
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<u8>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type_name: Option<&'static str>,
    /// What it draws at most.
    power: identity::Power,
    /// Of an attached cable.
    cable: identity::Cable,
    /// How far it reaches, by kind of fibre.
    fiber: identity::Fiber,
    /// Nominal wavelength, in metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    wavelength_meters: Option<f64>,
    /// Its firmware.
    firmware: identity::Firmware,
    /// Revision of its hardware.
    #[serde(skip_serializing_if = "Option::is_none")]
    hardware_revision: Option<String>,
    /// Banks of eight lanes each.
    banks: u8,
    /// How many lanes it has over all banks.
    lane_count: identity::LaneCount,
    /// Whether each checksum fits, by what it covers.
    checksum: Members<bool>,
    /// The applications that it offers.
    applications: Vec<identity::Application>,
    /// Values of the whole module.
    monitors: monitor::Monitors,
    /// The module's own thresholds.
    thresholds: monitor::Thresholds,
    /// Latched flags of the whole module, as of the last sweep.
    flags: monitor::Flags,
    /// Values by lane.
    lanes: Vec<lane::Lane>,
    /// Signal to noise ratios.
    snr: lane::Snr,
    /// Bit error ratios of test patterns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern_ber: Option<lane::PatternBer>,
    /// Every VDM observable.
    vdm: Vec<lane::Vdm>,
    /// Lasers whose frequency is told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    laser: Vec<laser::Laser>,
    /// An external laser source.
    #[serde(skip_serializing_if = "Option::is_none")]
    laser_source: Option<laser::LaserSource>,
    /// Coherent lanes.
    #[serde(skip_serializing_if = "Option::is_none")]
    coherent: Option<coherent::Coherent>,
    /// What an enhanced LPO module measures.
    #[serde(skip_serializing_if = "Option::is_none")]
    lpo: Option<lpo::Lpo>,
    /// How long data take through the module.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    latency: Vec<lane::Latency>,
    /// What is wrong with what the module says, in words.
    problems: Vec<String>,
    /// Why members are missing, by their names.
    #[serde(skip_serializing_if = "Absent::is_empty")]
    absent: Absent,
}

/// The document of one module. Register groups that could not be read are told
/// among its problems.
pub fn document(snapshot: &Snapshot, class: &Classification) -> Document {
    let mut absent = Absent::default();
    let media_type = absent.take("media_type", snapshot.media_type);
    Document {
        management: snapshot.management.name(),
        identity: identity::identity(snapshot),
        class: identity::class(class),
        module_state: absent
            .take("module_state", snapshot.state)
            .map(|state| StateWord::from(state.name())),
        data_not_ready: absent.take("data_not_ready", snapshot.data_not_ready),
        media_type,
        media_type_name: media_type.and_then(sff8024::media_type_name),
        power: identity::power(snapshot),
        cable: identity::cable(snapshot),
        fiber: identity::fiber(snapshot),
        wavelength_meters: absent
            .number("wavelength_meters", snapshot.wavelength.map(|w| w.meters())),
        firmware: identity::firmware(snapshot),
        hardware_revision: absent.take("hardware_revision", snapshot.firmware.hardware.clone()),
        banks: snapshot.banks,
        lane_count: identity::lane_count(snapshot),
        checksum: snapshot
            .checksums
            .iter()
            .map(|sum| (sum.name.to_owned(), sum.good))
            .collect(),
        applications: identity::applications(snapshot),
        monitors: monitor::monitors(snapshot),
        thresholds: monitor::thresholds(snapshot),
        flags: monitor::flags(snapshot),
        lanes: snapshot.lanes.iter().map(lane::lane).collect(),
        snr: lane::snr(snapshot),
        pattern_ber: lane::pattern_ber(snapshot),
        vdm: snapshot.vdm.iter().map(lane::vdm).collect(),
        laser: snapshot.lasers.iter().map(laser::laser).collect(),
        laser_source: snapshot.laser_source.as_ref().map(laser::laser_source),
        coherent: coherent::coherent(snapshot),
        lpo: snapshot.lpo.as_ref().map(lpo::lpo),
        latency: snapshot.latency.iter().map(lane::latency).collect(),
        problems: super::problems(snapshot),
        absent,
    }
}

/// Why values are missing, by the name of the missing member.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
struct Absent(BTreeMap<&'static str, &'static str>);

impl Absent {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value, or a note under `name` why there is none.
    fn take<T>(&mut self, name: &'static str, reading: Reading<T>) -> Option<T> {
        if let Some(why) = reading.absence() {
            self.0.insert(name, why.reason());
        }
        reading.value()
    }

    /// As [`Absent::take`], for numbers: JSON has no infinity and no NaN.
    fn number(&mut self, name: &'static str, reading: Reading<f64>) -> Option<f64> {
        self.take(name, finite(reading))
    }

    /// As [`Absent::take`], but says nothing where the reason lies in what the
    /// module or the dump is, not in the moment.
    fn passing<T>(&mut self, name: &'static str, reading: Reading<T>) -> Option<T> {
        match reading.absence() {
            Some(Absence::NotAdvertised | Absence::NotInDump | Absence::Passive) => None,
            _ => self.take(name, reading),
        }
    }
}

/// The number, unless it is none that JSON could say.
fn finite(reading: Reading<f64>) -> Reading<f64> {
    reading.and_then(|value| Some(value).filter(|v| v.is_finite()).into())
}

/// A state by its word, or by the number of a reserved code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
enum StateWord {
    Word(&'static str),
    Code(u8),
}

impl From<Result<&'static str, u8>> for StateWord {
    fn from(name: Result<&'static str, u8>) -> Self {
        name.map_or_else(Self::Code, Self::Word)
    }
}

/// Members of an object whose names are only known when it is made, in order.
#[derive(Debug, Clone, PartialEq)]
struct Members<V>(Vec<(String, V)>);

impl<V> FromIterator<(String, V)> for Members<V> {
    fn from_iter<I: IntoIterator<Item = (String, V)>>(members: I) -> Self {
        Self(members.into_iter().collect())
    }
}

impl<V: Serialize> Serialize for Members<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

#[cfg(test)]
mod described;
#[cfg(test)]
mod tests;
