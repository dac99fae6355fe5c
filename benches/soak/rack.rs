//! The box that is soaked: 64 cages on eight buses, and the configuration that
//! names them.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use opticsd::bus::Memory;
use opticsd::bus::address::Half;
use opticsd::bus::image::Image;
use opticsd::bus::paging::Paged;
use opticsd::clock::Clock;
use opticsd::config::PortConfig;
use opticsd::daemon::load::{self, LoadError};
use opticsd::daemon::reload::{Wanted, WantedError};
use opticsd::daemon::source::{Binding, Opener};
use opticsd::module::sweep::SweepSettings;
use opticsd::names::{BusName, PortName};
use opticsd::report::PortView;
use opticsd::sim::air::Air;
use opticsd::sim::builders;
use opticsd::sim::cage::Cage;
use opticsd::sim::module::SimModule;
use opticsd::sim::scenario::HOSTILE_TEXT;

use crate::account::Account;
use crate::chance::Chance;
use crate::time::Time;
use crate::truth::Kind;
use crate::wire::{Shared, Unasked, Witnessed};

pub const BUSES: usize = 8;
pub const PORTS: usize = 64;
/// Ports whose modules are asked all day whether they are still there; the others
/// cannot be asked at little cost.
const ASKED: [usize; 2] = [9, 42];
/// Ports whose modules another manager owns.
const PASSIVE: [usize; 2] = [3, 30];

/// A cage, and what is known of its port.
pub struct Port {
    pub name: PortName,
    pub bus: usize,
    pub cage: Cage,
    pub shared: Shared,
    pub passive: bool,
    is_asked: bool,
    /// Whether it is in the configuration.
    pub configured: bool,
    /// What makes it the same port after a reload.
    pub source: String,
    /// The view that was looked at last.
    pub view: Option<Arc<PortView>>,
    /// Until when it may be seen late or not at all, for what was done to it.
    pub troubled_until: Duration,
    /// Overruns of its bus and its period, when it was last seen.
    pub overruns: u64,
    pub period: Duration,
    /// What was pulled and may come back.
    pub pulled: Option<(SimModule, Kind, String)>,
}

/// How the ports are to be watched.
#[derive(Clone)]
pub struct Wish {
    /// From one sweep to the next, by bus.
    pub periods: [Duration; BUSES],
    pub freezes: bool,
    /// Ports that are left out.
    pub without: Vec<usize>,
    /// Changes with each wish that makes all ports of a bus new ones.
    pub renewed: [u32; BUSES],
}

/// All cages.
pub struct Rack {
    pub ports: Vec<Port>,
    pub buses: Vec<BusName>,
    time: Time,
    account: Account,
    serial: u32,
}

impl Rack {
    pub fn new(time: &Time, account: &Account, chance: &mut Chance) -> Self {
        let buses = (0..BUSES).map(|n| BusName::new(&format!("soak-{n}")).unwrap());
        let airs: Vec<Air> = (0..BUSES)
            .map(|n| Air::new(n as u64, PORTS / BUSES))
            .collect();
        let ports = (0..PORTS).map(|n| {
            let bus = n / (PORTS / BUSES);
            let seat = airs[bus].seat(n % (PORTS / BUSES));
            let cage = Cage::in_box(Arc::new(time.clone()), seat);
            // The witness on the wire looks at each of them.
            cage.keep_writes(0);
            Port {
                name: PortName::new(&format!("Ethernet{n}")).unwrap(),
                bus,
                cage,
                shared: Shared::default(),
                passive: PASSIVE.contains(&n),
                is_asked: ASKED.contains(&n),
                configured: true,
                source: String::new(),
                view: None,
                troubled_until: Duration::from_secs(300),
                overruns: 0,
                period: Duration::ZERO,
                pulled: None,
            }
        });
        let mut rack = Self {
            ports: ports.collect(),
            buses: buses.collect(),
            time: time.clone(),
            account: account.clone(),
            serial: 0,
        };
        for n in 0..PORTS {
            let (module, kind, serial) = rack.spare(chance);
            rack.plug(n, module, kind, serial);
        }
        rack
    }

    /// A module of some family that was never there before.
    pub fn spare(&mut self, chance: &mut Chance) -> (SimModule, Kind, String) {
        self.serial += 1;
        let serial = format!("SOAK{:07}", self.serial);
        // Most ports have what most ports have.
        let family = match chance.within(0, 10) {
            0..4 => "dsp-800g",
            4..7 => "lpo-800g",
            _ => chance.one_of(builders::NAMES),
        };
        let mut module = builders::by_name_with_serial(family, &serial).unwrap();
        if chance.once_in(12) {
            module.write_vendor(HOSTILE_TEXT);
        }
        if chance.once_in(8) {
            module.manners.read_limit = Some(8);
        }
        if chance.once_in(12) {
            module.manners.startup.management = Duration::from_secs(2);
        }
        (module, Kind::of(family), serial)
    }

