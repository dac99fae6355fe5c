//! The FEC decoder of the host behind a cage: it counts what went wrong on the
//! whole way from the encoder of the far host.
//!
//! Codewords are drawn, not worked through: how many have 0, 1, 2, … wrong
//! symbols follows from the bit error ratio ([`super::pam4`]), and bursts come on
//! top. Counters of all kinds are made of the same codewords, so that they agree.

use std::time::Duration;

use super::module::SimModule;
use super::noise::Draw;
use super::pam4::{Code, SYMBOL_BITS, SYMBOLS_TOLD, symbol_error_ratio};
use super::physics::{Line, Physics};
use super::quality::{BITS_IN_BURST_SYMBOL, SYMBOLS_IN_BURST};
use super::raw;

/// What a decoder shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Counters {
    /// The code that it corrects.
    pub code: Code,
    /// Coded bits that it takes in a second.
    pub bits_per_second: f64,
    /// Whether it found codewords when it was last looked at.
    pub link_up: bool,
    /// What it has counted.
    pub tally: Tally,
}

/// Counters since the decoder started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Codewords received, right or wrong.
    pub codewords: u64,
    /// Codewords with errors, all of them corrected.
    pub corrected_codewords: u64,
    /// Codewords with more wrong symbols than the code corrects.
    pub uncorrectable_codewords: u64,
    /// Bits corrected.
    pub corrected_bits: u64,
    /// Symbols corrected.
    pub corrected_symbols: u64,
    /// Bits corrected on each lane.
    pub lane_bits: Vec<u64>,
    /// Correctable codewords by how many symbols were wrong, from none on.
    pub histogram: Vec<u64>,
}

/// The decoder of one port.
#[derive(Debug, Clone)]
pub struct HostDecoder {
    total: Tally,
    /// What it counts for; as of the last module.
    line: Option<Line>,
    counted_to: Duration,
    link_up: bool,
    /// A part of a codeword that did not end yet.
    rest: f64,
    /// How many bits its counters have.
    width: u32,
    /// By how much its line is faster or slower than the module is made for.
    rate: f64,
    /// How many times as fast as the host's clock the module's time passes.
    haste: f64,
    /// What it shows while its counters stand still.
    still: Option<Tally>,
    silent_until: Duration,
}

impl Default for HostDecoder {
    fn default() -> Self {
        Self {
            total: Tally::default(),
            line: None,
            counted_to: Duration::ZERO,
            link_up: false,
            rest: 0.0,
            width: u64::BITS,
            rate: 1.0,
            haste: 1.0,
            still: None,
            silent_until: Duration::ZERO,
        }
    }
}

impl HostDecoder {
    /// The longest time in which one bit error ratio stands for all.
    const STEP: Duration = Duration::from_secs(2);
    /// The most instants at which a longer time is looked at.
    const MOST_STEPS: u32 = 4;

    /// What it shows; `None` while the host is silent, or no module ever gave it
    /// anything to count.
    pub fn counters(&self, now: Duration) -> Option<Counters> {
        let line = self.line.filter(|_| now >= self.silent_until)?;
        Some(Counters {
            code: line.code,
            bits_per_second: line.bits_per_second() * self.rate,
            link_up: self.link_up,
            tally: match &self.still {
                Some(tally) => tally.clone(),
                None => self.total.in_width(self.width),
            },
        })
    }

    /// Counts what came through a module since the last time. To be called before
    /// anything changes.
    pub(super) fn count(&mut self, module: Option<&SimModule>, now: Duration) {
        let from = std::mem::replace(&mut self.counted_to, now);
        self.link_up = module.is_some_and(|module| module.traffic(now).is_some());
        let Some(module) = module else {
            return;
        };
        let time = now.saturating_sub(from);
        let steps = match time <= Self::STEP {
            true => 1,
            false => Self::MOST_STEPS,
        };
        let step = time / steps;
        for n in 0..steps {
            let middle = from + step * n + step / 2;
            if let Some(physics) = module.traffic(middle) {
                self.receive(physics, middle, step);
            }
        }
        if let Some(line) = module.line() {
            self.line = Some(line);
        }
    }

