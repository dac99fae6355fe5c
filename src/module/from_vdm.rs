//! VDM pages to samples: descriptors, words, thresholds and flags brought
//! together, instance by instance (CMIS 5.0 Tables 8-121 to 8-124).
//!
//! Whether a module has VDM is what 01h:142.6 says; every group of instances
//! whose descriptors are known is decoded, whatever page 2Fh tells.

use std::fmt;

use super::alias::is_alias;
use super::assemble::Registers;
use super::{Absence, Levels, Reading, VdmSample};
use crate::bus::address::{Bank, Half, Span};
use crate::bus::read_plan::{Group, Place};
use crate::bus::sheet::Sheet;
use crate::cmis::page01::Advertisement;
use crate::cmis::vdm::{self, Descriptor, GROUP_LENGTH, MOST_GROUPS, Resource};
use crate::cmis::vdm_observables::{Observable, observable};

/// The bit of the whole module in a set of resources; lanes have 0 to 7.
const MODULE_BIT: u8 = 15;

/// Decodes the VDM instances of all banks, in descriptor order.
///
/// An instance whose sample is not known is there with its value absent. One
/// that repeats another of its bank, or names a lane that cannot be, is left out
/// and told in `problems`.
pub(super) fn samples(
    registers: &Registers,
    advertisement: &Advertisement,
    problems: &mut Vec<String>,
) -> Vec<VdmSample> {
    let mut out = Vec::new();
    if !vdm::advertised(advertisement) {
        return out;
    }
    for bank in Bank::first(advertisement.banks) {
        let mut visit = BankVisit::new(registers, bank);
        for group in 0..MOST_GROUPS {
            visit.decode_group(group, &mut out);
        }
        problems.extend(visit.oddities());
    }
    out
}

/// One bank while its instances are decoded.
struct BankVisit<'a> {
    registers: &'a Registers,
    bank: Bank,
    /// For each type code, a bit for each resource that was met already.
    met: [u16; 256],
    aliases: Vec<Half>,
    repeated: Oddity,
    impossible: Oddity,
    invalid: Oddity,
}

/// The pages of one group of instances.
struct Pages<'a> {
    /// The half with the samples, of which only those that are used were read, and
    /// what is known of it; or why none is to be believed.
    samples: Reading<(Half, Option<&'a Sheet>)>,
    thresholds: Reading<&'a Sheet>,
    flags: Reading<&'a Sheet>,
}

/// One place in a group: 0 to 3, and 0 to 63.
#[derive(Clone, Copy)]
struct Instance {
    group: u8,
    place: u8,
}

impl Instance {
    /// Its number, 1 to 256.
    fn number(self) -> u16 {
        u16::from(self.group) * u16::from(GROUP_LENGTH) + u16::from(self.place) + 1
    }
}

/// How often something odd was met, and where first.
#[derive(Default)]
struct Oddity {
    count: u16,
    first: Option<(u8, Resource)>,
}

impl Oddity {
    fn met(&mut self, descriptor: &Descriptor) {
        self.count += 1;
        self.first
            .get_or_insert((descriptor.code, descriptor.resource));
    }
}

/// Shown as `2 (first: type 5, lane 3)`.
impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((code, resource)) = self.first else {
            return f.write_str("0");
        };
        write!(f, "{} (first: type {code}, ", self.count)?;
        match resource {
            Resource::Lane(lane) => write!(f, "lane {lane})"),
            Resource::Module => f.write_str("whole module)"),
            Resource::Impossible(lane) => write!(f, "lane code {lane})"),
        }
    }
}

impl<'a> BankVisit<'a> {
    fn new(registers: &'a Registers, bank: Bank) -> Self {
        Self {
            registers,
            bank,
            met: [0; 256],
            aliases: Vec::new(),
            repeated: Oddity::default(),
            impossible: Oddity::default(),
            invalid: Oddity::default(),
        }
    }

