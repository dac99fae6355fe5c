//! Families about the port and the module as such.

use super::Port;
use super::family::{Family, Spec, count, truth};
use crate::module::{ModuleState, Presence, Snapshot};
use crate::names::Profile;
use crate::report::{codes, moment};

const PORT: Spec = Spec::gauge(
    "opticsd_port_info",
    "Where the port is and what the plan says of it; always 1.",
);
const PRESENT: Spec = Spec::gauge(
    "opticsd_module_present",
    "Whether a module stands in the cage (1) or not (0), as of the last sweep; absent before the first.",
);
const UP: Spec = Spec::gauge(
    "opticsd_module_up",
    "Whether the last sweep of a module that is present worked (1) or failed (0); absent for an empty cage.",
);
const LAST_READ: Spec = Spec::gauge(
    "opticsd_module_last_read_timestamp_seconds",
    "When a sweep of the module last worked, in seconds since 1970; all values of the module are of that time.",
);
const READS: Spec = Spec::counter(
    "opticsd_module_reads_total",
    "Sweeps of the port that were tried since the daemon started.",
);
const FAILURES: Spec = Spec::counter(
    "opticsd_module_read_failures_total",
    "Failed visits to the module since the daemon started, by kind of bus trouble.",
);
const INSERTIONS: Spec = Spec::counter(
    "opticsd_module_insertions_total",
    "Modules seen to come since the daemon started.",
);
const MODULE: Spec = Spec::gauge(
    "opticsd_module_info",
    "What the module says it is, as of its insertion; always 1.",
);
const CONFIDENCE: Spec = Spec::gauge(
    "opticsd_module_class_confidence_ratio",
    "How sure the class of the module is, from 0 to 1, as of the last sweep.",
)
.in_profile(Profile::Default);
const STATE: Spec = Spec::gauge(
    "opticsd_module_state",
    "Whether the module is in this state of its state machine (1) or not (0), as of the last sweep.",
)
.in_profile(Profile::Default);

/// The families of this file.
pub(super) const SPECS: [&Spec; 10] = [
    &PORT,
    &PRESENT,
    &UP,
    &LAST_READ,
    &READS,
    &FAILURES,
    &INSERTIONS,
    &MODULE,
    &CONFIDENCE,
    &STATE,
];

/// The states of the state set, reserved ones apart.
const STATES: [ModuleState; 5] = [
    ModuleState::LowPower,
    ModuleState::PowerUp,
    ModuleState::Ready,
    ModuleState::PowerDown,
    ModuleState::Fault,
];

pub(super) fn collect(ports: &[Port<'_>]) -> Vec<Family> {
    vec![
        port_info(ports),
        PRESENT.one_by_port(ports, |port| match port.view.presence {
            Presence::Unread => None,
            seen => Some(truth(seen.is_module())),
        }),
        UP.one_by_port(ports, |port| {
            let works = port.view.presence == Presence::Active && port.view.trouble.is_none();
            port.view.presence.is_module().then(|| truth(works))
        }),
        LAST_READ.one_by_port(ports, |port| port.view.last_read.map(moment::unix_seconds)),
        READS.one_by_port(ports, |port| Some(count(port.view.counts.reads))),
        FAILURES.by_port(ports, |port, series| {
            for (kind, number) in &port.view.counts.failures {
                series.add(&[("kind", kind)], count(*number));
            }
        }),
        INSERTIONS.one_by_port(ports, |port| Some(count(port.view.counts.insertions))),
        module_info(ports),
        CONFIDENCE.by_port(ports, |port, series| {
            if let Some(class) = port.class() {
                series.add(&[("class", class.class.name())], class.confidence);
            }
        }),
        STATE.by_port(ports, |port, series| {
            if let Some(state) = port.snapshot().and_then(|module| module.state.value()) {
                let words = STATES.iter().filter_map(|state| state.name().ok());
                series.add_states(words, state.name().ok());
            }
        }),
    ]
}

fn port_info(ports: &[Port<'_>]) -> Family {
    PORT.by_port(ports, |port, series| {
        let planned = port.view.planned.as_ref();
        let labels = [
            ("bus", port.slot.bus.as_str()),
            ("role", planned.map_or("", |p| p.role)),
            (
                "plane",
                planned.and_then(|p| p.plane.as_deref()).unwrap_or_default(),
            ),
            (
                "peer",
                planned.and_then(|p| p.peer.as_deref()).unwrap_or_default(),
            ),
            ("interface", ""),
        ];
        series.add(&labels, 1.0);
    })
}

fn module_info(ports: &[Port<'_>]) -> Family {
    MODULE.by_port(ports, |port, series| {
        if let Some(snapshot) = port.snapshot() {
            let class = port.class().map_or("", |class| class.class.name());
            let owned = module_labels(snapshot);
            let mut labels: Vec<(&str, &str)> = owned
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            labels.push(("class", class));
            series.add(&labels, 1.0);
        }
    })
}

fn module_labels(snapshot: &Snapshot) -> [(&'static str, String); 10] {
    let identity = &snapshot.identity;
    let text = |reading: &crate::module::Reading<String>| {
        reading.as_ref().value().cloned().unwrap_or_default()
    };
    [
        ("vendor", text(&identity.vendor)),
        ("part_number", text(&identity.part_number)),
        ("serial_number", text(&identity.serial)),
        ("revision", text(&identity.revision_number)),
        ("firmware", text(&snapshot.firmware.active)),
        ("form_factor", codes::form_factor(snapshot)),
        ("management", snapshot.management.name().to_owned()),
        ("management_revision", text(&identity.revision)),
        ("media", codes::media_type(snapshot).unwrap_or_default()),
        (
            "technology",
            codes::technology(snapshot).unwrap_or_default(),
        ),
    ]
}
