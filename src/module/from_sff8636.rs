//! The snapshot of an SFF-8636 module.

use super::alias::is_alias;
use super::assemble::Registers;
use super::from_sff::{Texts, once_ready, threshold_readings};
use super::{
    Absence, CdrPresence, LaneCount, LaneReadings, Levels, Management, ModuleFlags, Reading,
    SignalFlags, Snapshot,
};
use crate::bus::address::{Bank, Half};
use crate::bus::read_plan::Group;
use crate::bus::sheet::Sheet;
use crate::names::Lane;
use crate::sff::sff8636::lower::{self, Status};
use crate::sff::sff8636::{self, Advertisement, LANES, page00, page03};

/// The power class whose worst case has a byte of its own.
const OWN_POWER_CLASS: u8 = 8;
/// Alarm and warning thresholds.
const THRESHOLD_PAGE: u8 = 0x03;

/// Decodes all registers of an SFF-8636 module.
pub(super) fn snapshot(registers: Registers) -> Snapshot {
    let mut snapshot = Snapshot::empty(Management::Sff8636, 0, registers.clone());
    let status = registers
        .group(&sff8636::STATUS, Bank::ZERO)
        .map(|sheet| (sheet, Status::decode(sheet)));
    let page_00 = registers.group(&sff8636::IDENTITY, Bank::ZERO);
    take_status(&mut snapshot, status.map(|(_, status)| status));
    let page = page_00.map(|sheet| {
        let revision = status.map(|(_, status)| status.revision);
        page00::Identity::decode(sheet, revision.value().unwrap_or_default())
    });
    take_identity(&mut snapshot, page);
    take_power_and_reach(&mut snapshot, &registers, page);
    let advertisement = status
        .and_then(|(lower, _)| page_00.map(|page_00| Advertisement::from_sheets(lower, page_00)));
    take_thresholds(&mut snapshot, &registers);
    take_monitors(&mut snapshot, &registers, advertisement);
    snapshot.lane_count = LaneCount {
        host: u16::from(LANES),
        media: u16::from(LANES),
    };
    snapshot.lanes = lanes(&registers, advertisement, snapshot.data_not_ready);
    snapshot
}

fn take_status(snapshot: &mut Snapshot, status: Reading<Status>) {
    snapshot.identity.revision = status.map(|status| status.revision.to_string());
    snapshot.data_not_ready = status.map(|status| status.data_not_ready);
    if let Reading::Value(status) = status {
        snapshot.identity.identifier = status.identifier;
        snapshot.identity.flat_memory = status.flat;
    }
}

fn take_identity(snapshot: &mut Snapshot, page: Reading<page00::Identity<'_>>) {
    let mut texts = Texts::new(&mut snapshot.problems);
    let identity = &mut snapshot.identity;
    identity.vendor = texts.take("vendor name", page.map(|page| page.vendor));
    identity.part_number = texts.take("part number", page.map(|page| page.part_number));
    identity.revision_number = texts.take("vendor revision", page.map(|page| page.revision));
    identity.serial = texts.take("serial number", page.map(|page| page.serial));
    identity.date_code = texts.take("date code", page.map(|page| page.date));
    identity.oui = page.map(|page| page.oui);
    identity.connector = page.map(|page| page.connector);
    identity.media_technology = page.map(|page| page.technology);
    identity.extended_compliance = page.map(|page| page.extended_compliance);
    snapshot.sff_cdr = page.map(|page| CdrPresence {
        tx: page.tx_cdr,
        rx: page.rx_cdr,
    });
    if let Reading::Value(page) = page {
        snapshot.take_checksum("base", page.base_checksum);
        snapshot.take_checksum("extended", page.extended_checksum);
    }
}

fn take_power_and_reach(
    snapshot: &mut Snapshot,
    registers: &Registers,
    page: Reading<page00::Identity<'_>>,
) {
    snapshot.power.class = page.map(|page| page.power_class);
    snapshot.power.max = page.and_then(|page| match page.power_class {
        OWN_POWER_CLASS => registers
            .group(&sff8636::MAX_POWER, Bank::ZERO)
            .and_then(|sheet| lower::max_power(sheet).into()),
        class => page00::class_power(class).into(),
    });
    snapshot.cable_length = page.and_then(|page| page.cable_length.into());
    snapshot.fiber.smf = page.and_then(|page| page.smf.into());
    snapshot.fiber.om2 = page.and_then(|page| page.om2.into());
    snapshot.fiber.om3 = page.and_then(|page| page.om3.into());
    snapshot.fiber.om4 = page.and_then(|page| page.om4.into());
    snapshot.wavelength = page.and_then(|page| page.wavelength.into());
}

