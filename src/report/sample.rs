//! Hand-made modules and a small fleet for the tests of this folder.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::planned::{Planned, Want, What};
use super::sessions::Kept;
use super::{
    BusStats, Fleet, HostStatus, PortCounts, PortSlot, PortView, ReloadStatus, StoreStatus,
    WebStatus,
};
use crate::bus::sheet::Sheet;
use crate::class::{Class, Classification, Evidence, Form, Retiming, Source};
use crate::cmis::coherent::{Fec, link as link_of};
use crate::health::ber::{Estimate, Vantage};
use crate::health::event::{Event, EventCounts};
use crate::health::figures::{Figures, SessionFigures, Trending};
use crate::health::flags::{Flag, Tally};
use crate::health::host_ber::Totals;
use crate::health::host_fec::{FecSource, HostFec};
use crate::health::levels::{self as level, LevelTrend};
use crate::health::session::{Change, LaneRecord, Ratio as SessionRatio, Record};
use crate::health::trend::Trend;
use crate::health::verdict::{Judgement, Verdict};
use crate::module::assemble::{Registers, snapshot};
use crate::module::{
    Absence, Application, Checksum, CoherentLane, DataPathState, EnhancedLpo, LaneCount,
    LaneLatency, LaneReadings, LaneSnr, Laser, LaserSource, LaserState, Levels, LpoLane,
    Management, ModuleState, Presence, Reading, SignalFlags, Snapshot, SourceLane, Statistic,
    VdmSample,
};
use crate::names::{BusName, Lane, PortName, Profile, Side};
use crate::plan::finding::{Finding, Severity};
use crate::plan::planes::{Imbalance, Quantity};
use crate::plan::role::Role;
use crate::units::{Amperes, Celsius, Decibels, Hertz, Meters, Ratio, Volts, Watts};

/// What a hostile maker might write into a name.
pub const HOSTILE: &str = "<script>alert(\"1\")</script>\\\n\x1b[31m";

/// The moment at which the sample fleet is looked at.
pub fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn text(text: &str) -> Reading<String> {
    Reading::Value(text.to_owned())
}

/// A module of which nothing is known but that it is none of ours.
pub fn nothing() -> Snapshot {
    snapshot(Registers {
        image: Arc::default(),
        failures: Vec::new(),
        started: Duration::ZERO,
        finished: Duration::ZERO,
    })
}

/// An 800G retimed module with eight lanes at work.
pub fn module(serial: &str) -> Snapshot {
    let mut module = nothing();
    module.management = Management::Cmis;
    let identity = &mut module.identity;
    identity.identifier = 0x19;
    identity.revision = text("5.2");
    identity.vendor = text("ACME OPTICS");
    identity.oui = Reading::Value([0x00, 0x1B, 0xC5]);
    identity.part_number = text("OSFP-800G-2FR4");
    identity.revision_number = text("B2");
    identity.serial = text(serial);
    identity.date_code = text("260411");
    identity.connector = Reading::Value(7);
    identity.media_technology = Reading::Value(6);
    module.state = Reading::Value(ModuleState::Ready);
    module.media_type = Reading::Value(2);
    module.power.class = Reading::Value(8);
    module.power.max = Reading::Value(Watts::new(16.0));
    module.fiber.smf = Reading::Value(Meters::new(2000.0));
    module.wavelength = Reading::Value(Meters::new(1311e-9));
    module.firmware.active = text("2.10");
    module.firmware.inactive = text("2.9");
    module.firmware.hardware = text("1.0");
    module.lane_count = LaneCount { host: 8, media: 8 };
    module.checksums = ["page_00", "page_01", "page_02"]
        .map(|name| Checksum {
            name,
            good: name != "page_02",
        })
        .to_vec();
    module.applications = vec![
        application(1, 0x51, 0x1D, 4, 0b1_0001),
        application(2, 0x4F, 0x14, 1, 0xFF),
    ];
    monitors(&mut module);
    module.lanes = (0..8).map(lane).collect();
    module.snr = (0..8)
        .map(|index| LaneSnr {
            lane: Lane::from_index(index),
            side: Side::Media,
            snr: Reading::Value(Decibels::new(21.0 + f64::from(index) / 8.0)),
        })
        .collect();
    module.vdm = vdm();
    module.problems = vec!["page 02h: checksum does not fit".to_owned()];
    module
}

