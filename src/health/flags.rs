//! Latched flags: which a sweep found raised, and which of them is news.
//!
//! Module flags, lane flags and VDM flags of all three memory maps end up in one
//! flat list, so that counting and telling of them need one loop each.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::SystemTime;

use super::event::Event;
use crate::module::{LEVEL_NAMES, Levels, Reading, Snapshot, Statistic, VdmSample};
use crate::names::{Lane, Side};

/// How often in a row a flag must be found clear to count as cleared: one that
/// flickers faster is told once.
const CLEAR_AFTER: u32 = 3;

/// Lanes of a bank.
const LANES: u8 = 8;

/// Flags of happenings: that one passed is no news.
const HAPPENINGS: [&str; 3] = ["state_changed", "data_path_changed", "rx_output_changed"];

/// A latched flag of a module or of its lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Flag {
    /// The quantity of a threshold flag (`temperature`, `rx_power`, a VDM
    /// observable), or the name of a signal flag (`rx_los`).
    pub name: &'static str,
    /// The level of a threshold flag; `None` for a signal flag.
    pub level: Option<&'static str>,
    /// Which VDM observable it is of; `None` for all other flags.
    pub observable: Option<Observable>,
}

/// A VDM observable, as far as its name does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Observable {
    /// Its type code.
    pub code: u8,
    /// Its side, where it has one.
    pub side: Option<Side>,
    /// What it tells over time.
    pub statistic: Statistic,
}

/// Shown as `pre_fec_ber media maximum high_alarm`.
impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = self.observable.and_then(|of| of.side);
        let statistic = self.observable.map(|of| of.statistic);
        let words = [
            side.map(Side::name),
            statistic.map(Statistic::name),
            self.level,
        ];
        f.write_str(self.name)?;
        for word in words.into_iter().flatten() {
            write!(f, " {word}")?;
        }
        Ok(())
    }
}

/// The flags that the snapshot's sweep found raised, each once for every lane in
/// which it is: those of the module first, then lane by lane, then those of VDM.
/// Flags that are absent are not raised.
pub fn raised(snapshot: &Snapshot) -> Vec<Flag> {
    let mut found = Vec::new();
    each(snapshot, |(flag, _), reading| {
        if reading == Reading::Value(true) {
            found.push(flag);
        }
    });
    found
}

/// How often a flag of a module was found raised since the module came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// The flag.
    pub flag: Flag,
    /// The lane; `None` for a flag of the whole module.
    pub lane: Option<Lane>,
    /// How often it came: as often as it was told.
    pub times: u64,
    /// How many sweeps found it raised.
    pub sweeps: u64,
    /// When a sweep first found it, wall time.
    pub first: SystemTime,
    /// When a sweep last found it.
    pub last: SystemTime,
    /// Whether it still counts as raised.
    pub is_raised: bool,
}

/// The flags of one module that are known to be raised, from sweep to sweep, and
/// how often each was since the module came.
#[derive(Debug, Clone, Default)]
pub struct Latches {
    /// Raised flags, and how often in a row each was found clear since.
    raised: BTreeMap<FlagOfLane, u32>,
    /// Every flag that was raised. There are never more than the module has flags.
    tallies: BTreeMap<FlagOfLane, Counts>,
}

#[derive(Debug, Clone, Copy)]
struct Counts {
    times: u64,
    sweeps: u64,
    first: SystemTime,
    last: SystemTime,
}

/// A flag of one lane, or of the whole module.
type FlagOfLane = (Flag, Option<Lane>);

impl Latches {
    /// Takes in a sweep and tells what is news: a flag that came is told once,
    /// however long it stays, and once when it has gone, all lanes at once. One
    /// that could not be read is as it was. `at` is when the sweep was, wall time.
    pub fn step(&mut self, snapshot: &Snapshot, at: SystemTime) -> Vec<Event> {
        let mut came = BTreeMap::new();
        let mut gone = BTreeMap::new();
        each(snapshot, |flag, reading| match reading {
            Reading::Value(true) => {
                let is_new = self.raised.insert(flag, 0).is_none();
                let counts = self.tallies.entry(flag).or_insert(Counts {
                    times: 0,
                    sweeps: 0,
                    first: at,
                    last: at,
                });
                counts.times += u64::from(is_new);
                counts.sweeps += 1;
                counts.last = at;
                if is_new {
                    add(&mut came, flag);
                }
            }
            Reading::Value(false) => {
                let Some(clear) = self.raised.get_mut(&flag) else {
                    return;
                };
                *clear += 1;
                if *clear >= CLEAR_AFTER {
                    self.raised.remove(&flag);
                    add(&mut gone, flag);
                }
            }
            Reading::Absent(_) => {}
        });
        gone.retain(|flag: &Flag, _| !HAPPENINGS.contains(&flag.name));
        let came = came.into_iter().map(|(flag, lanes)| Event::FlagRaised {
            flag,
            lanes: lanes.into_iter().collect(),
        });
        let gone = gone.into_iter().map(|(flag, lanes)| Event::FlagCleared {
            flag,
            lanes: lanes.into_iter().collect(),
        });
        came.chain(gone).collect()
    }

