//! Who may see what is served: real certificates by openssl, real clients (curl),
//! and Prometheus' own judgement of web configurations.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod support;

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

#[test]
fn tls_is_spoken_and_follows_new_certificates() {
    if !has_tools() {
        return;
    }
    let place = Place::new(TLS);
    place.authority("ca");
    place.certificate("server", "ca", "DNS:localhost", "30");
    let daemon = place.run();
    let (status, body) = place.curl(&daemon, &["--cacert", "ca.pem"]);
    assert_eq!(status, 200, "{body}");
    let expiry = |body: &str| {
        let name = "opticsd_web_certificate_expiry_timestamp_seconds ";
        let line = body.lines().find_map(|line| line.strip_prefix(name));
        line.expect("it is told").parse::<f64>().expect("a number")
    };
    let first = expiry(&body);
    // Whoever speaks plain HTTP gets nothing.
    let plain = format!("{}/metrics", daemon.url);
    assert_eq!(place.curl_at(&plain, &[]).0, 0);
    assert_eq!(
        place
            .curl(&daemon, &["--cacert", "ca.pem", "--tls-max", "1.2"])
            .0,
        200
    );
    assert_eq!(
        place
            .curl(&daemon, &["--cacert", "ca.pem", "--tls-max", "1.1"])
            .0,
        0
    );

    // Material that does not fit together leaves the old in force and says so.
    let good = |body: &str, n: &str| {
        body.contains(&format!("opticsd_web_config_last_reload_successful {n}\n"))
    };
    assert!(good(&body, "1"), "{body}");
    place.certificate("other", "ca", "DNS:localhost", "60");
    fs::copy(place.path("other.pem"), place.path("server.pem")).expect("it is copied");
    let told = wait_for("the refusal to be told", || {
        let (_, body) = place.curl(&daemon, &["--cacert", "ca.pem"]);
        good(&body, "0").then_some(body)
    });
    assert_eq!(expiry(&told), first);
    fs::copy(place.path("other.key"), place.path("server.key")).expect("it is copied");
    let renewed = wait_for("the new certificate", || {
        let (_, body) = place.curl(&daemon, &["--cacert", "ca.pem"]);
        good(&body, "1").then_some(body)
    });
    assert!(expiry(&renewed) > first + 86_400.0);

    // TLS 1.3 alone, from the next connection on.
    place.write("web.yml", &format!("{TLS}  min_version: TLS13\n"));
    wait_for("the older version to be refused", || {
        let old = place.curl(&daemon, &["--cacert", "ca.pem", "--tls-max", "1.2"]);
        (old.0 == 0).then_some(())
    });
    assert_eq!(place.curl(&daemon, &["--cacert", "ca.pem"]).0, 200);
    let log = daemon.stop();
    assert!(log.contains("the old one stays in force"), "{log}");
    assert!(!log.contains("BEGIN"), "{log}");
}

