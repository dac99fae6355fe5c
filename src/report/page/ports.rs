//! The table of ports in the order that was asked for, and the buses under it.

use std::sync::atomic::Ordering;
use std::time::SystemTime;

use maud::{Markup, html};

use super::{NONE, Seen, Sort, address, age, shown};
use crate::report::{BusStats, Fleet, moment};

/// A column of the table.
struct Column {
    /// Its head.
    head: &'static str,
    /// The head in full, where it is too short.
    title: &'static str,
    /// The order that it stands for.
    sort: Option<Sort>,
    /// Whether it holds numbers.
    is_number: bool,
    cell: fn(&Seen<'_>, SystemTime) -> Markup,
}

impl Column {
    const fn text(head: &'static str, cell: fn(&Seen<'_>, SystemTime) -> Markup) -> Self {
        Self {
            head,
            title: "",
            sort: None,
            is_number: false,
            cell,
        }
    }

    const fn number(
        head: &'static str,
        title: &'static str,
        sort: Option<Sort>,
        cell: fn(&Seen<'_>, SystemTime) -> Markup,
    ) -> Self {
        Self {
            head,
            title,
            sort,
            is_number: true,
            cell,
        }
    }
}

/// The columns behind state and port. The one that the table is sorted by goes
/// before them, so that it is seen on a narrow screen, too.
const COLUMNS: &[Column] = &[
    Column::text("What is wrong", |seen, _| {
        html! { span data-field="reason" { (seen.view.gravest().unwrap_or_default()) } }
    }),
    Column::number(
        "Margin dB",
        "Received light of the worst lane: how far from the nearer warning threshold",
        Some(Sort::Margin),
        |seen, _| {
            html! { span data-field="margin" { (shown::margin(&seen.headline)) } }
        },
    ),
    Column::number(
        "Rx dBm",
        "Received light of the worst lane",
        None,
        |seen, _| {
            html! { span data-field="rx" { (shown::rx(&seen.headline)) } }
        },
    ),
    Column::number("Lane", "The worst lane", None, |seen, _| {
        html! { span data-field="lane" { (shown::lane(&seen.headline)) } }
    }),
    Column::number(
        "°C",
        "Case temperature",
        Some(Sort::Temperature),
        |seen, _| {
            html! { span data-field="temperature" { (shown::temperature(&seen.headline)) } }
        },
    ),
    Column::number(
        "Pre-FEC BER",
        "The error ratio before correction that is nearest to its limit",
        None,
        |seen, _| {
            html! { span data-field="ber" { (shown::ber(&seen.headline)) } }
        },
    ),
    Column::number(
        "Decades left",
        "How many decades the error ratio is below its limit",
        Some(Sort::Ber),
        |seen, _| {
            html! { span data-field="ber_margin" { (shown::ber_margin(&seen.headline)) } }
        },
    ),
    Column::number(
        "Decades/day",
        "How fast the error ratio grows",
        Some(Sort::Growth),
        |seen, _| {
            html! { span data-field="growth" { (shown::growth(&seen.headline)) } }
        },
    ),
    Column::number(
        "Inserted",
        "Modules seen to come since the daemon started",
        Some(Sort::Inserted),
        |seen, _| {
            html! { span data-field="insertions" { (seen.headline.insertions) } }
        },
    ),
    Column::number(
        "Findings",
        "How many differences from the plan",
        Some(Sort::Findings),
        |seen, _| {
            html! { span data-field="findings" { (seen.findings.len()) } }
        },
    ),
    Column::text("Role", |seen, _| role(seen)),
    Column::text("Class", |seen, _| {
        let class = seen.view.class.as_ref();
        html! { span data-field="class" { (class.map_or(NONE, |class| class.class.name())) } }
    }),
    Column::text("Vendor and part", |seen, _| html! { (sold_as(seen)) }),
    Column::text("Serial", |seen, _| {
        html! { span.mono data-field="serial" { (shown::serial(&seen.view)) } }
    }),
    Column::number(
        "Max W",
        "What the module states that it draws at most",
        None,
        |seen, _| {
            html! { (shown::power(&seen.headline)) }
        },
    ),
    Column::number("Read", "When the port was last read", None, |seen, now| {
        let read = seen.view.last_read.map(moment::unix_seconds);
        html! { span data-read=[read] { (age(&seen.view, now).unwrap_or_else(|| NONE.to_owned())) } }
    }),
];

/// The table of all ports in an order. `now` is what ages count to.
pub(super) fn table(seen: &[Seen<'_>], sort: Sort, now: SystemTime) -> Markup {
    let chosen = |column: &&Column| column.sort == Some(sort);
    let columns: Vec<&Column> = COLUMNS
        .iter()
        .filter(chosen)
        .chain(COLUMNS.iter().filter(|column| !chosen(column)))
        .collect();
    html! {
        section.ports {
            h2 #ports { "Ports " small { (sort.in_words()) } }
            div.scroll tabindex="0" role="region" aria-labelledby="ports" { table {
                thead { tr {
                    (head("State", "", Some(Sort::State), sort, false))
                    (head("Port", "", Some(Sort::Port), sort, false))
                    @for column in &columns {
                        (head(column.head, column.title, column.sort, sort, column.is_number))
                    }
                } }
                tbody { @for seen in sort.sorted(seen) {
                    tr.(seen.mark.class) data-port=(seen.name()) {
                        td { span.sign.(seen.mark.class) data-look="" title=(seen.mark.word) {
                            span aria-hidden="true" data-field="glyph" { (seen.mark.glyph) }
                            span.hidden data-field="word" { (seen.mark.word) }
                        } }
                        th scope="row" { a href=(address(&seen.slot.name)) { (seen.name()) } }
                        @for column in &columns {
                            td.n[column.is_number].sorted[column.sort == Some(sort)].what[column.head == "What is wrong"] {
                                ((column.cell)(seen, now))
                            }
                        }
                    }
                } }
            } }
        }
    }
}

/// The head of a column, with a link where it can be sorted by.
fn head(text: &str, title: &str, own: Option<Sort>, chosen: Sort, is_number: bool) -> Markup {
    let sorted = own.filter(|own| *own == chosen).map(Sort::direction);
    let title = Some(title).filter(|title| !title.is_empty());
    html! {
        th.n[is_number].sorted[sorted.is_some()] scope="col" aria-sort=[sorted] title=[title] {
            @match own {
                Some(own) => {
                    a href=(format!("/?sort={}", own.name())) { (text) }
                    @if sorted.is_some() { span aria-hidden="true" { " ▾" } }
                }
                None => (text),
            }
        }
    }
}

/// Vendor and part number of a module, as far as it tells.
pub(super) fn sold_as(seen: &Seen<'_>) -> String {
    let identity = seen.view.snapshot.as_deref().map(|module| &module.identity);
    let texts = identity.map(|identity| [&identity.vendor, &identity.part_number]);
    let texts = texts.into_iter().flatten();
    let told: Vec<&str> = texts
        .filter_map(|text| text.as_ref().value())
        .map(String::as_str)
        .collect();
    if told.is_empty() {
        NONE.to_owned()
    } else {
        told.join(" ")
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
            h2 #buses { "Buses" }
            div.scroll tabindex="0" role="region" aria-labelledby="buses" { table {
                thead { tr {
                    th scope="col" { "Root adapter" }
                    @for head in ["Last round", "Overruns", "Transactions", "Bytes", "Busy", "Errors"] {
                        th.n scope="col" { (head) }
                    }
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
            th scope="row" { (bus.name) }
            td.n { (round.map_or_else(|| NONE.to_owned(), |round| format!("{:.3} s", round.as_secs_f64()))) }
            td.n { (bus.overruns.load(Ordering::Relaxed)) }
            td.n { (transactions) }
            td.n { (meter.bytes.load(Ordering::Relaxed)) }
            td.n { (moment::span(meter.busy())) }
            td.n { (meter.errors().values().sum::<u64>()) }
        }
    }
}
