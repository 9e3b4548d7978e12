//! Sequential reading of a clip's frames from any position, with recovery from unreliable seeks and damage.
//!
//! Where a decoder fails in the middle of a file, reading resumes at the next key frame, so that the last good frame is
//! held until then. Which frames are missing depends on the file alone and not on the access pattern: where a seek
//! leads into damage, reading starts one key frame earlier.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gstreamer as gst;
use image::RgbaImage;

use super::DecodeError;
use super::concealment::report_damage;
use super::pictures::AnimationFrames;
use super::probe::{ClipSource, ProbedClip};
use super::stream::{Stream, StreamOutput};
use repcast_model::time::{NANOS_PER_SEC, Rational};

/// Largest difference between two time stamps of the same frame, in nanoseconds: containers round to a millisecond.
const TIME_TOLERANCE_NANOS: u64 = 2_000_000;

/// Most consecutive attempts to resume without a good frame. A file with longer damage counts as broken.
const MAX_ATTEMPTS: usize = 8;

/// Reads the frames of a probed clip.
pub(super) struct Reader {
    path: PathBuf,
    probed: ProbedClip,
    source: Option<OpenSource>,
    progress: Progress,
    /// Whether the source has sought since it was started.
    has_sought: bool,
    /// Whether a seek has led to a wrong position.
    seek_is_unreliable: bool,
    /// Media time of the last good frame before damage that is being skipped.
    damaged_after: Option<u64>,
    /// Attempts to resume since the last good frame.
    attempts: usize,
    /// How long the decoder may deliver nothing.
    stall_timeout: Duration,
}

/// Position of the source.
#[derive(Clone, Copy)]
enum Progress {
    /// Started, no frame read.
    Started,
    /// Sought to the key frame at this media time, no frame read.
    Sought(u64),
    /// The last frame read starts at this media time.
    Read(u64),
}

/// What frames are read from, while it is open.
enum OpenSource {
    Stream(Stream),
    Pictures { next: usize },
    Animation(AnimationFrames),
}

/// A fetched frame that is not converted yet: frames that a fast clip skips never are.
pub(super) struct PendingFrame {
    /// Start in media time.
    pub(super) start_nanos: u64,
    pub(super) data: PendingData,
}

/// The data of a [`PendingFrame`], by source.
pub(super) enum PendingData {
    Sample(gst::Sample),
    Picture(PathBuf),
    Pixels(RgbaImage),
}

impl Reader {
    /// A reader that decodes nothing before [`Self::start`] or [`Self::seek`].
    pub(super) fn new(path: &Path, probed: &ProbedClip, stall_timeout: Duration) -> Self {
        Self {
            path: path.to_owned(),
            probed: probed.clone(),
            source: None,
            progress: Progress::Started,
            has_sought: false,
            seek_is_unreliable: false,
            damaged_after: None,
            attempts: 0,
            stall_timeout,
        }
    }

    /// Whether the first frame read may not be the first of the clip.
    pub(super) fn has_sought(&self) -> bool {
        self.has_sought
    }

    /// Whether it can seek without reading everything before the target.
    pub(super) fn is_seekable(&self) -> bool {
        match &self.source {
            Some(OpenSource::Pictures { .. }) => true,
            Some(OpenSource::Stream(stream)) => !self.seek_is_unreliable && stream.is_seekable(),
            Some(OpenSource::Animation(_)) | None => false,
        }
    }

    /// Stops the decoder until the next seek.
    pub(super) fn close(&mut self) {
        self.source = None;
    }

    /// Seeks to a key frame at or before a media time.
    pub(super) fn seek(&mut self, nanos: u64) -> Result<(), DecodeError> {
        self.damaged_after = None;
        // A file that cannot seek is read from its start.
        if self.try_seek(nanos)? { Ok(()) } else { self.start() }
    }

