//! Any sequence of images, host counters and times between them, watched: every
//! figure is a finite number or absent, and what is told has an order.

use std::sync::LazyLock;
use std::time::Duration;

use opticsd::bus::address::Half;
use opticsd::bus::image::Image;
use opticsd::class::{self, Settings};
use opticsd::clock::{Clock, ManualClock};
use opticsd::health::ber::Estimate;
use opticsd::health::event::Event;
use opticsd::health::figures::Figures;
use opticsd::health::host_fec::{FecCode, FecSource, HostFec, LaneFec};
use opticsd::health::port::{Look, PortHealth};
use opticsd::health::session::Record;
use opticsd::health::trend::Trend;
use opticsd::health::verdict;
use opticsd::module::Presence;
use opticsd::module::sweep::Session;
use opticsd::plan::role::{Policy, Role};
use opticsd::sim::builders;

use super::feed::Feed;

/// The most steps of a run.
const MOST_STEPS: usize = 96;
/// Bits of the first byte of a step: no module; values that are not new; new
/// counters of the host; the step is repeated. The lowest three say how many bytes
/// of the image change.
const CHANGES: u8 = 0x07;
const GONE: u8 = 0x08;
const STALE: u8 = 0x10;
const HOST: u8 = 0x20;
const REPEATED: u8 = 0x80;

/// What happens to a port.
pub fn health_step(bytes: &[u8]) {
    watched(Feed(bytes));
}

fn watched(mut feed: Feed<'_>) -> Option<()> {
    let images = images();
    let number = usize::from(feed.byte()?) % images.len();
    let mut image = images.get(number)?.clone();
    let halves: Vec<Half> = image.halves().map(|(half, _)| half).collect();
    let roles = [None, Some(Role::ScaleUp), Some(Role::ScaleOut)];
    let policy = feed.pick(&roles)?.map(Policy::of_role);
    let mut port = Port::default();
    let mut steps = 0;
    while steps < MOST_STEPS {
        let kind = feed.byte()?;
        let elapsed = feed.time()?;
        for _ in 0..kind & CHANGES {
            let half = feed.pick(&halves)?;
            let offset = half.base() | (feed.byte()? & 0x7F);
            let byte = feed.byte()?;
            image.sheet_mut(half).put(offset, &[byte]);
        }
        let growth = if kind & HOST == 0 {
            None
        } else {
            Some(growth(&mut feed)?)
        };
        let times = if kind & REPEATED == 0 {
            1
        } else {
            1 + usize::from(feed.byte()? % 48)
        };
        for _ in 0..times {
            port.step(kind, elapsed, &image, growth.as_ref(), policy.as_ref());
        }
        steps += times;
    }
    Some(())
}

/// By how much the host's counters grow in a step.
fn growth(feed: &mut Feed<'_>) -> Option<HostFec> {
    const CODES: [Option<FecCode>; 5] = [
        None,
        Some(FecCode::Off),
        Some(FecCode::Rs544),
        Some(FecCode::Rs528),
        Some(FecCode::BaseR),
    ];
    let told = feed.byte()?;
    let mut some = |bit: u8| match told >> bit & 1 {
        0 => Some(None),
        _ => feed.number().map(Some),
    };
    let mut host = HostFec {
        codewords: some(0)?,
        corrected_codewords: some(1)?,
        uncorrectable_codewords: some(2)?,
        corrected_bits: some(3)?,
        corrected_symbols: some(4)?,
        ..HostFec::empty(Duration::ZERO, FecSource::Ethtool)
    };
    host.code = feed.pick(&CODES)?;
    host.link_up = feed.pick(&[None, Some(true), Some(true), Some(false)])?;
    host.coded_bits_per_second = feed.pick(&[None, Some(850e9), Some(53.125e9)])?;
    host.told.pre_fec = feed.pick(&[None, Some(1e-9), Some(0.5), Some(0.0)])?;
    let bins = feed.byte()? % 18;
    host.histogram = (0..bins).map_while(|_| feed.number()).collect();
    let lanes = feed.byte()? % 9;
    let lane = |bits| LaneFec {
        corrected_codewords: None,
        uncorrectable_codewords: None,
        corrected_bits: Some(bits),
    };
    host.lanes = (0..lanes).map_while(|_| feed.number().map(lane)).collect();
    Some(host)
}

/// Counters that have grown.
fn grown(counters: Option<&HostFec>, growth: &HostFec, at: Duration) -> HostFec {
    let mut now = HostFec {
        at,
        ..growth.clone()
    };
    let Some(before) = counters else {
        return now;
    };
    let add = |to: &mut Option<u64>, from: Option<u64>| {
        *to = to.map(|n| n.wrapping_add(from.unwrap_or_default()));
    };
    add(&mut now.codewords, before.codewords);
    add(&mut now.corrected_codewords, before.corrected_codewords);
    add(
        &mut now.uncorrectable_codewords,
        before.uncorrectable_codewords,
    );
    add(&mut now.corrected_bits, before.corrected_bits);
    add(&mut now.corrected_symbols, before.corrected_symbols);
    for (now, before) in now.histogram.iter_mut().zip(&before.histogram) {
        *now = now.wrapping_add(*before);
    }
    for (now, before) in now.lanes.iter_mut().zip(&before.lanes) {
        add(&mut now.corrected_bits, before.corrected_bits);
    }
    now
}

/// A port and what is known of it.
#[derive(Default)]
struct Port {
    clock: ManualClock,
    session: Session,
    health: PortHealth,
    counters: Option<HostFec>,
    is_open: bool,
}

