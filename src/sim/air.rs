//! The air that cages of one box share: the room, the fans, warm neighbours.

use std::f64::consts::TAU;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::knobs::Ramp;
use super::noise;

/// The air of a box; clones are the same air.
///
/// Warmth is in kelvin above what a module has in a cool box with neighbours as
/// they should be.
#[derive(Debug, Clone)]
pub struct Air {
    seed: u64,
    flow: Arc<Mutex<Flow>>,
}

#[derive(Debug)]
struct Flow {
    /// What missing cooling adds everywhere.
    warmth: Ramp,
    /// By how much the module in each place is warmer than it should be.
    excess: Vec<Ramp>,
}

/// A place in the air of a box.
#[derive(Debug, Clone)]
pub struct Seat {
    air: Air,
    place: usize,
}

/// How much of the excess of a module reaches the next one, and the one after.
const COUPLING: [f64; 2] = [0.12, 0.04];
/// Day and night in the room, K.
const DAY_AND_NIGHT: f64 = 1.5;
const DAY: Duration = Duration::from_secs(86_400);
/// What the load of the box adds and takes away, K, and how slowly.
const LOAD: f64 = 1.0;
const LOAD_PERIOD: Duration = Duration::from_secs(4 * 3600);

impl Air {
    /// The air of a box with this many cages in a row.
    pub fn new(seed: u64, cages: usize) -> Self {
        let flow = Flow {
            warmth: Ramp::steady(0.0),
            excess: vec![Ramp::steady(0.0); cages],
        };
        Self {
            seed,
            flow: Arc::new(Mutex::new(flow)),
        }
    }

    /// The place of one cage, counted from 0.
    pub fn seat(&self, place: usize) -> Seat {
        Seat {
            air: self.clone(),
            place,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Flow> {
        self.flow.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// What the box adds to the temperature of a module here, K.
    pub fn warmth(&self, now: Duration) -> f64 {
        let day = (TAU * now.as_secs_f64() / DAY.as_secs_f64()).sin();
        let load = noise::smooth(self.air.seed, 0, LOAD_PERIOD, now);
        let flow = self.air.lock();
        let excess = |place: Option<usize>| {
            let ramp = place.and_then(|place| flow.excess.get(place));
            ramp.map_or(0.0, |ramp| ramp.at(now))
        };
        let neighbours = COUPLING.iter().zip(1..).map(|(share, distance)| {
            let above = excess(self.place.checked_add(distance));
            share * (above + excess(self.place.checked_sub(distance)))
        });
        DAY_AND_NIGHT * day + LOAD * load + flow.warmth.at(now) + neighbours.sum::<f64>()
    }

    /// Lets the cooling of the whole box fail by so many kelvin, or come back.
    pub fn warm(&self, kelvin: f64, now: Duration, over: Duration) {
        self.air.lock().warmth.turn_to(kelvin, now, over);
    }

    /// Tells by how much the module here is warmer than it should be.
    pub(super) fn tell_excess(&self, excess: Ramp) {
        if let Some(mine) = self.air.lock().excess.get_mut(self.place) {
            *mine = excess;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_and_the_box_warm_a_module() {
        let air = Air::new(1, 4);
        let noon = DAY / 4;
        let before = [0, 1, 2, 3].map(|place| air.seat(place).warmth(noon));
        air.seat(1).tell_excess(Ramp::steady(30.0));
        let after = [0, 1, 2, 3].map(|place| air.seat(place).warmth(noon));
        let gained: Vec<f64> = before
            .iter()
            .zip(after)
            .map(|(before, after)| ((after - before) * 10.0).round())
            .collect();
        assert_eq!(gained, [36.0, 0.0, 36.0, 12.0]);
        air.seat(3).warm(10.0, noon, Duration::from_secs(10));
        let late = noon + Duration::from_secs(10);
        let risen = air.seat(0).warmth(late) - after[0];
        assert!((risen - 10.0).abs() < 0.1, "{risen}");
    }

    #[test]
    fn days_come_and_go_within_bounds() {
        let seat = Air::new(3, 1).seat(0);
        let levels = (0..96).map(|n| seat.warmth(DAY / 96 * n));
        let (least, most) = levels.fold((f64::MAX, f64::MIN), |(least, most), level| {
            (least.min(level), most.max(level))
        });
        assert!(least > -2.6 && most < 2.6 && most - least > 1.5);
    }
}
