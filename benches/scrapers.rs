//! Whether scrapers disturb polling: a demo of 64 ports, swept once a second,
//! alone and with eight scrapers at 1 s, half of them with gzip.
//!
//! `cargo bench --bench scrapers`. It prints how late sweeps began, overruns and
//! the processor time of the daemon, with and without scrapers: on a busy machine
//! only the ratio means something.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that cannot go on should end there"
)]

mod support;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use support::is_bench;

const SCRAPERS: u32 = 8;
const PERIOD: Duration = Duration::from_secs(1);
/// How long each part takes.
const SPAN: Duration = Duration::from_secs(20);

/// In which the kernel counts processor time, on all machines that Linux runs on.
const TICKS_PER_SECOND: f64 = 100.0;

/// A demo that ends with this.
struct Demo(Child, String);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Demo {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_opticsd"))
            .args(["demo", "--listen", "127.0.0.1:0"])
            .env_remove("NOTIFY_SOCKET")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let mut words = line.split_whitespace();
        let url = words.find(|word| word.starts_with("http://")).unwrap();
        Self(child, format!("{}/metrics", url.trim_end_matches('/')))
    }

    fn scrape(&self, codings: &str) -> Vec<u8> {
        let config = ureq::Agent::config_builder().proxy(None).build();
        let request = config.new_agent().get(&self.1);
        let mut answer = request.header("accept-encoding", codings).call().unwrap();
        answer
            .body_mut()
            .with_config()
            .limit(64 << 20)
            .read_to_vec()
            .unwrap()
    }

    /// All values of a family.
    fn values(&self, family: &str) -> Vec<f64> {
        let text = String::from_utf8(self.scrape("identity")).unwrap();
        let lines = text.lines().filter(|line| {
            let rest = line.strip_prefix(family);
            rest.is_some_and(|rest| rest.starts_with(['{', ' ']))
        });
        lines
            .map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
            .collect()
    }

    fn sum(&self, family: &str) -> f64 {
        self.values(family).iter().sum()
    }

    /// Processor time so far in seconds, as the kernel counts it (proc(5)); the
    /// metric has whole seconds only.
    fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        // User and system time are fields 14 and 15, the first here is 3.
        let ticks = fields.split(' ').skip(11).take(2);
        ticks
            .map(|field| field.parse::<f64>().unwrap())
            .sum::<f64>()
            / TICKS_PER_SECOND
    }
}

/// What one part showed.
struct Part {
    /// How late the latest sweep of a round began, on average, in seconds.
    late: f64,
    overruns: f64,
    /// Seconds of processor time a second.
    cpu: f64,
    /// A second.
    transactions: f64,
}

/// Looks at the demo once a second.
fn watch(demo: &Demo, span: Duration) -> Part {
    let count = || {
        let names = [
            "opticsd_sweep_overruns_total",
            "opticsd_bus_transactions_total",
        ];
        (names.map(|name| demo.sum(name)), demo.cpu())
    };
    let ([overruns, transactions], cpu) = count();
    let start = Instant::now();
    let mut late = Vec::new();
    while start.elapsed() < span {
        std::thread::sleep(PERIOD);
        late.push(
            demo.values("opticsd_sweep_jitter_seconds")
                .into_iter()
                .fold(0.0, f64::max),
        );
    }
    let took = start.elapsed().as_secs_f64();
    let ([more_overruns, more_transactions], more_cpu) = count();
    let rounds = f64::from(u32::try_from(late.len()).unwrap());
    Part {
        late: late.iter().sum::<f64>() / rounds,
        overruns: more_overruns - overruns,
        cpu: (more_cpu - cpu) / took,
        transactions: (more_transactions - transactions) / took,
    }
}

fn main() {
    let span = if is_bench() { SPAN } else { PERIOD };
    let demo = Demo::start();
    while demo.sum("opticsd_module_up") < 1.0
        || demo.values("opticsd_sweep_jitter_seconds").is_empty()
    {
        std::thread::sleep(PERIOD);
    }
    if is_bench() {
        // The first rounds read all that is read once.
        std::thread::sleep(SPAN);
    }
    let alone = watch(&demo, span);
    let (stop, scrapes) = (AtomicBool::new(false), AtomicU32::new(0));
    let start = Instant::now();
    let crowd = std::thread::scope(|scope| {
        for n in 0..SCRAPERS {
            let (demo, stop, scrapes) = (&demo, &stop, &scrapes);
            scope.spawn(move || {
                std::thread::sleep(PERIOD * n / SCRAPERS);
                while !stop.load(Ordering::Relaxed) {
                    let began = Instant::now();
                    demo.scrape(if n % 2 == 0 { "gzip" } else { "identity" });
                    scrapes.fetch_add(1, Ordering::Relaxed);
                    std::thread::sleep(PERIOD.saturating_sub(began.elapsed()));
                }
            });
        }
        let crowd = watch(&demo, span);
        stop.store(true, Ordering::Relaxed);
        crowd
    });
    let scrapes = f64::from(scrapes.into_inner()) / start.elapsed().as_secs_f64();
    let line = |what: &str, unit: &str, alone: f64, crowd: f64| {
        let ratio = crowd / alone;
        println!(
            "{what:<34} alone {alone:>9.3} {unit}  scraped {crowd:>9.3} {unit}  ratio {ratio:.2}"
        );
    };
    println!("{scrapes:.1} scrapes a second by {SCRAPERS} scrapers");
    line(
        "lateness of sweeps, worst of a round",
        "ms",
        alone.late * 1e3,
        crowd.late * 1e3,
    );
    line(
        "transactions a second",
        "",
        alone.transactions,
        crowd.transactions,
    );
    line(
        "processor time a second",
        "ms",
        alone.cpu * 1e3,
        crowd.cpu * 1e3,
    );
    let cost = (crowd.cpu - alone.cpu) / scrapes;
    println!(
        "{:<34} {:.3} ms",
        "processor time of one scrape",
        cost * 1e3
    );
    println!(
        "overruns: {} alone, {} scraped (goal: 0, unless there are some alone)",
        alone.overruns, crowd.overruns
    );
}
