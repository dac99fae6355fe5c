//! Whether it serves, what, and to whom.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::time::{Duration, SystemTime};

use super::Report;
use super::machine::Machine;
use super::who::Who;
use crate::cli::client::Address;
use crate::config::web::WebFile;
use crate::config::{Config, Listen};
use crate::daemon::access::Access;
use crate::report::moment;

/// A certificate that is good for less is told.
const NEAR_THE_END: Duration = Duration::from_secs(14 * 86_400);

/// Whether the web configuration can be used.
pub(super) fn web(config: &Config, who: &Who, report: &mut Report) {
    const CHECK: &str = "web";
    let Some(path) = &config.web_config else {
        return;
    };
    let shown = path.display();
    let access = match Access::read(path) {
        Ok(access) => access,
        Err(error) => {
            report.fail(
                CHECK,
                error.to_string(),
                "correct it; the next start would fail",
            );
            return;
        }
    };
    let web = std::fs::read_to_string(path).ok();
    let web = web.and_then(|text| WebFile::parse(&text, path).ok());
    let files = web
        .iter()
        .flat_map(WebFile::files)
        .map(|file| file.to_owned());
    for file in std::iter::once(path.clone()).chain(files) {
        if !who.may(&file, false) {
            report.fail(
                CHECK,
                format!("{} cannot be read by {who}", file.display()),
                format!("chgrp {} {1} && chmod g+r {1}", who.group(), file.display()),
            );
        }
    }
    let expires = access.certificate_expires();
    if let Some(expires) = expires {
        let left = expires
            .duration_since(SystemTime::now())
            .unwrap_or_default();
        let advice = "renew it; the daemon reads it again by itself";
        if left.is_zero() {
            report.fail(
                CHECK,
                format!("the certificate expired at {}", moment::utc(expires)),
                advice,
            );
        } else if left < NEAR_THE_END {
            report.warn(
                CHECK,
                format!("the certificate expires at {}", moment::utc(expires)),
                advice,
            );
        }
    }
    if report.troubles(CHECK) == 0 {
        let until = expires.map(|at| format!(", its certificate good until {}", moment::utc(at)));
        report.ok(
            CHECK,
            format!("{shown} can be used{}", until.unwrap_or_default()),
        );
    }
}

/// Whether a daemon answers, and is of this version; if none does, whether it could
/// listen.
pub(super) fn daemon(machine: &Machine, config: &Config, from: Option<&str>, report: &mut Report) {
    if !machine.is_live() {
        return;
    }
    if let Some(url) = from {
        ask(url, report);
        return;
    }
    let is_open = config.web_config.is_none();
    let mut answered = false;
    for place in &config.listen {
        let url = match place {
            Listen::Tcp(address) if is_open => format!("http://{}", reachable(*address)),
            Listen::Tcp(_) => {
                closed(place, report);
                continue;
            }
            Listen::Unix(_) => place.to_string(),
        };
        answered |= listening(place, &url, report);
    }
    if !answered && is_open {
        report.warn(
            "daemon",
            "no opticsd answers where the configuration serves",
            "systemctl start opticsd, or opticsd run; journalctl -u opticsd says why it ended",
        );
    }
}

/// The address by which this machine reaches what it listens on itself.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        // An IPv6 socket for all addresses takes IPv4 too.
        _ => IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    SocketAddr::new(ip, address.port())
}

/// A place that wants TLS or a password, which are not known here.
fn closed(place: &Listen, report: &mut Report) {
    report.ok(
        "daemon",
        format!("{place} may want TLS or a password, and was not asked; --from URL asks"),
    );
}

/// Looks at one place. Returns whether an opticsd answers there.
fn listening(place: &Listen, url: &str, report: &mut Report) -> bool {
    const CHECK: &str = "listen";
    let answer = Address::at(url)
        .daemon()
        .and_then(|daemon| daemon.get("/healthz"));
    if answer.is_ok_and(|said| said == "ok\n") {
        report.ok(CHECK, format!("{place} is ours"));
        ask(url, report);
        return true;
    }
    match place {
        Listen::Tcp(address) => match TcpListener::bind(address) {
            Ok(_) => report.ok(CHECK, format!("{place} is free")),
            Err(error) if error.kind() == ErrorKind::AddrInUse => report.fail(
                CHECK,
                format!("{place} is somebody else's"),
                format!(
                    "ss -ltnp 'sport = :{}' says whose; or choose another `listen`",
                    address.port()
                ),
            ),
            Err(error) => report.fail(
                CHECK,
                format!("{place} cannot be listened on: {error}"),
                "choose an address of this machine, or use systemd/opticsd.socket",
            ),
        },
        Listen::Unix(path) => {
            let folder = path.parent().filter(|folder| folder.is_dir());
            if folder.is_some() {
                report.ok(CHECK, format!("{place} is free"));
            } else {
                report.warn(
                    CHECK,
                    format!("{place}: its folder is not there"),
                    "the unit makes /run/opticsd (RuntimeDirectory=); others are yours to make",
                );
            }
        }
    }
    false
}

/// What a daemon says of itself.
fn ask(url: &str, report: &mut Report) {
    const CHECK: &str = "daemon";
    let own = env!("CARGO_PKG_VERSION");
    let scrape = match Address::at(url).daemon().and_then(|d| d.get("/metrics")) {
        Ok(scrape) => scrape,
        Err(error) => {
            report.fail(
                CHECK,
                error.to_string(),
                "journalctl -u opticsd says what it does",
            );
            return;
        }
    };
    let value = |start: &str| {
        let line = scrape.lines().find_map(|line| line.strip_prefix(start));
        line.map(str::trim).map(str::to_owned)
    };
    let version = value("opticsd_build_info{version=\"");
    let version = version.as_deref().and_then(|rest| rest.split('"').next());
    match version {
        Some(version) if version == own => {}
        Some(version) => report.warn(
            CHECK,
            format!("the daemon at {url} is version {version}, this program {own}"),
            "systemctl restart opticsd",
        ),
        None => report.fail(
            CHECK,
            format!("what answers at {url} is no opticsd"),
            "choose another `listen`, or --from URL",
        ),
    }
    let is_zero = |name: &str| value(name).as_deref() == Some("0");
    if is_zero("opticsd_store_up ") {
        report.fail(
            CHECK,
            "the daemon cannot store events and keeps them in memory",
            "see `state` above, and journalctl -u opticsd -p err",
        );
    }
    if is_zero("opticsd_config_last_reload_successful ") {
        report.warn(
            CHECK,
            "its last reload failed: an older configuration is in force",
            "see `configuration` above, then systemctl reload opticsd",
        );
    }
    let defects = value("opticsd_internal_errors_total ").filter(|count| count != "0");
    if let Some(count) = defects {
        report.warn(
            CHECK,
            format!("{count} threads of it panicked since it started"),
            "opticsd events --kind internal_error; please report them with the log",
        );
    }
    if report.troubles(CHECK) == 0 {
        report.ok(
            CHECK,
            format!("{url} answers, version {own}, store and configuration in order"),
        );
    }
}
