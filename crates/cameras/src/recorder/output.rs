//! The file of a recording.

use std::time::{Duration, Instant};

use repcast_capture::{AudioFormat, Camera, CameraFrame, TrackFormat, VideoFormat};
use repcast_media::{CodecConfig, Track, TrackId, TrackKind};
use repcast_mux::MuxError;
use repcast_storage::RecordingFile;

use super::end::End;
use super::{RecorderError, RecordingLimits, RecordingRequest, Resumed};
use crate::batch::{AudioBatch, VIDEO_TIMESCALE, VideoBatch, ticks};
use crate::journal::{Arrived, Journal};
use crate::status::CameraRecordingStatus;
use crate::telephone::Telephone;
use crate::timeline::{GAP, Timeline};

/// How long a fragment is: what a process that is killed loses at most, with the picture that has just arrived.
pub(super) const FRAGMENT: Duration = Duration::from_millis(500);
/// Seconds for which the index has space beyond the longest recording.
const SPARE_SECS: u64 = 600;

/// The file of a recording, and what has been put into it.
pub(super) struct Output {
    pub(super) file: RecordingFile,
    journal: Journal,
    pub(super) timeline: Timeline,
    codec: CodecConfig,
    pub(super) video: VideoBatch,
    audio: Option<AudioBatch>,
    /// Converts sound that is not AAC.
    telephone: Option<Telephone>,
    usual: Duration,
    /// The end of the last picture, in recorded time.
    reached: Duration,
    /// Whether the next picture has to be a key frame.
    pub(super) needs_key: bool,
    connection: Option<u64>,
    gaps: Vec<(Duration, Duration)>,
    lost: Duration,
    pub(super) synced: Instant,
}

impl Output {
    pub(super) fn create(
        first: &CameraFrame,
        audio: Option<&AudioFormat>,
        request: &RecordingRequest,
    ) -> Result<Self, End> {
        let TrackFormat::Video(format) = &first.format else { return Err(End::Failed("no picture".to_owned())) };
        let codec = format.codec().ok_or_else(|| End::Failed(format!("{} cannot be recorded", format.name())))?;
        let video = Track { id: TrackId::VIDEO, timescale: VIDEO_TIMESCALE, codec: codec.clone() };
        let mut telephone = None;
        let audio = match audio {
            Some(AudioFormat::Aac(config)) => Some(Track::aac(config.clone())),
            Some(AudioFormat::G711 { is_a_law, sample_rate, channels }) => {
                telephone = Telephone::start(*is_a_law, *sample_rate, *channels)?;
                telephone.is_some().then(Telephone::track)
            }
            None => None,
        };
        let tracks: Vec<Track> = [Some(video), audio.clone()].into_iter().flatten().collect();
        let secs = request.limits.duration.as_secs() + SPARE_SECS;
        let file = RecordingFile::create(&request.target, &tracks, secs)?;
        let (journal, _) = Journal::open(file.growing_path())?;
        let usual = usual_length(format);
        Ok(Self {
            file,
            journal,
            timeline: Timeline::new(request.gaps, first.at, Duration::ZERO, Duration::ZERO),
            codec,
            video: VideoBatch::new(ticks_of(usual)),
            audio: audio.map(|track| AudioBatch::new(&track, None)),
            telephone,
            usual,
            reached: Duration::ZERO,
            needs_key: true,
            connection: None,
            gaps: Vec::new(),
            lost: Duration::ZERO,
            synced: Instant::now(),
        })
    }

    /// Continues the file of another process.
    pub(super) fn resume(
        resumed: &Resumed,
        camera: &Camera,
        request: &RecordingRequest,
    ) -> Result<Self, RecorderError> {
        let Resumed { growing, elapsed, lost: lost_before } = resumed;
        let (file, tracks) = RecordingFile::resume(growing, &request.target)?;
        let video = tracks.iter().find(|track| track.kind() == TrackKind::Video);
        let codec = video.map(|track| track.codec.clone()).ok_or(MuxError::Tracks("there is no video"))?;
        let (journal, arrived) = Journal::open(growing)?;
        let length = Duration::from_secs_f64(repcast_model::time::to_f64(file.secs()).max(0.0));
        let arrived = arrived.unwrap_or(Arrived::of_length(length));
        // What is missing at the end of the file is a part of the gap that follows it.
        let lost = arrived.lost(length);
        let cut = arrived.elapsed.saturating_sub(arrived.position);
        let usual = Duration::from_millis(40);
        let audio = tracks.iter().find(|track| track.kind() == TrackKind::Audio);
        Ok(Self {
            timeline: Timeline::new(request.gaps, camera.now(), (*elapsed).max(arrived.elapsed), cut),
            codec,
            video: VideoBatch::new(ticks_of(usual)),
            audio: audio.map(|track| AudioBatch::new(track, None)),
            telephone: None,
            usual,
            reached: length + cut,
            needs_key: true,
            connection: None,
            gaps: Vec::new(),
            lost: *lost_before + lost,
            synced: Instant::now(),
            file,
            journal,
        })
    }

