//! The snapshot of an SFF-8636 module.

use super::assemble::Registers;
use super::{Management, Snapshot};

/// Decodes all registers of an SFF-8636 module.
pub(super) fn snapshot(registers: Registers) -> Snapshot {
    Snapshot::empty(Management::Sff8636, 0, registers)
}
