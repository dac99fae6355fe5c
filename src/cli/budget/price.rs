//! What each sweep of a port costs: as planned, at the least, and field by field.

use std::time::Duration;

use super::load::Port;
use super::{PathName, Rate};
use crate::bus::Part;
use crate::bus::address::{Half, Span};
use crate::bus::cost::{Cost, Reach};
use crate::bus::field::Field;
use crate::cmis::fields as cmis_fields;
use crate::module::Management;
use crate::module::rehearsal::{Account, Rehearsal};
use crate::sff::sff8472::fields as sff8472_fields;
use crate::sff::sff8636::fields as sff8636_fields;

/// Which sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing slow is due, no flag is raised.
    Steady,
    /// All that changes is due.
    Worst,
    /// The first one.
    Insertion,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Steady, Self::Worst, Self::Insertion];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Worst => "worst",
            Self::Insertion => "insertion",
        }
    }

    pub(super) fn of(self, rehearsal: &Rehearsal) -> &Account {
        match self {
            Self::Steady => &rehearsal.steady,
            Self::Worst => &rehearsal.worst,
            Self::Insertion => &rehearsal.insertion,
        }
    }
}

/// What one sweep of one port costs at one clock.
pub(super) struct Row {
    /// Port or file.
    pub name: String,
    pub adapter: Option<String>,
    pub module: String,
    pub kind: Kind,
    pub path: PathName,
    pub rate: Rate,
    /// What the daemon does.
    pub plan: Price,
    /// The least.
    pub ideal: Price,
    /// One read a field.
    pub naive: Price,
}

/// A cost and the time that it takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Price {
    pub cost: Cost,
    pub time: Duration,
}

impl Price {
    /// In milliseconds.
    pub fn milliseconds(&self) -> f64 {
        self.time.as_secs_f64() * 1e3
    }
}

/// The rows of a port: each sweep at each clock.
pub(super) fn rows(port: &Port, rates: &[Rate], overhead: Duration) -> Vec<Row> {
    let rehearsal = &port.rehearsal;
    let sweeps = Kind::ALL
        .iter()
        .flat_map(|kind| rates.iter().map(move |rate| (*kind, *rate)));
    let row = |(kind, rate): (Kind, Rate)| {
        let account = kind.of(rehearsal);
        let hertz = rate.hertz();
        let price = |cost: Cost| Price {
            cost,
            time: cost.time(hertz, overhead),
        };
        let clocks = overhead.as_nanos() * u128::from(hertz) / 1_000_000_000;
        let clocks = u64::try_from(clocks).unwrap_or(u64::MAX);
        Row {
            name: port.name.clone(),
            adapter: port.adapter.clone(),
            module: port.module.clone(),
            kind,
            path: port.path,
            rate,
            plan: price(account.cost),
            ideal: price(account.ideal(&rehearsal.reach, clocks)),
            naive: price(naive(account, rehearsal.management, &rehearsal.reach)),
        }
    };
    sweeps.map(row).collect()
}

/// One read for each field that has bytes in what a sweep needs, the page selected
/// before and page 00h behind it. Neighbours of the same kind, such as the powers
/// of all lanes, are one field. Programs that read field by field read static
/// fields over and over too; that is not counted.
fn naive(account: &Account, management: Management, reach: &Reach) -> Cost {
    let runs = account.wanted_runs();
    runs.iter()
        .flat_map(|run| reads(*run, management))
        .map(|read| reach.lone(read.0, read.1))
        .sum()
}

/// The fields of a run of bytes, and what is between them byte by byte.
fn reads(run: Span, management: Management) -> Vec<(Half, Part)> {
    let half = run.half();
    let fields: &[Field] = match management {
        Management::Cmis => cmis_fields(half),
        Management::Sff8636 => sff8636_fields(half),
        Management::Sff8472 => sff8472_fields(half),
        Management::Unknown => &[],
    };
    let mut reads = Vec::new();
    let mut next = u16::from(run.first());
    while let Ok(first) = u8::try_from(next) {
        if first > run.last() {
            break;
        }
        let holds = |field: &&Field| (field.first..=field.last).contains(&first);
        let field = fields.iter().find(holds);
        let last = field.map_or(first, |field| field.last.min(run.last()));
        if field.is_none_or(Field::has_meaning) {
            let length = last - first + 1;
            reads.push((half, Part { first, length }));
        }
        next = u16::from(last) + 1;
    }
    reads
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_once_and_cut_to_what_is_due() {
        let read = |first, last| {
            let run = Span::new(Half::page(0x11), first, last).unwrap();
            let reads = reads(run, Management::Cmis);
            reads
                .iter()
                .map(|r| (r.1.first, r.1.length))
                .collect::<Vec<_>>()
        };
        assert_eq!(read(154, 201), [(154, 16), (170, 16), (186, 16)]);
        assert_eq!(read(128, 133), [(128, 4), (132, 1), (133, 1)]);
        assert_eq!(read(160, 163), [(160, 4)]);
    }

    #[test]
    fn bytes_without_a_name_are_read_too() {
        let run = Span::new(Half::page(0xF0), 253, 255).unwrap();
        assert_eq!(reads(run, Management::Cmis).len(), 3);
        let run = Span::new(Half::LOWER, 0, 1).unwrap();
        assert_eq!(reads(run, Management::Unknown).len(), 2);
    }
}
