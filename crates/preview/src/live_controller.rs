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

use super::controller::{ModeView, PreviewController, PreviewView, command_of, success_notice};
use super::keys::{Action, WindowMode};
use super::stage_times::{SAMPLE_INTERVAL, StageTrace};
use super::window_sound::WindowSound;

/// Shows and controls a live session.
pub struct LiveController {
    stream: Arc<Stream>,
    viewers: Box<dyn Fn() -> u64>,
    chapters: Arc<[ChapterStatus]>,
    adapter: Arc<str>,
    traces: Vec<StageTrace>,
    /// Count and sum of each stage's durations at the last sample.
    totals: Vec<(u64, Duration)>,
    sampled_at: Option<Instant>,
    /// `None` if the session has no sound.
    sound: Option<WindowSound>,
}

impl LiveController {
    /// A controller of `stream`, whose sound is heard on one of `outputs` when it is switched on; `viewers` returns the
    /// current number of viewers.
    #[must_use]
    pub fn new(
        stream: Arc<Stream>,
        adapter: &str,
        outputs: Arc<dyn AudioOutputs>,
        viewers: impl Fn() -> u64 + 'static,
    ) -> Self {
        Self {
            sound: stream.monitor().sound().map(|feed| WindowSound::new(feed.clone(), outputs)),
            chapters: stream.chapters().into(),
            viewers: Box::new(viewers),
            adapter: adapter.into(),
            traces: Stage::ALL.into_iter().map(|stage| StageTrace::new(stage.name())).collect(),
            totals: vec![(0, Duration::ZERO); Stage::ALL.len()],
            sampled_at: None,
            stream,
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

    /// Applies a command; returns the reason when it is rejected.
    fn apply(&self, command: &Command) -> Option<String> {
        self.stream.command(command).err().map(|rejection| rejection.to_string())
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
        let (report, monitor) = (self.stream.report(), self.stream.monitor());
        // Latency in frames: drawn but not yet published, and the hold-back that players keep from the live edge.
        let published = monitor.published();
        let hold_back = PART_HOLD_BACK_PARTS as u64 * self.stream.grid().part;
        let latency = monitor.composited().saturating_sub(published) + hold_back;
        let mode = ModeView::Live {
            latency_secs: (published > 0).then(|| to_f64(self.stream.rate().secs_at(latency))),
            viewers: (self.viewers)(),
            encoder: report.encoder.unwrap_or_default(),
            late_frames: self.stream.metrics().get(Counter::LateFrames),
            failure: report.failure,
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
        let command = command_of(action, &self.stream.report().status)?;
        self.apply(&command).or_else(|| success_notice(&command))
    }

    fn take_notice(&mut self) -> Option<String> {
        self.sound.as_mut().and_then(WindowSound::take_notice)
    }

    /// The sound belongs to the window. It is off when the window opens again: the room may hear the stream already.
    fn window_closed(&mut self) {
        self.sound.iter_mut().for_each(|sound| sound.set_on(false));
    }

    fn send_message(&mut self, text: &str) -> Option<String> {
        // Parsed like a message that arrives over HTTP, so that the same limits apply.
        let json = serde_json::json!({ "command": "message", "text": text }).to_string();
        match Command::parse(json.as_bytes()) {
            Ok(command) => self.apply(&command),
            Err(faults) => Some(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
        }
    }
}
