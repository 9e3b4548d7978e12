//! The exercises of the catalogue.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::header::LINK;
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::credentials::RequestCaller;
use super::exercise_changes::with_version;
use super::frames::tag_of;
use super::language::{chosen_language, in_language};
use super::response::{JSON, REVALIDATED, bytes, revalidated};
use super::state::AppState;
use super::written_catalogue::WrittenCatalogue;
use repcast_http::{Problem, ProblemKind};
use repcast_model::catalogue::{Difficulty, Exercise, Impact, MovementPattern, Muscle, Sides};
use repcast_model::time::to_f64;
use repcast_service::{Caller, Service};

/// An exercise that workouts can name.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Exercise)]
pub(super) struct ExerciseBody {
    /// Its id in workouts.
    #[schema(example = "air_squat")]
    id: String,
    /// Its name for people.
    #[schema(example = "Air squat")]
    name: String,
    /// How to do it; may be empty.
    description: String,
    /// The speed of its clip at speed 1 of the workout.
    default_speed: f64,
    /// Seconds of exercise when the workout gives no duration.
    #[schema(required)]
    default_duration: Option<f64>,
    /// Its difficulty.
    #[schema(value_type = Option<DifficultyName>, required)]
    difficulty: Option<Difficulty>,
    /// What it trains, such as `chest`.
    categories: Vec<String>,
    /// The muscles that do most of the work, the first of them most.
    #[schema(value_type = Vec<String>, example = json!(["quadriceps", "glutes"]))]
    muscles: Vec<Muscle>,
    /// The muscles that assist.
    #[schema(value_type = Vec<String>)]
    secondary_muscles: Vec<Muscle>,
    /// What is needed; without any, the body alone.
    equipment: Vec<String>,
    /// The kind of movement: `squat`, `hinge`, `lunge`, `push`, `pull`, `core`, `cardio` or `mobility`.
    #[schema(value_type = Option<String>, required)]
    pattern: Option<MovementPattern>,
    /// The load on joints at landing: `none`, `low` or `high`.
    #[schema(value_type = Option<String>, required)]
    impact: Option<Impact>,
    /// Energy relative to rest: metabolic equivalents.
    #[schema(required)]
    met: Option<f64>,
    /// The sides of the body that one set trains: `both`, `alternating` or `one`.
    #[schema(value_type = String)]
    sides: Sides,
    /// Seconds of its clip; 0 for an image, none until it is known.
    #[schema(required)]
    duration: Option<f64>,
    /// Whether the caller has added it, or may change it.
    own: bool,
    /// The address of its clip as a video. If the exercise is not for everyone, everyone who has the address may see it for an hour.
    #[schema(example = "/api/exercises/air_squat/clip.mp4")]
    video_path: String,
    /// The address of an image of it, as that of its clip.
    #[schema(example = "/api/exercises/air_squat/poster.jpg")]
    poster_path: String,
}

/// The language of names and descriptions.
#[derive(Deserialize)]
pub(super) struct LanguageQuery {
    language: Option<String>,
}

/// How difficult an exercise is.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = Difficulty)]
#[serde(rename_all = "lowercase")]
enum DifficultyName {
    Beginner,
    Intermediate,
    Advanced,
}

/// Which exercises are listed.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ExerciseQuery {
    category: Option<String>,
    difficulty: Option<DifficultyName>,
    equipment: Option<String>,
    muscle: Option<String>,
    q: Option<String>,
    page: u32,
    size: Option<u32>,
    language: Option<String>,
}

/// Exercises on a page of the list, at most and unless the query says otherwise.
const MAX_PAGE_SIZE: u32 = 1000;

impl ExerciseQuery {
    /// Whether the whole catalogue is asked for, if it fits on a page.
    fn is_whole(&self) -> bool {
        let Self { category, difficulty, equipment, muscle, q, page, size, language: _ } = self;
        let has_text = [category, equipment, muscle, q].into_iter().any(Option::is_some);
        !has_text && difficulty.is_none() && *page == 0 && size.is_none()
    }

