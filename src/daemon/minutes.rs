//! The minutes of the plots: what the published views said, once a second.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use super::journal::Journal;
use crate::names::PortName;
use crate::report::Fleet;
use crate::report::series::{self, Series};
use crate::store::chunk::Cell;
use crate::store::history::Minute;

/// Gathers samples and hands each minute over when it has ended.
#[derive(Debug, Default)]
pub struct Minutes {
    /// The minute that is being gathered, counted from 1970.
    minute: u64,
    ports: BTreeMap<PortName, Gathered>,
}

/// What was gathered of a port.
#[derive(Debug, Default)]
struct Gathered {
    /// When the newest sample's sweep ended, monotonic time: a view that is seen
    /// twice is one sample.
    newest: Option<Duration>,
    series: BTreeMap<Series, Sums>,
}

#[derive(Debug)]
struct Sums {
    min: f64,
    max: f64,
    sum: f64,
    samples: u32,
}

impl Minutes {
    /// Takes in what the ports say now; the minute before is handed over.
    pub fn round(&mut self, fleet: &Fleet, now: SystemTime, journal: &Journal) {
        let since = now.duration_since(SystemTime::UNIX_EPOCH);
        let minute = since.unwrap_or_default().as_secs() / 60;
        if minute != self.minute {
            journal.keep_minutes(self.end());
            self.minute = minute;
        }
        for slot in fleet.ports.load().iter() {
            let view = slot.view.load();
            let newest = view.snapshot.as_ref().map(|snapshot| snapshot.finished);
            if newest.is_none() {
                continue;
            }
            if !self.ports.contains_key(&slot.name) {
                self.ports.insert(slot.name.clone(), Gathered::default());
            }
            let Some(port) = self.ports.get_mut(&slot.name) else {
                continue;
            };
            if port.newest == newest {
                continue;
            }
            port.newest = newest;
            series::each(&view, |series, value| add(&mut port.series, series, value));
        }
    }

    /// Ends the minute: what was gathered, by port.
    pub fn end(&mut self) -> Vec<Minute> {
        // A port that said nothing for a minute may be gone for good.
        self.ports.retain(|_, port| !port.series.is_empty());
        let minute = self.minute;
        let ports = self.ports.iter_mut();
        ports
            .map(|(port, gathered)| Minute {
                port: port.to_string(),
                minute,
                cells: std::mem::take(&mut gathered.series)
                    .into_iter()
                    .map(|(series, sums)| (series.name(), sums.cell()))
                    .collect(),
            })
            .collect()
    }
}

fn add(all: &mut BTreeMap<Series, Sums>, series: Series, value: f64) {
    let sums = all.entry(series).or_insert(Sums {
        min: value,
        max: value,
        sum: 0.0,
        samples: 0,
    });
    sums.min = sums.min.min(value);
    sums.max = sums.max.max(value);
    sums.sum += value;
    sums.samples += 1;
}

impl Sums {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a plot needs no more than seven digits"
    )]
    fn cell(&self) -> Cell {
        Cell {
            min: self.min as f32,
            mean: (self.sum / f64::from(self.samples)) as f32,
            max: self.max as f32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::units::Celsius;
    use std::sync::Arc;

    #[test]
    fn each_sweep_is_one_sample_and_each_minute_one_cell() {
        let slot = sample::slot("Ethernet0", sample::view());
        let fleet = sample::fleet(vec![Arc::clone(&slot)]);
        let journal = Journal::unkept(&fleet);
        let mut minutes = Minutes::default();
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(6000 + seconds);
        minutes.round(&fleet, at(0), &journal);
        for (second, celsius) in [(1, 40.0), (2, 41.0), (2, 41.0), (3, 45.0)] {
            let mut module = sample::module("S1");
            module.monitors.temperature = crate::module::Reading::Value(Celsius::new(celsius));
            module.finished = Duration::from_secs(second);
            slot.view.store(Arc::new(sample::active(module)));
            minutes.round(&fleet, at(second), &journal);
        }
        let ended = minutes.end();
        assert_eq!((ended.len(), ended[0].minute), (1, 100));
        let cell = ended[0].cells["temperature_celsius"];
        assert_eq!((cell.min, cell.mean, cell.max), (40.0, 42.0, 45.0));
        assert!(minutes.end().is_empty(), "nothing new, nothing to tell");
    }
}
