use super::*;

const FILE: &str = "/etc/opticsd/web.yml";

fn parse(text: &str) -> Result<WebFile, Vec<String>> {
    WebFile::parse(text, Path::new(FILE)).map_err(|mistakes| {
        let told = mistakes.iter().map(ToString::to_string);
        told.map(|told| told.replace("/etc/opticsd/", "")).collect()
    })
}

const HASH: &str = "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze";

#[test]
fn a_whole_file_is_taken_in() {
    let text = format!(
        "tls_server_config:\n  cert_file: server.crt\n  key_file: /keys/server.key\n  \
         client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n  \
         client_allowed_sans: [prom.example, 10.0.0.1]\n  min_version: TLS13\n  \
         cipher_suites:\n  - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n  \
         curve_preferences: [X25519]\n  prefer_server_cipher_suites: no\n\
         http_server_config:\n  http2: true\n  headers:\n    X-Frame-Options: deny\n    \
         Content-Security-Policy:\nbasic_auth_users:\n  alice: {HASH}\n  1: '{HASH}'\n"
    );
    let web = parse(&text).unwrap();
    let tls = web.tls.clone().unwrap();
    let file = |path: &str| Material::File(path.into());
    assert!(tls.certificate == file("/etc/opticsd/server.crt"));
    assert!(tls.key == file("/keys/server.key"));
    assert!(tls.client_ca == Some(file("/etc/opticsd/ca.pem")));
    assert_eq!(tls.client_auth, ClientAuth::RequireAndVerify);
    assert_eq!(
        tls.client_allowed_sans.unwrap(),
        ["prom.example", "10.0.0.1"]
    );
    assert_eq!(
        (tls.min_version, tls.max_version),
        (Version::Tls13, Version::Tls13)
    );
    assert!(!tls.prefer_server_ciphers);
    assert_eq!(web.users.keys().collect::<Vec<_>>(), ["1", "alice"]);
    let headers = [
        (Header::FrameOptions, "deny".to_owned()),
        (Header::ContentSecurityPolicy, String::new()),
    ];
    assert_eq!(web.headers, headers);
    assert_eq!(web.files().len(), 3);
}

#[test]
fn nothing_is_asked_of_anybody_where_the_file_is_empty() {
    for text in [
        "",
        "# nothing\n",
        "---\n",
        "tls_server_config:\n",
        "tls_server_config: {min_version: TLS13}\n",
    ] {
        assert_eq!(parse(text), Ok(WebFile::default()), "{text:?}");
    }
}

#[test]
fn every_mistake_is_told_with_its_place_and_no_secret() {
    let told = parse(
        "tls_server_confg: {}\ntls_server_config:\n  cert_file: a\n  client_auth_type: Maybe\n  \
         min_version: SSL3\n  cipher_suites: [NONE]\nbasic_auth_users:\n  bob: s3cret\n\
         http_server_config:\n  http2: perhaps\n  headers:\n    X-Frame-Options: never\n    Server: x\n",
    )
    .unwrap_err();
    let begins = [
        "web.yml:1:1: unknown key `tls_server_confg`; did you mean `tls_server_config`?",
        "web.yml:3:3: `key_file` is missing: the private key of the certificate",
        "web.yml:4:21: `client_auth_type` cannot be \"Maybe\"; expected NoClientCert,",
        "web.yml:5:16: `min_version` cannot be \"SSL3\"; expected TLS12 or TLS13",
        "web.yml:6:19: `cipher_suites` cannot have \"NONE\"; known:",
        "web.yml:8:3: the password of `bob` is no bcrypt hash",
        "web.yml:10:10: `http2` is \"perhaps\"; expected `true` or `false`",
        "web.yml:12:5: `X-Frame-Options` cannot be \"never\"; expected deny or sameorigin",
        "web.yml:13:5: the header `Server` cannot be set; expected",
    ];
    assert_eq!(told.len(), begins.len(), "{told:#?}");
    for (told, begin) in told.iter().zip(begins) {
        assert!(told.starts_with(begin), "{told}");
        assert!(!told.contains("s3cret"), "{told}");
    }
}

#[test]
fn what_could_let_nobody_in_or_everybody_is_refused() {
    let tls = |rest: &str| {
        let text = format!("tls_server_config: {{cert_file: a, key_file: b, {rest}}}\n");
        parse(&text).err().unwrap_or_default().join("\n")
    };
    assert_eq!(tls("min_version: TLS10"), "");
    for (rest, said) in [
        ("client_ca_file: c", "does nothing without"),
        (
            "client_auth_type: RequireAndVerifyClientCert",
            "no client can be verified",
        ),
        ("client_allowed_sans: [x]", "`client_allowed_sans` needs"),
        (
            "client_auth_type: RequestClientCert, client_allowed_sans: [x]",
            "`client_allowed_sans` needs",
        ),
        ("max_version: TLS11", "leaves no version"),
        (
            "max_version: TLS12, min_version: TLS13",
            "leaves no version",
        ),
    ] {
        let told = tls(rest);
        assert!(told.contains(said), "{rest}: {told}");
    }
}

#[test]
fn broken_yaml_is_told_with_its_place() {
    for (text, place) in [
        ("a: b: c\n", "1:"),
        ("tls_server_config: {}\ntls_server_config: {}\n", "2:1"),
        ("tls_server_config: {}\n'tls_server_config': {}\n", "2:1"),
        ("- x\n", "1:1"),
        ("basic_auth_users: [x]\n", "1:19"),
        // The colon is missing at the end of the file, not on a line behind it.
        ("tls_server_config: [x]\nuser", "2:5"),
        ("tls_server_config: [x]\ruser", "2:5"),
    ] {
        let told = parse(text).unwrap_err();
        assert!(
            told[0].starts_with(&format!("web.yml:{place}")),
            "{text:?}: {told:?}"
        );
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}", lines in "([a-z_]{1,12}: ?[\\[\\]{}&*!a-z0-9,]{0,8}\n){0,6}") {
        let _ = parse(&text);
        let _ = parse(&lines);
        let _ = parse(&format!("tls_server_config:\n  {text}"));
    }
}
