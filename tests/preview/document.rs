//! `repcast preview`: a document in a window, without a stream. Frames are compared with those that `repcast frame` writes;
//! the position is read from the names of saved screenshots.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::display::Display;
use super::program::{Program, repcast};
use super::screenshots::{decoded, save, size};
use super::session::{BACKGROUND, LONG, composition, workout};
use super::support::nv12::with_shared_chroma;
use super::support::process::{LIMIT, until};
use super::window::{Screenshot, Window};

/// Color of the faults of a document.
const FAULT_COLOR: [u8; 3] = [248, 92, 92];

/// Levels by which a frame in NV12 may differ from the same frame in RGB with shared chroma: half a level of rounding in
/// luma, chroma and the reference each, at the largest coefficients of BT.709 in limited range.
const NV12_ROUNDING: f64 = 4.0;

/// Width of the composition, in pixels.
const WIDTH: usize = 640;

/// A window with a document.
struct Preview<'a> {
    program: Program,
    display: &'a Display,
    window: Window<'a>,
}

impl<'a> Preview<'a> {
    fn open(display: &'a Display, document: &Value) -> Self {
        let program = Program::start("preview", Some(&display.name), document, &[]);
        Self { program, display, window: Window::of(display) }
    }

    /// Saves a screenshot; returns its path and the number of its frame.
    fn screenshot(&self) -> (PathBuf, u64) {
        let path = save(&self.window, self.program.folder.path());
        let frame = frame_of(&path);
        (path, frame)
    }

    /// Waits for a frame; returns a screenshot of it. Keys that were just pressed may not have been handled yet.
    fn wait_for_frame(&self, frame: u64) -> PathBuf {
        until(&format!("frame {frame}"), LIMIT, || Some(self.screenshot()).filter(|(_, found)| *found == frame)).0
    }

    /// Replaces the contents of the document.
    fn save_document(&self, document: &str) {
        fs::write(&self.program.document, document).unwrap();
    }

    fn assert_quits(mut self, quit: impl Fn(&Display, &Window)) {
        quit(self.display, &self.window);
        assert_eq!(self.program.exit_code(), 0, "{}", self.program.stderr());
        assert_eq!(self.display.find(), None);
    }
}

/// The frame number in the name of a screenshot: `repcast-00m02s533.png`, or `repcast-00m02s533-2.png`.
fn frame_of(path: &Path) -> u64 {
    let name = path.file_stem().unwrap().to_str().unwrap();
    let time = name.strip_prefix("repcast-").unwrap().split('-').next().unwrap();
    let (minutes, rest) = time.split_once('m').unwrap();
    let (secs, millis) = rest.split_once('s').unwrap();
    let [minutes, secs, millis] = [minutes, secs, millis].map(|text| text.parse::<f64>().unwrap());
    ((minutes * 60.0 + secs + millis / 1000.0) * 30.0).round() as u64
}

#[test]
fn keys_step_from_frame_to_frame() {
    let display = Display::start();
    let preview = Preview::open(&display, &composition(LONG));
    preview.window.wait_for_moving_frames(BACKGROUND);
    preview.window.press(&["space"]);
    let (_, start) = preview.screenshot();
    // Paused, the frame stays the same.
    preview.wait_for_frame(start);
    preview.window.press(&["period"]);
    preview.wait_for_frame(start + 1);
    preview.window.press(&["period", "period", "period"]);
    preview.wait_for_frame(start + 4);
    preview.window.press(&["comma", "comma"]);
    let screenshot = preview.wait_for_frame(start + 2);
    preview.window.press(&["shift+Right"]);
    preview.wait_for_frame(start + 152);
    // The window shows the frame that `repcast frame` renders.
    let rendered = preview.program.folder.path().join("rendered.png");
    let mut command = repcast("frame");
    command.arg(&preview.program.document).args(["--number", &(start + 2).to_string(), "-o"]).arg(&rendered);
    assert!(command.status().unwrap().success());
    // The window's frames are NV12, in which four pixels share their chroma.
    let (found, rendered) = (decoded(&screenshot), decoded(&rendered));
    let expected = with_shared_chroma(&rendered, WIDTH);
    assert_eq!(found.len(), expected.len());
    let levels = found.as_flattened().iter().zip(expected.as_flattened());
    let largest = levels.map(|(found, expected)| (f64::from(*found) - expected).abs()).fold(0.0, f64::max);
    assert!(largest <= NV12_ROUNDING, "{largest:.2} levels from frame {}", start + 2);
    // Seeking before the start goes to the first frame.
    preview.window.press(&["Left", "comma"]);
    preview.wait_for_frame(0);
    preview.assert_quits(|_, window| window.press(&["q"]));
}

