//! Lane by lane: page 11h of every bank of a CMIS module.
//!
//! Host-side values are given for host lanes, media-side ones for media lanes;
//! an 8:4 module has states on eight lanes and light on four.

use super::cmis_applications::LaneSets;
use super::cmis_monitors::gated;
use super::from_cmis::Source;
use super::{DataPathState, LaneLatency, LaneReadings, Levels, Reading, SignalFlags};
use crate::bus::address::Bank;
use crate::bus::sheet::Sheet;
use crate::cmis::lower::Revision;
use crate::cmis::page01::Advertisement;
use crate::cmis::{page11, page15};
use crate::names::Lane;
use crate::units::{Amperes, Watts};

/// The lanes that some application uses on either side, in every bank.
pub(super) fn lanes(
    source: &Source,
    advertisement: Reading<Advertisement>,
    sets: LaneSets,
    problems: &mut Vec<String>,
) -> Vec<LaneReadings> {
    let banks = advertisement.value().map_or(1, |says| says.banks);
    let used = sets.host | sets.media;
    let mut lanes = Vec::new();
    for bank in Bank::first(banks) {
        let sheets = BankSheets::new(source, advertisement, bank);
        let of_bank = (0..page11::LANES).filter(|lane| used >> lane & 1 == 1);
        lanes.extend(of_bank.map(|lane| sheets.lane(lane, sets)));
    }
    tell_reserved_states(&lanes, problems);
    lanes
}

/// The latencies of all host lanes. The caller asks only where the module has them.
pub(super) fn latencies(source: &Source, says: &Advertisement, sets: LaneSets) -> Vec<LaneLatency> {
    let of_bank = |bank: Bank| {
        let page = source.group(&page15::LATENCY, bank);
        let host = (0..page11::LANES).filter(move |lane| sets.host >> lane & 1 == 1);
        host.map(move |lane| {
            let told = page.map(|page| page15::latencies(page, lane));
            LaneLatency {
                lane: Lane::from_index(bank.number() * page11::LANES + lane),
                rx: told.and_then(|[rx, _]| rx.into()),
                tx: told.and_then(|[_, tx]| tx.into()),
            }
        })
    };
    Bank::first(says.banks).flat_map(of_bank).collect()
}

/// The register groups of one bank, each there or not.
struct BankSheets<'a> {
    bank: Bank,
    advertisement: Reading<Advertisement>,
    state: Reading<&'a Sheet>,
    flags: Reading<&'a Sheet>,
    monitors: Reading<&'a Sheet>,
    active: Reading<&'a Sheet>,
}

impl<'a> BankSheets<'a> {
    fn new(source: &Source<'a>, advertisement: Reading<Advertisement>, bank: Bank) -> Self {
        Self {
            bank,
            advertisement,
            state: source.group(&page11::STATE, bank),
            flags: source.group(&page11::FLAGS, bank),
            monitors: source.group(&page11::MONITORS, bank),
            active: source.group(&page11::ACTIVE, bank),
        }
    }

    /// The readings of one lane, 0 to 7 in its bank.
    fn lane(&self, lane: u8, sets: LaneSets) -> LaneReadings {
        let host = sets.host >> lane & 1 == 1;
        let media = sets.media >> lane & 1 == 1;
        let flags = self.flags.map(|page| page11::flags(page, lane));
        let levels = |has: fn(&Advertisement) -> bool, pick: fn(page11::Flags) -> [bool; 4]| {
            on(media, gated(self.advertisement, has, flags.map(pick))).map(Levels::from_array)
        };
        LaneReadings {
            lane: Lane::from_index(self.bank.number() * page11::LANES + lane),
            bank: self.bank,
            data_path_state: on(host, self.state.map(|page| page11::state(page, lane)))
                .map(DataPathState::from_code),
            active_application: on(
                host,
                self.active
                    .map(|page| page11::active(page, lane).application),
            ),
            tx_power: on(media, self.tx_power(lane)),
            tx_bias: on(media, self.tx_bias(lane)),
            rx_power: on(media, self.rx_power(lane)),
            signals: self.signals(flags, host, media),
            tx_power_flags: levels(Advertisement::tx_power_monitor, |f| f.tx_power),
            tx_bias_flags: levels(Advertisement::tx_bias_monitor, |f| f.tx_bias),
            rx_power_flags: levels(Advertisement::rx_power_monitor, |f| f.rx_power),
            settings: on(host, self.active.map(|page| page11::settings(page, lane))),
        }
    }

    fn signals(&self, flags: Reading<page11::Flags>, host: bool, media: bool) -> SignalFlags {
        let flag = |side, has: fn(&Advertisement) -> bool, pick: fn(page11::Flags) -> bool| {
            on(side, gated(self.advertisement, has, flags.map(pick)))
        };
        SignalFlags {
            tx_fault: flag(media, Advertisement::tx_fault_flag, |f| f.tx_fault),
            tx_los: flag(host, Advertisement::tx_los_flag, |f| f.tx_los),
            tx_lol: flag(host, Advertisement::tx_lol_flag, |f| f.tx_lol),
            tx_adaptive_eq_fault: flag(host, Advertisement::adaptive_eq_fail_flag, |f| {
                f.adaptive_eq_fail
            }),
            rx_los: flag(media, Advertisement::rx_los_flag, |f| f.rx_los),
            rx_lol: flag(media, Advertisement::rx_lol_flag, |f| f.rx_lol),
            data_path_changed: on(host, flags.map(|f| f.state_changed)),
            rx_output_changed: flag(
                host,
                |says| says.revision >= Revision::V5_0,
                |f| f.rx_output_changed,
            ),
        }
    }

    fn tx_power(&self, lane: u8) -> Reading<Watts> {
        let power = self.monitors.map(|page| page11::tx_power(page, lane));
        gated(self.advertisement, Advertisement::tx_power_monitor, power)
    }

    fn tx_bias(&self, lane: u8) -> Reading<Amperes> {
        self.advertisement.and_then(|says| {
            let multiplier = Reading::from(says.bias_scale());
            let bias = multiplier
                .and_then(|times| self.monitors.map(|page| page11::tx_bias(page, lane, times)));
            gated(self.advertisement, Advertisement::tx_bias_monitor, bias)
        })
    }

    fn rx_power(&self, lane: u8) -> Reading<Watts> {
        let power = self.monitors.map(|page| page11::rx_power(page, lane));
        gated(self.advertisement, Advertisement::rx_power_monitor, power)
    }
}

/// A value of a side, where the lane exists on it.
fn on<T>(exists: bool, value: Reading<T>) -> Reading<T> {
    if exists {
        value
    } else {
        Reading::NOT_ADVERTISED
    }
}

/// Tells of each reserved state once, however many lanes are in it.
fn tell_reserved_states(lanes: &[LaneReadings], problems: &mut Vec<String>) {
    for code in 0..=0x0F {
        let state = Reading::Value(DataPathState::Reserved(code));
        let mut in_state = lanes.iter().filter(|lane| lane.data_path_state == state);
        let Some(first) = in_state.next() else {
            continue;
        };
        problems.push(format!(
            "data path state is the reserved code {code} on {} lanes from lane {} on",
            in_state.count() + 1,
            first.lane
        ));
    }
}