    /// The sheet of a register group, unless it is page 00h over again.
    fn page(&mut self, group: &Group<Advertisement>) -> Reading<&'a Sheet> {
        let registers = self.registers;
        let reading = registers.group(group, self.bank);
        if reading.as_ref().value().is_none() {
            return reading;
        }
        self.half(group).and_then(|_| reading)
    }

    /// The half of a register group, unless it is page 00h over again.
    fn half(&mut self, group: &Group<Advertisement>) -> Reading<Half> {
        let (Place::EveryBank(page) | Place::Page(_, page)) = group.place else {
            return Reading::Absent(Absence::Undefined);
        };
        let half = Half::page(page).in_bank(self.bank);
        if !is_alias(self.registers, half) {
            return Reading::Value(half);
        }
        if !self.aliases.contains(&half) {
            self.aliases.push(half);
        }
        Reading::Absent(Absence::Undefined)
    }

    fn decode_group(&mut self, group: u8, out: &mut Vec<VdmSample>) {
        let Reading::Value(descriptors) = self.page(&vdm::descriptors(group)) else {
            return;
        };
        let pages = Pages {
            samples: self
                .half(&vdm::samples(group))
                .map(|half| (half, self.registers.image.sheet(half))),
            thresholds: self.page(&vdm::thresholds(group)),
            flags: self.page(&vdm::flags(group)),
        };
        for place in 0..GROUP_LENGTH {
            let found = vdm::descriptor(descriptors, place);
            let instance = Instance { group, place };
            out.extend(found.and_then(|found| self.sample(&found, instance, &pages)));
        }
    }

    /// The sample of one descriptor, or `None` if it has no business here.
    fn sample(
        &mut self,
        descriptor: &Descriptor,
        instance: Instance,
        pages: &Pages<'_>,
    ) -> Option<VdmSample> {
        let lane = match descriptor.resource {
            Resource::Lane(lane) => Some(lane),
            Resource::Module => None,
            Resource::Impossible(_) => {
                self.impossible.met(descriptor);
                return None;
            }
        };
        if self.met_before(descriptor.code, lane) {
            self.repeated.met(descriptor);
            return None;
        }
        let observable = observable(descriptor.code);
        let word = pages
            .samples
            .and_then(|(half, sheet)| self.word(half, sheet, instance.place));
        let value = word.and_then(|word| observable.value(word).into());
        let was_read = word.absence().is_none();
        if was_read && value.absence().is_some() && observable.is_error_ratio() {
            self.invalid.met(descriptor);
        }
        Some(VdmSample {
            bank: self.bank,
            instance: instance.number(),
            observable: descriptor.code,
            name: observable.name,
            side: observable.side,
            statistic: observable.statistic,
            lane,
            frozen: false,
            value,
            unit: observable.unit,
            raw: word.value().unwrap_or_default(),
            thresholds: pages
                .thresholds
                .and_then(|sheet| levels(sheet, descriptor.threshold_set, observable)),
            flags: pages
                .flags
                .map(|sheet| vdm::flag_bits(sheet, instance.group, instance.place)),
        })
    }

    /// The word of a sample, or why it is not known.
    fn word(&self, half: Half, sheet: Option<&Sheet>, place: u8) -> Reading<u16> {
        let first = vdm::instance_offset(place);
        match (sheet, Span::new(half, first, first + 1)) {
            (Some(sheet), _) if sheet.knows(first, 2) => Reading::Value(vdm::sample(sheet, place)),
            (_, Some(span)) => {
                let sheet = self.registers.span(span);
                sheet.map(|sheet| vdm::sample(sheet, place))
            }
            (_, None) => Reading::Absent(Absence::Undefined),
        }
    }

    /// Marks a type and resource as met; returns whether they were already.
    fn met_before(&mut self, code: u8, lane: Option<u8>) -> bool {
        let bit = 1 << lane.map_or(MODULE_BIT, |lane| lane - 1);
        let Some(met) = self.met.get_mut(usize::from(code)) else {
            return false;
        };
        let before = *met & bit != 0;
        *met |= bit;
        before
    }

    /// A sentence for each kind of oddity that this bank has.
    fn oddities(&self) -> Vec<String> {
        let bank = self.bank.number();
        let told = [
            (&self.repeated, "repeated descriptors left out"),
            (&self.impossible, "descriptors of impossible lanes left out"),
            (&self.invalid, "error ratios above 1"),
        ];
        let aliases = self
            .aliases
            .iter()
            .map(|half| format!("{half} is a copy of page 00h"));
        aliases
            .chain(
                told.into_iter()
                    .filter(|(oddity, _)| oddity.count > 0)
                    .map(|(oddity, what)| format!("VDM bank {bank}: {what}: {oddity}")),
            )
            .collect()
    }
}

