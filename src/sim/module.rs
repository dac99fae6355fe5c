//! One simulated module: its registers, its manners, and its life from power-on.
//!
//! How it answers on the bus is in `bus_side`.

use std::time::Duration;

use super::access::Management;
use super::air::Seat;
use super::diagnostics::Windows;
use super::knobs::{Knobs, Ramp};
use super::lifecycle::{DataPathStep, Stage, Startup};
use super::memory::Registers;
use super::physics::{Line, Physics};
use super::vdm::{self, Freeze};
use super::wire::BusRate;
use super::{live, live_sff};
use crate::bus::address::{Bank, Half};
use crate::bus::image::Image;

/// How often a module samples its monitors and evaluates its thresholds.
const SAMPLING_MILLISECONDS: u128 = 100;

/// How a module behaves on the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manners {
    /// From power-on to traffic.
    pub startup: Startup,
    /// How long it refuses access after a page change (tBPC, at most 10 ms).
    pub page_hold: Duration,
    /// How long it refuses access after another write (tWRITE, at most 10 ms).
    pub write_hold: Duration,
    /// How long it refuses access after a write to page 03h (tWRITENV, 80 ms).
    pub user_memory_hold: Duration,
    /// How many bytes of one read it serves; the rest reads FFh.
    pub read_limit: Option<usize>,
    /// The fastest bus on which it answers.
    pub fastest: BusRate,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            startup: Startup::default(),
            page_hold: Duration::from_millis(2),
            write_hold: Duration::from_millis(3),
            user_memory_hold: Duration::from_millis(40),
            read_limit: None,
            fastest: BusRate::Khz400,
        }
    }
}

/// A simulated module.
#[derive(Debug, Clone)]
pub struct SimModule {
    /// How it behaves on the bus.
    pub manners: Manners,
    pub(super) management: Management,
    /// The registers as they are at power-on.
    factory: Registers,
    pub(super) registers: Registers,
    physics: Option<Physics>,
    /// What bytes 126 and 127 select now.
    pub(super) selected: (Bank, u8),
    /// The byte pointers of the two devices.
    pub(super) pointers: [u8; 2],
    powered_at: Duration,
    pub(super) held_until: Duration,
    stage: Stage,
    sampled: Option<u128>,
    pub(super) freeze: Freeze,
    pub(super) windows: Windows,
}

impl SimModule {
    /// A module with these registers; without physics nothing in it moves.
    pub fn new(mut factory: Registers, physics: Option<Physics>) -> Self {
        for half in [Half::LOWER, Half::page(0)] {
            factory.page(half);
        }
        let manners = Manners::default();
        Self {
            manners,
            management: Management::of(&factory),
            registers: factory.clone(),
            factory,
            physics,
            selected: (Bank::ZERO, 0),
            pointers: [0; 2],
            powered_at: Duration::ZERO,
            held_until: Duration::ZERO,
            stage: manners.startup.stage(Duration::ZERO),
            sampled: None,
            freeze: Freeze::default(),
            windows: Windows::default(),
        }
    }

    /// A recorded module: its pages and flags behave, its values do not move.
    pub fn from_image(image: &Image) -> Self {
        Self::new(Registers::from_image(image), None)
    }

    /// The same module with other bus manners.
    pub fn with_manners(mut self, change: impl FnOnce(&mut Manners)) -> Self {
        change(&mut self.manners);
        self
    }

    /// The same module with another seed for its noise.
    pub fn with_seed(mut self, seed: u64) -> Self {
        if let Some(physics) = &mut self.physics {
            physics.seed = seed;
        }
        self
    }

    /// The same module with all of its noises so much stronger than usual.
    pub fn with_noisiness(mut self, noisiness: f64) -> Self {
        if let Some(physics) = &mut self.physics {
            physics.noisiness = noisiness;
        }
        self
    }

    /// The same module with its knobs turned from the start.
    pub fn with_knobs(mut self, turn: impl FnOnce(&mut Knobs, Duration)) -> Self {
        self.adjust(Duration::ZERO, turn);
        self
    }

    /// The registers as they stand, without any effect of a read.
    pub fn registers(&self) -> &Registers {
        &self.registers
    }

    /// Powers the module: registers as from the factory, page 00h, time zero.
    pub fn power_on(&mut self, now: Duration) {
        self.registers = self.factory.clone();
        self.selected = (Bank::ZERO, 0);
        self.pointers = [0; 2];
        self.powered_at = now;
        self.held_until = now + self.manners.startup.management;
        self.stage = self.manners.startup.stage(Duration::ZERO);
        self.sampled = None;
        self.freeze = Freeze::new(now);
        self.windows = Windows::default();
        if let Some(physics) = &mut self.physics {
            physics.knobs.hangs = false;
        }
    }

