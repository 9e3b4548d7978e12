//! The API's description with the schemas of the documents, so that both always agree.

use serde_json::{Map, Value, json};

use repcast_model::document::schema;
use repcast_model::session;

/// The schemas inside the description.
const SCHEMAS: &str = "#/components/schemas/";

/// The description as it is served.
pub(super) fn complete(description: &utoipa::openapi::OpenApi) -> Value {
    let mut whole = serde_json::to_value(description).unwrap_or_default();
    let documents =
        [("Workout", schema::workout()), ("Composition", schema::composition()), ("Command", session::schema())];
    let schemas = &mut whole["components"]["schemas"];
    if !schemas.is_object() {
        *schemas = Value::Object(Map::new());
    }
    for (name, mut schema) in documents {
        lift(&mut schema, schemas);
        schemas[name] = schema;
    }
    whole["components"]["securitySchemes"] = json!({ "token": { "type": "http", "scheme": "bearer" } });
    let reference = |name: &str| json!({ "$ref": format!("{SCHEMAS}{name}") });
    let either = json!({ "anyOf": [reference("Workout"), reference("Composition")] });
    let bodies = [
        ("/api/generate-workout-video", reference("Workout")),
        ("/api/generate-workout-captions", reference("Workout")),
        ("/api/live", either),
        ("/api/live/{id}/commands", reference("Command")),
    ];
    for (path, schema) in bodies {
        whole["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"] = schema;
    }
    whole
}

/// Moves a schema's own definitions to the others, and adapts its references.
fn lift(schema: &mut Value, schemas: &mut Value) {
    redirect(schema);
    if let Value::Object(fields) = schema {
        fields.remove("$schema");
        if let Some(Value::Object(definitions)) = fields.remove("$defs") {
            definitions.into_iter().for_each(|(name, definition)| schemas[name] = definition);
        }
    }
}

fn redirect(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get_mut("$ref")
                && let Some(name) = reference.strip_prefix("#/$defs/")
            {
                *reference = format!("{SCHEMAS}{name}");
            }
            fields.values_mut().for_each(redirect);
        }
        Value::Array(items) => items.iter_mut().for_each(redirect),
        _ => {}
    }
}
