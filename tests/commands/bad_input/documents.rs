//! Files that are not documents, and documents with one fault each: one or two of a kind, since the tests of the reader
//! have all of them.

use super::case::{COMPOSITION, Case, WORKOUT, changed};

pub(crate) fn cases() -> Vec<Case> {
    let no_documents = NO_DOCUMENTS.iter().map(|(name, bytes, says)| Case::document(name, *bytes, &[says]));
    let faults =
        FAULTS.iter().map(|(name, from, to, place)| Case::document(name, changed(from, to), &[&format!("{place}: ")]));
    no_documents.chain(faults).chain(large()).collect()
}

/// Files that are not documents: name, bytes, and a part of the expected message.
const NO_DOCUMENTS: &[(&str, &[u8], &str)] = &[
    ("empty", b"", "JSON"),
    ("not_json", b"exercises:\n  - id: squat\n", "JSON"),
    ("invalid_utf_8", b"{\"title\": \"\xff\xfe\", \"exercises\": []}", "JSON"),
    ("both_kinds", b"{\"exercises\": [], \"layers\": []}", "both"),
];

/// Name, text of a valid document, its replacement, and the field of the expected fault.
const FAULTS: &[(&str, &str, &str, &str)] = &[
    ("unknown_field_of_a_layer", "\"loop\"", "\"looop\"", "layers[0].looop"),
    ("duration_missing", "\"duration\": 2,", "", "duration"),
    ("width_is_a_string", "\"width\": 320", "\"width\": \"320\"", "canvas.width"),
    ("duration_of_400_digits", "\"duration\": 2", "\"duration\": 1e400", "duration"),
    ("speed_of_17", "\"speed\": 1", "\"speed\": 17", "layers[0].speed"),
    (
        "speed_above_16_by_intensity",
        "\"moyen\", \"rounds\": 1,\n    \"exercises\": [{",
        "\"intense\", \"exercises\": [{\"speed\": 16, ",
        "exercises[0].speed",
    ),
    ("trim_out_after_the_clip", "\"out\": 1", "\"out\": 60", "layers[0].trim.out"),
    ("trim_in_after_the_clip", "{\"in\": 0, \"out\": 1}", "{\"in\": 60}", "layers[0].trim.in"),
    ("layer_shorter_than_a_frame", "\"start\": 0", "\"duration\": \"1/1000\"", "layers[0].duration"),
    ("color_by_name", "\"#ffffff\"", "\"white\"", "layers[1].color"),
    ("anchor_unknown", "\"top-left\"", "\"middle\"", "layers[1].anchor"),
    ("src_is_a_url", "\"good.mov\"", "\"http://127.0.0.1:9/good.mov\"", "layers[0].src"),
    ("exercise_unknown", "\"squat\"", "\"levitation\"", "exercises[0].id"),
];

/// Large documents, and documents on standard input.
fn large() -> Vec<Case> {
    let layers = |layer: &str, count: usize| {
        let (head, _) = COMPOSITION.split_once("\"layers\": [").unwrap();
        format!("{head}\"layers\": [{}]}}", vec![layer; count].join(","))
    };
    let exercises = |count: usize, duration: u32| {
        let exercise = format!("{{\"id\": \"squat\", \"duration\": {duration}}}");
        WORKOUT.replace("{\"id\": \"squat\", \"duration\": 1, \"rest\": 0}", &vec![exercise; count].join(","))
    };
    let text = layers("{\"type\": \"text\", \"text\": \"a\"}", 1001);
    let clips = layers("{\"type\": \"clip\", \"src\": \"good.mov\", \"loop\": true}", 33);
    let mebibyte = vec![b' '; 1 << 20];
    vec![
        Case::document("layers_1001", text, &["layers: "]),
        Case::document("exercises_1001", exercises(1001, 1), &["exercises: "]),
        Case::document("exercises_none", exercises(0, 1), &["exercises: "]),
        Case::document("workout_of_a_day", exercises(2, 43_200), &["exercises: "]),
        Case::document("clips_33_at_once", clips, &["layers: ", "33"]),
        Case::document("text_of_2000_characters", changed("Air squat", &"x".repeat(2000)), &["layers[1].text: "]),
        Case::document("duration_is_not_a_number", changed("\"duration\": 2", "\"duration\": NaN"), &["JSON"]),
        Case::document("brackets_100000_deep", "[", &["JSON"]).times(100_000),
        Case::document("objects_100000_deep", "{\"a\":", &["JSON"]).times(100_000),
        Case::document("spaces_100_mebibytes", mebibyte.clone(), &["at most"]).times(100),
        Case::document("spaces_100_mebibytes_streamed", mebibyte, &["at most"]).times(100).streamed(),
        Case::document("nothing_streamed", "", &["JSON"]).streamed(),
        Case::document("fault_streamed", changed("\"speed\": 1", "\"speed\": 0"), &["layers[0].speed: "]).streamed(),
    ]
}
