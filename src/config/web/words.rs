//! The words of the web configuration file, as Go and its TLS call them.

/// The suites that Prometheus knows. Of the older ones, this build has none.
pub(super) const CIPHERS: [&str; 17] = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
];

/// The curves that Prometheus knows.
pub(super) const CURVES: [&str; 4] = ["CurveP256", "CurveP384", "CurveP521", "X25519"];

/// Whether clients are to have certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientAuth {
    /// They are not asked for.
    #[default]
    None,
    /// They are asked for, and may be of anybody.
    Request,
    /// They must be there, and may be of anybody.
    RequireAny,
    /// If there is one it must be good.
    VerifyIfGiven,
    /// They must be there and good.
    RequireAndVerify,
}

impl ClientAuth {
    /// What is expected.
    pub(super) const WANTED: &'static str = "expected NoClientCert, RequestClientCert, \
         RequireAnyClientCert, VerifyClientCertIfGiven or RequireAndVerifyClientCert";

    pub(super) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "" | "NoClientCert" => Self::None,
            "RequestClientCert" => Self::Request,
            "RequireAnyClientCert" | "RequireClientCert" => Self::RequireAny,
            "VerifyClientCertIfGiven" => Self::VerifyIfGiven,
            "RequireAndVerifyClientCert" => Self::RequireAndVerify,
            _ => return None,
        })
    }

    /// Whether a client without one is sent away.
    pub fn requires(self) -> bool {
        matches!(self, Self::RequireAny | Self::RequireAndVerify)
    }

    /// Whether it must be signed by a known authority.
    pub fn verifies(self) -> bool {
        matches!(self, Self::VerifyIfGiven | Self::RequireAndVerify)
    }
}

/// Versions of TLS. The first two are not spoken; as the oldest version they mean
/// the oldest that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the versions")]
pub enum Version {
    Tls10,
    Tls11,
    Tls12,
    Tls13,
}

impl Version {
    /// What is expected.
    pub(super) const WANTED: &'static str = "expected TLS12 or TLS13";

    pub(super) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "TLS10" => Self::Tls10,
            "TLS11" => Self::Tls11,
            "TLS12" => Self::Tls12,
            "TLS13" => Self::Tls13,
            _ => return None,
        })
    }
}

/// The headers that can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the headers")]
pub enum Header {
    StrictTransportSecurity,
    ContentTypeOptions,
    FrameOptions,
    XssProtection,
    ContentSecurityPolicy,
}

impl Header {
    /// What is expected.
    pub(super) const WANTED: &'static str = "expected Content-Security-Policy, \
         Strict-Transport-Security, X-Content-Type-Options, X-Frame-Options or X-XSS-Protection";

    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "Strict-Transport-Security" => Self::StrictTransportSecurity,
            "X-Content-Type-Options" => Self::ContentTypeOptions,
            "X-Frame-Options" => Self::FrameOptions,
            "X-XSS-Protection" => Self::XssProtection,
            "Content-Security-Policy" => Self::ContentSecurityPolicy,
            _ => return None,
        })
    }

    /// The values that it can have, where they are few.
    fn values(self) -> &'static [&'static str] {
        match self {
            Self::ContentTypeOptions => &["nosniff"],
            Self::FrameOptions => &["deny", "sameorigin"],
            _ => &[],
        }
    }

    /// Whether it can have a value.
    pub(super) fn takes(self, value: &str) -> bool {
        let few = self.values();
        let is_sendable = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        is_sendable && (few.is_empty() || few.contains(&value))
    }

    pub(super) fn wanted(self) -> String {
        match self.values() {
            [] => "expected plain text on one line".to_owned(),
            few => format!("expected {}", few.join(" or ")),
        }
    }
}

/// Whether a text is a hash of bcrypt: `$2y$10$` and 53 characters of salt and
/// hash. The cost, two digits, is 4 to 31.
pub(super) fn is_bcrypt(text: &str) -> bool {
    let rest = ["$2a$", "$2b$", "$2x$", "$2y$", "$2$"]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix));
    let parts = rest.and_then(|rest| rest.split_once('$'));
    let is_of_alphabet = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '/';
    parts.is_some_and(|(cost, hash)| {
        let cost: Option<u8> = cost.parse().ok().filter(|_| cost.len() == 2);
        cost.is_some_and(|cost| (4..=31).contains(&cost))
            && hash.len() == 53
            && hash.chars().all(is_of_alphabet)
    })
}
