//! Recorded answers of language models, from their envelopes to plans. No connection is made here; tests/coach does.

use std::path::Path;

use repcast_model::catalogue::Catalogue;
use repcast_model::document::Language;
use repcast_planner::{Condition, Intent, check, intent_schema, parse_request, plan};
use serde_json::{Value, json};

use super::failure::ModelError;
use super::prompt::Turn;
use super::{answer, anthropic, fields, openai};

/// The catalogue and the requests of the planner's tests.
const CATALOGUE: &str = include_str!("../../../planner/src/tests/catalogue.toml");
const REQUESTS: &str = include_str!("../../../planner/src/tests/requests.txt");

fn catalogue() -> Catalogue {
    Catalogue::parse(CATALOGUE, Path::new("")).unwrap()
}

/// What a model answers that reads nothing.
fn nothing() -> Value {
    json!({"minutes": null, "seconds": null, "level": null, "focus": [], "conditions": [], "equipment": [], "prefer": [],
        "avoid": {"jumps": false, "patterns": [], "muscles": [], "exercises": []},
        "style": null, "language": null, "intensity": null})
}

/// The same with some fields.
fn with(fields: &Value) -> Value {
    let mut answer = nothing();
    for (name, value) in fields.as_object().unwrap() {
        match value.as_object() {
            Some(parts) => parts.iter().for_each(|(part, value)| answer[name][part] = value.clone()),
            None => answer[name] = value.clone(),
        }
    }
    answer
}

fn openai_answer(text: &str) -> Value {
    json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1_790_000_000, "model": "gpt-6-luna",
        "choices": [{"index": 0, "finish_reason": "stop", "logprobs": null,
            "message": {"role": "assistant", "content": text, "refusal": null, "annotations": []}}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 90, "total_tokens": 990}})
}

fn anthropic_answer(text: &str) -> Value {
    json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-5-5",
        "content": [{"type": "thinking", "thinking": "", "signature": "x"}, {"type": "text", "text": text}],
        "stop_reason": "end_turn", "stop_sequence": null, "usage": {"input_tokens": 900, "output_tokens": 90}})
}

fn read(words: &str, answered: &Value) -> Result<Intent, ModelError> {
    let catalogue = catalogue();
    let parsed = parse_request(&catalogue, words, Language::En);
    answer::read(&answered.to_string(), &catalogue, &parsed)
}

#[test]
fn the_requests_of_the_planner_have_plans_with_a_model_that_answers_right() {
    let catalogue = catalogue();
    let (mut read, mut failed) = (0, 0);
    for (seed, line) in (0..).zip(REQUESTS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))) {
        let [language, words, fields] = line.split(" | ").collect::<Vec<_>>()[..] else { panic!("{line}") };
        let (fields, may_fail) = fields.strip_suffix(" ?").map_or((fields, false), |fields| (fields, true));
        let language = if language.starts_with("fr") { Language::Fr } else { Language::En };
        let words = words.replace("\\n", "\n").replace("\\0", "\0");
        let right = with(&serde_json::from_str(fields).unwrap()).to_string();
        let parsed = parse_request(&catalogue, &words, language);
        let (openai, anthropic) = (openai_answer(&right), anthropic_answer(&right));
        let texts = [openai::text(&openai).unwrap(), anthropic::text(&anthropic).unwrap()];
        let [intent, other] =
            texts.map(|text| answer::read(text, &catalogue, &parsed).unwrap_or_else(|error| panic!("{line}: {error}")));
        assert_eq!(intent, other);
        let config = json!({"seed": seed}).as_object().unwrap().clone();
        let intent = fields::overlaid(&intent, &config).unwrap_or_else(|error| panic!("{line}: {error}"));
        match plan(&catalogue, &intent, &[]) {
            Ok(planned) => {
                assert_eq!(check(&catalogue, &intent, &planned.workout), [], "{line}");
                assert_eq!(planned.total_secs, intent.total_secs(), "{line}");
            }
            Err(_) if may_fail => failed += 1,
            Err(error) => panic!("{line}: {error}"),
        }
        read += 1;
    }
    assert!(read >= 200 && failed <= 12, "{failed} of {read} have no plan");
}

#[test]
fn an_answer_completes_the_grammar_and_never_takes_an_exclusion_away() {
    let words = "25 minutes for a beginner, my knees hurt, no jumps, without equipment";
    let forgets =
        with(&json!({"minutes": 30, "focus": ["legs"], "equipment": ["dumbbell"], "avoid": {"patterns": ["lunge"]}}));
    let intent = read(words, &forgets).unwrap();
    assert_eq!((intent.minutes, intent.conditions.as_slice()), (30, &[Condition::Knees][..]));
    assert!(intent.avoid.jumps && intent.avoid.patterns.len() == 1 && intent.equipment.is_empty(), "{intent:?}");
    // Null fields are the grammar's.
    let open = read(words, &nothing()).unwrap();
    assert_eq!(open, parse_request(&catalogue(), words, Language::En).intent);
    // Equipment that no exercise needs does nothing.
    let intent = read("10 minutes", &with(&json!({"equipment": ["rm_-rf", "dumbbell"]}))).unwrap();
    assert_eq!(intent.equipment, ["dumbbell"]);
    // The seed is not asked for.
    assert_eq!(read("10 minutes", &with(&json!({"seed": 99}))).unwrap().seed, 0);
}

