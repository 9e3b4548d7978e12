//! The clock that paces a session: the system's, or a simulated one.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Monotonic time, and the wall-clock time at its origin.
pub trait Clock: Send + Sync {
    /// Time since the clock's origin; never decreases.
    fn now(&self) -> Duration;

    /// Returns at `at`; at once when that is in the past.
    fn sleep_until(&self, at: Duration);

    /// Nanoseconds from 1970-01-01 UTC to the moment at which [`Self::now`] was zero.
    fn origin_unix_nanos(&self) -> i128;
}

/// The system's clock.
#[derive(Debug)]
pub struct SystemClock {
    began: Instant,
    origin_unix_nanos: i128,
}

impl Default for SystemClock {
    fn default() -> Self {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { began: Instant::now(), origin_unix_nanos: unix.as_nanos() as i128 }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn sleep_until(&self, at: Duration) {
        if let Some(left) = at.checked_sub(self.now()) {
            std::thread::sleep(left);
        }
    }

    fn origin_unix_nanos(&self) -> i128 {
        self.origin_unix_nanos
    }
}

/// A clock that jumps to the end of each sleep, so that hours pass as fast as their work is done. Work takes no time on it
/// unless [`Self::advance`] is called.
#[derive(Debug, Default)]
pub struct SimulatedClock {
    now: Mutex<Duration>,
}

impl SimulatedClock {
    /// Advances the clock, as if the machine were busy.
    pub fn advance(&self, time: Duration) {
        if let Ok(mut now) = self.now.lock() {
            *now += time;
        }
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Duration {
        self.now.lock().map(|now| *now).unwrap_or_default()
    }

    fn sleep_until(&self, at: Duration) {
        if let Ok(mut now) = self.now.lock() {
            *now = at.max(*now);
        }
    }

    fn origin_unix_nanos(&self) -> i128 {
        0
    }
}
