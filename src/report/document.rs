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

/// All that is known of one module, as JSON. Opaque on purpose: its form is
/// the JSON, not these fields.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Document {
    management: &'static str,
    identity: identity::Identity,
    class: identity::Class,
    #[serde(skip_serializing_if = "Option::is_none")]
    module_state: Option<StateWord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_not_ready: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type_name: Option<&'static str>,
    power: identity::Power,
    cable: identity::Cable,
    fiber: identity::Fiber,
    #[serde(skip_serializing_if = "Option::is_none")]
    wavelength_meters: Option<f64>,
    firmware: identity::Firmware,
    #[serde(skip_serializing_if = "Option::is_none")]
    hardware_revision: Option<String>,
    banks: u8,
    lane_count: identity::LaneCount,
    checksum: Members<bool>,
    applications: Vec<identity::Application>,
    monitors: monitor::Monitors,
    thresholds: monitor::Thresholds,
    flags: monitor::Flags,
    lanes: Vec<lane::Lane>,
    snr: lane::Snr,
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern_ber: Option<lane::PatternBer>,
    vdm: Vec<lane::Vdm>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    laser: Vec<laser::Laser>,
    #[serde(skip_serializing_if = "Option::is_none")]
    laser_source: Option<laser::LaserSource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coherent: Option<coherent::Coherent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lpo: Option<lpo::Lpo>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    latency: Vec<lane::Latency>,
    problems: Vec<String>,
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
mod tests;
