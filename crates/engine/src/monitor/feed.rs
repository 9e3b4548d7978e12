//! The newest seconds of a mix, with its levels, and when they are to be heard.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use repcast_media::Stereo;
use repcast_model::audio::SAMPLE_RATE;

/// Samples that are kept: ten seconds, 4 MB. A mix is ahead of the picture by some frames, of which one can last a second.
const MAX_SAMPLES: usize = 10 * SAMPLE_RATE as usize;

/// Samples that are kept after they were to be heard, for a meter that is read seldom.
const PAST_SAMPLES: u64 = 2 * SAMPLE_RATE as u64;

/// Times to draw a frame whose mean is taken: half a second at 30 frames a second.
const DRAWING_MEAN: u32 = 16;

/// The longest time to draw a frame that the sound waits for.
const MAX_DRAWING: Duration = Duration::from_millis(200);

/// How loud samples of a mix are.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct MixLevels {
    /// The highest absolute value of each channel; full scale is 1.
    pub peaks: [f32; 2],
    /// Whether the mix exceeded full scale before the limiter.
    pub is_clipped: bool,
}

impl MixLevels {
    /// The levels of samples that the limiter has not lowered.
    #[must_use]
    pub fn of(samples: &[Stereo]) -> Self {
        let peak = |channel: usize| samples.iter().map(|sample| sample[channel].abs()).fold(0.0, f32::max);
        let peaks = [peak(0), peak(1)];
        Self { peaks, is_clipped: peaks.iter().any(|peak| *peak > 1.0) }
    }

    /// The levels of both together.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        let peak = |channel: usize| self.peaks[channel].max(other.peaks[channel]);
        Self { peaks: [peak(0), peak(1)], is_clipped: self.is_clipped || other.is_clipped }
    }
}

/// Samples that were mixed at once.
struct Block {
    start: u64,
    samples: Vec<Stereo>,
    levels: MixLevels,
}

impl Block {
    fn end(&self) -> u64 {
        self.start + self.samples.len() as u64
    }
}

/// When a mix is heard.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct FeedClock {
    /// The mix: another one has another number.
    pub(super) epoch: u64,
    /// This sample is to be heard at `at`.
    pub(super) position: u64,
    pub(super) at: Instant,
    /// One past the last sample that is mixed.
    pub(super) end: u64,
}

#[derive(Default)]
struct FeedState {
    epoch: u64,
    blocks: VecDeque<Block>,
    /// Samples in `blocks`.
    len: usize,
    end: u64,
    shown: Option<(u64, Instant)>,
    /// The mean time from a frame's time until it is drawn.
    drawing: Duration,
    is_active: bool,
}

/// The newest seconds of a mix. Locked for copies of samples only.
#[derive(Default)]
pub struct MixFeed(Mutex<FeedState>);

impl MixFeed {
    fn lock(&self) -> MutexGuard<'_, FeedState> {
        // Samples of a block that a panic has left out are silent.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the mix is kept: there is a window that may play it, or shows its level. What was kept is dropped.
    pub fn set_active(&self, is_active: bool) {
        let mut state = self.lock();
        state.is_active = is_active;
        state.clear();
    }

    /// Begins another mix, at sample 0.
    pub(crate) fn begin(self: &Arc<Self>) -> FeedWriter {
        let mut state = self.lock();
        state.epoch += 1;
        state.clear();
        (state.end, state.shown, state.drawing) = (0, None, Duration::ZERO);
        FeedWriter { feed: self.clone(), epoch: state.epoch }
    }

    /// Ends the mix: nothing is heard.
    pub fn clear(&self) {
        let mut state = self.lock();
        state.epoch += 1;
        state.clear();
        state.shown = None;
    }

