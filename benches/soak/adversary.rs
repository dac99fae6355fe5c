//! Who wants opticsd to fail: everything that the simulator can do to it, in an order
//! that follows from the seed.

use std::collections::BTreeMap;
use std::time::Duration;

use opticsd::bus::address::Half;
use opticsd::clock::Clock;
use opticsd::sim::fault::Fault;

use crate::rack::{BUSES, PORTS};
use crate::soak::Soak;
use crate::truth::Kind;

/// How long a port may need until all is told of it: it may have been left alone
/// for a minute, and its module may come up.
const RECOVERY: Duration = Duration::from_secs(150);

/// What ends by itself, and at which port or bus.
#[derive(Debug, Clone)]
pub enum End {
    Fault(usize),
    Calm(usize),
    Plug(usize, bool),
    Adapter(usize),
    Closeup(usize),
    Disk,
    Ports,
}

/// What is under way.
#[derive(Default)]
pub struct Plot {
    ends: BTreeMap<(Duration, u64), End>,
    number: u64,
    /// The flag on which somebody waits to be read: port, half, offset, bit.
    ambush: Option<(usize, Half, u8, u8)>,
}

impl Plot {
    /// When the next thing ends.
    pub fn next(&self) -> Option<Duration> {
        self.ends.keys().next().map(|(at, _)| *at)
    }

    fn ends_at(&mut self, at: Duration, end: End) {
        self.number += 1;
        self.ends.insert((at, self.number), end);
    }

    fn due(&mut self, now: Duration) -> Option<End> {
        let entry = self.ends.first_entry()?;
        (entry.key().0 <= now).then(|| entry.remove())
    }
}

impl Soak {
    /// Ends what is due.
    pub fn end_deeds(&mut self) {
        let now = self.time.now();
        while let Some(end) = self.plot.due(now) {
            match end {
                End::Fault(n) => {
                    self.on_port(n, |soak| soak.rack.ports[n].cage.set_fault(Fault::None))
                }
                End::Calm(n) => self.on_port(n, |soak| {
                    soak.rack.ports[n].cage.calm();
                    soak.rack.ports[n].cage.turn_host(|host, _| host.calm());
                }),
                End::Plug(n, same) => self.on_port(n, |soak| soak.plug_in(n, same)),
                End::Adapter(n) => {
                    self.on_port(n, |soak| soak.rack.ports[n].cage.set_plugged(true))
                }
                End::Closeup(bus) => {
                    self.wish.periods[bus] = self.settings.period;
                    self.reload();
                }
                End::Disk => self.mend_disk(),
                End::Ports => {
                    self.wish.without.clear();
                    self.reload();
                }
            }
        }
    }

    /// Something happens to a port, at the time of its bus.
    fn on_port(&mut self, n: usize, act: impl FnOnce(&mut Self)) {
        let now = self.time.now();
        let bus = self.rack.ports[n].bus;
        self.time.set(now.max(self.buses[bus].at));
        self.whose = Some(n);
        act(self);
        self.whose = None;
        self.rack.ports[n].shared.truth.lock().unwrap().turned();
        self.trouble(n, self.time.now());
        self.time.set(now);
    }

    /// A port may be in trouble up to some time, and for a while after it.
    fn trouble(&mut self, n: usize, until: Duration) {
        let period = self.wish.periods[self.rack.ports[n].bus]
            .max(self.buses[self.rack.ports[n].bus].longest);
        let port = &mut self.rack.ports[n];
        port.troubled_until = port.troubled_until.max(until + RECOVERY + 3 * period);
    }

    fn trouble_bus(&mut self, bus: usize, until: Duration) {
        let period = self.wish.periods[bus].max(self.buses[bus].longest);
        let state = &mut self.buses[bus];
        state.troubled_until = state
            .troubled_until
            .max(until + 2 * period + Duration::from_secs(5));
    }