/// A threshold set in the unit of its observable; absent if it is all zeros.
fn levels(sheet: &Sheet, set: u8, observable: &Observable) -> Reading<Levels<f64>> {
    let words = vdm::threshold_words(sheet, set);
    let says_something = words.iter().any(|word| *word != 0);
    says_something
        .then(|| Levels::from_array(words.map(|word| observable.level(word))))
        .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::cmis::vdm_observables::Statistic;
    use crate::module::recorded::{
        Decoded, advertisement, differences, expected, registers, registers_of,
    };
    use crate::names::Side;

    const MODULES: [&str; 10] = [
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
    ];

    fn page(page: u8, bank: u8, pieces: &[(u8, &[u8])]) -> (Half, [u8; 128]) {
        let mut sheet = Sheet::full([0; 128]);
        for (offset, bytes) in pieces {
            sheet.put(*offset, bytes);
        }
        let half = Half::page(page).in_bank(Bank::new(bank).unwrap());
        (half, *sheet.whole().unwrap())
    }

    fn decode(halves: &[(Half, [u8; 128])], banks: u8) -> (Vec<VdmSample>, Vec<String>) {
        let mut problems = Vec::new();
        let advertisement = advertisement(1 << 6, banks);
        let found = samples(&registers_of(halves), &advertisement, &mut problems);
        (found, problems)
    }

    fn shown(samples: &[VdmSample]) -> Decoded {
        let mut out = Decoded::new();
        for sample in samples {
            let lane = sample
                .lane
                .map_or("whole".to_owned(), |l| format!("lane{l}"));
            let (code, bank) = (sample.observable, sample.bank.number());
            if let Reading::Value(value) = sample.value {
                out.insert(format!("vdm/{code}/bank{bank}/{lane}"), json!(value));
            }
            if let Reading::Value(flags) = sample.flags {
                out.insert(format!("vdm_flags/{code}/{lane}"), json!(flags));
            }
        }
        out
    }

    #[test]
    fn recorded_modules_are_decoded_as_expected() {
        for name in MODULES {
            let (Some(registers), Some(mut expected)) = (
                registers(name),
                expected(name, |path| path.starts_with("vdm")),
            ) else {
                return;
            };
            let page_01 = registers.image.sheet(Half::page(1));
            let pages = page_01.map_or(0, |sheet| sheet.u8(142));
            let advertisement = advertisement(pages, [1, 2, 4, 1][usize::from(pages & 3)]);
            let mut problems = Vec::new();
            let found = samples(&registers, &advertisement, &mut problems);
            for entry in expected.values_mut() {
                if entry["or_absent"] == true {
                    entry["need"] = json!("may");
                }
                let raw = found.iter().find(|s| {
                    Some(u64::from(s.observable)) == entry["type"].as_u64()
                        && s.lane.map(u64::from) == entry["lane"].as_u64()
                        && Some(u64::from(s.bank.number())) == entry["bank"].as_u64()
                });
                if let (Some(raw), Value::Number(word)) = (raw, &entry["raw"]) {
                    assert_eq!(Some(u64::from(raw.raw)), word.as_u64(), "{name} {entry}");
                }
            }
            let differences = differences(&expected, &shown(&found));
            assert!(differences.is_empty(), "{name}: {differences:#?}");
            eprintln!("{name}: {} samples, problems {problems:?}", found.len());
        }
    }

    /// The rows of the reference table: codes with name, side (`M`, `H` or `-`),
    /// scope (one lane or the module), statistic, and value of the word 3039h.
    fn rows() -> Vec<(u8, char, Statistic, f64)> {
        use Statistic::{Average, Current, Maximum, Minimum, Total};
        let (dbm, f16) = (1e-3 * 10_f64.powf(12.345), 57.0 * 10_f64.powi(6 - 24));
        let word = 12345.0;
        let mut rows = vec![
            (1, 'M', Current, word / 100.0),
            (2, '-', Current, word / 32767.0),
            (3, 'M', Current, word * 1e7),
            (4, 'M', Current, word / 256.0),
            (83, '-', Current, word * 250e-6),
            (84, 'M', Current, dbm),
            (134, 'M', Current, word * 1e-3),
            (135, 'M', Current, word * 20e-3),
            (136, 'M', Current, word * 0.01e-12),
            (137, 'M', Current, word * 0.01e-24),
            (141, 'M', Current, word * 1e6),
            (142, 'M', Current, word / 65535.0),
            (146, 'M', Current, word * 1e3),
            (148, 'M', Current, word / 32767.0),
            (149, 'M', Current, word * 1e-24),
        ];
        rows.extend((77..=82).map(|code| (code, '-', Current, word * 1e-4)));
        rows.extend((128..=133).map(|code| (code, 'M', Current, word / 65535.0)));
        rows.extend((138..=140).map(|code| (code, 'M', Current, word / 10.0)));
        rows.extend((143..=145).map(|code| (code, 'M', Current, dbm)));
        rows.extend([147, 150, 151, 152].map(|code| (code, 'M', Current, word / 10.0)));
        let pairs = [
            (5, Current, word / 256.0),
            (7, Current, word / 256.0),
            (9, Minimum, f16),
            (11, Maximum, f16),
            (13, Average, f16),
            (15, Current, f16),
            (17, Minimum, f16),
            (19, Maximum, f16),
            (21, Average, f16),
            (23, Current, f16),
            (25, Total, f16),
            (27, Minimum, word),
            (29, Maximum, word),
            (31, Average, word),
            (33, Current, word),
        ];
        for (code, statistic, value) in pairs {
            rows.push((code, 'M', statistic, value));
            rows.push((code + 1, 'H', statistic, value));
        }
        rows
    }

    #[test]
    fn every_observable_reads_back_beside_hostile_neighbours() {
        let word = 0x3039_u16.to_be_bytes();
        let other = 0x2BAD_u16.to_be_bytes();
        assert_eq!(rows().len(), 67);
        for (code, side, statistic, value) in rows() {
            // Place 9 of group 2, bank 1, lane 4, set 11. Around it: the same type
            // for the whole module and lane 5, and both banks and pages beside.
            let halves = [
                page(0x22, 0, &[(146, &[0x03, code])]),
                page(0x26, 0, &[(146, &other)]),
                page(0x22, 1, &[(144, &[0x0F, code, 0xB3, code, 0x04, code])]),
                page(0x26, 1, &[(144, &other), (146, &word), (148, &other)]),
                page(
                    0x2A,
                    1,
                    &[(128 + 88, &[0x30, 0x39, 0, 0, 0x2B, 0xAD, 0, 1])],
                ),
                page(0x2C, 1, &[(128 + 64 + 4, &[0x93])]),
                page(0x25, 1, &[(146, &other)]),
                page(0x21, 1, &[(146, &[0x0E, code])]),
            ];
            let (found, problems) = decode(&halves, 2);
            assert_eq!(found.len(), 4, "{code}: {found:?}");
            assert_eq!(problems.len(), 1, "{code}: {problems:?}");
            let mine: Vec<_> = found
                .iter()
                .filter(|s| s.bank.number() == 1 && s.lane == Some(4))
                .collect();
            let [mine] = mine[..] else {
                panic!("{code}: {found:?}")
            };
            let close = |got: f64| (got - value).abs() <= value.abs() * 1e-12;
            assert!(close(mine.value.value().unwrap()), "{code}: {mine:?}");
            assert_eq!((mine.observable, mine.raw), (code, 0x3039));
            assert_eq!(mine.instance, 2 * 64 + 9 + 1);
            assert_eq!(mine.statistic, statistic, "{code}");
            let letter = mine.side.map_or('-', |side| match side {
                Side::Media => 'M',
                Side::Host => 'H',
            });
            assert_eq!(letter, side, "{code}");
            let levels = mine.thresholds.value().unwrap();
            assert!(close(levels.high_alarm), "{code}: {levels:?}");
            assert_eq!(levels.low_alarm, observable(code).level(0));
            assert_eq!(levels.low_warning, observable(code).level(1));
            assert_eq!(mine.flags, Reading::Value(9));
            assert_ne!((mine.name, mine.unit), ("reserved", "raw"), "{code}");
        }
    }

    #[test]
    fn codes_without_meaning_are_kept_with_their_word() {
        let halves = [
            page(0x20, 0, &[(128, &[0x00, 104, 0x01, 200, 0x02, 35])]),
            page(0x24, 0, &[(128, &[0xFF, 0xFF, 0x12, 0x34])]),
        ];
        let (found, _) = decode(&halves, 1);
        let told: Vec<_> = found.iter().map(|s| (s.name, s.unit, s.value)).collect();
        assert_eq!(told[0], ("vendor", "raw", Reading::Value(65535.0)));
        assert_eq!(told[1], ("reserved", "raw", Reading::Value(4660.0)));
        assert_eq!(told[2], ("reserved", "raw", Reading::Value(0.0)));
    }

    #[test]
    fn the_first_of_two_equal_descriptors_wins_in_a_bank() {
        let twice: &[(u8, &[u8])] = &[(128, &[0x00, 5, 0x00, 5, 0x00, 6])];
        let halves = [
            page(0x20, 0, twice),
            page(0x24, 0, &[(128, &[1, 0, 2, 0, 3, 0])]),
            page(0x20, 1, twice),
            page(0x24, 1, &[(128, &[4, 0, 5, 0, 6, 0])]),
        ];
        let (found, problems) = decode(&halves, 2);
        let values: Vec<_> = found.iter().map(|s| s.value.value().unwrap()).collect();
        assert_eq!(values, [1.0, 3.0, 4.0, 6.0]);
        assert_eq!(problems.len(), 2);
        assert!(problems[1].contains("bank 1"), "{problems:?}");
        assert!(problems[1].contains("type 5, lane 1"), "{problems:?}");
    }

    #[test]
    fn every_resource_of_a_type_counts_once() {
        let codes: Vec<u8> = (0..8).chain([15]).flat_map(|lane| [lane, 5]).collect();
        let twice = [codes.clone(), codes].concat();
        let (found, problems) = decode(&[page(0x20, 0, &[(128, &twice)])], 1);
        let lanes: Vec<_> = found.iter().map(|s| s.lane).collect();
        let right: Vec<_> = (1..=8).map(Some).chain([None]).collect();
        assert_eq!(lanes, right);
        assert!(problems[0].contains("left out: 9 "), "{problems:?}");
    }

    #[test]
    fn words_that_cannot_be_are_absent_and_told() {
        let halves = [
            page(0x20, 0, &[(128, &[0x00, 15, 0x00, 7, 0x00, 25])]),
            page(0x24, 0, &[(128, &[0xFF; 6])]),
        ];
        let (found, problems) = decode(&halves, 1);
        let undefined = Reading::Absent(Absence::Undefined);
        assert_eq!(found[0].value, undefined);
        assert_eq!(found[1].value, undefined);
        assert_eq!(found[2].value, Reading::Value(2.047e10));
        assert_eq!(found[0].raw, 0xFFFF);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("type 15"), "{problems:?}");
    }

    #[test]
    fn a_group_with_unknown_samples_says_why_they_are_absent() {
        let halves = [page(0x23, 0, &[(128, &[0x00, 5])])];
        let (found, problems) = decode(&halves, 1);
        assert_eq!(found[0].value, Reading::Absent(Absence::NotInDump));
        assert_eq!(found[0].thresholds, Reading::Absent(Absence::NotInDump));
        assert_eq!(found[0].flags, Reading::Absent(Absence::NotInDump));
        assert_eq!(found[0].instance, 193);
        assert!(problems.is_empty());
    }

    #[test]
    fn a_blank_threshold_set_is_absent() {
        let halves = [
            page(0x20, 0, &[(128, &[0x10, 5, 0x21, 5])]),
            page(0x28, 0, &[(128, &[9; 8]), (144, &[0, 0, 0, 1])]),
        ];
        let (found, _) = decode(&halves, 1);
        assert_eq!(found[0].thresholds, Reading::Absent(Absence::Undefined));
        assert_eq!(found[1].thresholds.value().unwrap().low_alarm, 1.0 / 256.0);
    }

    #[test]
    fn page_00_in_the_place_of_a_page_is_not_believed() {
        let names: &[(u8, &[u8])] = &[(128, b"\x19ACME OPTICS     ")];
        let descriptors = page(0x21, 0, &[(128, &[0x00, 15])]);
        let halves = [
            page(0x00, 0, names),
            page(0x20, 0, names),
            descriptors,
            page(0x25, 0, names),
        ];
        let (found, problems) = decode(&halves, 1);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].value, Reading::Absent(Absence::Undefined));
        assert_eq!(problems.len(), 2, "{problems:?}");
    }

    #[test]
    fn blank_and_hostile_pages_decode() {
        let blank: Vec<_> = (0x20..=0x2F).map(|p| page(p, 0, &[])).collect();
        assert_eq!(decode(&blank, 1), (Vec::new(), Vec::new()));
        let ones: Vec<_> = (0x20..=0x2F)
            .map(|p| page(p, 0, &[(128, &[0xFF; 128])]))
            .collect();
        let (found, problems) = decode(&ones, 1);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].observable, found[0].lane), (255, None));
        assert_eq!(problems.len(), 1);
    }

    #[test]
    fn nothing_is_decoded_where_vdm_is_not_advertised() {
        let halves = [page(0x20, 0, &[(128, &[0x00, 5])])];
        let mut problems = Vec::new();
        let advertisement = advertisement(!(1 << 6), 1);
        let found = samples(&registers_of(&halves), &advertisement, &mut problems);
        assert!(found.is_empty() && problems.is_empty());
    }

    proptest! {
        #[test]
        fn any_pages_decode(
            pages in prop::collection::vec((0x20_u8..0x30, 0_u8..3, any::<[[u8; 32]; 4]>()), 0..20),
            banks in 0_u8..=32,
        ) {
            let halves: Vec<_> = pages
                .into_iter()
                .map(|(number, bank, bytes)| page(number, bank, &[(128, bytes.as_flattened())]))
                .collect();
            let (found, _) = decode(&halves, banks);
            for sample in found {
                prop_assert!(sample.lane.is_none_or(|lane| (1..=8).contains(&lane)));
                prop_assert!(sample.value.value().is_none_or(f64::is_finite));
            }
        }
    }
}
