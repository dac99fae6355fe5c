//! Capability and result pages of diagnostics (13h, 14h).
//!
//! CMIS 5.4 tables 8-111 to 8-139.

use crate::bus::address::Half;
use crate::sim::memory::Registers;

/// What a module can test and report.
#[derive(Debug, Clone, Copy)]
pub struct Diagnostics {
    /// 13h:128, loopbacks.
    pub loopbacks: u8,
    /// 13h:130: 5 media SNR, 4 host SNR, 1 counters, 0 error ratios.
    pub results: u8,
    /// 13h:131, two bits each: media generator and checker, host generator and
    /// checker.
    pub engines: u8,
}

/// PRBS31Q, PRBS23Q, PRBS15Q, PRBS13Q and SSPRQ.
const PATTERNS: u16 = 1 | 1 << 2 | 1 << 4 | 1 << 6 | 1 << 12;

/// Writes both pages in bank 0.
pub fn put_diagnostics(registers: &mut Registers, diagnostics: Diagnostics) {
    let capabilities = &mut registers.page(Half::page(0x13));
    capabilities
        .put_u8(128, diagnostics.loopbacks)
        .put_u8(130, diagnostics.results)
        .put_u8(131, diagnostics.engines)
        .fill(206, 213, 0xFF);
    // Pattern bitmaps are the one little-endian field of this page; each stands
    // for two bits of the engines byte, last field first.
    for (place, engine) in [(132, 2), (134, 6), (136, 0), (138, 4)] {
        if diagnostics.engines >> engine & 0b11 != 0 {
            capabilities.put_bytes(place, &PATTERNS.to_le_bytes());
        }
    }
    registers.page(Half::page(0x14));
}
