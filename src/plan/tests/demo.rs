//! The simulated switch over an hour of its own time.

use super::*;
use crate::plan::planes::{Quantity, imbalance};
use crate::sim::demo;

/// What is found between the ports of the switch after some seconds, and how
/// far the planes are from each other in received light.
fn after(seconds: &[u64]) -> Vec<(Vec<String>, f64)> {
    let clock = ManualClock::new();
    let switch = demo::switch(Arc::new(clock.clone()));
    let plan = Plan::parse(switch.plan, Path::new("demo plan")).unwrap();
    let cages = switch.cages();
    let mut scenario = switch.scenario;
    let mut looks = Vec::new();
    // The sweeps of 32 cages take their time on this clock as well.
    for until in seconds {
        while let Some(next) = scenario.next_at().filter(|at| at.as_secs() <= *until) {
            clock.advance(next.saturating_sub(crate::clock::Clock::now(&clock)));
            scenario.apply(next, &cages);
        }
        let now = crate::clock::Clock::now(&clock);
        clock.advance(Duration::from_secs(*until).saturating_sub(now));
        let of_first_nic = ["Ethernet32", "Ethernet40", "Ethernet48", "Ethernet56"];
        let modules = of_first_nic.map(|name| {
            let cage = cages.get(&PortName::new(name).unwrap()).unwrap();
            sweep(cage, &clock)
        });
        let ports: Vec<_> = of_first_nic
            .iter()
            .zip(&modules)
            .map(|(name, module)| port(&plan, name, module.as_ref()))
            .collect();
        let found = check_fleet(&plan, &ports);
        let rx = imbalance(&ports);
        let rx = rx.iter().find(|one| one.quantity == Quantity::RxPower);
        looks.push((between(&found, "plane-imbalance"), rx.unwrap().ratio));
    }
    looks
}

#[test]
fn the_plane_that_degrades_is_named_and_no_other() {
    let looks = after(&[4, 120, 800]);
    let [(early, start), (later, under_way), (late, end)] = looks.as_slice() else {
        panic!("three looks");
    };
    assert_eq!((early.len(), later.len()), (0, 0), "{looks:?}");
    assert!(
        start < under_way && *under_way < 1.0 && *end > 1.0,
        "{looks:?}"
    );
    let [found] = late.as_slice() else {
        panic!("{late:?}");
    };
    assert!(
        found.starts_with("Ethernet56: warning plane-imbalance: saw plane 4 of nic0: receives"),
        "{found}"
    );
}
