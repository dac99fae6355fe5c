//! Runs the read plan of one module and assembles the snapshot.

use super::Snapshot;
use crate::bus::address::Half;
use crate::bus::{BusError, BusErrorKind, Memory};
use crate::clock::Clock;

/// One insertion of a module: what is known of it from sweep to sweep.
#[derive(Debug, Default)]
pub struct Session {}

/// What one sweep brought.
#[derive(Debug)]
pub struct Sweep {
    /// All that is known of the module.
    pub snapshot: Snapshot,
    /// Whether this is a module not seen before: the first sweep of a session,
    /// or a module that took the place of another.
    pub inserted: bool,
}

impl Session {
    /// A session that knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads what is due and decodes it.
    ///
    /// A group that cannot be read is absent from the snapshot and listed in
    /// its failures; the others are right.
    ///
    /// # Errors
    /// The first bus error if not even the lower memory could be read: then
    /// nothing is known, and the session forgets what it knew.
    pub fn sweep(&mut self, memory: &mut dyn Memory, clock: &dyn Clock) -> Result<Sweep, BusError> {
        let _ = (memory, clock.now());
        Err(BusError {
            kind: BusErrorKind::NoAnswer,
            half: Half::LOWER,
            attempts: 1,
        })
    }
}
