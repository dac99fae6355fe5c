//! Link sessions of a port on their way to the store, and the last one on its way
//! back: what a module was like before a restart is what it is compared with.

use std::time::{Duration, SystemTime};

use tracing::warn;

use super::watch::Context;
use crate::health::event::Event;
use crate::health::port::PortHealth;
use crate::health::session::Record;
use crate::module::Snapshot;
use crate::names::PortName;
use crate::store::sessions::Session;

/// How often a session that goes on is saved again: what a crash takes of it is
/// this long at most.
const SAVED_EVERY: Duration = Duration::from_secs(300);

/// The session of one port, as far as the store is concerned.
#[derive(Debug, Default)]
pub struct Keeper {
    open: Option<Open>,
    /// The module that was asked for in vain, so that it is asked for once.
    unknown: Option<String>,
}

/// The session that goes on.
#[derive(Debug)]
struct Open {
    serial: String,
    opened: SystemTime,
    saved: Option<Duration>,
}

impl Keeper {
    /// Follows one step of a port's health: `module` is what stands in the port
    /// after it, `events` what it told. Modules without a serial number are not
    /// kept, for nothing would tell them from others of their kind.
    pub fn follow(
        &mut self,
        health: &mut PortHealth,
        events: &[Event],
        port: &PortName,
        module: Option<&Snapshot>,
        context: &Context,
    ) {
        let serial = module.and_then(|module| module.identity.serial.as_ref().value());
        for event in events {
            match event {
                Event::SessionClosed { .. } => self.close(health, port, context),
                Event::SessionOpened => {
                    self.open = serial.map(|serial| Open {
                        serial: serial.clone(),
                        opened: context.clock.wall(),
                        saved: None,
                    });
                }
                _ => {}
            }
        }
        if health.wants_last()
            && let Some(serial) = serial
        {
            self.bring_back(health, serial, port, context);
        }
        self.save_on(health, port, context);
    }

    /// Saves the session that ended, if it is fit to be compared with.
    fn close(&mut self, health: &mut PortHealth, port: &PortName, context: &Context) {
        // From now on there may be something to be had of it.
        self.unknown = None;
        let ended = health.take_ended();
        if let (Some(open), Some(record)) = (self.open.take(), ended) {
            save(&open, &record, Some(context.clock.wall()), port, context);
        }
    }

    /// Gives the health the session that was kept of this module in this port.
    fn bring_back(
        &mut self,
        health: &mut PortHealth,
        serial: &String,
        port: &PortName,
        context: &Context,
    ) {
        if self.unknown.as_ref() == Some(serial) {
            return;
        }
        let kept = context.journal.last_session(port, serial);
        // The one that goes on is no measure of itself.
        let own = self.open.as_ref().map(|open| key(open.opened));
        let kept = kept.filter(|kept| Some(&kept.key) != own.as_ref());
        match kept.map(|kept| Record::from_document(&kept.document)) {
            Some(Ok(record)) => health.remember(record),
            Some(Err(error)) => {
                warn!(%port, %error, "the last link session cannot be read; a new baseline begins");
                self.unknown = Some(serial.clone());
            }
            None => self.unknown = Some(serial.clone()),
        }
    }

    /// Saves the session that goes on, from the moment on at which it is fit to be
    /// compared with.
    fn save_on(&mut self, health: &PortHealth, port: &PortName, context: &Context) {
        let now = context.clock.now();
        let Some(open) = &mut self.open else {
            return;
        };
        let is_due = |saved: Duration| now.saturating_sub(saved) >= SAVED_EVERY;
        if !open.saved.is_none_or(is_due) {
            return;
        }
        if let Some(record) = health.record() {
            save(open, &record, None, port, context);
            open.saved = Some(now);
        }
    }
}

/// What tells a session from others of its port.
fn key(opened: SystemTime) -> String {
    let since = opened.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_micros().to_string()
}

