//! A live session at the window.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::desk::{Desk, More, Trace, View, command_of, told};
use super::keys::{Action, Kind};
use repcast_compositor::PictureSource;
use repcast_mux::hls::PART_HOLD_BACK_PARTS;
use repcast_engine::live::{Count, Stage, Stream};
use repcast_model::session::{ChapterStatus, Command};
use repcast_model::time::to_f64;

/// How often stage times are taken.
const SAMPLE: Duration = Duration::from_millis(500);

/// A live session, led from the keyboard.
pub struct LiveDesk {
    stream: Arc<Stream>,
    viewers: Box<dyn Fn() -> u64>,
    chapters: Arc<[ChapterStatus]>,
    adapter: Arc<str>,
    traces: Vec<Trace>,
    totals: Vec<(u64, Duration)>,
    sampled: Option<Instant>,
}

impl LiveDesk {
    /// A desk for a session; `viewers` tells how many watch it.
    #[must_use]
    pub fn new(stream: Arc<Stream>, adapter: &str, viewers: impl Fn() -> u64 + 'static) -> Self {
        Self {
            chapters: stream.chapters().into(),
            viewers: Box::new(viewers),
            adapter: adapter.into(),
            traces: Stage::ALL.into_iter().map(|stage| Trace::new(stage.name())).collect(),
            totals: vec![(0, Duration::ZERO); Stage::ALL.len()],
            sampled: None,
            stream,
        }
    }

    /// The mean of each stage since the last time.
    fn sample(&mut self) {
        if self.sampled.is_some_and(|sampled| sampled.elapsed() < SAMPLE) {
            return;
        }
        self.sampled = Some(Instant::now());
        for (stage, (trace, before)) in Stage::ALL.into_iter().zip(self.traces.iter_mut().zip(&mut self.totals)) {
            let (count, sum) = self.stream.meters().times(stage).totals();
            let (new, took) = (count - before.0, sum - before.1);
            *before = (count, sum);
            if new > 0 {
                trace.add((took.as_secs_f64() * 1000.0 / new as f64) as f32);
            }
        }
    }

    fn command(&self, command: &Command) -> Option<String> {
        self.stream.command(command).err().map(|refusal| refusal.to_string())
    }
}

impl Desk for LiveDesk {
    fn kind(&self) -> Kind {
        Kind::Live
    }

    fn title(&self) -> String {
        match self.stream.title() {
            "" => "repcast".to_owned(),
            title => format!("{title} \u{2013} repcast"),
        }
    }

    fn source(&self) -> Option<PictureSource> {
        self.stream.monitor().source()
    }

    fn view(&mut self) -> View {
        self.sample();
        let (report, monitor) = (self.stream.report(), self.stream.monitor());
        // How far what viewers can fetch is behind what is drawn, and how far behind that they stay.
        let published = monitor.published();
        let behind = monitor.drawn().saturating_sub(published) + PART_HOLD_BACK_PARTS as u64 * self.stream.grid().part;
        let more = More::Live {
            latency_secs: (published > 0).then(|| to_f64(self.stream.rate().secs_at(behind))),
            viewers: (self.viewers)(),
            encoder: report.encoder,
            late_frames: self.stream.meters().read(Count::Late),
            failure: report.failure,
        };
        View {
            status: report.status,
            chapters: self.chapters.clone(),
            adapter: self.adapter.clone(),
            traces: self.traces.clone(),
            more,
        }
    }

    fn act(&mut self, action: Action) -> Option<String> {
        if action == Action::Quit {
            self.stream.end();
            return None;
        }
        let command = command_of(action, &self.stream.report().status)?;
        self.command(&command).or_else(|| told(&command))
    }

    fn say(&mut self, text: &str) -> Option<String> {
        // The one way in for words from people: bounded and checked there.
        let json = serde_json::json!({ "command": "message", "text": text }).to_string();
        match Command::parse(json.as_bytes()) {
            Ok(command) => self.command(&command),
            Err(faults) => Some(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
        }
    }
}
