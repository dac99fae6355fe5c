use proptest::prelude::*;

use super::*;
use crate::class::Class;
use crate::health::fixture::{self, host_fec, media_ber, of_class};
use crate::health::noise::Noise;
use crate::module::{DataPathState, LaneSettings, ModuleState};
use crate::plan::role::{Policy, Role};
use crate::plan::watched;
use crate::units::Watts;

const SECOND: Duration = Duration::from_secs(1);

/// A retimed module of 100G lanes with this error ratio on both of them.
fn module(ber: f64) -> Snapshot {
    let mut module = fixture::of_100g_lanes();
    module.identity.serial = Reading::Value("S1".to_owned());
    module.vdm = vec![media_ber(1, ber), media_ber(2, ber)];
    module
}

/// A port and what it told.
struct Rig {
    health: PortHealth,
    class: Classification,
    policy: Policy,
    noise: Noise,
    kinds: Vec<&'static str>,
}

impl Rig {
    fn new(class: Class) -> Self {
        Self {
            health: PortHealth::default(),
            class: of_class(class),
            policy: Policy::of_role(Role::ScaleOut),
            noise: Noise::new(17),
            kinds: Vec::new(),
        }
    }

    fn step(&mut self, module: Option<&Snapshot>, host: Option<&HostFec>) {
        let events = self.health.step(&Look {
            module: module.map(|module| (module, &self.class)),
            is_fresh: true,
            host,
            ber: Some(&self.policy.ber),
            watch: Some(&self.policy.watch),
            elapsed: SECOND,
        });
        self.kinds.extend(events.iter().map(Event::kind));
    }

    /// So many sweeps around this ratio, with a tenth of a decade of noise.
    fn run(&mut self, ber: f64, sweeps: u32) {
        for _ in 0..sweeps {
            let noisy = ber * 10_f64.powf(0.1 * self.noise.normal());
            self.step(Some(&module(noisy)), None);
        }
    }

    fn dark(&mut self, sweeps: u32) {
        let mut dark = module(0.3);
        for lane in &mut dark.lanes {
            lane.rx_power = Reading::Value(Watts::new(0.0));
        }
        for _ in 0..sweeps {
            self.step(Some(&dark), None);
        }
    }

    fn rules(&self) -> Vec<&'static str> {
        let findings = self.health.watched().findings;
        findings.iter().map(|finding| finding.rule).collect()
    }

    fn reasons(&self) -> String {
        let reasons = self.health.figures().reasons.iter();
        reasons
            .map(|r| r.text.clone())
            .collect::<Vec<_>>()
            .join("; ")
    }
}

#[test]
fn a_link_that_comes_back_ten_times_worse_is_found_in_two_sweeps() {
    let mut rig = Rig::new(Class::Dsp);
    rig.run(2e-9, 120);
    assert_eq!((rig.rules(), rig.reasons()), (vec![], String::new()));
    rig.dark(3);
    assert_eq!(rig.health.figures().standings, []);
    rig.run(4e-8, 2);
    assert_eq!(rig.rules(), [watched::BER_WORSE_AFTER_FLAP]);
    let finding = rig.health.watched().findings.remove(0);
    assert_eq!(finding.severity, crate::plan::finding::Severity::Warning);
    assert!(
        finding.saw.contains("times the 2.") && finding.saw.contains("% sure"),
        "{}",
        finding.saw
    );
    let [change] = rig.health.figures().changes[..] else {
        panic!("one vantage");
    };
    assert!((10.0..40.0).contains(&change.times) && change.confidence > 0.99);
    assert_eq!(
        rig.kinds,
        [
            "ber_session_opened",
            "data_path_down",
            "ber_session_closed",
            "data_path_up",
            "ber_session_opened"
        ]
    );
    // It stays, and goes when the receivers have adapted.
    rig.run(4e-8, 100);
    assert_eq!(rig.rules(), [watched::BER_WORSE_AFTER_FLAP]);
    rig.run(2e-9, 30);
    assert_eq!(rig.rules(), [""; 0]);
}

#[test]
fn a_link_that_comes_back_as_it_was_is_no_finding() {
    let mut rig = Rig::new(Class::Dsp);
    for _ in 0..20 {
        rig.run(3e-9, 30);
        rig.dark(2);
        assert_eq!(rig.rules(), [""; 0]);
    }
}

