//! What stands in a cage, from the outcome of one sweep after another.
//!
//! A pure state machine. It answers with what can be known on the bus: a cage
//! whose module acknowledges nothing looks like an empty one, and is one here;
//! that a module was wanted there is for the plan to say.
//!
//! | now | swept whole | swept partly | address not answered | bytes refused | bus trouble |
//! |---|---|---|---|---|---|
//! | unread | active | settling | unread, then empty | settling | as it was |
//! | empty | active | settling | empty | settling | as it was |
//! | settling | active | settling, then active | settling, then empty | settling, then failing | as it was |
//! | active | active | active | active, then empty | active, then failing | active, then failing |
//! | failing | active | active | failing, then empty | failing, then dormant | failing, then dormant |
//! | dormant | active | active | dormant, then empty | dormant | dormant |
//!
//! "Then" is the second failed sweep in a row, or the end of the time to settle:
//! one lost sweep of a good module changes nothing, and a box that has just
//! started may have modules that do not answer yet. Dormant is what fails ten times
//! in a row: it is left alone for longer and longer, so that its neighbours do not
//! wait for it, and is what it was as soon as it answers.

use std::time::Duration;

use crate::bus::BusErrorKind;
use crate::module::Presence;

/// Sweeps that must fail in a row before a module counts as failing, or as taken
/// out where it does not answer. Two, because a module that resets misses one.
pub const FAILURES_THAT_COUNT: u32 = 2;

/// Sweeps that a module may take to settle. At the retry pace of the poller
/// this covers the 2 s that management may take to come up (SFF-8636 t_init;
/// CMIS modules are faster).
pub const SWEEPS_TO_SETTLE: u32 = 10;

/// Sweeps that must fail in a row, none of them for want of an answer, before a
/// cage is left alone for longer than its period.
pub const TROUBLES_UNTIL_DORMANT: u32 = 10;

/// For how long it is left alone first; it doubles with every sweep that fails.
const FIRST_REST: Duration = Duration::from_secs(2);
/// For how long at most.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// What one sweep brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All that was due could be read.
    Whole,
    /// Lower memory could be read; other groups could not, or the module says
    /// that its readings are not ready.
    Partly,
    /// Nobody acknowledged the address.
    NoAnswer,
    /// Somebody acknowledged, but would not give the bytes.
    Refused,
    /// The bus itself is in trouble; that says nothing of the cage.
    BusTrouble,
}

impl Outcome {
    /// What a failed sweep says of the cage.
    pub fn of_error(kind: &BusErrorKind) -> Self {
        match kind {
            BusErrorKind::NoAnswer => Self::NoAnswer,
            BusErrorKind::Refused
            | BusErrorKind::WrongPage { .. }
            | BusErrorKind::ShortRead
            | BusErrorKind::NoSuchPage
            | BusErrorKind::NotInDump => Self::Refused,
            BusErrorKind::ArbitrationLost
            | BusErrorKind::BusFault
            | BusErrorKind::TimedOut
            | BusErrorKind::Locked(_)
            | BusErrorKind::Other(_) => Self::BusTrouble,
        }
    }
}

/// The state machine of one cage.
#[derive(Debug, Clone)]
pub struct Lifecycle {
    presence: Presence,
    /// Sweeps in a row that failed.
    failures: u32,
    /// Those of them that were not answered, in a row.
    misses: u32,
    /// Those of them that failed otherwise, in a row.
    troubles: u32,
    /// Sweeps since the module came that did not bring all.
    settling: u32,
}

impl Lifecycle {
    /// A cage that was not looked at yet.
    pub fn new() -> Self {
        Self {
            presence: Presence::Unread,
            failures: 0,
            misses: 0,
            troubles: 0,
            settling: 0,
        }
    }

    /// What stands in the cage.
    pub fn presence(&self) -> Presence {
        self.presence
    }

