//! Raw bytes: `ethtool -m X raw on`, the file of the optoe driver, or what was
//! copied from it.

use super::fault::{DumpFault, Place, Placed};
use super::linear::{HALF, Linear, MOST};

/// Whether these are raw bytes and not a text: they have characters that no
/// text has.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .any(|byte| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B))
}

/// Reads whole halves from address 0 on.
pub(super) fn read(bytes: &[u8]) -> Result<Linear, Placed> {
    let size = |expected| {
        let fault = DumpFault::Size {
            found: bytes.len(),
            expected,
        };
        (Place::Byte(bytes.len()), fault)
    };
    if bytes.len() > MOST {
        return Err(size("at most 1048704, which is 32 banks of 256 pages"));
    }
    if !bytes.len().is_multiple_of(HALF) {
        return Err(size("a multiple of 128: lower memory and whole pages"));
    }
    Linear::from_binary(bytes).map_err(|fault| (Place::Whole, fault))
}
