//! What a person sees: the commands that draw, on a real pseudo-terminal, read back
//! as the screen would show it, and the terminal afterwards.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should end there and say where"
)]

mod support;

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use nix::pty::{Winsize, openpty};
use nix::sys::termios::{Termios, tcgetattr};
use support::{Demo, OPTICSD, wait_for};

/// A command on a terminal of its own.
struct Terminal {
    child: Child,
    master: File,
    /// Kept open, so that its settings can be asked for at the end.
    slave: OwnedFd,
    before: Termios,
    bytes: Arc<Mutex<Vec<u8>>>,
    size: (usize, usize),
}

impl Terminal {
    fn run(words: &[&str], (width, height): (u16, u16), variables: &[(&str, &str)]) -> Self {
        let size = Winsize {
            ws_row: height,
            ws_col: width,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let pty = openpty(Some(&size), None).unwrap();
        let before = tcgetattr(&pty.slave).unwrap();
        let end = || Stdio::from(pty.slave.try_clone().unwrap());
        let mut command = Command::new(OPTICSD);
        command
            .args(words)
            .env_remove("COLUMNS")
            .env_remove("NO_COLOR")
            .env("TERM", "xterm-256color")
            .envs(variables.iter().copied())
            .stdin(end())
            .stdout(end())
            .stderr(end());
        let child = command.spawn().unwrap();
        let master = File::from(pty.master);
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let (sink, mut source) = (Arc::clone(&bytes), master.try_clone().unwrap());
        std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(count @ 1..) = source.read(&mut chunk) {
                sink.lock().unwrap().extend_from_slice(&chunk[..count]);
            }
        });
        Self {
            child,
            master,
            slave: pty.slave,
            before,
            bytes,
            size: (usize::from(width), usize::from(height)),
        }
    }

    /// All that was written so far.
    fn written(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }

    /// What the screen shows now.
    fn screen(&self) -> Vec<String> {
        screen(&self.written(), self.size)
    }

    /// Waits until the screen is so.
    fn see(&self, what: &str, is_so: impl Fn(&[String]) -> bool) -> Vec<String> {
        wait_for(&format!("{what}, on\n{}", self.screen().join("\n")), || {
            let screen = self.screen();
            is_so(&screen).then_some(screen)
        })
    }

    /// Waits until some line says this.
    fn says(&self, words: &str) -> Vec<String> {
        self.see(words, |screen| {
            screen.iter().any(|line| line.contains(words))
        })
    }

    fn press(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Waits for its end, and that the terminal is as it was.
    fn ended(mut self) -> ExitStatus {
        let status = wait_for("the end", || self.child.try_wait().unwrap());
        let after = tcgetattr(&self.slave).unwrap();
        assert_eq!(after.local_flags, self.before.local_flags);
        assert_eq!(after.input_flags, self.before.input_flags);
        assert_eq!(after.output_flags, self.before.output_flags);
        // The first screen and the cursor are back.
        wait_for("the first screen", || {
            let written = self.written();
            let is_back = |on: &str, off: &str| match (written.rfind(on), written.rfind(off)) {
                (Some(on), Some(off)) => on < off,
                _ => false,
            };
            let both = is_back("\x1b[?1049h", "\x1b[?1049l") && is_back("\x1b[?25l", "\x1b[?25h");
            both.then_some(())
        });
        status
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A screen after these bytes: as much of ECMA-48 as the commands use.
fn screen(written: &str, (width, height): (usize, usize)) -> Vec<String> {
    let mut cells = vec![vec![' '; width]; height];
    let (mut row, mut column) = (0, 0);
    let mut chars = written.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => column = 0,
            '\n' => row += 1,
            '\x1b' if chars.next_if_eq(&'[').is_some() => {
                let mut words = String::new();
                let end = loop {
                    match chars.next() {
                        Some(c) if c.is_ascii_alphabetic() => break c,
                        Some(c) => words.push(c),
                        None => break ' ',
                    }
                };
                let mut numbers = words.split(';').map(|n| n.parse::<usize>().unwrap_or(1));
                match end {
                    'H' => {
                        row = numbers.next().unwrap_or(1) - 1;
                        column = numbers.next().unwrap_or(1) - 1;
                    }
                    'J' if words == "2" => cells = vec![vec![' '; width]; height],
                    'J' => {
                        cells[row][column.min(width)..].fill(' ');
                        cells[row + 1..].iter_mut().for_each(|line| line.fill(' '));
                    }
                    'K' => cells[row][column.min(width)..].fill(' '),
                    // The second screen begins empty.
                    'h' if words == "?1049" => cells = vec![vec![' '; width]; height],
                    _ => {}
                }
            }
            c => {
                assert!(
                    row < height && column < width,
                    "{c:?} at {row}, {column} is outside"
                );
                cells[row][column] = c;
                column += 1;
            }
        }
    }
    let lines = cells.iter().map(|line| line.iter().collect::<String>());
    lines.map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn the_table_has_colours_on_a_terminal_unless_they_are_unwanted() {
    let demo = Demo::start(&[]);
    demo.settled_ports();
    let words = ["show", "--from", &demo.url];
    let coloured = Terminal::run(&words, (90, 24), &[]);
    let written = wait_for("colours", || {
        let written = coloured.written();
        written.contains("\x1b[32mok\x1b[0m").then_some(written)
    });
    assert!(written.contains("\x1b[1mPort"), "{written}");
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let plain = Terminal::run(&words, (90, 24), &[(name, value)]);
        let written = wait_for("all rows", || {
            let written = plain.written();
            (written.lines().count() >= 65).then_some(written)
        });
        assert!(!written.contains('\x1b'), "{written}");
        assert!(
            written
                .lines()
                .all(|line| line.trim_end().chars().count() <= 90)
        );
    }
}