    /// A module that nobody made: random bytes in some halves.
    pub fn garbage(&mut self, chance: &mut Chance) -> (SimModule, Kind, String) {
        let mut image = Image::new();
        let pages = (0..chance.within(0, 6)).map(|_| {
            let page = chance.one_of(&[1, 2, 3, 0x10, 0x11, 0x13, 0x14, 0x20, 0x24, 0x2F, 0x9F]);
            Half::page(page)
        });
        let halves: Vec<Half> = [Half::LOWER, Half::page(0)]
            .into_iter()
            .chain(pages)
            .collect();
        for half in halves {
            let mut bytes = [0; 128];
            bytes.fill_with(|| u8::try_from(chance.within(0, 256)).unwrap());
            // Something that is known to have many pages, as often as not.
            if half == Half::LOWER && chance.once_in(2) {
                bytes[0] = chance.one_of(&[0x03, 0x11, 0x18, 0x19, 0x1E]);
                bytes[2] &= 0x7F;
            }
            image.put(half, bytes);
        }
        (SimModule::from_image(&image), Kind::Garbage, String::new())
    }

    /// Plugs a module in; what was there goes.
    pub fn plug(&mut self, n: usize, module: SimModule, kind: Kind, serial: String) {
        let now = self.time.now();
        let port = &mut self.ports[n];
        let said = format!("{kind:?} {serial} comes, {:?}", module.manners);
        self.account.tell(port.name.as_str(), now, &said);
        let mut truth = port.shared.truth.lock().unwrap();
        truth.goes(now);
        truth.comes(&module, kind, &serial, now);
        drop(truth);
        port.cage.insert(module);
    }

    /// Pulls what is there.
    pub fn pull(&mut self, n: usize) {
        let now = self.time.now();
        let port = &mut self.ports[n];
        let mut truth = port.shared.truth.lock().unwrap();
        let who = truth.occupant().map(|of| (of.kind, of.serial.clone()));
        truth.goes(now);
        drop(truth);
        if let (Some(module), Some((kind, serial))) = (port.cage.remove(), who) {
            port.pulled = Some((module, kind, serial));
        }
    }

    /// Writes the configuration that a wish comes to and reads it as the daemon does.
    pub fn configuration(&mut self, wish: &Wish, folder: &Path) -> Result<Wanted, WantedError> {
        let mut text = format!("vdm_freeze = {}\n", wish.freezes);
        // The plan names all ports, and may name no other.
        if wish.without.is_empty() {
            text += "plan = 'plan.toml'\n";
        }
        for (n, port) in self.ports.iter().enumerate() {
            if !wish.without.contains(&n) {
                let (name, passive) = (&port.name, port.passive);
                let period = wish.periods[port.bus].as_secs();
                write!(
                    text,
                    "[[port]]\nname = '{name}'\nsim = 'dsp-800g'\nperiod = {period}\npassive = {passive}\n",
                )
                .unwrap();
            }
        }
        let path = folder.join("opticsd.toml");
        std::fs::write(&path, text).unwrap();
        let loaded = load::load(&path)?;
        for (n, port) in self.ports.iter_mut().enumerate() {
            port.configured = !wish.without.contains(&n);
            let may_freeze = wish.freezes && !port.passive;
            port.source = format!("soak {may_freeze} {}", wish.renewed[port.bus]);
        }
        let bindings = loaded.config.ports.iter().map(|port| self.binding(port));
        Ok(Wanted {
            listen: Vec::new(),
            access: None,
            ports: bindings.collect(),
            plan: loaded.plan,
            profile: loaded.config.profile,
            state: None,
        })
    }

    fn binding(&self, wanted: &PortConfig) -> Binding {
        let port = self
            .ports
            .iter()
            .find(|port| port.name == wanted.name)
            .unwrap();
        let may_freeze = wanted.vdm_freeze && !wanted.passive;
        let (cage, time, account) = (port.cage.clone(), self.time.clone(), self.account.clone());
        let (shared, name) = (port.shared.clone(), port.name.to_string());
        let is_asked = port.is_asked;
        let open: Opener = Box::new(move |meter| {
            let wire = Witnessed::new(
                cage.clone(),
                time.clone(),
                account.clone(),
                shared.clone(),
                name.clone(),
                may_freeze,
            );
            let paged = Box::new(Paged::new(wire, time.clone(), Arc::clone(meter)));
            let memory: Box<dyn Memory> = if is_asked {
                paged
            } else {
                Box::new(Unasked(paged))
            };
            Ok(memory)
        });
        Binding {
            name: port.name.clone(),
            bus: self.buses[port.bus].clone(),
            source: port.source.clone(),
            open,
            settings: SweepSettings {
                passive: wanted.passive,
                freeze: wanted.vdm_freeze,
            },
            fec: None,
            cadences: wanted.cadences,
            lock: None,
        }
    }
}

/// A configuration with mistakes, read as the daemon does.
pub fn bad_configuration(folder: &Path, chance: &mut Chance) -> LoadError {
    let path = folder.join("bad.toml");
    let text = chance.one_of(&[
        "[[port]]\nname = 'Ethernet0'\n",
        "perod = 1\n[[port]]\nname = 'a'\nsim = 'sfp28'\n",
        "plan = 'none.toml'\n[[port]]\nname = 'a'\nsim = 'sfp28'\n",
        "[[port]\n",
        "",
        "period = 0\n[[port]]\nname = ['a', 'a']\nsim = 'sfp28'\n\u{7f}",
    ]);
    std::fs::write(&path, text).unwrap();
    load::load(&path).expect_err("it has mistakes")
}
