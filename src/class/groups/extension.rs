//! Enhanced-LPO pages: one vendor's registers for the amplitudes that a linear
//! module can still measure (marker 01h:195, page C1h). 01h:191-222 is custom
//! space, so the marker counts only with the vendor's name and a page C1h that
//! makes sense.

use super::super::facts::Facts;
use super::super::score::{Finding, Item};
use super::super::settings::Settings;

const MARKER: u8 = 195;

/// Page C1h: capabilities, then thresholds in the order high alarm, low alarm,
/// high warning, low warning.
const PAGE: u8 = 0xC1;
const CAPABILITIES: u8 = 128;
const EXTINCTION_RATIO: u8 = 1 << 2;
const HOST_AMPLITUDE: u8 = 1 << 3;
const OPTICAL_AMPLITUDE: u8 = 1 << 4;
const HOST_THRESHOLDS: u8 = 136;
const OPTICAL_THRESHOLDS: u8 = 141;

pub(super) fn find(
    facts: &Facts,
    settings: &Settings,
    missing: &mut Vec<String>,
) -> Option<Finding> {
    let vendor = facts.snapshot.identity.vendor.as_ref().value()?;
    let ours = settings.extension.vendor.as_ref()?.matches(vendor);
    let [marker] = facts.raw(0x01, MARKER)?;
    if !ours || marker != settings.extension.marker {
        return None;
    }
    let Some((capabilities, sensible)) = capabilities(facts) else {
        missing
            .push("enhanced LPO registers (page C1h): marked in 01h:195, but not read".to_owned());
        return None;
    };
    if !sensible {
        missing.push("enhanced LPO registers (page C1h): read, but make no sense".to_owned());
        return None;
    }
    Some(Finding {
        item: Item::ExtensionEnhancedLpo,
        place: "01h:195, C1h:128-148".to_owned(),
        value: format!("{marker:02X}h, {capabilities:02X}h"),
        says: format!("{vendor} registers for amplitudes that only a linear module needs"),
    })
}

/// What page C1h offers, and whether what stands beside it makes sense.
fn capabilities(facts: &Facts) -> Option<(u8, bool)> {
    let [capabilities, highest_extinction_ratio] = facts.raw(PAGE, CAPABILITIES)?;
    let host = facts.raw::<4>(PAGE, HOST_THRESHOLDS)?.map(u16::from);
    let [a, b, c, d, e, f, g, h] = facts.raw(PAGE, OPTICAL_THRESHOLDS)?;
    let optical = [[a, b], [c, d], [e, f], [g, h]].map(u16::from_be_bytes);

    let has = |capability: u8| capabilities & capability != 0;
    let sensible = has(EXTINCTION_RATIO | HOST_AMPLITUDE | OPTICAL_AMPLITUDE)
        && (!has(EXTINCTION_RATIO) || highest_extinction_ratio != 0)
        && (!has(HOST_AMPLITUDE) || ordered(host))
        && (!has(OPTICAL_AMPLITUDE) || ordered(optical));
    Some((capabilities, sensible))
}

/// Whether thresholds stand in their order and say something.
fn ordered([high_alarm, low_alarm, high_warning, low_warning]: [u16; 4]) -> bool {
    high_alarm >= high_warning && high_warning > low_warning && low_warning >= low_alarm
}
