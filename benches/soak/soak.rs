//! The order of things: whose time it is, whose turn comes next.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use opticsd::clock::Clock;
use opticsd::daemon::by_hand::ByHand;
use opticsd::daemon::reload::WantedError;
use opticsd::names::BusName;
use opticsd::report::{PortSlot, PortView};
use tempfile::TempDir;

use crate::account::{Account, Invariant, live_bytes};
use crate::adversary::Plot;
use crate::chance::Chance;
use crate::flags::Flags;
use crate::history::{History, after};
use crate::rack::{self, BUSES, PORTS, Rack, Wish};
use crate::readers::Readers;
use crate::time::Time;

/// How often the watchman makes his round.
const ROUND: Duration = Duration::from_secs(15);
/// How often hosts are asked what they count.
const HOSTS: Duration = Duration::from_secs(60);
/// How often all ports are held against what stands in the cages.
const CHECK: Duration = Duration::from_secs(300);
/// How long the scribe is left alone where nothing happens.
const REST: Duration = Duration::from_secs(600);
/// The longest step of a poller: one visit, in which a transaction hangs, or all of
/// them are slow.
const LONGEST_STEP: Duration = Duration::from_millis(250);
/// Steps of a poller without any time passing.
const MOST_IDLE_STEPS: u32 = 100_000;

/// What a soak is like.
#[derive(Clone)]
pub struct Settings {
    pub seed: u64,
    /// How much time is simulated.
    pub length: Duration,
    /// From sweep to sweep, while nothing is looked at closely.
    pub period: Duration,
    /// Between two deeds of the adversary, on average.
    pub pace: Duration,
}

/// A bus, whose time is its own.
pub struct Bus {
    pub name: BusName,
    /// Until when it is done.
    pub at: Duration,
    next: Duration,
    idle_steps: u32,
    /// Whether a new configuration waits for it.
    is_ordered: bool,
    pub troubled_until: Duration,
    /// Until when it got no time.
    pub stalled_until: Duration,
    /// The longest period of its ports.
    pub longest: Duration,
}

/// A port as it was before it was made new, or taken out.
pub struct Former {
    pub port: usize,
    pub slot: Arc<PortSlot>,
    /// The view that was looked at last.
    pub view: Option<Arc<PortView>>,
}

/// Bytes in use, at most, in two stretches of the soak.
#[derive(Default)]
pub struct Growth {
    pub early: i64,
    pub late: i64,
}

/// All of it.
pub struct Soak {
    pub settings: Settings,
    pub time: Time,
    pub account: Account,
    pub chance: Chance,
    pub daemon: ByHand,
    pub rack: Rack,
    pub buses: Vec<Bus>,
    pub wish: Wish,
    pub plot: Plot,
    /// Ports that their pollers were told to leave, and may not have left yet.
    pub former: Vec<Former>,
    pub flags: Flags,
    pub history: History,
    pub readers: Readers,
    pub growth: Growth,
    /// The longest that a sweep went on.
    pub longest_sweep: Duration,
    pub is_disk_gone: bool,
    /// Whether there may be events in the store that nobody could read yet.
    pub is_behind: bool,
    pub wall: i64,
    /// The port that something is done to.
    pub whose: Option<usize>,
    pub steps: u64,
    folder: TempDir,
    deed_at: Duration,
    round_at: Duration,
    hosts_at: Duration,
    check_at: Duration,
    write_at: Duration,
}

impl Soak {
    pub fn new(settings: Settings) -> Self {
        let time = Time::default();
        let account = Account::telling_of(std::env::var("OPTICSD_SOAK_PORT").ok());
        let mut chance = Chance::new(settings.seed);
        let memory = std::path::Path::new("/dev/shm");
        // A disk that syncs is another test's business: this one is about order.
        let folder = match memory.is_dir() {
            true => tempfile::tempdir_in(memory).unwrap(),
            false => tempfile::tempdir().unwrap(),
        };
        std::fs::write(folder.path().join("plan.toml"), opticsd::sim::demo::PLAN).unwrap();
        let daemon = ByHand::new(Arc::new(time.clone()), &folder.path().join("state")).unwrap();
        let rack = Rack::new(&time, &account, &mut chance);
        let buses = rack.buses.iter().map(|name| Bus {
            name: name.clone(),
            at: Duration::ZERO,
            next: Duration::ZERO,
            idle_steps: 0,
            is_ordered: true,
            troubled_until: Duration::from_secs(60),
            stalled_until: Duration::ZERO,
            longest: settings.period,
        });
        let mut soak = Self {
            buses: buses.collect(),
            readers: Readers::new(&daemon.context().fleet),
            wish: Wish {
                periods: [settings.period; BUSES],
                freezes: true,
                without: Vec::new(),
                renewed: [0; BUSES],
            },
            deed_at: Duration::from_secs(120),
            round_at: Duration::ZERO,
            hosts_at: Duration::ZERO,
            check_at: CHECK,
            write_at: Duration::ZERO,
            plot: Plot::default(),
            former: Vec::new(),
            flags: Flags::default(),
            history: History::default(),
            growth: Growth::default(),
            longest_sweep: Duration::ZERO,
            is_disk_gone: false,
            is_behind: false,
            wall: 0,
            whose: None,
            steps: 0,
            settings,
            time,
            account,
            chance,
            daemon,
            rack,
            folder,
        };
        soak.watch_the_scribe();
        soak.reload();
        soak
    }

