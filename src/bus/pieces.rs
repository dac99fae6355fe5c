//! Long reads in pieces, cut where no value lies across.

use super::Part;

/// Cuts a part into reads of at most `longest` bytes that end on multiples of
/// it, so that no 16-bit value is split between two reads.
pub(super) fn chunks(part: Part, longest: u8) -> impl Iterator<Item = Part> {
    let end = u16::from(part.first) + u16::from(part.length);
    let mut next = u16::from(part.first);
    std::iter::from_fn(move || {
        let stop = (next / u16::from(longest) + 1) * u16::from(longest);
        let first = u8::try_from(next).ok().filter(|_| next < end)?;
        let length = u8::try_from(stop.min(end) - next).ok()?;
        next += u16::from(length);
        Some(Part { first, length })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(first: u8, length: u8, longest: u8) -> Vec<(u8, u8)> {
        chunks(Part { first, length }, longest)
            .map(|p| (p.first, p.length))
            .collect()
    }

    #[test]
    fn chunks_end_on_multiples_and_never_split_a_word() {
        assert_eq!(cut(154, 16, 128), [(154, 16)]);
        assert_eq!(cut(154, 16, 8), [(154, 6), (160, 8), (168, 2)]);
        assert_eq!(cut(0, 128, 128), [(0, 128)]);
        assert_eq!(cut(128, 128, 128), [(128, 128)]);
        assert_eq!(cut(248, 8, 8), [(248, 8)]);
        assert_eq!(cut(255, 1, 8), [(255, 1)]);
        assert_eq!(cut(128, 128, 8).len(), 16);
    }
}
