//! An open clip that returns the frame at any source time.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::DecodeError;
use super::container::Container;
use super::frame::{crop_and_pack, mapped_frame};
use super::loop_cache::{CachedFrames, LoopBudget, LoopCache};
use super::pictures::{Sequence, picture_frame, read_picture};
use super::probe::{ClipSource, ProbedClip};
use super::reader::{PendingData, PendingFrame, Reader};
use super::timing::latest_start;
use repcast_media::{ClipFrame, FrameId};
use repcast_model::geometry::Size;
use repcast_model::time::{Rational, SourceTime, to_f64};

/// Without known key frames, a jump ahead by more than this, in nanoseconds, seeks instead of decoding everything
/// between.
const SEEK_AHEAD_NANOS: u64 = 3_000_000_000;

/// Most frames that one call of [`Clip::decode_ahead`] decodes, so that it does not delay the caller's own frame.
const FRAMES_AHEAD: usize = 3;

/// With known key frames, a jump ahead seeks if that skips more than this, in nanoseconds: a seek has a cost of its
/// own.
const MIN_SKIPPED_NANOS: u64 = 1_000_000_000;

/// An open clip. Access in rising order of time is fastest.
pub struct Clip {
    path: PathBuf,
    probed: ProbedClip,
    reader: Reader,
    /// The frame returned last.
    current: Option<CurrentFrame>,
    /// The frame after it in the file, once fetched.
    upcoming: Option<PendingFrame>,
    cache: LoopCache,
    /// Whether a jump ahead may skip frames. Off for shared clips, whose other readers need those frames.
    skips_ahead: bool,
}

/// A frame that is decoded into memory when it is first requested.
enum CurrentFrame {
    Pending(PendingFrame),
    /// Start in nanoseconds, and the frame.
    Decoded(u64, Arc<ClipFrame>),
}

impl Clip {
    /// Opens a probed clip and starts decoding in the background, at the frame shown at `first`. With a budget, decoded
    /// frames are cached for further passes of a loop. A decoder that delivers nothing for `stall_timeout` counts as
    /// broken.
    ///
    /// # Errors
    /// When the decoder cannot be built; damage in the file is reported by [`Self::frame_at`].
    pub fn open(
        path: &Path,
        probed: &ProbedClip,
        first: SourceTime,
        loops: Option<&LoopBudget>,
        stall_timeout: Duration,
    ) -> Result<Self, DecodeError> {
        let cache = loops.map_or(LoopCache::Off, |budget| LoopCache::Filling(CachedFrames::new(budget)));
        let mut clip = Self {
            path: path.to_owned(),
            probed: probed.clone(),
            reader: Reader::new(path, probed, stall_timeout),
            current: None,
            upcoming: None,
            cache,
            skips_ahead: true,
        };
        let start = clip.latest_start(first);
        if clip.is_worth_seeking(0, start) {
            clip.reader.seek(start)?;
        } else {
            clip.reader.start()?;
        }
        Ok(clip)
    }

    /// The frame shown at `time`: the one whose interval contains it, or the first or last frame outside of the clip.
    ///
    /// # Errors
    /// When decoding up to there fails. The clip cannot be used after an error.
    pub fn frame_at(&mut self, time: SourceTime) -> Result<Arc<ClipFrame>, DecodeError> {
        let latest = self.latest_start(time);
        if let Some(frame) = self.cache.frame_at(latest) {
            return Ok(frame);
        }
        let is_behind = self.current.as_ref().is_some_and(|current| latest < current.start_nanos());
        let is_far_ahead = self.skips_ahead
            && self.upcoming.as_ref().is_some_and(|next| self.is_worth_seeking(next.start_nanos, latest));
        if is_behind {
            self.seek(latest)?;
        } else if is_far_ahead && self.reader.is_seekable() {
            // The skipped frames would be missing from the cache.
            self.cache = LoopCache::Off;
            self.seek(latest)?;
        }
        loop {
            self.fetch_upcoming()?;
            match self.upcoming.take() {
                // The first frame is also shown before its start.
                Some(pending) if pending.start_nanos <= latest || self.current.is_none() => self.advance(pending)?,
                Some(pending) => {
                    self.upcoming = Some(pending);
                    return self.current_frame();
                }
                None => {
                    self.at_end(time)?;
                    return self.current_frame();
                }
            }
        }
    }

    /// Decodes a few frames of a loop into the cache, up to `time`, while most of the budget is free.
    ///
    /// # Errors
    /// As [`Self::frame_at`].
    pub fn decode_ahead(&mut self, time: SourceTime) -> Result<(), DecodeError> {
        let latest = self.latest_start(time);
        for _ in 0..FRAMES_AHEAD {
            let LoopCache::Filling(CachedFrames { budget, .. }) = &self.cache else { break };
            if !budget.is_ample() {
                break;
            }
            self.fetch_upcoming()?;
            match self.upcoming.take_if(|next| next.start_nanos <= latest) {
                Some(pending) => self.advance(pending)?,
                None => break,
            }
        }
        Ok(())
    }

    /// The same clip for several readers at different positions. While its cache is filling, jumps ahead decode every
    /// frame between instead of skipping them.
    #[must_use]
    pub fn into_shared(self) -> Self {
        Self { skips_ahead: false, ..self }
    }

