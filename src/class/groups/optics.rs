//! Two hints: the transmit input equaliser (CMIS 01h:161.3-2, 5.4 Table 8-54)
//! and the media technology (00h:212, SFF-8636 00h:147.7-4).

use super::super::facts::Facts;
use super::super::score::{Finding, Item};
use crate::module::Management;

/// 01h:161: the host may set the equaliser; the module adapts it.
const MANUAL_EQUALISER: u8 = 1 << 2;
const ADAPTIVE_EQUALISER: u8 = 1 << 3;

/// Media technology codes (CMIS 5.4 Table 8-40).
const DFB_1310: u8 = 0x04;
const EML_1310: u8 = 0x06;
const EML_1550: u8 = 0x07;

pub(super) fn find(facts: &Facts) -> Vec<Finding> {
    [equaliser(facts), technology(facts)]
        .into_iter()
        .flatten()
        .collect()
}

fn equaliser(facts: &Facts) -> Option<Finding> {
    let bits = facts.advertisement?.tx_signal_integrity;
    let manual_only = bits & (MANUAL_EQUALISER | ADAPTIVE_EQUALISER) == MANUAL_EQUALISER;
    manual_only.then(|| Finding {
        item: Item::EqualiserManualOnly,
        place: "01h:161.3, 01h:161.2".to_owned(),
        value: "adaptive 0, manual 1".to_owned(),
        says: "the host sets the transmit equaliser, the module does not adapt it".to_owned(),
    })
}

fn technology(facts: &Facts) -> Option<Finding> {
    let place = match facts.snapshot.management {
        Management::Cmis => "00h:212",
        Management::Sff8636 => "00h:147.7-4",
        Management::Sff8472 | Management::Unknown => return None,
    };
    let code = facts.snapshot.identity.media_technology.value()?;
    let (item, says) = match code {
        DFB_1310 => (
            Item::TechnologyCwLaser,
            "1310 nm DFB: the laser of silicon photonics, linear or not",
        ),
        EML_1310 | EML_1550 => (
            Item::TechnologyEml,
            "EML: the laser of most retimed modules",
        ),
        _ => return None,
    };
    Some(Finding {
        item,
        place: place.to_owned(),
        value: format!("{code:02X}h"),
        says: says.to_owned(),
    })
}