#[test]
fn clients_show_certificates_with_allowed_names() {
    if !has_tools() {
        return;
    }
    let web = format!(
        "{TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: clients.pem\n"
    );
    let place = Place::new(&web);
    place.authority("ca");
    place.authority("clients");
    place.certificate("server", "ca", "DNS:localhost", "30");
    place.certificate("prom", "clients", "DNS:prom.example,IP:192.0.2.7", "30");
    place.certificate(
        "mail",
        "clients",
        "email:prom@example.org,URI:spiffe://x/y",
        "30",
    );
    place.certificate("stranger", "ca", "DNS:prom.example", "30");
    let daemon = place.run();
    let ask = |name: Option<&str>| {
        let named = name.map(|name| (format!("{name}.pem"), format!("{name}.key")));
        let mut words = vec!["--cacert", "ca.pem"];
        if let Some((pem, key)) = &named {
            words.extend(["--cert", pem, "--key", key]);
        }
        place.curl(&daemon, &words).0
    };
    assert_eq!(ask(None), 0);
    assert_eq!(ask(Some("stranger")), 0);
    assert_eq!(ask(Some("prom")), 200);
    assert_eq!(ask(Some("mail")), 200);
    for (allowed, prom, mail) in [
        ("[prom.example]", 200, 0),
        ("[192.0.2.7]", 200, 0),
        ("['prom@example.org']", 0, 200),
        ("['spiffe://x/y', other]", 0, 200),
        ("[nobody.example]", 0, 0),
    ] {
        place.write(
            "web.yml",
            &format!("{web}  client_allowed_sans: {allowed}\n"),
        );
        wait_for(&format!("{allowed} to be in force"), || {
            ((ask(Some("prom")), ask(Some("mail"))) == (prom, mail)).then_some(())
        });
        assert_eq!(ask(None), 0, "{allowed}");
    }
    // If there is one it must be good, and there need be none.
    let given = web.replace("RequireAndVerifyClientCert", "VerifyClientCertIfGiven");
    place.write("web.yml", &given);
    wait_for("nobody to be needed", || (ask(None) == 200).then_some(()));
    assert_eq!((ask(Some("prom")), ask(Some("stranger"))), (200, 0));
    // Anybody's will do.
    place.write(
        "web.yml",
        &web.replace("RequireAndVerifyClientCert", "RequireAnyClientCert"),
    );
    wait_for("anybody to do", || {
        (ask(Some("stranger")) == 200).then_some(())
    });
    assert_eq!(ask(None), 0);
}

#[test]
fn an_expired_certificate_is_served_and_told() {
    if !has_tools() {
        return;
    }
    let place = Place::new(TLS);
    place.authority("ca");
    place.certificate("server", "ca", "DNS:localhost", "-1");
    let daemon = place.run();
    assert_eq!(place.curl(&daemon, &["--cacert", "ca.pem"]).0, 0);
    let (status, body) = place.curl(&daemon, &["--insecure"]);
    assert_eq!(status, 200);
    assert!(body.contains("opticsd_web_certificate_expiry_timestamp_seconds "));
    let log = daemon.stop();
    assert!(log.contains("certificate has expired"), "{log}");
}

#[test]
fn passwords_are_asked_for_and_headers_set() {
    if !has_tool("curl") {
        return;
    }
    let web = format!(
        "basic_auth_users:\n  alice: {HASH}\nhttp_server_config:\n  headers:\n    \
         X-Frame-Options: sameorigin\n    Content-Security-Policy:\n    \
         Strict-Transport-Security: max-age=60\n"
    );
    let place = Place::new(&web);
    let daemon = place.run();
    let url = format!("{}/metrics", daemon.url);
    let (status, body) = place.curl_at(&url, &["--include"]);
    assert_eq!(status, 401);
    assert!(
        body.contains("www-authenticate: Basic realm=\"opticsd\""),
        "{body}"
    );
    assert!(!body.contains("opticsd_"), "{body}");
    assert_eq!(place.curl_at(&url, &["--user", "alice:wrong"]).0, 401);
    assert_eq!(place.curl_at(&url, &["--user", "bob:correct horse"]).0, 401);
    let (status, body) = place.curl_at(&url, &["--include", "--user", "alice:correct horse"]);
    assert_eq!(status, 200, "{body}");
    let head = body.split("\r\n\r\n").next().expect("there is a head");
    for header in [
        "x-frame-options: sameorigin",
        "strict-transport-security: max-age=60",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
    ] {
        assert!(head.contains(header), "{header} is not in\n{head}");
    }
    assert!(!head.contains("content-security-policy"), "{head}");
    for path in ["/", "/api/v1/ports", "/api/v1/ports/a/dump", "/nowhere"] {
        assert_eq!(
            place.curl_at(&format!("{}{path}", daemon.url), &[]).0,
            401,
            "{path}"
        );
    }
}

