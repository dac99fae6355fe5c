//! What another master and a broken bus can do to a sweep.

use super::*;

#[test]
fn another_master_between_any_two_transactions_puts_no_wrong_value() {
    let (_, truth) = still("dsp-800g");
    for steady in [false, true] {
        let all = transactions_of_a_sweep(&truth, steady);
        for place in 0..all {
            for (bank, page) in [(0, 0x02), (0, 0x00), (1, 0x11), (0, 0x24), (0, 0xFF)] {
                let armed = Arc::new(Mutex::new(!steady));
                let is_armed = Arc::clone(&armed);
                let before: Before = Box::new(move |number, cage| {
                    if *is_armed.lock().unwrap() && number == place {
                        let _ = cage.i2c(BusRate::Khz400).write(0x50, &[126, bank, page]);
                    }
                    Ok(())
                });
                let mut bench = Bench::disturbed(SimModule::from_image(&truth), before);
                if steady {
                    bench.sweep().unwrap();
                    *armed.lock().unwrap() = true;
                }
                let sweep = bench.sweep().unwrap();
                let wrong = wrong_bytes(&sweep.snapshot.image, &truth);
                assert!(wrong.is_empty(), "before {place}, {page:02x}h: {wrong:?}");
                assert_eq!(sweep.snapshot.failures, [], "before {place}, {page:02x}h");
            }
        }
    }
}

#[test]
fn a_restless_master_puts_no_wrong_value() {
    let (_, truth) = still("dsp-800g");
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let before: Before = Box::new(move |_, cage| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let [chance, bank, page, ..] = random.to_le_bytes();
        if chance < 8 {
            let _ = cage
                .i2c(BusRate::Khz400)
                .write(0x50, &[126, bank & 1, page & 0x3F]);
        }
        Ok(())
    });
    let mut bench = Bench::disturbed(SimModule::from_image(&truth), before);
    bench.cage.keep_writes(0);
    let mut read = 0;
    let sweeps: usize = std::env::var("OPTICSD_RESTLESS_SWEEPS")
        .map_or(2_000, |number| number.parse().expect("a number of sweeps"));
    for _ in 0..sweeps {
        if let Ok(sweep) = bench.sweep() {
            let wrong = wrong_bytes(&sweep.snapshot.image, &truth);
            assert!(wrong.is_empty(), "{wrong:?}");
            read += usize::from(sweep.snapshot.failures.is_empty());
        }
    }
    assert!(read > sweeps / 2, "{read} of {sweeps} sweeps were whole");
}

/// How many transactions the first sweep over a module makes, or the second.
fn transactions_of_a_sweep(truth: &Image, steady: bool) -> usize {
    let mut bench = Bench::new(SimModule::from_image(truth));
    bench.sweep().unwrap();
    if steady {
        bench.sweep().unwrap();
    }
    let all = bench.transactions();
    assert!(all > 10, "{all}");
    all
}

/// A bench that is disturbed in its first sweep, or in its second.
fn disturbed_in(truth: &Image, steady: bool, mut before: Before) -> Bench {
    let mut sweeps = 0;
    let wanted = if steady { 2 } else { 1 };
    let in_one: Before = Box::new(move |number, cage| {
        sweeps += u32::from(number == 0);
        match sweeps == wanted {
            true => before(number, cage),
            false => Ok(()),
        }
    });
    let mut bench = Bench::disturbed(SimModule::from_image(truth), in_one);
    if steady {
        bench.sweep().unwrap();
    }
    bench
}

const ERRORS: [SimError; 5] = [
    SimError::NoAnswer,
    SimError::Refused,
    SimError::ArbitrationLost,
    SimError::BusFault,
    SimError::TimedOut,
];

#[test]
fn one_fault_at_any_transaction_costs_nothing() {
    let (_, truth) = still("dsp-800g");
    for steady in [false, true] {
        let all = transactions_of_a_sweep(&truth, steady);
        for (error, place) in ERRORS
            .into_iter()
            .flat_map(|e| (0..all).map(move |p| (e, p)))
        {
            let before: Before = Box::new(move |number, _| match number == place {
                true => Err(error),
                false => Ok(()),
            });
            let mut bench = disturbed_in(&truth, steady, before);
            let sweep = bench.sweep().unwrap();
            assert_eq!(sweep.snapshot.failures, [], "{error} at {place}");
            assert_eq!(wrong_bytes(&sweep.snapshot.image, &truth), []);
        }
    }
}

