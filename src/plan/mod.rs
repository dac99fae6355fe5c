//! Whether a module is what the fabric plan wants in its port.

pub mod check;
pub mod file;
pub mod finding;
pub mod role;

use crate::names::PortName;
use role::{Policy, Role};

/// What should be in each port, and what each role asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The fabric's name.
    pub fabric: String,
    /// How many independent planes, 1 and up.
    pub planes: u16,
    /// Every port that the plan names, in the order of the file.
    pub assignments: Vec<Assignment>,
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
}

impl Plan {
    /// What the plan says of a port.
    pub fn assignment(&self, port: &PortName) -> Option<&Assignment> {
        self.assignments.iter().find(|a| &a.port == port)
    }
}
