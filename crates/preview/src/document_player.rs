//! The thread that draws a document: in real time while it plays, at once after a seek, and again when one of its files
//! has changed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use repcast_compositor::{Gpu, GpuError};
use repcast_engine::clips::ClipOptions;
use repcast_engine::frame::FrameRenderer;
use repcast_engine::live::PreviewObserver;
use repcast_engine::monitor::MixFeed;
use repcast_engine::open::{DocumentSource, OpenDocument};
use repcast_media::FrameFormat;
use repcast_model::document::Format;
use repcast_model::session::Transport;

use super::document_controller::{PlaybackState, SharedPlayback};
use super::document_sound::DocumentSound;
use super::file_watch::FileWatch;
use super::stage_times::{SAMPLE_INTERVAL, StageTimer};

/// Draws a document and publishes its frames to the window.
pub(crate) struct DocumentPlayer {
    gpu: Arc<Gpu>,
    source: DocumentSource,
    shared: SharedPlayback,
    observer: Arc<dyn PreviewObserver>,
    /// The format that `opened` has.
    format: Option<Format>,
    opened: OpenedDocument,
    sound: DocumentSound,
    watch: FileWatch,
    faults: Faults,
    timers: StageTimers,
}

/// A document that is open, and what draws its frames. Replaced as a whole when the document is opened again.
struct OpenedDocument {
    project: OpenDocument,
    renderer: FrameRenderer,
    /// Number of the frame that was drawn last.
    drawn: Option<u64>,
}

impl OpenedDocument {
    fn new(gpu: &Arc<Gpu>, project: OpenDocument) -> Result<Self, GpuError> {
        let renderer = FrameRenderer::new(gpu, &project, FrameFormat::Nv12, ClipOptions::watched())?;
        project.warnings(gpu).iter().for_each(|warning| tracing::warn!("{warning}"));
        Ok(Self { project, renderer, drawn: None })
    }

    /// Time from the first frame's start to the start of frame `ticks`.
    fn time_of(&self, ticks: u64) -> Duration {
        Duration::from_nanos(self.project.timeline.rate.nanos_at(ticks))
    }
}

/// Faults by origin, so that each kind is replaced on its own.
#[derive(Default)]
struct Faults {
    /// Of the document's current file contents.
    document: Vec<String>,
    /// Of the device, in the last frame.
    drawing: Option<String>,
    /// Of clips and sounds; a set, because a looping clip reports the same fault in each round.
    clips: BTreeSet<String>,
}

impl Faults {
    fn to_lines(&self) -> Vec<String> {
        self.document.iter().chain(&self.drawing).chain(&self.clips).cloned().collect()
    }
}

/// The timers of the player's two stages.
struct StageTimers {
    decode: StageTimer,
    draw: StageTimer,
    flushed_at: Instant,
}

impl DocumentPlayer {
    pub(crate) fn new(
        gpu: &Arc<Gpu>,
        source: DocumentSource,
        project: OpenDocument,
        shared: SharedPlayback,
        feed: &Arc<MixFeed>,
        observer: Arc<dyn PreviewObserver>,
    ) -> Result<Self, GpuError> {
        let sound = DocumentSound::new(feed, &project, &shared.lock().transport);
        let watch = FileWatch::new(source.snapshot(&project));
        let timers = StageTimers {
            decode: StageTimer::new("decode"),
            draw: StageTimer::new("draw"),
            flushed_at: Instant::now(),
        };
        Ok(Self {
            opened: OpenedDocument::new(gpu, project)?,
            sound,
            gpu: gpu.clone(),
            source,
            shared,
            observer,
            format: None,
            watch,
            faults: Faults::default(),
            timers,
        })
    }

    pub(crate) fn shared(&self) -> SharedPlayback {
        self.shared.clone()
    }

