//! The fields of a request, which precede its words, and those of an answer.

use repcast_model::catalogue::{MovementPattern, Muscle};
use repcast_model::document::{Intensity, ValidationFault};
use repcast_planner::Intent;
use serde_json::{Map, Value, json};

use super::super::ServiceError;

/// What the words say, with the fields in the place of what they say otherwise.
pub(super) fn overlaid(intent: &Intent, config: &Map<String, Value>) -> Result<Intent, ServiceError> {
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
pub(super) fn config_of(intent: &Intent) -> Value {
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
