//! TLS as the web configuration wants it.

use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring as provider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, NamedGroup, RootCertStore,
    ServerConfig, SignatureScheme, SupportedCipherSuite, SupportedProtocolVersion, crypto, version,
};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::config::web::{ClientAuth, Material, Tls, Version};

/// How to serve TLS, ready for use.
#[derive(Debug, Clone)]
pub struct ServerTls {
    /// What connections are accepted with.
    pub config: Arc<ServerConfig>,
    /// When the first certificate of the server's chain runs out.
    pub expires: SystemTime,
}

/// Reads certificates and keys.
///
/// # Errors
/// What is wrong with which of them, and what to do about it. No key is in it.
pub fn load(settings: &Tls) -> Result<ServerTls, String> {
    let chain = certificates(&settings.certificate, "cert_file")?;
    let leaf = chain.first().ok_or("`cert_file` holds no certificate")?;
    let expires = expiry(leaf).ok_or("the certificate in `cert_file` is malformed")?;
    let key = bytes(&settings.key, "key_file")?;
    let key = PrivateKeyDer::from_pem_slice(&key)
        .map_err(|error| format!("`key_file` holds no private key in PEM: {error}"))?;
    let provider = Arc::new(suited(settings)?);
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions(settings))
        .map_err(|error| format!("no TLS version can be spoken: {error}"))?;
    let builder = match settings.client_auth {
        ClientAuth::None => builder.with_no_client_auth(),
        wanted => builder.with_client_cert_verifier(verifier(settings, wanted, &provider)?),
    };
    let mut config = builder.with_single_cert(chain, key).map_err(|error| {
        format!("certificate and key cannot be used together: {error}; do they belong together?")
    })?;
    config.ignore_client_order = settings.prefer_server_ciphers;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(ServerTls {
        config: Arc::new(config),
        expires,
    })
}

/// The bytes of some material; `what` is the key that names it.
fn bytes(material: &Material, what: &str) -> Result<Vec<u8>, String> {
    match material {
        Material::Inline(text) => Ok(text.clone().into_bytes()),
        Material::File(path) => read(path, what),
    }
}

fn read(path: &Path, what: &str) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| {
        format!(
            "cannot read `{what}` {}: {error}; let the user that opticsd runs as read it",
            path.display()
        )
    })
}

fn certificates(material: &Material, what: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let bytes = bytes(material, what)?;
    let found = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
    found.map_err(|error| format!("`{what}` holds no certificates in PEM: {error}"))
}

/// When a certificate runs out.
fn expiry(certificate: &CertificateDer<'_>) -> Option<SystemTime> {
    let parsed = Certificate::from_der(certificate).ok()?;
    let end = parsed.tbs_certificate().validity().not_after;
    SystemTime::UNIX_EPOCH.checked_add(end.to_unix_duration())
}

/// The versions from the oldest to the newest wanted.
fn versions(settings: &Tls) -> &'static [&'static SupportedProtocolVersion] {
    static BOTH: [&SupportedProtocolVersion; 2] = [&version::TLS13, &version::TLS12];
    static NEW: [&SupportedProtocolVersion; 1] = [&version::TLS13];
    static OLD: [&SupportedProtocolVersion; 1] = [&version::TLS12];
    match (settings.min_version, settings.max_version) {
        (Version::Tls13, _) => &NEW,
        (_, Version::Tls13) => &BOTH,
        _ => &OLD,
    }
}