/// The same module, if it had all that few modules have at once.
pub fn rare(serial: &str) -> Snapshot {
    let mut module = module(serial);
    let lane = Lane::from_index(0);
    module.identity.function_type = Reading::Value(0);
    module.lasers = vec![Laser {
        lane,
        frequency: Reading::Value(Hertz::new(192.7999e12)),
        set_frequency: Reading::Value(Hertz::new(192.8e12)),
        channel: Reading::Value(-12),
        grid_code: Reading::Value(7),
        target_power: Reading::Value(Watts::new(1e-4)),
        tuning: Reading::Value(false),
        locked: Reading::Value(true),
        flags: Reading::Value([true, false, false, false, false, false]),
        tx_power_thresholds: Reading::NOT_ADVERTISED,
    }];
    module.coherent = [1, 2].map(coherent).to_vec();
    module.laser_source = Some(laser_source(lane));
    module.lpo = Some(EnhancedLpo {
        max_extinction_ratio: Reading::Value(Decibels::new(4.5)),
        tx_polarity: 0b11,
        rx_polarity: 0,
        vma_accuracy: Reading::Value(Volts::new(0.02)),
        vma_thresholds: Reading::Value(Levels::from_array([0.8, 0.1, 0.7, 0.2]).map(Volts::new)),
        oma_accuracy: Reading::NOT_ADVERTISED,
        oma_thresholds: Reading::NOT_ADVERTISED,
        lanes: vec![LpoLane {
            lane,
            vma: Reading::Value(Volts::new(0.5)),
            oma: Reading::Value(Watts::new(5e-4)),
            vma_flags: Reading::Value(Levels::from_array([false, true, false, false])),
            oma_flags: Reading::NOT_ADVERTISED,
        }],
    });
    module.latency = vec![LaneLatency {
        lane,
        rx: Reading::Value(Duration::from_nanos(120)),
        tx: Reading::Absent(Absence::ReadFailed),
    }];
    module
}

/// A media lane that corrected one bit in a million times its number.
fn coherent(number: u8) -> CoherentLane {
    let mut link = Sheet::full([0; 128]);
    link.put(140, &[0x00, 0xC8, 0x00, 0x64, 0x01, 0x2C]);
    CoherentLane {
        lane: Lane::from_index(number - 1),
        fec: Reading::Value(Fec {
            bits: 1_000_000_000,
            bits_per_sub_interval: 0,
            corrected_bits: 1000 * u64::from(number),
            corrected_bits_min: 0,
            corrected_bits_max: 0,
            frames: 1000,
            frames_per_sub_interval: 10,
            uncorrectable_frames: 3,
            uncorrectable_frames_min: 0,
            uncorrectable_frames_max: 2,
        }),
        link: Reading::Value(link_of(&link)),
    }
}

fn laser_source(lane: Lane) -> LaserSource {
    LaserSource {
        holds_power: Reading::Value(true),
        power_limits: Reading::Value([0.2, 0.01].map(Watts::new)),
        bias_limits: Reading::NOT_ADVERTISED,
        supply_current: Reading::Value(Amperes::new(1.0)),
        lanes: vec![SourceLane {
            lane,
            enabled: Reading::Value(true),
            state: Reading::Value(LaserState::Reserved(3)),
            power_set_point: Reading::Value(Watts::new(0.1)),
            bias_set_point: Reading::Absent(Absence::ReadFailed),
            voltage: Reading::Value(Volts::new(1.5)),
            warning: Reading::Value(false),
            fault_code: Reading::Value(1),
            warning_code: Reading::Value(9),
        }],
    }
}

fn application(number: u8, host: u8, media: u8, lanes: u8, starts: u8) -> Application {
    Application {
        number,
        host_code: host,
        media_code: media,
        host_lanes: lanes,
        media_lanes: lanes,
        host_starts: starts,
        media_starts: Reading::Value(starts),
    }
}

