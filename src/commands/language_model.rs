//! The language model of `repcast serve`, chosen by options and by the keys in the environment.

use std::sync::Arc;

use super::Failure;
use super::args::{AssistantArgs, AssistantKind};
use super::configuration::Origins;
use repcast_service::{ApiKey, ApiKeyError, LanguageModel, ModelConfig, ModelProvider};

/// The model, unless the planner reads requests itself.
///
/// # Errors
/// When the key of the vendor is missing or none, an option has no effect, or no connections can be made.
pub(super) fn open(
    args: &AssistantArgs,
    origins: &Origins,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<Arc<LanguageModel>>, Failure> {
    let Some(config) = config(args, origins, variable)? else { return Ok(None) };
    let model = LanguageModel::new(&config)
        .map_err(|error| Failure::wrong(format!("{}: {error}", origins.place("assistant"))))?;
    Ok(Some(Arc::new(model)))
}

fn config(
    args: &AssistantArgs,
    origins: &Origins,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<ModelConfig>, Failure> {
    // An empty variable counts as not set, as with options.
    let key = |provider: ModelProvider| variable(provider.key_variable()).filter(|key| !key.is_empty());
    let found = match args.assistant {
        AssistantKind::Planner => None,
        AssistantKind::OpenAi => Some(ModelProvider::OpenAi),
        AssistantKind::Anthropic => Some(ModelProvider::Anthropic),
        AssistantKind::Auto => {
            [ModelProvider::OpenAi, ModelProvider::Anthropic].into_iter().find(|provider| key(*provider).is_some())
        }
    };
    let Some(provider) = found else {
        let unused =
            [("assistant-model", args.assistant_model.is_some()), ("assistant-url", args.assistant_url.is_some())];
        return match unused.into_iter().find(|(_, is_given)| *is_given) {
            Some((name, _)) => {
                let reason = "has no effect without a language model: set OPENAI_API_KEY or ANTHROPIC_API_KEY";
                Err(Failure::wrong(format!("{}: {reason}", origins.place(name))))
            }
            None => Ok(None),
        };
    };
    let name = provider.key_variable();
    let place = || origins.place("assistant");
    let key = key(provider).ok_or_else(|| Failure::wrong(format!("{}: set the key in {name}", place())))?;
    let key: ApiKey = key.parse().map_err(|error: ApiKeyError| Failure::wrong(format!("{name}: {error}")))?;
    Ok(Some(ModelConfig { provider, key, model: args.assistant_model.clone(), url: args.assistant_url.clone() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(assistant: AssistantKind, keys: &[(&str, &str)]) -> Result<Option<ModelProvider>, String> {
        let args = AssistantArgs { assistant, assistant_model: None, assistant_url: None };
        let variable = |name: &str| keys.iter().find(|(known, _)| *known == name).map(|(_, key)| (*key).to_owned());
        match config(&args, &Origins::default(), variable) {
            Ok(config) => Ok(config.map(|config| config.provider)),
            Err(Failure::Wrong(lines)) => Err(lines.concat()),
            Err(failure) => panic!("{failure:?}"),
        }
    }

    #[test]
    fn the_keys_that_are_set_choose_the_vendor() {
        let (openai, anthropic) = (("OPENAI_API_KEY", "sk-1"), ("ANTHROPIC_API_KEY", "sk-ant-1"));
        let auto = |keys: &[(&str, &str)]| chosen(AssistantKind::Auto, keys);
        assert_eq!(auto(&[]), Ok(None));
        assert_eq!(auto(&[("OPENAI_API_KEY", "")]), Ok(None));
        assert_eq!(auto(&[openai, anthropic]), Ok(Some(ModelProvider::OpenAi)));
        assert_eq!(auto(&[anthropic]), Ok(Some(ModelProvider::Anthropic)));
        assert_eq!(chosen(AssistantKind::Planner, &[openai]), Ok(None));
        assert_eq!(chosen(AssistantKind::Anthropic, &[openai, anthropic]), Ok(Some(ModelProvider::Anthropic)));
        let missing = chosen(AssistantKind::OpenAi, &[anthropic]).unwrap_err();
        assert_eq!(missing, "--assistant: set the key in OPENAI_API_KEY");
        let wrong = auto(&[("OPENAI_API_KEY", "two words")]).unwrap_err();
        assert!(wrong.starts_with("OPENAI_API_KEY: is not a key") && !wrong.contains("two words"), "{wrong}");
    }

    #[test]
    fn options_of_a_model_that_is_not_used_are_faults() {
        let args = AssistantArgs {
            assistant: AssistantKind::Auto,
            assistant_model: Some("gpt-6-luna".parse().unwrap()),
            assistant_url: None,
        };
        let Err(Failure::Wrong(lines)) = config(&args, &Origins::default(), |_| None) else { panic!() };
        assert!(lines[0].starts_with("--assistant-model: has no effect"), "{lines:?}");
    }
}
