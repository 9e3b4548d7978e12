//! Assigns a timeline to lanes, in groups of pictures (GOPs), which are encoded independently of each other.
//!
//! A lane is assigned a chunk of neighbouring GOPs, so that its decoders read forward and seldom seek, and renders them one
//! by one. When no chunk is left, it steals the later half of what a slower lane has not started.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::RenderError;

/// GOPs in the longest chunk, and in the chunks of all lanes together: frames encoded ahead of the slowest lane wait in
/// memory.
const MAX_CHUNK_GOPS: u64 = 10;
const MAX_ASSIGNED_GOPS: u64 = 40;

/// How often a lane that waits for a slower one checks whether the render was stopped.
const STOP_CHECK_INTERVAL: Duration = Duration::from_millis(100);

/// How long chunks are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ChunkPolicy {
    /// Short at first, because the output is read while it is written.
    StartShort,
    /// As long as allowed.
    Long,
}

/// Assigns a timeline's GOPs to lanes.
pub(super) struct Chunks {
    frames: u64,
    gop: u64,
    policy: ChunkPolicy,
    assignment: Mutex<Assignment>,
    changed: Condvar,
}

struct Assignment {
    /// The first frame that is not assigned.
    next: u64,
    /// The number of chunks assigned.
    count: u64,
    /// What each lane has been assigned and has not started.
    assigned: Vec<Range<u64>>,
    /// The first frames of the GOPs that are being rendered.
    in_progress: BTreeSet<u64>,
    /// Why the render ends early.
    failure: Option<RenderError>,
    is_closed: bool,
}

impl Chunks {
    /// GOPs of `gop` frames for a number of lanes.
    pub(super) fn new(frames: u64, gop: u64, lanes: usize, policy: ChunkPolicy) -> Self {
        let assigned = vec![0..0; lanes];
        let in_progress = BTreeSet::new();
        let assignment = Assignment { next: 0, count: 0, assigned, in_progress, failure: None, is_closed: false };
        Self { frames, gop: gop.max(1), policy, assignment: Mutex::new(assignment), changed: Condvar::new() }
    }

    /// The next GOP for a lane; `None` when none is left, or when the render is over. Waits while another lane is far
    /// behind.
    pub(super) fn take(&self, lane: usize, stop: &AtomicBool) -> Option<Range<u64>> {
        let mut assignment = self.lock();
        loop {
            if assignment.is_closed || stop.load(Ordering::Relaxed) {
                return None;
            }
            if assignment.assigned[lane].is_empty() {
                match self.next_chunk(&mut assignment).or_else(|| self.steal_half(&mut assignment)) {
                    Some(chunk) => assignment.assigned[lane] = chunk,
                    None if assignment.next == self.frames => return None,
                    None => {
                        let waited = self.changed.wait_timeout(assignment, STOP_CHECK_INTERVAL);
                        assignment = waited.unwrap_or_else(PoisonError::into_inner).0;
                        continue;
                    }
                }
            }
            let Range { start, end } = assignment.assigned[lane];
            let boundary = (start + self.gop).min(end);
            assignment.assigned[lane].start = boundary;
            assignment.in_progress.insert(start);
            return Some(start..boundary);
        }
    }

    /// A chunk that is not assigned; `None` when there is none, or when it is too far ahead of the slowest lane.
    fn next_chunk(&self, assignment: &mut Assignment) -> Option<Range<u64>> {
        let (start, lanes) = (assignment.next, assignment.assigned.len() as u64);
        let waiting = assignment.assigned.iter().filter(|assigned| !assigned.is_empty()).map(|assigned| assigned.start);
        let oldest = waiting.chain(assignment.in_progress.first().copied()).min().unwrap_or(start);
        if start == self.frames || start >= oldest + self.max_lead(lanes) {
            return None;
        }
        let most = match self.policy {
            ChunkPolicy::StartShort => 1 << (assignment.count / lanes).min(u64::from(u8::BITS)),
            ChunkPolicy::Long => u64::MAX,
        };
        let share = (self.frames - start).div_ceil(self.gop).div_ceil(lanes);
        assignment.count += 1;
        assignment.next = (start + share.min(most).min(max_chunk_gops(lanes)) * self.gop).min(self.frames);
        Some(start..assignment.next)
    }

    /// The later half of what the slowest lane has not started.
    fn steal_half(&self, assignment: &mut Assignment) -> Option<Range<u64>> {
        let gops = |assigned: &Range<u64>| assigned.end.saturating_sub(assigned.start).div_ceil(self.gop);
        let slowest = assignment.assigned.iter_mut().max_by_key(|assigned| gops(assigned));
        let slowest = slowest.filter(|assigned| gops(assigned) > 0)?;
        let boundary = slowest.start + gops(slowest) / 2 * self.gop;
        Some(boundary..std::mem::replace(&mut slowest.end, boundary))
    }

    /// Frames by which a lane may be ahead of the slowest.
    fn max_lead(&self, lanes: u64) -> u64 {
        (lanes + 1) * max_chunk_gops(lanes) * self.gop
    }