#[test]
fn hostile_answers_are_faults() {
    let hostile = [
        (json!({"minutes": 0}), "minutes"),
        (json!({"minutes": 1_000_000_000}), "minutes"),
        (json!({"minutes": -5}), "minutes"),
        (json!({"minutes": 12.5}), "minutes"),
        (json!({"minutes": "20"}), "minutes"),
        (json!({"minutes": 180, "seconds": 59}), "seconds"),
        (json!({"level": "root"}), "level"),
        (json!({"focus": vec!["legs"; 1000]}), "focus"),
        (json!({"prefer": ["no_such_exercise"]}), "prefer[0]"),
        (json!({"prefer": ["../../etc/passwd"]}), "prefer[0]"),
        (json!({"prefer": ["x".repeat(1_000_000)]}), "prefer[0]"),
        (json!({"avoid": {"exercises": ["no_such_exercise"]}}), "avoid.exercises[0]"),
        (json!({"rules": "none"}), "rules"),
        (json!({"user_id": "other"}), "user_id"),
    ];
    for (fields, place) in hostile {
        match read("10 minutes", &with(&fields)) {
            Err(ModelError::NotAnIntent(faults)) => assert_eq!(faults[0].place, place, "{faults:?}"),
            other => panic!("{place}: {other:?}"),
        }
    }
    let catalogue = catalogue();
    let parsed = parse_request(&catalogue, "10 minutes", Language::En);
    let deep = "[".repeat(100_000);
    let huge = format!("{{\"minutes\": 1e{}}}", "9".repeat(100));
    for text in [
        "",
        "null",
        "[]",
        "NaN",
        "{\"minutes\": NaN}",
        "Here it is: {}",
        "{} {}",
        "{\"minutes\": 1e999}",
        &deep,
        &huge,
        "{\"$serde_json::private::Number\": \"1\"}",
    ] {
        let shown: String = text.chars().take(60).collect();
        let error = answer::read(text, &catalogue, &parsed).unwrap_err();
        assert!(error.is_repairable() && error.to_string().len() < 1000, "{shown}: {error}");
    }
}

#[test]
fn requests_are_as_the_vendors_document_them() {
    let turns = [Turn { role: "user", text: "{}".to_owned() }];
    let schema = intent_schema();
    let body = openai::request("gpt-6-luna", &turns, &schema);
    assert_eq!(body["response_format"]["type"], "json_schema");
    let format = &body["response_format"]["json_schema"];
    assert_eq!((&format["strict"], &format["schema"], &format["name"]), (&json!(true), &schema, &json!("intent")));
    assert_eq!((&body["messages"][0]["role"], &body["messages"][1]["role"]), (&json!("system"), &json!("user")));
    assert_eq!((&body["store"], &body["reasoning_effort"]), (&json!(false), &json!("none")));
    assert!(openai::request("local-model", &turns, &schema).get("reasoning_effort").is_none());

    let body = anthropic::request("claude-haiku-5-5", &turns, &schema);
    assert_eq!(body["output_config"]["format"], json!({"type": "json_schema", "schema": schema}));
    assert_eq!((&body["messages"][0]["role"], &body["thinking"]["type"]), (&json!("user"), &json!("disabled")));
    assert!(body["system"].is_string() && body["max_tokens"].is_u64());
    assert!(anthropic::request("other", &turns, &schema).get("thinking").is_none());
}

#[test]
fn each_end_of_an_answer_has_its_meaning() {
    let openai = |change: &dyn Fn(&mut Value)| {
        let mut answer = openai_answer("{}");
        change(&mut answer["choices"][0]);
        openai::text(&answer).map(str::to_owned)
    };
    assert_eq!(openai(&|_| ()), Ok("{}".to_owned()));
    assert_eq!(openai(&|choice| choice["finish_reason"] = json!("length")), Err(ModelError::Truncated));
    assert_eq!(openai(&|choice| choice["finish_reason"] = json!("content_filter")), Err(ModelError::Refused));
    assert_eq!(openai(&|choice| choice["message"]["refusal"] = json!("No.")), Err(ModelError::Refused));
    assert!(matches!(openai(&|choice| choice["message"]["content"] = Value::Null), Err(ModelError::Protocol(_))));
    assert!(matches!(openai(&|choice| choice["finish_reason"] = json!("tool_calls")), Err(ModelError::Protocol(_))));

    let anthropic = |change: &dyn Fn(&mut Value)| {
        let mut answer = anthropic_answer("{}");
        change(&mut answer);
        anthropic::text(&answer).map(str::to_owned)
    };
    assert_eq!(anthropic(&|_| ()), Ok("{}".to_owned()));
    assert_eq!(anthropic(&|answer| answer["stop_reason"] = json!("max_tokens")), Err(ModelError::Truncated));
    assert_eq!(anthropic(&|answer| answer["stop_reason"] = json!("refusal")), Err(ModelError::Refused));
    assert!(matches!(anthropic(&|answer| answer["content"] = json!([])), Err(ModelError::Protocol(_))));
    for other in [json!(null), json!([]), json!({"error": {}}), json!("text")] {
        assert!(openai::text(&other).is_err() && anthropic::text(&other).is_err(), "{other}");
    }
}
