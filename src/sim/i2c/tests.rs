//! The bus manners of simulated modules, seen as a driver sees them.

use std::sync::Arc;
use std::time::Duration;

use embedded_hal::i2c::{Error as _, ErrorKind, I2c, NoAcknowledgeSource, Operation};

use super::*;
use crate::bus::address::{Bank, Device, Half};
use crate::bus::image::Image;
use crate::clock::{Clock, ManualClock};
use crate::sim::builders;
use crate::sim::cage::WriteRecord;
use crate::sim::fault::Fault;
use crate::sim::lifecycle::Startup;
use crate::sim::module::SimModule;

const MODULE: u8 = 0x50;
const NOT_NOW: ErrorKind = ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address);

/// A cage with a module in it, and somebody who talks to it.
struct Bench {
    clock: ManualClock,
    cage: Cage,
    i2c: SimI2c,
}

fn bench_with(module: SimModule) -> Bench {
    let clock = ManualClock::new();
    let cage = Cage::new(Arc::new(clock.clone()));
    cage.insert(module);
    let i2c = cage.i2c(BusRate::Khz400);
    Bench { clock, cage, i2c }
}

/// A module that has been running for ten seconds.
fn bench(name: &str) -> Bench {
    let bench = bench_with(builders::by_name(name).unwrap());
    bench.pass(10_000);
    bench
}

/// A module whose bytes say where they are: lower memory holds its offsets,
/// pages 00h, 01h, 02h and 11h hold their page numbers, and page 11h of bank 1
/// holds A1h.
fn labelled() -> Bench {
    let mut image = Image::new();
    let mut lower = [0; 128];
    for (n, byte) in (0_u8..).zip(&mut lower) {
        *byte = n;
    }
    lower[0] = 0x19;
    lower[2] = 0;
    lower[126] = 0;
    lower[127] = 0;
    image.put(Half::LOWER, lower);
    for page in [0x00, 0x01, 0x02, 0x11] {
        image.put(Half::page(page), [page; 128]);
    }
    let bank = Bank::new(1).unwrap();
    image.put(Half::page(0x11).in_bank(bank), [0xA1; 128]);
    let module = SimModule::from_image(&image).with_manners(|m| m.startup = Startup::INSTANT);
    bench_with(module)
}

impl Bench {
    fn pass(&self, milliseconds: u64) {
        self.clock.advance(Duration::from_millis(milliseconds));
    }

