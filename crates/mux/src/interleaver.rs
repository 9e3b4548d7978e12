//! Collects the samples of an output into groups of about half a second that hold all tracks: the fragments of a stream,
//! the chunks of a file.
//!
//! ```text
//! video  |k . . . . . .|. . . . . . .|. . .|k . . . .     k: key frame
//! audio  | a a a a a a |a a a a a a a| a a |a a a a a
//! groups |      0      |      1      |  2  |   3
//! ```
//!
//! Groups are cut by video frames; an audio sample belongs to the group in which it begins. A group is complete when the
//! audio has reached its end, so that the groups, and with them the bytes of an output, depend on the samples and not on
//! the order in which the tracks arrive.

use std::collections::VecDeque;
use std::num::NonZeroU32;

use super::MuxError;
use super::sample_order::{AudioOrder, VideoOrder};
use super::tracks::OutputTracks;
use repcast_media::{Sample, TrackId, fragment_frames};

/// Groups that wait for their audio, ten seconds of them. Audio that is later than that is written where it arrives, so
/// that memory stays bounded when a track ends early.
const MAX_PENDING_GROUPS: usize = 20;

/// Where a group ends, apart from its length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GroupBoundary {
    /// Nowhere: every group but the last has the same number of frames.
    Length,
    /// Before key frames, so that a segment can begin with any of them.
    KeyFrame,
}

/// Consecutive samples of all tracks, each track in decode order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SampleGroup {
    /// The frames.
    pub video: Vec<Sample>,
    /// The audio that begins while they are shown.
    pub audio: Vec<Sample>,
}

/// A group whose frames are complete.
#[derive(Debug)]
struct PendingGroup {
    video: Vec<Sample>,
    /// Decode time at which the next group begins; nothing for the last group.
    end: Option<u64>,
}

/// The audio of an output.
#[derive(Debug)]
struct AudioQueue {
    id: TrackId,
    timescale: NonZeroU32,
    order: AudioOrder,
    /// In no group yet.
    samples: VecDeque<Sample>,
}

/// Groups the samples of one output, and checks their order.
#[derive(Debug)]
pub struct Interleaver {
    video_id: TrackId,
    /// Ticks of video in a second.
    timescale: NonZeroU32,
    order: VideoOrder,
    audio: Option<AudioQueue>,
    boundary: GroupBoundary,
    max_frames: u64,
    /// The group that grows.
    open: Vec<Sample>,
    pending: VecDeque<PendingGroup>,
    is_finished: bool,
}

impl Interleaver {
    /// An interleaver at the beginning of an output.
    #[must_use]
    pub fn new(tracks: &OutputTracks, boundary: GroupBoundary) -> Self {
        let audio = tracks.audio().map(|track| AudioQueue {
            id: track.id,
            timescale: timescale(track.timescale),
            order: AudioOrder::default(),
            samples: VecDeque::new(),
        });
        Self {
            video_id: tracks.video().id,
            timescale: timescale(tracks.video().timescale),
            order: VideoOrder::new(tracks.timebase()),
            audio,
            boundary,
            max_frames: fragment_frames(tracks.stream_config().rate),
            open: Vec::new(),
            pending: VecDeque::new(),
            is_finished: false,
        }
    }

    /// Adds the next sample of its track.
    ///
    /// # Errors
    /// When the sample belongs to no track of the output, or cannot follow the one before it.
    pub fn push(&mut self, sample: Sample) -> Result<(), MuxError> {
        if sample.track == self.video_id {
            return self.push_video(sample);
        }
        match &mut self.audio {
            Some(audio) if audio.id == sample.track => {
                audio.order.accept(&sample)?;
                audio.samples.push_back(sample);
                Ok(())
            }
            _ => Err(MuxError::Tracks("a sample belongs to none of its tracks")),
        }
    }

    fn push_video(&mut self, sample: Sample) -> Result<(), MuxError> {
        self.order.accept(&sample)?;
        let is_full = self.open.len() as u64 >= self.max_frames;
        let ends_before_key = self.boundary == GroupBoundary::KeyFrame && sample.is_sync;
        if !self.open.is_empty() && (is_full || ends_before_key) {
            self.pending.push_back(PendingGroup { video: std::mem::take(&mut self.open), end: Some(sample.dts) });
        }
        self.open.push(sample);
        Ok(())
    }

    /// The next group, once it is complete.
    pub fn pop(&mut self) -> Option<SampleGroup> {
        let end = self.pending.front()?.end;
        let is_forced = self.is_finished || self.pending.len() > MAX_PENDING_GROUPS;
        let timescale = self.timescale;
        let audio = match (&mut self.audio, end) {
            (None, _) => Vec::new(),
            (Some(audio), None) => audio.samples.drain(..).collect(),
            (Some(audio), Some(end)) => {
                let reached = audio.order.end().is_some_and(|pts| !audio.is_before(pts, end, timescale));
                if !reached && !is_forced {
                    return None;
                }
                let begin_before = |sample: &Sample| audio.is_before(sample.pts, end, timescale);
                let count = audio.samples.iter().take_while(|sample| begin_before(sample)).count();
                audio.samples.drain(..count).collect()
            }
        };
        self.pending.pop_front().map(|group| SampleGroup { video: group.video, audio })
    }

