//! The daemon as commands ask it: over TCP, TLS or a unix socket, as whom the
//! operator says.

mod unix;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use ureq::Agent;
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::DefaultResolver;

use super::error::CliError;
use super::output;
use crate::report::summary::PortSummary;
use crate::report::text::cut;
use crate::tomlfile::nearest;

/// The TCP port of page, API and metrics.
pub const DEFAULT_PORT: u16 = 10458;

/// Where the daemon is, unless the command line says otherwise.
const DEFAULT_URL: &str = "http://127.0.0.1:10458";

/// How long to wait for the daemon: it answers from memory.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The largest answer that is read, in bytes: some thousand modules in full.
const LARGEST_ANSWER: u64 = 256 << 20;

/// How much of a refusal in no known form is told, in columns.
const LONGEST_WORDS: usize = 200;

/// Where distributions keep the certificates of those they trust (Debian, Red
/// Hat, SUSE); the first that is there.
const SYSTEM_BUNDLES: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
];

/// The options that say which daemon to ask, and as whom.
#[derive(Debug, Clone, clap::Args)]
pub struct Address {
    /// The daemon to ask: `http://HOST:PORT`, `https://[USER@]HOST:PORT`, or
    /// `unix:/path` for its unix socket.
    #[arg(long, value_name = "URL", default_value = DEFAULT_URL, global = true)]
    from: String,
    /// With https: a file (PEM) of the certificates that may vouch for the daemon's,
    /// instead of those the system trusts.
    #[arg(long, value_name = "FILE", global = true)]
    ca: Option<PathBuf>,
    /// With https: a file (PEM) of the certificate to show, and of its key.
    #[arg(long, value_name = "FILE", global = true)]
    client_cert: Option<PathBuf>,
    /// A file whose first line is the password of USER.
    #[arg(long, value_name = "FILE", global = true)]
    password_file: Option<PathBuf>,
}

/// A daemon that can be asked, again and again over one connection.
pub struct Daemon {
    agent: Agent,
    /// What stands before the path of a URL.
    base: String,
    /// The address as people write it.
    place: String,
    /// The value of the header that says who asks.
    authorization: Option<String>,
}

/// Without what is secret.
impl fmt::Debug for Daemon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Daemon").field(&self.place).finish()
    }
}

impl Address {
    /// The daemon at a place, as `--from` names it, without password or certificate.
    pub fn at(place: &str) -> Self {
        Self {
            from: place.to_owned(),
            ca: None,
            client_cert: None,
            password_file: None,
        }
    }

    /// The daemon that the options name. Nobody is asked yet.
    ///
    /// # Errors
    /// If the address is none, or a file that it needs cannot be used.
    pub fn daemon(&self) -> Result<Daemon, CliError> {
        if let Some(path) = self.from.strip_prefix("unix:") {
            return self.over_socket(path);
        }
        let address = self.from.trim_end_matches('/');
        let (scheme, user, host) = parts(address).map_err(wrong)?;
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            // A daemon is near: proxies are not asked.
            .proxy(None)
            .timeout_global(Some(TIMEOUT));
        if scheme == "https" {
            config = config.tls_config(self.tls()?);
        }
        let authorization = match user {
            Some(user) => Some(basic(user, &self.password(user)?)),
            None => None,
        };
        let base = format!("{scheme}://{host}");
        Ok(Daemon {
            agent: config.build().new_agent(),
            place: base.clone(),
            base,
            authorization,
        })
    }

    fn over_socket(&self, path: &str) -> Result<Daemon, CliError> {
        if !path.starts_with('/') {
            return Err(wrong(format!(
                "unix:{path}: expected unix: and a path from the root, such as \
                 unix:/run/opticsd/http.sock"
            )));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(TIMEOUT));
        let connector = unix::Connector(PathBuf::from(path));
        Ok(Daemon {
            agent: Agent::with_parts(config.build(), connector, DefaultResolver::default()),
            // Nobody resolves this: the connector knows where to go.
            base: "http://127.0.0.1".to_owned(),
            place: self.from.clone(),
            authorization: None,
        })
    }

