//! The counters of a host as a line of a recording.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::health::host_fec::{FecCode, FecSource, HostFec, LaneFec, ToldRatios};
use crate::report::moment;

/// The counters of a host as a line of JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HostLine {
    at: String,
    source: SourceWord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<CodeWord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link_up: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    coded_bits_per_second: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    codewords: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    corrected_codewords: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uncorrectable_codewords: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    corrected_bits: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    corrected_symbols: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lanes: Vec<LaneLine>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    histogram: Vec<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    told_pre_fec: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    told_post_fec: Option<f64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LaneLine {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    corrected_codewords: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uncorrectable_codewords: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    corrected_bits: Option<u64>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SourceWord {
    Ethtool,
    Sonic,
    Sim,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum CodeWord {
    Off,
    BaseR,
    Rs528,
    Rs544,
    Rs272,
}

impl HostLine {
    /// The counters as they stood at that moment.
    pub(super) fn of(at: SystemTime, host: &HostFec) -> Self {
        Self {
            at: moment::utc_millis(at),
            source: match host.source {
                FecSource::Ethtool => SourceWord::Ethtool,
                FecSource::Sonic => SourceWord::Sonic,
                FecSource::Simulated => SourceWord::Sim,
            },
            code: host.code.map(|code| match code {
                FecCode::Off => CodeWord::Off,
                FecCode::BaseR => CodeWord::BaseR,
                FecCode::Rs528 => CodeWord::Rs528,
                FecCode::Rs544 => CodeWord::Rs544,
                FecCode::Rs272 => CodeWord::Rs272,
            }),
            link_up: host.link_up,
            coded_bits_per_second: host.coded_bits_per_second,
            codewords: host.codewords,
            corrected_codewords: host.corrected_codewords,
            uncorrectable_codewords: host.uncorrectable_codewords,
            corrected_bits: host.corrected_bits,
            corrected_symbols: host.corrected_symbols,
            lanes: host
                .lanes
                .iter()
                .map(|lane| LaneLine {
                    corrected_codewords: lane.corrected_codewords,
                    uncorrectable_codewords: lane.uncorrectable_codewords,
                    corrected_bits: lane.corrected_bits,
                })
                .collect(),
            histogram: host.histogram.clone(),
            told_pre_fec: host.told.pre_fec,
            told_post_fec: host.told.post_fec,
        }
    }

    /// The counters, their time counted from 1970.
    pub(super) fn host(self) -> Option<HostFec> {
        let at = super::moment_of(&self.at)?;
        let since_1970: Duration = at.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        Some(HostFec {
            at: since_1970,
            source: match self.source {
                SourceWord::Ethtool => FecSource::Ethtool,
                SourceWord::Sonic => FecSource::Sonic,
                SourceWord::Sim => FecSource::Simulated,
            },
            code: self.code.map(|code| match code {
                CodeWord::Off => FecCode::Off,
                CodeWord::BaseR => FecCode::BaseR,
                CodeWord::Rs528 => FecCode::Rs528,
                CodeWord::Rs544 => FecCode::Rs544,
                CodeWord::Rs272 => FecCode::Rs272,
            }),
            link_up: self.link_up,
            coded_bits_per_second: self.coded_bits_per_second,
            codewords: self.codewords,
            corrected_codewords: self.corrected_codewords,
            uncorrectable_codewords: self.uncorrectable_codewords,
            corrected_bits: self.corrected_bits,
            corrected_symbols: self.corrected_symbols,
            lanes: self
                .lanes
                .into_iter()
                .map(|lane| LaneFec {
                    corrected_codewords: lane.corrected_codewords,
                    uncorrectable_codewords: lane.uncorrectable_codewords,
                    corrected_bits: lane.corrected_bits,
                })
                .collect(),
            histogram: self.histogram,
            told: ToldRatios {
                pre_fec: self.told_pre_fec,
                post_fec: self.told_post_fec,
            },
        })
    }
}
