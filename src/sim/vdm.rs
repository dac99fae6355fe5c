//! Versatile diagnostics: samples, flags and the freeze, pages 20h to 2Fh.
//!
//! What is observed is read from the module's own descriptor pages, so the
//! descriptors are the only list. CMIS 5.0 tables 8-121 to 8-128; observable
//! types as in CMIS 5.3.

use std::collections::BTreeMap;
use std::time::Duration;

use super::live::crossings;
use super::memory::Registers;
use super::pam4::{KP4, signal_to_noise_db};
use super::physics::Physics;
use super::quality::UNCORRECTABLE_BURSTS;
use super::{f16, raw};
use crate::bus::address::{Bank, Half};

const DESCRIPTORS: u8 = 0x20;
const SAMPLES: u8 = 0x24;
const THRESHOLDS: u8 = 0x28;
const FLAGS: Half = Half::page(0x2C);
const CONTROL: Half = Half::page(0x2F);
/// 2Fh: the freeze request and its answer.
const REQUEST: u8 = 144;
const ANSWER: u8 = 145;
const FREEZE: u8 = 1 << 7;
const UNFROZEN: u8 = 1 << 6;
/// tVDMF: request to answer, at most 10 ms.
const ANSWER_TIME: Duration = Duration::from_millis(6);

/// Groups of 64 instances, and instances in one.
const GROUPS: u8 = 4;
const INSTANCES: u8 = 64;

/// Which of two sides, by the parity of the type from 5 to 34.
fn is_media(kind: u8) -> bool {
    kind % 2 == 1
}

/// Types that are gathered over an interval and held by a freeze.
fn is_statistic(kind: u8) -> bool {
    matches!(kind, 9..=14 | 17..=22 | 25..=32)
}

/// The freeze state of a module; one for all of its banks.
#[derive(Debug, Clone, Default)]
pub struct Freeze {
    /// When the interval began that the statistics are about.
    interval_start: Duration,
    frozen_at: Option<Duration>,
    /// The answer to the last request, and when it is due.
    due: Option<(u8, Duration)>,
    /// Whether the frozen interval is in the sample registers.
    captured: bool,
}

impl Freeze {
    /// A module that was powered at `now`.
    pub fn new(now: Duration) -> Self {
        Self {
            interval_start: now,
            ..Self::default()
        }
    }

    /// Takes a write to the request byte at `now`.
    ///
    /// A module without a statistic type keeps the byte and never answers.
    pub fn request(&mut self, registers: &mut Registers, value: u8, now: Duration) {
        each_control(registers, |registers, half| {
            registers.put(half, REQUEST, &[value]);
        });
        let wanted = value & FREEZE != 0;
        if wanted == self.frozen_at.is_some() || !has_statistics(registers) {
            return;
        }
        each_control(registers, |registers, half| {
            registers.put(half, ANSWER, &[0]);
        });
        if wanted {
            self.frozen_at = Some(now);
            self.captured = false;
            self.due = Some((FREEZE, now + ANSWER_TIME));
        } else {
            self.frozen_at = None;
            self.interval_start = now;
            self.due = Some((UNFROZEN, now + ANSWER_TIME));
        }
    }

    /// Answers a request whose time has come; returns whether there was one.
    pub fn settle(&mut self, registers: &mut Registers, now: Duration) -> bool {
        let Some((answer, _)) = self.due.filter(|(_, at)| *at <= now) else {
            return false;
        };
        self.due = None;
        each_control(registers, |registers, half| {
            registers.put(half, ANSWER, &[answer]);
        });
        true
    }

    /// The interval that the statistics show from now on, or `None` while they
    /// keep what they show: frozen, or not answered yet.
    fn interval(&mut self, now: Duration) -> Option<(Duration, Duration)> {
        if self.due.is_some() {
            return None;
        }
        match self.frozen_at {
            None => Some((self.interval_start, now)),
            Some(_) if self.captured => None,
            Some(frozen_at) => {
                self.captured = true;
                Some((self.interval_start, frozen_at))
            }
        }
    }
}

fn each_control(registers: &mut Registers, mut act: impl FnMut(&mut Registers, Half)) {
    for half in registers.banks(0x2F) {
        act(registers, half);
    }
}

