//! What really stands in a cage, noted from its registers while the daemon reads
//! them: what published values are held against. It shares nothing with the
//! decoders but the shape of a snapshot.

use std::collections::VecDeque;
use std::time::Duration;

use opticsd::bus::address::{Device, Half};
use opticsd::module::{Reading, Snapshot};
use opticsd::sim::cage::Cage;
use opticsd::sim::module::SimModule;

/// How often a module evaluates its sensors: between two such moments its
/// registers stand still.
const TICK_MILLISECONDS: u128 = 100;
/// How many samples are remembered: more than a sweep can see.
const SAMPLES: usize = 512;
/// How many modules of a cage are remembered.
const OCCUPANTS: usize = 6;
/// Lanes that are compared.
const LANES: u8 = 8;

/// Which registers a module has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// CMIS with pages.
    Cmis,
    /// CMIS, one page only.
    Flat,
    /// SFF-8636.
    Qsfp,
    /// SFF-8472.
    Sfp,
    /// Nobody knows.
    Garbage,
}

impl Kind {
    /// That of a simulated family.
    pub fn of(family: &str) -> Self {
        match family {
            "qsfp28" => Self::Qsfp,
            "sfp28" => Self::Sfp,
            "dac-400g" => Self::Flat,
            _ => Self::Cmis,
        }
    }

    /// Where temperature, supply, light sent and light received are.
    fn places(self) -> Option<[(Half, u8); 4]> {
        let lanes = Half::page(0x11);
        let sfp = Half::lower(Device::A2);
        Some(match self {
            Self::Cmis => [
                (Half::LOWER, 14),
                (Half::LOWER, 16),
                (lanes, 154),
                (lanes, 186),
            ],
            Self::Qsfp => [22, 26, 50, 34].map(|place| (Half::LOWER, place)),
            Self::Sfp => [96, 98, 102, 104].map(|place| (sfp, place)),
            Self::Flat | Self::Garbage => return None,
        })
    }

    fn lanes(self) -> u8 {
        match self {
            Self::Qsfp => 4,
            Self::Sfp => 1,
            _ => LANES,
        }
    }
}

/// Registers of an instant: temperature, supply, light sent and received by lane.
#[derive(Debug, Clone, Copy)]
struct Sample {
    at: Duration,
    module: [u16; 2],
    sent: [u16; LANES as usize],
    received: [u16; LANES as usize],
}

/// A module in the cage, from when to when.
pub struct Occupant {
    /// Its serial number; empty for garbage.
    pub serial: String,
    pub kind: Kind,
    pub came: Duration,
    /// When it came for the first time, if it was away in between.
    pub first_came: Duration,
    pub left: Option<Duration>,
    /// Bytes that never change, by half.
    constant: Vec<(Half, [u8; 128])>,
    samples: VecDeque<Sample>,
}

/// What stood in a cage lately.
pub struct Truth {
    occupants: VecDeque<Occupant>,
    /// Room for the samples of modules to come: all memory for them is taken at the
    /// beginning, so that what grows later is the daemon's.
    rooms: Vec<VecDeque<Sample>>,
    tick: Option<u128>,
    /// When a fault last made the bus give bytes that the module does not have.
    pub lied_at: Option<Duration>,
    carried: Carried,
}

/// When the bytes of the halves that values are compared of last came over the wire.
struct Carried([(Half, [Duration; 128]); 3]);

impl Default for Carried {
    fn default() -> Self {
        let halves = [Half::LOWER, Half::lower(Device::A2), Half::page(0x11)];
        Self(halves.map(|half| (half, [Duration::ZERO; 128])))
    }
}

impl Carried {
    /// Bytes from `first` on came over the wire.
    fn note(&mut self, half: Half, first: u8, length: usize, at: Duration) {
        if let Some((_, bytes)) = self.0.iter_mut().find(|(of, _)| *of == half) {
            let first = usize::from(first % 128);
            let last = (first + length).min(128);
            bytes[first..last].fill(at);
        }
    }

    /// When both bytes of a word last did.
    fn word(&self, half: Half, offset: u8) -> Option<Duration> {
        let (_, at) = self.0.iter().find(|(of, _)| *of == half)?;
        let first = usize::from(offset % 128);
        at[first..first + 2].iter().min().copied()
    }
}

