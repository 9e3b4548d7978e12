//! The status of a session, as the API reports it.

use serde::Serialize;

use super::{Session, UNITS_PER_FRAME};
use crate::time::{Rational, to_f64};
use crate::timeline::Chapter;

/// The state of a session.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionState {
    /// The position advances.
    Playing,
    /// The current frame is repeated.
    Paused,
    /// The last frame has been shown.
    Ended,
}

/// A snapshot of a session. Times are seconds of the timeline, rounded to microseconds, the resolution of documents, so
/// that each of them is a valid time to seek to.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct SessionStatus {
    /// Whether it plays, is paused or has ended.
    pub state: SessionState,
    /// Position of the next output frame; the duration once the session has ended.
    pub position_secs: f64,
    /// Length at speed 1.
    pub duration_secs: f64,
    /// Playback speed; 1 plays the timeline unchanged.
    pub speed: f64,
    /// Chapter of the last output frame, or of the target of a later seek.
    pub current: Option<ChapterStatus>,
    /// First chapter that starts after that frame.
    pub next: Option<ChapterStatus>,
    /// The visible message.
    pub message: Option<String>,
}

/// A chapter of a session.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ChapterStatus {
    /// Display name.
    pub name: String,
    /// Start of its first frame.
    pub start_secs: f64,
    /// End of its last frame.
    pub end_secs: f64,
}

impl Session {
    /// A snapshot of the session.
    #[must_use]
    pub fn status(&self) -> SessionStatus {
        SessionStatus {
            state: self.state,
            position_secs: self.secs(self.position),
            duration_secs: self.secs(self.end),
            speed: f64::from(self.speed) / UNITS_PER_FRAME as f64,
            current: self.chapter().map(|chapter| self.chapter_status(chapter)),
            next: self.next_chapter().map(|chapter| self.chapter_status(chapter)),
            message: self.message.as_ref().map(|message| message.text.as_ref().to_owned()),
        }
    }

    /// The chapters that skip and back seek to.
    #[must_use]
    pub fn chapters(&self) -> Vec<ChapterStatus> {
        self.chapters.iter().map(|chapter| self.chapter_status(chapter)).collect()
    }

    fn chapter_status(&self, chapter: &Chapter) -> ChapterStatus {
        let secs = |frame: u64| self.secs(frame.saturating_mul(UNITS_PER_FRAME));
        ChapterStatus {
            name: chapter.name.clone(),
            start_secs: secs(chapter.span.start),
            end_secs: secs(chapter.span.end),
        }
    }

    /// A position in seconds, rounded to microseconds.
    fn secs(&self, position: u64) -> f64 {
        const MICROS_PER_SEC: f64 = 1e6;
        let secs = self.rate.secs_at(position) / Rational::from_integer(i128::from(UNITS_PER_FRAME));
        (to_f64(secs) * MICROS_PER_SEC).round() / MICROS_PER_SEC
    }
}
