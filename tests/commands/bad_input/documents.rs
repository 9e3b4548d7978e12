//! Files that are not documents, and documents with one fault each.

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
    ("only_spaces", b"  \n", "JSON"),
    ("only_a_byte_order_mark", b"\xef\xbb\xbf", "JSON"),
    ("not_json", b"exercises:\n  - id: squat\n", "JSON"),
    ("unfinished", b"{\"layers\": [", "JSON"),
    ("two_documents", b"{} {}", "JSON"),
    ("invalid_utf_8", b"{\"title\": \"\xff\xfe\", \"exercises\": []}", "JSON"),
    ("utf_16", b"\xff\xfe{\0}\0", "JSON"),
    ("nul_bytes", &[0; 64], "JSON"),
    ("array_at_the_top", b"[]", "object"),
    ("string_at_the_top", b"\"layers\"", "object"),
    ("null_at_the_top", b"null", "object"),
    ("both_kinds", b"{\"exercises\": [], \"layers\": []}", "both"),
    ("neither_kind", b"{\"title\": \"Morning\"}", "neither"),
];

/// Name, text of a valid document, its replacement, and the field of the expected fault.
const FAULTS: &[(&str, &str, &str, &str)] = &[
    // Names.
    ("unknown_field_at_the_top", "\"duration\": 2,", "\"duration\": 2, \"music\": 1,", "music"),
    ("unknown_field_of_the_canvas", "\"fps\": 30", "\"rate\": 30", "canvas.rate"),
    ("unknown_field_of_a_layer", "\"loop\"", "\"looop\"", "layers[0].looop"),
    ("unknown_field_of_a_trim", "\"in\": 0", "\"from\": 0", "layers[0].trim.from"),
    ("unknown_field_of_an_exercise", "\"rest\"", "\"pause\"", "exercises[0].pause"),
    ("field_of_another_kind_of_layer", "\"anchor\"", "\"fit\"", "layers[1].fit"),
    ("field_given_twice", "\"loop\": true", "\"speed\": 1", "layers[0].speed"),
    ("duration_missing", "\"duration\": 2,", "", "duration"),
    ("width_missing", "\"width\": 320,", "", "canvas.width"),
    ("type_missing", "\"type\": \"clip\",", "", "layers[0].type"),
    ("id_missing", "\"id\": \"squat\",", "", "exercises[0].id"),
    // Types.
    (
        "canvas_is_a_string",
        "{\"width\": 320, \"height\": 180, \"fps\": 30, \"background\": \"#101828\"}",
        "\"hd\"",
        "canvas",
    ),
    ("width_is_a_string", "\"width\": 320", "\"width\": \"320\"", "canvas.width"),
    ("duration_is_null", "\"duration\": 2", "\"duration\": null", "duration"),
    ("text_is_a_number", "\"Air squat\"", "7", "layers[1].text"),
    ("loop_is_a_string", "\"loop\": true", "\"loop\": \"yes\"", "layers[0].loop"),
    ("trim_is_an_array", "{\"in\": 0, \"out\": 1}", "[0, 1]", "layers[0].trim"),
    ("exercises_are_an_object", "[{\"id\": \"squat\", \"duration\": 1, \"rest\": 0}]", "{}", "exercises"),
    // Numbers.
    ("duration_of_400_digits", "\"duration\": 2", "\"duration\": 1e400", "duration"),
    ("duration_of_30_digits", "\"duration\": 2", "\"duration\": 111111111111111111111111111111", "duration"),
    ("duration_rounded_to_nothing", "\"duration\": 2", "\"duration\": 4.9999999999999996e-7", "duration"),
    ("duration_of_a_huge_exponent", "\"duration\": 2", "\"duration\": 1e99999999999999999999", "duration"),
    ("duration_negative", "\"duration\": 2", "\"duration\": -2", "duration"),
    ("duration_zero", "\"duration\": 2", "\"duration\": 0", "duration"),
    ("duration_of_a_day", "\"duration\": 2", "\"duration\": 86400", "duration"),
    ("width_zero", "\"width\": 320", "\"width\": 0", "canvas.width"),
    ("width_odd", "\"width\": 320", "\"width\": 321", "canvas.width"),
    ("width_of_8", "\"width\": 320", "\"width\": 8", "canvas.width"),
    ("height_of_100000", "\"height\": 180", "\"height\": 100000", "canvas.height"),
    ("fps_zero", "\"fps\": 30", "\"fps\": \"0/1\"", "canvas.fps"),
    ("fps_with_denominator_zero", "\"fps\": 30", "\"fps\": \"30/0\"", "canvas.fps"),
    ("fps_of_48_in_a_workout", "\"fps\": 24", "\"fps\": 48", "fps"),
    ("speed_zero", "\"speed\": 1", "\"speed\": 0", "layers[0].speed"),
    ("speed_of_17", "\"speed\": 1", "\"speed\": 17", "layers[0].speed"),
    ("speed_negative", "\"speed\": 1", "\"speed\": -1", "layers[0].speed"),
    (
        "speed_above_16_by_intensity",
        "\"moyen\", \"rounds\": 1,\n    \"exercises\": [{",
        "\"intense\", \"exercises\": [{\"speed\": 16, ",
        "exercises[0].speed",
    ),
    ("opacity_of_2", "\"opacity\": 1", "\"opacity\": 2", "layers[0].opacity"),
    ("rounds_zero", "\"rounds\": 1", "\"rounds\": 0", "rounds"),
    ("rounds_is_a_fraction", "\"rounds\": 1", "\"rounds\": 1.5", "rounds"),
    ("rest_negative", "\"rest\": 0", "\"rest\": -1", "exercises[0].rest"),
    // Times that contradict each other or the clip.
    ("trim_backwards", "{\"in\": 0, \"out\": 1}", "{\"in\": 0.8, \"out\": 0.2}", "layers[0].trim.out"),
    ("trim_out_after_the_clip", "\"out\": 1", "\"out\": 60", "layers[0].trim.out"),
    ("trim_in_after_the_clip", "{\"in\": 0, \"out\": 1}", "{\"in\": 60}", "layers[0].trim.in"),
    ("start_after_the_end", "\"start\": 0", "\"start\": 2", "layers[0].start"),
    ("layer_shorter_than_a_frame", "\"start\": 0", "\"duration\": \"1/1000\"", "layers[0].duration"),
    // Strings and choices.
    ("color_by_name", "\"#ffffff\"", "\"white\"", "layers[1].color"),
    ("color_of_5_digits", "\"#101828\"}, \"duration\"", "\"#10182\"}, \"duration\"", "canvas.background"),
    ("anchor_unknown", "\"top-left\"", "\"middle\"", "layers[1].anchor"),
    ("type_unknown", "\"type\": \"clip\"", "\"type\": \"video\"", "layers[0].type"),
    ("text_with_a_tab", "\"Air squat\"", "\"Air\\tsquat\"", "layers[1].text"),
    ("src_is_a_url", "\"good.mov\"", "\"http://127.0.0.1:9/good.mov\"", "layers[0].src"),
    ("src_with_a_nul", "\"good.mov\"", "\"good\\u0000.mov\"", "layers[0].src"),
    ("src_empty", "\"good.mov\"", "\"\"", "layers[0].src"),
    ("intensity_unknown", "\"moyen\"", "\"brutal\"", "intensity"),
    ("language_unknown", "\"en\"", "\"tlh\"", "language"),
    ("format_unknown", "\"16:9\"", "\"4:3\"", "format"),
    ("resolution_unknown", "\"720p\"", "\"480p\"", "resolution"),
    ("exercise_unknown", "\"squat\"", "\"levitation\"", "exercises[0].id"),
    (
        "background_of_two",
        "{\"color\": \"#101828\"}",
        "{\"color\": \"#101828\", \"image\": \"good.png\"}",
        "background",
    ),
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
