//! Controls a document in its preview window. [`document_player`](super::document_player) draws it on its own thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use crossbeam_channel::{Sender, bounded};

use repcast_compositor::{Gpu, GpuError, LatestFrame};
use repcast_engine::live::PreviewObserver;
use repcast_engine::monitor::MixFeed;
use repcast_engine::open::{DocumentSource, OpenDocument};
use repcast_media::AudioOutputs;
use repcast_model::document::Format;
use repcast_model::session::{ChapterStatus, Command, Transport};
use repcast_model::time::to_f64;
use repcast_model::timeline::Timeline;

use super::controller::{ModeView, PreviewController, PreviewView, command_of, success_notice};
use super::document_player::DocumentPlayer;
use super::keys::{Action, WindowMode};
use super::stage_times::StageTrace;
use super::window_sound::WindowSound;

/// What the window's thread and the player's thread share.
pub(crate) struct PlaybackState {
    pub(crate) transport: Transport,
    pub(crate) timeline: Arc<Timeline>,
    /// The format chosen by the user; `None` for the document's own.
    pub(crate) format: Option<Format>,
    pub(crate) source: Option<LatestFrame>,
    pub(crate) chapters: Arc<[ChapterStatus]>,
    pub(crate) faults: Arc<[String]>,
    pub(crate) traces: Vec<StageTrace>,
    /// Whether the document has sound.
    pub(crate) has_sound: bool,
}

/// Handle to the [`PlaybackState`]. The lock is held for reads and replacements of fields only.
#[derive(Clone)]
pub(crate) struct SharedPlayback(Arc<Mutex<PlaybackState>>);

impl SharedPlayback {
    pub(crate) fn lock(&self) -> MutexGuard<'_, PlaybackState> {
        // Each field is replaced as a whole: a panic of another thread leaves no field half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows and controls a document while it is edited.
pub struct DocumentController {
    shared: SharedPlayback,
    title: String,
    adapter: Arc<str>,
    has_formats: bool,
    sound: WindowSound,
    /// Wakes the player. Capacity 1: a pending wake-up covers any number of changes. Dropping it stops the player.
    wake: Option<Sender<()>>,
    player: Option<JoinHandle<()>>,
}

impl DocumentController {
    /// Starts to play a document from its first frame, with its sound on one of `outputs`; `observer` is called after each
    /// frame.
    ///
    /// # Errors
    /// When the adapter cannot draw the canvas.
    pub fn open(
        gpu: &Arc<Gpu>,
        title: &str,
        source: DocumentSource,
        project: OpenDocument,
        outputs: Arc<dyn AudioOutputs>,
        observer: Arc<dyn PreviewObserver>,
    ) -> Result<Self, GpuError> {
        let timeline = project.timeline.clone();
        let transport = Transport::new(timeline.frames, timeline.rate, timeline.chapters.clone());
        let state = PlaybackState {
            chapters: transport.chapters().into(),
            transport,
            timeline,
            format: None,
            source: None,
            faults: Arc::default(),
            traces: Vec::new(),
            has_sound: project.audio.is_some(),
        };
        let shared = SharedPlayback(Arc::new(Mutex::new(state)));
        let has_formats = source.has_formats();
        let feed = Arc::<MixFeed>::default();
        feed.set_active(true);
        let sound = WindowSound::new(feed.clone(), outputs);
        let player = DocumentPlayer::new(gpu, source, project, shared.clone(), &feed, observer)?;
        let (wake, wake_ups) = bounded(1);
        let thread = std::thread::Builder::new().name("player".to_owned()).spawn(move || {
            let shared = player.shared();
            if catch_unwind(AssertUnwindSafe(|| player.run(&wake_ups))).is_err() {
                shared.lock().faults = vec!["the player failed; open the document again".to_owned()].into();
            }
        });
        let thread = thread.map_err(|error| GpuError::Device(error.to_string()))?;
        let adapter = gpu.name().into();
        let (title, wake, player) = (title.to_owned(), Some(wake), Some(thread));
        Ok(Self { shared, title, adapter, has_formats, sound, wake, player })
    }

    fn wake_player(&self) {
        // Full: a wake-up is pending. Disconnected: the player has stored why it stopped.
        if let Some(wake) = &self.wake {
            let _ = wake.try_send(());
        }
    }
}

impl Drop for DocumentController {
    fn drop(&mut self) {
        self.wake = None;
        let _ = self.player.take().map(JoinHandle::join);
    }
}

impl PreviewController for DocumentController {
    fn mode(&self) -> WindowMode {
        WindowMode::Document
    }

    fn title(&self) -> String {
        format!("{} \u{2013} repcast", self.title)
    }

    fn source(&self) -> Option<LatestFrame> {
        self.shared.lock().source.clone()
    }

    fn view(&mut self) -> PreviewView {
        let has_sound = self.shared.lock().has_sound;
        let sound = has_sound.then(|| self.sound.view(Instant::now()));
        let state = self.shared.lock();
        let rate = state.timeline.rate;
        let canvas = state.timeline.canvas;
        let mode = ModeView::Document {
            frame: state.transport.frame(),
            marks: state.transport.marks().map(|mark| mark.map(|frame| to_f64(rate.secs_at(frame)))),
            faults: state.faults.clone(),
            canvas: format!("{} x {}, {} fps", canvas.width, canvas.height, to_f64(rate.per_second())).into(),
        };
        PreviewView {
            status: state.transport.status(),
            chapters: state.chapters.clone(),
            adapter: self.adapter.clone(),
            traces: state.traces.clone(),
            sound,
            mode,
        }
    }

    fn dispatch(&mut self, action: Action) -> Option<String> {
        if action == Action::ToggleSound {
            let has_sound = self.shared.lock().has_sound;
            return if has_sound { self.sound.toggle() } else { Some("the document has no sound".to_owned()) };
        }
        let mut state = self.shared.lock();
        let notice = match action {
            Action::Step(frames) => {
                state.transport.step(frames);
                None
            }
            Action::MarkIn => {
                state.transport.mark_in();
                None
            }
            Action::MarkOut => {
                state.transport.mark_out();
                None
            }
            Action::ClearMarks => {
                state.transport.clear_marks();
                None
            }
            Action::Format(_) if !self.has_formats => {
                Some("a composition has a fixed canvas; only workouts have formats".to_owned())
            }
            Action::Format(format) => {
                state.format = Some(format);
                None
            }
            action => {
                let command = command_of(action, &state.transport.status())?;
                match state.transport.apply(&command) {
                    Ok(()) => success_notice(&command),
                    Err(rejection) => Some(rejection.to_string()),
                }
            }
        };
        drop(state);
        self.wake_player();
        notice
    }

    fn take_notice(&mut self) -> Option<String> {
        self.sound.take_notice()
    }

    /// A document is heard at once: there are no viewers, and its sound is part of what is designed.
    fn window_opened(&mut self) {
        if self.shared.lock().has_sound {
            self.sound.set_on(true);
        }
    }

    fn command(&mut self, _command: Command) -> Option<String> {
        Some("only a live session takes this command".to_owned())
    }
}
