//! The recorder of a camera: a thread that writes what arrives.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use repcast_capture::{AudioFormat, Camera, CameraFrame, FrameFormat, Received, Subscription, VideoFormat};
use repcast_media::{CodecConfig, Track, TrackId, TrackKind};
use repcast_mux::MuxError;
use repcast_storage::RecordingFile;
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::batch::{AudioBatch, VIDEO_TIMESCALE, VideoBatch};
use super::disk::free_bytes;
use super::journal::{Arrived, Journal};
use super::status::{RecordingState, RecordingStatus};
use super::timeline::{GAP, GapPolicy, Timeline};

/// How long a fragment is: what a process that is killed loses at most, with the picture that has just arrived.
const FRAGMENT: Duration = Duration::from_millis(500);
/// What a machine that loses its power loses at most.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);
/// How often limits, and the command to stop, are looked at when nothing arrives.
const TICK: Duration = Duration::from_millis(100);
/// How long the first picture waits for sound, which is part of the file from the start or not at all.
const AUDIO_WAIT: Duration = Duration::from_millis(1500);
/// Seconds for which the index has space beyond the longest recording.
const SPARE_SECS: u64 = 600;

/// When a recording ends by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RecordingLimits {
    /// Its longest time, gaps included.
    pub duration: Duration,
    /// Most bytes of its file.
    pub bytes: u64,
    /// Bytes that remain free on the disk.
    pub free_bytes: u64,
}

/// What is recorded, and where.
#[derive(Clone, Debug)]
pub struct RecordingRequest {
    /// The complete file.
    pub target: PathBuf,
    /// When it ends by itself.
    pub limits: RecordingLimits,
    /// What becomes of times without pictures.
    pub gaps: GapPolicy,
    /// For a recording whose process has ended: the file that it has left, and how long ago it had its first picture.
    pub resumed: Option<(PathBuf, Duration)>,
}

