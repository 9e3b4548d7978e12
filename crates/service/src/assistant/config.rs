//! Which language model reads requests, and where it is.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use reqwest::Url;
use reqwest::header::HeaderValue;

/// Longest name of a model, and longest key: a few times those that exist.
const MAX_NAME_CHARS: usize = 200;
const MAX_KEY_BYTES: usize = 1024;

/// A vendor of language models.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ModelProvider {
    /// OpenAI, and servers with its chat completions API.
    OpenAi,
    /// Anthropic, and servers with its messages API.
    Anthropic,
}

impl ModelProvider {
    /// The name that options and answers have for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
        }
    }

    /// The model that is asked by default: the vendor's fastest, as filling a form needs no more. Both fill schemas strictly.
    #[must_use]
    pub const fn default_model(self) -> &'static str {
        match self {
            Self::OpenAi => "gpt-6-luna",
            Self::Anthropic => "claude-haiku-5-5",
        }
    }

    /// The variable of the environment that has the key.
    #[must_use]
    pub const fn key_variable(self) -> &'static str {
        match self {
            Self::OpenAi => "OPENAI_API_KEY",
            Self::Anthropic => "ANTHROPIC_API_KEY",
        }
    }

    /// Where the vendor's API is, as its own libraries write it: with the version for OpenAI, without it for Anthropic.
    const fn default_base(self) -> &'static str {
        match self {
            Self::OpenAi => "https://api.openai.com/v1",
            Self::Anthropic => "https://api.anthropic.com",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::OpenAi => "chat/completions",
            Self::Anthropic => "v1/messages",
        }
    }
}

/// A vendor's key. `Debug` does not show it.
#[derive(Clone)]
pub struct ApiKey(HeaderValue);

/// A text that is no key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("is not a key: one has 1 to {MAX_KEY_BYTES} letters, digits and signs, without spaces")]
pub struct ApiKeyError;

impl ApiKey {
    /// The value of a header with the key, which logs of HTTP libraries leave out.
    pub(super) fn header(&self, prefix: &str) -> Result<HeaderValue, ApiKeyError> {
        let mut value =
            HeaderValue::from_bytes(&[prefix.as_bytes(), self.0.as_bytes()].concat()).map_err(|_| ApiKeyError)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl FromStr for ApiKey {
    type Err = ApiKeyError;

    fn from_str(text: &str) -> Result<Self, ApiKeyError> {
        let is_key = (1..=MAX_KEY_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        let mut value = HeaderValue::from_str(text).ok().filter(|_| is_key).ok_or(ApiKeyError)?;
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiKey")
    }
}

/// The base URL of a model's API: `https`, or `http` on this machine, where no one else reads the key and the requests.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModelUrl(Url);

/// A text that is no base URL of a model.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ModelUrlError {
    /// It is no URL of HTTP.
    #[error("write a URL such as https://models.example/v1")]
    Form,
    /// It has a name, a password, a query or a fragment.
    #[error("has no user, password, query and fragment; keys are set in the environment")]
    Parts,
    /// It is in clear text, and not on this machine.
    #[error("is in clear text: use https, or http with an address of this machine such as 127.0.0.1")]
    ClearText,
}

impl FromStr for ModelUrl {
    type Err = ModelUrlError;

    fn from_str(text: &str) -> Result<Self, ModelUrlError> {
        let url = Url::parse(text).map_err(|_| ModelUrlError::Form)?;
        let host = url.host_str().ok_or(ModelUrlError::Form)?;
        let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
        let is_local = host == "localhost" || address.is_some_and(|address| address.is_loopback());
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(ModelUrlError::Parts);
        }
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_local => Ok(Self(url)),
            "http" => Err(ModelUrlError::ClearText),
            _ => Err(ModelUrlError::Form),
        }
    }
}

/// The name of a model.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModelName(String);

/// A text that is no name of a model.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("is not the name of a model: one has 1 to {MAX_NAME_CHARS} letters, digits and signs, without spaces")]
pub struct ModelNameError;