    /// Turns the knobs; what was so before is latched first. Returns whether
    /// the module has any.
    pub fn adjust(&mut self, now: Duration, turn: impl FnOnce(&mut Knobs, Duration)) -> bool {
        self.turn(now, |physics, now| turn(&mut physics.knobs, now))
    }

    /// The same with all of its physics at hand.
    pub(super) fn turn(
        &mut self,
        now: Duration,
        turn: impl FnOnce(&mut Physics, Duration),
    ) -> bool {
        self.refresh(now);
        let Some(physics) = &mut self.physics else {
            return false;
        };
        turn(physics, now);
        self.sampled = None;
        true
    }

    /// Puts all knobs back to a healthy module's. Returns whether it has any.
    pub fn calm(&mut self, now: Duration) -> bool {
        self.turn(now, |physics, _| physics.calm())
    }

    /// The same module in a place of a box, where others warm it.
    pub(super) fn sit(&mut self, seat: &Seat) {
        if let Some(physics) = &mut self.physics {
            physics.seat = Some(seat.clone());
        }
    }

    /// By how much it is warmer by itself than it should be.
    pub(super) fn excess(&self) -> Ramp {
        self.physics.as_ref().map_or(Ramp::steady(0.0), |physics| {
            let nominal = physics.nominal.temperature_celsius;
            physics.knobs.temperature.lowered(nominal)
        })
    }

    /// What goes through the module at an instant: its physics, while the data
    /// paths carry traffic and every lane of a host's port has light.
    pub(super) fn traffic(&self, now: Duration) -> Option<&Physics> {
        let physics = self.physics.as_ref()?;
        let active = self.stage_at(now).data_path == DataPathStep::Activated;
        let lit = (0..physics.nominal.line.lanes).all(|lane| !physics.is_dark(lane, now));
        (active && lit).then_some(physics)
    }

    /// The line to the host that it is made for.
    pub(super) fn line(&self) -> Option<Line> {
        self.physics.as_ref().map(|physics| physics.nominal.line)
    }

    /// Where the state machines stand.
    fn stage_at(&self, now: Duration) -> Stage {
        let startup = &self.manners.startup;
        let down_until = self
            .physics
            .as_ref()
            .map_or(Duration::ZERO, |physics| physics.knobs.down_until);
        if now < down_until {
            return Stage {
                data_path: DataPathStep::Deactivated,
                ..startup.stage(now.saturating_sub(self.powered_at))
            };
        }
        // From a deactivation on, the way goes through all but the power-up.
        let again = down_until.saturating_sub(startup.until_ready());
        let began = match down_until > Duration::ZERO {
            true => self.powered_at.max(again),
            false => self.powered_at,
        };
        startup.stage(now.saturating_sub(began))
    }

    /// Overwrites the vendor name in both copies of the registers, raw bytes
    /// and all, and keeps the checksum of the page right.
    pub fn write_vendor(&mut self, text: &[u8]) {
        const FIELD: usize = 16;
        for registers in [&mut self.factory, &mut self.registers] {
            match self.management {
                Management::Cmis => registers
                    .page(Half::page(0))
                    .put_text(129, FIELD, text)
                    .put_checksum(222, 128, 221),
                Management::Sff8636 => registers
                    .page(Half::page(0))
                    .put_text(148, FIELD, text)
                    .put_checksum(191, 128, 190),
                Management::Sff8472 => registers
                    .page(Half::LOWER)
                    .put_text(20, FIELD, text)
                    .put_checksum(63, 0, 62),
            };
        }
    }

    /// Lets everything happen that was due by `now`.
    pub(super) fn refresh(&mut self, now: Duration) {
        let stage = self.stage_at(now);
        let registers = &mut self.registers;
        let settled = self.freeze.settle(registers, now) | self.windows.settle(registers, now);
        let tick = now.as_millis() / SAMPLING_MILLISECONDS;
        if self.sampled == Some(tick) && !settled {
            return;
        }
        self.sampled = Some(tick);
        let Some(physics) = &self.physics else {
            return;
        };
        // Flat CMIS memory is all identity.
        let is_cmis = self.management == Management::Cmis;
        if physics.knobs.hangs || is_cmis && self.management.is_flat(registers) {
            return;
        }
        let stages = (self.stage, stage);
        let active = stages.1.data_path == DataPathStep::Activated;
        self.stage = stages.1;
        match self.management {
            Management::Cmis => {
                live::refresh(registers, physics, stages, now);
                vdm::sample(registers, &mut self.freeze, physics, active, now);
                self.windows.refresh(registers, physics, active, now);
            }
            Management::Sff8636 => live_sff::refresh_qsfp(registers, physics, stages, now),
            Management::Sff8472 => live_sff::refresh_sfp(registers, physics, stages.1, now),
        }
    }
}
