//! OpenAI's chat completions with structured outputs: `POST /v1/chat/completions`.
//!
//! The request and the answer are those of the API reference of chat completions and of the guide to structured outputs:
//! `response_format` of type `json_schema` with `strict`; a refusal has a field of its own; `finish_reason` says why the text
//! ends.

use serde_json::{Value, json};

use super::config::ModelProvider;
use super::failure::ModelError;
use super::prompt::{SYSTEM, Turn};

/// Most tokens of an answer, several times those of the largest intent.
const MAX_TOKENS: u32 = 2000;

/// The body of a request.
pub(super) fn request(model: &str, turns: &[Turn], schema: &Value) -> Value {
    let system = json!({"role": "system", "content": SYSTEM});
    let turns = turns.iter().map(|turn| json!({"role": turn.role, "content": turn.text}));
    let messages: Vec<Value> = std::iter::once(system).chain(turns).collect();
    let mut body = json!({
        "model": model,
        "messages": messages,
        "response_format": {"type": "json_schema", "json_schema": {"name": "intent", "strict": true, "schema": schema}},
        "max_completion_tokens": MAX_TOKENS,
        "store": false,
    });
    // It reasons unless it is asked not to, for which there is no time. Other models have their own default: some reject
    // the field, or this value.
    if model == ModelProvider::OpenAi.default_model() {
        body["reasoning_effort"] = json!("none");
    }
    body
}

/// The text of an answer.
pub(super) fn text(answer: &Value) -> Result<&str, ModelError> {
    let choice =
        answer.get("choices").and_then(|choices| choices.get(0)).ok_or(ModelError::Protocol("it has no choice"))?;
    let message = choice.get("message").ok_or(ModelError::Protocol("its choice has no message"))?;
    if message.get("refusal").and_then(Value::as_str).is_some_and(|refusal| !refusal.is_empty()) {
        return Err(ModelError::Refused);
    }
    match choice.get("finish_reason").and_then(Value::as_str) {
        Some("stop") => {}
        Some("length") => return Err(ModelError::Truncated),
        Some("content_filter") => return Err(ModelError::Refused),
        _ => return Err(ModelError::Protocol("it ends for an unknown reason")),
    }
    message.get("content").and_then(Value::as_str).ok_or(ModelError::Protocol("its message has no text"))
}
