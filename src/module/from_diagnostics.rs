//! Diagnostics pages to capability, signal to noise ratios and the error ratios
//! of pattern checkers (CMIS 5.4 Tables
//! 8-111 to 8-139).

use super::alias::is_alias;
use super::assemble::Registers;
use super::{Absence, LaneBer, LaneCount, LaneSnr, Reading};
use crate::bus::address::{Bank, Half};
use crate::bus::sheet::Sheet;
use crate::cmis::page01::Advertisement;
use crate::cmis::page13_14::{self, CAPABILITY, DiagnosticsCapability, SELECTION, WINDOW};
use crate::names::{Lane, Side};

/// Capabilities, and results by selector.
const CAPABILITY_PAGE: u8 = 0x13;
const RESULT_PAGE: u8 = 0x14;
/// Lanes of a bank.
const LANES: u8 = 8;

/// What page 13h says of diagnostics in bank 0, which speaks for all banks.
///
/// The caller asks only where 01h:142.5 advertises the page. A page 13h that
/// repeats page 00h says nothing.
pub(super) fn capability(registers: &Registers) -> Reading<DiagnosticsCapability> {
    let sheet = registers.group(&CAPABILITY, Bank::ZERO);
    if sheet.absence().is_none() && is_alias(registers, Half::page(CAPABILITY_PAGE)) {
        return Reading::Absent(Absence::Undefined);
    }
    sheet.map(DiagnosticsCapability::decode)
}

/// The signal to noise ratios of all banks that show them: where 13h:130.4 and
/// .5 say that a side has them, and 14h:128 says that the window shows them.
pub(super) fn snr(
    registers: &Registers,
    advertisement: &Advertisement,
    lanes: LaneCount,
) -> Vec<LaneSnr> {
    let has = DiagnosticsCapability::has_snr;
    let shows = page13_14::shows_snr;
    let value = |window: Reading<&Sheet>, place: Place| LaneSnr {
        lane: place.lane,
        side: place.side,
        snr: window.and_then(|s| page13_14::snr(s, place.side, place.in_bank).into()),
    };
    in_windows(registers, advertisement, lanes, has, shows, value)
}

/// The error ratios of the pattern checkers of all banks that show them: where
/// 13h:130.0 says that there are some, and 14h:128 that the window shows them.
pub(super) fn pattern_ber(
    registers: &Registers,
    advertisement: &Advertisement,
    lanes: LaneCount,
) -> Vec<LaneBer> {
    let has = |capability: &DiagnosticsCapability, _| capability.has_ber();
    let shows = page13_14::shows_ber;
    let value = |window: Reading<&Sheet>, place: Place| LaneBer {
        lane: place.lane,
        side: place.side,
        ber: window.and_then(|s| page13_14::ber(s, place.side, place.in_bank).into()),
    };
    in_windows(registers, advertisement, lanes, has, shows, value)
}

/// A lane of one side.
#[derive(Debug, Clone, Copy)]
struct Place {
    side: Side,
    /// Over all banks.
    lane: Lane,
    /// In its bank, from 0.
    in_bank: u8,
}