    /// Sweeps in a row that failed.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Whether it is known what stands in the cage, as far as the bus lets it
    /// be known: a module does not settle, and a silent cage was silent for as
    /// long as a module may take to come up.
    pub fn is_settled(&self) -> bool {
        match self.presence {
            Presence::Unread => self.failures > 0 && self.misses == 0,
            Presence::Settling => false,
            Presence::Empty | Presence::Active | Presence::Failing | Presence::Dormant => true,
        }
    }

    /// Whether the last sweep went unanswered, for the first time.
    pub fn may_be_gone(&self) -> bool {
        self.presence.is_module() && self.misses > 0
    }

    /// For how long it is left alone, if it keeps failing.
    pub fn rest(&self) -> Option<Duration> {
        let more = self.troubles.checked_sub(TROUBLES_UNTIL_DORMANT)?;
        let doubled = 1_u32.checked_shl(more).filter(|factor| *factor > 0);
        let rest = doubled.and_then(|factor| FIRST_REST.checked_mul(factor));
        Some(rest.unwrap_or(LONGEST_REST).min(LONGEST_REST))
    }

    /// Whether it is enough to ask in the shortest way whether anything changed.
    pub fn is_quiet(&self) -> bool {
        self.presence == Presence::Empty || self.rest().is_some()
    }

    /// Takes in the outcome of a sweep and says what stands in the cage now.
    pub fn step(&mut self, outcome: Outcome) -> Presence {
        self.failures = match outcome {
            Outcome::Whole | Outcome::Partly => 0,
            _ => self.failures.saturating_add(1),
        };
        self.misses = match outcome {
            Outcome::NoAnswer => self.misses.saturating_add(1),
            _ => 0,
        };
        self.troubles = match outcome {
            Outcome::Refused | Outcome::BusTrouble => self.troubles.saturating_add(1),
            _ => 0,
        };
        self.presence = match outcome {
            Outcome::Whole => Presence::Active,
            Outcome::Partly => self.given_less(Presence::Active),
            Outcome::Refused => self.given_less(Presence::Failing),
            Outcome::NoAnswer => self.missed(),
            Outcome::BusTrouble => self.failed(),
        };
        if self.presence != Presence::Settling {
            self.settling = 0;
        }
        self.presence
    }

    /// Somebody answers, but does not give all: a new module may settle for a
    /// while and then counts as `in_the_end`.
    fn given_less(&mut self, in_the_end: Presence) -> Presence {
        match self.presence {
            Presence::Active | Presence::Failing | Presence::Dormant => match in_the_end {
                Presence::Active => in_the_end,
                _ => self.failed(),
            },
            Presence::Unread | Presence::Empty | Presence::Settling => {
                self.settling = self.settling.saturating_add(1);
                if self.settling > SWEEPS_TO_SETTLE {
                    in_the_end
                } else {
                    Presence::Settling
                }
            }
        }
    }

    /// A sweep failed: what is not known to be a good module stays as it was.
    fn failed(&self) -> Presence {
        match self.presence {
            Presence::Active | Presence::Failing if self.rest().is_some() => Presence::Dormant,
            Presence::Active if self.failures >= FAILURES_THAT_COUNT => Presence::Failing,
            as_it_was => as_it_was,
        }
    }

    /// Nobody answered.
    fn missed(&self) -> Presence {
        match self.presence {
            Presence::Unread if self.misses <= SWEEPS_TO_SETTLE => Presence::Unread,
            presence if presence.is_module() && self.misses < FAILURES_THAT_COUNT => self.failed(),
            _ => Presence::Empty,
        }
    }
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The presences that a run of outcomes leads through.
    fn through(outcomes: &[Outcome]) -> Vec<Presence> {
        let mut cage = Lifecycle::new();
        outcomes.iter().map(|o| cage.step(*o)).collect()
    }