fn monitors(module: &mut Snapshot) {
    module.monitors.temperature = Reading::Value(Celsius::new(46.5));
    module.monitors.supply = Reading::Value(Volts::new(3.285));
    module.monitors.tec_current = Reading::Value(Ratio::new(-0.125));
    module.monitors.laser_temperature = Reading::Absent(Absence::NotReady);
    module.monitors.vendor = vec![("aux1", -7)];
    let thresholds = &mut module.thresholds;
    thresholds.temperature =
        Reading::Value(Levels::from_array([75.0, -5.0, 70.0, 0.0]).map(Celsius::new));
    thresholds.supply =
        Reading::Value(Levels::from_array([3.63, 2.97, 3.46, 3.13]).map(Volts::new));
    let power = Levels::from_array([3.55e-3, 0.16e-3, 2.82e-3, 0.2e-3]).map(Watts::new);
    thresholds.rx_power = Reading::Value(power);
    thresholds.tx_power = Reading::Value(power);
    thresholds.tx_bias =
        Reading::Value(Levels::from_array([0.12, 0.02, 0.11, 0.03]).map(Amperes::new));
    module.flags.temperature = Reading::Value(Levels::from_array([false, false, true, false]));
    module.flags.supply = Reading::Value(Levels::from_array([false; 4]));
}

fn lane(index: u8) -> LaneReadings {
    let lane = f64::from(index);
    LaneReadings {
        lane: Lane::from_index(index),
        bank: Default::default(),
        data_path_state: Reading::Value(DataPathState::Activated),
        active_application: Reading::Value(1),
        tx_power: Reading::Value(Watts::new(1.2e-3 + lane * 2e-5)),
        tx_bias: Reading::Value(Amperes::new(0.085 - lane * 1e-3)),
        rx_power: Reading::Value(Watts::new((0.95 - lane * 0.08) * 1e-3)),
        signals: SignalFlags {
            tx_fault: Reading::Value(false),
            tx_los: Reading::Value(false),
            tx_lol: Reading::Value(false),
            tx_adaptive_eq_fault: Reading::Absent(Absence::ReadFailed),
            rx_los: Reading::Value(false),
            rx_lol: Reading::Value(index == 7),
            data_path_changed: Reading::Value(false),
            rx_output_changed: Reading::NOT_ADVERTISED,
        },
        tx_power_flags: Reading::Value(Levels::from_array([false; 4])),
        tx_bias_flags: Reading::NOT_ADVERTISED,
        rx_power_flags: Reading::Value(Levels::from_array([false, false, false, index == 7])),
        settings: Reading::NOT_ADVERTISED,
    }
}

fn vdm() -> Vec<VdmSample> {
    let sample = |observable, name, side, statistic, lane, value, unit| VdmSample {
        bank: Default::default(),
        instance: 1,
        observable,
        name,
        side: Some(side),
        statistic,
        lane,
        frozen: false,
        value: Reading::Value(value),
        unit,
        raw: 0x5678,
        thresholds: Reading::Value(Levels::from_array([1.0, 0.0, 0.5, 0.1])),
        flags: Reading::Value(0),
    };
    let (now, most) = (Statistic::Current, Statistic::Maximum);
    let (media, host) = (Side::Media, Side::Host);
    let mut rows = vec![
        sample(15, "pre_fec_ber", media, now, Some(1), 4.95e-8, "ratio"),
        sample(15, "pre_fec_ber", media, now, Some(5), 2.5e-9, "ratio"),
        // A descriptor that some modules repeat: must not become a second series.
        sample(15, "pre_fec_ber", media, now, Some(5), 7.0e-9, "ratio"),
        sample(16, "pre_fec_ber", host, now, None, 0.0, "ratio"),
        sample(19, "errored_frames", media, most, Some(1), 0.0, "frames"),
        sample(5, "snr", media, now, Some(1), 21.5, "decibels"),
    ];
    rows[0].flags = Reading::Value(0b0100);
    rows
}

/// A retimed module, well argued.
pub fn classification() -> Classification {
    Classification {
        class: Class::Dsp,
        form: Form::Pluggable,
        retiming: Retiming::Both,
        confidence: 0.93,
        source: Source::Scored,
        evidence: vec![Evidence {
            signal: "retiming",
            place: "01h:161.0".to_owned(),
            value: "1".to_owned(),
            says: "transmit CDR implemented".to_owned(),
            weight: 0.45,
        }],
        missing: vec!["page 13h: not advertised".to_owned()],
        conflicts: Vec::new(),
        scores: vec![(Class::Dsp, 0.93), (Class::Lro, 0.12), (Class::Lpo, 0.0)],
    }
}

