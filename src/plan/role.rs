//! Roles and what each asks of a module. All numbers here are defaults that a
//! plan overrides.

use super::policy::{BerPolicy, LaneRate, PeerRule, PlaneTolerance, ReachWindow, WatchPolicy};
use crate::class::Class;

/// What a port is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Accelerators as one memory domain.
    ScaleUp,
    /// A Clos of NICs and switches.
    ScaleOut,
    /// Joins sites or the two worlds.
    ScaleAcross,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::ScaleUp, Self::ScaleOut, Self::ScaleAcross];

    /// The word used in plans, labels and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::ScaleUp => "scale-up",
            Self::ScaleOut => "scale-out",
            Self::ScaleAcross => "scale-across",
        }
    }
}

/// What a role asks of a module.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Classes that belong.
    pub allowed: Vec<Class>,
    /// Classes that may be there, with a notice.
    pub conditional: Vec<Class>,
    /// Classes that work but cost something.
    pub warned: Vec<Class>,
    /// Classes that must not be there.
    pub denied: Vec<Class>,
    /// Worst-case watts per 100 Gb/s above which to warn.
    pub watts_per_100g_warn: f64,
    /// Worst-case watts per 100 Gb/s that must not be passed.
    pub watts_per_100g_limit: f64,
    /// The same two for modules of 400 Gb/s and less, whose fixed costs weigh
    /// more; `None` where the role makes no difference.
    pub upto_400g: Option<PowerLines>,
    /// Lines for forms that are built for another power, by the form's word in
    /// [`crate::cmis::sff8024::form_factor`]. They go before the others.
    pub by_form: Vec<(&'static str, PowerLines)>,
    /// Host lane rates that belong.
    pub lane_rates: Vec<LaneRate>,
    /// Host lane rates that may be there, with a notice.
    pub lane_rates_accepted: Vec<LaneRate>,
    /// How far light must and may reach.
    pub reach: ReachWindow,
    /// Whether a vendor's own interface codes are worth a notice.
    pub standard_interfaces: bool,
    /// What must be true of the two ends.
    pub peer_rule: PeerRule,
    /// Lines and source of the bit error ratio.
    pub ber: BerPolicy,
    /// How much worse than its sisters a plane may be.
    pub planes: PlaneTolerance,
    /// Lines for what only watching over time shows.
    pub watch: WatchPolicy,
}

/// Worst-case power that a module may take, in watts per 100 Gb/s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PowerLines {
    /// Above this, warn.
    pub warn: f64,
    /// This must not be passed.
    pub limit: f64,
}

/// A liquid-cooled XPO may take 400 W for 12.8 Tb/s, 3.1 W per 100 Gb/s.
const XPO_LINES: PowerLines = PowerLines {
    warn: 3.2,
    limit: 3.5,
};

/// How a class stands with a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It belongs.
    Allowed,
    /// It may be there, with a notice.
    Conditional,
    /// It works but costs something.
    Warned,
    /// It must not be there.
    Denied,
    /// The policy does not speak of it.
    Unlisted,
}

impl Policy {
    /// What a role asks for unless the plan says otherwise.
    ///
    /// The reasons behind the lists: scale-up pays for every watt and every
    /// nanosecond of a retimer; scale-out needs strong FEC and parts of many
    /// vendors that work together; scale-across needs reach that linear modules
    /// and copper do not have. The power lines lie just above what modules of
    /// the wanted classes state in their registers.
    pub fn of_role(role: Role) -> Self {
        use Class::{Acc, Aec, Aoc, Coherent, Cpo, Dac, Dsp, Elsfp, Lacc, Lpo, Lro, Npo};
        let base = Self::without_classes(role);
        match role {
            Role::ScaleUp => Self {
                allowed: vec![Lpo, Npo, Cpo, Elsfp, Dac, Lacc],
                conditional: vec![Lro, Aec, Aoc],
                warned: vec![Dsp],
                denied: vec![Coherent],
                ..base
            },
            Role::ScaleOut => Self {
                allowed: vec![Dsp, Dac, Aec],
                conditional: vec![Lro],
                warned: vec![Coherent],
                // Linear modules come in by the plan's explicit word only.
                denied: vec![Lpo, Cpo, Npo],
                upto_400g: Some(PowerLines {
                    warn: 3.0,
                    limit: 3.25,
                }),
                ..base
            },
            Role::ScaleAcross => Self {
                allowed: vec![Coherent],
                // Belongs with a reach of 10 km or more, which the class does not tell.
                conditional: vec![Dsp],
                warned: vec![],
                denied: vec![Lpo, Lro, Npo, Cpo, Dac, Acc, Lacc, Aec, Aoc],
                ..base
            },
        }
    }

