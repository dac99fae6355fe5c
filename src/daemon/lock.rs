//! The lock that another manager of the same modules offers: a file that is
//! locked (flock), or commands that take and give it back.
//!
//! It is held for one sweep of one module and no longer. Whoever waits for it
//! waits in steps: other ports are swept meanwhile, and one of them may be who
//! holds it. Without the lock no module is touched.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use tracing::warn;

use crate::bus::wait;
use crate::clock::Clock;
use crate::config::{LockConfig, LockWay};
use crate::names::PortName;

/// Between two tries, and between two looks at a command.
const PAUSE: Duration = Duration::from_millis(5);
/// Who may write a lock file that is made here: anybody may lock it.
const MODE: u32 = 0o666;
/// The variable in which a command finds the port that the lock is for.
const PORT: &str = "OPTICSD_PORT";

/// A lock that is held until it is given back.
pub struct Held<'a> {
    lock: &'a LockConfig,
    port: &'a PortName,
    // Closing the file gives the lock back.
    _file: Option<Flock<File>>,
}

/// Takes the lock for a port.
///
/// # Errors
/// What keeps it from being taken, in words.
pub async fn take<'a>(
    lock: &'a LockConfig,
    port: &'a PortName,
    clock: &dyn Clock,
) -> Result<Held<'a>, String> {
    let file = match &lock.way {
        LockWay::File(path) => {
            let locked = lock_file(path, lock.patience, clock).await;
            Some(locked.map_err(|said| format!("cannot lock {}: {said}", path.display()))?)
        }
        LockWay::Commands { take, .. } => {
            run(take, port, lock.patience, clock).await?;
            None
        }
    };
    Ok(Held {
        lock,
        port,
        _file: file,
    })
}

impl Held<'_> {
    /// Gives the lock back. What keeps a command from doing so is logged.
    pub async fn give(self, clock: &dyn Clock) {
        if let LockWay::Commands { give, .. } = &self.lock.way
            && let Err(said) = run(give, self.port, self.lock.patience, clock).await
        {
            warn!(port = %self.port, said, "a lock may not have been given back");
        }
    }
}

/// Locks a file, which is made if it is not there.
async fn lock_file(
    path: &std::path::Path,
    patience: Duration,
    clock: &dyn Clock,
) -> Result<Flock<File>, String> {
    let open = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(MODE)
        .open(path);
    let mut file = open.map_err(|error| error.to_string())?;
    let deadline = clock.now() + patience;
    loop {
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(locked) => return Ok(locked),
            Err((back, Errno::EWOULDBLOCK | Errno::EINTR)) => file = back,
            Err((_, error)) => return Err(io::Error::from(error).to_string()),
        }
        if clock.now() >= deadline {
            return Err(held_too_long(patience));
        }
        wait::pause(clock, PAUSE).await;
    }
}

fn held_too_long(patience: Duration) -> String {
    format!(
        "somebody else held it for {} ms; give them less to do, or wait longer (`timeout`)",
        patience.as_millis()
    )
}

/// Runs a command to its end.
async fn run(
    words: &[String],
    port: &PortName,
    patience: Duration,
    clock: &dyn Clock,
) -> Result<(), String> {
    let Some((program, arguments)) = words.split_first() else {
        return Err("no command".to_owned());
    };
    let started = Command::new(program)
        .args(arguments)
        .env(PORT, port.as_str())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn();
    let mut child = started.map_err(|error| format!("cannot run {program}: {error}"))?;
    let ended = end(&mut child, patience, clock).await;
    match ended.map_err(|error| format!("cannot wait for {program}: {error}"))? {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(format!("{program} did not get the lock: {status}")),
        None => {
            // Nobody waits for one that does not even let itself be killed.
            let _ = child.kill();
            let _ = end(&mut child, PAUSE, clock).await;
            let limit = patience.as_millis();
            Err(format!("{program} did not end within {limit} ms"))
        }
    }
}

