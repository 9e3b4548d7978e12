//! Each key, and what comes of it.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::display::{Display, SCREEN};
use super::program::until;
use super::session::{GROUND, LONG, PART, Session, composition, position, workout};
use super::window::{BAR, CARD, PANEL, Picture, Window};

/// The window of the composition: its picture pixel by pixel, and the bar.
const SIZE: (u16, u16) = (640, 360 + BAR);

/// How long a window that is slow may take for what was pressed.
const AGAIN: Duration = Duration::from_secs(30);

#[test]
fn space_holds_the_session_and_lets_it_go() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    window.press(&["space"]);
    session.becomes("paused", |told| told["state"] == "paused");
    // A held picture is a stream all the same.
    session.goes_on(15);
    window.press(&["space"]);
    let held = position(&session.becomes("playing", |told| told["state"] == "playing"));
    session.becomes("further on", |told| position(told) > held);
}

#[test]
fn arrows_lead_through_the_parts() {
    let display = Display::start();
    let session = Session::on(&display, &workout());
    let window = Window::of(&display);
    // Held, it stays where the keys lead it.
    session.pause();
    let [second, third] = [1_u32, 2].map(|parts| f64::from(parts * PART));
    for (key, name, secs) in [
        ("Right", "Push-ups", second),
        ("Right", "Jumping jacks", third),
        ("Left", "Push-ups", second),
        ("Left", "Air squat", 0.0),
    ] {
        window.press(&[key]);
        session.becomes(name, |told| told["current"]["name"] == name);
        session.stands_at(secs);
    }
    // There is no part after the last, and the window says so; nothing else happens.
    window.press(&["Right", "Right"]);
    session.stands_at(third);
    assert!(window.picture().is_none_or(|picture| !picture.has_card()));
    let mut looks = 0;
    until("the window shows a refusal", || {
        // It stands for a few seconds, in which a window that is slow may not be drawn.
        if looks % 10 == 0 {
            window.press(&["Right"]);
        }
        looks += 1;
        window.picture().filter(|picture| picture.share(CARD) > 0.005)
    });
    session.stands_at(third);
}

#[test]
fn arrows_with_shift_lead_five_seconds_away() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    let begin = session.pause();
    window.press(&["shift+Right"]);
    session.stands_at(begin + 5.0);
    window.press(&["shift+Right"]);
    session.stands_at(begin + 10.0);
    window.press(&["shift+Left"]);
    session.stands_at(begin + 5.0);
    // Nothing lies before the beginning.
    window.press(&["shift+Left", "shift+Left", "shift+Left"]);
    session.stands_at(0.0);
}

#[test]
fn arrows_change_the_speed_by_tenths() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    for (key, speed) in [("Up", 1.1), ("Up", 1.2), ("Down", 1.1), ("Down", 1.0), ("Down", 0.9)] {
        window.press(&[key]);
        session.becomes(&format!("{speed} fast"), |told| (told["speed"].as_f64().unwrap() - speed).abs() < 1e-6);
    }
}

/// Ends what was written, and waits until the session says it. It does for five seconds, which a busy machine may sleep
/// through: then the words are written again.
fn says(session: &Session, window: &Window, words: &str) -> Value {
    window.press(&["Return"]);
    let mut pressed = Instant::now();
    until(&format!("the session says {words:?}"), || {
        if pressed.elapsed() > AGAIN {
            window.press(&["m"]);
            window.write(words);
            window.press(&["Return"]);
            pressed = Instant::now();
        }
        let told = session.told();
        assert!(told["message"].is_null() || told["message"] == words, "{told}");
        Some(told).filter(|told| told["message"] == words)
    })
}

#[test]
fn what_is_written_is_shown_and_is_no_command() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    // Each letter that is a key by itself, and the space.
    let words = "quick fizz? we smile ,.123 xo";
    window.press(&["m"]);
    window.write(words);
    window.press(&["Tab", "Up", "F11"]);
    window.shows("the field", |picture| picture.has_card());
    assert_eq!(session.told()["message"], Value::Null, "it is not shown before Return");
    let told = says(&session, &window, words);
    assert_eq!((&told["state"], told["speed"].as_f64()), (&"playing".into(), Some(1.0)), "{told}");
    window.shows("the field no more", |picture| !picture.has_card());
    assert_eq!((display.find(), window.size()), (Some(window.id), SIZE));
    // Keys are commands again.
    window.press(&["space"]);
    session.becomes("paused", |told| told["state"] == "paused");
}