impl FromStr for ModelName {
    type Err = ModelNameError;

    fn from_str(text: &str) -> Result<Self, ModelNameError> {
        let is_name = (1..=MAX_NAME_CHARS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_name { Ok(Self(text.to_owned())) } else { Err(ModelNameError) }
    }
}

/// The language model that reads requests.
#[derive(Clone, Debug)]
pub struct ModelConfig {
    /// Its vendor.
    pub provider: ModelProvider,
    /// The vendor's key.
    pub key: ApiKey,
    /// Its name; without a value, the vendor's default.
    pub model: Option<ModelName>,
    /// Where its API is; without a value, at the vendor's.
    pub url: Option<ModelUrl>,
}

impl ModelConfig {
    pub(super) fn model_name(&self) -> &str {
        self.model.as_ref().map_or(self.provider.default_model(), |name| &name.0)
    }

    /// Where requests are sent.
    pub(super) fn endpoint(&self) -> Result<Url, ModelUrlError> {
        let base = match &self.url {
            Some(ModelUrl(url)) => url.clone(),
            None => Url::parse(self.provider.default_base()).map_err(|_| ModelUrlError::Form)?,
        };
        let path = format!("{}/{}", base.path().trim_end_matches('/'), self.provider.path());
        let mut endpoint = base;
        endpoint.set_path(&path);
        Ok(endpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_encrypted_or_on_this_machine() {
        let parsed = |text: &str| text.parse::<ModelUrl>().map(drop);
        for text in [
            "https://models.example",
            "https://models.example/v1/",
            "http://127.0.0.1:1",
            "http://[::1]:8/v1",
            "http://localhost:11434/v1",
        ] {
            assert_eq!(parsed(text), Ok(()), "{text}");
        }
        for (text, error) in [
            ("http://models.example", ModelUrlError::ClearText),
            ("http://10.0.0.1", ModelUrlError::ClearText),
            ("http://localhost.example", ModelUrlError::ClearText),
            ("https://user:word@models.example", ModelUrlError::Parts),
            ("https://models.example/?key=1", ModelUrlError::Parts),
            ("ftp://models.example", ModelUrlError::Form),
            ("models.example", ModelUrlError::Form),
            ("", ModelUrlError::Form),
        ] {
            assert_eq!(parsed(text), Err(error), "{text}");
        }
    }

    #[test]
    fn requests_are_sent_to_the_calls_of_the_vendors() {
        let endpoint = |provider, url: Option<&str>| {
            let url = url.map(|url| url.parse().unwrap());
            let config = ModelConfig { provider, key: "key".parse().unwrap(), model: None, url };
            config.endpoint().unwrap().to_string()
        };
        let (openai, anthropic) = (ModelProvider::OpenAi, ModelProvider::Anthropic);
        assert_eq!(endpoint(openai, None), "https://api.openai.com/v1/chat/completions");
        assert_eq!(endpoint(anthropic, None), "https://api.anthropic.com/v1/messages");
        assert_eq!(endpoint(openai, Some("http://localhost:1/v1/")), "http://localhost:1/v1/chat/completions");
        assert_eq!(endpoint(anthropic, Some("https://proxy.example/a")), "https://proxy.example/a/v1/messages");
    }

    #[test]
    fn keys_are_visible_characters_and_not_shown() {
        let key: ApiKey = "sk-secret".parse().unwrap();
        assert!(!format!("{key:?} {:?}", key.header("Bearer ").unwrap()).contains("secret"));
        for text in ["", "a b", "a\n", "é", &"x".repeat(MAX_KEY_BYTES + 1)] {
            assert!(text.parse::<ApiKey>().is_err(), "{text}");
        }
        for text in ["", "a b", &"x".repeat(MAX_NAME_CHARS + 1)] {
            assert!(text.parse::<ModelName>().is_err(), "{text}");
        }
    }
}
