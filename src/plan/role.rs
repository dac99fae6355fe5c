//! Roles and what each asks of a module. All numbers here are defaults that a
//! plan overrides.

use crate::class::Class;

/// What a port is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Accelerators as one memory domain.
    ScaleUp,
    /// A Clos of NICs and switches.
    ScaleOut,
    /// Joins sites or the two worlds.
    ScaleAcross,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::ScaleUp, Self::ScaleOut, Self::ScaleAcross];

    /// The word used in plans, labels and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::ScaleUp => "scale-up",
            Self::ScaleOut => "scale-out",
            Self::ScaleAcross => "scale-across",
        }
    }
}

/// What a role asks of a module.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Classes that belong.
    pub allowed: Vec<Class>,
    /// Classes that may be there, with a notice.
    pub conditional: Vec<Class>,
    /// Classes that work but cost something.
    pub warned: Vec<Class>,
    /// Classes that must not be there.
    pub denied: Vec<Class>,
    /// Worst-case watts per 100 Gb/s above which to warn.
    pub watts_per_100g_warn: f64,
    /// Worst-case watts per 100 Gb/s that must not be passed.
    pub watts_per_100g_limit: f64,
}
