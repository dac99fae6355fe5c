//! Who may see what is served: real certificates by openssl, real clients (curl),
//! and Prometheus' own judgement of web configurations.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod sockets;
mod tls;
mod web_config;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use support::{Daemon, OPTICSD, has_tool, wait_for};
use tempfile::TempDir;

/// bcrypt of "correct horse", as crypt(3) makes it.
const HASH: &str = "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";

/// A folder with a configuration, and certificates as they are wanted.
struct Place(TempDir);

impl Place {
    /// A daemon of one port with this web configuration.
    fn new(web: &str) -> Self {
        let place = Self(tempfile::tempdir().expect("a folder can be made"));
        place.write("web.yml", web);
        place.write(
            "opticsd.toml",
            "web_config = 'web.yml'\n[[port]]\nname = 'a'\nsim = 'lpo-800g'\n",
        );
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("the folder can be written");
    }

    fn run(&self) -> Daemon {
        Daemon::run(&self.path("opticsd.toml"))
    }

    /// The same on what the configuration listens on.
    fn run_as_told(&self) -> Daemon {
        let mut command = Command::new(OPTICSD);
        command.args(["run", "--config"]);
        command.arg(self.path("opticsd.toml"));
        Daemon::start(command)
    }

    /// Runs openssl in the folder.
    fn openssl(&self, words: &[&str]) {
        let said = Command::new("openssl")
            .current_dir(self.0.path())
            .args(words)
            .output()
            .expect("openssl runs");
        let told = String::from_utf8_lossy(&said.stderr);
        assert!(said.status.success(), "openssl {words:?}: {told}");
    }

    /// An authority, `NAME.pem` with `NAME.key`.
    fn authority(&self, name: &str) {
        let (key, pem) = (format!("{name}.key"), format!("{name}.pem"));
        let subject = format!("/CN={name}");
        let new = [
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ];
        let rest = [
            "-nodes", "-days", "30", "-subj", &subject, "-keyout", &key, "-out", &pem,
        ];
        self.openssl(&[&new[..], &rest[..]].concat());
    }

    /// A certificate signed by an authority, with alternative names.
    fn certificate(&self, name: &str, authority: &str, names: &str, days: &str) {
        let (key, csr, pem) = (
            format!("{name}.key"),
            format!("{name}.csr"),
            format!("{name}.pem"),
        );
        let subject = format!("/CN={name}");
        let new = [
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
        ];
        let rest = ["-subj", &subject, "-keyout", &key, "-out", &csr];
        self.openssl(&[&new[..], &rest[..]].concat());
        self.write("ext", &format!("subjectAltName={names}\n"));
        let (ca, ca_key) = (format!("{authority}.pem"), format!("{authority}.key"));
        let sign = ["x509", "-req", "-in", &csr, "-CA", &ca, "-CAkey", &ca_key];
        let rest = [
            "-CAcreateserial",
            "-days",
            days,
            "-extfile",
            "ext",
            "-out",
            &pem,
        ];
        self.openssl(&[&sign[..], &rest[..]].concat());
    }

    /// Exit status of a command that runs in the folder, and all that it said.
    fn opticsd(&self, words: &[&str]) -> (i32, String) {
        let output = Command::new(OPTICSD)
            .current_dir(self.0.path())
            .args(words)
            .output()
            .expect("the binary starts");
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.code().expect("no signal ended it"),
            String::from_utf8_lossy(&said).into_owned(),
        )
    }

    /// Status of a request by curl, and what it said; 0 if there was no answer.
    fn curl(&self, daemon: &Daemon, words: &[&str]) -> (u16, String) {
        let url = daemon.url.replace("http://127.0.0.1", "https://localhost");
        self.curl_at(&format!("{url}/metrics"), words)
    }

    fn curl_at(&self, url: &str, words: &[&str]) -> (u16, String) {
        let said = Command::new("curl")
            .current_dir(self.0.path())
            .args([
                "--silent",
                "--show-error",
                "--noproxy",
                "*",
                "--max-time",
                "60",
            ])
            .args(["--write-out", "\n%{http_code}"])
            .args(words)
            .arg(url)
            .output()
            .expect("curl runs");
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        let (body, status) = text.rsplit_once('\n').expect("curl tells the status");
        let trouble = String::from_utf8_lossy(&said.stderr);
        (
            status.parse().expect("it is a number"),
            format!("{body}{trouble}"),
        )
    }
}

fn has_tools() -> bool {
    has_tool("openssl") && has_tool("curl")
}

const TLS: &str = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n";
