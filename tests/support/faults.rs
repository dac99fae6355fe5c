//! Faults to be found, and how a box of simulated modules is watched for them:
//! shared by the table of verdicts and by the benchmark of false alarms.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "each of the two uses a part of it")]

use std::path::Path;
use std::time::Duration;

use opticsd::daemon::rehearsal::{Part, Rehearsal, Round};
use opticsd::health::event::Event;
use opticsd::health::verdict::Verdict;
use opticsd::names::PortName;
use opticsd::plan::Plan;
use opticsd::plan::finding::Severity;
use opticsd::sim::scenario::Scenario;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
pub const DAY: Duration = Duration::from_secs(86_400);

/// How many ports a box has.
pub const PORTS: usize = 4;
/// The port with the fault; the others are to stay quiet.
pub const PATIENT: usize = 1;

/// A fault that is to be found.
pub struct Case {
    /// What it is called in the table.
    pub name: &'static str,
    /// What is in all ports of the box.
    pub family: &'static str,
    /// Whether hosts tell what they count.
    pub host_tells: bool,
    /// What happens, as events of a scenario file; the fault begins at `DAY`.
    pub events: &'static str,
    /// For how long it is watched from then on.
    pub watched: Duration,
    /// Words of which one must stand in a reason or finding: the right cause.
    pub cause: &'static [&'static str],
    /// Whether the whole box has the fault.
    pub is_everywhere: bool,
}

/// A case as most are: DSP modules, hosts that tell, one sick port, two day.
const USUAL: Case = Case {
    name: "",
    family: "dsp-800g",
    host_tells: true,
    events: "",
    watched: DAY,
    cause: &[],
    is_everywhere: false,
};

/// All of them.
pub const CASES: &[Case] = &[
    Case {
        name: "flap, adapts 10 x worse",
        events: "event = [{ at = '1 d', port = 'p1', do = 'flap', value = 1, over = '20 s' }]",
        watched: HOUR,
        cause: &["ber-worse-after-flap"],
        ..USUAL
    },
    Case {
        name: "flap, adapts 10 x worse",
        family: "lpo-800g",
        events: "event = [{ at = '1 d', port = 'p1', do = 'flap', value = 1, over = '20 s' }]",
        watched: HOUR,
        cause: &["ber-worse-after-flap"],
        ..USUAL
    },
    Case {
        name: "data path down and up, 10 x worse",
        events: "event = [{ at = '1 d', port = 'p1', do = 'down', value = 1, over = '2 min' }]",
        watched: HOUR,
        cause: &["ber-worse-after-flap"],
        ..USUAL
    },
    Case {
        name: "laser ages",
        family: "lpo-800g",
        events: "event = [{ at = '1 d', port = 'p1', do = 'ageing', value = 0.6, over = '40 d' }]",
        watched: Duration::from_secs(40 * 86_400),
        cause: &["laser-ageing"],
        ..USUAL
    },
    Case {
        name: "fibre bent",
        events: "event = [{ at = '1 d', port = 'p1', do = 'bend', value = 3 }]",
        cause: &["light-dropped"],
        ..USUAL
    },
    Case {
        name: "connector dirty",
        family: "lpo-800g",
        events: "event = [{ at = '1 d', port = 'p1', do = 'dirt', value = 2.2 }]",
        cause: &["light-dropped"],
        ..USUAL
    },
    Case {
        name: "light fades for two weeks",
        events: "event = [{ at = '1 d', port = 'p1', do = 'loss', value = 2.6, over = '14 d' }]",
        watched: Duration::from_secs(14 * 86_400),
        cause: &["light-dropped", "bit error ratio"],
        ..USUAL
    },
    Case {
        name: "one lane weak",
        events: "event = [{ at = '1 d', port = 'p1', do = 'lane-loss', lane = 3, value = 2.6 }]",
        cause: &["lane-outlier: saw receive power of lane 3"],
        ..USUAL
    },
    Case {
        name: "cooling of the box fails",
        events: "event = [{ at = '1 d', port = 'p1', do = 'cooling', value = 16, over = '20 min' }]",
        cause: &["box-warming"],
        is_everywhere: true,
        ..USUAL
    },
    Case {
        name: "one module hot",
        events: "event = [{ at = '1 d', port = 'p1', do = 'heat', value = 72, over = '20 min' }]",
        cause: &["temperature"],
        ..USUAL
    },
    Case {
        name: "bursts of errors",
        family: "lpo-800g",
        events: "event = [{ at = '1 d', port = 'p1', do = 'bursts', value = 2 }]",
        cause: &["errors come in bursts"],
        ..USUAL
    },
    Case {
        name: "supply droops",
        family: "lpo-800g",
        events: "event = [{ at = '1 d', port = 'p1', do = 'supply', value = 3.05 }]",
        cause: &["supply"],
        ..USUAL
    },
    Case {
        name: "fibre broken",
        events: "event = [{ at = '1 d', port = 'p1', do = 'dark-lane', lane = 4 }]",
        watched: HOUR,
        cause: &["no light received on lane 4"],
        ..USUAL
    },
    Case {
        name: "laser dead",
        events: "event = [{ at = '1 d', port = 'p1', do = 'dead-laser', lane = 2 }]",
        watched: HOUR,
        cause: &["transmitter fault"],
        ..USUAL
    },
    Case {
        name: "bit errors a hundredfold",
        events: "event = [{ at = '1 d', port = 'p1', do = 'ber', value = 4 }]",
        watched: HOUR,
        cause: &["bit error ratio"],
        ..USUAL
    },
    Case {
        name: "module silent",
        events: "event = [{ at = '1 d', port = 'p1', do = 'nack' }]",
        watched: HOUR,
        cause: &["no module answers", "does not answer"],
        ..USUAL
    },
    Case {
        name: "host of a linear module silent",
        family: "lpo-800g",
        events: "event = [{ at = '1 d', port = 'p1', do = 'fec-silent' }]",
        watched: HOUR,
        cause: &["no-ber-source"],
        ..USUAL
    },
    Case {
        name: "linear module that says zero",
        family: "lpo-800g-hollow",
        host_tells: false,
        events: "",
        watched: HOUR,
        // What it claims to count contradicts all else that it says.
        cause: &["class-not-established"],
        is_everywhere: true,
    },
];

