//! One rendition's way from pictures to its window, over as many encoders as it takes.
//!
//! ```text
//! draw thread                encoder's threads         thread "package"
//! Lane::push --Input--> GStreamer or the hardware --Output--> Segmenter --> Window
//!      \                                                         |
//!       `------ pictures that have not come out yet <------------'
//! ```
//!
//! The packaging thread notices when an encoder fails, stalls or delivers what cannot be video, and stops it, which
//! wakes the draw thread. That starts the next candidate, gives it every picture that has not come out, the first as a
//! key frame, and goes on. Nothing is lost and nothing is shown twice; the frames of about half a second come late.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::encoders::Encoders;
use super::meters::{Count, Stage};
use super::stream::Shared as Session;
use super::window::Window;
use repcast_gstreamer::encode::{Choice, EncodeError, Encoder, EncoderSettings, Input, Output, Purpose};
use repcast_media::Picture;
use repcast_mux::cmaf::{Chunk, Grid, Segmenter};

/// Pictures that may be on their way through an encoder, beyond those of a second. Live encoders hold a few, and one that
/// swallows pictures is found out sooner.
const SPARE_PENDING: usize = 16;

/// How long the packaging thread may need to let go of an encoder that has failed.
const LET_GO: Duration = Duration::from_secs(5);

/// Encoders that may fail in a row, each before it has delivered anything, until the session is given up.
const MAX_ATTEMPTS: u32 = 16;

/// A picture that has gone in and not come out.
struct Pending {
    frame: u64,
    picture: Picture,
    is_key: bool,
    entered: Instant,
}

/// What both threads see.
struct Shared {
    pending: Mutex<VecDeque<Pending>>,
    /// Frames of the whole stream, once they are known.
    end: AtomicU64,
    /// Frames that have come out.
    delivered: AtomicU64,
}

impl Shared {
    fn pending(&self) -> MutexGuard<'_, VecDeque<Pending>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One rendition at work.
pub(super) struct Lane {
    settings: EncoderSettings,
    encoders: Encoders,
    session: Arc<Session>,
    shared: Arc<Shared>,
    /// What had come out when the encoder at work was started.
    delivered_before: u64,
    window: Arc<Window>,
    current: &'static str,
    input: Option<Input>,
    outputs: Option<Sender<Box<Output>>>,
    let_go: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Lane {
    /// Starts the first encoder and the packaging thread.
    ///
    /// # Errors
    /// When no encoder starts.
    pub(super) fn start(
        settings: EncoderSettings,
        encoders: Encoders,
        grid: Grid,
        window: &Arc<Window>,
        session: &Arc<Session>,
    ) -> Result<Self, EncodeError> {
        let shared =
            Arc::new(Shared { pending: Mutex::default(), end: AtomicU64::new(u64::MAX), delivered: AtomicU64::new(0) });
        // One encoder follows the other, so that neither channel ever holds more than one thing.
        let (outputs, incoming) = bounded(1);
        let (gone, let_go) = bounded(1);
        let packager = Packager {
            shared: shared.clone(),
            segmenter: Segmenter::new(grid),
            window: window.clone(),
            session: session.clone(),
        };
        let thread = thread::Builder::new().name("package".to_owned()).spawn(move || packager.run(&incoming, &gone));
        let mut lane = Self {
            settings,
            encoders,
            session: session.clone(),
            shared,
            delivered_before: 0,
            window: window.clone(),
            current: "",
            input: None,
            outputs: Some(outputs),
            let_go,
            thread: Some(thread.map_err(|_| EncodeError::Stopped)?),
        };
        lane.next_encoder()?;
        Ok(lane)
    }

    /// Hands a picture over; waits while the encoder is behind, and replaces it when it has failed.
    pub(super) fn push(&mut self, picture: &Picture, frame: u64, is_key: bool) -> Result<(), EncodeError> {
        let waiting = {
            let mut pending = self.shared.pending();
            pending.push_back(Pending { frame, picture: picture.clone(), is_key, entered: Instant::now() });
            pending.len()
        };
        let most = self.settings.rate.ceil() as usize + SPARE_PENDING;
        match &self.input {
            Some(input) if waiting <= most && input.push(picture, frame, is_key).is_ok() => Ok(()),
            _ => self.replace(),
        }
    }

    /// Where it goes.
    pub(super) fn window(&self) -> &Window {
        &self.window
    }

    /// The encoder at work.
    pub(super) fn encoder(&self) -> &'static str {
        self.current
    }

