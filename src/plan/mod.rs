//! Whether a module is what the fabric plan wants in its port.
//!
//! [`check`] holds one port against its assignment, [`fleet`] all ports of the
//! plan against each other, [`planes`] the planes of one NIC or leaf. The rules
//! stand in `rules`, one file each; what they ask for is a [`role::Policy`], and
//! every number of it is the plan's.

pub mod check;
pub mod date;
pub mod exception;
pub mod expected;
pub mod fabric;
mod file;
pub mod finding;
pub mod fleet;
mod glob;
pub mod offered;
mod overrides;
pub mod planes;
pub mod policy;
pub mod role;
mod rules;
#[cfg(test)]
mod tests;
pub mod watched;

use std::collections::HashMap;
use std::sync::Arc;

use crate::names::PortName;
use crate::tomlfile::Spot;
use date::Date;
use exception::Exception;
use expected::Expected;
use role::{Policy, Role};

pub use rules::NAMES as RULES;

/// What should be in each port, and what each role asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The fabric and its shape.
    pub fabric: Fabric,
    assignments: Vec<Assignment>,
    by_port: HashMap<PortName, usize>,
    today: Option<Date>,
}

/// The fabric as the plan describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Fabric {
    /// Its name.
    pub name: String,
    /// Tiers of switches, where the plan says so.
    pub tiers: Option<u16>,
    /// Ports of one switch, where the plan says so.
    pub radix: Option<u16>,
    /// How many independent planes, 1 and up.
    pub planes: u16,
    /// What the plan says of the fabric beyond this box.
    pub design: fabric::Design,
    /// How many rails, 1 and up: the ports of one place in every host.
    pub rails: u16,
    /// The box whose ports the plan names, as far ends call it: a far end
    /// `box:port` is then a port of this plan.
    pub host: Option<String>,
}

/// What one port is for.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The port.
    pub port: PortName,
    /// Its role.
    pub role: Role,
    /// Its plane, 1 to the number of planes.
    pub plane: Option<u16>,
    /// Its rail, 1 to the number of rails.
    pub rail: Option<u16>,
    /// The NIC or leaf whose traffic is sprayed over this port and those of the
    /// other planes with the same name here.
    pub plane_set: Option<String>,
    /// The far end, `host:port`.
    pub peer: Option<String>,
    /// Whether a module must be there.
    pub required: bool,
    /// What the role asks for, with the plan's own numbers put in.
    pub policy: Arc<Policy>,
    /// What the plan says of the very module; shared by the ports of one
    /// `[[assign]]`.
    pub expected: Arc<Expected>,
    /// Rules that the port may break for a while.
    pub exceptions: Vec<Exception>,
    /// Where the plan file names the port.
    pub at: Spot,
}

impl Plan {
    /// A plan with these assignments, in the order of the file. Of two for the
    /// same port, [`Plan::assignment`] finds the first.
    pub fn new(fabric: Fabric, assignments: Vec<Assignment>) -> Self {
        let mut by_port = HashMap::with_capacity(assignments.len());
        for (index, assignment) in assignments.iter().enumerate() {
            by_port.entry(assignment.port.clone()).or_insert(index);
        }
        Self {
            fabric,
            assignments,
            by_port,
            today: None,
        }
    }

    /// The same plan on a day: exceptions whose last day is over have lapsed.
    /// A plan that was never held against a day counts them as in force.
    #[must_use]
    pub fn as_of(mut self, today: Date) -> Self {
        self.today = Some(today);
        let exceptions = self.assignments.iter_mut().flat_map(|a| &mut a.exceptions);
        for exception in exceptions {
            exception.lapsed = today > exception.expires;
        }
        self
    }

    /// The day that the plan was last held against.
    pub fn today(&self) -> Option<Date> {
        self.today
    }

    /// Every port that the plan names, in the order of the file.
    pub fn assignments(&self) -> &[Assignment] {
        &self.assignments
    }

    /// What the plan says of a port.
    pub fn assignment(&self, port: &PortName) -> Option<&Assignment> {
        let index = self.by_port.get(port)?;
        self.assignments.get(*index)
    }
}
