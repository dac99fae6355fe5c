//! FEC counters through the driver of a network interface (ethtool netlink).
//!
//! `FEC_GET` with the statistics flag tells the code in use and its counters,
//! `LINKMODES_GET` speed and lanes, `LINKSTATE_GET` whether the link is up
//! (Documentation/networking/ethtool-netlink.rst). None of them needs a
//! capability.

use std::time::Duration;

use netlink_packet_core::{DefaultNla, Emitable, NLA_F_NESTED, Nla};

use super::line_rate::{coded_rate, reed_solomon};
use super::{Silence, SilenceKind, Teller};
use crate::bus::generic_netlink::{
    Client, KernelLine, Line, Message, NetlinkError, attributes_of, number,
};
use crate::clock::Clock;
use crate::health::host_fec::{FecCode, FecSource, HostFec, LaneFec};

/// The family and its version (linux/ethtool_netlink_generated.h).
const FAMILY: &str = "ethtool";
const VERSION: u8 = 1;
/// ETHTOOL_MSG_*_GET and their replies.
const LINKMODES_GET: (u8, u8) = (4, 4);
const LINKSTATE_GET: (u8, u8) = (6, 6);
const FEC_GET: (u8, u8) = (29, 30);
/// The header of every request, the same number in all three: a nest of
/// ETHTOOL_A_HEADER_DEV_NAME and ETHTOOL_A_HEADER_FLAGS.
const HEADER: u16 = 1;
const DEVICE_NAME: u16 = 2;
const FLAGS: u16 = 3;
/// ETHTOOL_FLAG_COMPACT_BITSETS and ETHTOOL_FLAG_STATS.
const COMPACT: u32 = 1;
const STATISTICS: u32 = 1 << 2;
/// ETHTOOL_A_LINKMODES_SPEED in Mb/s, ETHTOOL_A_LINKMODES_LANES,
/// ETHTOOL_A_LINKSTATE_LINK.
const SPEED: u16 = 5;
const LANES: u16 = 9;
const LINK: u16 = 2;
/// SPEED_UNKNOWN.
const UNKNOWN_SPEED: u32 = u32::MAX;
/// ETHTOOL_A_FEC_ACTIVE and the bits of link modes that it names
/// (ETHTOOL_LINK_MODE_FEC_*_BIT).
const ACTIVE: u16 = 4;
const FEC_NONE: u32 = 49;
const FEC_RS: u32 = 50;
const FEC_BASER: u32 = 51;
const FEC_LLRS: u32 = 74;
/// ETHTOOL_A_FEC_STATS, and in it ETHTOOL_A_FEC_STAT_*.
const STATS: u16 = 5;
const CORRECTED: u16 = 2;
const UNCORRECTABLE: u16 = 3;
const CORRECTED_BITS: u16 = 4;
const HISTOGRAM: u16 = 5;
/// ETHTOOL_A_FEC_HIST_BIN_* (Linux 6.18).
const BIN_LOW: u16 = 2;
const BIN_HIGH: u16 = 3;
const BIN_VALUE: u16 = 4;

const EPERM: i32 = 1;
const ENOENT: i32 = 2;
const EAGAIN: i32 = 11;
const EACCES: i32 = 13;
const ENODEV: i32 = 19;
const EOPNOTSUPP: i32 = 95;
const EPROTONOSUPPORT: i32 = 93;
const EAFNOSUPPORT: i32 = 97;
const ETIMEDOUT: i32 = 110;

/// How a line to the kernel is opened.
pub type Opener<L> = Box<dyn FnMut() -> Result<L, NetlinkError> + Send>;

/// The kernel of this machine, asked for the counters of its interfaces.
pub struct EthtoolFec<L> {
    open: Opener<L>,
    open_line: Option<(Client<L>, u16)>,
}

impl EthtoolFec<KernelLine> {
    /// The kernel; the socket is opened when it is first asked.
    pub fn new() -> Self {
        Self::over(Box::new(|| Ok(KernelLine::open()?)))
    }
}

impl Default for EthtoolFec<KernelLine> {
    fn default() -> Self {
        Self::new()
    }
}

impl<L: Line> EthtoolFec<L> {
    /// A kernel at the other end of the lines that `open` opens: one at first, and
    /// another after nonsense.
    pub fn over(open: Opener<L>) -> Self {
        Self {
            open,
            open_line: None,
        }
    }

