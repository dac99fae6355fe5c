//! Page 01h: what the module advertises, with its revisions and the
//! applications 9 to 15 (CMIS 5.4 Tables 8-44 to 8-62). Reach and wavelength,
//! which stand on the same page, are in [`reach`]; which pages the module has, in
//! [`pages`].

mod fields;
pub mod pages;
pub mod reach;

pub use fields::FIELDS;

use super::always;
use super::lower::{self, Descriptor, Revision};
use super::page0c::PageMap;
use crate::bus::address::Device;
use crate::bus::read_plan::{Cadence, Group, Place};
use crate::bus::sheet::Sheet;
use crate::units::Celsius;

// Table 8-44: revisions.
const INACTIVE_FIRMWARE: u8 = 128;
const HARDWARE: u8 = 130;
// Table 8-47: pages and banks. Tables 8-57 to 8-59: more of them.
const PAGES: u8 = 142;
const MORE_PAGES: u8 = 173;
const LANE_PAGES: u8 = 174;
// Characteristics.
const CHARACTERISTICS: u8 = 145;
const MAX_CASE_TEMPERATURE: u8 = 146;
const MIN_CASE_TEMPERATURE: u8 = 147;
const PROPAGATION_DELAY: u8 = 148;
const DETECTOR: u8 = 151;
const CDR_POWER: u8 = 152;
const EQUALISERS: u8 = 153;
// Tables 8-50 to 8-54: controls, flags, monitors, signal integrity.
const TX_CONTROLS: u8 = 155;
const RX_CONTROLS: u8 = 156;
const TX_FLAGS: u8 = 157;
const RX_FLAGS: u8 = 158;
const MODULE_MONITORS: u8 = 159;
const LANE_MONITORS: u8 = 160;
const TX_SIGNAL_INTEGRITY: u8 = 161;
const RX_SIGNAL_INTEGRITY: u8 = 162;
// Table 8-55: CDB. Table 8-62: miscellany.
const CDB: u8 = 163;
const LPO_VERSIONS: u8 = 195;
const MISCELLANY: u8 = 251;
// Applications: where media lanes may start, and descriptors 9 to 15.
const MEDIA_STARTS: u8 = 176;
const DESCRIPTORS: u8 = 223;
// The checksum leaves the inactive firmware out.
const FIRST_SUMMED: u8 = 130;
const LAST_SUMMED: u8 = 254;
const CHECKSUM: u8 = 255;

/// 142.1-0 where the number of banks stands elsewhere or nowhere.
const BANKS_ELSEWHERE: u8 = 0b11;

/// All of page 01h.
pub const ADVERTISEMENT: Group<Advertisement> = Group {
    name: "advertisement",
    place: Place::Page(Device::A0, 0x01),
    first: INACTIVE_FIRMWARE,
    last: CHECKSUM,
    cadence: Cadence::Insertion,
    clears: false,
    gate: always,
};

/// Every register group of page 01h.
pub const GROUPS: &[Group<Advertisement>] = &[ADVERTISEMENT];

/// What a paged CMIS module says that it implements.
///
/// The bytes are kept as they stand, because they are evidence for the class;
/// the methods say what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advertisement {
    /// The revision by whose rules the bytes are read (00h:1).
    pub revision: Revision,
    /// Whether this is an external laser source, which has no lane pages.
    pub laser_source: bool,
    /// 01h:142 raw: supported pages and banks.
    pub pages: u8,
    /// 01h:145 raw: characteristics (cooled, aux meanings, ...).
    pub characteristics: u8,
    /// 01h:146-147 raw: highest and lowest case temperature.
    pub case_temperatures: [i8; 2],
    /// 01h:148-149 raw: propagation delay in 10 ns; 0 is unspecified.
    pub propagation_delay: u16,
    /// 01h:151 raw: detector, what receive power and loss of signal mean.
    pub detector: u8,
    /// 01h:152 raw: power saved for each bypassed CDR, in 0.01 W.
    pub cdr_power: u8,
    /// 01h:153 raw: receive amplitudes, longest transmit equaliser.
    pub equalisers: u8,
    /// 01h:155 raw: transmit controls.
    pub tx_controls: u8,
    /// 01h:156 raw: receive controls.
    pub rx_controls: u8,
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
    /// 01h:163 raw: CDB instances and modes.
    pub cdb: u8,
    /// 01h:173 raw: pages 0Ch to 0Fh (5.4).
    pub more_pages: u8,
    /// 01h:174 raw: pages 60h to 62h, number of banks (5.4).
    pub lane_pages: u8,
    /// 01h:195-196 raw: the vendor's; enhanced LPO versions where Arista's.
    pub lpo_versions: [u8; 2],
    /// 01h:251 raw: scratchpad, password, long reads (5.3 and later).
    pub miscellany: u8,
    /// Banks of eight lanes, 1 to 32 (01h:142.1-0, 01h:174.4-0).
    pub banks: u8,
    /// Whether an application has a coherent media interface.
    pub coherent_application: bool,
    /// Whether the vendor's bytes 01h:195-196 are those of enhanced LPO.
    pub enhanced_lpo: bool,
    /// The map of all pages on page 0Ch, where there is one (5.4).
    pub page_map: Option<PageMap>,
}

