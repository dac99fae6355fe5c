//! Passwords, headers, and what a web configuration may say.

use super::*;

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