/// The used instances of a descriptor page: number in the group, first byte of
/// the descriptor (threshold set and resource) and type.
fn instances(registers: &Registers, half: Half) -> impl Iterator<Item = (u8, u8, u8)> + use<> {
    let bytes: [u8; 128] = registers
        .sheet(half)
        .map_or([0; 128], |sheet| sheet.array(128));
    (0..INSTANCES).filter_map(move |k| {
        let place = usize::from(k) * 2;
        match bytes.get(place..place + 2) {
            Some([_, 0]) => None,
            Some([first, kind]) => Some((k, *first, *kind)),
            _ => None,
        }
    })
}

fn has_statistics(registers: &Registers) -> bool {
    (0..GROUPS).any(|group| {
        instances(registers, Half::page(DESCRIPTORS + group)).any(|(_, _, kind)| is_statistic(kind))
    })
}

/// Takes new samples of all instances and raises their flags.
pub fn sample(
    registers: &mut Registers,
    freeze: &mut Freeze,
    physics: &Physics,
    active: bool,
    now: Duration,
) {
    if !registers.has(CONTROL) {
        return;
    }
    let interval = freeze.interval(now);
    let mut probe = Probe {
        physics,
        active,
        now,
        error_ratios: BTreeMap::new(),
    };
    for bank in Bank::first(Bank::MOST) {
        if !registers.has(FLAGS.in_bank(bank)) {
            break;
        }
        for group in 0..GROUPS {
            let descriptors = Half::page(DESCRIPTORS + group).in_bank(bank);
            for (k, first, kind) in instances(registers, descriptors) {
                let over = match (is_statistic(kind), interval) {
                    (true, None) => continue,
                    (true, Some(interval)) => interval,
                    (false, _) => (now, now),
                };
                let lanes = lanes_of(registers, bank, first & 0x0F);
                if let Some(number) = probe.measure(kind, &lanes, over) {
                    store(registers, bank, group, (k, first >> 4), number);
                }
            }
        }
    }
}

/// A sample in the number format of its type.
#[derive(Debug, Clone, Copy)]
enum Number {
    Unsigned(f64),
    Signed(f64),
    Decimal(f64),
}

impl Number {
    fn raw(self) -> u16 {
        match self {
            Self::Unsigned(value) => raw::to_u16(value),
            Self::Signed(value) => u16::from_be_bytes(raw::to_i16(value).to_be_bytes()),
            Self::Decimal(value) => f16::encode(value),
        }
    }

    /// The number that another raw value of the same format stands for.
    fn read(self, raw: u16) -> f64 {
        match self {
            Self::Unsigned(_) => f64::from(raw),
            Self::Signed(_) => f64::from(i16::from_be_bytes(raw.to_be_bytes())),
            Self::Decimal(_) => f16::decode(raw),
        }
    }
}

fn store(registers: &mut Registers, bank: Bank, group: u8, (k, set): (u8, u8), number: Number) {
    let sample = number.raw();
    let samples = Half::page(SAMPLES + group).in_bank(bank);
    registers.put(samples, 128 + 2 * k, &sample.to_be_bytes());

    let Some(sheet) = registers.sheet(Half::page(THRESHOLDS + group).in_bank(bank)) else {
        return;
    };
    let limits = [0, 2, 4, 6].map(|step| sheet.u16(128 + 8 * set + step));
    if limits == [0; 4] || limits == [u16::MAX; 4] {
        return;
    }
    let crossed = crossings(number.read(sample), limits.map(|raw| number.read(raw)));
    let nibble = if k.is_multiple_of(2) {
        crossed
    } else {
        crossed << 4
    };
    registers.raise(FLAGS.in_bank(bank), 128 + 32 * group + k / 2, nibble);
}

/// The lanes, over all banks, that a resource number of a bank stands for: the
/// lane of that number first, then the others of the data path it starts.
fn lanes_of(registers: &Registers, bank: Bank, resource: u8) -> Vec<u8> {
    const ACTIVE_CONFIGURATION: u8 = 206;
    const WHOLE_MODULE: u8 = 15;
    let status = Half::page(0x11).in_bank(bank);
    let of_path = |lane: &u8| {
        let configuration = registers.u8(status, ACTIVE_CONFIGURATION + lane);
        resource == WHOLE_MODULE || configuration >> 1 & 7 == resource
    };
    std::iter::once(resource)
        .filter(|resource| *resource < 8)
        .chain((0..8).filter(of_path).filter(|lane| *lane != resource))
        .map(|lane| bank.number() * 8 + lane)
        .collect()
}

/// At how many instants an interval is looked at.
const POINTS: u8 = 4;
/// First and last instant of an interval.
type Interval = (Duration, Duration);

