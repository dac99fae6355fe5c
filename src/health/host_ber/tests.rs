use proptest::prelude::*;

use super::*;
use crate::health::fixture::host_fec;
use crate::health::host_fec::LaneFec;
use crate::health::noise::{Noise, counted};

const SECOND: Duration = Duration::from_secs(1);

/// The figures after readings a second apart.
fn after(readings: &[HostFec]) -> HostCounters {
    let mut counters = HostCounters::default();
    for reading in readings {
        counters.step(Some(reading), None, SECOND);
    }
    counters
}

fn bits(at: u64, corrected: u64) -> HostFec {
    HostFec {
        corrected_bits: Some(corrected),
        ..host_fec(at)
    }
}

fn path(counters: &HostCounters) -> Option<Estimate> {
    counters.figures().bers.first().map(|ber| ber.estimate)
}

#[test]
fn bits_over_rate_and_time_are_the_ratio() {
    let counters = after(&[bits(0, 7), bits(1, 7 + 850_000)]);
    let found = path(&counters).unwrap();
    assert!((found.number() / 1e-6 - 1.0).abs() < 1e-9);
    assert_eq!(counters.totals().corrected_bits, Some(850_000));
    assert_eq!(counters.totals().uncorrectable_codewords, None);
}

#[test]
fn without_errors_the_bound_falls_for_a_minute() {
    let readings: Vec<_> = (0..200).map(|at| bits(at, 42)).collect();
    let bound = |seconds: usize| path(&after(&readings[..=seconds])).unwrap();
    assert_eq!(bound(1).to_string(), "< 4e-12");
    assert_eq!(bound(60).to_string(), "< 6e-14");
    let settled = bound(199);
    assert!(settled.is_bound() && settled.number() < 6e-14 && settled.number() > 5e-14);
}

#[test]
fn resets_and_wraps_are_told_apart() {
    // A reset: the reading after it is a new beginning.
    let mut counters = after(&[bits(0, 0), bits(1, 8_500), bits(2, 17_000), bits(3, 100)]);
    assert_eq!(counters.totals().corrected_bits, Some(17_000));
    counters.step(Some(&bits(4, 8_600)), None, SECOND);
    assert_eq!(counters.totals().corrected_bits, Some(25_500));
    assert!((path(&counters).unwrap().number() / 1e-8 - 1.0).abs() < 1e-9);
    // A wrap of 32 bits: the count goes on.
    let end = u64::from(u32::MAX);
    let counters = after(&[bits(0, end - 4_000), bits(1, 4_499)]);
    assert_eq!(counters.totals().corrected_bits, Some(8_500));
}

#[test]
fn a_speed_that_changes_begins_a_new_link() {
    let slower = |at, corrected| HostFec {
        coded_bits_per_second: Some(425e9),
        ..bits(at, corrected)
    };
    let mut counters = after(&[bits(0, 0), bits(1, 850_000)]);
    let moved = counters.step(Some(&slower(2, 900_000)), None, SECOND);
    assert_eq!(moved, Moved::Elsewhere);
    assert_eq!(path(&counters), None);
    counters.step(Some(&slower(3, 900_425)), None, SECOND);
    assert!((path(&counters).unwrap().number() / 1e-9 - 1.0).abs() < 1e-9);
}

#[test]
fn counters_that_stand_still_are_no_health() {
    // Where all codewords are counted they must move.
    let frozen = |at| HostFec {
        codewords: Some(1000),
        ..bits(at, 5)
    };
    let readings: Vec<_> = (0..30).map(frozen).collect();
    let counters = after(&readings);
    assert_eq!(path(&counters), None);
    assert!(counters.figures().trouble.is_some());
    // Where only errors are, they must if there were many.
    let mut counters = after(&[bits(0, 0), bits(1, 8_500)]);
    for at in 2..8 {
        counters.step(Some(&bits(at, 8_500)), None, SECOND);
        assert_eq!(path(&counters).unwrap().to_string(), "1.0e-8");
    }
    for at in 8..20 {
        counters.step(Some(&bits(at, 8_500)), None, SECOND);
    }
    assert_eq!(path(&counters), None);
    // When they go on, the ratio is over all of the time.
    counters.step(Some(&bits(20, 8_500 * 20)), None, SECOND);
    assert_eq!(path(&counters).unwrap().to_string(), "1.0e-8");
    assert_eq!(counters.figures().trouble, None);
}

#[test]
fn a_reading_that_is_not_renewed_stands_for_a_while_only() {
    let mut counters = after(&[bits(0, 0), bits(1, 8_500)]);
    for _ in 0..9 {
        counters.step(Some(&bits(1, 8_500)), None, SECOND);
        assert!(path(&counters).is_some());
    }
    for _ in 0..3 {
        counters.step(Some(&bits(1, 8_500)), None, SECOND);
    }
    assert_eq!(path(&counters), None);
    counters.step(None, None, SECOND);
    assert_eq!(counters.figures(), &HostFigures::default());
}

