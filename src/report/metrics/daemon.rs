//! Families about the daemon itself: build, configuration, buses.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::family::{Family, Series, Spec, count, truth};
use crate::health::event::INTERNAL_ERROR;
use crate::report::{BusStats, Fleet, moment};

const BUILD: Spec = Spec::gauge(
    "opticsd_build_info",
    "Which build of the daemon this is; always 1.",
);
const RELOAD_GOOD: Spec = Spec::gauge(
    "opticsd_config_last_reload_successful",
    "Whether the last attempt to load the configuration worked (1) or not (0).",
);
const RELOAD_AT: Spec = Spec::gauge(
    "opticsd_config_last_reload_success_timestamp_seconds",
    "When the configuration was last loaded, in seconds since 1970.",
);
const WEB_GOOD: Spec = Spec::gauge(
    "opticsd_web_config_last_reload_successful",
    "Whether the last attempt to read the web configuration worked (1) or not (0); absent where there is none.",
);
const WEB_EXPIRY: Spec = Spec::gauge(
    "opticsd_web_certificate_expiry_timestamp_seconds",
    "When the certificate that the daemon serves with expires, in seconds since 1970; absent without TLS.",
);
const TRANSACTIONS: Spec = Spec::counter(
    "opticsd_bus_transactions_total",
    "Transactions on the root adapter since the daemon started.",
);
const BYTES: Spec = Spec::counter(
    "opticsd_bus_bytes_total",
    "Payload bytes in both directions on the root adapter since the daemon started.",
);
const ERRORS: Spec = Spec::counter(
    "opticsd_bus_errors_total",
    "Failed transactions on the root adapter since the daemon started.",
);
const BUSY: Spec = Spec::counter(
    "opticsd_bus_busy_seconds_total",
    "Time spent in transactions on the root adapter in seconds since the daemon started.",
);
const SWEEP: Spec = Spec::gauge(
    "opticsd_sweep_duration_seconds",
    "For how long sweeps were under way in the last round over all ports of the root adapter, in seconds.",
);
const JITTER: Spec = Spec::gauge(
    "opticsd_sweep_jitter_seconds",
    "How late a sweep of the last round over all ports of the root adapter began after it was due, at most, in seconds.",
);
const OVERRUNS: Spec = Spec::counter(
    "opticsd_sweep_overruns_total",
    "Sweeps on the root adapter that began so late that one was left out before them since the daemon started.",
);

const EVENTS: Spec = Spec::counter(
    "opticsd_events_total",
    "Events of this kind since the daemon started.",
);
const INTERNAL: Spec = Spec::counter(
    "opticsd_internal_errors_total",
    "Panics of the daemon's threads, each a defect of opticsd, since the daemon started.",
);

/// The families of this file.
pub(super) const SPECS: [&Spec; 14] = [
    &BUILD,
    &RELOAD_GOOD,
    &RELOAD_AT,
    &WEB_GOOD,
    &WEB_EXPIRY,
    &TRANSACTIONS,
    &BYTES,
    &ERRORS,
    &BUSY,
    &SWEEP,
    &JITTER,
    &OVERRUNS,
    &EVENTS,
    &INTERNAL,
];

pub(super) fn collect(fleet: &Fleet) -> Vec<Family> {
    let buses = fleet.buses.load();
    let reload = fleet.reload.load();
    let web = fleet.web.load();
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    vec![
        BUILD.filled(|series| series.add(&version, 1.0)),
        RELOAD_GOOD.filled(|series| series.add(&[], truth(reload.good))),
        RELOAD_AT.filled(|series| series.add(&[], moment::unix_seconds(reload.at))),
        WEB_GOOD.filled(|series| {
            series.add_some(&[], web.as_ref().map(|web| truth(web.good)));
        }),
        WEB_EXPIRY.filled(|series| {
            let expires = web.as_ref().and_then(|web| web.certificate_expires);
            series.add_some(&[], expires.map(moment::unix_seconds));
        }),
        transactions(&buses),
        by_bus(&BYTES, &buses, |bus| {
            Some(count(bus.meter.bytes.load(Ordering::Relaxed)))
        }),
        ERRORS.filled(|series| {
            for bus in buses.iter() {
                for (kind, number) in bus.meter.errors() {
                    series.add(&[("bus", bus.name.as_str()), ("kind", kind)], count(number));
                }
            }
        }),
        by_bus(&BUSY, &buses, |bus| Some(bus.meter.busy().as_secs_f64())),
        by_bus(&SWEEP, &buses, |bus| {
            bus.last_round.load().map(|round| round.as_secs_f64())
        }),
        by_bus(&JITTER, &buses, |bus| {
            bus.jitter.load().map(|late| late.as_secs_f64())
        }),
        by_bus(&OVERRUNS, &buses, |bus| {
            Some(count(bus.overruns.load(Ordering::Relaxed)))
        }),
        EVENTS.filled(|series| {
            for (kind, number) in fleet.events.by_kind() {
                series.add(&[("kind", kind)], count(number));
            }
        }),
        // Unlike the kinds of events it is there before the first one, so that rates
        // of it see that one.
        INTERNAL.filled(|series| {
            let number = fleet.events.by_kind().get(INTERNAL_ERROR).copied();
            series.add(&[], count(number.unwrap_or_default()));
        }),
    ]
}

fn transactions(buses: &[Arc<BusStats>]) -> Family {
    let add = |series: &mut Series<'_>, bus: &BusStats, op, number| {
        series.add(&[("bus", bus.name.as_str()), ("op", op)], count(number));
    };
    TRANSACTIONS.filled(|series| {
        for bus in buses {
            add(series, bus, "read", bus.meter.reads.load(Ordering::Relaxed));
            add(
                series,
                bus,
                "write",
                bus.meter.writes.load(Ordering::Relaxed),
            );
        }
    })
}

/// A family with at most one series for each root adapter, with the label `bus`.
fn by_bus(
    spec: &'static Spec,
    buses: &[Arc<BusStats>],
    value: impl Fn(&BusStats) -> Option<f64>,
) -> Family {
    spec.filled(|series| {
        for bus in buses {
            series.add_some(&[("bus", bus.name.as_str())], value(bus));
        }
    })
}
