//! What may be believed of a snapshot before any of it is weighed.
//!
//! Modules answer for pages that they lack: with a copy of page 00h, with zeros
//! or with FFh. Read as capabilities, zeros are "no clock recovery" and letters
//! of a vendor name are anything at all. What fails a guard here is not weighed,
//! and `missing` says so.

use crate::bus::address::{Half, Span};
use crate::cmis::page01::Advertisement;
use crate::cmis::page13_14::DiagnosticsCapability;
use crate::module::{Management, Reading, Snapshot, VdmSample};

/// Clock recovery and its loss of lock, CMIS 5.4 Tables 8-52 to 8-55
/// (01h:157, 158, 161, 162).
const LOSS_OF_LOCK: u8 = 1 << 2;
const CDR_PRESENT: u8 = 1;

/// Identity as it would show in a page that is really page 00h: identifier,
/// vendor name, OUI and part number (00h:128-163).
const IDENTITY_BYTES: std::ops::RangeInclusive<u8> = 128..=163;

/// So many equal bytes are no chance: the identifier and three letters.
const FEWEST_EQUAL: usize = 4;

/// Clock recovery and loss-of-lock flags in the two directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ClockRecovery {
    pub(super) tx: bool,
    pub(super) rx: bool,
    pub(super) tx_lock: bool,
    pub(super) rx_lock: bool,
}

impl ClockRecovery {
    /// The registers of [`ClockRecovery::value`].
    pub(super) const PLACE: &'static str = "01h:161.0, 01h:162.0";

    fn of(advertisement: &Advertisement) -> Self {
        Self {
            tx: advertisement.tx_signal_integrity & CDR_PRESENT != 0,
            rx: advertisement.rx_signal_integrity & CDR_PRESENT != 0,
            tx_lock: advertisement.tx_flags & LOSS_OF_LOCK != 0,
            rx_lock: advertisement.rx_flags & LOSS_OF_LOCK != 0,
        }
    }

    /// The two presence bits as a person writes them.
    pub(super) fn value(self) -> String {
        format!("Tx CDR {}, Rx CDR {}", u8::from(self.tx), u8::from(self.rx))
    }
}

/// A snapshot with what of it may be believed.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) snapshot: &'a Snapshot,
    /// Page 01h, where it is itself.
    pub(super) advertisement: Option<Advertisement>,
    /// Its clock recovery bits, where page 01h was read at all, believed or not.
    pub(super) claimed_recovery: Option<ClockRecovery>,
    /// Page 13h, where it is advertised and itself.
    pub(super) diagnostics: Option<DiagnosticsCapability>,
    /// The VDM observables, where they are advertised and themselves.
    pub(super) vdm: &'a [VdmSample],
    /// What was not believed or not there, and why.
    pub(super) missing: Vec<String>,
}

impl<'a> Facts<'a> {
    /// Puts a snapshot through the guards.
    pub(super) fn gather(snapshot: &'a Snapshot) -> Self {
        let mut facts = Self {
            snapshot,
            advertisement: None,
            claimed_recovery: None,
            diagnostics: None,
            vdm: &[],
            missing: Vec::new(),
        };
        match snapshot.management {
            Management::Cmis => {
                facts.believe_advertisement();
                facts.believe_diagnostics();
                facts.believe_vdm();
            }
            older @ (Management::Sff8636 | Management::Sff8472) => facts.missing.push(format!(
                "applications, checkers and power by rate: {} does not tell",
                older.name()
            )),
            Management::Unknown => facts
                .missing
                .push("everything but the identifier: no memory map known here".to_owned()),
        }
        facts
    }

    /// Clock recovery as page 01h tells it, where that is believed.
    pub(super) fn recovery(&self) -> Option<ClockRecovery> {
        self.advertisement.as_ref().map(ClockRecovery::of)
    }

    /// Whether diagnostics pages 13h and 14h exist, where that is known.
    pub(super) fn advertises_diagnostics(&self) -> Option<bool> {
        self.advertisement.map(|page| page.diagnostics_pages())
    }

    /// Whether VDM pages 20h-2Fh exist, where that is known.
    pub(super) fn advertises_vdm(&self) -> Option<bool> {
        self.advertisement.map(|page| page.vdm_pages())
    }

