//! How fast coded bits come for a speed and a code (IEEE 802.3).

use crate::health::host_fec::FecCode;

/// Mb/s for each lane from which lanes are PAM4 and their RS code is KP4; slower
/// ones are NRZ with KR4 (clauses 91, 134).
const FIRST_PAM4_LANE: u32 = 50_000;
/// Speeds that exist with PAM4 lanes only, and the fastest single NRZ lane.
const ALWAYS_PAM4: u32 = 200_000;
const ONE_NRZ_LANE: u32 = 25_000;

/// Which Reed-Solomon code "RS" stands for at a speed in Mb/s over so many
/// lanes; `None` where both exist and nobody tells the lanes.
pub(super) fn reed_solomon(megabits: u32, lanes: Option<u32>) -> Option<FecCode> {
    let lane = lanes
        .filter(|lanes| *lanes > 0)
        .map(|lanes| megabits / lanes);
    match lane {
        Some(lane) if lane >= FIRST_PAM4_LANE => Some(FecCode::Rs544),
        Some(_) => Some(FecCode::Rs528),
        None if megabits >= ALWAYS_PAM4 => Some(FecCode::Rs544),
        None if megabits <= ONE_NRZ_LANE => Some(FecCode::Rs528),
        None => None,
    }
}

/// Rate of the coded bits of all lanes, bit/s, at a speed in Mb/s.
///
/// The RS(528,514) code fits into what 64b/66b takes, as does BASE-R; the
/// others have 257/256 times 544/514 = 17/16 bits on the line for each of the
/// frame's (272/257 is the same). A code that is not known is taken for one of
/// those, which is 3 % off at most.
pub(super) fn coded_rate(megabits: u32, code: Option<FecCode>) -> f64 {
    let bits = f64::from(megabits) * 1e6;
    match code {
        Some(FecCode::Off | FecCode::BaseR | FecCode::Rs528) => bits * 66.0 / 64.0,
        Some(FecCode::Rs544 | FecCode::Rs272) | None => bits * 17.0 / 16.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_run_at_the_rates_of_the_standard() {
        // Gb/s of one lane: clauses 107 (25GBASE-R), 134 and 161 (50GBASE-R),
        // 120 (400GBASE-R, 8 lanes).
        for (megabits, lanes, code, lane_rate) in [
            (25_000, 1, FecCode::Rs528, 25.781_25e9),
            (25_000, 1, FecCode::BaseR, 25.781_25e9),
            (100_000, 4, FecCode::Rs528, 25.781_25e9),
            (50_000, 1, FecCode::Rs544, 53.125e9),
            (100_000, 2, FecCode::Rs272, 53.125e9),
            (400_000, 8, FecCode::Rs544, 53.125e9),
            (800_000, 8, FecCode::Rs544, 106.25e9),
        ] {
            let rate = coded_rate(megabits, Some(code)) / f64::from(lanes);
            assert!((rate - lane_rate).abs() < 1.0, "{megabits} {code:?} {rate}");
        }
    }

    #[test]
    fn the_speed_of_a_lane_tells_the_code() {
        assert_eq!(reed_solomon(100_000, Some(4)), Some(FecCode::Rs528));
        assert_eq!(reed_solomon(100_000, Some(2)), Some(FecCode::Rs544));
        assert_eq!(reed_solomon(100_000, Some(1)), Some(FecCode::Rs544));
        assert_eq!(reed_solomon(25_000, None), Some(FecCode::Rs528));
        assert_eq!(reed_solomon(400_000, None), Some(FecCode::Rs544));
        assert_eq!(reed_solomon(100_000, None), None);
        assert_eq!(reed_solomon(100_000, Some(0)), None);
    }
}
