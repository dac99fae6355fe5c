//! The bodies whose standards the tables name, and the two line codes that
//! most rows use: written once, so that one body has one spelling.

pub(super) const CMIS: &str = "OIF CMIS 5.4";
pub(super) const CPRI: &str = "CPRI";
pub(super) const ETC: &str = "Ethernet Technology Consortium";
pub(super) const G709_3: &str = "ITU-T OTN G.709.3";
pub(super) const BIDI_MSA: &str = "Terabit BiDi MSA";
pub(super) const IBTA: &str = "InfiniBand (IBTA)";
pub(super) const IEEE: &str = "IEEE 802.3";
pub(super) const LAMBDA_MSA: &str = "100G Lambda MSA";
pub(super) const LPO_MSA: &str = "LPO MSA";
pub(super) const MSA: &str = "MSA";
pub(super) const OIF: &str = "OIF";
pub(super) const OIF_400ZR: &str = "OIF 400ZR";
pub(super) const OIF_800ZR: &str = "OIF 800ZR";
pub(super) const OPEN_ROADM: &str = "Open ROADM MSA";
pub(super) const OPEN_XR: &str = "Open XR Optics Forum";
pub(super) const OPEN_ZR: &str = "OpenZR+ MSA";
pub(super) const OTN: &str = "ITU-T OTN";
pub(super) const PCI_SIG: &str = "PCI-SIG";
pub(super) const SFF: &str = "SFF";
pub(super) const SWDM_MSA: &str = "SWDM MSA";
pub(super) const T11: &str = "INCITS T11 Fibre Channel";
pub(super) const VENDOR: &str = "vendor";
pub(super) const VENDOR_MSA: &str = "vendor/MSA";

/// Two levels, one bit a symbol.
pub(super) const NRZ: &str = "NRZ";
/// Four levels, two bits a symbol.
pub(super) const PAM4: &str = "PAM4";
