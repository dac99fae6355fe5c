//! What the daemon needs as it grows: memory, processor time, threads and open files
//! with 64 to 512 simulated ports, and whether its memory stays where it is.
//!
//! `cargo bench --bench growth` takes some minutes. With `OPTICSD_DEMO_HOURS=24` the
//! demo runs in its stead, its modules at fifty times their speed, until their clocks
//! say that so many hours have passed: half an hour for a day. It keeps its events on
//! disk, as on a switch. It ends with status 1 if more than 2 MiB came to its memory
//! after the first of those hours.
//!
//! What simulated modules need is part of the figures, so they are an upper limit.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement that cannot go on should end there"
)]

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

const PORTS: [u32; 4] = [64, 128, 256, 512];
/// Until all modules are met and buffers have their size.
const WARMING_UP: Duration = Duration::from_secs(30);
/// For how long processor time is counted.
const MEASURED: Duration = Duration::from_secs(30);
/// How often somebody scrapes.
const SCRAPE: Duration = Duration::from_secs(5);
/// How fast the modules of the demo live.
const SPEED: f64 = 50.0;
/// Until the last scrape is over for the daemon, too.
const SETTLING: Duration = Duration::from_secs(1);
/// By how much memory may grow once all is as usual.
const FLAT_KIBIBYTES: u64 = 2048;
const HOUR: f64 = 3600.0;
/// Ticks of the kernel's accounts in a second, on every platform of Linux.
const TICKS: f64 = 100.0;

/// A running daemon, killed when it is dropped.
struct Daemon {
    child: Child,
    address: SocketAddr,
}

/// What the kernel says of a process.
#[derive(Clone, Copy)]
struct Needs {
    resident_kibibytes: u64,
    processor_seconds: f64,
    threads: u64,
    files: usize,
}

impl Daemon {
    fn start(arguments: impl FnOnce(SocketAddr) -> Vec<String>) -> Self {
        // Whoever takes it in between makes the start fail, which is told.
        let address = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_opticsd"))
            .args(arguments(address))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, address }
    }

    /// Lets time pass while somebody scrapes.
    fn wait(&self, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            let left = end.saturating_duration_since(Instant::now());
            std::thread::sleep(SCRAPE.min(left));
            let mut stream = TcpStream::connect(self.address).expect("the daemon serves");
            let request = b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
            stream.write_all(request).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer:.200}");
        }
    }

    fn needs(&self) -> Needs {
        let process = format!("/proc/{}", self.child.id());
        let read = |name: &str| std::fs::read_to_string(format!("{process}/{name}")).unwrap();
        let status = read("status");
        let of = |key: &str| -> u64 {
            let line = status.lines().find(|line| line.starts_with(key)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse().unwrap()
        };
        // Behind the name, which may hold anything: user and system time are the
        // twelfth and thirteenth word.
        let stat = read("stat");
        let words: Vec<&str> = stat
            .rsplit_once(')')
            .unwrap()
            .1
            .split_whitespace()
            .collect();
        let ticks = |place: usize| words[place].parse::<f64>().unwrap();
        Needs {
            resident_kibibytes: of("VmRSS:"),
            processor_seconds: (ticks(11) + ticks(12)) / TICKS,
            threads: of("Threads:"),
            files: std::fs::read_dir(format!("{process}/fd")).unwrap().count(),
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It has no state that a kill could spoil.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn main() -> ExitCode {
    // As a test it would prove nothing that other tests do not.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    match std::env::var("OPTICSD_DEMO_HOURS") {
        Ok(hours) => demo(hours.parse().expect("a number of hours")),
        Err(_) => {
            growth();
            ExitCode::SUCCESS
        }
    }
}

fn growth() {
    let folder = tempfile::tempdir().unwrap();
    println!("ports   RSS MiB   CPU %   threads   files   KiB a port   CPU % a port   buses");
    let mut smallest: Option<(u32, Needs, f64)> = None;
    let mut last = None;
    for ports in PORTS {
        let path = folder.path().join(format!("{ports}.toml"));
        let daemon = Daemon::start(|address| {
            configure(&path, address, ports);
            vec!["run".into(), "--config".into(), path.display().to_string()]
        });
        std::thread::sleep(Duration::from_secs(2));
        daemon.wait(WARMING_UP);
        let (before, began) = (daemon.needs(), Instant::now());
        daemon.wait(MEASURED);
        let (needs, took) = (daemon.needs(), began.elapsed().as_secs_f64());
        let share = (needs.processor_seconds - before.processor_seconds) / took * 100.0;
        let resident = needs.resident_kibibytes as f64;
        println!(
            "{ports:>5} {:>9.1} {share:>7.1} {:>9} {:>7} {:>12.0} {:>14.3} {:>7}",
            resident / 1024.0,
            needs.threads,
            needs.files,
            resident / f64::from(ports),
            share / f64::from(ports),
            ports / 8,
        );
        smallest.get_or_insert((ports, needs, share));
        last = Some((ports, needs, share));
    }
    let (Some((few, first, slow)), Some((many, last, fast))) = (smallest, last) else {
        return;
    };
    let times = f64::from(many) / f64::from(few);
    println!(
        "{times:.0} times the ports: {:.2} times the memory, {:.2} times the processor time",
        last.resident_kibibytes as f64 / first.resident_kibibytes as f64,
        fast / slow,
    );
}

/// A configuration of so many ports of the usual families, eight on a bus.
fn configure(path: &Path, address: SocketAddr, ports: u32) {
    let mut text = format!("listen = '{address}'\n");
    for port in 0..ports {
        let family = ["dsp-800g", "lpo-800g", "dsp-800g-dr8", "aec-800g"];
        let family = family[usize::try_from(port).unwrap() % family.len()];
        write!(
            text,
            "[[port]]\nname = 'Ethernet{port}'\nsim = '{family}'\n"
        )
        .unwrap();
    }
    std::fs::write(path, text).unwrap();
}

/// The demo until the clocks of its modules have gone on by so many hours.
fn demo(hours: f64) -> ExitCode {
    let state = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(|address| {
        let (listen, speed) = (address.to_string(), SPEED.to_string());
        let state = state.path().display().to_string();
        let words = [
            "demo", "--listen", &listen, "--speed", &speed, "--state", &state,
        ];
        words.map(str::to_owned).to_vec()
    });
    std::thread::sleep(Duration::from_secs(2));
    let began = Instant::now();
    let simulated = || began.elapsed().as_secs_f64() * SPEED / HOUR;
    let step = Duration::from_secs_f64(HOUR / SPEED / 2.0);
    let (mut usual, mut most) = (None, 0);
    println!("hours   RSS KiB   CPU s   threads   files");
    while simulated() < hours {
        daemon.wait(step);
        std::thread::sleep(SETTLING);
        let needs = daemon.needs();
        println!(
            "{:>5.1} {:>9} {:>7.1} {:>9} {:>7}",
            simulated(),
            needs.resident_kibibytes,
            needs.processor_seconds,
            needs.threads,
            needs.files,
        );
        if simulated() >= 1.0 {
            usual.get_or_insert(needs.resident_kibibytes);
            most = most.max(needs.resident_kibibytes);
        }
    }
    let grew = most.saturating_sub(usual.unwrap_or(most));
    println!("memory grew by {grew} KiB after the first hour; {FLAT_KIBIBYTES} KiB is flat");
    match grew > FLAT_KIBIBYTES {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}
