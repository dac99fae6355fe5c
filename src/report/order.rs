//! In which order ports stand in a list: the worst first, unless asked otherwise. The
//! orders of the page (`page::sort`) compare by the same functions, so that a port stands
//! where it stands in the table of a terminal.

use std::cmp::{Ordering, Reverse};

use super::summary::{Light, PortSummary};

/// What ports are sorted by. What is not known stands behind the others. Where a
/// measured quantity is alike, or not known, the worst are first; by words and ages,
/// ports that are alike keep their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Bad, degraded, unknown, ok, empty cages; in each the least margin first.
    #[default]
    Verdict,
    /// By name, numbers in it as numbers.
    Port,
    /// The least margin to the limit of the error ratio first.
    Margin,
    /// The hottest first.
    Temperature,
    /// Dark receivers first, then those nearest to a warning threshold.
    Light,
    /// By role and plane.
    Role,
    /// By class.
    Class,
    /// By maker and part number.
    Vendor,
    /// Those not heard of for the longest time first.
    Age,
}

impl Order {
    /// Every order.
    pub const ALL: [Self; 9] = [
        Self::Verdict,
        Self::Port,
        Self::Margin,
        Self::Temperature,
        Self::Light,
        Self::Role,
        Self::Class,
        Self::Vendor,
        Self::Age,
    ];

    /// The word for it on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::Port => "port",
            Self::Margin => "margin",
            Self::Temperature => "temperature",
            Self::Light => "light",
            Self::Role => "role",
            Self::Class => "class",
            Self::Vendor => "vendor",
            Self::Age => "age",
        }
    }

    /// The order of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.name() == name)
    }

    /// The next one, round and round.
    pub fn next(self) -> Self {
        let mut all = Self::ALL.into_iter().cycle();
        all.find(|order| *order == self);
        all.next().unwrap_or_default()
    }

    /// Sorts ports.
    pub fn sort(self, ports: &mut [PortSummary]) {
        ports.sort_by(|a, b| self.compare(a, b));
    }

    fn compare(self, a: &PortSummary, b: &PortSummary) -> Ordering {
        let near = |light: Light| nearness(light.watts, light.margin_db);
        match self {
            Self::Verdict => worst(a, b),
            Self::Port => natural(&a.port, &b.port),
            Self::Margin => by_margin(a, b).then_with(|| worst(a, b)),
            Self::Temperature => {
                most(a.temperature_celsius, b.temperature_celsius).then_with(|| worst(a, b))
            }
            Self::Light => by_light(a.worst_rx_power.map(near), b.worst_rx_power.map(near))
                .then_with(|| worst(a, b)),
            Self::Role => known_first(a.role_and_plane().as_deref(), b.role_and_plane().as_deref()),
            Self::Class => known_first(a.class.as_deref(), b.class.as_deref()),
            Self::Vendor => known_first(a.vendor.as_deref(), b.vendor.as_deref())
                .then_with(|| known_first(a.part_number.as_deref(), b.part_number.as_deref())),
            Self::Age => most(a.age_seconds, b.age_seconds),
        }
    }
}

/// The gravest verdict first, then the least margin.
fn worst(a: &PortSummary, b: &PortSummary) -> Ordering {
    urgency(a).cmp(&urgency(b)).then_with(|| by_margin(a, b))
}

fn urgency(port: &PortSummary) -> u8 {
    rank(&port.verdict, &port.presence)
}

/// How soon somebody should look at a port, 0 the soonest, by the words for its verdict
/// and presence. A cage that is empty and judged unknown was planned to hold nothing.
pub(super) fn rank(verdict: &str, presence: &str) -> u8 {
    match verdict {
        "bad" => 0,
        "degraded" => 1,
        "ok" => 3,
        _ if presence == "empty" => 4,
        _ => 2,
    }
}

/// What received light is compared by: its margin in decibels, and its watts where
/// margins are alike. See [`nearness`].
pub(super) type Nearness = (f64, f64);

/// How near to trouble light of so many watts is with such a margin in decibels: dark is
/// the least of all, an unknown margin the greatest.
pub(super) fn nearness(watts: f64, margin: Option<f64>) -> Nearness {
    let margin = if watts <= 0.0 {
        f64::NEG_INFINITY
    } else {
        margin.unwrap_or(f64::INFINITY)
    };
    (margin, watts)
}

/// The nearest to trouble first, what is not known last.
pub(super) fn by_light(a: Option<Nearness>, b: Option<Nearness>) -> Ordering {
    let margin = |light: Option<Nearness>| light.map(|light| light.0);
    let watts = |light: Option<Nearness>| light.map(|light| light.1);
    least(margin(a), margin(b)).then_with(|| least(watts(a), watts(b)))
}

fn by_margin(a: &PortSummary, b: &PortSummary) -> Ordering {
    let decades = |port: &PortSummary| port.margin.as_ref().map(|margin| margin.decades);
    least(decades(a), decades(b))
}

/// The least first, what is not known last.
pub(super) fn least(a: Option<f64>, b: Option<f64>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (a, b) => Reverse(a.is_some()).cmp(&Reverse(b.is_some())),
    }
}

