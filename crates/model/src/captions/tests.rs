//! Captions of documents, with their exact times.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::*;
use crate::audio::{AudioInfos, compile_composition_soundtrack};
use crate::catalogue::Catalogue;
use crate::document::{self, Composition, SubtitleCue};
use crate::time::Rational;
use crate::timeline::{ClipInfos, ItemContent, compile_composition};
use crate::workout::compile_workout_soundtrack;

const CATALOGUE: &str = r#"
    [[exercise]]
    id = "squat"
    name = "Air squat"
    clip = "squat.mov"

    [[exercise]]
    id = "plank"
    name = "Plank"
    clip = "plank.mov"
"#;

/// The tracks of a document without files.
fn tracks(json: &str) -> Result<Vec<CaptionTrack>, Vec<ValidationFault>> {
    let document = document::parse(json.as_bytes()).unwrap_or_else(|faults| panic!("{json}: {faults:?}"));
    let (infos, audio, base) = (ClipInfos::new(), AudioInfos::new(), Path::new(""));
    let soundtrack = match &document {
        Document::Workout(workout) => {
            let catalogue = Catalogue::parse(CATALOGUE, base).unwrap();
            compile_workout_soundtrack(workout, &catalogue, base, &infos, &audio).unwrap()
        }
        Document::Composition(composition) => {
            compile_composition_soundtrack(composition, base, &infos, &audio).unwrap()
        }
    };
    compile_captions(&document, soundtrack.as_ref())
}

