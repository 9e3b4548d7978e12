//! The assistant: a request in words becomes a workout that keeps the rules of training, saved as the caller's own.

use repcast_database::{Page, WorkoutFilter, WorkoutRow};
use repcast_model::catalogue::{Catalogue, MovementPattern, Muscle};
use repcast_model::document::{self, Document, Intensity, Language, ValidationFault, Workout};
use repcast_planner::{Intent, ParsedRequest, TrainingPlan, parse_request, plan};
use serde_json::{Map, Value, json};

use super::access::{Action, Caller};
use super::blocking::blocking;
use super::{Service, ServiceError};

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
    /// The parts of the text that were understood, and what as: start and end in bytes of the text.
    pub understood: Vec<(usize, usize, String)>,
    /// The words that were not.
    pub ignored: Vec<String>,
}

impl Service {
    /// Plans a workout and saves it. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the caller may not, a field is wrong, or no workout keeps all rules: with what leaves too few exercises.
    pub async fn generate_training(&self, caller: &Caller, request: TrainingRequest) -> Result<Training, ServiceError> {
        self.authorize(caller, Action::SaveWorkouts)?;
        let history = self.recent_exercises(caller).await?;
        let catalogue = self.catalogue();
        let made = blocking("Planning a workout failed.", move || make(&catalogue, &request, &history)).await?;
        let Made { parsed, intent, plan } = made;
        let document = document::write(&Document::Workout(plan.workout.clone()));
        let saved = self.save_workout(caller, document.as_bytes()).await?;
        Ok(Training {
            saved,
            config: config_of(&intent),
            explanation: plan.explanation,
            rounds: plan.rounds,
            total_secs: plan.total_secs,
            energy_kcal: plan.energy_kcal,
            workout: plan.workout,
            understood: parsed.parts.into_iter().map(|part| (part.start, part.end, part.label)).collect(),
            ignored: parsed.ignored,
        })
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

struct Made {
    parsed: ParsedRequest,
    intent: Intent,
    plan: TrainingPlan,
}

fn make(catalogue: &Catalogue, request: &TrainingRequest, history: &[Vec<String>]) -> Result<Made, ServiceError> {
    let wanted_language = request.config.get("language").and_then(Value::as_str);
    let language = if wanted_language == Some("fr") { Language::Fr } else { Language::En };
    let parsed = parse_request(catalogue, &request.text, language);
    let intent = overlaid(&parsed.intent, &request.config)?;
    let plan = plan(catalogue, &intent, history).map_err(|error| {
        let message = error.explain(intent.language);
        ServiceError::Document(vec![ValidationFault { place: "config".to_owned(), message }].into())
    })?;
    Ok(Made { parsed, intent, plan })
}

/// What the words say, with the fields in the place of what they say otherwise.
fn overlaid(intent: &Intent, config: &Map<String, Value>) -> Result<Intent, ServiceError> {
    let mut value = serde_json::to_value(intent).unwrap_or_default();
    let fault = |place: &str, message: &str| {
        let fault = ValidationFault { place: format!("config.{place}"), message: message.to_owned() };
        ServiceError::Document(vec![fault].into())
    };
    for (name, field) in config.iter().filter(|(_, field)| !field.is_null()) {
        match name.as_str() {
            "duration_minutes" => {
                value["minutes"] = field.clone();
                value["seconds"] = json!(0);
            }
            "minutes" => return Err(fault("minutes", "is called duration_minutes")),
            "avoid" => {
                let names = field.as_array().map(|names| names.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
                let names = names.flatten().ok_or_else(|| fault("avoid", "must be a list of names"))?;
                value["avoid"] = avoided(&names);
            }
            name => value[name] = field.clone(),
        }
    }
    Intent::from_value(&value).map_err(|faults| {
        let named = |fault: ValidationFault| {
            let place = match fault.place.strip_prefix("minutes") {
                Some(rest) => format!("config.duration_minutes{rest}"),
                None => format!("config.{}", fault.place),
            };
            ValidationFault { place, message: fault.message }
        };
        ServiceError::Document(faults.into_iter().map(named).collect::<Vec<_>>().into())
    })
}

/// What names stand for: jumps, patterns of movement, muscles, and else exercises.
fn avoided(names: &[&str]) -> Value {
    let is_pattern = |name: &&str| MovementPattern::all().any(|pattern| pattern.name() == *name);
    let is_muscle = |name: &&str| Muscle::all().any(|muscle| muscle.name() == *name);
    let (patterns, rest): (Vec<&str>, Vec<&str>) =
        names.iter().filter(|name| **name != JUMPS).partition(|name| is_pattern(name));
    let (muscles, exercises): (Vec<&str>, Vec<&str>) = rest.into_iter().partition(is_muscle);
    json!({"jumps": names.contains(&JUMPS), "patterns": patterns, "muscles": muscles, "exercises": exercises})
}

/// The name of jumps among what is avoided.
const JUMPS: &str = "jumps";

/// An intent with the fields of a request.
fn config_of(intent: &Intent) -> Value {
    let mut value = serde_json::to_value(intent).unwrap_or_default();
    let Some(fields) = value.as_object_mut() else { return value };
    if let Some(minutes) = fields.remove("minutes") {
        fields.insert("duration_minutes".to_owned(), minutes);
    }
    let intensity = match intent.intensity {
        Intensity::Easy => "facile",
        Intensity::Medium => "moyen",
        Intensity::Intense => "intense",
    };
    fields.insert("intensity".to_owned(), json!(intensity));
    if let Some(avoid) = fields.remove("avoid") {
        let lists = ["patterns", "muscles", "exercises"].into_iter().filter_map(|list| avoid[list].as_array());
        let jumps = avoid["jumps"].as_bool().unwrap_or_default().then(|| json!(JUMPS));
        let names: Vec<Value> = jumps.into_iter().chain(lists.flatten().cloned()).collect();
        fields.insert("avoid".to_owned(), Value::Array(names));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overlaid_with(config: Value) -> Result<Value, String> {
        let config = config.as_object().unwrap().clone();
        overlaid(&Intent::default(), &config).map(|intent| config_of(&intent)).map_err(|error| error.to_string())
    }

    #[test]
    fn fields_precede_words_and_come_back_as_they_were_sent() {
        let config = json!({"duration_minutes": 12, "level": "advanced", "language": "fr", "intensity": "intense",
            "equipment": ["dumbbells"], "avoid": ["jumps", "lunge", "neck", "burpees"], "seed": 7});
        let understood = overlaid_with(config.clone()).unwrap();
        for (name, value) in config.as_object().unwrap() {
            assert_eq!(understood[name], *value, "{name}");
        }
        let again = overlaid_with(understood.clone()).unwrap();
        assert_eq!(again, understood);
    }

    #[test]
    fn wrong_fields_are_named_as_they_were_sent() {
        for (config, place) in [
            (json!({"duration_minutes": 0}), "config.duration_minutes:"),
            (json!({"minutes": 5}), "config.minutes:"),
            (json!({"avoid": "jumps"}), "config.avoid:"),
            (json!({"avoid": [1]}), "config.avoid:"),
            (json!({"level": "expert"}), "config.level:"),
            (json!({"colour": "red"}), "config.colour:"),
        ] {
            let error = overlaid_with(config.clone()).unwrap_err();
            assert!(error.starts_with(place), "{config}: {error}");
        }
    }
}