/// The most first, what is not known last.
pub(super) fn most(a: Option<f64>, b: Option<f64>) -> Ordering {
    least(a.map(|a| -a), b.map(|b| -b))
}

/// In the order of the alphabet, what is not known last.
fn known_first(a: Option<&str>, b: Option<&str>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => natural(a, b),
        (a, b) => Reverse(a.is_some()).cmp(&Reverse(b.is_some())),
    }
}

/// Compares names as people do: `Ethernet9` before `Ethernet10`.
pub fn natural(a: &str, b: &str) -> Ordering {
    let (mut a_rest, mut b_rest) = (a, b);
    while let (Some(a_char), Some(b_char)) = (a_rest.chars().next(), b_rest.chars().next()) {
        let both = a_char.is_ascii_digit() && b_char.is_ascii_digit();
        let (length_a, length_b) = if both {
            (digits(a_rest), digits(b_rest))
        } else {
            (a_char.len_utf8(), b_char.len_utf8())
        };
        let (part_a, after_a) = a_rest.split_at(length_a);
        let (part_b, after_b) = b_rest.split_at(length_b);
        let order = if both {
            let (a, b) = (
                part_a.trim_start_matches('0'),
                part_b.trim_start_matches('0'),
            );
            a.len().cmp(&b.len()).then_with(|| a.cmp(b))
        } else {
            part_a.cmp(part_b)
        };
        if order != Ordering::Equal {
            return order;
        }
        (a_rest, b_rest) = (after_a, after_b);
    }
    // Names that are equal but for leading zeros are told apart by these.
    (a_rest.len(), a).cmp(&(b_rest.len(), b))
}

/// The number of bytes of the digits at the start.
fn digits(text: &str) -> usize {
    text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::summary::Margin;

    fn port(name: &str, verdict: &'static str, decades: Option<f64>) -> PortSummary {
        let json = format!(
            r#"{{"port": "{name}", "bus": "b", "presence": "active", "verdict": "{verdict}",
                 "reasons": [], "findings": []}}"#
        );
        let mut port: PortSummary = serde_json::from_str(&json).unwrap();
        port.margin = decades.map(|decades| Margin {
            side: "media".into(),
            source: "module".into(),
            lane: None,
            ratio: None,
            below: None,
            decades,
            at_least: false,
        });
        port
    }

    fn sorted(order: Order, ports: &[PortSummary]) -> Vec<String> {
        let mut ports = ports.to_vec();
        order.sort(&mut ports);
        ports.into_iter().map(|port| port.port).collect()
    }

    #[test]
    fn the_worst_is_first() {
        let mut empty = port("empty", "unknown", None);
        empty.presence = "empty".into();
        let ports = [
            empty,
            port("fine", "ok", Some(9.0)),
            port("near", "ok", Some(2.0)),
            port("unmeasured", "ok", None),
            port("new", "unknown", None),
            port("dim", "degraded", None),
            port("worst", "bad", Some(-1.0)),
            port("bad", "bad", Some(0.5)),
        ];
        assert_eq!(
            sorted(Order::Verdict, &ports),
            [
                "worst",
                "bad",
                "dim",
                "new",
                "near",
                "fine",
                "unmeasured",
                "empty"
            ]
        );
        assert_eq!(
            sorted(Order::Margin, &ports)[..4],
            ["worst", "bad", "near", "fine"]
        );
    }

    #[test]
    fn what_is_not_known_stands_last() {
        let mut hot = port("hot", "ok", None);
        hot.temperature_celsius = Some(70.0);
        hot.worst_rx_power = Some(Light {
            lane: 1,
            watts: 1e-3,
            margin_db: Some(2.0),
        });
        let mut cold = port("cold", "ok", None);
        cold.temperature_celsius = Some(-5.0);
        cold.worst_rx_power = Some(Light {
            lane: 1,
            watts: 0.0,
            margin_db: None,
        });
        cold.class = Some("lpo".into());
        let ports = [port("silent", "ok", None), cold, hot];
        assert_eq!(
            sorted(Order::Temperature, &ports),
            ["hot", "cold", "silent"]
        );
        assert_eq!(sorted(Order::Light, &ports), ["cold", "hot", "silent"]);
        assert_eq!(sorted(Order::Class, &ports)[0], "cold");
    }

    #[test]
    fn numbers_in_names_are_numbers() {
        let mut names = [
            "Ethernet10",
            "swp1s1",
            "Ethernet9",
            "swp1",
            "Ethernet09",
            "é",
            "",
        ];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(
            names,
            [
                "",
                "Ethernet09",
                "Ethernet9",
                "Ethernet10",
                "swp1",
                "swp1s1",
                "é"
            ]
        );
    }

    #[test]
    fn the_orders_go_round() {
        let mut order = Order::default();
        for _ in Order::ALL {
            assert_eq!(Order::from_name(order.name()), Some(order));
            order = order.next();
        }
        assert_eq!(order, Order::default());
    }
}