    fn read<const N: usize>(&mut self, offset: u8) -> [u8; N] {
        let mut bytes = [0; N];
        self.i2c.write_read(MODULE, &[offset], &mut bytes).unwrap();
        bytes
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ErrorKind> {
        self.i2c.write(MODULE, bytes).map_err(|error| error.kind())
    }

    /// Selects and waits out the hold.
    fn select(&mut self, bank: u8, page: u8) {
        self.write(&[126, bank, page]).unwrap();
        self.pass(10);
    }

    fn u16(&mut self, offset: u8) -> u16 {
        u16::from_be_bytes(self.read(offset))
    }
}

#[test]
fn the_pointer_wraps_inside_each_half() {
    let mut bench = labelled();
    assert_eq!(bench.read(125), [125, 0, 0, 0x19, 1, 0, 2]);
    assert_eq!(bench.read(254), [0, 0, 0, 0]);
    bench.select(0, 0x11);
    assert_eq!(bench.read(255), [0x11, 0x11]);
    assert_eq!(bench.read::<130>(128), [0x11; 130]);
    let mut next = [0; 2];
    let _: [u8; 1] = bench.read(255);
    bench.i2c.read(MODULE, &mut next).unwrap();
    assert_eq!(next, [0x11, 0x11], "the next read starts at 128");
    let _: [u8; 1] = bench.read(127);
    bench.i2c.read(MODULE, &mut next).unwrap();
    assert_eq!(next, [0x19, 1], "the next read starts at 0");
}

#[test]
fn a_read_without_an_offset_goes_on_from_the_pointer() {
    let mut bench = labelled();
    assert_eq!(bench.read(30), [30, 31, 32]);
    let mut next = [0; 2];
    bench.i2c.read(MODULE, &mut next).unwrap();
    assert_eq!(next, [33, 34]);
}

#[test]
fn two_writes_in_one_transaction_are_two_messages() {
    let mut bench = labelled();
    let mut answer = [0; 2];
    let operations = &mut [
        Operation::Write(&[40]),
        Operation::Write(&[60]),
        Operation::Read(&mut answer),
    ];
    bench.i2c.transaction(MODULE, operations).unwrap();
    assert_eq!(answer, [60, 61]);
}

#[test]
fn a_missing_page_becomes_page_zero() {
    let mut bench = labelled();
    bench.select(0, 0x02);
    assert_eq!(bench.read(127), [0x02]);
    assert_eq!(bench.read(128), [0x02]);
    bench.select(0, 0x2F);
    assert_eq!(bench.read(127), [0x00]);
    assert_eq!(bench.read(128), [0x00]);
    bench.select(3, 0x11);
    assert_eq!(bench.read(127), [0x00], "a bank that does not exist");
}

#[test]
fn a_bank_takes_effect_with_the_page() {
    let mut bench = labelled();
    bench.select(0, 0x11);
    bench.write(&[126, 1]).unwrap();
    bench.pass(10);
    assert_eq!(bench.read(126), [1, 0x11]);
    assert_eq!(bench.read(200), [0x11], "still bank 0");
    bench.write(&[127, 0x11]).unwrap();
    bench.pass(10);
    assert_eq!(bench.read(200), [0xA1]);
    bench.select(1, 0x02);
    assert_eq!(bench.read(200), [0x02], "a page without banks");
}

#[test]
fn flat_memory_selects_nothing() {
    let mut bench = bench("dac-400g");
    let identity: [u8; 16] = bench.read(129);
    bench.select(0, 0x11);
    assert_eq!(bench.read(126), [0, 0]);
    assert_eq!(bench.read(129), identity);
}

#[test]
fn a_module_refuses_for_a_while_after_a_page_change() {
    let mut bench = bench("dsp-800g");
    let before = bench.clock.now();
    bench.write(&[126, 0, 0x11]).unwrap();
    let mut byte = [0];
    let refused = bench.i2c.write_read(MODULE, &[0], &mut byte).unwrap_err();
    assert_eq!(refused.kind(), NOT_NOW);
    while bench.i2c.write_read(MODULE, &[127], &mut byte).is_err() {}
    let held = bench.clock.now() - before;
    assert!(held >= Duration::from_millis(2) && held < Duration::from_millis(3));
    assert_eq!(byte, [0x11]);
}

#[test]
fn a_page_change_and_a_read_in_one_transaction_is_refused() {
    let mut bench = bench("dsp-800g");
    let mut byte = [0];
    let operations = &mut [
        Operation::Write(&[126, 0, 0x11]),
        Operation::Read(&mut byte),
    ];
    let error = bench.i2c.transaction(MODULE, operations).unwrap_err();
    assert_eq!(error.kind(), NOT_NOW);
    bench.pass(10);
    assert_eq!(bench.read(127), [0x11], "the write itself was taken");
}

#[test]
fn nobody_answers_before_initialisation_or_at_another_address() {
    let mut bench = bench_with(builders::by_name("dsp-800g").unwrap());
    let mut byte = [0];
    let early = bench.i2c.write_read(MODULE, &[0], &mut byte).unwrap_err();
    assert_eq!(early.kind(), NOT_NOW);
    bench.pass(300);
    assert_eq!(bench.read(0), [0x19]);
    assert!(bench.i2c.write_read(0x51, &[0], &mut byte).is_err());

    let mut sfp = self::bench("sfp28");
    sfp.i2c.write_read(0x51, &[95], &mut byte).unwrap();
    sfp.cage.remove();
    let empty = sfp.i2c.write_read(0x51, &[95], &mut byte).unwrap_err();
    assert_eq!(empty.kind(), NOT_NOW);
}

#[test]
fn states_run_from_low_power_to_traffic() {
    let mut bench = bench_with(builders::by_name("dsp-800g").unwrap());
    bench.pass(400);
    let [state] = bench.read(3);
    assert_eq!(state >> 1 & 7, 1);
    bench.pass(500);
    let [state] = bench.read(3);
    assert_eq!(state >> 1 & 7, 2);
    let [changed] = bench.read(8);
    assert_eq!(changed & 1, 1, "the state change is flagged");
    bench.select(0, 0x11);
    assert_eq!(bench.read(128), [0x11; 4]);
    assert_eq!(bench.u16(154), 0, "no light before the lasers are on");
    bench.pass(5_000);
    assert_eq!(bench.read(128), [0x44; 4]);
    assert!(bench.u16(154) > 5_000);
    assert_eq!(bench.read(132), [0xFF, 0xFF]);
    let mut flags = [0; 20];
    flags[0] = 0xFF;
    assert_eq!(bench.read(134), flags, "starting up is no alarm");
}

#[test]
fn flags_clear_when_read_and_come_back_while_it_lasts() {
    const HIGH_ALARM_AND_WARNING: u8 = 0b0101;
    let mut bench = bench("lpo-800g");
    let _: [u8; 6] = bench.read(8);
    assert_eq!(bench.read(9), [0]);
    bench
        .cage
        .adjust(|knobs, now| knobs.temperature.turn_to(80.0, now, Duration::ZERO));
    bench.pass(200);
    assert_eq!(bench.read(9), [HIGH_ALARM_AND_WARNING]);
    assert_eq!(bench.read(9), [0], "cleared by the read");
    bench.pass(200);
    assert_eq!(bench.read(9), [HIGH_ALARM_AND_WARNING], "still hot");
    bench.pass(200);
    bench.cage.calm();
    bench.pass(200);
    assert_eq!(
        bench.read(9),
        [HIGH_ALARM_AND_WARNING],
        "latched when it was hot"
    );
    bench.pass(200);
    assert_eq!(bench.read(9), [0]);
}

#[test]
fn a_dark_lane_shows_in_power_flags_summary_and_interrupt() {
    let mut bench = bench("dsp-800g");
    bench.select(0, 0x11);
    let _: [u8; 20] = bench.read(134);
    let [status, summary] = bench.read(3);
    assert_eq!((status & 1, summary), (0, 0), "module flags are pending");
    let _: [u8; 6] = bench.read(8);
    assert_eq!(bench.read::<1>(3)[0] & 1, 1, "nothing is pending");

    bench.cage.adjust(|knobs, _| knobs.dark_lanes = 1 << 2);
    bench.pass(200);
    let [status, summary] = bench.read(3);
    assert_eq!((status & 1, summary & 1), (0, 1));
    assert_eq!(bench.u16(186 + 4), 0);
    assert_ne!(bench.u16(186 + 6), 0);
    assert_eq!(
        bench.read(147),
        [1 << 2, 1 << 2],
        "loss of signal and of lock"
    );
    assert_eq!(bench.read(150), [1 << 2], "low alarm");
    assert_eq!(bench.read(149), [0], "high alarm");
}

#[test]
fn a_recorded_module_clears_its_flags_for_good() {
    let mut bench = labelled();
    assert_eq!(bench.read(8), [8, 9, 10, 11, 12, 13, 14]);
    bench.pass(1_000);
    assert_eq!(bench.read(8), [0, 0, 0, 0, 0, 0, 14]);
}

#[test]
fn recorded_modules_read_back_as_recorded() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/images");
    let Ok(files) = std::fs::read_dir(folder) else {
        return eprintln!("skipped: no recorded modules at {folder}");
    };
    for file in files {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let image = recorded(&text);
        let module = SimModule::from_image(&image);
        let mut bench = bench_with(module.with_manners(|m| m.startup = Startup::INSTANT));
        for (half, sheet) in image.halves() {
            if let Some((page, bank)) = half.upper() {
                let select = [126, bank.number(), page.0];
                bench.i2c.write(half.device().address(), &select).unwrap();
                bench.pass(10);
            }
            let mut bytes = [0; 128];
            let address = half.device().address();
            bench
                .i2c
                .write_read(address, &[half.base()], &mut bytes)
                .unwrap();
            let mut expected = sheet.array::<128>(half.base());
            if half == Half::LOWER {
                // Bytes that the bus itself decides: summary, interrupt, select.
                for place in [3, 4, 5, 6, 7, 126, 127] {
                    expected[place] = bytes[place];
                }
            }
            assert_eq!(bytes, expected, "{half} of\n{text}");
        }
    }
}