#[test]
fn playback_loops_between_the_marks() {
    let display = Display::start();
    let preview = Preview::open(&display, &composition(LONG));
    preview.window.wait_for_moving_frames(BACKGROUND);
    preview.window.press(&["space", "Left"]);
    preview.wait_for_frame(0);
    preview.window.press(&["shift+Right", "i"]);
    preview.wait_for_frame(150);
    preview.window.press(&["period", "period", "period", "period", "period", "o", "space"]);
    let mut seen = Vec::new();
    until("the loop repeats", LIMIT, || {
        let (_, frame) = preview.screenshot();
        assert!((150..=155).contains(&frame), "frame {frame} is outside of the loop");
        seen.push(frame);
        seen.windows(2).any(|pair| pair[1] < pair[0]).then_some(())
    });
    preview.window.press(&["x"]);
    until("playback continues after the loop", LIMIT, || (preview.screenshot().1 > 160).then_some(()));
}

#[test]
fn keys_select_the_format_of_a_workout() {
    let display = Display::start();
    let preview = Preview::open(&display, &workout());
    preview.window.press(&["space"]);
    for (key, expected) in [("2", (720, 1280)), ("3", (720, 720)), ("1", (1280, 720))] {
        preview.window.press(&[key]);
        until(&format!("the format of key {key}"), LIMIT, || (size(&preview.screenshot().0) == expected).then_some(()));
    }
    preview.assert_quits(|display, window| display.request_close(window.id));
}

#[test]
fn a_saved_change_is_shown() {
    let display = Display::start();
    let preview = Preview::open(&display, &composition(LONG));
    preview.window.wait_for_moving_frames(BACKGROUND);
    preview.window.press(&["space", "Left", "shift+Right"]);
    preview.wait_for_frame(150);
    let has_faults = |screenshot: &Screenshot| screenshot.fraction_of(FAULT_COLOR) > 0.0002;
    let pixel = (12, 180);
    preview.save_document(&composition(LONG).to_string().replace("#204060", "#602040"));
    preview.window.wait_for_screenshot("another background", |screenshot| {
        screenshot.has_color_at(pixel, [0x60, 0x20, 0x40]) && !has_faults(screenshot)
    });
    preview.wait_for_frame(150);
    // Faults are shown, and the last valid document stays on the screen.
    for invalid in ["{\"canvas\": ", &json!({"layers": [], "duration": -1}).to_string(), ""] {
        preview.save_document(invalid);
        preview.window.wait_for_screenshot("a fault", |screenshot| {
            screenshot.has_color_at(pixel, [0x60, 0x20, 0x40]) && has_faults(screenshot)
        });
        preview.save_document(&composition(50).to_string().replace("#204060", "#602040"));
        preview.window.wait_for_screenshot("no fault", |screenshot| {
            screenshot.has_color_at(pixel, [0x60, 0x20, 0x40]) && !has_faults(screenshot)
        });
    }
    // A shorter document does not have the position.
    preview.save_document(&composition(2).to_string());
    preview.window.wait_for_screenshot("the first background", |screenshot| {
        screenshot.has_color_at(pixel, BACKGROUND) && !has_faults(screenshot)
    });
    assert!(preview.screenshot().1 < 60);
    preview.assert_quits(|_, window| window.press(&["q"]));
}

#[test]
fn without_a_display_the_program_fails() {
    let mut program = Program::start("preview", None, &composition(2), &[]);
    assert_eq!(program.exit_code(), 1, "{}", program.stderr());
    assert!(program.stderr().contains("there is no display"), "{}", program.stderr());
    let mut program = Program::start("preview", None, &json!({"layers": [], "duration": -1}), &[]);
    assert_eq!(program.exit_code(), 2, "{}", program.stderr());
    assert!(program.stderr().contains("duration"), "{}", program.stderr());

    let display = Display::start();
    let mut preview = Preview::open(&display, &composition(LONG));
    preview.window.wait_for_moving_frames(BACKGROUND);
    display.signal("KILL");
    assert_eq!(preview.program.exit_code(), 1, "{}", preview.program.stderr());
    assert!(
        preview.program.stderr().contains("the connection to the display was lost"),
        "{}",
        preview.program.stderr()
    );
}
