//! What all ports of an adapter cost together, and whether that fits.

use std::rc::Rc;
use std::time::Duration;

use super::{PathName, Rate};
use crate::bus::cost::Cost;
use crate::module::rehearsal::Rehearsal;
use crate::names::counted;

/// One module in one way.
pub(super) struct Port {
    /// Port or file.
    pub name: String,
    /// The root adapter; `None` for a file, which has one to itself.
    pub adapter: Option<String>,
    /// What stands in it.
    pub module: String,
    pub path: PathName,
    /// How often it is swept.
    pub period: Duration,
    pub rehearsal: Rc<Rehearsal>,
}

/// What one round over all ports of an adapter takes at one clock.
pub(super) struct Load {
    /// The adapter, or the file that has one to itself.
    pub adapter: String,
    /// The one way in which all of its ports are reached, if so.
    pub path: Option<PathName>,
    pub rate: Rate,
    pub ports: usize,
    /// The shortest of the ports.
    pub period: Duration,
    /// With nothing slow due and no flag raised.
    pub steady: Duration,
    /// What the sweeps of a period take on average, slow groups and ports of a longer
    /// period in their turn.
    pub mean: Duration,
    /// With all due in all modules at once.
    pub worst: Duration,
}

impl Load {
    /// The part of the time in which the bus is busy.
    pub fn share(&self) -> f64 {
        self.mean.as_secs_f64() / self.period.as_secs_f64()
    }

    /// How many such modules fit on one adapter, even with all due in all of them
    /// at once.
    pub fn fitting(&self) -> u128 {
        let ports = u128::try_from(self.ports).unwrap_or(u128::MAX);
        let all = self.period.as_nanos().saturating_mul(ports);
        all.checked_div(self.worst.as_nanos()).unwrap_or(u128::MAX)
    }

    /// Why the cadence cannot be met, or not always, and what to do.
    pub fn warning(&self) -> Option<String> {
        let (round, when) = if self.mean > self.period {
            (self.mean, "a round")
        } else if self.worst > self.period {
            (
                self.worst,
                "the costliest round, slow groups and flags due in all modules,",
            )
        } else {
            return None;
        };
        let path = self.path.map_or("", PathName::name);
        let way = if path.is_empty() { "" } else { " over " };
        let ports = counted(self.ports, "module");
        Some(format!(
            "{} at {}{way}{path}: {when} of {ports} takes {:.3} s on the wire, longer than the \
             period of {} s; lengthen the period, clock the bus faster, or spread the ports over more adapters",
            self.adapter,
            self.rate.name(),
            round.as_secs_f64(),
            self.period.as_secs_f64(),
        ))
    }
}

/// The loads of all adapters at all clocks, in the order of the ports. Ports that
/// are counted in several ways make an adapter for each.
pub(super) fn loads(ports: &[Port], rates: &[Rate], overhead: Duration) -> Vec<Load> {
    let is_seen_twice = |path: PathName| {
        let same = |other: &&Port| other.path != path;
        ports.iter().find(same).is_some_and(|other| {
            let names = ports.iter().filter(|port| port.path == path);
            names.into_iter().any(|port| port.name == other.name)
        })
    };
    let mut keys: Vec<(&str, Option<PathName>)> = Vec::new();
    let key = |port: &'_ Port| {
        let apart = port.adapter.is_none() || is_seen_twice(port.path);
        apart.then_some(port.path)
    };
    let tagged: Vec<(&Port, Option<PathName>)> =
        ports.iter().map(|port| (port, key(port))).collect();
    for (port, path) in &tagged {
        let key = (port.adapter.as_deref().unwrap_or(&port.name), *path);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let of = |(adapter, path): (&str, Option<PathName>)| {
        let here = tagged.iter().filter(move |(port, own)| {
            port.adapter.as_deref().unwrap_or(&port.name) == adapter && *own == path
        });
        here.map(|(port, _)| *port).collect::<Vec<_>>()
    };
    keys.into_iter()
        .flat_map(|key| {
            let here = of(key);
            rates.iter().map(move |rate| {
                let time = |cost: Cost| cost.time(rate.hertz(), overhead);
                let sum = |of: fn(&Rehearsal) -> Cost| -> Duration {
                    here.iter().map(|port| time(of(&port.rehearsal))).sum()
                };
                let first = here.first().map(|port| port.path);
                let period = here.iter().map(|port| port.period).min();
                let period = period.unwrap_or_default();
                let mean = |port: &&Port| {
                    let often = period.as_secs_f64() / port.period.as_secs_f64();
                    mean(&port.rehearsal, time).mul_f64(often)
                };
                Load {
                    adapter: key.0.to_owned(),
                    path: first.filter(|path| here.iter().all(|port| port.path == *path)),
                    rate: *rate,
                    ports: here.len(),
                    period,
                    steady: sum(|rehearsal| rehearsal.steady.cost),
                    mean: here.iter().map(mean).sum(),
                    worst: sum(|rehearsal| rehearsal.worst.cost),
                }
            })
        })
        .collect()
}

/// What a sweep takes on average while no flag is raised.
fn mean(rehearsal: &Rehearsal, time: impl Fn(Cost) -> Duration) -> Duration {
    let sweeps = u32::try_from(rehearsal.quiet.len()).unwrap_or(u32::MAX);
    let all: Duration = rehearsal.quiet.iter().map(|cost| time(*cost)).sum();
    all / sweeps.max(1)
}
