//! The links of a session: their QR code, read by zbar, and the clipboard.

use std::path::Path;

use super::display::Display;
use super::session::{LONG, Session, composition};
use super::support::process::{LIMIT, until};
use super::support::qr::find_qr_code;
use super::window::{Screenshot, Window};

/// The text of the QR code in a screenshot, if there is one.
fn code(screenshot: &Screenshot, folder: &Path) -> Option<String> {
    let path = folder.join("screenshot.pgm");
    let mut image = format!("P5\n{} {}\n255\n", screenshot.width, screenshot.height).into_bytes();
    image.extend(screenshot.pixels().map(|[_, green, _]| green));
    std::fs::write(&path, image).unwrap();
    find_qr_code(&path, "pnmdec")
}

#[test]
fn the_overlay_has_the_code_of_the_link_for_viewers_and_copies_it() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    display.xdotool(&["windowsize", &window.id.to_string(), "1000", "800"]);
    window.wait_for_size((1000, 800));
    window.press(&["j"]);
    let code_of = |screenshot: &Screenshot| code(screenshot, session.folder.path());
    let is_join = |link: &str| link.starts_with(&format!("{}/j/", session.url));
    window.wait_for_screenshot("the code", |screenshot| code_of(screenshot).is_some_and(|link| is_join(&link)));
    // The links are below the code, in the middle of the window.
    let mut row = 0;
    until("the link is in the clipboard", LIMIT, || {
        window.point((500, 410 + row * 15), &["click", "1"]);
        row = (row + 1) % 4;
        display.clipboard().filter(|text| is_join(text))
    });
    window.press(&["Escape"]);
    window.wait_for_screenshot("no code", |screenshot| code_of(screenshot).is_none());
}
