//! The two state machines of CMIS: of the module, and of each data path.

/// Module state machine (CMIS 00h:3.3-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ModuleState {
    /// Low power: lasers off, lane monitors not valid.
    LowPower,
    /// Powering up.
    PowerUp,
    /// Ready.
    Ready,
    /// Powering down.
    PowerDown,
    /// Fault.
    Fault,
    /// A reserved code, kept.
    Reserved(u8),
}

/// Data path state of a host lane (CMIS 11h:128-131).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DataPathState {
    /// Not configured or taken down.
    Deactivated,
    /// Initialising.
    Init,
    /// Deinitialising.
    Deinit,
    /// Carrying traffic.
    Activated,
    /// Turning the transmitter on.
    TxTurnOn,
    /// Turning the transmitter off.
    TxTurnOff,
    /// Configured, transmitter off.
    Initialized,
    /// A reserved code, kept.
    Reserved(u8),
}

impl ModuleState {
    /// The state for a code (CMIS 00h:3.3-1, Table 8-7 in 5.2).
    pub fn from_code(code: u8) -> Self {
        match code {
            1 => Self::LowPower,
            2 => Self::PowerUp,
            3 => Self::Ready,
            4 => Self::PowerDown,
            5 => Self::Fault,
            other => Self::Reserved(other),
        }
    }

    /// The word used in labels and JSON, or the number of a reserved state.
    pub fn name(self) -> Result<&'static str, u8> {
        match self {
            Self::LowPower => Ok("low_power"),
            Self::PowerUp => Ok("power_up"),
            Self::Ready => Ok("ready"),
            Self::PowerDown => Ok("power_down"),
            Self::Fault => Ok("fault"),
            Self::Reserved(code) => Err(code),
        }
    }
}

impl DataPathState {
    /// The state for a code (CMIS 11h:128-131, Table 8-76 in 5.2).
    pub fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Deactivated,
            2 => Self::Init,
            3 => Self::Deinit,
            4 => Self::Activated,
            5 => Self::TxTurnOn,
            6 => Self::TxTurnOff,
            7 => Self::Initialized,
            other => Self::Reserved(other),
        }
    }

    /// The word used in labels and JSON, or the number of a reserved state.
    pub fn name(self) -> Result<&'static str, u8> {
        match self {
            Self::Deactivated => Ok("deactivated"),
            Self::Init => Ok("init"),
            Self::Deinit => Ok("deinit"),
            Self::Activated => Ok("activated"),
            Self::TxTurnOn => Ok("tx_turn_on"),
            Self::TxTurnOff => Ok("tx_turn_off"),
            Self::Initialized => Ok("initialized"),
            Self::Reserved(code) => Err(code),
        }
    }
}
