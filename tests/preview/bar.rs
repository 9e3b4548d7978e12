//! The session's bar under the pointer.

use super::display::Display;
use super::session::{Session, composition, position};
use super::window::{BAR, PANEL, Window};

/// What the bar leaves free on both sides, and from the window's bottom to the middle of its first line.
const SIDE: u16 = 16;
const FROM_BOTTOM: u16 = BAR - 20;

#[test]
fn a_click_on_the_bar_leads_there() {
    let display = Display::start();
    let session = Session::on(&display, &composition(60));
    // Held before it comes to its end, it stays where it is led.
    session.pause();
    let window = Window::of(&display);
    window.shows("the bar", |picture| picture.is_at((4, 360 + 30), PANEL));
    let (width, height) = window.size();
    let place = |share: f64| (SIDE + (share * f64::from(width - 2 * SIDE)) as u16, height - FROM_BOTTOM);
    // As near as a pixel and a frame come to it.
    let stands_at = |share: f64| {
        let is_there = |secs: f64| (secs - share * 60.0).abs() < 0.3;
        session.becomes(&format!("at {share}"), |told| is_there(position(told)));
    };
    for share in [0.75, 0.1, 0.5] {
        window.point(place(share), &["click", "1"]);
        stands_at(share);
    }
    // Beside it nothing happens.
    let (x, y) = place(0.9);
    window.point((x, y + 50), &["click", "1"]);
    window.point((x, y - 150), &["click", "1"]);
    // A pull along it goes with the pointer.
    window.point(place(0.2), &["mousedown", "1"]);
    window.point(place(0.4), &[]);
    stands_at(0.4);
    window.point(place(0.6), &[]);
    stands_at(0.6);
    window.point(place(0.6), &["mouseup", "1"]);
    window.point(place(0.8), &[]);
    session.goes_on(15);
    stands_at(0.6);
}

#[test]
fn the_bar_fills_as_the_session_goes_on() {
    let display = Display::start();
    let session = Session::on(&display, &composition(60));
    session.pause();
    let window = Window::of(&display);
    let held = [250, 190, 60];
    let before = window.shows("a held session", |picture| picture.share(held) > 0.001).share(held);
    window.press(&["shift+Right", "shift+Right", "shift+Right", "shift+Right"]);
    window.shows("a fuller bar", |picture| picture.share(held) > before + 0.005);
}
