//! Time passing in the registers of SFF-8636 and SFF-8472 modules.
//!
//! SFF-8636: lower memory 2-14 flags, 22-57 monitors, page 03h thresholds.
//! SFF-8472: A2h 0-39 thresholds, 96-105 monitors, 110-117 states and flags.

use std::time::Duration;

use super::lifecycle::{ModuleStep, Stage};
use super::live::{
    BIAS_STEP_MILLIAMPERES, CELSIUS_STEP, LOSS_OF_SIGNAL_DBM, SUPPLY_STEP, crossings, limits,
};
use super::memory::Registers;
use super::physics::Physics;
use super::raw;
use crate::bus::address::{Device, Half};

const LOWER: Half = Half::LOWER;
const QSFP_LIMITS: Half = Half::page(0x03);
const SFP: Half = Half::lower(Device::A2);

/// A nibble of crossings with high alarm first (bit 3) as SFF specifications
/// have it.
fn high_alarm_first(crossed: u8) -> u8 {
    crossed.reverse_bits() >> 4
}

/// One lane as its registers show it.
struct LaneWords {
    tx_power: u16,
    bias: u16,
    rx_power: u16,
    lost: bool,
    dead: bool,
}

fn lane_words(physics: &Physics, lane: u8, stage: Stage, now: Duration) -> LaneWords {
    let lit = stage.lasers_on();
    let received = physics.rx_power(lane, now);
    let current = if lit { physics.bias(lane, now) } else { 0.0 };
    LaneWords {
        tx_power: raw::tenth_microwatts(physics.tx_power(lane, now).filter(|_| lit)),
        bias: raw::to_u16(current / BIAS_STEP_MILLIAMPERES),
        rx_power: raw::tenth_microwatts(received),
        lost: received.is_none_or(|dbm| dbm < LOSS_OF_SIGNAL_DBM),
        dead: physics.is_dead(lane),
    }
}

/// Brings a QSFP module with SFF-8636 registers up to `now`.
pub fn refresh_qsfp(
    registers: &mut Registers,
    physics: &Physics,
    (before, stage): (Stage, Stage),
    now: Duration,
) {
    const STATUS: u8 = 2;
    const INIT_COMPLETE: u8 = 1;
    let not_ready = stage.module != ModuleStep::Ready;
    let others = registers.u8(LOWER, STATUS) & !1;
    registers.put(LOWER, STATUS, &[others | u8::from(not_ready)]);
    if before.module != stage.module && !not_ready {
        registers.raise(LOWER, 6, INIT_COMPLETE);
    }
    if not_ready {
        return;
    }
    let temperature = raw::to_i16(physics.temperature(now) / CELSIUS_STEP);
    let supply = raw::to_u16(physics.supply(now) / SUPPLY_STEP);
    registers.put(LOWER, 22, &temperature.to_be_bytes());
    registers.put(LOWER, 26, &supply.to_be_bytes());
    for (value, thresholds, signed, flags) in [
        (f64::from(temperature), 128, true, 6),
        (f64::from(supply), 144, false, 7),
    ] {
        if let Some(limits) = limits(registers, QSFP_LIMITS, thresholds, signed) {
            registers.raise(
                LOWER,
                flags,
                high_alarm_first(crossings(value, limits)) << 4,
            );
        }
    }
    for lane in 0..4 {
        qsfp_lane(registers, &lane_words(physics, lane, stage, now), lane);
    }
}

fn qsfp_lane(registers: &mut Registers, words: &LaneWords, lane: u8) {
    const LOSS: u8 = 3;
    const FAULT: u8 = 4;
    const LOCK: u8 = 5;
    registers.raise(LOWER, LOSS, u8::from(words.lost) << lane);
    registers.raise(LOWER, FAULT, u8::from(words.dead) << lane);
    let has_rx_cdr = registers.bit(Half::page(0), 129, 2);
    registers.raise(LOWER, LOCK, u8::from(words.lost && has_rx_cdr) << lane);
    // Value, its place, its thresholds, the flag byte of lanes 1 and 2.
    for (value, place, thresholds, flags) in [
        (words.rx_power, 34, 176, 9),
        (words.bias, 42, 184, 11),
        (words.tx_power, 50, 192, 13),
    ] {
        registers.put(LOWER, place + 2 * lane, &value.to_be_bytes());
        if let Some(limits) = limits(registers, QSFP_LIMITS, thresholds, false) {
            let crossed = high_alarm_first(crossings(f64::from(value), limits));
            let shift = if lane.is_multiple_of(2) { 4 } else { 0 };
            registers.raise(LOWER, flags + lane / 2, crossed << shift);
        }
    }
}

/// Brings the diagnostics device of an SFP module up to `now`. Its flags are
/// not latched: they say what is so now.
pub fn refresh_sfp(registers: &mut Registers, physics: &Physics, stage: Stage, now: Duration) {
    const STATUS: u8 = 110;
    const ALARMS: u8 = 112;
    const WARNINGS: u8 = 116;
    let words = lane_words(physics, 0, stage, now);
    let not_ready = stage.module != ModuleStep::Ready;
    let status = u8::from(words.dead) << 2 | u8::from(words.lost) << 1 | u8::from(not_ready);
    registers.put(SFP, STATUS, &[status]);
    let temperature = raw::to_i16(physics.temperature(now) / CELSIUS_STEP);
    let supply = raw::to_u16(physics.supply(now) / SUPPLY_STEP);
    registers.put(SFP, 96, &temperature.to_be_bytes());
    let monitors = [
        (f64::from(temperature), 0, true),
        (f64::from(supply), 8, false),
        (f64::from(words.bias), 16, false),
        (f64::from(words.tx_power), 24, false),
        (f64::from(words.rx_power), 32, false),
    ];
    for (place, word) in (98..)
        .step_by(2)
        .zip([supply, words.bias, words.tx_power, words.rx_power])
    {
        registers.put(SFP, place, &word.to_be_bytes());
    }
    // Two bits for each monitor, high then low, from the top of two bytes on.
    let (mut alarms, mut warnings) = (0_u16, 0_u16);
    for (shift, (value, thresholds, signed)) in [14, 12, 10, 8, 6].into_iter().zip(monitors) {
        let crossed = limits(registers, SFP, thresholds, signed)
            .map_or(0, |limits| high_alarm_first(crossings(value, limits)));
        alarms |= u16::from(crossed >> 2) << shift;
        warnings |= u16::from(crossed & 0b11) << shift;
    }
    registers.put(SFP, ALARMS, &alarms.to_be_bytes());
    registers.put(SFP, WARNINGS, &warnings.to_be_bytes());
}
