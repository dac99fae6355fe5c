//! Multimode fibre interface codes (SFF-8024 Table 4-6, up to revision 4.14).

use super::standard::{BIDI_MSA, CMIS, IEEE, NRZ, PAM4, SFF, SWDM_MSA, T11, VENDOR_MSA};
use super::{Interface, Kind, row};

/// Multimode media interfaces, by rising code.
// One row a line, as in the standard: wrapped, the table could not be compared by eye.
#[rustfmt::skip]
pub(super) static MMF: [Interface; 38] = [
    row(0x00, "Undefined", SFF, Kind::None),
    row(0x01, "10GBASE-SW", IEEE, Kind::DirectDetect).rate(9.95328, 1, 9.95328, 9.95328, NRZ).reach(400.0),
    row(0x02, "10GBASE-SR", IEEE, Kind::DirectDetect).rate(10.3125, 1, 10.3125, 10.3125, NRZ).reach(400.0),
    row(0x03, "25GBASE-SR", IEEE, Kind::DirectDetect).rate(25.78125, 1, 25.78125, 25.78125, NRZ).reach(100.0),
    row(0x04, "40GBASE-SR4", IEEE, Kind::DirectDetect).rate(41.25, 4, 10.3125, 10.3125, NRZ).reach(150.0),
    row(0x05, "40GE SWDM4", SWDM_MSA, Kind::DirectDetect).rate(41.25, 4, 10.3125, 10.3125, NRZ).reach(440.0),
    row(0x06, "40GE BiDi", VENDOR_MSA, Kind::DirectDetect).rate(41.25, 2, 20.625, 20.625, NRZ).reach(200.0),
    row(0x07, "50GBASE-SR", IEEE, Kind::DirectDetect).rate(53.125, 1, 53.125, 26.5625, PAM4).reach(100.0),
    row(0x08, "100GBASE-SR10", IEEE, Kind::DirectDetect).rate(103.125, 10, 10.3125, 10.3125, NRZ).reach(150.0),
    row(0x09, "100GBASE-SR4", IEEE, Kind::DirectDetect).rate(103.125, 4, 25.78125, 25.78125, NRZ).reach(100.0),
    row(0x0A, "100GE SWDM4", SWDM_MSA, Kind::DirectDetect).rate(103.125, 4, 25.78125, 25.78125, NRZ).reach(150.0),
    row(0x0B, "100GE BiDi", VENDOR_MSA, Kind::DirectDetect).rate(106.25, 2, 53.125, 26.5625, PAM4).reach(150.0),
    row(0x0C, "100GBASE-SR2", IEEE, Kind::DirectDetect).rate(106.25, 2, 53.125, 26.5625, PAM4).reach(100.0),
    row(0x0D, "100GBASE-SR1", IEEE, Kind::DirectDetect).rate(106.25, 1, 106.25, 53.125, PAM4).reach(100.0),
    row(0x0E, "200GBASE-SR4", IEEE, Kind::DirectDetect).rate(212.5, 4, 53.125, 26.5625, PAM4).reach(100.0),
    row(0x0F, "400GBASE-SR16", IEEE, Kind::DirectDetect).rate(425.0, 16, 26.5625, 26.5625, NRZ).reach(100.0),
    row(0x10, "400GBASE-SR8", IEEE, Kind::DirectDetect).rate(425.0, 8, 53.125, 26.5625, PAM4).reach(100.0),
    row(0x11, "400GBASE-SR4", IEEE, Kind::DirectDetect).rate(425.0, 4, 106.25, 53.125, PAM4).reach(100.0),
    row(0x12, "800GBASE-SR8", IEEE, Kind::DirectDetect).rate(850.0, 8, 106.25, 53.125, PAM4).reach(100.0),
    row(0x13, "8GFC-MM (FC-PI-4)", T11, Kind::Other).rate(8.5, 1, 8.5, 8.5, NRZ).reach(190.0),
    row(0x14, "10GFC-MM", T11, Kind::Other).rate(10.51875, 1, 10.51875, 10.51875, NRZ).reach(300.0),
    row(0x15, "16GFC-MM (FC-PI-5)", T11, Kind::Other).rate(14.025, 1, 14.025, 14.025, NRZ).reach(125.0),
    row(0x16, "32GFC-MM (FC-PI-6)", T11, Kind::Other).rate(28.05, 1, 28.05, 28.05, NRZ).reach(100.0),
    row(0x17, "64GFC-MM (FC-PI-7)", T11, Kind::Other).rate(57.8, 1, 57.8, 28.9, PAM4).reach(100.0),
    row(0x18, "128GFC-MM4 (FC-PI-6P)", T11, Kind::Other).rate(112.2, 4, 28.05, 28.05, NRZ).reach(100.0),
    row(0x19, "256GFC-MM4 (FC-PI-7P)", T11, Kind::Other).rate(231.2, 4, 57.8, 28.9, PAM4).reach(100.0),
    row(0x1A, "400GBASE-SR4.2 (400GE BiDi)", IEEE, Kind::DirectDetect).rate(425.0, 8, 53.125, 26.5625, PAM4).reach(150.0),
    row(0x1B, "200GBASE-SR2", IEEE, Kind::DirectDetect).rate(212.5, 2, 106.25, 53.125, PAM4).reach(100.0),
    row(0x1C, "128GFC-MM (FC-PI-8)", T11, Kind::Other).rate(112.2, 1, 112.2, 56.1, PAM4),
    row(0x1D, "100GBASE-VR1", IEEE, Kind::DirectDetect).rate(106.25, 1, 106.25, 53.125, PAM4).reach(50.0),
    row(0x1E, "200GBASE-VR2", IEEE, Kind::DirectDetect).rate(212.5, 2, 106.25, 53.125, PAM4).reach(50.0),
    row(0x1F, "400GBASE-VR4", IEEE, Kind::DirectDetect).rate(425.0, 4, 106.25, 53.125, PAM4).reach(50.0),
    row(0x20, "800GBASE-VR8", IEEE, Kind::DirectDetect).rate(850.0, 8, 106.25, 53.125, PAM4).reach(50.0),
    row(0x21, "800G-VR4.2", BIDI_MSA, Kind::DirectDetect).rate(850.0, 8, 106.25, 53.125, PAM4),
    row(0x22, "800G-SR4.2", BIDI_MSA, Kind::DirectDetect).rate(850.0, 8, 106.25, 53.125, PAM4),
    row(0x23, "1.6T-VR8.2", BIDI_MSA, Kind::DirectDetect).rate(1700.0, 16, 106.25, 53.125, PAM4),
    row(0x24, "1.6T-SR8.2", BIDI_MSA, Kind::DirectDetect).rate(1700.0, 16, 106.25, 53.125, PAM4),
    row(0xBE, "Interface UID escape", CMIS, Kind::None),
];
