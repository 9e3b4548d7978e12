//! Every fault that a document can have, with its path and message.

use super::tests::{COMPOSITION, WORKOUT};
use super::*;

fn faults(bytes: &[u8]) -> Vec<String> {
    parse(bytes).map_or_else(|faults| faults.iter().map(ToString::to_string).collect(), |_| Vec::new())
}

/// Texts that are not documents, and the start of their one fault.
#[test]
fn texts_that_are_not_documents_are_rejected() {
    let deep = "[".repeat(100_000);
    let large = " ".repeat(MAX_DOCUMENT_BYTES + 1);
    let cases: &[(&[u8], &str)] = &[
        (b"", "is not valid JSON: it is empty"),
        (b"  \n", "is not valid JSON: it is empty"),
        (b"\xef\xbb\xbf", "is not valid JSON: it is empty"),
        (b"{", "is not valid JSON: it ends in the middle of an object at line 1 column 1"),
        (b"{} {}", "is not valid JSON: trailing characters at line 1 column 4"),
        (b"{\"exercises\": [],}", "is not valid JSON: trailing comma at line 1 column 18"),
        (b"{\"exercises\": NaN}", "is not valid JSON: expected value at line 1 column 15"),
        (b"{\"exercises\": -Infinity}", "is not valid JSON: invalid number at line 1"),
        (b"{\"rounds\": 01}", "is not valid JSON: invalid number at line 1"),
        (b"{'a': 1}", "is not valid JSON: key must be a string at line 1 column 2"),
        (b"{\"title\": \"\xff\xfe\"}", "is not valid JSON: invalid unicode code point at line 1"),
        (b"{\"title\": \"\\ud800\"}", "is not valid JSON: unexpected end of hex escape at line 1"),
        (b"\xff\xfe{\0}\0", "is not valid JSON: expected value at line 1 column 1"),
        (b"\0", "is not valid JSON: expected value at line 1 column 1"),
        (deep.as_bytes(), "is not valid JSON: recursion limit exceeded at line 1 column 128"),
        (large.as_bytes(), "a document has at most 1048576 bytes, this one more"),
        (b"[]", "must be an object, found an array"),
        (b"null", "must be an object, found null"),
        (b"1e400", "must be an object, found a number"),
        (b"\"exercises\"", "must be an object, found a string"),
        (b"{}", "has neither `exercises` (a workout) nor `layers` (a composition)"),
        (b"{\"exercises\": [], \"layers\": []}", "has both `exercises` and `layers`: a document is"),
    ];
    for (bytes, expected) in cases {
        let faults = faults(bytes);
        assert!(faults.len() == 1 && faults[0].starts_with(expected), "{expected}: {faults:?}");
    }
}

