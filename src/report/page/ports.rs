//! The table of ports with the worst first, and the buses under it.

use std::sync::atomic::Ordering;
use std::time::SystemTime;

use maud::{Markup, html};

use super::{Seen, address, age};
use crate::report::quantity::{self, NONE};
use crate::report::{BusStats, Fleet, moment};

pub(super) fn table(seen: &[Seen<'_>], now: SystemTime) -> Markup {
    let mut worst_first: Vec<&Seen<'_>> = seen.iter().collect();
    worst_first.sort_by_key(|seen| seen.mark.rank);
    html! {
        section.ports {
            h2 { "Ports " small { "worst first" } }
            div.scroll { table {
                thead { tr {
                    th { "" } th { "Port" } th { "Role" } th { "Class" } th { "Vendor" } th { "Part" }
                    th { "Serial" } th.n { "°C" } th.n { "Worst rx dBm" } th.n { "Margin dB" }
                    th.n { "Read" } th { "What is wrong" }
                } }
                tbody { @for seen in worst_first { (row(seen, now)) } }
            } }
        }
    }
}

fn row(seen: &Seen<'_>, now: SystemTime) -> Markup {
    let view = &seen.view;
    let module = view.snapshot.as_deref();
    let identity = module.map(|module| &module.identity);
    let temperature = module.and_then(|module| module.monitors.temperature.value());
    let worst = module.and_then(quantity::worst_rx);
    let levels = module.and_then(|module| module.thresholds.rx_power.value());
    let margin = worst
        .zip(levels)
        .and_then(|((_, power), levels)| quantity::margin_db(power, levels));
    html! {
        tr.(seen.mark.class) {
            td { span.sign.(seen.mark.class) title=(seen.mark.word) { (seen.mark.glyph) } }
            td { a href=(address(&seen.slot.name)) { (seen.name()) } }
            td { (role(seen)) }
            td { (view.class.as_ref().map_or(NONE, |class| class.class.name())) }
            td { (identity.and_then(|id| id.vendor.as_ref().value()).map_or(NONE, String::as_str)) }
            td { (identity.and_then(|id| id.part_number.as_ref().value()).map_or(NONE, String::as_str)) }
            td.mono { (identity.and_then(|id| id.serial.as_ref().value()).map_or(NONE, String::as_str)) }
            td.n { (temperature.map_or_else(|| NONE.to_owned(), quantity::celsius)) }
            td.n { (worst.map_or_else(|| NONE.to_owned(), |(_, power)| quantity::dbm(power))) }
            td.n { (margin.map_or_else(|| NONE.to_owned(), |margin| format!("{:+.1}", margin.amount))) }
            td.n { (age(view, now).unwrap_or_else(|| NONE.to_owned())) }
            td.what { (view.gravest().unwrap_or_default()) }
        }
    }
}

/// Role and plane of a port.
pub(super) fn role(seen: &Seen<'_>) -> Markup {
    html! {
        @match &seen.view.planned {
            Some(planned) => {
                b.stripe.(planned.role) {}
                (planned.role)
                @if let Some(plane) = &planned.plane { span.quiet { " plane " (plane) } }
            }
            None => { span.quiet { "unplanned" } }
        }
    }
}

/// What each root adapter did since the daemon started.
pub(super) fn buses(fleet: &Fleet) -> Markup {
    let buses = fleet.buses.load();
    html! {
        section.buses {
            h2 { "Buses" }
            div.scroll { table {
                thead { tr {
                    th { "Root adapter" } th.n { "Last round" } th.n { "Overruns" }
                    th.n { "Transactions" } th.n { "Bytes" } th.n { "Busy" } th.n { "Errors" }
                } }
                tbody { @for bus in buses.iter() { (bus_row(bus)) } }
            } }
        }
    }
}

fn bus_row(bus: &BusStats) -> Markup {
    let meter = &bus.meter;
    let round = **bus.last_round.load();
    let transactions = meter.reads.load(Ordering::Relaxed) + meter.writes.load(Ordering::Relaxed);
    html! {
        tr {
            td { (bus.name) }
            td.n { (round.map_or_else(|| NONE.to_owned(), |round| format!("{:.3} s", round.as_secs_f64()))) }
            td.n { (bus.overruns.load(Ordering::Relaxed)) }
            td.n { (transactions) }
            td.n { (meter.bytes.load(Ordering::Relaxed)) }
            td.n { (moment::span(meter.busy())) }
            td.n { (meter.errors().values().sum::<u64>()) }
        }
    }
}
