//! The devices of several adapters, which scenarios unplug and plug in again.
//!
//! Each device that is there has a thread that serves it. The kernel takes a
//! device away when it is told to abort it; its thread ends then.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::server::{CuseError, Server};
use crate::names::PortName;
use crate::sim::cage::Cage;
use crate::sim::wire::BusRate;

/// Why the devices cannot be served any more.
#[derive(Debug, thiserror::Error)]
pub enum RackError {
    /// A device cannot be served.
    #[error(transparent)]
    Cuse(#[from] CuseError),
    /// The operating system starts no more threads.
    #[error("cannot start a thread for {name}: {source}")]
    Thread {
        /// The device.
        name: PortName,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The kernel keeps a device that is to go.
    #[error("cannot take {name} away by {}: {source}", path.display())]
    Kept {
        /// The device.
        name: PortName,
        /// What was written to.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
}

/// A device that came or went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is there.
    Came(PathBuf),
    /// It is gone.
    Went(PortName),
}

/// The devices, one for each cage whose adapter is plugged in.
pub struct Rack {
    cages: BTreeMap<PortName, Cage>,
    serving: BTreeSet<PortName>,
    leaving: BTreeSet<PortName>,
    ended: Sender<(PortName, CuseError)>,
    ends: Receiver<(PortName, CuseError)>,
}

impl Rack {
    /// A rack of these adapters, none of which has a device yet.
    pub fn new(cages: BTreeMap<PortName, Cage>) -> Self {
        let (ended, ends) = channel();
        Self {
            cages,
            serving: BTreeSet::new(),
            leaving: BTreeSet::new(),
            ended,
            ends,
        }
    }

    /// What is plugged where.
    pub fn cages(&self) -> &BTreeMap<PortName, Cage> {
        &self.cages
    }

    /// Makes the devices of adapters that were plugged in, and takes those away
    /// that were unplugged; to be called again and again. Tells what changed.
    ///
    /// # Errors
    /// If a device cannot be made or taken away, or the kernel took one that
    /// was to stay.
    pub fn follow(&mut self) -> Result<Vec<Change>, RackError> {
        let mut changes = Vec::new();
        while let Ok((name, error)) = self.ends.try_recv() {
            self.serving.remove(&name);
            if !self.leaving.remove(&name) {
                return Err(error.into());
            }
            changes.push(Change::Went(name));
        }
        for (name, cage) in &self.cages {
            match (cage.is_plugged(), self.serving.contains(name)) {
                (true, false) => {
                    changes.push(Change::Came(serve(name, cage, &self.ended)?));
                    self.serving.insert(name.clone());
                }
                (false, true) if self.leaving.insert(name.clone()) => abort(name)?,
                _ => {}
            }
        }
        Ok(changes)
    }
}

/// Makes a device and serves it in a thread of its own; returns where it is.
fn serve(
    name: &PortName,
    cage: &Cage,
    ended: &Sender<(PortName, CuseError)>,
) -> Result<PathBuf, RackError> {
    let server = Server::open(name.as_str(), cage.i2c(BusRate::default()))?;
    let path = server.path().to_owned();
    let (ended, port) = (ended.clone(), name.clone());
    let thread = std::thread::Builder::new().name(name.to_string());
    // Nobody is left to tell once the rack is gone.
    let serve = move || ended.send((port, server.serve())).unwrap_or_default();
    thread.spawn(serve).map_err(|source| RackError::Thread {
        name: name.clone(),
        source,
    })?;
    Ok(path)
}

/// Has the kernel take a device away, whoever holds it open.
fn abort(name: &PortName) -> Result<(), RackError> {
    let path = PathBuf::from(format!("/sys/class/cuse/{name}/abort"));
    std::fs::write(&path, "1").map_err(|source| RackError::Kept {
        name: name.clone(),
        path,
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use std::sync::Arc;

    #[test]
    fn a_device_that_was_not_to_go_is_an_error() {
        let name = PortName::new("i2c-90").unwrap();
        let cage = Cage::new(Arc::new(ManualClock::new()));
        cage.set_plugged(false);
        let mut rack = Rack::new(BTreeMap::from([(name.clone(), cage)]));
        assert_eq!(rack.follow().unwrap(), []);
        let lost = || {
            let path = PathBuf::from("/dev/i2c-90");
            CuseError::Taken(path)
        };
        rack.ended.send((name.clone(), lost())).unwrap();
        assert!(matches!(rack.follow(), Err(RackError::Cuse(_))));
        rack.leaving.insert(name.clone());
        rack.ended.send((name.clone(), lost())).unwrap();
        assert_eq!(rack.follow().unwrap(), [Change::Went(name)]);
    }
}