    fn replace(&mut self) -> Result<(), EncodeError> {
        let mut attempts = 0;
        loop {
            if self.session.stop.load(Ordering::Relaxed) {
                return Err(EncodeError::Stopped);
            }
            // Without its input, an encoder that has not noticed yet is stopped too.
            if self.input.take().is_some() && self.let_go.recv_timeout(LET_GO).is_err() {
                return Err(EncodeError::Stopped);
            }
            self.session.meters.count(Count::Failovers, 1);
            let delivered = self.shared.delivered.load(Ordering::Relaxed);
            self.encoders.report_failure(self.current, delivered > self.delivered_before);
            self.delivered_before = delivered;
            self.next_encoder()?;
            let refed = self.feed_again();
            if refed.is_ok() {
                return Ok(());
            }
            attempts = if self.shared.delivered.load(Ordering::Relaxed) > delivered { 0 } else { attempts + 1 };
            if attempts >= MAX_ATTEMPTS {
                return refed;
            }
        }
    }

    /// Starts the next candidate that can be started.
    fn next_encoder(&mut self) -> Result<(), EncodeError> {
        let mut failure = EncodeError::Stopped;
        for _ in 0..MAX_ATTEMPTS {
            let name = self.encoders.current();
            let purpose = Purpose::Live { stall: Encoders::patience(name) };
            match Encoder::start(&Choice { name }, &EncoderSettings { purpose, ..self.settings.clone() }) {
                Ok((input, output)) => {
                    let is_sent = self.outputs.as_ref().is_some_and(|outputs| outputs.send(Box::new(output)).is_ok());
                    if !is_sent {
                        return Err(EncodeError::Stopped);
                    }
                    (self.current, self.input) = (name, Some(input));
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

    /// Gives a new encoder everything that the one before took and did not give back.
    fn feed_again(&self) -> Result<(), EncodeError> {
        let waiting: Vec<(u64, Picture, bool)> = {
            let pending = self.shared.pending();
            let all = pending.iter().enumerate();
            all.map(|(index, entry)| (entry.frame, entry.picture.clone(), entry.is_key || index == 0)).collect()
        };
        let Some(input) = &self.input else { return Err(EncodeError::Stopped) };
        waiting.iter().try_for_each(|(frame, picture, is_key)| input.push(picture, *frame, *is_key))
    }

    /// Ends the stream behind `frames` frames. Dropping the lane waits until all of it is in the window.
    pub(super) fn end(&mut self, frames: u64) {
        self.shared.end.store(frames, Ordering::Relaxed);
        // Whether the pipeline still runs does not matter: the packaging thread ends the window in any case.
        let _ = self.input.take().map(Input::finish);
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.input = None;
        self.outputs = None;
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// The packaging thread.
struct Packager {
    shared: Arc<Shared>,
    segmenter: Segmenter,
    window: Arc<Window>,
    session: Arc<Session>,
}

impl Drop for Packager {
    fn drop(&mut self) {
        // Whatever has happened, viewers must not wait for more.
        self.window.end();
    }
}

impl Packager {
    fn run(mut self, outputs: &Receiver<Box<Output>>, let_go: &Sender<()>) {
        for output in outputs {
            match self.follow(*output) {
                Ok(()) => break,
                Err(EncodeError::Stopped) => {}
                Err(error) => tracing::warn!("{error}"),
            }
            // Nobody listens any more when the lane is on its way out.
            let _ = let_go.try_send(());
        }
        let end = self.shared.end.load(Ordering::Relaxed);
        match self.segmenter.finish(end) {
            Ok(last) => last.into_iter().for_each(|chunk| publish(&self.session, &self.window, chunk)),
            Err(error) => tracing::warn!("the last part of a stream is lost: {error}"),
        }
    }

    /// Packages what one encoder delivers, to its end or its failure. The pipeline is stopped on return.
    fn follow(&mut self, mut output: Output) -> Result<(), EncodeError> {
        while let Some(frame) = output.receive()? {
            let number = frame.frame;
            let Some(config) = output.config() else { return Err(EncodeError::Stopped) };
            let entered = {
                let pending = self.shared.pending();
                pending.iter().find(|entry| entry.frame == number).map(|entry| entry.entered)
            };
            // What is not waited for has come before, out of another encoder.
            let Some(entered) = entered else { continue };
            self.session.meters.time(Stage::Encode, entered.elapsed());
            let started = Instant::now();
            let (window, session) = (&self.window, &self.session);
            let packaged = self.segmenter.push(config, frame, |chunk| publish(session, window, chunk));
            self.session.meters.time(Stage::Package, started.elapsed());
            packaged
                .map_err(|error| EncodeError::Failed { encoder: "in use".to_owned(), reason: error.to_string() })?;
            let mut pending = self.shared.pending();
            while pending.front().is_some_and(|entry| entry.frame <= number) {
                pending.pop_front();
            }
            self.shared.delivered.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Puts a part into the window. A stream that promised to keep everything and cannot is ended.
fn publish(session: &Session, window: &Window, chunk: Chunk) {
    session.meters.count(Count::Bytes, chunk.data.len() as u64);
    let end = chunk.end;
    if let Err(error) = window.publish(chunk) {
        session.fail(format!("the stream cannot be kept any more: {error}"));
    }
    session.monitor.count_published(end);
}