impl Default for Truth {
    fn default() -> Self {
        let room = || VecDeque::with_capacity(SAMPLES + 1);
        Self {
            occupants: VecDeque::new(),
            rooms: std::iter::repeat_with(room).take(OCCUPANTS).collect(),
            tick: None,
            lied_at: None,
            carried: Carried::default(),
        }
    }
}

impl Truth {
    /// A module comes; it is to be noted before it is plugged in.
    pub fn comes(&mut self, module: &SimModule, kind: Kind, serial: &str, now: Duration) {
        let halves: &[Half] = match kind {
            Kind::Cmis | Kind::Flat => &[Half::page(0), Half::page(1), Half::page(2)],
            Kind::Qsfp => &[Half::page(0)],
            Kind::Sfp | Kind::Garbage => &[],
        };
        let whole = |half: &Half| {
            let bytes = module.registers().image().sheet(*half)?.whole()?;
            Some((*half, *bytes))
        };
        let before = self.occupants.back().filter(|of| of.serial == serial);
        let first_came = before.map_or(now, |of| of.first_came);
        let room = self.rooms.pop().unwrap_or_else(|| {
            let mut room = self.occupants.pop_front().unwrap().samples;
            room.clear();
            room
        });
        self.occupants.push_back(Occupant {
            first_came,
            serial: serial.to_owned(),
            kind,
            came: now,
            left: None,
            constant: halves.iter().filter_map(whole).collect(),
            samples: room,
        });
        self.tick = None;
    }

    /// The module goes.
    pub fn goes(&mut self, now: Duration) {
        if let Some(occupant) = self.occupants.back_mut() {
            occupant.left.get_or_insert(now);
        }
        self.tick = None;
    }

    /// What stands there.
    pub fn occupant(&self) -> Option<&Occupant> {
        self.occupants
            .back()
            .filter(|occupant| occupant.left.is_none())
    }

    /// Which registers it has, if somebody knows.
    pub fn kind(&self) -> Kind {
        self.occupant().map_or(Kind::Garbage, |of| of.kind)
    }

    /// Since when the module of a snapshot has been known.
    pub fn known_since(&self, snapshot: &Snapshot) -> Option<Duration> {
        let serial = snapshot.identity.serial.as_ref().value()?;
        let of = self
            .occupants
            .iter()
            .rev()
            .find(|of| of.serial == *serial)?;
        Some(of.first_came)
    }

    /// Something was turned that shows at once.
    pub fn turned(&mut self) {
        self.tick = None;
    }

    /// Bytes of a half were read, from an offset on.
    pub fn read(&mut self, half: Half, first: u8, length: usize, at: Duration) {
        self.carried.note(half, first, length, at);
    }

    /// A transaction from one moment to another is over: registers may have changed.
    pub fn note(&mut self, cage: &Cage, began: Duration, ended: Duration, succeeded: bool) {
        let tick = ended.as_millis() / TICK_MILLISECONDS;
        let first = began.as_millis() / TICK_MILLISECONDS;
        if self.tick == Some(first) && first == tick {
            return;
        }
        // Where a transaction failed, or ends in another tick than it began in, the
        // registers may not have moved yet.
        self.tick = Some(tick).filter(|_| succeeded && first == tick);
        let Some(occupant) = self.occupants.back_mut().filter(|of| of.left.is_none()) else {
            return;
        };
        let Some([temperature, supply, sent, received]) = occupant.kind.places() else {
            return;
        };
        let word = |(half, place): (Half, u8), lane: u8| {
            let byte = |at| cage.peek(half, place + 2 * lane + at).unwrap_or_default();
            u16::from_be_bytes([byte(0), byte(1)])
        };
        let mut sample = Sample {
            at: ended,
            module: [word(temperature, 0), word(supply, 0)],
            sent: [0; LANES as usize],
            received: [0; LANES as usize],
        };
        for lane in 0..occupant.kind.lanes() {
            sample.sent[usize::from(lane)] = word(sent, lane);
            sample.received[usize::from(lane)] = word(received, lane);
        }
        occupant.samples.push_back(sample);
        if occupant.samples.len() > SAMPLES {
            occupant.samples.pop_front();
        }
    }

