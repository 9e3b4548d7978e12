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

/// An exercise with a French name, compiled: its texts and chapters.
fn compiled(language: &str) -> (Vec<String>, Vec<String>) {
    let json = format!(
        r#"{{"language": "{language}", "show_description": true, "exercises": [{{"id": "a"}}, {{"id": "b"}}]}}"#
    );
    let Ok(Document::Workout(workout)) = document::parse(json.as_bytes()) else { panic!("a workout: {json}") };
    let catalogue = "[[exercise]]\nid = 'a'\nname = 'Squat'\nnames.fr = 'Flexion'\nclip = 'a'\n\
        [[exercise]]\nid = 'b'\nname = 'Plank'\ndescription = 'Hold.'\ndescriptions.fr = 'Tenez.'\nclip = 'b'";
    let catalogue = Catalogue::parse(catalogue, Path::new("")).unwrap();
    let infos = catalogue.exercises().iter().map(|entry| (entry.clip.clone(), ClipInfo::of_test(false))).collect();
    let timeline = super::super::compile_workout(&workout, &catalogue, Path::new(""), &infos).unwrap();
    let chapters = timeline.chapters.iter().map(|chapter| chapter.name.clone()).collect();
    (timeline.texts().map(str::to_owned).collect(), chapters)
}

#[test]
fn names_and_descriptions_are_in_the_language_of_the_workout_where_the_catalogue_has_them() {
    let (texts, chapters) = compiled("fr");
    assert_eq!(chapters, ["Flexion", "Plank"]);
    for text in ["Flexion", "Plank", "Tenez.", "Ensuite : Plank"] {
        assert!(texts.iter().any(|shown| shown == text), "{text} in {texts:?}");
    }
    let (texts, chapters) = compiled("en");
    assert_eq!(chapters, ["Squat", "Plank"]);
    assert!(texts.iter().any(|text| text == "Hold.") && !texts.iter().any(|text| text == "Tenez."), "{texts:?}");
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

#[test]
fn exercises_of_a_group_show_its_name_and_its_round() {
    let json = r#"{"title": "Morning", "rounds": 2, "groups": [{"id": "x", "title": "Legs", "rounds": 3, "rest_between_rounds": 5},
            {"id": "y", "duration": 60}],
        "exercises": [{"id": "squat", "duration": 20}, {"id": "squat", "duration": 20, "group": "x"},
            {"id": "squat", "duration": 20, "group": "y"}]}"#;
    let Ok(Document::Workout(workout)) = document::parse(json.as_bytes()) else { panic!("a workout: {json}") };
    let catalogue = Catalogue::parse("[[exercise]]\nid = 'squat'\nname = 'Squat'\nclip = 'a'", Path::new("")).unwrap();
    let infos = catalogue.exercises().iter().map(|entry| (entry.clip.clone(), ClipInfo::of_test(false))).collect();
    let timeline = super::super::compile_workout(&workout, &catalogue, Path::new(""), &infos).unwrap();
    let texts: Vec<&str> = timeline.texts().collect();
    for line in [
        "Round 1 of 2  ·  1 / 3  ·  Morning",
        "Round 1 of 2  ·  2 / 3  ·  Legs  ·  Set 3 of 3  ·  Morning",
        "Rest  ·  Round 1 of 2  ·  Next 2 / 3  ·  Legs  ·  Set 2 of 3",
        "Round 2 of 2  ·  3 / 3  ·  Set 3  ·  Morning",
    ] {
        assert!(texts.contains(&line), "{line:?} in {texts:?}");
    }
    let groups: Vec<_> = timeline.chapters.iter().map(|chapter| chapter.group.clone()).collect();
    let set = |title: &str, set| Some(ChapterGroup { title: title.to_owned(), set });
    assert_eq!(groups[..5], [None, set("Legs", 1), set("Legs", 2), set("Legs", 2), set("Legs", 3)]);
}