    /// Takes in the codewords of a time in which nothing changes much.
    fn receive(&mut self, physics: &Physics, now: Duration, time: Duration) {
        let line = physics.nominal.line;
        let mut draw = Draw::new(physics.seed ^ raw::to_u64(now.as_secs_f64() * 1e6));
        let ratios: Vec<f64> = (0..line.lanes)
            .map(|lane| physics.received_ber(lane, now))
            .collect();
        let mean = ratios.iter().sum::<f64>() / ratios.len().max(1) as f64;

        let word_bits = f64::from(u32::from(line.code.symbols) * SYMBOL_BITS);
        let seconds = time.as_secs_f64();
        let seconds = seconds / self.haste;
        self.rest += line.bits_per_second() * self.rate * seconds / word_bits;
        let words = raw::to_u64(self.rest.floor());
        self.rest -= words as f64;

        let chances = chances(line.code, &ratios, mean);
        let mut counts = [0; SYMBOLS_TOLD + 1];
        for (count, chance) in counts.iter_mut().zip(chances).skip(1) {
            *count = draw.poisson(words as f64 * chance);
        }
        let by_chance = symbols(&counts, line.code);
        let bits_by_chance = by_chance as f64 * bits_in_wrong_symbol(mean);
        spoil(&mut counts, physics.bursts(now) * seconds, &mut draw);
        let all = symbols(&counts, line.code);
        let bits_in_bursts = all.saturating_sub(by_chance) as f64 * BITS_IN_BURST_SYMBOL;

        let wrong = counts.iter().skip(1).sum::<u64>().min(words);
        if let Some(right) = counts.first_mut() {
            *right = words - wrong;
        }
        let bits = raw::to_u64(bits_by_chance + bits_in_bursts);
        self.total
            .add(line.code, words, &counts, all, bits, &ratios);
    }

    /// Starts all counters again from zero, as an operator does.
    pub fn reset(&mut self) {
        self.total = Tally::default();
        self.rest = 0.0;
    }

    /// Starts the host anew: silence, then counters from zero.
    pub fn restart(&mut self, now: Duration, silence: Duration) {
        self.reset();
        self.silent_until = now + silence;
    }

    /// Gives no answer any more.
    pub fn vanish(&mut self) {
        self.silent_until = Duration::MAX;
    }

    /// Shows the same counters from now on, whatever is received.
    pub fn stand_still(&mut self) {
        self.still = Some(self.total.in_width(self.width));
    }

    /// Has counters of this many bits, 1 to 64, which wrap.
    pub fn narrow(&mut self, width: u32) {
        self.width = width.clamp(1, u64::BITS);
    }

    /// Runs its line at so many times the speed that the module is made for.
    pub fn change_rate(&mut self, factor: f64) {
        self.rate = factor;
    }

    /// Lets the host count in its own time where the module's passes so many times
    /// as fast.
    pub fn hasten(&mut self, factor: f64) {
        self.haste = factor;
    }

    /// Takes all of it back; what was counted stays counted.
    pub fn calm(&mut self) {
        let usual = Self::default();
        self.width = usual.width;
        self.rate = usual.rate;
        self.still = None;
        self.silent_until = Duration::ZERO;
    }
}

impl Tally {
    fn add(
        &mut self,
        code: Code,
        words: u64,
        counts: &[u64; SYMBOLS_TOLD + 1],
        symbols: u64,
        bits: u64,
        ratios: &[f64],
    ) {
        let (right, wrong) = counts.split_at(code.corrects + 1);
        self.codewords += words;
        self.corrected_codewords += right.iter().skip(1).sum::<u64>();
        self.uncorrectable_codewords += wrong.iter().sum::<u64>();
        self.corrected_symbols += symbols;
        self.corrected_bits += bits;
        self.histogram.resize(right.len(), 0);
        for (bin, count) in self.histogram.iter_mut().zip(right) {
            *bin += count;
        }
        self.lane_bits.resize(ratios.len(), 0);
        let all: f64 = ratios.iter().sum();
        let (mut share, mut given) = (0.0, 0);
        for (lane, ratio) in self.lane_bits.iter_mut().zip(ratios) {
            // Rounded as a running sum, so that the parts make the whole.
            share += if all > 0.0 { ratio / all } else { 0.0 };
            let upto = raw::to_u64(bits as f64 * share).min(bits);
            *lane += upto.saturating_sub(given);
            given = upto;
        }
    }

    /// The same as counters of this many bits show it.
    fn in_width(&self, width: u32) -> Self {
        let mask = u64::MAX >> (u64::BITS - width);
        Self {
            codewords: self.codewords & mask,
            corrected_codewords: self.corrected_codewords & mask,
            uncorrectable_codewords: self.uncorrectable_codewords & mask,
            corrected_bits: self.corrected_bits & mask,
            corrected_symbols: self.corrected_symbols & mask,
            lane_bits: self.lane_bits.iter().map(|bits| bits & mask).collect(),
            histogram: self.histogram.iter().map(|bin| bin & mask).collect(),
        }
    }
}

