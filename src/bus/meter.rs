//! Counting what a bus does: a wrapper around any I2C bus that changes nothing.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use embedded_hal::i2c::{ErrorType, I2c, Operation};

use super::BusErrorKind;
use crate::clock::Clock;

/// Counters of one root adapter since they were made.
#[derive(Debug, Default)]
pub struct Meter {
    /// Transactions that read.
    pub reads: AtomicU64,
    /// Transactions that only write: page selects.
    pub writes: AtomicU64,
    /// Payload bytes in both directions.
    pub bytes: AtomicU64,
    /// Nanoseconds spent in transactions.
    pub busy_nanoseconds: AtomicU64,
    errors: Mutex<BTreeMap<&'static str, u64>>,
}

impl Meter {
    /// Counts one failed transaction.
    pub fn count_error(&self, kind: &BusErrorKind) {
        let mut errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        *errors.entry(kind.label()).or_default() += 1;
    }

    /// Failed transactions by [`BusErrorKind::label`].
    pub fn errors(&self) -> BTreeMap<&'static str, u64> {
        self.errors
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Time spent in transactions.
    pub fn busy(&self) -> Duration {
        Duration::from_nanos(self.busy_nanoseconds.load(Ordering::Relaxed))
    }
}

/// An I2C bus whose transactions are counted.
pub struct Metered<I, C> {
    inner: I,
    clock: C,
    meter: Arc<Meter>,
}

impl<I, C: Clock> Metered<I, C> {
    /// Counts what goes through `inner` in `meter`, timed by `clock`.
    pub fn new(inner: I, clock: C, meter: Arc<Meter>) -> Self {
        Self {
            inner,
            clock,
            meter,
        }
    }
}

impl<I: ErrorType, C> ErrorType for Metered<I, C> {
    type Error = I::Error;
}

impl<I: I2c, C: Clock> I2c for Metered<I, C> {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), Self::Error> {
        let started = self.clock.now();
        let outcome = self.inner.transaction(address, operations);
        let spent = self.clock.now().saturating_sub(started);
        let mut reads = false;
        let mut bytes = 0;
        for operation in operations.iter() {
            match operation {
                Operation::Read(buffer) => {
                    reads = true;
                    bytes += buffer.len();
                }
                Operation::Write(buffer) => bytes += buffer.len(),
            }
        }
        let meter = &self.meter;
        let counter = if reads { &meter.reads } else { &meter.writes };
        counter.fetch_add(1, Ordering::Relaxed);
        meter
            .bytes
            .fetch_add(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::Relaxed);
        meter.busy_nanoseconds.fetch_add(
            u64::try_from(spent.as_nanos()).unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
        outcome
    }
}
