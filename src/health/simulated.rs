//! The health step on simulated modules with noise: what is well stays quiet, and
//! what is turned is found.

use std::sync::Arc;
use std::time::Duration;

use super::event::Event;
use super::host_fec::{FecCode, FecSource, HostFec, LaneFec};
use super::port::{Look, PortHealth};
use crate::bus::paging::Paged;
use crate::class::{self, Classification, Settings};
use crate::clock::{Clock, ManualClock};
use crate::module::sweep::Session;
use crate::plan::finding::Severity;
use crate::plan::policy::WatchPolicy;
use crate::plan::watched;
use crate::sim::builders;
use crate::sim::cage::Cage;
use crate::sim::i2c::SimI2c;
use crate::sim::knobs::Knobs;
use crate::sim::wire::BusRate;

/// A simulated port under watch.
struct Rig {
    cage: Cage,
    clock: ManualClock,
    memory: Paged<SimI2c, ManualClock>,
    session: Session,
    class: Option<Classification>,
    health: PortHealth,
    period: Duration,
    stepped: Duration,
    kinds: Vec<&'static str>,
}

impl Rig {
    /// A module of this family that has run for a minute.
    fn new(family: &str, period: u64) -> Self {
        let clock = ManualClock::new();
        let cage = Cage::new(Arc::new(clock.clone()));
        cage.keep_writes(1);
        cage.insert(builders::by_name(family).unwrap());
        clock.advance(Duration::from_secs(60));
        let i2c = cage.i2c(BusRate::default());
        Self {
            cage,
            memory: Paged::new(i2c, clock.clone(), Arc::default()),
            stepped: clock.now(),
            clock,
            session: Session::new(),
            class: None,
            health: PortHealth::default(),
            period: Duration::from_secs(period),
            kinds: Vec::new(),
        }
    }

    fn sweep(&mut self) {
        self.clock.advance(self.period);
        let Ok(sweep) = self.session.sweep(&mut self.memory, &self.clock) else {
            return;
        };
        let module = sweep.snapshot;
        let class = self
            .class
            .get_or_insert_with(|| class::classify(&module, &Settings::default()));
        let host = host(&self.cage, &self.clock);
        let now = self.clock.now();
        let events = self.health.step(&Look {
            module: Some((&module, class)),
            is_fresh: true,
            host: host.as_ref(),
            ber: None,
            watch: None,
            elapsed: now - self.stepped,
        });
        self.stepped = now;
        self.kinds.extend(events.iter().map(Event::kind));
    }

    /// Sweeps so often and tells the rules and reasons that ever came up.
    fn run(&mut self, sweeps: u32) -> Vec<String> {
        let mut told = Vec::new();
        for _ in 0..sweeps {
            self.sweep();
            let findings = self.health.watched().findings.into_iter();
            let rules = findings.map(|f| f.rule.to_owned());
            let reasons = self.health.figures().reasons.iter().map(|r| r.text.clone());
            for text in rules.chain(reasons) {
                if !told.contains(&text) {
                    told.push(text);
                }
            }
        }
        told
    }

    fn turn(&mut self, turn: impl FnOnce(&mut Knobs, Duration)) {
        assert!(self.cage.adjust(turn));
    }
}

/// What the simulated host shows, as a source would tell it.
fn host(cage: &Cage, clock: &ManualClock) -> Option<HostFec> {
    let shown = cage.host_counters()?;
    let tally = shown.tally;
    let lanes = tally.lane_bits.iter().map(|bits| LaneFec {
        corrected_bits: Some(*bits),
        ..LaneFec::default()
    });
    Some(HostFec {
        code: Some(match shown.code.symbols {
            528 => FecCode::Rs528,
            _ => FecCode::Rs544,
        }),
        coded_bits_per_second: Some(shown.bits_per_second),
        codewords: Some(tally.codewords),
        corrected_codewords: Some(tally.corrected_codewords),
        uncorrectable_codewords: Some(tally.uncorrectable_codewords),
        corrected_bits: Some(tally.corrected_bits),
        corrected_symbols: Some(tally.corrected_symbols),
        lanes: lanes.collect(),
        histogram: tally.histogram.clone(),
        ..HostFec::empty(clock.now(), FecSource::Ethtool)
    })
}

