//! When a port is swept, and which groups are read then.
//!
//! Pure arithmetic of one port; the [`Poller`](super::poller::Poller) picks the
//! port whose deadline is the earliest. A group is due once a period of its own.
//! VDM and slow groups never have a sweep to themselves, for each sweep reads
//! lower memory to be sure of the module: they ride along with the monitors.
//! Ports take turns at it, so that no round is heavier than the others.
//!
//! A sweep that begins more than a period late has left one out. That one is not
//! made up for: the next is due a period after this, so the periods of all ports
//! of a bus that cannot keep up stretch evenly and nothing piles up.

use std::time::Duration;

use crate::config::Cadences;
use crate::module::sweep::Due;

/// How soon a cage that may change at any moment is looked at again: a module
/// settles, or gave no answer for the first time.
pub const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// How often a cage is asked at least whether somebody is there, where that is
/// cheap and the bus has nothing else to do. With [`LOOK_AGAIN`] a module that is
/// pulled is missed within a second.
pub const ASK_EVERY: Duration = Duration::from_millis(600);

/// When the groups of one port are due.
#[derive(Debug, Clone)]
pub struct Times {
    cadences: Cadences,
    /// The place of the port among those of its bus: whose turn it is.
    place: u32,
    monitors: Duration,
    vdm: Duration,
    slow: Duration,
    /// Another look ahead of that.
    again: Option<Duration>,
    /// When to ask whether somebody is there.
    ask: Option<Duration>,
    was_swept: bool,
}

/// A sweep that begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// What it reads.
    pub due: Due,
    /// How much later it begins than it was due; `None` for a look out of turn.
    pub late: Option<Duration>,
    /// Whether a sweep was left out before it.
    pub overran: bool,
}

impl Times {
    /// A port that is due now.
    pub fn new(cadences: Cadences, place: usize, now: Duration) -> Self {
        Self {
            cadences,
            place: u32::try_from(place).unwrap_or_default(),
            monitors: now,
            vdm: now,
            slow: now,
            again: None,
            ask: None,
            was_swept: false,
        }
    }

    /// How often it is swept.
    pub fn period(&self) -> Duration {
        self.cadences.monitors
    }

    /// Keeps to other cadences from now on. What is due stays due, and nothing
    /// is later than its new period allows.
    pub fn keep_to(&mut self, cadences: Cadences, now: Duration) {
        self.cadences = cadences;
        self.monitors = self.monitors.min(now + cadences.monitors);
        self.vdm = self.vdm.min(now + cadences.vdm);
        self.slow = self.slow.min(now + cadences.slow);
    }

    /// When it is looked at next.
    pub fn next(&self) -> Duration {
        self.again.map_or(self.monitors, |at| at.min(self.monitors))
    }

    /// When to ask whether somebody is there, if nothing else is to be done.
    pub fn ask(&self) -> Option<Duration> {
        self.ask.filter(|at| *at < self.next())
    }

    /// By when a sweep that is due now should have begun: the earliest deadline
    /// among its groups.
    pub fn deadline(&self) -> Duration {
        let Cadences {
            monitors,
            vdm,
            slow,
        } = self.cadences;
        let turn = self.next() + monitors;
        turn.min(self.vdm + vdm).min(self.slow + slow)
    }

    /// A sweep begins.
    pub fn begin(&mut self, now: Duration) -> Begun {
        self.ask = None;
        let of_turn = self.monitors <= now;
        self.again = None;
        if !self.was_swept {
            self.was_swept = true;
            self.begin_first(now);
            return Begun {
                due: Due::ALL,
                late: None,
                overran: false,
            };
        }
        // What comes due before half a period is over is read now rather than
        // half a period late.
        let reach = now + self.cadences.monitors / 2;
        let due = Due {
            vdm: self.vdm <= reach,
            slow: self.slow <= reach,
        };
        let late = of_turn.then(|| now - self.monitors);
        let overran = of_turn && now > self.monitors + self.cadences.monitors;
        if of_turn {
            self.monitors = following(self.monitors, self.cadences.monitors, now);
        }
        if due.vdm {
            self.vdm = following(self.vdm, self.cadences.vdm, now);
        }
        if due.slow {
            self.slow = following(self.slow, self.cadences.slow, now);
        }
        Begun { due, late, overran }
    }

    /// The first sweep reads everything and decides whose turn is when.
    fn begin_first(&mut self, now: Duration) {
        let Cadences {
            monitors,
            vdm,
            slow,
        } = self.cadences;
        let turn_in = |period: Duration| {
            let turns = period.as_nanos() / monitors.as_nanos().max(1);
            let turns = u32::try_from(turns).unwrap_or(u32::MAX).max(1);
            monitors * (self.place % turns + 1)
        };
        self.monitors = now + monitors;
        self.vdm = now + turn_in(vdm);
        self.slow = now + turn_in(slow);
    }

