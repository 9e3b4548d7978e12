//! Devices of this process that are open: it must not end before them.
//!
//! Exit handlers of graphics drivers free what their threads and ours are using. So a process ends only when all of its
//! devices are closed, or without exit handlers.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

static COUNT: Mutex<usize> = Mutex::new(0);
static CLOSED: Condvar = Condvar::new();

fn lock() -> MutexGuard<'static, usize> {
    // Nothing that panics is done under it.
    COUNT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts a device as open until it is dropped.
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

/// Whether all devices of this process are closed. Waits up to `timeout` for those that other threads
/// still hold.
#[must_use]
pub fn wait_until_closed(timeout: Duration) -> bool {
    let waited = CLOSED.wait_timeout_while(lock(), timeout, |count| *count > 0);
    *waited.unwrap_or_else(PoisonError::into_inner).0 == 0
}