/// A finding against a module.
pub fn finding() -> Finding {
    Finding {
        rule: "class-denied",
        severity: Severity::Error,
        saw: "lpo".to_owned(),
        planned: "coherent or dsp with a 10 km interface".to_owned(),
        advice: "put a coherent module here".to_owned(),
    }
}

/// A port that was never looked at.
pub fn view() -> PortView {
    PortView {
        planned: None,
        presence: Presence::Unread,
        settled: false,
        snapshot: None,
        class: None,
        findings: Vec::new(),
        judgement: Judgement {
            verdict: Verdict::Unknown,
            reasons: Vec::new(),
        },
        health: Arc::default(),
        flags: Vec::new(),
        trouble: None,
        last_read: None,
        counts: PortCounts::default(),
    }
}

/// A port with a module at work that carries a finding.
pub fn active(snapshot: Snapshot) -> PortView {
    active_of(snapshot, classification())
}

/// The same for a module of this class.
pub fn active_of(snapshot: Snapshot, class: Classification) -> PortView {
    let health = Figures::of_module(&snapshot, &class);
    PortView {
        planned: Some(Planned {
            role: "scale-out",
            plane: Some("2".to_owned()),
            peer: Some("leaf7:Ethernet3".to_owned()),
            wants: wants(),
        }),
        presence: Presence::Active,
        settled: true,
        snapshot: Some(Arc::new(snapshot)),
        class: Some(Arc::new(class)),
        findings: vec![finding()],
        judgement: Judgement {
            verdict: Verdict::Bad,
            reasons: vec!["lane 8 receives too little light".to_owned()],
        },
        health: Arc::new(health),
        flags: tallies(),
        trouble: None,
        last_read: Some(now() - Duration::from_secs(2)),
        counts: PortCounts {
            reads: 100,
            failures: [("no_answer", 3)].into(),
            insertions: 1,
            departures: 0,
            threshold_flags: [(("rx_power", "low_warning"), 4)].into(),
            signal_flags: [("rx_lol", 2)].into(),
        },
    }
}

/// A session that was opened so many seconds ago and lasted a minute, with an error
/// ratio of ten to this power.
pub fn session(serial: &str, ago: u64, log10: f64) -> Kept {
    let opened = now() - Duration::from_secs(ago);
    Kept {
        serial: serial.to_owned(),
        opened,
        closed: Some(opened + Duration::from_secs(60)),
        record: Some(Record {
            seconds: 60.0,
            ratios: vec![SessionRatio {
                side: "media".to_owned(),
                source: "module".to_owned(),
                samples: 60.0,
                bounds: 0.0,
                log10_mean: log10,
                log10_squares: 0.0,
                log10_least: log10,
                log10_most: log10,
                errors: 0.0,
                bits: 0.0,
                bound: 0.0,
            }],
            temperature_celsius: Some(45.0),
            lanes: vec![LaneRecord {
                lane: 1,
                rx_dbm: Some(-3.0),
                tx_dbm: None,
                tx_bias_amperes: Some(0.08),
                settings: None,
            }],
            polarity: None,
        }),
    }
}

/// What a plan might ask of that port.
fn wants() -> Vec<Want> {
    [
        (What::Class, "coherent or dsp with a 10 km interface"),
        (
            What::Power,
            "up to 2.1 W per 100 Gb/s, 2.5 W at the very most",
        ),
        (What::HostLanes, "8"),
    ]
    .map(|(what, planned)| Want {
        what,
        planned: planned.to_owned(),
    })
    .to_vec()
}

/// Flags of two kinds that were raised since the module came.
pub fn tallies() -> Vec<Tally> {
    let flag = |name, level| Flag {
        name,
        level,
        observable: None,
    };
    let tally = |flag, lane, times, ago| Tally {
        flag,
        lane: Some(Lane::from_index(lane)),
        times,
        sweeps: times * 10,
        first: now() - Duration::from_secs(7200),
        last: now() - Duration::from_secs(ago),
        is_raised: ago < 5,
    };
    vec![
        tally(flag("rx_lol", None), 7, 2, 2),
        tally(flag("rx_power", Some("low_warning")), 7, 4, 600),
    ]
}

