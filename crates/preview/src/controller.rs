//! The interface between the window and what it shows: a live session, or a document. The window reads plain data
//! ([`PreviewView`]) and sends [`Action`]s.

use std::sync::Arc;

use repcast_compositor::LatestFrame;
use repcast_model::session::{ChapterStatus, Command, FASTEST, SLOWEST, SessionState, SessionStatus};
use repcast_model::time::Rational;

use super::join_links::JoinLinks;
use super::keys::{Action, WindowMode};
use super::stage_times::StageTrace;
use super::window_sound::SoundView;

/// What a window shows and controls. All methods are called on the window's thread and must not block.
pub trait PreviewController {
    /// Decides which keys exist, and whether closing the window ends the program.
    fn mode(&self) -> WindowMode;
    /// The window's title.
    fn title(&self) -> String;
    /// The newest frame on the GPU; `None` before the first one is drawn.
    fn source(&self) -> Option<LatestFrame>;
    /// The data for the cockpit at this moment.
    fn view(&mut self) -> PreviewView;
    /// Carries out an action; returns a notice for the user, if there is one.
    fn dispatch(&mut self, action: Action) -> Option<String>;
    /// Applies a command that a dialog has made; returns a notice for the user, if there is one.
    fn command(&mut self, command: Command) -> Option<String>;
    /// A notice for the user that no action has caused, once.
    fn take_notice(&mut self) -> Option<String> {
        None
    }
    /// The window was opened.
    fn window_opened(&mut self) {}
    /// The window was closed.
    fn window_closed(&mut self) {}
}

/// Thousandths by which one key press changes the speed.
const SPEED_STEP: u32 = 100;

/// Seconds by which one key press lengthens the current chapter.
const EXTENSION: Rational = Rational::new_raw(15, 1);

/// The session command for an action, given the session's status; `None` when the action is not a session command.
pub(crate) fn command_of(action: Action, status: &SessionStatus) -> Option<Command> {
    let speed = (status.speed * 1000.0).round() as u32;
    // Rounded, because the starts of chapters are: the frame before one belongs to another chapter.
    let seek = |secs: f64| Command::Seek { to: Rational::new((secs.max(0.0) * 1e6).round() as i128, 1_000_000) };
    let change = |speed: u32| Command::Speed { value: speed.clamp(SLOWEST, FASTEST) };
    let command = match action {
        Action::TogglePause | Action::Confirm if status.state == SessionState::Waiting => Command::Start,
        Action::TogglePause if status.state == SessionState::Paused => Command::Resume,
        Action::TogglePause => Command::Pause,
        Action::Skip => Command::Skip,
        Action::Back => Command::Back,
        Action::Faster => change((speed / SPEED_STEP + 1) * SPEED_STEP),
        Action::Slower => change(speed.saturating_sub(1) / SPEED_STEP * SPEED_STEP),
        Action::Seek(secs) => seek(secs),
        Action::Nudge(secs) => seek(status.position_secs + f64::from(secs)),
        Action::Extend => Command::Extend { seconds: EXTENSION },
        Action::Repeat => Command::Repeat,
        _ => return None,
    };
    Some(command)
}

/// The notice after a command has succeeded; `None` where the cockpit shows the effect anyway.
pub(crate) fn success_notice(command: &Command) -> Option<String> {
    match command {
        Command::Speed { value } => Some(format!("{:.2} x", f64::from(*value) / 1000.0)),
        Command::Extend { seconds } => Some(format!("{seconds} seconds more of this chapter")),
        Command::Repeat => Some("the exercise will be repeated".to_owned()),
        Command::ReplaceNext { .. } => Some("the next exercise is replaced".to_owned()),
        _ => None,
    }
}

/// The data that the cockpit shows.
#[derive(Clone, Debug)]
pub struct PreviewView {
    /// Position, state and speed of the session.
    pub status: SessionStatus,
    /// All chapters of the timeline, in order.
    pub chapters: Arc<[ChapterStatus]>,
    /// Name of the graphics adapter that draws the frames.
    pub adapter: Arc<str>,
    /// One graph per stage.
    pub traces: Vec<StageTrace>,
    /// The sound; `None` if there is none.
    pub sound: Option<SoundView>,
    /// The data that only one of the two modes has.
    pub mode: ModeView,
}

/// An exercise of the catalogue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExerciseChoice {
    /// Its id in the catalogue.
    pub id: String,
    /// Its display name.
    pub name: String,
}

/// The data that depends on the window's mode.
#[derive(Clone, Debug)]
pub enum ModeView {
    /// Of a live session.
    Live {
        /// Estimated latency of a low-latency player, from drawing to display.
        latency_secs: Option<f64>,
        /// Number of viewers.
        viewers: u64,
        /// Name of the current encoder element.
        encoder: &'static str,
        /// Frames that were skipped because they were late.
        late_frames: u64,
        /// Why the session failed.
        failure: Option<String>,
        /// The exercises that can replace the next one.
        exercises: Arc<[ExerciseChoice]>,
        /// Where viewers and coach join.
        join: Arc<JoinLinks>,
    },
    /// Of a document.
    Document {
        /// Number of the frame that is shown.
        frame: u64,
        /// Start and end of the loop in seconds; `None` for an open end.
        marks: [Option<f64>; 2],
        /// Faults in the document's current file contents, one line each.
        faults: Arc<[String]>,
        /// Canvas size and frame rate, for display.
        canvas: Arc<str>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(state: SessionState) -> SessionStatus {
        SessionStatus {
            state,
            position_secs: 1.0,
            duration_secs: 60.0,
            remaining_secs: 59.0,
            starts_in_secs: None,
            speed: 1.0,
            current: None,
            next: None,
            message: None,
        }
    }

    #[test]
    fn space_and_enter_start_a_session_that_waits() {
        let command = |action, state| command_of(action, &status(state));
        for action in [Action::TogglePause, Action::Confirm] {
            assert_eq!(command(action, SessionState::Waiting), Some(Command::Start));
        }
        assert_eq!(command(Action::TogglePause, SessionState::Playing), Some(Command::Pause));
        assert_eq!(command(Action::Confirm, SessionState::Playing), None);
    }

    #[test]
    fn seeks_to_rounded_times_keep_them() {
        // 1.1 x 1,000,000 and 16.4 x 1,000,000 are not exact in binary.
        for micros in [1_100_000, 16_400_000, 12_345_678_i128] {
            let sought = command_of(Action::Seek(micros as f64 / 1e6), &status(SessionState::Playing));
            assert_eq!(sought, Some(Command::Seek { to: Rational::new(micros, 1_000_000) }));
        }
    }
}
