//! The thread that draws a document on the desk: at its pace while it plays, at once when somebody goes elsewhere, and
//! anew when a file that it is made of has changed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::desk::Trace;
use super::document_desk::{Shared, Table};
use repcast_gstreamer::decode::LoopBudget;
use repcast_model::document::Format;
use repcast_compositor::{Compositor, Gpu, GpuError, Tracking};
use repcast_engine::live::Onlooker;
use repcast_media::PictureFormat;
use repcast_engine::open::{DocumentSource, Project, Snapshot};
use repcast_engine::offline::Feeder;

/// How often the files are looked at. One that has changed is read when it looks the same twice, so that a file is not
/// read while it is being written: within a quarter of a second.
const LOOK: Duration = Duration::from_millis(100);

/// How often a document that is wrong is tried again: what it misses may be a file that nobody knows yet.
const RETRY: Duration = Duration::from_millis(400);

/// How often stage times are added to the graphs.
const SAMPLE: Duration = Duration::from_millis(500);

/// How long a clip may deliver nothing before a slate stands in for it.
const CLIP_PATIENCE: Duration = Duration::from_secs(2);

/// Memory for the decoded frames of looping clips, in bytes.
const LOOP_BYTES: usize = 96 << 20;

/// Draws a document.
pub(crate) struct Player {
    gpu: Arc<Gpu>,
    source: DocumentSource,
    shared: Shared,
    window: Arc<dyn Onlooker>,
    project: Project,
    format: Option<Format>,
    feeder: Feeder,
    compositor: Compositor,
    /// The frame that is drawn.
    drawn: Option<u64>,
    watch: Watch,
    faults: Faults,
    stages: [Stage; 2],
    sampled: Instant,
}

/// The files, and whether they are as they were.
struct Watch {
    read: Snapshot,
    /// A change that has been seen once.
    seen: Option<Snapshot>,
    next: Instant,
    /// When a document that is wrong is tried again.
    retry: Option<Instant>,
}

/// What is wrong, by where it comes from.
#[derive(Default)]
struct Faults {
    /// The document, as it lies on the disk now.
    document: Vec<String>,
    /// The device, with the last frame.
    drawing: Option<String>,
    /// Clips that broke; in a loop they do so again and again.
    clips: BTreeSet<String>,
}

impl Faults {
    fn lines(&self) -> Vec<String> {
        self.document.iter().chain(&self.drawing).chain(&self.clips).cloned().collect()
    }
}

/// The times of a stage since they were last added to its graph.
struct Stage {
    trace: Trace,
    sum: Duration,
    count: u32,
}

impl Stage {
    fn new(name: &'static str) -> Self {
        Self { trace: Trace::new(name), sum: Duration::ZERO, count: 0 }
    }
}

impl Player {
    /// A player of a document that has been opened.
    pub(crate) fn new(
        gpu: &Arc<Gpu>,
        source: DocumentSource,
        project: Project,
        shared: Shared,
        window: Arc<dyn Onlooker>,
    ) -> Result<Self, GpuError> {
        let compositor = compositor(gpu, &project)?;
        let now = Instant::now();
        Ok(Self {
            watch: Watch { read: source.snapshot(&project), seen: None, next: now + LOOK, retry: None },
            faults: Faults::default(),
            feeder: feeder(&project),
            gpu: gpu.clone(),
            source,
            shared,
            window,
            project,
            format: None,
            compositor,
            drawn: None,
            stages: [Stage::new("decode"), Stage::new("draw")],
            sampled: now,
        })
    }

    /// What it shares with the window.
    pub(crate) fn table(&self) -> Shared {
        self.shared.clone()
    }

