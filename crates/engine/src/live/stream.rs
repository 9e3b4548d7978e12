//! One live session: its threads, its commands, its state and its renditions.

mod change;
mod playlist;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, JoinHandle};

use crossbeam_channel::bounded;
use tokio::sync::watch;

use super::audio::{self, AUDIO_NAME, AudioRendition};
use super::capacity::Lease;
use super::captions::{CaptionRendition, Captioner};
use super::clock::Clock;
use super::consumers::{Pushes, Recordings, SampleSource};
use super::engine::Engine;
use super::lag::MAX_BEHIND;
use super::pace::Pace;
use super::preview_monitor::PreviewMonitor;
use super::rendition_encoder::RenditionEncoder;
use super::session_context::{BrokenClip, SessionContext, lock};
use super::session_terms::SessionTerms;
use super::stages::{self, QUEUED_FRAMES, StreamOutput};
use super::window::{SegmentFormat, Window, WindowConfig};
use crate::clips::ClipOptions;
use crate::frame::FrameRenderer;
use crate::metrics::PipelineMetrics;
use crate::open::OpenDocument;
use repcast_compositor::{Gpu, GpuError};
use repcast_gstreamer::encode::EncodeError;
use repcast_media::FrameFormat;
use repcast_media::Grid;
use repcast_model::document::Language;
use repcast_model::geometry::Size;
use repcast_model::session::{
    AudioLevelStatus, ChapterStatus, Command, CommandRejection, Session, SessionState, SessionStatus, WaitingScreen,
};
use repcast_model::time::FrameRate;

/// Why a session could not start or continue.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The device.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// No encoder works any more.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// Nearly all frames were late for too long.
    #[error("nearly all frames were late for {MAX_BEHIND} seconds: the session needs more than this machine has")]
    Behind,
    /// A thread could not be started, or ended without a result.
    #[error("the {0} stage was lost")]
    Lost(&'static str),
}

/// One size of a stream.
#[derive(Clone)]
pub struct Rendition {
    /// Its name, which is also its folder in the stream's URLs.
    pub name: String,
    /// Size in pixels.
    pub size: Size,
    /// Its newest segments.
    pub window: Arc<Window>,
}

/// The state of a session.
#[derive(Clone, Debug)]
pub struct StreamReport {
    /// Its position and what is shown.
    pub status: SessionStatus,
    /// Why it failed.
    pub failure: Option<String>,
    /// The encoder in use; `None` before the first frame.
    pub encoder: Option<&'static str>,
    /// Clips that were replaced by a slate.
    pub broken: Vec<BrokenClip>,
    /// Messages about sounds that are silent, with the files as the document or the catalogue names them.
    pub silent: Vec<String>,
}

