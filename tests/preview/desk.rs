//! `repcast preview`: a document in a window, without a stream. What is seen is held to what `repcast frame` writes; where
//! it stands is in the names of the stills that it saves.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::display::Display;
use super::program::{Program, repcast, until};
use super::session::{GROUND, LONG, composition, workout};
use super::still::{decoded, save, size};
use super::window::{Picture, Window};

/// What is told of a document that is wrong.
const ALARM: [u8; 3] = [248, 92, 92];

/// A window with a document.
struct Desk<'a> {
    program: Program,
    display: &'a Display,
    window: Window<'a>,
}

impl<'a> Desk<'a> {
    fn on(display: &'a Display, document: &Value) -> Self {
        let program = Program::start("preview", Some(&display.name), document, &[]);
        Self { program, display, window: Window::of(display) }
    }

    /// Saves a still: gives its path and the frame that it is of.
    fn still(&self) -> (PathBuf, u64) {
        let path = save(&self.window, self.program.folder.path());
        let frame = frame_of(&path);
        (path, frame)
    }

    /// Waits until a still is of this frame. A key that was pressed just now may not have been heard.
    fn stands_at(&self, frame: u64) -> PathBuf {
        until(&format!("frame {frame}"), || Some(self.still()).filter(|(_, is)| *is == frame)).0
    }

    /// Writes another document in the place of its own.
    fn saves(&self, document: &str) {
        fs::write(&self.program.document, document).unwrap();
    }

    fn quits(mut self, quit: impl Fn(&Display, &Window)) {
        quit(self.display, &self.window);
        assert_eq!(self.program.code(), 0, "{}", self.program.said());
        assert_eq!(self.display.find(), None);
    }
}

/// The frame that a still is of, by its name: `repcast-00m02s533.png`, or `repcast-00m02s533-2.png`.
fn frame_of(path: &Path) -> u64 {
    let name = path.file_stem().unwrap().to_str().unwrap();
    let time = name.strip_prefix("repcast-").unwrap().split('-').next().unwrap();
    let (minutes, rest) = time.split_once('m').unwrap();
    let (secs, millis) = rest.split_once('s').unwrap();
    let [minutes, secs, millis] = [minutes, secs, millis].map(|text| text.parse::<f64>().unwrap());
    ((minutes * 60.0 + secs + millis / 1000.0) * 30.0).round() as u64
}

#[test]
fn it_steps_from_frame_to_frame() {
    let display = Display::start();
    let desk = Desk::on(&display, &composition(LONG));
    desk.window.mirrors(GROUND);
    // The key holds it, or lets it go: where it plays, stills are of different frames.
    desk.window.press(&["space"]);
    let (_, begin) = desk.still();
    desk.stands_at(begin);
    desk.window.press(&["period"]);
    desk.stands_at(begin + 1);
    desk.window.press(&["period", "period", "period"]);
    desk.stands_at(begin + 4);
    desk.window.press(&["comma", "comma"]);
    let still = desk.stands_at(begin + 2);
    desk.window.press(&["shift+Right"]);
    desk.stands_at(begin + 152);
    // What it shows is the frame that is rendered.
    let rendered = desk.program.folder.path().join("rendered.png");
    let mut command = repcast("frame");
    command.arg(&desk.program.document).args(["--number", &(begin + 2).to_string(), "-o"]).arg(&rendered);
    assert!(command.status().unwrap().success());
    // The picture of a stream has colors for four pixels at a time; digits of another time would be far off.
    let (still, rendered) = (decoded(&still), decoded(&rendered));
    let differences = still.as_flattened().iter().zip(rendered.as_flattened()).map(|(one, other)| one.abs_diff(*other));
    let largest = differences.max().unwrap();
    assert!(still.len() == rendered.len() && largest < 100, "{largest} levels from frame {}", begin + 2);
    // Nothing lies before the beginning.
    desk.window.press(&["Left", "comma"]);
    desk.stands_at(0);
    desk.quits(|_, window| window.press(&["q"]));
}

#[test]
fn it_plays_between_marks() {
    let display = Display::start();
    let desk = Desk::on(&display, &composition(LONG));
    desk.window.mirrors(GROUND);
    desk.window.press(&["space", "Left"]);
    desk.stands_at(0);
    desk.window.press(&["shift+Right", "i"]);
    desk.stands_at(150);
    desk.window.press(&["period", "period", "period", "period", "period", "o", "space"]);
    let mut seen = Vec::new();
    until("it has gone around", || {
        let (_, frame) = desk.still();
        assert!((150..=155).contains(&frame), "frame {frame} lies outside of the loop");
        seen.push(frame);
        seen.windows(2).any(|pair| pair[1] < pair[0]).then_some(())
    });
    desk.window.press(&["x"]);
    until("it goes on", || (desk.still().1 > 160).then_some(()));
}

#[test]
fn a_workout_is_seen_in_each_format() {
    let display = Display::start();
    let desk = Desk::on(&display, &workout());
    desk.window.press(&["space"]);
    for (key, wanted) in [("2", (720, 1280)), ("3", (720, 720)), ("1", (1280, 720))] {
        desk.window.press(&[key]);
        until(&format!("the format of {key}"), || (size(&desk.still().0) == wanted).then_some(()));
    }
    desk.quits(|display, window| display.ask_to_close(window.id));
}

#[test]
fn a_change_is_seen_when_it_is_saved() {
    let display = Display::start();
    let desk = Desk::on(&display, &composition(LONG));
    desk.window.mirrors(GROUND);
    desk.window.press(&["space", "Left", "shift+Right"]);
    desk.stands_at(150);
    let is_alarmed = |picture: &Picture| picture.share(ALARM) > 0.0002;
    let place = (12, 180);
    desk.saves(&composition(LONG).to_string().replace("#204060", "#602040"));
    desk.window.shows("another ground", |picture| picture.is_at(place, [0x60, 0x20, 0x40]) && !is_alarmed(picture));
    desk.stands_at(150);
    // What is wrong is told, and what was seen stays.
    for wrong in ["{\"canvas\": ", &json!({"layers": [], "duration": -1}).to_string(), ""] {
        desk.saves(wrong);
        desk.window.shows("a fault", |picture| picture.is_at(place, [0x60, 0x20, 0x40]) && is_alarmed(picture));
        desk.saves(&composition(50).to_string().replace("#204060", "#602040"));
        desk.window.shows("no fault", |picture| picture.is_at(place, [0x60, 0x20, 0x40]) && !is_alarmed(picture));
    }
    // A shorter one has no such place any more.
    desk.saves(&composition(2).to_string());
    desk.window.shows("the first ground", |picture| picture.is_at(place, GROUND) && !is_alarmed(picture));
    assert!(desk.still().1 < 60);
    desk.quits(|_, window| window.press(&["q"]));
}

#[test]
fn without_a_window_there_is_nothing_to_do() {
    let mut program = Program::start("preview", None, &composition(2), &[]);
    assert_eq!(program.code(), 1, "{}", program.said());
    assert!(program.said().contains("there is no display"), "{}", program.said());
    let mut program = Program::start("preview", None, &json!({"layers": [], "duration": -1}), &[]);
    assert_eq!(program.code(), 2, "{}", program.said());
    assert!(program.said().contains("duration"), "{}", program.said());

    let display = Display::start();
    let mut desk = Desk::on(&display, &composition(LONG));
    desk.window.mirrors(GROUND);
    display.signal("KILL");
    assert_eq!(desk.program.code(), 1, "{}", desk.program.said());
    assert!(desk.program.said().contains("the display has gone away"), "{}", desk.program.said());
}
