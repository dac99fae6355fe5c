//! Modules that come, go and take each other's place while they are read.

use super::*;

#[test]
fn a_swapped_module_is_known_at_the_next_sweep() {
    for name in ["dsp-800g", "lpo-800g", "dac-400g", "qsfp28", "sfp28"] {
        let mut bench = Bench::new(builder(name));
        let first = bench.sweep().unwrap().snapshot;
        let other = builders::by_name_with_serial(name, "OTHER0001").unwrap();
        bench.cage.insert(up(other));
        let sweep = bench.sweep().unwrap();
        assert!(sweep.inserted, "{name}");
        let serial = sweep.snapshot.identity.serial.value().unwrap();
        assert_eq!(serial, "OTHER0001", "{name}");
        assert_ne!(first.identity.serial.value().unwrap(), serial);
        assert!(!bench.sweep().unwrap().inserted, "{name}");
    }
}

#[test]
fn another_kind_of_module_is_read_by_its_own_map() {
    let mut bench = Bench::new(builder("dsp-800g"));
    bench.sweep().unwrap();
    for name in builders::NAMES {
        bench.cage.insert(up(builder(name)));
        let sweep = bench.sweep().unwrap();
        let fresh = Bench::new(builder(name)).sweep().unwrap().snapshot;
        assert_eq!(sweep.snapshot.management, fresh.management, "{name}");
        assert_eq!(sweep.snapshot.identity, fresh.identity, "{name}");
        assert_eq!(sweep.snapshot.lanes.len(), fresh.lanes.len(), "{name}");
    }
}

#[test]
fn a_module_that_was_only_reset_is_the_same_one() {
    let mut bench = Bench::new(builder("dsp-800g"));
    bench.sweep().unwrap();
    let module = bench.cage.remove().unwrap();
    bench.cage.insert(module);
    let sweep = bench.sweep().unwrap();
    assert!(!sweep.inserted);
    assert_eq!(sweep.snapshot.failures, []);
}

#[test]
fn a_pulled_module_is_an_error_and_comes_back_as_itself() {
    let mut bench = Bench::new(builder("lpo-800g"));
    bench.sweep().unwrap();
    let module = bench.cage.remove().unwrap();
    assert_eq!(bench.sweep().unwrap_err().kind, BusErrorKind::NoAnswer);
    bench.cage.insert(module);
    assert!(!bench.sweep().unwrap().inserted);
}

/// Where a module of a map measures: half, first and last offset. Whose bytes are
/// read there, they are.
fn measured(name: &str) -> Vec<(Half, u8, u8)> {
    match name {
        "sfp28" => vec![(Half::lower(Device::A2), 96, 105)],
        "qsfp28" => vec![(Half::LOWER, 22, 57)],
        "dac-400g" => vec![(Half::LOWER, 14, 17)],
        _ => vec![
            (Half::LOWER, 14, 17),
            (Half::page(0x11), 154, 201),
            (Half::page(0x24), 128, 255),
        ],
    }
}

/// A still module like one of a builder, with another serial number, that
/// measures something else in every byte; its registers, too.
fn sibling(name: &str, serial: &[u8; 16]) -> Image {
    let (_, mut image) = still(name);
    let (half, first) = match name {
        "sfp28" => (Half::LOWER, 68),
        "qsfp28" => (Half::page(0), 196),
        _ => (Half::page(0), 166),
    };
    image.sheet_mut(half).put(first, serial);
    for (half, first, last) in measured(name) {
        for offset in first..=last {
            let sheet = image.sheet_mut(half);
            if sheet.knows(offset, 1) {
                sheet.put(offset, &[sheet.u8(offset) ^ 0x41]);
            }
        }
    }
    image
}

