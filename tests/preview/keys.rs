//! The keyboard shortcuts of a live session.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::display::{Display, SCREEN};
use super::session::{BACKGROUND, LONG, PART, Session, composition, position, workout};
use super::support::process::{LIMIT, until};
use super::window::{BAR_COLOR, BAR_HEIGHT, DIALOG_COLOR, Screenshot, Window};

/// Size of the window for the composition: the frame in native size, and the bar.
const SIZE: (u16, u16) = (640, 360 + BAR_HEIGHT);

/// Time after which a message is typed again.
const RETRY_INTERVAL: Duration = Duration::from_secs(30);

#[test]
fn space_pauses_and_resumes() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    window.press(&["space"]);
    session.wait_until("paused", |status| status["state"] == "paused");
    // The stream continues while the session is paused.
    session.wait_for_frames(15);
    window.press(&["space"]);
    let paused_at = position(&session.wait_until("playing", |status| status["state"] == "playing"));
    session.wait_until("continuing", |status| position(status) > paused_at);
}

#[test]
fn arrows_move_between_exercises() {
    let display = Display::start();
    let session = Session::on(&display, &workout());
    let window = Window::of(&display);
    // Paused, the session stays at the positions.
    session.pause();
    let [second, third] = [1_u32, 2].map(|index| f64::from(index * PART));
    for (key, name, secs) in [
        ("Right", "Push-ups", second),
        ("Right", "Jumping jacks", third),
        ("Left", "Push-ups", second),
        ("Left", "Air squat", 0.0),
    ] {
        window.press(&[key]);
        session.wait_until(name, |status| status["current"]["name"] == name);
        session.wait_for_position(secs);
    }
    // After the last exercise the window shows a notice; the position stays.
    window.press(&["Right", "Right"]);
    session.wait_for_position(third);
    assert!(window.screenshot().is_none_or(|screenshot| !screenshot.has_dialog()));
    let mut polls = 0;
    until("the window shows a notice", LIMIT, || {
        // A notice is shown for a few seconds, in which a slow window may not be painted.
        if polls % 10 == 0 {
            window.press(&["Right"]);
        }
        polls += 1;
        window.screenshot().filter(|screenshot| screenshot.fraction_of(DIALOG_COLOR) > 0.005)
    });
    session.wait_for_position(third);
}

#[test]
fn arrows_with_shift_seek_by_five_seconds() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    let start = session.pause();
    window.press(&["shift+Right"]);
    session.wait_for_position(start + 5.0);
    window.press(&["shift+Right"]);
    session.wait_for_position(start + 10.0);
    window.press(&["shift+Left"]);
    session.wait_for_position(start + 5.0);
    // Seeking before the start goes to the start.
    window.press(&["shift+Left", "shift+Left", "shift+Left"]);
    session.wait_for_position(0.0);
}

#[test]
fn arrows_change_the_speed_by_tenths() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    for (key, speed) in [("Up", 1.1), ("Up", 1.2), ("Down", 1.1), ("Down", 1.0), ("Down", 0.9)] {
        window.press(&[key]);
        session.wait_until(&format!("at speed {speed}"), |status| {
            (status["speed"].as_f64().unwrap() - speed).abs() < 1e-6
        });
    }
}

/// Completes a message and waits until the session shows it. It is shown for five seconds, which a busy machine may miss:
/// then it is typed again.
fn wait_for_message(session: &Session, window: &Window, words: &str) -> Value {
    window.press(&["Return"]);
    let mut pressed = Instant::now();
    until(&format!("the session shows {words:?}"), LIMIT, || {
        if pressed.elapsed() > RETRY_INTERVAL {
            window.press(&["m"]);
            window.write(words);
            window.press(&["Return"]);
            pressed = Instant::now();
        }
        let status = session.status();
        assert!(status["message"].is_null() || status["message"] == words, "{status}");
        Some(status).filter(|status| status["message"] == words)
    })
}

#[test]
fn keys_in_a_message_are_text() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    // All letters that are shortcuts, and the space.
    let words = "quick fizz? we smile ,.123 xo";
    window.press(&["m"]);
    window.write(words);
    window.press(&["Tab", "Up", "F11"]);
    window.wait_for_screenshot("the message field", |screenshot| screenshot.has_dialog());
    assert_eq!(session.status()["message"], Value::Null, "a message is not shown before Return");
    let status = wait_for_message(&session, &window, words);
    assert_eq!((&status["state"], status["speed"].as_f64()), (&"playing".into(), Some(1.0)), "{status}");
    window.wait_for_screenshot("no message field", |screenshot| !screenshot.has_dialog());
    assert_eq!((display.find(), window.size()), (Some(window.id), SIZE));
    // Keys are shortcuts again.
    window.press(&["space"]);
    session.wait_until("paused", |status| status["state"] == "paused");
}

#[test]
fn escape_closes_the_message_field() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    window.press(&["m"]);
    window.write("no");
    window.wait_for_screenshot("the message field", |screenshot| screenshot.has_dialog());
    window.press(&["Escape", "Return", "space"]);
    let status = session.wait_until("paused", |status| status["state"] == "paused");
    assert_eq!(status["message"], Value::Null);
    window.wait_for_screenshot("no message field", |screenshot| !screenshot.has_dialog());
    // Unsent text is discarded.
    window.press(&["m"]);
    window.write("yes");
    wait_for_message(&session, &window, "yes");
}

