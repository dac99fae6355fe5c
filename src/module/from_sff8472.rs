//! The snapshot of an SFF-8472 module.

use super::assemble::Registers;
use super::{Management, Snapshot};

/// Decodes all registers of an SFF-8472 module.
pub(super) fn snapshot(registers: Registers) -> Snapshot {
    Snapshot::empty(Management::Sff8472, 0, registers)
}
