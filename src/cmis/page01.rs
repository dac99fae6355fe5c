//! Page 01h: what the module advertises (CMIS 5.4 Tables 8-44 to 8-62).

/// What a paged CMIS module says that it implements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advertisement {
    /// 01h:142 raw: supported pages and banks.
    pub pages: u8,
    /// 01h:155 raw: transmit controls.
    pub tx_controls: u8,
    /// 01h:157 raw: transmit flags.
    pub tx_flags: u8,
    /// 01h:158 raw: receive flags.
    pub rx_flags: u8,
    /// 01h:159 raw: module monitors.
    pub module_monitors: u8,
    /// 01h:160 raw: lane monitors and bias multiplier.
    pub lane_monitors: u8,
    /// 01h:161 raw: transmit signal integrity.
    pub tx_signal_integrity: u8,
    /// 01h:162 raw: receive signal integrity.
    pub rx_signal_integrity: u8,
    /// 01h:145 raw: characteristics (cooled, aux meanings, ...).
    pub characteristics: u8,
    /// Banks of eight lanes, 1 to 32 (01h:142.1-0, 01h:174.4-0).
    pub banks: u8,
}
