//! What hosts count for links: a real Redis with SONiC's tables, and the kernel's
//! own ethtool netlink.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use support::{Daemon, OPTICSD, has_tool, wait_for};
use tempfile::TempDir;

/// The object of the first port, as SONiC names them.
const OID: &str = "oid:0x1000000000002";
const OTHER_OID: &str = "oid:0x1000000000003";

/// A Redis on a unix socket that runs until it is dropped.
struct Redis {
    child: Child,
    socket: PathBuf,
    password: Option<&'static str>,
}

impl Redis {
    /// Starts an empty one in a folder; `None` where there is none to start.
    fn start(folder: &Path, password: Option<&'static str>) -> Option<Self> {
        if !(has_tool("redis-server") && has_tool("redis-cli")) {
            return None;
        }
        let socket = folder.join("redis.sock");
        let mut command = Command::new("redis-server");
        command
            .args(["--port", "0", "--save", "", "--appendonly", "no"])
            .arg("--unixsocket")
            .arg(&socket)
            .arg("--dir")
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some(password) = password {
            command.args(["--requirepass", password]);
        }
        let child = command.spawn().expect("redis-server starts");
        let redis = Self {
            child,
            socket,
            password,
        };
        wait_for("redis to answer", || {
            (redis.cli(0, &["PING"]).trim() == "PONG").then_some(())
        });
        Some(redis)
    }

    /// What a command says.
    fn cli(&self, database: u8, words: &[&str]) -> String {
        let mut command = Command::new("redis-cli");
        command.arg("-s").arg(&self.socket);
        if let Some(password) = self.password {
            command.args(["--no-auth-warning", "-a", password]);
        }
        let said = command
            .args(["-n", &database.to_string()])
            .args(words)
            .output()
            .expect("redis-cli runs");
        String::from_utf8_lossy(&said.stdout).into_owned()
    }

    /// Does something, which must work.
    fn put(&self, database: u8, words: &[&str]) {
        let said = self.cli(database, words);
        assert!(
            said.trim() == "OK" || said.trim().parse::<u32>().is_ok(),
            "{said}"
        );
    }

    /// Fills in what SONiC keeps of two ports.
    fn fill(&self) {
        let map = ["HSET", "COUNTERS_PORT_NAME_MAP", "Ethernet0", OID];
        self.put(2, &[&map[..], &["Ethernet8", OTHER_OID]].concat());
        for oid in [OID, OTHER_OID] {
            self.put(
                2,
                &[
                    "HSET",
                    &format!("COUNTERS:{oid}"),
                    "SAI_PORT_STAT_IF_IN_OCTETS",
                    "99",
                    "SAI_PORT_STAT_IF_IN_FEC_CORRECTABLE_FRAMES",
                    "120",
                    "SAI_PORT_STAT_IF_IN_FEC_NOT_CORRECTABLE_FRAMES",
                    "3",
                    "SAI_PORT_STAT_IF_IN_FEC_SYMBOL_ERRORS",
                    "N/A",
                    "SAI_PORT_STAT_IF_IN_FEC_CORRECTED_BITS",
                    "12345678901",
                ],
            );
        }
        let port = [
            "speed",
            "400000",
            "lanes",
            "1,2,3,4",
            "fec",
            "rs",
            "oper_status",
            "up",
        ];
        self.put(0, &[&["HSET", "PORT_TABLE:Ethernet0"], &port[..]].concat());
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let kill = Command::new("kill").args([signal, &id]).status();
        assert!(kill.expect("kill runs").success());
    }

    fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it can be waited for");
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A configuration of two simulated ports whose errors SONiC counts.
fn sonic_config(folder: &Path, password: &str) -> PathBuf {
    let socket = folder.join("redis.sock");
    let text = format!(
        "period = 0.1\n[sonic]\naddress = '{}'\n{password}\n\
         [[port]]\nname = ['e0', 'e8']\nsim = 'lpo-800g'\nfec = ['sonic:Ethernet0', 'sonic:Ethernet8']\n",
        socket.display()
    );
    let path = folder.join("opticsd.toml");
    fs::write(&path, text).expect("the folder can be written");
    path
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

/// The value of a series, if it is there.
fn series(metrics: &str, name: &str) -> Option<f64> {
    let lines = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("opticsd_"));
    let mut values = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    values
        .next()
        .map(|value| value.parse().expect("it is a number"))
}

/// Waits until a series is there and its value will do.
fn until(daemon: &Daemon, name: &str, fits: impl Fn(f64) -> bool) -> f64 {
    wait_for(name, || {
        series(&daemon.answer("/metrics").1, name).filter(|value| fits(*value))
    })
}

/// Waits until a series is gone.
fn until_gone(daemon: &Daemon, name: &str) {
    wait_for(&format!("{name} to go"), || {
        let there = series(&daemon.answer("/metrics").1, name).is_some();
        (!there).then_some(())
    });
}

fn failures(port: &str, kind: &str) -> String {
    format!("host_fec_read_failures_total{{port=\"{port}\",kind=\"{kind}\"}}")
}

const CODEWORDS: &str = "fec_corrected_codewords_total{port=\"e0\"}";
const UP: &str = "host_fec_up{port=\"e0\"}";

#[test]
fn what_sonic_counts_is_shown_and_follows_its_tables() {
    let folder = folder();
    let Some(redis) = Redis::start(folder.path(), None) else {
        return;
    };
    redis.fill();
    let daemon = Daemon::run(&sonic_config(folder.path(), ""));
    // Counted from here on, whatever the switch counted before.
    until(&daemon, CODEWORDS, |value| value == 0.0);
    let counters = format!("COUNTERS:{OID}");
    redis.put(
        2,
        &[
            "HSET",
            &counters,
            "SAI_PORT_STAT_IF_IN_FEC_CORRECTABLE_FRAMES",
            "121",
            "SAI_PORT_STAT_IF_IN_FEC_NOT_CORRECTABLE_FRAMES",
            "6",
            "SAI_PORT_STAT_IF_IN_FEC_CORRECTED_BITS",
            "12345679001",
        ],
    );
    until(&daemon, CODEWORDS, |value| value == 1.0);
    let (_, metrics) = daemon.answer("/metrics");
    let value = |name| series(&metrics, name);
    assert_eq!(
        value("fec_uncorrectable_codewords_total{port=\"e0\"}"),
        Some(3.0)
    );
    assert_eq!(
        value("fec_corrected_bit_errors_total{port=\"e0\"}"),
        Some(100.0)
    );
    assert_eq!(value(UP), Some(1.0));

    // Of another type: this port says so, the other one goes on.
    redis.put(2, &["DEL", &counters]);
    redis.put(2, &["SET", &counters, "text"]);
    until(&daemon, &failures("e0", "malformed"), |count| count >= 1.0);
    until(&daemon, UP, |value| value == 0.0);
    let (_, metrics) = daemon.answer("/metrics");
    assert_eq!(series(&metrics, UP), Some(0.0));
    assert_eq!(series(&metrics, "host_fec_up{port=\"e8\"}"), Some(1.0));

    // Renamed, which makes a port of another object.
    redis.put(2, &["HDEL", "COUNTERS_PORT_NAME_MAP", "Ethernet0"]);
    until(&daemon, &failures("e0", "no_such_port"), |count| {
        count >= 1.0
    });
    redis.put(
        2,
        &["HSET", "COUNTERS_PORT_NAME_MAP", "Ethernet0", OTHER_OID],
    );
    until(&daemon, UP, |value| value == 1.0);

    // The map itself of another type: nobody is told anything.
    redis.put(2, &["DEL", "COUNTERS_PORT_NAME_MAP"]);
    redis.put(2, &["SET", "COUNTERS_PORT_NAME_MAP", "text"]);
    until(&daemon, &failures("e8", "malformed"), |count| count >= 1.0);
}

#[test]
fn a_redis_that_hangs_or_dies_delays_no_sweep_and_may_come_back() {
    let folder = folder();
    let Some(redis) = Redis::start(folder.path(), None) else {
        return;
    };
    redis.fill();
    let daemon = Daemon::run(&sonic_config(folder.path(), ""));
    until(&daemon, UP, |value| value == 1.0);

    redis.signal("-STOP");
    until(&daemon, &failures("e0", "timed_out"), |count| count >= 1.0);
    until(&daemon, UP, |value| value == 0.0);
    let reads = "module_reads_total{port=\"e0\"}";
    let before = until(&daemon, reads, |_| true);
    until(&daemon, reads, |value| value > before);
    redis.signal("-CONT");
    until(&daemon, UP, |value| value == 1.0);

    redis.kill();
    until(&daemon, &failures("e8", "unreachable"), |count| {
        count >= 1.0
    });
    until(&daemon, UP, |value| value == 0.0);
    fs::remove_file(folder.path().join("redis.sock")).expect("the socket stays behind");
    let again = Redis::start(folder.path(), None).expect("it started before");
    again.fill();
    until(&daemon, UP, |value| value == 1.0);
}

#[test]
fn a_password_is_asked_for_and_a_reload_brings_it() {
    let folder = folder();
    let Some(redis) = Redis::start(folder.path(), Some("s3cret")) else {
        return;
    };
    redis.fill();
    let config = sonic_config(folder.path(), "");
    let daemon = Daemon::run(&config);
    until(&daemon, &failures("e0", "refused"), |count| count >= 1.0);
    let reloaded = "events_total{kind=\"config_reloaded\"}";
    sonic_config(folder.path(), "password = 'wrong'");
    daemon.signal("-HUP");
    until(&daemon, reloaded, |count| count == 1.0);
    sonic_config(folder.path(), "password = 's3cret'");
    daemon.signal("-HUP");
    until(&daemon, UP, |value| value == 1.0);
    // Without the key the port has no source any more, and no series of one.
    let text = fs::read_to_string(&config).expect("it was written");
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("fec"))
        .collect();
    fs::write(&config, kept.join("\n")).expect("the folder can be written");
    daemon.signal("-HUP");
    until_gone(&daemon, UP);
    let log = daemon.stop();
    assert!(log.contains("set `password` in [sonic]"), "{log}");
    assert!(!log.contains("s3cret"), "{log}");
}

