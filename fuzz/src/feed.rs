//! Bytes taken one after the other, to make decisions of.

use std::time::Duration;

/// What is left of the bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Feed<'a>(pub &'a [u8]);

impl<'a> Feed<'a> {
    /// The next byte; `None` behind the last.
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// The next two bytes as a number, little end first.
    pub fn short(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    /// Up to so many of the next bytes.
    pub fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// A number of any size: some bits, shifted by some.
    pub fn number(&mut self) -> Option<u64> {
        let shift = self.byte()?;
        Some(u64::from(self.short()?) << (shift % 49))
    }

    /// A time between nothing and centuries.
    pub fn time(&mut self) -> Option<Duration> {
        self.number().map(Duration::from_micros)
    }

    /// One of a list, which is not empty.
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> Option<T> {
        let byte = usize::from(self.byte()?);
        list.get(byte % list.len().max(1)).copied()
    }
}
