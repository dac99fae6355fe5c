//! Where bits are decided inside the module: pattern checkers and reporting
//! (CMIS 13h:130-131, 5.4 Tables 8-113 and 8-114) and VDM observables (pages
//! 20h-23h, Table 8-143). Whoever counts bit errors or measures the eye of a
//! side has a slicer there, and is not linear in that direction.

use super::super::facts::Facts;
use super::super::score::{Finding, Item};
use crate::cmis::page13_14::DiagnosticsCapability;
use crate::module::VdmSample;
use crate::names::Side;

/// 13h:130: error counts of a FEC decoder and SNR, by side.
const MEDIA_REPORTING: u8 = 1 << 7 | 1 << 5;
const HOST_REPORTING: u8 = 1 << 6 | 1 << 4;
/// 13h:131: pattern checkers, by side.
const MEDIA_CHECKERS: u8 = 1 << 5 | 1 << 4;
const HOST_CHECKERS: u8 = 1 << 1 | 1;

/// VDM types of eSNR, LTP, BER, FERC and SEW: odd media, even host. Types 1 to 4
/// and the supply rails need no slicer.
const SLICED_OBSERVABLES: std::ops::RangeInclusive<u8> = 5..=34;

pub(super) fn find(facts: &Facts) -> Option<Finding> {
    on_side(facts, Side::Media)
        .or_else(|| on_side(facts, Side::Host))
        .or_else(|| nowhere(facts))
}

fn on_side(facts: &Facts, side: Side) -> Option<Finding> {
    let (item, reporting, checkers, says) = match side {
        Side::Media => (
            Item::TerminatingMedia,
            MEDIA_REPORTING,
            MEDIA_CHECKERS,
            "decides bits on the media side: the receive direction is retimed",
        ),
        Side::Host => (
            Item::TerminatingHost,
            HOST_REPORTING,
            HOST_CHECKERS,
            "decides bits on the host side only: the transmit direction is retimed",
        ),
    };
    let capability = facts
        .diagnostics
        .filter(|page| page.reporting & reporting != 0 || page.patterns & checkers != 0);
    let observables = observables(facts.vdm, side);
    let mut places = Vec::new();
    let mut values = Vec::new();
    if let Some(DiagnosticsCapability {
        reporting,
        patterns,
        ..
    }) = capability
    {
        places.push("13h:130, 13h:131");
        values.push(format!("{reporting:02X}h, {patterns:02X}h"));
    }
    if !observables.is_empty() {
        places.push("20h-23h");
        values.push(format!("VDM types {}", join(&observables)));
    }
    (!places.is_empty()).then(|| Finding {
        item,
        place: places.join(", "),
        value: values.join(", "),
        says: says.to_owned(),
    })
}

/// Nothing decides bits, as far as anything that could tell was read.
fn nowhere(facts: &Facts) -> Option<Finding> {
    let diagnostics = facts.advertises_diagnostics()?;
    let vdm = facts.advertises_vdm()?;
    if diagnostics && facts.diagnostics.is_none() || vdm && facts.vdm.is_empty() {
        return None;
    }
    let exists = |there: bool| if there { "analogue only" } else { "none" };
    Some(Finding {
        item: Item::TerminatingNowhere,
        place: "01h:142.5, 01h:142.6".to_owned(),
        value: format!("diagnostics {}, VDM {}", exists(diagnostics), exists(vdm)),
        says: "no checker, bit error ratio or signal quality on either side".to_owned(),
    })
}

/// Type codes of one side's observables that need a slicer, each once.
fn observables(vdm: &[VdmSample], side: Side) -> Vec<u8> {
    let parity = match side {
        Side::Media => 1,
        Side::Host => 0,
    };
    let mut codes: Vec<u8> = vdm
        .iter()
        .map(|sample| sample.observable)
        .filter(|code| SLICED_OBSERVABLES.contains(code) && code % 2 == parity)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

fn join(codes: &[u8]) -> String {
    let words: Vec<String> = codes.iter().map(u8::to_string).collect();
    words.join(" ")
}
