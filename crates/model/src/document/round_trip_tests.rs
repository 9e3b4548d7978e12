//! Canonical text: reading and writing are inverse, and equal documents have one text.

use proptest::prelude::*;

use super::tests::{COMPOSITION, WORKOUT};
use super::*;

fn canonical(json: &str) -> String {
    write(&parse(json.as_bytes()).unwrap_or_else(|faults| panic!("{json}: {faults:?}")))
}

#[test]
fn a_workout_has_this_text() {
    // Omitted: all defaults.
    let text = r##"{
  "title": "Morning",
  "rounds": 2,
  "rest_between_rounds": 20,
  "exercises": [
    {"id": "pushups", "duration": 30},
    {"id": "air_squat", "duration": 45, "speed": 1.1, "rest": 10}
  ],
  "language": "fr",
  "background": {"color": "#101828"}
}
"##;
    assert_eq!(canonical(WORKOUT), text);
    assert_eq!(canonical(r#"{"exercises": [{"id": "a"}]}"#), "{\n  \"exercises\": [\n    {\"id\": \"a\"}\n  ]\n}\n");
}

#[test]
fn a_composition_has_this_text() {
    let text = r##"{
  "canvas": {"width": 1920, "height": 1080, "fps": "30000/1001", "background": "#101828"},
  "duration": 12,
  "layers": [
    {"type": "image", "src": "gym.png", "rect": [-10.5, 0, 1920, 1080], "fit": "cover"},
    {
      "type": "clip",
      "src": "squat.mov",
      "rect": [0, 0, 1920, 1080],
      "alpha": "premultiplied",
      "trim": {"in": 0.5, "out": 2.5},
      "speed": 1.2,
      "loop": true,
      "duration": 10,
      "fade_in": 0.3,
      "fade_out": 0.3
    },
    {
      "type": "text",
      "text": "Air squat",
      "size": 64,
      "weight": 700,
      "position": [60, 60],
      "anchor": "top",
      "box": "#00000080",
      "outline": "#000000",
      "max_width": 800,
      "duration": 10
    },
    {
      "type": "timer",
      "mode": "countdown",
      "format": "mm:ss.t",
      "position": [1860, 40],
      "anchor": "top-right"
    },
    {"type": "progress", "rect": [20, 1040, 1880, 10], "radius": 5, "duration": 12}
  ]
}
"##;
    assert_eq!(canonical(COMPOSITION), text);
}

/// Spellings of one value, and the field in the canonical text; empty where it is omitted.
#[test]
fn each_value_has_one_spelling() {
    let cases = [
        (r#""rest": 1.50"#, r#", "rest": 1.5"#),
        (r#""rest": "3/2""#, r#", "rest": 1.5"#),
        (r#""rest": 15e-1"#, r#", "rest": 1.5"#),
        (r#""rest": "6/4""#, r#", "rest": 1.5"#),
        (r#""rest": "2/6""#, r#", "rest": "1/3""#),
        (r#""rest": 0.3333333333333333"#, r#", "rest": 0.333333"#),
        (r#""rest": "1/128""#, r#", "rest": "1/128""#),
        (r#""rest": "0/7""#, ""),
        (r#""speed": "5/5""#, ""),
    ];
    for (field, expected) in cases {
        let text = canonical(&format!(r#"{{"exercises": [{{"id": "a", {field}}}]}}"#));
        assert_eq!(text, format!("{{\n  \"exercises\": [\n    {{\"id\": \"a\"{expected}}}\n  ]\n}}\n"), "{field}");
    }
    let cases = [
        (r#""intensity": "easy""#, r#""intensity": "facile""#),
        (r#""intensity": "medium""#, ""),
        (r#""intensity": "intense""#, r#""intensity": "intense""#),
        (r##""background": {"color": "#ABCDEFFF"}"##, r##""background": {"color": "#abcdef"}"##),
        (r##""background": {"color": "#ABCDEF80"}"##, r##""background": {"color": "#abcdef80"}"##),
        (r#""background": {"image": "./a//b.png"}"#, r#""background": {"image": "./a//b.png"}"#),
        (r#""title": "\u00e9\ud83d\ude00\/""#, "\"title\": \"é😀/\""),
        (r#""fps": "25/1""#, r#""fps": 25"#),
        (r#""fps": 30.0"#, ""),
    ];
    for (field, expected) in cases {
        let text = canonical(&format!(r#"{{"exercises": [{{"id": "a"}}], {field}}}"#));
        assert!(text.contains(expected), "{field}: {text}");
        let (name, _) = field.split_once(':').unwrap();
        assert_eq!(text.contains(name), !expected.is_empty(), "{field}: {text}");
    }
}

proptest! {
    #[test]
    fn a_written_document_is_read_as_the_same(document in test_documents::document()) {
        let text = write(&document);
        let read = parse(text.as_bytes());
        prop_assert_eq!(read.as_ref(), Ok(&document), "{}", text);
        // Canonical text is a fixed point, ends with one newline and has no trailing white space.
        prop_assert_eq!(&write(&document), &text);
        let has_clean_ends = text.ends_with("}\n") && text.lines().all(|line| !line.ends_with(" "));
        prop_assert!(has_clean_ends, "{}", text);
    }

    /// The text is a function of the meaning: white space, spelling and the order of the fields do not matter.
    #[test]
    fn equal_documents_have_one_text(document in test_documents::document()) {
        let text = write(&document);
        // Without white space and with the fields in alphabetical order.
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let shuffled = parse(value.to_string().as_bytes());
        prop_assert_eq!(shuffled.map(|document| write(&document)), Ok(text));
    }
}
