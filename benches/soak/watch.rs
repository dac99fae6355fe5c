//! What is published, held against what is true.

use std::sync::Arc;
use std::time::Duration;

use opticsd::bus::address::Half;
use opticsd::daemon::inside::PortInside;
use opticsd::module::{Presence, Snapshot};
use opticsd::report::PortView;

use crate::account::Invariant;
use crate::flags::Fate;
use crate::rack::PORTS;
use crate::soak::{Former, Soak};
use crate::truth::Kind;

/// For how long a link may seem older than its module: between a sweep and a look.
const SLACK: f64 = 5.0;
/// For how long a sweep may go on: some forty pages are visited, three times if
/// modules change meanwhile. A visit is given up after 100 ms, and may be in a last try
/// then that takes two slow transactions.
const LONGEST_SWEEP: Duration = Duration::from_secs(30);

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
        drop(truth);
        self.look_at_flags(n, snapshot, false);
        if let Some(before) = before {
            self.look_at_pace(n, before.started, snapshot.started);
        }
        self.rack.ports[n].overruns = self.overruns(self.rack.ports[n].bus);
        self.rack.ports[n].period = self.wish.periods[self.rack.ports[n].bus];
    }

    /// Looks for what was raised in a snapshot that is published, or that is the last
    /// one of a port that is made new or taken out: of that only events tell.
    fn look_at_flags(&mut self, n: usize, snapshot: &Snapshot, is_last: bool) {
        let port = &self.rack.ports[n];
        let (now, name) = (self.buses[port.bus].at, port.name.as_str());
        let truth = port.shared.truth.lock().unwrap();
        for fate in self.flags.look(n, snapshot, &truth) {
            match fate {
                Fate::Told { of_module } => {
                    let how = if is_last { "told at last" } else { "told" };
                    self.account.count("flags", how, 1);
                    if of_module {
                        self.history.wants_alarm(name, is_last);
                    }
                }
                Fate::Excused(why) => self.account.count("flags", why, 1),
                Fate::Lost(said) => {
                    let said = format!("{name}: {said} was never told");
                    self.account.violated(Invariant::Flags, now, said);
                }
            }
        }
    }

    /// Looks at the last views of ports of a bus that were made new or taken out.
    pub fn look_at_former(&mut self, bus: usize) {
        let ports = &self.rack.ports;
        let of_bus = |former: &mut Former| ports[former.port].bus == bus;
        let formers: Vec<Former> = self.former.extract_if(.., of_bus).collect();
        for former in formers {
            let view = former.slot.view.load_full();
            let started = |view: &PortView| view.snapshot.as_ref().map(|of| of.started);
            let is_new = started(&view) != former.view.as_deref().and_then(started);
            if let Some(snapshot) = view.snapshot.as_ref().filter(|_| is_new) {
                self.look_at_flags(former.port, snapshot, true);
            }
        }
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

    /// No sweep of a bus goes on without an end, whatever is wrong with its module.
    pub fn look_at_sweeps(&mut self, bus: usize) {
        let stalled_until = self.buses[bus].stalled_until;
        for port in self.inside(bus).iter() {
            let state = port.state.load();
            let Some(state) = state.as_ref() else {
                continue;
            };
            let (began, until) = match (state.under_way, state.last) {
                (Some(now), _) => (now.began, self.buses[bus].at),
                (None, Some(last)) => (last.ended.saturating_sub(last.took), last.ended),
                (None, None) => continue,
            };
            let took = until.saturating_sub(began.max(stalled_until));
            self.longest_sweep = self.longest_sweep.max(took);
            if took > LONGEST_SWEEP {
                let said = format!("{}: its sweep has gone on for {took:?}", port.name);
                self.account.violated(Invariant::OnTime, until, said);
            }
        }
    }

    /// Whether a sweep of a port is under way.
    pub fn is_swept(&self, n: usize) -> bool {
        let port = &self.rack.ports[n];
        let inside = self.inside(port.bus);
        let of_port = inside.iter().find(|inside| inside.name == port.name);
        let state = of_port.map(|inside| inside.state.load_full());
        state.is_some_and(|state| {
            state
                .as_ref()
                .as_ref()
                .is_some_and(|s| s.under_way.is_some())
        })
    }

    /// What the poller of a bus tells of its ports.
    fn inside(&self, bus: usize) -> Arc<Vec<Arc<PortInside>>> {
        let roster = self.daemon.roster();
        let pollers = roster.pollers.load();
        let mut pollers = pollers.iter();
        let of_bus = pollers.find(|(name, _)| *name == self.buses[bus].name);
        of_bus.map_or_else(Arc::default, |(_, pulse)| pulse.inside.ports.load_full())
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