#[test]
fn a_web_configuration_that_cannot_be_used_is_refused_at_the_start_and_by_check() {
    let place =
        Place::new("tls_server_config:\n  cert_file: missing.pem\n  key_file: missing.key\n");
    let run = |word: &str| {
        let said = Command::new(OPTICSD)
            .args([word, "--config"])
            .arg(place.path("opticsd.toml"))
            .output()
            .expect("the binary runs");
        assert_eq!(said.status.code(), Some(2), "{word}");
        String::from_utf8_lossy(&said.stderr).into_owned()
    };
    for word in ["run", "check"] {
        let told = run(word);
        assert!(
            told.contains("web.yml:2:3: cannot read `cert_file`"),
            "{word}: {told}"
        );
    }
    place.write("web.yml", "basic_auth_user: {}\n");
    let told = run("check");
    let said = "web.yml:1:1: unknown key `basic_auth_user`; did you mean `basic_auth_users`?";
    assert!(told.contains(said), "{told}");
    fs::remove_file(place.path("web.yml")).expect("it is there");
    assert!(run("check").contains("cannot read the web configuration"));
}

#[test]
fn promtool_and_the_daemon_agree_on_web_configurations() {
    if !(has_tools() && has_tool("promtool")) {
        return;
    }
    let place = Place::new("");
    place.authority("ca");
    place.certificate("server", "ca", "DNS:localhost", "30");
    place.certificate("other", "ca", "DNS:localhost", "30");
    place.write("empty.pem", "");
    let with = |rest: &str| format!("{TLS}{rest}");
    let client = |kind: &str| {
        with(&format!(
            "  client_ca_file: ca.pem\n  client_auth_type: {kind}\n"
        ))
    };
    let good = [
        String::new(),
        "# nothing\n".to_owned(),
        "tls_server_config:\n".to_owned(),
        TLS.to_owned(),
        with("  min_version: TLS13\n"),
        with("  min_version: TLS10\n"),
        with("  max_version: TLS12\n"),
        with("  prefer_server_cipher_suites: no\n"),
        with(
            "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_RSA_WITH_AES_128_CBC_SHA]\n",
        ),
        with("  curve_preferences: [CurveP521, X25519]\n"),
        client("RequestClientCert"),
        client("RequireClientCert"),
        client("RequireAnyClientCert"),
        client("VerifyClientCertIfGiven"),
        client("RequireAndVerifyClientCert"),
        with(
            "http_server_config: {http2: off, headers: {X-Frame-Options: deny, X-Content-Type-Options: nosniff}}\n",
        ),
        "http_server_config:\n  headers:\n    X-XSS-Protection: anything\n".to_owned(),
        format!("basic_auth_users:\n  alice: {HASH}\n  7: '{HASH}'\n"),
        "basic_auth_users: {}\n".to_owned(),
    ];
    let bad = [
        "nonsense: 1\n".to_owned(),
        "tls_server_config: x\n".to_owned(),
        "tls_server_config: [x]\n".to_owned(),
        "- x\n".to_owned(),
        "a: b: c\n".to_owned(),
        "tls_server_config: {}\ntls_server_config: {}\n".to_owned(),
        "tls_server_config:\n  cert_file: server.pem\n".to_owned(),
        "tls_server_config:\n  key_file: server.key\n".to_owned(),
        "tls_server_config:\n  cert_file: missing\n  key_file: server.key\n".to_owned(),
        "tls_server_config:\n  cert_file: other.pem\n  key_file: server.key\n".to_owned(),
        "tls_server_config:\n  cert_file: empty.pem\n  key_file: server.key\n".to_owned(),
        "tls_server_config:\n  cert_file: server.pem\n  key_file: empty.pem\n".to_owned(),
        "tls_server_config:\n  client_auth_type: RequireAndVerifyClientCert\n".to_owned(),
        with("  min_version: SSL3\n"),
        with("  cipher_suites: [NONE]\n"),
        with("  cipher_suites: NONE\n"),
        with("  curve_preferences: [P1]\n"),
        with("  client_ca_file: ca.pem\n"),
        with("  client_ca_file: missing\n  client_auth_type: RequireAndVerifyClientCert\n"),
        with("  prefer_server_cipher_suites: maybe\n"),
        client("Sometimes"),
        "http_server_config: {headers: {Server: x}}\n".to_owned(),
        "http_server_config: {headers: {X-Frame-Options: never}}\n".to_owned(),
        "http_server_config: {headers: {x-frame-options: deny}}\n".to_owned(),
        "http_server_config: {http2: maybe}\n".to_owned(),
        "basic_auth_users: {alice: secret}\n".to_owned(),
        "basic_auth_users: [alice]\n".to_owned(),
    ];
    let cases = good
        .iter()
        .map(|text| (text, true))
        .chain(bad.iter().map(|text| (text, false)));
    let path = place.path("web.yml");
    let accepts = |program: &str, words: &[&str], file: &Path| {
        let said = Command::new(program)
            .args(words)
            .arg(file)
            .output()
            .expect("it runs");
        let told = String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned();
        (said.status.success(), told)
    };
    for (text, wanted) in cases {
        place.write("web.yml", text);
        let (theirs, their_words) = accepts("promtool", &["check", "web-config"], &path);
        assert_eq!(theirs, wanted, "promtool of\n{text}\n{their_words}");
        let config = place.path("opticsd.toml");
        let (ours, our_words) = accepts(OPTICSD, &["check", "--config"], &config);
        assert_eq!(ours, wanted, "opticsd of\n{text}\n{our_words}");
    }
}