    /// The frame shown at `time`, if it is cached.
    #[must_use]
    pub fn cached_frame_at(&self, time: SourceTime) -> Option<Arc<ClipFrame>> {
        self.cache.frame_at(self.latest_start(time))
    }

    /// Whether decoded frames are cached: the clip was opened with a budget, which has sufficed so far.
    #[must_use]
    pub fn is_caching(&self) -> bool {
        !matches!(self.cache, LoopCache::Off)
    }

    fn latest_start(&self, time: SourceTime) -> u64 {
        match &self.probed.source {
            ClipSource::Stream(_, timing) => timing.latest_start(time.0),
            ClipSource::Pictures(Sequence { rate, .. }) => latest_start(Some(*rate), time.0),
            ClipSource::Animation(_) => latest_start(None, time.0),
        }
    }

    /// Whether to seek from one media time to a later one, in nanoseconds. A clip with a cache seeks only over long
    /// distances, because seeking makes the cache unusable.
    fn is_worth_seeking(&self, from: u64, to: u64) -> bool {
        match (&self.probed.source, &self.cache) {
            (ClipSource::Stream(_, timing), LoopCache::Off) if !timing.keys.is_empty() => {
                timing.key_before(to).is_some_and(|key| key > from + MIN_SKIPPED_NANOS)
            }
            _ => to > from + SEEK_AHEAD_NANOS,
        }
    }

    fn advance(&mut self, pending: PendingFrame) -> Result<(), DecodeError> {
        let start = pending.start_nanos;
        self.current = Some(if self.cache.accepts(start) {
            let (frame, cached) = crop_and_pack(&self.path, &self.decode_pending(pending)?)?;
            self.cache.insert(start, cached, !self.reader.has_sought());
            CurrentFrame::Decoded(start, Arc::new(frame))
        } else {
            CurrentFrame::Pending(pending)
        });
        Ok(())
    }

    fn current_frame(&mut self) -> Result<Arc<ClipFrame>, DecodeError> {
        let frame = match self.current.take() {
            Some(CurrentFrame::Decoded(_, frame)) => frame,
            Some(CurrentFrame::Pending(pending)) => Arc::new(self.decode_pending(pending)?),
            None => return Err(DecodeError::NoVideo(self.path.clone())),
        };
        self.current = Some(CurrentFrame::Decoded(frame.id.start_nanos, frame.clone()));
        Ok(frame)
    }

    /// Handles the end of the file: completes the cache, or fails if a truncated file states a frame at `time`.
    fn at_end(&mut self, time: SourceTime) -> Result<(), DecodeError> {
        let Some(current) = &self.current else { return Err(DecodeError::NoVideo(self.path.clone())) };
        if let ClipSource::Stream(Container { truncated: true, .. }, _) = &self.probed.source {
            let readable = Rational::new(i128::from(current.start_nanos()), 1_000_000_000);
            let frame = self.probed.info.rate.map_or(Rational::new(1, 10), |rate| rate.secs_at(1));
            if time.0 >= readable + frame {
                return Err(DecodeError::Truncated {
                    path: self.path.clone(),
                    secs: to_f64(readable + frame),
                    expected_secs: to_f64(self.probed.info.duration),
                });
            }
            return Ok(());
        }
        if self.cache.complete() {
            self.reader.close();
        }
        Ok(())
    }

    /// Seeks to a frame at or before a media time.
    fn seek(&mut self, nanos: u64) -> Result<(), DecodeError> {
        self.current = None;
        self.upcoming = None;
        self.reader.seek(nanos)
    }

    /// Fetches the next frame into `upcoming`, unless the file has ended.
    fn fetch_upcoming(&mut self) -> Result<(), DecodeError> {
        if self.upcoming.is_none() {
            self.upcoming = self.reader.next()?;
        }
        Ok(())
    }

    fn decode_pending(&self, pending: PendingFrame) -> Result<ClipFrame, DecodeError> {
        decoded(&self.path, &self.probed, pending)
    }
}

/// A fetched frame as pixels.
///
/// # Errors
/// When it cannot be read, or has another size than the clip.
pub(super) fn decoded(path: &Path, probed: &ProbedClip, pending: PendingFrame) -> Result<ClipFrame, DecodeError> {
    let id = FrameId { clip: probed.number, start_nanos: pending.start_nanos };
    let frame = match pending.data {
        PendingData::Sample(sample) => mapped_frame(path, id, &sample, &probed.color)?,
        PendingData::Picture(path) => ClipFrame { id, ..read_picture(&path)? },
        PendingData::Pixels(pixels) => picture_frame(id, pixels),
    };
    if frame.size == probed.info.size {
        return Ok(frame);
    }
    let Size { width, height } = frame.size;
    let reason = format!("its frame size changes to {width}x{height} pixels, and a clip must have one size");
    Err(DecodeError::Broken { path: path.to_owned(), reason })
}

impl CurrentFrame {
    fn start_nanos(&self) -> u64 {
        match self {
            Self::Pending(pending) => pending.start_nanos,
            Self::Decoded(start, _) => *start,
        }
    }
}
