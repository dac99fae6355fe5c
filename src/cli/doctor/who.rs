//! On whose behalf is looked: the service's user where root asks, else who asks.

use std::collections::BTreeSet;
use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::Report;
use super::machine::Machine;
use super::service::Unit;

/// A user with groups.
#[derive(Debug)]
pub(super) struct Who {
    name: String,
    uid: u32,
    gid: u32,
    groups: BTreeSet<u32>,
    group: String,
    /// Whether this process is that user, so that the kernel can be asked.
    is_self: bool,
}

/// Shown as a user is called.
impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "user {}", self.name)
    }
}

/// The numbers behind a field of `/proc/self/status`.
fn numbers(status: &str, field: &str) -> Vec<u32> {
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let words = line.unwrap_or_default().split_whitespace();
    words.filter_map(|word| word.parse().ok()).collect()
}

impl Who {
    /// Who is looked for, and a finding if the service's user is missing.
    pub fn of(machine: &Machine, unit: Option<&Unit>, report: &mut Report) -> Self {
        let own = Self::own(machine);
        let Some(user) = unit.map(|unit| unit.get("User")).filter(|u| !u.is_empty()) else {
            return own;
        };
        if own.uid != 0 || user == "root" {
            return own;
        }
        match Self::service(machine, user, unit) {
            Some(who) => {
                report.ok(
                    "user",
                    format!("looking on behalf of {who}, as the unit says"),
                );
                who
            }
            None => {
                report.fail(
                    "user",
                    format!("the unit runs as {user}, and there is no such user"),
                    "systemd-sysusers /usr/lib/sysusers.d/opticsd.conf",
                );
                own
            }
        }
    }

    fn own(machine: &Machine) -> Self {
        let status = machine.text("/proc/self/status").unwrap_or_default();
        let effective = |field: &str| numbers(&status, field).get(1).copied();
        let (uid, gid) = (effective("Uid:"), effective("Gid:"));
        let (uid, gid) = (uid.unwrap_or(u32::MAX), gid.unwrap_or(u32::MAX));
        let name = by_number(machine, "/etc/passwd", uid).unwrap_or_else(|| uid.to_string());
        Self {
            name,
            uid,
            gid,
            groups: numbers(&status, "Groups:").into_iter().collect(),
            group: by_number(machine, "/etc/group", gid).unwrap_or_else(|| gid.to_string()),
            is_self: machine.is_live(),
        }
    }

    fn service(machine: &Machine, user: &str, unit: Option<&Unit>) -> Option<Self> {
        let passwd = machine.text("/etc/passwd")?;
        let entry = passwd.lines().find(|line| first(line) == user)?;
        let mut numbers = entry.split(':').skip(2).map(str::parse::<u32>);
        let (uid, gid) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        let more = unit.map_or("", |unit| unit.get("SupplementaryGroups"));
        let wanted: BTreeSet<&str> = more.split_whitespace().collect();
        let text = machine.text("/etc/group").unwrap_or_default();
        let groups = text.lines().filter(|line| {
            let members = line.rsplit(':').next().unwrap_or_default();
            wanted.contains(first(line)) || members.split(',').any(|member| member == user)
        });
        let groups = groups.filter_map(|line| line.split(':').nth(2)?.parse().ok());
        let groups = groups.collect();
        Some(Self {
            name: user.to_owned(),
            uid,
            gid,
            groups,
            group: by_number(machine, "/etc/group", gid).unwrap_or_else(|| gid.to_string()),
            is_self: false,
        })
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of its own group.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// Whether it is root.
    pub fn is_root(&self) -> bool {
        self.uid == 0
    }

    /// Whether it may read a file, and write it if `writes`. For others than this
    /// process's user the mode decides: lists of access rights are not looked at.
    pub fn may(&self, path: &Path, writes: bool) -> bool {
        use nix::unistd::{AccessFlags, access};
        if self.is_self {
            let writing = if writes {
                AccessFlags::W_OK
            } else {
                AccessFlags::empty()
            };
            return access(path, AccessFlags::R_OK | writing).is_ok();
        }
        let Ok(found) = std::fs::metadata(path) else {
            return false;
        };
        if self.is_root() {
            return true;
        }
        let shift = if found.uid() == self.uid {
            6
        } else if found.gid() == self.gid || self.groups.contains(&found.gid()) {
            3
        } else {
            0
        };
        let wanted = if writes { 0o6 } else { 0o4 };
        (found.mode() >> shift) & wanted == wanted
    }
}

/// What stands before the first colon.
fn first(line: &str) -> &str {
    line.split(':').next().unwrap_or_default()
}

/// The name of a number in a file like `/etc/passwd`.
pub(super) fn by_number(machine: &Machine, file: &str, number: u32) -> Option<String> {
    let text = machine.text(file)?;
    let is_it = |line: &&str| line.split(':').nth(2) == Some(number.to_string().as_str());
    text.lines().find(is_it).map(|line| first(line).to_owned())
}