/// A live session. Dropping it ends it and waits for its threads.
pub struct Stream {
    shared: Arc<SessionContext>,
    gpu: Arc<Gpu>,
    clip_options: ClipOptions,
    size: Size,
    rate: FrameRate,
    /// Of the texts that are added.
    language: Language,
    grid: Grid,
    renditions: Vec<Rendition>,
    audio: Option<Arc<Window>>,
    captions: Vec<CaptionRendition>,
    pub(super) recordings: Recordings,
    pub(super) pushes: Pushes,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Stream {
    /// Starts a session.
    pub(super) fn start(
        engine: &Engine,
        id: String,
        project: &OpenDocument,
        clock: Arc<dyn Clock>,
        SessionTerms { playlist: kind, is_waiting, starts_in, is_looping }: SessionTerms,
        lease: Lease,
    ) -> Result<Self, LiveError> {
        let timeline = &project.timeline;
        let settings = &engine.settings;
        let grid = settings.segmentation.grid(timeline.rate);
        let pace = Arc::new(Pace::new(timeline.rate, grid));
        let rate = timeline.rate;
        let part_target = rate.secs_at(grid.part);
        let audio_part_target = project.audio.as_ref().map(|_| audio::part_target(grid, rate)).transpose()?;
        let longest_part_target = audio_part_target.map_or(part_target, |audio| audio.max(part_target));
        let (segment_frames, format) = (grid.segment, SegmentFormat::Mp4);
        let terms = WindowConfig { rate, part_target, longest_part_target, segment_frames, kind, format };
        let metrics = Arc::new(PipelineMetrics::with_parent(&engine.metrics));
        let session = Session::new(timeline.frames, rate, timeline.chapters.clone());
        let session = match starts_in {
            Some(secs) => session.starting_in(secs),
            None if is_waiting => session.waiting(),
            None => session,
        };
        let session = if is_looping { session.looping() } else { session };
        let shared = Arc::new(SessionContext {
            id,
            metrics,
            monitor: PreviewMonitor::default(),
            stop: AtomicBool::new(false),
            session: Mutex::new(if project.audio.is_some() { session.with_sound() } else { session }),
            encoder: Mutex::default(),
            failure: Mutex::default(),
            names: Mutex::new(project.names.clone()),
            title: Mutex::new(timeline.title.clone()),
            change: Mutex::default(),
            leases: Mutex::default(),
            waiting_screen: Mutex::default(),
            broken: Mutex::default(),
            silent: Mutex::default(),
            has_unspooled: AtomicBool::new(false),
            joint_windows: OnceLock::new(),
            revision: watch::Sender::new(0),
            is_over: watch::Sender::new(false),
        });
        let clip_options = ClipOptions::watched().with_budget(&engine.budget).shared_with(&engine.clips);
        let renderer = FrameRenderer::new(&engine.gpu, project, FrameFormat::Nv12, clip_options.clone())?;
        shared.monitor.set_source(renderer.source());
        let (decode_stage, composite_stage) = renderer.into_stages();
        let (mut renditions, mut encoders) = (Vec::new(), Vec::new());
        for rung in settings.ladder.rungs(timeline.canvas) {
            let window = Arc::new(Window::new(terms));
            let wanted = settings.encoder(timeline.canvas, rung.size, timeline.rate, grid);
            encoders.push(RenditionEncoder::start(wanted, engine.encoders.clone(), grid, &window, &shared)?);
            renditions.push(Rendition { name: rung.name, size: rung.size, window });
        }
        let mut windows: Vec<_> = renditions.iter().map(|rendition| rendition.window.clone()).collect();
        let audio = project.audio.as_ref();
        let audio = audio.map(|audio| AudioRendition::start(audio, rate, grid, terms, &shared)).transpose()?;
        let audio_window = audio.as_ref().map(|audio| audio.window().clone());
        let tracks = &*project.captions.tracks;
        let captioner =
            (!tracks.is_empty()).then(|| Captioner::start(tracks, rate, grid, terms, &shared)).transpose()?;
        let captions = captioner.as_ref().map_or(Vec::new(), |captioner| captioner.renditions().to_vec());
        windows.extend(audio_window.iter().chain(captions.iter().map(|captions| &captions.window)).cloned());
        if windows.len() > renditions.len() {
            // It is empty before.
            let _ = shared.joint_windows.set(windows.clone());
        }
        let source = SampleSource { video: windows[0].clone(), audio: audio_window.clone() };
        let secs = rate.secs_at(timeline.frames).ceil().to_integer();
        let pushes = Pushes::new(source.clone(), shared.clone());
        let recordings = Recordings::new(source, shared.clone(), u64::try_from(secs).unwrap_or(u64::MAX));
        let (send, frames) = bounded(QUEUED_FRAMES);
        let size = timeline.canvas;
        let (decoder, decode_clock, decode_pace) = (shared.clone(), clock.clone(), pace.clone());
        let decode = thread::Builder::new().name("decode".to_owned()).spawn(move || {
            let followers = (audio.as_ref(), captioner.as_ref());
            let work = || stages::decode(&decoder, decode_stage, followers, &decode_pace, &*decode_clock, &send);
            if catch_unwind(AssertUnwindSafe(work)).is_err() {
                decoder.fail("the decode stage panicked".to_owned());
            }
        });
        let decode = decode.map_err(|_| LiveError::Lost("decode"))?;
        let compositor = shared.clone();
        let composite = thread::Builder::new().name("composite".to_owned()).spawn(move || {
            let output = StreamOutput { renditions: encoders, windows };
            let work = || stages::composite(&compositor, composite_stage, output, &pace, grid, &*clock, &frames);
            match catch_unwind(AssertUnwindSafe(work)) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => compositor.fail(error.to_string()),
                Err(_) => compositor.fail("the composite stage panicked".to_owned()),
            }
            // Wakes a decode thread that waits for room in the queue.
            drop(frames);
            compositor.stop.store(true, Ordering::Relaxed);
            // The capacity is free with the last frame, before viewers have read it.
            drop(lease);
            lock(&compositor.leases).clear();
            compositor.is_over.send_replace(true);
            compositor.notify_changed();
        });
        let composite = composite.map_err(|_| LiveError::Lost("composite"))?;
        let threads = Mutex::new(vec![decode, composite]);
        let gpu = engine.gpu.clone();
        Ok(Self {
            shared,
            gpu,
            clip_options,
            size,
            rate,
            language: timeline.overlay.language,
            grid,
            renditions,
            audio: audio_window,
            captions,
            recordings,
            pushes,
            threads,
        })
    }

