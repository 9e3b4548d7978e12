//! The lists of chapters and of exercises, and the commands that change the items of a session.

use super::display::Display;
use super::session::{GET_READY, PART, Session, workout};
use super::window::{DIALOG_COLOR, Window};

/// Width of a list, its head, and the height of a row, in pixels.
const WIDTH: u16 = 320;
const HEAD: u16 = 44;
const ROW: u16 = 42;

/// Waits until a list is open, or closed.
fn wait_for_list(window: &Window, is_open: bool) {
    window.wait_for_screenshot(if is_open { "a list" } else { "no list" }, |screenshot| {
        (screenshot.fraction_of(DIALOG_COLOR) > 0.1) == is_open
    });
}

#[test]
fn chapters_of_the_list_are_sought() {
    let display = Display::start();
    let session = Session::start(Some(&display.name), &workout(), &["--preview", "--start-paused"]);
    let window = Window::of(&display);
    session.wait_until("waiting", |status| status["state"] == "waiting");
    window.press(&["Return"]);
    session.wait_until("playing", |status| status["state"] == "playing");
    session.pause();
    window.press(&["l"]);
    wait_for_list(&window, true);
    // The first is the time to get ready.
    window.press(&["Down", "Down", "Return"]);
    session.wait_for_position(GET_READY + f64::from(PART));
    let row = |index: u16| (window.size().0 - WIDTH / 2, HEAD + index * ROW + ROW / 2);
    window.point(row(1), &["click", "1"]);
    session.wait_for_position(GET_READY);
    window.press(&["Up", "Return"]);
    session.wait_for_position(0.0);
    // Without the list, the arrow keys change the speed.
    window.press(&["Escape"]);
    wait_for_list(&window, false);
    window.press(&["Up"]);
    session.wait_until("faster", |status| status["speed"].as_f64().unwrap() > 1.05);
}

#[test]
fn items_are_lengthened_repeated_and_replaced() {
    let display = Display::start();
    let session = Session::on(&display, &workout());
    let window = Window::of(&display);
    let wait_for_duration = |secs: u32| {
        let is_so = |secs_now: f64| (secs_now - f64::from(secs)).abs() < 0.1;
        session.wait_until(&format!("{secs} s long"), |status| is_so(status["duration_secs"].as_f64().unwrap()));
    };
    window.press(&["e"]);
    wait_for_duration(3 * PART + 15);
    window.press(&["r"]);
    wait_for_duration(4 * PART + 30);
    session.wait_until("repeating", |status| status["next"]["name"] == "Air squat");
    window.press(&["x"]);
    wait_for_list(&window, true);
    window.press(&["Down", "Up", "Return"]);
    // The first exercise of the catalogue.
    session.wait_until("changed", |status| status["next"]["id"] == "pushups");
    wait_for_list(&window, false);
    session.wait_for_frames_in_time(15);
}
