//! The snapshot of a CMIS module: lower memory and pages 00h, 01h, 02h and 11h,
//! with what the optional pages add.
//!
//! Scales and gates that stand on one page are handed to the values of another
//! here; the parts are put together in the files `cmis_*`.

use super::alias::{is_alias, is_blank};
use super::assemble::Registers;
use super::cmis_applications::LaneSets;
use super::{
    Absence, Management, ModuleState, Reading, Snapshot, cmis_applications, cmis_coherent,
    cmis_elsfp, cmis_identity, cmis_lanes, cmis_laser, cmis_lpo, cmis_monitors, from_diagnostics,
    from_vdm,
};
use crate::bus::address::{Bank, Half, Page};
use crate::bus::read_plan::{Group, Place};
use crate::bus::sheet::Sheet;
use crate::cmis::lower::{self, Status};
use crate::cmis::page01::Advertisement;
use crate::cmis::{page00, page0c, page01};

/// Pages whose oddities are told where they are decoded.
const VDM_PAGES: std::ops::RangeInclusive<u8> = 0x20..=0x2F;
/// Pages that every module fills with something.
const NEVER_ZEROS: [u8; 1] = [0x01];
/// Pages in which all ones mean that nobody answered.
const NEVER_ONES: [u8; 9] = [0x01, 0x02, 0x04, 0x11, 0x12, 0x1A, 0x1B, 0x34, 0x35];

/// Decodes all registers of a CMIS module.
pub(super) fn snapshot(registers: Registers) -> Snapshot {
    let mut snapshot = Snapshot::empty(Management::Cmis, 0, registers.clone());
    let mut problems = Vec::new();
    let source = Source::new(&registers, &mut problems);
    let status = source.status();
    let identity = source
        .group(&page00::IDENTITY, Bank::ZERO)
        .map(page00::identity);
    let advertisement = advertisement(&source, identity, &mut problems);

    snapshot.identity =
        cmis_identity::identity(&source, &registers, status, identity, &mut problems);
    snapshot.state = state(&source, status, &mut problems);
    snapshot.media_type = source
        .group(&lower::APPLICATIONS, Bank::ZERO)
        .map(lower::media_type);
    snapshot.power = cmis_identity::power(identity, &mut problems);
    snapshot.cable_length = cmis_identity::cable_length(identity, &mut problems);
    snapshot.fiber = cmis_identity::fiber(&source, advertisement);
    snapshot.wavelength = cmis_identity::wavelength(&source);
    snapshot.firmware = cmis_identity::firmware(&source);
    snapshot.checksums = cmis_identity::checksums(&source, advertisement, &mut problems);

    snapshot.banks = advertisement.value().map_or(1, |says| says.banks);
    snapshot.applications = cmis_applications::applications(&source);
    let lanes = cmis_applications::lane_sets(&snapshot.applications, snapshot.media_type, identity);
    snapshot.lane_count = lanes.count(snapshot.banks);

    snapshot.monitors = cmis_monitors::monitors(&source, advertisement);
    snapshot.thresholds = cmis_monitors::thresholds(&source, advertisement, &mut problems);
    snapshot.flags = cmis_monitors::flags(&source, advertisement);
    if source.has_lanes(advertisement) {
        snapshot.lanes = cmis_lanes::lanes(&source, advertisement, lanes, &mut problems);
    }
    if let Reading::Value(says) = advertisement {
        optional(
            &mut snapshot,
            &registers,
            &source,
            (says, lanes),
            &mut problems,
        );
    }
    source.tell_missing_pages(advertisement, &mut problems);
    snapshot.advertisement = advertisement;
    snapshot.problems = problems;
    snapshot
}

