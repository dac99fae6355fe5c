//! What the plan says of a port, and what stands beside it in the cage.

use super::{PortView, codes, text};
use crate::class::power::watts_per_100g;
use crate::module::{Reading, Snapshot};
use crate::plan::finding::Finding;
use crate::plan::policy::LaneRate;
use crate::plan::{Assignment, offered};

/// What the plan says of a port, for labels, JSON and the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// `scale-up`, `scale-out`, `scale-across`.
    pub role: &'static str,
    /// The plane, where the fabric has several.
    pub plane: Option<String>,
    /// The far end, `host:port`.
    pub peer: Option<String>,
    /// What it asks of the module, in the order in which a person would ask.
    pub wants: Vec<Want>,
}

/// One thing that the plan asks of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// What it is about.
    pub what: What,
    /// What is asked, in words.
    pub planned: String,
}

/// What a plan can ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The class.
    Class,
    /// The application that the link runs.
    Application,
    /// Electrical lanes over all banks.
    HostLanes,
    /// The rate of one of them.
    LaneRate,
    /// Worst-case power.
    Power,
    /// How far light reaches.
    Reach,
    /// The form.
    FormFactor,
    /// The medium.
    Media,
    /// Who made it.
    Vendor,
    /// The part number.
    PartNumber,
    /// The firmware that runs.
    Firmware,
    /// The class of the module at the far end.
    PeerClass,
}

impl What {
    /// The word used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Application => "application",
            Self::HostLanes => "host_lanes",
            Self::LaneRate => "lane_rate",
            Self::Power => "power",
            Self::Reach => "reach",
            Self::FormFactor => "form_factor",
            Self::Media => "media",
            Self::Vendor => "vendor",
            Self::PartNumber => "part_number",
            Self::Firmware => "firmware",
            Self::PeerClass => "peer_class",
        }
    }

    /// The rules that look at it.
    fn rules(self) -> &'static [&'static str] {
        match self {
            Self::Class => &[
                "class-conditional",
                "class-denied",
                "class-not-established",
                "class-warned",
            ],
            Self::Application => &["application", "breakout-missing"],
            Self::HostLanes => &["lane-count"],
            Self::LaneRate => &["lane-rate"],
            Self::Power => &["power-over-budget", "power-over-hard-limit"],
            Self::Reach => &["fiber-too-long", "reach-long", "reach-short"],
            Self::FormFactor => &["form-factor"],
            Self::Media => &["media"],
            Self::Vendor | Self::PartNumber => &["part-not-allowed"],
            Self::Firmware => &["firmware-not-allowed"],
            Self::PeerClass => &["peer-class-mismatch"],
        }
    }
}

impl Planned {
    /// What an assignment says.
    pub fn of(assignment: &Assignment) -> Self {
        Self {
            role: assignment.role.name(),
            plane: assignment.plane.map(|plane| plane.to_string()),
            peer: assignment.peer.clone(),
            wants: wants(assignment),
        }
    }
}

fn wants(assignment: &Assignment) -> Vec<Want> {
    let (policy, expected) = (&assignment.policy, &assignment.expected);
    let listed = |what: &str, words: Vec<&str>| {
        (!words.is_empty()).then(|| format!("{what}{}", words.join(", ")))
    };
    let names = |classes: &[crate::class::Class]| classes.iter().map(|c| c.name()).collect();
    let class = [
        listed("", names(&policy.allowed)),
        listed("also ", names(&policy.conditional)),
        listed("not ", names(&policy.denied)),
    ];
    let class: Vec<String> = class.into_iter().flatten().collect();
    let rates = |rates: &[LaneRate]| rates.iter().map(|rate| rate.name()).collect();
    let rate = [
        listed("", rates(&policy.lane_rates)),
        listed("also ", rates(&policy.lane_rates_accepted)),
    ];
    let rate: Vec<String> = rate.into_iter().flatten().collect();
    let application = match (&expected.application, &expected.breakout) {
        (_, Some(breakout)) => Some(breakout.in_words()),
        (Some(wish), None) => Some(wish.in_words()),
        (None, None) => None,
    };
    let words = |words: String| (!words.is_empty()).then_some(words);
    let wants = [
        (What::Class, words(class.join("; "))),
        (What::Application, application),
        (What::HostLanes, expected.host_lanes.map(|n| n.to_string())),
        (What::LaneRate, words(rate.join("; "))),
        (What::Power, Some(power(assignment))),
        (What::Reach, reach(assignment)),
        (What::FormFactor, expected.form_factor.map(str::to_owned)),
        (What::Media, expected.media.map(|m| m.name().to_owned())),
        (What::Vendor, words(expected.vendors.in_words())),
        (What::PartNumber, words(expected.part_numbers.in_words())),
        (What::Firmware, words(expected.firmware.in_words())),
        (
            What::PeerClass,
            expected.peer_class.map(|c| c.name().to_owned()),
        ),
    ];
    let some = |(what, planned): (What, Option<String>)| {
        Some(Want {
            what,
            planned: planned?,
        })
    };
    wants.into_iter().filter_map(some).collect()
}

fn power(assignment: &Assignment) -> String {
    let policy = &assignment.policy;
    let lines =
        |warn: f64, limit: f64| format!("up to {warn} W per 100 Gb/s, {limit} W at the very most");
    let usual = lines(policy.watts_per_100g_warn, policy.watts_per_100g_limit);
    match policy.upto_400g {
        Some(small) => format!(
            "{usual}; {} and {} W up to 400 Gb/s",
            small.warn, small.limit
        ),
        None => usual,
    }
}

