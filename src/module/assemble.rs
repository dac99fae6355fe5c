//! From the bytes of an image to a snapshot, whatever the memory map.

use std::sync::Arc;
use std::time::Duration;

use super::{Absence, GroupFailure, Management, Reading, Snapshot};
use crate::bus::address::{Bank, Half, Span};
use crate::bus::image::Image;
use crate::bus::read_plan::{Group, Place};
use crate::bus::sheet::Sheet;

/// What a snapshot is made from: bytes, and what could not be read of them.
#[derive(Debug, Clone)]
pub struct Registers {
    /// The bytes.
    pub image: Arc<Image>,
    /// Groups that could not be read in this sweep, and why.
    pub failures: Vec<GroupFailure>,
    /// When the sweep began.
    pub started: Duration,
    /// When the sweep ended.
    pub finished: Duration,
}

impl Registers {
    /// The sheet that holds a whole register group of a bank, or why not.
    ///
    /// The bank is ignored where the group's page has none.
    pub fn group<A>(&self, group: &Group<A>, bank: Bank) -> Reading<&Sheet> {
        let half = match group.place {
            Place::Lower(device) => Half::lower(device),
            Place::Page(device, page) => Half::page_of(device, page),
            Place::EveryBank(page) => Half::page(page).in_bank(bank),
        };
        match Span::new(half, group.first, group.last) {
            Some(span) => self.span(span),
            None => Reading::Absent(Absence::NotInDump),
        }
    }

    /// The sheet that holds a whole span, or why not.
    pub fn span(&self, span: Span) -> Reading<&Sheet> {
        let half = span.half();
        match self.image.known(span) {
            Some(sheet) => Reading::Value(sheet),
            None if self.image.withholds(span) => Reading::Absent(Absence::Passive),
            None if self.failures.iter().any(|f| f.error.half == half) => {
                Reading::Absent(Absence::ReadFailed)
            }
            None => Reading::Absent(Absence::NotInDump),
        }
    }
}

/// Which memory map an SFF-8024 identifier promises.
///
/// Vendor identifiers 80h (co-packaged engines) and 91h (an on-board optic) are
/// conventions of their makers, not of SFF-8024.
pub fn management(identifier: u8) -> Management {
    match identifier {
        0x18 | 0x19 | 0x1B | 0x1E..=0x26 | 0x80 => Management::Cmis,
        0x0C | 0x0D | 0x11 | 0x91 => Management::Sff8636,
        0x03 => Management::Sff8472,
        _ => Management::Unknown,
    }
}

/// Decodes all registers of a module. Cannot fail: what is not there is absent
/// and says why.
pub fn snapshot(registers: Registers) -> Snapshot {
    let identifier = registers
        .image
        .sheet(Half::LOWER)
        .filter(|lower| lower.knows(0, 1))
        .map_or(0, |lower| lower.u8(0));
    match management(identifier) {
        Management::Cmis => super::from_cmis::snapshot(registers),
        Management::Sff8636 => super::from_sff8636::snapshot(registers),
        Management::Sff8472 => super::from_sff8472::snapshot(registers),
        Management::Unknown => Snapshot::empty(Management::Unknown, identifier, registers),
    }
}

impl Snapshot {
    /// A snapshot in which everything but the identifier is absent.
    pub(super) fn empty(management: Management, identifier: u8, registers: Registers) -> Self {
        let mut snapshot = Self::nothing(management, identifier);
        snapshot.failures = registers.failures;
        snapshot.image = registers.image;
        snapshot.started = registers.started;
        snapshot.finished = registers.finished;
        snapshot
    }

    fn nothing(management: Management, identifier: u8) -> Self {
        use super::{
            FiberReach, Firmware, Identity, LaneCount, ModuleFlags, Monitors, Power, Thresholds,
        };
        Self {
            management,
            identity: Identity {
                identifier,
                function_type: Reading::NOT_ADVERTISED,
                revision: Reading::NOT_ADVERTISED,
                flat_memory: false,
                vendor: Reading::NOT_ADVERTISED,
                oui: Reading::NOT_ADVERTISED,
                part_number: Reading::NOT_ADVERTISED,
                revision_number: Reading::NOT_ADVERTISED,
                serial: Reading::NOT_ADVERTISED,
                date_code: Reading::NOT_ADVERTISED,
                connector: Reading::NOT_ADVERTISED,
                media_technology: Reading::NOT_ADVERTISED,
                extended_compliance: Reading::NOT_ADVERTISED,
            },
            state: Reading::NOT_ADVERTISED,
            data_not_ready: Reading::NOT_ADVERTISED,
            media_type: Reading::NOT_ADVERTISED,
            power: Power {
                class: Reading::NOT_ADVERTISED,
                max: Reading::NOT_ADVERTISED,
            },
            cable_length: Reading::NOT_ADVERTISED,
            fiber: FiberReach {
                smf: Reading::NOT_ADVERTISED,
                om2: Reading::NOT_ADVERTISED,
                om3: Reading::NOT_ADVERTISED,
                om4: Reading::NOT_ADVERTISED,
                om5: Reading::NOT_ADVERTISED,
            },
            wavelength: Reading::NOT_ADVERTISED,
            firmware: Firmware {
                active: Reading::NOT_ADVERTISED,
                inactive: Reading::NOT_ADVERTISED,
                hardware: Reading::NOT_ADVERTISED,
            },
            banks: 1,
            lane_count: LaneCount::default(),
            checksums: Vec::new(),
            applications: Vec::new(),
            monitors: Monitors {
                temperature: Reading::NOT_ADVERTISED,
                supply: Reading::NOT_ADVERTISED,
                laser_temperature: Reading::NOT_ADVERTISED,
                tec_current: Reading::NOT_ADVERTISED,
                supply_2: Reading::NOT_ADVERTISED,
                vendor: Vec::new(),
            },
            thresholds: Thresholds {
                temperature: Reading::NOT_ADVERTISED,
                supply: Reading::NOT_ADVERTISED,
                tx_power: Reading::NOT_ADVERTISED,
                tx_bias: Reading::NOT_ADVERTISED,
                rx_power: Reading::NOT_ADVERTISED,
            },
            flags: ModuleFlags {
                temperature: Reading::NOT_ADVERTISED,
                supply: Reading::NOT_ADVERTISED,
                aux1: Reading::NOT_ADVERTISED,
                aux2: Reading::NOT_ADVERTISED,
                aux3: Reading::NOT_ADVERTISED,
                custom: Reading::NOT_ADVERTISED,
                state_changed: Reading::NOT_ADVERTISED,
                module_firmware_error: Reading::NOT_ADVERTISED,
                data_path_firmware_error: Reading::NOT_ADVERTISED,
            },
            lanes: Vec::new(),
            snr: Vec::new(),
            pattern_ber: Vec::new(),
            vdm: Vec::new(),
            lasers: Vec::new(),
            coherent: Vec::new(),
            laser_source: None,
            lpo: None,
            latency: Vec::new(),
            advertisement: Reading::NOT_ADVERTISED,
            diagnostics: Reading::NOT_ADVERTISED,
            sff_cdr: Reading::NOT_ADVERTISED,
            problems: Vec::new(),
            failures: Vec::new(),
            image: Arc::default(),
            started: Duration::ZERO,
            finished: Duration::ZERO,
        }
    }
}
