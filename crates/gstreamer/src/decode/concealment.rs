//! Damaged parts of clips, concealed by holding the last good frame. Counted for the whole process.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The clip's number, and the media time in nanoseconds of the last good frame before the damage.
type DamageStart = (u64, u64);

/// Damage that has been reported, because several readers of a clip reach the same damage.
static REPORTED: Mutex<BTreeSet<DamageStart>> = Mutex::new(BTreeSet::new());

/// Most entries in [`REPORTED`], which bounds its memory. Further damage is neither counted nor logged.
const MAX_REPORTED: usize = 10_000;

/// Counts and logs damage between the frame that starts at `from` and the key frame at `until`, both in nanoseconds;
/// `None` for damage up to the end of the clip.
pub(super) fn report_damage(clip: u64, path: &Path, from: u64, until: Option<u64>) {
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

/// The number of damaged parts of clips that have been concealed since the process started.
#[must_use]
pub fn concealed_count() -> usize {
    REPORTED.lock().unwrap_or_else(PoisonError::into_inner).len()
}
