//! The fleet as Prometheus metrics.
//!
//! One collector reads the published view when it is scraped: no bus traffic,
//! no lock, no wait. What a module does not say has no series. The families
//! stand in [`families`]; each file below fills one group of them. Each family
//! names the smallest [`Profile`] that has it.

mod daemon;
mod family;
mod host;
mod identity;
mod lane;
mod monitor;
mod performance;
mod plan;
mod store;
mod vdm;

use std::sync::Arc;

use prometheus::core::{Collector, Desc};
use prometheus::process_collector::ProcessCollector;
use prometheus::proto::MetricFamily;
use prometheus::{Registry, TextEncoder};

pub use family::Spec;

use super::{Fleet, PortSlot, PortView};
use crate::class::Classification;
use crate::module::Snapshot;
use crate::names::Profile;
use crate::plan::finding::Finding;

/// The media type of what [`Exporter::render`] returns: text format 0.0.4.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Every family that can be exported, the ones of the process itself apart.
pub fn families() -> impl Iterator<Item = &'static Spec> {
    identity::SPECS
        .iter()
        .chain(&monitor::SPECS)
        .chain(&lane::SPECS)
        .chain(&performance::SPECS)
        .chain(&vdm::SPECS)
        .chain(&host::SPECS)
        .chain(&plan::SPECS)
        .chain(&daemon::SPECS)
        .chain(&store::SPECS)
        .copied()
}

/// Renders the fleet, the daemon and the process as metrics.
#[derive(Debug)]
pub struct Exporter {
    registry: Registry,
}

impl Exporter {
    /// An exporter of this fleet.
    ///
    /// # Errors
    /// If two families had the same name.
    pub fn new(fleet: Arc<Fleet>) -> prometheus::Result<Self> {
        let registry = Registry::new();
        let descriptors = families()
            .map(Spec::descriptor)
            .collect::<prometheus::Result<_>>()?;
        registry.register(Box::new(FleetCollector { fleet, descriptors }))?;
        registry.register(Box::new(ProcessCollector::for_self()))?;
        Ok(Self { registry })
    }

    /// All metrics as text, to be served as [`CONTENT_TYPE`].
    ///
    /// # Errors
    /// If the encoder refuses a family.
    pub fn render(&self) -> prometheus::Result<String> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// The collector of all families about ports and daemon.
struct FleetCollector {
    fleet: Arc<Fleet>,
    descriptors: Vec<Desc>,
}

impl Collector for FleetCollector {
    fn desc(&self) -> Vec<&Desc> {
        self.descriptors.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let slots = self.fleet.ports.load();
        let profile = **self.fleet.profile.load();
        let ports: Vec<Port<'_>> = slots
            .iter()
            .map(|slot| Port::look(&self.fleet, profile, slot))
            .collect();
        [
            identity::collect(&ports),
            monitor::collect(&ports),
            lane::collect(&ports),
            performance::collect(&ports),
            vdm::collect(&ports),
            host::collect(&ports),
            plan::collect(&self.fleet, &ports),
            daemon::collect(&self.fleet),
            store::collect(&self.fleet),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// One port at the moment of the scrape: all families see the same view.
struct Port<'a> {
    profile: Profile,
    slot: &'a PortSlot,
    view: Arc<PortView>,
    findings: Vec<Finding>,
}

impl<'a> Port<'a> {
    fn look(fleet: &Fleet, profile: Profile, slot: &'a PortSlot) -> Self {
        let view = slot.view.load_full();
        let findings = fleet.findings_of(&slot.name, &view);
        Self {
            profile,
            slot,
            view,
            findings,
        }
    }

    fn snapshot(&self) -> Option<&Snapshot> {
        self.view.snapshot.as_deref()
    }

    fn class(&self) -> Option<&Classification> {
        self.view.class.as_deref()
    }
}

#[cfg(test)]
mod golden;
#[cfg(test)]
mod tests;
