//! The diagnostics window of page 14h: whatever byte 128 selects, a while later.
//!
//! CMIS 5.4 tables 8-135 to 8-139. No pattern checker ever runs in a simulated
//! module, so its error ratios and counters are zero; the signal-to-noise
//! ratios are alive.

use std::collections::BTreeMap;
use std::time::Duration;

use super::memory::Registers;
use super::pam4::signal_to_noise_db;
use super::physics::Physics;
use super::raw;
use crate::bus::address::Half;

const CAPABILITIES: Half = Half::page(0x13);
const PAGE: u8 = 0x14;
/// 14h: the selector and the first byte of the window.
pub const SELECTOR: u8 = 128;
const WINDOW: u8 = 192;
/// tDDCS: how long the window still shows what was selected before.
const CHANGE_TIME: Duration = Duration::from_millis(10);
/// The selector of signal-to-noise ratios.
const SNR: u8 = 0x06;

/// What the windows of all banks show.
#[derive(Debug, Clone, Default)]
pub struct Windows {
    shown: BTreeMap<Half, u8>,
    due: BTreeMap<Half, (u8, Duration)>,
}

impl Windows {
    /// Takes a write to the selector at `now`: it reads back at once, as 0 if
    /// the module lacks it; the window follows later.
    pub fn select(&mut self, registers: &mut Registers, half: Half, value: u8, now: Duration) {
        let value = if supports(registers, value) { value } else { 0 };
        registers.put(half, SELECTOR, &[value]);
        self.due.insert(half, (value, now + CHANGE_TIME));
    }

    /// Changes the windows whose time has come; returns whether there was one.
    pub fn settle(&mut self, registers: &mut Registers, now: Duration) -> bool {
        let before = self.due.len();
        let shown = &mut self.shown;
        self.due.retain(|half, (value, at)| {
            if *at <= now {
                shown.insert(*half, *value);
                registers.put(*half, WINDOW, &[0; 64]);
            }
            *at > now
        });
        self.due.len() < before
    }

    /// Puts new values into windows that show signal-to-noise ratios.
    pub fn refresh(
        &self,
        registers: &mut Registers,
        physics: &Physics,
        active: bool,
        now: Duration,
    ) {
        const HOST: u8 = 208;
        const MEDIA: u8 = 240;
        let capabilities = registers.u8(CAPABILITIES, 130);
        let value = |quality: f64| {
            let ratio = if active {
                signal_to_noise_db(quality)
            } else {
                0.0
            };
            raw::to_u16(256.0 * ratio).to_le_bytes()
        };
        for (bank, half) in (0_u8..).zip(registers.banks(PAGE)) {
            if self.shown.get(&half) != Some(&SNR) {
                continue;
            }
            for lane in 0..8 {
                let global = bank * 8 + lane;
                if capabilities >> 4 & 1 == 1 {
                    let host = value(physics.host_quality(global, now));
                    registers.put(half, HOST + 2 * lane, &host);
                }
                if capabilities >> 5 & 1 == 1 {
                    let media = value(physics.media_quality(global, now));
                    registers.put(half, MEDIA + 2 * lane, &media);
                }
            }
        }
    }
}

/// Whether 13h:129-130 advertise what a selector shows.
fn supports(registers: &Registers, selector: u8) -> bool {
    let results = registers.u8(CAPABILITIES, 130);
    let gated = registers.bit(CAPABILITIES, 129, 5);
    match selector {
        0x00 => true,
        0x01 => results & 1 != 0,
        0x02..=0x05 => results & 2 != 0,
        SNR => results & 0x30 != 0,
        0x11 => gated && results & 1 != 0,
        0x12..=0x15 => gated && results & 2 != 0,
        _ => false,
    }
}
