//! A clip's frames one after the other, from any place: seeking, files whose seeks cannot be relied on, and damage.
//!
//! Where a decoder fails in the middle of a file, reading goes on at the next key frame, so that the last good frame is
//! held until then. Which frames are missing depends on the file alone and not on the way there: where a seek leads into
//! damage, reading begins one key frame earlier.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gstreamer as gst;
use image::RgbaImage;

use super::DecodeError;
use super::damage::report;
use super::pictures::Frames;
use super::probe::{Body, Probed};
use super::stream::{Output, Stream};
use repcast_model::time::{NANOS_PER_SEC, Rational};

/// How far apart two times of the same frame may be, in nanoseconds: containers round to a millisecond.
const SAME_NANOS: u64 = 2_000_000;

/// Times that reading is taken up again without a single good frame in between. A file that is damaged for longer is
/// broken.
const MAX_ATTEMPTS: usize = 8;

/// Reads the frames of a probed clip.
pub(super) struct Reader {
    path: PathBuf,
    probed: Probed,
    source: Option<Source>,
    progress: Progress,
    /// Whether the source was sought since it was started.
    has_sought: bool,
    /// Whether seeks have been found to lead elsewhere.
    seek_is_unreliable: bool,
    /// Media time of the last good frame before damage: what follows is read from a key frame after it.
    damaged_after: Option<u64>,
    /// Times that reading was taken up again since the last good frame.
    attempts: usize,
    /// How long the decoder may deliver nothing.
    patience: Duration,
}

/// How far the source has come.
#[derive(Clone, Copy)]
enum Progress {
    /// Started, and nothing read.
    Started,
    /// Sought to a key frame, whose media time this is, and nothing read.
    Sought(u64),
    /// Frames were read, the last of which begins here.
    Read(u64),
}

enum Source {
    Stream(Stream),
    Pictures { next: usize },
    Animation(Frames),
}

/// A frame that has been fetched but perhaps not yet looked into: frames that a fast clip skips never are.
pub(super) struct Pending {
    /// Media time at which it begins.
    pub(super) start_nanos: u64,
    pub(super) body: PendingBody,
}

pub(super) enum PendingBody {
    Sample(gst::Sample),
    Picture(PathBuf),
    Pixels(RgbaImage),
}

impl Reader {
    /// Starts reading at the first frame.
    pub(super) fn open(path: &Path, probed: &Probed, patience: Duration) -> Result<Self, DecodeError> {
        let mut reader = Self {
            path: path.to_owned(),
            probed: probed.clone(),
            source: None,
            progress: Progress::Started,
            has_sought: false,
            seek_is_unreliable: false,
            damaged_after: None,
            attempts: 0,
            patience,
        };
        reader.restart()?;
        Ok(reader)
    }

    /// Whether there may be frames before the first that was read.
    pub(super) fn has_sought(&self) -> bool {
        self.has_sought
    }

    /// Whether it can be positioned without reading all that comes before.
    pub(super) fn is_seekable(&self) -> bool {
        match &self.source {
            Some(Source::Pictures { .. }) => true,
            Some(Source::Stream(stream)) => !self.seek_is_unreliable && stream.is_seekable(),
            Some(Source::Animation(_)) | None => false,
        }
    }

    /// Stops decoding, until the next seek.
    pub(super) fn close(&mut self) {
        self.source = None;
    }

    /// Goes to a frame at or before `nanos` of media time from which decoding can begin.
    pub(super) fn seek(&mut self, nanos: u64) -> Result<(), DecodeError> {
        self.damaged_after = None;
        if self.source.is_none() {
            self.restart()?;
        }
        // A file without an index is read again from its start.
        if self.try_seek(nanos) { Ok(()) } else { self.restart() }
    }

    fn try_seek(&mut self, nanos: u64) -> bool {
        let moved = match (&mut self.source, &self.probed.body) {
            (Some(Source::Stream(stream)), Body::Stream(_, timing)) => {
                let target = timing.key_before(nanos).unwrap_or(nanos);
                self.progress = Progress::Sought(target);
                !self.seek_is_unreliable && stream.seek(timing.seek_target(target))
            }
            (Some(Source::Pictures { next }), Body::Pictures(sequence)) => {
                let frame = Rational::new(i128::from(nanos), NANOS_PER_SEC) * sequence.rate.per_second();
                *next = sequence.index_at(frame.floor().to_integer() as u64);
                true
            }
            _ => false,
        };
        self.has_sought = moved;
        moved
    }

