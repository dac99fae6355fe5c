//! Whether the link of a port is up, from what its module shows.

use super::optical::{self, Light};
use crate::class::{Class, Classification};
use crate::module::{Management, ModuleState, Reading, Snapshot};

/// The link at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Link {
    /// Whether anything can pass.
    pub is_up: bool,
    /// The lanes over which it passes, counted over all banks.
    pub lanes: Vec<u16>,
    /// Whether a latched flag tells that it was down since the sweep before.
    pub was_down: bool,
}

/// What a module shows of its link.
///
/// Lanes are in use as their data path or their laser tells, and pass something
/// unless they are dark; copper is never dark. A module that tells neither, such as
/// a passive cable, is a link by being there.
pub(super) fn look(module: &Snapshot, class: &Classification) -> Link {
    let well = matches!(
        module.state,
        Reading::Value(ModuleState::Ready) | Reading::Absent(_)
    );
    if !well || module.data_not_ready == Reading::Value(true) {
        return Link::default();
    }
    let tells = module.lanes.iter().any(|lane| match module.management {
        Management::Cmis => lane.data_path_state.value().is_some(),
        Management::Sff8636 | Management::Sff8472 => lane.tx_bias.value().is_some(),
        Management::Unknown => false,
    });
    if !tells {
        return Link {
            is_up: module.management != Management::Unknown && class.class != Class::Elsfp,
            lanes: Vec::new(),
            was_down: false,
        };
    }
    let mut link = Link::default();
    let glows = optical::glows(Some(class.class));
    for lane in module.lanes.iter().filter(|l| optical::carries(module, l)) {
        let signals = &lane.signals;
        let light = if glows {
            optical::light(module, lane)
        } else {
            Light::Some
        };
        if matches!(light, Light::None) {
            continue;
        }
        let flags = [
            signals.data_path_changed,
            signals.rx_los,
            signals.rx_lol,
            signals.tx_fault,
        ];
        link.was_down |= flags.contains(&Reading::Value(true));
        link.lanes.push(lane.lane.number());
    }
    link.is_up = !link.lanes.is_empty();
    link
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::fixture::{self, of_class};
    use crate::module::DataPathState;
    use crate::units::Watts;

    #[test]
    fn lanes_with_data_path_and_light_are_the_link() {
        let mut module = fixture::well();
        let link = look(&module, &of_class(Class::Dsp));
        assert_eq!((link.is_up, link.was_down), (true, false));
        assert_eq!(link.lanes, [1, 2]);
        module.lanes[0].rx_power = Reading::Value(Watts::new(0.0));
        assert_eq!(look(&module, &of_class(Class::Dsp)).lanes, [2]);
        assert_eq!(look(&module, &of_class(Class::Aec)).lanes, [1, 2]);
        module.lanes[1].data_path_state = Reading::Value(DataPathState::Deactivated);
        assert!(!look(&module, &of_class(Class::Dsp)).is_up);
    }

    #[test]
    fn a_latched_flag_over_good_light_tells_of_a_flap() {
        let mut module = fixture::well();
        module.lanes[1].signals.rx_los = Reading::Value(true);
        let link = look(&module, &of_class(Class::Dsp));
        assert!(link.is_up && link.was_down);
    }

    #[test]
    fn modules_at_rest_have_no_link_and_mute_cables_have_one() {
        let mut module = fixture::well();
        module.state = Reading::Value(ModuleState::LowPower);
        assert!(!look(&module, &of_class(Class::Dsp)).is_up);
        module.state = Reading::NOT_ADVERTISED;
        module.lanes.clear();
        assert!(look(&module, &of_class(Class::Dac)).is_up);
        assert!(!look(&module, &of_class(Class::Elsfp)).is_up);
    }
}
