//! Who may see what is served: the web configuration file of Prometheus and its
//! exporters (exporter-toolkit, docs/web-configuration.md), as data.
//!
//! What `promtool check web-config` takes is taken, with these exceptions, each
//! of which would leave a server that nobody can reach or that is not what was
//! meant: TLS older than 1.2 as the newest, cipher suites and curves of which
//! this build has none, client certificates to be verified without a CA.
//! `rate_limit` is not there.

mod words;
mod yaml;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::tomlfile::{Mistake, Spot};
use words::{CIPHERS, CURVES};
pub use words::{ClientAuth, Header, Version};
use yaml::{Map, Mistakes};

/// The web configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebFile {
    /// How to serve TLS; `None` for plain HTTP.
    pub tls: Option<Tls>,
    /// The bcrypt hash of each user's password; without users nobody is asked.
    pub users: BTreeMap<String, String>,
    /// Headers of every answer; an empty one is not sent.
    pub headers: Vec<(Header, String)>,
}

/// How to serve TLS.
#[derive(Clone, PartialEq, Eq)]
pub struct Tls {
    /// The certificate chain, the server's own first.
    pub certificate: Material,
    /// Its private key.
    pub key: Material,
    /// Whether clients are to have certificates.
    pub client_auth: ClientAuth,
    /// Who signs the certificates of clients.
    pub client_ca: Option<Material>,
    /// The names one of which a client's certificate must have; `None` for any.
    pub client_allowed_sans: Option<Vec<String>>,
    /// The oldest version.
    pub min_version: Version,
    /// The newest version.
    pub max_version: Version,
    /// The suites of TLS 1.2 by their names of IANA; none for the usual ones.
    pub cipher_suites: Vec<String>,
    /// The curves by Go's names, best first; none for the usual ones.
    pub curves: Vec<String>,
    /// Whether the server's order of suites goes before the client's.
    pub prefer_server_ciphers: bool,
    /// Where all of it stands.
    pub at: Spot,
}

/// Without keys, so that no log has them.
impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls")
            .field("client_auth", &self.client_auth)
            .field("min_version", &self.min_version)
            .finish_non_exhaustive()
    }
}

/// Something in PEM.
#[derive(Clone, PartialEq, Eq)]
pub enum Material {
    /// In a file.
    File(PathBuf),
    /// In the web configuration itself.
    Inline(String),
}

impl WebFile {
    /// Reads a web configuration from text; `file` names it in mistakes and is
    /// what relative paths start from.
    ///
    /// # Errors
    /// Every mistake in the file.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Vec<Mistake>> {
        let mistakes = Mistakes::of(text, file);
        let folder = file.parent().unwrap_or(Path::new(""));
        let web = match yaml::document(text, &mistakes) {
            Some(root) => match Map::of(&root, "the file", &mistakes) {
                Some(root) => web_file(root, folder, &mistakes),
                None => Self::default(),
            },
            None => Self::default(),
        };
        match mistakes.into_list() {
            list if list.is_empty() => Ok(web),
            list => Err(list),
        }
    }

    /// The files that it names.
    pub fn files(&self) -> Vec<&Path> {
        let of_tls = self.tls.iter().flat_map(|tls| {
            let always = [
                Some(&tls.certificate),
                Some(&tls.key),
                tls.client_ca.as_ref(),
            ];
            always.into_iter().flatten()
        });
        of_tls
            .filter_map(|material| match material {
                Material::File(path) => Some(path.as_path()),
                Material::Inline(_) => None,
            })
            .collect()
    }
}

fn web_file(mut root: Map<'_, '_>, folder: &Path, mistakes: &Mistakes<'_>) -> WebFile {
    let at = root.value("tls_server_config").map(yaml::spot);
    let tls = root.map("tls_server_config");
    let http = root.map("http_server_config");
    let users = root.map("basic_auth_users");
    root.finish();
    WebFile {
        tls: tls
            .zip(at)
            .and_then(|(map, at)| tls_of(map, at, folder, mistakes)),
        users: users.map_or_else(BTreeMap::new, |users| users_of(users, mistakes)),
        headers: http.map_or_else(Vec::new, |http| headers_of(http, mistakes)),
    }
}

/// Passwords must be hashed: a plain one in the file would let nobody in.
fn users_of(users: Map<'_, '_>, mistakes: &Mistakes<'_>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (user, hash, spot) in users.all_texts() {
        if !words::is_bcrypt(hash) {
            let message = format!(
                "the password of `{user}` is no bcrypt hash; make one with `htpasswd -nBC 10 \"\"`"
            );
            mistakes.add(spot, message);
        }
        found.insert(user.to_owned(), hash.to_owned());
    }
    found
}

