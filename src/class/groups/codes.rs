//! Interface codes: what the applications call themselves (CMIS 00h:86-117 and
//! 01h:223-250, SFF-8024 Tables 4-5 to 4-10), and the extended compliance code
//! of SFF-8636 modules (00h:192, SFF-8024 Table 4-4).
//!
//! Every application is looked at, not only the active one: class is a property
//! of the module.

use super::super::facts::Facts;
use super::super::score::{Finding, Item};
use super::super::settings::Settings;
use crate::cmis::sff8024::{self, Kind, Linearity};
use crate::module::{Application, Management};

/// How far a symbol rate may be from a nominal one, as a share.
const SAME_RATE: f64 = 1e-3;

/// The last application in lower memory; further ones are in page 01h.
const LAST_IN_LOWER: u8 = 8;

/// What one application's codes say of retiming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Linear,
    HalfRetimed,
    Retimed,
    Nothing,
}

pub(super) fn find(facts: &Facts, settings: &Settings, missing: &mut Vec<String>) -> Vec<Finding> {
    match facts.snapshot.management {
        Management::Cmis => of_applications(facts, settings, missing),
        Management::Sff8636 => of_extended_compliance(facts, settings)
            .into_iter()
            .collect(),
        Management::Sff8472 | Management::Unknown => Vec::new(),
    }
}

fn of_applications(facts: &Facts, settings: &Settings, missing: &mut Vec<String>) -> Vec<Finding> {
    let applications = &facts.snapshot.applications;
    let media_type = facts.snapshot.media_type.value().unwrap_or_default();
    let with = |wanted: Says| -> Vec<&Application> {
        let mut chosen: Vec<&Application> = applications.iter().collect();
        chosen.retain(|application| says(application, media_type) == wanted);
        chosen
    };
    let linear = with(Says::Linear);
    let half = with(Says::HalfRetimed);
    let retimed = with(Says::Retimed);
    let silent = with(Says::Nothing);
    if !silent.is_empty() {
        missing.push(format!(
            "what the codes {} stand for: the vendor's own, or none that is known here",
            list(&silent)
        ));
    }

    let mut found = Vec::new();
    let mut add = |item, chosen: &[&Application], says: &str| {
        found.push(Finding {
            item,
            place: place(chosen),
            value: list(chosen),
            says: says.to_owned(),
        });
    };
    match (linear.is_empty(), half.is_empty(), retimed.is_empty()) {
        (false, true, true) => add(
            Item::CodesAllLinear,
            &linear,
            "every application that says anything is linear",
        ),
        (true, false, true) => add(
            Item::CodesAllHalfRetimed,
            &half,
            "every application that says anything is retimed in transmit only",
        ),
        (true, true, false) => add(
            Item::CodesRetimed,
            &retimed,
            "ordinary retimed interfaces; some linear modules claim these too",
        ),
        (false, _, _) => add(
            Item::CodesSomeLinear,
            &linear,
            "some applications are linear, others are not",
        ),
        (true, false, false) => add(
            Item::CodesSomeHalfRetimed,
            &half,
            "some applications are retimed in transmit only, others in both directions",
        ),
        (true, true, true) => {}
    }
    let inner: Vec<_> = applications
        .iter()
        .filter(|application| has_inner_fec(application, media_type, settings))
        .collect();
    if !inner.is_empty() {
        add(
            Item::CodesInnerFec,
            &inner,
            "the module adds an inner code to what it puts on the fibre: it must retime",
        );
    }
    let gearbox: Vec<_> = applications
        .iter()
        .filter(|application| has_gearbox(application, media_type, settings))
        .collect();
    if !gearbox.is_empty() {
        add(
            Item::CodesGearbox,
            &gearbox,
            "host and media lanes run at different symbol rates: it must retime",
        );
    }
    found
}

fn says(application: &Application, media_type: u8) -> Says {
    let host = sff8024::host_interface(application.host_code);
    let media = sff8024::media_interface(media_type, application.media_code);
    let mut linearities = [host, media].into_iter().flatten().map(|row| row.linear);
    if linearities.any(|linear| linear == Linearity::Both) {
        return Says::Linear;
    }
    match (
        host.map(|row| row.linear),
        sff8024::kind_of_host(application.host_code),
    ) {
        (Some(Linearity::Rx), _) => Says::HalfRetimed,
        (_, Kind::ChipToModule) => Says::Retimed,
        _ => Says::Nothing,
    }
}

fn has_inner_fec(application: &Application, media_type: u8, settings: &Settings) -> bool {
    let inner = settings.codes.inner_fec_gbd;
    sff8024::media_interface(media_type, application.media_code)
        .and_then(|row| row.lane_gbd)
        .is_some_and(|gbd| (gbd / inner - 1.0).abs() < SAME_RATE)
}

fn has_gearbox(application: &Application, media_type: u8, settings: &Settings) -> bool {
    let host = sff8024::host_interface(application.host_code).and_then(|row| row.lane_gbd);
    let media =
        sff8024::media_interface(media_type, application.media_code).and_then(|row| row.lane_gbd);
    match (host, media) {
        (Some(host), Some(media)) => {
            host.max(media) >= settings.codes.gearbox_ratio * host.min(media)
        }
        _ => false,
    }
}

fn of_extended_compliance(facts: &Facts, settings: &Settings) -> Option<Finding> {
    let code = facts.snapshot.identity.extended_compliance.value()?;
    let (item, says) = if settings.codes.sff_gearbox.contains(&code) {
        (
            Item::CodesSffGearbox,
            "one media lane carries several host lanes: it must retime",
        )
    } else if settings.codes.sff_retimed.contains(&code) {
        (
            Item::CodesSffRetimed,
            "a standard for 25 Gb/s lanes, whose modules recover the clock",
        )
    } else {
        return None;
    };
    Some(Finding {
        item,
        place: "00h:192".to_owned(),
        value: format!("{code:02X}h"),
        says: says.to_owned(),
    })
}

/// The registers of some applications.
fn place(applications: &[&Application]) -> String {
    let lower = applications
        .iter()
        .any(|application| application.number <= LAST_IN_LOWER);
    let upper = applications
        .iter()
        .any(|application| application.number > LAST_IN_LOWER);
    match (lower, upper) {
        (true, false) => "00h:86-117",
        (false, true) => "01h:223-250",
        _ => "00h:86-117, 01h:223-250",
    }
    .to_owned()
}

/// Host and media codes of applications: `20h/15h, 22h/1Dh`.
fn list(applications: &[&Application]) -> String {
    let pairs: Vec<String> = applications
        .iter()
        .map(|application| {
            format!(
                "{:02X}h/{:02X}h",
                application.host_code, application.media_code
            )
        })
        .collect();
    pairs.join(", ")
}