/// The chances of a codeword to have 0, 1, 2, … wrong symbols. Symbols go over the
/// lanes in turn; where one lane is much worse, they are not alike.
fn chances(code: Code, ratios: &[f64], mean: f64) -> [f64; SYMBOLS_TOLD + 1] {
    /// From how many times the mean on the worst lane counts by itself.
    const ALIKE: f64 = 1.5;
    let worst = ratios.iter().copied().fold(0.0, f64::max);
    if worst <= ALIKE * mean {
        return code.wrong_symbols(mean);
    }
    let mut sum = [0.0; SYMBOLS_TOLD + 1];
    if let Some(none) = sum.first_mut() {
        *none = 1.0;
    }
    let lanes = u16::try_from(ratios.len()).unwrap_or(u16::MAX).max(1);
    let of_lane = Code {
        symbols: code.symbols / lanes,
        ..code
    };
    for ratio in ratios {
        let mut joined = [0.0; SYMBOLS_TOLD + 1];
        let lane = of_lane.wrong_symbols(*ratio);
        for (i, a) in sum.iter().enumerate() {
            for (j, b) in lane.iter().enumerate() {
                if let Some(chance) = joined.get_mut((i + j).min(SYMBOLS_TOLD)) {
                    *chance += a * b;
                }
            }
        }
        sum = joined;
    }
    sum
}

/// How many bits of a wrong symbol are wrong, where they are so by chance.
fn bits_in_wrong_symbol(ber: f64) -> f64 {
    match symbol_error_ratio(ber) {
        wrong if wrong > 0.0 => f64::from(SYMBOL_BITS) * ber / wrong,
        _ => 1.0,
    }
}

/// The wrong symbols of all codewords that the code corrects.
fn symbols(counts: &[u64; SYMBOLS_TOLD + 1], code: Code) -> u64 {
    let corrected = counts.iter().zip(0_u64..).take(code.corrects + 1);
    corrected.map(|(count, wrong)| count * wrong).sum()
}