/// Puts in what the module advertises beyond what every module has.
fn optional(
    snapshot: &mut Snapshot,
    registers: &Registers,
    source: &Source,
    (says, lanes): (Advertisement, LaneSets),
    problems: &mut Vec<String>,
) {
    if says.laser_source {
        cmis_elsfp::fill(snapshot, source, says.banks, problems);
    }
    if says.diagnostics_pages() {
        snapshot.diagnostics = from_diagnostics::capability(registers);
        snapshot.snr = from_diagnostics::snr(registers, &says, snapshot.lane_count);
        let lanes = snapshot.lane_count;
        snapshot.pattern_ber = from_diagnostics::pattern_ber(registers, &says, lanes);
    }
    if says.vdm_pages() {
        snapshot.vdm = from_vdm::samples(registers, &says, problems);
    }
    if says.tunable() {
        snapshot.lasers = cmis_laser::lasers(source, &says, lanes, problems);
    }
    if says.coherent_pages() {
        snapshot.coherent = cmis_coherent::lanes(source, &says);
    }
    if says.enhanced_lpo_pages() {
        snapshot.lpo = cmis_lpo::enhanced(source, lanes, problems);
    }
    if says.latency_page() {
        snapshot.latency = cmis_lanes::latencies(source, &says, lanes);
    }
}

/// The registers of a module without the pages that cannot be believed.
pub(super) struct Source<'a> {
    registers: &'a Registers,
    flat: bool,
    doubted: Vec<Half>,
}

impl<'a> Source<'a> {
    /// What the module says first, kind and state.
    fn status(&self) -> Reading<Status> {
        self.group(&lower::KIND, Bank::ZERO)
            .and_then(|_| self.group(&lower::STATUS, Bank::ZERO))
            .map(lower::status)
    }

    /// Looks through all pages for copies of page 00h and blank ones.
    pub(super) fn new(registers: &'a Registers, problems: &mut Vec<String>) -> Self {
        let flat = registers
            .group(&lower::KIND, Bank::ZERO)
            .map(lower::status)
            .value()
            .is_some_and(|status| status.flat_memory);
        let mut doubted = Vec::new();
        for (half, sheet) in registers.image.halves() {
            if let Some(doubt) = doubt(registers, half, sheet) {
                problems.push(format!("{} {doubt}", heading(half)));
                doubted.push(half);
            }
        }
        Self {
            registers,
            flat,
            doubted,
        }
    }

    /// The sheet that holds a register group of a bank, or why there is none.
    pub(super) fn group(&self, group: &Group<Advertisement>, bank: Bank) -> Reading<&'a Sheet> {
        let half = match group.place {
            Place::Lower(_) | Place::Page(_, 0x00) => return self.registers.group(group, bank),
            Place::Page(device, page) => Half::page_of(device, page),
            Place::EveryBank(page) => Half::page(page).in_bank(bank),
        };
        if self.flat {
            Reading::NOT_ADVERTISED
        } else if self.doubted.contains(&half) {
            Reading::Absent(Absence::Undefined)
        } else {
            self.registers.group(group, bank)
        }
    }

    /// Whether the module has lane pages: flat ones and laser sources have not.
    fn has_lanes(&self, advertisement: Reading<Advertisement>) -> bool {
        !self.flat && advertisement.value().is_none_or(|says| !says.laser_source)
    }

    /// Tells of mandatory pages of which nothing is known and nothing failed.
    fn tell_missing_pages(
        &self,
        advertisement: Reading<Advertisement>,
        problems: &mut Vec<String>,
    ) {
        let mut wanted = vec![Half::page(0x00)];
        if !self.flat {
            wanted.extend([Half::page(0x01), Half::page(0x02)]);
        }
        if self.has_lanes(advertisement) {
            let banks = advertisement.value().map_or(1, |says| says.banks);
            wanted.extend(Bank::first(banks).map(|bank| Half::page(0x11).in_bank(bank)));
        }
        for half in wanted {
            let failed = self.registers.failures.iter().any(|f| f.error.half == half);
            if self.registers.image.sheet(half).is_none() && !failed {
                problems.push(format!("{} is missing", heading(half)));
            }
        }
    }
}

/// Why the bytes of a half cannot be what they are filed as.
fn doubt(registers: &Registers, half: Half, sheet: &Sheet) -> Option<&'static str> {
    let (Page(page), _) = half.upper()?;
    if VDM_PAGES.contains(&page) {
        None
    } else if is_alias(registers, half) {
        Some("is a copy of page 00h")
    } else if NEVER_ZEROS.contains(&page) && is_blank(sheet, half, 0x00) {
        Some("holds only zeros")
    } else if NEVER_ONES.contains(&page) && is_blank(sheet, half, 0xFF) {
        Some("holds only ones")
    } else {
        None
    }
}