    fn tls(&self) -> Result<TlsConfig, CliError> {
        let bundle = match &self.ca {
            Some(path) => path.clone(),
            None => SYSTEM_BUNDLES
                .map(PathBuf::from)
                .into_iter()
                .find(|path| path.exists())
                .ok_or_else(|| {
                    wrong(
                        "this system has no list of trusted certificates; \
                         name the one that vouches for the daemon with --ca FILE"
                            .to_owned(),
                    )
                })?,
        };
        let (roots, _) = pem(&bundle)?;
        if roots.is_empty() {
            return Err(unusable(&bundle, "there is no certificate in it"));
        }
        let mut shown = None;
        if let Some(path) = &self.client_cert {
            let (chain, key) = pem(path)?;
            let key = key.ok_or_else(|| {
                unusable(
                    path,
                    "there is no private key in it; put it behind the certificate",
                )
            })?;
            shown = Some(ClientCert::new_with_certs(&chain, key));
        }
        let provider = rustls::crypto::ring::default_provider();
        Ok(TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&roots))
            .client_cert(shown)
            .unversioned_rustls_crypto_provider(Arc::new(provider))
            .build())
    }

    fn password(&self, user: &str) -> Result<String, CliError> {
        let path = self.password_file.as_ref().ok_or_else(|| {
            wrong(format!(
                "{user} needs a password; give --password-file FILE with it in the first line"
            ))
        })?;
        let text = std::fs::read_to_string(path).map_err(|source| CliError::Read {
            path: path.clone(),
            source,
        })?;
        Ok(text.lines().next().unwrap_or_default().to_owned())
    }
}

/// Scheme, user and host of an address.
fn parts(address: &str) -> Result<(&str, Option<&str>, &str), String> {
    let wanted = "expected http://HOST:PORT, https://[USER@]HOST:PORT or unix:/path";
    let (scheme, rest) = address
        .split_once("://")
        .filter(|(scheme, _)| matches!(*scheme, "http" | "https"))
        .ok_or_else(|| format!("{address}: {wanted}"))?;
    let (user, host) = match rest.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, rest),
    };
    if user.is_some_and(|user| user.contains(':')) {
        return Err(
            "a password on the command line is seen by everybody on this machine; give \
             https://USER@HOST and --password-file FILE"
                .to_owned(),
        );
    }
    if host.is_empty() {
        return Err(format!("{address}: {wanted}"));
    }
    Ok((scheme, user, host))
}

/// The credentials of HTTP's basic scheme (RFC 7617).
fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn wrong(said: String) -> CliError {
    CliError::Misused {
        what: "--from".to_owned(),
        said,
    }
}

fn unusable(path: &Path, said: &str) -> CliError {
    CliError::Misused {
        what: path.display().to_string(),
        said: said.to_owned(),
    }
}

/// The certificates and the private key of a PEM file.
fn pem(path: &Path) -> Result<(Vec<Certificate<'static>>, Option<PrivateKey<'static>>), CliError> {
    let bytes = std::fs::read(path).map_err(|source| CliError::Read {
        path: path.to_owned(),
        source,
    })?;
    let (mut certificates, mut key) = (Vec::new(), None);
    for item in parse_pem(&bytes) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(PemItem::PrivateKey(found)) => key = Some(found),
            Ok(_) => {}
            Err(error) => return Err(unusable(path, &format!("not a PEM file: {error}"))),
        }
    }
    Ok((certificates, key))
}

impl Daemon {
    /// The address as people write it.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The answer to a path with its query, such as `/api/v1/ports`.
    ///
    /// # Errors
    /// If nobody answers, or the answer is a refusal.
    pub fn get(&self, path: &str) -> Result<String, CliError> {
        let unreachable = |source| CliError::Unreachable {
            url: format!("{}{path}", self.place),
            advice: advice(&source),
            source: Box::new(source),
        };
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        let mut response = request.call().map_err(unreachable)?;
        let body = response.body_mut().with_config().limit(LARGEST_ANSWER);
        let answer = body.read_to_string().map_err(unreachable)?;
        let status = response.status();
        if status.is_success() {
            return Ok(answer);
        }
        let said = serde_json::from_str::<serde_json::Value>(&answer);
        let said = said
            .ok()
            .and_then(|answer| Some(answer.get("error")?.as_str()?.to_owned()));
        // What is no opticsd may answer with a page.
        let first = answer.trim().lines().next().unwrap_or_default();
        let mut said = said.unwrap_or_else(|| cut(first, LONGEST_WORDS).into_owned());
        if status.as_u16() == 401 {
            said += "; give --from https://USER@HOST:PORT and --password-file FILE";
        }
        Err(CliError::Refused {
            url: format!("{}{path}", self.place),
            status: status.as_u16(),
            said,
        })
    }

