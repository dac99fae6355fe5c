//! Snapshots for tests: an empty module that is told what it is, step by step.

use std::sync::Arc;
use std::time::Duration;

use crate::bus::address::{Bank, Half};
use crate::cmis::page01::Advertisement;
use crate::cmis::page13_14::DiagnosticsCapability;
use crate::module::assemble::{self, Registers};
use crate::module::{
    Absence, Application, CdrPresence, Management, Reading, Snapshot, Statistic, VdmSample,
};
use crate::units::Watts;

/// A module in the making.
#[derive(Debug, Clone)]
pub(super) struct Sample(Snapshot);

impl Sample {
    /// A CMIS module of which nothing is known.
    pub(super) fn cmis() -> Self {
        Self::of(Management::Cmis, 0x19)
    }

    /// A paged CMIS module on single-mode fibre, with a page 01h that offers no
    /// diagnostics and no clock recovery.
    pub(super) fn optics() -> Self {
        let mut sample = Self::cmis().media_type(2);
        sample.0.advertisement = Reading::Value(Advertisement {
            pages: 0x04,
            tx_controls: 0x02,
            tx_flags: 0x0B,
            rx_flags: 0x02,
            module_monitors: 0x03,
            lane_monitors: 0x07,
            tx_signal_integrity: 0x0C,
            rx_signal_integrity: 0x34,
            ..Advertisement::default()
        });
        sample
    }

    /// A module with some memory map and identifier, otherwise unknown.
    pub(super) fn of(management: Management, identifier: u8) -> Self {
        let mut snapshot = assemble::snapshot(Registers {
            image: Arc::default(),
            failures: Vec::new(),
            started: Duration::ZERO,
            finished: Duration::ZERO,
        });
        snapshot.management = management;
        snapshot.identity.identifier = identifier;
        Self(snapshot)
    }

    pub(super) fn snapshot(self) -> Snapshot {
        self.0
    }

    /// Any change to the snapshot that has no word of its own here.
    pub(super) fn with(mut self, change: impl FnOnce(&mut Snapshot)) -> Self {
        change(&mut self.0);
        self
    }

    pub(super) fn media_type(self, code: u8) -> Self {
        self.with(|snapshot| snapshot.media_type = Reading::Value(code))
    }

    /// Applications as host code, media code, lanes on both sides, host starts.
    pub(super) fn applications(self, rows: &[(u8, u8, u8, u8)]) -> Self {
        let numbered = rows.iter().zip(1_u8..);
        let applications =
            numbered.map(
                |((host_code, media_code, lanes, starts), number)| Application {
                    number,
                    host_code: *host_code,
                    media_code: *media_code,
                    host_lanes: *lanes,
                    media_lanes: *lanes,
                    host_starts: *starts,
                    media_starts: Reading::NOT_ADVERTISED,
                },
            );
        let applications = applications.collect();
        self.with(|snapshot| snapshot.applications = applications)
    }

    /// Ordinary 100G and 400G interfaces on eight lanes.
    pub(super) fn ordinary(self) -> Self {
        self.applications(&[(0x4B, 0x14, 1, 0xFF), (0x4F, 0x1C, 4, 0x11)])
    }

    pub(super) fn watts(self, watts: f64) -> Self {
        self.with(|snapshot| snapshot.power.max = Reading::Value(Watts::new(watts)))
    }

    pub(super) fn technology(self, code: u8) -> Self {
        self.with(|snapshot| snapshot.identity.media_technology = Reading::Value(code))
    }

    pub(super) fn named(self, vendor: &str, number: &str) -> Self {
        self.with(|snapshot| {
            snapshot.identity.vendor = Reading::Value(vendor.to_owned());
            snapshot.identity.part_number = Reading::Value(number.to_owned());
        })
    }

    /// Changes what page 01h says.
    pub(super) fn page01(self, change: impl FnOnce(&mut Advertisement)) -> Self {
        self.with(|snapshot| {
            if let Reading::Value(page) = &mut snapshot.advertisement {
                change(page);
            }
        })
    }

    pub(super) fn without_page01(self) -> Self {
        self.with(|s| s.advertisement = Reading::Absent(Absence::ReadFailed))
    }

    /// Clock recovery, with loss-of-lock flags where it is.
    pub(super) fn recovery(self, tx: bool, rx: bool) -> Self {
        self.page01(|page| {
            page.tx_signal_integrity |= u8::from(tx);
            page.rx_signal_integrity |= u8::from(rx);
            page.tx_flags |= u8::from(tx) << 2;
            page.rx_flags |= u8::from(rx) << 2;
        })
    }

    /// Diagnostics pages with these bytes 13h:128, 130, 131.
    pub(super) fn diagnostics(self, loopbacks: u8, reporting: u8, patterns: u8) -> Self {
        self.page01(|page| page.pages |= 1 << 5).with(|snapshot| {
            snapshot.diagnostics = Reading::Value(DiagnosticsCapability {
                loopbacks,
                reporting,
                patterns,
            });
        })
    }

    /// Checkers and reporting on both sides, as retimed modules have.
    pub(super) fn checks_media(self) -> Self {
        self.diagnostics(0x0A, 0x33, 0x66)
    }

    /// Checkers and reporting on the host side only.
    pub(super) fn checks_host(self) -> Self {
        self.diagnostics(0x08, 0x11, 0x02)
    }

    /// VDM observables of these types.
    pub(super) fn observables(self, codes: &[u8]) -> Self {
        let samples = codes.iter().zip(1_u16..).map(|(code, instance)| VdmSample {
            bank: Bank::ZERO,
            instance,
            observable: *code,
            name: "reserved",
            side: None,
            statistic: Statistic::Current,
            lane: None,
            frozen: false,
            value: Reading::Absent(Absence::NotReady),
            unit: "raw",
            raw: 0,
            thresholds: Reading::NOT_ADVERTISED,
            flags: Reading::NOT_ADVERTISED,
        });
        let samples = samples.collect();
        self.page01(|page| page.pages |= 1 << 6)
            .with(|snapshot| snapshot.vdm = samples)
    }

    pub(super) fn sff_cdr(self, tx: bool, rx: bool) -> Self {
        self.with(|s| s.sff_cdr = Reading::Value(CdrPresence { tx, rx }))
    }

    pub(super) fn extended_compliance(self, code: u8) -> Self {
        self.with(|s| s.identity.extended_compliance = Reading::Value(code))
    }

    /// Puts bytes into the raw registers.
    pub(super) fn bytes(self, half: Half, first: u8, bytes: &[u8]) -> Self {
        self.with(|snapshot| {
            let mut image = (*snapshot.image).clone();
            image.sheet_mut(half).put(first, bytes);
            snapshot.image = Arc::new(image);
        })
    }
}