/// The cryptography with the suites and curves wanted, in their order. The suites
/// of TLS 1.3 are always there, as they are for Go.
fn suited(settings: &Tls) -> Result<CryptoProvider, String> {
    let mut provider = provider::default_provider();
    if !settings.cipher_suites.is_empty() {
        let all = std::mem::take(&mut provider.cipher_suites);
        let is_new = |suite: &SupportedCipherSuite| suite.tls13().is_some();
        let (new, old): (Vec<_>, Vec<_>) = all.into_iter().partition(is_new);
        let wanted = settings.cipher_suites.iter().filter_map(|name| {
            let named = |suite: &&SupportedCipherSuite| suite.suite().as_str() == Some(name);
            old.iter().find(named).copied()
        });
        let wanted: Vec<_> = wanted.collect();
        if wanted.is_empty() && settings.max_version == Version::Tls12 {
            return Err(
                "`cipher_suites` has none that this build knows for TLS 1.2; the ECDHE \
                 suites with GCM or CHACHA20 are"
                    .to_owned(),
            );
        }
        provider.cipher_suites = new.into_iter().chain(wanted).collect();
    }
    if !settings.curves.is_empty() {
        let all = std::mem::take(&mut provider.kx_groups);
        let group = |name: &String| {
            let group = match name.as_str() {
                "X25519" => NamedGroup::X25519,
                "CurveP256" => NamedGroup::secp256r1,
                "CurveP384" => NamedGroup::secp384r1,
                _ => return None,
            };
            all.iter().find(|known| known.name() == group).copied()
        };
        provider.kx_groups = settings.curves.iter().filter_map(group).collect();
        if provider.kx_groups.is_empty() {
            return Err(
                "`curve_preferences` has none that this build knows; X25519, CurveP256 \
                 and CurveP384 are"
                    .to_owned(),
            );
        }
    }
    Ok(provider)
}

/// Who looks at the certificates of clients.
fn verifier(
    settings: &Tls,
    wanted: ClientAuth,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let inner = match &settings.client_ca {
        Some(authority) if wanted.verifies() => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(authority, "client_ca_file")? {
                roots.add(certificate).map_err(|error| {
                    format!("a certificate in `client_ca_file` cannot be used: {error}")
                })?;
            }
            let builder =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
            let builder = match wanted.requires() {
                true => builder,
                false => builder.allow_unauthenticated(),
            };
            let built = builder.build();
            Some(built.map_err(|error| format!("`client_ca_file` cannot be used: {error}"))?)
        }
        Some(authority) => {
            certificates(authority, "client_ca_file")?;
            None
        }
        None => None,
    };
    Ok(Arc::new(Clients {
        inner,
        mandatory: wanted.requires(),
        names: settings.client_allowed_sans.clone(),
        algorithms: provider.signature_verification_algorithms,
    }))
}

/// Looks at the certificates of clients: by an authority where there is one, and
/// for their names where those are wanted.
#[derive(Debug)]
struct Clients {
    inner: Option<Arc<dyn ClientCertVerifier>>,
    mandatory: bool,
    names: Option<Vec<String>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for Clients {
    fn client_auth_mandatory(&self) -> bool {
        self.mandatory
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.inner
            .as_ref()
            .map_or(&[], |inner| inner.root_hint_subjects())
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if let Some(inner) = &self.inner {
            inner.verify_client_cert(end_entity, intermediates, now)?;
        }
        if let Some(allowed) = &self.names {
            let names = names_of(end_entity).unwrap_or_default();
            if !names.iter().any(|name| allowed.contains(name)) {
                return Err(CertificateError::ApplicationVerificationFailure.into());
            }
        }
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The alternative names of a certificate: hosts, mail, addresses, URIs.
fn names_of(certificate: &CertificateDer<'_>) -> Option<Vec<String>> {
    let parsed = Certificate::from_der(certificate).ok()?;
    let found = parsed.tbs_certificate().get_extension::<SubjectAltName>();
    let (_, SubjectAltName(names)) = found.ok()??;
    let name = |name: &GeneralName| match name {
        GeneralName::Rfc822Name(text)
        | GeneralName::DnsName(text)
        | GeneralName::UniformResourceIdentifier(text) => Some(text.to_string()),
        GeneralName::IpAddress(bytes) => address(bytes.as_bytes()).map(|ip| ip.to_string()),
        _ => None,
    };
    Some(names.iter().filter_map(name).collect())
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from))
        .ok()
}

/// How long before its end a certificate is worth a warning: a week is time
/// enough to get another.
pub const NEAR_THE_END: Duration = Duration::from_secs(7 * 86_400);
