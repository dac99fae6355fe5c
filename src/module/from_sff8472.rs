//! The snapshot of an SFF-8472 module.

use super::assemble::Registers;
use super::from_sff::{Texts, once_ready, threshold_readings};
use super::{
    CdrPresence, LaneCount, LaneReadings, Levels, Management, ModuleFlags, Reading, SignalFlags,
    Snapshot,
};
use crate::bus::address::Bank;
use crate::bus::read_plan::Group;
use crate::bus::sheet::Sheet;
use crate::names::Lane;
use crate::sff::sff8472::a0::Identity;
use crate::sff::sff8472::calibration::Calibration;
use crate::sff::sff8472::{self, Advertisement, a2};

/// Decodes all registers of an SFF-8472 module.
pub(super) fn snapshot(registers: Registers) -> Snapshot {
    let mut snapshot = Snapshot::empty(Management::Sff8472, 0, registers.clone());
    let a0 = registers.group(&sff8472::IDENTITY, Bank::ZERO);
    take_identity(&mut snapshot, a0.map(Identity::decode));
    let diagnostics = Diagnostics {
        registers: &registers,
        advertisement: a0.map(Advertisement::from_sheets),
    };
    diagnostics.take(&mut snapshot);
    snapshot
}

fn take_identity(snapshot: &mut Snapshot, a0: Reading<Identity<'_>>) {
    let mut texts = Texts::new(&mut snapshot.problems);
    let identity = &mut snapshot.identity;
    identity.identifier = a0.map(|a0| a0.identifier).value().unwrap_or_default();
    identity.revision = a0.map(|a0| a0.map_revision.to_string());
    identity.vendor = texts.take("vendor name", a0.map(|a0| a0.vendor));
    identity.part_number = texts.take("part number", a0.map(|a0| a0.part_number));
    identity.revision_number = texts.take("vendor revision", a0.map(|a0| a0.revision));
    identity.serial = texts.take("serial number", a0.map(|a0| a0.serial));
    identity.date_code = texts.take("date code", a0.map(|a0| a0.date));
    identity.oui = a0.map(|a0| a0.oui);
    identity.connector = a0.map(|a0| a0.connector);
    identity.extended_compliance = a0.map(|a0| a0.extended_compliance);

    snapshot.power.class = a0.and_then(|a0| a0.power_level.into());
    snapshot.power.max = a0.map(|a0| a0.max_power);
    snapshot.cable_length = a0.and_then(|a0| a0.cable_length.into());
    snapshot.fiber.smf = a0.and_then(|a0| a0.smf.into());
    snapshot.fiber.om2 = a0.and_then(|a0| a0.om2.into());
    snapshot.fiber.om3 = a0.and_then(|a0| a0.om3.into());
    snapshot.fiber.om4 = a0.and_then(|a0| a0.om4.into());
    snapshot.wavelength = a0.and_then(|a0| a0.wavelength.into());
    snapshot.sff_cdr = a0.map(|a0| CdrPresence {
        tx: a0.cdr,
        rx: a0.cdr,
    });
    snapshot.lane_count = LaneCount { host: 1, media: 1 };
    if let Reading::Value(a0) = a0 {
        snapshot.take_checksum("base", a0.base_checksum);
        snapshot.take_checksum("extended", a0.extended_checksum);
    }
}

/// A2h, as far as A0h says that it is there.
struct Diagnostics<'a> {
    registers: &'a Registers,
    advertisement: Reading<Advertisement>,
}