    /// Its id in URLs.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.shared.id
    }

    /// The document's title, which may be empty.
    #[must_use]
    pub fn title(&self) -> String {
        lock(&self.shared.title).clone()
    }

    /// The canvas.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// Frames per second.
    #[must_use]
    pub fn rate(&self) -> FrameRate {
        self.rate
    }

    /// The lengths of parts and segments.
    #[must_use]
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// Its renditions, the largest first.
    #[must_use]
    pub fn renditions(&self) -> &[Rendition] {
        &self.renditions
    }

    /// Its audio, which all renditions share; `None` if the document has no sound.
    #[must_use]
    pub fn audio(&self) -> Option<&Arc<Window>> {
        self.audio.as_ref()
    }

    /// Its captions, one rendition for each language; empty if the document has none.
    #[must_use]
    pub fn captions(&self) -> &[CaptionRendition] {
        &self.captions
    }

    /// The window of a rendition, of the audio or of captions, by its name in the stream's URLs.
    #[must_use]
    pub fn window(&self, name: &str) -> Option<&Arc<Window>> {
        self.windows().find(|(other, _)| *other == name).map(|(_, window)| window)
    }

    /// The windows of all renditions, of the audio and of the captions, each with its name in the stream's URLs.
    pub fn windows(&self) -> impl Iterator<Item = (&str, &Arc<Window>)> {
        let renditions = self.renditions.iter().map(|rendition| (&*rendition.name, &rendition.window));
        let captions = self.captions.iter().map(|captions| (&*captions.name, &captions.window));
        renditions.chain(self.audio.iter().map(|audio| (AUDIO_NAME, audio))).chain(captions)
    }

    /// Its metrics.
    #[must_use]
    pub fn metrics(&self) -> &PipelineMetrics {
        &self.shared.metrics
    }

    /// The chapters that skip and back move between.
    #[must_use]
    pub fn chapters(&self) -> Vec<ChapterStatus> {
        lock(&self.shared.session).chapters()
    }

    /// Shows a screen over the first frame while the session waits for its start, with the address at which viewers join, if
    /// there is one.
    pub fn show_waiting_screen(&self, address: Option<&str>) {
        let screen = WaitingScreen::new(self.language, address);
        *lock(&self.shared.waiting_screen) = Some(Arc::new(screen));
    }

    /// The index of the item that is shown; `None` where there is none.
    #[must_use]
    pub fn current_item(&self) -> Option<usize> {
        lock(&self.shared.session).chapter_index()
    }

    /// Its newest frame, for a preview window.
    #[must_use]
    pub fn monitor(&self) -> &PreviewMonitor {
        &self.shared.monitor
    }

    /// Applies a command from the next frame on.
    ///
    /// # Errors
    /// When it does not apply in the current state.
    pub fn command(&self, command: &Command) -> Result<(), CommandRejection> {
        if self.shared.stop.load(Ordering::Relaxed) {
            return Err(CommandRejection::Ended);
        }
        lock(&self.shared.session).apply(command)?;
        self.shared.notify_changed();
        Ok(())
    }

    /// Ends it: frames in flight are published, and the playlists are closed. Returns at once; [`Self::over`] becomes true
    /// when that is done.
    pub fn end(&self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }

    /// Becomes true when the last frame is in the window and the playlists are closed.
    #[must_use]
    pub fn over(&self) -> watch::Receiver<bool> {
        self.shared.is_over.subscribe()
    }

    /// Whether that is so now.
    #[must_use]
    pub fn is_over(&self) -> bool {
        *self.shared.is_over.borrow()
    }

    /// Changes when something other than the position has changed.
    #[must_use]
    pub fn revision(&self) -> watch::Receiver<u64> {
        self.shared.revision.subscribe()
    }

    /// The levels of its sounds; `None` if it has none.
    #[must_use]
    pub fn audio_levels(&self) -> Option<AudioLevelStatus> {
        lock(&self.shared.session).levels().map(|levels| levels.status())
    }

    /// Its state.
    #[must_use]
    pub fn report(&self) -> StreamReport {
        let mut status = lock(&self.shared.session).status();
        // The last frame is planned before it is published.
        status.state = match status.state {
            _ if *self.shared.is_over.borrow() => SessionState::Ended,
            SessionState::Ended => SessionState::Playing,
            state => state,
        };
        StreamReport {
            status,
            failure: lock(&self.shared.failure).clone(),
            encoder: *lock(&self.shared.encoder),
            broken: lock(&self.shared.broken).clone(),
            silent: lock(&self.shared.silent).clone(),
        }
    }

    /// Ends it and waits for its threads.
    pub fn join(&self) {
        self.end();
        let threads = std::mem::take(&mut *lock(&self.threads));
        threads.into_iter().for_each(|thread| {
            // A thread that panicked has been reported by the panic itself.
            let _ = thread.join();
        });
        self.recordings.join();
        self.pushes.join();
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.join();
    }
}
