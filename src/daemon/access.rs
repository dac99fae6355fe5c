//! Who may see what is served, as the web configuration file says it.
//!
//! The file, and the certificates and keys that it names, are looked at once a
//! second and read again when they changed. What cannot be used leaves the old in
//! force and is told: a bad renewal locks nobody out.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use arc_swap::ArcSwapOption;
use axum::http::header::{
    AUTHORIZATION, CONTENT_SECURITY_POLICY, HeaderName, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS, X_XSS_PROTECTION,
};
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::digest::{Context as Digest, SHA256};
use rustls::ServerConfig;
use tokio::sync::Semaphore;
use tracing::{error, info, warn};

use super::tls::{self, NEAR_THE_END, ServerTls};
use crate::config::web::{Header, WebFile};
use crate::report::{Fleet, WebStatus};
use crate::tomlfile::Mistake;

/// A hash of a password that nobody has, for users that are not known: they are
/// to take as long as those that are.
const NOBODY: &str = "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze";

/// How many right passwords are remembered.
const MOST_REMEMBERED: usize = 1024;

/// Why the web configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The file cannot be read.
    #[error("cannot read the web configuration {}: {source}; write it, or correct `web_config`", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Mistakes in the file.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Mistakes(Vec<Mistake>),
}

/// What the web configuration says, ready for use.
#[derive(Debug)]
pub struct Access {
    path: PathBuf,
    tls: Option<ServerTls>,
    users: BTreeMap<String, String>,
    headers: Vec<(HeaderName, Option<HeaderValue>)>,
    /// What the files were like when they were read.
    stamps: Stamps,
}

/// What files are like from outside; those that are not there have nothing.
type Stamps = Vec<(PathBuf, Option<(u64, u64, i64, i64)>)>;

impl Access {
    /// Reads a web configuration with all that it names.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(path: &Path) -> Result<Self, AccessError> {
        Self::read_noting(path).0
    }

    /// The same, and what the files were like.
    fn read_noting(path: &Path) -> (Result<Self, AccessError>, Stamps) {
        // Looked at before they are read: a change in between is seen later.
        let mut stamps = vec![(path.to_owned(), stamp(path))];
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(source) => {
                let path = path.to_owned();
                return (Err(AccessError::Unreadable { path, source }), stamps);
            }
        };
        let web = match WebFile::parse(&text, path) {
            Ok(web) => web,
            Err(mistakes) => return (Err(AccessError::Mistakes(mistakes)), stamps),
        };
        let named = web.files().into_iter();
        stamps.extend(named.map(|file| (file.to_owned(), stamp(file))));
        let tls = match &web.tls {
            None => None,
            Some(settings) => match tls::load(settings) {
                Ok(tls) => Some(tls),
                Err(said) => {
                    let mistake = settings.at.mistake(path, said);
                    return (Err(AccessError::Mistakes(vec![mistake])), stamps);
                }
            },
        };
        let headers = web.headers.iter().filter_map(|(header, value)| {
            let value = match value.as_str() {
                "" => None,
                text => Some(HeaderValue::from_str(text).ok()?),
            };
            Some((name(*header), value))
        });
        let access = Self {
            path: path.to_owned(),
            tls,
            users: web.users.clone(),
            headers: headers.collect(),
            stamps: stamps.clone(),
        };
        (Ok(access), stamps)
    }

    /// When the certificate that is served with runs out; `None` without TLS.
    pub fn certificate_expires(&self) -> Option<SystemTime> {
        self.tls.as_ref().map(|tls| tls.expires)
    }

    /// The headers to put on answers; one without value is not to be sent.
    pub fn headers(&self) -> &[(HeaderName, Option<HeaderValue>)] {
        &self.headers
    }

    fn status(&self, good: bool) -> WebStatus {
        WebStatus {
            good,
            certificate_expires: self.certificate_expires(),
        }
    }
}

fn stamp(path: &Path) -> Option<(u64, u64, i64, i64)> {
    let about = fs::metadata(path).ok()?;
    Some((about.ino(), about.size(), about.mtime(), about.mtime_nsec()))
}