#[test]
fn a_flap_between_two_sweeps_is_seen_by_its_flag_and_counted_once() {
    let mut rig = Rig::new(Class::Dsp);
    rig.run(2e-9, 60);
    let mut flagged = module(5e-8);
    flagged.lanes[0].signals.rx_los = Reading::Value(true);
    for _ in 0..5 {
        rig.step(Some(&flagged), None);
    }
    assert_eq!(
        rig.kinds
            .iter()
            .filter(|k| **k == "ber_session_opened")
            .count(),
        2
    );
    assert_eq!(rig.rules(), [watched::BER_WORSE_AFTER_FLAP]);
}

#[test]
fn flags_of_the_time_before_the_link_are_no_flap() {
    let mut rig = Rig::new(Class::Dsp);
    rig.run(2e-9, 1);
    let mut flagged = module(2e-9);
    flagged.lanes[0].signals.data_path_changed = Reading::Value(true);
    rig.step(Some(&flagged), None);
    rig.run(2e-9, 20);
    assert_eq!(rig.kinds, ["ber_session_opened"]);
    rig.step(Some(&flagged), None);
    assert!(rig.kinds.contains(&"data_path_down"));
}

#[test]
fn the_same_module_put_in_again_is_compared_and_another_is_not() {
    let mut rig = Rig::new(Class::Dsp);
    rig.run(2e-9, 60);
    rig.step(None, None);
    rig.run(6e-8, 3);
    assert_eq!(rig.rules(), [watched::BER_WORSE_AFTER_FLAP]);
    let mut other = module(6e-8);
    other.identity.serial = Reading::Value("S2".to_owned());
    rig.step(None, None);
    for _ in 0..6 {
        rig.step(Some(&other), None);
    }
    assert_eq!(rig.rules(), [""; 0]);
    assert!(rig.health.wants_last());
}

#[test]
fn what_was_kept_is_compared_with_after_a_restart() {
    let mut rig = Rig::new(Class::Dsp);
    rig.run(2e-9, 60);
    let document = rig.health.record().unwrap().to_document().unwrap();
    let mut next = Rig::new(Class::Dsp);
    next.run(5e-8, 1);
    assert!(next.health.wants_last());
    next.health
        .remember(Record::from_document(&document).unwrap());
    next.run(5e-8, 3);
    assert_eq!(next.rules(), [watched::BER_WORSE_AFTER_FLAP]);
    // A link that flaps at once leaves no measure of itself.
    next.dark(1);
    assert_eq!(next.health.take_ended(), None);
}

#[test]
fn a_linear_module_is_judged_by_its_host_and_its_zero_is_none() {
    let mut rig = Rig::new(Class::Lpo);
    for at in 0..30 {
        let host = HostFec {
            codewords: Some(at * 156_250_000),
            uncorrectable_codewords: Some(0),
            corrected_bits: Some(at * 8_500_000),
            ..host_fec(at)
        };
        rig.step(Some(&module(0.0)), Some(&host));
    }
    let figures = rig.health.figures();
    assert_eq!(figures.standings.len(), 1);
    assert_eq!(figures.standings[0].ber.source, Source::Host);
    assert!((figures.standings[0].estimate().number() / 1e-5 - 1.0).abs() < 1e-6);
    assert!(figures.codeword_error_ratio.unwrap().is_bound());
    assert!(figures.modelled_post_fec_ber.unwrap() < 1e-36);
    assert!(rig.health.watched().host_counts);
    assert!(
        rig.reasons().contains("above the line of 1.0e-7"),
        "{}",
        rig.reasons()
    );
    // Without a host there is nothing, and soon no source.
    for _ in 0..40 {
        rig.step(Some(&module(0.0)), None);
    }
    assert_eq!(rig.health.figures().bers, []);
    assert!(!rig.health.watched().host_counts);
    assert!(rig.reasons().contains("fell silent"), "{}", rig.reasons());
}

