//! Page 11h: state, latched flags, monitors and active configuration of each
//! lane of a bank (CMIS 5.4 Tables 8-93 to 8-106).

use super::page01::Advertisement;
use super::{has_lanes, scale};
use crate::bus::field::{Bits, Field, Form, bit, bits};
use crate::bus::read_plan::{Cadence, Group, Place};
use crate::bus::sheet::Sheet;
use crate::units::{Amperes, Watts};

/// Lanes of a bank.
pub const LANES: u8 = 8;

// Tables 8-93 and 8-94: data path states, half a byte for each host lane.
const STATES: u8 = 128;
// Tables 8-97 and 8-98: latched flags, a bitmap of lanes for each.
const STATE_CHANGED: u8 = 134;
const TX_FAULT: u8 = 135;
const TX_LOS: u8 = 136;
const TX_LOL: u8 = 137;
const ADAPTIVE_EQ_FAIL: u8 = 138;
const TX_POWER_LEVELS: u8 = 139;
const TX_BIAS_LEVELS: u8 = 143;
const RX_LOS: u8 = 147;
const RX_LOL: u8 = 148;
const RX_POWER_LEVELS: u8 = 149;
const RX_OUTPUT_CHANGED: u8 = 153;
// Table 8-99: monitors, a word for each media lane.
const TX_POWER: u8 = 154;
const TX_BIAS: u8 = 170;
const RX_POWER: u8 = 186;
const WORD_LENGTH: u8 = 2;
// Tables 8-101 to 8-106: configuration status and the active control set.
const CONFIGURATION_STATUS: u8 = 202;
const ACTIVE_CONFIGURATION: u8 = 206;
const TX_EQ_ADAPTIVE: u8 = 214;
const TX_EQ: u8 = 217;
const TX_CDR_ENABLED: u8 = 221;
const RX_CDR_ENABLED: u8 = 222;
const RX_PRE_CURSOR: u8 = 223;
const RX_POST_CURSOR: u8 = 227;
const RX_AMPLITUDE: u8 = 231;
// Where each media lane leaves and enters the module.
const TX_POSITIONS: u8 = 240;
const RX_POSITIONS: u8 = 248;

const fn lanes(name: &'static str, first: u8, last: u8, cadence: Cadence) -> Group<Advertisement> {
    Group {
        name,
        place: Place::EveryBank(0x11),
        first,
        last,
        cadence,
        clears: false,
        gate: has_lanes,
    }
}

/// Data path states and output status.
pub const STATE: Group<Advertisement> = lanes("data path states", STATES, 133, Cadence::Fast);
/// Latched lane flags: reading clears them.
pub const FLAGS: Group<Advertisement> = Group {
    clears: true,
    ..lanes(
        "lane flags",
        STATE_CHANGED,
        RX_OUTPUT_CHANGED,
        Cadence::OnFlag,
    )
};
/// Optical powers and laser bias.
pub const MONITORS: Group<Advertisement> = Group {
    gate: has_lane_monitors,
    ..lanes("lane monitors", TX_POWER, 201, Cadence::Fast)
};
/// Configuration status and the active control set.
pub const ACTIVE: Group<Advertisement> = lanes(
    "active configuration",
    CONFIGURATION_STATUS,
    235,
    Cadence::Slow,
);
/// Wavelength and fibre of each media lane.
pub const MEDIA_MAP: Group<Advertisement> =
    lanes("media lane map", TX_POSITIONS, 255, Cadence::Insertion);

/// Every register group of page 11h.
pub const GROUPS: &[Group<Advertisement>] = &[STATE, FLAGS, MONITORS, ACTIVE, MEDIA_MAP];