    /// Every flag that was raised since the module came, in the order of names and
    /// lanes.
    pub fn tallies(&self) -> Vec<Tally> {
        let of = |(key, counts): (&FlagOfLane, &Counts)| Tally {
            flag: key.0,
            lane: key.1,
            times: counts.times,
            sweeps: counts.sweeps,
            first: counts.first,
            last: counts.last,
            is_raised: self.raised.contains_key(key),
        };
        self.tallies.iter().map(of).collect()
    }
}

/// Adds a lane to those of its flag.
fn add(lanes: &mut BTreeMap<Flag, BTreeSet<Lane>>, (flag, lane): FlagOfLane) {
    lanes.entry(flag).or_default().extend(lane);
}

/// Calls `tell` for each flag that a module may have.
fn each(snapshot: &Snapshot, mut tell: impl FnMut(FlagOfLane, Reading<bool>)) {
    let flags = &snapshot.flags;
    for (name, set) in [
        ("temperature", flags.temperature),
        ("supply", flags.supply),
        ("aux1", flags.aux1),
        ("aux2", flags.aux2),
        ("aux3", flags.aux3),
        ("custom", flags.custom),
    ] {
        levels(None, name, set, &mut tell);
    }
    for (name, flag) in [
        ("state_changed", flags.state_changed),
        ("module_firmware_error", flags.module_firmware_error),
        ("data_path_firmware_error", flags.data_path_firmware_error),
    ] {
        tell(plain(None, name, None), flag);
    }
    for lane in &snapshot.lanes {
        let number = Some(lane.lane);
        levels(number, "tx_power", lane.tx_power_flags, &mut tell);
        levels(number, "tx_bias", lane.tx_bias_flags, &mut tell);
        levels(number, "rx_power", lane.rx_power_flags, &mut tell);
        for (name, flag) in lane.signals.named() {
            tell(plain(number, name, None), flag);
        }
    }
    for sample in &snapshot.vdm {
        observable(sample, &mut tell);
    }
}

/// The four flags of one quantity.
fn levels(
    lane: Option<Lane>,
    name: &'static str,
    set: Reading<Levels<bool>>,
    tell: &mut impl FnMut(FlagOfLane, Reading<bool>),
) {
    if let Reading::Value(set) = set {
        for (level, is_raised) in set.named() {
            tell(plain(lane, name, Some(level)), Reading::Value(is_raised));
        }
    }
}

/// The four flags of a VDM observable.
fn observable(sample: &VdmSample, tell: &mut impl FnMut(FlagOfLane, Reading<bool>)) {
    let lane = sample.lane.map(|lane| {
        let before = sample.bank.number().saturating_mul(LANES);
        Lane::from_index(before.saturating_add(lane.saturating_sub(1)))
    });
    for (bit, level) in LEVEL_NAMES.into_iter().enumerate() {
        let flag = Flag {
            name: sample.name,
            level: Some(level),
            observable: Some(Observable {
                code: sample.observable,
                side: sample.side,
                statistic: sample.statistic,
            }),
        };
        let reading = sample.flags.map(|flags| flags >> bit & 1 == 1);
        tell((flag, lane), reading);
    }
}

