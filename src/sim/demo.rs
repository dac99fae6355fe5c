//! The simulated switch of `opticsd demo`: 64 ports with every class of module,
//! both roles, four planes, and some that are sick, misplaced or missing.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::air::{Air, Seat};
use super::builders;
use super::cage::Cage;
use super::fault::Fault;
use super::knobs::Ramp;
use super::module::SimModule;
use super::scenario::{HOSTILE_TEXT, Scenario};
use crate::clock::Clock;
use crate::names::{BusName, PortName};

/// The plan of the simulated switch.
pub const PLAN: &str = include_str!("../../config/plans/demo.toml");
/// What happens on it, if nobody says otherwise.
pub const SCENARIO: &str = include_str!("../../config/scenarios/demo.toml");

const ADAPTERS: u8 = 8;
const CAGES_PER_ADAPTER: u8 = 8;
/// The linear module whose host nobody asks: of its bit errors nobody knows.
const UNCOUNTED: u8 = 12;
/// A demo may run for days, and every sweep writes page selects.
const WRITES_KEPT: usize = 64;

/// A cage and its name.
#[derive(Clone)]
pub struct DemoPort {
    /// `Ethernet0` to `Ethernet63`.
    pub name: PortName,
    /// What is behind it.
    pub cage: Cage,
    /// Whether its host tells what its decoder counts.
    pub host_tells: bool,
}

/// A root adapter with its mux channels, whose cages share the air of a box.
#[derive(Clone)]
pub struct DemoAdapter {
    /// `sim-0` to `sim-7`.
    pub name: BusName,
    /// Its cages.
    pub ports: Vec<DemoPort>,
}

/// The simulated switch.
pub struct Demo {
    /// Eight adapters of eight cages.
    pub adapters: Vec<DemoAdapter>,
    /// The plan, as a plan file.
    pub plan: &'static str,
    /// What happens over time; replaceable.
    pub scenario: Scenario,
}

impl Demo {
    /// All ports, in order.
    pub fn ports(&self) -> impl Iterator<Item = &DemoPort> {
        self.adapters.iter().flat_map(|adapter| &adapter.ports)
    }

    /// All cages by port, as [`Scenario::apply`] wants them.
    pub fn cages(&self) -> BTreeMap<PortName, Cage> {
        let pair = |port: &DemoPort| (port.name.clone(), port.cage.clone());
        self.ports().map(pair).collect()
    }
}

/// Builds the switch; time passes in it as on `clock`.
pub fn switch(clock: Arc<dyn Clock>) -> Demo {
    let adapters: Vec<DemoAdapter> = (0..ADAPTERS)
        .filter_map(|adapter| {
            let first = adapter * CAGES_PER_ADAPTER;
            let air = Air::new(u64::from(adapter), usize::from(CAGES_PER_ADAPTER));
            let ports = (first..first + CAGES_PER_ADAPTER).zip(0..);
            let ports = ports.filter_map(|(n, place)| port(n, &clock, air.seat(place)));
            Some(DemoAdapter {
                name: BusName::new(&format!("sim-{adapter}"))?,
                ports: ports.collect(),
            })
        })
        .collect();
    let mut demo = Demo {
        adapters,
        plan: PLAN,
        scenario: Scenario::default(),
    };
    let names = demo.ports().map(|port| &port.name);
    // The file is part of the program and a test parses it.
    if let Ok(scenario) = Scenario::parse(SCENARIO, Path::new("demo.toml"), names) {
        demo.scenario = scenario;
    }
    demo
}

fn port(n: u8, clock: &Arc<dyn Clock>, seat: Seat) -> Option<DemoPort> {
    let cage = Cage::in_box(clock.clone(), seat);
    cage.keep_writes(WRITES_KEPT);
    if let Some(module) = occupant(n) {
        cage.insert(module);
    }
    cage.set_fault(match n {
        23 => Fault::NackForever,
        38 => Fault::Stuck,
        _ => Fault::None,
    });
    Some(DemoPort {
        name: PortName::new(&format!("Ethernet{n}"))?,
        cage,
        host_tells: n != UNCOUNTED,
    })
}