/// The bytes of a dump file.
fn recorded(text: &str) -> Image {
    let mut image = Image::new();
    let mut place = (Half::LOWER, 0_u8);
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<_> = line.split_whitespace().collect();
        if let ["page", name, rest @ ..] = &words[..] {
            let device = match rest.contains(&"a2") {
                true => Device::A2,
                false => Device::A0,
            };
            let bank = rest.iter().position(|word| *word == "bank");
            let bank = bank.map_or(0, |at| rest[at + 1].parse().unwrap());
            let half = match u8::from_str_radix(name, 16) {
                Ok(page) => Half::page_of(device, page).in_bank(Bank::new(bank).unwrap()),
                Err(_) => Half::lower(device),
            };
            place = (half, half.base());
            continue;
        }
        for word in words {
            let byte = u8::from_str_radix(word, 16).unwrap();
            image.sheet_mut(place.0).put(place.1, &[byte]);
            place.1 = place.1.wrapping_add(1);
        }
    }
    image
}

#[test]
fn a_transaction_takes_its_time_on_the_wire() {
    let mut bench = labelled();
    for (rate, tenths) in [(BusRate::Khz100, 100_u64), (BusRate::Khz400, 25)] {
        for length in [1_u16, 8, 128] {
            let mut buffer = vec![0; usize::from(length)];
            let before = bench.clock.now();
            let mut i2c = bench.cage.i2c(rate);
            i2c.write_read(MODULE, &[0], &mut buffer).unwrap();
            let bits = 30 + 9 * u64::from(length);
            let spent = bench.clock.now() - before;
            assert_eq!(
                spent,
                Duration::from_nanos(bits * tenths * 100),
                "{rate:?} {length}"
            );
        }
    }
    let before = bench.clock.now();
    bench.i2c.write(MODULE, &[126, 0, 0]).unwrap();
    let bits = 1 + 9 * 4 + 1;
    assert_eq!(bench.clock.now() - before, BusRate::Khz400.time(bits));
    let traffic = bench.cage.traffic();
    assert_eq!((traffic.transactions, traffic.failures), (7, 0));
    assert_eq!(traffic.recent().last().unwrap().bits, bits);
    let fast = bench.cage.i2c(BusRate::Mhz1).write(MODULE, &[0]);
    assert!(fast.is_err(), "the module is not made for 1 MHz");
}

