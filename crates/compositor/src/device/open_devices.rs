//! Counts the open devices of this process, which must not exit before they are closed.
//!
//! Exit handlers of graphics drivers free memory that the driver's threads and ours still use. So a process either
//! waits until its devices are closed, or exits without running exit handlers.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

static COUNT: Mutex<usize> = Mutex::new(0);
static CLOSED: Condvar = Condvar::new();

fn lock() -> MutexGuard<'static, usize> {
    // Nothing panics while it is held.
    COUNT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts as one open device until it is dropped.
pub(crate) struct OpenDevice(());

impl OpenDevice {
    pub(crate) fn count() -> Self {
        *lock() += 1;
        Self(())
    }
}

impl Drop for OpenDevice {
    fn drop(&mut self) {
        *lock() -= 1;
        CLOSED.notify_all();
    }
}

/// Waits up to `timeout` for all devices of this process to close, and returns whether they are.
#[must_use]
pub fn wait_until_closed(timeout: Duration) -> bool {
    let waited = CLOSED.wait_timeout_while(lock(), timeout, |count| *count > 0);
    *waited.unwrap_or_else(PoisonError::into_inner).0 == 0
}
