//! The clock that paces a session: a real one, or one that tests move.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Monotonic time, and the wall time at its beginning.
pub trait Clock: Send + Sync {
    /// Time since the clock was made; never goes back.
    fn now(&self) -> Duration;

    /// Returns at `at`, or at once when that is past.
    fn sleep_until(&self, at: Duration);

    /// Nanoseconds from 1970-01-01 UTC to the moment at which [`Self::now`] was zero.
    fn origin_unix_nanos(&self) -> i128;
}

/// The machine's clock.
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

/// A clock that jumps to wherever somebody sleeps to, so that hours pass as fast as the work in them is done. Work takes
/// no time on it unless a test says so.
#[derive(Debug, Default)]
pub struct SimulatedClock {
    now: Mutex<Duration>,
}

impl SimulatedClock {
    /// Lets time pass, as a machine that is busy with something else would.
    pub fn pass(&self, time: Duration) {
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