    /// Plays until the sender of `wake_ups` is dropped.
    pub(crate) fn run(mut self, wake_ups: &Receiver<()>) {
        // Playback time is measured from `start`, in which `ticks` frames have passed; both restart after each change.
        let (mut start, mut ticks) = (Instant::now(), 0);
        self.sound.restart(&self.transport());
        loop {
            self.draw_current(start + self.opened.time_of(ticks));
            let is_playing = self.shared.lock().transport.is_playing();
            let due = start + self.opened.time_of(ticks + 1);
            let deadline = if is_playing { due.min(self.watch.next_check()) } else { self.watch.next_check() };
            match wake_ups.recv_deadline(deadline) {
                Ok(()) => {
                    (start, ticks) = (Instant::now(), 0);
                    self.sound.restart(&self.transport());
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let format = self.shared.lock().format;
            if format != self.format || self.watch.has_changed() {
                self.format = format;
                self.reopen();
                (start, ticks) = (Instant::now(), 0);
                self.sound.restart(&self.transport());
            }
            // Late frames are skipped, so that playback stays in real time.
            let elapsed = start.elapsed();
            while is_playing && elapsed >= self.opened.time_of(ticks + 1) {
                let is_playing = {
                    let mut state = self.shared.lock();
                    state.transport.tick();
                    state.transport.is_playing()
                };
                self.sound.tick(is_playing);
                ticks += 1;
            }
        }
    }

    fn transport(&self) -> Transport {
        self.shared.lock().transport.clone()
    }

    /// Draws the transport's current frame, which is due at `due`, unless it was drawn last.
    fn draw_current(&mut self, due: Instant) {
        let frame = self.shared.lock().transport.frame();
        let opened = &mut self.opened;
        if opened.drawn == Some(frame) {
            return;
        }
        opened.drawn = Some(frame);
        // Rendering makes the frame visible to the window.
        let rendered = opened.renderer.render(frame);
        if let Ok(frame) = &rendered {
            self.timers.decode.record(frame.times.decode);
            self.timers.draw.record(frame.times.composite + frame.times.read_back);
        }
        self.faults.drawing = rendered.err().map(|error| error.to_string());
        // Published after the first frame: until then the window shows the last frame of the document before.
        self.shared.lock().source = opened.renderer.source();
        self.sound.frame_shown(due);
        self.publish_status();
        self.observer.frame_composited();
    }

    /// Publishes faults and stage times.
    fn publish_status(&mut self) {
        self.faults.clips.extend(self.opened.renderer.take_failures().iter().map(ToString::to_string));
        self.faults.clips.extend(self.sound.take_failures());
        let mut state = self.shared.lock();
        let faults = self.faults.to_lines();
        if *state.faults != *faults {
            state.faults = faults.into();
        }
        let StageTimers { decode, draw, flushed_at } = &mut self.timers;
        if flushed_at.elapsed() >= SAMPLE_INTERVAL {
            *flushed_at = Instant::now();
            decode.flush();
            draw.flush();
            state.traces = vec![decode.trace.clone(), draw.trace.clone()];
        }
    }

    /// Opens the document again. When that fails, the faults are published and the document before stays on screen.
    fn reopen(&mut self) {
        // Taken before the files are read, so that a change during the read is detected afterwards.
        let before = self.watch.snapshot_now();
        let opened = self.source.open(self.format).and_then(|project| {
            let snapshot = self.source.snapshot(&project);
            let opened = OpenedDocument::new(&self.gpu, project).map_err(|error| vec![error.to_string()])?;
            Ok((opened, snapshot))
        });
        match opened {
            Ok((opened, snapshot)) => {
                self.watch.opened(&before, snapshot);
                self.opened = opened;
                self.sound.open(&self.opened.project);
                self.faults = Faults::default();
                self.publish_timeline();
            }
            Err(faults) => {
                self.watch.failed(before);
                self.faults.document = faults;
            }
        }
        self.publish_status();
        self.observer.frame_composited();
    }

    /// Publishes the timeline of the opened document; the transport keeps its position as far as possible.
    fn publish_timeline(&self) {
        let timeline = self.opened.project.timeline.clone();
        let mut state = self.shared.lock();
        state.has_sound = self.opened.project.audio.is_some();
        let PlaybackState { transport, chapters, .. } = &mut *state;
        *transport = transport.moved_to(timeline.frames, timeline.rate, timeline.chapters.clone());
        *chapters = transport.chapters().into();
        state.timeline = timeline;
    }
}
