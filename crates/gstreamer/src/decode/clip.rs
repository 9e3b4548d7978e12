//! An opened clip, read at any source time.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::DecodeError;
use super::frame::{KeptFrame, cropped, mapped_frame};
use super::loops::{Kept, LoopBudget, Memory};
use super::pictures::{Sequence, picture_frame, read_picture};
use super::probe::{Body, Probed};
use super::reader::{Pending, PendingBody, Reader};
use super::stream::Container;
use super::timing::latest_start;
use repcast_model::geometry::Size;
use repcast_media::{ClipFrame, FrameId};
use repcast_model::time::{Rational, SourceTime, to_f64};

/// A jump ahead of more than this, in nanoseconds, is made by seeking and not by decoding all that lies between, where
/// nobody knows how much of it seeking would spare.
const SEEK_AHEAD_NANOS: u64 = 3_000_000_000;

/// Frames that are decoded ahead at a time: whoever asks has a picture to show meanwhile.
const FRAMES_AHEAD: usize = 3;

/// Seeking is worth its own cost when it spares so much, in nanoseconds.
const SPARED_NANOS: u64 = 1_000_000_000;

/// A clip that is being shown. Frames come fastest when they are asked for in rising order.
pub struct Clip {
    path: PathBuf,
    probed: Probed,
    reader: Reader,
    /// The frame that was decided on last, and the one that follows it in the file.
    current: Option<Held>,
    upcoming: Option<Pending>,
    memory: Memory,
    /// Whether what lies between is passed over on a jump ahead, or decoded for others.
    seeks: bool,
}

enum Held {
    Pending(Pending),
    Ready(u64, Arc<ClipFrame>),
}

impl Clip {
    /// Opens a probed clip and starts decoding in the background. With a budget, decoded frames are kept for the next
    /// time round. A decoder that delivers nothing for as long as `patience` counts as broken.
    ///
    /// # Errors
    /// When the decoder cannot be built; the file's own faults are reported by [`Self::frame_at`].
    pub fn open(
        path: &Path,
        probed: &Probed,
        first: SourceTime,
        loops: Option<&LoopBudget>,
        patience: Duration,
    ) -> Result<Self, DecodeError> {
        let memory = match loops {
            Some(budget) => Memory::Filling(Kept::new(budget)),
            None => Memory::Off,
        };
        let mut clip = Self {
            path: path.to_owned(),
            probed: probed.clone(),
            reader: Reader::open(path, probed, patience)?,
            current: None,
            upcoming: None,
            memory,
            seeks: true,
        };
        let start = clip.latest_start(first);
        if clip.is_worth_seeking(0, start) {
            clip.seek(start)?;
        }
        Ok(clip)
    }