    /// The frame that begins with this sample is due at `due`, and was drawn at `drawn`. Its sound is heard at its time plus
    /// the time that frames take to be drawn in the mean.
    pub fn show(&self, position: u64, due: Instant, drawn: Instant) {
        let mut state = self.lock();
        let drawing = drawn.saturating_duration_since(due).min(MAX_DRAWING);
        state.drawing = match state.shown {
            None => drawing,
            Some(_) => (state.drawing * (DRAWING_MEAN - 1) + drawing) / DRAWING_MEAN,
        };
        state.shown = Some((position, due));
        let past = position.saturating_sub(PAST_SAMPLES);
        while state.blocks.front().is_some_and(|block| block.end() <= past) {
            state.drop_oldest();
        }
    }

    /// The time at which the mix is heard; `None` while nothing is shown, or without a listener.
    pub(super) fn clock(&self) -> Option<FeedClock> {
        let state = self.lock();
        let (position, due) = state.shown.filter(|_| state.is_active)?;
        Some(FeedClock { epoch: state.epoch, position, at: due + state.drawing, end: state.end })
    }

    /// Copies samples of a mix from a position on, and returns how many there are.
    pub(super) fn read(&self, epoch: u64, position: u64, out: &mut [Stereo]) -> usize {
        let state = self.lock();
        if state.epoch != epoch {
            return 0;
        }
        let mut count = 0;
        for block in &state.blocks {
            let at = position + count as u64;
            if !(block.start..block.end()).contains(&at) {
                continue;
            }
            let samples = &block.samples[(at - block.start) as usize..];
            let taken = samples.len().min(out.len() - count);
            out[count..count + taken].copy_from_slice(&samples[..taken]);
            count += taken;
            if count == out.len() {
                break;
            }
        }
        count
    }

    /// The levels of what is heard from `from` to `now`, and the position of `now`; silence where there is no mix.
    pub(super) fn levels(&self, from: Option<(u64, u64)>, now: Instant) -> (MixLevels, Option<(u64, u64)>) {
        let Some(clock) = self.clock() else { return (MixLevels::default(), None) };
        let state = self.lock();
        let position = clock.position_at(now);
        let first = from.filter(|(epoch, _)| *epoch == clock.epoch).map_or(position, |(_, first)| first.min(position));
        let heard = state.blocks.iter().filter(|block| block.start <= position && block.end() > first);
        let levels = heard.map(|block| block.levels).fold(MixLevels::default(), MixLevels::max);
        (levels, Some((clock.epoch, position)))
    }

    /// Samples that are kept.
    #[cfg(test)]
    fn kept(&self) -> usize {
        self.lock().len
    }

    /// One past the last sample that is mixed.
    #[cfg(test)]
    pub(crate) fn end(&self) -> u64 {
        self.lock().end
    }
}

impl FeedClock {
    /// The sample that is heard at a time; 0 before the first.
    pub(super) fn position_at(&self, now: Instant) -> u64 {
        let samples = |time: Duration| (time.as_nanos() * u128::from(SAMPLE_RATE) / 1_000_000_000) as u64;
        match now.checked_duration_since(self.at) {
            Some(after) => self.position + samples(after),
            None => self.position.saturating_sub(samples(self.at - now)),
        }
    }
}

impl FeedState {
    fn clear(&mut self) {
        self.blocks.clear();
        self.len = 0;
    }

    fn drop_oldest(&mut self) {
        if let Some(block) = self.blocks.pop_front() {
            self.len -= block.samples.len();
        }
    }
}

/// Writes a mix into a feed, until another one begins.
pub(crate) struct FeedWriter {
    feed: Arc<MixFeed>,
    epoch: u64,
}