/// Adds the codewords that so many bursts spoil. The length of a burst has no
/// memory: after each symbol it goes on with the same chance.
fn spoil(counts: &mut [u64; SYMBOLS_TOLD + 1], bursts: f64, draw: &mut Draw) {
    if bursts <= 0.0 {
        return;
    }
    let goes_on = 1.0 - 1.0 / SYMBOLS_IN_BURST;
    let mut reaches = 1.0;
    for (length, count) in counts.iter_mut().enumerate().skip(1) {
        let ends = match length {
            SYMBOLS_TOLD => reaches,
            _ => reaches * (1.0 - goes_on),
        };
        *count += draw.poisson(bursts * ends);
        reaches *= goes_on;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::builders;
    use crate::sim::lifecycle::Startup;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn module(family: &str, turn: impl FnOnce(&mut crate::sim::knobs::Knobs)) -> SimModule {
        let module = builders::by_name(family).unwrap();
        module
            .with_manners(|manners| manners.startup = Startup::INSTANT)
            .with_knobs(|knobs, _| turn(knobs))
    }

    /// What was counted in a minute, a second at a time.
    fn minute(module: &SimModule) -> Counters {
        let mut decoder = HostDecoder::default();
        for second in 1..=60 {
            decoder.count(Some(module), at(second));
        }
        decoder.counters(at(60)).unwrap()
    }

    #[test]
    fn all_counters_are_about_the_same_codewords() {
        for (family, turn) in [
            ("lpo-800g", 0.0),
            ("dsp-800g", 0.0),
            ("dac-400g", 0.0),
            ("qsfp28", 0.0),
            ("lpo-800g", 50.0),
        ] {
            let counters = minute(&module(family, |knobs| {
                knobs.bursts = crate::sim::knobs::Ramp::steady(turn);
                knobs.lane_loss_db = [(2, crate::sim::knobs::Ramp::steady(turn / 50.0))].into();
            }));
            let tally = &counters.tally;
            let told: u64 = tally.histogram.iter().sum();
            assert_eq!(told + tally.uncorrectable_codewords, tally.codewords);
            let wrong: u64 = tally.histogram.iter().skip(1).sum();
            assert_eq!(wrong, tally.corrected_codewords, "{family}");
            let symbols = tally.histogram.iter().zip(0..).map(|(n, wrong)| n * wrong);
            assert_eq!(symbols.sum::<u64>(), tally.corrected_symbols);
            assert_eq!(tally.lane_bits.iter().sum::<u64>(), tally.corrected_bits);
            assert!(tally.corrected_bits >= tally.corrected_symbols);
            let word = f64::from(u32::from(counters.code.symbols) * 10);
            let expected = counters.bits_per_second * 60.0 / word;
            assert!((tally.codewords as f64 - expected).abs() < 2.0, "{family}");
        }
    }

    #[test]
    fn the_bits_follow_the_physics() {
        let module = module("lpo-800g", |knobs| {
            knobs.rx_loss_db = crate::sim::knobs::Ramp::steady(1.5);
        });
        let counters = minute(&module);
        let physics = module.traffic(at(30)).unwrap();
        let mean = |now| {
            (0..8)
                .map(|lane| physics.received_ber(lane, now))
                .sum::<f64>()
                / 8.0
        };
        let expected = (0..60)
            .map(|second| mean(Duration::from_millis(500 + 1000 * second)))
            .sum::<f64>()
            / 60.0;
        let seen = counters.tally.corrected_bits as f64 / (counters.bits_per_second * 60.0);
        assert!((seen / expected - 1.0).abs() < 0.02, "{seen} {expected}");
    }

    #[test]
    fn bursts_show_in_the_tail_and_hardly_in_the_bits() {
        let quiet = minute(&module("dsp-800g", |_| {}));
        let bursty = minute(&module("dsp-800g", |knobs| {
            knobs.bursts = crate::sim::knobs::Ramp::steady(5.0);
        }));
        let tail = |counters: &Counters| counters.tally.histogram.iter().skip(8).sum::<u64>();
        assert_eq!(tail(&quiet), 0);
        assert!(tail(&bursty) > 30);
        assert!(bursty.tally.uncorrectable_codewords > 5);
        let bits = bursty.tally.corrected_bits as f64 / quiet.tally.corrected_bits as f64;
        assert!(bits < 1.5, "{bits}");
    }

    #[test]
    fn one_bad_lane_is_told_by_its_bits() {
        let counters = minute(&module("lpo-800g", |knobs| {
            knobs.lane_loss_db = [(4, crate::sim::knobs::Ramp::steady(2.0))].into();
        }));
        let tally = counters.tally;
        let worst = *tally.lane_bits.iter().max().unwrap();
        assert_eq!(tally.lane_bits[4], worst);
        assert!(worst > tally.corrected_bits * 9 / 10);
    }

    #[test]
    fn a_link_that_is_down_counts_nothing() {
        let mut module = module("dsp-800g", |knobs| knobs.dark_lanes = 0b10);
        let mut decoder = HostDecoder::default();
        decoder.count(Some(&module), at(60));
        assert_eq!(decoder.counters(at(60)).unwrap().tally.codewords, 0);
        module.adjust(at(60), |knobs, _| knobs.dark_lanes = 0);
        decoder.count(Some(&module), at(61));
        let counted = decoder.counters(at(61)).unwrap().tally.codewords;
        assert!((156_000_000..157_000_000).contains(&counted), "{counted}");
        decoder.count(None, at(90));
        assert_eq!(decoder.counters(at(90)).unwrap().tally.codewords, counted);
    }

    #[test]
    fn counters_wrap_reset_restart_stand_still_and_vanish() {
        let module = module("dsp-800g", |_| {});
        let mut decoder = HostDecoder::default();
        let codewords = |decoder: &HostDecoder, second| {
            let counters = decoder.counters(at(second));
            counters.map(|counters| counters.tally.codewords)
        };
        decoder.narrow(32);
        decoder.count(Some(&module), at(30));
        let whole = 156_250_000 * 30;
        let shown = codewords(&decoder, 30).unwrap();
        assert!(shown.abs_diff(whole - (1 << 32)) < 2);
        decoder.stand_still();
        decoder.count(Some(&module), at(40));
        assert_eq!(codewords(&decoder, 40), Some(shown));
        decoder.calm();
        assert!(codewords(&decoder, 40).unwrap().abs_diff(156_250_000 * 40) < 2);
        decoder.reset();
        assert_eq!(codewords(&decoder, 40), Some(0));
        decoder.restart(at(40), at(5));
        assert_eq!(codewords(&decoder, 44), None);
        assert_eq!(codewords(&decoder, 45), Some(0));
        decoder.change_rate(0.5);
        decoder.count(Some(&module), at(50));
        let slow = codewords(&decoder, 50).unwrap();
        assert!(slow.abs_diff(156_250_000 * 5) < 2, "{slow}");
        decoder.vanish();
        assert_eq!(codewords(&decoder, 1_000_000), None);
    }
}
