//! `opticsd demo`: the daemon on a simulated switch.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::error::CliError;
use super::{Outcome, output};
use crate::clock::{Clock, SystemClock};
use crate::config::Listen;
use crate::daemon::reload::Wanted;
use crate::daemon::{self, source};
use crate::names::{PortName, Profile};
use crate::plan::Plan;
use crate::sim::cage::Cage;
use crate::sim::demo::{self, DemoAdapter};
use crate::sim::scenario::Scenario;
use crate::sim::speed::Hastened;

/// Where the demo serves: this machine only.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(
    std::net::IpAddr::V4(Ipv4Addr::LOCALHOST),
    super::client::DEFAULT_PORT,
);

/// How often the scenario is asked whether something is due.
const SCENARIO_STEP: Duration = Duration::from_millis(100);

/// Watch a simulated 64-port switch: every class, three roles, a few sick modules.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Needs no hardware, no root and no configuration; Ctrl-C ends it.\n\n\
    Example:\n  opticsd demo --speed 60"
)]
pub struct Args {
    /// Where to serve; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value_t = DEFAULT_LISTEN)]
    listen: SocketAddr,
    /// What is to happen when, instead of the built-in scenario.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// How many times as fast as real time things happen in the modules.
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = speed)]
    speed: f64,
    /// Where events are kept; in memory, if left out.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// At the end, write every write that the modules saw to a file, one a
    /// line: port, I2C address, first offset, bytes.
    #[arg(long, value_name = "FILE")]
    write_log: Option<PathBuf>,
}

/// A factor that time can have.
fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if factor.is_finite() && factor > 0.0 => Ok(factor),
        _ => Err("give a number above 0".to_owned()),
    }
}

/// Runs until a signal ends it.
///
/// # Errors
/// If the scenario cannot be used, or the daemon cannot run.
pub fn demo(args: Args) -> Result<Outcome, CliError> {
    let clock = SystemClock::new();
    let module_time: Arc<dyn Clock> = Arc::new(Hastened::new(clock.clone(), args.speed));
    let switch = demo::switch(Arc::clone(&module_time));
    let plan = Plan::parse(switch.plan, Path::new("demo plan")).map_err(CliError::Mistakes)?;
    let wanted = Wanted {
        listen: vec![Listen::Tcp(args.listen)],
        access: None,
        ports: bindings(&switch.adapters, &clock),
        plan: Some(plan),
        profile: Profile::default(),
        state: args.state.clone(),
    };
    let cages = switch.cages();
    for cage in cages.values() {
        cage.turn_host(|host, _| host.hasten(args.speed));
    }
    if args.write_log.is_some() {
        cages.values().for_each(Cage::keep_all_writes);
    }
    let scenario = match &args.scenario {
        Some(path) => read_scenario(path, cages.keys())?,
        None => switch.scenario,
    };
    let played = cages.clone();
    let (ending, end) = channel();
    let play = move || play(scenario, &played, module_time.as_ref(), &end);
    let player = std::thread::Builder::new().name("scenario".to_owned());
    let player = player.spawn(play).map_err(CliError::Thread)?;
    let outcome = daemon::run(wanted, None, &clock, announce);
    drop(ending);
    // A scenario that panicked has said so on stderr.
    let _ = player.join();
    if let Some(path) = &args.write_log {
        write_log(path, &cages)?;
    }
    outcome?;
    Ok(Outcome::Done)
}

/// Tells where the page is, with the port that was really taken.
fn announce(places: &[Listen]) {
    let tcp = places.iter().filter_map(|place| match place {
        Listen::Tcp(address) => Some(address),
        Listen::Unix(_) => None,
    });
    for address in tcp {
        // A demo whose standard output is closed still serves.
        let _ = output::print(&format!("opticsd demo: http://{address}/\n"));
    }
}

fn read_scenario<'a>(
    path: &Path,
    ports: impl Iterator<Item = &'a PortName>,
) -> Result<Scenario, CliError> {
    let text = std::fs::read_to_string(path).map_err(|source| CliError::Read {
        path: path.to_owned(),
        source,
    })?;
    Scenario::parse(&text, path, ports).map_err(CliError::Mistakes)
}

/// Lets happen what the scenario says, until the other end of `end` is dropped.
fn play(
    mut scenario: Scenario,
    cages: &BTreeMap<PortName, Cage>,
    clock: &dyn Clock,
    end: &Receiver<()>,
) {
    while end.recv_timeout(SCENARIO_STEP) == Err(RecvTimeoutError::Timeout) {
        scenario.apply(clock.now(), cages);
    }
}

/// Every port of the switch as the daemon wants it.
fn bindings(adapters: &[DemoAdapter], clock: &SystemClock) -> Vec<source::Binding> {
    let ports = adapters
        .iter()
        .flat_map(|adapter| adapter.ports.iter().map(move |port| (adapter, port)));
    ports
        .map(|(adapter, port)| {
            let binding = source::cage_binding(
                port.name.clone(),
                adapter.name.clone(),
                format!("demo {}", port.name),
                port.cage.clone(),
                clock,
            );
            source::Binding {
                fec: binding.fec.filter(|_| port.host_tells),
                ..binding
            }
        })
        .collect()
}

/// Writes all that was written to any module, taken or refused, to a file.
fn write_log(path: &Path, cages: &BTreeMap<PortName, Cage>) -> Result<(), CliError> {
    let mut text = String::new();
    for (port, cage) in cages {
        for write in cage.write_log() {
            let (address, offset) = (write.address, write.offset);
            text += &format!("{port} {address:#04x} {offset}");
            for byte in &write.bytes {
                // Writing to a string cannot fail.
                let _ = write!(text, " {byte:02x}");
            }
            text.push('\n');
        }
    }
    std::fs::write(path, text).map_err(|source| CliError::Write {
        path: path.to_owned(),
        source,
    })
}
