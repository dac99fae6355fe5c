//! Text fields of an identity page: fixed bytes, padded, meant to be ASCII.

/// Makes text of a field: printable ASCII is kept, all else dropped, blanks at
/// both ends removed.
///
/// Returns the text, and whether anything was dropped that is not padding at
/// the end (spaces, 00h, FFh).
pub fn clean(bytes: &[u8]) -> (String, bool) {
    let end = bytes
        .iter()
        .rposition(|byte| !matches!(byte, b' ' | 0x00 | 0xFF))
        .map_or(0, |last| last + 1);
    let held = bytes.get(..end).unwrap_or_default();
    let kept: String = held
        .iter()
        .filter(|byte| matches!(byte, b' '..=b'~'))
        .map(|byte| char::from(*byte))
        .collect();
    let dropped = kept.len() < held.len();
    (kept.trim().to_owned(), dropped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn padding_goes_without_a_word() {
        assert_eq!(clean(b"ACME OPTICS     "), ("ACME OPTICS".into(), false));
        assert_eq!(clean(b"ACME\0\0\0\0"), ("ACME".into(), false));
        assert_eq!(clean(b"ACME \xFF\xFF\0 "), ("ACME".into(), false));
        assert_eq!(clean(b"  ACME"), ("ACME".into(), false));
    }

    #[test]
    fn a_blank_field_is_empty_text() {
        assert_eq!(clean(&[0; 16]), (String::new(), false));
        assert_eq!(clean(&[b' '; 16]), (String::new(), false));
        assert_eq!(clean(&[0xFF; 16]), (String::new(), false));
        assert_eq!(clean(&[]), (String::new(), false));
    }

    #[test]
    fn what_is_not_text_is_dropped_and_told() {
        assert_eq!(clean(b"AC\xBEME"), ("ACME".into(), true));
        assert_eq!(clean(b"AC\0ME"), ("ACME".into(), true));
        assert_eq!(clean(b"\x01\x02"), (String::new(), true));
        assert_eq!(clean(b"AC\tME\x7F"), ("ACME".into(), true));
    }

    proptest! {
        #[test]
        fn the_text_is_always_printable(bytes in prop::collection::vec(any::<u8>(), 0..32)) {
            let (text, _) = clean(&bytes);
            prop_assert!(text.bytes().all(|byte| matches!(byte, b' '..=b'~')));
            prop_assert_eq!(text.trim(), &text);
        }
    }
}
