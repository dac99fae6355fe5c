//! What to read, and in which visits: computed from declared register groups.
//!
//! Each decoder declares its groups: span, cadence, gate. The union of those
//! that are due is the read list; there is no second list. [`visits`] orders it
//! by half and merges neighbours where a gap costs less than a transaction.

use super::address::{Bank, Device, Half, Span};

/// How often a register group is worth reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cadence {
    /// Static: once per insertion.
    Insertion,
    /// Changes rarely, by configuration: every few sweeps.
    Slow,
    /// A live value: every sweep.
    Fast,
    /// Latched flags: when the module's flag summary says so, and at insertion.
    OnFlag,
}

/// Where a register group lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Lower memory of a device.
    Lower(Device),
    /// One upper page of a device, bank 0 only.
    Page(Device, u8),
    /// One upper page in every bank that the module has.
    EveryBank(u8),
}

/// A run of registers that is read and decoded as one, or not at all.
///
/// `A` is what the module advertises; the gate looks at it.
#[derive(Debug)]
pub struct Group<A: 'static> {
    /// What it is, in the words of the specification.
    pub name: &'static str,
    /// Where it lies.
    pub place: Place,
    /// First absolute offset.
    pub first: u8,
    /// Last absolute offset.
    pub last: u8,
    /// How often it is read.
    pub cadence: Cadence,
    /// Whether reading it clears it: such bytes are consumed, never skimmed.
    pub clears: bool,
    /// Whether a module that advertises `A` has it.
    pub gate: fn(&A) -> bool,
}

impl<A> Group<A> {
    /// The group's span in each of the module's banks (in bank 0 only, for a
    /// place without banks).
    pub fn spans(&self, banks: u8) -> impl Iterator<Item = Span> + use<'_, A> {
        let (half, banks) = match self.place {
            Place::Lower(device) => (Half::lower(device), 1),
            Place::Page(device, page) => (Half::page_of(device, page), 1),
            Place::EveryBank(page) => (Half::page(page), banks),
        };
        Bank::first(banks)
            .filter_map(move |bank| Span::new(half.in_bank(bank), self.first, self.last))
    }
}
