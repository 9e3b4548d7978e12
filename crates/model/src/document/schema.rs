//! JSON Schemas (draft 2020-12) of the documents, for editors and for programs that write documents.
//!
//! They express the rules of the reader as far as keywords exist for them: `schema_tests` lists the exceptions.

use schemars::Schema;
use serde_json::{Map, Value};

use super::choices::LayerType;
use super::model::{Composition, Workout};
use crate::validation::choice::Choice;
use crate::validation::schema::schema_of;

/// The schema of a workout.
#[must_use]
pub fn workout() -> Value {
    schema_of::<Workout>()
}

/// The schema of a composition.
#[must_use]
pub fn composition() -> Value {
    schema_of::<Composition>()
}

/// Moves the fields that all layers share into the schema of each type of layer, so that each is one closed object and
/// an editor can list the fields of a type.
pub(crate) fn fold_variants(schema: &mut Schema) {
    let shared = schema.remove("properties");
    let required = schema.remove("required");
    for keyword in ["type", "unevaluatedProperties", "additionalProperties"] {
        schema.remove(keyword);
    }
    let Some(Value::Array(variants)) = schema.get_mut("oneOf") else { return };
    for variant in variants.iter_mut().filter_map(Value::as_object_mut) {
        extend_object(variant, "properties", &shared);
        extend_array(variant, "required", &required);
        if is_sound(variant) {
            // Opacity is the one shared field that only layers which are drawn have.
            remove_field(variant, "opacity");
        }
        variant.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
}

/// Whether a type of layer is heard and not drawn.
fn is_sound(variant: &Map<String, Value>) -> bool {
    let name = variant.get("properties").and_then(|properties| properties.get("type")?.get("const")?.as_str());
    LayerType::NAMES.iter().any(|(known, layer)| name == Some(*known) && layer.is_sound())
}

fn remove_field(variant: &mut Map<String, Value>, name: &str) {
    if let Some(Value::Object(properties)) = variant.get_mut("properties") {
        properties.remove(name);
    }
    if let Some(Value::Array(required)) = variant.get_mut("required") {
        required.retain(|field| field != name);
    }
}

fn extend_object(variant: &mut Map<String, Value>, keyword: &str, shared: &Option<Value>) {
    if let (Some(Value::Object(own)), Some(Value::Object(shared))) = (variant.get_mut(keyword), shared) {
        own.extend(shared.clone());
    }
}

fn extend_array(variant: &mut Map<String, Value>, keyword: &str, shared: &Option<Value>) {
    if let (Some(Value::Array(own)), Some(Value::Array(shared))) = (variant.get_mut(keyword), shared) {
        own.extend(shared.iter().cloned());
    }
}
