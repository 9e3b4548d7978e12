//! The thread of a recording.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use repcast_capture::{Camera, CameraFrame, Received, Subscription, TrackFormat};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::end::End;
use super::images::ImageEncoder;
use super::output::{FRAGMENT, Output};
use super::{RecorderControl, RecordingRequest};
use crate::disk::free_bytes;
use crate::status::CameraRecordingState;

/// What a machine that loses its power loses at most.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);
/// How often limits, and the command to stop, are looked at when nothing arrives.
const TICK: Duration = Duration::from_millis(100);
/// How long the first picture waits for sound, which is part of the file from the start or not at all.
const AUDIO_WAIT: Duration = Duration::from_millis(1500);

/// The thread of a recording.
pub(super) struct RecorderThread {
    camera: Arc<Camera>,
    request: RecordingRequest,
    control: Arc<RecorderControl>,
    /// The first frames, until it is known whether there is sound.
    starting: Vec<Arc<CameraFrame>>,
    output: Option<Output>,
    images: ImageEncoder,
    failure: Option<String>,
}

impl RecorderThread {
    pub(super) fn new(
        camera: Arc<Camera>,
        request: RecordingRequest,
        control: Arc<RecorderControl>,
        output: Option<Output>,
    ) -> Self {
        let images = ImageEncoder::default();
        Self { camera, request, control, starting: Vec::new(), output, images, failure: None }
    }

    pub(super) fn run(mut self, mut frames: Subscription, runtime: &Handle) {
        let end = loop {
            if self.control.is_stopped.load(Ordering::Acquire) {
                break End::Stopped;
            }
            let received = runtime.block_on(async { timeout(TICK, frames.next()).await });
            let done = match received {
                Ok(Received::Frame(frame)) => self.receive(frame),
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
        let last = self.images.finish();
        let end = match last.into_iter().try_for_each(|frame| self.take(frame)) {
            Ok(()) => end,
            Err(other) => other,
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

    /// Takes a frame as it arrives: images are encoded first.
    fn receive(&mut self, frame: Arc<CameraFrame>) -> Result<(), End> {
        match self.images.push(&frame)? {
            None => self.take(frame),
            Some(encoded) => encoded.into_iter().try_for_each(|frame| self.take(frame)),
        }
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
            TrackFormat::Audio(format) => Some(format.clone()),
            TrackFormat::Video(_) => None,
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
    pub(super) fn note(&mut self) {
        let mut status = self.control.status.lock();
        let Some(output) = &self.output else { return };
        status.state = CameraRecordingState::Recording;
        let elapsed = output.timeline.elapsed(self.camera.now()).min(self.request.limits.duration);
        output.describe(elapsed, &mut status);
    }

    fn finish(mut self, end: End) {
        let now = self.camera.now();
        self.control.status.lock().state = CameraRecordingState::Finalizing;
        let is_resumed = self.request.resumed.is_some();
        let mut state = if is_resumed { CameraRecordingState::Recovered } else { CameraRecordingState::Done };
        match end {
            End::Stopped => {}
            End::DiskFull => state = CameraRecordingState::DiskFull,
            End::Failed(failure) => {
                state = CameraRecordingState::Failed;
                self.failure = Some(failure);
            }
        }
        let limits = self.request.limits;
        match self.output.take() {
            None => {
                state = CameraRecordingState::Failed;
                self.failure.get_or_insert_with(|| "the camera has sent no picture".to_owned());
            }
            Some(mut output) => {
                if let Err(end) = output.end(now, &limits) {
                    match end {
                        End::DiskFull => state = CameraRecordingState::DiskFull,
                        End::Failed(failure) => {
                            state = CameraRecordingState::Failed;
                            self.failure.get_or_insert(failure);
                        }
                        End::Stopped => {}
                    }
                }
                output.describe(output.timeline.elapsed(now).min(limits.duration), &mut self.control.status.lock());
                if let Err(error) = output.complete() {
                    tracing::error!(%error, "a recording could not be completed; what was recorded plays");
                    state = CameraRecordingState::Failed;
                    self.failure.get_or_insert_with(|| error.to_string());
                }
            }
        }
        let mut status = self.control.status.lock();
        status.state = state;
        status.failure = self.failure.take();
    }
}