#[test]
fn every_write_is_in_the_log_and_pointers_are_not() {
    let mut bench = bench("dsp-800g");
    let at = bench.clock.now();
    bench.write(&[126, 0, 0x11]).unwrap();
    assert_eq!(bench.write(&[127, 0x02]), Err(NOT_NOW));
    bench.pass(10);
    let _: [u8; 8] = bench.read(128);
    let record = |at, offset, bytes: &[u8], accepted| WriteRecord {
        at,
        address: MODULE,
        offset,
        bytes: bytes.to_vec(),
        accepted,
    };
    let refused_at = at + BusRate::Khz400.time(38);
    assert_eq!(
        bench.cage.write_log(),
        [
            record(at, 126, &[0, 0x11], true),
            record(refused_at, 127, &[0x02], false),
        ]
    );
    bench.cage.keep_writes(3);
    for page in 0..9 {
        bench.select(0, page);
    }
    let newest: Vec<_> = bench
        .cage
        .write_log()
        .into_iter()
        .map(|write| write.bytes)
        .collect();
    assert_eq!(newest, [[0, 6], [0, 7], [0, 8]]);
}

#[test]
fn read_only_registers_stay_and_long_writes_are_refused() {
    let mut bench = bench("dsp-800g");
    let identity: [u8; 4] = bench.read(148);
    bench.write(&[148, b'X', b'Y']).unwrap();
    bench.pass(10);
    assert_eq!(bench.read(148), identity);
    assert_eq!(bench.cage.write_log().len(), 1);
    let too_long = bench.write(&[31, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(
        too_long,
        Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Data))
    );
    assert_eq!(bench.read(31), [0, 0], "none of it had an effect");
}

