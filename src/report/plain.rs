//! Text of unknown origin made fit for a terminal.

use std::borrow::Cow;

/// The text with everything written out that could move the cursor, change
/// colours, break a line or reverse the reading direction.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_hostile(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// The same for text of several lines, whose ends stay.
pub fn plain_lines(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| c != '\n' && is_hostile(c)) {
        return Cow::Borrowed(text);
    }
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(plain).collect();
    Cow::Owned(lines.join("\n"))
}

/// JSON with the same characters written as escapes, which mean the same there:
/// they can stand in strings only.
pub fn plain_json(json: &str) -> Cow<'_, str> {
    if !json.chars().any(|c| c != '\n' && is_hostile(c)) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 8);
    for c in json.chars() {
        if c != '\n' && is_hostile(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out += &format!("\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Control characters, and the invisible ones that steer layout and direction.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_sees_no_escape_sequence() {
        assert_eq!(plain("ACME 1 µm"), "ACME 1 µm");
        assert_eq!(plain("a\x1b[31m\n"), "a\\u{1b}[31m\\u{a}");
        assert_eq!(plain("\u{202E}x\u{9b}"), "\\u{202e}x\\u{9b}");
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(plain_lines("a\nb µ\n"), "a\nb µ\n");
        assert_eq!(plain_lines("a\x1b[2J\n\rb\n"), "a\\u{1b}[2J\n\\u{d}b\n");
    }

    #[test]
    fn json_says_the_same_without_a_character_that_steers() {
        let said = "\u{9b}31m\u{7f}\u{202e}\u{feff} µ";
        let json = serde_json::to_string(said).unwrap();
        assert!(json.contains('\u{9b}'));
        let plain = plain_json(&json);
        assert!(!plain.chars().any(is_hostile));
        assert_eq!(serde_json::from_str::<String>(&plain).unwrap(), said);
    }
}
