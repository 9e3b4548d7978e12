//! Controls a live session from its preview window.

use std::sync::Arc;
use std::time::{Duration, Instant};

use repcast_compositor::LatestFrame;
use repcast_engine::live::Stream;
use repcast_engine::metrics::{Counter, Stage};
use repcast_media::AudioOutputs;
use repcast_model::session::{ChapterStatus, Command};
use repcast_model::time::to_f64;
use repcast_mux::hls::PART_HOLD_BACK_PARTS;

use super::controller::{ExerciseChoice, ModeView, PreviewController, PreviewView, command_of};
use super::join_links::JoinLinks;
use super::keys::{Action, WindowMode};
use super::session_commands::{CommandRunner, SessionCommands};
use super::stage_times::{SAMPLE_INTERVAL, StageTrace};
use super::window_sound::WindowSound;

/// Shows and controls a live session.
pub struct LiveController {
    stream: Arc<Stream>,
    commands: CommandRunner,
    exercises: Arc<[ExerciseChoice]>,
    join: Arc<JoinLinks>,
    chapters: Arc<[ChapterStatus]>,
    /// The stream's revision when `chapters` were read.
    revision: u64,
    adapter: Arc<str>,
    traces: Vec<StageTrace>,
    /// Count and sum of each stage's durations at the last sample.
    totals: Vec<(u64, Duration)>,
    sampled_at: Option<Instant>,
    /// `None` if the session has no sound.
    sound: Option<WindowSound>,
}

impl LiveController {
    /// A controller of `stream`, whose sound is heard on one of `outputs` when it is switched on. `exercises` are those that
    /// can replace others, `join` where viewers and coach join.
    #[must_use]
    pub fn new(
        stream: Arc<Stream>,
        adapter: &str,
        outputs: Arc<dyn AudioOutputs>,
        commands: Arc<dyn SessionCommands>,
        exercises: Vec<ExerciseChoice>,
        join: JoinLinks,
    ) -> Self {
        Self {
            sound: stream.monitor().sound().map(|feed| WindowSound::new(feed.clone(), outputs)),
            revision: *stream.revision().borrow(),
            chapters: stream.chapters().into(),
            commands: CommandRunner::new(commands),
            exercises: exercises.into(),
            join: Arc::new(join),
            adapter: adapter.into(),
            traces: Stage::ALL.into_iter().map(|stage| StageTrace::new(stage.name())).collect(),
            totals: vec![(0, Duration::ZERO); Stage::ALL.len()],
            sampled_at: None,
            stream,
        }
    }

    /// Reads the chapters again after a command, which may have changed the document.
    fn refresh_chapters(&mut self) {
        let revision = *self.stream.revision().borrow();
        if revision != self.revision {
            self.revision = revision;
            self.chapters = self.stream.chapters().into();
        }
    }

    /// Appends each stage's mean since the last sample to its graph.
    fn sample_stages(&mut self) {
        if self.sampled_at.is_some_and(|at| at.elapsed() < SAMPLE_INTERVAL) {
            return;
        }
        self.sampled_at = Some(Instant::now());
        for (stage, (trace, before)) in Stage::ALL.into_iter().zip(self.traces.iter_mut().zip(&mut self.totals)) {
            let (count, sum) = self.stream.metrics().histogram(stage).totals();
            let (new_count, new_sum) = (count - before.0, sum - before.1);
            *before = (count, sum);
            if new_count > 0 {
                trace.push((new_sum.as_secs_f64() * 1000.0 / new_count as f64) as f32);
            }
        }
    }
}

impl PreviewController for LiveController {
    fn mode(&self) -> WindowMode {
        WindowMode::Live
    }

    fn title(&self) -> String {
        match self.stream.title().as_str() {
            "" => "repcast".to_owned(),
            title => format!("{title} \u{2013} repcast"),
        }
    }

    fn source(&self) -> Option<LatestFrame> {
        self.stream.monitor().source()
    }

    fn view(&mut self) -> PreviewView {
        self.sample_stages();
        self.refresh_chapters();
        let (report, monitor) = (self.stream.report(), self.stream.monitor());
        // Latency in frames: drawn but not yet published, and the hold-back that players keep from the live edge.
        let published = monitor.published();
        let hold_back = PART_HOLD_BACK_PARTS as u64 * self.stream.grid().part;
        let latency = monitor.composited().saturating_sub(published) + hold_back;
        let mode = ModeView::Live {
            latency_secs: (published > 0).then(|| to_f64(self.stream.rate().secs_at(latency))),
            viewers: self.commands.viewers(),
            encoder: report.encoder.unwrap_or_default(),
            late_frames: self.stream.metrics().get(Counter::LateFrames),
            failure: report.failure,
            exercises: self.exercises.clone(),
            join: self.join.clone(),
        };
        PreviewView {
            status: report.status,
            chapters: self.chapters.clone(),
            adapter: self.adapter.clone(),
            traces: self.traces.clone(),
            sound: self.sound.as_mut().map(|sound| sound.view(Instant::now())),
            mode,
        }
    }

    fn dispatch(&mut self, action: Action) -> Option<String> {
        if action == Action::Quit {
            self.stream.end();
            return None;
        }
        if action == Action::ToggleSound {
            let Some(sound) = &mut self.sound else { return Some("the session has no sound".to_owned()) };
            return sound.toggle();
        }
        self.command(command_of(action, &self.stream.report().status)?)
    }

    fn take_notice(&mut self) -> Option<String> {
        self.commands.take_notice().or_else(|| self.sound.as_mut().and_then(WindowSound::take_notice))
    }

    /// The sound belongs to the window. It is off when the window opens again: the room may hear the stream already.
    fn window_closed(&mut self) {
        self.sound.iter_mut().for_each(|sound| sound.set_on(false));
    }

    fn command(&mut self, command: Command) -> Option<String> {
        self.commands.run(command)
    }
}
