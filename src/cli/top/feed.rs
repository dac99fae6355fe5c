//! Asking the daemon, again and again, on a thread of its own.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use crate::cli::client::Daemon;
use crate::cli::error::CliError;
use crate::cli::output;
use crate::report::api::BusDocument;
use crate::report::summary::PortSummary;

/// Which port is open; none, where the table is.
pub(super) type Wish = Option<String>;

/// All that a daemon said at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Newest {
    pub(super) ports: Vec<PortSummary>,
    /// None from a daemon that does not tell.
    pub(super) buses: Vec<BusDocument>,
}

/// What a question came to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    /// All ports and buses.
    All(Box<Newest>),
    /// One port in full, as text fit for a terminal.
    Port {
        /// Its name.
        name: String,
        /// Its text, or what is wrong with it.
        text: String,
    },
    /// Nobody answered, or not what was asked.
    Lost(String),
}

/// Asks for all once.
pub(super) fn ask(daemon: &Daemon) -> Result<Newest, CliError> {
    let ports = daemon.ports()?;
    let buses = match daemon.json("/api/v1/buses") {
        Ok(buses) => buses,
        Err(CliError::Refused { status: 404, .. }) => Vec::new(),
        Err(error) => return Err(error),
    };
    Ok(Newest { ports, buses })
}

/// Asks every so often, and at once when another port is opened, until nobody
/// listens.
pub(super) fn run(
    daemon: &Daemon,
    every: Duration,
    wishes: &Receiver<Wish>,
    answers: &Sender<Answer>,
) {
    let mut open: Wish = None;
    loop {
        match wishes.recv_timeout(every) {
            Ok(wish) => open = wishes.try_iter().last().unwrap_or(wish),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        // What was opened is waited for; the table was there before.
        let in_full = open.as_deref().map(|name| port(daemon, name));
        let all = ask(daemon).map(|newest| Answer::All(Box::new(newest)));
        let said = |error: CliError| Answer::Lost(output::tame(&error.to_string()));
        for answer in in_full.into_iter().chain([all]) {
            if answers.send(answer.unwrap_or_else(said)).is_err() {
                return;
            }
        }
    }
}

fn port(daemon: &Daemon, name: &str) -> Result<Answer, CliError> {
    let text = match daemon.of_port(name, "?format=text") {
        // It went away in a reload: that is an answer.
        Err(error @ (CliError::NoSuchPort { .. } | CliError::Refused { .. })) => error.to_string(),
        answer => answer?,
    };
    Ok(Answer::Port {
        name: name.to_owned(),
        text: output::tame(&text),
    })
}