fn name(header: Header) -> HeaderName {
    match header {
        Header::StrictTransportSecurity => STRICT_TRANSPORT_SECURITY,
        Header::ContentTypeOptions => X_CONTENT_TYPE_OPTIONS,
        Header::FrameOptions => X_FRAME_OPTIONS,
        Header::XssProtection => X_XSS_PROTECTION,
        Header::ContentSecurityPolicy => CONTENT_SECURITY_POLICY,
    }
}

/// The gate that requests come through.
#[derive(Debug)]
pub struct Gate {
    access: ArcSwapOption<Access>,
    fleet: Arc<Fleet>,
    /// What the files were like at the last attempt to read them.
    tried: Mutex<Stamps>,
    /// Digests of passwords that were right. Hashing is slow on purpose.
    right: Mutex<HashSet<Vec<u8>>>,
    /// Passwords are hashed one at a time: guessing costs one core at most.
    hashing: Semaphore,
}

impl Gate {
    /// An open gate; how the web configuration is doing is published in `fleet`.
    pub fn new(fleet: Arc<Fleet>) -> Self {
        Self {
            access: ArcSwapOption::empty(),
            fleet,
            tried: Mutex::default(),
            right: Mutex::default(),
            hashing: Semaphore::new(1),
        }
    }

    /// Puts a web configuration in force; `None` opens the gate for everybody.
    pub fn put(&self, access: Option<Access>, now: SystemTime) {
        let stamps = access.as_ref().map(|access| access.stamps.clone());
        *self.tried.lock().unwrap_or_else(PoisonError::into_inner) = stamps.unwrap_or_default();
        if let Some(access) = &access {
            warn_of_expiry(access, now);
        }
        let status = access.as_ref().map(|access| access.status(true));
        self.fleet.web.store(status.map(Arc::new));
        self.access.store(access.map(Arc::new));
    }

    /// Reads the web configuration again if any of its files changed.
    pub fn look(&self, now: SystemTime) {
        let Some(current) = self.access.load_full() else {
            return;
        };
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        if tried.iter().all(|(path, seen)| stamp(path) == *seen) {
            return;
        }
        let (outcome, stamps) = Access::read_noting(&current.path);
        *tried = stamps;
        match outcome {
            Ok(access) => {
                info!(file = %current.path.display(), "web configuration read again");
                warn_of_expiry(&access, now);
                self.fleet.web.store(Some(Arc::new(access.status(true))));
                self.access.store(Some(Arc::new(access)));
            }
            Err(refusal) => {
                for mistake in refusal.to_string().lines() {
                    error!("{mistake}");
                }
                error!("the web configuration is refused, the old one stays in force");
                self.fleet.web.store(Some(Arc::new(current.status(false))));
            }
        }
    }

    /// What is in force; `None` if everybody may see everything.
    pub fn access(&self) -> Option<Arc<Access>> {
        self.access.load_full()
    }

    /// How a connection is accepted; `None` for plain HTTP.
    pub fn tls(&self) -> Option<Arc<ServerConfig>> {
        let access = self.access.load();
        let tls = access.as_ref()?.tls.as_ref()?;
        Some(Arc::clone(&tls.config))
    }

    /// Whether a request with these headers may pass.
    pub async fn admits(&self, access: &Access, headers: &HeaderMap) -> bool {
        if access.users.is_empty() {
            return true;
        }
        let Some((user, password)) = headers.get(AUTHORIZATION).and_then(credentials) else {
            return false;
        };
        let known = access.users.get(&user);
        let hash = known.map_or(NOBODY, String::as_str).to_owned();
        let digest = digest(&[&user, &hash, &password]);
        let remembered = || self.right.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_some() && remembered().contains(&digest) {
            return true;
        }
        // The semaphore is never closed.
        let _turn = self.hashing.acquire().await;
        let check = tokio::task::spawn_blocking(move || bcrypt::verify(password, &hash));
        let is_right = matches!(check.await, Ok(Ok(true))) && known.is_some();
        if is_right {
            let mut right = remembered();
            if right.len() >= MOST_REMEMBERED {
                right.clear();
            }
            right.insert(digest);
        }
        is_right
    }
}