    #[test]
    fn a_cage_that_never_answers_is_empty() {
        let tries = usize::try_from(SWEEPS_TO_SETTLE).unwrap();
        let seen = through(&vec![Outcome::NoAnswer; tries + 2]);
        assert!(seen.iter().take(tries).all(|p| *p == Presence::Unread));
        assert!(seen.iter().skip(tries).all(|p| *p == Presence::Empty));
    }

    #[test]
    fn another_look_soon_helps_only_where_something_may_come_up() {
        let after = |outcomes: &[Outcome]| {
            let mut cage = Lifecycle::new();
            for outcome in outcomes {
                cage.step(*outcome);
            }
            cage.is_settled()
        };
        assert!(!after(&[]));
        assert!(!after(&[Outcome::NoAnswer]));
        assert!(!after(&[Outcome::Partly]));
        assert!(after(&[Outcome::BusTrouble]));
        assert!(after(&[Outcome::Whole, Outcome::NoAnswer]));
    }

    #[test]
    fn a_module_that_misses_two_sweeps_is_gone() {
        use Outcome::{NoAnswer, Whole};
        use Presence::{Active, Empty};
        assert_eq!(
            through(&[Whole, NoAnswer, Whole, NoAnswer, NoAnswer, Whole]),
            [Active, Active, Active, Active, Empty, Active]
        );
    }

    #[test]
    fn a_module_settles_and_then_counts_as_it_is() {
        let tries = usize::try_from(SWEEPS_TO_SETTLE).unwrap();
        for (outcome, end) in [
            (Outcome::Partly, Presence::Active),
            (Outcome::Refused, Presence::Failing),
        ] {
            let seen = through(&vec![outcome; tries + 2]);
            assert!(seen.iter().take(tries).all(|p| *p == Presence::Settling));
            assert_eq!(seen[tries], end);
        }
    }

    #[test]
    fn an_active_module_that_gives_less_does_not_settle_again() {
        use Outcome::{Partly, Refused, Whole};
        use Presence::{Active, Failing};
        assert_eq!(
            through(&[Whole, Partly, Refused, Refused, Partly]),
            [Active, Active, Active, Failing, Active]
        );
    }

    #[test]
    fn bus_trouble_does_not_conjure_a_module() {
        use Outcome::{BusTrouble, NoAnswer, Whole};
        use Presence::{Active, Empty, Failing, Unread};
        assert_eq!(
            through(&[BusTrouble, NoAnswer, BusTrouble, Whole]),
            [Unread, Unread, Unread, Active]
        );
        assert_eq!(
            through(&[Whole, BusTrouble, BusTrouble, NoAnswer, NoAnswer]),
            [Active, Active, Failing, Failing, Empty]
        );
    }

    #[test]
    fn what_keeps_failing_is_left_alone_for_longer_and_longer_and_wakes_at_once() {
        let mut cage = Lifecycle::new();
        cage.step(Outcome::Whole);
        let mut rests = Vec::new();
        for _ in 0..TROUBLES_UNTIL_DORMANT + 6 {
            cage.step(Outcome::BusTrouble);
            rests.extend(cage.rest().map(|rest| rest.as_secs()));
        }
        assert_eq!(rests, [2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(cage.presence(), Presence::Dormant);
        assert!(cage.is_quiet());
        for _ in 0..100 {
            cage.step(Outcome::Refused);
        }
        assert_eq!(cage.rest(), Some(LONGEST_REST));
        assert_eq!(cage.step(Outcome::Partly), Presence::Active);
        assert!(cage.rest().is_none() && !cage.is_quiet());
    }

    #[test]
    fn an_adapter_that_never_worked_is_left_alone_too() {
        let mut cage = Lifecycle::new();
        for _ in 0..TROUBLES_UNTIL_DORMANT {
            assert_eq!(cage.step(Outcome::BusTrouble), Presence::Unread);
        }
        assert!(cage.rest().is_some());
        assert_eq!(cage.step(Outcome::Whole), Presence::Active);
    }
}
