//! Displays that go away or stop, and windows that somebody destroys: the session goes on.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::display::Display;
use super::program::until;
use super::session::{GROUND, LONG, Session, composition};
use super::window::Window;

/// Seconds that a player reads.
const READ_SECS: usize = 5;

#[test]
fn a_player_notices_nothing_of_a_display_that_goes_away() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    Window::of(&display).mirrors(GROUND);
    let mut player = Command::new("ffmpeg");
    player.args(["-nostdin", "-v", "error", "-i", &session.master()]);
    player.args(["-t", &READ_SECS.to_string(), "-c", "copy", "-f", "framecrc", "-flush_packets", "1", "-"]);
    let player = player.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut player = player.unwrap_or_else(|error| panic!("ffmpeg: {error}; run script/bootstrap"));
    let mut packets = BufReader::new(player.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut packets = packets.by_ref().filter(|line| !line.starts_with('#'));
    let mut read = 0;
    for _ in packets.by_ref().take(10) {
        read += 1;
    }
    display.signal("KILL");
    session.hears("preview: the display has gone away; the session goes on without a window");
    read += packets.count();
    let output = player.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{}: {said}", output.status);
    let late = session.late_frames() as usize;
    assert!(read + late >= READ_SECS * 30, "{read} frames, {late} were late");
    // And so it goes on.
    session.goes_on(30);
    assert_eq!(session.told()["state"], "playing");
    session.pause();
}

#[test]
fn a_display_may_go_away_at_any_moment() {
    let display = Display::start();
    // One window is open, one is just being opened, one is not there yet.
    let sessions = [0; 3].map(|_| Session::on(&display, &composition(LONG)));
    Window::of(&display);
    display.signal("KILL");
    for session in &sessions {
        session.hears("the session goes on without a window");
        session.goes_on(15);
    }
}

#[test]
fn a_display_that_stops_stops_nothing_else() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    window.mirrors(GROUND);
    display.signal("STOP");
    // If the stream waited for it, there would be none of these.
    session.makes(90);
    display.signal("CONT");
    window.mirrors(GROUND);
    session.goes_on(15);
    // What was pressed meanwhile, or now, is heard.
    window.press(&["space"]);
    session.becomes("paused", |told| told["state"] == "paused");
}

#[test]
fn a_display_that_stops_does_not_hold_the_program() {
    let display = Display::start();
    let mut session = Session::on(&display, &composition(LONG));
    Window::of(&display).mirrors(GROUND);
    display.signal("STOP");
    session.goes_on(30);
    session.signal("TERM");
    assert_eq!(session.code(), 0, "{}", session.said());
}

#[test]
fn a_window_that_somebody_destroys_costs_nothing_else() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    window.mirrors(GROUND);
    // Not asked to close: destroyed, over the program's head.
    display.xdotool(&["windowclose", &window.id.to_string()]);
    until("the window is gone", || (display.find() != Some(window.id)).then_some(()));
    session.goes_on(60);
    assert_eq!(session.told()["state"], "playing");
}