    /// Lets the next thing happen.
    pub fn step(&mut self) {
        self.steps += 1;
        let (bus, next) = self.next_bus();
        let ends = self.plot.next().unwrap_or(Duration::MAX);
        let at = [
            next,
            ends,
            self.deed_at,
            self.round_at,
            self.check_at,
            self.write_at,
        ];
        let at = at.into_iter().min().unwrap_or_default();
        self.time.set(at);
        if at == ends {
            self.end_deeds();
        } else if at == self.deed_at {
            self.deed_at = at + self.chance.wait(self.settings.pace);
            self.deed();
        } else if at == self.write_at {
            self.write(at);
        } else if at == self.round_at {
            self.round_at = at + ROUND;
            self.daemon.round();
            if at >= self.hosts_at {
                self.hosts_at = at + HOSTS;
                self.hosts_tell();
            }
            self.look_at_views(None);
        } else if at == self.check_at {
            self.check_at = at + CHECK;
            self.check(at);
        } else {
            self.step_bus(bus);
        }
    }

    /// The bus whose turn is next, and when.
    fn next_bus(&self) -> (usize, Duration) {
        let nexts = self.buses.iter().map(|bus| bus.next).enumerate();
        nexts.min_by_key(|(_, next)| *next).unwrap_or_default()
    }

    fn step_bus(&mut self, n: usize) {
        let bus = &mut self.buses[n];
        let began = bus.next.max(bus.at);
        self.time.set(began);
        let rest = self.daemon.step(&bus.name);
        let ended = self.time.now();
        bus.at = ended;
        bus.next = ended + rest.unwrap_or(Duration::from_secs(3600));
        bus.idle_steps = match bus.next > began {
            true => 0,
            false => bus.idle_steps + 1,
        };
        let took = ended - began;
        // Ports that are given up are left as they should be, however long it takes.
        let is_ordered = std::mem::take(&mut bus.is_ordered);
        if bus.idle_steps > MOST_IDLE_STEPS || took > LONGEST_STEP && !is_ordered {
            let said = format!(
                "{} held its bus for {took:?}, {} idle steps",
                bus.name, bus.idle_steps
            );
            self.account.violated(Invariant::OnTime, ended, said);
        }
        self.look_at_sweeps(n);
        if is_ordered {
            self.look_at_former(n);
        }
        self.look_at_views(Some(n));
        self.spring(n);
        if self.daemon.has_news() {
            let soon = ended + self.chance.seconds(0.0, 0.3);
            self.write_at = self.write_at.min(soon);
        }
    }

    /// What hosts count is told.
    fn hosts_tell(&mut self) {
        let now = self.time.now();
        for slot in self.daemon.context().fleet.ports.load().iter() {
            let port = self
                .rack
                .ports
                .iter()
                .find(|port| port.name == slot.name)
                .unwrap();
            // Its bus may be ahead.
            self.time.set(now.max(self.buses[port.bus].at));
            let told = port.cage.host_counters();
            let told = told.map(|told| opticsd::daemon::sim_host::told(told, self.time.now()));
            slot.host_fec.store(told.map(Arc::new));
        }
        self.time.set(now);
    }

    /// While the scribe works, nothing may be told that a crash would take back.
    fn watch_the_scribe(&self) {
        let fleet = Arc::clone(&self.daemon.context().fleet);
        let state = self.folder.path().join("state");
        let account = self.account.clone();
        let seen = std::sync::Mutex::new(0);
        let told = move || -> u64 { fleet.events.by_kind().values().sum() };
        let fleet = Arc::clone(&self.daemon.context().fleet);
        let now = self.time.clone();
        self.time.on_look(move || {
            let mut seen = seen.lock().unwrap();
            let told = told();
            if *seen == told
                || fleet
                    .store
                    .load()
                    .as_ref()
                    .as_ref()
                    .is_none_or(|s| s.trouble.is_some())
            {
                *seen = told;
                return;
            }
            *seen = told;
            let shelf = opticsd::daemon::shelf::Shelf::Directory(state.clone());
            let newest = opticsd::store::record::EventQuery {
                limit: 1,
                ..after(0)
            };
            let Ok(newest) = shelf.events(&newest) else {
                return;
            };
            let saved = newest.last().map_or(0, |event| event.id);
            if told > saved {
                let said = format!("{told} events were told, {saved} are on disk");
                account.violated(Invariant::DiskFirst, now.now(), said);
            }
        });
    }