impl Default for Advertisement {
    /// What a module of one bank says that implements nothing optional.
    fn default() -> Self {
        let nothing = Sheet::full([0; 128]);
        Self::decode(&nothing, &nothing)
    }
}

/// What an auxiliary monitor observes (01h:145.2-0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuxMeaning {
    /// Thermo-electric cooler current.
    TecCurrent,
    /// Laser temperature.
    LaserTemperature,
    /// A second supply voltage.
    Supply,
    /// The vendor's own.
    Vendor,
}

impl Advertisement {
    /// Decodes [`ADVERTISEMENT`]; lower memory tells revision, kind of module and
    /// the first applications.
    ///
    /// What other pages add comes with [`Advertisement::of_vendor`] and
    /// [`Advertisement::with_page_map`].
    pub fn decode(page: &Sheet, lower: &Sheet) -> Self {
        let revision = lower::status(lower).revision;
        Self {
            revision,
            laser_source: lower::is_laser_source(lower),
            pages: page.u8(PAGES),
            characteristics: page.u8(CHARACTERISTICS),
            case_temperatures: [MAX_CASE_TEMPERATURE, MIN_CASE_TEMPERATURE]
                .map(|offset| page.u8(offset).cast_signed()),
            propagation_delay: page.u16(PROPAGATION_DELAY),
            detector: page.u8(DETECTOR),
            cdr_power: page.u8(CDR_POWER),
            equalisers: page.u8(EQUALISERS),
            tx_controls: page.u8(TX_CONTROLS),
            rx_controls: page.u8(RX_CONTROLS),
            tx_flags: page.u8(TX_FLAGS),
            rx_flags: page.u8(RX_FLAGS),
            module_monitors: page.u8(MODULE_MONITORS),
            lane_monitors: page.u8(LANE_MONITORS),
            tx_signal_integrity: page.u8(TX_SIGNAL_INTEGRITY),
            rx_signal_integrity: page.u8(RX_SIGNAL_INTEGRITY),
            cdb: page.u8(CDB),
            more_pages: page.u8(MORE_PAGES),
            lane_pages: page.u8(LANE_PAGES),
            lpo_versions: page.array(LPO_VERSIONS),
            miscellany: page.u8(MISCELLANY),
            banks: banks(page.u8(PAGES), page.u8(LANE_PAGES), revision),
            coherent_application: pages::any_coherent(page, lower),
            enhanced_lpo: false,
            page_map: None,
        }
    }

    /// Whether the code for the number of banks is one that the revision reserves.
    pub fn banks_are_reserved(&self) -> bool {
        self.pages & 0b11 == BANKS_ELSEWHERE && self.revision < Revision::V5_4
    }
}

