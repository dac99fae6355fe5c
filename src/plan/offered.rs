//! What a module offers and runs: its applications by name, rate and reach.

use super::expected::{Wish, names_of};
use crate::class::power::application_gbps;
use crate::cmis::sff8024::{self, Interface, Kind};
use crate::module::{Application, Snapshot};

/// How far two nominal rates may be apart and still be one, as a share.
const SAME_RATE: f64 = 0.01;

/// The media type that says which table the media codes are of.
fn media_type(module: &Snapshot) -> u8 {
    module.media_type.value().unwrap_or_default()
}

/// The host interface of an application.
pub(super) fn host(application: &Application) -> Option<&'static Interface> {
    sff8024::host_interface(application.host_code)
}

/// The media interface of an application.
pub(super) fn media(module: &Snapshot, application: &Application) -> Option<&'static Interface> {
    sff8024::media_interface(media_type(module), application.media_code)
}

/// The payload rate of one instance, in Gb/s.
pub(super) fn rate(module: &Snapshot, application: &Application) -> Option<f64> {
    application_gbps(application, media_type(module))
}

/// Whether an application is the one wished for.
pub(super) fn fulfils(module: &Snapshot, application: &Application, wish: &Wish) -> bool {
    match wish {
        Wish::Named(name) => [host(application), media(module, application)]
            .into_iter()
            .flatten()
            .any(|row| names_of(row).any(|own| own == *name)),
        Wish::Rate(wanted) => rate(module, application).is_some_and(|rate| same(rate, *wanted)),
    }
}

/// Whether two rates are one, but for rounding.
pub(super) fn same(one: f64, other: f64) -> bool {
    (one / other - 1.0).abs() < SAME_RATE
}

/// The applications that lanes run now, each once.
pub(super) fn in_use(module: &Snapshot) -> Vec<&Application> {
    let runs = |application: &&Application| {
        let number = Some(application.number);
        let mut lanes = module.lanes.iter();
        lanes.any(|lane| lane.active_application.value() == number)
    };
    module.applications.iter().filter(runs).collect()
}

/// The applications that a link stands on: those in use, else the widest that
/// is offered.
pub(super) fn relied_on(module: &Snapshot) -> Vec<&Application> {
    let running = in_use(module);
    if !running.is_empty() {
        return running;
    }
    let by_rate = |one: &&Application, other: &&Application| {
        let rate = |application| rate(module, application).unwrap_or_default();
        rate(one).total_cmp(&rate(other))
    };
    module
        .applications
        .iter()
        .max_by(by_rate)
        .into_iter()
        .collect()
}

/// The fastest host lane that is offered, in Gb/s, coding included.
pub fn host_lane_gbps(module: &Snapshot) -> Option<f64> {
    let rows = module.applications.iter().filter_map(host);
    rows.filter_map(|row| row.lane_gbps).max_by(f64::total_cmp)
}

/// How far the light of the applications relied on reaches, in metres: as their
/// media interfaces say, but not beyond what the module states of itself.
/// `None` for cables and where nobody says.
pub fn reach_meters(module: &Snapshot) -> Option<f64> {
    let by_code = relied_on(module)
        .into_iter()
        .filter_map(|application| media(module, application)?.reach)
        .map(|reach| reach.meters())
        .min_by(f64::total_cmp);
    let fiber = &module.fiber;
    let stated = [fiber.smf, fiber.om5, fiber.om4, fiber.om3, fiber.om2]
        .into_iter()
        .filter_map(|reach| reach.value())
        .map(|reach| reach.meters())
        .max_by(f64::total_cmp);
    match (by_code, stated) {
        (Some(code), Some(stated)) => Some(code.min(stated)),
        (code, stated) => code.or(stated),
    }
}

/// Whether an application is of nobody's making but a vendor's, or unknown.
pub(super) fn is_private(module: &Snapshot, application: &Application) -> bool {
    let kinds = [
        sff8024::kind_of_host(application.host_code),
        sff8024::kind_of_media(media_type(module), application.media_code),
    ];
    kinds
        .iter()
        .any(|kind| matches!(kind, Kind::Vendor | Kind::None))
}

/// An application in words: both interfaces, or their codes.
pub(super) fn in_words(module: &Snapshot, application: &Application) -> String {
    let name = |row: Option<&Interface>, code: u8| {
        row.map_or_else(|| format!("code {code:02X}h"), |row| row.name.to_owned())
    };
    format!(
        "{} to {}",
        name(host(application), application.host_code),
        name(media(module, application), application.media_code)
    )
}

/// A length as people say it: `500 m`, `2 km`.
pub(super) fn length_in_words(meters: f64) -> String {
    if meters >= 1e3 {
        format!("{} km", meters / 1e3)
    } else {
        format!("{meters} m")
    }
}
