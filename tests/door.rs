//! What comes to the HTTP door: scrapers in crowds, clients that do not read,
//! questions too long, and words from modules and plans that are meant to break
//! out of what they stand in.

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
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use support::{Daemon, OPTICSD, has_tool, wait_for};

/// A daemon of this configuration and plan, with the folder that they stand in.
fn daemon(config: &str, plan: &str) -> (Daemon, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("opticsd.toml");
    fs::write(&path, format!("plan = 'plan.toml'\n{config}")).unwrap();
    fs::write(folder.path().join("plan.toml"), plan).unwrap();
    (Daemon::run(&path), folder)
}

const PLAN: &str = "[fabric]\nname = 'f'\n";
const ONE: &str = "[[port]]\nname = 'a'\nsim = 'lpo-800g'\n";

/// A connection to it.
fn connect(daemon: &Daemon) -> TcpStream {
    let stream = TcpStream::connect(daemon.url.trim_start_matches("http://")).unwrap();
    // Only so that a failing test ends.
    let limit = Some(Duration::from_secs(60));
    stream.set_read_timeout(limit).unwrap();
    stream
}

/// Head and body of the answer to a question, on a connection of its own.
fn ask(daemon: &Daemon, method: &str, path: &str) -> (String, Vec<u8>) {
    let mut stream = connect(daemon);
    let head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let body = answer.split_off(end.expect("there is a head") + 4);
    (String::from_utf8(answer).unwrap(), body)
}

/// What a header says.
fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find_map(|(found, value)| found.eq_ignore_ascii_case(name).then_some(value))
}

/// All transactions on all adapters so far.
fn transactions(scrape: &str) -> f64 {
    let lines = scrape.lines();
    let ours = lines.filter(|line| line.starts_with("opticsd_bus_transactions_total{"));
    let numbers = ours.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap());
    numbers.sum()
}

#[test]
fn a_crowd_of_scrapers_gets_whole_answers_and_makes_no_traffic() {
    const SCRAPERS: usize = 20;
    const SCRAPES: usize = 50;
    // The module is asked whether it is still there now and then, and no more.
    let (daemon, _folder) = daemon(&format!("period = 3600\n{ONE}"), PLAN);
    wait_for("the module", || {
        let (_, text) = daemon.answer("/metrics");
        text.contains("opticsd_module_up{port=\"a\"} 1\n")
            .then_some(())
    });
    let (_, before) = daemon.answer("/metrics");
    let families = |text: &str| {
        text.lines()
            .filter(|line| line.starts_with("# TYPE "))
            .count()
    };
    let wanted = families(&before);
    assert!(wanted > 30);
    std::thread::scope(|scope| {
        for _ in 0..SCRAPERS {
            scope.spawn(|| {
                for _ in 0..SCRAPES {
                    let (head, body) = ask(&daemon, "GET", "/metrics");
                    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
                    let length = header(&head, "content-length").unwrap();
                    assert_eq!(length.parse::<usize>().unwrap(), body.len());
                    let text = String::from_utf8(body).unwrap();
                    assert!(text.ends_with('\n') && families(&text) >= wanted, "{text}");
                }
            });
        }
    });
    let (_, after) = daemon.answer("/metrics");
    let made = transactions(&after) - transactions(&before);
    let scrapes = f64::from(u32::try_from(SCRAPERS * SCRAPES).unwrap());
    assert!(made < scrapes, "{made} transactions for {scrapes} scrapes");
}

#[test]
fn clients_that_do_not_read_keep_nobody_from_reading() {
    let (daemon, _folder) = daemon(ONE, PLAN);
    wait_for("the module", || {
        let (_, text) = daemon.answer("/metrics");
        text.contains("opticsd_module_up{port=\"a\"} 1\n")
            .then_some(())
    });
    let question = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(200);
    let silent: Vec<TcpStream> = (0..50)
        .map(|_| {
            let mut stream = connect(&daemon);
            stream.write_all(question.as_bytes()).unwrap();
            stream
        })
        .collect();
    let (head, body) = ask(&daemon, "GET", "/metrics");
    assert!(head.starts_with("HTTP/1.1 200 OK") && body.ends_with(b"\n"));
    drop(silent);
}

#[test]
fn questions_too_long_are_refused_and_head_has_no_body() {
    let (daemon, _folder) = daemon(ONE, PLAN);
    for path in [
        "/",
        "/metrics",
        "/api/v1/ports",
        "/api/v1/openapi.json",
        "/healthz",
    ] {
        let (head, body) = ask(&daemon, "HEAD", path);
        assert!(head.starts_with("HTTP/1.1 200 OK"), "{path}: {head}");
        assert_eq!(body, b"", "{path}");
        let length = header(&head, "content-length").expect("its length is told");
        assert!(length.parse::<usize>().unwrap() > 0, "{path}: {head}");
    }
    for long in [30_000, 70_000, 1_000_000] {
        let mut stream = connect(&daemon);
        let head = format!("GET /{} HTTP/1.1\r\nHost: x\r\n", "y".repeat(long));
        // It may hang up before all is said.
        let _ = stream.write_all(head.as_bytes());
        let _ = stream.write_all(b"Connection: close\r\n\r\n");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        assert!(!answer.contains("200 OK"), "{long}: {answer}");
    }
    assert_eq!(daemon.answer("/healthz").0, 200);
}

