//! Where page, API and metrics are served.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// A place to serve at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// An address and a port.
    Tcp(SocketAddr),
    /// A unix socket.
    Unix(PathBuf),
}

/// What a place to serve at looks like.
pub(super) const WANTED: &str =
    "address and port, such as \"0.0.0.0:10458\" or \"[::]:10458\", or \"unix:/path\"";

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = match text.strip_prefix("unix:") {
            Some(path) => path.starts_with('/').then(|| Self::Unix(path.into())),
            None => text.parse().ok().map(Self::Tcp),
        };
        found.ok_or_else(|| format!("expected {WANTED}"))
    }
}

/// Shown as it is written.
impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_as_it_is_shown() {
        for text in [
            "127.0.0.1:1",
            "[::]:10458",
            "unix:/run/opticsd/opticsd.sock",
        ] {
            assert_eq!(text.parse::<Listen>().unwrap().to_string(), text);
        }
        for text in ["localhost:1", "unix:", "unix:run", "/run/x", "1.2.3.4"] {
            assert!(text.parse::<Listen>().is_err(), "{text}");
        }
    }
}
