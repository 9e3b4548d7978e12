//! The status of a session, as the API reports it.

use serde::Serialize;

use super::{Session, UNITS_PER_FRAME};
use crate::time::{Rational, to_f64};
use crate::timeline::{Chapter, ChapterKind};

/// The state of a session.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionState {
    /// The first frame is repeated, until the session is started.
    Waiting,
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
    /// Seconds until its end at the present speed, pauses not counted.
    pub remaining_secs: f64,
    /// Whole seconds until it starts by itself, if it waits for a time.
    pub starts_in_secs: Option<u64>,
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
    /// Its number among all items of the session, from 0.
    pub index: usize,
    /// The exercise in the catalogue: of an exercise itself, of the next one before it. None for anything else.
    pub id: Option<String>,
    /// What it is.
    pub kind: ChapterKind,
    /// The round of the workout, from 1.
    pub round: u32,
    /// Display name of the exercise's group; empty if it has none. Null for what is in no group.
    pub group: Option<String>,
    /// The round of the group, from 1.
    pub set: Option<u32>,
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
            remaining_secs: self.remaining_secs(),
            starts_in_secs: self.starts_in_secs(),
            speed: f64::from(self.speed) / UNITS_PER_FRAME as f64,
            current: self.chapter_index().map(|index| self.chapter_status(index)),
            next: Some(self.started_chapters())
                .filter(|index| *index < self.chapters.len())
                .map(|index| self.chapter_status(index)),
            message: self.message.as_ref().map(|message| message.text.as_ref().to_owned()),
        }
    }

    /// The items of the session: the chapters that skip and back seek to.
    #[must_use]
    pub fn chapters(&self) -> Vec<ChapterStatus> {
        (0..self.chapters.len()).map(|index| self.chapter_status(index)).collect()
    }

    fn chapter_status(&self, index: usize) -> ChapterStatus {
        let Chapter { span, name, kind, exercise, round, group } = &self.chapters[index];
        let secs = |frame: u64| self.secs(frame.saturating_mul(UNITS_PER_FRAME));
        ChapterStatus {
            index,
            id: exercise.clone(),
            kind: *kind,
            round: *round,
            group: group.as_ref().map(|group| group.title.clone()),
            set: group.as_ref().map(|group| group.set),
            name: name.clone(),
            start_secs: secs(span.start),
            end_secs: secs(span.end),
        }
    }

    fn remaining_secs(&self) -> f64 {
        let left = self.secs(self.end - self.position) * UNITS_PER_FRAME as f64 / f64::from(self.speed.max(1));
        (left * 1000.0).round() / 1000.0
    }

    /// A position in seconds, rounded to microseconds.
    fn secs(&self, position: u64) -> f64 {
        const MICROS_PER_SEC: f64 = 1e6;
        let secs = self.rate.secs_at(position) / Rational::from_integer(i128::from(UNITS_PER_FRAME));
        (to_f64(secs) * MICROS_PER_SEC).round() / MICROS_PER_SEC
    }
}
