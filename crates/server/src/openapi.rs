//! The API's description with the schemas of the documents, so that both always agree.

use serde_json::{Map, Value, json};

use repcast_model::document::schema;
use repcast_model::session;
use utoipa::PartialSchema;

/// The media type of errors (RFC 9457, 6.1).
const PROBLEM_JSON: &str = "application/problem+json";

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
        ("/api/generate-workout-video", either.clone()),
        ("/api/generate-workout-captions", reference("Workout")),
        ("/api/live", either.clone()),
        ("/api/live/{id}/commands", reference("Command")),
        ("/api/workouts", reference("Workout")),
    ];
    describe_responses(&mut whole);
    for (path, schema) in bodies {
        whole["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"] = schema;
    }
    let saved = &mut whole["paths"]["/api/workouts/{sessionId}"]["put"];
    saved["requestBody"]["content"]["application/json"]["schema"] = reference("Workout");
    whole["components"]["schemas"]["SavedWorkout"]["allOf"][1]["properties"]["document"] = reference("Workout");
    let frame = &mut whole["components"]["schemas"]["Frame"]["properties"]["document"];
    if let (Some(frame), Some(either)) = (frame.as_object_mut(), either.as_object()) {
        frame.extend(either.clone());
    }
    whole
}

/// An error (RFC 9457).
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "the description of what `repcast_http` writes")]
struct Problem {
    /// The kind of error, such as `/problems/invalid`; `about:blank` where the status says all.
    r#type: String,
    /// The name of the status.
    #[schema(example = "Unprocessable Entity")]
    title: String,
    /// The status of the response.
    #[schema(example = 422)]
    status: u16,
    /// What is wrong with this request: of a document all faults, up to eight.
    #[schema(example = "exercises[0].duration: must be above 0")]
    detail: String,
    /// The first field of the document that has a fault.
    #[schema(example = "exercises[0].duration")]
    place: Option<String>,
    /// The faults of the document, up to eight.
    faults: Option<Vec<ProblemFault>>,
}

/// A fault of a document.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "the description of what `repcast_http` writes")]
struct ProblemFault {
    /// The field; empty for the document as a whole.
    #[schema(example = "exercises[0].duration")]
    place: String,
    /// What is wrong with it.
    #[schema(example = "must be above 0")]
    message: String,
}

/// Adds the schema of errors, and names it in all responses with one; says which bodies are bytes and which are texts.
fn describe_responses(whole: &mut Value) {
    let schemas = &mut whole["components"]["schemas"];
    schemas["Problem"] = serde_json::to_value(Problem::schema()).unwrap_or_default();
    schemas["ProblemFault"] = serde_json::to_value(ProblemFault::schema()).unwrap_or_default();
    let operations = whole["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    let operations = operations.filter_map(Value::as_object_mut).flat_map(Map::values_mut);
    for operation in operations {
        let responses = operation["responses"].as_object_mut().into_iter().flatten();
        for (status, response) in responses {
            if status.starts_with(['4', '5']) {
                response["content"] = json!({ PROBLEM_JSON: { "schema": { "$ref": format!("{SCHEMAS}Problem") } } });
                continue;
            }
            for (kind, content) in response["content"].as_object_mut().into_iter().flatten() {
                if kind.starts_with("image/") || kind.starts_with("video/") {
                    content["schema"] = json!({ "type": "string", "format": "binary" });
                } else if content["schema"].is_null() {
                    content["schema"] = json!({ "type": "string" });
                }
            }
        }
    }
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
