//! Module-wide monitors, thresholds and latched flags of a CMIS module.

use super::from_cmis::Source;
use super::{Absence, Levels, ModuleFlags, Monitors, Reading, Thresholds};
use crate::bus::address::Bank;
use crate::cmis::page01::{Advertisement, AuxMeaning};
use crate::cmis::page02::{self, Words};
use crate::cmis::{lower, scale};

/// A value that the module has only if it advertises it.
pub(super) fn gated<T>(
    advertisement: Reading<Advertisement>,
    has: impl FnOnce(&Advertisement) -> bool,
    value: Reading<T>,
) -> Reading<T> {
    advertisement.and_then(|says| match has(&says) {
        true => value,
        false => Reading::NOT_ADVERTISED,
    })
}

pub(super) fn monitors(source: &Source, advertisement: Reading<Advertisement>) -> Monitors {
    let told = source
        .group(&lower::MONITORS, Bank::ZERO)
        .map(lower::monitors);
    let mut monitors = Monitors {
        temperature: gated(
            advertisement,
            Advertisement::temperature_monitor,
            told.map(|told| told.temperature),
        ),
        supply: gated(
            advertisement,
            Advertisement::supply_monitor,
            told.map(|told| told.supply),
        ),
        laser_temperature: Reading::NOT_ADVERTISED,
        tec_current: Reading::NOT_ADVERTISED,
        supply_2: Reading::NOT_ADVERTISED,
        vendor: Vec::new(),
    };
    if let Reading::Value(says) = advertisement {
        auxiliaries(&mut monitors, says, told);
    }
    monitors
}

/// Puts each auxiliary monitor where its meaning belongs. The second of two
/// with one meaning is kept as a raw word.
fn auxiliaries(monitors: &mut Monitors, says: Advertisement, told: Reading<lower::Monitors>) {
    let auxiliaries = [
        (
            "aux1",
            says.aux1_monitor(),
            says.aux1_meaning(),
            told.map(|t| t.aux1),
        ),
        (
            "aux2",
            says.aux2_monitor(),
            says.aux2_meaning(),
            told.map(|t| t.aux2),
        ),
        (
            "aux3",
            says.aux3_monitor(),
            says.aux3_meaning(),
            told.map(|t| t.aux3),
        ),
        (
            "custom",
            says.custom_monitor(),
            AuxMeaning::Vendor,
            told.map(|t| t.custom),
        ),
    ];
    for (name, advertised, meaning, word) in auxiliaries {
        if !advertised {
            continue;
        }
        let placed = match meaning {
            AuxMeaning::TecCurrent => {
                place(&mut monitors.tec_current, word.map(scale::tec_current))
            }
            AuxMeaning::LaserTemperature => place(
                &mut monitors.laser_temperature,
                word.map(scale::temperature),
            ),
            AuxMeaning::Supply => {
                let word = word.map(i16::cast_unsigned);
                place(&mut monitors.supply_2, word.map(scale::supply))
            }
            AuxMeaning::Vendor => false,
        };
        if let (false, Reading::Value(word)) = (placed, word) {
            monitors.vendor.push((name, word));
        }
    }
}

/// Puts a value where nothing stands yet. Returns whether it did.
fn place<T>(slot: &mut Reading<T>, value: Reading<T>) -> bool {
    let free = matches!(slot, Reading::Absent(Absence::NotAdvertised));
    if free {
        *slot = value;
    }
    free
}

pub(super) fn thresholds(
    source: &Source,
    advertisement: Reading<Advertisement>,
    problems: &mut Vec<String>,
) -> Thresholds {
    let page = source
        .group(&page02::THRESHOLDS, Bank::ZERO)
        .map(page02::thresholds);
    let mut words =
        |name, has: fn(&Advertisement) -> bool, pick: fn(page02::Thresholds) -> Words| {
            usable(name, gated(advertisement, has, page.map(pick)), problems)
        };
    let temperature = words("temperature", Advertisement::temperature_monitor, |page| {
        page.temperature
    });
    let supply = words("supply", Advertisement::supply_monitor, |page| page.supply);
    let tx_power = words("tx power", Advertisement::tx_power_monitor, |page| {
        page.tx_power
    });
    let tx_bias = words("tx bias", Advertisement::tx_bias_monitor, |page| {
        page.tx_bias
    });
    let rx_power = words("rx power", Advertisement::rx_power_monitor, |page| {
        page.rx_power
    });
    let multiplier = bias_scale(advertisement, problems);
    Thresholds {
        temperature: temperature.map(|words| Levels::from_array(words.temperatures())),
        supply: supply.map(|words| Levels::from_array(words.supplies())),
        tx_power: tx_power.map(|words| Levels::from_array(words.optical_powers())),
        tx_bias: tx_bias
            .and_then(|words| multiplier.map(|times| Levels::from_array(words.biases(times)))),
        rx_power: rx_power.map(|words| Levels::from_array(words.optical_powers())),
    }
}

/// Threshold words that say something. All zeros are kept, because that is what
/// the module says, but told of; all ones are no thresholds.
pub(super) fn usable(
    name: &str,
    words: Reading<Words>,
    problems: &mut Vec<String>,
) -> Reading<Words> {
    words.and_then(|words| {
        if words.are_zeros() {
            problems.push(format!("thresholds of {name} are all zero: not usable"));
        }
        if words.are_ones() {
            problems.push(format!("thresholds of {name} are all ones: not usable"));
            return Reading::Absent(Absence::Undefined);
        }
        Reading::Value(words)
    })
}

/// The bias multiplier; the reserved code gives no bias at all.
fn bias_scale(advertisement: Reading<Advertisement>, problems: &mut Vec<String>) -> Reading<u8> {
    advertisement.and_then(|says| {
        let multiplier = says.bias_scale();
        if multiplier.is_none() && says.tx_bias_monitor() {
            problems.push("01h:160 holds a reserved bias multiplier: no bias is shown".to_owned());
        }
        multiplier.into()
    })
}

pub(super) fn flags(source: &Source, advertisement: Reading<Advertisement>) -> ModuleFlags {
    let told = source.group(&lower::FLAGS, Bank::ZERO).map(lower::flags);
    let levels = |has: fn(&Advertisement) -> bool, pick: fn(lower::Flags) -> [bool; 4]| {
        gated(advertisement, has, told.map(pick)).map(Levels::from_array)
    };
    let event = |pick: fn(lower::Flags) -> bool| gated(advertisement, |_| true, told.map(pick));
    ModuleFlags {
        temperature: levels(Advertisement::temperature_monitor, |f| f.temperature),
        supply: levels(Advertisement::supply_monitor, |f| f.supply),
        aux1: levels(Advertisement::aux1_monitor, |f| f.aux1),
        aux2: levels(Advertisement::aux2_monitor, |f| f.aux2),
        aux3: levels(Advertisement::aux3_monitor, |f| f.aux3),
        custom: levels(Advertisement::custom_monitor, |f| f.custom),
        state_changed: event(|f| f.state_changed),
        module_firmware_error: event(|f| f.module_firmware_error),
        data_path_firmware_error: event(|f| f.data_path_firmware_error),
    }
}
