//! From power-on to traffic: the module and data path state machines.
//!
//! CMIS 5.x: module state 00h:3.3-1, data path state 11h:128-131. Nobody
//! configures a simulated module, so it goes the whole way by itself.

use std::time::Duration;

/// How long each step of the way takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Startup {
    /// Power-on to the first answer on the bus (tMgmtInit, at most 2 s).
    pub management: Duration,
    /// Then, in low power.
    pub low_power: Duration,
    /// Then, powering up.
    pub power_up: Duration,
    /// Then, initialising the data paths.
    pub data_path_init: Duration,
    /// Then, initialised with dark transmitters.
    pub initialized: Duration,
    /// Then, turning the transmitters on.
    pub turn_on: Duration,
}

impl Default for Startup {
    fn default() -> Self {
        Self {
            management: Duration::from_millis(300),
            low_power: Duration::from_millis(200),
            power_up: Duration::from_millis(800),
            data_path_init: Duration::from_millis(1500),
            initialized: Duration::from_millis(200),
            turn_on: Duration::from_millis(400),
        }
    }
}

/// Codes of the module state (00h:3.3-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModuleStep {
    /// Low power.
    LowPower = 1,
    /// Powering up.
    PowerUp = 2,
    /// Ready.
    Ready = 3,
}

/// Codes of the data path state (11h:128-131).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataPathStep {
    /// Not configured.
    Deactivated = 1,
    /// Being configured.
    Init = 2,
    /// Carrying traffic.
    Activated = 4,
    /// Transmitters turning on.
    TxTurnOn = 5,
    /// Configured, transmitters dark.
    Initialized = 7,
}

/// Where a module stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// The module state machine.
    pub module: ModuleStep,
    /// The state machine of all its data paths.
    pub data_path: DataPathStep,
}

impl Stage {
    /// Whether light leaves the module.
    pub fn lasers_on(self) -> bool {
        matches!(
            self.data_path,
            DataPathStep::TxTurnOn | DataPathStep::Activated
        )
    }

    /// Whether the data path may raise low alarms and loss flags.
    pub fn data_path_is_up(self) -> bool {
        !matches!(
            self.data_path,
            DataPathStep::Deactivated | DataPathStep::Init
        )
    }
}

impl Startup {
    /// A module that is where it ends up from the first answer on.
    pub const INSTANT: Self = Self {
        management: Duration::ZERO,
        low_power: Duration::ZERO,
        power_up: Duration::ZERO,
        data_path_init: Duration::ZERO,
        initialized: Duration::ZERO,
        turn_on: Duration::ZERO,
    };

    /// Power-on to the module state ready.
    pub fn until_ready(&self) -> Duration {
        self.management + self.low_power + self.power_up
    }

    /// Where a module stands this long after power-on.
    pub fn stage(&self, age: Duration) -> Stage {
        use DataPathStep::{Activated, Deactivated, Init, Initialized, TxTurnOn};
        use ModuleStep::{LowPower, PowerUp, Ready};
        let steps = [
            (self.management + self.low_power, LowPower, Deactivated),
            (self.power_up, PowerUp, Deactivated),
            (self.data_path_init, Ready, Init),
            (self.initialized, Ready, Initialized),
            (self.turn_on, Ready, TxTurnOn),
        ];
        let mut end = Duration::ZERO;
        for (length, module, data_path) in steps {
            end += length;
            if age < end {
                return Stage { module, data_path };
            }
        }
        Stage {
            module: Ready,
            data_path: Activated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_passed_in_order() {
        let startup = Startup::default();
        let mut seen = Vec::new();
        for tenth in 0..60 {
            let stage = startup.stage(Duration::from_millis(tenth * 100));
            let pair = (stage.module as u8, stage.data_path as u8);
            if seen.last() != Some(&pair) {
                seen.push(pair);
            }
        }
        assert_eq!(seen, [(1, 1), (2, 1), (3, 2), (3, 7), (3, 5), (3, 4)]);
        let at_once = Startup::INSTANT.stage(Duration::ZERO);
        assert_eq!(at_once.data_path, DataPathStep::Activated);
    }
}