    /// Another deed, or several that belong together.
    pub fn deed(&mut self) {
        let now = self.time.now();
        let n = self.chance.place(PORTS);
        let bus = self.rack.ports[n].bus;
        // Most of it is looked at closely.
        if !self.chance.once_in(3) && self.wish.periods[bus] == self.settings.period {
            self.wish.periods[bus] = Duration::from_secs(1);
            self.reload();
            let length = self.chance.seconds(20.0, 60.0);
            self.plot.ends_at(now + length, End::Closeup(bus));
        }
        self.on_port(n, |soak| soak.deed_at(n, bus));
        // Troubles seldom come alone.
        if self.chance.once_in(2) {
            let m = bus * (PORTS / BUSES) + self.chance.place(PORTS / BUSES);
            self.on_port(m, |soak| soak.deed_at(m, bus));
        }
    }

    fn deed_at(&mut self, n: usize, bus: usize) {
        match self.chance.within(0, 22) {
            0..7 => self.spoil_wire(n, bus),
            7..11 => self.handle_module(n),
            11..15 => self.turn_knob(n),
            15..18 => self.raise_flag(n),
            18 => self.turn_host(n),
            19 => self.step_wall(),
            20 => self.spoil_disk(),
            _ => self.reconfigure(bus),
        }
    }

    fn did(&self, what: &str) {
        let at = self
            .whose
            .map_or("all", |n| self.rack.ports[n].name.as_str());
        self.account.tell(at, self.time.now(), what);
        self.account.count("deeds", what, 1);
        self.account.trace(what.as_bytes());
    }

    fn spoil_wire(&mut self, n: usize, bus: usize) {
        let chance = &mut self.chance;
        let few = u32::try_from(chance.within(1, 30)).unwrap();
        let (bank, page) = (
            u8::try_from(chance.within(0, 3)).unwrap(),
            chance.one_of(&[0, 1, 2, 0x10, 0x11, 0x14, 0x24, 0x2C, 0x2F, 0xFF]),
        );
        let (name, fault) = chance.one_of(&[
            ("nack-forever", Fault::NackForever),
            ("nack-next", Fault::NackNext(few)),
            ("nack-next", Fault::NackNext(few)),
            ("stuck", Fault::Stuck),
            ("bus-error", Fault::BusError(few)),
            ("arbitration-loss", Fault::ArbitrationLoss(few)),
            (
                "other-master",
                Fault::OtherMaster {
                    nth: few,
                    bank,
                    page,
                },
            ),
            (
                "other-master",
                Fault::OtherMaster {
                    nth: few,
                    bank,
                    page,
                },
            ),
            (
                "other-master",
                Fault::OtherMaster {
                    nth: few,
                    bank,
                    page,
                },
            ),
            ("short-reads", Fault::ShortReads),
            ("hang", Fault::Hang(Duration::from_millis(200))),
            ("slow", Fault::Slow(Duration::from_millis(60))),
            ("errno", Fault::Errno(5)),
        ]);
        self.did(name);
        let now = self.time.now();
        let until = now + self.chance.seconds(1.0, 90.0);
        self.rack.ports[n].cage.set_fault(fault);
        let lies = matches!(
            fault,
            Fault::Stuck | Fault::OtherMaster { .. } | Fault::ShortReads
        );
        if lies {
            self.rack.ports[n].shared.truth.lock().unwrap().lied_at = Some(until);
        }
        if matches!(fault, Fault::Slow(_)) {
            self.trouble_bus(bus, until);
        }
        self.trouble(n, until);
        self.plot.ends_at(until, End::Fault(n));
    }

    fn handle_module(&mut self, n: usize) {
        let now = self.time.now();
        let soon = now + self.chance.seconds(0.3, 20.0);
        self.trouble(n, soon);
        match self.chance.within(0, 7) {
            0 => {
                self.did("swap");
                self.rack.pull(n);
                self.plot.ends_at(soon, End::Plug(n, false));
            }
            1 => {
                self.did("replug");
                self.rack.pull(n);
                self.plot.ends_at(soon, End::Plug(n, true));
            }
            2 | 3 => {
                // Between two sweeps, or in the middle of one.
                self.did("swap in a sweep");
                let after = u32::try_from(self.chance.within(0, 40)).unwrap();
                *self.rack.ports[n].shared.pulled_after.lock().unwrap() = Some(after);
                let soon = now + self.chance.seconds(1.0, 5.0);
                self.plot.ends_at(soon, End::Plug(n, false));
            }
            4 => {
                self.did("quick swap");
                self.rack.pull(n);
                let soon = now + self.chance.seconds(0.26, 0.6);
                self.plot.ends_at(soon, End::Plug(n, false));
            }
            5 => {
                self.did("garbage module");
                let (module, kind, serial) = self.rack.garbage(&mut self.chance);
                self.rack.pull(n);
                self.rack.plug(n, module, kind, serial);
                let later = now + self.chance.seconds(5.0, 120.0);
                self.trouble(n, later);
                self.plot.ends_at(later, End::Plug(n, false));
            }
            _ => {
                self.did("adapter unplugged");
                self.rack.ports[n].cage.set_plugged(false);
                self.plot.ends_at(soon, End::Adapter(n));
            }
        }
    }