fn take_thresholds(snapshot: &mut Snapshot, registers: &Registers) {
    if snapshot.identity.flat_memory {
        return;
    }
    let page_03 = match registers.group(&sff8636::THRESHOLDS, Bank::ZERO) {
        Reading::Value(_) if is_alias(registers, Half::page(THRESHOLD_PAGE)) => {
            let told = "page 03 is a copy of page 00h";
            snapshot.problems.push(told.to_owned());
            Reading::Absent(Absence::Undefined)
        }
        page_03 => page_03,
    };
    snapshot.thresholds = threshold_readings(page_03.map(page03::thresholds));
}

/// A value, or not advertised where the module has none.
fn advertised<T>(value: Option<T>) -> Reading<T> {
    value.map_or(Reading::NOT_ADVERTISED, Reading::Value)
}

fn take_monitors(
    snapshot: &mut Snapshot,
    registers: &Registers,
    advertisement: Reading<Advertisement>,
) {
    let not_ready = snapshot.data_not_ready;
    let monitors = with(registers, &sff8636::MODULE_MONITORS, advertisement);
    let monitors_of = |(sheet, has): (&Sheet, Advertisement)| {
        (
            lower::case_temperature(sheet, &has),
            lower::supply_voltage(sheet, &has),
        )
    };
    let values = monitors.map(monitors_of);
    snapshot.monitors.temperature = once_ready(
        not_ready,
        values.and_then(|(celsius, _)| advertised(celsius)),
    );
    snapshot.monitors.supply =
        once_ready(not_ready, values.and_then(|(_, volts)| advertised(volts)));

    let flags = with(registers, &sff8636::FLAGS, advertisement)
        .map(|(sheet, has)| lower::module_flags(sheet, &has));
    snapshot.flags = ModuleFlags {
        temperature: flags.and_then(|f| advertised(f.temperature.map(Levels::from_array))),
        supply: flags.and_then(|f| advertised(f.supply.map(Levels::from_array))),
        ..snapshot.flags
    };
}

/// The sheet of a group with the advertisement, if the gate lets it through.
fn with<'a>(
    registers: &'a Registers,
    group: &Group<Advertisement>,
    advertisement: Reading<Advertisement>,
) -> Reading<(&'a Sheet, Advertisement)> {
    advertisement.and_then(|has| {
        if (group.gate)(&has) {
            registers.group(group, Bank::ZERO).map(|sheet| (sheet, has))
        } else {
            Reading::NOT_ADVERTISED
        }
    })
}

fn lanes(
    registers: &Registers,
    advertisement: Reading<Advertisement>,
    not_ready: Reading<bool>,
) -> Vec<LaneReadings> {
    let monitors = with(registers, &sff8636::LANE_MONITORS, advertisement);
    let tx_power = monitors.map(|(sheet, has)| lower::tx_power(sheet, &has));
    let tx_bias = monitors.map(|(sheet, has)| lower::tx_bias(sheet, &has));
    let rx_power = monitors.map(|(sheet, has)| lower::rx_power(sheet, &has));
    let flags = with(registers, &sff8636::FLAGS, advertisement);
    (0..LANES)
        .map(|lane| {
            let flags = flags.map(|(sheet, has)| lower::lane_flags(sheet, lane, &has));
            LaneReadings {
                lane: Lane::from_index(lane),
                bank: Bank::ZERO,
                data_path_state: Reading::NOT_ADVERTISED,
                active_application: Reading::NOT_ADVERTISED,
                tx_power: once_ready(not_ready, of_lane(tx_power, lane)),
                tx_bias: once_ready(not_ready, of_lane(tx_bias, lane)),
                rx_power: once_ready(not_ready, of_lane(rx_power, lane)),
                signals: SignalFlags {
                    tx_fault: flags.and_then(|f| advertised(f.tx_fault)),
                    tx_los: flags.and_then(|f| advertised(f.tx_los)),
                    tx_lol: flags.and_then(|f| advertised(f.tx_lol)),
                    tx_adaptive_eq_fault: flags.and_then(|f| advertised(f.tx_adaptive_eq_fault)),
                    rx_los: flags.and_then(|f| advertised(f.rx_los)),
                    rx_lol: flags.and_then(|f| advertised(f.rx_lol)),
                    data_path_changed: Reading::NOT_ADVERTISED,
                    rx_output_changed: Reading::NOT_ADVERTISED,
                },
                tx_power_flags: flags.and_then(|f| advertised(f.tx_power.map(Levels::from_array))),
                tx_bias_flags: flags.and_then(|f| advertised(f.tx_bias.map(Levels::from_array))),
                rx_power_flags: flags.and_then(|f| advertised(f.rx_power.map(Levels::from_array))),
                settings: Reading::NOT_ADVERTISED,
            }
        })
        .collect()
}