    /// The same, read from JSON.
    ///
    /// # Errors
    /// As [`Daemon::get`], or if the answer is none of an opticsd.
    pub fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T, CliError> {
        serde_json::from_str(&self.get(path)?).map_err(|source| CliError::Strange {
            url: format!("{}{path}", self.place),
            source,
        })
    }

    /// All ports in short.
    ///
    /// # Errors
    /// As [`Daemon::json`].
    pub fn ports(&self) -> Result<Vec<PortSummary>, CliError> {
        self.json("/api/v1/ports")
    }

    /// Says on stderr that a name for which nothing was found is no port's now, and
    /// which one may be meant. History may know more ports than there are.
    pub(super) fn doubt(&self, name: &str) {
        let Ok(ports) = self.ports() else { return };
        let mut names = ports.iter().map(|port| port.port.as_str());
        if !names.clone().any(|port| port == name) {
            output::warn(&no_such_port(name, names.by_ref()).to_string());
        }
    }

    /// What is served of one port: `rest` is what follows its name in the path.
    ///
    /// # Errors
    /// As [`Daemon::get`]; if there is no such port, which one may be meant.
    pub fn of_port(&self, name: &str, rest: &str) -> Result<String, CliError> {
        let path = format!("/api/v1/ports/{}{rest}", percent_encoded(name));
        self.get(&path).map_err(|error| match error {
            CliError::Refused { status: 404, .. } => match self.ports() {
                Ok(ports) if ports.iter().any(|port| port.port == name) => error,
                Ok(ports) => no_such_port(name, ports.iter().map(|port| port.port.as_str())),
                Err(_) => error,
            },
            error => error,
        })
    }
}

/// The error for a name that no port has, with the name that may be meant.
pub(super) fn no_such_port<'a>(name: &str, ports: impl IntoIterator<Item = &'a str>) -> CliError {
    CliError::NoSuchPort {
        name: name.to_owned(),
        nearest: nearest(name, ports).map(ToOwned::to_owned),
    }
}

/// What to do about a daemon that does not answer.
fn advice(error: &ureq::Error) -> &'static str {
    use std::io::ErrorKind::PermissionDenied;
    match error {
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => {
            "check its certificate; --ca FILE names who may vouch for it, --client-cert FILE \
             what to show"
        }
        ureq::Error::Io(error) if error.kind() == PermissionDenied => {
            "become a member of the group that owns the socket"
        }
        // What TLS says of a certificate comes as such an error, too.
        ureq::Error::Io(error) if error.get_ref().is_some_and(|e| e.is::<rustls::Error>()) => {
            "check its certificate; --ca FILE names who may vouch for it, --client-cert FILE \
             what to show"
        }
        _ => "start the daemon, or name its address with --from URL (https:// where it speaks TLS)",
    }
}

/// Text as one segment of a URL path (RFC 3986: unreserved bytes as they are).
pub(super) fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_path_segment() {
        assert_eq!(percent_encoded("Ethernet12"), "Ethernet12");
        assert_eq!(percent_encoded("et-0/0/1?é"), "et-0%2F0%2F1%3F%C3%A9");
    }

    #[test]
    fn the_default_address_has_the_default_port() {
        assert!(DEFAULT_URL.ends_with(&format!(":{DEFAULT_PORT}")));
    }

    #[test]
    fn an_address_has_a_scheme_a_host_and_perhaps_a_user() {
        assert_eq!(parts("http://a:1"), Ok(("http", None, "a:1")));
        assert_eq!(
            parts("https://me@[::1]:1"),
            Ok(("https", Some("me"), "[::1]:1"))
        );
        for wrong in [
            "a:1",
            "ftp://a",
            "http://",
            "https://me@",
            "https://me:secret@a",
        ] {
            let said = parts(wrong).unwrap_err();
            assert!(said.contains("https://"), "{said}");
            assert!(!said.contains("secret"), "{said}");
        }
        // RFC 7617, section 2.
        assert_eq!(
            basic("Aladdin", "open sesame"),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        );
    }

    #[test]
    fn a_name_that_is_nearly_right_is_offered() {
        let said = no_such_port("Ethernt3", ["Ethernet0", "Ethernet3"]).to_string();
        assert_eq!(said, "no port is called Ethernt3; did you mean Ethernet3?");
        let said = no_such_port("x", ["Ethernet0"]).to_string();
        assert!(said.contains("opticsd show"), "{said}");
    }
}
