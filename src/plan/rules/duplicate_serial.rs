//! Sees one serial number in two ports: a copied EEPROM, or one module under two
//! names.

use super::super::finding::{Finding, Severity};

/// The rule's name.
pub const ID: &str = "duplicate-serial";

/// The finding of a port whose serial number others have too.
pub(in super::super) fn of(sold_as: &str, others: &[&str]) -> Finding {
    Finding {
        rule: ID,
        severity: Severity::Warning,
        saw: format!("{sold_as}, which {} has too", others.join(" and ")),
        planned: "a serial number of its own".to_owned(),
        advice: "compare the labels on the modules: the register may be a copy, or two ports may \
                 be configured for one cage"
            .to_owned(),
    }
}
