//! The head of a module's text: who it is, its class, its applications.

use super::grid::{Align, Grid};
use super::{heading, line};
use crate::class::{Classification, Retiming};
use crate::health::verdict::Judgement;
use crate::module::{Application, Reading, Snapshot};
use crate::report::codes::{self, name_or_code};

/// Writes one fact a line; what the module does not say is left out.
pub(super) fn write(snapshot: &Snapshot, out: &mut String) {
    let identity = &snapshot.identity;
    let text = |reading: &Reading<String>| reading.as_ref().value().cloned();
    let mut facts = Grid::new(&[]);
    let mut fact = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            facts.row([name, &value]);
        }
    };
    fact("Vendor", text(&identity.vendor));
    fact(
        "OUI",
        identity
            .oui
            .value()
            .map(|[a, b, c]| format!("{a:02x}:{b:02x}:{c:02x}")),
    );
    fact("Part number", text(&identity.part_number));
    fact("Revision", text(&identity.revision_number));
    fact("Serial number", text(&identity.serial));
    fact("Date code", text(&identity.date_code));
    fact("Form factor", Some(codes::form_factor(snapshot)));
    fact("Function", codes::function_type(snapshot));
    fact("Management", Some(management(snapshot)));
    fact("Connector", codes::connector(snapshot));
    fact("Media", codes::media_type(snapshot));
    fact("Technology", codes::technology(snapshot));
    fact(
        "Wavelength",
        snapshot
            .wavelength
            .value()
            .map(|w| format!("{:.2} nm", w.meters() * 1e9)),
    );
    fact("Reach", reach(snapshot));
    fact(
        "Cable length",
        snapshot
            .cable_length
            .value()
            .map(|length| format!("{} m", length.meters())),
    );
    fact("Power", power(snapshot));
    fact("Firmware", firmware(snapshot));
    fact("Hardware", text(&snapshot.firmware.hardware));
    fact("State", state(snapshot));
    fact("Checksums", checksums(snapshot));
    facts.write(0, out);
}

/// Writes the verdict with its reasons.
pub(super) fn write_judgement(judgement: &Judgement, out: &mut String) {
    heading(&format!("Verdict: {}", judgement.verdict.name()), out);
    for reason in &judgement.reasons {
        line(reason, out);
    }
}

/// Writes the class with the argument for it.
pub(super) fn write_class(class: &Classification, out: &mut String) {
    let title = format!(
        "Class: {} ({}, {}), {:.0} % sure, {}",
        class.class.name(),
        class.form.name(),
        retiming(class.retiming),
        class.confidence * 100.0,
        class.source.name(),
    );
    heading(&title, out);
    let mut grid = Grid::new(&[Align::Right]);
    for evidence in &class.evidence {
        let weight = format!("{:+.2}", evidence.weight);
        let read = format!("{} = {}", evidence.place, evidence.value);
        grid.row([&weight, evidence.signal, &evidence.says]);
        grid.row(["", "", &read]);
    }
    grid.write(2, out);
    let told = |kind: &'static str| move |text: &String| format!("{kind}: {text}");
    let against = class.conflicts.iter().map(told("against it"));
    let missing = class.missing.iter().map(told("missing"));
    for told in against.chain(missing) {
        line(&told, out);
    }
}

/// What a module retimes, in words.
pub(in crate::report) fn retiming(retiming: Retiming) -> &'static str {
    match retiming {
        Retiming::None => "not retimed",
        Retiming::TxOnly => "transmit retimed",
        Retiming::Both => "retimed both ways",
        Retiming::Unknown => "retiming not established",
    }
}

