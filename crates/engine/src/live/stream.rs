//! One live session, as those see it who steer it and those who serve it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crossbeam_channel::bounded;
use tokio::sync::watch;

use super::capacity::Lease;
use super::clock::Clock;
use super::engine::Engine;
use super::lane::Lane;
use super::meters::{Count, Meters};
use super::monitor::Monitor;
use super::pace::Pace;
use super::threads::{self, CLIP_PATIENCE, QUEUED_JOBS};
use super::window::{Terms, Window};
use repcast_gstreamer::decode::DecodeError;
use repcast_gstreamer::encode::EncodeError;
use repcast_model::geometry::Size;
use repcast_compositor::{Compositor, GpuError, Tracking};
use repcast_mux::hls::{self, Kind};
use repcast_media::PictureFormat;
use repcast_mux::cmaf::Grid;
use crate::open::Project;
use crate::clips::Feeder;
use repcast_model::session::{ChapterStatus, Command, Refusal, Session, Shown, State, Status};
use repcast_model::time::FrameRate;

/// Messages about broken clips that are kept.
const MAX_REPORTS: usize = 32;

/// Why a session could not begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The GPU.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// No encoder works any more.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A thread could not be started, or ended without a word.
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
    /// What has been made of it.
    pub window: Arc<Window>,
}

/// What a session is and has done.
#[derive(Clone, Debug)]
pub struct Report {
    /// Where it stands.
    pub status: Status,
    /// Why it ended, where that was not as it should.
    pub failure: Option<String>,
    /// The encoder at work.
    pub encoder: &'static str,
    /// Clips that were replaced by a slate.
    pub broken: Vec<String>,
}

/// What the threads of a session share with the world.
pub(super) struct Shared {
    pub(super) id: String,
    pub(super) meters: Arc<Meters>,
    pub(super) monitor: Monitor,
    pub(super) stop: AtomicBool,
    session: Mutex<Session>,
    encoder: Mutex<&'static str>,
    failure: Mutex<Option<String>>,
    broken: Mutex<Vec<String>>,
    /// Speaks when something other than the position has changed.
    revision: watch::Sender<u64>,
    is_over: watch::Sender<bool>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Everything behind these locks is replaced as a whole, so that a panic elsewhere leaves nothing half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// The next output frame, and where it lies: in which chapter, and whether there is a message.
    pub(super) fn tick(&self) -> Option<(Shown, (Option<usize>, bool))> {
        let mut session = lock(&self.session);
        let shown = session.tick()?;
        let place = (session.chapter_index(), shown.message.is_some());
        Some((shown, place))
    }

    pub(super) fn touch(&self) {
        self.revision.send_modify(|revision| *revision += 1);
    }

    /// Ends the session, and says why. Only the first reason counts.
    pub(super) fn fail(&self, reason: String) {
        tracing::error!(session = self.id, "{reason}");
        lock(&self.failure).get_or_insert(reason);
        self.stop.store(true, Ordering::Relaxed);
        self.touch();
    }

    pub(super) fn set_encoder(&self, name: &'static str) {
        let changed = std::mem::replace(&mut *lock(&self.encoder), name) != name;
        if changed {
            self.touch();
        }
    }

    pub(super) fn report_broken(&self, error: &DecodeError) {
        self.meters.count(Count::BrokenClips, 1);
        let mut broken = lock(&self.broken);
        if broken.len() < MAX_REPORTS {
            broken.push(error.to_string());
        }
    }
}

