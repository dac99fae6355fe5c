//! Clock recovery in each direction: CMIS 01h:161.0 and 162.0 with the
//! loss-of-lock flags 157.2 and 158.2 (5.4 Tables 8-52 to 8-55), SFF-8636
//! 00h:129.3-2, SFF-8472 A0h:64.3.

use super::super::facts::{ClockRecovery, Facts};
use super::super::score::{Finding, Item};
use crate::module::{CdrPresence, Management};

pub(super) fn find(facts: &Facts) -> Option<Finding> {
    match facts.snapshot.management {
        Management::Cmis => facts.recovery().map(of_cmis),
        Management::Sff8636 => of_sff(facts, "00h:129.3, 00h:129.2"),
        Management::Sff8472 => of_sff(facts, "A0h:64.3"),
        Management::Unknown => None,
    }
}

fn of_cmis(recovery: ClockRecovery) -> Finding {
    let mut place = ClockRecovery::PLACE.to_owned();
    let mut value = recovery.value();
    let (item, says) = match (recovery.tx, recovery.rx) {
        (false, false) => {
            place.push_str(", 01h:157.2, 01h:158.2");
            value.push_str(&format!(
                ", Tx LOL {}, Rx LOL {}",
                u8::from(recovery.tx_lock),
                u8::from(recovery.rx_lock)
            ));
            if recovery.tx_lock || recovery.rx_lock {
                (
                    Item::RetimingNoneUnclear,
                    "recovers no clock, yet would report a loss of lock",
                )
            } else {
                (
                    Item::RetimingNone,
                    "recovers no clock and has none to lose, in either direction",
                )
            }
        }
        (true, false) => (
            Item::RetimingTxOnly,
            "recovers the clock in the transmit direction only",
        ),
        (false, true) => (
            Item::RetimingRxOnly,
            "recovers the clock in the receive direction only, which nobody builds",
        ),
        (true, true) => (Item::RetimingBoth, "recovers the clock in both directions"),
    };
    Finding {
        item,
        place,
        value,
        says: says.to_owned(),
    }
}

fn of_sff(facts: &Facts, place: &str) -> Option<Finding> {
    let CdrPresence { tx, rx } = facts.snapshot.sff_cdr.value()?;
    let (item, says) = if tx && rx {
        (Item::RetimingBoth, "recovers the clock in both directions")
    } else {
        (
            Item::RetimingSffIncomplete,
            "claims no clock recovery in both directions; at these rates that means limiting, not linear",
        )
    };
    Some(Finding {
        item,
        place: place.to_owned(),
        value: format!("Tx CDR {}, Rx CDR {}", u8::from(tx), u8::from(rx)),
        says: says.to_owned(),
    })
}