/// What problems call a half: `page 11h bank 1`.
fn heading(half: Half) -> String {
    match half.upper() {
        None => "lower memory".to_owned(),
        Some((Page(page), Bank::ZERO)) => format!("page {page:02X}h"),
        Some((Page(page), bank)) => format!("page {page:02X}h bank {}", bank.number()),
    }
}

fn advertisement(
    source: &Source,
    identity: Reading<page00::Identity>,
    problems: &mut Vec<String>,
) -> Reading<Advertisement> {
    let page = source.group(&page01::ADVERTISEMENT, Bank::ZERO);
    let kind = source.group(&lower::KIND, Bank::ZERO);
    let lower = kind.and_then(|_| source.group(&lower::BUILD, Bank::ZERO));
    let says = page.and_then(|page| lower.map(|lower| Advertisement::decode(page, lower)));
    if says.value().is_some_and(|says| says.banks_are_reserved()) {
        problems.push("01h:142 holds a reserved number of banks: read as one".to_owned());
    }
    says.map(|says| match identity {
        Reading::Value(identity) => says.of_vendor(&identity.vendor),
        Reading::Absent(_) => says,
    })
    .map(|says| with_page_map(source, says, problems))
}

/// The advertisement with the map of pages, where there is one to be believed.
fn with_page_map(
    source: &Source,
    says: Advertisement,
    problems: &mut Vec<String>,
) -> Advertisement {
    if !says.page_map_page() {
        return says;
    }
    let Reading::Value(page) = source.group(&page0c::PAGES, Bank::ZERO) else {
        return says;
    };
    match page0c::page_map(page) {
        Some(map) => says.with_page_map(map),
        None => {
            let text = "map of pages (0Ch:128) leaves out pages that every module has: not used";
            problems.push(text.to_owned());
            says
        }
    }
}

