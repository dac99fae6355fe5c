//! Text in registers: ASCII padded with spaces, as the maker left it.

/// Printable ASCII.
const PRINTABLE: std::ops::RangeInclusive<u8> = 0x20..=0x7E;

/// Keeps the printable ASCII of a text field and trims its spaces.
///
/// The flag tells whether a byte was dropped that is not mere padding: NUL, FFh
/// and spaces at the end of the field are padding, all else is odd.
pub fn clean(bytes: &[u8]) -> (String, bool) {
    let padding = |byte: &&u8| matches!(byte, 0x00 | 0x20 | 0xFF);
    let padded = bytes.iter().rev().take_while(padding).count();
    let content = bytes.get(..bytes.len() - padded).unwrap_or_default();
    let kept: String = content
        .iter()
        .filter(|byte| PRINTABLE.contains(byte))
        .map(|byte| char::from(*byte))
        .collect();
    let dropped = kept.len() < content.len();
    (kept.trim().to_owned(), dropped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_dropped_in_silence_and_all_else_is_told() {
        assert_eq!(clean(b"ACME \0\xFF "), ("ACME".to_owned(), false));
        assert_eq!(clean(b"\xFF\xFF202J"), ("202J".to_owned(), true));
        assert_eq!(clean(b" A\0B "), ("AB".to_owned(), true));
        assert_eq!(clean(b""), (String::new(), false));
        assert_eq!(clean(&[0; 16]), (String::new(), false));
        assert_eq!(clean(&[0xFF; 16]), (String::new(), false));
    }
}
