//! Enhanced LPO: pages C1h and C2h, where the vendor has them and they make sense.

use super::cmis_applications::LaneSets;
use super::from_cmis::Source;
use super::lpo::{EnhancedLpo, LpoLane};
use super::{Levels, Reading};
use crate::bus::address::Bank;
use crate::bus::sheet::Sheet;
use crate::cmis::lpo::{self, Capability};
use crate::cmis::page11;
use crate::names::Lane;

/// What the pages say; `None` where they cannot be read or make no sense. The
/// caller asks only where 01h:195 and the vendor's name announce them.
pub(super) fn enhanced(
    source: &Source,
    sets: LaneSets,
    problems: &mut Vec<String>,
) -> Option<EnhancedLpo> {
    let capability = source
        .group(&lpo::CAPABILITY, Bank::ZERO)
        .map(lpo::capability)
        .value()?;
    if !capability.is_sensible() {
        problems.push("page C1h makes no sense as enhanced LPO: not used".to_owned());
        return None;
    }
    let vma = measured(capability.vma);
    let oma = measured(capability.oma);
    let sheets = Sheets::new(source, capability);
    let used = sets.host | sets.media;
    Some(EnhancedLpo {
        max_extinction_ratio: measured(capability.max_extinction_ratio),
        tx_polarity: capability.tx_polarity,
        rx_polarity: capability.rx_polarity,
        vma_accuracy: vma.map(|vma| vma.accuracy),
        vma_thresholds: vma.map(|vma| Levels::from_array(vma.thresholds)),
        oma_accuracy: oma.map(|oma| oma.accuracy),
        oma_thresholds: oma.map(|oma| Levels::from_array(oma.thresholds)),
        lanes: (0..page11::LANES)
            .filter(|lane| used >> lane & 1 == 1)
            .map(|lane| sheets.lane(lane, sets))
            .collect(),
    })
}

fn measured<T>(value: Option<T>) -> Reading<T> {
    value.map_or(Reading::NOT_ADVERTISED, Reading::Value)
}

/// The register groups of page C2h, each there or not.
struct Sheets<'a> {
    vma: Reading<&'a Sheet>,
    vma_flags: Reading<&'a Sheet>,
    oma: Reading<&'a Sheet>,
    oma_flags: Reading<&'a Sheet>,
}

impl<'a> Sheets<'a> {
    fn new(source: &Source<'a>, capability: Capability) -> Self {
        let vma = |group| measured(capability.vma).and_then(|_| source.group(group, Bank::ZERO));
        let oma = |group| measured(capability.oma).and_then(|_| source.group(group, Bank::ZERO));
        Self {
            vma: vma(&lpo::VMA),
            vma_flags: vma(&lpo::VMA_FLAGS),
            oma: oma(&lpo::OMA),
            oma_flags: oma(&lpo::OMA_FLAGS),
        }
    }

    fn lane(&self, lane: u8, sets: LaneSets) -> LpoLane {
        let on = |set: u8, page: Reading<&'a Sheet>| match set >> lane & 1 {
            1 => page,
            _ => Reading::NOT_ADVERTISED,
        };
        LpoLane {
            lane: Lane::from_index(lane),
            vma: on(sets.host, self.vma).map(|page| lpo::vma(page, lane)),
            oma: on(sets.media, self.oma).map(|page| lpo::oma(page, lane)),
            vma_flags: on(sets.host, self.vma_flags)
                .map(|page| Levels::from_array(lpo::vma_flags(page, lane))),
            oma_flags: on(sets.media, self.oma_flags)
                .map(|page| Levels::from_array(lpo::oma_flags(page, lane))),
        }
    }
}
