//! What is read, what it costs, and what odd modules do to it.

use super::*;

#[test]
fn every_simulated_module_is_read_whole() {
    for name in builders::NAMES {
        let sweep = Bench::new(builder(name)).sweep().unwrap();
        assert!(sweep.inserted, "{name}");
        let failures = &sweep.snapshot.failures;
        assert!(failures.is_empty(), "{name}: {failures:?}");
        let identity = &sweep.snapshot.identity;
        assert!(identity.serial.as_ref().value().is_some(), "{name}");
    }
}

#[test]
fn a_steady_sweep_is_cheap_and_reads_nothing_static() {
    for (name, most) in [
        ("dsp-800g", 27),
        ("lpo-800g", 8),
        ("cpo-32", 24),
        ("qsfp28", 4),
    ] {
        let mut bench = Bench::new(builder(name));
        bench.sweep().unwrap();
        for _ in 0..5 {
            let sweep = bench.sweep().unwrap();
            assert!(!sweep.inserted, "{name}");
            assert!(sweep.snapshot.failures.is_empty(), "{name}");
            assert!(
                bench.transactions() <= most,
                "{name}: {}",
                bench.transactions()
            );
        }
    }
    let mut bench = Bench::new(builder("dsp-800g"));
    bench.sweep().unwrap();
    let before = bench.cage.write_log().len();
    bench.sweep().unwrap();
    for write in &bench.cage.write_log()[before..] {
        let page = write.bytes[1];
        assert!(
            [0x10, 0x11, 0x14, 0x2C, 0x2F].contains(&page) || (0x24..0x28).contains(&page),
            "page {page:02x}h"
        );
    }
}

#[test]
fn a_module_that_serves_eight_bytes_is_read_right_and_says_so() {
    let (module, truth) = still("dsp-800g");
    let mut bench = Bench::new(module.with_manners(|m| m.read_limit = Some(8)));
    for _ in 0..2 {
        let snapshot = bench.sweep().unwrap().snapshot;
        assert_eq!(wrong_bytes(&snapshot.image, &truth), []);
        assert!(
            snapshot
                .problems
                .iter()
                .any(|p| p.contains("8 bytes at a time"))
        );
    }
    assert!(bench.reads.lock().unwrap().iter().all(|(_, n)| *n <= 8));
}

#[test]
fn a_module_that_serves_less_than_the_one_before_is_met_anew() {
    for name in builders::NAMES {
        let (module, truth) = still(name);
        let mut bench = Bench::new(builder("lpo-800g"));
        bench.sweep().unwrap();
        bench.cage.remove();
        assert!(bench.sweep().is_err());
        bench
            .cage
            .insert(module.with_manners(|m| m.read_limit = Some(8)));
        let read = (0..3).find_map(|_| bench.sweep().ok());
        let snapshot = read
            .unwrap_or_else(|| panic!("{name} is never read"))
            .snapshot;
        assert_eq!(wrong_bytes(&snapshot.image, &truth), [], "{name}");
    }
}

#[test]
fn what_a_stuck_bus_showed_is_forgotten_when_it_works_again() {
    let mut bench = Bench::new(builder("lpo-800g"));
    bench.cage.set_fault(Fault::Stuck);
    let stuck = bench.sweep().unwrap().snapshot;
    assert_eq!(stuck.management, Management::Unknown);
    assert!(!bench.sweep().unwrap().inserted);
    bench.cage.set_fault(Fault::None);
    let well = bench.sweep().unwrap();
    assert_eq!(well.snapshot.management, Management::Cmis);
    assert!(well.inserted);
}

#[test]
fn a_module_of_an_unknown_kind_that_goes_is_missed() {
    let mut image = Image::new();
    image.put(Half::LOWER, [0x77; 128]);
    image.put(Half::page(0), [0; 128]);
    let mut bench = Bench::new(SimModule::from_image(&image));
    bench.sweep().unwrap();
    bench.cage.remove();
    assert_eq!(bench.sweep().unwrap_err().kind, BusErrorKind::NoAnswer);
}

#[test]
fn a_page_that_is_advertised_and_absent_is_asked_for_once() {
    let (_, mut truth) = still("lpo-800g");
    // 01h:142.6 and .5: VDM and diagnostics, which this module does not have.
    let page_01 = truth.sheet_mut(Half::page(0x01));
    page_01.put(142, &[page_01.u8(142) | 0x60]);
    page_01.put(255, &[page_01.sum(130, 254)]);
    let mut bench = Bench::new(SimModule::from_image(&truth));
    let snapshot = bench.sweep().unwrap().snapshot;
    let told = |snapshot: &crate::module::Snapshot| {
        let text = "page 13 is advertised, but the module does not have it";
        snapshot.problems.iter().any(|p| p == text)
    };
    assert!(told(&snapshot), "{:?}", snapshot.problems);
    let after = bench.sweep().unwrap().snapshot;
    assert!(told(&after));
    assert!(bench.transactions() <= 8, "{}", bench.transactions());
    assert!(after.vdm.is_empty() && after.snr.is_empty());
}

#[test]
fn only_page_selects_are_ever_written() {
    for name in builders::NAMES {
        let mut bench = Bench::new(builder(name));
        for _ in 0..12 {
            bench.sweep().unwrap();
        }
        for write in bench.cage.write_log() {
            let end = usize::from(write.offset) + write.bytes.len();
            assert!(write.offset >= 126 && end <= 128, "{name}: {write:?}");
        }
    }
}