/// What promtool says of a scrape; nothing, if it has nothing to say.
fn lint(scrape: &str) -> String {
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool starts");
    let mut stdin = promtool.stdin.take().expect("it is piped");
    stdin.write_all(scrape.as_bytes()).expect("promtool reads");
    drop(stdin);
    let said = promtool.wait_with_output().expect("promtool ends");
    String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned()
}

#[test]
fn a_vendor_that_means_harm_stays_a_name() {
    // 16 bytes: markup, quotes, an escape, a line's end, what is no UTF-8.
    const VENDOR: [u8; 16] = *b"<b>\"'&\\n{}\x01\n\xff\x1bx ";
    const SHOWN: &str = "<b>\"'&\\n{}x";
    let made = Command::new(OPTICSD)
        .args(["sim", "--dump", "lpo-800g"])
        .output()
        .unwrap();
    let dump = String::from_utf8(made.stdout).unwrap();
    let (before, page) = dump
        .split_once("page 00\n")
        .expect("it has an identity page");
    let mut lines: Vec<Vec<String>> = page
        .lines()
        .map(|line| line.split(' ').map(str::to_owned).collect())
        .collect();
    // The vendor's name is bytes 129 to 144 of the page, which begins at 128.
    for (place, byte) in VENDOR.iter().enumerate() {
        lines[(place + 1) / 16][(place + 1) % 16] = format!("{byte:02x}");
    }
    let page: String = lines.iter().map(|line| line.join(" ") + "\n").collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("evil.dump");
    fs::write(&file, format!("{before}page 00\n{page}")).unwrap();
    let config = format!("[[port]]\nname = 'a'\nsim = '{}'\n", file.display());
    let (daemon, _folder) = daemon(&config, PLAN);
    let module: Value = wait_for("the module", || {
        let (_, text) = daemon.answer("/api/v1/ports/a");
        let port: Value = serde_json::from_str(&text).unwrap();
        port["identity"]["vendor"].is_string().then_some(port)
    });
    assert_eq!(module["identity"]["vendor"], SHOWN);
    let (_, scrape) = daemon.answer("/metrics");
    let label = r#"vendor="<b>\"'&\\n{}x","#;
    assert!(scrape.contains(label), "{scrape}");
    if has_tool("promtool") {
        assert_eq!(lint(&scrape), "");
    }
    for path in ["/", "/ports/a", "/ports/a/raw"] {
        let (status, page) = daemon.answer(path);
        assert_eq!(status, 200, "{path}");
        assert!(!page.contains("<b>\"'"), "{path}");
        assert!(page.trim_end().ends_with("</html>"), "{path}");
    }
    assert!(daemon.answer("/ports/a").1.contains("&lt;b&gt;"));
}

#[test]
fn the_longest_names_are_shown_whole_and_longer_ones_refused() {
    let long = "x".repeat(128);
    let plan = |peer: &str| {
        format!(
            "{PLAN}planes = 1\n[[assign]]\nports = ['{long}']\nrole = 'scale-out'\nplane = 1\n\
             peer = ['{peer}:{long}']\n"
        )
    };
    let config = format!("[[port]]\nname = '{long}'\nsim = 'lpo-800g'\n");
    let (daemon, folder) = daemon(&config, &plan(&long));
    wait_for("the module", || {
        let (_, text) = daemon.answer("/metrics");
        text.contains(&format!("opticsd_module_up{{port=\"{long}\"}} 1\n"))
            .then_some(())
    });
    let (_, scrape) = daemon.answer("/metrics");
    let peer = format!("peer=\"{long}:{long}\"");
    assert!(scrape.contains(&peer), "{scrape}");
    if has_tool("promtool") {
        assert_eq!(lint(&scrape), "");
    }
    let (_, text) = daemon.answer(&format!("/api/v1/ports/{long}"));
    let port: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(port["planned"]["peer"], format!("{long}:{long}"));
    let (status, page) = daemon.answer(&format!("/ports/{long}"));
    assert!(status == 200 && page.contains(&format!("{long}:{long}")));

    // Two kilobytes are no name.
    fs::write(folder.path().join("plan.toml"), plan(&"x".repeat(2048))).unwrap();
    let said = Command::new(OPTICSD)
        .args(["check", "--config"])
        .arg(folder.path().join("opticsd.toml"))
        .output()
        .unwrap();
    assert_eq!(said.status.code(), Some(2));
    let told = String::from_utf8_lossy(&said.stderr);
    assert!(
        told.contains("plan.toml:8:") && told.contains("peer"),
        "{told}"
    );
}
