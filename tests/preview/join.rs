//! The links of a session: their QR code, read by the element `zbar` of GStreamer, and the clipboard.

use std::path::Path;
use std::process::Command;

use super::display::Display;
use super::session::{LONG, Session, composition};
use super::support::process::{LIMIT, until};
use super::window::{Screenshot, Window};

/// Whether a reader of QR codes finds this text in a screenshot.
fn has_code(screenshot: &Screenshot, folder: &Path, text: &str) -> bool {
    let path = folder.join("screenshot.gray");
    std::fs::write(&path, screenshot.pixels().map(|[_, green, _]| green).collect::<Vec<u8>>()).unwrap();
    let mut command = Command::new("gst-launch-1.0");
    command.args(["-m", "filesrc"]).arg(format!("location={}", path.display()));
    let size = [format!("width={}", screenshot.width), format!("height={}", screenshot.height)];
    command.args(["!", "rawvideoparse", "format=gray8"]).args(size);
    command.args(["!", "videoconvert", "!", "zbar", "!", "fakesink"]);
    let output = command.output().unwrap_or_else(|error| panic!("gst-launch-1.0: {error}; run script/bootstrap"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found = String::from_utf8_lossy(&output.stdout).replace('\\', "");
    found.lines().any(|line| line.contains("QR-Code") && line.contains(text))
}

#[test]
fn the_overlay_has_the_code_of_the_player_page_and_copies_its_link() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    display.xdotool(&["windowsize", &window.id.to_string(), "1000", "800"]);
    window.wait_for_size((1000, 800));
    window.press(&["j"]);
    let player = format!("{}/live/{}/", session.url, session.id);
    window.wait_for_screenshot("the code", |screenshot| has_code(screenshot, session.folder.path(), &player));
    // The links are below the code, in the middle of the window.
    let mut row = 0;
    until("the link is in the clipboard", LIMIT, || {
        window.point((500, 410 + row * 15), &["click", "1"]);
        row = (row + 1) % 4;
        display.clipboard().filter(|text| *text == player)
    });
    window.press(&["Escape"]);
    window.wait_for_screenshot("no code", |screenshot| !has_code(screenshot, session.folder.path(), &player));
}
