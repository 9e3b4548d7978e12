//! The sound of a window: its meter and its switch, on a machine without a sound device.

use serde_json::{Value, json};

use super::display::Display;
use super::program::Program;
use super::session::{Session, composition};
use super::window::{Screenshot, Window};

/// The color of a level, and of a bar without one.
const LEVEL_COLOR: [u8; 3] = [34, 197, 94];
const TRACK_COLOR: [u8; 3] = [42, 52, 73];

/// A composition with a tone of -12 dB of full scale.
fn with_tone() -> Value {
    let mut document = composition(60);
    let tone = json!({"type": "tone", "frequency": 1000, "gain": -12});
    document["layers"].as_array_mut().unwrap().push(tone);
    document
}

/// Whether the left end of the upper bar has a color: the bar is 172 points from the margin, and its height depends on fonts.
fn has_bar(screenshot: &Screenshot, color: [u8; 3]) -> bool {
    let x = screenshot.width - 16 - 172 + 10;
    (45..60).any(|from_bottom| screenshot.has_color_at((x, screenshot.height - from_bottom), color))
}

#[test]
fn a_document_without_a_device_has_levels_and_says_that_it_is_not_heard() {
    let display = Display::start();
    let program = Program::start("preview", Some(&display.name), &with_tone(), &[]);
    let window = Window::of(&display);
    // Switched on; the window says once that there is no device.
    window.wait_for_screenshot("a notice", Screenshot::has_dialog);
    window.wait_for_screenshot("no notice", |screenshot| !screenshot.has_dialog());
    window.wait_for_screenshot("a level", |screenshot| has_bar(screenshot, LEVEL_COLOR));
    window.press(&["space"]);
    window.wait_for_screenshot("silence", |screenshot| has_bar(screenshot, TRACK_COLOR));
    window.press(&["space"]);
    window.wait_for_screenshot("a level", |screenshot| has_bar(screenshot, LEVEL_COLOR));
    // Each press tries again.
    window.press(&["a"]);
    window.wait_for_screenshot("a notice", Screenshot::has_dialog);
    window.press(&["q"]);
    let mut program = program;
    assert_eq!(program.exit_code(), 0, "{}", program.stderr());
}

#[test]
fn a_session_has_levels_although_its_sound_is_off() {
    let display = Display::start();
    let session = Session::on(&display, &with_tone());
    let window = Window::of(&display);
    let playing = window.wait_for_screenshot("a level", |screenshot| has_bar(screenshot, LEVEL_COLOR));
    assert!(!playing.has_dialog());
    window.press(&["a"]);
    window.wait_for_screenshot("a notice", Screenshot::has_dialog);
    // The stream goes on.
    session.wait_for_frames(60);
    session.pause();
    window.wait_for_screenshot("silence", |screenshot| has_bar(screenshot, TRACK_COLOR));
}
