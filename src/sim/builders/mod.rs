//! Simulated modules by family, one file each: the registers that such a module
//! shows, laid out from the specifications, and the life it leads.

use super::module::SimModule;

pub mod aec_800g;
pub mod cmis_pages;
pub mod cpo_32_lane;
pub mod dac_400g;
pub mod diagnostics_pages;
pub mod dsp_800g;
pub mod lpo_800g;
pub mod lro_800g;
pub mod qsfp28_cwdm4;
pub mod sfp28_lr;
pub mod vdm_pages;

pub use aec_800g::aec_800g;
pub use cpo_32_lane::cpo_32_lane;
pub use dac_400g::dac_400g;
pub use dsp_800g::dsp_800g;
pub use lpo_800g::{lpo_800g, lpo_800g_enhanced, lpo_800g_hollow};
pub use lro_800g::lro_800g;
pub use qsfp28_cwdm4::qsfp28_cwdm4;
pub use sfp28_lr::sfp28_lr;

/// What is printed on a module. Text is bytes: a module may hold any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nameplate {
    /// Maker, up to 16 bytes.
    pub vendor: Vec<u8>,
    /// The maker's IEEE number.
    pub oui: [u8; 3],
    /// Part number, up to 16 bytes.
    pub part_number: Vec<u8>,
    /// Revision of the part, up to 2 bytes.
    pub revision: Vec<u8>,
    /// Serial number, up to 16 bytes.
    pub serial: Vec<u8>,
    /// Date as YYMMDD and two bytes of lot.
    pub date_code: Vec<u8>,
}

impl Nameplate {
    /// A nameplate with revision, number and date filled in.
    pub fn new(vendor: &str, part_number: &str, serial: &str) -> Self {
        Self {
            vendor: vendor.into(),
            oui: [0x00, 0x1B, 0xC5],
            part_number: part_number.into(),
            revision: b"A1".into(),
            serial: serial.into(),
            date_code: b"26030100".into(),
        }
    }

    /// The same with another maker, any bytes.
    pub fn with_vendor(mut self, vendor: &[u8]) -> Self {
        self.vendor = vendor.into();
        self
    }

    /// A seed for the module's noise: its serial number (FNV-1a).
    pub(super) fn seed(&self) -> u64 {
        self.serial
            .iter()
            .fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
            })
    }
}

/// Every name that [`by_name`] knows.
pub const NAMES: &[&str] = crate::names::SIMULATED;

/// A module of the family with this name, or `None` for a name that is not in
/// [`NAMES`]. `serial` is also the seed of its noise.
pub fn by_name_with_serial(name: &str, serial: &str) -> Option<SimModule> {
    let plate = |part_number| Nameplate::new("OPTICSD SIM", part_number, serial);
    Some(match name {
        "dsp-800g" => dsp_800g(&plate("SIM-800G-2FR4"), dsp_800g::Optics::TwoFr4),
        "dsp-800g-dr8" => dsp_800g(&plate("SIM-800G-DR8"), dsp_800g::Optics::Dr8),
        "lpo-800g" => lpo_800g(&plate("SIM-800G-LINEAR")),
        "lpo-800g-enhanced" => lpo_800g_enhanced(&plate("SIM-800G-LIN-E")),
        "lpo-800g-hollow" => lpo_800g_hollow(&plate("SIM-800G-LIN-H")),
        "lro-800g" => lro_800g(&plate("SIM-800G-RTLR")),
        "dac-400g" => dac_400g(&plate("SIM-400G-CR8-2M")),
        "aec-800g" => aec_800g(&plate("SIM-800G-AEC-3M")),
        "qsfp28" => qsfp28_cwdm4(&plate("SIM-100G-CWDM4")),
        "sfp28" => sfp28_lr(&plate("SIM-25G-LR")),
        "cpo-32" => cpo_32_lane(&plate("SIM-6T4-ENGINE")),
        _ => return None,
    })
}

/// A module of the family with this name and a serial number of its own name.
pub fn by_name(name: &str) -> Option<SimModule> {
    by_name_with_serial(name, &format!("SIM-{}", name.to_ascii_uppercase()))
}

#[cfg(test)]
mod tests;
