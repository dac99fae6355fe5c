//! Which limits an error ratio is held against: those of the code that corrects it.

use super::ber::{Ber, Estimate, Source, Vantage};
use super::margin::Margin;
use crate::class::Class;
use crate::names::Side;
use crate::plan::policy::BerPolicy;

/// The error ratio that stands for one vantage, and how far it is from its limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// The worst lane's, or the whole path's.
    pub ber: Ber,
    /// Where the code ends.
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

/// The lines for one vantage of a module of this class: the media side of coherent
/// modules has a soft code, all else ends in KP4 or its like.
pub(super) fn lines(vantage: Vantage, class: Class, policy: &BerPolicy) -> BerPolicy {
    policy.of_code(is_soft(vantage, class))
}

/// Holds a ratio against its limit.
pub(super) fn standing(ber: Ber, class: Class, policy: &BerPolicy) -> Standing {
    let vantage = ber.vantage();
    let limit = lines(vantage, class, policy).limit;
    let ratio = ber.estimate.number();
    let margin = if is_soft(vantage, class) {
        Margin::of_soft(ratio, limit)
    } else {
        Margin::of_pam4(ratio, limit)
    };
    Standing { ber, limit, margin }
}

fn is_soft(vantage: Vantage, class: Class) -> bool {
    class == Class::Coherent && vantage.side == Side::Media && vantage.source == Source::Module
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
            standing(ber, class, &policy)
        };
        let media = of(Side::Media, Class::Coherent);
        assert_eq!(media.limit, 2e-2);
        assert_eq!(media.margin.unwrap().electrical_db, None);
        let host = of(Side::Host, Class::Coherent);
        assert_eq!(host.limit, 2.4e-4);
        assert!(host.margin.unwrap().electrical_db.is_some());
        assert_eq!(of(Side::Media, Class::Dsp).limit, 2.4e-4);
    }
}