#[test]
fn ratios_above_the_lines_are_told_once_they_last_for_two_sweeps() {
    let mut rig = Rig::new(Class::Dsp);
    rig.run(1e-9, 30);
    rig.step(Some(&module(1e-5)), None);
    assert_eq!(rig.reasons(), "");
    rig.step(Some(&module(1e-9)), None);
    assert_eq!(rig.reasons(), "");
    for (ber, words) in [
        (5e-7, "line of 1.0e-7"),
        (5e-5, "line of 1.0e-5"),
        (1e-3, "correction ends"),
    ] {
        rig.run(ber, 2);
        assert!(rig.reasons().contains(words), "{}", rig.reasons());
    }
}

#[test]
fn a_port_that_is_down_on_purpose_has_nothing_to_say() {
    for change in [
        (|module: &mut Snapshot| module.state = Reading::Value(ModuleState::LowPower))
            as fn(&mut Snapshot),
        |module| {
            for lane in &mut module.lanes {
                lane.data_path_state = Reading::Value(DataPathState::Deactivated);
                lane.rx_power = Reading::Value(Watts::new(0.0));
            }
        },
    ] {
        let mut rig = Rig::new(Class::Dsp);
        let mut down = module(0.4);
        change(&mut down);
        for _ in 0..20 {
            rig.step(Some(&down), None);
        }
        assert_eq!((rig.rules(), rig.reasons()), (vec![], String::new()));
        assert_eq!(rig.health.figures().link_is_up, Some(false));
        assert_eq!(rig.kinds, [""; 0]);
    }
}

#[test]
fn a_session_is_not_older_than_it_was_watched() {
    let mut rig = Rig::new(Class::Dsp);
    rig.dark(3);
    let lasted = |rig: &Rig| rig.health.figures().session.map(|session| session.seconds);
    rig.run(1e-8, 1);
    assert_eq!(
        lasted(&rig),
        Some(0.0),
        "it came up at some time since the last look"
    );
    rig.run(1e-8, 2);
    assert_eq!(lasted(&rig), Some(2.0));
}

#[test]
fn a_host_that_sees_its_link_down_ends_the_session() {
    let mut rig = Rig::new(Class::Dac);
    let mut cable = module(0.0);
    cable.lanes.clear();
    cable.vdm.clear();
    for at in 0..60 {
        let host = HostFec {
            link_up: Some(!(30..33).contains(&at)),
            corrected_bits: Some(at * 8_500 * if at < 33 { 1 } else { 40 }),
            ..host_fec(at)
        };
        rig.step(Some(&cable), Some(&host));
    }
    assert!(rig.kinds.contains(&"data_path_down") && rig.kinds.contains(&"data_path_up"));
    assert_eq!(rig.rules(), [watched::BER_WORSE_AFTER_FLAP]);
}

#[test]
fn light_that_drops_together_is_the_connector_and_alone_is_a_lane() {
    let dimmed = |decibels: [f64; 2]| {
        let mut module = module(1e-9);
        for (lane, decibels) in module.lanes.iter_mut().zip(decibels) {
            lane.rx_power = Reading::Value(Watts::new(0.8e-3 * 10_f64.powf(-decibels / 10.0)));
        }
        module
    };
    for (decibels, rule) in [
        ([3.0, 3.2], watched::LIGHT_DROPPED),
        ([0.1, 5.0], watched::LANE_OUTLIER),
    ] {
        let mut rig = Rig::new(Class::Dsp);
        rig.run(1e-9, 15);
        for _ in 0..3 {
            rig.step(Some(&dimmed(decibels)), None);
        }
        assert_eq!(rig.rules(), [rule]);
    }
    // A connector that was put in again, and is dirty now.
    let mut rig = Rig::new(Class::Dsp);
    rig.run(1e-9, 15);
    rig.dark(2);
    for _ in 0..3 {
        rig.step(Some(&dimmed([3.0, 3.0])), None);
    }
    assert_eq!(rig.rules(), [watched::LIGHT_DROPPED]);
}

#[test]
fn one_lane_that_is_far_worse_than_its_sisters_is_named() {
    let mut rig = Rig::new(Class::Dsp);
    let mut uneven = module(1e-9);
    uneven.vdm.push(media_ber(3, 8e-8));
    uneven.lanes.push(uneven.lanes[1].clone());
    uneven.lanes[2].lane = crate::names::Lane::from_index(2);
    for _ in 0..5 {
        rig.step(Some(&uneven), None);
    }
    // Less than the two decades of the policy.
    assert_eq!(rig.rules(), [""; 0]);
    rig.policy.watch.lane_ber_decades = 1.0;
    for _ in 0..2 {
        rig.step(Some(&uneven), None);
    }
    assert_eq!(rig.rules(), [watched::LANE_OUTLIER]);
    assert!(rig.health.watched().findings[0].saw.contains("of lane 3 "));
}

