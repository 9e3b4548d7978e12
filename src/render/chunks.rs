//! How a timeline is dealt out to lanes: in chunks of whole groups of pictures, which no lane's encoder needs another
//! lane's frames for.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::RenderError;

/// Groups of pictures in the longest chunk. Long chunks come back to the same exercise less often; what lanes have
/// encoded ahead of each other waits in memory.
const MAX_GROUPS: u64 = 5;

/// How often whoever waits for a slower lane looks whether anybody still wants the video.
const LOOK: Duration = Duration::from_millis(100);

/// Deals out a timeline's chunks in order.
pub(super) struct Chunks {
    frames: u64,
    group: u64,
    lanes: u64,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    next: u64,
    taken: u64,
    /// Where the groups begin that lanes are at work on.
    begun: BTreeSet<u64>,
    /// Why there will be no video.
    failure: Option<RenderError>,
    is_closed: bool,
}

impl Chunks {
    /// Chunks of groups of so many frames for so many lanes. One lane gets everything at once.
    pub(super) fn new(frames: u64, group: u64, lanes: usize) -> Self {
        let state = State { next: 0, taken: 0, begun: BTreeSet::new(), failure: None, is_closed: false };
        let (group, lanes) = (group.max(1), lanes as u64);
        Self { frames, group, lanes, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// The next chunk; `None` when there is none, or when it is over. Waits while another lane is far behind.
    pub(super) fn take(&self, stop: &AtomicBool) -> Option<Range<u64>> {
        let mut state = self.lock();
        while state.begun.first().is_some_and(|oldest| state.next >= oldest + self.lead()) {
            if state.is_closed || stop.load(Ordering::Relaxed) {
                return None;
            }
            let waited = self.changed.wait_timeout(state, LOOK);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if state.is_closed || state.next == self.frames {
            return None;
        }
        let start = state.next;
        state.next = if self.lanes == 1 { self.frames } else { self.end(start, state.taken) };
        state.taken += 1;
        let groups = (start..state.next).step_by(usize::try_from(self.group).unwrap_or(usize::MAX));
        state.begun.extend(groups);
        Some(start..state.next)
    }

    /// Short chunks at first, so that the video begins to come out at once; then longer ones; and short ones at the end,
    /// so that all lanes are done at the same time.
    fn end(&self, start: u64, taken: u64) -> u64 {
        let left = (self.frames - start).div_ceil(self.group);
        let groups = (taken / self.lanes + 1).min(left / (2 * self.lanes)).clamp(1, MAX_GROUPS);
        (start + groups * self.group).min(self.frames)
    }

    /// Frames by which a lane may be ahead of the slowest.
    fn lead(&self) -> u64 {
        2 * self.lanes * MAX_GROUPS * self.group
    }

    /// A lane needs no more time for these groups: their pictures are all with its encoder, or need none.
    pub(super) fn done(&self, groups: &Range<u64>) {
        self.lock().begun.retain(|start| !groups.contains(start));
        self.changed.notify_all();
    }

    /// Something failed: nobody gets another chunk, and those that were taken are given up. What fails because of that is
    /// not the reason.
    pub(super) fn fail(&self, error: RenderError) {
        let mut state = self.lock();
        state.is_closed = true;
        state.failure.get_or_insert(error);
        drop(state);
        self.changed.notify_all();
    }

    /// What failed first.
    pub(super) fn failure(&self) -> Option<RenderError> {
        self.lock().failure.take()
    }

    /// Fails when the thread that holds it breaks down.
    pub(super) fn guard(&self, stage: &'static str) -> Guard<'_> {
        Guard { chunks: self, stage }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is made at once, so that a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held by a thread that others wait for.
pub(super) struct Guard<'a> {
    chunks: &'a Chunks,
    stage: &'static str,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.chunks.fail(RenderError::Lost(self.stage));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static GOING: AtomicBool = AtomicBool::new(false);

    #[test]
    fn chunks_are_whole_groups_that_cover_everything_in_order() {
        for (frames, group, lanes) in [(900, 60, 2), (901, 60, 3), (5, 60, 4), (60, 60, 2), (36_000, 60, 16), (7, 1, 2)]
        {
            let chunks = Chunks::new(frames, group, lanes);
            let mut next = 0;
            while let Some(chunk) = chunks.take(&GOING) {
                assert_eq!(chunk.start, next);
                assert!(chunk.end > chunk.start && chunk.end - chunk.start <= MAX_GROUPS * group);
                assert!(chunk.end == frames || (chunk.end - chunk.start) % group == 0);
                next = chunk.end;
                chunks.done(&chunk);
            }
            assert_eq!(next, frames);
        }
        assert_eq!(Chunks::new(900, 60, 1).take(&GOING), Some(0..900));
    }

    #[test]
    fn nobody_runs_far_ahead_of_the_slowest() {
        let chunks = Chunks::new(1_000_000, 60, 2);
        let slow = chunks.take(&GOING).unwrap();
        std::thread::scope(|scope| {
            let fast = scope.spawn(|| {
                let mut last = 0;
                while let Some(chunk) = chunks.take(&GOING) {
                    chunks.done(&chunk);
                    last = chunk.end;
                }
                last
            });
            std::thread::sleep(std::time::Duration::from_millis(50));
            chunks.fail(RenderError::Lost("draw"));
            chunks.fail(RenderError::Interrupted);
            assert!(fast.join().unwrap() <= slow.start + chunks.lead() + MAX_GROUPS * 60);
        });
        assert!(matches!(chunks.failure(), Some(RenderError::Lost("draw"))));
    }
}