    fn believe_advertisement(&mut self) {
        let doubt = match self.snapshot.advertisement {
            Reading::Absent(_) if self.snapshot.identity.flat_memory => {
                "there is none: the memory is flat".to_owned()
            }
            Reading::Absent(why) => why.reason().to_owned(),
            Reading::Value(page) if is_filling(&page) => {
                "filled with one value, so it was not really read".to_owned()
            }
            Reading::Value(_) if self.is_page_00(0x01) => "a copy of page 00h".to_owned(),
            Reading::Value(page) if self.has_bad_checksum("page_01") => {
                let claimed = ClockRecovery::of(&page);
                self.claimed_recovery = Some(claimed);
                format!("wrong checksum, so its {} is not weighed", claimed.value())
            }
            Reading::Value(page) => {
                self.claimed_recovery = Some(ClockRecovery::of(&page));
                self.advertisement = Some(page);
                return;
            }
        };
        self.missing.push(format!(
            "clock recovery and advertised pages (page 01h): {doubt}"
        ));
    }

    fn believe_diagnostics(&mut self) {
        if self.advertises_diagnostics() == Some(false) {
            return;
        }
        let doubt = match self.snapshot.diagnostics {
            // Without page 01h nobody knows whether there should be any.
            Reading::Absent(_) if self.advertisement.is_none() => return,
            Reading::Absent(why) => why.reason(),
            Reading::Value(_) if self.is_page_00(0x13) => "a copy of page 00h",
            Reading::Value(page) if is_blank(&page) => "advertised, but filled with one value",
            Reading::Value(page) => {
                self.diagnostics = Some(page);
                return;
            }
        };
        self.missing.push(format!(
            "pattern checkers and reporting (page 13h): {doubt}"
        ));
    }

    fn believe_vdm(&mut self) {
        if self.advertises_vdm() == Some(false) {
            return;
        }
        if self.is_page_00(0x20) {
            self.missing
                .push("observables (page 20h): a copy of page 00h".to_owned());
        } else if !self.snapshot.vdm.is_empty() {
            self.vdm = &self.snapshot.vdm;
        } else if self.advertises_vdm() == Some(true) {
            self.missing
                .push("observables (pages 20h-23h): advertised, but none is described".to_owned());
        }
    }

    fn has_bad_checksum(&self, name: &str) -> bool {
        let mut checksums = self.snapshot.checksums.iter();
        checksums.any(|checksum| checksum.name == name && !checksum.good)
    }

    /// Whether a page repeats the identity bytes of page 00h.
    fn is_page_00(&self, page: u8) -> bool {
        let image = &self.snapshot.image;
        let Some(identity) = image.sheet(Half::page(0x00)) else {
            return false;
        };
        let Some(sheet) = image.sheet(Half::page(page)) else {
            return false;
        };
        let mut pairs = IDENTITY_BYTES
            .filter(|offset| identity.knows(*offset, 1) && sheet.knows(*offset, 1))
            .map(|offset| (identity.u8(offset), sheet.u8(offset)))
            .peekable();
        // An empty page 00h is no identity that could be repeated.
        let named = pairs.peek().is_some_and(|(identifier, _)| *identifier != 0);
        let (equal, all) = pairs.fold((0, 0), |(equal, all), (a, b)| {
            (equal + usize::from(a == b), all + 1)
        });
        named && equal == all && all >= FEWEST_EQUAL
    }

    /// `N` bytes of an upper page from the absolute offset `first` on, if all
    /// of them were read and the page is not page 00h again.
    pub(super) fn raw<const N: usize>(&self, page: u8, first: u8) -> Option<[u8; N]> {
        let last = first.checked_add(u8::try_from(N).ok()?.checked_sub(1)?)?;
        let span = Span::new(Half::page(page), first, last)?;
        let sheet = self.snapshot.image.known(span)?;
        (!self.is_page_00(page)).then(|| sheet.array(first))
    }
}

fn is_filling(page: &Advertisement) -> bool {
    let bytes = [
        page.pages,
        page.characteristics,
        page.tx_controls,
        page.tx_flags,
        page.rx_flags,
        page.module_monitors,
        page.lane_monitors,
        page.tx_signal_integrity,
        page.rx_signal_integrity,
    ];
    [0x00, 0xFF]
        .iter()
        .any(|filling| bytes.iter().all(|byte| byte == filling))
}

fn is_blank(page: &DiagnosticsCapability) -> bool {
    let bytes = [page.loopbacks, page.reporting, page.patterns];
    [0x00, 0xFF]
        .iter()
        .any(|filling| bytes.iter().all(|byte| byte == filling))
}
