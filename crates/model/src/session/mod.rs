//! A live session as a pure state machine. The caller paces the output: it calls [`Session::tick`] once per output frame,
//! draws the result, and applies commands between two frames.
//!
//! ```text
//! JSON -> Command -- apply --> Session -- tick --> SessionFrame -- overlay --> layers over those of the timeline
//!            |                    |  \-- status --> SessionStatus
//!            \-> ValidationFault  \-> CommandRejection
//! ```
//!
//! The position is an integer in thousandths of a timeline frame, the unit of speeds, so that nothing drifts in a session
//! of any length. A command takes effect from the next output frame on.

mod command;
mod levels;
mod message_budget;
mod overlay;
mod playhead;
mod status;
mod transport;
mod waiting;

#[cfg(test)]
mod random_tests;
#[cfg(test)]
mod tests;

pub use command::{Command, FASTEST, SLOWEST, schema};
pub use levels::{AudioLevelStatus, AudioLevels, RoleLevelStatus};
pub use overlay::overlay;
pub use playhead::Playhead;
pub use status::{ChapterStatus, SessionState, SessionStatus};
pub use transport::Transport;
pub use waiting::WaitingScreen;

use std::sync::Arc;

use message_budget::MessageBudget;

use crate::time::{FrameRate, Rational, round, to_f64};
use crate::timeline::Chapter;

/// Units of the position per frame, and the speed at which a timeline plays unchanged.
const UNITS_PER_FRAME: u64 = 1000;

/// Seconds after the start of a chapter from which on `back` seeks to that start and not to the previous chapter.
const BACK_SECS: Rational = Rational::new_raw(2, 1);

/// The content of one output frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionFrame {
    /// Number of the timeline's frame.
    pub frame: u64,
    /// Whether the session is paused.
    pub is_paused: bool,
    /// Whether the session waits for its start.
    pub is_waiting: bool,
    /// Whole seconds until it starts by itself, rounded up.
    pub starts_in_secs: Option<u64>,
    /// The message over the frame.
    pub message: Option<Arc<str>>,
}

/// Why a command does not apply in the present state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandRejection {
    /// The session has ended.
    #[error("the session has ended; no command applies to it any more")]
    Ended,
    /// A command for a session that plays, before its start.
    #[error("the session has not started; `start` starts it")]
    NotStarted,
    /// Start after the start.
    #[error("the session has started already")]
    AlreadyStarted,
    /// A change of the document where there is none to change.
    #[error("only a live session can be changed")]
    NotEditable,
    /// Pause while paused.
    #[error("the session is paused already; `resume` makes it go on")]
    AlreadyPaused,
    /// Resume while playing.
    #[error("the session is playing already; `resume` is for a paused one")]
    AlreadyPlaying,
    /// Skip without a later chapter.
    #[error("there is nothing to skip to: no part of the session begins after this one")]
    NothingAfter,
    /// Seek to the end or beyond.
    #[error("the session is {:.3} s long; seek to a time before its end", to_f64(*.duration))]
    BeyondEnd {
        /// Length of the session at speed 1, in seconds.
        duration: Rational,
    },
    /// Volume or mute without sound.
    #[error("the session has no sound")]
    NoSound,
    /// A message after many others.
    #[error(
        "messages come too fast; a session shows up to {} new letters a second",
        message_budget::LETTERS_PER_SECOND
    )]
    TooManyMessages,
}

/// A live session: state, position, speed and message.
#[derive(Clone, PartialEq, Debug)]
pub struct Session {
    rate: FrameRate,
    chapters: Vec<Chapter>,
    state: SessionState,
    /// End of the timeline, in thousandths of a frame.
    end: u64,
    /// Position of the next output frame, in thousandths of a frame; at most `end`.
    position: u64,
    /// The timeline's frame of the last output frame, or the target of a later seek.
    current: u64,
    /// Advance per output frame, in thousandths of a frame.
    speed: u32,
    /// Whether it starts again at its end.
    is_looping: bool,
    /// Output frames until a session that waits starts by itself.
    starts_in: Option<u64>,
    message: Option<Message>,
    message_budget: MessageBudget,
    /// `None` without sound.
    levels: Option<AudioLevels>,
}

/// A visible message.
#[derive(Clone, PartialEq, Debug)]
struct Message {
    text: Arc<str>,
    /// Number of output frames that will show it, at least one.
    frames_left: u64,
}

/// The chapters that have a frame in a timeline.
fn within(mut chapters: Vec<Chapter>, frames: u64) -> Vec<Chapter> {
    chapters.retain(|chapter| !chapter.span.is_empty() && chapter.span.start < frames);
    chapters
}