fn reach(assignment: &Assignment) -> Option<String> {
    let window = &assignment.policy.reach;
    let fiber = assignment.expected.length_meters;
    let least = (window.min_meters > 0.0).then(|| format!("{} or more", meters(window.min_meters)));
    let most = window
        .max_meters
        .is_finite()
        .then(|| format!("{} or less", meters(window.max_meters)));
    let fiber = fiber.map(|length| format!("over {} of fibre", meters(length)));
    let parts: Vec<String> = [least, most, fiber].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn meters(meters: f64) -> String {
    if meters >= 1e3 {
        format!("{} km", meters / 1e3)
    } else {
        format!("{meters} m")
    }
}

/// What the plan asks beside what there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Beside<'a> {
    /// What it is about.
    pub what: What,
    /// What is asked.
    pub planned: &'a str,
    /// What there is; `None` where the module does not tell, or none is there.
    pub found: Option<String>,
    /// Whether a rule of the plan is broken in it.
    pub differs: bool,
}

/// Everything that the plan asks of the module of a port beside what the module
/// says of itself; `findings` are those of the port.
pub(super) fn beside<'a>(view: &'a PortView, findings: &[Finding]) -> Vec<Beside<'a>> {
    let wants = view.planned.iter().flat_map(|planned| &planned.wants);
    let one = |want: &'a Want| {
        let rules = want.what.rules();
        Beside {
            what: want.what,
            planned: &want.planned,
            found: found(view, want.what),
            differs: findings.iter().any(|f| rules.contains(&f.rule)),
        }
    };
    wants.map(one).collect()
}

fn found(view: &PortView, what: What) -> Option<String> {
    let module = view.snapshot.as_deref()?;
    let said = |reading: &Reading<String>| reading.as_ref().value().cloned();
    let identity = &module.identity;
    match what {
        What::Class => Some(view.class.as_ref()?.class.name().to_owned()),
        What::Application => applications(module),
        What::HostLanes => {
            let lanes = module.lane_count.host;
            (lanes > 0).then(|| lanes.to_string())
        }
        What::LaneRate => {
            let gbps = offered::host_lane_gbps(module)?;
            let name = LaneRate::of_gbps(gbps).map_or("", LaneRate::name);
            Some(format!("{name} ({gbps} Gb/s)").trim_start().to_owned())
        }
        What::Power => {
            let watts = module.power.max.value()?.watts();
            let share = watts_per_100g(module).filter(|share| *share > 0.0);
            let share =
                share.map_or_else(String::new, |share| format!("{share:.2} W per 100 Gb/s: "));
            Some(format!("{share}{watts:.1} W at most"))
        }
        What::Reach => offered::reach_meters(module).map(meters),
        What::FormFactor => Some(codes::form_factor(module)),
        What::Media => codes::media_type(module),
        What::Vendor => said(&identity.vendor),
        What::PartNumber => said(&identity.part_number),
        What::Firmware => said(&module.firmware.active),
        // Nothing is read of the far end here; a rule compares the two.
        What::PeerClass => None,
    }
}

/// The applications in use, or all that are offered, by the names of both sides.
fn applications(module: &Snapshot) -> Option<String> {
    let runs = |a: &&crate::module::Application| text::is_in_use(module, a);
    let is_running = module.applications.iter().any(|a| runs(&a));
    let shown = module
        .applications
        .iter()
        .filter(|a| !is_running || runs(a));
    let names: Vec<String> = shown
        .map(|application| {
            let names = codes::application(module, application);
            let host = codes::name_or_code(application.host_code, names.host);
            let media = codes::name_or_code(application.media_code, names.media);
            format!("{host} / {media}")
        })
        .collect();
    let verb = if is_running { "" } else { "offers " };
    (!names.is_empty()).then(|| format!("{verb}{}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::RULES;
    use crate::report::sample;

    const ALL: [What; 12] = [
        What::Class,
        What::Application,
        What::HostLanes,
        What::LaneRate,
        What::Power,
        What::Reach,
        What::FormFactor,
        What::Media,
        What::Vendor,
        What::PartNumber,
        What::Firmware,
        What::PeerClass,
    ];

    #[test]
    fn every_rule_that_a_row_names_exists() {
        for rule in ALL.iter().flat_map(|what| what.rules()) {
            assert!(RULES.contains(rule), "{rule}");
        }
    }

    #[test]
    fn what_is_planned_stands_beside_what_is_found() {
        let view = sample::active(sample::module("S1"));
        let rows = beside(&view, &view.findings);
        let class = rows.first().unwrap();
        assert_eq!(class.found.as_deref(), Some("dsp"));
        assert!(class.differs, "class-denied is broken");
        let power = rows.iter().find(|row| row.what == What::Power).unwrap();
        assert_eq!(
            power.found.as_deref(),
            Some("2.00 W per 100 Gb/s: 16.0 W at most")
        );
        assert!(!power.differs);
        assert!(beside(&sample::view(), &[]).is_empty());
    }

    #[test]
    fn what_a_module_does_not_say_is_not_found() {
        let mut view = sample::active(sample::nothing());
        for what in ALL {
            let said = found(&view, what);
            let is_known = matches!(what, What::Class | What::FormFactor);
            assert_eq!(said.is_some(), is_known, "{}: {said:?}", what.name());
        }
        view.snapshot = None;
        assert!(ALL.iter().all(|what| found(&view, *what).is_none()));
    }
}
