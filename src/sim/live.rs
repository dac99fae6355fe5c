//! Time passing in the registers of a CMIS module: states, monitors, flags.
//!
//! Follows the module's own advertisement (page 01h): a monitor that is not
//! advertised stays 0. CMIS 5.4 tables: lower memory 8-7 and 8-9, page 01h 8-52 to
//! 8-54, page 02h 8-65, page 11h 8-93 to 8-99.

use std::time::Duration;

use super::lifecycle::{DataPathStep, ModuleStep, Stage};
use super::memory::Registers;
use super::physics::Physics;
use super::raw;
use crate::bus::address::Half;

const LOWER: Half = Half::LOWER;
const ADVERTISED: Half = Half::page(0x01);
const LIMITS: Half = Half::page(0x02);
const STATUS: u8 = 0x11;

/// Steps of the monitors.
pub(super) const CELSIUS_STEP: f64 = 1.0 / 256.0;
pub(super) const SUPPLY_STEP: f64 = 100e-6;
pub(super) const BIAS_STEP_MILLIAMPERES: f64 = 2e-3;
/// Light below which a receiver says that it has lost the signal, dBm.
pub(super) const LOSS_OF_SIGNAL_DBM: f64 = -15.0;

/// Which thresholds a value has crossed: bit 0 high alarm, 1 low alarm, 2 high
/// warning, 3 low warning; `limits` in the same order.
pub fn crossings(value: f64, [ha, la, hw, lw]: [f64; 4]) -> u8 {
    [value > ha, value < la, value > hw, value < lw]
        .iter()
        .rev()
        .fold(0, |bits, crossed| bits << 1 | u8::from(*crossed))
}

/// The low alarm and low warning bits of [`crossings`].
const LOW: u8 = 0b1010;

/// Four thresholds of page 02h or another half; `None` where none are set.
pub(super) fn limits(
    registers: &Registers,
    half: Half,
    offset: u8,
    signed: bool,
) -> Option<[f64; 4]> {
    let sheet = registers.sheet(half)?;
    let words = [0, 2, 4, 6].map(|step| sheet.u16(offset + step));
    if words == [0; 4] || words == [u16::MAX; 4] {
        return None;
    }
    Some(words.map(|word| match signed {
        true => f64::from(i16::from_be_bytes(word.to_be_bytes())),
        false => f64::from(word),
    }))
}

/// Brings all registers but VDM and diagnostics up to `now`.
pub fn refresh(
    registers: &mut Registers,
    physics: &Physics,
    (before, stage): (Stage, Stage),
    now: Duration,
) {
    show_module_state(registers, before, stage);
    module_monitors(registers, physics, now);
    for (bank, half) in (0_u8..).zip(registers.banks(STATUS)) {
        show_data_paths(registers, half, before, stage);
        let bank = LaneBank {
            half,
            first: bank * 8,
            stage,
        };
        bank.refresh(registers, physics, now);
    }
}

fn show_module_state(registers: &mut Registers, before: Stage, stage: Stage) {
    const STATE: u8 = 3;
    const STATE_BITS: u8 = 0b0000_1110;
    const FLAGS: u8 = 8;
    const STATE_CHANGED: u8 = 1;
    let rest = registers.u8(LOWER, STATE) & !STATE_BITS;
    registers.put(LOWER, STATE, &[rest | (stage.module as u8) << 1]);
    if before.module != stage.module {
        registers.raise(LOWER, FLAGS, STATE_CHANGED);
    }
}

fn module_monitors(registers: &mut Registers, physics: &Physics, now: Duration) {
    let supported = registers.u8(ADVERTISED, 159);
    let kinds = registers.u8(ADVERTISED, 145);
    let temperature = f64::from(raw::to_i16(physics.temperature(now) / CELSIUS_STEP));
    let supply = f64::from(raw::to_u16(physics.supply(now) / SUPPLY_STEP));
    let laser = f64::from(raw::to_i16(
        physics.laser_temperature(0, now) / CELSIUS_STEP,
    ));
    let tec = f64::from(raw::to_i16(physics.tec_current(now) * 32_767.0));
    let aux1 = if kinds & 1 != 0 { tec } else { 0.0 };
    let aux2 = if kinds & 2 != 0 { tec } else { laser };
    let (aux3, aux3_signed) = match kinds & 4 != 0 {
        true => (supply, false),
        false => (laser, true),
    };
    // Value, its place, its thresholds, its flag byte and nibble.
    let monitors = [
        (temperature, true, 14, 128, 9, 0),
        (supply, false, 16, 136, 9, 4),
        (aux1, true, 18, 144, 10, 0),
        (aux2, true, 20, 152, 10, 4),
        (aux3, aux3_signed, 22, 160, 11, 0),
    ];
    for (bit, (value, signed, place, thresholds, flags, nibble)) in (0..).zip(monitors) {
        if supported >> bit & 1 == 0 {
            continue;
        }
        let word = match signed {
            true => raw::to_i16(value).to_be_bytes(),
            false => raw::to_u16(value).to_be_bytes(),
        };
        registers.put(LOWER, place, &word);
        if let Some(limits) = limits(registers, LIMITS, thresholds, signed) {
            registers.raise(LOWER, flags, crossings(value, limits) << nibble);
        }
    }
}

fn show_data_paths(registers: &mut Registers, half: Half, before: Stage, stage: Stage) {
    const STATES: u8 = 128;
    const CHANGED: u8 = 134;
    let code = stage.data_path as u8;
    registers.put(half, STATES, &[code << 4 | code; 4]);
    let announced = matches!(
        stage.data_path,
        DataPathStep::Initialized | DataPathStep::Activated
    );
    if before.data_path != stage.data_path && announced {
        registers.raise(half, CHANGED, u8::MAX);
    }
}