impl Session {
    /// A session at the start of a timeline. It is playing, or has ended if there are no frames. Chapters must be in the
    /// order of time and not overlap; there may be gaps. Chapters without a frame in the timeline are dropped.
    #[must_use]
    pub fn new(frames: u64, rate: FrameRate, chapters: Vec<Chapter>) -> Self {
        Self {
            rate,
            chapters: within(chapters, frames),
            state: if frames == 0 { SessionState::Ended } else { SessionState::Playing },
            end: frames.saturating_mul(UNITS_PER_FRAME),
            position: 0,
            current: 0,
            speed: UNITS_PER_FRAME as u32,
            is_looping: false,
            starts_in: None,
            message: None,
            message_budget: MessageBudget::new(rate),
            levels: None,
        }
    }

    /// The same session with sound, whose levels can be changed.
    #[must_use]
    pub fn with_sound(self) -> Self {
        Self { levels: Some(AudioLevels::default()), ..self }
    }

    /// The same session, which waits at its first frame for [`Command::Start`].
    #[must_use]
    pub fn waiting(self) -> Self {
        let state = if self.state == SessionState::Playing { SessionState::Waiting } else { self.state };
        Self { state, ..self }
    }

    /// The same session, which waits for [`Command::Start`], or for some seconds.
    #[must_use]
    pub fn starting_in(self, secs: Rational) -> Self {
        Self { starts_in: Some(self.rate.boundary_at(secs)), ..self.waiting() }
    }

    /// The same session, which starts again at its end.
    #[must_use]
    pub fn looping(self) -> Self {
        Self { is_looping: true, ..self }
    }

    /// Replaces the timeline by one with the same frame rate, at a frame of it. State, speed, message and levels stay.
    pub fn replace_timeline(&mut self, frames: u64, chapters: Vec<Chapter>, frame: u64) {
        let frames = frames.max(1);
        (self.chapters, self.end) = (within(chapters, frames), frames.saturating_mul(UNITS_PER_FRAME));
        // What is left of a frame at another speed than 1 stays.
        let part = if frame < frames { self.position % UNITS_PER_FRAME } else { 0 };
        self.set_position(frame.min(frames - 1) * UNITS_PER_FRAME + part);
    }

    /// The frame that is shown next.
    #[must_use]
    pub fn next_frame(&self) -> u64 {
        self.position / UNITS_PER_FRAME
    }

    /// The levels of its sounds; `None` without sound.
    #[must_use]
    pub fn levels(&self) -> Option<AudioLevels> {
        self.levels
    }

    /// Returns the content of the next output frame and advances the session. `None` once it has ended.
    pub fn tick(&mut self) -> Option<SessionFrame> {
        if self.state == SessionState::Ended {
            return None;
        }
        self.message_budget.refill();
        self.await_start();
        self.current = self.position / UNITS_PER_FRAME;
        let (is_paused, is_waiting) = (self.state == SessionState::Paused, self.state == SessionState::Waiting);
        let starts_in_secs = self.starts_in_secs();
        let message = self.take_message_frame();
        let frame = SessionFrame { frame: self.current, is_paused, is_waiting, starts_in_secs, message };
        if self.state == SessionState::Playing {
            self.position = self.end.min(self.position.saturating_add(self.speed.into()));
            if self.position == self.end {
                self.reach_end();
            }
        }
        Some(frame)
    }

