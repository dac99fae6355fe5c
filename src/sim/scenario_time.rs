//! Times as people write them in scenario files.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use toml::Spanned;

use super::scenario_file::Complaint;

/// What a time may look like.
const EXPECTED: &str = "a time: seconds, 0 and up, or a text such as \"90 min\", \"12 h\", \"3 d\"";

/// Times can be added without care up to here: a century.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 86_400);

/// Units and their seconds; of two with one ending, the longer first.
const UNITS: [(&str, f64); 5] = [
    ("ms", 1e-3),
    ("min", 60.0),
    ("s", 1.0),
    ("h", 3600.0),
    ("d", 86_400.0),
];

/// A number of seconds as the file has it, not looked at yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Time(f64);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_any(TimeVisitor)
    }
}

struct TimeVisitor;

impl Visitor<'_> for TimeVisitor {
    type Value = Time;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Time, E> {
        Ok(Time(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Time, E> {
        Ok(Time(number as f64))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Time, E> {
        let read = UNITS.iter().find_map(|(unit, factor)| {
            let number = text.strip_suffix(unit)?.trim_end().parse::<f64>().ok()?;
            Some(Time(number * factor))
        });
        read.ok_or_else(|| E::custom(format!("\"{text}\" is not {EXPECTED}")))
    }
}

/// The time, if it can be one.
pub(super) fn seconds(value: &Spanned<Time>) -> Result<Duration, Complaint> {
    let time = Duration::try_from_secs_f64(value.get_ref().0).ok();
    time.filter(|time| *time <= LONGEST)
        .ok_or_else(|| no_time(value.span()))
}

/// The complaint about what is none.
pub(super) fn no_time(span: Range<usize>) -> Complaint {
    (span, format!("not {EXPECTED}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Row {
        at: Spanned<Time>,
    }

    fn read(value: &str) -> Result<Duration, String> {
        let row: Row =
            toml::from_str(&format!("at = {value}")).map_err(|error| error.message().to_owned())?;
        seconds(&row.at).map_err(|(_, message)| message)
    }

    #[test]
    fn times_have_units_or_are_seconds() {
        for (text, millis) in [
            ("12", 12_000),
            ("0.5", 500),
            ("'3 d'", 3 * 86_400_000),
            ("'12h'", 12 * 3_600_000),
            ("'90 min'", 90 * 60_000),
            ("'20 ms'", 20),
            ("'1.5 s'", 1500),
        ] {
            assert_eq!(read(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_says_what_would_be_one() {
        for text in [
            "-1",
            "'soon'",
            "'5 weeks'",
            "true",
            "inf",
            "1e12",
            "'nan s'",
        ] {
            let said = read(text).unwrap_err();
            assert!(said.contains("\"90 min\""), "{text}: {said}");
        }
    }
}
