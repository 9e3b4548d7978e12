//! The window opened and closed by HTTP calls, keys, and the window manager.

use super::display::Display;
use super::session::{BACKGROUND, LONG, Session, composition};
use super::support::process::{LIMIT, until};
use super::window::Window;

#[test]
fn the_window_is_opened_and_closed_by_calls() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    let wait_for_status =
        |is_open: bool| session.wait_until("reporting its window", |status| status["preview"] == is_open);
    let wait_for_close = |by: &str| {
        until(&format!("the window is closed by the {by}"), LIMIT, || display.find().is_none().then_some(()));
        wait_for_status(false);
    };
    let wait_for_window = || {
        wait_for_status(true);
        let window = Window::of(&display);
        window.wait_for_moving_frames(BACKGROUND);
        window
    };
    wait_for_status(true);
    let mut window = window;
    // An event of the display that follows a call at once is the later one, though the event loop receives it first.
    for by in ["call", "window manager", "key", "window manager", "key"] {
        match by {
            "call" => assert_eq!(session.request("DELETE", "/preview").0, 204),
            "key" => window.press(&["w"]),
            _ => display.request_close(window.id),
        }
        wait_for_close(by);
        // The calls are idempotent.
        assert_eq!(session.request("DELETE", "/preview").0, 204);
        session.wait_for_frames(10);
        assert_eq!(session.request("PUT", "/preview").0, 204);
        window = wait_for_window();
        assert_eq!(session.request("PUT", "/preview").0, 204);
    }
    window.press(&["space"]);
    session.wait_until("paused", |status| status["state"] == "paused");
    assert_eq!(display.find(), Some(window.id), "there is one window at most");
}

#[test]
fn a_session_without_a_window_has_none_to_open() {
    let display = Display::start();
    let session = Session::start(Some(&display.name), &composition(LONG), &[]);
    assert_eq!(session.status()["preview"], serde_json::Value::Null);
    for method in ["PUT", "DELETE"] {
        let (status, text) = session.request(method, "/preview");
        assert!(status == 409 && text.contains("--preview"), "{method}: {status} {text}");
    }
    assert_eq!(display.find(), None);
}

#[test]
fn after_the_loss_of_the_display_no_window_can_be_opened() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    Window::of(&display).wait_for_moving_frames(BACKGROUND);
    display.signal("KILL");
    session.wait_until("without a window", |status| status["preview"].is_null());
    assert_eq!(session.request("PUT", "/preview").0, 409);
    session.wait_for_frames(15);
}