    /// Marks a GOP as complete: all its frames are with the encoder, or came from the cache.
    pub(super) fn complete(&self, gop: &Range<u64>) {
        self.lock().in_progress.remove(&gop.start);
        self.changed.notify_all();
    }

    /// Ends the render: no lane gets another GOP. Only the first failure is kept; the others follow from it.
    pub(super) fn fail(&self, error: RenderError) {
        let mut assignment = self.lock();
        assignment.is_closed = true;
        assignment.failure.get_or_insert(error);
        drop(assignment);
        self.changed.notify_all();
    }

    /// The first failure.
    pub(super) fn take_failure(&self) -> Option<RenderError> {
        self.lock().failure.take()
    }

    /// A guard that ends the render when its thread panics.
    pub(super) fn guard(&self, stage: &'static str) -> PanicGuard<'_> {
        PanicGuard { chunks: self, stage }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    fn lock(&self) -> MutexGuard<'_, Assignment> {
        // Each change is one assignment of a field, so that a panic leaves nothing inconsistent.
        self.assignment.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// GOPs in the longest chunk, by the number of lanes.
fn max_chunk_gops(lanes: u64) -> u64 {
    (MAX_ASSIGNED_GOPS / lanes).clamp(2, MAX_CHUNK_GOPS)
}

/// Held by a thread that others wait for.
pub(super) struct PanicGuard<'a> {
    chunks: &'a Chunks,
    stage: &'static str,
}

impl Drop for PanicGuard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.chunks.fail(RenderError::Lost(self.stage));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static RUNNING: AtomicBool = AtomicBool::new(false);

    #[test]
    fn gops_cover_the_timeline_once_with_any_number_of_lanes() {
        for policy in [ChunkPolicy::StartShort, ChunkPolicy::Long] {
            for (frames, gop, lanes) in
                [(900, 60, 2), (901, 60, 3), (5, 60, 4), (60, 60, 2), (36_000, 60, 16), (7, 1, 2), (900, 900, 1)]
            {
                let chunks = Chunks::new(frames, gop, lanes, policy);
                let mut taken = Vec::new();
                // Each lane is slower than the one before it.
                for turn in 0.. {
                    let mut asking = (0..lanes).filter(|lane| turn % (lane + 1) == 0).peekable();
                    let before = taken.len();
                    let are_all = asking.clone().count() == lanes;
                    asking.by_ref().for_each(|lane| {
                        taken.extend(chunks.take(lane, &RUNNING).inspect(|gop| chunks.complete(gop)));
                    });
                    if are_all && taken.len() == before {
                        break;
                    }
                }
                taken.sort_unstable_by_key(|taken| taken.start);
                let next = taken.iter().fold(0, |next, taken| {
                    assert_eq!(taken.start, next);
                    assert!(taken.end == frames.min(taken.start + gop), "{taken:?}");
                    taken.end
                });
                assert_eq!(next, frames);
            }
        }
    }

    #[test]
    fn lanes_read_forward_and_steal_what_others_have_not_started() {
        let chunks = Chunks::new(900, 60, 2, ChunkPolicy::Long);
        let take = |lane| chunks.take(lane, &RUNNING).map(|gop| gop.start / 60);
        assert_eq!((take(0), take(1)), (Some(0), Some(8)));
        let rest: Vec<_> = std::iter::from_fn(|| take(1)).collect();
        // The first has started one of eight; the other lane steals halves of the seven left.
        assert_eq!(rest, [9, 10, 11, 12, 13, 14, 4, 5, 6, 7, 2, 3, 1]);
        assert_eq!(take(0), None);
    }

    #[test]
    fn the_first_chunks_are_short_when_the_output_is_read() {
        let chunks = Chunks::new(36_000, 60, 2, ChunkPolicy::StartShort);
        let starts: Vec<_> = (0..8).map(|turn| chunks.take(turn % 2, &RUNNING).map(|gop| gop.start / 60)).collect();
        assert_eq!(starts, [0, 1, 2, 4, 3, 5, 6, 10].map(Some));
    }

    #[test]
    fn no_lane_runs_far_ahead_of_the_slowest() {
        let chunks = Chunks::new(1_000_000, 60, 2, ChunkPolicy::StartShort);
        let slow = chunks.take(0, &RUNNING).unwrap();
        std::thread::scope(|scope| {
            let fast = scope.spawn(|| {
                let mut last = 0;
                while let Some(chunk) = chunks.take(1, &RUNNING) {
                    chunks.complete(&chunk);
                    last = chunk.end;
                }
                last
            });
            std::thread::sleep(std::time::Duration::from_millis(50));
            chunks.fail(RenderError::Lost("draw"));
            chunks.fail(RenderError::Interrupted);
            assert!(fast.join().unwrap() <= slow.start + chunks.max_lead(2) + MAX_CHUNK_GOPS * 60);
        });
        assert!(matches!(chunks.take_failure(), Some(RenderError::Lost("draw"))));
    }
}