/// The names of all of page 11h.
pub const FIELDS: &[Field] = &[
    Field::new(STATES, 131, "data path states, lanes", Form::HalfBytes).eights_from(1),
    Field::lanes(132, "rx output valid"),
    Field::lanes(133, "tx output valid"),
    Field::lanes(STATE_CHANGED, "data path state changed"),
    Field::lanes(TX_FAULT, "tx fault"),
    Field::lanes(TX_LOS, "tx loss of signal"),
    Field::lanes(TX_LOL, "tx loss of lock"),
    Field::lanes(ADAPTIVE_EQ_FAIL, "tx adaptive equaliser failed"),
    Field::new(TX_POWER_LEVELS, 142, "tx power flags,", Form::Lanes).levels(),
    Field::new(TX_BIAS_LEVELS, 146, "tx bias flags,", Form::Lanes).levels(),
    Field::lanes(RX_LOS, "rx loss of signal"),
    Field::lanes(RX_LOL, "rx loss of lock"),
    Field::new(RX_POWER_LEVELS, 152, "rx power flags,", Form::Lanes).levels(),
    Field::lanes(RX_OUTPUT_CHANGED, "rx output changed"),
    Field::new(TX_POWER, 169, "tx power of lane", Form::OpticalPower).each(WORD_LENGTH),
    Field::new(
        TX_BIAS,
        185,
        "tx bias, before the multiplier, of lane",
        Form::Bias,
    )
    .each(WORD_LENGTH),
    Field::new(RX_POWER, 201, "rx power of lane", Form::OpticalPower).each(WORD_LENGTH),
    Field::new(
        CONFIGURATION_STATUS,
        205,
        "configuration status, lanes",
        Form::HalfBytes,
    )
    .eights_from(1),
    Field::new(
        ACTIVE_CONFIGURATION,
        213,
        "active data path of lane",
        Form::Bits(DATA_PATH),
    )
    .each(1),
    Field::lanes(TX_EQ_ADAPTIVE, "tx adaptive equaliser on"),
    Field::new(215, 216, "tx equaliser recalled", Form::Bytes),
    Field::new(TX_EQ, 220, "tx equaliser, lanes", Form::HalfBytes).eights_from(1),
    Field::lanes(TX_CDR_ENABLED, "tx CDR on"),
    Field::lanes(RX_CDR_ENABLED, "rx CDR on"),
    Field::new(RX_PRE_CURSOR, 226, "rx pre-cursor, lanes", Form::HalfBytes).eights_from(1),
    Field::new(
        RX_POST_CURSOR,
        230,
        "rx post-cursor, lanes",
        Form::HalfBytes,
    )
    .eights_from(1),
    Field::new(RX_AMPLITUDE, 234, "rx amplitude, lanes", Form::HalfBytes).eights_from(1),
    Field::lanes(235, "initialisation pending"),
    Field::reserved(236, 239),
    Field::new(
        TX_POSITIONS,
        247,
        "tx position of media lane",
        Form::Bits(POSITION),
    )
    .each(1),
    Field::new(
        RX_POSITIONS,
        255,
        "rx position of media lane",
        Form::Bits(POSITION),
    )
    .each(1),
];

/// How the data path configuration of a lane reads (Table 8-91).
pub(super) const DATA_PATH: &[Bits] = &[
    bits(7, 4, "application"),
    bits(3, 1, "first lane less one"),
    bit(0, "explicit control"),
];
/// How the position of a media lane reads.
const POSITION: &[Bits] = &[bits(7, 4, "wavelength"), bits(3, 0, "fibre")];

fn has_lane_monitors(advertisement: &Advertisement) -> bool {
    has_lanes(advertisement)
        && (advertisement.tx_power_monitor()
            || advertisement.tx_bias_monitor()
            || advertisement.rx_power_monitor())
}

/// Lane `lane` (from 0) of an array of half bytes.
fn nibble(page: &Sheet, array: u8, lane: u8) -> u8 {
    let pair = page.u8(array.saturating_add(lane / 2));
    if lane.is_multiple_of(2) {
        pair & 0x0F
    } else {
        pair >> 4
    }
}

/// Lane `lane` (from 0) of an array of words.
fn word(page: &Sheet, array: u8, lane: u8) -> u16 {
    page.u16(array.saturating_add(lane.saturating_mul(WORD_LENGTH)))
}

/// The data path state code of a host lane (0 to 7 in its bank).
pub fn state(page: &Sheet, lane: u8) -> u8 {
    nibble(page, STATES, lane)
}

/// Latched flags of one lane. Four flags are high alarm, low alarm, high
/// warning, low warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags {
    /// The data path state changed (host lane).
    pub state_changed: bool,
    /// Transmitter fault (media lane).
    pub tx_fault: bool,
    /// Loss of the signal from the host (host lane).
    pub tx_los: bool,
    /// Loss of lock on it (host lane).
    pub tx_lol: bool,
    /// The adaptive input equaliser failed (host lane).
    pub adaptive_eq_fail: bool,
    /// Transmit power (media lane).
    pub tx_power: [bool; 4],
    /// Laser bias (media lane).
    pub tx_bias: [bool; 4],
    /// Loss of the optical signal (media lane).
    pub rx_los: bool,
    /// Loss of lock on it (media lane).
    pub rx_lol: bool,
    /// Receive power (media lane).
    pub rx_power: [bool; 4],
    /// The receive output status changed (host lane; CMIS 5.0 and later).
    pub rx_output_changed: bool,
}

