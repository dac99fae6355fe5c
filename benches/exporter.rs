//! How long a scrape takes: 64 ports of eight lanes, and so many ports that there
//! are twice as many series, to see that it grows with them and no faster.
//!
//! `cargo bench --bench exporter`. The goal is 10 ms for 12,288 series.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that cannot go on should end there"
)]

mod support;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use criterion::Criterion;
use opticsd::class::{self, Settings};
use opticsd::daemon::publish;
use opticsd::health::verdict::{Judgement, Verdict};
use opticsd::module::Presence;
use opticsd::names::{BusName, PortName};
use opticsd::report::metrics::Exporter;
use opticsd::report::{Fleet, PortSlot, PortView};
use support::{fastest, swept, tell};

/// For so many series, in proportion.
const GOAL: Duration = Duration::from_millis(10);
const GOAL_SERIES: u32 = 12_288;
const PORTS: [u32; 3] = [64, 128, 256];

/// A switch full of retimed modules, all of them well.
fn fleet(ports: u32) -> Arc<Fleet> {
    let snapshot = Arc::new(swept("dsp-800g"));
    let class = Arc::new(class::classify(&snapshot, &Settings::default()));
    let fleet = publish::fleet(SystemTime::now());
    let slots = (0..ports).map(|n| {
        let view = PortView {
            presence: Presence::Active,
            settled: true,
            snapshot: Some(Arc::clone(&snapshot)),
            class: Some(Arc::clone(&class)),
            judgement: Judgement {
                verdict: Verdict::Ok,
                reasons: Vec::new(),
            },
            last_read: Some(SystemTime::now()),
            ..publish::unread(None)
        };
        let name = PortName::new(&format!("Ethernet{n}")).unwrap();
        let bus = BusName::new(&format!("i2c-{}", n / 8)).unwrap();
        Arc::new(PortSlot::new(name, bus, view))
    });
    fleet.ports.store(Arc::new(slots.collect()));
    Arc::new(fleet)
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for ports in PORTS {
        let exporter = Exporter::new(fleet(ports)).unwrap();
        let scrape = || exporter.render().unwrap();
        let text = scrape();
        let lines = text.lines().filter(|line| !line.starts_with('#')).count();
        let series = u32::try_from(lines).unwrap();
        criterion.bench_function(&format!("scrape {ports} ports"), |b| b.iter(scrape));
        let goal = GOAL * series / GOAL_SERIES;
        let name = format!("scrape {ports} ports, {series} series");
        tell(&name, goal, fastest(scrape));
    }
    criterion.final_summary();
}
