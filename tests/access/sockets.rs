//! Unix sockets, sockets of the service manager, and many clients at once.

use super::*;

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
