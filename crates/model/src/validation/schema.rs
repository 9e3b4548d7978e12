//! JSON Schemas of validated types.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// The JSON Schema (draft 2020-12) of a type. Fields with a default are not required.
pub(crate) fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(require_no_defaults));
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// Removes the fields that have a default from the list of required ones.
fn require_no_defaults(schema: &mut Schema) {
    let Some(Value::Object(properties)) = schema.get("properties") else { return };
    let has_default = |name: &Value| {
        let property = name.as_str().and_then(|name| properties.get(name));
        property.is_some_and(|property| property.get("default").is_some())
    };
    let Some(Value::Array(required)) = schema.get("required") else { return };
    let required: Vec<Value> = required.iter().filter(|name| !has_default(name)).cloned().collect();
    if required.is_empty() {
        schema.remove("required");
    } else {
        schema.insert("required".to_owned(), Value::Array(required));
    }
}

/// A rule for the value of a field that a JSON Schema can express.
pub(crate) trait Rule {
    /// The keywords of the rule.
    fn schema(&self) -> Schema;

    /// A part of the rule without a keyword, as a sentence for the field's description.
    fn note(&self) -> Option<&'static str> {
        None
    }
}

/// Adds a rule to the schema of a field.
pub(crate) fn rule(rule: impl Rule) -> impl FnMut(&mut Schema) {
    move |schema| {
        merge(schema, rule.schema());
        if let (Some(note), Some(Value::String(description))) = (rule.note(), schema.get_mut("description")) {
            *description = format!("{description} {note}");
        }
    }
}

/// Adds the keywords of `other` to a schema.
pub(crate) fn merge(schema: &mut Schema, other: Schema) {
    schema.ensure_object().extend(other.as_object().cloned().unwrap_or_default());
}