/// Decodes [`FLAGS`] for one lane (0 to 7 in its bank).
pub fn flags(page: &Sheet, lane: u8) -> Flags {
    let flag = |byte| page.bit(byte, lane);
    let levels = |first: u8| [0, 1, 2, 3].map(|level| page.bit(first + level, lane));
    Flags {
        state_changed: flag(STATE_CHANGED),
        tx_fault: flag(TX_FAULT),
        tx_los: flag(TX_LOS),
        tx_lol: flag(TX_LOL),
        adaptive_eq_fail: flag(ADAPTIVE_EQ_FAIL),
        tx_power: levels(TX_POWER_LEVELS),
        tx_bias: levels(TX_BIAS_LEVELS),
        rx_los: flag(RX_LOS),
        rx_lol: flag(RX_LOL),
        rx_power: levels(RX_POWER_LEVELS),
        rx_output_changed: flag(RX_OUTPUT_CHANGED),
    }
}

/// Optical transmit power of a media lane (0 to 7 in its bank).
pub fn tx_power(page: &Sheet, lane: u8) -> Watts {
    scale::optical_power(word(page, TX_POWER, lane))
}

/// Laser bias of a media lane, with the multiplier that page 01h gives.
pub fn tx_bias(page: &Sheet, lane: u8, multiplier: u8) -> Amperes {
    scale::bias(word(page, TX_BIAS, lane), multiplier)
}

/// Optical receive power of a media lane: average or OMA, page 01h tells.
pub fn rx_power(page: &Sheet, lane: u8) -> Watts {
    scale::optical_power(word(page, RX_POWER, lane))
}

/// What is in force on one host lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Active {
    /// How the last configuration ended; 0 undefined, 1 success, 12 in progress.
    pub configuration_status: u8,
    /// The application (AppSel), 0 is none.
    pub application: u8,
    /// The first lane of the data path, from 0.
    pub data_path: u8,
    /// Whether the transmit CDR is on.
    pub tx_cdr_enabled: bool,
    /// Whether the receive CDR is on.
    pub rx_cdr_enabled: bool,
}

/// Decodes [`ACTIVE`] for one host lane (0 to 7 in its bank).
pub fn active(page: &Sheet, lane: u8) -> Active {
    let configuration = page.u8(ACTIVE_CONFIGURATION.saturating_add(lane));
    Active {
        configuration_status: nibble(page, CONFIGURATION_STATUS, lane),
        application: configuration >> 4,
        data_path: configuration >> 1 & 7,
        tx_cdr_enabled: page.bit(TX_CDR_ENABLED, lane),
        rx_cdr_enabled: page.bit(RX_CDR_ENABLED, lane),
    }
}

/// How the electrical side of one host lane is set, as register codes
/// (CMIS 5.2 Tables 8-104 to 8-106).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Whether the transmit input equaliser adapts by itself.
    pub tx_eq_adaptive: bool,
    /// The transmit input equaliser where it does not.
    pub tx_eq: u8,
    /// Receive output pre-cursor.
    pub rx_pre_cursor: u8,
    /// Receive output post-cursor.
    pub rx_post_cursor: u8,
    /// Receive output amplitude.
    pub rx_amplitude: u8,
}

impl Settings {
    /// The codes in the order of the fields, the flag as 0 or 1.
    pub fn to_array(self) -> [u8; 5] {
        [
            u8::from(self.tx_eq_adaptive),
            self.tx_eq,
            self.rx_pre_cursor,
            self.rx_post_cursor,
            self.rx_amplitude,
        ]
    }

    /// The settings of such codes.
    pub fn from_array([adaptive, tx_eq, pre, post, amplitude]: [u8; 5]) -> Self {
        Self {
            tx_eq_adaptive: adaptive != 0,
            tx_eq,
            rx_pre_cursor: pre,
            rx_post_cursor: post,
            rx_amplitude: amplitude,
        }
    }
}

/// Decodes the settings of [`ACTIVE`] for one host lane (0 to 7 in its bank).
pub fn settings(page: &Sheet, lane: u8) -> Settings {
    Settings {
        tx_eq_adaptive: page.bit(TX_EQ_ADAPTIVE, lane),
        tx_eq: nibble(page, TX_EQ, lane),
        rx_pre_cursor: nibble(page, RX_PRE_CURSOR, lane),
        rx_post_cursor: nibble(page, RX_POST_CURSOR, lane),
        rx_amplitude: nibble(page, RX_AMPLITUDE, lane),
    }
}

