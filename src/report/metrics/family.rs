//! One metric family: its name, kind and help, and the making of its series.

use std::collections::{BTreeSet, HashMap};

use prometheus::core::Desc;

use super::Port;
use super::rows::{Rows, escape};
use crate::names::Profile;

/// Name, kind and help text of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// The full name.
    pub name: &'static str,
    /// Whether it only ever grows.
    pub counter: bool,
    /// What it says, in which unit, and of which time.
    pub help: &'static str,
    /// The smallest profile that has it.
    pub profile: Profile,
}

impl Spec {
    /// A value that may go up and down; in every profile.
    pub(super) const fn gauge(name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            counter: false,
            help,
            profile: Profile::Lean,
        }
    }

    /// A count of what this daemon itself saw since it started; in every profile.
    pub(super) const fn counter(name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            counter: true,
            help,
            profile: Profile::Lean,
        }
    }

    /// The same family, in this profile and larger ones only.
    pub(super) const fn in_profile(self, profile: Profile) -> Self {
        Self { profile, ..self }
    }

    /// The descriptor by which a registry knows the family.
    pub(super) fn descriptor(&self) -> prometheus::Result<Desc> {
        Desc::new(
            self.name.to_owned(),
            self.help.to_owned(),
            Vec::new(),
            HashMap::new(),
        )
    }

    /// The family with the series that `fill` adds.
    pub(super) fn filled(&'static self, fill: impl FnOnce(&mut Series<'_>)) -> Family {
        let mut rows = Rows::new(self.name);
        fill(&mut Series {
            shared: None,
            rows: &mut rows,
        });
        Family::new(self, rows)
    }

    /// The family with the series that `fill` adds for each port; each gets
    /// the label `port`. A family that is not in the profile stays empty.
    pub(super) fn by_port(
        &'static self,
        ports: &[Port<'_>],
        fill: impl Fn(&Port<'_>, &mut Series<'_>),
    ) -> Family {
        let mut rows = Rows::new(self.name);
        for port in ports.iter().filter(|p| p.profile >= self.profile) {
            let mut series = Series {
                shared: Some(("port", port.slot.name.as_str())),
                rows: &mut rows,
            };
            fill(port, &mut series);
        }
        Family::new(self, rows)
    }

    /// The family with at most one series for each port.
    pub(super) fn one_by_port(
        &'static self,
        ports: &[Port<'_>],
        value: impl Fn(&Port<'_>) -> Option<f64>,
    ) -> Family {
        self.by_port(ports, |port, series| series.add_some(&[], value(port)))
    }
}

/// A family with its series, ready to be sent.
#[derive(Debug)]
pub(super) struct Family {
    spec: &'static Spec,
    lines: String,
}

impl Family {
    fn new(spec: &'static Spec, rows: Rows) -> Self {
        Self {
            spec,
            lines: rows.sorted(),
        }
    }

    /// The full name.
    pub(super) fn name(&self) -> &'static str {
        self.spec.name
    }

    /// Whether it has no series; such a family is not sent.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// How many bytes [`Family::write`] writes, or a few less.
    pub(super) fn size(&self) -> usize {
        let Spec { name, help, .. } = self.spec;
        let heads = "# HELP  \n# TYPE  counter\n".len() + 2 * name.len() + help.len();
        heads + self.lines.len()
    }

    /// Writes help, type and series.
    pub(super) fn write(&self, text: &mut String) {
        let Spec { name, help, .. } = self.spec;
        let kind = if self.spec.counter {
            "counter"
        } else {
            "gauge"
        };
        for part in ["# HELP ", name, " "] {
            text.push_str(part);
        }
        escape(text, help, false);
        for part in ["\n# TYPE ", name, " ", kind, "\n", &self.lines] {
            text.push_str(part);
        }
    }
}

/// Takes the series of one family. Every call must name the same labels in the
/// same order; an empty label value counts as no label
/// where the scrape is read.
pub(super) struct Series<'a> {
    shared: Option<(&'a str, &'a str)>,
    rows: &'a mut Rows,
}

impl Series<'_> {
    /// Adds a series; a value that is not a number is absent.
    pub(super) fn add(&mut self, labels: &[(&str, &str)], value: f64) {
        if value.is_finite() {
            self.rows.add(self.shared.iter().chain(labels), value);
        }
    }

    /// Adds a series if there is a value.
    pub(super) fn add_some(&mut self, labels: &[(&str, &str)], value: Option<f64>) {
        if let Some(value) = value {
            self.add(labels, value);
        }
    }

    /// Adds a state set: a series for each state, 1 at the present one.
    pub(super) fn add_states<'s>(
        &mut self,
        states: impl IntoIterator<Item = &'s str>,
        present: Option<&str>,
    ) {
        for state in states {
            self.add(&[("state", state)], truth(Some(state) == present));
        }
    }
}

/// Yes as 1, no as 0.
pub(super) fn truth(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

/// A count as the float that Prometheus wants: exact up to 2^53.
#[expect(
    clippy::cast_precision_loss,
    reason = "Prometheus knows floats only, and no count gets near 2^53"
)]
pub(super) fn count(number: u64) -> f64 {
    number as f64
}

/// Lets each key through once: a module may say the same thing twice, but two
/// series with the same labels spoil a whole scrape.
#[derive(Debug, Default)]
pub(super) struct Once<K>(BTreeSet<K>);

impl<K: Ord> Once<K> {
    pub(super) fn new() -> Self {
        Self(BTreeSet::new())
    }

    /// Whether the key was not seen before.
    pub(super) fn first(&mut self, key: K) -> bool {
        self.0.insert(key)
    }
}