    /// Whether an exercise, in the language of the response, is asked for.
    fn matches(&self, exercise: &Exercise) -> bool {
        let is_of = |category: &String| exercise.categories.iter().any(|other| other.eq_ignore_ascii_case(category));
        let profile = &exercise.profile;
        let needs = |equipment: &String| match equipment.as_str() {
            "none" => profile.equipment.is_empty(),
            equipment => profile.equipment.iter().any(|other| other == equipment),
        };
        let mut muscles = profile.muscles.iter().chain(&profile.secondary_muscles);
        let mut trains = |muscle: &String| muscles.any(|other| other.name() == muscle);
        let mut texts = [&exercise.name, &exercise.description, &exercise.id].into_iter().chain(&exercise.categories);
        let mut has_text = |text: &String| {
            let text = text.to_lowercase();
            texts.any(|other| other.to_lowercase().contains(&text))
        };
        let difficulty = self.difficulty.as_ref().map(|difficulty| match difficulty {
            DifficultyName::Beginner => Difficulty::Beginner,
            DifficultyName::Intermediate => Difficulty::Intermediate,
            DifficultyName::Advanced => Difficulty::Advanced,
        });
        self.category.as_ref().is_none_or(is_of)
            && (difficulty.is_none() || exercise.difficulty == difficulty)
            && self.equipment.as_ref().is_none_or(needs)
            && self.muscle.as_ref().is_none_or(&mut trains)
            && self.q.as_ref().is_none_or(&mut has_text)
    }
}

impl ExerciseBody {
    /// An exercise as this caller sees it; as everyone does without a caller.
    pub(super) fn new(service: &Service, exercise: &Exercise, caller: Option<&Caller>) -> Self {
        let profile = &exercise.profile;
        let path = |name: &str| service.exercise_path(&exercise.id, name);
        Self {
            id: exercise.id.clone(),
            name: exercise.name.clone(),
            description: exercise.description.clone(),
            default_speed: to_f64(exercise.default_speed),
            default_duration: exercise.default_duration.map(to_f64),
            difficulty: exercise.difficulty,
            categories: exercise.categories.clone(),
            muscles: profile.muscles.clone(),
            secondary_muscles: profile.secondary_muscles.clone(),
            equipment: profile.equipment.clone(),
            pattern: profile.pattern,
            impact: profile.impact,
            met: profile.met.map(to_f64),
            sides: profile.sides,
            duration: service.clip_secs(exercise),
            own: caller.is_some_and(|caller| service.own_version(caller, &exercise.id).is_some()),
            video_path: path("clip.mp4"),
            poster_path: path("poster.jpg"),
        }
    }
}

/// The catalogue, or those of its exercises that match the query.
#[utoipa::path(get, path = "/api/exercises", operation_id = "listExercises", tag = "catalogue",
    params(("category" = Option<String>, Query, description = "Only exercises of this category, such as `legs`"),
        ("difficulty" = Option<DifficultyName>, Query, description = "Only exercises of this difficulty"),
        ("equipment" = Option<String>, Query, description = "Only exercises that need this, or `none`", example = "dumbbells"),
        ("muscle" = Option<String>, Query, description = "Only exercises that train this muscle", example = "glutes"),
        ("q" = Option<String>, Query, description = "Only exercises whose name, description, id or category has this text"),
        ("page" = Option<u32>, Query, description = "The number of the page, from 0"),
        ("size" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "Exercises on a page; 1000 without it"),
        ("language" = Option<String>, Query, description = "A language tag; before Accept-Language", example = "fr"),
        ("Accept-Language" = Option<String>, Header, description = "The languages that the client prefers")),
    responses((status = 200, description = "The exercises, in the first of these languages that the catalogue has",
        body = Vec<ExerciseBody>,
        headers(("X-Total-Count" = u64, description = "All exercises that match"),
            ("Link" = String, description = "The next page, as `rel=\"next\"`, if there is one"),
            ("ETag" = String, description = "The version of the list"))),
        (status = 400, description = "A query parameter is invalid")))]