/// Where a media lane meets the fibre; 0 is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaPosition {
    /// The wavelength, 1 to 8.
    pub wavelength: u8,
    /// The fibre, 1 to 8.
    pub fiber: u8,
}

/// Decodes [`MEDIA_MAP`] for one media lane (0 to 7 in its bank): where it
/// leaves the module, and where it comes in.
pub fn media_positions(page: &Sheet, lane: u8) -> [MediaPosition; 2] {
    [TX_POSITIONS, RX_POSITIONS].map(|array| {
        let position = page.u8(array.saturating_add(lane));
        MediaPosition {
            wavelength: position >> 4,
            fiber: position & 0x0F,
        }
    })
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

    #[test]
    fn lane_one_is_the_low_half_of_the_first_byte() {
        let page = page(&[(128, &[0x14, 0x32, 0x54, 0x76])]);
        let states: Vec<u8> = (0..LANES).map(|lane| state(&page, lane)).collect();
        assert_eq!(states, [4, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn each_flag_byte_is_a_bitmap_of_lanes() {
        for byte in 134..=153 {
            for lane in 0..LANES {
                let page = page(&[(byte, &[1 << lane])]);
                for other in 0..LANES {
                    let told = flags(&page, other);
                    let mut raised = vec![
                        told.state_changed,
                        told.tx_fault,
                        told.tx_los,
                        told.tx_lol,
                        told.adaptive_eq_fail,
                    ];
                    raised.extend(told.tx_power);
                    raised.extend(told.tx_bias);
                    raised.extend([told.rx_los, told.rx_lol]);
                    raised.extend(told.rx_power);
                    raised.push(told.rx_output_changed);
                    for (index, flag) in raised.into_iter().enumerate() {
                        let expected = other == lane && index == usize::from(byte - 134);
                        assert_eq!(flag, expected, "byte {byte} lane {lane}");
                    }
                }
            }
        }
    }

    #[test]
    fn monitors_of_the_second_lane() {
        let page = page(&[
            (156, &[0x27, 0x10]),
            (172, &[0x61, 0xA8]),
            (188, &[0x13, 0x94]),
        ]);
        assert!((tx_power(&page, 1).watts() - 1e-3).abs() < 1e-12);
        assert!((tx_bias(&page, 1, 1).amperes() - 0.05).abs() < 1e-12);
        assert!((tx_bias(&page, 1, 4).amperes() - 0.2).abs() < 1e-12);
        assert!((rx_power(&page, 1).watts() - 501.2e-6).abs() < 1e-12);
        assert_eq!(tx_power(&page, 0), Watts::new(0.0));
    }

    #[test]
    fn the_active_set_of_the_last_lane() {
        let page = page(&[(205, &[0xC0]), (213, &[0x28]), (221, &[0x80, 0x7F])]);
        let told = active(&page, 7);
        assert_eq!(told.configuration_status, 0x0C);
        assert_eq!((told.application, told.data_path), (2, 4));
        assert!(told.tx_cdr_enabled && !told.rx_cdr_enabled);
    }

    #[test]
    fn the_media_map_of_the_third_lane() {
        let page = page(&[(242, &[0x31]), (250, &[0x14])]);
        let [tx, rx] = media_positions(&page, 2);
        assert_eq!((tx.wavelength, tx.fiber), (3, 1));
        assert_eq!((rx.wavelength, rx.fiber), (1, 4));
    }

    #[test]
    fn zeros_and_ones_decode_to_what_they_are() {
        let zeros = Sheet::full([0; 128]);
        assert_eq!(state(&zeros, 7), 0);
        assert!(!flags(&zeros, 7).rx_los);
        assert_eq!(active(&zeros, 0).application, 0);
        let ones = Sheet::full([0xFF; 128]);
        assert_eq!(state(&ones, 7), 15);
        assert!(flags(&ones, 0).rx_los);
        assert!((rx_power(&ones, 7).watts() - 6.5535e-3).abs() < 1e-9);
        assert_eq!(active(&ones, 7).application, 15);
    }

    #[test]
    fn a_module_without_lane_monitors_is_not_asked_for_them() {
        let mut says = Advertisement::default();
        assert!(!(MONITORS.gate)(&says) && (STATE.gate)(&says));
        says.lane_monitors = 0b100;
        assert!((MONITORS.gate)(&says));
        says.laser_source = true;
        assert!(!(MONITORS.gate)(&says) && !(STATE.gate)(&says));
    }
}
