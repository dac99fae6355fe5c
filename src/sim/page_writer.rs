//! Writes one half register by register, in the words of a specification table.

use super::{f16, raw};
use crate::bus::sheet::Sheet;

/// One half, open for writing. Offsets are absolute, values big-endian.
#[derive(Debug)]
pub struct PageWriter<'a> {
    sheet: &'a mut Sheet,
}

impl<'a> PageWriter<'a> {
    /// Opens a half; bytes that nobody has written become zero.
    pub fn new(sheet: &'a mut Sheet) -> Self {
        if sheet.whole().is_none() {
            let zeroes: Vec<u8> = (0..128).map(|offset| sheet.u8(offset)).collect();
            sheet.put(0, &zeroes);
        }
        Self { sheet }
    }

    /// One byte.
    pub fn put_u8(&mut self, offset: u8, value: u8) -> &mut Self {
        self.put_bytes(offset, &[value])
    }

    /// Bytes in order; what does not fit is left out.
    pub fn put_bytes(&mut self, offset: u8, bytes: &[u8]) -> &mut Self {
        self.sheet.put(offset, bytes);
        self
    }

    /// The same byte over a range, both ends included.
    pub fn fill(&mut self, first: u8, last: u8, value: u8) -> &mut Self {
        for offset in first..=last {
            self.put_u8(offset, value);
        }
        self
    }

    /// An unsigned 16-bit value.
    pub fn put_u16(&mut self, offset: u8, value: u16) -> &mut Self {
        self.put_bytes(offset, &value.to_be_bytes())
    }

    /// A signed 16-bit value.
    pub fn put_i16(&mut self, offset: u8, value: i16) -> &mut Self {
        self.put_bytes(offset, &value.to_be_bytes())
    }

    /// An F16 value.
    pub fn put_f16(&mut self, offset: u8, value: f64) -> &mut Self {
        self.put_u16(offset, f16::encode(value))
    }

    /// Text in a field of `length` bytes: cut to fit, padded with spaces.
    pub fn put_text(&mut self, offset: u8, length: usize, text: &[u8]) -> &mut Self {
        let field: Vec<u8> = text
            .iter()
            .copied()
            .chain(std::iter::repeat(b' '))
            .take(length)
            .collect();
        self.put_bytes(offset, &field)
    }

    /// Four unsigned values in the order high alarm, low alarm, high warning,
    /// low warning, each `step` to the unit.
    pub fn put_thresholds(&mut self, offset: u8, values: [f64; 4], step: f64) -> &mut Self {
        for (place, value) in (offset..).step_by(2).zip(values) {
            self.put_u16(place, raw::to_u16(value / step));
        }
        self
    }

    /// As [`Self::put_thresholds`], signed.
    pub fn put_signed_thresholds(&mut self, offset: u8, values: [f64; 4], step: f64) -> &mut Self {
        for (place, value) in (offset..).step_by(2).zip(values) {
            self.put_i16(place, raw::to_i16(value / step));
        }
        self
    }

    /// The low byte of the sum of `first` to `last`, put at `offset`.
    pub fn put_checksum(&mut self, offset: u8, first: u8, last: u8) -> &mut Self {
        let sum = (first..=last).fold(0_u8, |sum, at| sum.wrapping_add(self.sheet.u8(at)));
        self.put_u8(offset, sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_land_where_the_table_says() {
        let mut sheet = Sheet::unknown();
        PageWriter::new(&mut sheet)
            .put_u16(130, 0x1234)
            .put_i16(132, -2)
            .put_text(148, 4, b"AB")
            .put_text(152, 2, b"too long")
            .put_signed_thresholds(160, [75.0, -5.0, 70.0, 0.0], 1.0 / 256.0)
            .fill(200, 202, 9)
            .put_checksum(222, 128, 221);
        assert_eq!(sheet.slice(130, 4), &[0x12, 0x34, 0xFF, 0xFE]);
        assert_eq!(sheet.slice(148, 7), b"AB  to\0");
        assert_eq!(sheet.i16(162), -5 * 256);
        assert_eq!(sheet.slice(199, 5), &[0, 9, 9, 9, 0]);
        assert_eq!(sheet.u8(222), sheet.sum(128, 221));
        assert!(sheet.whole().is_some());
    }
}