    /// The cage may change soon: another look before its turn.
    pub fn look_again(&mut self, now: Duration) {
        self.again = Some(now + LOOK_AGAIN);
    }

    /// Somebody was there just now, or nobody: ask again in good time.
    pub fn ask_again(&mut self, now: Duration) {
        self.ask = Some(now + ASK_EVERY);
    }

    /// Nothing more is to be hoped for before this long.
    pub fn rest(&mut self, now: Duration, time: Duration) {
        self.again = None;
        self.ask = None;
        self.monitors = self.monitors.max(now + time);
    }

    /// The port is looked at within this time at the latest.
    pub fn within(&mut self, now: Duration, time: Duration) {
        self.monitors = self.monitors.min(now + time);
    }
}

/// When something is due after it was read at `now`. What was left out is not
/// made up for.
fn following(due: Duration, period: Duration, now: Duration) -> Duration {
    match due + period {
        next if next < now => now + period,
        next => next,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    fn cadences(monitors: f64, vdm: f64, slow: f64) -> Cadences {
        Cadences {
            monitors: seconds(monitors),
            vdm: seconds(vdm),
            slow: seconds(slow),
        }
    }

    /// The sweeps of a port that begins each the moment it is due: time in
    /// seconds, and whether VDM and slow groups are read.
    fn sweeps(times: &mut Times, count: usize) -> Vec<(f64, bool, bool)> {
        (0..count)
            .map(|_| {
                let at = times.next();
                let Begun { due, .. } = times.begin(at);
                (at.as_secs_f64(), due.vdm, due.slow)
            })
            .collect()
    }

    #[test]
    fn groups_are_read_as_often_as_their_period_says_and_in_turns() {
        let mut first = Times::new(cadences(1.0, 2.0, 4.0), 0, Duration::ZERO);
        let mut second = Times::new(cadences(1.0, 2.0, 4.0), 1, Duration::ZERO);
        let (yes, no) = (true, false);
        assert_eq!(
            sweeps(&mut first, 6),
            [
                (0.0, yes, yes),
                (1.0, yes, yes),
                (2.0, no, no),
                (3.0, yes, no),
                (4.0, no, no),
                (5.0, yes, yes)
            ]
        );
        assert_eq!(
            sweeps(&mut second, 6),
            [
                (0.0, yes, yes),
                (1.0, no, no),
                (2.0, yes, yes),
                (3.0, no, no),
                (4.0, yes, no),
                (5.0, no, no)
            ]
        );
    }

    #[test]
    fn a_period_that_is_no_multiple_is_kept_on_the_average() {
        let mut times = Times::new(cadences(1.0, 2.5, 10.0), 0, Duration::ZERO);
        let read = sweeps(&mut times, 101);
        let vdm = read.iter().filter(|(_, vdm, _)| *vdm).count();
        assert_eq!(vdm, 1 + 40);
    }

    #[test]
    fn a_late_sweep_keeps_its_beat_until_one_is_left_out() {
        let mut times = Times::new(cadences(1.0, 1.0, 1.0), 0, Duration::ZERO);
        times.begin(Duration::ZERO);
        let late = times.begin(seconds(1.5));
        assert_eq!((late.late, late.overran), (Some(seconds(0.5)), false));
        assert_eq!(times.next(), seconds(2.0));
        let overrun = times.begin(seconds(3.25));
        assert_eq!((overrun.late, overrun.overran), (Some(seconds(1.25)), true));
        assert_eq!(times.next(), seconds(4.25));
    }

    #[test]
    fn a_look_out_of_turn_does_not_move_the_turn() {
        let mut times = Times::new(cadences(10.0, 10.0, 10.0), 0, Duration::ZERO);
        times.begin(Duration::ZERO);
        times.look_again(Duration::ZERO);
        assert_eq!(times.next(), LOOK_AGAIN);
        let look = times.begin(LOOK_AGAIN);
        assert_eq!((look.late, look.overran), (None, false));
        assert_eq!(times.next(), seconds(10.0));
    }

    #[test]
    fn who_rests_is_not_asked_and_who_is_asked_is_not_swept() {
        let mut times = Times::new(cadences(1.0, 1.0, 1.0), 0, Duration::ZERO);
        times.begin(Duration::ZERO);
        times.ask_again(Duration::ZERO);
        assert_eq!(times.ask(), Some(ASK_EVERY));
        times.rest(Duration::ZERO, seconds(30.0));
        assert_eq!((times.ask(), times.next()), (None, seconds(30.0)));
        times.keep_to(cadences(5.0, 5.0, 5.0), seconds(1.0));
        assert_eq!(times.next(), seconds(6.0));
    }
}