/// The head and the body that a stream says, up to its end.
fn conversation(mut stream: impl Read + Write) -> String {
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .expect("it can be asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

#[test]
fn a_unix_socket_needs_no_password_and_goes_with_the_daemon() {
    let place = Place::new(&format!("basic_auth_users: {{alice: {HASH}}}\n"));
    let socket = place.path("s.sock");
    let listen = format!(
        "listen = ['127.0.0.1:0', 'unix:{}']\nweb_config = 'web.yml'\n[[port]]\nname = 'a'\nsim = 'lpo-800g'\n",
        socket.display()
    );
    place.write("opticsd.toml", &listen);
    let daemon = place.run_as_told();
    let stream = wait_for("the socket", || UnixStream::connect(&socket).ok());
    let answer = conversation(stream);
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert_eq!(daemon.answer("/healthz").0, 401);
    // Every command that asks a daemon takes the same way.
    let from = format!("unix:{}", socket.display());
    wait_for("the module", || {
        let (code, said) = place.opticsd(&["show", "a", "--from", &from]);
        assert_eq!(code, 0, "{said}");
        said.contains("a on ").then_some(())
    });
    for command in [&["show"][..], &["events"], &["captures"], &["dump", "a"]] {
        let (code, said) = place.opticsd(&[command, &["--from", &from]].concat());
        assert_eq!(code, 0, "{command:?}: {said}");
    }
    let (code, said) = place.opticsd(&["show", "--from", "unix:/nonexistent/sock"]);
    assert_eq!(code, 2);
    assert!(said.contains("unix:/nonexistent/sock"), "{said}");
    daemon.stop();
    assert!(!socket.exists());
}

/// What is told of the daemon's insides on a unix socket; nothing where it is not.
fn insides(socket: &Path) -> Option<serde_json::Value> {
    let mut stream = UnixStream::connect(socket).ok()?;
    stream
        .write_all(b"GET /debug/state HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let is_good = head.starts_with("HTTP/1.1 200 OK");
    is_good.then(|| serde_json::from_str(body).expect("it is JSON"))
}

#[test]
fn the_insides_are_shown_on_unix_sockets_only() {
    let place = Place::new("");
    let socket = place.path("s.sock");
    let config = format!(
        "listen = ['127.0.0.1:0', 'unix:{}']\nstate_directory = '{}'\n[[port]]\nname = 'a'\nsim = 'lpo-800g'\n",
        socket.display(),
        place.path("state").display()
    );
    place.write("opticsd.toml", &config);
    let daemon = place.run_as_told();
    let told = wait_for("the module to be swept again", || {
        let told = insides(&socket)?;
        let sweeps = told["buses"][0]["ports"][0]["state"]["sweeps"].as_u64();
        (sweeps >= Some(3)).then_some(told)
    });
    let bus = &told["buses"][0];
    assert!(bus["steps"].as_u64() >= Some(3), "{told}");
    let doing = bus["doing"]["what"].as_str().expect("it does something");
    assert!(["works", "waits", "idles"].contains(&doing), "{told}");
    let port = &bus["ports"][0];
    assert_eq!(port["port"], "a");
    let state = &port["state"];
    assert_eq!(state["presence"], "active", "{told}");
    assert_eq!(state["failures_in_a_row"], 0, "{told}");
    assert_eq!(state["period_seconds"], 1.0, "{told}");
    let last = &state["last_sweep"];
    assert!(last["took_seconds"].as_f64() > Some(0.0), "{told}");
    assert!(last["bus_bytes"].as_u64() > Some(0), "{told}");
    assert_eq!(told["store"]["status"]["up"], true, "{told}");
    assert_eq!(told["store"]["desk"]["lost_events"], 0, "{told}");
    assert_eq!(told["streams"]["open"], 0, "{told}");
    // A stream takes a seat.
    let mut stream = UnixStream::connect(&socket).expect("it connects");
    stream
        .write_all(b"GET /api/v1/stream HTTP/1.1\r\nHost: x\r\n\r\n")
        .expect("it can be asked");
    let open = |wanted: u64| {
        wait_for("the stream to be counted", || {
            let told = insides(&socket)?;
            (told["streams"]["open"] == wanted).then_some(())
        });
    };
    open(1);
    assert_eq!(daemon.answer("/debug/state").0, 404);
    assert_eq!(daemon.answer("/healthz").0, 200);
    drop(daemon);

    // Nor is it for those who know a password.
    place.write(
        "web.yml",
        &format!("basic_auth_users: {{alice: '{HASH}'}}\n"),
    );
    place.write("opticsd.toml", &format!("web_config = 'web.yml'\n{config}"));
    let daemon = place.run_as_told();
    assert_eq!(daemon.answer("/debug/state").0, 401);
    let asks = ["--user", "alice:correct horse"];
    let status = |path: &str| place.curl_at(&format!("{}{path}", daemon.url), &asks).0;
    if has_tool("curl") {
        assert_eq!(status("/healthz"), 200);
        assert_eq!(status("/debug/state"), 404);
    }
    assert!(wait_for("the socket", || insides(&socket))["buses"].is_array());
}

#[test]
fn the_command_line_shows_certificate_and_password() {
    if !has_tools() {
        return;
    }
    let place = Place::new(&format!(
        "{TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n\
         basic_auth_users: {{alice: {HASH}}}\n"
    ));
    place.authority("ca");
    place.authority("other");
    place.certificate("server", "ca", "DNS:localhost", "30");
    place.certificate("client", "ca", "DNS:client.example", "30");
    let both = ["client.pem", "client.key"]
        .map(|name| fs::read_to_string(place.path(name)).expect("openssl made it"));
    place.write("both.pem", &both.concat());
    place.write("password", "correct horse\n");
    place.write("wrong", "battery\n");
    let daemon = place.run();
    let url = |user: &str| {
        daemon
            .url
            .replace("http://127.0.0.1", &format!("https://{user}localhost"))
    };
    let ask = |user: &str, words: &[&str]| {
        let url = url(user);
        place.opticsd(&[&["show", "--from", &url], words].concat())
    };
    let shown = ["--ca", "ca.pem", "--client-cert", "both.pem"];
    let with = |words: &[&'static str]| [&shown[..], words].concat();

    let (code, said) = ask("alice@", &with(&["--password-file", "password"]));
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with("Port"), "{said}");

    // What is missing is named, each time with what to do.
    let (code, said) = ask("alice@", &with(&["--password-file", "wrong"]));
    assert_eq!(code, 2);
    assert!(
        said.contains("401") && said.contains("--password-file"),
        "{said}"
    );
    assert!(!said.contains("battery"), "{said}");
    let (_, said) = ask("", &with(&[]));
    assert!(
        said.contains("401") && said.contains("https://USER@"),
        "{said}"
    );
    let (_, said) = ask("alice@", &with(&[]));
    assert!(said.contains("alice needs a password"), "{said}");
    let (_, said) = ask("alice:secret@", &with(&[]));
    assert!(
        said.contains("seen by everybody") && !said.contains("secret"),
        "{said}"
    );
    let (code, said) = ask("", &["--ca", "other.pem"]);
    assert_eq!(code, 2);
    assert!(said.contains("--ca FILE"), "{said}");
    let (_, said) = ask("", &["--ca", "client.key"]);
    assert!(
        said.contains("client.key: there is no certificate in it"),
        "{said}"
    );
    let (_, said) = ask("", &["--ca", "ca.pem", "--client-cert", "client.pem"]);
    assert!(
        said.contains("client.pem: there is no private key in it"),
        "{said}"
    );
    let (code, said) = ask("", &["--ca", "ca.pem"]);
    assert_eq!(code, 2, "{said}");
}

#[test]
fn sockets_of_the_service_manager_are_served() {
    if !has_tool("systemd-socket-activate") {
        return;
    }
    let place = Place::new("");
    place.write("opticsd.toml", "[[port]]\nname = 'a'\nsim = 'lpo-800g'\n");
    // A free port, as far as anybody can tell.
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = free.local_addr().expect("it has one");
    drop(free);
    let socket = place.path("handed.sock");
    let mut child = Command::new("systemd-socket-activate")
        .arg(format!("--listen={address}"))
        .arg(format!("--listen={}", socket.display()))
        .args([OPTICSD, "run", "--config"])
        .arg(place.path("opticsd.toml"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    // The first connection starts the daemon, which then finds it waiting.
    let stream = wait_for("the socket", || TcpStream::connect(address).ok());
    let answer = conversation(stream);
    let other = conversation(UnixStream::connect(&socket).expect("it was handed over too"));
    let insides = insides(&socket);
    let _ = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    child.wait().expect("it ends");
    assert!(
        insides.is_some(),
        "this socket is one of the file system too"
    );
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(other.starts_with("HTTP/1.1 200 OK"), "{other}");
}

#[test]
fn a_hundred_scrapers_at_once_are_served_among_half_open_connections() {
    let place = Place::new("");
    let daemon = place.run();
    let address = daemon.url.trim_start_matches("http://").to_owned();
    // They ask for nothing, or half of something.
    let idle: Vec<TcpStream> = (0..100)
        .map(|n| {
            let mut stream = TcpStream::connect(&address).expect("it connects");
            if n % 2 == 0 {
                stream.write_all(b"GET /met").expect("it is sent");
            }
            stream
        })
        .collect();
    let scrapers: Vec<_> = (0..100)
        .map(|_| {
            let address = address.clone();
            std::thread::spawn(move || {
                let mut stream = TcpStream::connect(&address).expect("it connects");
                let limit = Some(Duration::from_secs(60));
                stream.set_read_timeout(limit).expect("it is set");
                stream
                    .write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    .expect("it is sent");
                let mut answer = String::new();
                stream.read_to_string(&mut answer).expect("it answers");
                answer.contains("opticsd_build_info{") && answer.starts_with("HTTP/1.1 200 OK")
            })
        })
        .collect();
    let served = scrapers
        .into_iter()
        .filter_map(|scraper| scraper.join().ok());
    assert_eq!(served.filter(|good| *good).count(), 100);
    drop(idle);
}