#[test]
fn escape_leaves_the_field() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    window.press(&["m"]);
    window.write("no");
    window.shows("the field", |picture| picture.has_card());
    window.press(&["Escape", "Return", "space"]);
    let told = session.becomes("paused", |told| told["state"] == "paused");
    assert_eq!(told["message"], Value::Null);
    window.shows("the field no more", |picture| !picture.has_card());
    // What was not sent is forgotten.
    window.press(&["m"]);
    window.write("yes");
    says(&session, &window, "yes");
}

#[test]
fn q_asks_before_it_ends_the_session() {
    let display = Display::start();
    let mut session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    for _ in 0..2 {
        window.press(&["q"]);
        window.shows("a question", |picture| picture.has_card());
        window.press(&["Escape"]);
        window.shows("the question no more", |picture| !picture.has_card());
        assert_eq!(session.told()["state"], "playing");
    }
    window.press(&["q", "q"]);
    session.becomes("over", |told| told["state"] == "ended");
    assert_eq!(session.code(), 0, "{}", session.said());
    until("the window is gone", || display.find().is_none().then_some(()));
}

#[test]
fn tab_hides_the_bar_and_shows_it_again() {
    let display = Display::start();
    let _session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    // Places that belong to the picture with the bar, to the bar, and to the picture in the middle of the whole window.
    let (above, below) = ((4, 8), (4, 360 + 30));
    let is_with_bar = |picture: &Picture| picture.is_at(above, GROUND) && picture.is_at(below, PANEL);
    window.shows("the bar", is_with_bar);
    window.press(&["Tab"]);
    window.shows("no bar", |picture| !picture.is_at(above, GROUND) && picture.is_at(below, GROUND));
    window.press(&["Tab"]);
    window.shows("the bar", is_with_bar);
    assert_eq!(window.size(), SIZE);
}

#[test]
fn f_fills_the_screen_and_leaves_it() {
    let display = Display::start();
    let _session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    window.has_size(SIZE);
    for (enter, leave) in [("f", "f"), ("F11", "F11"), ("f", "Escape")] {
        window.press(&[enter]);
        window.has_size(SCREEN);
        window.mirrors(GROUND);
        window.press(&[leave]);
        window.has_size(SIZE);
        window.mirrors(GROUND);
    }
}

#[test]
fn z_gives_back_the_pictures_own_size() {
    let display = Display::start();
    let _session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    let resize = |width: u16, height: u16| {
        display.xdotool(&["windowsize", &window.id.to_string(), &width.to_string(), &height.to_string()]);
        window.has_size((width, height));
    };
    resize(900, 500);
    window.press(&["z"]);
    window.has_size(SIZE);
    window.mirrors(GROUND);
}

#[test]
fn a_question_mark_shows_the_keys() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    window.shows("the picture alone", |picture| picture.is_at((4, 100), GROUND) && !picture.has_card());
    for leave in ["question", "Escape"] {
        window.press(&["question"]);
        window.shows("the keys", |picture| picture.share(CARD) > 0.2);
        window.press(&[leave]);
        window.shows("the picture alone", |picture| !picture.has_card());
    }
    assert_eq!(session.told()["state"], "playing");
}

#[test]
fn w_closes_the_window_and_the_session_goes_on() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    window.press(&["w"]);
    until("the window is gone", || display.find().is_none().then_some(()));
    session.goes_on(30);
    assert_eq!(session.told()["state"], "playing");
}

#[test]
fn keys_of_the_desktop_are_left_to_it() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    window.press(&["ctrl+w", "ctrl+q", "ctrl+space", "alt+m", "super+Right", "space"]);
    let told = session.becomes("paused", |told| told["state"] == "paused");
    assert_eq!(display.find(), Some(window.id), "{told}");
    window.shows("no field", |picture| !picture.has_card());
}