#[test]
fn a_watched_table_is_redrawn_in_place_and_leaves_the_terminal_as_it_was() {
    let demo = Demo::start(&[]);
    demo.settled_ports();
    let words = ["show", "--watch=0.2", "--from", &demo.url];
    let terminal = Terminal::run(&words, (70, 12), &[]);
    let first = terminal.says("more lines; opticsd top scrolls");
    assert!(first[0].contains(&demo.url), "{first:?}");
    assert!(first[1].starts_with("Port "), "{first:?}");
    assert!(first[2].contains("bad"), "the worst are first: {first:?}");
    terminal.see("another time", |screen| screen[0] != first[0]);
    terminal.signal("-INT");
    assert_eq!(terminal.ended().code(), Some(0));

    // On a pipe one stands behind the other, each with its time.
    let mut child = Command::new(OPTICSD)
        .args([
            "show",
            "--watch=0.2",
            "--verdict",
            "bad",
            "--from",
            &demo.url,
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut text = String::new();
    let mut out = child.stdout.take().unwrap();
    while text.matches("\nPort ").count() < 3 {
        let mut chunk = [0; 4096];
        let count = out.read(&mut chunk).unwrap();
        assert!(count > 0, "it ended: {text}");
        text += &String::from_utf8_lossy(&chunk[..count]);
    }
    assert!(!text.contains('\x1b'), "{text}");
    assert!(text.matches("Z  http://").count() >= 3, "{text}");
    // Nobody reads any more: it ends by itself.
    drop(out);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_whole_screen_is_looked_through_and_outlives_the_daemon() {
    let demo = Demo::start(&[]);
    demo.settled_ports();
    let words = ["top", "--every", "0.2", "--from", &demo.url];
    let mut terminal = Terminal::run(&words, (110, 20), &[]);
    let screen = terminal.says("bus load: ");
    assert!(screen[0].contains("64 ports: "), "{screen:?}");
    let row = |screen: &[String], name: &str| screen.iter().position(|line| line.starts_with(name));
    let worst = row(&screen, "Port ").unwrap() + 1;
    let name = screen[worst].split(' ').next().unwrap().to_owned();

    terminal.press("\r");
    let screen = terminal.says(&format!("{name} on "));
    assert!(row(&screen, &name) == Some(2), "{screen:?}");
    terminal.press("\x1b");
    terminal.says("Enter opens");
    terminal.press("?");
    terminal.says("any key goes back");
    terminal.press("x");
    terminal.says("Enter opens");
    terminal.press("/lpo\r");
    let screen = terminal.says("filter: lpo");
    let rows = screen.iter().filter(|line| line.starts_with("Ethernet"));
    assert!(rows.clone().count() > 0 && rows.clone().all(|line| line.contains("lpo")));

    let address = demo.url.trim_start_matches("http://").to_owned();
    demo.stop();
    let screen = terminal.says("no answer; below is ");
    assert!(
        screen.iter().any(|line| line.starts_with("Ethernet")),
        "{screen:?}"
    );
    let demo = Demo::start_at(&address, &[]);
    terminal.see("an answer", |screen| {
        !screen.iter().any(|line| line.contains("no answer"))
    });
    terminal.signal("-TERM");
    assert_eq!(terminal.ended().code(), Some(0));

    // Both other ways out.
    for keys in ["q", "\x03"] {
        let words = ["top", "--from", &demo.url];
        let mut terminal = Terminal::run(&words, (40, 5), &[]);
        terminal.says("opticsd top");
        terminal.press(keys);
        assert_eq!(terminal.ended().code(), Some(0));
    }
}

#[test]
fn a_pipe_is_no_screen() {
    let output = Command::new(OPTICSD).arg("top").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("opticsd show --watch"), "{said}");
}