pub(super) async fn list(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
    Query(query): Query<ExerciseQuery>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let size = query.size.unwrap_or(MAX_PAGE_SIZE);
    if !(1..=MAX_PAGE_SIZE).contains(&size) {
        return Err(Problem::new(ProblemKind::Malformed, format!("size must be from 1 to {MAX_PAGE_SIZE}")));
    }
    let service = &state.service;
    // Before the catalogue: one that is written under an older revision is written again, and never the other way round.
    let revision = service.library_revision();
    let catalogue = &*service.catalogue_for(&caller);
    let language = chosen_language(catalogue, query.language.as_deref(), &headers);
    let all = catalogue.exercises();
    // What most requests ask for is written once.
    if query.is_whole() && !service.sees_uploads(&caller) && all.len() <= MAX_PAGE_SIZE as usize {
        let WrittenCatalogue { json, tag, .. } = state.exercises.of(service, (catalogue, revision), language);
        return Ok(in_language(listed((json, &tag), all.len(), None, &headers), language));
    }
    let localized = all.iter().map(|exercise| exercise.localized(language));
    let found: Vec<_> = localized.filter(|exercise| query.matches(exercise)).collect();
    let (first, size) = (query.page as usize * size as usize, size as usize);
    let shown: Vec<_> = found
        .iter()
        .skip(first)
        .take(size)
        .map(|exercise| ExerciseBody::new(service, exercise, Some(&caller)))
        .collect();
    let next = (first + shown.len() < found.len()).then(|| next_page(&uri, query.page + 1));
    let body = Bytes::from(serde_json::to_vec(&shown).unwrap_or_default());
    let tag = tag_of(&body);
    Ok(in_language(listed((body, &tag), found.len(), next, &headers), language))
}

/// A page of the list, or 304 for a client that has it.
fn listed((body, tag): (Bytes, &str), total: usize, next: Option<String>, headers: &HeaderMap) -> Response {
    let mut response = revalidated(headers, tag, REVALIDATED, || bytes(JSON, REVALIDATED, body));
    response.headers_mut().insert("x-total-count", total.into());
    if let Some(Ok(link)) = next.map(|next| HeaderValue::from_str(&format!("<{next}>; rel=\"next\""))) {
        response.headers_mut().insert(LINK, link);
    }
    response
}

/// The address of another page of the same list, relative to the server.
fn next_page(uri: &Uri, page: u32) -> String {
    let others =
        uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("page="));
    let query: Vec<String> = others.map(str::to_owned).chain([format!("page={page}")]).collect();
    format!("{}?{}", uri.path(), query.join("&"))
}

/// One exercise.
#[utoipa::path(get, path = "/api/exercises/{id}", operation_id = "getExercise", tag = "catalogue",
    params(("id" = String, Path, description = "Its id in workouts", example = "air_squat"),
        ("language" = Option<String>, Query, description = "A language tag; before Accept-Language", example = "fr"),
        ("Accept-Language" = Option<String>, Header, description = "The languages that the client prefers")),
    responses((status = 200, description = "The exercise", body = ExerciseBody),
        (status = 404, description = "There is no exercise with this id")))]
pub(super) async fn one(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
    Path(id): Path<String>,
    Query(LanguageQuery { language }): Query<LanguageQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let service = &state.service;
    let catalogue = service.catalogue_for(&caller);
    let exercise = catalogue
        .get(&id)
        .ok_or_else(|| Problem::new(ProblemKind::NotFound, "The catalogue has no exercise with this id."))?;
    let language = chosen_language(&catalogue, language.as_deref(), &headers);
    let json = Json(ExerciseBody::new(service, &exercise.localized(language), Some(&caller)));
    let response = in_language(json.into_response(), language);
    Ok(match service.own_version(&caller, &id) {
        Some(version) => with_version(response, version),
        None => response,
    })
}