/// Defines methods that tell one bit of a raw byte of [`Advertisement`].
macro_rules! bits {
    ($($(#[$meta:meta])* $name:ident: $byte:ident.$bit:literal;)*) => {
        impl Advertisement {
            $($(#[$meta])* pub const fn $name(&self) -> bool {
                self.$byte >> $bit & 1 == 1
            })*
        }
    };
}

bits! {
    /// Cooled transmitter (01h:145.7).
    cooled: characteristics.7;
    /// Receive power is average power and not OMA (01h:151.4).
    rx_power_is_average: detector.4;
    /// The host can disable transmitters (01h:155.1).
    tx_disable: tx_controls.1;
    /// Transmitter fault flag (01h:157.0).
    tx_fault_flag: tx_flags.0;
    /// Transmit loss of signal flag (01h:157.1).
    tx_los_flag: tx_flags.1;
    /// Transmit loss of lock flag (01h:157.2).
    tx_lol_flag: tx_flags.2;
    /// Adaptive transmit equaliser failure flag (01h:157.3).
    adaptive_eq_fail_flag: tx_flags.3;
    /// Receive loss of signal flag (01h:158.1).
    rx_los_flag: rx_flags.1;
    /// Receive loss of lock flag (01h:158.2).
    rx_lol_flag: rx_flags.2;
    /// Case temperature monitor (01h:159.0).
    temperature_monitor: module_monitors.0;
    /// Supply voltage monitor (01h:159.1).
    supply_monitor: module_monitors.1;
    /// Auxiliary monitor 1 (01h:159.2).
    aux1_monitor: module_monitors.2;
    /// Auxiliary monitor 2 (01h:159.3).
    aux2_monitor: module_monitors.3;
    /// Auxiliary monitor 3 (01h:159.4).
    aux3_monitor: module_monitors.4;
    /// The vendor's own monitor (01h:159.5).
    custom_monitor: module_monitors.5;
    /// Laser bias monitor (01h:160.0).
    tx_bias_monitor: lane_monitors.0;
    /// Transmit power monitor (01h:160.1).
    tx_power_monitor: lane_monitors.1;
    /// Receive power monitor (01h:160.2).
    rx_power_monitor: lane_monitors.2;
    /// Clock recovery in the transmit direction (01h:161.0).
    tx_cdr: tx_signal_integrity.0;
    /// Clock recovery in the receive direction (01h:162.0).
    rx_cdr: rx_signal_integrity.0;
    /// Adaptive transmit equaliser (01h:161.3).
    adaptive_eq: tx_signal_integrity.3;
}

impl Advertisement {
    /// Whether the transmit CDR can be bypassed (01h:161.1). Without a CDR the
    /// bit means nothing.
    pub const fn tx_cdr_bypass(&self) -> bool {
        self.tx_cdr() && self.tx_signal_integrity & 0b10 != 0
    }

    /// Whether the receive CDR can be bypassed (01h:162.1), likewise.
    pub const fn rx_cdr_bypass(&self) -> bool {
        self.rx_cdr() && self.rx_signal_integrity & 0b10 != 0
    }

    /// Whether reads of a whole page are promised (01h:251.1-0 = 10b, 5.3 and later).
    pub fn whole_page_reads(&self) -> bool {
        self.miscellany & 0b11 == 0b10 && self.revision >= Revision::V5_3
    }

    /// CDB instances, 0 to 2 (01h:163.7-6); the reserved code is none.
    pub const fn cdb_instances(&self) -> u8 {
        match self.cdb >> 6 {
            instances @ 0..=2 => instances,
            _ => 0,
        }
    }

    /// What laser bias and its thresholds are multiplied with (01h:160.4-3):
    /// 1, 2 or 4, or `None` for the reserved code.
    pub const fn bias_scale(&self) -> Option<u8> {
        match self.lane_monitors >> 3 & 0b11 {
            code @ 0..=2 => Some(1 << code),
            _ => None,
        }
    }

    /// What auxiliary monitor 1 observes (01h:145.0).
    pub const fn aux1_meaning(&self) -> AuxMeaning {
        match self.characteristics & 0b001 {
            0 => AuxMeaning::Vendor,
            _ => AuxMeaning::TecCurrent,
        }
    }

    /// What auxiliary monitor 2 observes (01h:145.1).
    pub const fn aux2_meaning(&self) -> AuxMeaning {
        match self.characteristics & 0b010 {
            0 => AuxMeaning::LaserTemperature,
            _ => AuxMeaning::TecCurrent,
        }
    }

    /// What auxiliary monitor 3 observes (01h:145.2).
    pub const fn aux3_meaning(&self) -> AuxMeaning {
        match self.characteristics & 0b100 {
            0 => AuxMeaning::LaserTemperature,
            _ => AuxMeaning::Supply,
        }
    }

    /// Highest and lowest case temperature (01h:146-147), or `None` where the
    /// module leaves them open by saying zero twice.
    pub fn case_temperature_range(&self) -> Option<[Celsius; 2]> {
        (self.case_temperatures != [0, 0])
            .then(|| self.case_temperatures.map(|t| Celsius::new(f64::from(t))))
    }
}

fn banks(pages: u8, lane_pages: u8, revision: Revision) -> u8 {
    match pages & 0b11 {
        BANKS_ELSEWHERE if revision >= Revision::V5_4 => (lane_pages & 0x1F) + 1,
        BANKS_ELSEWHERE => 1,
        code => 1 << code,
    }
}

/// Inactive firmware, major and minor. 0.0 is none, FFh.FFh a bad image.
pub fn inactive_firmware(page: &Sheet) -> [u8; 2] {
    page.array(INACTIVE_FIRMWARE)
}

/// Hardware revision, major and minor.
pub fn hardware_revision(page: &Sheet) -> [u8; 2] {
    page.array(HARDWARE)
}

/// Application descriptors 9 to 15, unused ones included.
pub fn applications(page: &Sheet) -> [Descriptor; 7] {
    [0, 1, 2, 3, 4, 5, 6].map(|index| Descriptor::of(page, DESCRIPTORS, index))
}

/// Where each of the 15 applications may start: bit k is media lane k + 1.
pub fn media_starts(page: &Sheet) -> [u8; 15] {
    page.array(MEDIA_STARTS)
}

/// Whether the checksum fits the bytes 130 to 254.
pub fn checksum_is_good(page: &Sheet) -> bool {
    page.sum(FIRST_SUMMED, LAST_SUMMED) == page.u8(CHECKSUM)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(parts: &[(u8, &[u8])]) -> Sheet {
        let mut sheet = Sheet::full([0; 128]);
        for (first, bytes) in parts {
            sheet.put(*first, bytes);
        }
        sheet
    }

    fn lower_of(revision: u8) -> Sheet {
        page(&[(0, &[0x19, revision])])
    }

    /// A retimed 800G module with VDM, diagnostics and a cooled laser.
    fn retimed() -> Sheet {
        page(&[
            (128, &[2, 10, 1, 0]),
            (142, &[0x64]),
            (145, &[0x87, 0x46, 0xFB]),
            (155, &[0x42, 0x00, 0x0F, 0x06, 0x1F, 0x0F, 0x03, 0x01, 0x80]),
        ])
    }

    #[test]
    fn a_retimed_module() {
        let page = retimed();
        let says = Advertisement::decode(&page, &lower_of(0x50));
        assert!(says.vdm_pages() && says.diagnostics_pages() && says.tunable());
        assert!(says.tx_cdr() && says.rx_cdr());
        assert!(says.tx_cdr_bypass() && !says.rx_cdr_bypass());
        assert!(says.tx_lol_flag() && says.rx_lol_flag() && says.adaptive_eq_fail_flag());
        assert!(says.cooled() && !says.latency_page());
        assert_eq!(says.aux1_meaning(), AuxMeaning::TecCurrent);
        assert_eq!(says.aux2_meaning(), AuxMeaning::TecCurrent);
        assert_eq!(says.aux3_meaning(), AuxMeaning::Supply);
        assert_eq!(says.bias_scale(), Some(2));
        assert_eq!(says.cdb_instances(), 2);
        assert_eq!(says.banks, 1);
        let range = says.case_temperature_range().unwrap();
        assert_eq!(range.map(Celsius::celsius), [70.0, -5.0]);
        assert_eq!(inactive_firmware(&page), [2, 10]);
        assert_eq!(hardware_revision(&page), [1, 0]);
    }

    #[test]
    fn zeros_advertise_nothing() {
        let zeros = Sheet::full([0; 128]);
        let says = Advertisement::decode(&zeros, &zeros);
        assert_eq!(says, Advertisement::default());
        assert_eq!(says.banks, 1);
        assert_eq!(says.bias_scale(), Some(1));
        assert!(!says.vdm_pages() && !says.tx_cdr() && !says.temperature_monitor());
        assert_eq!(says.aux1_meaning(), AuxMeaning::Vendor);
        assert_eq!(says.case_temperature_range(), None);
        assert!(checksum_is_good(&zeros));
    }

    #[test]
    fn ones_decode_to_what_they_are() {
        let ones = Sheet::full([0xFF; 128]);
        let says = Advertisement::decode(&ones, &ones);
        assert_eq!(says.banks, 32);
        assert_eq!(says.bias_scale(), None);
        assert_eq!(says.cdb_instances(), 0);
        assert!(!says.whole_page_reads());
        assert_eq!(applications(&ones)[6].host_code, Descriptor::END);
        assert_eq!(media_starts(&ones), [0xFF; 15]);
    }

    #[test]
    fn the_code_for_banks_depends_on_the_revision() {
        let with = |pages, lane_pages, revision| {
            let page = page(&[(142, &[pages]), (174, &[lane_pages])]);
            Advertisement::decode(&page, &lower_of(revision))
        };
        assert_eq!(with(0b00, 0, 0x40).banks, 1);
        assert_eq!(with(0b01, 0, 0x50).banks, 2);
        assert_eq!(with(0b10, 0, 0x53).banks, 4);
        assert_eq!(with(0b11, 0x07, 0x53).banks, 1);
        assert!(with(0b11, 0x07, 0x53).banks_are_reserved());
        assert_eq!(with(0b11, 0xE7, 0x54).banks, 8);
        assert!(!with(0b11, 0xE7, 0x54).banks_are_reserved());
    }

    #[test]
    fn bits_that_came_with_a_revision_mean_nothing_before_it() {
        let page = page(&[(142, &[0x10]), (251, &[0x02])]);
        let old = Advertisement::decode(&page, &lower_of(0x52));
        assert!(!old.coherent_pages() && !old.whole_page_reads());
        let new = Advertisement::decode(&page, &lower_of(0x53));
        assert!(new.coherent_pages() && new.whole_page_reads());
    }

    #[test]
    fn the_checksum_leaves_the_inactive_firmware_out() {
        let mut page = retimed();
        let sum = page.sum(130, 254);
        page.put(255, &[sum]);
        assert!(checksum_is_good(&page));
        page.put(128, &[9, 9]);
        assert!(checksum_is_good(&page));
        page.put(130, &[9]);
        assert!(!checksum_is_good(&page));
    }
}
