//! What the operator wants, read at the start and again on SIGHUP.
//!
//! A reload is all or nothing: with one mistake the old configuration stays in
//! force, every mistake is logged, and a metric tells.

use std::path::PathBuf;
use std::sync::Arc;

use tracing::{debug_span, error, warn};

use super::access::{Access, AccessError, Gate};
use super::crew::Crew;
use super::load::{self, LoadError, Loaded};
use super::office::service_directory;
use super::source::{self, Binding, SourceError};
use super::watch::Context;
use crate::clock::SystemClock;
use crate::config::Listen;
use crate::health::event::Event;
use crate::names::Profile;
use crate::plan::Plan;
use crate::report::ReloadStatus;

/// What the daemon is to do.
pub struct Wanted {
    /// Where to serve.
    pub listen: Vec<Listen>,
    /// Who may see what is served; `None` for everybody.
    pub access: Option<Access>,
    /// The ports in their order.
    pub ports: Vec<Binding>,
    /// What should be in each port.
    pub plan: Option<Plan>,
    /// How much of each port the metrics tell.
    pub profile: Profile,
    /// Where events are kept; in memory, if nowhere.
    pub state: Option<PathBuf>,
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WantedError {
    /// A file cannot be read or has mistakes.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The web configuration cannot be used.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Ports whose modules cannot be reached like this, one a line.
    #[error("{}", lines(.0))]
    Sources(Vec<SourceError>),
}

/// Each error on a line of its own.
fn lines(errors: &[SourceError]) -> String {
    let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Where the configuration is read from, at the start and again.
pub struct ConfigFile {
    /// The file.
    pub path: PathBuf,
    /// Where to serve instead of where the file says.
    pub listen: Option<Listen>,
    /// The clock of the ports.
    pub clock: SystemClock,
}

impl ConfigFile {
    /// The configuration at a path, as it is.
    pub fn at(path: PathBuf, clock: &SystemClock) -> Self {
        Self {
            path,
            listen: None,
            clock: clock.clone(),
        }
    }

    /// Reads the configuration with its plan and its web configuration.
    ///
    /// # Errors
    /// Every mistake found, one a line.
    pub fn read(&self) -> Result<Wanted, WantedError> {
        let Loaded { config, plan } = load::load(&self.path)?;
        let access = config.web_config.as_deref().map(Access::read).transpose()?;
        let ports = source::bindings(&config.ports, &config.sonic, &self.clock)
            .map_err(WantedError::Sources)?;
        Ok(Wanted {
            listen: match &self.listen {
                Some(place) => vec![place.clone()],
                None => config.listen,
            },
            access,
            ports,
            plan,
            profile: config.profile,
            state: config.state_directory.or_else(service_directory),
        })
    }
}

/// Reads the configuration anew and puts it in force, or keeps the old one.
pub fn reload(
    file: &ConfigFile,
    context: &Context,
    crew: &mut Crew,
    gate: &Gate,
    serving: &[Listen],
) {
    let _span = debug_span!("reload", file = %file.path.display()).entered();
    put_in_force(file.read(), context, crew, gate, serving);
}

/// The second half of [`reload`]: what was read takes effect as a whole, or what
/// is wrong with it is told.
pub fn put_in_force(
    read: Result<Wanted, WantedError>,
    context: &Context,
    crew: &mut Crew,
    gate: &Gate,
    serving: &[Listen],
) {
    let journal = &context.journal;
    match read {
        Ok(wanted) => {
            if !same_addresses(&wanted.listen, serving) {
                warn!("listen addresses changed; they take effect at the next start");
            }
            let ports = wanted.ports.len();
            gate.put(wanted.access, context.clock.wall());
            context.plan.store(Arc::new(wanted.plan));
            context.fleet.profile.store(Arc::new(wanted.profile));
            if let Err(error) = crew.assign(wanted.ports) {
                error!(%error, "a poller could not be started");
            }
            record(context, true);
            journal.tell(Event::ConfigReloaded { ports });
        }
        Err(refusal) => {
            let text = refusal.to_string();
            for mistake in text.lines() {
                error!("{mistake}");
            }
            record(context, false);
            let mistakes = text.lines().count();
            journal.tell(Event::ConfigRefused { mistakes });
        }
    }
}

/// Whether the same addresses are wanted, in whatever order.
fn same_addresses(wanted: &[Listen], serving: &[Listen]) -> bool {
    wanted.len() == serving.len() && wanted.iter().all(|address| serving.contains(address))
}

/// Publishes how the reload went; the time is that of the last success.
fn record(context: &Context, good: bool) {
    let reload = &context.fleet.reload;
    let at = if good {
        context.clock.wall()
    } else {
        reload.load().at
    };
    reload.store(Arc::new(ReloadStatus { good, at }));
}
