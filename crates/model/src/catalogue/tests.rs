//! Valid catalogues, every fault that a catalogue can have, and canonical TOML.

use std::path::Path;

use proptest::prelude::*;

use super::profile_tests::any_profile;
use super::*;
use crate::document::{ClipLook, Trim};
use crate::geometry::Fit;
use crate::time::Rational;

const PUSHUPS: &str = r#"
[[exercise]]
id = "pushups"
name = "Push-ups"
names.fr = "Pompes"
description = "Hands under the shoulders, body straight."
descriptions.fr = "Mains sous les épaules, corps droit."
clip = "pushups/push_ups.mov"
alpha = "premultiplied"
default_speed = 1.2
default_duration = 30
difficulty = "beginner"
audio = "keep"
categories = ["chest", "arms"]
fit = "cover"
trim = {}
corner_radius = 36
"#;

/// Looks with every field.
fn looks() -> Vec<ClipLook> {
    let texts = [
        "",
        "trim.in = 1",
        "trim = {out = 2}\ncrop = [0, 0, 0.5, 1]\nfocus = [0, 1]\nlayout = 'full'",
        "chroma_key = {color = '#00B140'}",
        "chroma_key.color = '#0047bb'\nchroma_key.spill = 0\nfit = 'none'",
    ];
    let exercise = |text: &str| format!("[[exercise]]\nid = 'a'\nname = 'A'\nclip = 'a'\n{text}");
    texts.iter().map(|text| parse(&exercise(text)).unwrap().exercises()[0].look.clone()).collect()
}

/// A text with a French translation.
fn translated(french: &str) -> Translations {
    let value = toml_value::parse(&format!("fr = '{french}'")).unwrap();
    read_value(&value, translations(DESCRIPTION)).unwrap()
}

