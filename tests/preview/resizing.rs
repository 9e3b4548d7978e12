//! Windows that are resized, hidden, covered and shown again while the stream continues.

use super::display::Display;
use super::session::{BACKGROUND, LONG, Session, composition, workout};
use super::support::process::{LIMIT, until};
use super::window::{BAR_COLOR, BAR_HEIGHT, Window, is_visible};

/// Allowed growth of the process in kilobytes. Windows up to twenty times as large as the first are opened, and drivers keep
/// some of their memory.
const MAX_GROWTH_KB: u64 = 200_000;

/// Allowed growth in threads.
const MAX_NEW_THREADS: u64 = 4;

/// A session with a window, and its resources before the test.
struct Baseline<'a> {
    session: &'a Session,
    segments: u64,
    memory: u64,
    threads: u64,
}

impl<'a> Baseline<'a> {
    fn of(session: &'a Session) -> Self {
        // By then the session has allocated everything that it needs.
        session.wait_until("running", |status| status["frames"].as_u64().unwrap() > 90);
        let (memory, threads) = (session.proc_status("VmRSS"), session.proc_status("Threads"));
        Self { session, segments: session.segments(), memory, threads }
    }

    /// The stream continues, and the process has not grown.
    fn check(self) {
        self.session.wait_for_frames_in_time(30);
        until("the playlist grows", LIMIT, || (self.session.segments() > self.segments).then_some(()));
        let (memory, threads) = (self.session.proc_status("VmRSS"), self.session.proc_status("Threads"));
        assert!(memory < self.memory + MAX_GROWTH_KB, "{memory} kB, {} kB before", self.memory);
        assert!(threads <= self.threads + MAX_NEW_THREADS, "{threads} threads, {} before", self.threads);
    }
}

#[test]
fn a_window_can_be_resized_a_hundred_times() {
    let display = Display::start();
    // Clips keep the device busy, so that configuring the surface fails and is retried.
    let session = Session::on(&display, &workout());
    let window = Window::of(&display);
    window.wait_for_moving_frames(BACKGROUND);
    let (id, (width, height)) = (window.id.to_string(), window.size());
    let baseline = Baseline::of(&session);
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut side = |min: u64, max: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (min + random % (max - min)).to_string()
    };
    for _ in 0..10 {
        let sizes: Vec<_> = (0..10).map(|_| [side(160, 1500), side(90, 900)]).collect();
        let actions = sizes.iter().flat_map(|[width, height]| ["windowsize", &id, width, height, "sleep", "0.02"]);
        display.xdotool(&actions.collect::<Vec<_>>());
    }
    display.xdotool(&["windowsize", &id, &width.to_string(), &height.to_string()]);
    window.wait_for_size((width, height));
    window.wait_for_screenshot("the bar at the bottom", |screenshot| {
        screenshot.has_color_at((4, height - BAR_HEIGHT + 30), BAR_COLOR)
    });
    window.wait_for_moving_frames(BACKGROUND);
    baseline.check();
    assert_eq!(display.find(), Some(window.id), "another window was opened: {}", session.stderr());
    assert!(!session.stderr().contains("could not be drawn"), "{}", session.stderr());
}

#[test]
fn a_window_can_be_hidden_and_covered() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    let id = window.id.to_string();
    window.wait_for_moving_frames(BACKGROUND);
    let baseline = Baseline::of(&session);
    let wait_until_hidden =
        || until("the window is hidden", LIMIT, || (!is_visible(&display, window.id)).then_some(()));

    display.xdotool(&["windowminimize", &id]);
    wait_until_hidden();
    session.wait_for_frames(30);
    // Commands over HTTP do not wait for a hidden window.
    session.pause();
    display.xdotool(&["windowactivate", &id]);
    until("the window is shown again", LIMIT, || is_visible(&display, window.id).then_some(()));
    window.press(&["space"]);
    session.wait_until("playing", |status| status["state"] == "playing");
    window.wait_for_moving_frames(BACKGROUND);

    let cover = display.cover();
    session.wait_for_frames(30);
    display.uncover(cover);
    window.wait_for_moving_frames(BACKGROUND);

    display.xdotool(&["windowunmap", &id]);
    wait_until_hidden();
    session.wait_for_frames(30);
    display.xdotool(&["windowmap", &id]);
    window.wait_for_moving_frames(BACKGROUND);
    baseline.check();
    assert_eq!(display.find(), Some(window.id), "another window was opened: {}", session.stderr());
}
