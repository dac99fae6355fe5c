//! Families about the store of events. Without a store they have no series.

use super::family::{Family, Series, Spec, count, truth};
use crate::report::{Fleet, StoreStatus};

const UP: Spec = Spec::gauge(
    "opticsd_store_up",
    "Whether events can be stored (1) or are kept in memory until they can be (0).",
);
const PERSISTENT: Spec = Spec::gauge(
    "opticsd_store_persistent",
    "Whether events are stored in a state directory (1) or in memory (0).",
);
const SAVED: Spec = Spec::counter(
    "opticsd_store_events_saved_total",
    "Events stored since the daemon started.",
);
const LOST: Spec = Spec::counter(
    "opticsd_store_events_lost_total",
    "Events that were told but never stored, because too many waited, since the daemon started.",
);
const WAITING: Spec = Spec::gauge(
    "opticsd_store_events_waiting",
    "Events that wait in memory to be stored.",
);
const ERRORS: Spec = Spec::counter(
    "opticsd_store_errors_total",
    "Failed attempts to store since the daemon started, by kind of trouble.",
);
const SIZE: Spec = Spec::gauge(
    "opticsd_store_size_bytes",
    "How large the store is, in bytes.",
);

/// The families of this file.
pub(super) const SPECS: [&Spec; 7] = [&UP, &PERSISTENT, &SAVED, &LOST, &WAITING, &ERRORS, &SIZE];

pub(super) fn collect(fleet: &Fleet) -> Vec<Family> {
    let status = fleet.store.load();
    let status = status.as_ref().as_ref();
    let one = |spec: &'static Spec, value: &dyn Fn(&StoreStatus) -> Option<f64>| {
        spec.filled(|series: &mut Series<'_>| series.add_some(&[], status.and_then(value)))
    };
    let number = |number: usize| u64::try_from(number).ok().map(count);
    vec![
        one(&UP, &|status| Some(truth(status.trouble.is_none()))),
        one(&PERSISTENT, &|status| {
            Some(truth(status.directory.is_some()))
        }),
        one(&SAVED, &|status| Some(count(status.saved))),
        one(&LOST, &|status| Some(count(status.lost))),
        one(&WAITING, &|status| number(status.waiting)),
        ERRORS.filled(|series| {
            for (kind, errors) in status.iter().flat_map(|status| &status.errors) {
                series.add(&[("kind", *kind)], count(*errors));
            }
        }),
        one(&SIZE, &|status| status.bytes.map(count)),
    ]
}