/// What measures, and what it has measured already this time.
struct Probe<'a> {
    physics: &'a Physics,
    active: bool,
    now: Duration,
    /// Error ratios of a side of a data path over an interval.
    error_ratios: BTreeMap<(bool, u8, Interval), [f64; POINTS as usize]>,
}

impl Probe<'_> {
    /// The sample of a type; `None` for a type that is not simulated.
    fn measure(&mut self, kind: u8, lanes: &[u8], over: Interval) -> Option<Number> {
        let (physics, now) = (self.physics, self.now);
        let lane = lanes.first().copied().unwrap_or_default();
        let bursts = physics.bursts(now) * UNCORRECTABLE_BURSTS;
        let bursts = if is_media(kind) && self.active {
            bursts
        } else {
            0.0
        };
        let frames = |ratio| (frames_per_second(ratio, lanes.len()) + bursts).floor();
        Some(match kind {
            1 => Number::Unsigned(100.0 * physics.age(now)),
            2 => Number::Signed(32_767.0 * physics.tec_current(now)),
            4 => Number::Signed(256.0 * physics.laser_temperature(lane, now)),
            5 | 6 => Number::Unsigned(256.0 * self.snr(kind, lane)),
            // A transition parameter runs ahead of the SNR on real modules.
            7 | 8 => Number::Unsigned(256.0 * 1.8 * self.snr(kind, lane)),
            9..=16 => Number::Decimal(condense(kind - 9, self.ratios(kind, lanes, over))),
            17..=24 => {
                let frames = self.ratios(kind, lanes, over).map(frames);
                Number::Decimal(condense(kind - 17, frames))
            }
            25 | 26 => {
                const MEAN: u8 = 4;
                let mean = condense(MEAN, self.ratios(kind, lanes, over).map(frames));
                let (start, end) = over;
                Number::Decimal((mean * end.saturating_sub(start).as_secs_f64()).floor())
            }
            _ => return None,
        })
    }

    fn snr(&self, kind: u8, lane: u8) -> f64 {
        let quality = match (self.active, is_media(kind)) {
            (false, _) => 0.0,
            (true, true) => self.physics.media_quality(lane, self.now),
            (true, false) => self.physics.host_quality(lane, self.now),
        };
        signal_to_noise_db(quality)
    }

    /// Mean bit error ratio of the lanes, from the start to the end of an
    /// interval.
    fn ratios(&mut self, kind: u8, lanes: &[u8], over: Interval) -> [f64; POINTS as usize] {
        let (media, physics) = (is_media(kind), self.physics);
        // A module that decides nothing has nothing to count, and says zero.
        let decides = match media {
            true => physics.nominal.retimes,
            false => physics.nominal.host_quality > 0.0,
        };
        let counts = self.active && decides;
        let Some(first) = lanes.first().filter(|_| counts) else {
            return [0.0; POINTS as usize];
        };
        let ratio_at = |at: Duration| {
            let ratio = |lane: &u8| match media {
                true => physics.media_ber(*lane, at),
                false => physics.host_ber(*lane, at),
            };
            lanes.iter().map(ratio).sum::<f64>() / lanes.len() as f64
        };
        let measure = || {
            let (start, end) = over;
            if start == end {
                return [ratio_at(end); POINTS as usize];
            }
            let step = end.saturating_sub(start) / u32::from(POINTS - 1);
            std::array::from_fn(|n| ratio_at(start + step * u32::try_from(n).unwrap_or_default()))
        };
        let key = (media, *first, over);
        *self.error_ratios.entry(key).or_insert_with(measure)
    }
}

/// Uncorrectable frames in a second on this many lanes.
fn frames_per_second(ratio: f64, lanes: usize) -> f64 {
    /// 106.25 Gb/s in codewords of 5440 bits.
    const CODEWORDS_PER_LANE: f64 = 106.25e9 / 5440.0;
    CODEWORDS_PER_LANE * lanes as f64 * KP4.codeword_error_ratio(ratio)
}

/// Minimum, maximum, mean or last: `which` counts 0, 0, 1, 1, 2, 2, 3, 3 for
/// the two sides of each, in the order of the types.
fn condense(which: u8, points: [f64; POINTS as usize]) -> f64 {
    match which / 2 {
        0 => points.into_iter().fold(f64::INFINITY, f64::min),
        1 => points.into_iter().fold(0.0, f64::max),
        2 => points.into_iter().sum::<f64>() / f64::from(POINTS),
        _ => points.last().copied().unwrap_or_default(),
    }
}