fn parse(text: &str) -> Result<Catalogue, Vec<String>> {
    Catalogue::parse(text, Path::new("/clips")).map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

#[test]
fn every_field_of_an_exercise_is_read() {
    let catalogue = parse(PUSHUPS).unwrap();
    let pushups = Exercise {
        id: "pushups".to_owned(),
        name: "Push-ups".to_owned(),
        names: translated("Pompes"),
        description: "Hands under the shoulders, body straight.".to_owned(),
        descriptions: translated("Mains sous les épaules, corps droit."),
        clip: PathBuf::from("/clips/pushups/push_ups.mov"),
        alpha: AlphaMode::Premultiplied,
        default_speed: Rational::new(6, 5),
        default_duration: Some(Rational::from_integer(30)),
        difficulty: Some(Difficulty::Beginner),
        audio: Some(CatalogueAudio::Keep),
        categories: vec!["chest".to_owned(), "arms".to_owned()],
        profile: ExerciseProfile::default(),
        look: ClipLook {
            fit: Some(Fit::Cover),
            trim: Some(Trim { start: Rational::from_integer(0), end: None }),
            corner_radius: Some(Rational::from_integer(36)),
            ..ClipLook::default()
        },
    };
    assert_eq!(catalogue.get("pushups"), Some(&pushups));
    assert_eq!(catalogue.get("squats"), None);
}

#[test]
fn only_id_name_and_clip_are_required() {
    let catalogue = parse(
        "[[exercise]]\nid = 'b'\nname = 'B'\nclip = 'b.mov'\n[[exercise]]\nid = 'a'\nname = 'A'\nclip = './a.mov'",
    )
    .unwrap();
    let ids: Vec<_> = catalogue.exercises().iter().map(|exercise| exercise.id.as_str()).collect();
    assert_eq!(ids, ["b", "a"]);
    let first = &catalogue.exercises()[0];
    assert_eq!((first.alpha, first.default_speed), (AlphaMode::Straight, Rational::from_integer(1)));
    assert_eq!((first.default_duration, first.difficulty, first.audio), (None, None, None));
}

#[test]
fn exercises_are_named_in_the_language_that_is_asked_for() {
    let text = "language = 'en-GB'\n[[exercise]]\nid = 'a'\nname = 'Press-ups'\nclip = 'a'\n\
                [exercise.names]\nfr = 'Pompes'\nde-AT = 'Liegestütz'\n[exercise.descriptions]\nit = 'Giù'\n";
    let catalogue = parse(text).unwrap();
    let exercise = &catalogue.exercises()[0];
    let of = |language: &str| {
        let localized = exercise.localized(language);
        (localized.name.clone(), localized.description.clone())
    };
    for (language, name, description) in [
        ("en", "Press-ups", ""),
        ("fr", "Pompes", ""),
        ("fr-CH", "Pompes", ""),
        ("it", "Press-ups", "Giù"),
        ("de", "Press-ups", ""),
    ] {
        assert_eq!(of(language), (name.to_owned(), description.to_owned()), "{language}");
    }
    for (range, language) in [
        ("en-GB-oxendict", Some("en-GB")),
        ("en", None),
        ("FR-ch", Some("fr")),
        ("de-AT", Some("de-AT")),
        ("it", Some("it")),
        ("es", None),
    ] {
        assert_eq!(catalogue.lookup_language(range), language, "{range}");
    }
    let canonical = "language = \"en-GB\"\n\n[[exercise]]\nid = \"a\"\nname = \"Press-ups\"\nnames.de-AT = \"Liegestütz\"\n\
                     names.fr = \"Pompes\"\ndescriptions.it = \"Giù\"\nclip = \"a\"\n";
    assert_eq!(rewrite(text).as_deref(), Ok(canonical));
    assert_eq!(rewrite(canonical).as_deref(), Ok(canonical));
}

#[test]
fn numbers_are_read_as_decimal_text() {
    let cases = [
        ("1.2", (6, 5)),
        ("+1.5", (3, 2)),
        ("0x10", (16, 1)),
        ("0.333333", (333_333, 1_000_000)),
        ("1_0.0_5", (201, 20)),
        ("\"4/3\"", (4, 3)),
        ("12e-1", (6, 5)),
        ("1.2000000000000002", (6, 5)),
        ("1.3333333333333333", (1_333_333, 1_000_000)),
        ("1_0.0_0_0_0_0_0_5", (10_000_001, 1_000_000)),
    ];
    for (text, (numerator, denominator)) in cases {
        let catalogue = parse(&PUSHUPS.replace("1.2", text)).unwrap();
        assert_eq!(catalogue.exercises()[0].default_speed, Rational::new(numerator, denominator), "{text}");
    }
}

#[test]
fn faults_are_reported_with_their_path() {
    let long = format!("name = \"{}\"", "x".repeat(101));
    let cases: &[(&str, &str, &str)] = &[
        (
            "id = \"pushups\"",
            "id = \"push ups\"",
            "exercise[0].id: may have only the characters A-Z, a-z, 0-9, _ and -",
        ),
        ("id = \"pushups\"", "", "exercise[0].id: is missing"),
        ("name = \"Push-ups\"", "", "exercise[0].name: is missing"),
        ("name = \"Push-ups\"", "name = \"\"", "exercise[0].name: must not be empty"),
        ("name = \"Push-ups\"", &long, "exercise[0].name: must have at most 100 characters, has 101"),
        ("name = \"Push-ups\"", "name = 2020-01-01", "exercise[0].name: must be a string, found a date"),
        (
            "default_speed = 1.2",
            "default_speed = nan",
            "exercise[0].default_speed: `nan` is not a number; write a decimal such as 1.5 or a fraction such as \"3/2\"",
        ),
        ("default_speed = 1.2", "default_speed = 17", "exercise[0].default_speed: must be at most 16"),
        (
            "default_speed = 1.2",
            "default_sped = 1.2",
            "exercise[0].default_sped: unknown field; did you mean default_speed?",
        ),
        ("default_duration = 30", "default_duration = 0", "exercise[0].default_duration: must be above 0"),
        ("\"beginner\"", "\"hard\"", "exercise[0].difficulty: must be one of beginner, intermediate, advanced"),
        ("\"keep\"", "\"loud\"", "exercise[0].audio: must be one of keep, mute"),
        ("\"premultiplied\"", "true", "exercise[0].alpha: must be one of straight, premultiplied, found a boolean"),
        ("\"arms\"", "3", "exercise[0].categories[1]: must be a string, found a number"),
        ("[\"chest\", \"arms\"]", "\"chest\"", "exercise[0].categories: must be an array, found a string"),
        ("[[exercise]]", "[exercise]", "exercise: must be an array, found an object"),
        ("[[exercise]]", "[[exercises]]", "exercise: is missing"),
        ("names.fr = \"Pompes\"", "names.fr = \"\"", "exercise[0].names.fr: must not be empty"),
        ("names.fr", "names.\"f r\"", "exercise[0].names.f r: a language may have only the characters"),
        ("names.fr", "names.FR = \"Pompe\"\nnames.fr", "exercise[0].names.fr: is given in this language already"),
        ("names.fr = \"Pompes\"", "names = \"Pompes\"", "exercise[0].names: must be an object, found a string"),
        ("1.2", "1.2.3", "is not valid TOML at line 10 column 20"),
    ];
    for (from, to, fault) in cases {
        let faults = parse(&PUSHUPS.replace(from, to)).unwrap_err();
        assert!(faults[0].starts_with(fault), "{to}: {faults:?}");
    }
}

#[test]
fn clips_stay_in_the_folder() {
    for path in ["/etc/passwd", "../a.mov", "a/../../b.mov", "a\\\\..\\\\b.mov", "C:/a.mov", "\\\\\\\\host\\\\a.mov"] {
        let faults = parse(&PUSHUPS.replace("pushups/push_ups.mov", path)).unwrap_err();
        assert_eq!(faults, ["exercise[0].clip: must be a path inside the catalogue's folder"], "{path}");
    }
    let faults = parse(&PUSHUPS.replace("pushups/push_ups.mov", "http://host/a.mov")).unwrap_err();
    assert_eq!(faults, ["exercise[0].clip: must be the path of a file, not a URL"]);
    assert!(parse(&PUSHUPS.replace("pushups/push_ups.mov", "a..b/c...mov")).is_ok());
}

#[test]
fn all_faults_are_reported_in_the_order_of_the_file() {
    let text = format!(
        "colour = 1\n{PUSHUPS}{}{}",
        PUSHUPS.replace("1.2", "99").replace("\"straight\"", "1"),
        PUSHUPS.replace("pushups", "other").replace("30", "-1")
    );
    let faults = parse(&text).unwrap_err();
    assert_eq!(
        faults,
        [
            "colour: unknown field",
            "exercise[1].id: is already the id of exercise[0]",
            "exercise[1].default_speed: must be at most 16",
            "exercise[2].default_duration: must be above 0",
        ]
    );
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "(\\[\\[exercise\\]\\]\n|id = |name = |'[a-z/.]*'|[0-9.e-]+|\n|[\\[{}\\]=\"]|\\PC){0,20}") {
        let _ = parse(&text);
    }
}