    /// Holds a published snapshot against what stood in the cage while it was read;
    /// returns how many values were compared.
    pub fn check(&self, snapshot: &Snapshot) -> Result<u64, String> {
        let there = |occupant: &&Occupant| {
            occupant.came <= snapshot.finished
                && occupant.left.is_none_or(|left| left >= snapshot.started)
        };
        let mut wrong = None;
        for occupant in self.occupants.iter().rev().filter(there) {
            match occupant.check(snapshot, &self.carried) {
                Ok(compared) => return Ok(compared),
                Err(said) => wrong = wrong.or(Some(said)),
            }
        }
        Err(wrong.unwrap_or_else(|| "values, though no module was there".to_owned()))
    }
}

impl Occupant {
    fn check(&self, snapshot: &Snapshot, carried: &Carried) -> Result<u64, String> {
        if self.kind == Kind::Garbage {
            return Ok(0);
        }
        let serial = snapshot.identity.serial.as_ref().value();
        if serial.is_some_and(|serial| *serial != self.serial) {
            return Err(format!("serial {serial:?}, which is {}", self.serial));
        }
        let mut compared = 0;
        for (half, bytes) in &self.constant {
            let Some(sheet) = snapshot.image.sheet(*half) else {
                continue;
            };
            for (offset, byte) in (128..=255).zip(bytes) {
                if sheet.knows(offset, 1) && sheet.u8(offset) != *byte {
                    let found = sheet.u8(offset);
                    return Err(format!("{half}:{offset} is {found:#x}, which is {byte:#x}"));
                }
            }
            compared += 1;
        }
        let Some(places) = self.kind.places() else {
            return Ok(compared);
        };
        let [temperature, supply, _, _] = places;
        let at = |(half, first): (Half, u8), lane: usize| {
            let further = u8::try_from(2 * lane).unwrap_or_default();
            carried.word(half, first + further)
        };
        let monitors = &snapshot.monitors;
        let celsius = monitors.temperature.map(|value| value.celsius() * 256.0);
        let volts = monitors.supply.map(|value| value.volts() * 1e4);
        let signed = |word: u16| f64::from(i16::from_be_bytes(word.to_be_bytes()));
        let read_at = at(temperature, 0);
        self.hold("temperature", snapshot, celsius, read_at, 26.0, |s| {
            signed(s.module[0])
        })?;
        let read_at = at(supply, 0);
        self.hold("supply", snapshot, volts, read_at, 12.0, |s| {
            f64::from(s.module[1])
        })?;
        compared += 2;
        for (place, lane) in snapshot
            .lanes
            .iter()
            .enumerate()
            .take(usize::from(self.kind.lanes()))
        {
            let units = |power: opticsd::units::Watts| power.watts() * 1e7;
            let (sent, received) = (lane.tx_power.map(units), lane.rx_power.map(units));
            let name = |of: &str| format!("{of} power of lane {}", place + 1);
            let read_at = at(places[2], place);
            self.hold(&name("transmit"), snapshot, sent, read_at, 3.0, |s| {
                f64::from(s.sent[place])
            })?;
            let read_at = at(places[3], place);
            self.hold(&name("receive"), snapshot, received, read_at, 3.0, |s| {
                f64::from(s.received[place])
            })?;
            compared += 2;
        }
        Ok(compared)
    }

    /// A value must have come over the wire in this sweep, and lie within what its
    /// register held during it; between two transactions a register may have moved a
    /// little further.
    fn hold(
        &self,
        name: &str,
        snapshot: &Snapshot,
        found: Reading<f64>,
        read_at: Option<Duration>,
        slack: f64,
        of: impl Fn(&Sample) -> f64,
    ) -> Result<(), String> {
        let Reading::Value(found) = found else {
            return Ok(());
        };
        if read_at.is_none_or(|at| at < snapshot.started) {
            let started = snapshot.started;
            return Err(format!(
                "{name} was last read at {read_at:?}, before the sweep of {started:?}"
            ));
        }
        let before = self.samples.iter().rposition(|s| s.at < snapshot.started);
        let during = self.samples.iter().skip(before.unwrap_or(0));
        let during = during.take_while(|s| s.at <= snapshot.finished).map(of);
        let (low, high) = during.fold((f64::MAX, f64::MIN), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        // Light trembles by parts of itself.
        let slack = |of: f64| match name {
            "temperature" => slack,
            _ => slack + 0.015 * of.abs(),
        };
        if found >= low - slack(low) && found <= high + slack(high) {
            return Ok(());
        }
        let (began, ended) = (snapshot.started, snapshot.finished);
        Err(format!(
            "{name} is {found:.0} in units of its register, which held {low:.0} to {high:.0} \
             from {began:?} to {ended:?}"
        ))
    }
}