/// A part of [`WORKOUT`] or [`COMPOSITION`], its replacement, and the path and message of the one fault that results.
#[test]
fn each_fault_is_reported_with_its_path() {
    let long_title = format!("\"{}\"", "x".repeat(201));
    let (marks, wide) = (format!("\"e{}\"", "\u{301}".repeat(40)), format!("\"{}\", \"size\": 2000", "x".repeat(17)));
    let (digits, decimals) = ("1".repeat(1000), format!("0.{}", "3".repeat(1000)));
    let exercises = |count: usize| format!("[{}]", vec![r#"{"id": "a"}"#; count].join(","));
    let (many, some) = (exercises(1001), exercises(600));
    let example_exercises = &WORKOUT[WORKOUT.find("[{").unwrap()..=WORKOUT.find("}],").unwrap() + 1];
    let rows: &[(&str, &str, &str, &str)] = &[
        // Types.
        ("\"Morning\"", "7", "title", "must be a string, found a number"),
        ("\"Morning\"", "null", "title", "must be a string, found null"),
        ("\"rounds\": 2", "\"rounds\": \"2\"", "rounds", "must be a number, found a string"),
        (
            "\"duration\": 30",
            "\"duration\": \"30\"",
            "exercises[0].duration",
            "must be a number such as 1.5, or a fraction such as \"3/2\"",
        ),
        ("\"duration\": 30", "\"duration\": [30]", "exercises[0].duration", "must be a number, found an array"),
        ("\"show_timer\": true", "\"show_timer\": 1", "show_timer", "must be true or false, found a number"),
        (example_exercises, "{}", "exercises", "must be an array, found an object"),
        (example_exercises, "[{\"id\": \"a\"}, \"b\"]", "exercises[1]", "must be an object, found a string"),
        ("{\"color\": \"#101828\"}", "\"#101828\"", "background", "must be an object, found a string"),
        ("[60, 60]", "60", "layers[2].position", "must be an array, found a number"),
        ("\"#00000080\"", "0", "layers[2].box", "must be a color such as \"#22c55e\", found a number"),
        // Ranges.
        ("\"duration\": 45", "\"duration\": 0", "exercises[1].duration", "must be above 0"),
        ("\"duration\": 45", "\"duration\": -1", "exercises[1].duration", "must be above 0"),
        ("\"duration\": 45", "\"duration\": 43200.000001", "exercises[1].duration", "must be at most 43200"),
        ("\"rest\": 10", "\"rest\": -0.5", "exercises[1].rest", "must be at least 0"),
        ("1.1", "0.09", "exercises[1].speed", "must be at least 0.1"),
        ("1.1", "\"33/2\"", "exercises[1].speed", "must be at most 16"),
        ("1.1", "\"1/0\"", "exercises[1].speed", "the denominator must not be 0"),
        ("\"rounds\": 2", "\"rounds\": 101", "rounds", "must be at most 100"),
        ("\"rounds\": 2", "\"rounds\": 1.5", "rounds", "must be a whole number"),
        (example_exercises, &some, "rounds", "must be lower: 2 rounds of 600 exercises are above 1000"),
        (example_exercises, "[]", "exercises", "must have 1 to 1000 entries, has 0"),
        (example_exercises, &many, "exercises", "must have 1 to 1000 entries, has 1001"),
        ("1920, \"height\"", "1921, \"height\"", "canvas.width", "must be even"),
        ("1920, \"height\"", "14, \"height\"", "canvas.width", "must be at least 16"),
        ("1920, \"height\"", "7682, \"height\"", "canvas.width", "must be at most 7680"),
        ("\"30000/1001\"", "0.5", "canvas.fps", "must be at least 1"),
        ("\"30000/1001\"", "241", "canvas.fps", "must be at most 240"),
        ("\"fps\": 30,", "\"fps\": 48,", "fps", "must be one of 24, 25, 30, 50, 60"),
        ("\"opacity\": 1.0", "\"opacity\": 1.01", "layers[1].opacity", "must be at most 1"),
        ("\"out\": 2.5", "\"out\": 0.5", "layers[1].trim.out", "must be above `in`, which is 0.5"),
        ("\"fade_in\": 0.3", "\"fade_in\": -0.3", "layers[1].fade_in", "must be at least 0"),
        (
            "\"start\": 0, \"duration\": 12",
            "\"start\": 12",
            "layers[4].start",
            "must be before the composition's end at 12 s",
        ),
        ("\"radius\": 5", "\"radius\": -5", "layers[4].radius", "must be at least 0"),
        ("[20, 1040, 1880, 10]", "[20, 1040, 1880, 0]", "layers[4].rect[3]", "must be above 0"),
        ("[20, 1040, 1880, 10]", "[20, 1040, 1880]", "layers[4].rect", "must have 4 entries, has 3"),
        ("[60, 60]", "[100001, 0]", "layers[2].position[0]", "must be at most 100000"),
        ("\"size\": 64", "\"size\": 3", "layers[2].size", "must be at least 4"),
        ("\"weight\": 700", "\"weight\": 901", "layers[2].weight", "must be at most 900"),
        // Numbers far out of range, and numbers that are rounded.
        ("\"duration\": 30", "\"duration\": 1e400", "exercises[0].duration", "must be at most 43200"),
        ("\"duration\": 30", &format!("\"duration\": {digits}"), "exercises[0].duration", "must be at most 43200"),
        ("\"duration\": 30", "\"duration\": -1e400", "exercises[0].duration", "must be above 0"),
        ("\"duration\": 30", "\"duration\": 1e-400", "exercises[0].duration", "must be above 0"),
        ("\"duration\": 30", "\"duration\": 1e-7", "exercises[0].duration", "must be above 0"),
        ("\"duration\": 30", "\"duration\": 43200.0000001", "exercises[0].duration", "must be at most 43200"),
        ("\"fps\": 30,", "\"fps\": \"60/2\",", "fps", "must be one of 24, 25, 30, 50, 60"),
        ("1.1", "0.0999994999999999", "exercises[1].speed", "must be at least 0.1"),
        ("\"opacity\": 1.0", "\"opacity\": 1.0000005", "layers[1].opacity", "must be at most 1"),
        ("\"radius\": 5", "\"radius\": -5e-7", "layers[4].radius", "must be at least 0"),
        ("\"rounds\": 2", "\"rounds\": 1e18", "rounds", "must be at most 100"),
        ("\"rounds\": 2", "\"rounds\": 2.00001", "rounds", "must be a whole number"),
        ("\"rounds\": 2", "\"rounds\": 2.9999999999999996", "rounds", "must be a whole number"),
        ("\"rounds\": 2", &format!("\"rounds\": {decimals}"), "rounds", "must be a whole number"),
        // Texts.
        ("\"Morning\"", &long_title, "title", "must have at most 200 characters, has 201"),
        ("\"Morning\"", "\"a\\nb\"", "title", "must be one line without control characters"),
        ("\"Air squat\"", "\"a\\tb\"", "layers[2].text", "must have no control characters but newlines"),
        (
            "\"Air squat\"",
            &marks,
            "layers[2].text",
            "must have at most 32 characters drawn as one, such as a letter with its marks, has 41",
        ),
        (
            "\"Air squat\", \"size\": 64",
            &wide,
            "layers[2].text",
            "has 17 letters of 2000 pixels; use a smaller size or a shorter text",
        ),
        ("\"pushups\"", "\"push ups\"", "exercises[0].id", "may have only the characters A-Z, a-z, 0-9, _ and -"),
        ("\"pushups\"", "\"\"", "exercises[0].id", "must not be empty"),
        ("\"gym.png\"", "\"https://host/gym.png\"", "layers[0].src", "must be the path of a file, not a URL"),
        ("\"gym.png\"", "\"gym\\u0000.png\"", "layers[0].src", "must not have a NUL character"),
        ("\"gym.png\"", "\"\"", "layers[0].src", "must not be empty"),
        ("\"#22c55e\"", "\"green\"", "layers[4].color", "a color is written #rrggbb or #rrggbbaa"),
        // Choices.
        ("\"moyen\"", "\"hard\"", "intensity", "must be one of facile, moyen, intense, easy, medium"),
        ("\"16:9\"", "\"4:3\"", "format", "must be one of 16:9, 9:16, 1:1"),
        ("\"cover\"", "\"covers\"", "layers[0].fit", "must be one of contain, cover, fill, none"),
        (
            "\"type\": \"image\"",
            "\"type\": \"img\"",
            "layers[0].type",
            "must be one of image, clip, text, timer, progress, audio, tone, speech, subtitles",
        ),
        ("{\"color\": \"#101828\"}", "{}", "background", "must have exactly one of color, image and video"),
        (
            "{\"color\":",
            "{\"image\": \"a.png\", \"color\":",
            "background",
            "must have exactly one of color, image and video",
        ),
        // Names.
        ("\"duration\": 45", "\"durration\": 45", "exercises[1].durration", "unknown field; did you mean duration?"),
        ("\"title\"", "\"Title\"", "Title", "unknown field; did you mean title?"),
        ("\"title\"", "\"music\"", "music", "unknown field"),
        ("\"radius\"", "\"a\\nb\"", "layers[4].a\\nb", "unknown field"),
        ("\"mode\"", "\"loop\"", "layers[3].loop", "unknown field"),
        ("\"rounds\"", "\"title\"", "title", "given twice"),
        ("\"speed\": 1.1", "\"id\": \"b\"", "exercises[1].id", "given twice"),
        ("\"id\": \"pushups\", ", "", "exercises[0].id", "is missing"),
        ("\"duration\": 12, \"layers\"", "\"layers\"", "duration", "is missing"),
        ("\"type\": \"image\", ", "", "layers[0].type", "is missing"),
        ("\"rect\": [20, 1040, 1880, 10],", "", "layers[4].rect", "is missing"),
    ];
    for (from, to, place, message) in rows {
        let document = if WORKOUT.contains(from) { WORKOUT } else { COMPOSITION };
        assert!(document.contains(from), "{from} is in an example");
        let fault = ValidationFault { place: (*place).to_owned(), message: (*message).to_owned() };
        assert_eq!(parse(document.replacen(from, to, 1).as_bytes()), Err(vec![fault]), "{to}");
    }
}

#[test]
fn all_faults_are_reported_in_the_order_of_the_document() {
    let document =
        br#"{"fps": 31, "exercises": [{"rest": -1, "speed": 0, "id": 3}, {}, {"id": "a", "name": "A"}], "titel": "",
        "rounds": 0, "fps": 30}"#;
    assert_eq!(
        faults(document),
        [
            "fps: must be one of 24, 25, 30, 50, 60",
            "exercises[0].rest: must be at least 0",
            "exercises[0].speed: must be at least 0.1",
            "exercises[0].id: must be a string, found a number",
            "exercises[1].id: is missing",
            "exercises[2].name: unknown field",
            "titel: unknown field; did you mean title?",
            "rounds: must be at least 1",
            "fps: given twice",
        ]
    );
}

#[test]
fn the_report_of_faults_is_bounded() {
    let document = format!("{{\"exercises\": [{}]}}", vec!["0"; 1000].join(","));
    assert_eq!(faults(document.as_bytes()).len(), MAX_FAULTS);
    let name = "x".repeat(100_000);
    let [fault] =
        faults(format!("{{\"exercises\": [{{\"id\": \"a\"}}], \"{name}\": 1}}").as_bytes()).try_into().unwrap();
    assert!(fault.len() < 100, "{fault}");
}