#[test]
fn a_catalogue_has_this_text() {
    let second = "[[exercise]]\nid = \"b\"\nname = \"B\"\nclip = \"./b.mov\"\ndefault_speed = \"4/3\"\n";
    let text = &format!("{}\n{second}", PUSHUPS.trim_start());
    let written = format!(
        "{}\n[[exercise]]\nclip = './b.mov' # moved\nname = 'B'\ndefault_speed = '4/3'\nid = 'b'\nalpha = 'straight'",
        PUSHUPS.replace("30", "30.0")
    );
    let with_comment = text.replace("[[exercise]]\nid = \"b\"", "# moved\n[[exercise]]\nid = \"b\"");
    assert_eq!(rewrite(&written).as_ref(), Ok(&with_comment));
    assert_eq!(rewrite(&with_comment).as_ref(), Ok(&with_comment));
    let inline =
        "exercise = [\n  {id = 'a', name = 'A', clip = 'a'}, # first\n  {id = 'b', name = 'B', clip = 'b'},\n]\n# end";
    let table = |id: &str| format!("[[exercise]]\nid = \"{id}\"\nname = \"{}\"\nclip = \"{id}\"\n", id.to_uppercase());
    assert_eq!(rewrite(inline), Ok(format!("# first\n{}\n{}\n# end\n", table("a"), table("b"))));
    assert!(rewrite("# nothing").is_err());
    for folder in ["", "/clips", "/clips/", "."] {
        assert_eq!(write(&Catalogue::parse(&written, Path::new(folder)).unwrap()), *text, "{folder}");
    }
    let long = PUSHUPS.replace("\"arms\"", &["\"arms and shoulders\""; 5].join(", "));
    let lines = write(&parse(&long).unwrap());
    assert!(lines.contains("categories = [\n  \"chest\",\n  \"arms and shoulders\",\n"), "{lines}");
}