    pub(super) fn take(&mut self, frame: &CameraFrame, limits: &RecordingLimits) -> Result<(), End> {
        let elapsed = self.timeline.elapsed(frame.at);
        if elapsed >= limits.duration {
            return Ok(());
        }
        let format = match &frame.format {
            TrackFormat::Video(format) => format,
            TrackFormat::Audio(format) => return self.take_audio(frame, format),
        };
        // After another connection, or a codec that is not that of the file, nothing can be decoded until a key frame.
        if self.connection != Some(frame.connection) {
            self.needs_key = true;
        }
        if self.needs_key && !(frame.is_key && has_codec(&self.codec, format)) {
            return Ok(());
        }
        self.needs_key = false;
        self.connection = Some(frame.connection);
        let before = self.reached;
        if elapsed.saturating_sub(before) >= GAP {
            self.video.end();
            self.write()?;
        }
        if self.timeline.pass(before, elapsed) {
            self.gaps.push((before, elapsed));
        }
        self.video.push(self.timeline.position(frame.at), frame.is_key, &frame.data);
        self.reached = self.reached.max(elapsed + self.usual);
        let position = self.timeline.position(frame.at) + self.usual;
        let unwritten = self.video.length() + self.usual;
        self.journal.write(Arrived { elapsed: self.reached, position, unwritten })?;
        if self.video.length() >= FRAGMENT { self.write() } else { Ok(()) }
    }

    fn take_audio(&mut self, frame: &CameraFrame, format: &AudioFormat) -> Result<(), End> {
        let Some(audio) = &mut self.audio else { return Ok(()) };
        // Sound without a picture is not kept, nor that of a connection that has sent none.
        if self.needs_key || self.connection != Some(frame.connection) {
            return Ok(());
        }
        let at = self.timeline.position(frame.at);
        match format {
            AudioFormat::Aac(_) => audio.push(at, &frame.data),
            AudioFormat::G711 { is_a_law, sample_rate, channels } => {
                if self.telephone.is_none() {
                    self.telephone = Telephone::start(*is_a_law, *sample_rate, *channels)?;
                }
                if let Some(telephone) = &mut self.telephone {
                    telephone.push(at, &frame.data)?.iter().for_each(|(at, unit)| audio.push(*at, unit));
                }
            }
        }
        Ok(())
    }

    /// Writes the pictures that are complete, and the sound.
    pub(super) fn write(&mut self) -> Result<(), End> {
        self.file.push(self.video.take())?;
        let runs = self.audio.iter_mut().flat_map(AudioBatch::take).collect::<Vec<_>>();
        runs.into_iter().try_for_each(|run| self.file.push(run))?;
        Ok(())
    }

    /// Writes the last picture when the next is late.
    pub(super) fn write_if_late(&mut self, now: Duration) -> Result<(), End> {
        if self.timeline.elapsed(now).saturating_sub(self.reached) < GAP / 2 {
            return Ok(());
        }
        self.video.end();
        self.write()
    }

    /// Writes what is left, and lets the last picture stand until the end where gaps are kept.
    pub(super) fn end(&mut self, now: Duration, limits: &RecordingLimits) -> Result<(), End> {
        self.video.end();
        self.write()?;
        let elapsed = self.timeline.elapsed(now).min(limits.duration);
        if self.timeline.pass(self.reached, elapsed) {
            self.gaps.push((self.reached, elapsed));
            self.file.hold_until(self.timeline.position(now).min(limits.duration))?;
        }
        Ok(())
    }

    pub(super) fn complete(self) -> Result<(), MuxError> {
        self.file.finish()?;
        self.journal.remove();
        Ok(())
    }

    pub(super) fn describe(&self, elapsed: Duration, status: &mut CameraRecordingStatus) {
        status.elapsed = elapsed;
        status.length = Duration::from_secs_f64(repcast_model::time::to_f64(self.file.secs()).max(0.0));
        status.bytes = self.file.bytes();
        status.frames = self.file.frames();
        status.lost = self.lost;
        // Gaps are only added.
        let known = status.gaps.len();
        self.gaps.iter().skip(known).for_each(|(from, to)| status.add_gap(*from, *to));
    }
}

/// Whether pictures of a camera can be put into a file of a codec: other sizes and parameters are part of the key frames.
fn has_codec(codec: &CodecConfig, format: &VideoFormat) -> bool {
    matches!(
        (codec, format),
        (CodecConfig::H264(_), VideoFormat::H264(_)) | (CodecConfig::H265(_), VideoFormat::H265(_))
    )
}

/// How long a picture usually lasts.
fn usual_length(format: &VideoFormat) -> Duration {
    let rate = format.rate();
    Duration::from_secs_f64(f64::from(rate.denominator()) / f64::from(rate.numerator().max(1)))
}

fn ticks_of(time: Duration) -> u32 {
    u32::try_from(ticks(time, VIDEO_TIMESCALE)).unwrap_or(u32::MAX)
}