fn composition(layers: &str) -> String {
    format!(r#"{{"canvas": {{"width": 640, "height": 360, "fps": 10}}, "duration": 30, "layers": [{layers}]}}"#)
}

/// Cues as starts and ends in milliseconds with their texts.
fn millis(cues: &[CaptionCue]) -> Vec<(u64, u64, &str)> {
    cues.iter().map(|cue| (cue.span.start / 48, cue.span.end / 48, &*cue.text)).collect()
}

#[test]
fn a_workout_is_captioned_with_what_its_voice_says() {
    let exercises = r#""exercises": [{"id": "squat", "duration": 20, "rest": 10, "say": "Heels down."}, {"id": "plank", "duration": 20}]"#;
    let tracks_of = |rest: &str| tracks(&format!("{{{exercises}, {rest}}}")).unwrap();
    let spoken = tracks_of(r#""audio": {"cues": {"style": "voice"}}"#);
    assert_eq!((spoken.len(), &*spoken[0].language), (1, "en"));
    let expected = [
        (0, 2360, "Air squat. Heels down."),
        (17_000, 18_000, "Three"),
        (18_000, 19_000, "Two"),
        (19_000, 20_000, "One"),
        (20_000, 21_000, "Rest"),
        (21_220, 22_700, "Next: Plank"),
        (27_000, 28_000, "Three"),
        (28_000, 29_000, "Two"),
        (29_000, 30_000, "One"),
        (30_000, 31_000, "Plank"),
        (47_000, 48_000, "Three"),
        (48_000, 49_000, "Two"),
        (49_000, 50_000, "Done"),
    ];
    assert_eq!(millis(&spoken[0].cues), expected);
    assert!(spoken[0].placement.is_some());
    // A sentence is said in every style, after the tone.
    let said = tracks_of(r#""language": "fr", "audio": {}"#);
    assert_eq!((said.len(), &*said[0].language, said[0].cues.len()), (1, "fr", 1));
    assert_eq!(&*said[0].cues[0].text, "Heels down.");
    assert!(tracks_of(r#""audio": {"captions": false, "cues": {"style": "voice"}}"#).is_empty());
    assert!(tracks(r#"{"exercises": [{"id": "squat"}], "audio": {}}"#).unwrap().is_empty(), "tones are no words");
    assert!(tracks(r#"{"exercises": [{"id": "squat"}]}"#).unwrap().is_empty());
}

#[test]
fn speech_is_captioned_while_it_is_said_in_its_language() {
    let long =
        "Stand with your feet as wide as your shoulders. Push your hips back, and go down until your thighs are level.";
    let layers = [
        format!(r#"{{"type": "speech", "text": "{long}", "start": 2}}"#),
        r#"{"type": "speech", "text": "Vite", "language": "fr", "start": 3, "duration": 0.5}"#.to_owned(),
        r#"{"type": "speech", "text": "Now", "start": 2.5}"#.to_owned(),
        r#"{"type": "speech", "text": "Together", "start": 2.5}"#.to_owned(),
        r#"{"type": "speech", "text": "Never", "start": 9, "gain": "-inf"}"#.to_owned(),
        r#"{"type": "speech", "text": "Last", "start": 29.7}"#.to_owned(),
    ];
    let tracks = tracks(&composition(&layers.join(","))).unwrap();
    let [english, french] = &tracks[..] else { panic!("{tracks:?}") };
    assert_eq!((&*english.language, &*french.language), ("en", "fr"));
    let first_chars = "Stand with your feet as wide as your shoulders.".chars().count() as u64;
    let chars = long.chars().count() as u64 - 1;
    let second = 2000 + ((60 + 8 * (chars + 1)) * 10 * first_chars).div_ceil(chars);
    let english = millis(&english.cues);
    assert_eq!(english[0], (2000, 2500, "Stand with your feet as wide as your shoulders."));
    // What starts together is one caption, and it gives way to what is said next.
    assert_eq!((english[1].0, english[1].2), (2500, "Now\nTogether"));
    assert!(english[2].2.starts_with("Push your hips") && english[2].0.abs_diff(second) <= 1, "{english:?} {second}");
    assert_eq!(english[3], (29_700, 30_000, "Last"));
    assert_eq!(millis(&french.cues), [(3000, 4000, "Vite")]);
    let silenced = composition(&layers[..1].join(","))
        .replace(r#""duration": 30"#, r#""duration": 30, "audio": {"captions": false}"#);
    assert!(super::tests::tracks(&silenced).unwrap().is_empty());
}

const CUES: &str = r#""cues": [{"start": 4, "end": 6.5, "text": " Last \n\n line "}, {"start": 0, "end": 1.2345, "text": "First"},
    {"start": 25, "end": 40, "text": "Too long"}, {"start": 50, "end": 60, "text": "Never"}]"#;

#[test]
fn subtitles_are_a_track_on_the_times_of_their_layer() {
    let layers = format!(
        r#"{{"type": "subtitles", "start": 1.5, "duration": 26, {CUES}}}, {{"type": "subtitles", "language": "EN", "cues": [{{"start": 2, "end": 3, "text": "Other"}}]}}"#
    );
    let tracks = tracks(&composition(&layers)).unwrap();
    let expected =
        [(1500, 2734, "First"), (2000, 3000, "Other"), (5500, 8000, "Last\nline"), (26_500, 27_500, "Too long")];
    assert_eq!((tracks.len(), millis(&tracks[0].cues)), (1, expected.to_vec()));
    assert_eq!((&*tracks[0].language, tracks[0].placement), ("en", None));
    let burnt = composition(&format!(r#"{{"type": "subtitles", "burn": true, {CUES}}}"#));
    assert!(super::tests::tracks(&burnt).unwrap().is_empty());
    let language = |index: usize| {
        let letter = char::from(b'a' + index as u8);
        format!(r#"{{"type": "subtitles", "language": "x{letter}", "cues": [{{"start": 0, "end": 1, "text": "a"}}]}}"#)
    };
    let languages = |count: usize| (0..count).map(language).collect::<Vec<_>>().join(",");
    assert_eq!(super::tests::tracks(&composition(&languages(16))).unwrap().len(), 16);
    let faults = super::tests::tracks(&composition(&languages(17))).unwrap_err();
    assert_eq!(faults[0].to_string(), "layers: captions are in 17 languages; at most 16 can be");
}

fn parsed(json: &str) -> Composition {
    match document::parse(json.as_bytes()) {
        Ok(Document::Composition(composition)) => composition,
        other => panic!("{json}: {other:?}"),
    }
}

#[test]
fn burnt_in_subtitles_are_texts_on_whole_frames() {
    let json = composition(&format!(r#"{{"type": "subtitles", "burn": true, "start": 1.5, "duration": 26, {CUES}}}"#));
    let timeline = compile_composition(&parsed(&json), Path::new(""), &ClipInfos::new()).unwrap();
    let texts: Vec<(u64, u64, String)> = timeline
        .items()
        .iter()
        .map(|item| match &item.content {
            ItemContent::Text { text, style } => {
                assert_eq!((style.size, style.position, style.max_width), (18.0, (320.0, 342.0), 576.0));
                (item.span.start, item.span.end, text.to_string())
            }
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [(15, 27, "First"), (55, 80, "Last\nline"), (265, 275, "Too long")];
    assert_eq!(texts, expected.map(|(start, end, text)| (start, end, text.to_owned())));

    let large = json.replace(r#""burn": true"#, r#""burn": true, "size": 2000"#);
    assert!(compile_composition(&parsed(&large), Path::new(""), &ClipInfos::new()).is_ok());
    let text = "x".repeat(17);
    let large = large.replace("Too long", &text);
    let faults = compile_composition(&parsed(&large), Path::new(""), &ClipInfos::new()).unwrap_err();
    assert_eq!(faults[0].to_string(), "layers[0].size: shows 17 letters of 2000 pixels at once; use a smaller size");
}

#[test]
fn the_cues_of_files_take_the_place_of_their_paths() {
    let json =
        composition(r#"{"type": "subtitles", "src": "a.vtt", "burn": true}, {"type": "subtitles", "src": "b.srt"}"#);
    let composition = parsed(&json);
    let base = Path::new("folder");
    let named = composition_subtitles(&composition, base);
    let paths = ["folder/a.vtt", "folder/b.srt"].map(PathBuf::from);
    assert_eq!(named, [("layers[0].src".to_owned(), paths[0].clone()), ("layers[1].src".to_owned(), paths[1].clone())]);
    let cue = |text: &str| SubtitleCue::from_millis(0, 1500, text).unwrap();
    let files = HashMap::from([(paths[1].clone(), Arc::from([cue("From b")]))]);
    let filled = with_subtitles(composition.clone(), base, &files);
    let tracks = compile_captions(&Document::Composition(filled.clone()), None).unwrap();
    assert_eq!(millis(&tracks[0].cues), [(0, 1500, "From b")]);
    // A file that is missing is reported by who reads it.
    assert!(compile_composition(&filled, base, &ClipInfos::new()).unwrap().items().is_empty());
    let many: Arc<[SubtitleCue]> = vec![cue("a"); 2501].into();
    let files = HashMap::from(paths.map(|path| (path, many.clone())));
    let faults = compile_composition(&with_subtitles(composition, base, &files), base, &ClipInfos::new()).unwrap_err();
    assert_eq!(faults[0].to_string(), "layers: the subtitles have 5002 cues; at most 5000 can be");
}

/// Captions never overlap others of speech, and every word is there at some time.
#[test]
fn captions_of_speech_do_not_overlap_and_are_readable() {
    let exercises = vec![r#"{"id": "squat", "duration": 9.7, "rest": 5.3, "say": "Go."}"#; 40].join(",");
    let json = format!(r#"{{"exercises": [{exercises}], "audio": {{"cues": {{"style": "both", "halfway": true}}}}}}"#);
    let tracks = tracks(&json).unwrap();
    let cues = &tracks[0].cues;
    assert!(cues.len() > 200);
    for pair in cues.windows(2) {
        assert!(pair[0].span.end <= pair[1].span.start);
        let is_full = pair[0].span.len() >= 48_000 || pair[0].span.end == pair[1].span.start;
        assert!(is_full && pair[0].span.len() <= 7 * 48_000, "{pair:?}");
    }
    assert_eq!(CaptionRuns::new(cues).runs(), &cues[..]);
    assert_eq!(speech_samples("Go", Rational::from_integer(2)), 48_000 * 38 / 100);
}

#[test]
fn a_file_that_many_layers_name_is_not_held_as_often() {
    let layers = vec![r#"{"type": "subtitles", "src": "a.srt"}"#; 1000].join(",");
    let Ok(Document::Composition(document)) = document::parse(composition(&layers).as_bytes()) else { panic!() };
    let cue = SubtitleCue::from_millis(0, 1000, "Hi").unwrap();
    let files = HashMap::from([(PathBuf::from("a.srt"), vec![cue; 3000].into())]);
    let filled = with_subtitles(document, Path::new(""), &files);
    let held = |layer: &crate::document::Layer| match &layer.content {
        LayerContent::Subtitles(subtitles) => subtitles.cues.iter().flatten().count(),
        _ => 0,
    };
    assert_eq!(filled.layers.iter().map(held).sum::<usize>(), 6000);
    let faults = compile_composition(&filled, Path::new(""), &ClipInfos::new()).unwrap_err();
    assert_eq!(faults[0].to_string(), "layers: the subtitles have 6000 cues; at most 5000 can be");
}
