//! What SONiC's databases say of one port: which fields are asked for, and what
//! their texts mean.
//!
//! Field names are those of SAI (saiport.h) and of SONiC's `port_rates.lua`,
//! `PORT_TABLE` of the application and state databases.

use std::time::Duration;

use super::line_rate::{coded_rate, reed_solomon};
use super::{Silence, SilenceKind};
use crate::health::host_fec::{FecCode, FecSource, HostFec, ToldRatios};

/// Fields of `COUNTERS:oid`: these, then the bins of codewords with 0 to 15
/// wrong symbols.
pub(super) const COUNTERS: [&str; 20] = [
    "SAI_PORT_STAT_IF_IN_FEC_CORRECTABLE_FRAMES",
    "SAI_PORT_STAT_IF_IN_FEC_NOT_CORRECTABLE_FRAMES",
    "SAI_PORT_STAT_IF_IN_FEC_SYMBOL_ERRORS",
    "SAI_PORT_STAT_IF_IN_FEC_CORRECTED_BITS",
    "SAI_PORT_STAT_IF_IN_FEC_CODEWORD_ERRORS_S0",
    "SAI_PORT_STAT_IF_IN_FEC_CODEWORD_ERRORS_S1",
    "SAI_PORT_STAT_IF_IN_FEC_CODEWORD_ERRORS_S2",
    "SAI_PORT_STAT_IF_IN_FEC_CODEWORD_ERRORS_S3",
    "SAI_PORT_STAT_IF_IN_FEC_CODEWORD_ERRORS_S4",
    "SAI_PORT_STAT_IF_IN_FEC_CODEWORD_ERRORS_S5",
    "SAI_PORT_STAT_IF_IN_FEC_CODEWORD_ERRORS_S6",
    "SAI_PORT_STAT_IF_IN_FEC_CODEWORD_ERRORS_S7",
    "SAI_PORT_STAT_IF_IN_FEC_CODEWORD_ERRORS_S8",
    "SAI_PORT_STAT_IF_IN_FEC_CODEWORD_ERRORS_S9",
    "SAI_PORT_STAT_IF_IN_FEC_CODEWORD_ERRORS_S10",
    "SAI_PORT_STAT_IF_IN_FEC_CODEWORD_ERRORS_S11",
    "SAI_PORT_STAT_IF_IN_FEC_CODEWORD_ERRORS_S12",
    "SAI_PORT_STAT_IF_IN_FEC_CODEWORD_ERRORS_S13",
    "SAI_PORT_STAT_IF_IN_FEC_CODEWORD_ERRORS_S14",
    "SAI_PORT_STAT_IF_IN_FEC_CODEWORD_ERRORS_S15",
];
/// Where the bins begin.
const BINS: usize = 4;

/// Fields of `RATES:oid`.
pub(super) const RATES: [&str; 2] = ["FEC_PRE_BER", "FEC_POST_BER"];

/// Fields of `PORT_TABLE:name` of the application database: as configured.
pub(super) const APPLIED: [&str; 4] = ["speed", "lanes", "fec", "oper_status"];

/// Fields of `PORT_TABLE|name` of the state database: as in use.
pub(super) const IN_USE: [&str; 2] = ["speed", "fec"];

/// The most symbols that each code corrects; the bin behind it is of codewords
/// that were not corrected.
const CORRECTS_RS528: usize = 7;

/// The texts of a port's fields, in the order of the lists above; `None` where
/// the database has no such field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) counters: Vec<Option<String>>,
    pub(super) rates: Vec<Option<String>>,
    pub(super) applied: Vec<Option<String>>,
    pub(super) in_use: Vec<Option<String>>,
}

impl Row {
    /// What the texts say.
    ///
    /// # Errors
    /// If a counter is no number, or the port has none.
    pub(super) fn fec(&self, port: &str, now: Duration) -> Result<HostFec, Silence> {
        let count = |index: usize| match field(&self.counters, index) {
            None => Ok(None),
            Some(text) => match text.parse() {
                Ok(count) => Ok(Some(count)),
                Err(_) => Err(no_number(port, index, text)),
            },
        };
        let mut histogram = Vec::new();
        for bin in BINS..COUNTERS.len() {
            match count(bin)? {
                Some(codewords) => histogram.push(codewords),
                None => break,
            }
        }
        let speed = self.speed();
        let code = self.code(speed);
        if code == Some(FecCode::Rs528) {
            histogram.truncate(CORRECTS_RS528 + 1);
        }
        let uncorrectable: Option<u64> = count(1)?;
        let in_bins = histogram
            .iter()
            .try_fold(0_u64, |sum, n| sum.checked_add(*n));
        let told = HostFec {
            link_up: match field(&self.applied, 3) {
                Some("up") => Some(true),
                Some("down") => Some(false),
                _ => None,
            },
            code,
            coded_bits_per_second: speed.map(|speed| coded_rate(speed, code)),
            codewords: in_bins
                .filter(|_| !histogram.is_empty())
                .and_then(|sum| sum.checked_add(uncorrectable?)),
            corrected_codewords: count(0)?,
            uncorrectable_codewords: uncorrectable,
            corrected_symbols: count(2)?,
            corrected_bits: count(3)?,
            histogram,
            told: ToldRatios {
                pre_fec: ratio(field(&self.rates, 0)),
                post_fec: ratio(field(&self.rates, 1)),
            },
            ..HostFec::empty(now, FecSource::Sonic)
        };
        if told.tells_errors() {
            return Ok(told);
        }
        Err(Silence::new(
            SilenceKind::NoCounters,
            format!(
                "SONiC counts no FEC errors of {port}; is its counter polling on \
                 (`counterpoll show`), and does the switch chip count them \
                 (`show interfaces counters fec-stats`)?"
            ),
        ))
    }

