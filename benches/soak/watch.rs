//! What is published, held against what is true.

use std::sync::Arc;
use std::time::Duration;

use opticsd::bus::address::Half;
use opticsd::module::Presence;
use opticsd::report::PortView;

use crate::account::Invariant;
use crate::flags::Fate;
use crate::rack::PORTS;
use crate::soak::Soak;
use crate::truth::Kind;

/// For how long a link may seem older than its module: between a sweep and a look.
const SLACK: f64 = 5.0;

impl Soak {
    /// Looks at what is new of the ports of a bus, or of all.
    pub fn look_at_views(&mut self, bus: Option<usize>) {
        let slots = self.daemon.context().fleet.ports.load_full();
        let mut slots = slots.iter().peekable();
        for n in 0..PORTS {
            // Both are in the order of the configuration.
            let Some(slot) = slots.next_if(|slot| slot.name == self.rack.ports[n].name) else {
                continue;
            };
            let port = &self.rack.ports[n];
            if bus.is_some_and(|bus| bus != port.bus) {
                continue;
            }
            let is_old = |old: &Arc<PortView>| {
                std::ptr::eq(Arc::as_ptr(old), Arc::as_ptr(&*slot.view.load()))
            };
            if port.view.as_ref().is_some_and(is_old) {
                continue;
            }
            let view = slot.view.load_full();
            let old = self.rack.ports[n].view.replace(Arc::clone(&view));
            self.look_at(n, old.as_deref(), &view);
        }
    }

    fn look_at(&mut self, n: usize, old: Option<&PortView>, view: &PortView) {
        let now = self.buses[self.rack.ports[n].bus].at;
        let port = &self.rack.ports[n];
        let name = port.name.to_string();
        let wrong = |of, said: String| self.account.violated(of, now, format!("{name}: {said}"));
        let serial = view.snapshot.as_ref().map(|of| of.identity.serial.as_ref());
        let said = format!(
            "is {:?}, {serial:?}, {:?}, {:?}",
            view.presence, view.trouble, view.counts
        );
        self.account.tell(&name, now, &said);
        if view.presence == Presence::Empty && view.snapshot.is_some() {
            wrong(Invariant::Values, "values of an empty cage".to_owned());
        }
        let Some(snapshot) = &view.snapshot else {
            return;
        };
        let before = old.and_then(|old| old.snapshot.as_ref());
        if before.is_some_and(|before| before.started == snapshot.started) {
            return;
        }
        let truth = port.shared.truth.lock().unwrap();
        let is_stuck = truth.lied_at.is_some_and(|until| until >= snapshot.started);
        match truth.check(snapshot) {
            Ok(compared) => self.account.count("compared", "values", compared),
            // A bus that gives FFh for everything is believed for nothing but that.
            Err(_) if is_stuck && snapshot.identity.identifier == 0xFF => {}
            Err(said) => wrong(Invariant::Values, said),
        }
        self.account.count("sweeps", "published", 1);
        let temperature = snapshot
            .monitors
            .temperature
            .value()
            .map(|t| t.celsius().to_bits());
        let seen = format!("{name} {:?} {temperature:?}", snapshot.started);
        self.account.trace(seen.as_bytes());
        if let Some((session, since)) = view.health.session.zip(truth.known_since(snapshot))
            && session.seconds > now.saturating_sub(since).as_secs_f64() + SLACK
        {
            let said = format!(
                "its link is {:.0} s old, its module came at {since:?}",
                session.seconds
            );
            wrong(Invariant::OnTime, said);
        }
        let fates = self.flags.look(n, snapshot, &truth);
        drop(truth);
        for fate in fates {
            match fate {
                Fate::Told { of_module } => {
                    self.account.count("flags", "told", 1);
                    if of_module {
                        self.history.wants_alarm(&name);
                    }
                }
                Fate::Excused(why) => self.account.count("flags", why, 1),
                Fate::Lost(said) => {
                    let said = format!("{name}: {said} was never told");
                    self.account.violated(Invariant::Flags, now, said);
                }
            }
        }
        if let Some(before) = before {
            self.look_at_pace(n, before.started, snapshot.started);
        }
        self.rack.ports[n].overruns = self.overruns(self.rack.ports[n].bus);
        self.rack.ports[n].period = self.wish.periods[self.rack.ports[n].bus];
    }