#[test]
fn a_flipped_bit_of_the_page_register_costs_nothing() {
    let (_, truth) = still("dsp-800g");
    for steady in [false, true] {
        for place in 0..transactions_of_a_sweep(&truth, steady) {
            for bit in 0..16 {
                let before: Before = Box::new(move |number, cage| {
                    if number == place {
                        let stands = |offset| cage.peek(Half::LOWER, offset).unwrap();
                        let flipped = u16::from_be_bytes([stands(126), stands(127)]) ^ 1 << bit;
                        let [bank, page] = flipped.to_be_bytes();
                        let _ = cage.i2c(BusRate::Khz400).write(0x50, &[126, bank, page]);
                    }
                    Ok(())
                });
                let mut bench = disturbed_in(&truth, steady, before);
                let sweep = bench.sweep().unwrap();
                let context = format!("bit {bit} before {place}");
                assert_eq!(sweep.snapshot.failures, [], "{context}");
                let wrong = wrong_bytes(&sweep.snapshot.image, &truth);
                assert_eq!(wrong, [], "{context}");
            }
        }
    }
}

#[test]
fn a_read_that_is_cut_short_brings_no_wrong_value() {
    let (_, truth) = still("dsp-800g");
    let mut told = 0;
    for steady in [false, true] {
        for lasts in [1, 40] {
            for place in 0..transactions_of_a_sweep(&truth, steady) {
                let context = format!("{lasts} from {place} on, steady: {steady}");
                let before: Before = Box::new(move |number, cage| {
                    let is_short = (place..place + lasts).contains(&number);
                    cage.set_fault(if is_short {
                        Fault::ShortReads
                    } else {
                        Fault::None
                    });
                    Ok(())
                });
                let mut bench = disturbed_in(&truth, steady, before);
                match bench.sweep() {
                    Ok(Sweep { snapshot, .. }) => {
                        assert_eq!(wrong_bytes(&snapshot.image, &truth), [], "{context}");
                        for failure in &snapshot.failures {
                            assert_eq!(failure.error.kind, BusErrorKind::ShortRead, "{context}");
                            told += 1;
                        }
                    }
                    Err(error) => {
                        assert_eq!(error.kind, BusErrorKind::ShortRead, "{context}");
                        told += 1;
                    }
                }
                bench.cage.set_fault(Fault::None);
                let healed = bench.sweep().unwrap();
                assert_eq!(healed.snapshot.failures, [], "{context}");
                assert_eq!(wrong_bytes(&healed.snapshot.image, &truth), []);
            }
        }
    }
    assert!(told > 0);
}

#[test]
fn a_fault_that_lasts_costs_what_it_struck_and_the_next_sweep_heals() {
    let (_, truth) = still("dsp-800g");
    let mut failed_groups = 0;
    for steady in [false, true] {
        let all = transactions_of_a_sweep(&truth, steady);
        for error in ERRORS {
            // Refused transactions are repeated while a module may hold off.
            let refused = matches!(error, SimError::NoAnswer | SimError::Refused);
            let lasts = if refused { 20 } else { 4 };
            for place in 0..all {
                let context = format!("{error} from {place} on, steady: {steady}");
                let before: Before =
                    Box::new(
                        move |number, _| match (place..place + lasts).contains(&number) {
                            true => Err(error),
                            false => Ok(()),
                        },
                    );
                let mut bench = disturbed_in(&truth, steady, before);
                match bench.sweep() {
                    Err(failed) => {
                        assert_eq!(failed.kind, BusErrorKind::from(error), "{context}");
                    }
                    Ok(Sweep { snapshot, .. }) => {
                        assert_eq!(wrong_bytes(&snapshot.image, &truth), [], "{context}");
                        let mut halves = Vec::new();
                        for failure in &snapshot.failures {
                            let said = &failure.error;
                            assert_eq!(said.kind, BusErrorKind::from(error), "{context}");
                            assert_ne!(said.half, Half::LOWER, "{context}");
                            halves.push(said.half);
                            failed_groups += 1;
                        }
                        halves.dedup();
                        assert!(halves.len() <= 2, "{context}: {halves:?}");
                        // What it can measure is known from the first sweep.
                        let temperature = snapshot.monitors.temperature;
                        assert!(!steady || temperature.value().is_some(), "{context}");
                    }
                }
                let healed = bench.sweep().unwrap();
                assert_eq!(healed.snapshot.failures, [], "{context}");
                assert_eq!(wrong_bytes(&healed.snapshot.image, &truth), []);
            }
        }
    }
    assert!(failed_groups > 0);
}

#[test]
fn a_page_that_fails_for_good_costs_only_its_own_values() {
    let (_, truth) = still("dsp-800g");
    // After each select there is one combined read: fail the one of page 11h.
    let mut selects = 0;
    let before: Before = Box::new(move |_, cage| {
        let log = cage.write_log();
        let fresh = log.len() > selects;
        selects = log.len();
        match log.last() {
            Some(select) if fresh && select.bytes[1] == 0x11 => Err(SimError::BusFault),
            _ => Ok(()),
        }
    });
    let mut bench = Bench::disturbed(SimModule::from_image(&truth), before);
    let snapshot = bench.sweep().unwrap().snapshot;
    let failed: Vec<_> = snapshot.failures.iter().map(|f| f.error.half).collect();
    assert!(!failed.is_empty());
    assert!(
        failed.iter().all(|half| *half == Half::page(0x11)),
        "{failed:?}"
    );
    assert!(snapshot.monitors.temperature.value().is_some());
}