#[test]
fn eight_byte_modules_serve_eight_bytes() {
    let module = builders::by_name("lpo-800g").unwrap();
    let mut bench = bench_with(module.with_manners(|m| m.read_limit = Some(8)));
    bench.pass(10_000);
    let long: [u8; 16] = bench.read(129);
    let first: [u8; 8] = bench.read(129);
    let second: [u8; 8] = bench.read(137);
    assert_eq!(long[..8], first);
    assert_eq!(long[8..], [0xFF; 8]);
    assert_eq!(&second, b"SIM     ");
}

#[test]
fn faults_look_like_the_real_ones() {
    let mut bench = bench("dsp-800g");
    let mut byte = [0];
    for (fault, kind) in [
        (Fault::NackNext(1), NOT_NOW),
        (Fault::BusError(1), ErrorKind::Bus),
        (Fault::ArbitrationLoss(1), ErrorKind::ArbitrationLoss),
        (Fault::Hang(Duration::from_secs(1)), ErrorKind::Other),
    ] {
        bench.cage.set_fault(fault);
        let before = bench.clock.now();
        let error = bench.i2c.write_read(MODULE, &[0], &mut byte).unwrap_err();
        assert_eq!(error.kind(), kind, "{fault:?}");
        let hung = bench.clock.now() - before >= Duration::from_secs(1);
        assert_eq!(hung, matches!(fault, Fault::Hang(_)));
    }
    bench.cage.set_fault(Fault::NackForever);
    bench.write(&[127, 3]).unwrap_err();
    let log = bench.cage.write_log();
    assert!(!log[0].accepted, "an attempt is in the log too");
    bench.cage.set_fault(Fault::Stuck);
    assert_eq!(bench.read(0), [0xFF; 4]);
    bench.cage.set_fault(Fault::ShortReads);
    assert_eq!(bench.read::<10>(0)[8..], [0xFF; 2]);
    bench.cage.set_fault(Fault::None);
    assert_eq!(bench.read(0), [0x19]);
}

#[test]
fn another_master_moves_the_page_between_select_and_read() {
    let mut bench = bench("dsp-800g");
    bench.select(0, 0x11);
    let (bank, page) = (0, 0x02);
    bench
        .cage
        .set_fault(Fault::OtherMaster { nth: 2, bank, page });
    assert_eq!(bench.read(126), [0, 0x11]);
    let temperature: [u8; 2] = bench.read(128);
    assert_eq!(
        temperature,
        (75_u16 * 256).to_be_bytes(),
        "thresholds, not states"
    );
    assert_eq!(bench.read(126), [0, 0x02]);
    assert!(
        bench
            .cage
            .write_log()
            .iter()
            .all(|write| write.bytes == [0, 0x11])
    );
}

#[test]
fn a_freeze_holds_statistics_and_only_those() {
    const BER_AVERAGE_HOST: u8 = 14;
    let mut bench = bench("dsp-800g");
    bench.select(0, 0x20);
    let descriptors: [u8; 128] = bench.read(128);
    let place = |kind: u8| {
        let k = descriptors
            .chunks(2)
            .position(|pair| pair[1] == kind)
            .unwrap();
        128 + 2 * u8::try_from(k).unwrap()
    };
    let (average, current) = (place(BER_AVERAGE_HOST), place(16));

    bench.select(0, 0x2F);
    bench.write(&[144, 0x80]).unwrap();
    bench.pass(4);
    assert_eq!(bench.read(145), [0], "not yet");
    bench.pass(6);
    assert_eq!(bench.read(145), [0x80]);
    bench.select(0, 0x24);
    let frozen = (bench.u16(average), bench.u16(current));
    bench
        .cage
        .adjust(|knobs, now| knobs.ber_decades.turn_to(1.0, now, Duration::ZERO));
    bench.pass(7_000);
    assert_eq!(bench.u16(average), frozen.0);
    assert_ne!(bench.u16(current), frozen.1);

    bench.select(0, 0x2F);
    bench.write(&[144, 0x00]).unwrap();
    bench.pass(10);
    assert_eq!(bench.read(145), [0x40]);
    bench.select(0, 0x24);
    bench.pass(5_000);
    assert_ne!(bench.u16(average), frozen.0, "a new interval");
}