/// Tells of a certificate that ran out or soon will.
fn warn_of_expiry(access: &Access, now: SystemTime) {
    let Some(tls) = &access.tls else {
        return;
    };
    let file = access.path.display();
    match tls.expires.duration_since(now) {
        Err(_) => warn!(%file, "the server's certificate has expired; clients will refuse it"),
        Ok(left) if left < NEAR_THE_END => {
            let days = left.as_secs() / 86_400;
            warn!(%file, "the server's certificate expires in {days} days");
        }
        Ok(_) => {}
    }
}

/// User and password of basic authentication (RFC 7617).
fn credentials(header: &HeaderValue) -> Option<(String, String)> {
    let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = BASE64_STANDARD.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// One number for some texts, none of which can be had back.
fn digest(texts: &[&str]) -> Vec<u8> {
    let mut digest = Digest::new(&SHA256);
    for text in texts {
        digest.update(&text.len().to_be_bytes());
        digest.update(text.as_bytes());
    }
    digest.finish().as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::publish;

    fn gate(users: &str) -> (tempfile::TempDir, Gate) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web.yml");
        fs::write(&path, users).unwrap();
        let fleet = publish::fleet(SystemTime::UNIX_EPOCH);
        let gate = Gate::new(Arc::new(fleet));
        gate.put(Some(Access::read(&path).unwrap()), SystemTime::UNIX_EPOCH);
        (folder, gate)
    }

    fn ask(gate: &Gate, header: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert(AUTHORIZATION, HeaderValue::from_str(header).unwrap());
        }
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(gate.admits(&gate.access().unwrap(), &headers))
    }

    fn basic(user: &str, password: &str) -> String {
        let encoded = BASE64_STANDARD.encode(format!("{user}:{password}"));
        format!("Basic {encoded}")
    }

    #[test]
    fn only_the_right_password_passes_and_is_remembered() {
        let hash = bcrypt::hash("sec:ret", 4).unwrap();
        let (folder, gate) = gate(&format!("basic_auth_users: {{alice: '{hash}'}}\n"));
        for _ in 0..2 {
            assert!(ask(&gate, Some(&basic("alice", "sec:ret"))));
        }
        assert_eq!(gate.right.lock().unwrap().len(), 1);
        for wrong in [
            None,
            Some(basic("alice", "secret")),
            Some(basic("bob", "sec:ret")),
            Some("Basic %%%".to_owned()),
            Some("Bearer x".to_owned()),
        ] {
            assert!(!ask(&gate, wrong.as_deref()), "{wrong:?}");
        }
        // A new hash makes the remembered password worthless.
        let other = bcrypt::hash("other", 4).unwrap();
        let path = folder.path().join("web.yml");
        fs::write(&path, format!("basic_auth_users: {{alice: '{other}' }}\n")).unwrap();
        gate.look(SystemTime::UNIX_EPOCH);
        assert!(!ask(&gate, Some(&basic("alice", "sec:ret"))));
        assert!(ask(&gate, Some(&basic("alice", "other"))));
    }

    #[test]
    fn what_cannot_be_used_leaves_the_old_in_force() {
        let (folder, gate) = gate("http_server_config: {headers: {X-Frame-Options: deny}}\n");
        let path = folder.path().join("web.yml");
        fs::write(&path, "nonsense: true\n").unwrap();
        gate.look(SystemTime::UNIX_EPOCH);
        assert_eq!(gate.access().unwrap().headers().len(), 1);
        assert!(!gate.fleet.web.load_full().unwrap().good);
        fs::remove_file(&path).unwrap();
        gate.look(SystemTime::UNIX_EPOCH);
        assert_eq!(gate.access().unwrap().headers().len(), 1);
        fs::write(&path, "").unwrap();
        gate.look(SystemTime::UNIX_EPOCH);
        assert!(gate.access().unwrap().headers().is_empty());
        assert!(gate.fleet.web.load_full().unwrap().good);
    }
}