impl Port {
    fn step(
        &mut self,
        kind: u8,
        elapsed: Duration,
        image: &Image,
        growth: Option<&HostFec>,
        policy: Option<&Policy>,
    ) {
        static SETTINGS: LazyLock<Settings> = LazyLock::new(Settings::default);
        self.clock.advance(elapsed);
        let now = self.clock.now();
        let mut memory = image.clone();
        let swept = self.session.sweep(&mut memory, &self.clock);
        let module = swept.ok().filter(|_| kind & GONE == 0).map(|sweep| {
            let class = class::classify(&sweep.snapshot, &SETTINGS);
            (sweep.snapshot, class)
        });
        if let Some(growth) = growth {
            self.counters = Some(grown(self.counters.as_ref(), growth, now));
        }
        let events = self.health.step(&Look {
            module: module.as_ref().map(|(module, class)| (module, class)),
            is_fresh: kind & STALE == 0,
            host: self.counters.as_ref().filter(|_| growth.is_some()),
            ber: policy.map(|policy| &policy.ber),
            watch: policy.map(|policy| &policy.watch),
            elapsed,
        });
        for event in &events {
            self.follow(event);
        }
        let figures = self.health.figures();
        are_sane(figures);
        let judgement = verdict::judge(
            if module.is_some() {
                Presence::Active
            } else {
                Presence::Empty
            },
            module.as_ref().map(|(module, _)| module),
            module.as_ref().map(|(_, class)| class),
            &self.health.watched().findings,
            &figures.reasons,
            None,
        );
        let shown = self.health.settle(judgement);
        assert!(shown.reasons.iter().all(|reason| !reason.is_empty()));
        let records = [self.health.record(), self.health.take_ended()];
        for record in records.into_iter().flatten() {
            let document = record.to_document();
            assert!(document.is_ok(), "{record:?} cannot be kept");
            let again = document.and_then(|document| Record::from_document(&document));
            assert!(again.is_ok(), "{record:?} cannot be read again");
        }
    }

    /// A session opens when none is open and closes when one is.
    fn follow(&mut self, event: &Event) {
        match event {
            Event::SessionOpened => {
                assert!(!self.is_open, "a session within a session");
                self.is_open = true;
            }
            Event::SessionClosed { seconds, ratios } => {
                assert!(self.is_open, "a session ends that never began");
                self.is_open = false;
                assert!(seconds.is_finite() && *seconds >= 0.0, "{seconds}");
                for (_, estimate) in ratios {
                    is_ratio(*estimate);
                }
            }
            _ => {}
        }
    }
}

/// An error ratio is above nothing and at most all, and lies in its interval.
fn is_ratio(estimate: Estimate) {
    let number = estimate.number();
    assert!(number > 0.0 && number <= 1.0, "{estimate:?}");
    if let Some([low, high]) = estimate.interval() {
        let holds = (0.0..=number).contains(&low) && (number..=1.0).contains(&high);
        assert!(holds, "{estimate:?}");
    }
}

fn is_trend(trend: Trend) {
    let numbers = [trend.per_day, trend.days, trend.now];
    let all = numbers.iter().chain(&trend.interval);
    assert!(all.copied().all(f64::is_finite), "{trend:?}");
    assert!(trend.interval.is_sorted(), "{trend:?}");
}

fn are_sane(figures: &Figures) {
    for ber in &figures.bers {
        is_ratio(ber.estimate);
        assert!(
            ber.bits.is_none_or(|bits| bits.is_finite() && bits >= 0.0),
            "{ber:?}"
        );
    }
    for standing in &figures.standings {
        is_ratio(standing.ber.estimate);
        assert!(standing.limit > 0.0 && standing.limit < 1.0, "{standing:?}");
        if let Some(margin) = standing.margin {
            assert!(margin.decades.is_finite(), "{standing:?}");
            assert!(
                margin.electrical_db.is_none_or(f64::is_finite),
                "{standing:?}"
            );
        }
    }
    let ratios = [figures.codeword_error_ratio, figures.post_fec_ber];
    ratios.into_iter().flatten().for_each(is_ratio);
    let modelled = figures.modelled_post_fec_ber;
    assert!(
        modelled.is_none_or(|ratio| ratio > 0.0 && ratio <= 1.0),
        "{modelled:?}"
    );
    for change in &figures.changes {
        is_ratio(change.before);
        is_ratio(change.now);
        assert!(change.times.is_finite() && change.times > 0.0, "{change:?}");
        assert!((0.0..=1.0).contains(&change.confidence), "{change:?}");
    }
    for trending in &figures.trends {
        is_trend(trending.trend);
        for days in trending.days_to_limit.iter().flatten() {
            assert!(days.is_finite() && *days >= 0.0, "{trending:?}");
        }
    }
    for trend in &figures.level_trends {
        is_trend(trend.trend);
        let (per_day, interval) = trend.per_day();
        assert!(
            per_day.is_finite() && interval.into_iter().all(f64::is_finite),
            "{trend:?}"
        );
    }
    assert!(
        figures.warmed.is_none_or(f64::is_finite),
        "{:?}",
        figures.warmed
    );
    let session = figures.session.map(|session| session.seconds);
    assert!(
        session.is_none_or(|s| s.is_finite() && s >= 0.0),
        "{session:?}"
    );
    assert!(figures.reasons.iter().all(|reason| !reason.text.is_empty()));
}

/// The registers of a module of each family.
fn images() -> &'static [Image] {
    static IMAGES: LazyLock<Vec<Image>> = LazyLock::new(|| {
        let modules = builders::NAMES
            .iter()
            .filter_map(|name| builders::by_name(name));
        modules
            .map(|module| module.registers().image().clone())
            .collect()
    });
    assert_eq!(IMAGES.len(), builders::NAMES.len());
    &IMAGES
}