    /// Plugs in another module, or the one that was pulled.
    fn plug_in(&mut self, n: usize, same: bool) {
        *self.rack.ports[n].shared.pulled_after.lock().unwrap() = None;
        let there = self.rack.ports[n].shared.truth.lock().unwrap();
        let stays = there.occupant().is_some_and(|of| of.kind != Kind::Garbage);
        drop(there);
        // It was not pulled after all, or another one came already.
        if stays {
            return;
        }
        let pulled = self.rack.ports[n].pulled.take();
        let (module, kind, serial) =
            match pulled.filter(|(_, kind, _)| same && *kind != Kind::Garbage) {
                Some(pulled) => pulled,
                None => self.rack.spare(&mut self.chance),
            };
        self.rack.plug(n, module, kind, serial);
    }

    fn turn_knob(&mut self, n: usize) {
        let cage = self.rack.ports[n].cage.clone();
        let chance = &mut self.chance;
        let over = chance.one_of(&[Duration::ZERO, Duration::from_secs(600)]);
        let (celsius, decibels) = (chance.number(20.0, 95.0), chance.number(0.5, 14.0));
        let lane = u8::try_from(chance.within(0, 8)).unwrap();
        let what = chance.within(0, 9);
        let name = match what {
            0 => "heat",
            1 => "loss",
            2 => "loss of a lane",
            3 => "dark lane",
            4 => "dead laser",
            5 => "bit errors",
            6 => "flap",
            7 => "data path down",
            _ => "supply",
        };
        cage.adjust(|knobs, now| match what {
            0 => knobs.temperature.turn_to(celsius, now, over),
            1 => knobs.rx_loss_db.turn_to(decibels, now, over),
            2 => {
                let steady = opticsd::sim::knobs::Ramp::steady(0.0);
                let ramp = knobs.lane_loss_db.entry(lane).or_insert(steady);
                ramp.turn_to(decibels, now, over);
            }
            3 => knobs.dark_lanes |= 1 << lane,
            4 => knobs.dead_lasers |= 1 << lane,
            5 => knobs.ber_decades.turn_to(decibels / 4.0, now, over),
            6 => knobs.flap(decibels / 10.0, now, Duration::from_secs(20)),
            7 => knobs.deactivate(decibels / 10.0, now, Duration::from_secs(30)),
            _ => knobs.supply.turn_to(2.9 + decibels / 20.0, now, over),
        });
        self.did(name);
        let until = self.time.now() + self.chance.seconds(10.0, 3600.0);
        self.plot.ends_at(until, End::Calm(n));
    }

    /// Raises a latched flag in a module, for an instant.
    fn raise_flag(&mut self, n: usize) {
        let port = &self.rack.ports[n];
        let kind = port
            .shared
            .truth
            .lock()
            .unwrap()
            .occupant()
            .map(|of| of.kind);
        let snapshot = port.view.as_ref().and_then(|view| view.snapshot.as_ref());
        let Some(snapshot) = snapshot.filter(|_| kind == Some(Kind::Cmis) && port.configured)
        else {
            return;
        };
        let (half, offset, bit) = match self.chance.once_in(2) {
            true => (Half::LOWER, 9, 0),
            false => (
                Half::page(0x11),
                147,
                u8::try_from(self.chance.within(0, 8)).unwrap(),
            ),
        };
        // Not every module has every flag, and some are left to another manager.
        let is_told = match half == Half::LOWER {
            true => snapshot.flags.temperature.value().is_some(),
            false => {
                let lane = snapshot.lanes.get(usize::from(bit));
                lane.is_some_and(|lane| lane.signals.rx_los.value().is_some())
            }
        };
        if !is_told {
            return;
        }
        let byte = port.cage.peek(half, offset).unwrap_or_default();
        port.cage.poke(half, offset, byte | 1 << bit);
        self.did("flag raised");
        self.flags.raised(n, half, bit, self.time.now());
        if self.chance.once_in(4) {
            self.plot.ambush = Some((n, half, offset, bit));
        }
    }

