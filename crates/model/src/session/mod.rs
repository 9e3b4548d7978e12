//! A live session as a state machine. Pure: whoever paces the output calls [`Session::tick`] for each frame of it and
//! draws what that gives; commands come in between.
//!
//! ```text
//! JSON -> Command -- apply --> Session -- tick, once per output frame --> Shown -- overlay --> layers over the timeline
//!            \-> Fault         \-> Refusal      \-> Status
//! ```
//!
//! The position counts thousandths of a timeline frame, the unit in which speeds are exact, so that nothing drifts
//! however long a session lasts. What was shown is never taken back: a command acts from the next output frame on.

mod command;
mod overlay;
mod status;
mod transport;

#[cfg(test)]
mod tests;

pub use command::{Command, FASTEST, SLOWEST, schema};
pub use overlay::overlay;
pub use status::{ChapterStatus, State, Status};
pub use transport::Transport;

use std::sync::Arc;

use crate::time::{FrameRate, Rational, round, to_f64};
use crate::timeline::Chapter;

/// What the position counts, in a frame; and the speed at which a timeline is played as it was written.
const THOUSAND: u64 = 1000;

/// Seconds of a chapter that have to pass before going back means its own start and not that of the one before.
const BACK_SECS: Rational = Rational::new_raw(2, 1);

/// What one output frame shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// The frame of the timeline.
    pub frame: u64,
    /// Whether the picture is held.
    pub is_paused: bool,
    /// A message to the viewer.
    pub message: Option<Arc<str>>,
}

/// Why a command does not apply now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Nothing applies any more.
    #[error("the session has ended; no command applies to it any more")]
    Ended,
    /// Pause, a second time.
    #[error("the session is paused already; `resume` makes it go on")]
    AlreadyPaused,
    /// Resume, with nothing to resume.
    #[error("the session is playing already; `resume` is for a paused one")]
    AlreadyPlaying,
    /// Skip, with nothing after.
    #[error("there is nothing to skip to: no part of the session begins after this one")]
    NothingAfter,
    /// Seek, too far.
    #[error("the session is {:.3} s long; seek to a time before its end", to_f64(*.duration))]
    BeyondEnd {
        /// Seconds that the session lasts at its own speed.
        duration: Rational,
    },
}

/// A session that is being shown.
#[derive(Clone, PartialEq, Debug)]
pub struct Session {
    rate: FrameRate,
    chapters: Vec<Chapter>,
    state: State,
    /// Where the timeline ends, in thousandths of a frame.
    end: u64,
    /// What the next output frame shows, in thousandths of a frame; never above `end`.
    position: u64,
    /// The frame shown last, or the one that a command has gone to since.
    current: u64,
    /// Thousandths of a frame that an output frame advances.
    speed: u32,
    message: Option<Message>,
}

/// A message on the screen.
#[derive(Clone, PartialEq, Debug)]
struct Message {
    text: Arc<str>,
    /// Output frames that are still to show it, at least one.
    frames_left: u64,
}

impl Session {
    /// A session at the beginning of a timeline. It plays, or has ended where there are no frames. Chapters come in
    /// the order of time and do not overlap; they may leave gaps, and those of which no frame is shown are passed over.
    #[must_use]
    pub fn new(frames: u64, rate: FrameRate, mut chapters: Vec<Chapter>) -> Self {
        chapters.retain(|chapter| !chapter.span.is_empty() && chapter.span.start < frames);
        Self {
            rate,
            chapters,
            state: if frames == 0 { State::Ended } else { State::Playing },
            end: frames.saturating_mul(THOUSAND),
            position: 0,
            current: 0,
            speed: THOUSAND as u32,
            message: None,
        }
    }