    /// Applies a command. It takes effect from the next output frame on.
    ///
    /// # Errors
    /// If the command does not apply in the present state. The session is unchanged then.
    pub fn apply(&mut self, command: &Command) -> Result<(), CommandRejection> {
        if self.state == SessionState::Ended {
            return Err(CommandRejection::Ended);
        }
        match command {
            Command::Start if self.state != SessionState::Waiting => return Err(CommandRejection::AlreadyStarted),
            Command::Start => self.state = SessionState::Playing,
            Command::Pause | Command::Resume | Command::Skip | Command::Back | Command::Seek { .. }
                if self.state == SessionState::Waiting =>
            {
                return Err(CommandRejection::NotStarted);
            }
            Command::Extend { .. } | Command::Repeat | Command::ReplaceNext { .. } | Command::Document { .. } => {
                return Err(CommandRejection::NotEditable);
            }
            Command::Pause if self.state == SessionState::Paused => return Err(CommandRejection::AlreadyPaused),
            Command::Pause => self.state = SessionState::Paused,
            Command::Resume if self.state == SessionState::Playing => return Err(CommandRejection::AlreadyPlaying),
            Command::Resume => self.state = SessionState::Playing,
            Command::Skip => {
                let start = self.next_chapter().map(|chapter| chapter.span.start);
                self.set_position(start.ok_or(CommandRejection::NothingAfter)? * UNITS_PER_FRAME);
            }
            Command::Back => self.set_position(self.back_target() * UNITS_PER_FRAME),
            Command::Seek { to } => self.seek(*to)?,
            Command::Speed { value } => self.speed = (*value).clamp(SLOWEST, FASTEST),
            Command::Volume { role, gain } => {
                self.levels.as_mut().ok_or(CommandRejection::NoSound)?.change(*role, |level| level.gain = *gain);
            }
            Command::Mute { role, muted } => {
                self.levels.as_mut().ok_or(CommandRejection::NoSound)?.change(*role, |level| level.is_muted = *muted);
            }
            Command::Message { text, seconds } => {
                let is_shown = self.message.as_ref().is_some_and(|message| message.text == *text);
                if !is_shown && !self.message_budget.take(text) {
                    return Err(CommandRejection::TooManyMessages);
                }
                let frames = (*seconds * self.rate.per_second()).ceil().to_integer();
                let frames_left = u64::try_from(frames).unwrap_or(0).max(1);
                self.message = Some(Message { text: text.clone(), frames_left });
            }
        }
        Ok(())
    }

    /// Counts an output frame of a session that starts by itself.
    fn await_start(&mut self) {
        if self.state != SessionState::Waiting {
            return;
        }
        match &mut self.starts_in {
            Some(0) => self.state = SessionState::Playing,
            Some(frames) => *frames -= 1,
            None => {}
        }
    }

    /// Whole seconds until it starts by itself, rounded up; `None` if it does not wait for a time.
    fn starts_in_secs(&self) -> Option<u64> {
        let frames = self.starts_in.filter(|_| self.state == SessionState::Waiting)?;
        u64::try_from(self.rate.secs_at(frames).ceil().to_integer()).ok()
    }

    fn reach_end(&mut self) {
        if self.is_looping {
            self.position = 0;
        } else {
            self.state = SessionState::Ended;
            self.message = None;
        }
    }

    /// The message of the next output frame; counts that frame.
    fn take_message_frame(&mut self) -> Option<Arc<str>> {
        let message = self.message.as_mut()?;
        message.frames_left -= 1;
        let (text, is_last_frame) = (message.text.clone(), message.frames_left == 0);
        if is_last_frame {
            self.message = None;
        }
        Some(text)
    }

    /// Seeks to the nearest thousandth of a frame, so that a time that was rounded for [`SessionStatus`] returns to its
    /// frame.
    fn seek(&mut self, to: Rational) -> Result<(), CommandRejection> {
        let duration = self.rate.secs_at(self.end / UNITS_PER_FRAME);
        if to >= duration {
            return Err(CommandRejection::BeyondEnd { duration });
        }
        let position = round(to * self.rate.per_second() * i128::from(UNITS_PER_FRAME));
        // The last half of the last thousandth would round to the end.
        self.set_position(u64::try_from(position).unwrap_or(0).min(self.end - 1));
        Ok(())
    }

    fn set_position(&mut self, position: u64) {
        self.position = position;
        self.current = position / UNITS_PER_FRAME;
    }

    /// The target of `back`: the start of the last chapter that has started, or of the previous one.
    fn back_target(&self) -> u64 {
        let started = self.started_chapters();
        let start = |index: usize| self.chapters[index].span.start;
        let Some(last) = started.checked_sub(1) else { return 0 };
        let is_past_start = self.rate.secs_at(self.current - start(last)) >= BACK_SECS;
        if is_past_start { start(last) } else { start(last.saturating_sub(1)) }
    }

    /// Number of chapters that start at the current frame or earlier.
    fn started_chapters(&self) -> usize {
        self.chapters.partition_point(|chapter| chapter.span.start <= self.current)
    }

    /// Index of the current frame's chapter; `None` in a gap.
    #[must_use]
    pub fn chapter_index(&self) -> Option<usize> {
        let last = self.started_chapters().checked_sub(1)?;
        (self.current < self.chapters[last].span.end).then_some(last)
    }

    /// The chapter of this index.
    #[must_use]
    pub fn chapter_at(&self, index: usize) -> Option<&Chapter> {
        self.chapters.get(index)
    }

    /// The first chapter that starts after the current frame.
    fn next_chapter(&self) -> Option<&Chapter> {
        self.chapters.get(self.started_chapters())
    }
}
