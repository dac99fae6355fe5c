//! One sweep of one port as work that waits in steps: under the lock that is shared
//! with others, and with what it brought at the end.

use std::sync::Arc;
use std::time::Duration;

use super::lock;
use crate::bus::address::Half;
use crate::bus::{BusError, BusErrorKind, Memory};
use crate::clock::Clock;
use crate::config::LockConfig;
use crate::module::sweep::{Due, Session, Sweep};
use crate::names::PortName;

/// What comes back of a sweep.
pub struct Back {
    /// The way to the module, if it was open.
    pub memory: Option<Box<dyn Memory>>,
    /// The session.
    pub session: Session,
    /// What the sweep brought.
    pub outcome: Result<Sweep, BusError>,
}

/// What a sweep says of the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// It is not known yet what stands in the cage: another look soon may tell.
    Unsettled,
    /// A module, and whether it stays there can be asked at little cost.
    Module,
    /// All that there is to know until it is due again.
    Left,
    /// Nobody; a module that comes has to be seen in this time.
    Nobody {
        /// That time.
        asked_within: Duration,
    },
    /// It keeps failing and is left alone.
    Dormant {
        /// For this long.
        for_now: Duration,
    },
}

/// How a sweep is made.
pub struct Manner {
    /// Of which port.
    pub port: PortName,
    /// Under which lock.
    pub lock: Option<Arc<LockConfig>>,
    /// Whether nothing is read if nobody answers.
    pub asks_first: bool,
    /// What is read.
    pub due: Due,
}

/// One sweep, under the lock if there is one.
pub async fn sweep(
    memory: Result<Box<dyn Memory>, String>,
    mut session: Session,
    clock: Arc<dyn Clock>,
    manner: Manner,
) -> Back {
    let failed = |kind| BusError {
        kind,
        half: Half::LOWER,
        attempts: 1,
    };
    let mut memory = match memory {
        Ok(memory) => memory,
        Err(said) => {
            return Back {
                memory: None,
                session,
                outcome: Err(failed(BusErrorKind::Other(said))),
            };
        }
    };
    let lock = manner.lock.as_deref();
    let held = match lock {
        Some(lock) => match lock::take(lock, &manner.port, clock.as_ref()).await {
            Ok(held) => Some(held),
            Err(said) => {
                return Back {
                    memory: Some(memory),
                    session,
                    outcome: Err(failed(BusErrorKind::Locked(said))),
                };
            }
        },
        None => None,
    };
    let silence = match manner.asks_first {
        true => memory.knock().and_then(Result::err),
        false => None,
    };
    let outcome = match silence {
        Some(kind) => Err(failed(kind)),
        None => {
            session
                .sweep_in_steps(memory.as_mut(), clock.as_ref(), manner.due)
                .await
        }
    };
    if let Some(held) = held {
        held.give(clock.as_ref()).await;
    }
    Back {
        memory: Some(memory),
        session,
        outcome,
    }
}

/// Frees a module whose statistics a session froze, under the lock if there is one.
///
/// # Errors
/// What may have left it frozen, in words.
pub async fn free(
    memory: Result<Box<dyn Memory>, String>,
    session: &mut Session,
    lock: Option<&LockConfig>,
    port: &PortName,
    clock: &dyn Clock,
) -> Result<(), String> {
    let mut memory = memory?;
    let held = match lock {
        Some(lock) => Some(lock::take(lock, port, clock).await?),
        None => None,
    };
    let finished = session.finish(memory.as_mut(), clock).await;
    if let Some(held) = held {
        held.give(clock).await;
    }
    finished.map_err(|error| error.to_string())
}
