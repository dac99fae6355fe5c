//! All of the daemon's clockwork without its threads: pollers, watchman and scribe
//! work when they are called, on a clock that the caller moves. So months of it pass
//! in minutes, and the same way each time.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use super::access::Gate;
use super::crew::Crew;
use super::desk::Desk;
use super::inside::Roster;
use super::journal::Journal;
use super::minutes::Minutes;
use super::reload::{self, Wanted, WantedError};
use super::scribe::Scribe;
use super::shelf::Shelf;
use super::watch::Context;
use super::{look_after_ports, publish};
use crate::class::Settings;
use crate::clock::Clock;
use crate::names::BusName;
use crate::store::StoreError;

/// A daemon that does nothing by itself.
pub struct ByHand {
    context: Arc<Context>,
    crew: Crew,
    scribe: Scribe,
    desk: Arc<Desk>,
    shelf: Arc<Shelf>,
    gate: Gate,
    minutes: Minutes,
}

impl ByHand {
    /// A daemon without ports that keeps its events in this state directory.
    ///
    /// # Errors
    /// What needs a person before the store can be used.
    pub fn new(clock: Arc<dyn Clock>, state: &Path) -> Result<Self, StoreError> {
        let fleet = Arc::new(publish::fleet(clock.wall()));
        let desk = Arc::new(Desk::new(Arc::clone(&clock)));
        let journal = Journal::kept(&fleet, &desk);
        let shelf = Arc::new(Shelf::Directory(state.to_owned()));
        let mut scribe = Scribe::new(
            Arc::clone(&desk),
            journal.clone(),
            Arc::clone(&shelf),
            Arc::clone(&fleet),
            None,
        );
        scribe.begin()?;
        let context = Arc::new(Context {
            clock,
            plan: ArcSwap::default(),
            settings: Settings::default(),
            journal,
            fleet,
        });
        Ok(Self {
            crew: Crew::by_hand(Arc::clone(&context)),
            gate: Gate::new(Arc::clone(&context.fleet)),
            context,
            scribe,
            desk,
            shelf,
            minutes: Minutes::default(),
        })
    }

    /// What all ports share.
    pub fn context(&self) -> &Arc<Context> {
        &self.context
    }

    /// Where events are read.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// Puts a configuration in force, or tells what is wrong with it.
    pub fn reload(&mut self, read: Result<Wanted, WantedError>) {
        let serving = [];
        reload::put_in_force(read, &self.context, &mut self.crew, &self.gate, &serving);
    }

    /// One step of the poller of a bus; returns for how long nothing will be due.
    /// `None` for a bus without a port.
    pub fn step(&mut self, bus: &BusName) -> Option<Duration> {
        self.crew.step(bus)
    }

    /// What its pollers do.
    pub fn roster(&self) -> Arc<Roster> {
        self.crew.roster()
    }

    /// One round of the watchman.
    pub fn round(&mut self) {
        self.context.journal.settle(self.context.clock.now());
        look_after_ports(&self.context, &self.crew, &self.gate, &mut self.minutes);
    }

    /// Whether events wait for the scribe.
    pub fn has_news(&self) -> bool {
        self.desk.counts().0 > 0
    }

    /// One step of the scribe; returns for how long it may rest if nothing comes.
    pub fn write(&mut self) -> Duration {
        let rest = self.scribe.step();
        rest.map_or(Duration::ZERO, |rest| rest.most)
    }

    /// Lets the disk be full until the scribe opens its file anew: the store may
    /// not grow by a page.
    ///
    /// # Errors
    /// What SQLite said.
    pub fn fill_disk(&self) -> Result<(), StoreError> {
        let Some(database) = self.scribe.database() else {
            return Ok(());
        };
        let connection = database.connection();
        let pages: u64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
        connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        Ok(())
    }
}
