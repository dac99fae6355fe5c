//! Long transactions in pieces, for adapters that refuse them.
//!
//! [`paging`](super::paging) reads the select bytes and the data in one combined
//! transaction. Some adapters take two messages in a transaction and no more,
//! or only short reads, and the kernel refuses the rest (`i2c_adapter_quirks`).
//! Then each write of an offset and its read go alone, and the select bytes are
//! read once more behind the data: the transaction is no longer one, so another
//! master could have moved the page in between, and has if they differ now. A
//! master that moves the page and moves it back in time stays unseen; only a
//! combined transaction is proof against that one.

use embedded_hal::i2c::{ErrorType, I2c, Operation};

use super::Part;
use super::cost::{AccessPath, SharedPath};
use super::pieces::chunks;

/// Where bank and page are selected, bank first (00h:126-127), and so what a
/// caller reads first to be sure of them.
const BANK_SELECT: u8 = 126;
const PAGE_SELECT: u8 = 127;
const SELECT_BYTES: usize = 2;

/// How transactions are put on the bus, from the best to the last resort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// As they come.
    Whole,
    /// Each write of an offset with its read, in reads of at most this many bytes.
    Pairs(u8),
}

/// The manners that are tried in this order. SMBus blocks have 32 bytes at most,
/// and eight are what CMIS promises of every module.
const MANNERS: [Manner; 4] = [
    Manner::Whole,
    Manner::Pairs(128),
    Manner::Pairs(32),
    Manner::Pairs(8),
];

/// An I2C bus that cuts transactions down until its adapter takes them, and
/// remembers.
pub struct InPairs<I: I2c> {
    inner: I,
    refuses: fn(&I::Error) -> bool,
    /// Index into [`MANNERS`].
    manner: usize,
    /// The page that was selected last.
    page: Option<u8>,
    /// What whoever plans reads is told of the manner.
    path: SharedPath,
}

impl<I: I2c> InPairs<I> {
    /// Passes transactions on as they are until one is refused; `refuses` tells
    /// whether an error means that the adapter cannot do such transactions.
    pub fn new(inner: I, refuses: fn(&I::Error) -> bool) -> Self {
        Self {
            inner,
            refuses,
            manner: 0,
            page: None,
            path: SharedPath::default(),
        }
    }

    /// The way in which transactions go on the wire, kept up to date.
    pub fn path(&self) -> SharedPath {
        self.path.clone()
    }

    /// Never tries a transaction of more than one pair: for a bus that cannot.
    pub fn always(inner: I) -> Self {
        Self {
            inner,
            refuses: |_| false,
            manner: 1,
            page: None,
            path: SharedPath::new(AccessPath::Pairs(128)),
        }
    }

    /// One transaction in one manner.
    fn transact(
        &mut self,
        manner: Manner,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), I::Error> {
        let Manner::Pairs(longest) = manner else {
            return self.inner.transaction(address, operations);
        };
        let mut rest = &mut *operations;
        while !rest.is_empty() {
            let is_pair = matches!(rest, [Operation::Write([_]), Operation::Read(_), ..]);
            let (next, others) = rest.split_at_mut(if is_pair { 2 } else { 1 });
            match next {
                [Operation::Write([offset]), Operation::Read(buffer)] => {
                    self.read(address, *offset, buffer, longest)?;
                }
                single => self.inner.transaction(address, single)?,
            }
            rest = others;
        }
        self.look_again(address, operations)
    }

    /// Reads a run in pieces that end on multiples of `longest`.
    fn read(
        &mut self,
        address: u8,
        first: u8,
        buffer: &mut [u8],
        longest: u8,
    ) -> Result<(), I::Error> {
        let Ok(length) = u8::try_from(buffer.len()) else {
            return self.inner.write_read(address, &[first], buffer);
        };
        let mut rest = buffer;
        for piece in chunks(Part { first, length }, longest) {
            let length = usize::from(piece.length).min(rest.len());
            let (bytes, others) = rest.split_at_mut(length);
            self.inner.write_read(address, &[piece.first], bytes)?;
            rest = others;
        }
        Ok(())
    }