    /// A port that is well is swept in time, and whoever cannot do that says so.
    fn look_at_pace(&self, n: usize, before: Duration, started: Duration) {
        let port = &self.rack.ports[n];
        let bus = &self.buses[port.bus];
        let period = self.wish.periods[port.bus].max(port.period);
        let gap = started.saturating_sub(before);
        if gap <= 2 * period + Duration::from_secs(1) || port.troubled_until >= before {
            return;
        }
        if bus.troubled_until < before {
            let said = format!("{}: {gap:?} between two sweeps", port.name);
            self.account.violated(Invariant::OnTime, started, said);
        } else if self.overruns(port.bus) <= port.overruns {
            let said = format!(
                "{}: {gap:?} between two sweeps, and no overrun counted",
                port.name
            );
            self.account.violated(Invariant::OnTime, started, said);
        } else {
            self.account.count("sweeps", "late and owned up to", 1);
        }
    }

    /// All ports that nothing was done to for a while must be known as they are.
    pub fn check_ports(&mut self, now: Duration) {
        let is_told = !self.is_behind && !self.daemon.has_news();
        for port in &self.rack.ports {
            let bus = &self.buses[port.bus];
            let Some(view) = &port.view else {
                continue;
            };
            let wrong = |of, said: String| {
                self.account
                    .violated(of, now, format!("{}: {said}", port.name));
            };
            if let Some(snapshot) = &view.snapshot {
                let age = now.saturating_sub(snapshot.finished);
                if age > 7 * bus.longest + Duration::from_secs(60) {
                    wrong(Invariant::Values, format!("values of {age:?} ago"));
                }
            }
            if !port.configured || port.troubled_until >= now || bus.troubled_until >= now {
                continue;
            }
            let truth = port.shared.truth.lock().unwrap();
            let belief = self.history.belief(port.name.as_str());
            self.account.count("compared", "presences", 1);
            let occupant = truth.occupant();
            if occupant.is_some_and(|of| of.kind == Kind::Garbage) {
                continue;
            }
            let is_there = occupant.is_some();
            let serial = occupant.map(|of| of.serial.as_str());
            if (view.presence == Presence::Active) != is_there {
                wrong(
                    Invariant::Events,
                    format!(
                        "is {:?} ({:?}), module there: {is_there}",
                        view.presence, view.trouble
                    ),
                );
            }
            let shown = view
                .snapshot
                .as_ref()
                .and_then(|s| s.identity.serial.as_ref().value());
            if shown.map(String::as_str) != serial {
                wrong(
                    Invariant::Values,
                    format!(
                        "shows {shown:?} ({:?}, {:?}, {:?}), which is {serial:?}",
                        view.presence,
                        view.trouble,
                        view.snapshot.as_ref().map(|s| (
                            s.identity.clone(),
                            s.failures.clone(),
                            s.problems.clone()
                        ))
                    ),
                );
            }
            if is_told
                && (belief.is_there != is_there || is_there && belief.serial.as_deref() != serial)
            {
                let told = (belief.is_there, &belief.serial);
                wrong(
                    Invariant::Events,
                    format!("events tell of {told:?}, there is {serial:?}"),
                );
            }
            let frozen = port.cage.peek(Half::page(0x2F), 144).unwrap_or_default() >> 7;
            if frozen == 1
                && self.is_at_rest(port.bus)
                && occupant.is_some_and(|of| of.kind == Kind::Cmis)
            {
                wrong(Invariant::Writes, "was left frozen".to_owned());
            }
        }
    }
}
