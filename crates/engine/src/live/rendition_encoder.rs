//! Encodes one rendition, and replaces its encoder when that fails.
//!
//! ```text
//! composite thread                       encoder's threads         thread "package"
//! RenditionEncoder::push --EncoderInput--> GStreamer or the hardware --EncoderOutput--> Segmenter --> Window
//!      \                                                                     |
//!       `------ pending pictures <-------------------------------------------'
//! ```
//!
//! The package thread detects that an encoder fails, stalls or delivers invalid access units, and stops it, which wakes
//! the composite thread. That starts the next candidate and pushes every pending picture to it, the first as a key frame.
//! No frame is lost or repeated; the frames of about half a second are late.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::encoders::Encoders;
use super::session_context::SessionContext;
use super::window::Window;
use repcast_gstreamer::encode::{
    EncodeError, Encoder, EncoderInput, EncoderOutput, EncoderSettings, Purpose, SelectedEncoder,
};
use repcast_media::CompositedFrame;
use repcast_media::Grid;
use repcast_mux::cmaf::{Chunk, Segmenter};

use crate::metrics::{Counter, Stage};

/// Pictures that may be pending in an encoder beyond those of one second. Live encoders hold a few; one with more pending
/// pictures consumes them without output, and is replaced before its stall timeout.
const SPARE_PENDING: usize = 16;

/// How long the package thread may take to release a failed encoder.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(5);

/// Encoders that may fail in a row without output, before the session fails.
const MAX_ATTEMPTS: u32 = 16;

/// A picture that was pushed and whose encoded frame has not been received.
struct PendingPicture {
    frame: u64,
    picture: CompositedFrame,
    is_key: bool,
    entered: Instant,
}

/// What the composite thread and the package thread share.
struct EncoderQueue {
    pending: Mutex<VecDeque<PendingPicture>>,
    /// The number of frames of the whole stream, once it is known.
    end: AtomicU64,
    /// Encoded frames received.
    delivered: AtomicU64,
}

impl EncoderQueue {
    fn pending(&self) -> MutexGuard<'_, VecDeque<PendingPicture>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running encoder, for the package thread.
struct Encoding {
    encoder: &'static str,
    output: EncoderOutput,
}

/// Encodes one rendition into its window, with as many encoders in turn as it takes.
pub(super) struct RenditionEncoder {
    settings: EncoderSettings,
    encoders: Encoders,
    session: Arc<SessionContext>,
    queue: Arc<EncoderQueue>,
    /// `delivered` when the current encoder was started.
    delivered_before: u64,
    current: Option<&'static str>,
    input: Option<EncoderInput>,
    outputs: Option<Sender<Encoding>>,
    released: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl RenditionEncoder {
    /// Starts the first encoder and the package thread.
    ///
    /// # Errors
    /// When no encoder starts.
    pub(super) fn start(
        settings: EncoderSettings,
        encoders: Encoders,
        grid: Grid,
        window: &Arc<Window>,
        session: &Arc<SessionContext>,
    ) -> Result<Self, EncodeError> {
        let queue = Arc::new(EncoderQueue {
            pending: Mutex::default(),
            end: AtomicU64::new(u64::MAX),
            delivered: AtomicU64::new(0),
        });
        // One encoder follows the other, so that neither channel ever holds more than one item.
        let (outputs, incoming) = bounded(1);
        let (release, released) = bounded(1);
        let packager = Packager {
            queue: queue.clone(),
            segmenter: Segmenter::new(grid),
            window: window.clone(),
            session: session.clone(),
        };
        let thread = thread::Builder::new().name("package".to_owned()).spawn(move || packager.run(&incoming, &release));
        let mut encoder = Self {
            settings,
            encoders,
            session: session.clone(),
            queue,
            delivered_before: 0,
            current: None,
            input: None,
            outputs: Some(outputs),
            released,
            thread: Some(thread.map_err(|_| EncodeError::Stopped)?),
        };
        encoder.start_next()?;
        Ok(encoder)
    }

    /// Encodes a picture; waits while the encoder is behind, and replaces it when it has failed.
    pub(super) fn push(&mut self, picture: &CompositedFrame, frame: u64, is_key: bool) -> Result<(), EncodeError> {
        let waiting = {
            let mut pending = self.queue.pending();
            pending.push_back(PendingPicture { frame, picture: picture.clone(), is_key, entered: Instant::now() });
            pending.len()
        };
        let most = self.settings.rate.ceil() as usize + SPARE_PENDING;
        match &self.input {
            Some(input) if waiting <= most && input.push(picture, frame, is_key).is_ok() => Ok(()),
            _ => self.replace(),
        }
    }

    /// The encoder in use.
    pub(super) fn encoder(&self) -> Option<&'static str> {
        self.current
    }

    fn replace(&mut self) -> Result<(), EncodeError> {
        let mut attempts = 0;
        loop {
            if self.session.stop.load(Ordering::Relaxed) {
                return Err(EncodeError::Stopped);
            }
            // Dropping the input stops an encoder that has not failed yet.
            if self.input.take().is_some() && self.released.recv_timeout(RELEASE_TIMEOUT).is_err() {
                return Err(EncodeError::Stopped);
            }
            self.session.metrics.add(Counter::Failovers, 1);
            let delivered = self.queue.delivered.load(Ordering::Relaxed);
            if let Some(name) = self.current {
                self.encoders.report_failure(name, delivered > self.delivered_before);
            }
            self.delivered_before = delivered;
            self.start_next()?;
            let pushed = self.push_pending();
            if pushed.is_ok() {
                return Ok(());
            }
            attempts = if self.queue.delivered.load(Ordering::Relaxed) > delivered { 0 } else { attempts + 1 };
            if attempts >= MAX_ATTEMPTS {
                return pushed;
            }
        }
    }

