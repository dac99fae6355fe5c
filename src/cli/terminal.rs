//! What standard output is, how large and how colourful; and a screen on it that
//! is put back as it was.

use std::io::{IsTerminal, Write, stdout};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};

use super::error::CliError;
use crate::report::text::{Look, cut};

/// Whether standard output goes to a person.
pub fn is_there() -> bool {
    stdout().is_terminal()
}

/// Width and height of the terminal that standard output is.
pub fn size() -> Option<(usize, usize)> {
    let (width, height) = terminal_size::terminal_size_of(stdout())?;
    Some((usize::from(width.0), usize::from(height.0)))
}

/// How standard output wants text. `COLUMNS` is for those who know better than the
/// terminal, and for pipes; colours are for terminals without `NO_COLOR` alone.
pub fn look() -> Look {
    let wanted = std::env::var("COLUMNS").ok();
    let wanted = wanted.and_then(|columns| columns.parse().ok());
    Look {
        width: wanted
            .filter(|columns| *columns > 0)
            .or_else(|| size().map(|(width, _)| width)),
        has_colour: has_colour(),
    }
}

/// Whether colours may be used.
pub fn has_colour() -> bool {
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    is_there() && !is_plain && !is_dumb
}

/// What somebody outside wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C, or the end as a service manager asks for it.
    End,
    /// The terminal has another size.
    Resized,
}

/// The signals that come from now on; they do nothing by themselves any more.
///
/// # Errors
/// If the operating system refuses the thread that waits for them, or a handler.
pub fn signals() -> Result<Receiver<Signal>, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .map_err(CliError::Thread)?;
    let (sender, receiver) = channel();
    // In this thread, so that they are in force when this returns.
    let _inside = runtime.enter();
    let open = |kind| signal(kind).map_err(CliError::Thread);
    let mut interrupt = open(SignalKind::interrupt())?;
    let mut terminate = open(SignalKind::terminate())?;
    let mut hang_up = open(SignalKind::hangup())?;
    let mut resized = open(SignalKind::window_change())?;
    drop(_inside);
    let wait = move || {
        runtime.block_on(async {
            loop {
                let signal = tokio::select! {
                    _ = interrupt.recv() => Signal::End,
                    _ = terminate.recv() => Signal::End,
                    _ = hang_up.recv() => Signal::End,
                    _ = resized.recv() => Signal::Resized,
                };
                if sender.send(signal).is_err() {
                    return;
                }
            }
        });
    };
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(wait)
        .map_err(CliError::Thread)?;
    Ok(receiver)
}

/// Waits for a signal, or until so much time has passed.
pub fn wait(signals: &Receiver<Signal>, time: Duration) -> Option<Signal> {
    match signals.recv_timeout(time) {
        Ok(signal) => Some(signal),
        Err(RecvTimeoutError::Timeout) => None,
        // The thread that waited for them is gone, and with it the way to end.
        Err(RecvTimeoutError::Disconnected) => Some(Signal::End),
    }
}

/// The second screen of the terminal, without a cursor. The first one is back when
/// this is dropped.
#[derive(Debug)]
struct Screen;

impl Screen {
    fn enter() -> std::io::Result<Self> {
        let mut out = stdout().lock();
        out.write_all(b"\x1b[?1049h\x1b[?25l")?;
        out.flush()?;
        Ok(Self)
    }

    /// Shows a text from the first line on, without a moment of emptiness.
    fn show(&self, text: &str) -> std::io::Result<()> {
        let height = size().map_or(usize::MAX, |(_, height)| height);
        let mut out = stdout().lock();
        out.write_all(painted(text, height).as_bytes())?;
        out.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let mut out = stdout().lock();
        // A terminal that is gone needs no cursor.
        let _ = out.write_all(b"\x1b[?25h\x1b[?1049l");
        let _ = out.flush();
    }
}

/// The bytes that put a text on a screen of so many lines in place of what is there.
fn painted(text: &str, height: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut out = "\x1b[H".to_owned();
    let fits = lines.len() <= height;
    let shown = if fits {
        lines.len()
    } else {
        height.saturating_sub(1)
    };
    let end = lines.iter().take(shown).map(|line| format!("{line}\x1b[K"));
    let mut shown_lines: Vec<String> = end.collect();
    if !fits && height > 0 {
        let more = lines.len() - shown;
        shown_lines.push(format!("… {more} more lines; opticsd top scrolls\x1b[K"));
    }
    out += &shown_lines.join("\r\n");
    out + "\x1b[J"
}

/// Draws again and again until somebody wants it to end: in place on a terminal,
/// one text after the other elsewhere. `draw` is called with what the output looks
/// like at that moment. A terminal also shows what could not be drawn, and why.
///
/// # Errors
/// What drawing says the first time; what printing says.
pub fn watch(
    every: Duration,
    mut draw: impl FnMut(Look) -> Result<String, CliError>,
) -> Result<(), CliError> {
    let signals = signals()?;
    // What cannot be shown at all is no reason for another screen.
    let mut text = Ok(draw(look())?);
    let screen = match is_there() {
        true => Some(Screen::enter().map_err(CliError::Print)?),
        false => None,
    };
    loop {
        match (&screen, &text) {
            (Some(screen), Ok(text)) => screen.show(text).map_err(CliError::Print)?,
            (Some(screen), Err(error)) => {
                let width = look().width.unwrap_or(usize::MAX);
                let said = super::output::complaint(error);
                let lines = said.lines().map(|line| cut(line, width) + "\n");
                screen
                    .show(&lines.collect::<String>())
                    .map_err(CliError::Print)?;
            }
            (None, Ok(text)) => {
                if !super::output::print_on(text)? {
                    return Ok(());
                }
            }
            (None, Err(error)) => super::output::complain(error),
        }
        let due = Instant::now() + every;
        loop {
            let left = due.saturating_duration_since(Instant::now());
            match wait(&signals, left) {
                Some(Signal::End) => return Ok(()),
                // Elsewhere than on a terminal there is no size.
                Some(Signal::Resized) if screen.is_none() => {}
                Some(Signal::Resized) | None => break,
            }
        }
        text = draw(look());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_holds_what_it_can_and_tells_the_rest() {
        assert_eq!(painted("a\nb\n", 2), "\x1b[Ha\x1b[K\r\nb\x1b[K\x1b[J");
        assert_eq!(
            painted("a\nb\nc\n", 2),
            "\x1b[Ha\x1b[K\r\n… 2 more lines; opticsd top scrolls\x1b[K\x1b[J"
        );
        assert_eq!(painted("a\n", 0), "\x1b[H\x1b[J");
    }
}