/// What happens to hosts and modules without anything being wrong with the link.
pub const HARMLESS: &[Case] = &[
    Case {
        name: "counters reset",
        events: "event = [{ at = '1 d', port = 'p1', do = 'fec-reset' }]",
        ..USUAL
    },
    Case {
        name: "host restarts",
        family: "lpo-800g",
        events: "event = [{ at = '1 d', port = 'p1', do = 'fec-restart', value = 15 }]",
        ..USUAL
    },
    Case {
        name: "counters of 32 bits",
        family: "lpo-800g",
        // At a pace at which they wrap once between two looks at most.
        events: "event = [{ at = '1 d', port = 'p1', do = 'fec-width', value = 32 }]",
        watched: Duration::from_secs(300),
        ..USUAL
    },
    Case {
        name: "flap, adapts as before",
        events: "event = [{ at = '1 d', port = 'p1', do = 'flap', value = 0, over = '20 s' }]",
        ..USUAL
    },
    Case {
        name: "planned down",
        events: "event = [{ at = '1 d', port = 'p1', do = 'down', over = '6 h' }]",
        ..USUAL
    },
];

/// The plan that a box is held against: its family where it belongs.
pub fn plan(family: &str) -> Plan {
    let role = match family {
        family if family.starts_with("lpo") || family.starts_with("dac") => "scale-up",
        _ => "scale-out",
    };
    let text = format!(
        "[fabric]\nname = \"box\"\n[role.scale-up]\nlane_rates = [\"56G\", \"112G\", \"224G\"]\nno_ber_severity = \"warning\"\n\
         [[assign]]\nports = \"p{{0..{}}}\"\nrole = \"{role}\"\n",
        PORTS - 1
    );
    Plan::parse(&text, Path::new("plan.toml")).expect("the plan is one")
}

pub fn port(n: usize) -> PortName {
    PortName::new(&format!("p{n}")).expect("it is a name")
}

/// A box in which something may happen.
pub fn rehearsal(
    family: &str,
    host_tells: bool,
    events: &str,
    seed: u64,
    noisiness: f64,
) -> Rehearsal {
    let parts: Vec<Part> = (0..PORTS)
        .map(|n| Part {
            port: port(n),
            family: Some(family.to_owned()),
            seed: seed * 1000 + n as u64,
            noisiness,
            host_tells,
        })
        .collect();
    let names: Vec<PortName> = (0..PORTS).map(port).collect();
    let scenario = Scenario::parse(events, Path::new("events"), &names).expect("a scenario");
    Rehearsal::new(&parts, scenario, Some(plan(family)))
}

