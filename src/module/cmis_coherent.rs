//! Coherent media lanes: pages 34h and 35h of every bank of a CMIS module.

use super::coherent::CoherentLane;
use super::from_cmis::Source;
use super::{Absence, Reading};
use crate::bus::address::Bank;
use crate::cmis::coherent;
use crate::cmis::page01::Advertisement;
use crate::names::Lane;

/// The coherent media lanes, one in each bank. The caller asks only where the
/// module has coherent pages.
pub(super) fn lanes(source: &Source, says: &Advertisement) -> Vec<CoherentLane> {
    Bank::first(says.banks)
        .map(|bank| CoherentLane {
            lane: Lane::from_index(bank.number()),
            fec: source
                .group(&coherent::FEC, bank)
                .and_then(|page| coherent::fec(page).into()),
            link: source
                .group(&coherent::LINK, bank)
                .map(coherent::link)
                .and_then(|link| match link.is_empty() {
                    true => Reading::Absent(Absence::Undefined),
                    false => Reading::Value(link),
                }),
        })
        .collect()
}
