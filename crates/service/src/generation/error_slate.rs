//! The end of a video that could not be finished: a card that says so.

use repcast_engine::audio::Speaker;
use repcast_engine::open::{FileAccess, OpenDocument, OpenError};
use repcast_model::catalogue::Catalogue;
use repcast_model::document::{self, Document, Language};
use repcast_model::localization::Messages;
use serde_json::json;

/// How long the card is shown, in seconds.
const DURATION_SECS: u32 = 3;

/// The card for a document's video, with its canvas and frame rate, and in its language.
///
/// # Errors
/// When its canvas cannot be that of a composition.
pub(super) fn open(opened: &OpenDocument) -> Result<OpenDocument, OpenError> {
    let timeline = &opened.timeline;
    let language = match &*opened.document {
        Document::Workout(workout) => workout.language,
        Document::Composition(_) => Language::En,
    };
    let text = Messages::new(language).format("unfinished", &[]);
    let (width, height) = (timeline.canvas.width, timeline.canvas.height);
    let size = (width.min(height) / 14).max(4);
    let card = json!({
        "canvas": {"width": width, "height": height, "fps": timeline.rate.to_string(), "background": "#111827"},
        "duration": DURATION_SECS,
        "layers": [{"type": "text", "text": text, "size": size, "position": [width / 2, height / 2], "anchor": "center",
            "max_width": width * 4 / 5, "color": "#f9fafb"}],
    });
    let card = document::parse(card.to_string().as_bytes())?;
    OpenDocument::open_within(&card, &FileAccess::Nowhere, &Catalogue::default(), None, &Speaker::shared())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_card_has_the_canvas_and_the_language_of_the_document() {
        let base = env!("CARGO_MANIFEST_DIR");
        let open_document = |document: serde_json::Value| {
            let document = document::parse(document.to_string().as_bytes()).unwrap();
            OpenDocument::open(&document, base.as_ref(), &Catalogue::default()).unwrap()
        };
        for (fps, frames) in [("30000/1001", 90), ("25/1", 75)] {
            let opened = open_document(json!({"canvas": {"width": 640, "height": 360, "fps": fps}, "duration": 9,
                "layers": [{"type": "text", "text": "x"}]}));
            let card = open(&opened).unwrap();
            assert_eq!((card.timeline.canvas, card.timeline.rate), (opened.timeline.canvas, opened.timeline.rate));
            assert_eq!(card.timeline.frames, frames);
            assert!(card.audio.is_none());
        }
        for language in [Language::En, Language::Fr] {
            assert!(Messages::new(language).format("unfinished", &[]).ends_with('.'));
        }
    }
}