/// When to look: every half hour; around `fault` every five seconds, then every
/// minute for an hour. Watches of weeks look every two hours.
pub fn instants(fault: Duration, end: Duration) -> impl Iterator<Item = Duration> {
    const FINE: Duration = Duration::from_secs(5);
    let coarse = match end > fault + 5 * DAY {
        true => 2 * HOUR,
        false => 30 * MINUTE,
    };
    let mut at = Duration::ZERO;
    std::iter::from_fn(move || {
        let close = fault.saturating_sub(MINUTE);
        at = if at < close {
            (at + coarse).min(close)
        } else if at < fault + 5 * MINUTE {
            at + FINE
        } else if at < fault + HOUR {
            at + MINUTE
        } else {
            at + coarse
        };
        (at <= end).then_some(at)
    })
}

/// The alarms of a round: what somebody would be called for.
pub fn alarms(round: &Round) -> Vec<(PortName, String)> {
    let told = round.events.iter().filter_map(|(port, event)| {
        let is_alarm = match event {
            Event::VerdictChanged { to, .. } => matches!(to, Verdict::Degraded | Verdict::Bad),
            Event::FindingRaised { severity, .. } => *severity != Severity::Notice,
            _ => false,
        };
        is_alarm.then(|| (port.clone(), event.to_string()))
    });
    told.collect()
}

/// What is said of a port after a round: reasons of its verdict, and findings that
/// weigh anything, also those between ports.
pub fn said(rehearsal: &Rehearsal, round: &Round, port: &PortName) -> Vec<String> {
    let views = rehearsal.views();
    let (_, view) = views
        .iter()
        .find(|(name, _)| name == port)
        .expect("it is there");
    let across = round.across.iter().filter(|(name, _)| name == port);
    let across = across
        .filter(|(_, finding)| finding.severity != Severity::Notice)
        .map(|(_, finding)| format!("{}: saw {}", finding.rule, finding.saw));
    let reasons = match view.judgement.verdict {
        Verdict::Degraded | Verdict::Bad => view.judgement.reasons.clone(),
        Verdict::Ok | Verdict::Unknown => Vec::new(),
    };
    reasons.into_iter().chain(across).collect()
}

/// The verdict on a port, by its word.
pub fn verdict(rehearsal: &Rehearsal, port: &PortName) -> &'static str {
    let views = rehearsal.views();
    let (_, view) = views
        .iter()
        .find(|(name, _)| name == port)
        .expect("it is there");
    view.judgement.verdict.name()
}

/// How a case went.
#[derive(Debug)]
pub struct Outcome {
    /// How long after the fault the right cause was said, if it was.
    pub found_after: Option<Duration>,
    /// How it was said.
    pub said: String,
    /// The verdict at that moment.
    pub verdict: &'static str,
    /// Alarms before the fault began, and at other ports.
    pub false_alarms: Vec<String>,
    /// What else was said of the patient at the end.
    pub at_the_end: Vec<String>,
}

/// Plays a case. `seed` tells one box from another.
pub fn play(case: &Case, seed: u64, noisiness: f64) -> Outcome {
    let fault = DAY;
    let mut box_ = rehearsal(case.family, case.host_tells, case.events, seed, noisiness);
    let patient = port(PATIENT);
    let mut outcome = Outcome {
        found_after: None,
        said: String::new(),
        verdict: "",
        false_alarms: Vec::new(),
        at_the_end: Vec::new(),
    };
    let from_the_start = case.events.is_empty();
    for at in instants(fault, fault + case.watched) {
        let round = box_.round(at);
        for (port, text) in alarms(&round) {
            let is_wanted =
                from_the_start || round.at >= fault && (port == patient || case.is_everywhere);
            if !is_wanted {
                outcome.false_alarms.push(format!("{port}: {text}"));
            }
        }
        if outcome.found_after.is_none() && (at >= fault || from_the_start) {
            let ill = (0..PORTS).filter(|n| case.is_everywhere || *n == PATIENT);
            let said: Vec<String> = ill.flat_map(|n| said(&box_, &round, &port(n))).collect();
            let right = said
                .iter()
                .find(|text| case.cause.iter().any(|cause| text.contains(cause)));
            if let Some(text) = right {
                let from = if from_the_start {
                    Duration::ZERO
                } else {
                    fault
                };
                outcome.found_after = Some(at.saturating_sub(from));
                outcome.said = text.clone();
                outcome.verdict = verdict(&box_, &patient);
            }
        }
        if at + 2 * HOUR > fault + case.watched {
            outcome.at_the_end = said(&box_, &round, &patient);
        }
    }
    outcome
}