impl FeedWriter {
    /// Appends samples that follow those before. Copies them only while there is a listener.
    pub(crate) fn push(&self, start: u64, samples: &[Stereo], levels: MixLevels) {
        let mut state = self.feed.lock();
        if state.epoch != self.epoch || samples.is_empty() {
            return;
        }
        state.end = start + samples.len() as u64;
        if !state.is_active {
            return;
        }
        state.len += samples.len();
        state.blocks.push_back(Block { start, samples: samples.to_vec(), levels });
        while state.len > MAX_SAMPLES {
            state.drop_oldest();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Samples whose values are their numbers.
    fn numbered(range: std::ops::Range<u64>) -> Vec<Stereo> {
        range.map(|index| [index as f32, -(index as f32)]).collect()
    }

    fn feed() -> (Arc<MixFeed>, FeedWriter) {
        let feed = Arc::<MixFeed>::default();
        feed.set_active(true);
        let writer = feed.begin();
        (feed, writer)
    }

    #[test]
    fn samples_are_read_across_blocks_from_any_position() {
        let (feed, writer) = feed();
        for start in (0..10_000).step_by(1000) {
            writer.push(start, &numbered(start..start + 1000), MixLevels::default());
        }
        let mut out = vec![[0.0; 2]; 2500];
        assert_eq!(feed.read(1, 1700, &mut out), 2500);
        assert_eq!(out, numbered(1700..4200));
        assert_eq!(feed.read(1, 9900, &mut out), 100);
        assert_eq!((feed.read(1, 10_000, &mut out), feed.read(2, 0, &mut out)), (0, 0));
    }

    #[test]
    fn memory_is_bounded_and_nothing_is_kept_for_no_listener() {
        let (feed, writer) = feed();
        for start in (0..60 * 48_000).step_by(4800) {
            writer.push(start, &numbered(start..start + 4800), MixLevels::default());
        }
        assert!(feed.kept() <= MAX_SAMPLES);
        let now = Instant::now();
        feed.show(59 * 48_000, now, now);
        assert!(feed.kept() <= 3 * 48_000 + 4800);
        feed.set_active(false);
        writer.push(60 * 48_000, &numbered(0..4800), MixLevels::default());
        assert_eq!((feed.kept(), feed.clock(), feed.end()), (0, None, 60 * 48_000 + 4800));
    }

    #[test]
    fn another_mix_ends_the_one_before() {
        let (feed, before) = feed();
        before.push(0, &numbered(0..1000), MixLevels::default());
        let after = feed.begin();
        before.push(1000, &numbered(0..1000), MixLevels::default());
        assert_eq!((feed.kept(), feed.end()), (0, 0));
        after.push(0, &numbered(0..10), MixLevels::default());
        assert_eq!(feed.end(), 10);
    }

    #[test]
    fn the_sound_of_a_frame_is_heard_when_it_is_drawn() {
        let (feed, _writer) = feed();
        let start = Instant::now();
        let millis = Duration::from_millis;
        assert_eq!(feed.clock(), None);
        // Each frame of 20 ms takes 5 ms to be drawn; now and then one takes 30.
        for frame in 0..500_u32 {
            let due = start + millis(20) * frame;
            let drawing = if frame % 10 == 9 { 30 } else { 5 };
            feed.show(u64::from(frame) * 960, due, due + millis(drawing));
        }
        let clock = feed.clock().unwrap();
        let late = clock.at - (start + millis(20) * 499);
        assert!((millis(5)..millis(10)).contains(&late), "{late:?}");
        assert_eq!(clock.position_at(clock.at + millis(10)), 499 * 960 + 480);
        assert_eq!(clock.position_at(clock.at - millis(10)), 499 * 960 - 480);
    }

    #[test]
    fn levels_are_those_of_all_that_was_heard_since_the_last_time() {
        let (feed, writer) = feed();
        for (index, peak) in (0..).zip([0.1, 0.9, 0.2, 0.3]) {
            let samples = [[peak, peak / 2.0]; 480];
            writer.push(index * 480, &samples, MixLevels::of(&samples));
        }
        let start = Instant::now();
        let at = |millis: u64| start + Duration::from_millis(millis);
        feed.show(0, start, start);
        let (levels, next) = feed.levels(None, at(5));
        assert_eq!(levels.peaks, [0.1, 0.05]);
        // The loud block has passed completely.
        let (levels, next) = feed.levels(next, at(25));
        assert_eq!((levels.peaks, levels.is_clipped), ([0.9, 0.45], false));
        let (levels, next) = feed.levels(next, at(35));
        assert_eq!(levels.peaks, [0.3, 0.15]);
        // After the end of the mix there is silence.
        let (levels, _) = feed.levels(feed.levels(next, at(60)).1, at(70));
        assert_eq!(levels, MixLevels::default());
    }
}
