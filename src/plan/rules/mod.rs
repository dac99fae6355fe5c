//! The rules that a port is held against, one file each: its stable name, what
//! it sees, and what it advises.

pub(super) mod application;
pub(super) mod breakout_missing;
pub(super) mod class_conditional;
pub(super) mod class_denied;
pub(super) mod class_not_established;
pub(super) mod class_warned;
pub(super) mod duplicate_serial;
pub(super) mod exception_expired;
pub(super) mod fiber_too_long;
pub(super) mod firmware_not_allowed;
pub(super) mod form_factor;
pub(super) mod lane_count;
pub(super) mod lane_rate;
pub(super) mod media;
pub(super) mod missing;
pub(super) mod no_ber_source;
pub(super) mod non_standard_interface;
pub(super) mod part_not_allowed;
pub(super) mod peer_class_mismatch;
pub(super) mod plane_imbalance;
pub(super) mod plane_incomplete;
pub(super) mod power_over_budget;
pub(super) mod power_over_hard_limit;
pub(super) mod reach_long;
pub(super) mod reach_short;
pub(super) mod unexpected;

use super::Assignment;
use super::role::{Policy, PowerLines, Standing};
use crate::class::power::watts_per_100g;
use crate::class::{Class, Classification};
use crate::cmis::sff8024;
use crate::module::Snapshot;

/// The name of every rule that one look at all ports decides, in the order of the
/// alphabet; those of [`super::watched`] come beside them.
pub const NAMES: [&str; 26] = [
    application::ID,
    breakout_missing::ID,
    class_conditional::ID,
    class_denied::ID,
    class_not_established::ID,
    class_warned::ID,
    duplicate_serial::ID,
    exception_expired::ID,
    fiber_too_long::ID,
    firmware_not_allowed::ID,
    form_factor::ID,
    lane_count::ID,
    lane_rate::ID,
    media::ID,
    missing::ID,
    no_ber_source::ID,
    non_standard_interface::ID,
    part_not_allowed::ID,
    peer_class_mismatch::ID,
    plane_imbalance::ID,
    plane_incomplete::ID,
    power_over_budget::ID,
    power_over_hard_limit::ID,
    reach_long::ID,
    reach_short::ID,
    unexpected::ID,
];

/// A planned port with a module in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case<'a> {
    /// What the plan says.
    pub planned: &'a Assignment,
    /// The module.
    pub module: &'a Snapshot,
    /// Its class.
    pub class: &'a Classification,
    /// Whether the FEC counters of the host are read for the port.
    pub host_counts: bool,
    /// Why they cannot be read, where somebody is named to read them from.
    pub host_silent: Option<&'a str>,
}

impl Case<'_> {
    /// How the module's class stands with the policy; `None` if the class is
    /// not established.
    fn standing(&self) -> Option<Standing> {
        let class = self.class.class;
        (class != Class::Unknown).then(|| self.planned.policy.standing(class))
    }

    /// The module in words: class, vendor and part number.
    fn saw(&self) -> String {
        describe(self.module, self.class)
    }

    /// The role and the classes that belong in it, in words.
    fn wanted(&self) -> String {
        let role = self.planned.role.name();
        match self.planned.policy.allowed.as_slice() {
            [] => format!("{role}, with no class allowed outright"),
            classes => {
                let names: Vec<_> = classes.iter().map(|class| class.name()).collect();
                format!("{role}: {}", names.join(", "))
            }
        }
    }
}

/// A module in words: class, vendor and part number.
pub(super) fn describe(module: &Snapshot, class: &Classification) -> String {
    let name = match class.class {
        Class::Unknown => "module of unknown class",
        known => known.name(),
    };
    let identity = &module.identity;
    let sold_as: Vec<_> = [&identity.vendor, &identity.part_number]
        .into_iter()
        .filter_map(|text| text.as_ref().value())
        .map(String::as_str)
        .collect();
    match sold_as.as_slice() {
        [] => name.to_owned(),
        sold_as => format!("{name} ({})", sold_as.join(" ")),
    }
}

/// What a module states of its power, beside what its role allows.
struct Power {
    /// Worst-case watts per 100 Gb/s.
    per_100g: f64,
    /// Worst-case watts of the whole module.
    watts: f64,
    /// Data rate in Gb/s.
    gigabits: f64,
    /// What the role allows a module of this rate.
    lines: PowerLines,
}

impl Power {
    /// `None` where the module states no power or its data rate is not known.
    fn of(case: &Case<'_>) -> Option<Self> {
        let watts = case.module.power.max.value()?.watts();
        let per_100g = watts_per_100g(case.module).filter(|per_100g| *per_100g > 0.0)?;
        let form = sff8024::form_factor(case.module.identity.identifier);
        Some(Self::against(&case.planned.policy, form, watts, per_100g))
    }

    /// The data rate follows from the two.
    fn against(policy: &Policy, form: Option<&str>, watts: f64, per_100g: f64) -> Self {
        let gigabits = watts / per_100g * 100.0;
        Self {
            per_100g,
            watts,
            gigabits,
            lines: policy.power_lines_of(form, gigabits),
        }
    }

    /// What was seen, in words.
    fn saw(&self) -> String {
        format!(
            "{:.2} W per 100 Gb/s: {:.1} W at most for {:.0} Gb/s",
            self.per_100g, self.watts, self.gigabits
        )
    }
}