    /// Starts the next candidate that can be started.
    fn start_next(&mut self) -> Result<(), EncodeError> {
        let mut failure = EncodeError::Stopped;
        for _ in 0..MAX_ATTEMPTS {
            let name = self.encoders.current();
            let purpose = Purpose::Live { stall: Encoders::stall_timeout(name) };
            match Encoder::start(&SelectedEncoder { name }, &EncoderSettings { purpose, ..self.settings.clone() }) {
                Ok((input, output)) => {
                    let is_sent = self
                        .outputs
                        .as_ref()
                        .is_some_and(|outputs| outputs.send(Encoding { encoder: name, output }).is_ok());
                    if !is_sent {
                        return Err(EncodeError::Stopped);
                    }
                    (self.current, self.input) = (Some(name), Some(input));
                    return Ok(());
                }
                Err(error) => {
                    tracing::warn!("{error}");
                    self.encoders.report_failure(name, false);
                    failure = error;
                }
            }
        }
        Err(failure)
    }

    /// Pushes to a new encoder the pictures that the previous one took without delivering their frames.
    fn push_pending(&self) -> Result<(), EncodeError> {
        let waiting: Vec<(u64, CompositedFrame, bool)> = {
            let pending = self.queue.pending();
            let all = pending.iter().enumerate();
            all.map(|(index, entry)| (entry.frame, entry.picture.clone(), entry.is_key || index == 0)).collect()
        };
        let Some(input) = &self.input else { return Err(EncodeError::Stopped) };
        waiting.iter().try_for_each(|(frame, picture, is_key)| input.push(picture, *frame, *is_key))
    }

    /// Ends the stream after `frames` frames. Dropping the encoder waits until all of them are in the window.
    pub(super) fn end(&mut self, frames: u64) {
        self.queue.end.store(frames, Ordering::Relaxed);
        // Whether the pipeline still runs does not matter: the package thread ends the window in any case.
        let _ = self.input.take().map(EncoderInput::finish);
    }
}

impl Drop for RenditionEncoder {
    fn drop(&mut self) {
        self.input = None;
        self.outputs = None;
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// The package thread.
struct Packager {
    queue: Arc<EncoderQueue>,
    segmenter: Segmenter,
    window: Arc<Window>,
    session: Arc<SessionContext>,
}

impl Drop for Packager {
    fn drop(&mut self) {
        // After a failure too, viewers must not wait for more parts.
        self.window.end();
    }
}

impl Packager {
    fn run(mut self, outputs: &Receiver<Encoding>, release: &Sender<()>) {
        for encoding in outputs {
            match self.package(encoding) {
                Ok(()) => break,
                Err(EncodeError::Stopped) => {}
                Err(error) => tracing::warn!("{error}"),
            }
            // No receiver is left when the rendition is being dropped.
            let _ = release.try_send(());
        }
        let end = self.queue.end.load(Ordering::Relaxed);
        match self.segmenter.finish(end) {
            Ok(last) => last.into_iter().for_each(|chunk| publish(&self.session, &self.window, chunk)),
            Err(error) => tracing::warn!("the last part of a stream is lost: {error}"),
        }
    }

    /// Packages the frames of one encoder, until its end or its failure. The pipeline is stopped on return.
    fn package(&mut self, Encoding { encoder, mut output }: Encoding) -> Result<(), EncodeError> {
        while let Some(frame) = output.receive()? {
            let number = frame.frame;
            let Some(config) = output.config() else { return Err(EncodeError::Stopped) };
            let entered = {
                let pending = self.queue.pending();
                pending.iter().find(|entry| entry.frame == number).map(|entry| entry.entered)
            };
            // A frame that is not pending was delivered by a previous encoder.
            let Some(entered) = entered else { continue };
            self.session.metrics.record(Stage::Encode, entered.elapsed());
            let started = Instant::now();
            let (window, session) = (&self.window, &self.session);
            let packaged = self.segmenter.push(config, frame, |chunk| publish(session, window, chunk));
            self.session.metrics.record(Stage::Package, started.elapsed());
            packaged.map_err(|error| EncodeError::Failed { encoder: encoder.to_owned(), reason: error.to_string() })?;
            let mut pending = self.queue.pending();
            while pending.front().is_some_and(|entry| entry.frame <= number) {
                pending.pop_front();
            }
            self.queue.delivered.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Publishes a part in the window. A stream that should keep everything and cannot goes on without its oldest segments.
pub(super) fn publish(session: &SessionContext, window: &Window, chunk: Chunk) {
    session.metrics.add(Counter::Bytes, chunk.data.len() as u64);
    let end = chunk.end;
    if window.is_new_coding(&chunk) {
        session.add_discontinuity(window);
    }
    if let Err(error) = window.publish(chunk) {
        session.report_unspooled(&error);
    }
    session.monitor.count_published(end);
}