    /// What this output frame shows; the session then goes on. `None` once it has ended.
    pub fn tick(&mut self) -> Option<Shown> {
        if self.state == State::Ended {
            return None;
        }
        self.current = self.position / THOUSAND;
        let is_paused = self.state == State::Paused;
        let shown = Shown { frame: self.current, is_paused, message: self.message_of_frame() };
        if !is_paused {
            self.position = self.end.min(self.position.saturating_add(self.speed.into()));
            if self.position == self.end {
                self.state = State::Ended;
                self.message = None;
            }
        }
        Some(shown)
    }

    /// Carries out a command, to be seen from the next output frame on.
    ///
    /// # Errors
    /// When the command does not apply now; nothing has changed then.
    pub fn apply(&mut self, command: &Command) -> Result<(), Refusal> {
        if self.state == State::Ended {
            return Err(Refusal::Ended);
        }
        match command {
            Command::Pause if self.state == State::Paused => return Err(Refusal::AlreadyPaused),
            Command::Pause => self.state = State::Paused,
            Command::Resume if self.state == State::Playing => return Err(Refusal::AlreadyPlaying),
            Command::Resume => self.state = State::Playing,
            Command::Skip => {
                let start = self.chapter_after().map(|chapter| chapter.span.start);
                self.go_to(start.ok_or(Refusal::NothingAfter)? * THOUSAND);
            }
            Command::Back => self.go_to(self.start_before() * THOUSAND),
            Command::Seek { to } => self.seek(*to)?,
            Command::Speed { value } => self.speed = (*value).clamp(SLOWEST, FASTEST),
            Command::Message { text, seconds } => {
                let frames = (*seconds * self.rate.per_second()).ceil().to_integer();
                let frames_left = u64::try_from(frames).unwrap_or(0).max(1);
                self.message = Some(Message { text: text.clone(), frames_left });
            }
        }
        Ok(())
    }

    /// The message on the output frame that is being shown.
    fn message_of_frame(&mut self) -> Option<Arc<str>> {
        let message = self.message.as_mut()?;
        message.frames_left -= 1;
        let (text, is_over) = (message.text.clone(), message.frames_left == 0);
        if is_over {
            self.message = None;
        }
        Some(text)
    }

    /// Goes to the nearest thousandth of a frame, so that a time that was rounded for [`Status`] leads back to its frame.
    fn seek(&mut self, to: Rational) -> Result<(), Refusal> {
        let duration = self.rate.secs_at(self.end / THOUSAND);
        if to >= duration {
            return Err(Refusal::BeyondEnd { duration });
        }
        let position = round(to * self.rate.per_second() * i128::from(THOUSAND));
        // The last half of the last thousandth would be rounded to the end.
        self.go_to(u64::try_from(position).unwrap_or(0).min(self.end - 1));
        Ok(())
    }

    fn go_to(&mut self, position: u64) {
        self.position = position;
        self.current = position / THOUSAND;
    }

    /// Where going back leads: the start of the chapter that was entered last, or of the one before it.
    fn start_before(&self) -> u64 {
        let begun = self.chapters_begun();
        let start = |index: usize| self.chapters[index].span.start;
        let Some(last) = begun.checked_sub(1) else { return 0 };
        let has_run = self.rate.secs_at(self.current - start(last)) >= BACK_SECS;
        if has_run { start(last) } else { start(last.saturating_sub(1)) }
    }

    /// How many chapters begin at the current frame or before it.
    fn chapters_begun(&self) -> usize {
        self.chapters.partition_point(|chapter| chapter.span.start <= self.current)
    }

    /// The number of the current frame's chapter, which may lie in a gap.
    #[must_use]
    pub fn chapter_index(&self) -> Option<usize> {
        let last = self.chapters_begun().checked_sub(1)?;
        (self.current < self.chapters[last].span.end).then_some(last)
    }

    fn chapter(&self) -> Option<&Chapter> {
        self.chapter_index().map(|index| &self.chapters[index])
    }

    /// The first chapter that begins after the current frame.
    fn chapter_after(&self) -> Option<&Chapter> {
        self.chapters.get(self.chapters_begun())
    }
}