/// What is in a port. 0 to 31 are planned for scale-up, 32 to 63 for scale-out.
fn occupant(n: u8) -> Option<SimModule> {
    const FOURTH_LANE: u64 = 1 << 3;
    const SLOWEST_START: Duration = Duration::from_secs(2);
    let serial = format!("SIM{n:05}");
    let named = |name| builders::by_name_with_serial(name, &serial);
    let family = if n < 32 { "lpo-800g" } else { "dsp-800g" };
    let hot = |celsius: f64| {
        named(family)
            .map(|module| module.with_knobs(|knobs, _| knobs.temperature = Ramp::steady(celsius)))
    };
    let dark =
        || named(family).map(|module| module.with_knobs(|knobs, _| knobs.dark_lanes = FOURTH_LANE));
    match n {
        4..=7 => named("lpo-800g-enhanced"),
        16 => named("cpo-32"),
        17 | 44 => named("lro-800g"),
        18 | 55 => named("aec-800g"),
        19 | 41 => named("dac-400g"),
        // A signal processor where none is wanted, and the reverse.
        20 => named("dsp-800g-dr8"),
        35 => named("lpo-800g"),
        21 => hot(73.0),
        53 => hot(76.5),
        22 => None,
        24 => {
            named(family).map(|module| module.with_manners(|manners| manners.read_limit = Some(8)))
        }
        25 | 62 => dark(),
        26 => named(family).map(with_hostile_vendor),
        // Takes all of the two seconds that it may to answer at first.
        27 => named(family).map(|module| {
            module.with_manners(|manners| manners.startup.management = SLOWEST_START)
        }),
        40..=47 => named("dsp-800g-dr8"),
        50 => named("qsfp28"),
        51 => named("sfp28"),
        _ => named(family),
    }
}

fn with_hostile_vendor(mut module: SimModule) -> SimModule {
    module.write_vendor(HOSTILE_TEXT);
    module
}

#[cfg(test)]
mod tests {
    use embedded_hal::i2c::I2c;

    use super::*;
    use crate::clock::ManualClock;
    use crate::sim::wire::BusRate;

    fn demo() -> (ManualClock, Demo) {
        let clock = ManualClock::new();
        let demo = switch(Arc::new(clock.clone()));
        (clock, demo)
    }

    fn identifier(demo: &Demo, n: usize) -> Option<u8> {
        let port = demo.ports().nth(n).unwrap();
        let mut answer = [0];
        let mut i2c = port.cage.i2c(BusRate::Khz400);
        i2c.write_read(0x50, &[0], &mut answer).ok()?;
        Some(answer[0])
    }

    #[test]
    fn the_switch_has_what_it_promises() {
        let (clock, demo) = demo();
        clock.advance(Duration::from_secs(10));
        assert_eq!(demo.adapters.len(), 8);
        assert_eq!(demo.ports().count(), 64);
        let names: Vec<_> = demo.ports().map(|port| port.name.to_string()).collect();
        assert_eq!(
            (names[0].as_str(), names[63].as_str()),
            ("Ethernet0", "Ethernet63")
        );
        let found: Vec<_> = (0..64).map(|n| identifier(&demo, n)).collect();
        for expected in [0x03, 0x11, 0x18, 0x19, 0x80, 0xFF] {
            assert!(found.contains(&Some(expected)), "no {expected:02x}");
        }
        assert_eq!(found[22], None);
        assert_eq!(found[23], None);
        assert_eq!(found.iter().filter(|found| found.is_none()).count(), 2);
    }

    #[test]
    fn the_scenario_of_the_demo_is_read_and_moves_modules() {
        let (clock, mut demo) = demo();
        let names: Vec<_> = demo.ports().map(|port| port.name.clone()).collect();
        Scenario::parse(SCENARIO, Path::new("demo.toml"), &names).unwrap();
        let cages = demo.cages();
        let hot_plugged = &cages[&PortName::new("Ethernet60").unwrap()];
        clock.advance(Duration::from_secs(31));
        demo.scenario.apply(clock.now(), &cages);
        assert!(hot_plugged.is_empty());
        clock.advance(Duration::from_secs(30));
        demo.scenario.apply(clock.now(), &cages);
        assert!(!hot_plugged.is_empty());
    }

    #[test]
    fn the_plan_names_every_port_once() {
        let plan: toml::Table = toml::from_str(PLAN).unwrap();
        let assigned = plan["assign"].as_array().unwrap();
        let ranges: Vec<_> = assigned
            .iter()
            .map(|a| a["ports"].as_str().unwrap())
            .collect();
        assert_eq!(ranges[0], "Ethernet{0..31}");
        assert_eq!(ranges.len(), 5);
        assert_eq!(plan["fabric"]["planes"].as_integer(), Some(4));
    }
}
