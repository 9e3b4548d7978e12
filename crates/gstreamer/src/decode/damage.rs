//! Stretches of clips that could not be decoded and were passed over, counted once for the whole process.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The clip, and the media time of the last good frame before the damage.
type Place = (u64, u64);

/// Places that were reported. Several readers come upon the same one.
static REPORTED: Mutex<BTreeSet<Place>> = Mutex::new(BTreeSet::new());

/// Most places that are counted.
const MAX_REPORTED: usize = 10_000;

/// Counts a stretch from the frame that begins at `from` up to the key frame at `until`, and warns of it.
pub(super) fn report(clip: u64, path: &Path, from: u64, until: Option<u64>) {
    let mut reported = REPORTED.lock().unwrap_or_else(PoisonError::into_inner);
    if reported.len() >= MAX_REPORTED || !reported.insert((clip, from)) {
        return;
    }
    drop(reported);
    let secs = |nanos: u64| nanos as f64 / 1e9;
    match until {
        Some(until) => tracing::warn!(
            "{}: damaged; the frame at {:.3} s is held until {:.3} s",
            path.display(),
            secs(from),
            secs(until)
        ),
        None => tracing::warn!("{}: damaged; the frame at {:.3} s is held to the end", path.display(), secs(from)),
    }
}

/// Damaged stretches of clips that were passed over since the process started.
#[must_use]
pub fn concealed() -> usize {
    REPORTED.lock().unwrap_or_else(PoisonError::into_inner).len()
}
