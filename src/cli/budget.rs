//! `opticsd budget`: what polling costs on the wire, beside the least that it could
//! cost and beside what simpler programs spend.
//!
//! Nothing is polled for it: an image of each module goes through the sweeps of
//! the daemon, and what they ask for is priced.

mod forms;
mod load;
mod ports;
mod price;

use std::path::PathBuf;
use std::time::Duration;

use super::error::CliError;
use super::{Format, Outcome, output};
use crate::bus::cost::AccessPath;
use crate::daemon::load::load as load_config;
use crate::daemon::reload::WantedError;
use load::Load;
use ports::{Module, Stage};
use price::Row;

/// Tell what polling costs: transactions, bytes and wire time of each sweep,
/// beside the ideal and beside one read for each field.
///
/// Of files: every way to the module at every clock. With --config: each port in
/// its own way at its own periods, and each adapter with all its ports.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A steady sweep is one in which nothing slow is due and no flag is raised; in the worst \
    all is;\nthe insertion reads everything once. `ideal` reads each byte that is due once, each page \
    selected and\nverified once, merged in the best of all ways. `naive` reads each field by itself, with \
    the page\nselected before and page 00h behind it, and verifies nothing.\n\n\
    Exit status: 0 the cadence can be met, 1 it cannot on some adapter, 2 unusable.\n\n\
    Example:\n  opticsd budget module.dump --clock 400k --path i2c\n  \
    opticsd budget --config opticsd.toml --format json\n  \
    opticsd budget --config opticsd.toml dsp.dump      dsp.dump stands for every module that is not simulated"
)]
pub struct Args {
    /// Dump files; `-` is standard input.
    #[arg(value_name = "FILE", required_unless_present = "config")]
    files: Vec<PathBuf>,
    /// The ports of this configuration. What stands in a port that is not simulated
    /// is told by --probe, or else the costliest FILE stands for it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Sweep each port once to see what stands in it. Not beside a running daemon:
    /// reading clears the modules' latched flags.
    #[arg(long, requires = "config")]
    probe: bool,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Only these clocks.
    #[arg(long, value_enum, value_name = "CLOCK", value_delimiter = ',')]
    clock: Vec<Rate>,
    /// Only these ways to a module; with --config, instead of the port's own.
    #[arg(long, value_enum, value_name = "PATH", value_delimiter = ',')]
    path: Vec<PathName>,
    /// What each transaction costs beside its bits, in microseconds: driver,
    /// interrupt, a module that stretches the clock.
    #[arg(long, value_name = "MICROSECONDS", default_value_t = 0)]
    overhead: u32,
    /// How often each module is to be swept, in seconds, instead of what the
    /// configuration says (1 without one).
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    period: Option<Duration>,
}

/// How fast a bus is clocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(super) enum Rate {
    /// Standard mode: 100 kHz.
    #[value(name = "100k")]
    Khz100,
    /// Fast mode: 400 kHz.
    #[value(name = "400k")]
    Khz400,
    /// Fast mode plus: 1 MHz.
    #[value(name = "1M")]
    Mhz1,
}

impl Rate {
    const ALL: [Self; 3] = [Self::Khz100, Self::Khz400, Self::Mhz1];

    /// Clock cycles in a second.
    fn hertz(self) -> u64 {
        match self {
            Self::Khz100 => 100_000,
            Self::Khz400 => 400_000,
            Self::Mhz1 => 1_000_000,
        }
    }

    /// As people write it.
    fn name(self) -> &'static str {
        match self {
            Self::Khz100 => "100 kHz",
            Self::Khz400 => "400 kHz",
            Self::Mhz1 => "1 MHz",
        }
    }
}

/// A way to a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub(super) enum PathName {
    /// Raw I2C, a visit in one transaction.
    I2c,
    /// Raw I2C, one read a transaction.
    Pairs,
    /// The same, of 32 bytes at most.
    #[value(name = "pairs-32")]
    Pairs32,
    /// The same, of 8 bytes at most.
    #[value(name = "pairs-8")]
    Pairs8,
    /// SMBus in I2C blocks of 32 bytes.
    SmbusBlock,
    /// SMBus in words.
    SmbusWord,
    /// The file of the optoe driver.
    Optoe,
    /// The driver of a network interface, as far as one can tell.
    Ethtool,
}

impl PathName {
    const ALL: [Self; 8] = [
        Self::I2c,
        Self::Pairs,
        Self::Pairs32,
        Self::Pairs8,
        Self::SmbusBlock,
        Self::SmbusWord,
        Self::Optoe,
        Self::Ethtool,
    ];

    fn path(self) -> AccessPath {
        match self {
            Self::I2c => AccessPath::Combined,
            Self::Pairs => AccessPath::Pairs(128),
            Self::Pairs32 => AccessPath::Pairs(32),
            Self::Pairs8 => AccessPath::Pairs(8),
            Self::SmbusBlock => AccessPath::SmbusBlock,
            Self::SmbusWord => AccessPath::SmbusWord,
            Self::Optoe => AccessPath::Optoe,
            Self::Ethtool => AccessPath::Ethtool,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::I2c => "i2c",
            Self::Pairs => "pairs",
            Self::Pairs32 => "pairs-32",
            Self::Pairs8 => "pairs-8",
            Self::SmbusBlock => "smbus-block",
            Self::SmbusWord => "smbus-word",
            Self::Optoe => "optoe",
            Self::Ethtool => "ethtool",
        }
    }
}

/// A period on the command line. A day of them can be counted, and a bus does nothing
/// in less than a millisecond.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok();
    seconds
        .filter(|seconds| (0.001..=86_400.0).contains(seconds))
        .map(Duration::from_secs_f64)
        .ok_or_else(|| format!("`{text}` is no number of seconds from 0.001 to 86400, such as 0.5"))
}

/// Everything that is printed.
struct Report {
    /// `None` without ports.
    period: Option<Duration>,
    overhead: Duration,
    rates: Vec<Rate>,
    rows: Vec<Row>,
    loads: Vec<Load>,
}

/// Prints the budget, and tells whether the cadence can be met.
///
/// # Errors
/// A file or configuration that cannot be used, or ports whose modules nobody
/// knows.
pub fn budget(args: &Args) -> Result<Outcome, CliError> {
    let mut rates = args.clock.clone();
    if rates.is_empty() {
        rates = Rate::ALL.to_vec();
    }
    let modules: Vec<Module> = args
        .files
        .iter()
        .map(|file| Module::read(file))
        .collect::<Result<_, _>>()?;
    let config = args.config.as_deref().map(load_config).transpose();
    let config = config
        .map_err(WantedError::Load)?
        .map(|loaded| loaded.config);
    let overhead = Duration::from_micros(args.overhead.into());
    let mut stage = Stage::new(args.period);
    let ports = match &config {
        Some(config) => stage.ports_of(config, &modules, args)?,
        None => stage.files(&modules, args)?,
    };
    let rows = ports
        .iter()
        .flat_map(|port| price::rows(port, &rates, overhead));
    let report = Report {
        // The busiest cadence, where ports differ.
        period: ports.iter().map(|port| port.period).min(),
        overhead,
        rows: rows.collect(),
        loads: load::loads(&ports, &rates, overhead),
        rates,
    };
    output::print(&match args.format {
        Format::Text => forms::text(&report, &ports),
        Format::Json => forms::json(&report, &ports)?,
    })?;
    let is_met = report.loads.iter().all(|load| load.warning().is_none());
    Ok(if is_met {
        Outcome::Done
    } else {
        Outcome::Found
    })
}
