//! The metrics of running daemons against the documentation and the linter.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use support::monitoring::Daemon;
use support::promql::{families, file, read};
use support::{Demo, has_tool, wait_for};

const PROFILES: [&str; 3] = ["lean", "default", "full"];

/// One simulated module of each family, by what builds it.
const MODULES: [&str; 9] = [
    "dsp-800g",
    "dsp-800g-dr8",
    "lpo-800g",
    "lro-800g",
    "cpo-32",
    "aec-800g",
    "dac-400g",
    "qsfp28",
    "sfp28",
];

/// Families whose series come only when something happened, or after a while.
const AT_TIMES: [&str; 7] = [
    "opticsd_ber_session_change_ratio",
    "opticsd_ber_trend_decades_per_day",
    "opticsd_finding",
    "opticsd_module_read_failures_total",
    "opticsd_post_fec_bit_error_ratio",
    "opticsd_signal_flag_events_total",
    "opticsd_threshold_flag_events_total",
];

/// How many sweeps have to be behind a module before its series are counted: slow
/// registers have been read by then.
const SWEEPS: u64 = 25;

/// A daemon with a module of each family, and its scrape when all are known.
fn scrape(profile: &str) -> (Daemon, String) {
    let mut config = format!("period = 0.2\nprofile = '{profile}'\n");
    for module in MODULES {
        write!(config, "[[port]]\nname = '{module}'\nsim = '{module}'\n").unwrap();
    }
    let plan =
        format!("[fabric]\nname = 'bench'\n[[assign]]\nports = {MODULES:?}\nrole = 'scale-out'\n");
    let daemon = Daemon::start(&config, &plan);
    let text = wait_for("every module to be read often", || {
        let text = daemon.get("/metrics");
        let reads = text.lines().filter_map(|line| {
            let rest = line.strip_prefix("opticsd_module_reads_total{")?;
            rest.rsplit(' ').next()?.parse::<u64>().ok()
        });
        let reads: Vec<u64> = reads.collect();
        let is_read = reads.len() == MODULES.len() && reads.iter().all(|n| *n >= SWEEPS);
        is_read.then_some(text)
    });
    (daemon, text)
}

/// How many lasting series each port has, and of which class its module is.
fn series(scrape: &str) -> BTreeMap<String, (String, usize)> {
    let mut found: BTreeMap<String, (String, usize)> = BTreeMap::new();
    let label = |line: &str, name: &str| {
        let rest = line.split_once(&format!("{name}=\""))?.1;
        Some(rest.split('"').next()?.to_owned())
    };
    for line in scrape.lines().filter(|line| line.starts_with("opticsd_")) {
        let family = line.split('{').next().unwrap();
        let Some(port) = label(line, "{port").filter(|_| !AT_TIMES.contains(&family)) else {
            continue;
        };
        let entry = found.entry(port).or_default();
        entry.1 += 1;
        if family == "opticsd_module_info" {
            entry.0 = label(line, ",class").unwrap_or_default();
        }
    }
    found
}

/// What promtool says of a scrape; nothing, if it has nothing to say.
fn lint(scrape: &str) {
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics", "--extended"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool starts");
    let mut stdin = promtool.stdin.take().expect("it is piped");
    let text = scrape.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let said = promtool.wait_with_output().expect("promtool ends");
    writer.join().unwrap().expect("promtool reads");
    let problems = String::from_utf8_lossy(&said.stderr);
    assert!(
        said.status.success() && problems.trim().is_empty(),
        "{problems}"
    );
    // The extended answer is a table of all families.
    let table = String::from_utf8_lossy(&said.stdout);
    let own = table.lines().filter(|line| line.starts_with("opticsd_"));
    assert_eq!(
        own.count(),
        families(scrape)
            .keys()
            .filter(|n| n.starts_with("opticsd_"))
            .count()
    );
}

#[test]
fn the_documented_series_are_what_a_port_costs() {
    const BEGIN: &str = "<!-- series: begin -->\n";
    const END: &str = "<!-- series: end -->";
    let has_promtool = has_tool("promtool");
    let mut counts: BTreeMap<&str, BTreeMap<String, (String, usize)>> = BTreeMap::new();
    for profile in PROFILES {
        let (_daemon, text) = scrape(profile);
        if has_promtool {
            lint(&text);
        }
        counts.insert(profile, series(&text));
    }
    let mut table =
        "| module | class | lean | default | full |\n|---|---|---:|---:|---:|\n".to_owned();
    for module in MODULES {
        let of = |profile: &str| counts[profile][module].1;
        let (lean, default, full) = (of("lean"), of("default"), of("full"));
        assert!(lean < default && default <= full, "{module}");
        let class = &counts["default"][module].0;
        writeln!(
            table,
            "| `{module}` | {class} | {lean} | {default} | {full} |"
        )
        .unwrap();
    }
    let document = read("docs/metrics.md");
    let (before, rest) = document.split_once(BEGIN).unwrap();
    let (is, after) = rest.split_once(END).unwrap();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let document = format!("{before}{BEGIN}{table}{END}{after}");
        std::fs::write(file("docs/metrics.md"), document).unwrap();
    } else {
        assert_eq!(
            is, table,
            "UPDATE_GOLDEN=1 cargo test --test metrics rewrites it"
        );
    }
}

#[test]
fn the_demo_exports_what_is_documented_and_the_linter_is_content() {
    let demo = Demo::start(&["--speed", "20"]);
    demo.settled_ports();
    let (_, text) = demo.answer("/metrics");
    let golden = read("tests/golden/metrics.prom");
    let comments = |text: &str| {
        let lines = text.lines().filter(|line| line.starts_with("# "));
        lines.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let unknown: Vec<_> = comments(&text)
        .difference(&comments(&golden))
        .cloned()
        .collect();
    assert!(
        unknown.is_empty(),
        "name, type or help is documented otherwise: {unknown:?}"
    );
    let documented = families(&golden);
    let exported = families(&text);
    assert!(exported.len() > 40, "{} families", exported.len());
    for (name, labels) in exported
        .iter()
        .filter(|(name, _)| name.starts_with("opticsd_"))
    {
        let more: Vec<_> = labels.difference(&documented[name]).collect();
        assert!(
            more.is_empty(),
            "{name} has labels that are not documented: {more:?}"
        );
    }
    if has_tool("promtool") {
        lint(&text);
    }
}
