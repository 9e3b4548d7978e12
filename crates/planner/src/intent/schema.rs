//! The JSON Schema of intents for language models.

use repcast_model::catalogue::{Difficulty, MovementPattern, Muscle};
use repcast_model::document::{Intensity, Language};
use serde_json::{Value, json};

use super::names::Named;
use super::{Condition, Focus, MAX_FOCUS, MAX_IDS, MAX_MINUTES, WorkoutStyle};

/// The JSON Schema of what a language model fills of an [`Intent`](super::Intent): all but the seed.
///
/// It has only what structured outputs of OpenAI (`strict`) and Anthropic both accept: objects without other keys, every key
/// required, an optional value as null, enumerations. Bounds are in the descriptions, and are checked when the answer is
/// read.
#[must_use]
pub fn intent_schema() -> Value {
    object(
        "What a person asks a coach for. Fill it from the request alone; use null or an empty list where it says nothing.",
        &[
            ("minutes", nullable("integer", &format!("Whole minutes of the workout, 1 to {MAX_MINUTES}. 20 if null."))),
            ("seconds", nullable("integer", "Seconds in addition to the minutes, 0 to 59. 0 if null.")),
            ("level", nullable_choice::<Difficulty>("The level of the person. intermediate if null.")),
            ("focus", choices::<Focus>(&format!("What to train most, at most {MAX_FOCUS}, each once; empty for all."))),
            ("avoid", avoid()),
            (
                "conditions",
                choices::<Condition>(
                    "Pain, injuries, pregnancy and other conditions that the person names, each once. no_floor: cannot \
                     lie or kneel.",
                ),
            ),
            ("equipment", ids("Ids of the equipment at hand, such as dumbbell; empty for none.")),
            ("prefer", ids("Ids of exercises of the catalogue that the person wants.")),
            (
                "style",
                nullable_choice::<WorkoutStyle>(
                    "tabata: 20 s work, 10 s rest; hiit: 40 s, 20 s; emom: every minute on the minute; amrap: as many \
                     rounds as possible; stretch: mobility only; strength: sets with long rests. circuit if null.",
                ),
            ),
            ("language", nullable_choice::<Language>("The language of the request. en if null.")),
            ("intensity", nullable_choice::<Intensity>("easy (facile), medium (moyen) or intense. medium if null.")),
        ],
    )
}

fn avoid() -> Value {
    object(
        "What must not occur.",
        &[
            ("jumps", json!({ "type": "boolean", "description": "Whether jumps must not occur." })),
            ("patterns", choices::<MovementPattern>("Kinds of movement, each once.")),
            ("muscles", choices::<Muscle>("Muscles that must not do most of the work, each once.")),
            ("exercises", ids("Ids of exercises of the catalogue.")),
        ],
    )
}

fn object(description: &str, fields: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let properties: serde_json::Map<String, Value> =
        fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({
        "type": "object",
        "description": description,
        "properties": properties,
        "required": names,
        "additionalProperties": false,
    })
}

fn nullable(type_name: &str, description: &str) -> Value {
    json!({ "type": [type_name, "null"], "description": description })
}

fn names<T: Named>() -> Vec<&'static str> {
    T::names().into_iter().map(|(name, _)| name).collect()
}

/// One of the names, or null.
fn nullable_choice<T: Named>(description: &str) -> Value {
    let values: Vec<Value> = names::<T>().into_iter().map(Value::from).chain([Value::Null]).collect();
    json!({ "type": ["string", "null"], "enum": values, "description": description })
}

fn choices<T: Named>(description: &str) -> Value {
    json!({ "type": "array", "items": { "type": "string", "enum": names::<T>() }, "description": description })
}

fn ids(description: &str) -> Value {
    let bounds = format!("{description} At most {MAX_IDS}, each once, of letters, digits, _ and -.");
    json!({ "type": "array", "items": { "type": "string" }, "description": bounds })
}
