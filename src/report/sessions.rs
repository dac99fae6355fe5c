//! Link sessions as JSON, an element of `/api/v1/ports/NAME/sessions`: how long a
//! link was up, what its error ratios were, and how they stand to the session
//! before.

use std::time::SystemTime;

use serde::Serialize;

use super::moment;
use crate::health::ber::{Estimate, Vantage};
use crate::health::session::{Change, LaneRecord, Record};

/// A session that was kept, as the store has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Serial number of the module.
    pub serial: String,
    /// When the link came up, wall time.
    pub opened: SystemTime,
    /// When it went down; `None` while it is up, or where the daemon ended first.
    pub closed: Option<SystemTime>,
    /// What was learnt; `None` where that cannot be read.
    pub record: Option<Record>,
}

/// One session.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SessionDocument {
    /// Serial number of the module.
    pub serial: String,
    /// When the link came up, UTC (RFC 3339).
    pub opened: String,
    /// When it went down; left out while it is up, and where the daemon ended first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<String>,
    /// For how long it was watched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Case temperature when the link came up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature_celsius: Option<f64>,
    /// Error ratios before correction.
    pub ratios: Vec<SessionRatio>,
    /// Levels of each lane when the link came up.
    pub lanes: Vec<SessionLane>,
}

/// The error ratio of one vantage over a session.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SessionRatio {
    /// `host` or `media`.
    pub side: &'static str,
    /// `module` or `host`.
    pub source: &'static str,
    /// The ratio; left out where no error was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// In its place: the bound that holds with 95 %.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub below: Option<f64>,
    /// Of how many values it is.
    pub samples: f64,
    /// How many times that of the session before of the same module.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<f64>,
    /// How sure it is that it is worse, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// The same for people.
    #[serde(skip)]
    pub in_words: String,
}

/// Levels of a lane when the link came up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SessionLane {
    /// The lane over all banks.
    pub lane: u16,
    /// Received light.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rx_power_watts: Option<f64>,
    /// Sent light.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tx_power_watts: Option<f64>,
    /// Laser bias.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tx_bias_amperes: Option<f64>,
}

/// Sessions of one port, the newest first, each beside the one before of the same
/// module.
pub fn documents(kept: &[Kept]) -> Vec<SessionDocument> {
    let with_older = kept.iter().enumerate().map(|(index, own)| {
        let mut older = kept.iter().skip(index + 1);
        let before = older.find(|other| other.serial == own.serial && other.record.is_some());
        document(own, before.and_then(|before| before.record.as_ref()))
    });
    with_older.collect()
}

fn document(kept: &Kept, before: Option<&Record>) -> SessionDocument {
    let record = kept.record.as_ref();
    let changes = record
        .zip(before)
        .map_or_else(Vec::new, |(own, before)| own.changes_since(before));
    let ratios = record.map_or_else(Vec::new, Record::estimates);
    let ratios = ratios.into_iter().map(|(vantage, estimate, samples)| {
        let change = changes.iter().find(|change| change.vantage == vantage);
        ratio(vantage, estimate, samples, change)
    });
    SessionDocument {
        serial: kept.serial.clone(),
        opened: moment::utc(kept.opened),
        closed: kept.closed.map(moment::utc),
        seconds: record.map(|record| record.seconds),
        temperature_celsius: record.and_then(|record| record.temperature_celsius),
        ratios: ratios.collect(),
        lanes: record.map_or_else(Vec::new, |r| r.lanes.iter().map(lane).collect()),
    }
}

fn ratio(
    vantage: Vantage,
    estimate: Estimate,
    samples: f64,
    change: Option<&Change>,
) -> SessionRatio {
    let is_bound = estimate.is_bound();
    SessionRatio {
        side: vantage.side.name(),
        source: vantage.source.name(),
        ratio: (!is_bound).then(|| estimate.number()),
        below: is_bound.then(|| estimate.number()),
        samples,
        times: change.map(|change| change.times),
        confidence: change.map(|change| change.confidence),
        in_words: estimate.to_string(),
    }
}

fn lane(record: &LaneRecord) -> SessionLane {
    let watts = |dbm: f64| 10_f64.powf(dbm / 10.0) * 1e-3;
    SessionLane {
        lane: record.lane,
        rx_power_watts: record.rx_dbm.map(watts),
        tx_power_watts: record.tx_dbm.map(watts),
        tx_bias_amperes: record.tx_bias_amperes,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::report::sample;

    #[test]
    fn a_session_stands_beside_the_one_before_of_the_same_module() {
        let kept = [
            sample::session("A", 100, -7.0),
            sample::session("B", 5000, -11.0),
            sample::session("A", 9000, -9.0),
        ];
        let list = documents(&kept);
        let first = &list[0].ratios[0];
        assert_eq!((first.side, first.source), ("media", "module"));
        assert!((first.times.unwrap() - 100.0).abs() < 1e-6);
        assert!(first.confidence.unwrap() > 0.99);
        assert!(list[1].ratios[0].times.is_none() && list[2].ratios[0].times.is_none());
        let json = serde_json::to_value(&list[0]).unwrap();
        assert_eq!(json["opened"], "2027-01-15T07:58:20Z");
        assert!((json["lanes"][0]["rx_power_watts"].as_f64().unwrap() - 5e-4).abs() < 1e-5);
    }

    #[test]
    fn a_session_that_cannot_be_read_has_its_times_alone() {
        let kept = Kept {
            serial: "A".to_owned(),
            opened: sample::now() - Duration::from_secs(60),
            closed: Some(sample::now()),
            record: None,
        };
        let list = serde_json::to_value(documents(&[kept])).unwrap();
        assert_eq!(
            list,
            json!([{"serial": "A", "opened": "2027-01-15T07:59:00Z",
                    "closed": "2027-01-15T08:00:00Z", "ratios": [], "lanes": []}])
        );
    }
}
