//! Subtitles of documents: every field, canonical text, and every fault with its path.

use super::*;
use crate::color::Color;
use crate::geometry::Anchor;
use crate::time::Rational;

pub(super) const SUBTITLES_COMPOSITION: &str = r##"{"canvas": {"width": 640, "height": 360}, "duration": 12, "layers": [
    {"type": "subtitles", "src": "talk.vtt", "start": 1, "duration": 10},
    {"type": "subtitles", "cues": [{"start": 0, "end": 1.5, "text": "Go"}, {"start": "1/3", "end": 2, "text": "On\nand on"}],
     "language": "fr", "burn": true, "size": 40, "weight": 700, "color": "#ffff00", "position": [320, 20], "anchor": "top",
     "box": "#00000000", "outline": "#000000", "max_width": 300, "opacity": 0.5, "fade_in": 0.1, "fade_out": 0.2}]}"##;

fn layers(json: &str) -> Vec<SubtitlesLayer> {
    let Ok(Document::Composition(composition)) = parse(json.as_bytes()) else { panic!("{json}") };
    let subtitles = composition.layers.into_iter().map(|layer| match layer.content {
        LayerContent::Subtitles(subtitles) => subtitles,
        other => panic!("{other:?}"),
    });
    subtitles.collect()
}

#[test]
fn every_field_of_subtitles_is_read() {
    let [file, inline] = layers(SUBTITLES_COMPOSITION).try_into().unwrap();
    assert_eq!((file.src.as_deref(), file.cues, file.burn), (Some("talk.vtt"), None, false));
    assert_eq!((&*file.language, file.style.size, file.style.position), ("en", None, None));
    assert_eq!((file.style.anchor, file.style.box_color), (Anchor::Bottom, Color::BLACK.with_alpha(0xb3)));
    let cue = |start, end, text: &str| SubtitleCue { start, end, text: text.to_owned() };
    let (half, third, two) = (Rational::new(3, 2), Rational::new(1, 3), Rational::from_integer(2));
    let cues = vec![cue(Rational::from_integer(0), half, "Go"), cue(third, two, "On\nand on")];
    assert_eq!((inline.src, inline.cues, inline.burn), (None, Some(cues), true));
    assert_eq!((&*inline.language, inline.style.weight, inline.style.anchor), ("fr", 700, Anchor::Top));
    assert_eq!(inline.style.size, Some(Rational::from_integer(40)));
    assert_eq!(inline.style.box_color.alpha, 0);
}

#[test]
fn subtitles_have_this_text() {
    let text = r##"{
  "canvas": {"width": 640, "height": 360},
  "duration": 12,
  "layers": [
    {"type": "subtitles", "src": "talk.vtt", "start": 1, "duration": 10},
    {
      "type": "subtitles",
      "cues": [
        {"start": 0, "end": 1.5, "text": "Go"},
        {"start": "1/3", "end": 2, "text": "On\nand on"}
      ],
      "language": "fr",
      "burn": true,
      "size": 40,
      "weight": 700,
      "color": "#ffff00",
      "position": [320, 20],
      "anchor": "top",
      "box": "#00000000",
      "outline": "#000000",
      "max_width": 300,
      "opacity": 0.5,
      "fade_in": 0.1,
      "fade_out": 0.2
    }
  ]
}
"##;
    assert_eq!(write(&parse(SUBTITLES_COMPOSITION.as_bytes()).unwrap()), text);
}

#[test]
fn faults_of_subtitles_name_their_path() {
    let cases = [
        (r#""src": "a.vtt", "cues": []"#, "layers[0]: must have either `src` or `cues`"),
        (r#""language": "fr""#, "layers[0]: must have either `src` or `cues`"),
        (
            r#""cues": [{"start": 2, "end": 2, "text": "a"}]"#,
            "layers[0].cues[0].end: must be above `start`, which is 2",
        ),
        (r#""cues": [{"start": 2, "end": 3, "text": ""}]"#, "layers[0].cues[0].text: must not be empty"),
        (r#""cues": [{"start": 2, "text": "a"}]"#, "layers[0].cues[0].end: is missing"),
        (r#""src": "http://x/a.vtt""#, "layers[0].src: must be the path of a file, not a URL"),
    ];
    for (fields, expected) in cases {
        let json = format!(
            r#"{{"canvas": {{"width": 64, "height": 64}}, "duration": 9, "layers": [{{"type": "subtitles", {fields}}}]}}"#
        );
        let faults: Vec<String> = parse(json.as_bytes()).unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(faults, [expected], "{fields}");
    }
    let cue = r#"{"start": 0, "end": 1, "text": "a"}"#;
    let many = vec![cue; 5001].join(",");
    let json = format!(
        r#"{{"canvas": {{"width": 64, "height": 64}}, "duration": 9, "layers": [{{"type": "subtitles", "cues": [{many}]}}]}}"#
    );
    assert_eq!(
        parse(json.as_bytes()).unwrap_err()[0].to_string(),
        "layers[0].cues: must have 0 to 5000 entries, has 5001"
    );
}

#[test]
fn cues_of_files_obey_the_rules_of_documents() {
    assert!(SubtitleCue::from_millis(0, 43_200_000, "a").is_ok());
    for (start, end, text) in [(5, 5, "a"), (0, 43_200_001, "a"), (0, 1, ""), (0, 1, "a\tb"), (0, 1, &*"x".repeat(501))]
    {
        assert!(SubtitleCue::from_millis(start, end, text).is_err(), "{start} {end} {text}");
    }
}