/// A port that has all that few modules have, and whose host counts errors.
pub fn counted() -> PortView {
    let mut health = Figures::of_module(&rare("S1"), &classification());
    health.codeword_error_ratio = Estimate::of_counts(3.0, 1e12);
    health.post_fec_ber = Estimate::of_counts(0.0, 1e15);
    health.totals = Totals {
        corrected_codewords: Some(1_000_000),
        uncorrectable_codewords: Some(3),
        corrected_bits: Some(1_200_000),
    };
    health.link_is_up = Some(true);
    health.session = Some(SessionFigures {
        seconds: 95_000.0,
        has_last: true,
    });
    let vantage = Vantage::ALL[0];
    let trend = |per_day| Trend {
        per_day,
        interval: [per_day * 0.8, per_day * 1.2],
        days: 8.0,
        now: -7.3,
    };
    health.changes = vec![Change {
        vantage,
        before: Estimate::Below(4e-9),
        now: Estimate::Below(4.8e-8),
        times: 12.0,
        confidence: 0.999,
    }];
    health.trends = vec![Trending {
        vantage,
        trend: trend(0.5),
        days_to_limit: Some([7.36, 6.1]),
    }];
    health.level_trends = vec![LevelTrend {
        quantity: level::Quantity::TxBias,
        lane: Some(1),
        trend: trend(0.01),
    }];
    PortView {
        health: Arc::new(health),
        ..active(rare("S1"))
    }
}

/// A slot on the first bus; the host counts where a module is.
pub fn slot(name: &str, view: PortView) -> Arc<PortSlot> {
    let has_module = view.snapshot.is_some();
    let (name, bus) = (PortName::new(name), BusName::new("i2c-34"));
    let slot = PortSlot::new(name.unwrap(), bus.unwrap(), view);
    if has_module {
        slot.host_fec.store(Some(Arc::new(host_fec())));
        slot.host.store(Some(Arc::new(HostStatus {
            reads: 7,
            failures: [("timed_out", 2)].into(),
            ..HostStatus::unasked("ethtool:eth0".to_owned())
        })));
    }
    Arc::new(slot)
}

/// What a NIC counts that tells the most.
fn host_fec() -> HostFec {
    HostFec {
        corrected_codewords: Some(120),
        uncorrectable_codewords: Some(3),
        corrected_bits: Some(12_345_678_901),
        ..HostFec::empty(Duration::from_secs(5), FecSource::Ethtool)
    }
}

/// A fleet of these ports on one bus.
pub fn fleet(ports: Vec<Arc<PortSlot>>) -> Arc<Fleet> {
    let bus = BusStats {
        name: BusName::new("i2c-34").unwrap(),
        meter: Arc::default(),
        overruns: 1.into(),
        last_round: arc_swap::ArcSwap::from_pointee(Some(Duration::from_millis(250))),
        jitter: arc_swap::ArcSwap::from_pointee(Some(Duration::from_millis(40))),
    };
    bus.meter.count_error(&crate::bus::BusErrorKind::NoAnswer);
    let events = EventCounts::default();
    events.count(&Event::ConfigReloaded { ports: ports.len() });
    Arc::new(Fleet {
        ports: arc_swap::ArcSwap::from_pointee(ports),
        buses: arc_swap::ArcSwap::from_pointee(vec![Arc::new(bus)]),
        reload: arc_swap::ArcSwap::from_pointee(ReloadStatus {
            good: true,
            at: now() - Duration::from_secs(3600),
        }),
        profile: arc_swap::ArcSwap::from_pointee(Profile::Full),
        web: arc_swap::ArcSwapOption::from_pointee(WebStatus {
            good: true,
            certificate_expires: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000)),
        }),
        events,
        across: arc_swap::ArcSwap::default(),
        imbalance: arc_swap::ArcSwap::from_pointee(vec![Imbalance {
            role: Role::ScaleOut,
            quantity: Quantity::RxPower,
            ratio: 0.25,
        }]),
        store: arc_swap::ArcSwap::from_pointee(Some(StoreStatus {
            bytes: Some(1 << 20),
            errors: [("full", 2)].into(),
            ..StoreStatus::new(None)
        })),
    })
}
