//! The line at the bottom of a terminal that shows what a command does: at most one, on standard error.

use std::sync::{Mutex, PoisonError};

use indicatif::ProgressBar;

/// The line that is shown.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Shows a line until [`remove`].
pub(super) fn show(line: &ProgressBar) {
    *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = Some(line.clone());
}

/// Removes the line.
pub(super) fn remove() {
    let shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner).take();
    shown.iter().for_each(ProgressBar::finish_and_clear);
}

/// Writes something to standard error, above the line.
pub(super) fn suspended<T>(write: impl FnOnce() -> T) -> T {
    let shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match shown {
        Some(line) => line.suspend(write),
        None => write(),
    }
}
