//! Documents that are small to send and expensive to render.

use serde_json::{Value, json};

/// Seconds of an expensive composition: longer than any attack.
const DURATION_SECS: u64 = 600;

/// Layers of the largest composition that is accepted.
const MAX_LAYERS: usize = 1000;

/// Characters of the longest text that is accepted.
const MAX_CHARACTERS: usize = 1000;

/// Largest size of a text in pixels that is accepted.
const MAX_TEXT_SIZE: u32 = 2000;

/// A small canvas, so that the number of pixels is no reason to reject the document.
fn composition(duration_secs: u64, layers: &[Value]) -> String {
    let canvas = json!({"width": 640, "height": 360, "fps": 30});
    json!({"canvas": canvas, "duration": duration_secs, "layers": layers}).to_string()
}

/// One huge outlined text a second: a letter with as many combining marks as a text may have characters.
pub(crate) fn marks() -> String {
    let texts: Vec<Value> = (0..30)
        .map(|second| {
            let letter = char::from_u32(0x4e00 + second).unwrap_or('A');
            let text = format!("{letter}{}", "\u{301}".repeat(MAX_CHARACTERS - 1));
            json!({"type": "text", "text": text, "size": MAX_TEXT_SIZE, "outline": "#ff0000", "start": second, "duration": 1})
        })
        .collect();
    composition(30, &texts)
}

/// As many timers as a document may have layers; all change ten times a second.
pub(crate) fn timers() -> String {
    let timer = json!({"type": "timer", "format": "mm:ss.t", "size": 100, "outline": "#ff0000"});
    composition(DURATION_SECS, &vec![timer; MAX_LAYERS])
}

/// As many progress bars of the size of the canvas as a document may have layers.
pub(crate) fn bars() -> String {
    let bar = json!({"type": "progress", "rect": [0, 0, 640, 360], "radius": 150});
    composition(DURATION_SECS, &vec![bar; MAX_LAYERS])
}

/// A session of little cost.
pub(crate) fn cheap() -> String {
    composition(DURATION_SECS, &[json!({"type": "progress", "rect": [0, 0, 640, 10]})])
}

/// A session of twelve hours at the size of real ones.
pub(crate) fn endless() -> String {
    let bar = json!({"type": "progress", "rect": [0, 0, 1280, 10]});
    json!({"canvas": {"width": 1280, "height": 720, "fps": 30}, "duration": 43_200, "layers": [bar]}).to_string()
}

/// What a new client with a modest wish asks for.
pub(crate) fn small() -> String {
    let bar = json!({"type": "progress", "rect": [0, 0, 128, 10]});
    json!({"canvas": {"width": 128, "height": 72, "fps": 24}, "duration": 4, "layers": [bar]}).to_string()
}

/// A clip of the media folder.
pub(crate) fn clip(file: &str) -> String {
    composition(DURATION_SECS, &[json!({"type": "clip", "src": file, "loop": true})])
}

/// A workout with a video of the media folder behind it.
pub(crate) fn workout_before(file: &str) -> String {
    json!({"exercises": [{"id": "pushups", "duration": 30}], "resolution": "720p", "background": {"video": file}})
        .to_string()
}

/// A workout of an hour: longer than anyone reads it during an attack.
pub(crate) fn long_workout() -> String {
    json!({"exercises": [{"id": "pushups", "duration": 60}], "rounds": 60, "resolution": "720p"}).to_string()
}

/// A video that a new client asks for.
pub(crate) fn short_workout() -> String {
    json!({"exercises": [{"id": "pushups", "duration": 4}], "resolution": "720p", "show_description": false})
        .to_string()
}

/// A message of letters that no message before had, by its number.
pub(crate) fn message(number: u32) -> String {
    const LETTERS: u32 = 200;
    let letter = |index| char::from_u32(0x4e00 + (number * LETTERS + index) % 20_000).unwrap_or('A');
    let text: String = (0..LETTERS).map(letter).collect();
    json!({"command": "message", "text": text, "seconds": 5}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A body that is refused for its size would attack nothing.
    #[test]
    fn documents_are_within_the_limits_of_the_server() {
        const MAX_BODY: usize = 1 << 20;
        for document in [marks(), timers(), bars(), cheap(), endless(), small(), clip("a.mov"), workout_before("a.mov")]
        {
            assert!(document.len() < MAX_BODY);
        }
        let layers =
            |document: &str| serde_json::from_str::<Value>(document).unwrap()["layers"].as_array().unwrap().len();
        assert_eq!((layers(&timers()), layers(&bars()), layers(&marks())), (1000, 1000, 30));
        let message: Value = serde_json::from_str(&message(99)).unwrap();
        assert_eq!(message["text"].as_str().unwrap().chars().count(), 200);
    }
}
