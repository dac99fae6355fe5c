//! The time of the soak: set by whoever's turn it is, so that buses that work side
//! by side in the world can take turns in one thread.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use opticsd::clock::Clock;

/// Wall time at the beginning: January 2027.
const BEGAN: Duration = Duration::from_secs(1_800_000_000);

type OnLook = Box<dyn Fn() + Send>;

/// A clock that can be set, whose wall can be moved apart from it. Clones are the
/// same clock.
#[derive(Clone, Default)]
pub struct Time(Arc<Inner>);

#[derive(Default)]
struct Inner {
    now: AtomicU64,
    wall: AtomicI64,
    is_watched: AtomicBool,
    on_look: Mutex<Option<OnLook>>,
}

impl Time {
    /// Sets the time, forth or back: whose turn it is has a time of its own.
    pub fn set(&self, now: Duration) {
        let nanoseconds = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        self.0.now.store(nanoseconds, Ordering::Relaxed);
    }

    /// Moves the wall clock alone by so many seconds.
    pub fn step_wall(&self, seconds: i64) {
        self.0.wall.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Calls this whenever somebody looks at the clock while it is watched.
    pub fn on_look(&self, act: impl Fn() + Send + 'static) {
        *self.0.on_look.lock().unwrap() = Some(Box::new(act));
    }

    /// Whether it is watched from now on.
    pub fn watch(&self, is_watched: bool) {
        self.0.is_watched.store(is_watched, Ordering::Relaxed);
    }

    fn look(&self) {
        // Whoever is called may look himself.
        if self.0.is_watched.swap(false, Ordering::Relaxed) {
            if let Some(act) = self.0.on_look.lock().unwrap().as_ref() {
                act();
            }
            self.0.is_watched.store(true, Ordering::Relaxed);
        }
    }
}

impl Clock for Time {
    fn now(&self) -> Duration {
        self.look();
        Duration::from_nanos(self.0.now.load(Ordering::Relaxed))
    }

    fn wall(&self) -> SystemTime {
        self.look();
        let now = Duration::from_nanos(self.0.now.load(Ordering::Relaxed));
        let stepped = self.0.wall.load(Ordering::Relaxed);
        let wall = SystemTime::UNIX_EPOCH + BEGAN + now;
        let step = Duration::from_secs(stepped.unsigned_abs());
        if stepped < 0 {
            wall - step
        } else {
            wall + step
        }
    }

    fn sleep(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.0.now.fetch_add(nanoseconds, Ordering::Relaxed);
    }
}
