//! How a timeline is dealt out to lanes: in groups of pictures, which no lane's encoder needs another lane's frames for.
//!
//! A lane is given a chunk of neighbouring groups, so that its decoders go forward and seldom jump, and begins them one by
//! one. Where no other chunk may be given, it takes over the later half of what a slower lane has not begun.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::RenderError;

/// Groups of pictures in the longest chunk, and in the chunks of all lanes together: what lanes have encoded ahead of each
/// other waits in memory.
const MAX_GROUPS: u64 = 10;
const ALL_GROUPS: u64 = 40;

/// How often whoever waits for a slower lane looks whether anybody still wants the video.
const LOOK: Duration = Duration::from_millis(100);

/// How chunks are dealt out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Deal {
    /// Short ones at first, because somebody reads the video while it is made.
    Early,
    /// As long as they may be.
    Long,
}

/// Deals out a timeline's groups of pictures.
pub(super) struct Chunks {
    frames: u64,
    group: u64,
    deal: Deal,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// The first frame that was given to nobody.
    next: u64,
    /// Chunks given.
    count: u64,
    /// What each lane has been given and not begun.
    given: Vec<Range<u64>>,
    /// Where the groups begin that lanes are at work on.
    begun: BTreeSet<u64>,
    /// Why there will be no video.
    failure: Option<RenderError>,
    is_closed: bool,
}

impl Chunks {
    /// Groups of so many frames for so many lanes.
    pub(super) fn new(frames: u64, group: u64, lanes: usize, deal: Deal) -> Self {
        let given = vec![0..0; lanes];
        let state = State { next: 0, count: 0, given, begun: BTreeSet::new(), failure: None, is_closed: false };
        Self { frames, group: group.max(1), deal, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// The next group for a lane; `None` when there is none, or when it is over. Waits while another lane is far behind.
    pub(super) fn take(&self, lane: usize, stop: &AtomicBool) -> Option<Range<u64>> {
        let mut state = self.lock();
        loop {
            if state.is_closed || stop.load(Ordering::Relaxed) {
                return None;
            }
            if state.given[lane].is_empty() {
                match self.chunk(&mut state).or_else(|| self.taken_over(&mut state)) {
                    Some(chunk) => state.given[lane] = chunk,
                    None if state.next == self.frames => return None,
                    None => {
                        let waited = self.changed.wait_timeout(state, LOOK);
                        state = waited.unwrap_or_else(PoisonError::into_inner).0;
                        continue;
                    }
                }
            }
            let Range { start, end } = state.given[lane];
            let border = (start + self.group).min(end);
            state.given[lane].start = border;
            state.begun.insert(start);
            return Some(start..border);
        }
    }

    /// A chunk that nobody has; `None` when there is none, or when it lies too far ahead.
    fn chunk(&self, state: &mut State) -> Option<Range<u64>> {
        let (start, lanes) = (state.next, state.given.len() as u64);
        let waiting = state.given.iter().filter(|given| !given.is_empty()).map(|given| given.start);
        let oldest = waiting.chain(state.begun.first().copied()).min().unwrap_or(start);
        if start == self.frames || start >= oldest + self.lead(lanes) {
            return None;
        }
        let most = match self.deal {
            Deal::Early => 1 << (state.count / lanes).min(u64::from(u8::BITS)),
            Deal::Long => u64::MAX,
        };
        let share = (self.frames - start).div_ceil(self.group).div_ceil(lanes);
        state.count += 1;
        state.next = (start + share.min(most).min(longest(lanes)) * self.group).min(self.frames);
        Some(start..state.next)
    }

    /// The later half of what the slowest lane has not begun.
    fn taken_over(&self, state: &mut State) -> Option<Range<u64>> {
        let groups = |given: &Range<u64>| given.end.saturating_sub(given.start).div_ceil(self.group);
        let slowest = state.given.iter_mut().max_by_key(|given| groups(given)).filter(|given| groups(given) > 0)?;
        let border = slowest.start + groups(slowest) / 2 * self.group;
        Some(border..std::mem::replace(&mut slowest.end, border))
    }

    /// Frames by which a lane may be ahead of the slowest.
    fn lead(&self, lanes: u64) -> u64 {
        (lanes + 1) * longest(lanes) * self.group
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

/// Groups in the longest chunk of so many lanes.
fn longest(lanes: u64) -> u64 {
    (ALL_GROUPS / lanes).clamp(2, MAX_GROUPS)
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
    fn groups_cover_everything_once_however_many_lanes_there_are() {
        for deal in [Deal::Early, Deal::Long] {
            for (frames, group, lanes) in
                [(900, 60, 2), (901, 60, 3), (5, 60, 4), (60, 60, 2), (36_000, 60, 16), (7, 1, 2), (900, 900, 1)]
            {
                let chunks = Chunks::new(frames, group, lanes, deal);
                let mut taken = Vec::new();
                // Each lane is slower than the one before it.
                for turn in 0.. {
                    let mut asked = (0..lanes).filter(|lane| turn % (lane + 1) == 0).peekable();
                    let before = taken.len();
                    let is_everyone = asked.clone().count() == lanes;
                    asked.by_ref().for_each(|lane| {
                        taken.extend(chunks.take(lane, &GOING).inspect(|group| chunks.done(group)));
                    });
                    if is_everyone && taken.len() == before {
                        break;
                    }
                }
                taken.sort_unstable_by_key(|taken| taken.start);
                let next = taken.iter().fold(0, |next, taken| {
                    assert_eq!(taken.start, next);
                    assert!(taken.end == frames.min(taken.start + group), "{taken:?}");
                    taken.end
                });
                assert_eq!(next, frames);
            }
        }
    }

    #[test]
    fn lanes_go_forward_and_take_over_what_others_have_not_begun() {
        let chunks = Chunks::new(900, 60, 2, Deal::Long);
        let take = |lane| chunks.take(lane, &GOING).map(|group| group.start / 60);
        assert_eq!((take(0), take(1)), (Some(0), Some(8)));
        let rest: Vec<_> = std::iter::from_fn(|| take(1)).collect();
        // The first has begun one of eight; of the seven left, it may keep what is not taken over.
        assert_eq!(rest, [9, 10, 11, 12, 13, 14, 4, 5, 6, 7, 2, 3, 1]);
        assert_eq!(take(0), None);
    }

    #[test]
    fn a_video_that_is_watched_comes_out_early() {
        let chunks = Chunks::new(36_000, 60, 2, Deal::Early);
        let starts: Vec<_> = (0..8).map(|turn| chunks.take(turn % 2, &GOING).map(|group| group.start / 60)).collect();
        assert_eq!(starts, [0, 1, 2, 4, 3, 5, 6, 10].map(Some));
    }

    #[test]
    fn nobody_runs_far_ahead_of_the_slowest() {
        let chunks = Chunks::new(1_000_000, 60, 2, Deal::Early);
        let slow = chunks.take(0, &GOING).unwrap();
        std::thread::scope(|scope| {
            let fast = scope.spawn(|| {
                let mut last = 0;
                while let Some(chunk) = chunks.take(1, &GOING) {
                    chunks.done(&chunk);
                    last = chunk.end;
                }
                last
            });
            std::thread::sleep(std::time::Duration::from_millis(50));
            chunks.fail(RenderError::Lost("draw"));
            chunks.fail(RenderError::Interrupted);
            assert!(fast.join().unwrap() <= slow.start + chunks.lead(2) + MAX_GROUPS * 60);
        });
        assert!(matches!(chunks.failure(), Some(RenderError::Lost("draw"))));
    }
}