    /// Does not let the sweep come to its end that has read a flag.
    pub fn spring(&mut self, bus: usize) {
        let of_bus = |n: usize| self.rack.ports[n].bus == bus;
        let Some((n, half, offset, bit)) = self.plot.ambush.filter(|of| of_bus(of.0)) else {
            return;
        };
        let byte = self.rack.ports[n].cage.peek(half, offset);
        if byte.is_some_and(|byte| byte >> bit & 1 == 1) {
            return;
        }
        self.plot.ambush = None;
        if self.is_swept(n) {
            self.on_port(n, |soak| {
                match soak.chance.once_in(2) {
                    true => soak.renew(bus),
                    false => soak.take_out(vec![n]),
                }
                soak.reload();
            });
        }
    }

    fn take_out(&mut self, ports: Vec<usize>) {
        self.did("ports taken out");
        let until = self.time.now() + self.chance.seconds(10.0, 300.0);
        for n in &ports {
            self.trouble(*n, until);
        }
        self.wish.without = ports;
        self.plot.ends_at(until, End::Ports);
    }

    fn renew(&mut self, bus: usize) {
        self.did("ports made new");
        self.wish.renewed[bus] += 1;
        for n in bus * (PORTS / BUSES)..(bus + 1) * (PORTS / BUSES) {
            self.trouble(n, self.time.now());
        }
    }

    fn turn_host(&mut self, n: usize) {
        let what = self.chance.within(0, 5);
        let name = ["reset", "restart", "stands still", "vanishes", "narrow"];
        self.did(&format!("host {}", name[usize::try_from(what).unwrap()]));
        self.rack.ports[n].cage.turn_host(|host, now| match what {
            0 => host.reset(),
            1 => host.restart(now, Duration::from_secs(30)),
            2 => host.stand_still(),
            3 => host.vanish(),
            _ => host.narrow(32),
        });
        let until = self.time.now() + self.chance.seconds(10.0, 1800.0);
        self.plot.ends_at(until, End::Calm(n));
    }

    fn step_wall(&mut self) {
        self.did("wall clock stepped");
        let far = self.chance.one_of(&[2, 61, 3600, 86_400, 40 * 86_400]);
        // What steps forth comes back, for a soak must not run out of calendar.
        let steps = if self.wall > 0 {
            -self.wall
        } else {
            self.chance.one_of(&[far, -far])
        };
        self.wall += steps;
        self.time.step_wall(steps);
    }

    fn spoil_disk(&mut self) {
        let until = self.time.now() + self.chance.seconds(5.0, 900.0);
        if self.is_disk_gone {
            return;
        }
        if self.chance.once_in(2) {
            self.did("disk full");
            self.daemon.fill_disk().unwrap();
        } else {
            self.did("disk gone");
            self.lose_disk();
            self.plot.ends_at(until, End::Disk);
        }
    }

    fn reconfigure(&mut self, bus: usize) {
        match self.chance.within(0, 5) {
            0 => {
                self.did("bad configuration");
                self.reload_badly();
                return;
            }
            1 => {
                let ports = (0..3).map(|_| self.chance.place(PORTS)).collect();
                self.take_out(ports);
            }
            2 => {
                self.did("freezing switched");
                self.wish.freezes = !self.wish.freezes;
                for n in 0..PORTS {
                    self.trouble(n, self.time.now());
                }
            }
            3 => self.renew(bus),
            _ => {
                self.did("machine stalls");
                let stalls = self.chance.seconds(3.0, 8.0);
                self.stall(bus, stalls);
                return;
            }
        }
        self.reload();
    }
}
