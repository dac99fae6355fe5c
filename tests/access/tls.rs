//! Certificates: of the daemon, of clients, and of the command line.

use super::*;

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
