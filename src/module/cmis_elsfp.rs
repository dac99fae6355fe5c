//! External laser sources: pages 1Ah and 1Bh of every bank.
//!
//! A source has media lanes only. Their power, bias and flags go where those of
//! any module's lanes go; what only a source has goes beside them.

use super::cmis_monitors::usable;
use super::from_cmis::Source;
use super::laser::{Laser, LaserSource, LaserState, SourceLane};
use super::{LaneCount, LaneReadings, Levels, Reading, Snapshot};
use crate::bus::address::Bank;
use crate::bus::sheet::Sheet;
use crate::cmis::elsfp::{self, Flags};
use crate::cmis::page11;
use crate::names::Lane;

/// Puts into a snapshot what the pages of a laser source say. The caller asks
/// only where the module is one; `banks` is how many it has.
pub(super) fn fill(
    snapshot: &mut Snapshot,
    source: &Source,
    banks: u8,
    problems: &mut Vec<String>,
) {
    let mode = source.group(&elsfp::MODE, Bank::ZERO);
    let limits = source.group(&elsfp::LIMITS, Bank::ZERO).map(elsfp::limits);
    let mut told = LaserSource {
        holds_power: mode.map(elsfp::holds_power),
        power_limits: limits.map(|limits| limits.power),
        bias_limits: limits.map(|limits| limits.bias),
        supply_current: source
            .group(&elsfp::SUPPLY, Bank::ZERO)
            .map(elsfp::supply_current),
        lanes: Vec::new(),
    };
    let most = banks.saturating_mul(page11::LANES);
    let count = lane_count(mode, most, problems);
    snapshot.lane_count = LaneCount {
        host: 0,
        media: count.into(),
    };
    for bank in Bank::first(banks) {
        let first = bank.number().saturating_mul(page11::LANES);
        let sheets = BankSheets::new(source, bank);
        for lane in 0..count.saturating_sub(first).min(page11::LANES) {
            snapshot.lanes.push(sheets.readings(lane));
            snapshot.lasers.push(sheets.laser(lane));
            told.lanes.push(sheets.source_lane(lane));
        }
    }
    thresholds(snapshot, source, problems);
    snapshot.laser_source = Some(told);
}

/// How many lanes the source has; none where it does not tell.
fn lane_count(mode: Reading<&Sheet>, most: u8, problems: &mut Vec<String>) -> u8 {
    let Reading::Value(mode) = mode else {
        return 0;
    };
    let count = elsfp::lane_count(mode);
    if count > most {
        problems.push(format!(
            "1Ah:140 says {count} lanes, but the banks hold {most}"
        ));
    }
    count.min(most)
}

/// The thresholds of pages of its own override those of page 02h.
fn thresholds(snapshot: &mut Snapshot, source: &Source, problems: &mut Vec<String>) {
    let words = source
        .group(&elsfp::THRESHOLDS, Bank::ZERO)
        .map(elsfp::thresholds);
    if words.absence().is_some() {
        return;
    }
    let bias = usable("laser bias", words.map(|[bias, _]| bias), problems);
    let power = usable("laser power", words.map(|[_, power]| power), problems);
    snapshot.thresholds.tx_bias = bias.map(|w| Levels::from_array(elsfp::bias_levels(w)));
    snapshot.thresholds.tx_power = power.map(|w| Levels::from_array(elsfp::power_levels(w)));
}

/// The register groups of one bank, each there or not.
struct BankSheets<'a> {
    bank: Bank,
    flags: Reading<&'a Sheet>,
    state: Reading<&'a Sheet>,
    frequencies: Reading<&'a Sheet>,
    set_points: Reading<&'a Sheet>,
    monitors: Reading<&'a Sheet>,
    supply: Reading<&'a Sheet>,
}

impl<'a> BankSheets<'a> {
    fn new(source: &Source<'a>, bank: Bank) -> Self {
        Self {
            bank,
            flags: source.group(&elsfp::FLAGS, bank),
            state: source.group(&elsfp::STATE, bank),
            frequencies: source.group(&elsfp::FREQUENCY, bank),
            set_points: source.group(&elsfp::SET_POINTS, bank),
            monitors: source.group(&elsfp::MONITORS, bank),
            supply: source.group(&elsfp::SUPPLY, bank),
        }
    }

    fn number(&self, lane: u8) -> Lane {
        Lane::from_index(self.bank.number() * page11::LANES + lane)
    }

    fn flags(&self, lane: u8) -> Reading<Flags> {
        self.flags
            .map(|page| elsfp::flags(page, self.bank.number(), lane))
    }

    fn readings(&self, lane: u8) -> LaneReadings {
        let flags = self.flags(lane);
        let mut readings = LaneReadings::unknown(self.number(lane), self.bank);
        readings.tx_power = self.monitors.map(|page| elsfp::tx_power(page, lane));
        readings.tx_bias = self.monitors.map(|page| elsfp::tx_bias(page, lane));
        readings.signals.tx_fault = flags.map(|flags| flags.fault);
        readings.tx_power_flags = flags.map(|flags| Levels::from_array(flags.power));
        readings.tx_bias_flags = flags.map(|flags| Levels::from_array(flags.bias));
        readings
    }

    fn laser(&self, lane: u8) -> Laser {
        Laser {
            frequency: self
                .frequencies
                .and_then(|page| elsfp::frequency(page, lane).into()),
            ..Laser::unknown(self.number(lane))
        }
    }

    fn source_lane(&self, lane: u8) -> SourceLane {
        let state = self.state.map(|page| elsfp::state(page, lane));
        SourceLane {
            lane: self.number(lane),
            enabled: state.map(|state| state.enabled),
            state: state.map(|state| LaserState::from_code(state.state)),
            power_set_point: self
                .set_points
                .map(|page| elsfp::power_set_point(page, lane)),
            bias_set_point: self
                .set_points
                .map(|page| elsfp::bias_set_point(page, lane)),
            voltage: self.supply.map(|page| elsfp::voltage(page, lane)),
            warning: self.flags(lane).map(|flags| flags.warning),
            fault_code: state.map(|state| state.fault_code),
            warning_code: state.map(|state| state.warning_code),
        }
    }
}
