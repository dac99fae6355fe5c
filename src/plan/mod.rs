//! Whether a module is what the fabric plan wants in its port.

pub mod check;
pub mod fabric;
mod file;
pub mod finding;
mod overrides;
pub mod role;
mod rules;

use std::collections::HashMap;

use crate::names::PortName;
use crate::tomlfile::Spot;
use role::{Policy, Role};

/// What should be in each port, and what each role asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The fabric and its shape.
    pub fabric: Fabric,
    assignments: Vec<Assignment>,
    by_port: HashMap<PortName, usize>,
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
    /// The far end, `host:port`.
    pub peer: Option<String>,
    /// Whether a module must be there.
    pub required: bool,
    /// What the role asks for, with the plan's own numbers put in.
    pub policy: Policy,
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
        }
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
