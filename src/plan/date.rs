//! A day of the calendar, for exceptions that end.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

const SECONDS_PER_DAY: u64 = 86_400;

/// A day of the Gregorian calendar, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The date that a text such as `2027-03-01` names, or `None` if there is
    /// no such day.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |part: &str, digits: usize| {
            let legal = part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
            legal.then(|| part.parse::<u16>().ok()).flatten()
        };
        let mut parts = text.split('-');
        let year = number(parts.next()?, 4)?;
        let month = u8::try_from(number(parts.next()?, 2)?).ok()?;
        let day = u8::try_from(number(parts.next()?, 2)?).ok()?;
        let exists = parts.next().is_none() && day >= 1 && day <= days_in(year, month)?;
        exists.then_some(Self { year, month, day })
    }

    /// The day on which an instant lies; the epoch itself for anything before.
    pub fn of(instant: SystemTime) -> Self {
        let since = instant.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut left = since.as_secs() / SECONDS_PER_DAY;
        let mut date = Self {
            year: 1970,
            month: 1,
            day: 1,
        };
        // Month by month: at most some thousand steps, and nothing to get wrong.
        while let Some(days) = days_in(date.year, date.month) {
            match u8::try_from(left) {
                Ok(rest) if rest < days => {
                    date.day += rest;
                    return date;
                }
                _ => left -= u64::from(days),
            }
            date.month += 1;
            if date.month > 12 {
                let Some(next) = date.year.checked_add(1) else {
                    return date;
                };
                (date.year, date.month) = (next, 1);
            }
        }
        date
    }
}

/// How many days a month has; `None` if there is no such month.
fn days_in(year: u16, month: u8) -> Option<u8> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    Some(match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    })
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn on(seconds: u64) -> String {
        Date::of(UNIX_EPOCH + Duration::from_secs(seconds)).to_string()
    }

    #[test]
    fn instants_lie_on_days() {
        assert_eq!(on(0), "1970-01-01");
        assert_eq!(on(86_399), "1970-01-01");
        assert_eq!(on(86_400), "1970-01-02");
        assert_eq!(on(951_782_400), "2000-02-29");
        assert_eq!(on(1_803_859_199), "2027-02-28");
        assert_eq!(on(1_803_859_200), "2027-03-01");
        assert_eq!(on(4_107_542_400), "2100-03-01");
        let before = UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(Date::of(before).to_string(), "1970-01-01");
    }

    #[test]
    fn only_days_that_exist_parse() {
        for text in ["2027-03-01", "2024-02-29", "1999-12-31"] {
            assert_eq!(Date::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "2027",
            "2027-3-1",
            "2027-02-29",
            "2027-13-01",
            "2027-00-01",
            "2027-01-00",
            "2027-01-01-01",
            "01-03-2027",
            "2027/03/01",
            "+027-01-01",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
        assert!(Date::parse("2027-03-01") > Date::parse("2026-12-31"));
    }
}
