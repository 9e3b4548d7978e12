//! Displays that are lost or stop, and windows that another program destroys: the session continues.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::display::Display;
use super::session::{BACKGROUND, LONG, Session, composition};
use super::support::process::{LIMIT, until};
use super::window::Window;

/// Seconds of the stream that a player reads.
const READ_SECS: usize = 5;

#[test]
fn the_loss_of_the_display_does_not_affect_a_player() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    Window::of(&display).wait_for_moving_frames(BACKGROUND);
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
    session.wait_for_stderr("preview: the connection to the display was lost; the session continues without a window");
    read += packets.count();
    let output = player.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{}: {stderr}", output.status);
    let late = session.late_frames() as usize;
    assert!(read + late >= READ_SECS * 30, "{read} frames, {late} were late");
    // The session continues afterwards.
    session.wait_for_frames(30);
    assert_eq!(session.status()["state"], "playing");
    session.pause();
}

#[test]
fn the_display_can_be_lost_at_any_moment() {
    let display = Display::start();
    // The windows are in different stages: open, opening, not created.
    let sessions = [0; 3].map(|_| Session::on(&display, &composition(LONG)));
    Window::of(&display);
    display.signal("KILL");
    for session in &sessions {
        session.wait_for_stderr("the session continues without a window");
        session.wait_for_frames(15);
    }
}

#[test]
fn a_display_that_hangs_does_not_affect_the_session() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    window.wait_for_moving_frames(BACKGROUND);
    display.signal("STOP");
    // A stream that waited for the display would make no frames.
    session.wait_for_frames_in_time(90);
    display.signal("CONT");
    window.wait_for_moving_frames(BACKGROUND);
    session.wait_for_frames(15);
    // Keys work again.
    window.press(&["space"]);
    session.wait_until("paused", |status| status["state"] == "paused");
}

#[test]
fn a_display_that_hangs_does_not_delay_the_exit() {
    let display = Display::start();
    let mut session = Session::on(&display, &composition(LONG));
    Window::of(&display).wait_for_moving_frames(BACKGROUND);
    display.signal("STOP");
    session.wait_for_frames(30);
    session.signal("TERM");
    assert_eq!(session.exit_code(), 0, "{}", session.stderr());
}

#[test]
fn a_destroyed_window_does_not_affect_the_session() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    window.wait_for_moving_frames(BACKGROUND);
    // Destroyed by another program, without a request to close.
    display.xdotool(&["windowclose", &window.id.to_string()]);
    until("the window is closed", LIMIT, || (display.find() != Some(window.id)).then_some(()));
    session.wait_for_frames(60);
    assert_eq!(session.status()["state"], "playing");
}
