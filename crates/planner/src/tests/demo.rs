//! The requests of `requests.txt` with the demo catalogue, which a server has by default.

use repcast_model::catalogue::Catalogue;
use repcast_model::document::Language;

use super::{assert_kept, parse, requests};
use crate::{Intent, PlanError, parse_request, plan};

fn demo() -> Catalogue {
    parse(include_str!("../../../../assets/catalogue/catalogue.toml"))
}

#[test]
fn every_request_has_a_plan_of_the_demo_catalogue_that_keeps_the_rules() {
    let catalogue = demo();
    let requests = requests::all();
    let mut failed = Vec::new();
    for (seed, request) in (0..).zip(&requests) {
        let parsed = parse_request(&catalogue, &request.text, request.language);
        let intent = Intent { seed, ..parsed.intent };
        match plan(&catalogue, &intent, &[]) {
            Ok(planned) => assert_kept(&catalogue, &intent, &planned),
            Err(PlanError::TooFewExercises { .. }) => failed.push(&request.text),
            Err(error) => panic!("{}: {error}", request.text),
        }
    }
    // Only who wants none of all muscles gets an answer that says so.
    assert!(requests.len() >= 200, "{}", requests.len());
    assert_eq!(failed.len(), 1, "{failed:#?}");
    assert!(failed[0].starts_with("pas de jambes, pas de bras"), "{failed:#?}");
}

/// The catalogue says in English where its values come from.
#[test]
fn a_french_explanation_has_no_english_words_of_the_catalogue() {
    let intent = Intent { language: Language::Fr, ..Intent::default() };
    let planned = plan(&demo(), &intent, &[]).unwrap();
    let text = planned.explanation.join("\n");
    assert!(text.contains("(2024 Adult Compendium)"), "{text}");
    for word in [" the ", " from ", " of ", "estimate"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
}
