//! Wall time as people and programs read it.

use std::time::{Duration, SystemTime};

const DAY: u64 = 24 * 60 * 60;

/// How long ago a moment was; zero if it is in the future.
pub(super) fn age(at: SystemTime, now: SystemTime) -> Duration {
    now.duration_since(at).unwrap_or_default()
}

/// Seconds since 1970; zero before.
pub(super) fn unix_seconds(at: SystemTime) -> f64 {
    age(SystemTime::UNIX_EPOCH, at).as_secs_f64()
}

/// A span of time in its largest sensible unit: `0.4 s`, `12 s`, `5 min`, `3 h`, `2 d`.
pub fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        10..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / DAY),
    }
}

/// A moment in UTC to the second, `2026-11-22T09:08:07Z` (RFC 3339).
pub fn utc(at: SystemTime) -> String {
    let seconds = age(SystemTime::UNIX_EPOCH, at).as_secs();
    let (year, month, day) = civil(seconds / DAY);
    let rest = seconds % DAY;
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

/// A moment in UTC to the millisecond, `2026-11-22T09:08:07.250Z` (RFC 3339).
pub fn utc_millis(at: SystemTime) -> String {
    let millis = age(SystemTime::UNIX_EPOCH, at).subsec_millis();
    let whole = utc(at);
    format!("{}.{millis:03}Z", whole.trim_end_matches('Z'))
}

/// The moment that a text names: `2026-11-22T09:08:07Z` with or without a
/// fraction, `2026-11-22` (its midnight in UTC), seconds since 1970, or a time
/// before `now` such as `90s`, `30m`, `6h`, `7d`.
pub fn parse(text: &str, now: SystemTime) -> Option<SystemTime> {
    if let Some(seconds) = digits(text) {
        return SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    }
    if let Some(back) = ago(text) {
        return now.checked_sub(back);
    }
    let (day, time) = match text.strip_suffix('Z') {
        Some(text) => text.split_once('T')?,
        None => (text, "00:00:00"),
    };
    let mut day = day.split('-').map(digits);
    let (year, month, date) = (day.next()??, day.next()??, day.next()??);
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut clock = clock.split(':').map(digits);
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let is_clock = hour < 24 && minute < 60 && second < 60 && clock.next().is_none();
    if !is_clock || day.next().is_some() || fraction.len() > 9 {
        return None;
    }
    let nanos = digits(fraction)? * 10_u64.pow(9 - u32::try_from(fraction.len()).ok()?);
    let seconds = days_since_1970(year, month, date)? * DAY + hour * 3600 + minute * 60 + second;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds) + Duration::from_nanos(nanos))
}

/// A span such as `6h`.
pub fn ago(text: &str) -> Option<Duration> {
    let units = [('s', 1), ('m', 60), ('h', 3600), ('d', DAY)];
    units.into_iter().find_map(|(unit, seconds)| {
        let number = digits(text.strip_suffix(unit)?)?;
        Some(Duration::from_secs(number.checked_mul(seconds)?))
    })
}

/// A number of decimal digits and nothing else.
fn digits(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// The number of a day, counted from 1970-01-01; `None` if there is no such day.
fn days_since_1970(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Leap days up to the year before; the days of months are searched for.
    let leap = |year: u64| year / 4 - year / 100 + year / 400;
    let first = (year - 1970) * 365 + leap(year - 1) - leap(1969);
    let from = first + (month - 1) * 28;
    (from..from + 35 + day).find(|&days| civil(days) == (year, month, day))
}

/// Year, month and day of a day counted from 1970-01-01.
///
/// Years are counted from March, so that the leap day is a year's last and
/// months have lengths that one formula gives.
fn civil(days_since_1970: u64) -> (u64, u64, u64) {
    const DAYS_TO_1970: u64 = 719_468; // from 0000-03-01
    const DAYS_OF_400_YEARS: u64 = 146_097;
    let days = days_since_1970 + DAYS_TO_1970;
    let era = days / DAYS_OF_400_YEARS;
    let day_of_era = days % DAYS_OF_400_YEARS;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn calendar_days_follow_each_other_for_200_years() {
        let length = |year: u64, month: u64| match month {
            2 if year.is_multiple_of(4)
                && (!year.is_multiple_of(100) || year.is_multiple_of(400)) =>
            {
                29
            }
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let (mut year, mut month, mut day) = (1970, 1, 1);
        for days in 0..73_000 {
            assert_eq!(civil(days), (year, month, day));
            day += 1;
            if day > length(year, month) {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
    }

    #[test]
    fn moments_and_spans_read_well() {
        assert_eq!(utc(at(0)), "1970-01-01T00:00:00Z");
        assert_eq!(utc(at(951_827_696)), "2000-02-29T12:34:56Z");
        assert_eq!(span(Duration::from_millis(400)), "0.4 s");
        assert_eq!(span(Duration::from_secs(119)), "119 s");
        assert_eq!(span(Duration::from_secs(7199)), "119 min");
        assert_eq!(span(Duration::from_secs(7200)), "2 h");
        assert_eq!(span(Duration::from_secs(172_800)), "2 d");
    }

    #[test]
    fn moments_are_read_as_they_are_written() {
        let now = at(1_000_000);
        for seconds in [0, 1, 951_782_400, 951_827_696, 1_800_000_000, 4_102_444_799] {
            assert_eq!(parse(&utc(at(seconds)), now), Some(at(seconds)));
        }
        let exact = at(1_800_000_000) + Duration::from_millis(250);
        assert_eq!(utc_millis(exact), "2027-01-15T08:00:00.250Z");
        assert_eq!(parse("2027-01-15T08:00:00.25Z", now), Some(exact));
        assert_eq!(parse("2027-01-15", now), Some(at(1_799_971_200)));
        assert_eq!(parse("12345", now), Some(at(12_345)));
        assert_eq!(parse("2h", now), Some(at(1_000_000 - 7200)));
        for wrong in [
            "",
            "h",
            "-1",
            "1.5h",
            "2027-13-01",
            "2027-02-29",
            "2027-01-15T25:00:00Z",
            "yesterday",
            "2027-01-15T08:00Z",
            "2027-01-15T08:00:00.1234567890Z",
            "99999999999999999999",
            "18446744073709551615d",
            "2027-01-15T08:00:00Zé",
            "é",
        ] {
            assert_eq!(parse(wrong, now), None, "{wrong}");
        }
    }

    #[test]
    fn the_future_is_no_age() {
        assert_eq!(age(at(5), at(3)), Duration::ZERO);
        assert_eq!(age(at(3), at(5)), Duration::from_secs(2));
    }
}
