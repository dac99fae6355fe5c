//! What the module itself says is wrong: fault state, transmitter faults and
//! firmware errors; and the states in which it carries nothing.

use super::reason::{Reason, lanes_in_words};
use crate::module::{ModuleState, Reading, Snapshot};
use crate::names::Lane;

/// What the module says is wrong.
pub(super) fn look(module: &Snapshot) -> Vec<Reason> {
    let mut reasons = Vec::new();
    reasons.extend(module.state.value().and_then(of_state));
    let faulty: Vec<Lane> = module
        .lanes
        .iter()
        .filter(|lane| lane.signals.tx_fault == Reading::Value(true))
        .map(|lane| lane.lane)
        .collect();
    if let Some(lanes) = lanes_in_words(&faulty) {
        reasons.push(Reason::bad(format!("transmitter fault on {lanes}")));
    }
    let flags = &module.flags;
    for (flag, text) in [
        (
            flags.module_firmware_error,
            "module firmware reports an error",
        ),
        (
            flags.data_path_firmware_error,
            "data path firmware reports an error",
        ),
    ] {
        if flag == Reading::Value(true) {
            reasons.push(Reason::degraded(text));
        }
    }
    if module.data_not_ready == Reading::Value(true) {
        reasons.push(Reason::unknown("the module's monitors are not valid yet"));
    }
    reasons
}

/// What a module state other than ready means for the port. In low power the
/// host wants no light, so its absence is no fault; nor is it proof of health.
fn of_state(state: ModuleState) -> Option<Reason> {
    match state {
        ModuleState::Ready => None,
        ModuleState::Fault => Some(Reason::bad("the module is in its fault state")),
        ModuleState::LowPower => Some(Reason::unknown(
            "the module is in low power, so its lanes cannot be judged",
        )),
        ModuleState::PowerUp => Some(Reason::unknown("the module is powering up")),
        ModuleState::PowerDown => Some(Reason::unknown("the module is powering down")),
        ModuleState::Reserved(code) => Some(Reason::unknown(format!(
            "the module is in a state of unknown meaning ({code})"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::super::verdict::Verdict;
    use super::*;

    fn told(module: &Snapshot) -> Vec<(Verdict, String)> {
        let reasons = look(module).into_iter();
        reasons
            .map(|reason| (reason.verdict, reason.text))
            .collect()
    }

    #[test]
    fn every_state_but_ready_has_something_to_say() {
        let mut module = fixture::well();
        assert_eq!(told(&module), []);
        let expected = [
            (1, Some(Verdict::Unknown)),
            (2, Some(Verdict::Unknown)),
            (3, None),
            (4, Some(Verdict::Unknown)),
            (5, Some(Verdict::Bad)),
            (6, Some(Verdict::Unknown)),
        ];
        for (code, verdict) in expected {
            module.state = Reading::Value(ModuleState::from_code(code));
            let said = told(&module).first().map(|(verdict, _)| *verdict);
            assert_eq!(said, verdict, "{code}");
        }
        module.state = Reading::NOT_ADVERTISED;
        assert_eq!(told(&module), []);
    }

    #[test]
    fn transmitter_faults_name_their_lanes() {
        let mut module = fixture::well();
        module.lanes[0].signals.tx_fault = Reading::Value(false);
        module.lanes[1].signals.tx_fault = Reading::Value(true);
        let text = "transmitter fault on lane 2".to_owned();
        assert_eq!(told(&module), [(Verdict::Bad, text)]);
    }

    #[test]
    fn firmware_errors_and_invalid_monitors_are_told() {
        let mut module = fixture::well();
        module.flags.module_firmware_error = Reading::Value(true);
        module.flags.data_path_firmware_error = Reading::Value(false);
        module.data_not_ready = Reading::Value(true);
        let verdicts: Vec<_> = told(&module).into_iter().map(|(v, _)| v).collect();
        assert_eq!(verdicts, [Verdict::Degraded, Verdict::Unknown]);
    }
}
