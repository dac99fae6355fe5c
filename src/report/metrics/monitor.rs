//! Families about the module-wide monitors and their thresholds.

use super::Port;
use super::family::{Family, Spec, count};
use crate::module::{Levels, Reading, Snapshot};
use crate::names::Profile;

const TEMPERATURE: Spec = Spec::gauge(
    "opticsd_module_temperature_celsius",
    "Case temperature in degrees Celsius, as of the last sweep.",
);
const SUPPLY: Spec = Spec::gauge(
    "opticsd_module_supply_volts",
    "Supply voltage in volts, as of the last sweep.",
)
.in_profile(Profile::Default);
const POWER_MAX: Spec = Spec::gauge(
    "opticsd_module_power_max_watts",
    "Electrical power that the module says it draws at most, in watts; not measured.",
);
const TEMPERATURE_THRESHOLD: Spec = Spec::gauge(
    "opticsd_module_temperature_threshold_celsius",
    "The module's own thresholds for its temperature in degrees Celsius, as of the last sweep.",
)
.in_profile(Profile::Default);
const SUPPLY_THRESHOLD: Spec = Spec::gauge(
    "opticsd_module_supply_threshold_volts",
    "The module's own thresholds for its supply in volts, as of the last sweep.",
)
.in_profile(Profile::Default);
const THRESHOLD_EVENTS: Spec = Spec::counter(
    "opticsd_threshold_flag_events_total",
    "How often a latched threshold flag was found raised since the daemon started, over all lanes; reading clears it, so one that lasts counts once a sweep.",
)
.in_profile(Profile::Default);
const SIGNAL_EVENTS: Spec = Spec::counter(
    "opticsd_signal_flag_events_total",
    "How often a latched signal flag was found raised since the daemon started, over all lanes; reading clears it, so one that lasts counts once a sweep.",
)
.in_profile(Profile::Default);

/// The families of this file.
pub(super) const SPECS: [&Spec; 7] = [
    &TEMPERATURE,
    &SUPPLY,
    &POWER_MAX,
    &TEMPERATURE_THRESHOLD,
    &SUPPLY_THRESHOLD,
    &THRESHOLD_EVENTS,
    &SIGNAL_EVENTS,
];

pub(super) fn collect(ports: &[Port<'_>]) -> Vec<Family> {
    vec![
        TEMPERATURE.one_by_port(ports, |port| {
            Some(port.snapshot()?.monitors.temperature.value()?.celsius())
        }),
        SUPPLY.one_by_port(ports, |port| {
            Some(port.snapshot()?.monitors.supply.value()?.volts())
        }),
        POWER_MAX.one_by_port(ports, |port| {
            Some(port.snapshot()?.power.max.value()?.watts())
        }),
        thresholds(&TEMPERATURE_THRESHOLD, ports, |module| {
            module
                .thresholds
                .temperature
                .map(|l| l.map(|t| t.celsius()))
        }),
        thresholds(&SUPPLY_THRESHOLD, ports, |module| {
            module.thresholds.supply.map(|l| l.map(|v| v.volts()))
        }),
        THRESHOLD_EVENTS.by_port(ports, |port, series| {
            for ((quantity, level), number) in &port.view.counts.threshold_flags {
                series.add(&[("quantity", quantity), ("level", level)], count(*number));
            }
        }),
        SIGNAL_EVENTS.by_port(ports, |port, series| {
            for (flag, number) in &port.view.counts.signal_flags {
                series.add(&[("flag", flag)], count(*number));
            }
        }),
    ]
}

/// A family of thresholds with the label `level`.
pub(super) fn thresholds(
    spec: &'static Spec,
    ports: &[Port<'_>],
    levels: impl Fn(&Snapshot) -> Reading<Levels<f64>>,
) -> Family {
    spec.by_port(ports, |port, series| {
        if let Some(levels) = port.snapshot().and_then(|module| levels(module).value()) {
            for (level, value) in levels.named() {
                series.add(&[("level", level)], value);
            }
        }
    })
}
