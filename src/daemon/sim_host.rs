//! What simulated hosts count, in the words of real ones.

use std::sync::Arc;
use std::time::Duration;

use crate::health::host_fec::{FecCode, FecSource, HostFec, LaneFec};
use crate::host::own::Decoder;
use crate::sim::cage::Cage;
use crate::sim::host::Counters;
use crate::sim::pam4::{KP4, KR4};

/// The decoder of the host behind a cage.
pub fn decoder(cage: Cage) -> Decoder {
    Arc::new(move |now| cage.host_counters().map(|counters| told(counters, now)))
}

/// Counters in the words of real hosts, as they stood at `now` on the clock of
/// whoever asked.
pub fn told(counters: Counters, now: Duration) -> HostFec {
    let Counters {
        code,
        bits_per_second,
        link_up,
        tally,
    } = counters;
    let lane = |bits: &u64| LaneFec {
        corrected_bits: Some(*bits),
        ..LaneFec::default()
    };
    HostFec {
        link_up: Some(link_up),
        code: match code {
            KP4 => Some(FecCode::Rs544),
            KR4 => Some(FecCode::Rs528),
            _ => None,
        },
        coded_bits_per_second: Some(bits_per_second),
        codewords: Some(tally.codewords),
        corrected_codewords: Some(tally.corrected_codewords),
        uncorrectable_codewords: Some(tally.uncorrectable_codewords),
        corrected_bits: Some(tally.corrected_bits),
        corrected_symbols: Some(tally.corrected_symbols),
        lanes: tally.lane_bits.iter().map(lane).collect(),
        histogram: tally.histogram,
        ..HostFec::empty(now, FecSource::Simulated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::sim::builders;
    use crate::sim::lifecycle::Startup;

    #[test]
    fn a_simulated_host_tells_all_that_it_counts() {
        let clock = ManualClock::new();
        let cage = Cage::new(Arc::new(clock.clone()));
        let decoder = decoder(cage.clone());
        assert_eq!(decoder(Duration::ZERO), None);
        let module = builders::by_name("lpo-800g").unwrap();
        cage.insert(module.with_manners(|manners| manners.startup = Startup::INSTANT));
        clock.advance(Duration::from_secs(60));
        let told = decoder(Duration::from_secs(60)).unwrap();
        assert_eq!(told.at, Duration::from_secs(60));
        assert_eq!(told.code, Some(FecCode::Rs544));
        assert_eq!(told.coded_bits_per_second, Some(850e9));
        // 156.25 million codewords of 5440 bits a second.
        let expected = 850e9 / 5440.0 * 60.0;
        assert!((told.codewords.unwrap() as f64 - expected).abs() < 2.0);
        assert_eq!((told.lanes.len(), told.histogram.len()), (8, 16));
        assert!(told.corrected_bits.unwrap() > 0);
        assert_eq!(told.link_up, Some(true));
        cage.adjust(|knobs, _| knobs.dark_lanes = 1);
        let dark = decoder(Duration::from_secs(61)).unwrap();
        assert_eq!(dark.link_up, Some(false));
    }
}