#[test]
fn what_is_well_is_quiet_for_hours() {
    for family in [
        "dsp-800g", "lpo-800g", "lro-800g", "qsfp28", "aec-800g", "dac-400g",
    ] {
        let mut rig = Rig::new(family, 20);
        assert_eq!(rig.run(400), [""; 0], "{family}");
        let figures = rig.health.figures();
        assert_eq!(figures.link_is_up, Some(true), "{family}");
        assert!(!figures.standings.is_empty(), "{family}");
        assert!(figures.trends.is_empty(), "{family}: {:?}", figures.trends);
        let down = rig.kinds.iter().filter(|kind| **kind == "data_path_down");
        assert_eq!(down.count(), 0, "{family}");
    }
}

#[test]
fn a_flap_that_adapts_badly_is_found_in_two_sweeps_after_link_up() {
    for family in ["dsp-800g", "lpo-800g"] {
        for is_dark in [true, false] {
            let mut rig = Rig::new(family, 1);
            assert_eq!(rig.run(90), [""; 0]);
            let down = Duration::from_millis(3500);
            rig.turn(|knobs, now| match is_dark {
                true => knobs.flap(1.2, now, down),
                false => knobs.deactivate(1.2, now, down),
            });
            while rig.health.figures().link_is_up == Some(true) {
                rig.sweep();
            }
            let mut sweeps = 0;
            while rig.health.figures().link_is_up != Some(true) {
                rig.sweep();
                sweeps += 1;
                assert!(sweeps < 60, "{family}: the link stays down");
            }
            rig.sweep();
            let findings = rig.health.watched().findings;
            let found = findings
                .iter()
                .find(|f| f.rule == watched::BER_WORSE_AFTER_FLAP);
            assert!(
                found.is_some(),
                "{family}, dark {is_dark}: {:?}",
                rig.health.figures().changes
            );
        }
    }
}

#[test]
fn a_flap_that_adapts_well_is_only_a_flap() {
    let mut rig = Rig::new("dsp-800g", 1);
    rig.run(60);
    for _ in 0..5 {
        rig.turn(|knobs, now| knobs.flap(0.0, now, Duration::from_secs(3)));
        let told = rig.run(40);
        let worse = told
            .iter()
            .any(|text| text == watched::BER_WORSE_AFTER_FLAP);
        assert!(!worse, "{told:?}");
    }
    assert!(rig.kinds.contains(&"data_path_down"));
}

/// The rules that are found in so many sweeps after something was turned.
fn found(
    family: &str,
    period: u64,
    sweeps: u32,
    turn: impl FnOnce(&mut Knobs, Duration),
) -> Vec<String> {
    let mut rig = Rig::new(family, period);
    assert_eq!(rig.run(60), [""; 0], "{family}");
    rig.turn(turn);
    rig.run(sweeps)
}

#[track_caller]
fn finds(told: &[String], rule: &str) {
    assert!(told.iter().any(|text| text == rule), "{rule}: {told:?}");
}

#[test]
fn faults_of_the_fibre_are_told_by_how_many_lanes_they_hit() {
    let none = Duration::ZERO;
    let dirty = found("dsp-800g-dr8", 5, 40, |knobs, now| {
        knobs.rx_loss_db.turn_to(4.0, now, none)
    });
    finds(&dirty, watched::LIGHT_DROPPED);
    let lane = found("dsp-800g-dr8", 5, 40, |knobs, now| {
        knobs
            .lane_loss_db
            .entry(2)
            .or_insert(crate::sim::knobs::Ramp::steady(0.0))
            .turn_to(4.0, now, none);
    });
    finds(&lane, watched::LANE_OUTLIER);
}

#[test]
fn bursts_show_in_the_tail_of_the_histogram() {
    let told = found("lpo-800g", 5, 60, |knobs, now| {
        knobs.bursts.turn_to(2.0, now, Duration::ZERO)
    });
    finds(&told, watched::FEC_BURSTS);
}

#[test]
fn a_laser_that_ages_for_weeks_is_found() {
    let weeks = Duration::from_secs(40 * 86_400);
    let mut rig = Rig::new("dsp-800g", 3600);
    rig.run(60);
    rig.turn(|knobs, now| knobs.ageing.turn_to(0.7, now, weeks));
    finds(&rig.run(40 * 24), watched::LASER_AGEING);
    let ageing = rig
        .health
        .watched()
        .findings
        .into_iter()
        .find(|f| f.rule == watched::LASER_AGEING);
    assert!(ageing.is_none_or(|finding| finding.severity == Severity::Warning));
    assert!(WatchPolicy::default().bias_rise < 0.7);
}
