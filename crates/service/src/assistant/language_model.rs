//! A language model that reads requests.

use std::fmt;
use std::time::{Duration, Instant};

use repcast_model::catalogue::Catalogue;
use repcast_planner::{Intent, ParsedRequest, intent_schema};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Url};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::config::{ApiKeyError, ModelConfig, ModelProvider, ModelUrlError};
use super::failure::ModelError;
use super::prompt::Turn;
use super::{answer, anthropic, client, openai, prompt};

/// How long all calls for one request may take together: a person waits for the answer.
const TIME_LIMIT: Duration = Duration::from_secs(8);

/// Requests that wait for the model at the same time, whatever their addresses; a further one is read without it.
const MAX_IN_FLIGHT: usize = 16;

/// A language model that reads requests. It fills intents; the planner makes the workouts. `Debug` does not show its key.
pub struct LanguageModel {
    provider: ModelProvider,
    name: String,
    endpoint: Url,
    headers: HeaderMap,
    schema: Value,
    client: Client,
    in_flight: Semaphore,
}

/// Why a language model cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum ModelConfigError {
    /// The key cannot be sent.
    #[error("the key {0}")]
    Key(#[from] ApiKeyError),
    /// The base URL is none.
    #[error("the base URL {0}")]
    Url(#[from] ModelUrlError),
    /// The client of HTTP cannot be made, as without certificates of authorities.
    #[error("no connections can be made: {0}")]
    Client(#[from] reqwest::Error),
}

impl fmt::Debug for LanguageModel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl fmt::Display for LanguageModel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} at {}", self.provider.name(), self.name, self.endpoint)
    }
}

impl LanguageModel {
    /// Prepares a model; it is not contacted.
    ///
    /// # Errors
    /// When no connections can be made.
    pub fn new(config: &ModelConfig) -> Result<Self, ModelConfigError> {
        let endpoint = config.endpoint()?;
        let headers = match config.provider {
            ModelProvider::OpenAi => HeaderMap::from_iter([(AUTHORIZATION, config.key.header("Bearer ")?)]),
            ModelProvider::Anthropic => HeaderMap::from_iter([
                (HeaderName::from_static("x-api-key"), config.key.header("")?),
                (HeaderName::from_static("anthropic-version"), HeaderValue::from_static(anthropic::VERSION)),
            ]),
        };
        Ok(Self {
            provider: config.provider,
            name: config.model_name().to_owned(),
            client: client::client(&endpoint)?,
            endpoint,
            headers,
            schema: intent_schema(),
            in_flight: Semaphore::new(MAX_IN_FLIGHT),
        })
    }

    /// Its vendor.
    #[must_use]
    pub fn provider(&self) -> ModelProvider {
        self.provider
    }

    /// The intent of a request, which the grammar has read, too. The model is called once, and a second time if its first
    /// answer can be repaired. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When it gives no intent in time.
    pub async fn intent(
        &self,
        catalogue: &Catalogue,
        request: &str,
        parsed: &ParsedRequest,
    ) -> Result<Intent, ModelError> {
        let _permit = self.in_flight.try_acquire().map_err(|_| ModelError::Busy)?;
        let started = Instant::now();
        let asked = timeout(TIME_LIMIT, self.ask(catalogue, request, parsed)).await;
        let (intent, calls) = asked.unwrap_or(Err(ModelError::TimedOut(TIME_LIMIT)))?;
        tracing::debug!(model = %self, calls, millis = started.elapsed().as_millis(), "the language model read a request");
        Ok(intent)
    }

    /// The intent, and the number of calls.
    async fn ask(
        &self,
        catalogue: &Catalogue,
        request: &str,
        parsed: &ParsedRequest,
    ) -> Result<(Intent, u32), ModelError> {
        let question = prompt::question(catalogue, request);
        let text = self.call(std::slice::from_ref(&question)).await?;
        let error = match answer::read(&text, catalogue, parsed) {
            Err(error) if error.is_repairable() => error,
            read => return read.map(|intent| (intent, 1)),
        };
        tracing::debug!(model = %self, %error, "the language model is asked to repair its answer");
        let [wrong, repair] = prompt::repair(&text, &error);
        let text = self.call(&[question, wrong, repair]).await?;
        answer::read(&text, catalogue, parsed).map(|intent| (intent, 2))
    }

    /// The text that the model answers to these turns.
    async fn call(&self, turns: &[Turn]) -> Result<String, ModelError> {
        let body = match self.provider {
            ModelProvider::OpenAi => openai::request(&self.name, turns, &self.schema),
            ModelProvider::Anthropic => anthropic::request(&self.name, turns, &self.schema),
        };
        let request = self.client.post(self.endpoint.clone()).headers(self.headers.clone()).json(&body);
        let answer = client::exchange(request).await?;
        let text = match self.provider {
            ModelProvider::OpenAi => openai::text(&answer),
            ModelProvider::Anthropic => anthropic::text(&answer),
        };
        text.map(str::to_owned)
    }
}
