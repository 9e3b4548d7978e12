//! The buttons of the bar, clicked at their positions.

use super::display::Display;
use super::session::{BACKGROUND, GET_READY, LONG, PART, Session, composition, workout};
use super::window::{DIALOG_COLOR, Window};

/// Color of the dot before LIVE.
const LIVE_COLOR: [u8; 3] = [248, 92, 92];

/// Distance of the first and the last button from the sides of the window, and width of a button and its gap, in pixels.
const MARGIN: u16 = 16;
const BUTTON: u16 = 36;

/// Distance from the bottom of the window to the middle of the buttons.
const FROM_BOTTOM: u16 = 24;

/// Clicks the button with an index, from the left.
fn click(window: &Window, index: u16) {
    let x = MARGIN + index * BUTTON + BUTTON / 2;
    window.point((x, window.size().1 - FROM_BOTTOM), &["click", "1"]);
}

/// Clicks the last button, which shows the keys.
fn click_help(window: &Window) {
    let (width, height) = window.size();
    window.point((width - MARGIN - BUTTON / 2, height - FROM_BOTTOM), &["click", "1"]);
}

#[test]
fn buttons_start_pause_and_move_a_session() {
    let display = Display::start();
    let session = Session::start(Some(&display.name), &workout(), &["--preview", "--start-paused"]);
    let window = Window::of(&display);
    session.wait_until("waiting", |status| status["state"] == "waiting");
    window.wait_for_screenshot("the bar", |screenshot| screenshot.fraction_of(LIVE_COLOR) > 0.0);
    click(&window, 0);
    session.wait_until("playing", |status| status["state"] == "playing");
    // Back, pause and skip take the place of the button that starts.
    let is_moved = |name: &str, secs: f64| {
        session.wait_until(name, |status| status["current"]["name"] == name);
        session.wait_for_position(secs);
    };
    window.wait_for_moving_frames(BACKGROUND);
    click(&window, 1);
    session.wait_until("paused", |status| status["state"] == "paused");
    // A session that waits begins with the time to get ready.
    click(&window, 2);
    is_moved("Air squat", GET_READY);
    click(&window, 2);
    is_moved("Push-ups", GET_READY + f64::from(PART));
    click(&window, 0);
    is_moved("Air squat", GET_READY);
    click(&window, 1);
    session.wait_until("playing", |status| status["state"] == "playing");
    // The focus goes from button to button, and Enter presses the third one.
    window.press(&["F6", "F6", "F6", "Return"]);
    session.wait_until("Push-ups", |status| status["current"]["name"] == "Push-ups");
}

#[test]
fn a_narrow_bar_keeps_the_state_and_the_buttons() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    display.xdotool(&["windowsize", &window.id.to_string(), "520", "700"]);
    window.wait_for_size((520, 700));
    // At its place in a bar of this width.
    window.wait_for_screenshot("the state", |screenshot| {
        screenshot.width == 520 && screenshot.has_color_at((405, 596), LIVE_COLOR)
    });
    click(&window, 1);
    session.wait_until("paused", |status| status["state"] == "paused");
    click_help(&window);
    window.wait_for_screenshot("the keys", |screenshot| screenshot.fraction_of(DIALOG_COLOR) > 0.2);
    // A click next to the keys closes them.
    window.point((6, 6), &["click", "1"]);
    window.wait_for_screenshot("no dialog", |screenshot| !screenshot.has_dialog());
    assert_eq!(session.status()["state"], "paused");
}
