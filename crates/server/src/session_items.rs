//! What responses and events say of the items of a session.

use repcast_model::session::ChapterStatus;
use repcast_model::timeline::ChapterKind;
use serde::Serialize;
use utoipa::ToSchema;

/// What an item is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ItemKind {
    /// The title of a workout.
    Intro,
    /// The time before its first exercise.
    GetReady,
    /// An exercise.
    Exercise,
    /// A rest.
    Rest,
    /// What was done.
    Outro,
    /// A clip of a composition, and what follows it until the next one.
    Clip,
}

/// An item of a session, such as an exercise or a rest.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionItem {
    /// Its number among all items of the session, from 0.
    #[schema(example = 2)]
    index: usize,
    /// The exercise in the catalogue: of an exercise itself, of the next one before it.
    #[schema(required, example = "air_squat")]
    id: Option<String>,
    kind: ItemKind,
    /// The round of the workout, from 1.
    #[schema(example = 1)]
    round: u32,
    /// The title of the exercise's group, which may be empty. Null for what is in no group.
    #[schema(required, example = "Legs")]
    group: Option<String>,
    /// The round of the group, from 1.
    #[schema(required, example = 2)]
    set: Option<u32>,
    /// Its name for people.
    #[schema(example = "Air squat")]
    name: String,
    /// Start of its first frame.
    #[schema(example = 20.0)]
    start_secs: f64,
    /// End of its last frame.
    #[schema(example = 50.0)]
    end_secs: f64,
}

/// An item in the list of a session.
#[derive(Serialize, ToSchema)]
pub(super) struct ListedItem {
    /// Its number, from 0.
    #[schema(example = 2)]
    index: usize,
    /// The exercise in the catalogue: of an exercise itself, of the next one before it.
    #[schema(required, example = "air_squat")]
    id: Option<String>,
    kind: ItemKind,
    /// The round of the workout, from 1.
    #[schema(example = 1)]
    round: u32,
    /// The title of the exercise's group, which may be empty. Null for what is in no group.
    #[schema(required, example = "Legs")]
    group: Option<String>,
    /// The round of the group, from 1.
    #[schema(required, example = 2)]
    set: Option<u32>,
    /// Its name for people.
    #[schema(example = "Air squat")]
    name: String,
    /// Start of its first frame, in seconds of the session.
    #[schema(example = 20.0)]
    start: f64,
    /// End of its last frame, in seconds of the session.
    #[schema(example = 50.0)]
    end: f64,
}

impl From<ChapterStatus> for SessionItem {
    fn from(ChapterStatus { index, id, kind, round, group, set, name, start_secs, end_secs }: ChapterStatus) -> Self {
        Self { index, id, kind: kind.into(), round, group, set, name, start_secs, end_secs }
    }
}

impl From<ChapterStatus> for ListedItem {
    fn from(ChapterStatus { index, id, kind, round, group, set, name, start_secs, end_secs }: ChapterStatus) -> Self {
        Self { index, id, kind: kind.into(), round, group, set, name, start: start_secs, end: end_secs }
    }
}

impl From<ChapterKind> for ItemKind {
    fn from(kind: ChapterKind) -> Self {
        match kind {
            ChapterKind::Intro => Self::Intro,
            ChapterKind::GetReady => Self::GetReady,
            ChapterKind::Exercise => Self::Exercise,
            ChapterKind::Rest => Self::Rest,
            ChapterKind::Outro => Self::Outro,
            ChapterKind::Clip => Self::Clip,
        }
    }
}
