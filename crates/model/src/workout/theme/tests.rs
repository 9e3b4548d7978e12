//! Texts of the theme.

use super::super::{Catalogue, schedule};
use super::*;
use crate::document::{self, Document};

/// The texts of every step of a workout of one exercise, in two rounds, with a rest between them.
fn texts(title: &str, name: &str, language: &str) -> Vec<String> {
    let json = format!(
        r#"{{"title": "{title}", "language": "{language}", "rounds": 2, "rest_between_rounds": 5,
            "exercises": [{{"id": "squat", "duration": 20}}]}}"#
    );
    let Ok(Document::Workout(workout)) = document::parse(json.as_bytes()) else { panic!("a workout: {json}") };
    let catalogue = format!("[[exercise]]\nid = \"squat\"\nname = \"{name}\"\nclip = \"squat.mov\"\n");
    let catalogue = Catalogue::parse(&catalogue, Path::new("")).unwrap();
    let entries = [catalogue.get("squat").unwrap()];
    let infos = ClipInfos::from([(entries[0].clip.clone(), ClipInfo::of_test(false))]);
    let steps = schedule(&workout, &entries).unwrap();
    let theme = Theme::new(&workout, &entries, &steps, Path::new(""), &infos).unwrap();
    let mut items = Vec::new();
    steps.iter().for_each(|step| theme.step(step, &mut items));
    let texts = items.into_iter().filter_map(|item| match item.content {
        ItemContent::Text { text, .. } => Some(text.to_string()),
        _ => None,
    });
    texts.collect()
}

#[test]
fn right_to_left_titles_and_names_are_isolated() {
    let english = texts("تمارين", "קרפיץ", "en");
    for line in ["Round 1 of 2  ·  1 / 1  ·  \u{2068}تمارين\u{2069}", "Next: \u{2068}קרפיץ\u{2069}", "קרפיץ"]
    {
        assert!(english.iter().any(|text| text == line), "{line:?} in {english:?}");
    }
    let french = texts("Matin", "Élan 深蹲", "fr");
    assert!(french.iter().any(|text| text.ends_with("1 / 1  ·  Matin")), "{french:?}");
    assert!(french.iter().all(|text| !text.contains(['\u{2068}', '\u{2069}'])), "{french:?}");
}
