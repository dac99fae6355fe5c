//! The health of one port over time: a pure step from sweep to sweep.
//!
//! No clock and no I/O: the same step serves live, recorded and simulated time.

use std::time::Duration;

use super::ber::Source;
use super::event::Event;
use super::figures::{Figures, SessionFigures, Trending, unplanned};
use super::host_ber::{HostCounters, Moved};
use super::host_fec::HostFec;
use super::hysteresis::Hysteresis;
use super::levels::Levels;
use super::link::{self, Link};
use super::reasons;
use super::session::{Change, Record, Session};
use super::suspect::{self, Held, Sight};
use super::verdict::Judgement;
use crate::class::Classification;
use crate::class::rate::line_rate;
use crate::module::{Reading, Snapshot};
use crate::plan::finding::Finding;
use crate::plan::policy::{BerPolicy, WatchPolicy};
use crate::plan::watched::{BER_WORSE_AFTER_FLAP, Watched};

/// For how many seconds a host that went silent still counts as a source: a store
/// that restarts is no change of the fabric.
const HOST_GRACE_SECONDS: f64 = 30.0;

/// In so many sweeps of a new session all flags have been read, and cleared by that.
const SETTLING_SWEEPS: u32 = 3;

/// What there is to see of a port at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// The module as it was last read, and its class; `None` where none is, or
    /// what is known of it is too old.
    pub module: Option<(&'a Snapshot, &'a Classification)>,
    /// Whether this step's own sweep brought the module's values.
    pub is_fresh: bool,
    /// The newest counters of the host.
    pub host: Option<&'a HostFec>,
    /// The plan's lines for error ratios; `None` where no plan names the port.
    pub ber: Option<&'a BerPolicy>,
    /// The plan's lines for what only time shows.
    pub watch: Option<&'a WatchPolicy>,
    /// How long ago the step before was.
    pub elapsed: Duration,
}

/// The health of one port.
#[derive(Debug, Clone, Default)]
pub struct PortHealth {
    /// Which module all below is of: maker, part and serial number.
    module: Option<String>,
    host: HostCounters,
    host_silent_seconds: Option<f64>,
    link: Option<Link>,
    session: Option<Session>,
    last: Option<Record>,
    /// The newest session that ended, until somebody keeps it.
    ended: Option<Record>,
    levels: Levels,
    held: Held,
    findings: Vec<Finding>,
    figures: Figures,
    hysteresis: Hysteresis,
}

impl PortHealth {
    /// Takes in what is to be seen and tells what is news.
    pub fn step(&mut self, look: &Look<'_>) -> Vec<Event> {
        let elapsed = look.elapsed.as_secs_f64();
        self.host_silent_seconds = match (look.host, self.host_silent_seconds) {
            (Some(_), _) => Some(0.0),
            (None, silent) => silent.map(|seconds| seconds + elapsed),
        };
        let mut events = Vec::new();
        if let Some((module, _)) = look.module {
            self.recognise(module, &mut events);
        }
        let rate = look.module.and_then(|(module, _)| line_rate(module).host);
        let moved = self.host.step(look.host, rate, look.elapsed);
        self.follow_link(look, moved == Moved::Elsewhere, &mut events);
        let usual = look.module.map(|(_, class)| unplanned(class));
        let usual = usual.unwrap_or_else(|| BerPolicy::unplanned(false));
        let ber = look.ber.copied().unwrap_or(usual);
        let watch = look.watch.copied().unwrap_or_default();
        let lanes = self
            .session
            .as_ref()
            .map(|session| session.lanes.as_slice());
        self.figures = Figures::of(look.module, lanes, &self.host, &ber);
        self.figures.link_is_up = self.link.as_ref().map(|link| link.is_up);
        // Whoever was not seen up before may have come up just now.
        let is_new = events.iter().any(|of| matches!(of, Event::SessionOpened));
        if let Some(session) = self.session.as_mut().filter(|_| !is_new) {
            session.seconds += elapsed;
        }
        self.take(look, moved == Moved::On, elapsed);
        self.compare(look, &ber, &watch);
        events
    }

