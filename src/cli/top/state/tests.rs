//! Keys and answers, and what they make of the screen.

use super::*;
use crate::report::api::BusDocument;

/// Ports by name and verdict.
pub(in crate::cli::top) fn newest(ports: &[(&str, &str)], busy: f64) -> Newest {
    let ports = ports.iter().map(|(name, verdict)| {
        serde_json::from_str(&format!(
            r#"{{"port": "{name}", "bus": "i2c-1", "presence": "active", "verdict": "{verdict}",
                 "reasons": [], "findings": [], "class": "dsp", "vendor": "ACME",
                 "temperature_celsius": 40.0, "age_seconds": 0.5}}"#
        ))
        .unwrap()
    });
    Newest {
        ports: ports.collect(),
        buses: vec![BusDocument {
            bus: "i2c-1".to_owned(),
            busy_seconds: busy,
            ..BusDocument::default()
        }],
    }
}

fn seconds(s: u64) -> Duration {
    Duration::from_secs(s)
}

fn all(ports: &[(&str, &str)], busy: f64) -> Answer {
    Answer::All(Box::new(newest(ports, busy)))
}

/// Ten ports, of which `p7` is bad.
pub(in crate::cli::top) fn ten() -> State {
    let names: Vec<String> = (0..10).map(|i| format!("p{i}")).collect();
    let ports: Vec<(&str, &str)> = names
        .iter()
        .map(|name| (name.as_str(), if name == "p7" { "bad" } else { "ok" }))
        .collect();
    let mut state = State::new("http://leaf1:10458", Select::default());
    state.take(all(&ports, 1.0), seconds(10));
    state.fit(4);
    state
}

fn marked(state: &State) -> &str {
    &state.marked().unwrap().port
}

#[test]
fn the_mark_moves_and_stays_on_the_screen() {
    let mut state = ten();
    assert_eq!(marked(&state), "p7");
    state.press(Key::Down);
    state.press(Key::Char('j'));
    assert_eq!((marked(&state), state.top), ("p1", 0));
    for _ in 0..4 {
        state.press(Key::Down);
    }
    assert_eq!((state.selected, state.top), (6, 3));
    state.press(Key::Char('k'));
    assert_eq!((state.selected, state.top), (5, 3));
    state.press(Key::End);
    assert_eq!((state.selected, state.top), (9, 6));
    state.press(Key::Down);
    assert_eq!(state.selected, 9);
    state.press(Key::PageUp);
    assert_eq!(state.selected, 6);
    state.press(Key::Home);
    assert_eq!((state.selected, state.top), (0, 0));
    state.press(Key::Up);
    assert_eq!(state.selected, 0);
    // A larger screen shows no emptiness below the last row.
    state.press(Key::End);
    state.fit(8);
    assert_eq!((state.selected, state.top), (9, 2));
}

#[test]
fn the_mark_follows_its_port_through_new_answers() {
    let mut state = ten();
    state.press(Key::Down);
    assert_eq!(marked(&state), "p0");
    state.take(
        all(&[("p0", "ok"), ("p1", "bad"), ("p7", "ok")], 1.0),
        seconds(12),
    );
    assert_eq!((marked(&state), state.selected), ("p0", 1));
    // Where its port is gone it stays where it is.
    state.take(all(&[("p1", "ok"), ("p7", "ok")], 1.0), seconds(14));
    assert_eq!(state.selected, 1);
    state.take(all(&[], 1.0), seconds(16));
    assert_eq!(state.marked(), None);
    assert_eq!(state.press(Key::Enter), Step::Stay);
}

#[test]
fn a_port_is_opened_scrolled_and_left() {
    let mut state = ten();
    assert_eq!(state.press(Key::Enter), Step::Ask(Some("p7".to_owned())));
    let text = |name: &str, text: &str| Answer::Port {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    // What was asked for before it was opened comes late.
    state.take(text("p1", "another"), seconds(11));
    let View::Port { text: None, .. } = &state.view else {
        panic!("{:?}", state.view);
    };
    state.take(text("p7", "1\n2\n3\n4\n5\n6"), seconds(11));
    for _ in 0..5 {
        state.press(Key::Down);
        state.fit(4);
    }
    let View::Port { scroll, .. } = state.view else {
        panic!("{:?}", state.view);
    };
    assert_eq!(scroll, 2, "the last line is at the bottom");
    assert_eq!(state.press(Key::Escape), Step::Ask(None));
    assert_eq!(state.view, View::Table);
    assert_eq!(marked(&state), "p7");
}

#[test]
fn words_filter_rows() {
    let mut state = ten();
    state.press(Key::Char('/'));
    for c in "q BAD".chars() {
        assert_eq!(state.press(Key::Char(c)), Step::Stay, "q is a letter here");
    }
    assert!(state.ports.is_empty());
    for _ in 0..5 {
        state.press(Key::Backspace);
    }
    for c in "acme bad".chars() {
        state.press(Key::Char(c));
    }
    assert_eq!(state.ports.len(), 1);
    assert_eq!(state.chosen().len(), 10, "counts are of all");
    state.press(Key::Enter);
    assert!(!state.is_typing);
    state.press(Key::Escape);
    assert_eq!(state.ports.len(), 10);
    assert_eq!(state.press(Key::Char('q')), Step::Quit);
}

#[test]
fn sorting_goes_round_and_to_the_first_row() {
    let mut state = ten();
    state.press(Key::End);
    state.press(Key::Char('s'));
    assert_eq!((state.order, state.selected), (Order::Port, 0));
    assert_eq!(marked(&state), "p0");
}

#[test]
fn load_is_what_was_spent_between_two_answers() {
    let mut state = ten();
    assert_eq!(state.loads[0].busy, None);
    state.take(all(&[], 1.5), seconds(12));
    assert_eq!(state.loads[0].busy, Some(0.25));
    // The daemon began anew.
    state.take(all(&[], 0.1), seconds(14));
    assert_eq!(state.loads[0].busy, None);
}

#[test]
fn silence_is_remembered_until_somebody_answers() {
    let mut state = ten();
    state.take(Answer::Lost("no".to_owned()), seconds(12));
    assert_eq!(
        state.answered,
        Some(seconds(10)),
        "the age counts from here"
    );
    assert_eq!(state.trouble.as_deref(), Some("no"));
    assert_eq!(state.ports.len(), 10);
    state.take(all(&[("a", "ok")], 1.0), seconds(20));
    assert_eq!(state.trouble, None);
    assert_eq!(state.answered, Some(seconds(20)));
}

#[test]
fn help_and_interrupts() {
    let mut state = ten();
    state.press(Key::Char('?'));
    assert_eq!(state.view, View::Help);
    state.press(Key::Escape);
    assert_eq!(state.view, View::Table);
    state.press(Key::Char('/'));
    assert_eq!(state.press(Key::Interrupt), Step::Quit);
}
