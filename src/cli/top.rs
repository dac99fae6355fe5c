//! `opticsd top`: all ports of a daemon on the whole screen, live.
//!
//! One thread asks the daemon, so that a daemon that hangs stops no key; what the
//! screen shows is a pure function of what was answered, what was pressed and what
//! the time is.

mod draw;
mod feed;
mod state;
mod trend;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::client::Address;
use super::error::CliError;
use super::show::Select;
use super::terminal::Signal;
use super::{Outcome, terminal};
use crate::clock::{Clock, SystemClock};
use feed::{Answer, Wish};
use state::{Key, State, Step};

/// How long a key waits for something else to be looked at, at most.
const TURN: Duration = Duration::from_millis(100);

/// How often ages are shown anew where nothing happens.
const REDRAW: Duration = Duration::from_millis(500);

/// Watch all ports on the whole screen: the worst first, Enter shows one in full.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Keys: arrows or j and k move, Enter opens, Esc goes back, s sorts by something \
    else, / filters, ? explains, q quits.\n\n\
    Example:\n  opticsd top\n  opticsd top --role scale-out --sort margin\n  \
    opticsd top --from unix:/run/opticsd/http.sock"
)]
pub struct Args {
    #[command(flatten)]
    select: Select,
    /// How often to ask the daemon, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = super::dump::every)]
    every: Duration,
    #[command(flatten)]
    from: Address,
}

/// Shows until somebody has seen enough.
///
/// # Errors
/// If standard output is no terminal, or the daemon cannot be asked to begin with;
/// one that goes away later is waited for.
pub fn top(args: &Args) -> Result<Outcome, CliError> {
    if !terminal::is_there() {
        return Err(CliError::Misused {
            what: "top".to_owned(),
            said: "standard output is no terminal; opticsd show --watch prints one table after \
                   the other"
                .to_owned(),
        });
    }
    let daemon = args.from.daemon()?;
    let clock = SystemClock::new();
    let mut state = State::new(daemon.place(), args.select.clone());
    // A daemon that is not there at all is worth no screen.
    state.take(Answer::All(Box::new(feed::ask(&daemon)?)), clock.now());
    let (wishes, wanted) = channel();
    let (answers, answered) = channel();
    let every = args.every;
    std::thread::Builder::new()
        .name("feed".to_owned())
        .spawn(move || feed::run(&daemon, every, &wanted, &answers))
        .map_err(CliError::Thread)?;
    let signals = terminal::signals()?;
    let mut screen = Screen(ratatui::try_init().map_err(CliError::Print)?);
    let look = draw::Look {
        has_colour: terminal::has_colour(),
    };
    watch(
        &mut screen.0,
        &mut state,
        look,
        &clock,
        &Lines {
            wishes,
            answered,
            signals,
        },
    )?;
    Ok(Outcome::Done)
}

/// The terminal as it was, when this is dropped. A panic restores it before it
/// says anything.
struct Screen(DefaultTerminal);

impl Drop for Screen {
    fn drop(&mut self) {
        // The cursor comes back with the first screen; a terminal that is gone
        // needs neither.
        let _ = self.0.show_cursor();
        let _ = ratatui::try_restore();
    }
}

/// The other ends.
struct Lines {
    wishes: Sender<Wish>,
    answered: Receiver<Answer>,
    signals: Receiver<Signal>,
}

fn watch(
    screen: &mut DefaultTerminal,
    state: &mut State,
    look: draw::Look,
    clock: &SystemClock,
    lines: &Lines,
) -> Result<(), CliError> {
    let mut drawn = None;
    loop {
        let now = clock.now();
        if drawn.is_none_or(|at| now.saturating_sub(at) >= REDRAW) {
            screen
                .draw(|frame| draw::draw(frame, state, look, now))
                .map_err(CliError::Print)?;
            drawn = Some(now);
        }
        if event::poll(TURN).map_err(CliError::Print)? {
            let step = match event::read().map_err(CliError::Print)? {
                Event::Key(key) => pressed(key).map(|key| state.press(key)),
                _ => None,
            };
            // Another size, too, is a reason to draw.
            drawn = None;
            match step {
                Some(Step::Quit) => return Ok(()),
                // A feed that is gone is told by the age of what it said last.
                Some(Step::Ask(wish)) => drop(lines.wishes.send(wish)),
                Some(Step::Stay) | None => {}
            }
        }
        while let Ok(signal) = lines.signals.try_recv() {
            match signal {
                Signal::End => return Ok(()),
                Signal::Resized => drawn = None,
            }
        }
        while let Ok(answer) = lines.answered.try_recv() {
            state.take(answer, clock.now());
            drawn = None;
        }
    }
}

/// The key that an event of the terminal means; releases mean none.
fn pressed(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let has_control = event.modifiers.contains(KeyModifiers::CONTROL);
    Some(match event.code {
        KeyCode::Char('c') if has_control => Key::Interrupt,
        KeyCode::Char('d') if has_control => Key::PageDown,
        KeyCode::Char('u') if has_control => Key::PageUp,
        KeyCode::Char(c) if !has_control => Key::Char(c),
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Escape,
        KeyCode::Backspace => Key::Backspace,
        _ => return None,
    })
}