    /// Plays until nobody can wake it any more.
    pub(crate) fn run(mut self, woken: &Receiver<()>) {
        let (mut began, mut ticks) = (Instant::now(), 0);
        loop {
            self.show();
            let is_playing = self.shared.lock().transport.is_playing();
            let due = began + Duration::from_nanos(self.project.timeline.rate.nanos_at(ticks + 1));
            let until = if is_playing { due.min(self.watch.next) } else { self.watch.next };
            match woken.recv_deadline(until) {
                // Wherever it goes on, it does so from now.
                Ok(()) => (began, ticks) = (Instant::now(), 0),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let wanted = self.shared.lock().format;
            if wanted != self.format || self.has_changed() {
                self.format = wanted;
                self.reopen();
                (began, ticks) = (Instant::now(), 0);
            }
            // Frames whose time has passed are passed over.
            let passed = began.elapsed().as_nanos();
            while is_playing && passed >= u128::from(self.project.timeline.rate.nanos_at(ticks + 1)) {
                self.shared.lock().transport.tick();
                ticks += 1;
            }
        }
    }

    /// Draws the frame that is to be seen, unless it is.
    fn show(&mut self) {
        let frame = self.shared.lock().transport.frame();
        if self.drawn == Some(frame) {
            return;
        }
        self.drawn = Some(frame);
        let began = Instant::now();
        let plan = self.project.timeline.plan(frame);
        let frames = self.feeder.frames(&plan);
        let decoded = Instant::now();
        // The window sees the picture once it is taken.
        let drawn = self.compositor.draw(&plan, &frames).and_then(|()| self.compositor.take());
        let times = [decoded - began, decoded.elapsed()];
        for (stage, time) in self.stages.iter_mut().zip(times) {
            stage.sum += time;
            stage.count += 1;
        }
        self.faults.drawing = drawn.err().map(|error| error.to_string());
        // A document that was opened again is seen when its first frame is there; until then the one before stays.
        self.shared.lock().source = self.compositor.source();
        self.report();
        self.window.frame_drawn();
    }

    /// Tells what went wrong, and how long it took.
    fn report(&mut self) {
        self.faults.clips.extend(self.feeder.broken().iter().map(ToString::to_string));
        let mut table = self.shared.lock();
        let told = self.faults.lines();
        if *table.faults != *told {
            table.faults = told.into();
        }
        if self.sampled.elapsed() >= SAMPLE {
            self.sampled = Instant::now();
            for Stage { trace, sum, count } in &mut self.stages {
                let (sum, count) = (std::mem::take(sum), std::mem::take(count));
                if count > 0 {
                    trace.add(sum.as_secs_f32() * 1000.0 / count as f32);
                }
            }
            table.traces = self.stages.iter().map(|stage| stage.trace.clone()).collect();
        }
    }

    /// Whether a file has changed and is complete.
    fn has_changed(&mut self) -> bool {
        let now = Instant::now();
        if now < self.watch.next {
            return false;
        }
        self.watch.next = now + LOOK;
        if self.watch.retry.is_some_and(|retry| now >= retry) {
            return true;
        }
        let looks = self.watch.read.again();
        if looks == self.watch.read {
            self.watch.seen = None;
            return false;
        }
        let is_complete = self.watch.seen.as_ref().is_some_and(|seen| looks.has_settled(&self.watch.read, seen));
        self.watch.seen = Some(looks);
        is_complete
    }

    /// Opens the document again. What cannot be shown is told, and what was shown stays.
    fn reopen(&mut self) {
        // Taken before it is read: what changes meanwhile is another change.
        let looks = self.watch.read.again();
        let opened = self.source.open(self.format);
        let opened = opened.and_then(|project| {
            let compositor = compositor(&self.gpu, &project).map_err(|error| vec![error.to_string()])?;
            Ok((project, compositor))
        });
        self.watch.seen = None;
        match opened {
            Ok((project, compositor)) => {
                let now = self.source.snapshot(&project);
                // Files that were known are as they looked before; others are as they look now.
                self.watch.read = now.but_as_in(&looks);
                self.watch.retry = None;
                (self.feeder, self.compositor, self.project) = (feeder(&project), compositor, project);
                self.drawn = None;
                self.faults = Faults::default();
                self.put();
            }
            Err(faults) => {
                self.watch.read = looks;
                self.watch.retry = Some(Instant::now() + RETRY);
                self.faults.document = faults;
            }
        }
        self.report();
        self.window.frame_drawn();
    }

    /// Puts what has been opened on the table.
    fn put(&self) {
        let timeline = self.project.timeline.clone();
        let mut table = self.shared.lock();
        let Table { transport, chapters, .. } = &mut *table;
        *transport = transport.moved_to(timeline.frames, timeline.rate, timeline.chapters.clone());
        *chapters = transport.chapters().into();
        table.timeline = timeline;
    }
}

fn compositor(gpu: &Arc<Gpu>, project: &Project) -> Result<Compositor, GpuError> {
    let timeline = &project.timeline;
    Compositor::new(gpu, timeline.canvas, timeline.background, PictureFormat::Nv12, Tracking::On)
}

fn feeder(project: &Project) -> Feeder {
    Feeder::sharing(project, LoopBudget::new(LOOP_BYTES), CLIP_PATIENCE)
}
