//! What a window shows and steers: a live session, or a document. Plain data for the cockpit, and one way to act.

use std::collections::VecDeque;
use std::sync::Arc;

use super::keys::{Action, Kind};
use repcast_compositor::PictureSource;
use repcast_model::session::{ChapterStatus, Command, FASTEST, SLOWEST, State, Status};
use repcast_model::time::Rational;

/// Values that a graph holds.
pub(crate) const TRACE_LEN: usize = 90;

/// Who is behind a window. All of it is called on the window's thread, and returns at once.
pub trait Desk {
    /// Which keys there are.
    fn kind(&self) -> Kind;
    /// The window's title.
    fn title(&self) -> String;
    /// The picture on the GPU, once there is one.
    fn source(&self) -> Option<PictureSource>;
    /// What the cockpit tells.
    fn view(&mut self) -> View;
    /// Does what is asked for; says what there is to say of it.
    fn act(&mut self, action: Action) -> Option<String>;
    /// Shows a message to those who watch.
    fn say(&mut self, text: &str) -> Option<String>;
}

/// Thousandths between two speeds.
const SPEED_STEP: u32 = 100;

/// The command that an action stands for, on a session that stands there; `None` when it is no command.
pub(crate) fn command_of(action: Action, status: &Status) -> Option<Command> {
    let speed = (status.speed * 1000.0).round() as u32;
    let seek = |secs: f64| Command::Seek { to: Rational::new((secs.max(0.0) * 1e6) as i128, 1_000_000) };
    let change = |speed: u32| Command::Speed { value: speed.clamp(SLOWEST, FASTEST) };
    let command = match action {
        Action::TogglePause if status.state == State::Paused => Command::Resume,
        Action::TogglePause => Command::Pause,
        Action::Skip => Command::Skip,
        Action::Back => Command::Back,
        Action::Faster => change((speed / SPEED_STEP + 1) * SPEED_STEP),
        Action::Slower => change(speed.saturating_sub(1) / SPEED_STEP * SPEED_STEP),
        Action::Seek(secs) => seek(secs),
        Action::Nudge(secs) => seek(status.position_secs + f64::from(secs)),
        _ => return None,
    };
    Some(command)
}

/// What there is to tell of a command that was carried out.
pub(crate) fn told(command: &Command) -> Option<String> {
    match command {
        Command::Speed { value } => Some(format!("{:.2} x", f64::from(*value) / 1000.0)),
        _ => None,
    }
}

/// What the cockpit tells.
#[derive(Clone, Debug)]
pub struct View {
    /// Where the session stands.
    pub status: Status,
    /// All of its parts.
    pub chapters: Arc<[ChapterStatus]>,
    /// The adapter that draws.
    pub adapter: Arc<str>,
    /// How long each stage takes.
    pub traces: Vec<Trace>,
    /// What only the one or the other kind of window tells.
    pub more: More,
}

/// What only one kind of window tells.
#[derive(Clone, Debug)]
pub enum More {
    /// Of a live session.
    Live {
        /// Seconds that a player with low latency shows things later.
        latency_secs: Option<f64>,
        /// Who watches.
        viewers: u64,
        /// The encoder at work.
        encoder: &'static str,
        /// Frames that were left out.
        late_frames: u64,
        /// Why it failed.
        failure: Option<String>,
    },
    /// Of a document.
    Document {
        /// The frame that is shown.
        frame: u64,
        /// The loop, in seconds; an open end is nothing.
        marks: [Option<f64>; 2],
        /// What is wrong with the document as it lies on the disk now.
        faults: Arc<[String]>,
        /// The canvas, and frames a second.
        canvas: Arc<str>,
    },
}

/// The recent times of a stage, in milliseconds, the newest last.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The stage.
    pub name: &'static str,
    /// Means over half a second each.
    pub recent: VecDeque<f32>,
}

impl Trace {
    /// A trace without values.
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, recent: VecDeque::with_capacity(TRACE_LEN) }
    }

    /// Adds a value, and forgets the oldest when there are too many.
    pub(crate) fn add(&mut self, millis: f32) {
        if self.recent.len() == TRACE_LEN {
            self.recent.pop_front();
        }
        self.recent.push_back(millis);
    }
}
