//! What a session says of itself.

use serde::Serialize;

use super::{Session, THOUSAND};
use crate::time::{Rational, to_f64};
use crate::timeline::Chapter;

/// What a session does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The timeline runs.
    Playing,
    /// The picture is held.
    Paused,
    /// Nothing is shown any more.
    Ended,
}

/// A session at one moment. Times are seconds of the timeline, to the microsecond: a document has no more digits, so
/// that each of them can be sent back as the time to seek to.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Status {
    /// What the session does.
    pub state: State,
    /// Where it goes on; the duration once it has ended.
    pub position_secs: f64,
    /// How long it is at its own speed.
    pub duration_secs: f64,
    /// How fast it plays; 1 is its own speed.
    pub speed: f64,
    /// The chapter of the frame that was shown last, or that a command has gone to since.
    pub current: Option<ChapterStatus>,
    /// The chapter that comes after that frame.
    pub next: Option<ChapterStatus>,
    /// The message on the screen.
    pub message: Option<String>,
}

/// A part of a session.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ChapterStatus {
    /// What it is called.
    pub name: String,
    /// When it begins.
    pub start_secs: f64,
    /// When it ends.
    pub end_secs: f64,
}

impl Session {
    /// The session at this moment.
    #[must_use]
    pub fn status(&self) -> Status {
        Status {
            state: self.state,
            position_secs: self.secs(self.position),
            duration_secs: self.secs(self.end),
            speed: f64::from(self.speed) / THOUSAND as f64,
            current: self.chapter().map(|chapter| self.chapter_status(chapter)),
            next: self.chapter_after().map(|chapter| self.chapter_status(chapter)),
            message: self.message.as_ref().map(|message| message.text.as_ref().to_owned()),
        }
    }

    /// All parts that commands go by.
    #[must_use]
    pub fn chapters(&self) -> Vec<ChapterStatus> {
        self.chapters.iter().map(|chapter| self.chapter_status(chapter)).collect()
    }

    fn chapter_status(&self, chapter: &Chapter) -> ChapterStatus {
        let secs = |frame: u64| self.secs(frame.saturating_mul(THOUSAND));
        ChapterStatus {
            name: chapter.name.clone(),
            start_secs: secs(chapter.span.start),
            end_secs: secs(chapter.span.end),
        }
    }

    /// The seconds of a position, for display.
    fn secs(&self, position: u64) -> f64 {
        const MICROS_PER_SEC: f64 = 1e6;
        let secs = self.rate.secs_at(position) / Rational::from_integer(i128::from(THOUSAND));
        (to_f64(secs) * MICROS_PER_SEC).round() / MICROS_PER_SEC
    }
}
