//! Anthropic's messages with structured outputs: `POST /v1/messages`.
//!
//! The request and the answer are those of the API reference of messages and of the guide to structured outputs:
//! `output_config.format` of type `json_schema`; `stop_reason` says why the text ends, also when the model refuses. Blocks of
//! content are selected by their type: a block of thinking may precede the text.

use serde_json::{Value, json};

use super::config::ModelProvider;
use super::failure::ModelError;
use super::prompt::{SYSTEM, Turn};

/// The version of the API, a header.
pub(super) const VERSION: &str = "2023-06-01";

/// Most tokens of an answer, several times those of the largest intent.
const MAX_TOKENS: u32 = 2000;

/// The body of a request.
pub(super) fn request(model: &str, turns: &[Turn], schema: &Value) -> Value {
    let messages: Vec<Value> = turns.iter().map(|turn| json!({"role": turn.role, "content": turn.text})).collect();
    let mut body = json!({
        "model": model,
        "max_tokens": MAX_TOKENS,
        "system": SYSTEM,
        "messages": messages,
        "output_config": {"format": {"type": "json_schema", "schema": schema}},
    });
    // It thinks unless it is asked not to, for which there is no time. Other models have their own default: some always
    // think, and reject this.
    if model == ModelProvider::Anthropic.default_model() {
        body["thinking"] = json!({"type": "disabled"});
    }
    body
}

/// The text of an answer.
pub(super) fn text(answer: &Value) -> Result<&str, ModelError> {
    match answer.get("stop_reason").and_then(Value::as_str) {
        Some("end_turn" | "stop_sequence") => {}
        Some("max_tokens" | "model_context_window_exceeded") => return Err(ModelError::Truncated),
        Some("refusal") => return Err(ModelError::Refused),
        _ => return Err(ModelError::Protocol("it ends for an unknown reason")),
    }
    let blocks = answer.get("content").and_then(Value::as_array).ok_or(ModelError::Protocol("it has no content"))?;
    let block = blocks.iter().find(|block| block.get("type").and_then(Value::as_str) == Some("text"));
    block.and_then(|block| block.get("text")?.as_str()).ok_or(ModelError::Protocol("it has no text"))
}
