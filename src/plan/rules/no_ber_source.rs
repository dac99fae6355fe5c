//! Sees a link of which nobody tells how many bits are wrong: a zero from a module
//! without a decoder is absence, not health.

use super::super::finding::Finding;
use super::super::policy::BerSource;
use super::Case;
use crate::class::{Class, Retiming};

/// The rule's name.
pub const ID: &str = "no-ber-source";

/// What VDM calls the error ratio before correction.
const PRE_FEC: &str = "pre_fec_ber";

pub(in super::super) fn look(case: &Case<'_>) -> Option<Finding> {
    let policy = &case.planned.policy.ber;
    let severity = policy.severity_without?;
    if case.class.class == Class::Unknown {
        // What it could tell is not established either.
        return None;
    }
    let (told, wanted) = match policy.from {
        BerSource::Host => (case.host_counts, "error counters of the host's FEC"),
        BerSource::Module => (module_tells(case), "error ratios from the module"),
        BerSource::Either => (
            case.host_counts || module_tells(case),
            "error ratios from module or host",
        ),
        BerSource::None => return None,
    };
    let silent = case
        .host_silent
        .filter(|_| policy.from != BerSource::Module);
    let module = match case.class.retiming {
        Retiming::None => format!("{}, which decodes nothing", case.class.class.name()),
        _ if module_tells(case) => "error ratios from the module only".to_owned(),
        _ => "a module that shows no error ratio".to_owned(),
    };
    (!told).then(|| Finding {
        rule: ID,
        severity,
        saw: match silent {
            Some(said) => format!("{module}, and a host that does not tell: {said}"),
            None => module,
        },
        planned: format!("{}: {wanted}", case.planned.role.name()),
        advice: match silent {
            Some(_) => "have the source that `fec` names for this port answer, or name another",
            None => {
                "name the host's FEC counters of this port in the configuration, `fec = \
                 \"ethtool:eth0\"` or `\"sonic:Ethernet0\"`; where they are watched elsewhere, set \
                 `ber_from = \"none\"` in the plan"
            }
        }
        .to_owned(),
    })
}

/// Whether the module counts errors of what it receives, read in this sweep or
/// not.
fn module_tells(case: &Case<'_>) -> bool {
    let retimes = matches!(case.class.retiming, Retiming::Both | Retiming::Unknown);
    let mut samples = case.module.vdm.iter();
    retimes && samples.any(|sample| sample.name == PRE_FEC)
}