#[test]
fn a_module_without_statistics_never_answers_a_freeze() {
    let mut bench = bench("dsp-800g");
    let module = bench.cage.remove().unwrap();
    let mut image = module.registers().image().clone();
    image.put(Half::page(0x20), [0; 128]);
    image.put(Half::page(0x21), [0; 128]);
    bench.cage.insert(SimModule::from_image(&image));
    bench.pass(3_000);
    bench.select(0, 0x2F);
    bench.write(&[144, 0x80]).unwrap();
    bench.pass(1_000);
    assert_eq!(bench.read(144), [0x80, 0x00]);
}

#[test]
fn the_diagnostics_window_is_stale_before_it_changes() {
    const SNR: u8 = 0x06;
    let mut bench = bench("dsp-800g");
    bench.select(0, 0x14);
    bench.write(&[128, SNR]).unwrap();
    bench.pass(4);
    assert_eq!(bench.read(128), [SNR]);
    assert_eq!(bench.read(208), [0, 0], "early");
    bench.pass(10);
    let decibels = f64::from(u16::from_le_bytes(bench.read(208))) / 256.0;
    assert!((15.0..30.0).contains(&decibels), "{decibels}");
    bench.write(&[128, 0xC0]).unwrap();
    bench.pass(20);
    assert_eq!(bench.read(128), [0], "a selector that the module lacks");
}

#[test]
fn reinsertion_starts_a_module_over() {
    let mut bench = bench("dsp-800g");
    bench.select(0, 0x11);
    let module = bench.cage.remove().unwrap();
    bench.cage.insert(module);
    let mut byte = [0];
    assert!(bench.i2c.write_read(MODULE, &[0], &mut byte).is_err());
    bench.pass(400);
    assert_eq!(bench.read(126), [0, 0]);
    let [state] = bench.read(3);
    assert_eq!(state >> 1 & 7, 1);
}

#[test]
fn an_sfp_reports_what_is_so_now() {
    let mut bench = bench("sfp28");
    let mut flags = [0; 2];
    let mut read = |bench: &mut Bench| {
        let address = Device::A2.address();
        bench.i2c.write_read(address, &[112], &mut flags).unwrap();
        flags
    };
    assert_eq!(read(&mut bench), [0, 0]);
    bench.cage.adjust(|knobs, now| {
        knobs.temperature.turn_to(90.0, now, Duration::ZERO);
        knobs.dark_lanes = 1;
    });
    bench.pass(200);
    assert_eq!(read(&mut bench), [0x80, 0x40]);
    assert_eq!(read(&mut bench), [0x80, 0x40], "not latched");
    bench.cage.calm();
    bench.pass(200);
    assert_eq!(read(&mut bench), [0, 0]);
}

#[test]
fn a_qsfp28_latches_in_its_own_bit_order() {
    let mut bench = bench("qsfp28");
    let _: [u8; 12] = bench.read(3);
    bench.cage.adjust(|knobs, _| knobs.dark_lanes = 1 << 1);
    bench.pass(200);
    assert_eq!(bench.read(3), [0b0000_0010, 0, 0b0000_0010]);
    assert_eq!(
        bench.read(9),
        [0b0000_0101, 0],
        "lane 2: low alarm, low warning"
    );
    assert_eq!(bench.u16(36), 0);
    assert_eq!(bench.read(2), [0b10]);
}

#[test]
fn a_channel_can_be_cloned_into_a_thread() {
    fn wanted<T: Clone + Send>(_: &T) {}
    let bench = bench("sfp28");
    wanted(&bench.i2c);
    wanted(&bench.cage);
}