    /// Ends the output: all groups are complete. Returns the number of frames.
    ///
    /// # Errors
    /// When a track has no samples, or frames are missing.
    pub fn finish(&mut self) -> Result<u64, MuxError> {
        let frames = self.order.finish()?;
        if let Some(audio) = &self.audio {
            audio.order.finish()?;
        }
        self.pending.push_back(PendingGroup { video: std::mem::take(&mut self.open), end: None });
        self.is_finished = true;
        Ok(frames)
    }
}

impl AudioQueue {
    /// Whether `pts` of this track is before the time `video_ticks` of a track with `video_timescale`.
    fn is_before(&self, pts: i64, video_ticks: u64, video_timescale: NonZeroU32) -> bool {
        // Each product takes at most 96 bits.
        i128::from(pts) * i128::from(video_timescale.get()) < i128::from(video_ticks) * i128::from(self.timescale.get())
    }
}

fn timescale(ticks: u32) -> NonZeroU32 {
    NonZeroU32::new(ticks).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_media::{aac_sample, aac_track, video_config};
    use repcast_media::{EncodedFrame, VideoSampler};
    use repcast_model::time::FrameRate;

    fn frame(frame: u64) -> EncodedFrame {
        EncodedFrame { frame, is_key: frame.is_multiple_of(6), data: vec![0, 0, 0, 1, 1] }
    }

    /// First frame, frames and audio samples of each group: eight frames a second, key frames every six.
    fn groups(boundary: GroupBoundary, frames: u64, audio: &[i64], is_audio_first: bool) -> Vec<(u64, usize, usize)> {
        let mut sampler = VideoSampler::new(video_config(FrameRate::new(8, 1).unwrap())).unwrap();
        let mut tracks = vec![sampler.track().clone()];
        tracks.extend((!audio.is_empty()).then(aac_track));
        let mut interleaver = Interleaver::new(&OutputTracks::new(&tracks).unwrap(), boundary);
        let video: Vec<_> = (0..frames).map(|number| sampler.sample(frame(number))).collect();
        let audio: Vec<_> = audio.iter().map(|&pts| aac_sample(pts + 1024, pts)).collect();
        let ticks = video[0].duration;
        let samples: Vec<_> = if is_audio_first { [audio, video].concat() } else { [video, audio].concat() };
        let mut found = Vec::new();
        let mut collect = |group: SampleGroup| {
            found.push((group.video[0].dts / u64::from(ticks), group.video.len(), group.audio.len()));
        };
        for sample in samples {
            interleaver.push(sample).unwrap();
            while let Some(group) = interleaver.pop() {
                collect(group);
            }
        }
        assert_eq!(interleaver.finish().unwrap(), frames);
        while let Some(group) = interleaver.pop() {
            collect(group);
        }
        found
    }

    #[test]
    fn groups_end_after_half_a_second_and_before_key_frames() {
        assert_eq!(groups(GroupBoundary::KeyFrame, 12, &[], false), [(0, 4, 0), (4, 2, 0), (6, 4, 0), (10, 2, 0)]);
        assert_eq!(groups(GroupBoundary::Length, 11, &[], false), [(0, 4, 0), (4, 4, 0), (8, 3, 0)]);
    }

    #[test]
    fn audio_joins_the_group_in_which_it_begins_whatever_arrives_first() {
        // Half a second is 24,000 samples; the last access units begin after the video's end.
        let audio: Vec<i64> = (-1..60).map(|index| index * 1024).collect();
        for is_audio_first in [false, true] {
            let found = groups(GroupBoundary::Length, 8, &audio, is_audio_first);
            assert_eq!(found, [(0, 4, 25), (4, 4, 36)]);
        }
    }

    #[test]
    fn audio_that_ends_early_holds_up_a_bounded_number_of_groups() {
        let found = groups(GroupBoundary::Length, 4 * 50, &[-1024, 0], true);
        assert_eq!(found.len(), 50);
        assert_eq!(found[0], (0, 4, 2));
    }

    #[test]
    fn samples_of_other_tracks_are_rejected() {
        let sampler = VideoSampler::new(video_config(FrameRate::new(8, 1).unwrap())).unwrap();
        let tracks = OutputTracks::new(&[sampler.track().clone()]).unwrap();
        let pushed = Interleaver::new(&tracks, GroupBoundary::Length).push(aac_sample(0, 0));
        assert!(matches!(pushed, Err(MuxError::Tracks(_))));
    }
}
