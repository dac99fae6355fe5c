//! Worst-case power by rate: real linear modules stand at about 1.1 W per
//! 100 Gb/s, retimed ones at 1.2 to 3. It supports a verdict, it makes none.

use super::super::facts::Facts;
use super::super::power;
use super::super::score::{Finding, Item};
use super::super::settings::Settings;
use crate::module::Management;

pub(super) fn find(
    facts: &Facts,
    settings: &Settings,
    missing: &mut Vec<String>,
) -> Option<Finding> {
    // The rates of older modules are not told as applications.
    if facts.snapshot.management != Management::Cmis {
        return None;
    }
    let Some(watts) = power::watts_per_100g(facts.snapshot) else {
        missing
            .push("power by rate: 00h:201 or the rate of every application is not told".to_owned());
        return None;
    };
    let [lowest, low, middle, high] = settings.power.bounds;
    let (item, says) = match watts {
        w if w <= lowest => (
            Item::PowerLowest,
            "less than any retimed module is known to claim",
        ),
        w if w <= low => (
            Item::PowerLow,
            "what linear modules claim, and hardly any other",
        ),
        w if w <= middle => (
            Item::PowerMiddle,
            "little for a retimed module, much for a linear one",
        ),
        w if w <= high => (Item::PowerHigh, "what retimed modules claim"),
        _ => (Item::PowerHighest, "more than a direct-detect module needs"),
    };
    Some(Finding {
        item,
        place: "00h:201".to_owned(),
        value: format!("{watts:.2} W per 100 Gb/s"),
        says: says.to_owned(),
    })
}