/// The eight lanes of one bank of page 11h.
struct LaneBank {
    half: Half,
    /// The index of its first lane over all banks.
    first: u8,
    stage: Stage,
}

impl LaneBank {
    fn refresh(&self, registers: &mut Registers, physics: &Physics, now: Duration) {
        let missing = registers.u8(Half::page(0x00), 210);
        for lane in (0..8).filter(|lane| missing >> lane & 1 == 0) {
            self.monitors(registers, physics, lane, now);
            self.signals(registers, physics, lane, now);
        }
    }

    fn monitors(&self, registers: &mut Registers, physics: &Physics, lane: u8, now: Duration) {
        let global = self.first + lane;
        let supported = registers.u8(ADVERTISED, 160);
        let multiplier = f64::from(1_u8 << (supported >> 3 & 0b11));
        let lit = self.stage.lasers_on();
        let ready = self.stage.module == ModuleStep::Ready;
        let sent = physics.tx_power(global, now).filter(|_| lit);
        let current = if lit { physics.bias(global, now) } else { 0.0 };
        let received = physics.rx_power(global, now).filter(|_| ready);
        let bias = raw::to_u16(current / BIAS_STEP_MILLIAMPERES / multiplier);
        let up = self.stage.data_path_is_up();
        // Support bit, value, its place, its thresholds, its first flag byte, and
        // whether a low value is worth a flag.
        let monitors = [
            (1, raw::tenth_microwatts(sent), 154, 176, 139, lit),
            (0, bias, 170, 184, 143, lit),
            (2, raw::tenth_microwatts(received), 186, 192, 149, up),
        ];
        for (bit, value, place, thresholds, flags, low_counts) in monitors {
            if supported >> bit & 1 == 0 {
                continue;
            }
            registers.put(self.half, place + 2 * lane, &value.to_be_bytes());
            let Some(limits) = limits(registers, LIMITS, thresholds, false) else {
                continue;
            };
            let mut crossed = crossings(f64::from(value), limits);
            if !low_counts {
                crossed &= !LOW;
            }
            for (level, flag) in (0..4).zip(flags..) {
                registers.raise(self.half, flag, (crossed >> level & 1) << lane);
            }
        }
    }

    /// Loss of signal and lock, faults and output states of one lane.
    fn signals(&self, registers: &mut Registers, physics: &Physics, lane: u8, now: Duration) {
        const OUTPUT_TO_HOST: u8 = 132;
        const OUTPUT_TO_MEDIA: u8 = 133;
        const TX_FAULT: u8 = 135;
        const RX_LOS: u8 = 147;
        const RX_LOL: u8 = 148;
        let global = self.first + lane;
        let received = physics.rx_power(global, now);
        let lost = received.is_none_or(|dbm| dbm < LOSS_OF_SIGNAL_DBM);
        let dead = physics.is_dead(global);
        let up = self.stage.data_path_is_up();
        let lane_bit = 1 << lane;
        let tx_flags = registers.u8(ADVERTISED, 157);
        let rx_flags = registers.u8(ADVERTISED, 158);
        let flags = [
            (TX_FAULT, dead && tx_flags & 1 != 0),
            (RX_LOS, lost && rx_flags & 2 != 0),
            (RX_LOL, lost && up && rx_flags & 4 != 0),
        ];
        for (place, raised) in flags {
            registers.raise(self.half, place, if raised { lane_bit } else { 0 });
        }
        let outputs = [
            (OUTPUT_TO_HOST, up && !lost),
            (OUTPUT_TO_MEDIA, self.stage.lasers_on() && !dead),
        ];
        for (place, valid) in outputs {
            let others = registers.u8(self.half, place) & !lane_bit;
            let mine = if valid { lane_bit } else { 0 };
            registers.put(self.half, place, &[others | mine]);
        }
    }
}

/// Brings the flag summary and the interrupt bit of lower memory in line with
/// the flags that are pending (00h:4-7, 00h:3.0).
pub fn summarise(registers: &mut Registers) {
    const SUMMARY: u8 = 4;
    const BANKS_WITH_SUMMARY: u8 = 4;
    const SUMMARISED: [(u8, u8, u8); 4] = [
        (0x11, 134, 20),
        (0x12, 231, 8),
        (0x14, 132, 8),
        (0x2C, 128, 128),
    ];
    let mut pending = registers.any(LOWER, 8, 6);
    for bank in crate::bus::address::Bank::first(BANKS_WITH_SUMMARY) {
        let mut summary = 0;
        for (bit, (page, first, length)) in (0..).zip(SUMMARISED) {
            let raised = registers.any(Half::page(page).in_bank(bank), first, length);
            summary |= u8::from(raised) << bit;
        }
        registers.put(LOWER, SUMMARY + bank.number(), &[summary]);
        pending |= summary != 0;
    }
    let state = registers.u8(LOWER, 3) & !1;
    registers.put(LOWER, 3, &[state | u8::from(!pending)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossings_are_in_the_order_of_the_nibble() {
        let limits = [10.0, 0.0, 8.0, 2.0];
        assert_eq!(crossings(5.0, limits), 0);
        assert_eq!(crossings(9.0, limits), 0b0100);
        assert_eq!(crossings(11.0, limits), 0b0101);
        assert_eq!(crossings(1.0, limits), 0b1000);
        assert_eq!(crossings(-1.0, limits), 0b1010);
    }

    #[test]
    fn thresholds_that_are_not_set_are_none() {
        let mut registers = Registers::new();
        registers.page(LIMITS).fill(136, 143, 0xFF);
        assert_eq!(limits(&registers, LIMITS, 128, true), None);
        assert_eq!(limits(&registers, LIMITS, 136, false), None);
    }
}
