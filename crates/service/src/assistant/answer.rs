//! From the text of a model's answer to an intent. The text is untrusted, as if a client had sent it: a schema that the vendor
//! enforces is no reason to skip a check here.

use repcast_model::catalogue::Catalogue;
use repcast_model::document::ValidationFault;
use repcast_planner::{Intent, ParsedRequest, RequestTopic};
use serde_json::Value;

use super::failure::ModelError;

/// Reads an answer about a request that the grammar has read, too. What the answer leaves open has the grammar's value.
///
/// What the grammar has found to be excluded stays excluded, whether the answer has it or not: an injury that a model forgets
/// does harm, while an exercise that is excluded without need does none. So exclusions and conditions are those of both, and
/// equipment that the person says not to have is never used.
pub(super) fn read(text: &str, catalogue: &Catalogue, parsed: &ParsedRequest) -> Result<Intent, ModelError> {
    let value: Value = serde_json::from_str(text).map_err(|error| ModelError::NotJson(error.to_string()))?;
    let mut intent = Intent::from_value(&value).map_err(ModelError::NotAnIntent)?;
    let faults = unknown_exercises(&intent, catalogue);
    if !faults.is_empty() {
        return Err(ModelError::NotAnIntent(faults));
    }
    complete(&mut intent, &value, &parsed.intent);
    // Other equipment does nothing: no exercise needs it.
    let is_known = |id: &String| catalogue.exercises().iter().any(|exercise| exercise.profile.equipment.contains(id));
    intent.equipment.retain(is_known);
    let is_about_equipment = parsed.parts.iter().any(|part| part.topic == RequestTopic::Equipment);
    if is_about_equipment && parsed.intent.equipment.is_empty() {
        intent.equipment.clear();
    }
    intent.add_exclusions(&parsed.intent);
    Ok(intent)
}

/// The grammar's values for the fields that are null. The seed is not the model's to choose.
fn complete(intent: &mut Intent, value: &Value, parsed: &Intent) {
    let is_open = |name: &str| value.get(name).is_none_or(Value::is_null);
    if is_open("minutes") {
        (intent.minutes, intent.seconds) = (parsed.minutes, parsed.seconds);
    }
    if is_open("level") {
        intent.level = parsed.level;
    }
    if is_open("style") {
        intent.style = parsed.style;
    }
    if is_open("language") {
        intent.language = parsed.language;
    }
    if is_open("intensity") {
        intent.intensity = parsed.intensity;
    }
    intent.seed = parsed.seed;
}

/// Exercises that are wanted or avoided, and that the catalogue does not have.
fn unknown_exercises(intent: &Intent, catalogue: &Catalogue) -> Vec<ValidationFault> {
    let lists = [("prefer", &intent.prefer), ("avoid.exercises", &intent.avoid.exercises)];
    let fault = |(name, ids): (&str, &Vec<String>)| -> Vec<ValidationFault> {
        let unknown = ids.iter().enumerate().filter(|(_, id)| catalogue.get(id).is_none());
        let message = "is no id of an exercise of the list";
        unknown
            .map(|(index, _)| ValidationFault { place: format!("{name}[{index}]"), message: message.to_owned() })
            .collect()
    };
    lists.into_iter().flat_map(fault).collect()
}
