//! Holds a port against its plan.

use super::Assignment;
use super::exception;
use super::finding::Finding;
use super::rules::{self, Case};
use super::watched::Watched;
use crate::class::Classification;
use crate::module::{Presence, Snapshot};

/// How a port differs from what the plan says of it; `None` for a port that a
/// plan does not name. Gravest first.
///
/// What the plan accepts by exception is a notice; the day is that of
/// [`super::Plan::as_of`].
///
/// Not to be asked where there is no plan at all: then nothing is unexpected.
pub fn check(
    planned: Option<&Assignment>,
    presence: Presence,
    module: Option<(&Snapshot, &Classification)>,
) -> Vec<Finding> {
    check_watched(planned, presence, module, Watched::default())
}

/// The same for a port that is watched over time: what that found is among the
/// findings, and the plan's exceptions hold for it too.
pub fn check_watched(
    planned: Option<&Assignment>,
    presence: Presence,
    module: Option<(&Snapshot, &Classification)>,
    watched: Watched,
) -> Vec<Finding> {
    let mut findings = watched.findings;
    let Some(planned) = planned else {
        findings.extend(rules::unexpected::look(presence, module));
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        return findings;
    };
    findings.extend(rules::missing::look(planned, presence));
    if let Some((module, class)) = module {
        let case = Case {
            planned,
            module,
            class,
            host_counts: watched.host_counts,
            host_silent: watched.host_silent.as_deref(),
        };
        let looks = [
            rules::class_denied::look,
            rules::class_not_established::look,
            rules::class_warned::look,
            rules::class_conditional::look,
            rules::power_over_hard_limit::look,
            rules::power_over_budget::look,
            rules::form_factor::look,
            rules::media::look,
            rules::application::look,
            rules::breakout_missing::look,
            rules::lane_count::look,
            rules::lane_rate::look,
            rules::reach_short::look,
            rules::reach_long::look,
            rules::part_not_allowed::look,
            rules::firmware_not_allowed::look,
            rules::non_standard_interface::look,
            rules::peer_class_mismatch::look,
            rules::no_ber_source::look,
        ];
        findings.extend(looks.iter().filter_map(|look| look(&case)));
    }
    exception::apply(&planned.exceptions, &mut findings);
    findings
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::super::finding::Severity;
    use super::super::policy::BerSource;
    use super::super::role::{Policy, Role};
    use super::*;
    use crate::class::{Class, Form, Retiming, Source};
    use crate::module::assemble::{self, Registers};
    use crate::names::PortName;
    use crate::tomlfile::Spot;

    fn module() -> Snapshot {
        assemble::snapshot(Registers {
            image: Arc::default(),
            failures: Vec::new(),
            started: Duration::ZERO,
            finished: Duration::ZERO,
        })
    }

    fn of_class(class: Class) -> Classification {
        Classification {
            class,
            form: Form::Pluggable,
            retiming: Retiming::Unknown,
            confidence: 0.9,
            source: Source::Scored,
            evidence: Vec::new(),
            missing: vec!["page 01h was not read".to_owned()],
            conflicts: Vec::new(),
            scores: Vec::new(),
        }
    }

    /// A policy that does not ask who counts wrong bits.
    fn quiet(mut policy: Policy) -> Policy {
        policy.ber.from = BerSource::None;
        policy
    }

    fn planned(role: Role) -> Assignment {
        Assignment {
            port: PortName::new("Ethernet0").unwrap(),
            role,
            plane: None,
            rail: None,
            plane_set: None,
            peer: None,
            required: true,
            policy: Arc::new(quiet(Policy::of_role(role))),
            expected: Arc::default(),
            exceptions: Vec::new(),
            at: Spot { line: 1, column: 1 },
        }
    }

    /// The rules that speak of a module of this class in this role.
    fn rules(role: Role, class: Class) -> Vec<(&'static str, Severity)> {
        let module = module();
        let class = of_class(class);
        check(
            Some(&planned(role)),
            Presence::Active,
            Some((&module, &class)),
        )
        .iter()
        .map(|finding| (finding.rule, finding.severity))
        .collect()
    }

    #[test]
    fn a_class_that_belongs_finds_nothing() {
        assert_eq!(rules(Role::ScaleUp, Class::Lpo), []);
        assert_eq!(rules(Role::ScaleOut, Class::Dsp), []);
        assert_eq!(rules(Role::ScaleAcross, Class::Coherent), []);
    }

    #[test]
    fn each_standing_has_its_rule() {
        let denied = [("class-denied", Severity::Error)];
        assert_eq!(rules(Role::ScaleUp, Class::Coherent), denied);
        assert_eq!(rules(Role::ScaleOut, Class::Lpo), denied);
        assert_eq!(rules(Role::ScaleAcross, Class::Lpo), denied);
        let warned = [("class-warned", Severity::Warning)];
        assert_eq!(rules(Role::ScaleUp, Class::Dsp), warned);
        assert_eq!(rules(Role::ScaleOut, Class::Coherent), warned);
        let conditional = [("class-conditional", Severity::Notice)];
        assert_eq!(rules(Role::ScaleUp, Class::Aec), conditional);
        assert_eq!(rules(Role::ScaleUp, Class::BaseT), conditional);
    }

    #[test]
    fn an_unknown_class_is_a_warning_and_never_a_denial() {
        let unknown = [("class-not-established", Severity::Warning)];
        for role in Role::ALL {
            assert_eq!(rules(role, Class::Unknown), unknown);
        }
        let mut planned = planned(Role::ScaleUp);
        Arc::make_mut(&mut planned.policy)
            .denied
            .push(Class::Unknown);
        let (module, class) = (module(), of_class(Class::Unknown));
        let found = check(Some(&planned), Presence::Active, Some((&module, &class)));
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].saw,
            "module of unknown class: page 01h was not read"
        );
    }

    #[test]
    fn only_an_empty_required_port_misses_a_module() {
        let mut planned = planned(Role::ScaleUp);
        planned.peer = Some("gpu3:eth0".to_owned());
        let found = check(Some(&planned), Presence::Empty, None);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].rule, found[0].severity),
            ("missing", Severity::Error)
        );
        assert_eq!(found[0].planned, "a scale-up module towards gpu3:eth0");
        for presence in [Presence::Unread, Presence::Settling, Presence::Failing] {
            assert_eq!(check(Some(&planned), presence, None), []);
        }
        planned.required = false;
        assert_eq!(check(Some(&planned), Presence::Empty, None), []);
    }

    #[test]
    fn a_module_in_an_unnamed_port_is_unexpected() {
        let mut module = module();
        module.identity.vendor = crate::module::Reading::Value("ACME".to_owned());
        let class = of_class(Class::Dsp);
        let found = check(None, Presence::Active, Some((&module, &class)));
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].rule, found[0].severity),
            ("unexpected", Severity::Notice)
        );
        assert_eq!(found[0].saw, "dsp (ACME)");
        assert_eq!(check(None, Presence::Empty, None), []);
    }

    #[test]
    fn a_module_that_states_no_power_breaks_no_power_rule() {
        assert_eq!(rules(Role::ScaleOut, Class::Dsp), []);
    }
}
