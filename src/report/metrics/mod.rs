//! The fleet as Prometheus metrics.
//!
//! A scrape reads the published view: no bus traffic, no lock, no wait. What a module does not say has no series. The families
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
mod rows;
mod store;
mod vdm;

use std::sync::Arc;

use prometheus::core::{Collector, Desc};
use prometheus::process_collector::ProcessCollector;
use prometheus::proto::MetricFamily;
use prometheus::{Registry, TextEncoder};

use family::Family;
pub use family::Spec;

use super::{Fleet, PortSlot, PortView};
use crate::class::Classification;
use crate::module::Snapshot;
use crate::names::Profile;
use crate::plan::finding::Finding;

/// The media type of what [`Exporter::render`] returns: text format 0.0.4.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Room for the families of the process, in bytes.
const OTHERS: usize = 2048;

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
    fleet: Arc<Fleet>,
    /// Knows all names, and gathers what is said of the process.
    registry: Registry,
}

impl Exporter {
    /// An exporter of this fleet.
    ///
    /// # Errors
    /// If two families had the same name, or one a name that cannot be.
    pub fn new(fleet: Arc<Fleet>) -> prometheus::Result<Self> {
        let registry = Registry::new();
        let descriptors = families()
            .map(Spec::descriptor)
            .collect::<prometheus::Result<_>>()?;
        registry.register(Box::new(Described(descriptors)))?;
        registry.register(Box::new(ProcessCollector::for_self()))?;
        Ok(Self { fleet, registry })
    }

    /// All metrics as text, to be served as [`CONTENT_TYPE`].
    ///
    /// # Errors
    /// If the encoder refuses a family of the process.
    pub fn render(&self) -> prometheus::Result<String> {
        let mut own = collect(&self.fleet);
        own.retain(|family| !family.is_empty());
        own.sort_unstable_by_key(Family::name);
        let mut text = String::with_capacity(own.iter().map(Family::size).sum::<usize>() + OTHERS);
        let mut own = own.into_iter().peekable();
        for other in self.registry.gather() {
            while let Some(family) = own.next_if(|family| family.name() < other.name()) {
                family.write(&mut text);
            }
            TextEncoder::new().encode_utf8(&[other], &mut text)?;
        }
        own.for_each(|family| family.write(&mut text));
        Ok(text)
    }
}

/// All families about ports and daemon, those without a series too.
fn collect(fleet: &Fleet) -> Vec<Family> {
    let slots = fleet.ports.load();
    let profile = **fleet.profile.load();
    let mut ports: Vec<Port<'_>> = slots
        .iter()
        .map(|slot| Port::look(fleet, profile, slot))
        .collect();
    // So that the series need no sorting.
    ports.sort_by_key(|port| port.slot.name.as_str());
    [
        identity::collect(&ports),
        monitor::collect(&ports),
        lane::collect(&ports),
        performance::collect(&ports),
        vdm::collect(&ports),
        host::collect(&ports),
        plan::collect(fleet, &ports),
        daemon::collect(fleet),
        store::collect(fleet),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Tells the registry the names of all families about ports and daemon, whose
/// series this folder writes itself.
struct Described(Vec<Desc>);

impl Collector for Described {
    fn desc(&self) -> Vec<&Desc> {
        self.0.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        Vec::new()
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
mod encoder_tests;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod tests;