#[test]
fn codewords_beyond_correction_are_errors_too() {
    let reading = |at, bad| HostFec {
        codewords: Some(156_250_000 * at),
        uncorrectable_codewords: Some(bad),
        ..bits(at, 0)
    };
    // Every codeword is bad: nothing is corrected.
    let counters = after(&[reading(0, 0), reading(1, 156_250_000)]);
    assert!(path(&counters).unwrap().number() > 2.4e-3);
    let figures = counters.figures();
    assert_eq!(figures.codeword_error_ratio.unwrap().number(), 1.0);
    assert_eq!(figures.uncorrectable_now, 156_250_000);
    // None is: a bound of all codewords seen.
    let counters = after(&[reading(0, 0), reading(1, 0)]);
    let bound = counters.figures().codeword_error_ratio.unwrap();
    assert_eq!(bound.to_string(), "< 2e-8");
    assert!(counters.figures().post_fec_ber.unwrap().is_bound());
}

#[test]
fn the_counter_nearest_to_bits_is_taken() {
    let rate = 156_250_000_u64;
    let by = |fill: fn(&mut HostFec, u64)| {
        let [mut first, mut second] = [host_fec(0), host_fec(1)];
        fill(&mut first, 0);
        fill(&mut second, 1);
        path(&after(&[first, second])).unwrap().number()
    };
    let bits = by(|fec, n| fec.corrected_bits = Some(n * 850_000));
    let symbols = by(|fec, n| fec.corrected_symbols = Some(n * 850_000));
    // At 1e-6 a codeword of 5440 bits has an error in 0.54 of a hundred.
    let codewords = by(|fec, n| fec.corrected_codewords = Some(n * 847_696));
    assert!((symbols / bits - 1.0).abs() < 1e-2);
    assert!((codewords / bits - 1.0).abs() < 1e-2, "{codewords}");
    let mut histogram = host_fec(0);
    histogram.histogram = vec![0; 16];
    let mut later = histogram.clone();
    later.at = SECOND;
    later.histogram[0] = rate - 847_696;
    later.histogram[1] = 845_400;
    later.histogram[2] = 2_296;
    let counters = after(&[histogram, later]);
    assert!((path(&counters).unwrap().number() / bits - 1.0).abs() < 1e-2);
    assert_eq!(counters.tail().unwrap().seen, 2);
}

#[test]
fn lanes_share_the_bits_of_the_path() {
    let reading = |at: u64| HostFec {
        lanes: (0..8)
            .map(|lane| LaneFec {
                corrected_bits: Some(at * if lane == 3 { 106_250 } else { 0 }),
                ..LaneFec::default()
            })
            .collect(),
        ..host_fec(at)
    };
    let counters = after(&[reading(0), reading(1)]);
    let bers = &counters.figures().bers;
    assert_eq!(bers.len(), 9);
    let fourth = bers.iter().find(|ber| ber.lane == Some(4)).unwrap();
    assert!((fourth.estimate.number() / 1e-6 - 1.0).abs() < 1e-9);
    assert!(bers[1].estimate.is_bound());
}

#[test]
fn ratios_of_the_source_do_where_its_counters_do_not() {
    let mut reading = host_fec(0);
    reading.coded_bits_per_second = None;
    reading.told.pre_fec = Some(3e-9);
    let mut later = reading.clone();
    later.at = SECOND;
    assert_eq!(
        path(&after(&[reading.clone(), later])).unwrap().number(),
        3e-9
    );
    reading.told.pre_fec = Some(0.0);
    assert_eq!(path(&after(&[reading])), None);
}

#[test]
fn intervals_of_simulated_hosts_hold_the_truth_as_often_as_stated() {
    let mut noise = Noise::new(3);
    let (rate, seconds) = (850e9, 20_u64);
    for truth in [2e-13_f64, 2e-12, 5e-11] {
        let (mut held, trials) = (0_u32, 600_u32);
        for _ in 0..trials {
            let mut counters = HostCounters::default();
            let mut sum = 0.0;
            for at in 0..=seconds {
                let reading = bits(at, counted(sum));
                counters.step(Some(&reading), None, SECOND);
                sum += noise.poisson(truth * rate);
            }
            let [low, high] = path(&counters).unwrap().interval().unwrap();
            held += u32::from(low <= truth && truth <= high);
        }
        let share = f64::from(held) / f64::from(trials);
        assert!(share > 0.93, "{truth}: {share}");
    }
}

proptest! {
    #[test]
    fn no_counters_make_nonsense(
        readings in prop::collection::vec(
            (any::<u32>(), any::<[u64; 5]>(), any::<f64>(), 0..4_usize), 1..12),
    ) {
        let mut counters = HostCounters::default();
        for (at, counts, rate, shape) in readings {
            let [codewords, corrected, bad, wrong, bin] = counts;
            let has = |bit: usize, count| (shape >> bit & 1 == 1).then_some(count);
            let reading = HostFec {
                at: Duration::from_millis(u64::from(at)),
                coded_bits_per_second: has(0, 1).map(|_| rate),
                codewords: has(1, codewords),
                corrected_codewords: Some(corrected),
                uncorrectable_codewords: Some(bad),
                corrected_bits: has(0, wrong),
                histogram: vec![bin; shape],
                told: crate::health::host_fec::ToldRatios {
                    pre_fec: Some(rate),
                    post_fec: Some(rate),
                },
                ..host_fec(0)
            };
            counters.step(Some(&reading), Some(rate), SECOND);
            for ber in &counters.figures().bers {
                prop_assert!(ber.estimate.number() > 0.0 && ber.estimate.number() <= 1.0);
            }
        }
    }
}
