//! A real Prometheus and its linter against the demo.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod support;

use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use support::{Demo, answer, has_tool, wait_for};

#[test]
fn promtool_has_nothing_to_say_about_the_metrics() {
    if !has_tool("promtool") {
        return;
    }
    let demo = Demo::start(&[]);
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool starts");
    demo.settled_ports();
    let (_, metrics) = demo.answer("/metrics");
    let mut stdin = promtool.stdin.take().expect("it is piped");
    stdin.write_all(metrics.as_bytes()).expect("promtool reads");
    drop(stdin);
    let said = promtool.wait_with_output().expect("promtool ends");
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&said.stdout),
        String::from_utf8_lossy(&said.stderr)
    );
    assert!(said.status.success() && text.trim().is_empty(), "{text}");
}

/// A Prometheus that runs until it is dropped.
struct Prometheus {
    child: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Prometheus {
    /// Starts one that scrapes the demo every second.
    fn scraping(demo: &Demo) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let config = folder.path().join("prometheus.yml");
        let target = demo.url.trim_start_matches("http://");
        std::fs::write(
            &config,
            format!(
                "global: {{scrape_interval: 1s}}\nscrape_configs:\n- job_name: opticsd\n  static_configs: [{{targets: ['{target}']}}]\n"
            ),
        )
        .expect("the folder can be written");
        let port = free_port();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.path().join("data").display()
            ))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("prometheus starts");
        Self {
            child,
            url: format!("http://127.0.0.1:{port}"),
            _folder: folder,
        }
    }

    /// The series that answer a query, once there are any.
    fn query(&self, selector: &str) -> Vec<serde_json::Value> {
        let escaped: String = selector.bytes().map(|b| format!("%{b:02X}")).collect();
        wait_for(selector, || {
            let (_, text) = answer(&format!("{}/api/v1/query?query={escaped}", self.url))?;
            let answer: serde_json::Value = serde_json::from_str(&text).ok()?;
            let series = answer["data"]["result"].as_array()?.clone();
            (!series.is_empty()).then_some(series)
        })
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port of the loopback interface that nobody listens on at this moment.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback can be bound");
    listener.local_addr().expect("it is bound").port()
}

#[test]
fn a_real_prometheus_answers_for_the_demo() {
    if !has_tool("prometheus") {
        return;
    }
    let demo = Demo::start(&[]);
    demo.settled_ports();
    let prometheus = Prometheus::scraping(&demo);

    let temperatures = prometheus.query("opticsd_module_temperature_celsius");
    assert!(
        temperatures.len() > 30,
        "{} temperatures",
        temperatures.len()
    );
    for series in &temperatures {
        let celsius: f64 = series["value"][1].as_str().unwrap().parse().unwrap();
        assert!((-40.0..150.0).contains(&celsius), "{series}");
    }
    let denied = prometheus.query("opticsd_finding{rule=\"class-denied\"}");
    assert!(!denied.is_empty());
    let linear = prometheus.query("opticsd_module_info{class=\"lpo\"}");
    assert!(!linear.is_empty());
    assert_eq!(prometheus.query("up")[0]["value"][1], "1");
}
