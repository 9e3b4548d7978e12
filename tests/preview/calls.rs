//! The window opened and closed from afar, and by its own frame.

use super::display::Display;
use super::program::until;
use super::session::{GROUND, LONG, Session, composition};
use super::window::Window;

#[test]
fn the_window_is_opened_and_closed_from_afar() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    let tells = |is_open: bool| session.becomes("telling of its window", |told| told["preview"] == is_open);
    let is_gone = || {
        until("the window is gone", || display.find().is_none().then_some(()));
        tells(false);
    };
    let comes = || {
        tells(true);
        let window = Window::of(&display);
        window.mirrors(GROUND);
        window
    };
    tells(true);
    let mut window = window;
    for by in ["a call", "a key", "its frame"] {
        match by {
            "a call" => assert_eq!(session.ask("DELETE", "/preview").0, 204),
            "a key" => window.press(&["w"]),
            _ => display.ask_to_close(window.id),
        }
        is_gone();
        // Twice is once.
        assert_eq!(session.ask("DELETE", "/preview").0, 204);
        session.goes_on(10);
        assert_eq!(session.ask("PUT", "/preview").0, 204);
        window = comes();
        assert_eq!(session.ask("PUT", "/preview").0, 204);
    }
    window.press(&["space"]);
    session.becomes("paused", |told| told["state"] == "paused");
    assert_eq!(display.find(), Some(window.id), "one window at a time");
}

#[test]
fn a_session_without_a_window_has_none_to_open() {
    let display = Display::start();
    let session = Session::start(Some(&display.name), &composition(LONG), &[]);
    assert_eq!(session.told()["preview"], serde_json::Value::Null);
    for method in ["PUT", "DELETE"] {
        let (status, text) = session.ask(method, "/preview");
        assert!(status == 409 && text.contains("--preview"), "{method}: {status} {text}");
    }
    assert_eq!(display.find(), None);
}

#[test]
fn a_display_that_went_away_has_no_window_to_open() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    Window::of(&display).mirrors(GROUND);
    display.signal("KILL");
    session.becomes("without a window", |told| told["preview"].is_null());
    assert_eq!(session.ask("PUT", "/preview").0, 409);
    session.goes_on(15);
}