/// A live session. Dropping it ends it and waits for its threads.
pub struct Stream {
    shared: Arc<Shared>,
    title: String,
    size: Size,
    rate: FrameRate,
    grid: Grid,
    renditions: Vec<Rendition>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Stream {
    /// Starts a session.
    pub(super) fn start(
        engine: &Engine,
        id: String,
        project: &Project,
        clock: Arc<dyn Clock>,
        kind: Kind,
        lease: Lease,
    ) -> Result<Self, LiveError> {
        let timeline = &project.timeline;
        let settings = &engine.settings;
        let grid = Grid::new(timeline.rate, settings.part, settings.parts_per_segment);
        let pace = Arc::new(Pace::new(timeline.rate, grid));
        let terms = Terms { rate: timeline.rate, part_frames: grid.part, segment_frames: grid.segment, kind };
        let meters = Arc::new(Meters::among(&engine.meters));
        let shared = Arc::new(Shared {
            id,
            meters,
            monitor: Monitor::default(),
            stop: AtomicBool::new(false),
            session: Mutex::new(Session::new(timeline.frames, timeline.rate, timeline.chapters.clone())),
            encoder: Mutex::new(""),
            failure: Mutex::default(),
            broken: Mutex::default(),
            revision: watch::Sender::new(0),
            is_over: watch::Sender::new(false),
        });
        let compositor =
            Compositor::new(&engine.gpu, timeline.canvas, timeline.background, PictureFormat::Nv12, Tracking::On)?;
        shared.monitor.show(compositor.source());
        let (mut renditions, mut lanes) = (Vec::new(), Vec::new());
        for rung in settings.ladder.rungs(timeline.canvas) {
            let window = Arc::new(Window::new(terms));
            let wanted = settings.encoder(timeline.canvas, rung.size, timeline.rate, grid);
            lanes.push(Lane::start(wanted, engine.encoders.clone(), grid, &window, &shared)?);
            renditions.push(Rendition { name: rung.name, size: rung.size, window });
        }
        let (send, jobs) = bounded(QUEUED_JOBS);
        let (planner, project) = (shared.clone(), project.clone());
        let feeder = Feeder::sharing(&project, engine.budget.clone(), CLIP_PATIENCE).together(&engine.common);
        let (plan_clock, plan_pace) = (clock.clone(), pace.clone());
        let title = project.timeline.title.clone();
        let (size, rate) = (project.timeline.canvas, project.timeline.rate);
        let plan = thread::Builder::new().name("plan".to_owned()).spawn(move || {
            let work = || threads::plan(&planner, &project, feeder, &plan_pace, &*plan_clock, &send);
            if catch_unwind(AssertUnwindSafe(work)).is_err() {
                planner.fail("the plan stage broke down".to_owned());
            }
        });
        let plan = plan.map_err(|_| LiveError::Lost("plan"))?;
        let drawer = shared.clone();
        let draw = thread::Builder::new().name("draw".to_owned()).spawn(move || {
            let work = || threads::draw(&drawer, compositor, lanes, &pace, grid, &*clock, &jobs);
            match catch_unwind(AssertUnwindSafe(work)) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => drawer.fail(error.to_string()),
                Err(_) => drawer.fail("the draw stage broke down".to_owned()),
            }
            // Nobody plans for it any more, and nobody has to: this wakes a planner that waits for room.
            drop(jobs);
            drawer.stop.store(true, Ordering::Relaxed);
            // What the session took of the machine is free again with its last frame.
            drop(lease);
            drawer.is_over.send_replace(true);
            drawer.touch();
        });
        let draw = draw.map_err(|_| LiveError::Lost("draw"))?;
        Ok(Self { shared, title, size, rate, grid, renditions, threads: Mutex::new(vec![plan, draw]) })
    }

    /// Its name in URLs.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.shared.id
    }

    /// Its name for people, perhaps empty.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
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

    /// Where parts and segments end.
    #[must_use]
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// Its sizes, the largest first.
    #[must_use]
    pub fn renditions(&self) -> &[Rendition] {
        &self.renditions
    }

    /// What it counts.
    #[must_use]
    pub fn meters(&self) -> &Meters {
        &self.shared.meters
    }

    /// The parts that commands go by.
    #[must_use]
    pub fn chapters(&self) -> Vec<ChapterStatus> {
        lock(&self.shared.session).chapters()
    }

    /// Where its picture can be watched on this machine.
    #[must_use]
    pub fn monitor(&self) -> &Monitor {
        &self.shared.monitor
    }

    /// Carries out a command at the next frame border.
    ///
    /// # Errors
    /// When it does not apply now.
    pub fn command(&self, command: &Command) -> Result<(), Refusal> {
        if self.shared.stop.load(Ordering::Relaxed) {
            return Err(Refusal::Ended);
        }
        lock(&self.shared.session).apply(command)?;
        self.shared.touch();
        Ok(())
    }

    /// Ends it: what has been made is published, and the playlists are closed. Returns at once; [`Self::over`] tells
    /// when that is done.
    pub fn end(&self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }

    /// Becomes true when the last frame is in the window and the playlists are closed.
    #[must_use]
    pub fn over(&self) -> watch::Receiver<bool> {
        self.shared.is_over.subscribe()
    }

    /// Speaks when something other than the position has changed.
    #[must_use]
    pub fn revision(&self) -> watch::Receiver<u64> {
        self.shared.revision.subscribe()
    }

    /// What it is and has done.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut status = lock(&self.shared.session).status();
        // What is planned to its end is not shown to its end yet.
        status.state = match status.state {
            _ if *self.shared.is_over.borrow() => State::Ended,
            State::Ended => State::Playing,
            state => state,
        };
        Report {
            status,
            failure: lock(&self.shared.failure).clone(),
            encoder: *lock(&self.shared.encoder),
            broken: lock(&self.shared.broken).clone(),
        }
    }

    /// The master playlist, once each rendition has a part.
    #[must_use]
    pub fn master(&self) -> Option<String> {
        let rendition = |rendition: &Rendition| {
            Some(hls::Rendition {
                uri: format!("{}/media.m3u8", rendition.name),
                codecs: rendition.window.codecs()?,
                size: rendition.size,
                rate: self.rate,
                bandwidth: rendition.window.bandwidth(),
            })
        };
        Some(hls::master(&self.renditions.iter().map(rendition).collect::<Option<Vec<_>>>()?))
    }

    /// Ends it and waits for its threads.
    pub fn join(&self) {
        self.end();
        let threads = std::mem::take(&mut *lock(&self.threads));
        threads.into_iter().for_each(|thread| {
            // A thread that panicked has been reported by the panic itself.
            let _ = thread.join();
        });
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.join();
    }
}