#[test]
fn the_kernel_tells_what_it_knows_of_its_interfaces() {
    let folder = folder();
    let path = folder.path().join("opticsd.toml");
    let text = "period = 0.1\n[[port]]\nname = ['a', 'b']\nsim = 'lpo-800g'\n\
        fec = ['ethtool:lo', 'ethtool:no-such-if0']\n";
    fs::write(&path, text).expect("the folder can be written");
    let daemon = Daemon::run(&path);
    // The loopback interface has no FEC, and the other one is none.
    until(&daemon, &failures("a", "no_counters"), |count| count >= 1.0);
    until(&daemon, &failures("b", "no_such_port"), |count| {
        count >= 1.0
    });
    let log = daemon.stop();
    assert!(
        log.contains("no-such-if0") && log.contains("ip link"),
        "{log}"
    );
    let told = log
        .matches("the host's error counters cannot be read")
        .count();
    assert_eq!(told, 2, "each once: {log}");
}

#[test]
fn a_simulated_host_counts_where_it_is_asked_for() {
    let folder = folder();
    let path = folder.path().join("opticsd.toml");
    let text = "period = 0.1\n[[port]]\nname = 'a'\nsim = 'lpo-800g'\nfec = 'sim'\n\
        [[port]]\nname = 'b'\nsim = 'lpo-800g'\n";
    fs::write(&path, text).expect("the folder can be written");
    let daemon = Daemon::run(&path);
    let bits = "fec_corrected_bit_errors_total{port=\"a\"}";
    let before = until(&daemon, bits, |_| true);
    until(&daemon, bits, |value| value > before);
    let (_, metrics) = daemon.answer("/metrics");
    assert_eq!(series(&metrics, "host_fec_reads_total{port=\"b\"}"), None);
}

#[test]
fn mistakes_in_fec_and_sonic_are_told_with_line_and_column() {
    let folder = folder();
    let path = folder.path().join("opticsd.toml");
    let text = "[sonic]\naddress = '192.0.2.1:6379'\ncounter_db = 2\n\
        [[port]]\nname = 'a'\nsim = 'lpo-800g'\nfec = 'sonik:Ethernet0'\n";
    fs::write(&path, text).expect("the folder can be written");
    let said = Command::new(OPTICSD)
        .args(["check", "--config"])
        .arg(&path)
        .output()
        .expect("the binary runs");
    assert_eq!(said.status.code(), Some(2));
    let told = String::from_utf8_lossy(&said.stderr);
    for wanted in [
        "opticsd.toml:2:11: `address` cannot be \"192.0.2.1:6379\"",
        "opticsd.toml:3:1: unknown key `counter_db`; did you mean `counters_db`?",
        "opticsd.toml:7:7: `fec` cannot be \"sonik:Ethernet0\"",
    ] {
        assert!(told.contains(wanted), "{wanted} is not in:\n{told}");
    }
}