/// What the result windows of all banks say of each lane, host side first: of
/// the sides that have it, in the banks whose selector shows it.
fn in_windows<T>(
    registers: &Registers,
    advertisement: &Advertisement,
    lanes: LaneCount,
    has: fn(&DiagnosticsCapability, Side) -> bool,
    shows: fn(&Sheet) -> bool,
    value: impl Fn(Reading<&Sheet>, Place) -> T,
) -> Vec<T> {
    let mut out = Vec::new();
    if !page13_14::advertised(advertisement) {
        return out;
    }
    let Reading::Value(capability) = capability(registers) else {
        return out;
    };
    for (side, count) in [(Side::Host, lanes.host), (Side::Media, lanes.media)] {
        if !has(&capability, side) {
            continue;
        }
        for bank in Bank::first(advertisement.banks) {
            let shown = registers.group(&SELECTION, bank).map(shows) == Reading::Value(true);
            if !shown || is_alias(registers, Half::page(RESULT_PAGE).in_bank(bank)) {
                continue;
            }
            let window = registers.group(&WINDOW, bank);
            for in_bank in 0..LANES {
                let lane = Lane::from_index(bank.number() * LANES + in_bank);
                if lane.number() <= count {
                    out.push(value(
                        window,
                        Place {
                            side,
                            lane,
                            in_bank,
                        },
                    ));
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::module::recorded::{
        Decoded, advertisement, differences, expected, registers, registers_of,
    };

    const EIGHT: LaneCount = LaneCount { host: 8, media: 8 };

    fn shown(found: &[LaneSnr]) -> Decoded {
        let value = |s: &LaneSnr| s.snr.value().map(|snr| json!(snr.decibels()));
        found
            .iter()
            .filter_map(|s| Some((format!("snr/{}/{}", s.side.name(), s.lane), value(s)?)))
            .collect()
    }

    #[test]
    fn recorded_modules_are_decoded_as_expected() {
        for name in [
            "Cmis200GTransceiver",
            "Cmis2x400GDr4Transceiver",
            "Cmis2x400GFr4LiteTransceiver",
            "Cmis2x800GDr4Transceiver",
            "Cmis400GDr4Transceiver",
            "Cmis400GLr4Transceiver",
            "CmisArista400GXdr4Transceiver",
            "CmisCpo6P4TDrTransceiver",
            "CmisCredo800AEC",
            "CmisFlatMemTransceiver",
        ] {
            let (Some(registers), Some(expected)) = (
                registers(name),
                expected(name, |path| path.starts_with("snr/")),
            ) else {
                return;
            };
            let page_01 = registers.image.sheet(Half::page(1));
            let pages = page_01.map_or(0, |sheet| sheet.u8(142));
            let banks = [1, 2, 4, 1][usize::from(pages & 3)];
            let found = shown(&snr(&registers, &advertisement(pages, banks), EIGHT));
            let differences = differences(&expected, &found);
            assert!(differences.is_empty(), "{name}: {differences:#?}");
        }
    }

    /// Pages 13h and 14h of two banks: all SNR advertised; lane k of bank b reads
    /// b x 16 + k on the host side, and 64 more on the media side.
    fn two_banks(reporting: u8, selectors: [u8; 2]) -> Registers {
        let mut halves = Vec::new();
        for bank in 0..2_u8 {
            let number = Bank::new(bank).unwrap();
            let mut capability = [0; 128];
            capability[2] = reporting;
            let mut results = [0; 128];
            results[0] = selectors[usize::from(bank)];
            for lane in 0..8_u8 {
                results[81 + 2 * usize::from(lane)] = bank * 16 + lane;
                results[113 + 2 * usize::from(lane)] = 64 + bank * 16 + lane;
            }
            halves.push((Half::page(0x13).in_bank(number), capability));
            halves.push((Half::page(0x14).in_bank(number), results));
        }
        registers_of(&halves)
    }

    #[test]
    fn lanes_count_over_all_banks_on_the_side_they_are_of() {
        let registers = two_banks(0x30, [6, 6]);
        let lanes = LaneCount { host: 16, media: 9 };
        let found = snr(&registers, &advertisement(1 << 5, 2), lanes);
        assert_eq!(found.len(), 25);
        assert_eq!(found[0].snr, Reading::Absent(Absence::Undefined));
        let shown = shown(&found);
        assert_eq!(shown["snr/host/2"], json!(1.0));
        assert_eq!(shown["snr/host/16"], json!(23.0));
        assert_eq!(shown["snr/media/9"], json!(80.0));
        assert!(!shown.contains_key("snr/media/10"));
    }

    #[test]
    fn error_ratios_of_patterns_are_shown_where_the_selector_stands_on_them() {
        let of = |reporting, selectors| {
            let registers = two_banks(reporting, selectors);
            let lanes = LaneCount {
                host: 16,
                media: 16,
            };
            pattern_ber(&registers, &advertisement(1 << 5, 2), lanes)
        };
        // Bank 1 stands on the gated ratios; bank 0 on something else.
        let found = of(0x01, [6, 0x11]);
        let places: Vec<_> = found.iter().map(|b| (b.side, b.lane.number())).collect();
        assert_eq!(places[0], (Side::Host, 9));
        assert_eq!(places[15], (Side::Media, 16));
        assert_eq!(found.len(), 16);
        // 14h:208, which is host SNR there, holds 10h: 16e-24.
        let first = found[8].ber.value().unwrap().ratio();
        assert!((first / 16e-24 - 1.0).abs() < 1e-9, "{first}");
        assert!(of(0x30, [1, 1]).is_empty());
        assert_eq!(of(0x01, [1, 1]).len(), 32);
    }

    #[test]
    fn only_what_is_advertised_and_selected_is_shown() {
        let of = |reporting, selectors, pages| {
            let registers = two_banks(reporting, selectors);
            snr(
                &registers,
                &advertisement(pages, 2),
                LaneCount {
                    host: 16,
                    media: 16,
                },
            )
        };
        assert!(of(0xCF, [6, 6], 0xFF).is_empty());
        assert!(of(0xFF, [1, 0], 0xFF).is_empty());
        assert!(of(0xFF, [6, 6], !(1 << 5)).is_empty());
        let media_of_one = of(0x20, [5, 6], 0xFF);
        assert_eq!(media_of_one.len(), 8);
        assert!(media_of_one.iter().all(|s| s.side == Side::Media));
        assert_eq!(media_of_one[0].lane.number(), 9);
    }

    #[test]
    fn page_00_in_the_place_of_a_page_is_not_believed() {
        let mut names = [6; 128];
        names[1..5].copy_from_slice(b"ACME");
        let own = (Half::page(0x13), [0xFF; 128]);
        let original = (Half::page(0x00), names);
        let registers = registers_of(&[original, own, (Half::page(0x14), names)]);
        assert!(snr(&registers, &advertisement(0xFF, 1), EIGHT).is_empty());
        let registers = registers_of(&[original, (Half::page(0x13), names)]);
        assert_eq!(capability(&registers), Reading::Absent(Absence::Undefined));
    }

    #[test]
    fn pages_that_are_not_there_say_so() {
        let registers = registers_of(&[]);
        assert_eq!(capability(&registers), Reading::Absent(Absence::NotInDump));
        let blank = registers_of(&[(Half::page(0x13), [0; 128]), (Half::page(0x14), [0; 128])]);
        assert_eq!(capability(&blank).value().unwrap().reporting, 0);
        assert!(snr(&blank, &advertisement(0xFF, 1), EIGHT).is_empty());
    }
}
