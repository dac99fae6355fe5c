//! Where SONiC's databases are: the table `[sonic]`.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::tomlfile::{At, Table};

/// Where SONiC's Redis listens unless told otherwise.
const DEFAULT_SOCKET: &str = "/var/run/redis/redis.sock";

/// The numbers of SONiC's databases unless told otherwise (its
/// `database_config.json`).
const APPL_DB: u16 = 0;
const COUNTERS_DB: u16 = 2;
const STATE_DB: u16 = 6;

/// The highest number of a database that may be configured.
const LAST_DATABASE: u16 = 1023;

/// How to get at SONiC's databases.
#[derive(Clone, PartialEq, Eq)]
pub struct Sonic {
    /// Where Redis listens.
    pub address: RedisAddress,
    /// The password, where Redis wants one.
    pub password: Option<String>,
    /// The number of COUNTERS_DB.
    pub counters_db: u16,
    /// The number of APPL_DB.
    pub appl_db: u16,
    /// The number of STATE_DB.
    pub state_db: u16,
}

/// Where Redis listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedisAddress {
    /// A unix socket.
    Unix(PathBuf),
    /// A TCP port of this machine.
    Tcp(SocketAddr),
}

impl fmt::Display for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "{}", path.display()),
            Self::Tcp(address) => write!(f, "{address}"),
        }
    }
}

/// Without the password, so that no log has it.
impl fmt::Debug for Sonic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sonic")
            .field("address", &self.address)
            .field("counters_db", &self.counters_db)
            .field("appl_db", &self.appl_db)
            .field("state_db", &self.state_db)
            .finish_non_exhaustive()
    }
}

impl Default for Sonic {
    fn default() -> Self {
        Self {
            address: RedisAddress::Unix(PathBuf::from(DEFAULT_SOCKET)),
            password: None,
            counters_db: COUNTERS_DB,
            appl_db: APPL_DB,
            state_db: STATE_DB,
        }
    }
}

/// The table `[sonic]` of the configuration.
pub(super) fn sonic(root: &mut Table<'_>) -> Sonic {
    let usual = Sonic::default();
    let Some(mut table) = root.key("sonic").table() else {
        return usual;
    };
    let found = Sonic {
        address: address(&mut table).unwrap_or(usual.address),
        password: table.key("password").text().map(|at| at.value.to_owned()),
        counters_db: number(&mut table, "counters_db", usual.counters_db),
        appl_db: number(&mut table, "appl_db", usual.appl_db),
        state_db: number(&mut table, "state_db", usual.state_db),
    };
    table.finish();
    found
}

fn number(table: &mut Table<'_>, key: &'static str, usual: u16) -> u16 {
    let given = table.key(key).whole_in(0..=LAST_DATABASE);
    given.map_or(usual, |at| at.value)
}

/// Redis has no protection on the way, so only this machine's is asked.
fn address(table: &mut Table<'_>) -> Option<RedisAddress> {
    let At { value: text, spot } = table.key("address").text()?;
    if text.starts_with('/') {
        return Some(RedisAddress::Unix(PathBuf::from(text)));
    }
    match text.parse::<SocketAddr>() {
        Ok(address) if address.ip().is_loopback() => Some(RedisAddress::Tcp(address)),
        _ => {
            let message = format!(
                "`address` cannot be {text:?}; expected a unix socket such as \
                 \"{DEFAULT_SOCKET}\" or a port of this machine such as \"127.0.0.1:6379\""
            );
            table.mistake(spot, message);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    const PORT: &str = "[[port]]\nname = 'a'\nsim = 'lpo-800g'\n";

    fn parse(text: &str) -> Result<Sonic, Vec<String>> {
        match Config::parse(&format!("{PORT}{text}"), Path::new("f")) {
            Ok(config) => Ok(config.sonic),
            Err(mistakes) => Err(mistakes.iter().map(ToString::to_string).collect()),
        }
    }

    #[test]
    fn what_is_left_out_is_as_sonic_has_it() {
        let usual = parse("").unwrap();
        assert_eq!(usual, Sonic::default());
        assert_eq!(usual.address.to_string(), "/var/run/redis/redis.sock");
        assert_eq!(parse("[sonic]\n").unwrap(), usual);
        let told = parse(
            "[sonic]\naddress = '127.0.0.1:6379'\npassword = 's3cret'\ncounters_db = 12\n\
             appl_db = 10\nstate_db = 16\n",
        );
        let told = told.unwrap();
        assert_eq!(told.address.to_string(), "127.0.0.1:6379");
        assert_eq!(told.password.as_deref(), Some("s3cret"));
        let numbers = (told.counters_db, told.appl_db, told.state_db);
        assert_eq!(numbers, (12, 10, 16));
        assert!(!format!("{told:?}").contains("s3cret"));
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let told = parse("[sonic]\naddress = '10.0.0.1:6379'\ncounter_db = 2\nappl_db = 'x'\n");
        let expected = [
            "f:5:11: `address` cannot be \"10.0.0.1:6379\"; expected a unix socket such as \
             \"/var/run/redis/redis.sock\" or a port of this machine such as \"127.0.0.1:6379\"",
            "f:6:1: unknown key `counter_db`; did you mean `counters_db`?",
            "f:7:11: `appl_db` is the text \"x\"; expected a whole number from 0 to 1023",
        ];
        assert_eq!(told.unwrap_err(), expected);
    }
}