    /// The numbers as they stand.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// What watching brings to the check against the plan.
    pub fn watched(&self) -> Watched {
        Watched {
            host_counts: self
                .host_silent_seconds
                .is_some_and(|seconds| seconds < HOST_GRACE_SECONDS),
            host_silent: None,
            findings: self.findings.clone(),
        }
    }

    /// The judgement to show when this is the one of the moment.
    pub fn settle(&mut self, judgement: Judgement) -> Judgement {
        self.hysteresis.settle(judgement)
    }

    /// The session that ended since this was last asked, to be kept.
    pub fn take_ended(&mut self) -> Option<Record> {
        self.ended.take()
    }

    /// The session that goes on, as it would be kept if it ended now; `None` while
    /// there is none that could be a measure for the next.
    pub fn record(&self) -> Option<Record> {
        let session = self.session.as_ref().filter(|session| session.is_measure());
        session.map(Session::record)
    }

    /// Whether the module in the cage has no session before it to be compared with,
    /// so that one that was kept is wanted.
    pub fn wants_last(&self) -> bool {
        self.module.is_some() && self.last.is_none()
    }

    /// Gives the session that was kept of this module in this port.
    pub fn remember(&mut self, last: Record) {
        self.last = Some(last);
    }

    /// Forgets all of another module.
    fn recognise(&mut self, module: &Snapshot, events: &mut Vec<Event>) {
        let key = key_of(module);
        if self.module.as_ref() == Some(&key) {
            return;
        }
        if self.module.is_some() {
            self.close(events);
            self.last = None;
            self.levels = Levels::default();
            self.held = Held::default();
            self.link = None;
            self.hysteresis = Hysteresis::default();
        }
        self.module = Some(key);
    }

    /// Opens and closes the session as the link goes.
    fn follow_link(&mut self, look: &Look<'_>, is_other: bool, events: &mut Vec<Event>) {
        let now = match look.module {
            None => Some(Link::default()),
            Some((module, class)) if look.is_fresh => {
                let shown = link::look(module, class);
                let host_says_down = look.host.is_some_and(|host| host.link_up == Some(false));
                Some(Link {
                    is_up: shown.is_up && !host_says_down,
                    ..shown
                })
            }
            // Nothing new is known.
            Some(_) => None,
        };
        let Some(now) = now else {
            if is_other {
                self.reopen(events);
            }
            return;
        };
        let before = self.link.replace(now.clone());
        // A flag that stays tells of no further flap, and one that is first read in a
        // new session of what was before it.
        let is_settled = self
            .session
            .as_ref()
            .is_some_and(|s| s.sweeps >= SETTLING_SWEEPS);
        let flagged = now.was_down && before.as_ref().is_some_and(|before| !before.was_down);
        let flagged = flagged && is_settled;
        let lanes_changed = self.session.as_ref().is_some_and(|s| s.lanes != now.lanes);
        match (self.session.is_some(), now.is_up) {
            (true, true) if flagged || lanes_changed || is_other => {
                events.push(Event::DataPathDown);
                self.close(events);
                events.push(Event::DataPathUp);
                self.open(now.lanes, events);
            }
            (true, true) | (false, false) => {}
            (true, false) => {
                events.push(Event::DataPathDown);
                self.close(events);
            }
            (false, true) => {
                if before.is_some_and(|before| !before.is_up) {
                    events.push(Event::DataPathUp);
                }
                self.open(now.lanes, events);
            }
        }
    }

    fn reopen(&mut self, events: &mut Vec<Event>) {
        if let Some(lanes) = self.session.as_ref().map(|session| session.lanes.clone()) {
            self.close(events);
            self.open(lanes, events);
        }
    }

    fn open(&mut self, lanes: Vec<u16>, events: &mut Vec<Event>) {
        self.host.forget();
        self.levels.forget_light();
        self.session = Some(Session::over(lanes));
        events.push(Event::SessionOpened);
    }

    fn close(&mut self, events: &mut Vec<Event>) {
        let Some(session) = self.session.take() else {
            return;
        };
        events.push(Event::SessionClosed {
            seconds: session.seconds,
            ratios: session
                .courses
                .iter()
                .filter_map(|(vantage, course)| Some((*vantage, course.all.center()?)))
                .collect(),
        });
        // One that flaps again at once must not become the measure of itself.
        if session.is_measure() {
            let record = session.record();
            self.ended = Some(record.clone());
            self.last = Some(record);
        }
    }