    /// The counters of one interface.
    fn counters(&mut self, interface: &str, clock: &dyn Clock) -> Result<HostFec, Silence> {
        let outcome = self.ask(interface, FEC_GET, COMPACT | STATISTICS);
        let fec = outcome.map_err(|error| silence(interface, &error))?;
        let now = clock.now();
        // Speed and link make more of the counters; drivers may lack them.
        let modes = self.ask(interface, LINKMODES_GET, COMPACT).ok();
        let state = self.ask(interface, LINKSTATE_GET, COMPACT).ok();
        let told = fec_of(&fec, modes.as_ref(), state.as_ref(), now);
        if told.tells_errors() {
            return Ok(told);
        }
        Err(Silence::new(
            SilenceKind::NoCounters,
            format!(
                "the driver of {interface} counts no FEC errors; compare \
                 `ethtool -I --show-fec {interface}`"
            ),
        ))
    }

    /// The answer to a question about an interface.
    fn ask(
        &mut self,
        interface: &str,
        (get, reply): (u8, u8),
        flags: u32,
    ) -> Result<Message, NetlinkError> {
        let (mut client, family) = match self.open_line.take() {
            Some(open) => open,
            None => {
                let mut client = Client::new((self.open)()?);
                let family = client.family(FAMILY)?;
                (client, family)
            }
        };
        let outcome = client.ask(question(family, get, interface, flags));
        // A line on which nonsense came is not asked again.
        if !matches!(outcome, Err(NetlinkError::Malformed(_))) {
            self.open_line = Some((client, family));
        }
        let mut answers = outcome?.into_iter();
        let ours = |answer: &Message| (answer.family, answer.command) == (family, reply);
        answers
            .find(ours)
            .ok_or_else(|| NetlinkError::Malformed("no answer to what was asked".to_owned()))
    }
}

impl<L: Line> Teller for EthtoolFec<L> {
    fn tell(&mut self, ports: &[String], clock: &dyn Clock) -> Vec<Result<HostFec, Silence>> {
        ports
            .iter()
            .map(|interface| self.counters(interface, clock))
            .collect()
    }
}

/// A question about an interface: nothing but its header.
fn question(family: u16, command: u8, interface: &str, flags: u32) -> Message {
    let mut name = interface.as_bytes().to_vec();
    name.push(0);
    let header = [
        DefaultNla::new(DEVICE_NAME, name),
        DefaultNla::new(FLAGS, flags.to_ne_bytes().to_vec()),
    ];
    let mut bytes = vec![0; header.as_slice().buffer_len()];
    header.as_slice().emit(&mut bytes);
    Message {
        family,
        command,
        version: VERSION,
        attributes: vec![DefaultNla::new(HEADER | NLA_F_NESTED, bytes)],
    }
}

/// What the answers say. Attributes that are missing or malformed tell nothing.
fn fec_of(
    fec: &Message,
    modes: Option<&Message>,
    state: Option<&Message>,
    now: Duration,
) -> HostFec {
    let speed = modes
        .and_then(|modes| modes.attribute(SPEED))
        .and_then(|bytes| u32_of(&bytes))
        .filter(|speed| !matches!(*speed, 0 | UNKNOWN_SPEED));
    let lanes = modes
        .and_then(|modes| modes.attribute(LANES))
        .and_then(|bytes| u32_of(&bytes));
    let active = fec.attribute(ACTIVE).and_then(|bytes| u32_of(&bytes));
    let code = match active {
        Some(FEC_NONE) => Some(FecCode::Off),
        Some(FEC_BASER) => Some(FecCode::BaseR),
        Some(FEC_LLRS) => Some(FecCode::Rs272),
        Some(FEC_RS) => speed.and_then(|speed| reed_solomon(speed, lanes)),
        _ => None,
    };
    let stats = fec
        .attribute(STATS)
        .and_then(|bytes| attributes_of(&bytes).ok())
        .unwrap_or_default();
    let corrected = counters(&stats, CORRECTED);
    let uncorrectable = counters(&stats, UNCORRECTABLE);
    let bits = counters(&stats, CORRECTED_BITS);
    let state = state.and_then(|state| state.attribute(LINK));
    HostFec {
        link_up: state.and_then(|bytes| bytes.first().map(|link| *link != 0)),
        code,
        coded_bits_per_second: speed.map(|speed| coded_rate(speed, code)),
        corrected_codewords: corrected.first().copied(),
        uncorrectable_codewords: uncorrectable.first().copied(),
        corrected_bits: bits.first().copied(),
        lanes: lanes_of(&corrected, &uncorrectable, &bits),
        histogram: histogram(&stats),
        ..HostFec::empty(now, FecSource::Ethtool)
    }
}

