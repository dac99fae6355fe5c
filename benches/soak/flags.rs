//! Flags that somebody raised for an instant, until they were told.

use std::time::Duration;

use opticsd::bus::address::Half;
use opticsd::module::{Reading, Snapshot};

use crate::truth::Truth;

/// In how many sweeps that read it a flag must be told at the latest.
const SWEEPS: u32 = 3;

/// A flag that waits to be told.
struct Raised {
    port: usize,
    half: Half,
    bit: u8,
    at: Duration,
    sweeps: u32,
    seen: Duration,
}

/// What became of a flag.
pub enum Fate {
    Told { of_module: bool },
    Excused(&'static str),
    Lost(String),
}

/// All flags that wait.
#[derive(Default)]
pub struct Flags(Vec<Raised>);

impl Flags {
    pub fn raised(&mut self, port: usize, half: Half, bit: u8, at: Duration) {
        let is_new = |old: &Raised| (old.port, old.half, old.bit) != (port, half, bit);
        if self.0.iter().all(is_new) {
            self.0.push(Raised {
                port,
                half,
                bit,
                at,
                sweeps: 0,
                seen: Duration::ZERO,
            });
        }
    }

    /// What becomes of the flags of a port now that a snapshot of it is published.
    pub fn look(&mut self, port: usize, snapshot: &Snapshot, truth: &Truth) -> Vec<Fate> {
        let mut fates = Vec::new();
        self.0.retain_mut(|raised| {
            if raised.port != port {
                return true;
            }
            // What comes in the instant of the flag comes after it.
            if truth.occupant().is_none_or(|of| of.came >= raised.at) {
                fates.push(Fate::Excused("module gone"));
                return false;
            }
            if raised.is_in(snapshot) {
                fates.push(Fate::Told {
                    of_module: raised.half == Half::LOWER,
                });
                return false;
            }
            let is_whole = snapshot
                .failures
                .iter()
                .all(|of| !of.error.kind.is_transient());
            if snapshot.started > raised.at && snapshot.started > raised.seen && is_whole {
                raised.seen = snapshot.started;
                raised.sweeps += 1;
            }
            if raised.sweeps < SWEEPS {
                return true;
            }
            // The read that cleared it was not believed, and rightly so.
            fates.push(
                match truth.lied_at.is_some_and(|until| until >= raised.at) {
                    true => Fate::Excused("bus lied"),
                    false => Fate::Lost(format!(
                        "{}, bit {} since {:?}",
                        raised.half, raised.bit, raised.at
                    )),
                },
            );
            false
        });
        fates
    }
}

impl Raised {
    fn is_in(&self, snapshot: &Snapshot) -> bool {
        if self.half == Half::LOWER {
            return snapshot.flags.temperature.map(|levels| levels.high_alarm)
                == Reading::Value(true);
        }
        let lane = snapshot.lanes.get(usize::from(self.bit));
        lane.is_some_and(|lane| lane.signals.rx_los == Reading::Value(true))
    }
}
