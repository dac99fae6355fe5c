//! A real Prometheus and a real Alertmanager on loopback, with the rules that ship,
//! and daemons for them to watch.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::promql::{RULE_FILES, file, read};
use super::{OPTICSD, answer, wait_for};

/// A port of the loopback interface that nobody listens on at this moment.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback can be bound");
    listener.local_addr().expect("it is bound").port()
}

/// A process that ends when this is dropped.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Self {
        let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
        Self(quiet.spawn().expect("it starts"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `opticsd run` that serves on loopback until it is dropped.
pub struct Daemon {
    _process: Running,
    _folder: tempfile::TempDir,
    /// Where it serves, `127.0.0.1:PORT`.
    pub address: String,
}

impl Daemon {
    /// Starts one with this configuration and plan, and waits until it serves.
    pub fn start(config: &str, plan: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("opticsd.toml");
        let config = format!("plan = 'plan.toml'\nstate_directory = 'state'\n{config}");
        fs::write(&path, config).expect("the folder can be written");
        fs::write(folder.path().join("plan.toml"), plan).expect("the folder can be written");
        fs::create_dir(folder.path().join("state")).expect("the folder can be written");
        let address = format!("127.0.0.1:{}", free_port());
        let mut command = Command::new(OPTICSD);
        command.arg("run").arg("--config").arg(&path);
        command
            .args(["--listen", &address])
            .env_remove("NOTIFY_SOCKET");
        let daemon = Self {
            _process: Running::start(&mut command),
            _folder: folder,
            address,
        };
        daemon.get("/healthz");
        daemon
    }

    /// What stands under a path.
    pub fn get(&self, path: &str) -> String {
        let url = format!("http://{}{path}", self.address);
        wait_for(path, || answer(&url).filter(|(status, _)| *status == 200)).1
    }
}

/// An Alertmanager with the configuration that ships.
pub struct Alertmanager {
    _process: Running,
    _folder: tempfile::TempDir,
    address: String,
}

impl Alertmanager {
    /// Starts one, and waits until it is ready.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let address = format!("127.0.0.1:{}", free_port());
        let mut command = Command::new("prometheus-alertmanager");
        command
            .arg("--config.file")
            .arg(file("config/prometheus/alertmanager.yml"))
            .arg("--storage.path")
            .arg(folder.path())
            .arg(format!("--web.listen-address={address}"))
            .arg("--cluster.listen-address=");
        let manager = Self {
            _process: Running::start(&mut command),
            _folder: folder,
            address,
        };
        let ready = format!("http://{}/-/ready", manager.address);
        wait_for("Alertmanager to be ready", || {
            answer(&ready).filter(|(status, _)| *status == 200)
        });
        manager
    }

    /// The alerts of this name that came, once one of them is as wanted.
    pub fn alert(&self, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let url = format!("http://{}/api/v2/alerts", self.address);
        wait_for(name, || {
            let (_, text) = answer(&url)?;
            let alerts: Value = serde_json::from_str(&text).ok()?;
            let mut alerts = alerts.as_array()?.iter();
            let found = alerts.find(|a| a["labels"]["alertname"] == name && wanted(a));
            found.cloned()
        })
    }
}

/// A Prometheus that scrapes every second.
pub struct Prometheus {
    _process: Running,
    _folder: tempfile::TempDir,
    url: String,
}

impl Prometheus {
    /// Starts one that scrapes these addresses under these instances. With an
    /// Alertmanager it has the rules that ship, but alerts wait for a second only.
    pub fn start(targets: &[(&str, &str)], alerts: Option<&Alertmanager>) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let mut config = "global: {scrape_interval: 1s, evaluation_interval: 1s}\n".to_owned();
        if let Some(manager) = alerts {
            hasty_rules(folder.path());
            config += &format!(
                "rule_files: ['{}/opticsd-*.yml']\nalerting: {{alertmanagers: [{{static_configs: [{{targets: ['{}']}}]}}]}}\n",
                folder.path().display(),
                manager.address
            );
        }
        config += "scrape_configs:\n- job_name: opticsd\n  static_configs:\n";
        for (address, instance) in targets {
            config +=
                &format!("  - {{targets: ['{address}'], labels: {{instance: '{instance}'}}}}\n");
        }
        let path = folder.path().join("prometheus.yml");
        fs::write(&path, config).expect("the folder can be written");
        let address = format!("127.0.0.1:{}", free_port());
        let data = folder.path().join("data");
        let mut command = Command::new("prometheus");
        command
            .arg(format!("--config.file={}", path.display()))
            .arg(format!("--storage.tsdb.path={}", data.display()))
            .arg(format!("--web.listen-address={address}"));
        Self {
            _process: Running::start(&mut command),
            _folder: folder,
            url: format!("http://{address}"),
        }
    }

    /// The series that answer a query, once there are as many.
    pub fn query(&self, query: &str, at_least: usize) -> Vec<Value> {
        let escaped: String = query.bytes().map(|b| format!("%{b:02X}")).collect();
        wait_for(query, || {
            let (_, text) = answer(&format!("{}/api/v1/query?query={escaped}", self.url))?;
            let answer: Value = serde_json::from_str(&text).ok()?;
            let series = answer["data"]["result"].as_array()?.clone();
            (series.len() >= at_least).then_some(series)
        })
    }
}

/// The value of a series in an answer.
pub fn value(series: &Value) -> f64 {
    let text = series["value"][1].as_str().expect("it has a value");
    text.parse().expect("it is a number")
}

/// Copies the rules that ship, every `for` shortened to a second.
fn hasty_rules(folder: &Path) {
    for path in RULE_FILES {
        let hasty = |line: &str| match line.strip_prefix("        for: ") {
            Some(_) => "        for: 1s\n".to_owned(),
            None => format!("{line}\n"),
        };
        let text: String = read(path).lines().map(hasty).collect();
        let name = file(path);
        let name = name.file_name().expect("it is a file");
        fs::write(folder.join(name), text).expect("the folder can be written");
    }
}
