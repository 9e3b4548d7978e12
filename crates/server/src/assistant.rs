//! The assistant.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use repcast_http::{ClientAddr, Problem, ProblemKind};
use repcast_service::{ModelProvider, Training, TrainingRequest};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::credentials::RequestCaller;
use super::json_body::JsonBody;
use super::problems::service_problem;
use super::state::AppState;

/// What a workout is wanted for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TrainingBody {
    /// In words, in English or French; up to 2000 characters.
    #[serde(default)]
    #[schema(example = "20 minutes, legs, no jumps")]
    user_input: String,
    /// Fields that precede the words: `duration_minutes`, `level`, `focus`, `avoid`, `conditions`, `equipment`, `prefer`, `style`,
    /// `language`, `intensity`, `seed`.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"level": "beginner", "language": "en"}))]
    config: Map<String, Value>,
}

/// A workout that was planned and saved.
#[derive(Serialize, ToSchema)]
pub(super) struct TrainingAnswer {
    /// The id of the saved workout.
    #[serde(rename = "sessionId")]
    session_id: String,
    /// Its title.
    title: String,
    /// Its exercises in order, as in documents.
    #[schema(value_type = Vec<Object>)]
    exercises: Value,
    /// The groups of its exercises, as in documents: warm-up, blocks that are repeated, cool-down.
    #[schema(value_type = Vec<Object>)]
    groups: Value,
    /// What was understood: fields that can be changed and sent again.
    #[schema(value_type = Object)]
    config: Value,
    /// What was chosen and why, in sentences.
    explanation: String,
    /// Seconds.
    total_duration: u32,
    /// Rounds of the main part.
    rounds: u32,
    /// What has read the words: a language model of `openai` or `anthropic`, or the `planner` itself.
    planned_by: PlannedBy,
    /// Why no language model has read the words though the server has one, in a sentence; null if there is nothing to say.
    #[schema(example = "The language model took too long; the planner read your words itself.")]
    note: Option<&'static str>,
    /// An estimate of the energy that a person of 70 kg uses, by metabolic equivalents.
    calories: u32,
    /// The parts of the words that the planner understood; none if a language model has read them.
    understood: Vec<UnderstoodPart>,
    /// The words that the planner did not understand, likewise.
    ignored: Vec<String>,
}

/// What has read the words.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum PlannedBy {
    /// The planner's grammar of English and French.
    Planner,
    /// A language model of OpenAI.
    OpenAi,
    /// A language model of Anthropic.
    Anthropic,
}

impl From<Option<ModelProvider>> for PlannedBy {
    fn from(reader: Option<ModelProvider>) -> Self {
        match reader {
            None => Self::Planner,
            Some(ModelProvider::OpenAi) => Self::OpenAi,
            Some(ModelProvider::Anthropic) => Self::Anthropic,
        }
    }
}

/// A part of the words.
#[derive(Serialize, ToSchema)]
pub(super) struct UnderstoodPart {
    /// What was written.
    #[schema(example = "no jumps")]
    text: String,
    /// What it was understood as.
    #[schema(example = "no jumps")]
    label: String,
}

/// Plans a workout from words and fields, and saves it as one's own.
#[utoipa::path(post, path = "/api/generate-training", operation_id = "generateTraining", tag = "workouts", security((), ("token" = [])),
    request_body(content = TrainingBody,
        example = json!({"user_input": "20 minutes, legs, no jumps", "config": {"language": "en"}})),
    responses((status = 200, description = "The saved workout, and what was understood", body = TrainingAnswer),
        (status = 401, description = "No one is signed in"), (status = 415, description = "The body is not JSON, or compressed"),
        (status = 422, description = "A field is wrong, or no workout keeps all rules: `detail` says what leaves too few exercises"),
        (status = 429, description = "Too many requests"), (status = 503, description = "The database cannot be reached")))]
pub(super) async fn generate(
    State(state): State<Arc<AppState>>,
    client: ClientAddr,
    RequestCaller(caller): RequestCaller,
    JsonBody(TrainingBody { user_input, config }): JsonBody<TrainingBody>,
) -> Result<Json<TrainingAnswer>, Problem> {
    state.limit.check(client.group()).map_err(|wait| {
        Problem::new(ProblemKind::TooMany, "Too many requests came from this address.").retry_after(wait)
    })?;
    if user_input.chars().count() > repcast_service::MAX_REQUEST_CHARS {
        let detail = format!("user_input: has at most {} characters", repcast_service::MAX_REQUEST_CHARS);
        return Err(Problem::new(ProblemKind::Invalid, detail).at("user_input"));
    }
    let request = TrainingRequest { text: user_input.clone(), config };
    let training = state.service.generate_training(&caller, request).await.map_err(|error| service_problem(&error))?;
    Ok(Json(answer(training, &user_input)))
}

fn answer(training: Training, text: &str) -> TrainingAnswer {
    let document: Value = serde_json::from_str(&training.saved.document).unwrap_or_default();
    let part = |(start, end, label): (usize, usize, String)| UnderstoodPart {
        text: text.get(start..end).unwrap_or_default().to_owned(),
        label,
    };
    TrainingAnswer {
        session_id: training.saved.summary.id,
        title: training.saved.summary.title,
        exercises: document.get("exercises").cloned().unwrap_or_else(|| json!([])),
        groups: document.get("groups").cloned().unwrap_or_else(|| json!([])),
        config: training.config,
        explanation: training.explanation.join(" "),
        total_duration: training.total_secs,
        rounds: training.rounds,
        planned_by: training.reader.into(),
        note: training.note,
        calories: training.energy_kcal,
        understood: training.understood.into_iter().map(part).collect(),
        ignored: training.ignored,
    }
}