    fn try_seek(&mut self, nanos: u64) -> Result<bool, DecodeError> {
        let moved = match &self.probed.source {
            ClipSource::Stream(container, timing) => {
                let target = timing.key_before(nanos).unwrap_or(nanos);
                self.progress = Progress::Sought(target);
                let position = timing.seek_target(target);
                if self.seek_is_unreliable {
                    false
                } else if let Some(OpenSource::Stream(stream)) = &self.source
                    && stream.seek(position)?
                {
                    true
                } else {
                    self.source = None;
                    let stream = Stream::start_at(&self.path, container, position, self.stall_timeout)?;
                    self.source = stream.map(OpenSource::Stream);
                    self.source.is_some()
                }
            }
            ClipSource::Pictures(sequence) => {
                let frame = Rational::new(i128::from(nanos), NANOS_PER_SEC) * sequence.rate.per_second();
                self.source = Some(OpenSource::Pictures { next: sequence.index_at(frame.floor().to_integer() as u64) });
                true
            }
            ClipSource::Animation(_) => false,
        };
        self.has_sought = moved;
        Ok(moved)
    }

    /// The next frame, or `None` at the end. Waits for the decoder.
    pub(super) fn next(&mut self) -> Result<Option<PendingFrame>, DecodeError> {
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
                (Progress::Sought(target), None) if frame.start_nanos > target + TIME_TOLERANCE_NANOS => {
                    // GStreamer restarts the times of some fragmented files after a seek; such a file is read from its
                    // start.
                    self.seek_is_unreliable = true;
                    self.start()?;
                    continue;
                }
                _ => {}
            }
            self.progress = Progress::Read(frame.start_nanos);
            if let Some(last) = self.damaged_after.take() {
                report_damage(self.probed.number, &self.path, last, Some(frame.start_nanos));
            }
            self.attempts = 0;
            return Ok(Some(frame));
        }
    }

    /// Resumes after damage. False if the clip is beyond recovery.
    fn resume(&mut self) -> Result<bool, DecodeError> {
        self.attempts += 1;
        let ClipSource::Stream(_, timing) = &self.probed.source else { return Ok(false) };
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
        // The frame to hold lies before the key frame of the last seek, so reading starts one key frame earlier. If
        // that seek was to the first key frame, there is no such frame, and the first good frame is shown from the
        // start.
        let before = timing.key_before(sought.saturating_sub(TIME_TOLERANCE_NANOS)).filter(|before| *before < sought);
        let target = match (self.damaged_after, before) {
            (None, Some(before)) => before,
            (damaged_after, _) => {
                let last = *self.damaged_after.insert(damaged_after.unwrap_or(0));
                let Some(next) = timing.key_after(sought + TIME_TOLERANCE_NANOS) else {
                    // No key frame follows: the last good frame is held to the end.
                    report_damage(self.probed.number, &self.path, last, None);
                    self.close();
                    return Ok(true);
                };
                next
            }
        };
        self.close();
        self.try_seek(target)
    }

    /// Starts at the first frame.
    pub(super) fn start(&mut self) -> Result<(), DecodeError> {
        self.progress = Progress::Started;
        self.has_sought = false;
        self.source = Some(match &self.probed.source {
            ClipSource::Stream(container, _) => {
                OpenSource::Stream(Stream::start(&self.path, container, StreamOutput::Frames, self.stall_timeout)?)
            }
            ClipSource::Pictures(_) => OpenSource::Pictures { next: 0 },
            ClipSource::Animation(animation) => OpenSource::Animation(animation.frames(&self.path)?),
        });
        Ok(())
    }

    fn fetch(&mut self) -> Result<Option<PendingFrame>, DecodeError> {
        match (&mut self.source, &self.probed.source) {
            (Some(OpenSource::Stream(stream)), ClipSource::Stream(_, timing)) => {
                Ok(stream.next()?.map(|timed| PendingFrame {
                    start_nanos: timed.start_nanos.saturating_sub(timing.origin_nanos),
                    data: PendingData::Sample(timed.sample),
                }))
            }
            (Some(OpenSource::Pictures { next }), ClipSource::Pictures(sequence)) => {
                let index = *next;
                *next += 1;
                let data = sequence.files.get(index).map(|file| PendingData::Picture(file.clone()));
                Ok(data.map(|data| PendingFrame { start_nanos: sequence.start_nanos(index), data }))
            }
            (Some(OpenSource::Animation(frames)), ClipSource::Animation(_)) => Ok(frames
                .next()?
                .map(|(start_nanos, pixels)| PendingFrame { start_nanos, data: PendingData::Pixels(pixels) })),
            _ => Ok(None),
        }
    }
}
