//! What a panic leaves behind. Each is a defect of opticsd, and must not go by
//! unseen: the hook logs it with its backtrace, and it becomes an event.
//!
//! The hook runs in the thread that panics, which may hold any lock; so it takes
//! none. It puts the event aside, and the watchman hands it to the journal.
//!
//! What happens to the thread is up to whoever started it: a poller lets the port
//! begin anew in whose step it was; the daemon ends if any other of its threads
//! is gone, so that the service manager starts it afresh.

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::panic::PanicHookInfo;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use tracing::error;

use super::journal::Journal;
use crate::health::event::Event;
use crate::names::PortName;
use crate::report::PortSlot;

/// How many panics wait for the journal at most; the log has the others.
const MOST_WAITING: usize = 64;

thread_local! {
    /// The port that this thread is at work on.
    static PORT: RefCell<Option<Arc<PortSlot>>> = const { RefCell::new(None) };
}

/// Says that this thread is at work on a port from now on, or on none.
pub fn works_on(slot: Option<&Arc<PortSlot>>) {
    PORT.set(slot.cloned());
}

/// Panics that are not in the journal yet.
#[derive(Debug)]
pub struct Panics(Receiver<Panicked>);

/// One panic.
#[derive(Debug)]
struct Panicked {
    port: Option<PortName>,
    event: Event,
}

impl Panics {
    /// Has every panic of this process logged and kept from now on, instead of
    /// printed.
    pub fn watch() -> Self {
        let (aside, waiting) = sync_channel(MOST_WAITING);
        std::panic::set_hook(Box::new(move |info| note(info, &aside)));
        Self(waiting)
    }

    /// Hands over to the journal what happened since the last time.
    pub fn hand_over(&self, journal: &Journal) {
        for Panicked { port, event } in self.0.try_iter() {
            match port {
                Some(port) => journal.tell_of(&port, None, vec![event]),
                None => journal.tell(event),
            }
        }
    }
}

/// Logs a panic and puts its event aside.
fn note(info: &PanicHookInfo<'_>, aside: &SyncSender<Panicked>) {
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("without a name").to_owned();
    let place = info.location().map_or_else(
        || "an unknown place".to_owned(),
        |location| {
            let (file, line, column) = (location.file(), location.line(), location.column());
            format!("{file}:{line}:{column}")
        },
    );
    let said = words(info.payload());
    let working_on = PORT.try_with(|port| Some(port.try_borrow().ok()?.as_ref()?.name.clone()));
    let port = working_on.ok().flatten();
    let backtrace = Backtrace::force_capture();
    error!(
        thread,
        place,
        port = port.as_ref().map(PortName::as_str),
        "panic, a defect of opticsd: {said}\n{backtrace}"
    );
    let event = Event::InternalError {
        thread,
        place,
        said,
    };
    // Where too many wait the log has to do.
    let _ = aside.try_send(Panicked { port, event });
}

/// What a panic said.
pub fn words(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("something that is no text").to_owned()
}
