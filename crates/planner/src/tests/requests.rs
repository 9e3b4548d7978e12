//! Two hundred requests with what must be understood of them, and plans for all of them.

use repcast_model::document::Language;
use serde_json::Value;

use super::{assert_kept, catalogue};
use crate::{Intent, PlanError, parse_request, plan};

/// A request of `requests.txt`.
pub(super) struct Request {
    pub(super) text: String,
    pub(super) language: Language,
    /// What its intent must have; all else must be as by default.
    expected: Value,
    /// Whether there may be no plan.
    may_fail: bool,
}

/// The requests of the file. Each is a line `language | text | fields of the intent as JSON`; lines with `#` are comments.
pub(super) fn all() -> Vec<Request> {
    let lines = include_str!("requests.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let parts: Vec<&str> = line.split(" | ").collect();
            let [language, text, fields] = parts[..] else { panic!("three parts: {line}") };
            let (fields, may_fail) = fields.strip_suffix(" ?").map_or((fields, false), |fields| (fields, true));
            Request {
                text: text.replace("\\n", "\n").replace("\\0", "\0"),
                language: if language.starts_with("fr") { Language::Fr } else { Language::En },
                expected: serde_json::from_str(fields).unwrap_or_else(|error| panic!("{error}: {line}")),
                may_fail,
            }
        })
        .collect()
}

/// The intent with these fields, and with the language of the request unless they have another.
fn expected(request: &Request) -> Value {
    let mut value = request.expected.clone();
    let fields = value.as_object_mut().unwrap();
    let language = if request.language == Language::Fr { "fr" } else { "en" };
    fields.entry("language").or_insert_with(|| language.into());
    serde_json::to_value(Intent::from_value(&value).unwrap_or_else(|faults| panic!("{faults:?}: {value}"))).unwrap()
}

/// Lists without an order.
fn sorted(mut value: Value) -> Value {
    fn sort(value: &mut Value) {
        match value {
            Value::Array(items) => items.sort_by_key(ToString::to_string),
            Value::Object(fields) => fields.values_mut().for_each(sort),
            _ => {}
        }
    }
    sort(&mut value);
    value
}

#[test]
fn requests_are_understood() {
    let catalogue = catalogue();
    let mut wrong = Vec::new();
    let requests = all();
    let mut recognised = 0;
    for request in &requests {
        let (default, other) = match request.language {
            Language::En => (Language::En, Language::Fr),
            Language::Fr => (Language::Fr, Language::En),
        };
        let parsed = parse_request(&catalogue, &request.text, default);
        // Whatever the default, most requests are recognised by their words; "15 min HIIT" is of both languages.
        let by_words = parse_request(&catalogue, &request.text, other).intent;
        recognised += usize::from(by_words.language == default);
        assert_eq!(Intent { language: default, ..by_words }, parsed.intent, "{}", request.text);
        let (found, wanted) = (serde_json::to_value(&parsed.intent).unwrap(), expected(request));
        for (name, wanted) in wanted.as_object().unwrap() {
            if sorted(found[name].clone()) != sorted(wanted.clone()) {
                wrong.push(format!("{}\n  {name}: {} instead of {wanted}", request.text, found[name]));
            }
        }
        assert_eq!(parsed, parse_request(&catalogue, &request.text, default));
        assert!(parsed.parts.iter().all(|part| !part.label.is_empty() && part.start < part.end));
    }
    assert!(recognised * 100 >= requests.len() * 90, "{recognised} of {}", requests.len());
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), requests.len(), wrong.join("\n"));
}

#[test]
fn every_request_has_a_plan_that_keeps_the_rules() {
    let catalogue = catalogue();
    let requests = all();
    assert!(requests.len() >= 200, "{}", requests.len());
    let mut failed = Vec::new();
    for (seed, request) in (0..).zip(&requests) {
        let parsed = parse_request(&catalogue, &request.text, request.language);
        let intent = Intent { seed, ..parsed.intent };
        match plan(&catalogue, &intent, &[]) {
            Ok(planned) => assert_kept(&catalogue, &intent, &planned),
            Err(PlanError::TooFewExercises { .. }) if request.may_fail => failed.push(&request.text),
            Err(error) => panic!("{}: {error}", request.text),
        }
    }
    // Only who wants none of all muscles gets an answer that says so.
    assert_eq!(failed.len(), 1, "{failed:#?}");
}

#[test]
fn long_requests_are_cut_and_hostile_ones_are_text() {
    let catalogue = catalogue();
    let long = format!("{} 30 minutes", "a ".repeat(1500));
    let parsed = parse_request(&catalogue, &long, Language::En);
    assert_eq!(parsed.intent.minutes, 20);
    assert!(parsed.notes.iter().any(|note| note.contains("2000")), "{:?}", parsed.notes);
    let words: String = (0..300).map(|number| format!("zz{} ", "q".repeat(number % 7 + 1))).collect();
    assert!(parse_request(&catalogue, &words, Language::En).ignored.len() <= 50);
    for text in [
        "",
        "   ",
        "\0\0\0",
        "\u{202e}\u{feff}",
        "'''",
        "///",
        "🏋🏽‍♀️ 💪",
        "1/0 hour",
        "''20''",
        "9".repeat(1999).as_str(),
    ] {
        assert_eq!(parse_request(&catalogue, text, Language::Fr).intent.validate(), Ok(()), "{text:?}");
    }
}

#[test]
fn parts_are_labelled_in_the_language_of_the_request() {
    let text = "20 minutes facile, jambes, sans sauts, mal au dos, avec haltères, pompes";
    let parsed = parse_request(&catalogue(), text, Language::En);
    let parts: Vec<(&str, &str)> =
        parsed.parts.iter().map(|part| (&text[part.start..part.end], part.label.as_str())).collect();
    assert_eq!(
        parts,
        [
            ("20 minutes", "20:00"),
            ("facile", "facile"),
            ("jambes", "jambes"),
            ("sauts", "sans sauts"),
            ("dos", "dos"),
            ("haltères", "dumbbell"),
            ("pompes", "Pompes")
        ]
    );
    assert_eq!(parsed.ignored, Vec::<String>::new());
    let english =
        parse_request(&catalogue(), "a zumba workout for 3 hours and 10 minutes, or 20 minutes", Language::En);
    assert_eq!(english.ignored, ["zumba"]);
    assert_eq!(english.notes.len(), 3, "{:?}", english.notes);
}