fn state(
    source: &Source,
    status: Reading<Status>,
    problems: &mut Vec<String>,
) -> Reading<ModuleState> {
    let state = status.map(|status| ModuleState::from_code(status.state));
    match state {
        Reading::Value(ModuleState::Reserved(code)) => {
            problems.push(format!("module state is the reserved code {code}"));
        }
        Reading::Value(ModuleState::Fault) => {
            let cause = source
                .group(&lower::FIRMWARE_AND_FAULT, Bank::ZERO)
                .value()
                .and_then(lower::fault_cause);
            problems.push(format!(
                "module reports a fault: {}",
                cause.unwrap_or("no cause given")
            ));
        }
        _ => {}
    }
    state
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::bus::image::Image;
    use crate::bus::{BusError, BusErrorKind};
    use crate::cmis::{groups, page02, page11};
    use crate::module::{DataPathState, GroupFailure, LaneCount, Levels};
    use crate::names::Lane;
    use crate::units::{Amperes, Celsius, Meters, Volts, Watts};

    /// A retimed 8:4 module of CMIS 5.0 in which all is well.
    fn retimed() -> Image {
        let mut image = Image::new();
        for half in [
            Half::LOWER,
            Half::page(0x00),
            Half::page(0x01),
            Half::page(0x02),
            Half::page(0x10),
            Half::page(0x11),
        ] {
            image.put(half, [0; 128]);
        }
        let lower = image.sheet_mut(Half::LOWER);
        lower.put(0, &[0x18, 0x50, 0x04, 0x06]);
        lower.put(9, &[0x01]);
        lower.put(14, &[0x2D, 0x80, 0x80, 0xE8, 0x40, 0x00, 0x41, 0x00]);
        lower.put(39, &[2, 10]);
        lower.put(85, &[2, 0x11, 0x1C, 0x84, 0x01, 0x00, 0x00, 0x00, 0x00]);
        lower.put(
            94,
            &[0x0D, 0x15, 0x21, 0x55, 0xFF, 0, 0, 0, 0x0D, 0x15, 0x11, 1],
        );
        let page = image.sheet_mut(Half::page(0x00));
        page.put(128, &[0x18]);
        page.put(129, b"ACME OPTICS     ");
        page.put(148, b"AO-400G-DR4\xFF\xFF\xFF\xFF\xFF");
        page.put(166, b"A\xBE001           ");
        page.put(200, &[0xA0, 0x30, 0x00, 0x0C]);
        page.put(210, &[0xF0, 0, 0x06]);
        let page = image.sheet_mut(Half::page(0x01));
        page.put(128, &[0xFF, 0xFF, 1, 0, 0x05]);
        page.put(138, &[0x66, 0x6C]);
        page.put(145, &[0x01]);
        page.put(155, &[0, 0, 0x0F, 0x06, 0x0F, 0x0F, 0x01, 0x01]);
        page.put(176, &[0x01, 0x00, 0x0F]);
        let page = image.sheet_mut(Half::page(0x02));
        page.put(128, &[0x4B, 0x00, 0xFB, 0x00, 0x46, 0x00, 0x00, 0x00]);
        page.put(136, &[0x8B, 0x42, 0x76, 0x8E, 0x8B, 0x42, 0x76, 0x8E]);
        page.put(184, &[0x61, 0xA8, 0x13, 0x88, 0x61, 0xA8, 0x13, 0x88]);
        page.put(192, &[0xFF; 8]);
        let page = image.sheet_mut(Half::page(0x11));
        page.put(128, &[0x44, 0x44, 0x44, 0x94]);
        page.put(136, &[0x10]);
        page.put(147, &[0x12]);
        page.put(150, &[0x02]);
        page.put(156, &[0x27, 0x10]);
        page.put(172, &[0x61, 0xA8]);
        page.put(206, &[0x10; 8]);
        for (number, first, last) in [(0x00, 128, 221), (0x01, 130, 254), (0x02, 128, 254)] {
            let page = image.sheet_mut(Half::page(number));
            let sum = page.sum(first, last);
            page.put(last + 1, &[sum]);
        }
        image
    }

    fn of(image: Image, failures: Vec<GroupFailure>) -> Snapshot {
        snapshot(Registers {
            image: Arc::new(image),
            failures,
            started: Duration::ZERO,
            finished: Duration::ZERO,
        })
    }

    fn undefined<T>() -> Reading<T> {
        Reading::Absent(Absence::Undefined)
    }

    #[test]
    fn a_retimed_module_is_told_in_full() {
        let s = of(retimed(), Vec::new());
        assert_eq!(s.identity.identifier, 0x18);
        assert_eq!(s.identity.revision, Reading::Value("5.0".to_owned()));
        assert_eq!(s.identity.vendor, Reading::Value("ACME OPTICS".to_owned()));
        assert_eq!(
            s.identity.part_number,
            Reading::Value("AO-400G-DR4".to_owned())
        );
        assert_eq!(s.identity.serial, Reading::Value("A001".to_owned()));
        assert_eq!(s.identity.date_code, undefined());
        assert_eq!(s.state, Reading::Value(ModuleState::Ready));
        assert_eq!(s.power.class, Reading::Value(6));
        assert_eq!(s.power.max, Reading::Value(Watts::new(12.0)));
        assert_eq!(s.cable_length, undefined());
        assert_eq!(s.fiber.smf, Reading::Value(Meters::new(500.0)));
        assert_eq!(s.fiber.om3, undefined());
        assert_eq!(s.firmware.active, Reading::Value("2.10".to_owned()));
        assert_eq!(s.firmware.inactive, undefined());
        assert_eq!(s.firmware.hardware, Reading::Value("1.0".to_owned()));
        assert!(s.checksums.len() == 3 && s.checksums.iter().all(|sum| sum.good));
        let not_text = "serial number holds bytes that are not text: \"A\\xbe001           \"";
        let expected = [
            not_text,
            "thresholds of tx power are all zero: not usable",
            "thresholds of rx power are all ones: not usable",
            "data path state is the reserved code 9 on 1 lanes from lane 8 on",
        ];
        assert_eq!(s.problems, expected);
    }

    #[test]
    fn applications_skip_undefined_slots_and_stop_at_the_end_mark() {
        let s = of(retimed(), Vec::new());
        let numbers: Vec<u8> = s.applications.iter().map(|app| app.number).collect();
        assert_eq!(numbers, [1, 3]);
        assert_eq!(s.applications[1].media_starts, Reading::Value(0x0F));
        assert_eq!(s.lane_count, LaneCount { host: 8, media: 4 });
    }

    #[test]
    fn the_list_of_applications_goes_on_in_page_01() {
        let mut image = retimed();
        let lower = image.sheet_mut(Half::LOWER);
        for slot in 0..8 {
            lower.put(86 + 4 * slot, &[0x11, 0x1C, 0x84, 0x01]);
        }
        let page = image.sheet_mut(Half::page(0x01));
        page.put(223, &[0x50, 0x1C, 0x44, 0x11, 0xFF]);
        let s = of(image, Vec::new());
        assert_eq!(s.applications.len(), 9);
        assert_eq!(s.applications[8].number, 9);
        assert_eq!(s.applications[8].host_code, 0x50);
    }

    #[test]
    fn monitors_thresholds_and_flags_follow_the_advertisement() {
        let s = of(retimed(), Vec::new());
        assert_eq!(s.monitors.temperature, Reading::Value(Celsius::new(45.5)));
        assert_eq!(
            s.monitors.supply,
            Reading::Value(Volts::new(33_000.0 * 100e-6))
        );
        let tec = s.monitors.tec_current.value().unwrap().ratio();
        assert!((tec - 0.5).abs() < 1e-4);
        let laser = Reading::Value(Celsius::new(65.0));
        assert_eq!(s.monitors.laser_temperature, laser);
        assert_eq!(s.monitors.supply_2, Reading::NOT_ADVERTISED);
        let raised = s.flags.temperature.value().unwrap();
        assert_eq!(raised.to_array(), [true, false, false, false]);
        let quiet = Levels::from_array([false; 4]);
        assert_eq!(s.flags.supply, Reading::Value(quiet));
        assert_eq!(s.flags.aux3, Reading::NOT_ADVERTISED);
        let limits = s.thresholds.temperature.value().unwrap();
        assert_eq!(limits.low_alarm, Celsius::new(-5.0));
        let bias = s.thresholds.tx_bias.value().unwrap().high_alarm.amperes();
        assert!((bias - 0.1).abs() < 1e-9, "25000 x 2 uA x 2");
        let zeros = Levels::from_array([Watts::new(0.0); 4]);
        assert_eq!(s.thresholds.tx_power, Reading::Value(zeros));
        assert_eq!(s.thresholds.rx_power, undefined());
    }

    #[test]
    fn two_auxiliaries_of_one_meaning_do_not_hide_each_other() {
        let mut image = retimed();
        image.sheet_mut(Half::page(0x01)).put(145, &[0b011]);
        let s = of(image, Vec::new());
        assert!((s.monitors.tec_current.value().unwrap().ratio() - 0.5).abs() < 1e-4);
        assert_eq!(s.monitors.vendor, [("aux2", 0x4100)]);
        assert_eq!(s.monitors.laser_temperature, Reading::NOT_ADVERTISED);
    }

    #[test]
    fn each_lane_has_the_values_of_its_sides() {
        let s = of(retimed(), Vec::new());
        assert_eq!(s.lanes.len(), 8);
        let (second, fifth, eighth) = (&s.lanes[1], &s.lanes[4], &s.lanes[7]);
        assert_eq!(
            second.data_path_state,
            Reading::Value(DataPathState::Activated)
        );
        assert_eq!(second.active_application, Reading::Value(1));
        assert!((second.tx_power.value().unwrap().watts() - 1e-3).abs() < 1e-12);
        let bias = second.tx_bias.value().map(Amperes::amperes).unwrap();
        assert!((bias - 0.1).abs() < 1e-9);
        assert_eq!(second.signals.rx_los, Reading::Value(true));
        assert_eq!(second.signals.tx_los, Reading::Value(false));
        assert!(second.rx_power_flags.value().unwrap().low_alarm);
        assert_eq!(fifth.lane.number(), 5);
        assert_eq!(fifth.signals.tx_los, Reading::Value(true));
        assert_eq!(fifth.signals.rx_los, Reading::NOT_ADVERTISED);
        assert_eq!(fifth.tx_power, Reading::NOT_ADVERTISED);
        assert_eq!(fifth.tx_bias, Reading::NOT_ADVERTISED);
        assert_eq!(fifth.rx_power, Reading::NOT_ADVERTISED);
        assert_eq!(fifth.rx_power_flags, Reading::NOT_ADVERTISED);
        let reserved = Reading::Value(DataPathState::Reserved(9));
        assert_eq!(eighth.data_path_state, reserved);
    }

    #[test]
    fn lanes_count_on_over_banks() {
        let mut image = retimed();
        image.sheet_mut(Half::page(0x01)).put(142, &[0x01]);
        let bank = Bank::new(1).unwrap();
        let second = Half::page(0x11).in_bank(bank);
        image.put(second, [0; 128]);
        image.sheet_mut(second).put(128, &[0x07]);
        let s = of(image, Vec::new());
        assert_eq!((s.banks, s.lanes.len()), (2, 16));
        assert_eq!(s.lane_count, LaneCount { host: 16, media: 8 });
        assert_eq!(s.lanes[8].lane, Lane::from_index(8));
        assert_eq!(s.lanes[8].bank, bank);
        let initialized = Reading::Value(DataPathState::Initialized);
        assert_eq!(s.lanes[8].data_path_state, initialized);
    }

    #[test]
    fn a_reserved_bias_multiplier_gives_no_bias() {
        let mut image = retimed();
        image.sheet_mut(Half::page(0x01)).put(160, &[0x1F]);
        let s = of(image, Vec::new());
        assert_eq!(s.lanes[0].tx_bias, undefined());
        assert_eq!(s.thresholds.tx_bias, undefined());
        assert!(s.lanes[0].tx_power.value().is_some());
        assert!(s.problems.iter().any(|p| p.contains("bias multiplier")));
    }

    #[test]
    fn flat_memory_has_neither_monitors_nor_lanes() {
        let mut image = retimed();
        image.sheet_mut(Half::LOWER).put(2, &[0x80]);
        let s = of(image, Vec::new());
        assert!(s.identity.flat_memory);
        assert_eq!(s.advertisement, Reading::NOT_ADVERTISED);
        assert_eq!(s.monitors.temperature, Reading::NOT_ADVERTISED);
        assert_eq!(s.thresholds.temperature, Reading::NOT_ADVERTISED);
        assert_eq!(s.flags.state_changed, Reading::NOT_ADVERTISED);
        assert_eq!(s.firmware.inactive, Reading::NOT_ADVERTISED);
        assert!(s.lanes.is_empty());
        assert_eq!(s.checksums.len(), 1);
        assert_eq!(s.applications.len(), 2);
    }

    #[test]
    fn a_laser_source_has_no_lane_pages() {
        let mut image = retimed();
        image.sheet_mut(Half::LOWER).put(0, &[0x22]);
        let s = of(image, Vec::new());
        assert!(s.lanes.is_empty());
        assert!(s.monitors.temperature.value().is_some());
    }

    #[test]
    fn copies_of_page_00_are_not_believed() {
        let mut image = retimed();
        let copy = *image.sheet(Half::page(0x00)).unwrap().whole().unwrap();
        image.put(Half::page(0x01), copy);
        image.put(Half::page(0x11), copy);
        let s = of(image, Vec::new());
        assert_eq!(s.advertisement, undefined());
        assert_eq!(s.monitors.temperature, undefined());
        assert_eq!(s.lanes[0].data_path_state, undefined());
        assert_eq!(s.checksums.len(), 2);
        let told = |page: &str| {
            s.problems
                .contains(&format!("{page} is a copy of page 00h"))
        };
        assert!(told("page 01h") && told("page 11h") && !told("page 02h"));
    }

    #[test]
    fn blank_pages_are_not_believed() {
        for (byte, word) in [(0x00, "zeros"), (0xFF, "ones")] {
            let mut image = retimed();
            image.put(Half::page(0x01), [byte; 128]);
            let s = of(image, Vec::new());
            assert_eq!(s.advertisement, undefined());
            assert!(s.problems.contains(&format!("page 01h holds only {word}")));
        }
    }

    #[test]
    fn what_could_not_be_read_says_so() {
        let mut image = retimed();
        for span in page11::MONITORS.spans(1) {
            image.forget(span);
        }
        let failure = GroupFailure {
            group: page11::MONITORS.name,
            error: BusError {
                kind: BusErrorKind::NoAnswer,
                half: Half::page(0x11),
                attempts: 3,
            },
        };
        let s = of(image, vec![failure]);
        assert_eq!(s.lanes[0].tx_power, Reading::Absent(Absence::ReadFailed));
        assert_eq!(s.lanes[0].active_application, Reading::Value(1));
        assert_eq!(s.failures.len(), 1);
    }

    #[test]
    fn missing_pages_are_told_once_and_leave_the_rest() {
        let mut image = Image::new();
        for half in [Half::LOWER, Half::page(0x00)] {
            image.put(half, *retimed().sheet(half).unwrap().whole().unwrap());
        }
        let s = of(image, Vec::new());
        assert_eq!(s.advertisement, Reading::Absent(Absence::NotInDump));
        assert_eq!(s.thresholds.supply, Reading::Absent(Absence::NotInDump));
        for page in ["01", "02", "11"] {
            assert!(s.problems.contains(&format!("page {page}h is missing")));
        }
        assert_eq!(s.power.class, Reading::Value(6));
    }

    #[test]
    fn odd_states_and_identifiers_become_problems() {
        let mut image = retimed();
        image.sheet_mut(Half::LOWER).put(3, &[0x0A]);
        image.sheet_mut(Half::LOWER).put(41, &[1]);
        image.sheet_mut(Half::page(0x00)).put(128, &[0x19]);
        image
            .sheet_mut(Half::page(0x00))
            .put(200, &[0xA1, 0x30, 0xFF]);
        image.sheet_mut(Half::page(0x01)).put(142, &[0x03]);
        let s = of(image, Vec::new());
        assert_eq!(s.state, Reading::Value(ModuleState::Fault));
        for problem in [
            "identifier is 18h in lower memory, but 19h on page 00h",
            "module reports a fault: cooler runaway",
            "00h:200 has reserved bits set: 01h",
            "cable is longer than 6300 m",
            "checksum of page 00h is wrong",
            "01h:142 holds a reserved number of banks: read as one",
        ] {
            assert!(s.problems.contains(&problem.to_owned()), "{problem}");
        }
        let mut image = retimed();
        image.sheet_mut(Half::LOWER).put(3, &[0x0E]);
        let s = of(image, Vec::new());
        assert_eq!(s.state, Reading::Value(ModuleState::Reserved(7)));
        assert!(
            s.problems
                .contains(&"module state is the reserved code 7".to_owned())
        );
    }

    proptest! {
        #[test]
        fn any_bytes_decode(
            halves in prop::array::uniform6(prop::collection::vec(any::<u8>(), 128)),
            forgotten in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
            banks in 1..=Bank::MOST,
        ) {
            let mut image = Image::new();
            let pages = [0x00, 0x01, 0x02, 0x10, 0x11].map(Half::page);
            for (half, bytes) in [Half::LOWER].into_iter().chain(pages).zip(&halves) {
                for bank in Bank::first(banks) {
                    image.sheet_mut(half.in_bank(bank)).put(half.base(), bytes);
                }
            }
            let all: Vec<_> = groups().flat_map(|group| group.spans(1)).collect();
            for index in forgotten {
                image.forget(*index.get(&all));
            }
            let s = of(image, Vec::new());
            prop_assert!(s.lanes.len() <= usize::from(s.banks) * 8);
            prop_assert!(s.applications.len() <= 15);
            let thresholds = s.image.known(page02::THRESHOLDS.spans(1).next().unwrap());
            prop_assert!(thresholds.is_some() || s.thresholds.supply.value().is_none());
        }
    }
}
