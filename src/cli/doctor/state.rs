//! What is kept, what time it is, and how much is allowed.

use std::path::PathBuf;
use std::time::SystemTime;

use nix::sys::statvfs::statvfs;

use super::Report;
use super::machine::Machine;
use super::service::Unit;
use super::who::Who;
use crate::config::Config;
use crate::daemon::listener::MOST_CONNECTIONS;
use crate::daemon::office::service_directory;
use crate::names::counted;
use crate::report::moment;
use crate::store::StoreError;
use crate::store::query;

/// Less free space than this is little: the store of a full switch in 8 days.
const LITTLE: u64 = 256 << 20;
/// Less than this is none: one batch with its log, many times over.
const NONE: u64 = 8 << 20;
/// Files that are open beside devices and connections.
const OTHER_FILES: u64 = 64;

/// Whether events can be kept.
pub(super) fn directory(
    machine: &Machine,
    config: Option<&Config>,
    unit: Option<&Unit>,
    who: &Who,
    report: &mut Report,
) {
    const CHECK: &str = "state";
    let named = config.and_then(|config| config.state_directory.clone());
    let of_unit = unit.map(|unit| unit.get("StateDirectory"));
    let of_unit = of_unit.and_then(|names| names.split_whitespace().next());
    let of_unit = of_unit.map(|name| PathBuf::from("/var/lib").join(name));
    let Some(path) = named.or_else(service_directory).or(of_unit) else {
        report.warn(
            CHECK,
            "there is no state directory: events and history end with the daemon",
            "set state_directory in the configuration, or StateDirectory=opticsd in the unit",
        );
        return;
    };
    let (file, shown) = (machine.path(&path), path.display());
    if !file.is_dir() {
        report.warn(
            CHECK,
            format!("{shown} is not there yet"),
            "the daemon makes it when it starts, if it may write above it",
        );
        return;
    }
    if !who.may(&file, true) {
        report.fail(
            CHECK,
            format!("{who} may not write {shown}"),
            format!("chown -R {} {shown}", who.name()),
        );
    }
    let free = statvfs(&file).map(|found| {
        #[allow(
            clippy::useless_conversion,
            reason = "these have 32 bits on some machines"
        )]
        let (blocks, size) = (
            u64::from(found.blocks_available()),
            u64::from(found.fragment_size()),
        );
        blocks.saturating_mul(size)
    });
    let free = free.unwrap_or(u64::MAX);
    let advice = "make room; journalctl --vacuum-size=200M is a beginning";
    if free < NONE {
        report.fail(
            CHECK,
            format!("{shown}: {} MiB are free", free >> 20),
            advice,
        );
    } else if free < LITTLE {
        report.warn(
            CHECK,
            format!("{shown}: {} MiB are free", free >> 20),
            advice,
        );
    }
    // Read beside a daemon that writes: nothing is locked, nothing changed.
    let events = match query::open(&file) {
        Ok(_) => "its store can be read",
        Err(StoreError::Nothing { .. }) => "no store in it yet",
        Err(error) => {
            report.fail(
                CHECK,
                format!("the store of {shown} cannot be read: {error}"),
                "run doctor as root or as the service's user; a spoilt store is moved aside by \
                 the daemon itself",
            );
            return;
        }
    };
    if report.troubles(CHECK) == 0 {
        report.ok(CHECK, format!("{shown}: {events}, {} MiB free", free >> 20));
    }
}

/// Whether the clock can be trusted.
pub(super) fn clock(machine: &Machine, report: &mut Report) {
    const CHECK: &str = "clock";
    if !machine.is_live() {
        return;
    }
    let now = SystemTime::now();
    let program = std::env::current_exe().and_then(|path| path.metadata());
    let installed = program.and_then(|found| found.modified());
    if let Some(installed) = installed.ok().filter(|installed| *installed > now) {
        report.fail(
            CHECK,
            format!(
                "it is {}, before this program was made ({})",
                moment::utc(now),
                moment::utc(installed)
            ),
            "set the clock; events of today would be in no order",
        );
    }
    if !is_synchronised() {
        report.warn(
            CHECK,
            "the kernel says that the clock is not synchronised",
            "start systemd-timesyncd, chrony or ptp; times of different boxes cannot be compared",
        );
    }
    if report.troubles(CHECK) == 0 {
        report.ok(CHECK, format!("synchronised, {}", moment::utc(now)));
    }
}

/// Whether whoever keeps the clock says that it is right (adjtimex(2)).
fn is_synchronised() -> bool {
    use nix::libc::{STA_UNSYNC, TIME_ERROR, adjtimex, timex};
    // SAFETY: a timex is numbers alone, for which zeros are values; modes = 0 asks
    // for nothing to be changed.
    let mut state: timex = unsafe { std::mem::zeroed() };
    // SAFETY: the call writes one timex, which is what it gets.
    let answer = unsafe { adjtimex(&raw mut state) };
    answer >= 0 && answer != TIME_ERROR && state.status & STA_UNSYNC == 0
}

/// Whether enough files may be open.
pub(super) fn limits(
    machine: &Machine,
    config: Option<&Config>,
    unit: Option<&Unit>,
    report: &mut Report,
) {
    const CHECK: &str = "limits";
    let Some(config) = config else {
        return;
    };
    let running = unit.and_then(Unit::pid).filter(|_| machine.is_live());
    let process = running.unwrap_or("self");
    let Some(text) = machine.text(format!("/proc/{process}/limits")) else {
        return;
    };
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next());
    let allowed = match soft {
        Some("unlimited") => u64::MAX,
        Some(number) => number.parse().unwrap_or_default(),
        None => return,
    };
    let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let sockets = count(config.listen.len()).saturating_mul(u64::from(MOST_CONNECTIONS));
    let needed = count(config.ports.len())
        .saturating_add(sockets)
        .saturating_add(OTHER_FILES);
    if allowed < needed {
        report.warn(
            CHECK,
            format!(
                "{allowed} files may be open; {} and {MOST_CONNECTIONS} connections a \
                 socket may need {needed}",
                counted(config.ports.len(), "port")
            ),
            format!(
                "LimitNOFILE={} in a drop-in: systemctl edit opticsd",
                needed.next_power_of_two()
            ),
        );
    } else {
        report.ok(
            CHECK,
            format!("{allowed} files may be open, {needed} may be needed"),
        );
    }
}