    /// What a role asks for beside classes.
    fn without_classes(role: Role) -> Self {
        let (warn, limit) = match role {
            Role::ScaleUp => (1.15, 1.5),
            Role::ScaleOut => (2.1, 2.5),
            Role::ScaleAcross => (4.0, 5.0),
        };
        let (lane_rates, lane_rates_accepted) = match role {
            Role::ScaleUp => (vec![LaneRate::G224], vec![LaneRate::G112]),
            Role::ScaleOut => (vec![LaneRate::G112, LaneRate::G224], vec![]),
            Role::ScaleAcross => (vec![LaneRate::G112], vec![LaneRate::G224]),
        };
        let by_form = match role {
            Role::ScaleUp | Role::ScaleOut => vec![("xpo", XPO_LINES)],
            Role::ScaleAcross => vec![],
        };
        Self {
            allowed: vec![],
            conditional: vec![],
            warned: vec![],
            denied: vec![],
            watts_per_100g_warn: warn,
            watts_per_100g_limit: limit,
            upto_400g: None,
            by_form,
            lane_rates,
            lane_rates_accepted,
            reach: ReachWindow::of_role(role),
            standard_interfaces: role != Role::ScaleUp,
            peer_rule: match role {
                Role::ScaleUp | Role::ScaleAcross => PeerRule::SameClass,
                Role::ScaleOut => PeerRule::Standard,
            },
            ber: BerPolicy::of_role(role),
            planes: PlaneTolerance::default(),
            watch: WatchPolicy::default(),
        }
    }

    /// How a class stands with this policy.
    pub fn standing(&self, class: Class) -> Standing {
        let lists = [
            (&self.denied, Standing::Denied),
            (&self.warned, Standing::Warned),
            (&self.conditional, Standing::Conditional),
            (&self.allowed, Standing::Allowed),
        ];
        lists
            .into_iter()
            .find(|(list, _)| list.contains(&class))
            .map_or(Standing::Unlisted, |(_, standing)| standing)
    }

    /// The power lines for a module of this form, as
    /// [`crate::cmis::sff8024::form_factor`] calls it, and data rate.
    pub fn power_lines_of(&self, form: Option<&str>, gigabits: f64) -> PowerLines {
        let own = self.by_form.iter().find(|(name, _)| Some(*name) == form);
        own.map_or_else(|| self.power_lines(gigabits), |(_, lines)| *lines)
    }

    /// The power lines for a module of this data rate, in Gb/s, and any form
    /// without lines of its own.
    pub fn power_lines(&self, gigabits: f64) -> PowerLines {
        // A 4x100G module carries 425 Gb/s on its lanes, so the line between
        // the two sorts lies well above 400.
        let small = self.upto_400g.filter(|_| gigabits < 500.0);
        small.unwrap_or(PowerLines {
            warn: self.watts_per_100g_warn,
            limit: self.watts_per_100g_limit,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_default_policy_contradicts_itself() {
        for role in Role::ALL {
            let policy = Policy::of_role(role);
            let lists = [
                &policy.allowed,
                &policy.conditional,
                &policy.warned,
                &policy.denied,
            ];
            for class in Class::ALL {
                let times = lists.iter().filter(|list| list.contains(&class)).count();
                assert!(times <= 1, "{} in {}", class.name(), role.name());
            }
            for gigabits in [400.0, 800.0] {
                let lines = policy.power_lines(gigabits);
                assert!(lines.warn < lines.limit, "{}", role.name());
            }
        }
    }

    #[test]
    fn scale_out_takes_linear_modules_by_exception_only() {
        let policy = Policy::of_role(Role::ScaleOut);
        assert_eq!(policy.standing(Class::Lpo), Standing::Denied);
        assert_eq!(policy.standing(Class::Dsp), Standing::Allowed);
        assert_eq!(policy.standing(Class::BaseT), Standing::Unlisted);
        let small = policy.power_lines(425.0);
        assert_eq!((small.warn, small.limit), (3.0, 3.25));
        let large = policy.power_lines(800.0);
        assert_eq!((large.warn, large.limit), (2.1, 2.5));
        assert_eq!(policy.power_lines_of(Some("osfp"), 800.0), large);
        assert_eq!(policy.power_lines_of(Some("xpo"), 12_800.0), XPO_LINES);
    }
}
