//! The registers of one simulated module.
//!
//! A half exists or it does not; writing into one that does not is lost, and
//! reading it gives zeros. Only [`Registers::page`] makes new ones.

use super::page_writer::PageWriter;
use crate::bus::address::{Bank, Half};
use crate::bus::image::Image;
use crate::bus::sheet::Sheet;

/// All halves of a module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registers {
    image: Image,
}

impl Registers {
    /// A module without memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// The memory that an image holds; bytes it does not know are zero.
    pub fn from_image(image: &Image) -> Self {
        Self {
            image: image.clone(),
        }
    }

    /// Opens a half for writing its registers by place; makes it if need be.
    pub fn page(&mut self, half: Half) -> PageWriter<'_> {
        PageWriter::new(self.image.sheet_mut(half))
    }

    /// Whether the module has this half.
    pub fn has(&self, half: Half) -> bool {
        self.image.sheet(half).is_some()
    }

    /// The half, if the module has it.
    pub fn sheet(&self, half: Half) -> Option<&Sheet> {
        self.image.sheet(half)
    }

    /// The banks of a page that the module has.
    pub fn banks(&self, page: u8) -> Vec<Half> {
        Bank::first(Bank::MOST)
            .filter_map(|bank| Half::banked(page, bank))
            .filter(|half| self.has(*half))
            .collect()
    }

    /// The byte at an absolute offset, 0 where there is none.
    pub fn u8(&self, half: Half, offset: u8) -> u8 {
        self.sheet(half).map_or(0, |sheet| sheet.u8(offset))
    }

    /// Bit `n` of the byte at an absolute offset.
    pub fn bit(&self, half: Half, offset: u8, n: u8) -> bool {
        self.u8(half, offset) >> (n & 7) & 1 == 1
    }

    /// Puts bytes into a half that exists.
    pub fn put(&mut self, half: Half, offset: u8, bytes: &[u8]) {
        if self.has(half) {
            self.image.sheet_mut(half).put(offset, bytes);
        }
    }

    /// Sets bits of a byte, leaving the others: how flags latch.
    pub fn raise(&mut self, half: Half, offset: u8, bits: u8) {
        if bits != 0 {
            self.put(half, offset, &[self.u8(half, offset) | bits]);
        }
    }

    /// Whether any of these bytes is not zero.
    pub fn any(&self, half: Half, first: u8, length: u8) -> bool {
        self.sheet(half)
            .is_some_and(|sheet| sheet.slice(first, length).iter().any(|byte| *byte != 0))
    }

    /// All memory as an image, for comparing and for writing dumps.
    pub fn image(&self) -> &Image {
        &self.image
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_exist_stays_absent() {
        let mut registers = Registers::new();
        registers.put(Half::page(0x11), 128, &[1]);
        assert!(!registers.has(Half::page(0x11)));
        assert_eq!(registers.u8(Half::page(0x11), 128), 0);
        registers.page(Half::page(0x11)).put_u8(128, 7);
        registers.raise(Half::page(0x11), 128, 8);
        assert_eq!(registers.u8(Half::page(0x11), 128), 15);
        assert_eq!(registers.banks(0x11).len(), 1);
    }
}
