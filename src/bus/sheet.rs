//! The 128 bytes of one half, and which of them are known.
//!
//! Accessors take absolute offsets (0 to 127 in lower memory, 128 to 255 in an
//! upper page) and fold them into the half, so no offset can be out of bounds.
//! A byte that is not known reads as zero: ask [`Sheet::knows`] first.

use super::Part;

/// 128 bytes of a half with a mask of those that were read.
#[derive(Clone, PartialEq, Eq)]
pub struct Sheet {
    bytes: [u8; 128],
    known: u128,
}

/// The place of an absolute offset inside its half.
fn place(offset: u8) -> usize {
    usize::from(offset & 0x7F)
}

/// A mask with a bit for each of `length` bytes from `first` on.
fn mask(first: u8, length: u8) -> u128 {
    let run = match length {
        128.. => u128::MAX,
        n => (1_u128 << n) - 1,
    };
    run << (first & 0x7F)
}

impl Sheet {
    /// A sheet of which nothing is known.
    pub const fn unknown() -> Self {
        Self {
            bytes: [0; 128],
            known: 0,
        }
    }

    /// A sheet of which everything is known.
    pub const fn full(bytes: [u8; 128]) -> Self {
        Self {
            bytes,
            known: u128::MAX,
        }
    }

    /// Whether all of `length` bytes from the absolute offset `first` on were read.
    pub fn knows(&self, first: u8, length: u8) -> bool {
        let wanted = mask(first, length);
        self.known & wanted == wanted
    }

    /// All bytes, if every one of them is known.
    pub fn whole(&self) -> Option<&[u8; 128]> {
        (self.known == u128::MAX).then_some(&self.bytes)
    }

    /// Puts bytes at an absolute offset and marks them known. What does not
    /// fit into the half is left out.
    pub fn put(&mut self, first: u8, bytes: &[u8]) {
        for (offset, byte) in (first & 0x7F..128).zip(bytes) {
            if let Some(slot) = self.bytes.get_mut(usize::from(offset)) {
                *slot = *byte;
                self.known |= 1 << offset;
            }
        }
    }

    /// Takes over the parts of another sheet that it knows.
    pub fn merge(&mut self, other: &Self, parts: &[Part]) {
        for part in parts {
            for offset in part.first..=part.first.saturating_add(part.length - 1) {
                if other.knows(offset, 1) {
                    self.put(offset, &[other.u8(offset)]);
                }
            }
        }
    }

    /// Makes `length` bytes from the absolute offset `first` on unknown again.
    pub fn forget(&mut self, first: u8, length: u8) {
        self.known &= !mask(first, length);
    }

    /// The byte at an absolute offset.
    pub fn u8(&self, offset: u8) -> u8 {
        self.bytes.get(place(offset)).copied().unwrap_or_default()
    }

    /// Bit `n` (0 is the lowest) of the byte at an absolute offset.
    pub fn bit(&self, offset: u8, n: u8) -> bool {
        self.u8(offset) >> (n & 7) & 1 == 1
    }

    /// `N` bytes from an absolute offset on, in order.
    pub fn array<const N: usize>(&self, offset: u8) -> [u8; N] {
        let mut out = [0; N];
        for (slot, byte) in out.iter_mut().zip(self.slice(offset, 128)) {
            *slot = *byte;
        }
        out
    }

    /// At most `length` bytes from an absolute offset on, up to the half's end.
    pub fn slice(&self, offset: u8, length: u8) -> &[u8] {
        let first = place(offset);
        let end = (first + usize::from(length)).min(self.bytes.len());
        self.bytes.get(first..end).unwrap_or_default()
    }

    /// The big-endian unsigned 16-bit value at an absolute offset.
    pub fn u16(&self, offset: u8) -> u16 {
        u16::from_be_bytes(self.array(offset))
    }

    /// The big-endian signed 16-bit value at an absolute offset.
    pub fn i16(&self, offset: u8) -> i16 {
        i16::from_be_bytes(self.array(offset))
    }

    /// The little-endian unsigned 16-bit value at an absolute offset.
    pub fn u16_le(&self, offset: u8) -> u16 {
        u16::from_le_bytes(self.array(offset))
    }

    /// The big-endian unsigned 32-bit value at an absolute offset.
    pub fn u32(&self, offset: u8) -> u32 {
        u32::from_be_bytes(self.array(offset))
    }

    /// The big-endian signed 32-bit value at an absolute offset.
    pub fn i32(&self, offset: u8) -> i32 {
        i32::from_be_bytes(self.array(offset))
    }

    /// The big-endian unsigned 64-bit value at an absolute offset.
    pub fn u64(&self, offset: u8) -> u64 {
        u64::from_be_bytes(self.array(offset))
    }

    /// The low byte of the sum of the bytes `first` to `last` (absolute
    /// offsets): the form of all page checksums.
    pub fn sum(&self, first: u8, last: u8) -> u8 {
        (first..=last).fold(0, |sum: u8, offset| sum.wrapping_add(self.u8(offset)))
    }
}

impl std::fmt::Debug for Sheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sheet({} of 128 bytes)", self.known.count_ones())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_absolute_in_both_halves() {
        let mut sheet = Sheet::unknown();
        sheet.put(154, &[0x12, 0x34]);
        assert_eq!(sheet.u16(154), 0x1234);
        assert_eq!(sheet.u16_le(154), 0x3412);
        assert_eq!(sheet.u16(26), 0x1234);
        assert!(sheet.knows(154, 2));
        assert!(!sheet.knows(153, 2));
        assert!(sheet.whole().is_none());
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let mut sheet = Sheet::unknown();
        sheet.put(254, &[1, 2, 3, 4]);
        assert_eq!(sheet.slice(254, 10), &[1, 2]);
        assert_eq!(sheet.u8(128), 0);
        assert!(!sheet.knows(128, 1));
        assert_eq!(sheet.u32(254), 0x0102_0000);
    }

    #[test]
    fn forgetting_makes_bytes_unknown_again() {
        let mut sheet = Sheet::full([7; 128]);
        assert!(sheet.whole().is_some());
        sheet.forget(134, 20);
        assert!(!sheet.knows(140, 1));
        assert!(sheet.knows(128, 6));
        assert!(sheet.knows(154, 102));
    }

    #[test]
    fn the_sum_wraps_in_a_byte() {
        let sheet = Sheet::full([0xFF; 128]);
        assert_eq!(sheet.sum(128, 221), 94_u8.wrapping_mul(0xFF));
    }
}
