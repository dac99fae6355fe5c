//! FEC counters of a SONiC switch, out of its databases.
//!
//! `COUNTERS_PORT_NAME_MAP` names the object of a port, `COUNTERS:oid` holds
//! what the switch chip counted, `RATES:oid` what SONiC makes of it, `PORT_TABLE`
//! speed, lanes and code. All ports together cost two questions to Redis. A port
//! that was renamed or made anew has another object, so the map is read each time.

use std::time::Duration;

use redis::{
    Client, Connection, ConnectionAddr, ErrorKind, IntoConnectionInfo, Pipeline,
    RedisConnectionInfo, RedisError, RedisResult, Value,
};

use super::sonic_row::{APPLIED, COUNTERS, IN_USE, RATES, Row};
use super::{Silence, SilenceKind, Teller};
use crate::clock::Clock;
use crate::config::{self, RedisAddress};
use crate::health::host_fec::HostFec;

/// How long Redis may take for an answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where the names of ports are mapped to their objects.
const NAME_MAP: &str = "COUNTERS_PORT_NAME_MAP";

/// SONiC's databases.
pub struct Sonic {
    access: config::Sonic,
    connection: Option<Connection>,
}

impl Sonic {
    /// The databases; they are connected to when first asked.
    pub fn new(access: config::Sonic) -> Self {
        Self {
            access,
            connection: None,
        }
    }

    /// The rows of the ports, or why there are none at all.
    fn rows(&mut self, ports: &[String]) -> Result<Vec<Result<Row, Silence>>, Silence> {
        let objects = self.objects(ports)?;
        let mut pipeline = redis::pipe();
        pipeline.cmd("SELECT").arg(self.access.counters_db);
        let known = || objects.iter().filter_map(|object| object.as_ref().ok());
        for oid in known() {
            fields(&mut pipeline, &format!("COUNTERS:{oid}"), &COUNTERS);
            fields(&mut pipeline, &format!("RATES:{oid}"), &RATES);
        }
        let named = || {
            let pairs = ports.iter().zip(&objects);
            pairs
                .filter(|(_, object)| object.is_ok())
                .map(|(port, _)| port)
        };
        pipeline.cmd("SELECT").arg(self.access.appl_db);
        for port in named() {
            fields(&mut pipeline, &format!("PORT_TABLE:{port}"), &APPLIED);
        }
        pipeline.cmd("SELECT").arg(self.access.state_db);
        for port in named() {
            fields(&mut pipeline, &format!("PORT_TABLE|{port}"), &IN_USE);
        }
        let mut answers = self.ask(&mut pipeline)?.into_iter();
        let mut next = || answers.next().unwrap_or(Ok(Value::Nil));
        self.selected(next())?;
        let mut counted = Vec::new();
        for _ in known() {
            counted.push((next(), next()));
        }
        // A switch whose other databases are elsewhere still counts.
        let count = counted.len();
        let _ = next();
        let applied: Vec<_> = (0..count).map(|_| next()).collect();
        let _ = next();
        let in_use: Vec<_> = (0..count).map(|_| next()).collect();
        let mut found = counted.into_iter().zip(applied).zip(in_use);
        let row = |(port, object): (&String, Result<String, Silence>)| {
            let oid = object?;
            let Some((((counters, rates), applied), in_use)) = found.next() else {
                return Err(Silence::new(SilenceKind::Malformed, "too few answers"));
            };
            let key = format!("COUNTERS:{oid} of {port}");
            Ok(Row {
                counters: self
                    .texts(counters)
                    .map_err(|error| self.of_key(&key, &error))?,
                rates: self.texts(rates).unwrap_or_default(),
                applied: self.texts(applied).unwrap_or_default(),
                in_use: self.texts(in_use).unwrap_or_default(),
            })
        };
        Ok(ports.iter().zip(objects).map(row).collect())
    }

    /// The object of each port.
    fn objects(&mut self, ports: &[String]) -> Result<Vec<Result<String, Silence>>, Silence> {
        let mut pipeline = redis::pipe();
        pipeline.cmd("SELECT").arg(self.access.counters_db);
        fields(&mut pipeline, NAME_MAP, ports);
        let mut answers = self.ask(&mut pipeline)?.into_iter();
        self.selected(answers.next().unwrap_or(Ok(Value::Nil)))?;
        let map = answers.next().unwrap_or(Ok(Value::Nil));
        let names = self
            .texts(map)
            .map_err(|error| self.of_key(NAME_MAP, &error))?;
        let all = names.into_iter().chain(std::iter::repeat(None));
        let object = |(port, name): (&String, Option<String>)| {
            name.ok_or_else(|| {
                Silence::new(
                    SilenceKind::NoSuchPort,
                    format!(
                        "SONiC has no counters of a port {port} in {NAME_MAP} of database {} at \
                         {}; see `show interfaces status`, and correct `fec` of the port",
                        self.access.counters_db, self.access.address
                    ),
                )
            })
        };
        Ok(ports.iter().zip(all).map(object).collect())
    }

