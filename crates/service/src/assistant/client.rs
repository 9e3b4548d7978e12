//! One call of a model's API, with bounds on its answer.

use std::error::Error;
use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, RequestBuilder, Response, StatusCode, Url};
use serde_json::Value;

use super::failure::ModelError;

/// Largest body of an answer, many times that of an intent.
pub(super) const MAX_ANSWER_BYTES: usize = 256 << 10;

/// How long connecting may take, a part of the time for all calls.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Longest code of an error that is logged, and longest reason of a failed connection.
const MAX_CODE_CHARS: usize = 60;
const MAX_REASON_CHARS: usize = 200;

/// A client for an endpoint.
pub(super) fn client(endpoint: &Url) -> Result<Client, reqwest::Error> {
    // Another part of the process may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = ClientBuilder::new()
        .user_agent(concat!("repcast/", env!("CARGO_PKG_VERSION")))
        // The key is for this endpoint alone.
        .redirect(Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_TIMEOUT);
    // A proxy of the environment is for other machines.
    let builder = if endpoint.scheme() == "http" { builder.no_proxy() } else { builder };
    builder.build()
}

/// Sends a request, and reads an answer of JSON.
pub(super) async fn exchange(request: RequestBuilder) -> Result<Value, ModelError> {
    let response = request.send().await.map_err(|error| failure(&error))?;
    let status = response.status();
    if status != StatusCode::OK {
        return Err(rejection(response).await);
    }
    let body = body(response).await?;
    if body.is_empty() {
        return Err(ModelError::Protocol("it is empty"));
    }
    serde_json::from_slice(&body).map_err(|_| ModelError::Protocol("it is not JSON"))
}

/// Reads a body up to its bound. What is beyond it is not received.
async fn body(mut response: Response) -> Result<Vec<u8>, ModelError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(ModelError::TooLarge(MAX_ANSWER_BYTES));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Why a call failed before the end of its answer.
fn failure(error: &reqwest::Error) -> ModelError {
    let mut source: &dyn Error = error;
    while let Some(inner) = source.source() {
        source = inner;
    }
    let reason = source.to_string().chars().take(MAX_REASON_CHARS).collect();
    if error.is_connect() { ModelError::Unreachable(reason) } else { ModelError::Interrupted(reason) }
}

/// What another status than 200 says.
async fn rejection(response: Response) -> ModelError {
    let status = response.status().as_u16();
    let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let retry_after = seconds.map(|seconds: u32| Duration::from_secs(seconds.into()));
    let code = body(response).await.ok().and_then(|body| code(&serde_json::from_slice(&body).ok()?));
    match status {
        401 | 403 => ModelError::KeyRejected { status, code },
        429 => ModelError::RateLimited { retry_after, code },
        status => ModelError::Status { status, code },
    }
}

/// The vendor's name of an error. Its message is left out: it may repeat the request or a part of the key.
fn code(body: &Value) -> Option<String> {
    let error = body.get("error")?;
    let is_code = |code: &&str| {
        (1..=MAX_CODE_CHARS).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.')
    };
    ["code", "type"].into_iter().filter_map(|name| error.get(name)?.as_str()).find(is_code).map(str::to_owned)
}
