//! The samples of a file from its beginning: the placement of its media, filled from the timeline.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::placement::{Content, Part, in_samples};
use super::probe::ProbedAudio;
use super::stream::PcmStream;
use super::timeline::Timeline;
use crate::decode::DecodeError;
use repcast_media::Stereo;

/// Longest part at the end that is silence because the decoder delivers less than the file states, in milliseconds. More
/// is missing: the file is truncated or damaged.
const MAX_PADDING_MILLIS: i64 = 500;

/// How often an edit list may go back to earlier media, which are then decoded again from the beginning.
const MAX_RESTARTS: usize = 100;

/// Reads a probed file.
pub(super) struct Reader {
    path: PathBuf,
    probed: ProbedAudio,
    stall_timeout: Duration,
    rate: u32,
    timeline: Timeline<PcmStream>,
    /// Index of the part that is read.
    part: usize,
    /// Position of the next sample.
    position: i64,
    /// Position of sample 0 in the media of [`Content::FromFirst`].
    first: i64,
    /// How often the edit list has gone back.
    restarts: usize,
}

impl Reader {
    /// Opens the file at its first sample.
    pub(super) fn open(path: &Path, probed: &ProbedAudio, stall_timeout: Duration) -> Result<Self, DecodeError> {
        let (timeline, rate) = start(path, probed, stall_timeout)?;
        let (path, probed, first) = (path.to_owned(), probed.clone(), timeline.start());
        Ok(Self { path, probed, stall_timeout, rate, timeline, part: 0, position: 0, first, restarts: 0 })
    }

    /// Samples per second.
    pub(super) fn rate(&self) -> u32 {
        self.rate
    }

    /// Position of the next sample.
    pub(super) fn position(&self) -> i64 {
        self.position
    }

    /// Skips the samples that follow if they are a gap in the media, which can last for days.
    pub(super) fn skip_gap(&mut self) {
        let Some(&part) = self.probed.placement.parts.get(self.part) else { return };
        let Some(media) = self.media_position(part) else { return };
        if self.timeline.has_passed(media) {
            return;
        }
        let end = part.end.map_or(i64::MAX, |end| in_samples(end, self.rate));
        let room = end.saturating_sub(self.position).max(0);
        self.position += self.timeline.gap_at(media).min(room);
    }

    /// Reads the samples that follow, and returns how many: at least one, or none at the end.
    pub(super) fn read(&mut self, samples: &mut [Stereo]) -> Result<usize, DecodeError> {
        while let Some(&part) = self.probed.placement.parts.get(self.part) {
            let end = part.end.map(|end| in_samples(end, self.rate));
            let room = end.map_or(i64::MAX, |end| end - self.position);
            if room <= 0 {
                self.part += 1;
                continue;
            }
            let wanted = samples.len().min(usize::try_from(room).unwrap_or(usize::MAX));
            let samples = &mut samples[..wanted];
            let count = match self.media_position(part) {
                Some(media) => self.read_media(media, samples)?,
                None => fill(samples),
            };
            let count = match (count, end) {
                (0, None) if self.probed.container.truncated => {
                    return Err(self.broken("it ends early; the file is truncated".to_owned()));
                }
                (0, None) => return Ok(0),
                (0, Some(end)) => {
                    self.check_missing(end)?;
                    fill(samples)
                }
                (count, _) => count,
            };
            self.position += count as i64;
            return Ok(count);
        }
        Ok(0)
    }

    /// Where in the media the next sample is; `None` for silence.
    fn media_position(&self, part: Part) -> Option<i64> {
        let start = match part.content {
            Content::Silence => return None,
            Content::Media(secs) => in_samples(secs, self.rate),
            Content::FromFirst => self.first,
        };
        Some(start.saturating_add(self.position - in_samples(part.start, self.rate)))
    }

    fn read_media(&mut self, position: i64, samples: &mut [Stereo]) -> Result<usize, DecodeError> {
        if self.timeline.has_passed(position) {
            if self.restarts == MAX_RESTARTS {
                return Err(self.broken(format!("its edit list goes back more than {MAX_RESTARTS} times")));
            }
            self.restarts += 1;
            self.timeline = start(&self.path, &self.probed, self.stall_timeout)?.0;
        }
        self.timeline.read_at(position, samples)
    }

    fn broken(&self, reason: String) -> DecodeError {
        DecodeError::Broken { path: self.path.clone(), reason }
    }

    /// Checks, where the media have ended, that they were to end about here.
    fn check_missing(&self, end: i64) -> Result<(), DecodeError> {
        let padding = i64::from(self.rate) * MAX_PADDING_MILLIS / 1000;
        if end - self.position <= padding && !self.probed.container.truncated {
            return Ok(());
        }
        let secs = |samples: i64| samples as f64 / f64::from(self.rate);
        let (secs, expected_secs) = (secs(self.position), secs(end));
        Err(DecodeError::Truncated { path: self.path.clone(), secs, expected_secs })
    }
}

/// Starts decoding, and waits for the first samples.
fn start(
    path: &Path,
    probed: &ProbedAudio,
    stall_timeout: Duration,
) -> Result<(Timeline<PcmStream>, u32), DecodeError> {
    let stream = PcmStream::start(path, &probed.container, stall_timeout)?;
    let first = stream.next()?;
    match (first, stream.rate()) {
        (Some(first), Some(rate)) => Ok((Timeline::new(stream, rate, first), rate)),
        _ => Err(DecodeError::NoAudio(path.to_owned())),
    }
}

fn fill(samples: &mut [Stereo]) -> usize {
    samples.fill([0.0; 2]);
    samples.len()
}