/// Fails if anything measured in a sweep is not what the module of that name plate
/// measures.
fn check_attribution(sweep: &Sweep, modules: &[(&str, &Image)], context: &str) {
    let serial_of = |image: &Image| {
        let mut bench = Bench::new(SimModule::from_image(image));
        bench.sweep().unwrap().snapshot.identity.serial
    };
    let serial = &sweep.snapshot.identity.serial;
    let owner = modules
        .iter()
        .find(|(_, image)| serial_of(image) == *serial);
    let (name, truth) = owner.unwrap_or_else(|| panic!("{context}: {serial:?}"));
    for (half, first, last) in measured(name) {
        let (Some(read), Some(truth)) = (sweep.snapshot.image.sheet(half), truth.sheet(half))
        else {
            continue;
        };
        for offset in first..=last {
            let right = !read.knows(offset, 1) || read.u8(offset) == truth.u8(offset);
            assert!(right, "{context}: {half} {offset} of {name}");
        }
    }
}

#[test]
fn a_swap_at_any_transaction_attributes_no_reading_to_another_module() {
    let pairs = [
        ("dsp-800g", "dsp-800g"),
        ("lpo-800g", "lpo-800g"),
        ("qsfp28", "qsfp28"),
        ("sfp28", "sfp28"),
        ("dac-400g", "dac-400g"),
        ("lpo-800g", "dsp-800g"),
        ("qsfp28", "lpo-800g"),
        ("lpo-800g", "sfp28"),
    ];
    for (one, other) in pairs {
        let (_, first) = still(one);
        let second = sibling(other, b"ANOTHER00000001 ");
        let modules = [(one, &first), (other, &second)];
        for steady in [false, true] {
            let mut bench = Bench::new(SimModule::from_image(&first));
            bench.sweep().unwrap();
            if steady {
                bench.sweep().unwrap();
            }
            for place in 0..bench.transactions() {
                let context = format!("{one} to {other} before {place}, steady: {steady}");
                let time = Arc::new(OnceLock::<ManualClock>::new());
                let (clock, plugged) = (Arc::clone(&time), second.clone());
                let before: Before = Box::new(move |number, cage| {
                    if number == place {
                        cage.remove();
                        clock.get().unwrap().advance(Duration::from_millis(250));
                        cage.insert(up(SimModule::from_image(&plugged)));
                    }
                    Ok(())
                });
                let mut sweeps = 0;
                let mut before = before;
                let wanted = if steady { 2 } else { 1 };
                let in_one: Before = Box::new(move |number, cage| {
                    sweeps += u32::from(number == 0);
                    match sweeps == wanted {
                        true => before(number, cage),
                        false => Ok(()),
                    }
                });
                let mut bench = Bench::disturbed(SimModule::from_image(&first), in_one);
                time.set(bench.clock.clone()).ok().unwrap();
                if steady {
                    bench.sweep().unwrap();
                }
                let mut insertions = 0;
                for sweep in 0..3 {
                    match bench.sweep() {
                        Ok(sweep) => {
                            insertions += u32::from(sweep.inserted);
                            check_attribution(&sweep, &modules, &context);
                        }
                        Err(error) => assert_eq!(sweep, 0, "{context}: {error}"),
                    }
                }
                assert!(insertions >= 1, "{context}");
            }
        }
    }
}

#[test]
fn page_zero_is_left_selected_where_that_is_asked_for_and_swaps_are_seen_still() {
    let (_, truth) = still("dsp-800g");
    let cost = |leaves: bool| {
        let module = SimModule::from_image(&truth);
        let mut bench = Bench::new(module.with_manners(|m| m.page_hold = Duration::ZERO));
        bench.memory = bench.memory.leaving_page_zero(leaves);
        for _ in 0..3 {
            let sweep = bench.sweep().unwrap();
            assert_eq!(wrong_bytes(&sweep.snapshot.image, &truth), []);
            let page = bench.cage.peek(Half::LOWER, 127);
            assert_eq!(page == Some(0), leaves);
        }
        let cost = bench.transactions();
        let other = sibling("dsp-800g", b"ANOTHER00000001 ");
        bench.cage.insert(up(SimModule::from_image(&other)));
        assert!(bench.sweep().unwrap().inserted);
        cost
    };
    // A select, and the serial number: a select and a read more.
    assert_eq!(cost(true) - cost(false), 3);
}
