//! No display, or no window wanted: the session needs neither.

use std::fs;
use std::process::Command;

use super::display::Display;
use super::session::{LONG, Session, composition};
use super::window::Window;

/// Libraries that only a window needs. A graphics driver may load libX11, libxcb and libwayland-client by itself.
const OF_WINDOWS: [&str; 3] = ["libXi.", "libXcursor.", "libxkbcommon"];

#[test]
fn without_a_display_the_session_runs_to_its_end() {
    // Side by side: most of the time is the one that a session's end can still be fetched.
    let mut sessions =
        [None, Some(":47114"), Some("")].map(|display| Session::start(display, &composition(2), &["--preview"]));
    for session in &mut sessions {
        session.hears("preview: there is no display to open a window on");
        assert!(session.said().contains("the session goes on without a window"), "{}", session.said());
        assert_eq!(session.code(), 0, "{}", session.said());
        assert!(session.said().contains("60 frames, "), "{}", session.said());
    }
}

#[test]
fn a_display_that_lacks_something_is_none() {
    let display = Display::with(&["-extension", "RANDR"]);
    let mut session = Session::on(&display, &composition(LONG));
    session.hears("the session goes on without a window");
    session.goes_on(15);
    session.signal("TERM");
    assert_eq!(session.code(), 0, "{}", session.said());
}

#[test]
fn nothing_of_a_window_is_needed_without_one() {
    let session = Session::start(None, &composition(LONG), &[]);
    let linked = Command::new("ldd").arg(session.process().join("exe")).output().unwrap();
    let linked = String::from_utf8(linked.stdout).unwrap();
    assert!(linked.contains("libgstreamer"), "{linked}");
    for name in ["libX", "libxcb", "libwayland", "libxkbcommon"] {
        assert!(!linked.contains(name), "{name} is linked:\n{linked}");
    }
    session.goes_on(15);
    let maps = fs::read_to_string(session.process().join("maps")).unwrap();
    for name in OF_WINDOWS {
        assert!(!maps.contains(name), "{name} is loaded:\n{maps}");
    }
    // They are those that a window has.
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    Window::of(&display);
    let maps = fs::read_to_string(session.process().join("maps")).unwrap();
    for name in OF_WINDOWS {
        assert!(maps.contains(name), "{name} is no library of a window:\n{maps}");
    }
}
