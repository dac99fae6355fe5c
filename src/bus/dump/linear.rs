//! Bytes by one running address, as files and hexadecimal dumps have them,
//! before anybody knows what the addresses mean.

use crate::bus::address::{HALF_LENGTH, Half};
use crate::bus::sheet::Sheet;

use super::fault::DumpFault;

/// How many bytes a half takes.
pub(super) const HALF: usize = HALF_LENGTH as usize;

/// The end of the longest layout: 32 banks of 256 pages, and lower memory.
pub(super) const MOST: usize = (32 * 256 + 1) * HALF;

/// Bytes by address; some may not be known.
#[derive(Debug, Default)]
pub(super) struct Linear {
    bytes: Vec<Option<u8>>,
}

impl Linear {
    /// The bytes of a binary file.
    ///
    /// # Errors
    /// If there are more than any layout has.
    pub(super) fn from_binary(bytes: &[u8]) -> Result<Self, DumpFault> {
        let mut linear = Self::default();
        linear.put(0, bytes)?;
        Ok(linear)
    }

    /// Puts bytes at an address.
    ///
    /// # Errors
    /// If the address is beyond all layouts, or was put before.
    pub(super) fn put(&mut self, address: usize, bytes: &[u8]) -> Result<(), DumpFault> {
        let end = address.saturating_add(bytes.len());
        if end > MOST {
            return Err(DumpFault::TooFar(address.max(MOST)));
        }
        if self.bytes.len() < end {
            self.bytes.resize(end, None);
        }
        for (slot, (at, byte)) in self
            .bytes
            .iter_mut()
            .skip(address)
            .zip((address..).zip(bytes))
        {
            if slot.replace(*byte).is_some() {
                return Err(DumpFault::Twice(at));
            }
        }
        Ok(())
    }

    /// The byte at an address, if it is known.
    pub(super) fn at(&self, address: usize) -> Option<u8> {
        self.bytes.get(address).copied().flatten()
    }

    /// The lowest known address.
    pub(super) fn first(&self) -> Option<usize> {
        self.bytes.iter().position(Option::is_some)
    }

    /// One more than the highest known address.
    pub(super) fn end(&self) -> usize {
        self.bytes.len()
    }

    /// Forgets all bytes from an address on.
    pub(super) fn truncate(&mut self, end: usize) {
        self.bytes.truncate(end);
    }

    /// The sheet of the 128 bytes from an address on, as a half has them, or
    /// `None` if none of them is known.
    pub(super) fn sheet(&self, first: usize, half: Half) -> Option<Sheet> {
        let mut sheet = Sheet::unknown();
        let known = self.bytes.iter().skip(first).take(HALF);
        let mut any = false;
        for (offset, byte) in (half.base()..=u8::MAX).zip(known) {
            if let Some(byte) = byte {
                sheet.put(offset, &[*byte]);
                any = true;
            }
        }
        any.then_some(sheet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_gaps_and_an_end() {
        let mut linear = Linear::default();
        linear.put(130, &[7, 8]).unwrap();
        assert_eq!((linear.first(), linear.end()), (Some(130), 132));
        assert_eq!(linear.put(131, &[1]), Err(DumpFault::Twice(131)));
        assert_eq!(linear.put(MOST, &[1]), Err(DumpFault::TooFar(MOST)));
        assert!(linear.put(usize::MAX, &[1]).is_err());
        let sheet = linear.sheet(128, Half::page(0)).unwrap();
        assert!(sheet.knows(130, 1) && !sheet.knows(129, 1));
        assert!(linear.sheet(0, Half::LOWER).is_none());
    }
}