#[test]
fn the_seconds_of_a_message_are_checked() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    window.press(&["m"]);
    window.write("Breathe");
    window.wait_for_screenshot("the message field", Screenshot::has_dialog);
    // Keys that arrive before the next repaint still belong to the field before.
    let enter_seconds_field = || {
        window.press(&["Tab"]);
        window.wait_for_moving_frames(BACKGROUND);
        window.wait_for_moving_frames(BACKGROUND);
    };
    enter_seconds_field();
    window.press(&["End", "BackSpace", "0", "Return"]);
    let fault = [248, 92, 92];
    let has_fault = |screenshot: &Screenshot| screenshot.has_dialog() && screenshot.fraction_of(fault) > 0.0005;
    window.wait_for_screenshot("the fault", has_fault);
    assert_eq!(session.status()["message"], Value::Null);
    enter_seconds_field();
    window.press(&["End", "BackSpace", "6", "0", "Return"]);
    session.wait_until("showing the message", |status| status["message"] == "Breathe");
    window.wait_for_screenshot("no message field", |screenshot| !screenshot.has_dialog());
}

#[test]
fn q_asks_before_it_ends_the_session() {
    let display = Display::start();
    let mut session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    for _ in 0..2 {
        window.press(&["q"]);
        window.wait_for_screenshot("the question", |screenshot| screenshot.has_dialog());
        window.press(&["Escape"]);
        window.wait_for_screenshot("no question", |screenshot| !screenshot.has_dialog());
        assert_eq!(session.status()["state"], "playing");
    }
    window.press(&["q", "q"]);
    session.wait_until("ended", |status| status["state"] == "ended");
    assert_eq!(session.exit_code(), 0, "{}", session.stderr());
    until("the window is closed", LIMIT, || display.find().is_none().then_some(()));
}

#[test]
fn tab_hides_the_bar_and_shows_it_again() {
    let display = Display::start();
    let _session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    // Pixels of the frame above the bar, and of the bar; without the bar the frame is centered in the whole window.
    let (above, below) = ((4, 8), (4, 360 + 30));
    let is_with_bar = |screenshot: &Screenshot| {
        screenshot.has_color_at(above, BACKGROUND) && screenshot.has_color_at(below, BAR_COLOR)
    };
    window.wait_for_screenshot("the bar", is_with_bar);
    window.press(&["Tab"]);
    window.wait_for_screenshot("no bar", |screenshot| {
        !screenshot.has_color_at(above, BACKGROUND) && screenshot.has_color_at(below, BACKGROUND)
    });
    window.press(&["Tab"]);
    window.wait_for_screenshot("the bar", is_with_bar);
    assert_eq!(window.size(), SIZE);
}

#[test]
fn f_toggles_full_screen() {
    let display = Display::start();
    let _session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    window.wait_for_size(SIZE);
    for (enter, leave) in [("f", "f"), ("F11", "F11"), ("f", "Escape")] {
        window.press(&[enter]);
        window.wait_for_size(SCREEN);
        window.wait_for_moving_frames(BACKGROUND);
        window.press(&[leave]);
        window.wait_for_size(SIZE);
        window.wait_for_moving_frames(BACKGROUND);
    }
}

#[test]
fn z_restores_the_native_size() {
    let display = Display::start();
    let _session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    let resize = |width: u16, height: u16| {
        display.xdotool(&["windowsize", &window.id.to_string(), &width.to_string(), &height.to_string()]);
        window.wait_for_size((width, height));
    };
    resize(900, 500);
    window.press(&["z"]);
    window.wait_for_size(SIZE);
    window.wait_for_moving_frames(BACKGROUND);
}

#[test]
fn z_keeps_the_window_within_the_screen() {
    let display = Display::start();
    let mut document = composition(LONG);
    document["canvas"] = json!({"width": 1920, "height": 1080, "background": "#204060"});
    let _session = Session::on(&display, &document);
    let window = Window::of(&display);
    let before = window.size();
    window.press(&["z"]);
    let (width, height) = until("the window has grown", LIMIT, || Some(window.size()).filter(|size| *size > before));
    // The frame is as large as the screen allows, and the bar is visible below it.
    assert!(height > SCREEN.1 - 150, "{width} x {height}");
    until("the window is within the screen", LIMIT, || {
        let (x, y) = window.position();
        let is_within =
            x >= 0 && y >= 0 && x + i32::from(width) <= SCREEN.0.into() && y + i32::from(height) <= SCREEN.1.into();
        is_within.then_some(())
    });
}

#[test]
fn a_question_mark_shows_the_keys() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    window.wait_for_screenshot("no dialog", |screenshot| {
        screenshot.has_color_at((4, 100), BACKGROUND) && !screenshot.has_dialog()
    });
    for leave in ["question", "Escape"] {
        window.press(&["question"]);
        window.wait_for_screenshot("the keys", |screenshot| screenshot.fraction_of(DIALOG_COLOR) > 0.2);
        window.press(&[leave]);
        window.wait_for_screenshot("no dialog", |screenshot| !screenshot.has_dialog());
    }
    assert_eq!(session.status()["state"], "playing");
}

#[test]
fn w_closes_the_window_and_the_session_continues() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    window.press(&["w"]);
    until("the window is closed", LIMIT, || display.find().is_none().then_some(()));
    session.wait_for_frames(30);
    assert_eq!(session.status()["state"], "playing");
}

#[test]
fn shortcuts_of_the_desktop_are_ignored() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    window.press(&["ctrl+w", "ctrl+q", "ctrl+space", "alt+m", "super+Right", "space"]);
    let status = session.wait_until("paused", |status| status["state"] == "paused");
    assert_eq!(display.find(), Some(window.id), "{status}");
    window.wait_for_screenshot("no message field", |screenshot| !screenshot.has_dialog());
}
