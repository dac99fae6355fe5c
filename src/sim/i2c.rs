//! One mux channel as an `embedded_hal` bus: what a driver talks to.

use std::time::Duration;

use embedded_hal::i2c::{ErrorType, I2c, Operation};

use super::cage::Cage;
use super::fault::SimError;
use super::wire::BusRate;

/// The bus on which the module of one cage answers.
///
/// Every operation is one bus message: two writes in a row are two messages
/// with a repeated START between them, as the Linux kernel sends them, and the
/// second one sets the byte pointer anew. A transaction takes its time on the
/// clock of the cage.
#[derive(Clone)]
pub struct SimI2c {
    cage: Cage,
    rate: BusRate,
    patience: Option<Duration>,
}

impl SimI2c {
    pub(super) fn new(cage: Cage, rate: BusRate) -> Self {
        Self {
            cage,
            rate,
            patience: None,
        }
    }

    /// Waits no longer than this for a module that holds up a transaction, which
    /// has then timed out.
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = Some(patience);
    }

    /// What the time is on the clock of the cage.
    pub(super) fn now(&self) -> Duration {
        self.cage.now()
    }
}

impl ErrorType for SimI2c {
    type Error = SimError;
}

impl I2c for SimI2c {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), Self::Error> {
        let rate = self.rate;
        self.cage.transact(address, operations, rate, self.patience)
    }
}

#[cfg(test)]
mod tests;