fn headers_of(mut http: Map<'_, '_>, mistakes: &Mistakes<'_>) -> Vec<(Header, String)> {
    // HTTP/2 is not spoken, which is nothing that a client could miss.
    http.flag("http2");
    let headers = http.map("headers");
    http.finish();
    let Some(headers) = headers else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, value, spot) in headers.all_texts() {
        match Header::of(name) {
            None => {
                let message = format!("the header `{name}` cannot be set; {}", Header::WANTED);
                mistakes.add(spot, message);
            }
            Some(header) if !header.takes(value) => {
                let message = format!("`{name}` cannot be {value:?}; {}", header.wanted());
                mistakes.add(spot, message);
            }
            Some(header) => found.push((header, value.to_owned())),
        }
    }
    found
}

fn tls_of(mut map: Map<'_, '_>, at: Spot, folder: &Path, mistakes: &Mistakes<'_>) -> Option<Tls> {
    let certificate = material(&mut map, "cert_file", "cert", folder);
    let key = material(&mut map, "key_file", "key", folder);
    let client_ca = material(&mut map, "client_ca_file", "client_ca", folder);
    let auth = map.text("client_auth_type");
    let client_auth = auth.and_then(|(word, spot)| {
        let found = ClientAuth::of(word);
        if found.is_none() {
            let message = format!(
                "`client_auth_type` cannot be {word:?}; {}",
                ClientAuth::WANTED
            );
            mistakes.add(spot, message);
        }
        found
    });
    let sans = map.texts("client_allowed_sans");
    let min = version(&mut map, "min_version", Version::Tls12, mistakes);
    let max = version(&mut map, "max_version", Version::Tls13, mistakes);
    let cipher_suites = known(&mut map, "cipher_suites", &CIPHERS, mistakes);
    let curves = known(&mut map, "curve_preferences", &CURVES, mistakes);
    let prefers = map.flag("prefer_server_cipher_suites");
    map.finish();
    if certificate.is_none() && key.is_none() && client_ca.is_none() && auth.is_none() {
        return None;
    }
    if certificate.is_none() {
        mistakes.add(at, "`cert_file` is missing: the server's certificate");
    }
    if key.is_none() {
        mistakes.add(
            at,
            "`key_file` is missing: the private key of the certificate",
        );
    }
    let client_auth = client_auth.unwrap_or_default();
    if client_ca.is_some() && client_auth == ClientAuth::None {
        let message = "`client_ca_file` does nothing without `client_auth_type`, such as \
            RequireAndVerifyClientCert";
        mistakes.add(at, message);
    }
    if client_ca.is_none() && client_auth.verifies() {
        let message = "`client_ca_file` is missing: without it no client can be verified";
        mistakes.add(at, message);
    }
    if sans.is_some() && !client_auth.requires() {
        let message = "`client_allowed_sans` needs `client_auth_type` to be \
            RequireAndVerifyClientCert or RequireAnyClientCert";
        mistakes.add(at, message);
    }
    if max < Version::Tls12 || max < min {
        let message = "`max_version` leaves no version: TLS12 and TLS13 are spoken";
        mistakes.add(at, message);
    }
    let names = |texts: Vec<(&str, Spot)>| -> Vec<String> {
        texts.into_iter().map(|(name, _)| name.to_owned()).collect()
    };
    Some(Tls {
        certificate: certificate?,
        key: key?,
        client_auth,
        client_ca,
        client_allowed_sans: sans.map(names),
        min_version: min,
        max_version: max,
        cipher_suites,
        curves,
        prefer_server_ciphers: prefers.unwrap_or(true),
        at,
    })
}

/// What a file holds, or the key for the text itself.
fn material(
    map: &mut Map<'_, '_>,
    file: &'static str,
    inline: &'static str,
    folder: &Path,
) -> Option<Material> {
    let written = map.text(inline).filter(|(text, _)| !text.is_empty());
    let path = map.text(file).filter(|(path, _)| !path.is_empty());
    match (path, written) {
        (Some((path, _)), _) => Some(Material::File(folder.join(path))),
        (None, Some((text, _))) => Some(Material::Inline(text.to_owned())),
        (None, None) => None,
    }
}

fn version(
    map: &mut Map<'_, '_>,
    key: &'static str,
    usual: Version,
    mistakes: &Mistakes<'_>,
) -> Version {
    let Some((word, spot)) = map.text(key) else {
        return usual;
    };
    Version::of(word).unwrap_or_else(|| {
        mistakes.add(
            spot,
            format!("`{key}` cannot be {word:?}; {}", Version::WANTED),
        );
        usual
    })
}

/// The words of a list, each of which must be known to Prometheus.
fn known(
    map: &mut Map<'_, '_>,
    key: &'static str,
    words: &[&str],
    mistakes: &Mistakes<'_>,
) -> Vec<String> {
    let mut found = Vec::new();
    for (word, spot) in map.texts(key).unwrap_or_default() {
        if words.contains(&word) {
            found.push(word.to_owned());
        } else {
            let list = words.join(", ");
            mistakes.add(spot, format!("`{key}` cannot have {word:?}; known: {list}"));
        }
    }
    found
}

#[cfg(test)]
mod tests;
