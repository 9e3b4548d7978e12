//! The assistant: a request in words becomes a workout that keeps the rules of training, saved as the caller's own.
//!
//! ```text
//! words -- grammar --> intent --+
//!       -- language model ------+-- fields of the request --> intent -- planner --> workout, saved
//! ```
//!
//! The grammar reads every request. A language model, where there is one, reads it as well, and its intent precedes the
//! grammar's; whatever the model does, the planner alone makes the workout, and without the model's intent it has the grammar's.

mod answer;
mod anthropic;
mod client;
mod config;
mod failure;
mod fields;
mod language_model;
mod openai;
mod prompt;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use repcast_database::{Page, WorkoutFilter, WorkoutRow};
use repcast_model::catalogue::Catalogue;
use repcast_model::document::{self, Document, Language, ValidationFault, Workout};
use repcast_planner::{Intent, ParsedRequest, TrainingPlan, parse_request, plan};
use serde_json::{Map, Value};

use super::access::{Action, Caller};
use super::blocking::blocking;
use super::{Service, ServiceError};
pub use config::{ApiKey, ApiKeyError, ModelConfig, ModelName, ModelNameError, ModelProvider, ModelUrl, ModelUrlError};
pub use failure::ModelError;
use fields::{config_of, overlaid};
pub use language_model::{LanguageModel, ModelConfigError};

/// Workouts of the caller that the plan differs from.
const HISTORY: i64 = 5;

/// What a request is: words, and fields that precede them.
#[derive(Clone, Debug, Default)]
pub struct TrainingRequest {
    /// What is wanted, in words; may be empty.
    pub text: String,
    /// Fields of what is wanted.
    pub config: Map<String, Value>,
}

/// A workout that was planned and saved.
#[derive(Debug)]
pub struct Training {
    /// The saved workout.
    pub saved: WorkoutRow,
    /// The workout.
    pub workout: Workout,
    /// What was understood, with the fields of a request.
    pub config: Value,
    /// What was chosen and why, in sentences.
    pub explanation: Vec<String>,
    /// Rounds of the main part.
    pub rounds: u32,
    /// How long it lasts, in seconds.
    pub total_secs: u32,
    /// An estimate of the energy that a person of 70 kg uses.
    pub energy_kcal: u32,
    /// The vendor of the language model that has read the words; `None` if the grammar has.
    pub reader: Option<ModelProvider>,
    /// A sentence about a language model that has failed.
    pub note: Option<&'static str>,
    /// The parts of the text that the grammar understood, and what as: start and end in bytes of the text. None if a language
    /// model has read it.
    pub understood: Vec<(usize, usize, String)>,
    /// The words that the grammar did not understand, likewise.
    pub ignored: Vec<String>,
}

/// How the words of a request were read.
struct Reading {
    intent: Intent,
    reader: Option<ModelProvider>,
    failure: Option<ModelError>,
}

impl Service {
    /// Plans a workout and saves it. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the caller may not, a field is wrong, or no workout keeps all rules: with what leaves too few exercises.
    pub async fn generate_training(&self, caller: &Caller, request: TrainingRequest) -> Result<Training, ServiceError> {
        self.authorize(caller, Action::SaveWorkouts)?;
        let history = self.recent_exercises(caller).await?;
        let catalogue = self.catalogue_for(caller);
        let (parsed, request) = blocking("Reading a request failed.", {
            let catalogue = catalogue.clone();
            move || Ok((parsed(&catalogue, &request), request))
        })
        .await?;
        let Reading { intent, reader, failure } = self.read(&catalogue, &request.text, &parsed).await;
        let (intent, plan) = blocking("Planning a workout failed.", move || {
            let intent = overlaid(&intent, &request.config)?;
            let plan = planned(&catalogue, &intent, &history)?;
            Ok((intent, plan))
        })
        .await?;
        let document = document::write(&Document::Workout(plan.workout.clone()));
        let saved = self.save_workout(caller, document.as_bytes()).await?;
        // What the grammar made of the words is of no interest where its reading was not used.
        let (parts, ignored) = if reader.is_some() { Default::default() } else { (parsed.parts, parsed.ignored) };
        Ok(Training {
            saved,
            config: config_of(&intent),
            explanation: plan.explanation,
            rounds: plan.rounds,
            total_secs: plan.total_secs,
            energy_kcal: plan.energy_kcal,
            workout: plan.workout,
            reader,
            note: failure.map(|error| error.explain(intent.language)),
            understood: parts.into_iter().map(|part| (part.start, part.end, part.label)).collect(),
            ignored,
        })
    }

    /// What the words of a request say, by the language model if there is one and it answers.
    async fn read(&self, catalogue: &Arc<Catalogue>, words: &str, parsed: &ParsedRequest) -> Reading {
        let by_grammar = |failure| Reading { intent: parsed.intent.clone(), reader: None, failure };
        // Fields alone need no reader.
        let Some(model) = self.language_model.as_ref().filter(|_| !words.trim().is_empty()) else {
            return by_grammar(None);
        };
        match model.intent(catalogue, words, parsed).await {
            Ok(intent) => Reading { intent, reader: Some(model.provider()), failure: None },
            Err(error) => {
                tracing::warn!(%model, %error, "the language model failed; the planner read the request itself");
                by_grammar(Some(error))
            }
        }
    }

    /// The exercises of the caller's newest workouts, the newest last.
    async fn recent_exercises(&self, caller: &Caller) -> Result<Vec<Vec<String>>, ServiceError> {
        let filter = WorkoutFilter { owner_id: Some(caller.principal.id()), title: None };
        let database = &self.coach()?.database;
        let (rows, _) = database.workouts(filter, Page { offset: 0, limit: HISTORY }).await?;
        let mut history = Vec::new();
        for row in rows.iter().rev() {
            let document = database.workout(&row.id).await?.map(|row| row.document).unwrap_or_default();
            if let Ok(Document::Workout(workout)) = document::parse(document.as_bytes()) {
                history.push(workout.exercises.into_iter().map(|exercise| exercise.id).collect());
            }
        }
        Ok(history)
    }
}

/// What the grammar understands.
fn parsed(catalogue: &Catalogue, request: &TrainingRequest) -> ParsedRequest {
    let wanted_language = request.config.get("language").and_then(Value::as_str);
    let language = if wanted_language == Some("fr") { Language::Fr } else { Language::En };
    parse_request(catalogue, &request.text, language)
}

fn planned(catalogue: &Catalogue, intent: &Intent, history: &[Vec<String>]) -> Result<TrainingPlan, ServiceError> {
    plan(catalogue, intent, history).map_err(|error| {
        let message = error.explain(intent.language);
        ServiceError::Document(vec![ValidationFault { place: "config".to_owned(), message }].into())
    })
}
