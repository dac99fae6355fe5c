//! The wire between daemon and module with a witness on it: every write is looked
//! at, every change of a register noted, and some hands are quick.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use embedded_hal::i2c::{ErrorType, I2c, Operation};
use opticsd::bus::address::{Device, Half, Span};
use opticsd::bus::read_plan::Visit;
use opticsd::bus::sheet::Sheet;
use opticsd::bus::wait::Work;
use opticsd::bus::{Addressing, BusError, Memory, Part, freeze};
use opticsd::clock::Clock;
use opticsd::sim::cage::Cage;
use opticsd::sim::fault::SimError;
use opticsd::sim::i2c::SimI2c;
use opticsd::sim::wire::BusRate;

use crate::account::{Account, Invariant};
use crate::time::Time;
use crate::truth::{Kind, Truth};

/// What is shared between the wire of a port and who watches over it.
#[derive(Clone, Default)]
pub struct Shared {
    pub truth: Arc<Mutex<Truth>>,
    /// After how many transactions the module is pulled, if it is.
    pub pulled_after: Arc<Mutex<Option<u32>>>,
}

/// A bus with a witness.
pub struct Witnessed {
    inner: SimI2c,
    cage: Cage,
    time: Time,
    account: Account,
    shared: Shared,
    port: String,
    may_freeze: bool,
    /// What the module is by the map that the daemon goes by, which it tells by the
    /// first bytes: another one that came since is read as the one before at first.
    met_as: Kind,
    /// The page that the daemon selected last.
    page: Option<u8>,
}

impl Witnessed {
    pub fn new(
        cage: Cage,
        time: Time,
        account: Account,
        shared: Shared,
        port: String,
        may_freeze: bool,
    ) -> Self {
        Self {
            inner: cage.i2c(BusRate::default()),
            cage,
            time,
            account,
            shared,
            port,
            may_freeze,
            met_as: Kind::Garbage,
            page: None,
        }
    }

    /// Whether a message may be written: bank and page select, and the bit that
    /// freezes statistics where the operator opted in.
    fn is_allowed(&self, message: &[u8]) -> bool {
        match message {
            [_] | [126, _, _] | [127, _] => true,
            [144, byte] => {
                let page = self.cage.peek(Half::LOWER, 127);
                let stands = self.cage.peek(Half::page(0x2F), 144).unwrap_or_default();
                // Nothing is written where the module has just been pulled.
                let fits = page.is_none_or(|page| page == 0x2F && (byte ^ stands) & 0x7F == 0);
                self.may_freeze && fits
            }
            _ => false,
        }
    }