prop_compose! {
    fn any_exercise()(
        name in "[^\\p{Cc}]{1,30}",
        description in "([^\\p{Cc}]|\n){0,60}",
        clip in "(\\./)?[a-zé\u{7f}\u{1}\" ]{1,8}(/[a-z]{1,8}){0,2}/?",
        alpha in prop::sample::select(vec![AlphaMode::Straight, AlphaMode::Premultiplied]),
        speed in (1_i128..=1000, 1_i128..=100),
        duration in prop::option::of(1_i128..43_200_000_000),
        difficulty in prop::option::of(prop::sample::select(vec![Difficulty::Beginner, Difficulty::Advanced])),
        audio in prop::sample::select(vec![None, Some(CatalogueAudio::Keep), Some(CatalogueAudio::Mute)]),
        categories in prop::collection::vec("[^\\p{Cc}]{1,20}", 0..8),
        profile in any_profile(),
        french in prop::option::of("[^\\p{Cc}']{1,20}"),
        look in prop::sample::select(looks()),
    ) -> Exercise {
        let names = french.map_or_else(Translations::default, |french| translated(&french));
        let descriptions = names.clone();
        let default_speed = Rational::new(speed.0, speed.1).clamp(Rational::new(1, 10), Rational::from_integer(16));
        let default_duration = duration.map(|micros| Rational::new(micros, 1_000_000));
        let (id, clip) = (String::new(), Path::new("/clips").join(clip));
        Exercise {
            id,
            name,
            names,
            description,
            descriptions,
            clip,
            alpha,
            default_speed,
            default_duration,
            difficulty,
            audio,
            categories,
            profile,
            look,
        }
    }
}

proptest::proptest! {
    #[test]
    fn comments_are_kept(lines in prop::collection::vec("|# [a-z]{1,3}|name = 'N' # n|clip = 'c'", 0..6)) {
        let fields = ["id = 'i'", "name = 'N'", "clip = 'c'"];
        let is_given = |field: &&str| lines.iter().any(|line| line.starts_with(&field[..4]));
        let missing: Vec<&str> = fields.into_iter().filter(|field| !is_given(field)).collect();
        let text = format!("# one\n\n[[exercise]] # two\n{}\n{}\n# three", missing.join("\n"), lines.join("\n"));
        if let Ok(rewritten) = rewrite(&text) {
            prop_assert_eq!(text.matches('#').count(), rewritten.matches('#').count(), "{}", rewritten);
            prop_assert_eq!(rewrite(&rewritten), Ok(rewritten));
        }
    }

    #[test]
    fn a_written_catalogue_is_read_as_the_same(
        mut exercises in prop::collection::vec(any_exercise(), 1..5),
        language in "[A-Za-z0-9-]{1,35}",
    ) {
        for (index, exercise) in exercises.iter_mut().enumerate() {
            exercise.id = format!("id-{index}");
        }
        let catalogue = Catalogue { folder: PathBuf::from("/clips"), language, exercises };
        let text = write(&catalogue);
        let read = parse(&text);
        prop_assert_eq!(read.as_ref(), Ok(&catalogue), "{}", text);
        prop_assert_eq!(read.map(|read| write(&read)), Ok(text.clone()));
        prop_assert_eq!(rewrite(&text), Ok(text));
    }
}
