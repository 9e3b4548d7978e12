//! The timeline in the bar: clicks, drags, progress.

use super::display::Display;
use super::session::{Session, composition, position};
use super::window::{BAR_COLOR, BAR_HEIGHT, Window};

/// Margin of the timeline on both sides, in pixels.
const MARGIN: u16 = 16;
/// Distance from the bottom of the window to the middle of the timeline.
const FROM_BOTTOM: u16 = BAR_HEIGHT - 20;

#[test]
fn clicks_and_drags_seek() {
    let display = Display::start();
    let session = Session::on(&display, &composition(60));
    // Paused, the session stays at the position that was sought.
    session.pause();
    let window = Window::of(&display);
    window.wait_for_screenshot("the bar", |screenshot| screenshot.has_color_at((4, 360 + 30), BAR_COLOR));
    let (width, height) = window.size();
    let point_at = |share: f64| (MARGIN + (share * f64::from(width - 2 * MARGIN)) as u16, height - FROM_BOTTOM);
    // Within the precision of a pixel and a frame.
    let wait_for_share = |share: f64| {
        let is_near = |secs: f64| (secs - share * 60.0).abs() < 0.3;
        session.wait_until(&format!("at {share}"), |status| is_near(position(status)));
    };
    for share in [0.75, 0.1, 0.5] {
        window.point(point_at(share), &["click", "1"]);
        wait_for_share(share);
    }
    // Clicks outside of the timeline do nothing.
    let (x, y) = point_at(0.9);
    window.point((x, y + 50), &["click", "1"]);
    window.point((x, y - 150), &["click", "1"]);
    // A drag follows the pointer.
    window.point(point_at(0.2), &["mousedown", "1"]);
    window.point(point_at(0.4), &[]);
    wait_for_share(0.4);
    window.point(point_at(0.6), &[]);
    wait_for_share(0.6);
    window.point(point_at(0.6), &["mouseup", "1"]);
    window.point(point_at(0.8), &[]);
    session.wait_for_frames(15);
    wait_for_share(0.6);
}

#[test]
fn the_timeline_shows_progress() {
    let display = Display::start();
    let session = Session::on(&display, &composition(60));
    session.pause();
    let window = Window::of(&display);
    let paused_color = [250, 190, 60];
    let before = window
        .wait_for_screenshot("a paused session", |screenshot| screenshot.fraction_of(paused_color) > 0.001)
        .fraction_of(paused_color);
    window.press(&["shift+Right", "shift+Right", "shift+Right", "shift+Right"]);
    window.wait_for_screenshot("more progress", |screenshot| screenshot.fraction_of(paused_color) > before + 0.005);
}