    /// Takes the new values into session and levels.
    fn take(&mut self, look: &Look<'_>, host_moved: bool, elapsed: f64) {
        let Some(session) = &mut self.session else {
            self.figures.standings.clear();
            return;
        };
        let is_new = |source| match source {
            Source::Host => host_moved,
            Source::Module | Source::Model => look.is_fresh,
        };
        let standings = self.figures.standings.iter().copied();
        let new: Vec<_> = standings.filter(|s| is_new(s.ber.source)).collect();
        session.count(&new);
        if let Some((module, _)) = look.module.filter(|_| look.is_fresh) {
            session.read(module);
            self.levels.read(module, &session.lanes, elapsed);
        }
    }

    /// Compares with the session before, looks for what only time shows, and puts
    /// it into words.
    fn compare(&mut self, look: &Look<'_>, ber: &BerPolicy, watch: &WatchPolicy) {
        self.figures.warmed = self.levels.warmed();
        self.figures.level_trends = self.levels.trends();
        let mut seen: Vec<Finding> = Vec::new();
        let mut flap = None;
        if let Some(session) = &self.session {
            self.figures.session = Some(SessionFigures {
                seconds: session.seconds,
                has_last: self.last.is_some(),
            });
            for (vantage, course) in &session.courses {
                let then = self.last.as_ref().and_then(|last| last.spread(*vantage));
                let change =
                    then.and_then(|then| Change::between(*vantage, &then, &course.recent()));
                self.figures.changes.extend(change);
            }
            let standings = &self.figures.standings;
            for standing in standings {
                let vantage = standing.vantage();
                let lines = ber.of_code(standing.code);
                let course = session.courses.iter().find(|(other, _)| *other == vantage);
                if let Some((_, course)) = course {
                    if let Some(trend) = course.trend() {
                        self.figures.trends.push(Trending {
                            vantage,
                            trend,
                            days_to_limit: trend.days_until(standing.limit.log10()),
                        });
                        seen.extend(suspect::rising(standing, trend, watch));
                    }
                    let more = reasons::of_course(course, standing, &lines, watch);
                    self.figures.reasons.extend(more);
                }
                let lanes = self.figures.lanes(vantage);
                seen.extend(suspect::lane_ratio(vantage, &lanes, &lines, watch));
            }
            let stands = self.held.has(BER_WORSE_AFTER_FLAP);
            let host = self.host.figures();
            let bad = host.uncorrectable_now;
            flap = suspect::after_flap(&self.figures.changes, ber, watch, stands, bad);
            let tail = self.figures.tail;
            seen.extend(tail.and_then(|tail| suspect::bursts(tail, watch)));
            let last = self.last.as_ref();
            seen.extend(last.and_then(|last| suspect::settings(session, last)));
            if let Some((module, _)) = look.module {
                seen.extend(suspect::light(module, session, self.last.as_ref(), watch));
            }
            let ratio = self.figures.codeword_error_ratio;
            let of_codewords = reasons::of_codewords(bad, ratio);
            self.figures.reasons.extend(of_codewords);
        }
        seen.extend(suspect::ageing(&self.levels.ageing(watch.bias_rise)));
        let is_silent = self.session.is_some()
            && self.figures.bers.is_empty()
            && self
                .host_silent_seconds
                .is_some_and(|s| s >= HOST_GRACE_SECONDS);
        let of_host = reasons::of_host(self.figures.host_trouble, is_silent);
        self.figures.reasons.extend(of_host);
        if look.module.is_none() {
            // Nothing is wrong with a module that is gone.
            self.held = Held::default();
        }
        let seen = seen.into_iter().map(Sight::from).chain(flap);
        self.findings = self.held.settle(seen.collect());
    }
}

/// What tells a module from another: maker, part and serial number.
pub fn key_of(module: &Snapshot) -> String {
    let identity = &module.identity;
    let text = |reading: &Reading<String>| reading.as_ref().value().cloned().unwrap_or_default();
    [
        text(&identity.vendor),
        text(&identity.part_number),
        text(&identity.serial),
    ]
    .join("/")
}

#[cfg(test)]
mod tests;