    /// The answers to a pipeline, one for each command.
    fn ask(&mut self, pipeline: &mut Pipeline) -> Result<Vec<RedisResult<Value>>, Silence> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect().map_err(|error| self.silence(&error))?,
        };
        let outcome = pipeline.ignore_errors().query(&mut connection);
        // After an error of the connection answers may still be on their way.
        if outcome.is_ok() {
            self.connection = Some(connection);
        }
        outcome.map_err(|error| self.silence(&error))
    }

    fn connect(&self) -> RedisResult<Connection> {
        let address = match &self.access.address {
            RedisAddress::Unix(path) => ConnectionAddr::Unix(path.clone()),
            RedisAddress::Tcp(address) => {
                ConnectionAddr::Tcp(address.ip().to_string(), address.port())
            }
        };
        let mut settings = RedisConnectionInfo::default().set_skip_set_lib_name();
        if let Some(password) = &self.access.password {
            settings = settings.set_password(password);
        }
        let info = address.into_connection_info()?.set_redis_settings(settings);
        let connection = Client::open(info)?.get_connection_with_timeout(PATIENCE)?;
        connection.set_read_timeout(Some(PATIENCE))?;
        connection.set_write_timeout(Some(PATIENCE))?;
        Ok(connection)
    }

    /// Checks that a database could be selected: what follows is out of it.
    fn selected(&self, answer: RedisResult<Value>) -> Result<(), Silence> {
        match answer {
            Ok(Value::ServerError(error)) => Err(self.silence(&error.into())),
            Ok(_) => Ok(()),
            Err(error) => Err(self.silence(&error)),
        }
    }

    /// The texts of some fields.
    fn texts(&self, answer: RedisResult<Value>) -> RedisResult<Vec<Option<String>>> {
        match answer? {
            Value::ServerError(error) => Err(error.into()),
            value => Ok(redis::from_redis_value(value)?),
        }
    }

    /// What is wrong with a key.
    fn of_key(&self, key: &str, error: &RedisError) -> Silence {
        let silence = self.silence(error);
        Silence::new(silence.kind, format!("{key}: {}", silence.said))
    }

    /// What is wrong with Redis, and what to do about it.
    fn silence(&self, error: &RedisError) -> Silence {
        let code = error.code().unwrap_or_default();
        let (kind, advice) = match error.kind() {
            _ if error.is_timeout() => (SilenceKind::TimedOut, ""),
            ErrorKind::AuthenticationFailed => (
                SilenceKind::Refused,
                "; correct `password` in [sonic], or take it out",
            ),
            _ if matches!(code, "NOAUTH" | "WRONGPASS" | "NOPERM") => (
                SilenceKind::Refused,
                "; Redis wants a password: set `password` in [sonic]",
            ),
            _ if error_is_of_permission(error) => (
                SilenceKind::Refused,
                "; let the user that opticsd runs as open the socket (group redis on SONiC)",
            ),
            ErrorKind::Io => (
                SilenceKind::Unreachable,
                "; is this a SONiC switch, and `address` in [sonic] where its Redis listens?",
            ),
            ErrorKind::Server(_) | ErrorKind::Extension if code == "WRONGTYPE" => (
                SilenceKind::Malformed,
                "; this is not how SONiC keeps it: is it the right database?",
            ),
            ErrorKind::Server(_) | ErrorKind::Extension => (SilenceKind::Unreachable, ""),
            _ => (SilenceKind::Malformed, ""),
        };
        Silence::new(
            kind,
            format!("Redis at {}: {error}{advice}", self.access.address),
        )
    }
}

/// Whether the operating system forbids it.
fn error_is_of_permission(error: &RedisError) -> bool {
    use std::error::Error;
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    let kind = cause.map(std::io::Error::kind);
    kind == Some(std::io::ErrorKind::PermissionDenied)
}

/// Adds a question for fields of a hash.
fn fields<T: redis::ToRedisArgs>(pipeline: &mut Pipeline, key: &str, names: &[T]) {
    pipeline.cmd("HMGET").arg(key).arg(names);
}

impl Teller for Sonic {
    fn tell(&mut self, ports: &[String], clock: &dyn Clock) -> Vec<Result<HostFec, Silence>> {
        if ports.is_empty() {
            return Vec::new();
        }
        match self.rows(ports) {
            Ok(rows) => {
                let now = clock.now();
                let pairs = ports.iter().zip(rows);
                pairs.map(|(port, row)| row?.fec(port, now)).collect()
            }
            // One reason for all.
            Err(silence) => ports.iter().map(|_| Err(silence.clone())).collect(),
        }
    }
}