    fn write(&mut self, now: Duration) {
        self.write_at = now + REST;
        let journal = &self.daemon.context().journal;
        // What a disk refused was told already.
        let is_calm = journal.unsaved(&after(0)).is_empty();
        self.time.watch(is_calm && !self.is_disk_gone);
        let rest = self.daemon.write();
        self.time.watch(false);
        let waits = self.daemon.has_news();
        if waits {
            self.write_at = now + rest.max(Duration::from_millis(50));
        }
        self.is_behind = self.is_disk_gone;
        if self.is_disk_gone {
            return;
        }
        let status = self.daemon.context().fleet.store.load_full();
        let lost = status.as_ref().as_ref().map_or(0, |status| status.lost);
        self.history
            .read(self.daemon.shelf(), lost, &self.account, now);
        if !waits {
            self.history.settle(&self.account, now);
        }
    }

    /// All reads and comparisons that are not made at each step.
    fn check(&mut self, now: Duration) {
        self.check_ports(now);
        let fleet = Arc::clone(&self.daemon.context().fleet);
        let wall = self.time.wall();
        let port = self.chance.place(PORTS);
        if let Err(said) = self.readers.read(&fleet, port, wall) {
            self.account.violated(Invariant::Readers, now, said);
        }
        self.account.count("scrapes", "all", 1);
        // What a disk that fails keeps waiting is bounded by number.
        if self.is_disk_gone || self.daemon.has_news() {
            return;
        }
        let live = live_bytes();
        let share = now.as_secs_f64() / self.settings.length.as_secs_f64();
        if (0.17..0.5).contains(&share) {
            self.growth.early = self.growth.early.max(live);
        } else if share >= 0.67 {
            self.growth.late = self.growth.late.max(live);
        }
    }

    /// Overruns of a bus so far.
    pub fn overruns(&self, bus: usize) -> u64 {
        let buses = self.daemon.context().fleet.buses.load();
        let of = buses
            .iter()
            .find(|stats| stats.name == self.buses[bus].name);
        of.map_or(0, |stats| stats.overruns.load(Ordering::Relaxed))
    }

    /// Whether a bus has nothing under way.
    pub fn is_at_rest(&self, bus: usize) -> bool {
        let bus = &self.buses[bus];
        bus.next.saturating_sub(bus.at) > Duration::from_millis(150)
    }

    /// A good configuration is read.
    pub fn reload(&mut self) {
        let before: Vec<String> = self.sources();
        let wanted = self.rack.configuration(&self.wish, self.folder.path());
        let after = self.sources();
        let renewed = (0..PORTS).filter(|n| before[*n] != after[*n]);
        let slots = self.daemon.context().fleet.ports.load_full();
        let mut names = Vec::new();
        for n in renewed {
            let port = &mut self.rack.ports[n];
            let slot = slots.iter().find(|slot| slot.name == port.name);
            let view = port.view.take();
            self.former.extend(slot.map(|slot| Former {
                port: n,
                slot: Arc::clone(slot),
                view,
            }));
            names.push(port.name.to_string());
        }
        self.history.reloads(names);
        self.daemon
            .reload(Ok(wanted.unwrap_or_else(|error| panic!("{error}"))));
        self.wake();
    }

    /// A bad one is.
    pub fn reload_badly(&mut self) {
        let error = rack::bad_configuration(self.folder.path(), &mut self.chance);
        self.daemon.reload(Err(WantedError::Load(error)));
        self.wake();
    }

    fn wake(&mut self) {
        let now = self.time.now();
        for bus in &mut self.buses {
            bus.next = bus.next.min(now).max(bus.at);
            bus.is_ordered = true;
        }
        self.write_at = self.write_at.min(now);
    }

    /// What makes a port the same one after a reload.
    fn sources(&self) -> Vec<String> {
        let ports = self.rack.ports.iter();
        ports
            .map(|port| format!("{} {}", port.configured, port.source))
            .collect()
    }

    /// A bus gets no time for a while.
    pub fn stall(&mut self, bus: usize, time: Duration) {
        let now = self.time.now();
        let state = &mut self.buses[bus];
        state.at = state.at.max(now) + time;
        state.next = state.next.max(state.at);
        state.stalled_until = state.at;
        state.troubled_until = state.troubled_until.max(state.at + 3 * state.longest);
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The state directory goes, and a file stands in its place.
    pub fn lose_disk(&mut self) {
        self.daemon.fill_disk().unwrap();
        std::fs::rename(self.state(), self.folder.path().join("away")).unwrap();
        std::fs::write(self.state(), "").unwrap();
        self.is_disk_gone = true;
    }

    pub fn mend_disk(&mut self) {
        std::fs::remove_file(self.state()).unwrap();
        std::fs::rename(self.folder.path().join("away"), self.state()).unwrap();
        self.is_disk_gone = false;
        self.write_at = self.time.now();
    }
}