/// Writes the applications; those that a lane uses now are marked.
pub(super) fn write_applications(snapshot: &Snapshot, out: &mut String) {
    if snapshot.applications.is_empty() {
        return;
    }
    heading("Applications (> in use)", out);
    let mut grid = Grid::new(&[Align::Left, Align::Right]);
    grid.row([
        "",
        "App",
        "Host interface",
        "Media interface",
        "Lanes",
        "Starts at host lane",
        "Linear",
    ]);
    for application in &snapshot.applications {
        let names = codes::application(snapshot, application);
        grid.row([
            if is_in_use(snapshot, application) {
                ">"
            } else {
                ""
            },
            &application.number.to_string(),
            &name_or_code(application.host_code, names.host),
            &name_or_code(application.media_code, names.media),
            &format!("{}:{}", application.host_lanes, application.media_lanes),
            &starts(application.host_starts),
            names
                .linear
                .filter(|linear| *linear != "none")
                .unwrap_or_default(),
        ]);
    }
    grid.write(0, out);
}

/// Whether a lane runs this application now.
pub(in crate::report) fn is_in_use(snapshot: &Snapshot, application: &Application) -> bool {
    snapshot
        .lanes
        .iter()
        .any(|lane| lane.active_application == Reading::Value(application.number))
}

/// The lanes of a start mask: bit k is lane k + 1.
fn starts(mask: u8) -> String {
    let lanes = (0..8).filter(|bit| mask >> bit & 1 == 1);
    let numbers: Vec<String> = lanes.map(|bit| (bit + 1).to_string()).collect();
    numbers.join(",")
}

fn management(snapshot: &Snapshot) -> String {
    let revision = snapshot.identity.revision.as_ref().value();
    let flat = if snapshot.identity.flat_memory {
        ", flat memory"
    } else {
        ""
    };
    let banks = match snapshot.banks {
        0 | 1 => String::new(),
        banks => format!(", {banks} banks"),
    };
    let revision = revision.map_or_else(String::new, |revision| format!(" {revision}"));
    format!("{}{revision}{flat}{banks}", snapshot.management.name())
}

fn reach(snapshot: &Snapshot) -> Option<String> {
    let fiber = &snapshot.fiber;
    let kinds = [
        ("single mode", fiber.smf),
        ("OM2", fiber.om2),
        ("OM3", fiber.om3),
        ("OM4", fiber.om4),
        ("OM5", fiber.om5),
    ];
    let said = kinds
        .into_iter()
        .filter_map(|(kind, reach)| Some(format!("{kind} {} m", reach.value()?.meters())));
    Some(said.collect::<Vec<_>>().join(", "))
}

fn power(snapshot: &Snapshot) -> Option<String> {
    let class = snapshot
        .power
        .class
        .value()
        .map(|class| format!("class {class}"));
    let max = snapshot.power.max.value();
    // A module that says 0 W says nothing.
    let max = max.filter(|max| max.watts() > 0.0);
    let max = max.map(|max| format!("{:.2} W at most", max.watts()));
    Some(class.into_iter().chain(max).collect::<Vec<_>>().join(", "))
}

fn firmware(snapshot: &Snapshot) -> Option<String> {
    let active = snapshot.firmware.active.as_ref().value()?;
    let other = snapshot.firmware.inactive.as_ref().value();
    let other = other.map_or_else(String::new, |other| format!(" (other bank {other})"));
    Some(format!("{active}{other}"))
}

fn state(snapshot: &Snapshot) -> Option<String> {
    let state = snapshot.state.value()?.name();
    Some(state.map_or_else(
        |code| format!("reserved code {code}"),
        |name| name.replace('_', " "),
    ))
}

fn checksums(snapshot: &Snapshot) -> Option<String> {
    let one = |sum: &crate::module::Checksum| {
        let name = match sum.name.strip_prefix("page_") {
            Some(page) => format!("page {page}h"),
            None => sum.name.to_owned(),
        };
        format!("{name} {}", if sum.good { "good" } else { "BAD" })
    };
    Some(
        snapshot
            .checksums
            .iter()
            .map(one)
            .collect::<Vec<_>>()
            .join(", "),
    )
}
