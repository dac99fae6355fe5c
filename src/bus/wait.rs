//! Waiting for one module without holding up the others of its bus.
//!
//! Work on a module is a future that the compiler makes into a state machine.
//! Where the work has to wait (the module holds off, is asked to freeze, or is
//! tried again) it says until when, and whoever runs it may do something else on
//! the bus in between: [`step`]. Who has nothing else to do lets it sleep:
//! [`complete`]. Nothing else is ever awaited, so no runtime is needed.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::clock::Clock;

/// Work on a module that may wait.
pub type Work<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

thread_local! {
    /// Whether a wait on this thread sleeps, rather than telling until when.
    static SLEEPS: Cell<bool> = const { Cell::new(true) };
    /// Until when the work that was stepped last has to wait.
    static UNTIL: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// How far work came.
#[derive(Debug)]
pub enum Step<T> {
    /// It is done.
    Done(T),
    /// It goes on at this time of its clock; now, if that time is past.
    Until(Duration),
}

/// Lets work go on until it is done or has to wait.
pub fn step<T>(work: &mut Work<'_, T>) -> Step<T> {
    match poll(work.as_mut(), false) {
        Poll::Ready(outcome) => Step::Done(outcome),
        Poll::Pending => Step::Until(UNTIL.get()),
    }
}

/// Lets work go on to its end; it sleeps on its own clock where it has to wait.
pub fn complete<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        if let Poll::Ready(outcome) = poll(work.as_mut(), true) {
            return outcome;
        }
    }
}

/// Polls work once. Work may complete other work inside of it.
fn poll<F: Future + ?Sized>(work: Pin<&mut F>, sleeps: bool) -> Poll<F::Output> {
    let before = SLEEPS.replace(sleeps);
    let outcome = work.poll(&mut Context::from_waker(Waker::noop()));
    SLEEPS.set(before);
    outcome
}

/// Waits until `time` has passed on a clock.
pub async fn pause<C: Clock + ?Sized>(clock: &C, time: Duration) {
    let until = clock.now() + time;
    poll_fn(|_| {
        let left = until.saturating_sub(clock.now());
        if left.is_zero() {
            return Poll::Ready(());
        }
        if SLEEPS.get() {
            clock.sleep(left);
            return Poll::Ready(());
        }
        UNTIL.set(until);
        Poll::Pending
    })
    .await;
}

/// Lets work on other modules that is due go first.
pub async fn give_way() {
    let mut gave_way = false;
    poll_fn(|_| {
        if SLEEPS.get() || gave_way {
            return Poll::Ready(());
        }
        gave_way = true;
        UNTIL.set(Duration::ZERO);
        Poll::Pending
    })
    .await;
}

/// Waits that are never quite the same (xorshift).
#[derive(Debug, Clone, Copy)]
pub struct Jitter(u64);

impl Jitter {
    /// Waits that follow from a seed.
    pub fn seeded(seed: u64) -> Self {
        Self(seed ^ 0x9E37_79B9_7F4A_7C15)
    }

    /// Half to one and a half of a time.
    pub fn spread(&mut self, time: Duration) -> Duration {
        let Self(state) = self;
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        let [share, ..] = state.to_be_bytes();
        time / 2 + time * u32::from(share) / 256
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    const SECOND: Duration = Duration::from_secs(1);

    async fn two_waits(clock: ManualClock) -> u8 {
        pause(&clock, SECOND).await;
        give_way().await;
        pause(&clock, 2 * SECOND).await;
        7
    }

    fn told<T>(step: Step<T>) -> Option<Duration> {
        match step {
            Step::Done(_) => None,
            Step::Until(until) => Some(until),
        }
    }

    #[test]
    fn work_tells_until_when_it_waits() {
        let clock = ManualClock::new();
        let mut work: Work<'_, u8> = Box::pin(two_waits(clock.clone()));
        assert_eq!(told(step(&mut work)), Some(SECOND));
        // Asked too early it waits on.
        assert_eq!(told(step(&mut work)), Some(SECOND));
        clock.advance(SECOND);
        assert_eq!(told(step(&mut work)), Some(Duration::ZERO));
        assert_eq!(told(step(&mut work)), Some(3 * SECOND));
        assert_eq!(clock.now(), SECOND);
        clock.advance(5 * SECOND);
        assert!(matches!(step(&mut work), Step::Done(7)));
    }

    #[test]
    fn work_that_is_completed_sleeps_also_inside_of_stepped_work() {
        let clock = ManualClock::new();
        assert_eq!(complete(two_waits(clock.clone())), 7);
        assert_eq!(clock.now(), 3 * SECOND);
        let inner = clock.clone();
        let mut work: Work<'_, ()> = Box::pin(async move {
            complete(two_waits(inner.clone()));
            pause(&inner, SECOND).await;
        });
        assert_eq!(told(step(&mut work)), Some(7 * SECOND));
        assert_eq!(clock.now(), 6 * SECOND);
    }

    #[test]
    fn work_that_was_begun_in_steps_can_be_completed() {
        let clock = ManualClock::new();
        let mut work: Work<'_, u8> = Box::pin(two_waits(clock.clone()));
        assert_eq!(told(step(&mut work)), Some(SECOND));
        assert_eq!(complete(work), 7);
        assert_eq!(clock.now(), 3 * SECOND);
    }

    #[test]
    fn waits_are_spread_around_their_time_and_follow_from_the_seed() {
        let waits = |seed| {
            let mut jitter = Jitter::seeded(seed);
            let waits: Vec<Duration> = (0..100).map(|_| jitter.spread(SECOND)).collect();
            waits
        };
        let (one, two) = (waits(1), waits(2));
        assert!(
            one.iter()
                .all(|wait| (SECOND / 2..3 * SECOND / 2).contains(wait))
        );
        assert!(one.iter().any(|wait| *wait < SECOND) && one.iter().any(|wait| *wait > SECOND));
        assert_ne!(one, two);
        assert_eq!(one, waits(1));
    }
}
