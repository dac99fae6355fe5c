//! The snapshot of a CMIS module.

use super::assemble::Registers;
use super::{Management, Snapshot};

/// Decodes all registers of a CMIS module.
pub(super) fn snapshot(registers: Registers) -> Snapshot {
    Snapshot::empty(Management::Cmis, 0, registers)
}