    /// Reads the select bytes again if the transaction began with them. If they
    /// were right before the data, the caller gets them as they are behind it,
    /// and sees that somebody moved them. Nothing else is read twice: reading
    /// clears flags.
    fn look_again(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), I::Error> {
        let [
            Operation::Write([BANK_SELECT]),
            Operation::Read(found),
            _,
            ..,
        ] = operations
        else {
            return Ok(());
        };
        if found.len() != SELECT_BYTES {
            return Ok(());
        }
        let was_right = self.page.is_none() || self.page == found.last().copied();
        if was_right {
            self.inner.write_read(address, &[BANK_SELECT], found)?;
        }
        Ok(())
    }

    /// Remembers the manner that worked. One that was the only one stays what
    /// the bus below makes of it.
    fn settle_on(&mut self, index: usize) {
        if index == self.manner {
            return;
        }
        self.manner = index;
        self.path.set(match MANNERS.get(index) {
            Some(Manner::Pairs(longest)) => AccessPath::Pairs(*longest),
            Some(Manner::Whole) | None => AccessPath::Combined,
        });
    }

    /// Remembers the page that a write selects: its last byte, whether bank and
    /// page are written or the page alone.
    fn note_select(&mut self, operations: &[Operation<'_>]) {
        if let [Operation::Write([BANK_SELECT, _, page] | [PAGE_SELECT, page])] = operations {
            self.page = Some(*page);
        }
    }
}

impl<I: I2c> ErrorType for InPairs<I> {
    type Error = I::Error;
}

impl<I: I2c> I2c for InPairs<I> {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), Self::Error> {
        self.note_select(operations);
        let mut outcome = Ok(());
        for (index, manner) in MANNERS.into_iter().enumerate().skip(self.manner) {
            outcome = self.transact(manner, address, operations);
            match &outcome {
                // A lone write has nothing that could be cut.
                Err(error) if (self.refuses)(error) && operations.len() > 1 => {}
                Err(_) => return outcome,
                Ok(()) => {
                    if operations.len() > 1 {
                        self.settle_on(index);
                    }
                    return outcome;
                }
            }
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::address::Half;
    use crate::bus::meter::Meter;
    use crate::bus::paging::Paged;
    use crate::bus::sheet::Sheet;
    use crate::bus::{Addressing, BusErrorKind, Memory};
    use crate::clock::ManualClock;
    use crate::sim::builders;
    use crate::sim::cage::Cage;
    use crate::sim::fault::SimError;
    use crate::sim::i2c::SimI2c;
    use crate::sim::wire::BusRate;
    use std::sync::Arc;
    use std::time::Duration;

    /// A simulated bus behind an adapter with limits; between transactions
    /// somebody may write to byte 127.
    struct Limited {
        i2c: SimI2c,
        clock: ManualClock,
        messages: usize,
        longest: usize,
        sizes: Vec<usize>,
        meddle_at: Option<(usize, u8)>,
    }

    #[derive(Debug)]
    enum Said {
        Unsupported,
        Sim(SimError),
    }

    impl embedded_hal::i2c::Error for Said {
        fn kind(&self) -> embedded_hal::i2c::ErrorKind {
            embedded_hal::i2c::ErrorKind::Other
        }
    }

    impl From<Said> for BusErrorKind {
        fn from(said: Said) -> Self {
            match said {
                Said::Unsupported => Self::Other("unsupported".to_owned()),
                Said::Sim(error) => error.into(),
            }
        }
    }

    impl ErrorType for Limited {
        type Error = Said;
    }

    impl I2c for Limited {
        fn transaction(&mut self, a: u8, operations: &mut [Operation<'_>]) -> Result<(), Said> {
            let long = operations.iter().any(|o| match o {
                Operation::Read(buffer) => buffer.len() > self.longest,
                Operation::Write(_) => false,
            });
            if operations.len() > self.messages || long {
                return Err(Said::Unsupported);
            }
            if let Some((at, page)) = self.meddle_at
                && self.sizes.len() == at
            {
                self.i2c.write(a, &[127, page]).map_err(Said::Sim)?;
                self.meddle_at = None;
                // The module must not hold off, or the meddling would show by that.
                self.clock.advance(Duration::from_millis(20));
            }
            self.sizes.push(operations.len());
            self.i2c.transaction(a, operations).map_err(Said::Sim)
        }
    }

    fn limited(messages: usize, longest: usize) -> (InPairs<Limited>, ManualClock) {
        let clock = ManualClock::new();
        let cage = Cage::new(Arc::new(clock.clone()));
        cage.insert(builders::by_name("dsp-800g").unwrap());
        clock.advance(Duration::from_secs(30));
        let limited = Limited {
            i2c: cage.i2c(BusRate::default()),
            clock: clock.clone(),
            messages,
            longest,
            sizes: Vec::new(),
            meddle_at: None,
        };
        let refuses = |said: &Said| matches!(said, Said::Unsupported);
        (InPairs::new(limited, refuses), clock)
    }

    /// Page 01h through the paging code.
    fn page_01(bus: InPairs<Limited>, clock: ManualClock) -> Result<Vec<u8>, BusErrorKind> {
        let mut module = Paged::new(bus, clock, Arc::new(Meter::default()));
        module.set_addressing(Addressing::BankAndPage);
        let mut sheet = Sheet::unknown();
        let whole = Part {
            first: 128,
            length: 128,
        };
        let outcome = module.visit(Half::page(0x01), &[whole], &mut sheet);
        outcome.map_err(|error| error.kind)?;
        Ok(sheet.slice(128, 128).to_vec())
    }

    #[test]
    fn the_same_bytes_come_through_every_limit() {
        let (bus, clock) = limited(42, 128);
        let whole = page_01(bus, clock).unwrap();
        assert!(whole.iter().any(|byte| *byte != 0));
        for (messages, longest) in [(2, 128), (2, 32), (2, 8), (42, 32), (3, 20)] {
            let (bus, clock) = limited(messages, longest);
            assert_eq!(page_01(bus, clock).unwrap(), whole, "{messages} {longest}");
        }
    }

    #[test]
    fn the_manner_that_worked_is_remembered_and_a_hopeless_one_is_not() {
        let (mut bus, _) = limited(2, 128);
        let (mut select, mut bytes) = ([0; 2], [0; 8]);
        let mut read = |bus: &mut InPairs<Limited>| {
            let mut operations = [
                Operation::Write(&[126]),
                Operation::Read(&mut select),
                Operation::Write(&[128]),
                Operation::Read(&mut bytes),
            ];
            bus.transaction(0x50, &mut operations)
        };
        read(&mut bus).unwrap();
        assert_eq!(bus.manner, 1);
        // Select bytes, data, select bytes again.
        assert_eq!(bus.inner.sizes, [2, 2, 2]);

        let (mut bus, _) = limited(0, 0);
        assert!(matches!(read(&mut bus), Err(Said::Unsupported)));
        assert_eq!(bus.manner, 0);
    }

    #[test]
    fn a_page_moved_between_select_and_data_is_seen() {
        // Transactions: 0 select, 1 select bytes, 2 data, 3 select bytes again.
        let (clean, clock) = limited(2, 128);
        let expected = page_01(clean, clock).unwrap();
        for at in 1..4 {
            let (mut bus, clock) = limited(2, 128);
            bus.inner.meddle_at = Some((at, 0x02));
            assert_eq!(page_01(bus, clock).unwrap(), expected, "{at}");
        }
        // Without the second look, the bytes of page 02h would have passed.
        let (mut bus, clock) = limited(2, 128);
        bus.write(0x50, &[126, 0, 1]).unwrap();
        clock.advance(Duration::from_millis(20));
        bus.inner.meddle_at = Some((2, 0x02));
        let (mut select, mut bytes) = ([0; 2], [0; 8]);
        let mut operations = [
            Operation::Write(&[126]),
            Operation::Read(&mut select),
            Operation::Write(&[128]),
            Operation::Read(&mut bytes),
        ];
        bus.transaction(0x50, &mut operations).unwrap();
        assert_eq!(select, [0, 2]);
    }

    #[test]
    fn flags_are_never_read_twice() {
        let (mut bus, _) = limited(2, 128);
        let (mut flags, mut monitors) = ([0; 6], [0; 4]);
        let mut operations = [
            Operation::Write(&[8]),
            Operation::Read(&mut flags),
            Operation::Write(&[14]),
            Operation::Read(&mut monitors),
        ];
        bus.transaction(0x50, &mut operations).unwrap();
        assert_eq!(bus.inner.sizes, [2, 2]);
    }
}