fn plain(lane: Option<Lane>, name: &'static str, level: Option<&'static str>) -> FlagOfLane {
    let flag = Flag {
        name,
        level,
        observable: None,
    };
    (flag, lane)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::bus::address::Bank;
    use crate::health::fixture;
    use crate::module::Absence;

    fn hot(reading: Reading<[bool; 4]>) -> Snapshot {
        let mut module = fixture::well();
        module.flags.temperature = reading.map(Levels::from_array);
        module
    }

    fn told(latches: &mut Latches, module: &Snapshot) -> Vec<String> {
        let events = latches.step(module, SystemTime::UNIX_EPOCH);
        events.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_flag_that_stays_is_told_once_and_its_end_once() {
        let raised = hot(Reading::Value([true, false, false, false]));
        let clear = hot(Reading::Value([false; 4]));
        let mut latches = Latches::default();
        assert_eq!(
            told(&mut latches, &raised),
            ["flag raised: temperature high_alarm"]
        );
        assert!(told(&mut latches, &raised).is_empty());
        for _ in 0..50 {
            assert!(told(&mut latches, &clear).is_empty(), "it flickers");
            assert!(told(&mut latches, &raised).is_empty(), "it flickers");
        }
        assert!(told(&mut latches, &clear).is_empty());
        assert!(told(&mut latches, &clear).is_empty());
        assert_eq!(
            told(&mut latches, &clear),
            ["flag cleared: temperature high_alarm"]
        );
        assert!(told(&mut latches, &clear).is_empty());
        assert_eq!(told(&mut latches, &raised).len(), 1);
    }

    #[test]
    fn every_flag_is_counted_since_the_module_came() {
        let raised = hot(Reading::Value([true, false, false, false]));
        let clear = hot(Reading::Value([false; 4]));
        let mut latches = Latches::default();
        let at = |second| SystemTime::UNIX_EPOCH + Duration::from_secs(second);
        let sweeps = [&raised, &raised, &clear, &clear, &clear, &raised, &clear];
        for (second, module) in (1..).zip(sweeps) {
            latches.step(module, at(second));
        }
        let [tally] = latches.tallies()[..] else {
            panic!("one flag was raised");
        };
        assert_eq!(tally.flag.to_string(), "temperature high_alarm");
        assert_eq!((tally.times, tally.sweeps), (2, 3));
        assert_eq!((tally.first, tally.last), (at(1), at(6)));
        assert!(tally.is_raised && tally.lane.is_none(), "it may flicker");
        for second in 8..10 {
            latches.step(&clear, at(second));
        }
        assert!(!latches.tallies()[0].is_raised);
    }

    #[test]
    fn that_a_happening_passed_is_no_news() {
        let mut module = fixture::well();
        module.flags.state_changed = Reading::Value(true);
        let mut latches = Latches::default();
        assert_eq!(told(&mut latches, &module), ["flag raised: state_changed"]);
        module.flags.state_changed = Reading::Value(false);
        for _ in 0..9 {
            assert!(told(&mut latches, &module).is_empty());
        }
        module.flags.state_changed = Reading::Value(true);
        assert_eq!(told(&mut latches, &module).len(), 1);
    }

    #[test]
    fn a_flag_that_could_not_be_read_is_as_it_was() {
        let raised = hot(Reading::Value([false, false, true, false]));
        let unread = hot(Reading::Absent(Absence::ReadFailed));
        let mut latches = Latches::default();
        assert_eq!(told(&mut latches, &raised).len(), 1);
        for _ in 0..9 {
            assert!(told(&mut latches, &unread).is_empty());
        }
        assert!(told(&mut latches, &raised).is_empty());
    }

    #[test]
    fn vdm_flags_are_told_with_lane_side_and_statistic() {
        let mut module = fixture::well();
        module.vdm = vec![VdmSample {
            bank: Bank::new(1).unwrap(),
            instance: 3,
            observable: 11,
            name: "pre_fec_ber",
            side: Some(Side::Media),
            statistic: Statistic::Maximum,
            lane: Some(2),
            frozen: true,
            value: Reading::Value(1e-3),
            unit: "ratio",
            raw: 0,
            thresholds: Reading::NOT_ADVERTISED,
            flags: Reading::Value(0b0101),
        }];
        module.vdm.push(VdmSample {
            lane: Some(3),
            ..module.vdm[0].clone()
        });
        assert_eq!(raised(&module).len(), 4);
        assert_eq!(
            told(&mut Latches::default(), &module),
            [
                "flag raised: pre_fec_ber media maximum high_alarm, lanes 10, 11",
                "flag raised: pre_fec_ber media maximum high_warning, lanes 10, 11",
            ]
        );
    }
}
