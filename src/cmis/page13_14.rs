//! Pages 13h and 14h: diagnostics (CMIS 5.4 Tables 8-111 to 8-139).

/// What page 13h says that the module can diagnose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiagnosticsCapability {
    /// 13h:128 raw: loopbacks.
    pub loopbacks: u8,
    /// 13h:130 raw: 7 media FEC, 6 host FEC, 5 media SNR, 4 host SNR, 1 counters, 0 BER.
    pub reporting: u8,
    /// 13h:131 raw: pattern engines; 7-6 media generator, 5-4 media checker,
    /// 3-2 host generator, 1-0 host checker.
    pub patterns: u8,
}
