//! Numbers as people read them.

/// Whole numbers with the thousands apart: 131,072.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A power with the prefix that keeps it short: 2.46 MW.
pub fn watts(watts: f64) -> String {
    scaled(watts, "W")
}

/// A length with the prefix that keeps it short: 52.4 km. Thousands of
/// kilometres are the largest that people say.
pub(super) fn meters(meters: f64) -> String {
    if meters >= 1e6 {
        format!("{:.0} km", meters / 1e3)
    } else {
        scaled(meters, "m")
    }
}

fn scaled(number: f64, unit: &str) -> String {
    let (scale, prefix) = match number.abs() {
        n if n >= 1e9 => (1e9, "G"),
        n if n >= 1e6 => (1e6, "M"),
        n if n >= 1e3 => (1e3, "k"),
        _ => (1.0, ""),
    };
    format!("{} {prefix}{unit}", three_figures(number / scale))
}

/// A number with about three figures.
pub(super) fn three_figures(number: f64) -> String {
    match number.abs() {
        n if n >= 100.0 => format!("{number:.0}"),
        n if n >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

/// A cost in prices of an 800G module, which may be many.
pub(super) fn cost(cost: f64) -> String {
    if cost >= 1e6 {
        format!("{:.2} M", cost / 1e6)
    } else if cost >= 1e4 {
        format!("{:.1} k", cost / 1e3)
    } else {
        format!("{cost:.1}")
    }
}

/// Ports down by ports up: 3:1, or 1.5:1.
pub(super) fn to_one(ratio: f64) -> String {
    let text = format!("{ratio:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}:1")
}

/// A number of tiers in words.
pub(super) fn tiers(number: u16) -> String {
    match number {
        1 => "one tier".to_owned(),
        2 => "two tiers".to_owned(),
        3 => "three tiers".to_owned(),
        more => format!("{more} tiers"),
    }
}

/// A number of planes in words.
pub(super) fn planes(number: usize) -> String {
    match number {
        1 => "one plane".to_owned(),
        more => format!("{more} planes"),
    }
}

/// A speed: 800G, 1.6T.
pub(super) fn speed(gbps: u64) -> String {
    match gbps {
        0..1000 => format!("{gbps}G"),
        _ if gbps.is_multiple_of(1000) => format!("{}T", gbps / 1000),
        _ => format!("{}T", gbps as f64 / 1000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(131_072), "131,072");
        assert_eq!(grouped(1_048_576), "1,048,576");
        assert_eq!(watts(2_457_600.0), "2.46 MW");
        assert_eq!(watts(15.0), "15.0 W");
        assert_eq!(meters(1500.0), "1.50 km");
        assert_eq!(meters(52_428_800.0), "52429 km");
        assert_eq!(to_one(3.0), "3:1");
        assert_eq!(to_one(1.5), "1.5:1");
        assert_eq!(speed(1600), "1.6T");
        assert_eq!(speed(3000), "3T");
        assert_eq!(cost(386_662.4), "386.7 k");
    }
}
