//! Requests for workouts and intents: every text gives an intent within its bounds, every intent is written and read as the
//! same.

#![no_main]

use std::path::Path;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use repcast_model::catalogue::Catalogue;
use repcast_model::document::Language;
use repcast_planner::{Intent, parse_request};
use serde_json::Value;

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    let text = include_str!("../../assets/catalogue/catalogue.toml");
    CATALOGUE.get_or_init(|| Catalogue::parse(text, Path::new("")).expect("the demo catalogue is valid"))
}

fn written(intent: &Intent) -> Value {
    serde_json::to_value(intent).expect("an intent can be written")
}

fuzz_target!(|input: &[u8]| {
    if let Some(intent) = serde_json::from_slice(input).ok().and_then(|value: Value| Intent::from_value(&value).ok()) {
        assert_eq!(Intent::from_value(&written(&intent)).as_ref(), Ok(&intent));
    }
    let text = String::from_utf8_lossy(input);
    let parsed = parse_request(catalogue(), &text, Language::En);
    assert_eq!(parsed.intent.validate(), Ok(()), "{text:?}");
    for part in &parsed.parts {
        assert!(text.get(part.start..part.end).is_some_and(|part| !part.is_empty()), "{text:?}");
    }
    // An intent that two readings make together is within its bounds, too.
    let mut both = parsed.intent.clone();
    both.add_exclusions(&parse_request(catalogue(), &text, Language::Fr).intent);
    assert_eq!(both.validate(), Ok(()), "{text:?}");
});
