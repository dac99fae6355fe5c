//! Temperature and supply of the module against its own thresholds.

use super::reason::Reason;
use super::thresholds::beyond;
use crate::module::{Reading, Snapshot};

/// What is wrong with temperature and supply.
pub(super) fn look(module: &Snapshot) -> Vec<Reason> {
    if module.data_not_ready == Reading::Value(true) {
        return Vec::new();
    }
    let temperature = beyond(
        "temperature",
        module.monitors.temperature.map(|t| t.celsius()),
        module
            .thresholds
            .temperature
            .map(|l| l.map(|t| t.celsius())),
        |celsius| format!("{celsius:.1} °C"),
    );
    let supply = beyond(
        "supply",
        module.monitors.supply.map(|v| v.volts()),
        module.thresholds.supply.map(|l| l.map(|v| v.volts())),
        |volts| format!("{volts:.3} V"),
    );
    temperature.into_iter().chain(supply).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::units::{Celsius, Volts};

    fn told(module: &Snapshot) -> Vec<String> {
        look(module).into_iter().map(|reason| reason.text).collect()
    }

    #[test]
    fn each_value_is_held_against_its_own_thresholds() {
        let mut module = fixture::well();
        assert_eq!(look(&module), []);
        module.monitors.temperature = Reading::Value(Celsius::new(76.25));
        module.monitors.supply = Reading::Value(Volts::new(3.1));
        assert_eq!(
            told(&module),
            [
                "temperature 76.2 °C is above the module's high alarm of 75.0 °C",
                "supply 3.100 V is below the module's low warning of 3.135 V",
            ]
        );
        module.data_not_ready = Reading::Value(true);
        assert_eq!(look(&module), []);
    }

    #[test]
    fn what_is_absent_is_not_judged() {
        let mut module = fixture::well();
        module.monitors.temperature = Reading::Value(Celsius::new(120.0));
        module.thresholds.temperature = Reading::NOT_ADVERTISED;
        module.monitors.supply = Reading::NOT_ADVERTISED;
        assert_eq!(look(&module), []);
    }
}