    fn look_at(&mut self, device: u8, operations: &[Operation<'_>]) {
        let mut offset = None;
        for operation in operations {
            match operation {
                Operation::Write(message) => {
                    offset = message.first().copied();
                    if !self.is_allowed(message) {
                        self.wrong(Invariant::Writes, format!("{message:02x?} was written"));
                    }
                    if let [126, _, page] | [127, page] = *message {
                        self.page = Some(*page);
                    }
                }
                Operation::Read(bytes) => {
                    let Some(first) = offset.take() else {
                        continue;
                    };
                    let behind = u16::from(first) + u16::try_from(bytes.len()).unwrap();
                    for at in [u16::from(first), behind] {
                        if self.is_inside_a_word(device, at) {
                            let said = format!("a read begins or ends inside a word, at {at}");
                            self.wrong(Invariant::Values, said);
                        }
                    }
                }
            }
        }
    }

    /// Notes what a transaction that succeeded has carried.
    fn note_read(&self, device: u8, operations: &[Operation<'_>], at: Duration) {
        let mut offset = None;
        for operation in operations {
            match operation {
                Operation::Write(message) => offset = message.first().copied(),
                Operation::Read(bytes) => {
                    let Some(first) = offset.take() else {
                        continue;
                    };
                    let is_second = device == Device::A2.address();
                    let half = match (is_second, first, self.page) {
                        (true, ..128, _) => Half::lower(Device::A2),
                        (false, ..128, _) => Half::LOWER,
                        (false, _, Some(page)) => Half::page(page),
                        _ => continue,
                    };
                    let mut truth = self.shared.truth.lock().unwrap();
                    truth.read(half, first, bytes.len(), at);
                }
            }
        }
    }

    fn wrong(&self, of: Invariant, said: String) {
        let said = format!("{}: {said}", self.port);
        self.account.violated(of, self.time.now(), said);
    }

    /// Whether a byte is the second one of a word that changes all the time, in the
    /// map that the daemon goes by.
    fn is_inside_a_word(&self, device: u8, offset: u16) -> bool {
        if self.shared.truth.lock().unwrap().kind() != self.met_as {
            return false;
        }
        let is_second = device == Device::A2.address();
        let is_live = match (self.met_as, is_second, self.page) {
            (Kind::Cmis | Kind::Flat, false, _) if offset < 128 => (14..26).contains(&offset),
            (Kind::Cmis, false, Some(0x11)) => (154..202).contains(&offset),
            (Kind::Cmis, false, Some(0x24..=0x27)) => (128..256).contains(&offset),
            (Kind::Qsfp, false, _) => matches!(offset, 22..24 | 26..28 | 34..58),
            (Kind::Sfp, true, _) => (96..106).contains(&offset),
            _ => false,
        };
        is_live && offset % 2 == 1
    }

    /// Somebody pulls the module while it is read.
    fn pull(&self, now: Duration) {
        let mut after = self.shared.pulled_after.lock().unwrap();
        match *after {
            Some(0) => {
                *after = None;
                self.cage.remove();
                self.shared.truth.lock().unwrap().goes(now);
            }
            Some(left) => *after = Some(left - 1),
            None => {}
        }
    }
}

impl ErrorType for Witnessed {
    type Error = SimError;
}

impl I2c for Witnessed {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), SimError> {
        self.look_at(address, operations);
        let began = self.time.now();
        let outcome = self.inner.transaction(address, operations);
        let ended = self.time.now();
        if outcome.is_ok() {
            self.note_read(address, operations, ended);
        }
        let mut truth = self.shared.truth.lock().unwrap();
        truth.note(&self.cage, began, ended, outcome.is_ok());
        if let (Ok(()), [Operation::Write([0]), Operation::Read([_, _, _])]) =
            (&outcome, &*operations)
        {
            self.met_as = truth.kind();
        }
        drop(truth);
        self.pull(ended);
        outcome
    }
}

/// A way to a module that has no short question: so a month of it is not one long
/// asking whether the module is still there.
pub struct Unasked(pub Box<dyn Memory>);

impl Memory for Unasked {
    fn visit_in_steps<'a>(
        &'a mut self,
        half: Half,
        parts: &'a [Part],
        sheet: &'a mut Sheet,
    ) -> Work<'a, Result<(), BusError>> {
        self.0.visit_in_steps(half, parts, sheet)
    }

    fn plan(&mut self, spans: &[Span], spared: &[Span]) -> Vec<Visit> {
        self.0.plan(spans, spared)
    }

    fn set_addressing(&mut self, addressing: Addressing) {
        self.0.set_addressing(addressing);
    }

    fn probe_read_size(&mut self, half: Half) -> Work<'_, Result<bool, BusError>> {
        self.0.probe_read_size(half)
    }

    fn leave(&mut self) -> Work<'_, ()> {
        self.0.leave()
    }

    fn select_untouched(&self, lower: &Sheet) -> bool {
        self.0.select_untouched(lower)
    }

    fn freeze_request(&mut self) -> Option<&mut dyn freeze::Request> {
        self.0.freeze_request()
    }

    fn sees_swaps(&self) -> bool {
        self.0.sees_swaps()
    }
}
