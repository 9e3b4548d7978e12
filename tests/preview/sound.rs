//! The sound of a window: its meter and its switch, on a machine without a sound device.

use serde_json::{Value, json};

use super::display::Display;
use super::program::Program;
use super::session::{Session, composition};
use super::window::{DIALOG_COLOR, Screenshot, Window};

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

/// Widths of the parts of the bar, in pixels: sound, statistics and graphs are at its right, where there is room for them.
const MARGIN: u16 = 16;
const CHAPTER: u16 = 300;
const SOUND: u16 = 172;
const STATISTICS: u16 = 250;
const BRIEF_STATISTICS: u16 = 104;
const GRAPHS: u16 = 470;

/// Whether the left end of the upper meter has a color.
fn has_bar(screenshot: &Screenshot, color: [u8; 3]) -> bool {
    let room = screenshot.width - 2 * MARGIN;
    let graphs = if room >= CHAPTER + SOUND + STATISTICS + GRAPHS { GRAPHS } else { 0 };
    let statistics = if room >= CHAPTER + SOUND + STATISTICS { STATISTICS } else { BRIEF_STATISTICS };
    let x = screenshot.width - MARGIN - graphs - statistics - SOUND + 10;
    // Its height depends on fonts.
    (80..96).any(|from_bottom| screenshot.has_color_at((x, screenshot.height - from_bottom), color))
}

/// Whether a notice of one line is shown.
fn has_notice(screenshot: &Screenshot) -> bool {
    screenshot.fraction_of(DIALOG_COLOR) > 0.005
}

#[test]
fn a_document_without_a_device_has_levels_and_says_that_it_is_not_heard() {
    let display = Display::start();
    let program = Program::start("preview", Some(&display.name), &with_tone(), &[]);
    let window = Window::of(&display);
    window.wait_for_screenshot("a level", |screenshot| has_bar(screenshot, LEVEL_COLOR));
    window.press(&["space"]);
    window.wait_for_screenshot("silence", |screenshot| has_bar(screenshot, TRACK_COLOR));
    window.press(&["space"]);
    window.wait_for_screenshot("a level", |screenshot| has_bar(screenshot, LEVEL_COLOR));
    // The notice of the beginning is over. Each press tries again, and says so once.
    window.wait_for_screenshot("no notice", |screenshot| !has_notice(screenshot));
    window.press(&["a"]);
    window.wait_for_screenshot("a notice", has_notice);
    window.wait_for_screenshot("no notice", |screenshot| !has_notice(screenshot));
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
    assert!(!has_notice(&playing));
    window.press(&["a"]);
    window.wait_for_screenshot("a notice", has_notice);
    // The stream goes on.
    session.wait_for_frames(60);
    session.pause();
    window.wait_for_screenshot("silence", |screenshot| has_bar(screenshot, TRACK_COLOR));
}
