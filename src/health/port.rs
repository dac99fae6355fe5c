//! The health of one port over time: a pure step from sweep to sweep.
//!
//! No clock and no I/O: the same step serves live, recorded and simulated time.

use std::time::Duration;

use super::event::Event;
use super::figures::{Figures, unplanned};
use super::host_ber::HostCounters;
use super::host_fec::HostFec;
use crate::class::Classification;
use crate::class::rate::line_rate;
use crate::module::Snapshot;
use crate::plan::policy::{BerPolicy, WatchPolicy};
use crate::plan::watched::Watched;

/// For how many seconds a host that went silent still counts as a source: a store
/// that restarts is no change of the fabric.
const HOST_GRACE_SECONDS: f64 = 30.0;

/// What there is to see of a port at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// The module as it was last read, and its class; `None` where none is, or
    /// what is known of it is too old.
    pub module: Option<(&'a Snapshot, &'a Classification)>,
    /// Whether this step's own sweep brought the module's values.
    pub is_fresh: bool,
    /// The newest counters of the host.
    pub host: Option<&'a HostFec>,
    /// The plan's lines for error ratios; `None` where no plan names the port.
    pub ber: Option<&'a BerPolicy>,
    /// The plan's lines for what only time shows.
    pub watch: Option<&'a WatchPolicy>,
    /// How long ago the step before was.
    pub elapsed: Duration,
}

/// The health of one port.
#[derive(Debug, Clone, Default)]
pub struct PortHealth {
    host: HostCounters,
    host_silent_seconds: Option<f64>,
    figures: Figures,
}

impl PortHealth {
    /// Takes in what is to be seen and tells what is news.
    pub fn step(&mut self, look: &Look<'_>) -> Vec<Event> {
        let elapsed = look.elapsed.as_secs_f64();
        self.host_silent_seconds = match (look.host, self.host_silent_seconds) {
            (Some(_), _) => Some(0.0),
            (None, silent) => silent.map(|seconds| seconds + elapsed),
        };
        let rate = look.module.and_then(|(module, _)| line_rate(module).host);
        self.host.step(look.host, rate, look.elapsed);
        let usual = look.module.map(|(_, class)| unplanned(class));
        let policy = look
            .ber
            .copied()
            .or(usual)
            .unwrap_or_else(|| BerPolicy::unplanned(false));
        self.figures = Figures::of(look.module, Some(&self.host), &policy);
        Vec::new()
    }

    /// The numbers as they stand.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// What watching brings to the check against the plan.
    pub fn watched(&self) -> Watched {
        Watched {
            host_counts: self
                .host_silent_seconds
                .is_some_and(|seconds| seconds < HOST_GRACE_SECONDS),
            findings: Vec::new(),
        }
    }
}
