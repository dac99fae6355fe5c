//! Which ports somebody wants to see, and in which order.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::class::Class;
use crate::health::verdict::Verdict;
use crate::names;
use crate::plan::role::Role;
use crate::report::order::Order;
use crate::report::summary::PortSummary;

/// The options that choose and sort ports. Values of one option are alternatives;
/// options narrow each other down.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Select {
    /// What to sort by; without it the worst are first.
    #[arg(long, value_name = "WHAT", value_parser = orders())]
    sort: Option<Order>,
    /// Only ports of this role; may be given several times, as may those below.
    #[arg(long, value_name = "ROLE", value_delimiter = ',',
        value_parser = PossibleValuesParser::new(Role::ALL.map(Role::name)))]
    role: Vec<String>,
    /// Only ports of this plane.
    #[arg(long, value_name = "PLANE", value_delimiter = ',')]
    plane: Vec<String>,
    /// Only ports of this verdict.
    #[arg(long, value_name = "VERDICT", value_delimiter = ',',
        value_parser = PossibleValuesParser::new(Verdict::ALL.map(Verdict::name)))]
    verdict: Vec<String>,
    /// Only ports with a module of this class.
    #[arg(long, value_name = "CLASS", value_delimiter = ',',
        value_parser = PossibleValuesParser::new(Class::ALL.map(Class::name)))]
    class: Vec<String>,
}

/// Reads the name of an order.
fn orders() -> impl TypedValueParser<Value = Order> {
    PossibleValuesParser::new(Order::ALL.map(Order::name))
        .map(|name| Order::from_name(&name).unwrap_or_default())
}

impl Select {
    /// The order that was asked for, or the usual one.
    pub(in crate::cli) fn order(&self) -> Order {
        self.sort.unwrap_or_default()
    }

    /// The order that was asked for.
    pub(super) fn order_asked_for(&self) -> Option<Order> {
        self.sort
    }

    /// Keeps the ports that are wanted.
    pub(in crate::cli) fn keep(&self, ports: &mut Vec<PortSummary>) {
        ports.retain(|port| {
            fits(&self.role, port.role.as_deref())
                && fits(&self.plane, port.plane.as_deref())
                && fits(&self.verdict, Some(&port.verdict))
                && fits(&self.class, port.class.as_deref())
        });
    }
}

/// Whether a value is one of those that are wanted; all are, where none is named.
fn fits(wanted: &[String], value: Option<&str>) -> bool {
    wanted.is_empty() || value.is_some_and(|value| wanted.iter().any(|wanted| wanted == value))
}

/// How many ports there are of each verdict, `64 ports: 3 bad, 61 ok`.
pub(in crate::cli) fn counted(ports: &[PortSummary]) -> String {
    let words = ["bad", "degraded", "unknown", "ok"].into_iter();
    let counts = words.filter_map(|word| {
        let count = ports.iter().filter(|port| port.verdict == word).count();
        (count > 0).then(|| format!("{count} {word}"))
    });
    let counts: Vec<String> = counts.collect();
    let ports = names::counted(ports.len(), "port");
    format!("{ports}: {}", counts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(text: &str) -> PortSummary {
        serde_json::from_str(text).unwrap()
    }

    fn ports() -> Vec<PortSummary> {
        vec![
            port(
                r#"{"port": "a", "bus": "b", "presence": "active", "verdict": "bad", "reasons": [],
                    "findings": [], "role": "scale-out", "plane": "1", "class": "dsp"}"#,
            ),
            port(
                r#"{"port": "b", "bus": "b", "presence": "active", "verdict": "ok", "reasons": [],
                    "findings": [], "role": "scale-up", "class": "lpo", "new_member": 1}"#,
            ),
            port(
                r#"{"port": "c", "bus": "b", "presence": "empty", "verdict": "unknown",
                    "reasons": [], "findings": []}"#,
            ),
        ]
    }

    fn kept(select: &Select) -> String {
        let mut ports = ports();
        select.keep(&mut ports);
        ports.into_iter().map(|port| port.port).collect()
    }

    #[test]
    fn values_are_alternatives_and_options_narrow() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let all = Select::default();
        assert_eq!(kept(&all), "abc");
        let verdicts = Select {
            verdict: words(&["bad", "unknown"]),
            ..Select::default()
        };
        assert_eq!(kept(&verdicts), "ac");
        let both = Select {
            role: words(&["scale-out"]),
            ..verdicts
        };
        assert_eq!(kept(&both), "a");
        let plane = Select {
            plane: words(&["2"]),
            ..Select::default()
        };
        assert_eq!(kept(&plane), "");
        let class = Select {
            class: words(&["lpo"]),
            ..Select::default()
        };
        assert_eq!(kept(&class), "b");
    }

    #[test]
    fn ports_are_counted_the_worst_first() {
        assert_eq!(counted(&ports()), "3 ports: 1 bad, 1 unknown, 1 ok");
        assert_eq!(counted(&[]), "0 ports: ");
    }
}
