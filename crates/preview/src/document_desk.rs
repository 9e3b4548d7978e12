//! A document at the window: what is seen of it, and what can be done with it. [`player`](super::player) draws it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crossbeam_channel::{Sender, bounded};

use super::desk::{Desk, More, Trace, View, command_of, told};
use super::keys::{Action, Kind};
use super::player::Player;
use repcast_model::document::Format;
use repcast_compositor::{Gpu, GpuError, PictureSource};
use repcast_engine::live::Onlooker;
use repcast_engine::open::{DocumentSource, Project};
use repcast_model::session::{ChapterStatus, State, Transport};
use repcast_model::time::to_f64;
use repcast_model::timeline::Timeline;

/// What the window and the player share.
pub(crate) struct Table {
    pub(crate) transport: Transport,
    pub(crate) timeline: Arc<Timeline>,
    /// The format that is wanted; the document's own when nothing.
    pub(crate) format: Option<Format>,
    pub(crate) source: Option<PictureSource>,
    pub(crate) chapters: Arc<[ChapterStatus]>,
    pub(crate) faults: Arc<[String]>,
    pub(crate) traces: Vec<Trace>,
}

/// The table, and its lock.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<Table>>);

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Table> {
        // Each field is replaced as a whole, so that a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A document that somebody designs.
pub struct DocumentDesk {
    shared: Shared,
    title: String,
    adapter: Arc<str>,
    has_formats: bool,
    /// Says that something has changed; one word is enough for any number of changes.
    wake: Option<Sender<()>>,
    player: Option<JoinHandle<()>>,
}

impl DocumentDesk {
    /// Puts a document on the desk, playing from its beginning; `window` hears of each frame.
    ///
    /// # Errors
    /// When the adapter cannot draw its canvas.
    pub fn open(
        gpu: &Arc<Gpu>,
        title: &str,
        source: DocumentSource,
        project: Project,
        window: Arc<dyn Onlooker>,
    ) -> Result<Self, GpuError> {
        let timeline = project.timeline.clone();
        let transport = Transport::new(timeline.frames, timeline.rate, timeline.chapters.clone());
        let table = Table {
            chapters: transport.chapters().into(),
            transport,
            timeline,
            format: None,
            source: None,
            faults: Arc::default(),
            traces: Vec::new(),
        };
        let shared = Shared(Arc::new(Mutex::new(table)));
        let has_formats = source.has_formats();
        let player = Player::new(gpu, source, project, shared.clone(), window)?;
        let (wake, woken) = bounded(1);
        let thread = std::thread::Builder::new().name("player".to_owned()).spawn(move || {
            let table = player.table();
            if catch_unwind(AssertUnwindSafe(|| player.run(&woken))).is_err() {
                table.lock().faults = vec!["the player broke down; open the document again".to_owned()].into();
            }
        });
        let thread = thread.map_err(|error| GpuError::Device(error.to_string()))?;
        let adapter = gpu.name().into();
        Ok(Self { shared, title: title.to_owned(), adapter, has_formats, wake: Some(wake), player: Some(thread) })
    }

    fn wake(&self) {
        // A full channel has the word already; a player that is gone has told why.
        if let Some(wake) = &self.wake {
            let _ = wake.try_send(());
        }
    }
}

impl Drop for DocumentDesk {
    fn drop(&mut self) {
        self.wake = None;
        let _ = self.player.take().map(JoinHandle::join);
    }
}

impl Desk for DocumentDesk {
    fn kind(&self) -> Kind {
        Kind::Desk
    }

    fn title(&self) -> String {
        format!("{} \u{2013} repcast", self.title)
    }

    fn source(&self) -> Option<PictureSource> {
        self.shared.lock().source.clone()
    }

    fn view(&mut self) -> View {
        let table = self.shared.lock();
        let rate = table.timeline.rate;
        let canvas = table.timeline.canvas;
        let more = More::Document {
            frame: table.transport.frame(),
            marks: table.transport.marks().map(|mark| mark.map(|frame| to_f64(rate.secs_at(frame)))),
            faults: table.faults.clone(),
            canvas: format!("{} x {}, {} fps", canvas.width, canvas.height, to_f64(rate.per_second())).into(),
        };
        View {
            status: table.transport.status(),
            chapters: table.chapters.clone(),
            adapter: self.adapter.clone(),
            traces: table.traces.clone(),
            more,
        }
    }

    fn act(&mut self, action: Action) -> Option<String> {
        let mut table = self.shared.lock();
        let said = match action {
            Action::Step(frames) => {
                table.transport.step(frames);
                None
            }
            Action::MarkIn => {
                table.transport.mark_in();
                None
            }
            Action::MarkOut => {
                table.transport.mark_out();
                None
            }
            Action::ClearMarks => {
                table.transport.clear_marks();
                None
            }
            Action::Format(_) if !self.has_formats => {
                Some("a composition says its own canvas; workouts have formats".to_owned())
            }
            Action::Format(format) => {
                table.format = Some(format);
                None
            }
            action => {
                let command = command_of(action, &table.transport.status())?;
                match table.transport.apply(&command) {
                    Ok(()) => told(&command),
                    Err(refusal) => Some(refusal.to_string()),
                }
            }
        };
        debug_assert_ne!(table.transport.status().state, State::Ended);
        drop(table);
        self.wake();
        said
    }

    fn say(&mut self, _text: &str) -> Option<String> {
        Some("messages are for those who watch a live session".to_owned())
    }
}
