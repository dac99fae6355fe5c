//! Which limits an error ratio is held against: those of the code that corrects it.

use super::ber::{Ber, Estimate, Source, Vantage};
use super::margin::Margin;
use crate::class::Class;
use crate::names::Side;
use crate::plan::policy::{BerPolicy, CodeKind};

/// The error ratio that stands for one vantage, and how far it is from its limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// The worst lane's, or the whole path's.
    pub ber: Ber,
    /// What corrects it.
    pub code: CodeKind,
    /// Where that ends.
    pub limit: f64,
    /// How far that is away; from the bound where no error was seen.
    pub margin: Option<Margin>,
}

impl Standing {
    /// Which side, seen by whom.
    pub fn vantage(&self) -> Vantage {
        self.ber.vantage()
    }

    /// The ratio.
    pub fn estimate(&self) -> Estimate {
        self.ber.estimate
    }
}

/// The code behind one vantage: the media side of coherent modules has a soft one
/// and that of 802.3dj modules an inner one; all else ends in KP4 or its like.
pub(super) fn code(vantage: Vantage, class: Class, has_inner_code: bool) -> CodeKind {
    if vantage.side != Side::Media || vantage.source != Source::Module {
        CodeKind::Kp4
    } else if class == Class::Coherent {
        CodeKind::Soft
    } else if has_inner_code {
        CodeKind::Inner
    } else {
        CodeKind::Kp4
    }
}

/// Holds a ratio against its limit.
pub(super) fn standing(ber: Ber, code: CodeKind, policy: &BerPolicy) -> Standing {
    let limit = policy.of_code(code).limit;
    let ratio = ber.estimate.number();
    let margin = match code {
        CodeKind::Soft => Margin::of_soft(ratio, limit),
        CodeKind::Kp4 | CodeKind::Inner => Margin::of_pam4(ratio, limit),
    };
    Standing {
        ber,
        code,
        limit,
        margin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::Statistic;
    use crate::plan::role::Role;

    #[test]
    fn each_side_of_a_coherent_module_has_its_own_limit() {
        let policy = BerPolicy::of_role(Role::ScaleAcross);
        let of = |side, class| {
            let ber = Ber {
                side,
                source: Source::Module,
                lane: None,
                statistic: Statistic::Current,
                estimate: Estimate::of_ratio(2e-5, None).unwrap(),
                bits: None,
            };
            standing(ber, code(ber.vantage(), class, false), &policy)
        };
        let media = of(Side::Media, Class::Coherent);
        assert_eq!(media.limit, 2e-2);
        assert_eq!(media.margin.unwrap().electrical_db, None);
        let host = of(Side::Host, Class::Coherent);
        assert_eq!(host.limit, 2.4e-4);
        assert!(host.margin.unwrap().electrical_db.is_some());
        assert_eq!(of(Side::Media, Class::Dsp).limit, 2.4e-4);
        let inner = code(media.vantage(), Class::Dsp, true);
        assert_eq!(inner, CodeKind::Inner);
    }
}
