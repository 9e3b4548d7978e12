//! JSON Schemas (draft 2020-12) of the documents, for editors and for programs that write documents.
//!
//! They say what the reader says, except where a schema has no words for it: see `schema_tests`.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value};

use super::model::{Composition, Workout};

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

/// The schema of a type, whose fields may be left out where they have a default.
pub(crate) fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(spare_defaults));
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// A field with a default may be left out.
fn spare_defaults(schema: &mut Schema) {
    let Some(Value::Object(properties)) = schema.get("properties") else { return };
    let is_spared = |name: &Value| {
        let property = name.as_str().and_then(|name| properties.get(name));
        property.is_some_and(|property| property.get("default").is_some())
    };
    let Some(Value::Array(required)) = schema.get("required") else { return };
    let required: Vec<Value> = required.iter().filter(|name| !is_spared(name)).cloned().collect();
    if required.is_empty() {
        schema.remove("required");
    } else {
        schema.insert("required".to_owned(), Value::Array(required));
    }
}

/// What a field may hold, in the words of a schema.
pub(crate) trait Rule {
    fn schema(&self) -> Schema;

    /// What a schema has no keyword for, as a sentence for the field's description.
    fn remark(&self) -> Option<&'static str> {
        None
    }
}

/// Tells a rule to a field's schema.
pub(crate) fn rule(rule: impl Rule) -> impl FnMut(&mut Schema) {
    move |schema| {
        merge(schema, rule.schema());
        if let (Some(remark), Some(Value::String(description))) = (rule.remark(), schema.get_mut("description")) {
            *description = format!("{description} {remark}");
        }
    }
}

/// Adds the keywords of `other` to a schema.
pub(crate) fn merge(schema: &mut Schema, other: Schema) {
    schema.ensure_object().extend(other.as_object().cloned().unwrap_or_default());
}

/// Puts the fields that all layers share into the schema of each kind of layer, so that each is one closed object and
/// an editor can say which fields a kind has.
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
        variant.insert("additionalProperties".to_owned(), Value::Bool(false));
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