    /// Mb/s: in use, or else as configured.
    fn speed(&self) -> Option<u32> {
        let number = |text: Option<&str>| text?.parse().ok().filter(|speed| *speed > 0);
        number(field(&self.in_use, 0)).or_else(|| number(field(&self.applied, 0)))
    }

    fn code(&self, speed: Option<u32>) -> Option<FecCode> {
        let lanes = field(&self.applied, 1).map(|lanes| lanes.split(',').count());
        let lanes = lanes.and_then(|lanes| u32::try_from(lanes).ok());
        match field(&self.in_use, 1).or(field(&self.applied, 2))? {
            "rs" => reed_solomon(speed?, lanes),
            "fc" => Some(FecCode::BaseR),
            "none" => Some(FecCode::Off),
            _ => None,
        }
    }
}

/// A field that says something: SONiC fills what it does not have with words.
fn field(fields: &[Option<String>], index: usize) -> Option<&str> {
    let text = fields.get(index)?.as_deref()?.trim();
    (!matches!(text, "" | "N/A" | "n/a" | "not support")).then_some(text)
}

/// A ratio that SONiC worked out; it says -1 or nonsense where it could not.
fn ratio(text: Option<&str>) -> Option<f64> {
    let number: f64 = text?.parse().ok()?;
    (0.0..=1.0).contains(&number).then_some(number)
}

fn no_number(port: &str, index: usize, text: &str) -> Silence {
    let name = COUNTERS.get(index).copied().unwrap_or_default();
    let shown: String = text.chars().take(40).collect();
    Silence::new(
        SilenceKind::Malformed,
        format!("SONiC's {name} of {port} is {shown:?} and no number"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(texts: &[&str]) -> Vec<Option<String>> {
        let text = |text: &&str| (*text != "-").then(|| (*text).to_owned());
        texts.iter().map(text).collect()
    }

    fn fec(row: &Row) -> Result<HostFec, Silence> {
        row.fec("Ethernet0", Duration::ZERO)
    }

    /// A port of 400 Gb/s over four lanes that tells all.
    fn whole() -> Row {
        let mut counters = vec!["120", "2", "130", "140", "1000", "100", "20"];
        counters.resize(20, "0");
        Row {
            counters: texts(&counters),
            rates: texts(&["1.5e-9", "0"]),
            applied: texts(&["400000", "33,34,35,36", "rs", "up"]),
            in_use: texts(&["-", "-"]),
        }
    }

    #[test]
    fn a_port_that_tells_all() {
        let mut histogram = vec![1000, 100, 20];
        histogram.resize(16, 0);
        let expected = HostFec {
            link_up: Some(true),
            code: Some(FecCode::Rs544),
            coded_bits_per_second: Some(425e9),
            codewords: Some(1122),
            corrected_codewords: Some(120),
            uncorrectable_codewords: Some(2),
            corrected_symbols: Some(130),
            corrected_bits: Some(140),
            histogram,
            told: ToldRatios {
                pre_fec: Some(1.5e-9),
                post_fec: Some(0.0),
            },
            ..HostFec::empty(Duration::ZERO, FecSource::Sonic)
        };
        assert_eq!(fec(&whole()), Ok(expected));
    }

    #[test]
    fn words_in_place_of_numbers_are_absence() {
        let mut counters = vec!["7", "N/A", "not support", ""];
        counters.resize(20, "-");
        let row = Row {
            counters: texts(&counters),
            rates: texts(&["-1", "-nan"]),
            applied: texts(&["N/A", "-", "N/A", "-"]),
            in_use: texts(&["N/A", "N/A"]),
        };
        let expected = HostFec {
            corrected_codewords: Some(7),
            ..HostFec::empty(Duration::ZERO, FecSource::Sonic)
        };
        assert_eq!(fec(&row), Ok(expected));
    }

    #[test]
    fn what_is_in_use_goes_before_what_is_configured() {
        let mut row = whole();
        row.in_use = texts(&["100000", "rs"]);
        let told = fec(&row).unwrap();
        assert_eq!(told.code, Some(FecCode::Rs528));
        assert_eq!(told.coded_bits_per_second, Some(103.125e9));
        // Behind seven wrong symbols KR4 corrects nothing.
        assert_eq!(told.histogram.len(), 8);
        row.in_use = texts(&["-", "none"]);
        assert_eq!(fec(&row).unwrap().code, Some(FecCode::Off));
    }

    #[test]
    fn nonsense_and_emptiness_are_told() {
        let mut row = whole();
        row.counters[2] = Some("1e9".to_owned());
        let silence = fec(&row).unwrap_err();
        assert_eq!(silence.kind, SilenceKind::Malformed);
        let said = "SONiC's SAI_PORT_STAT_IF_IN_FEC_SYMBOL_ERRORS of Ethernet0 is \"1e9\"";
        assert!(silence.said.contains(said), "{silence}");
        let silence = fec(&Row::default()).unwrap_err();
        assert_eq!(silence.kind, SilenceKind::NoCounters);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(
            counters in proptest::collection::vec(proptest::option::of("[0-9]{0,22}|.*"), 0..24),
            others in proptest::collection::vec(proptest::option::of(".*|[0-9,.e-]*"), 0..6),
        ) {
            let row = Row {
                counters,
                rates: others.clone(),
                applied: others.clone(),
                in_use: others,
            };
            let _ = fec(&row);
        }
    }
}