/// How a command ended, if it did in time.
async fn end(
    child: &mut Child,
    patience: Duration,
    clock: &dyn Clock,
) -> io::Result<Option<ExitStatus>> {
    let deadline = clock.now() + patience;
    loop {
        let ended = child.try_wait()?;
        if ended.is_some() || clock.now() >= deadline {
            return Ok(ended);
        }
        wait::pause(clock, PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::wait::{Step, Work};
    use crate::clock::{ManualClock, SystemClock};

    const PATIENCE: Duration = Duration::from_millis(50);

    fn port() -> PortName {
        PortName::new("Ethernet0").unwrap()
    }

    #[test]
    fn who_waits_for_a_file_gets_it_when_it_is_free_and_gives_up_in_time() {
        let folder = tempfile::tempdir().unwrap();
        let lock = LockConfig {
            way: LockWay::File(folder.path().join("lock")),
            patience: PATIENCE,
        };
        let (clock, port) = (ManualClock::new(), port());
        let held = wait::complete(take(&lock, &port, &clock)).ok().unwrap();
        let mut waiting: Work<'_, _> = Box::pin(take(&lock, &port, &clock));
        assert!(matches!(wait::step(&mut waiting), Step::Until(_)));
        wait::complete(held.give(&clock));
        clock.advance(PAUSE);
        let Step::Done(Ok(held)) = wait::step(&mut waiting) else {
            panic!("the file is free");
        };
        let before = clock.now();
        let said = wait::complete(take(&lock, &port, &clock)).err().unwrap();
        assert!(said.starts_with("cannot lock "), "{said}");
        assert!(said.contains("held it for 50 ms"), "{said}");
        assert_eq!(clock.now() - before, PATIENCE);
        drop(held);
    }

    #[test]
    fn a_file_that_cannot_be_made_says_so() {
        let lock = LockConfig {
            way: LockWay::File("/nonexistent/lock".into()),
            patience: PATIENCE,
        };
        let port = port();
        let said = wait::complete(take(&lock, &port, &ManualClock::new()));
        assert!(said.err().unwrap().contains("/nonexistent/lock: No such"));
    }

    #[test]
    fn commands_are_run_before_and_behind_and_know_their_port() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let shell = |text: &str| {
            let text = format!("echo {text} $OPTICSD_PORT >> {}", log.display());
            vec!["/bin/sh".to_owned(), "-c".to_owned(), text]
        };
        let lock = LockConfig {
            way: LockWay::Commands {
                take: shell("taken"),
                give: shell("given"),
            },
            patience: Duration::from_secs(60),
        };
        let (clock, port) = (SystemClock::new(), port());
        let held = wait::complete(take(&lock, &port, &clock)).ok().unwrap();
        wait::complete(held.give(&clock));
        let said = std::fs::read_to_string(&log).unwrap();
        assert_eq!(said, "taken Ethernet0\ngiven Ethernet0\n");
    }

    #[test]
    fn a_command_that_fails_or_hangs_gives_no_lock() {
        let with = |words: &[&str]| LockConfig {
            way: LockWay::Commands {
                take: words.iter().map(|word| (*word).to_owned()).collect(),
                give: vec!["/bin/true".to_owned()],
            },
            patience: PATIENCE,
        };
        let port = port();
        let said = |words: &[&str], clock: &dyn Clock| {
            let lock = with(words);
            let outcome = wait::complete(take(&lock, &port, clock));
            outcome.err().unwrap()
        };
        // Here time passes by itself: a process does not wait for a clock by hand.
        let long = LockConfig {
            patience: Duration::from_secs(60),
            ..with(&["/bin/false"])
        };
        let told = wait::complete(take(&long, &port, &SystemClock::new()));
        let told = told.err().unwrap();
        assert!(told.contains("/bin/false did not get the lock"), "{told}");
        let told = said(&["/nonexistent/take"], &ManualClock::new());
        assert!(told.contains("cannot run /nonexistent/take"), "{told}");
        let told = said(&["/bin/sleep", "600"], &ManualClock::new());
        assert!(told.contains("did not end within 50 ms"), "{told}");
    }
}