impl<'a> Diagnostics<'a> {
    /// The sheet of a group that the module has.
    fn sheet(&self, group: &Group<Advertisement>) -> Reading<&'a Sheet> {
        self.advertisement.and_then(|has| {
            if (group.gate)(&has) {
                self.registers.group(group, Bank::ZERO)
            } else {
                Reading::NOT_ADVERTISED
            }
        })
    }

    /// How raw words become steps. Without the constants that the module leaves
    /// to the host there is no calibration, and no value.
    fn calibration(&self) -> Reading<Calibration> {
        self.advertisement.and_then(|has| {
            if has.host_calibrates() {
                self.sheet(&sff8472::THRESHOLDS).map(Calibration::decode)
            } else {
                Reading::Value(Calibration::NEUTRAL)
            }
        })
    }

    /// A status bit that the module has.
    fn status(
        &self,
        has: fn(&Advertisement) -> bool,
        bit: fn(a2::Status) -> bool,
    ) -> Reading<bool> {
        self.advertisement.and_then(|advertisement| {
            if has(&advertisement) {
                self.sheet(&sff8472::STATUS)
                    .map(|sheet| bit(a2::Status::decode(sheet)))
            } else {
                Reading::NOT_ADVERTISED
            }
        })
    }

    fn take(&self, snapshot: &mut Snapshot) {
        if let Reading::Value(has) = self.advertisement
            && has.has_a2()
            && !has.tells_calibration()
        {
            let told = "A0h:92 does not say who calibrates: values are taken as they are";
            snapshot.problems.push(told.to_owned());
        }
        let constants = self.sheet(&sff8472::THRESHOLDS);
        if let Reading::Value(sheet) = constants {
            snapshot.take_checksum("diagnostics", a2::checksum_fits(sheet));
        }
        let calibration = self.calibration();
        snapshot.thresholds = threshold_readings(
            calibration.and_then(|by| constants.map(|sheet| a2::thresholds(sheet, &by))),
        );
        snapshot.data_not_ready =
            self.status(Advertisement::has_a2, |status| status.data_not_ready);
        let monitors = self
            .sheet(&sff8472::MONITORS)
            .and_then(|sheet| calibration.map(|by| a2::monitors(sheet, &by)));
        let monitors = once_ready(snapshot.data_not_ready, monitors);
        snapshot.monitors.temperature = monitors.map(|m| m.temperature);
        snapshot.monitors.supply = monitors.map(|m| m.supply);
        let flags = self.sheet(&sff8472::FLAGS).map(a2::flags);
        snapshot.flags = ModuleFlags {
            temperature: flags.map(|f| Levels::from_array(f.temperature)),
            supply: flags.map(|f| Levels::from_array(f.supply)),
            ..snapshot.flags
        };
        snapshot.lanes = vec![self.lane(monitors, flags)];
    }

    fn lane(&self, monitors: Reading<a2::Monitors>, flags: Reading<a2::FlagSets>) -> LaneReadings {
        let absent = Reading::NOT_ADVERTISED;
        LaneReadings {
            lane: Lane::from_index(0),
            bank: Bank::ZERO,
            data_path_state: Reading::NOT_ADVERTISED,
            active_application: Reading::NOT_ADVERTISED,
            tx_power: monitors.map(|m| m.tx_power),
            tx_bias: monitors.map(|m| m.tx_bias),
            rx_power: monitors.and_then(|m| m.rx_power.into()),
            signals: SignalFlags {
                tx_fault: self.status(Advertisement::has_tx_fault, |status| status.tx_fault),
                rx_los: self.status(Advertisement::has_rx_los, |status| status.rx_los),
                tx_los: absent,
                tx_lol: absent,
                tx_adaptive_eq_fault: absent,
                rx_lol: absent,
                data_path_changed: absent,
                rx_output_changed: absent,
            },
            tx_power_flags: flags.map(|f| Levels::from_array(f.tx_power)),
            tx_bias_flags: flags.map(|f| Levels::from_array(f.tx_bias)),
            rx_power_flags: flags.map(|f| Levels::from_array(f.rx_power)),
            settings: Reading::NOT_ADVERTISED,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::bus::address::{Device, Half};
    use crate::module::Absence;
    use crate::module::recorded::{differences, expected, registers, registers_of, shown};

    #[test]
    fn recorded_modules_are_decoded_as_expected() {
        let name = "Sfp10GTransceiver";
        let (Some(registers), Some(expected)) = (registers(name), expected(name, |_| true)) else {
            return;
        };
        let snapshot = snapshot(registers);
        let differences = differences(&expected, &shown(&snapshot));
        assert!(differences.is_empty(), "{name}: {differences:#?}");
        eprintln!("{name}: {} paths, {:?}", expected.len(), snapshot.problems);
    }

    /// A0h and A2h that are zero but for the pieces.
    fn module(a0: &[(u8, &[u8])], a2: &[(u8, &[u8])]) -> Snapshot {
        let halves = [(Device::A0, a0), (Device::A2, a2)].map(|(device, pieces)| {
            let mut sheet = Sheet::full([0; 128]);
            for (offset, bytes) in pieces {
                sheet.put(*offset, bytes);
            }
            (Half::lower(device), *sheet.whole().unwrap())
        });
        snapshot(registers_of(&halves))
    }

    #[test]
    fn host_calibration_reaches_monitors_and_thresholds() {
        let constants: &[(u8, &[u8])] = &[
            (0, &[40, 0, 0, 0, 0, 0, 0, 0]),
            (68, &0.5_f32.to_be_bytes()),
            (72, &20.0_f32.to_be_bytes()),
            (76, &[0x02, 0x00, 0xFF, 0xF6]),
            (84, &[0x01, 0x80, 0x00, 0x40]),
            (96, &[20, 0, 0, 0, 0, 100, 0, 0, 0x01, 0x00]),
        ];
        let snapshot = module(&[(0, &[3]), (92, &[0x50, 0xF0])], constants);
        let lane = &snapshot.lanes[0];
        let celsius = snapshot.monitors.temperature.value().unwrap().celsius();
        assert_eq!(celsius, 30.25);
        assert!((lane.tx_bias.value().unwrap().amperes() - 380e-6).abs() < 1e-12);
        assert!((lane.rx_power.value().unwrap().watts() - 14.8e-6).abs() < 1e-15);
        let levels = snapshot.thresholds.temperature.value().unwrap();
        assert_eq!(levels.high_alarm.celsius(), 60.25);
        assert!(snapshot.problems.iter().all(|p| !p.contains("calibrates")));
    }

    #[test]
    fn calibration_that_nobody_claims_is_told() {
        let snapshot = module(&[(92, &[0x40])], &[(96, &[20, 0])]);
        let celsius = snapshot.monitors.temperature.value().unwrap().celsius();
        assert_eq!(celsius, 20.0);
        assert!(snapshot.problems.iter().any(|p| p.contains("calibrates")));
    }

    #[test]
    fn without_diagnostics_nothing_is_measured() {
        for diagnostics in [0x00, 0x24, 0x6C] {
            let busy: &[(u8, &[u8])] = &[(0, &[0x55; 128])];
            let snapshot = module(&[(92, &[diagnostics, 0xFF])], busy);
            assert_eq!(snapshot.monitors.temperature, Reading::NOT_ADVERTISED);
            assert_eq!(snapshot.data_not_ready, Reading::NOT_ADVERTISED);
            assert_eq!(snapshot.thresholds.supply, Reading::NOT_ADVERTISED);
            let lane = &snapshot.lanes[0];
            assert_eq!(lane.rx_power, Reading::NOT_ADVERTISED);
            assert_eq!(lane.rx_power_flags, Reading::NOT_ADVERTISED);
            assert_eq!(lane.signals.tx_fault, Reading::NOT_ADVERTISED);
            assert_eq!(snapshot.checksums.len(), 2);
        }
    }

    #[test]
    fn status_and_flags_need_their_option_bits() {
        let raised: &[(u8, &[u8])] = &[(110, &[0x06, 0, 0x80, 0x40, 0, 0, 0x40, 0])];
        let all = module(&[(92, &[0x68, 0xB0])], raised);
        assert_eq!(all.lanes[0].signals.tx_fault, Reading::Value(true));
        assert_eq!(all.lanes[0].signals.rx_los, Reading::Value(true));
        let temperature = all.flags.temperature.value().unwrap().to_array();
        assert_eq!(temperature, [true, false, false, true]);
        let rx = all.lanes[0].rx_power_flags.value().unwrap().to_array();
        assert_eq!(rx, [false, true, false, false]);
        let none = module(&[(92, &[0x68, 0x00])], raised);
        assert_eq!(none.lanes[0].signals.rx_los, Reading::NOT_ADVERTISED);
        assert_eq!(none.flags.temperature, Reading::NOT_ADVERTISED);
    }

    #[test]
    fn monitors_are_absent_until_the_module_is_ready() {
        let snapshot = module(&[(92, &[0x68])], &[(96, &[20]), (110, &[1])]);
        let why = snapshot.monitors.temperature.absence();
        assert_eq!(why, Some(Absence::NotReady));
        assert_eq!(snapshot.lanes[0].rx_power.absence(), why);
    }

    #[test]
    fn a_dump_without_a2_says_so() {
        let mut a0 = [0; 128];
        a0[92] = 0x68;
        let snapshot = snapshot(registers_of(&[(Half::LOWER, a0)]));
        let missing = Some(Absence::NotInDump);
        assert_eq!(snapshot.monitors.supply.absence(), missing);
        assert_eq!(snapshot.thresholds.supply.absence(), missing);
        let empty = super::snapshot(registers_of(&[]));
        assert_eq!(empty.identity.vendor.absence(), missing);
    }

    proptest! {
        #[test]
        fn any_pages_decode(pages in any::<[[[u8; 32]; 4]; 2]>()) {
            let halves = [Device::A0, Device::A2].map(Half::lower);
            let whole = |bytes: [[u8; 32]; 4]| bytes.as_flattened().try_into().unwrap();
            let halves: Vec<_> = halves.into_iter().zip(pages.map(whole)).collect();
            let snapshot = snapshot(registers_of(&halves));
            let power = snapshot.lanes[0].rx_power.value();
            prop_assert!(power.is_none_or(|w| w.watts().is_finite() && w.watts() >= 0.0));
        }
    }
}
