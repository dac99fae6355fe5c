//! The service as systemd has it.

use std::collections::BTreeMap;
use std::process::Command;

use super::Report;
use super::machine::Machine;

/// Properties of the service's unit.
#[derive(Debug)]
pub(super) struct Unit(BTreeMap<String, String>);

/// What is asked of systemd.
const PROPERTIES: &str = "LoadState,ActiveState,SubState,Result,NRestarts,WatchdogUSec,MainPID,\
    User,SupplementaryGroups,AmbientCapabilities,DropInPaths,MemoryMax,StateDirectory,\
    NeedDaemonReload,UnitFileState";

impl Unit {
    /// The unit, where systemd runs and knows one. A copy of a machine may have the
    /// answer of `systemctl show opticsd` in the file `/systemctl-show`.
    pub fn ask(machine: &Machine) -> Option<Self> {
        let answer = if machine.is_live() {
            if !machine.has("/run/systemd/system") {
                return None;
            }
            let asked = Command::new("systemctl")
                .args(["show", "opticsd.service", "--property", PROPERTIES])
                .output()
                .ok()?;
            String::from_utf8_lossy(&asked.stdout).into_owned()
        } else {
            machine.text("/systemctl-show")?
        };
        let unit = Self::parse(&answer);
        (unit.get("LoadState") == "loaded").then_some(unit)
    }

    fn parse(answer: &str) -> Self {
        let pairs = answer.lines().filter_map(|line| line.split_once('='));
        Self(pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect())
    }

    /// A property; empty if it is not set.
    pub fn get(&self, property: &str) -> &str {
        self.0.get(property).map_or("", String::as_str)
    }

    /// The process, if it runs.
    pub fn pid(&self) -> Option<&str> {
        Some(self.get("MainPID")).filter(|pid| !pid.is_empty() && *pid != "0")
    }
}

/// Whether the service runs as it should.
pub(super) fn state(machine: &Machine, unit: Option<&Unit>, report: &mut Report) {
    const CHECK: &str = "service";
    let Some(unit) = unit else {
        if machine.has("/run/systemd/system") {
            report.warn(
                CHECK,
                "systemd runs and has no opticsd.service",
                "install systemd/opticsd.service, then systemctl daemon-reload",
            );
        } else {
            report.ok(CHECK, "systemd does not run here; nothing to look at");
        }
        return;
    };
    let (active, sub, result) = (
        unit.get("ActiveState"),
        unit.get("SubState"),
        unit.get("Result"),
    );
    if active != "active" {
        report.fail(
            CHECK,
            format!("opticsd.service is {active} ({sub}), its last result {result}"),
            "journalctl -u opticsd -n 50 says why; then systemctl restart opticsd",
        );
    }
    let restarts = unit.get("NRestarts");
    if !matches!(restarts, "" | "0") {
        report.warn(
            CHECK,
            format!("restarts by systemd: {restarts}, the last result {result}"),
            "journalctl -u opticsd -p warning says why; opticsd events --kind internal_error",
        );
    }
    if matches!(unit.get("WatchdogUSec"), "" | "0" | "infinity") {
        report.warn(
            CHECK,
            "no watchdog: a daemon that hangs is not started again",
            "set WatchdogSec=30s in a drop-in: systemctl edit opticsd",
        );
    }
    if unit.get("NeedDaemonReload") == "yes" {
        report.warn(
            CHECK,
            "the unit's files changed since systemd read them",
            "systemctl daemon-reload && systemctl restart opticsd",
        );
    }
    if matches!(unit.get("UnitFileState"), "disabled") {
        report.warn(
            CHECK,
            "it does not start at boot",
            "systemctl enable opticsd",
        );
    }
    if report.troubles(CHECK) == 0 {
        let memory = match unit.get("MemoryMax") {
            "" | "infinity" => "no memory limit".to_owned(),
            bytes => format!("memory limit {bytes} bytes"),
        };
        let drop_ins = match unit.get("DropInPaths") {
            "" => "no drop-ins".to_owned(),
            paths => format!("drop-ins {paths}"),
        };
        report.ok(
            CHECK,
            format!("opticsd.service is {active} ({sub}), never restarted, {memory}, {drop_ins}"),
        );
    }
}
