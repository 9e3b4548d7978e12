//! Emoji in color, by the font that `script/bootstrap` installs.

use crate::support;
use serde_json::json;
use support::document::composition;
use support::picture::Picture;
use support::program::render_pictures;

/// Fire is red and yellow, whatever the color of the text.
#[test]
fn emoji_have_colors_of_their_own() {
    let draw = |text: &str| {
        let layer = json!({"type": "text", "text": text, "size": 64, "position": [48, 48], "anchor": "center"});
        render_pictures(&composition((96, 96), "30", "#000000", 1, vec![layer])).remove(0)
    };
    let warm = |picture: &Picture| {
        picture.rgba.chunks(4).filter(|pixel| pixel[0] > 150 && pixel[0] - pixel[2].min(pixel[0]) > 100).count()
    };
    for text in ["\u{1f525}", "\u{2764}\u{fe0f}"] {
        assert!(warm(&draw(text)) > 500, "{text}: {} warm pixels", warm(&draw(text)));
    }
    assert_eq!(warm(&draw("A")), 0);
}