/// Why a recording does not start.
#[derive(Debug, thiserror::Error)]
pub enum RecorderError {
    /// There is too little room.
    #[error("the disk is full: {free} bytes are free, and {needed} have to be")]
    DiskFull {
        /// Bytes that are free.
        free: u64,
        /// Bytes that have to be.
        needed: u64,
    },
    /// The file cannot be recorded to, or continued.
    #[error(transparent)]
    Output(#[from] MuxError),
    /// The folder or the thread.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// A recording that runs. Dropping it ends it.
#[derive(Debug)]
pub struct Recorder {
    control: Arc<Control>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Control {
    status: Mutex<RecordingStatus>,
    is_stopped: AtomicBool,
    is_suspended: AtomicBool,
}

impl Recorder {
    /// Starts to record a camera.
    ///
    /// # Errors
    /// When there is too little room, or the file cannot be made or continued.
    pub fn start(camera: Arc<Camera>, request: RecordingRequest, runtime: Handle) -> Result<Self, RecorderError> {
        let folder = request.target.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let (free, needed) = (free_bytes(folder)?, request.limits.free_bytes);
        if free < needed {
            return Err(RecorderError::DiskFull { free, needed });
        }
        let output = match &request.resumed {
            Some((growing, elapsed)) => Some(Output::resume(growing, *elapsed, &camera, &request)?),
            None => RecordingFile::check(&request.target).map(|()| None)?,
        };
        let control = Arc::new(Control::default());
        let frames = camera.subscribe();
        let mut work = Work { camera, request, control: control.clone(), starting: Vec::new(), output, failure: None };
        work.note();
        let thread = thread::Builder::new().name("camera recorder".to_owned());
        let thread = thread.spawn(move || work.run(frames, &runtime))?;
        Ok(Self { control, thread: Mutex::new(Some(thread)) })
    }

    /// What is known now.
    #[must_use]
    pub fn status(&self) -> RecordingStatus {
        self.control.status.lock().clone()
    }

    /// Ends the recording; its file is complete shortly.
    pub fn stop(&self) {
        self.control.is_stopped.store(true, Ordering::Release);
    }

    /// Leaves the file as it is, to be continued by another process.
    pub fn suspend(&self) {
        self.control.is_suspended.store(true, Ordering::Release);
        self.stop();
    }

    /// Waits until the recording has ended. Blocks.
    pub fn wait(&self) -> RecordingStatus {
        if let Some(thread) = self.thread.lock().take() {
            // A panic has been reported by its hook, and the file plays.
            let _ = thread.join();
        }
        self.status()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Completes the file that a process has left. Blocks.
///
/// # Errors
/// When it is no recording that grows, has no picture, or storage fails. It is kept then.
pub fn recover(growing: &Path, target: &Path) -> Result<RecordingStatus, RecorderError> {
    let (file, _) = RecordingFile::resume(growing, target)?;
    let (journal, arrived) = Journal::open(growing)?;
    let length = Duration::from_secs_f64(repcast_model::time::to_f64(file.secs()).max(0.0));
    let arrived = arrived.unwrap_or(Arrived { elapsed: length, position: length });
    let mut status = RecordingStatus {
        state: RecordingState::Recovered,
        elapsed: arrived.elapsed,
        length,
        frames: file.frames(),
        lost: arrived.position.saturating_sub(length),
        ..RecordingStatus::default()
    };
    let (_, summary) = file.finish()?;
    status.bytes = summary.bytes;
    journal.remove();
    Ok(status)
}

/// Why a recording ends.
enum End {
    /// It was told to, or has reached its length.
    Stopped,
    DiskFull,
    Failed(String),
}

impl From<MuxError> for End {
    fn from(error: MuxError) -> Self {
        match &error {
            MuxError::Storage { source, .. } if is_full(source) => Self::DiskFull,
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        if is_full(&error) { Self::DiskFull } else { Self::Failed(error.to_string()) }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

/// The thread of a recording.
struct Work {
    camera: Arc<Camera>,
    request: RecordingRequest,
    control: Arc<Control>,
    /// The first frames, until it is known whether there is sound.
    starting: Vec<Arc<CameraFrame>>,
    output: Option<Output>,
    failure: Option<String>,
}

impl Work {
    fn run(mut self, mut frames: Subscription, runtime: &Handle) {
        let end = loop {
            if self.control.is_stopped.load(Ordering::Acquire) {
                break End::Stopped;
            }
            let received = runtime.block_on(async { timeout(TICK, frames.next()).await });
            let done = match received {
                Ok(Received::Frame(frame)) => self.take(frame),
                Ok(Received::Missed(_)) => {
                    self.output.iter_mut().for_each(|output| output.needs_key = true);
                    Ok(())
                }
                Ok(Received::Closed) => break End::Stopped,
                Err(_) => Ok(()),
            };
            match done.and_then(|()| self.check()) {
                Ok(()) => {}
                Err(end) => break end,
            }
        };
        if self.control.is_suspended.load(Ordering::Acquire) {
            self.suspend();
        } else {
            self.finish(end);
        }
    }

    /// Writes what has arrived, and leaves the file to another process.
    fn suspend(mut self) {
        let Some(output) = &mut self.output else { return };
        output.video.end();
        let written = output.write().and_then(|()| Ok(output.file.sync()?));
        if let Err(End::Failed(error)) = written {
            tracing::warn!(error, "the last frames of a recording were not written");
        }
        self.note();
    }

    fn take(&mut self, frame: Arc<CameraFrame>) -> Result<(), End> {
        if let Some(output) = &mut self.output {
            return output.take(&frame, &self.request.limits);
        }
        // A file begins with a key frame.
        if self.starting.is_empty() && !(frame.is_video() && frame.is_key) {
            return Ok(());
        }
        self.starting.push(frame);
        self.begin()
    }

    /// Makes the file, once it is known what is in it.
    fn begin(&mut self) -> Result<(), End> {
        let Some(first) = self.starting.first() else { return Ok(()) };
        let audio = self.starting.iter().find_map(|frame| match &frame.format {
            FrameFormat::Audio(format) => Some(format.clone()),
            FrameFormat::Video(_) => None,
        });
        if audio.is_none() && self.camera.now().saturating_sub(first.at) < AUDIO_WAIT {
            return Ok(());
        }
        let frames = std::mem::take(&mut self.starting);
        let mut output = Output::create(&frames[0], audio.as_deref(), &self.request)?;
        frames.iter().try_for_each(|frame| output.take(frame, &self.request.limits))?;
        self.output = Some(output);
        Ok(())
    }

    /// Looks at the limits, and makes durable what was written.
    fn check(&mut self) -> Result<(), End> {
        self.begin()?;
        let limits = self.request.limits;
        if let Some(output) = &mut self.output {
            if output.synced.elapsed() >= SYNC_INTERVAL {
                output.write_if_late(self.camera.now())?;
                output.file.sync()?;
                output.synced = Instant::now();
                if free_bytes(output.file.growing_path())? < limits.free_bytes {
                    return Err(End::DiskFull);
                }
            }
            if output.timeline.elapsed(self.camera.now()) >= limits.duration + FRAGMENT
                || output.file.bytes() >= limits.bytes
            {
                return Err(End::Stopped);
            }
        }
        self.note();
        Ok(())
    }

    /// Publishes what is known.
    fn note(&mut self) {
        let mut status = self.control.status.lock();
        let Some(output) = &self.output else { return };
        status.state = RecordingState::Recording;
        let elapsed = output.timeline.elapsed(self.camera.now()).min(self.request.limits.duration);
        output.describe(elapsed, &mut status);
    }

    fn finish(mut self, end: End) {
        let now = self.camera.now();
        self.control.status.lock().state = RecordingState::Finalizing;
        let is_resumed = self.request.resumed.is_some();
        let mut state = if is_resumed { RecordingState::Recovered } else { RecordingState::Done };
        match end {
            End::Stopped => {}
            End::DiskFull => state = RecordingState::DiskFull,
            End::Failed(failure) => {
                state = RecordingState::Failed;
                self.failure = Some(failure);
            }
        }
        let limits = self.request.limits;
        match self.output.take() {
            None => {
                state = RecordingState::Failed;
                self.failure.get_or_insert_with(|| "the camera has sent no picture".to_owned());
            }
            Some(mut output) => {
                if let Err(end) = output.end(now, &limits, state) {
                    match end {
                        End::DiskFull => state = RecordingState::DiskFull,
                        End::Failed(failure) => {
                            state = RecordingState::Failed;
                            self.failure.get_or_insert(failure);
                        }
                        End::Stopped => {}
                    }
                }
                output.describe(output.timeline.elapsed(now).min(limits.duration), &mut self.control.status.lock());
                if let Err(error) = output.complete() {
                    tracing::error!(%error, "a recording could not be completed; what was recorded plays");
                    state = RecordingState::Failed;
                    self.failure.get_or_insert_with(|| error.to_string());
                }
            }
        }
        let mut status = self.control.status.lock();
        status.state = state;
        status.failure = self.failure.take();
    }
}

/// The file of a recording, and what has been put into it.
struct Output {
    file: RecordingFile,
    journal: Journal,
    timeline: Timeline,
    codec: CodecConfig,
    video: VideoBatch,
    audio: Option<AudioBatch>,
    usual: Duration,
    /// The end of the last picture, in recorded time.
    reached: Duration,
    /// Whether the next picture has to be a key frame.
    needs_key: bool,
    connection: Option<u64>,
    gaps: Vec<(Duration, Duration)>,
    lost: Duration,
    synced: Instant,
}

impl Output {
    fn create(first: &CameraFrame, audio: Option<&AudioFormat>, request: &RecordingRequest) -> Result<Self, End> {
        let FrameFormat::Video(format) = &first.format else { return Err(End::Failed("no picture".to_owned())) };
        let codec = format.codec().ok_or_else(|| End::Failed(format!("{} cannot be recorded", format.name())))?;
        let video = Track { id: TrackId::VIDEO, timescale: VIDEO_TIMESCALE, codec: codec.clone() };
        let audio = match audio {
            Some(AudioFormat::Aac(config)) => Some(Track::aac(config.clone())),
            _ => None,
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
            usual,
            reached: Duration::ZERO,
            needs_key: true,
            connection: None,
            gaps: Vec::new(),
            lost: Duration::ZERO,
            synced: Instant::now(),
        })
    }

    /// Continues a file whose first picture was `elapsed` ago.
    fn resume(
        growing: &Path,
        elapsed: Duration,
        camera: &Camera,
        request: &RecordingRequest,
    ) -> Result<Self, RecorderError> {
        let (file, tracks) = RecordingFile::resume(growing, &request.target)?;
        let video = tracks.iter().find(|track| track.kind() == TrackKind::Video);
        let codec = video.map(|track| track.codec.clone()).ok_or(MuxError::Tracks("there is no video"))?;
        let (journal, arrived) = Journal::open(growing)?;
        let length = Duration::from_secs_f64(repcast_model::time::to_f64(file.secs()).max(0.0));
        let arrived = arrived.unwrap_or(Arrived { elapsed: length, position: length });
        // What is missing at the end of the file is a part of the gap that follows it.
        let lost = arrived.position.saturating_sub(length);
        let cut = arrived.elapsed.saturating_sub(arrived.position);
        let usual = Duration::from_millis(40);
        let audio = tracks.iter().find(|track| track.kind() == TrackKind::Audio);
        Ok(Self {
            timeline: Timeline::new(request.gaps, camera.now(), elapsed.max(arrived.elapsed), cut),
            codec,
            video: VideoBatch::new(ticks_of(usual)),
            audio: audio.map(|track| AudioBatch::new(track, None)),
            usual,
            reached: arrived.elapsed.saturating_sub(lost),
            needs_key: true,
            connection: None,
            gaps: Vec::new(),
            lost,
            synced: Instant::now(),
            file,
            journal,
        })
    }

    fn take(&mut self, frame: &CameraFrame, limits: &RecordingLimits) -> Result<(), End> {
        let elapsed = self.timeline.elapsed(frame.at);
        if elapsed >= limits.duration {
            return Ok(());
        }
        let format = match &frame.format {
            FrameFormat::Video(format) => format,
            FrameFormat::Audio(format) => return Ok(self.take_audio(frame, format)),
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
        self.journal
            .write(Arrived { elapsed: self.reached, position: self.timeline.position(frame.at) + self.usual })?;
        if self.video.length() >= FRAGMENT { self.write() } else { Ok(()) }
    }

    fn take_audio(&mut self, frame: &CameraFrame, format: &AudioFormat) {
        let is_usable =
            matches!(format, AudioFormat::Aac(_)) && !self.needs_key && self.connection == Some(frame.connection);
        if let (true, Some(audio)) = (is_usable, &mut self.audio) {
            audio.push(self.timeline.position(frame.at), &frame.data);
        }
    }

    /// Writes the pictures that are complete, and the sound.
    fn write(&mut self) -> Result<(), End> {
        self.file.push(self.video.take())?;
        let runs = self.audio.iter_mut().flat_map(AudioBatch::take).collect::<Vec<_>>();
        runs.into_iter().try_for_each(|run| self.file.push(run))?;
        Ok(())
    }

    /// Writes the last picture when the next is late.
    fn write_if_late(&mut self, now: Duration) -> Result<(), End> {
        if self.timeline.elapsed(now).saturating_sub(self.reached) < GAP / 2 {
            return Ok(());
        }
        self.video.end();
        self.write()
    }

    /// Writes what is left, and lets the last picture stand until the end where gaps are kept.
    fn end(&mut self, now: Duration, limits: &RecordingLimits, state: RecordingState) -> Result<(), End> {
        self.video.end();
        if state != RecordingState::DiskFull && state != RecordingState::Failed {
            self.write()?;
        }
        let elapsed = self.timeline.elapsed(now).min(limits.duration);
        if self.timeline.pass(self.reached, elapsed) {
            self.gaps.push((self.reached, elapsed));
            self.file.hold_until(self.timeline.position(now).min(limits.duration))?;
        }
        Ok(())
    }

    fn complete(self) -> Result<(), MuxError> {
        self.file.finish()?;
        self.journal.remove();
        Ok(())
    }

    fn describe(&self, elapsed: Duration, status: &mut RecordingStatus) {
        status.elapsed = elapsed;
        status.length = Duration::from_secs_f64(repcast_model::time::to_f64(self.file.secs()).max(0.0));
        status.bytes = self.file.bytes();
        status.frames = self.file.frames();
        status.lost = self.lost;
        status.gaps.clear();
        self.gaps.iter().for_each(|(from, to)| status.add_gap(*from, *to));
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
    u32::try_from(super::batch::ticks(time, VIDEO_TIMESCALE)).unwrap_or(u32::MAX)
}
