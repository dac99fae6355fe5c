//! Some minutes of all series of a port as a few compressed bytes.
//!
//! A number in a plot needs no more than an `f32`. Values of one series change
//! slowly, so their bytes are laid out byte by byte, the highest of all values
//! first: what does not change compresses to nothing. An hour of 26 series, 60
//! minutes of minimum, mean and maximum each, takes some 5 KB instead of 19.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

/// The most minutes that a chunk holds: an hour.
pub const MOST_MINUTES: u32 = 60;

/// The largest chunk that is believed, uncompressed: more than any port needs.
const LARGEST: u64 = 4 << 20;

/// What a quantity was in one minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// The least.
    pub min: f32,
    /// The mean of all samples.
    pub mean: f32,
    /// The greatest.
    pub max: f32,
}

impl Cell {
    /// Two parts of a minute together: it was cut by a restart or a clock that
    /// was set back. Both weigh the same, for want of knowing better.
    pub fn and(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            mean: f32::midpoint(self.mean, other.mean),
            max: self.max.max(other.max),
        }
    }

    fn parts(self) -> [f32; 3] {
        [self.min, self.mean, self.max]
    }
}

/// The cells of some series by minute, counted from the first of the chunk.
pub type Columns = BTreeMap<String, BTreeMap<u32, Cell>>;

/// A chunk that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a chunk of history is spoilt")]
pub struct Spoilt;

/// Packs the minutes below `minutes` (at most [`MOST_MINUTES`]) of all columns;
/// names longer than 255 bytes are left out.
pub fn pack(columns: &Columns, minutes: u32) -> Vec<u8> {
    let mut plain = Vec::new();
    for (name, cells) in columns {
        let Ok(length) = u8::try_from(name.len()) else {
            continue;
        };
        let is_there = |minute: &u32| cells.contains_key(minute);
        let present = (0..minutes.min(MOST_MINUTES))
            .filter(is_there)
            .fold(0_u64, |bits, minute| bits | 1 << minute);
        plain.push(length);
        plain.extend(name.as_bytes());
        plain.extend(present.to_le_bytes());
        let kept = cells
            .range(..minutes.min(MOST_MINUTES))
            .map(|(_, cell)| cell.parts());
        let kept: Vec<[[u8; 4]; 3]> = kept.map(|parts| parts.map(f32::to_be_bytes)).collect();
        for byte in 0..4 {
            for part in 0..3 {
                let of = |cell: &[[u8; 4]; 3]| cell.get(part)?.get(byte).copied();
                plain.extend(kept.iter().filter_map(of));
            }
        }
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(&plain);
    encoder.finish().unwrap_or_default()
}

/// Unpacks a chunk.
///
/// # Errors
/// [`Spoilt`] if the bytes were not made by [`pack`].
pub fn unpack(bytes: &[u8]) -> Result<Columns, Spoilt> {
    let mut plain = Vec::new();
    let mut decoder = ZlibDecoder::new(bytes).take(LARGEST);
    decoder.read_to_end(&mut plain).map_err(|_| Spoilt)?;
    let mut rest = plain.as_slice();
    let mut columns = Columns::new();
    while !rest.is_empty() {
        let (name, cells) = column(&mut rest).ok_or(Spoilt)?;
        columns.insert(name, cells);
    }
    Ok(columns)
}

/// Takes one column off the bytes.
fn column(rest: &mut &[u8]) -> Option<(String, BTreeMap<u32, Cell>)> {
    let mut take = |length: usize| -> Option<&[u8]> {
        let (head, tail) = rest.split_at_checked(length)?;
        *rest = tail;
        Some(head)
    };
    let length = usize::from(*take(1)?.first()?);
    let name = String::from_utf8(take(length)?.to_vec()).ok()?;
    let present = u64::from_le_bytes(take(8)?.try_into().ok()?);
    let count = usize::try_from(present.count_ones()).ok()?;
    let values = take(count.checked_mul(12)?)?;
    let value = |part: usize, index: usize| -> Option<f32> {
        let byte = |byte: usize| values.get((byte * 3 + part) * count + index).copied();
        Some(f32::from_be_bytes([byte(0)?, byte(1)?, byte(2)?, byte(3)?]))
    };
    let minutes = (0..u64::BITS).filter(|minute| present >> minute & 1 == 1);
    let cells = minutes.enumerate().map(|(index, minute)| {
        let cell = Cell {
            min: value(0, index)?,
            mean: value(1, index)?,
            max: value(2, index)?,
        };
        Some((minute, cell))
    });
    Some((name, cells.collect::<Option<_>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cell(value: f32) -> Cell {
        Cell {
            min: value - 1.0,
            mean: value,
            max: value + 1.0,
        }
    }

    #[test]
    fn an_hour_of_a_calm_port_is_small() {
        let steps = [0.0_f32, 0.004, 0.008, 0.004];
        let mut columns = Columns::new();
        for series in 0..26_u8 {
            let cells = (0_u32..60).map(|minute| {
                let step = steps[usize::try_from(minute % 7 % 4).unwrap()];
                (minute, cell(48.0 + f32::from(series) + step))
            });
            columns.insert(format!("lane_rx_power_watts/{series}"), cells.collect());
        }
        let packed = pack(&columns, 60);
        assert!(packed.len() < 4000, "{} bytes", packed.len());
        assert_eq!(unpack(&packed).unwrap(), columns);
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(
            columns in prop::collection::btree_map(
                "[a-z/0-9]{0,40}",
                prop::collection::btree_map(0_u32..60, (-1e9_f32..1e9).prop_map(cell), 0..60),
                0..8,
            ),
        ) {
            prop_assert_eq!(unpack(&pack(&columns, 60)).unwrap(), columns);
        }

        #[test]
        fn any_bytes_are_a_chunk_or_none(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = unpack(&bytes);
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&bytes).unwrap();
            let _ = unpack(&encoder.finish().unwrap());
        }
    }
}