    /// The next frame, or `None` at the end. Waits for the decoder.
    pub(super) fn next(&mut self) -> Result<Option<Pending>, DecodeError> {
        loop {
            let frame = match self.fetch() {
                Err(error @ DecodeError::Broken { .. }) => {
                    if self.resume()? {
                        continue;
                    }
                    return Err(error);
                }
                Ok(Some(frame)) => frame,
                end_or_error => return end_or_error,
            };
            match (self.progress, self.damaged_after) {
                (_, Some(last)) if frame.start_nanos <= last => continue,
                (Progress::Sought(target), None) if frame.start_nanos > target + SAME_NANOS => {
                    // GStreamer restarts the times of some fragmented files after a seek: such a file is read whole.
                    self.seek_is_unreliable = true;
                    self.restart()?;
                    continue;
                }
                _ => {}
            }
            self.progress = Progress::Read(frame.start_nanos);
            if let Some(last) = self.damaged_after.take() {
                report(self.probed.number, &self.path, last, Some(frame.start_nanos));
            }
            self.attempts = 0;
            return Ok(Some(frame));
        }
    }

    /// Goes on after damage. False where there is nothing to go on with.
    fn resume(&mut self) -> Result<bool, DecodeError> {
        self.attempts += 1;
        let Body::Stream(_, timing) = &self.probed.body else { return Ok(false) };
        if self.attempts > MAX_ATTEMPTS || timing.keys.is_empty() {
            return Ok(false);
        }
        let sought = match self.progress {
            Progress::Read(last) => {
                self.damaged_after = Some(last);
                last
            }
            Progress::Sought(key) => key,
            Progress::Started => 0,
        };
        // The frame to hold is one of those before the key frame that was sought. Before the first one there is none, and
        // the first clean frame shows from the start.
        let before = timing.key_before(sought.saturating_sub(SAME_NANOS)).filter(|before| *before < sought);
        let target = match (self.damaged_after, before) {
            (None, Some(before)) => before,
            (damaged_after, _) => {
                let last = *self.damaged_after.insert(damaged_after.unwrap_or(0));
                let Some(next) = timing.key_after(sought + SAME_NANOS) else {
                    // The last good frame is held to the end.
                    report(self.probed.number, &self.path, last, None);
                    self.close();
                    return Ok(true);
                };
                next
            }
        };
        self.restart()?;
        Ok(self.try_seek(target))
    }

    fn restart(&mut self) -> Result<(), DecodeError> {
        self.progress = Progress::Started;
        self.has_sought = false;
        self.source = Some(match &self.probed.body {
            Body::Stream(container, _) => {
                Source::Stream(Stream::start(&self.path, container, Output::Frames, self.patience)?)
            }
            Body::Pictures(_) => Source::Pictures { next: 0 },
            Body::Animation(animation) => Source::Animation(animation.frames(&self.path)?),
        });
        Ok(())
    }

    fn fetch(&mut self) -> Result<Option<Pending>, DecodeError> {
        match (&mut self.source, &self.probed.body) {
            (Some(Source::Stream(stream)), Body::Stream(_, timing)) => Ok(stream.next()?.map(|timed| Pending {
                start_nanos: timed.start_nanos.saturating_sub(timing.origin_nanos),
                body: PendingBody::Sample(timed.sample),
            })),
            (Some(Source::Pictures { next }), Body::Pictures(sequence)) => {
                let index = *next;
                *next += 1;
                let body = sequence.files.get(index).map(|file| PendingBody::Picture(file.clone()));
                Ok(body.map(|body| Pending { start_nanos: sequence.start_nanos(index), body }))
            }
            (Some(Source::Animation(frames)), Body::Animation(_)) => Ok(frames
                .next()?
                .map(|(start_nanos, pixels)| Pending { start_nanos, body: PendingBody::Pixels(pixels) })),
            _ => Ok(None),
        }
    }
}