/// The counters in an attribute: the total, then one for each lane where the
/// driver counts lanes. It is empty where the driver does not count.
fn counters(stats: &[DefaultNla], kind: u16) -> Vec<u64> {
    let Some(found) = stats.iter().find(|attribute| number(attribute) == kind) else {
        return Vec::new();
    };
    let bytes = value(found);
    let numbers = bytes.chunks_exact(8).map_while(u64_of);
    numbers.collect()
}

/// The lanes, of which each counter begins behind its total.
fn lanes_of(corrected: &[u64], uncorrectable: &[u64], bits: &[u64]) -> Vec<LaneFec> {
    let longest = corrected.len().max(uncorrectable.len()).max(bits.len());
    (1..longest)
        .map(|lane| LaneFec {
            corrected_codewords: corrected.get(lane).copied(),
            uncorrectable_codewords: uncorrectable.get(lane).copied(),
            corrected_bits: bits.get(lane).copied(),
        })
        .collect()
}

/// The bins from none on, up to the first that is no single number of symbols.
fn histogram(stats: &[DefaultNla]) -> Vec<u64> {
    let mut bins = Vec::new();
    for nest in stats.iter().filter(|found| number(found) == HISTOGRAM) {
        let Ok(inside) = attributes_of(&value(nest)) else {
            break;
        };
        let part = |kind| inside.iter().find(|found| number(found) == kind).map(value);
        let edge = |kind| part(kind).and_then(|bytes| u32_of(&bytes));
        let count = part(BIN_VALUE).and_then(|bytes| unsigned(&bytes));
        let next = u32::try_from(bins.len()).ok();
        match count {
            Some(count) if edge(BIN_LOW) == next && edge(BIN_HIGH) == next => bins.push(count),
            _ => break,
        }
    }
    bins
}

fn value(attribute: &DefaultNla) -> Vec<u8> {
    let mut bytes = vec![0; attribute.value_len()];
    attribute.emit_value(&mut bytes);
    bytes
}

fn u32_of(bytes: &[u8]) -> Option<u32> {
    bytes.try_into().ok().map(u32::from_ne_bytes)
}

fn u64_of(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_ne_bytes)
}

/// A number that is sent in four bytes where it fits, or else in eight.
fn unsigned(bytes: &[u8]) -> Option<u64> {
    u32_of(bytes).map(u64::from).or_else(|| u64_of(bytes))
}

/// Why an interface does not tell.
fn silence(interface: &str, error: &NetlinkError) -> Silence {
    let (kind, advice) = match error {
        NetlinkError::Malformed(_) => (SilenceKind::Malformed, ""),
        NetlinkError::Refused { errno, .. } => match *errno {
            ENODEV => (
                SilenceKind::NoSuchPort,
                "; no such interface: see `ip link`, and correct `fec` of the port",
            ),
            EOPNOTSUPP => (
                SilenceKind::NoCounters,
                "; its driver tells nothing of FEC: name another source, or none",
            ),
            EPERM | EACCES => (SilenceKind::Refused, ""),
            EAFNOSUPPORT => (
                SilenceKind::Refused,
                "; the service may not use netlink: see RestrictAddressFamilies in its unit",
            ),
            ENOENT | EPROTONOSUPPORT => (
                SilenceKind::Unreachable,
                "; ethtool netlink needs Linux 5.13 or newer",
            ),
            EAGAIN | ETIMEDOUT => (SilenceKind::TimedOut, ""),
            _ => (SilenceKind::Unreachable, ""),
        },
    };
    Silence::new(
        kind,
        format!("FEC counters of interface {interface}: {error}{advice}"),
    )
}

#[cfg(test)]
mod tests;
