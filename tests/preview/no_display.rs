//! Sessions without a display or without a window.

use std::fs;
use std::process::Command;

use super::display::Display;
use super::session::{LONG, Session, composition};
use super::window::Window;

/// Libraries that only a window needs. A graphics driver may load libX11, libxcb and libwayland-client by itself.
const WINDOW_LIBRARIES: [&str; 3] = ["libXi.", "libXcursor.", "libxkbcommon"];

#[test]
fn without_a_display_the_session_runs_to_its_end() {
    // In parallel: most of the time passes while the end of each stream can still be fetched.
    let mut sessions =
        [None, Some(":47114"), Some("")].map(|display| Session::start(display, &composition(2), &["--preview"]));
    for session in &mut sessions {
        session.wait_for_stderr("preview: there is no display to open a window on");
        assert!(session.stderr().contains("the session continues without a window"), "{}", session.stderr());
        assert_eq!(session.exit_code(), 0, "{}", session.stderr());
        assert!(session.stderr().contains("60 frames, "), "{}", session.stderr());
    }
}

#[test]
fn a_display_without_an_extension_counts_as_none() {
    let display = Display::with(&["-extension", "RANDR"]);
    let mut session = Session::on(&display, &composition(LONG));
    session.wait_for_stderr("the session continues without a window");
    session.wait_for_frames(15);
    session.signal("TERM");
    assert_eq!(session.exit_code(), 0, "{}", session.stderr());
}

#[test]
fn libraries_of_windows_are_loaded_only_for_a_window() {
    let session = Session::start(None, &composition(LONG), &[]);
    let linked = Command::new("ldd").arg(session.proc_folder().join("exe")).output().unwrap();
    let linked = String::from_utf8(linked.stdout).unwrap();
    assert!(linked.contains("libgstreamer"), "{linked}");
    for name in ["libX", "libxcb", "libwayland", "libxkbcommon"] {
        assert!(!linked.contains(name), "{name} is linked:\n{linked}");
    }
    session.wait_for_frames(15);
    let maps = fs::read_to_string(session.proc_folder().join("maps")).unwrap();
    for name in WINDOW_LIBRARIES {
        assert!(!maps.contains(name), "{name} is loaded:\n{maps}");
    }
    // A window loads all of them.
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    Window::of(&display);
    let maps = fs::read_to_string(session.proc_folder().join("maps")).unwrap();
    for name in WINDOW_LIBRARIES {
        assert!(maps.contains(name), "{name} is not loaded for a window:\n{maps}");
    }
}