/// The value of one lane, not advertised where it has none.
fn of_lane<T: Copy>(values: Reading<[Option<T>; LANES as usize]>, lane: u8) -> Reading<T> {
    values.and_then(|values| advertised(values.get(usize::from(lane)).copied().flatten()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::module::recorded::{differences, expected, registers, registers_of, shown};
    use crate::units::Watts;

    #[test]
    fn recorded_modules_are_decoded_as_expected() {
        for name in [
            "BadEepromSffCwdm4Transceiver",
            "MiniphotonOBOTransceiver",
            "SffCwdm4TempTransceiver",
            "SffCwdm4Transceiver",
            "SffDacTransceiver",
        ] {
            let (Some(registers), Some(expected)) = (registers(name), expected(name, |_| true))
            else {
                return;
            };
            let snapshot = snapshot(registers);
            let differences = differences(&expected, &shown(&snapshot));
            assert!(differences.is_empty(), "{name}: {differences:#?}");
            assert_eq!(snapshot.lanes.len(), 4);
            eprintln!("{name}: {} paths, {:?}", expected.len(), snapshot.problems);
        }
    }

    /// Lower memory and page 00h of an optic of revision 2.8 with all support bits.
    fn optic(lower: &[(u8, &[u8])], page_00: &[(u8, &[u8])]) -> Snapshot {
        let fill = |base: &[(u8, &[u8])], more: &[(u8, &[u8])]| {
            let mut sheet = Sheet::full([0; 128]);
            for (offset, bytes) in base.iter().chain(more) {
                sheet.put(*offset, bytes);
            }
            *sheet.whole().unwrap()
        };
        let identity: &[(u8, &[u8])] = &[
            (128, &[0x11, 0x20]),
            (147, &[0x40]),
            (193, &[0xFF; 3]),
            (220, &[0xFF]),
        ];
        snapshot(registers_of(&[
            (Half::LOWER, fill(&[(0, &[0x11, 8])], lower)),
            (Half::page(0), fill(identity, page_00)),
        ]))
    }

    #[test]
    fn monitors_are_absent_until_the_module_is_ready() {
        let busy: &[(u8, &[u8])] = &[(2, &[1]), (22, &[30]), (34, &[1; 24])];
        let snapshot = optic(busy, &[]);
        let not_ready = Some(Absence::NotReady);
        assert_eq!(snapshot.data_not_ready, Reading::Value(true));
        assert_eq!(snapshot.monitors.temperature.absence(), not_ready);
        assert_eq!(snapshot.lanes[0].rx_power.absence(), not_ready);
        assert_eq!(snapshot.lanes[3].signals.rx_los, Reading::Value(false));
    }

    #[test]
    fn a_dark_lane_reads_zero_watts() {
        let snapshot = optic(&[(36, &[1, 0])], &[]);
        assert_eq!(snapshot.lanes[0].rx_power, Reading::Value(Watts::new(0.0)));
        assert_eq!(snapshot.lanes[0].tx_bias, Reading::NOT_ADVERTISED);
    }

    #[test]
    fn class_8_has_its_power_in_lower_memory() {
        let snapshot = optic(&[(107, &[120])], &[]);
        assert_eq!(snapshot.power.class, Reading::Value(8));
        assert!((snapshot.power.max.value().unwrap().watts() - 12.0).abs() < 1e-12);
        let blank = optic(&[], &[]);
        assert_eq!(blank.power.max, Reading::Absent(Absence::Undefined));
    }

    #[test]
    fn missing_and_repeated_pages_say_so() {
        let lower_only = snapshot(registers_of(&[(Half::LOWER, [0; 128])]));
        let missing = Some(Absence::NotInDump);
        assert_eq!(lower_only.identity.vendor.absence(), missing);
        assert_eq!(lower_only.monitors.temperature.absence(), missing);
        assert_eq!(lower_only.thresholds.supply.absence(), missing);
        assert!(lower_only.checksums.is_empty());
        let mut names = [0; 128];
        names[20..24].copy_from_slice(b"ACME");
        let halves = [Half::page(0), Half::page(3)].map(|half| (half, names));
        let repeated = snapshot(registers_of(&[
            halves[0],
            halves[1],
            (Half::LOWER, [0; 128]),
        ]));
        let undefined = Some(Absence::Undefined);
        assert_eq!(repeated.thresholds.temperature.absence(), undefined);
        assert!(repeated.problems.iter().any(|p| p.contains("page 03")));
    }

    #[test]
    fn flat_modules_have_no_thresholds() {
        let flat = optic(&[(2, &[4])], &[]);
        assert!(flat.identity.flat_memory);
        assert_eq!(flat.thresholds.temperature, Reading::NOT_ADVERTISED);
    }

    proptest! {
        #[test]
        fn any_pages_decode(pages in any::<[[[u8; 32]; 4]; 3]>()) {
            let halves = [Half::LOWER, Half::page(0), Half::page(3)];
            let whole = |bytes: [[u8; 32]; 4]| bytes.as_flattened().try_into().unwrap();
            let halves: Vec<_> = halves.into_iter().zip(pages.map(whole)).collect();
            let snapshot = snapshot(registers_of(&halves));
            prop_assert_eq!(snapshot.lanes.len(), 4);
            let class = snapshot.power.class.value().unwrap();
            prop_assert!((1..=8).contains(&class));
        }
    }
}
