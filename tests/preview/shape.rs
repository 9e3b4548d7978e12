//! Windows that are pulled about, hidden, covered and brought back, while the stream goes on.

use super::display::Display;
use super::program::until;
use super::session::{GROUND, LONG, Session, composition, workout};
use super::window::{BAR, PANEL, Window, is_visible};

/// Kilobytes that the process may have more than before. Windows twenty times as large as the first come and go, and
/// drivers keep some of what they needed for them.
const MORE_MEMORY: u64 = 200_000;

/// Threads that it may have more than before.
const MORE_THREADS: u64 = 4;

/// A session with a window, and how it was before.
struct Watched<'a> {
    session: &'a Session,
    segments: u64,
    memory: u64,
    threads: u64,
}

impl<'a> Watched<'a> {
    fn begin(session: &'a Session) -> Self {
        // By then everything that the session needs is there.
        session.becomes("at work", |told| told["frames"].as_u64().unwrap() > 90);
        let (memory, threads) = (session.status("VmRSS"), session.status("Threads"));
        Self { session, segments: session.segments(), memory, threads }
    }

    /// The stream goes on, and nothing was left behind.
    fn end(self) {
        self.session.makes(30);
        until("the playlist grows", || (self.session.segments() > self.segments).then_some(()));
        let (memory, threads) = (self.session.status("VmRSS"), self.session.status("Threads"));
        assert!(memory < self.memory + MORE_MEMORY, "{memory} kB, {} kB before", self.memory);
        assert!(threads <= self.threads + MORE_THREADS, "{threads} threads, {} before", self.threads);
    }
}

#[test]
fn a_window_may_be_resized_a_hundred_times() {
    let display = Display::start();
    // Clips keep the device busy: a surface that is fitted to its window has to find its moment.
    let session = Session::on(&display, &workout());
    let window = Window::of(&display);
    window.mirrors(GROUND);
    let (id, (width, height)) = (window.id.to_string(), window.size());
    let watched = Watched::begin(&session);
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut side = |least: u64, most: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (least + random % (most - least)).to_string()
    };
    for _ in 0..10 {
        let sizes: Vec<_> = (0..10).map(|_| [side(160, 1500), side(90, 900)]).collect();
        let actions = sizes.iter().flat_map(|[width, height]| ["windowsize", &id, width, height, "sleep", "0.02"]);
        display.xdotool(&actions.collect::<Vec<_>>());
    }
    display.xdotool(&["windowsize", &id, &width.to_string(), &height.to_string()]);
    window.has_size((width, height));
    window.shows("the bar in its place", |picture| picture.is_at((4, height - BAR + 30), PANEL));
    window.mirrors(GROUND);
    watched.end();
    assert_eq!(display.find(), Some(window.id), "another window came in its place: {}", session.said());
    assert!(!session.said().contains("could not be drawn"), "{}", session.said());
}

#[test]
fn a_window_may_be_hidden_and_covered() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    let id = window.id.to_string();
    window.mirrors(GROUND);
    let watched = Watched::begin(&session);
    let is_gone = || until("the window is hidden", || (!is_visible(&display, window.id)).then_some(()));

    display.xdotool(&["windowminimize", &id]);
    is_gone();
    session.goes_on(30);
    // Commands that come otherwise are not kept waiting by a window that nobody sees.
    session.pause();
    display.xdotool(&["windowactivate", &id]);
    until("the window is back", || is_visible(&display, window.id).then_some(()));
    window.press(&["space"]);
    session.becomes("playing", |told| told["state"] == "playing");
    window.mirrors(GROUND);

    let cover = display.cover();
    session.goes_on(30);
    display.uncover(cover);
    window.mirrors(GROUND);

    display.xdotool(&["windowunmap", &id]);
    is_gone();
    session.goes_on(30);
    display.xdotool(&["windowmap", &id]);
    window.mirrors(GROUND);
    watched.end();
    assert_eq!(display.find(), Some(window.id), "another window came in its place: {}", session.said());
}