#[test]
fn settings_that_changed_with_the_flap_are_told() {
    let set = |amplitude| {
        let mut module = module(1e-9);
        for lane in &mut module.lanes {
            lane.settings = Reading::Value(LaneSettings::from_array([0, 3, 0, 0, amplitude]));
        }
        module
    };
    let mut rig = Rig::new(Class::Dsp);
    for _ in 0..15 {
        rig.step(Some(&set(2)), None);
    }
    rig.dark(2);
    for _ in 0..3 {
        rig.step(Some(&set(4)), None);
    }
    assert_eq!(rig.rules(), [watched::SETTINGS_CHANGED]);
    let saw = &rig.health.watched().findings[0].saw;
    assert_eq!(saw, "receive amplitude of lane 1 4, was 2 (and 1 more)");
}

#[test]
fn a_ratio_that_rises_for_hours_is_told_before_the_limit() {
    let mut rig = Rig::new(Class::Dsp);
    rig.policy.ber.warn = 1e-4;
    rig.policy.ber.error = 2e-4;
    let minute = |rig: &mut Rig, ber: f64| {
        let noisy = ber * 10_f64.powf(0.1 * rig.noise.normal());
        let module = module(noisy);
        rig.health.step(&Look {
            module: Some((&module, &rig.class)),
            is_fresh: true,
            host: None,
            ber: Some(&rig.policy.ber),
            watch: Some(&rig.policy.watch),
            elapsed: 60 * SECOND,
        });
    };
    for _ in 0..300 {
        minute(&mut rig, 1e-8);
    }
    assert!(rig.health.figures().trends.is_empty());
    for step in 0..300 {
        minute(&mut rig, 10_f64.powf(-8.0 + f64::from(step) / 100.0));
    }
    assert_eq!(rig.rules(), [watched::BER_RISING]);
    let [trending] = rig.health.figures().trends[..] else {
        panic!("one trend");
    };
    assert!(trending.trend.per_day > 3.0);
    assert!(trending.days_to_limit.is_some());
}

proptest! {
    #[test]
    fn no_module_and_no_host_make_nonsense(
        steps in prop::collection::vec(
            (any::<[f64; 3]>(), any::<[u64; 3]>(), any::<u16>(), any::<[bool; 5]>()), 1..40),
    ) {
        let mut rig = Rig::new(Class::Dsp);
        for (floats, counts, seconds, choices) in steps {
            let mut seen = module(floats[0]);
            seen.lanes[0].rx_power = Reading::Value(Watts::new(floats[1]));
            seen.lanes[1].tx_bias = Reading::Value(crate::units::Amperes::new(floats[2]));
            seen.monitors.temperature = Reading::Value(crate::units::Celsius::new(floats[1]));
            seen.lanes[0].signals.rx_los = Reading::Value(choices[0]);
            let host = HostFec {
                at: Duration::from_secs(u64::from(seconds)),
                corrected_bits: Some(counts[0]),
                uncorrectable_codewords: Some(counts[1]),
                histogram: vec![counts[2]; 3],
                ..host_fec(0)
            };
            rig.health.step(&Look {
                module: choices[1].then_some((&seen, &rig.class)),
                is_fresh: choices[2],
                host: choices[3].then_some(&host),
                ber: choices[4].then_some(&rig.policy.ber),
                watch: None,
                elapsed: Duration::from_secs(u64::from(seconds)),
            });
            let figures = rig.health.figures();
            for standing in &figures.standings {
                prop_assert!(standing.estimate().number() > 0.0);
                prop_assert!(standing.margin.is_none_or(|margin| margin.decades.is_finite()));
            }
            for change in &figures.changes {
                prop_assert!(change.times.is_finite() && (0.0..=1.0).contains(&change.confidence));
            }
            prop_assert!(figures.trends.iter().all(|t| t.trend.per_day.is_finite()));
        }
    }
}