    /// The frame that is shown at `time`: the one whose interval contains it, or the nearest at either end.
    ///
    /// # Errors
    /// When the file breaks on the way there. The clip cannot be used after that.
    pub fn frame_at(&mut self, time: SourceTime) -> Result<Arc<ClipFrame>, DecodeError> {
        let latest = self.latest_start(time);
        if let Some(frame) = self.remembered(latest) {
            return Ok(frame);
        }
        let is_behind = self.current.as_ref().is_some_and(|current| latest < current.start_nanos());
        let is_far_ahead =
            self.seeks && self.upcoming.as_ref().is_some_and(|next| self.is_worth_seeking(next.start_nanos, latest));
        if is_behind {
            self.seek(latest)?;
        } else if is_far_ahead && self.reader.is_seekable() {
            // What is passed over would be missing from the loop.
            self.memory = Memory::Off;
            self.seek(latest)?;
        }
        loop {
            self.look_ahead()?;
            match self.upcoming.take() {
                // Before the first frame there is nothing else to show.
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

    /// Decodes a few frames of a loop that will soon be seen, up to `time`, for as long as there is ample room to keep them.
    ///
    /// # Errors
    /// As [`Self::frame_at`].
    pub fn decode_ahead(&mut self, time: SourceTime) -> Result<(), DecodeError> {
        let latest = self.latest_start(time);
        for _ in 0..FRAMES_AHEAD {
            let Memory::Filling(Kept { budget, .. }) = &self.memory else { break };
            if !budget.is_ample() {
                break;
            }
            self.look_ahead()?;
            match self.upcoming.take_if(|next| next.start_nanos <= latest) {
                Some(pending) => self.advance(pending)?,
                None => break,
            }
        }
        Ok(())
    }

    /// The same clip, for several who read it at different places while its frames are being kept.
    #[must_use]
    pub fn for_several(self) -> Self {
        Self { seeks: false, ..self }
    }

    /// The frame that is shown at `time`, if it has been kept.
    #[must_use]
    pub fn kept_at(&self, time: SourceTime) -> Option<Arc<ClipFrame>> {
        self.remembered(self.latest_start(time))
    }

    /// Whether its frames are kept for the next time round, or have been so far.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        !matches!(self.memory, Memory::Off)
    }

    fn latest_start(&self, time: SourceTime) -> u64 {
        match &self.probed.body {
            Body::Stream(_, timing) => timing.latest_start(time.0),
            Body::Pictures(Sequence { rate, .. }) => latest_start(Some(*rate), time.0),
            Body::Animation(_) => latest_start(None, time.0),
        }
    }

    /// Whether to jump from the one place to the other. A loop jumps only where most of it would be passed over, because
    /// what is passed over cannot be kept.
    fn is_worth_seeking(&self, from: u64, to: u64) -> bool {
        match (&self.probed.body, &self.memory) {
            (Body::Stream(_, timing), Memory::Off) if !timing.keys.is_empty() => {
                timing.key_before(to).is_some_and(|key| key > from + SPARED_NANOS)
            }
            _ => to > from + SEEK_AHEAD_NANOS,
        }
    }

    /// Looks a frame up among those kept.
    fn remembered(&self, latest: u64) -> Option<Arc<ClipFrame>> {
        let (kept, complete) = match &self.memory {
            Memory::Off => return None,
            Memory::Filling(kept) => (kept, false),
            Memory::Complete(kept) => (kept, true),
        };
        let last = *kept.frames.last_key_value()?.0;
        // Behind the last frame kept, the file may have another that fits better.
        if !complete && latest >= last {
            return None;
        }
        let found = kept.frames.range(..=latest).next_back();
        // Before the first frame of all there is nothing else to show.
        let found = found.or_else(|| kept.frames.first_key_value().filter(|_| kept.begins_at_first));
        found.map(|(_, frame)| frame.clone())
    }

    fn advance(&mut self, pending: Pending) -> Result<(), DecodeError> {
        let start = pending.start_nanos;
        let keeps = match &self.memory {
            Memory::Filling(kept) => kept.frames.last_key_value().is_none_or(|(last, _)| start >= *last),
            _ => false,
        };
        self.current = Some(if keeps {
            let (frame, kept) = cropped(&self.look_into(pending)?);
            self.keep(start, kept);
            Held::Ready(start, Arc::new(frame))
        } else {
            Held::Pending(pending)
        });
        Ok(())
    }

    fn keep(&mut self, start: u64, frame: KeptFrame) {
        if let Memory::Filling(kept) = &mut self.memory {
            if kept.frames.is_empty() {
                kept.begins_at_first = !self.reader.has_sought();
            }
            if kept.budget.take(frame.bytes) {
                kept.bytes += frame.bytes;
                kept.frames.insert(start, frame.frame);
            } else {
                // A loop that is kept in part is of no use: every round would seek over the missing part.
                self.memory = Memory::Off;
            }
        }
    }

    fn current_frame(&mut self) -> Result<Arc<ClipFrame>, DecodeError> {
        let frame = match self.current.take() {
            Some(Held::Ready(_, frame)) => frame,
            Some(Held::Pending(pending)) => Arc::new(self.look_into(pending)?),
            None => return Err(DecodeError::NoVideo(self.path.clone())),
        };
        self.current = Some(Held::Ready(frame.id.start_nanos, frame.clone()));
        Ok(frame)
    }

    /// The file has ended: fine after its last frame, an error when more was promised.
    fn at_end(&mut self, time: SourceTime) -> Result<(), DecodeError> {
        let Some(current) = &self.current else { return Err(DecodeError::NoVideo(self.path.clone())) };
        if let Body::Stream(Container { truncated: true, .. }, _) = &self.probed.body {
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
        if let Memory::Filling(kept) = std::mem::replace(&mut self.memory, Memory::Off) {
            self.memory = Memory::Complete(kept);
            self.reader.close();
        }
        Ok(())
    }

    /// Goes to a place at or before `nanos` of media time.
    fn seek(&mut self, nanos: u64) -> Result<(), DecodeError> {
        self.current = None;
        self.upcoming = None;
        self.reader.seek(nanos)
    }

    /// Has the next frame at hand, if there is one.
    fn look_ahead(&mut self) -> Result<(), DecodeError> {
        if self.upcoming.is_none() {
            self.upcoming = self.reader.next()?;
        }
        Ok(())
    }

    fn look_into(&self, pending: Pending) -> Result<ClipFrame, DecodeError> {
        let id = FrameId { clip: self.probed.number, start_nanos: pending.start_nanos };
        let frame = match pending.body {
            PendingBody::Sample(sample) => mapped_frame(&self.path, id, &sample, &self.probed.color)?,
            PendingBody::Picture(path) => ClipFrame { id, ..read_picture(&path)? },
            PendingBody::Pixels(pixels) => picture_frame(id, pixels),
        };
        if frame.size == self.probed.info.size {
            return Ok(frame);
        }
        let Size { width, height } = frame.size;
        let reason = format!("its size changes to {width}x{height} on the way");
        Err(DecodeError::Broken { path: self.path.clone(), reason })
    }
}

impl Held {
    fn start_nanos(&self) -> u64 {
        match self {
            Self::Pending(pending) => pending.start_nanos,
            Self::Ready(start, _) => *start,
        }
    }
}
