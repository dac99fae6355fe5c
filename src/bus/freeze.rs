//! The freeze of VDM statistics: the one write beside bank and page select, and
//! only where the operator asked for it.
//!
//! A module gathers minimum, maximum and average over an interval. A host that
//! sets bit 7 of 2Fh:144 holds them still while it reads them; clearing the bit
//! starts the next interval (CMIS 2Fh:144-145, tVDMF). One request acts on all
//! banks. A module that is left frozen shows the same statistics for
//! ever, so [`Freeze`] remembers what it asked for until it has seen it undone.
//!
//! The bit is set and cleared by reading the byte, changing the bit and writing
//! the byte back, for its other bits switch VDM off in some modules. No bus can
//! do that at once: another master may move the page between the read that
//! showed 2Fh and the write. The write follows that read at once, is never
//! repeated without another such read, and is checked by one; a port that
//! another manager owns must not be frozen at all.

use std::time::Duration;

use embedded_hal::i2c::I2c;

use super::address::Half;
use super::paging::Paged;
use super::sheet::Sheet;
use super::wait::{self, Work};
use super::{BusError, BusErrorKind, Memory, Part};
use crate::clock::Clock;

/// Where request and answer are; one for all banks.
const CONTROL: Half = Half::page(0x2F);
/// 2Fh:144.7: the request.
const REQUEST: u8 = 144;
const REQUEST_BIT: u8 = 7;
/// 2Fh:145.7 and 6: done freezing, done unfreezing.
const ANSWER: u8 = 145;
const FROZEN_BIT: u8 = 7;
const UNFROZEN_BIT: u8 = 6;
const HANDSHAKE: Part = Part {
    first: REQUEST,
    length: 2,
};

/// How often the request is written before its failure is told.
const MOST_WRITES: u32 = 4;
/// Between two looks at the answer. By the specification it comes within 10 ms
/// (tVDMF).
const PAUSE: Duration = Duration::from_millis(2);
/// For how long a module may take to freeze; some need far more than tVDMF.
const FREEZE_PATIENCE: Duration = Duration::from_secs(1);
/// For how long it may take to tell that it has unfrozen. Nothing waits for it,
/// so this is only to notice that it did not.
const UNFREEZE_PATIENCE: Duration = Duration::from_millis(100);

/// The freeze request of a module that can be written to.
pub trait Request {
    /// Sets or clears the request bit, unless it stands so already, and reads it
    /// back. All other bits stay as they are. Returns whether it was written.
    ///
    /// # Errors
    /// As [`Memory::visit`]. Then the bit may stand either way.
    fn request(&mut self, freeze: bool) -> Work<'_, Result<bool, BusError>>;
}

impl<I: I2c + Send, C: Clock> Request for Paged<I, C>
where
    BusErrorKind: From<I::Error>,
{
    fn request(&mut self, freeze: bool) -> Work<'_, Result<bool, BusError>> {
        Box::pin(async move {
            let mut writes = 0;
            loop {
                let stands = handshake(self).await?.u8(REQUEST);
                let wanted = match freeze {
                    true => stands | 1 << REQUEST_BIT,
                    false => stands & !(1 << REQUEST_BIT),
                };
                if stands == wanted {
                    return Ok(writes > 0);
                }
                if writes == MOST_WRITES {
                    return Err(BusError {
                        kind: BusErrorKind::Refused,
                        half: CONTROL,
                        attempts: writes,
                    });
                }
                writes += 1;
                // Nothing is awaited between that read and this write. Whatever
                // became of it, the next read tells.
                self.write_once(CONTROL.device(), &[REQUEST, wanted]);
            }
        })
    }
}

/// Request and answer as they stand.
async fn handshake<M: Memory + ?Sized>(memory: &mut M) -> Result<Sheet, BusError> {
    let mut sheet = Sheet::unknown();
    memory
        .visit_in_steps(CONTROL, &[HANDSHAKE], &mut sheet)
        .await?;
    Ok(sheet)
}

/// Why statistics could not be frozen or unfrozen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FreezeError {
    /// The request is set, and not by this reader: another manager reads the
    /// statistics, or one that ended left the module frozen.
    #[error("somebody else keeps them frozen")]
    Taken,
    /// The module did not say in time that it has done what it was asked.
    #[error("the module did not answer within {} ms", .0.as_millis())]
    Unanswered(Duration),
    /// The bus failed.
    #[error("{0}")]
    Bus(#[from] BusError),
    /// This memory cannot be written to.
    #[error("this memory cannot be written to")]
    ReadOnly,
}

/// What this reader asked of a module's statistics.
#[derive(Debug, Default)]
pub struct Freeze {
    open: bool,
}

impl Freeze {
    /// Whether the module may be frozen by a request of this reader.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Freezes the statistics and waits until they stand still: some 10 ms, at
    /// most a second. `take_over` freezes what somebody else keeps frozen too,
    /// so that [`Freeze::end`] frees it.
    ///
    /// # Errors
    /// [`FreezeError`]. Unless it is [`FreezeError::Taken`], [`Freeze::end`] has
    /// to be tried all the same.
    pub async fn begin(
        &mut self,
        memory: &mut dyn Memory,
        clock: &dyn Clock,
        take_over: bool,
    ) -> Result<(), FreezeError> {
        let stands = handshake(memory).await?.bit(REQUEST, REQUEST_BIT);
        if stands && !self.open && !take_over {
            return Err(FreezeError::Taken);
        }
        let request = memory.freeze_request().ok_or(FreezeError::ReadOnly)?;
        self.open = true;
        request.request(true).await?;
        wait_for(memory, clock, FROZEN_BIT, FREEZE_PATIENCE).await
    }

    /// Unfreezes the statistics: a new interval begins. Does nothing if nothing
    /// was asked for.
    ///
    /// # Errors
    /// [`FreezeError`]. As long as [`Freeze::is_open`] this has to be tried
    /// again.
    pub async fn end(
        &mut self,
        memory: &mut dyn Memory,
        clock: &dyn Clock,
    ) -> Result<(), FreezeError> {
        if !self.open {
            return Ok(());
        }
        let request = memory.freeze_request().ok_or(FreezeError::ReadOnly)?;
        let written = request.request(false).await?;
        self.open = false;
        // A module that was reset has nothing to answer.
        if written {
            wait_for(memory, clock, UNFROZEN_BIT, UNFREEZE_PATIENCE).await?;
        }
        Ok(())
    }

    /// Another module stands in the cage, or this one lost its statistics:
    /// nothing is asked for any more.
    pub fn forget(&mut self) {
        self.open = false;
    }
}

/// Waits for a bit of the answer.
async fn wait_for(
    memory: &mut dyn Memory,
    clock: &dyn Clock,
    bit: u8,
    patience: Duration,
) -> Result<(), FreezeError> {
    let deadline = clock.now() + patience;
    loop {
        if handshake(memory).await?.bit(ANSWER, bit) {
            return Ok(());
        }
        if clock.now() >= deadline {
            return Err(FreezeError::Unanswered(patience));
        }
        wait::pause(clock, PAUSE).await;
    }
}