fn save(
    open: &Open,
    record: &Record,
    closed: Option<SystemTime>,
    port: &PortName,
    context: &Context,
) {
    match record.to_document() {
        Ok(document) => context.journal.save_session(Session {
            port: port.to_string(),
            serial: open.serial.clone(),
            key: key(open.opened),
            opened: open.opened,
            closed,
            document,
        }),
        Err(error) => warn!(%port, %error, "a link session cannot be saved"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::paging::Paged;
    use crate::class::Settings;
    use crate::clock::ManualClock;
    use crate::daemon::desk::Desk;
    use crate::daemon::journal::Journal;
    use crate::daemon::publish;
    use crate::daemon::watch::Watch;
    use crate::names::BusName;
    use crate::plan::watched::BER_WORSE_AFTER_FLAP;
    use crate::report::PortSlot;
    use crate::sim::builders;
    use crate::sim::cage::Cage;
    use crate::sim::lifecycle::Startup;
    use crate::sim::wire::BusRate;
    use arc_swap::ArcSwap;
    use std::sync::Arc;

    /// A watch of the port as a daemon that starts anew has it, on a journal that
    /// outlived the one before.
    fn newborn(cage: &Cage, clock: &ManualClock) -> Watch {
        let slot = PortSlot::new(
            PortName::new("Ethernet0").unwrap(),
            BusName::new("bus").unwrap(),
            publish::unread(None),
        );
        let (cage, clock) = (cage.clone(), clock.clone());
        let open = Box::new(move |meter: &Arc<_>| {
            let i2c = cage.i2c(BusRate::default());
            let memory = Paged::new(i2c, clock.clone(), Arc::clone(meter));
            Ok(Box::new(memory) as Box<dyn crate::bus::Memory>)
        });
        Watch::new(Arc::new(slot), Arc::default(), open)
    }

    /// Sweeps once a second; returns the rules that are broken at the end.
    fn sweep(
        watch: &mut Watch,
        times: u32,
        context: &Context,
        clock: &ManualClock,
    ) -> Vec<&'static str> {
        for _ in 0..times {
            clock.advance(Duration::from_secs(1));
            watch.look(context, Duration::from_secs(3));
        }
        let view = watch.slot().view.load();
        view.findings.iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn a_session_is_saved_and_measured_against_after_a_restart() {
        let clock = ManualClock::new();
        let fleet = Arc::new(publish::fleet(SystemTime::UNIX_EPOCH));
        let desk = Arc::new(Desk::new(Arc::new(clock.clone())));
        let context = Context {
            clock: Arc::new(clock.clone()),
            plan: ArcSwap::default(),
            settings: Settings::default(),
            journal: Journal::kept(&fleet, &desk),
            fleet,
        };
        let port = PortName::new("Ethernet0").unwrap();
        let cage = Cage::new(Arc::new(clock.clone()));
        let module = builders::by_name("dsp-800g").unwrap();
        cage.insert(module.with_manners(|manners| manners.startup = Startup::INSTANT));

        let mut watch = newborn(&cage, &clock);
        sweep(&mut watch, 60, &context, &clock);
        let view = watch.slot().view.load_full();
        let identity = &view.snapshot.as_ref().unwrap().identity;
        let serial = identity.serial.as_ref().value().unwrap();
        let first = context.journal.last_session(&port, serial).unwrap();
        assert_eq!(first.closed, None);
        sweep(&mut watch, 300, &context, &clock);
        let later = context.journal.last_session(&port, serial).unwrap();
        assert_eq!(later.key, first.key, "the same session, further on");
        assert_ne!(later.document, first.document);

        // The daemon ends; the module comes back ten times worse.
        cage.adjust(|knobs, now| knobs.ber_decades.turn_to(1.2, now, Duration::ZERO));
        let mut next = newborn(&cage, &clock);
        let rules = sweep(&mut next, 5, &context, &clock);
        assert!(rules.contains(&BER_WORSE_AFTER_FLAP), "{rules:?}");

        // A module that is taken out closes its session.
        sweep(&mut next, 60, &context, &clock);
        cage.remove();
        sweep(&mut next, 10, &context, &clock);
        let last = context.journal.last_session(&port, serial).unwrap();
        assert_ne!(last.key, first.key);
        assert!(last.closed.is_some());
    }
}
