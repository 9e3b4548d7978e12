//! Screenshots that are saved from the window.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::display::Display;
use super::session::{BACKGROUND, LONG, Session, composition};
use super::support::process::{LIMIT, until};
use super::window::{BAR_HEIGHT, Window};

#[test]
fn s_saves_the_frame_that_the_window_shows() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    window.wait_for_moving_frames(BACKGROUND);
    // Paused, the frame does not change.
    session.pause();
    session.wait_for_frames(15);
    let shown = window.wait_for_screenshot("the paused frame", |screenshot| !screenshot.has_dialog());
    let path = save(&window, session.folder.path());
    assert!(path.file_name().unwrap().to_str().unwrap().starts_with("repcast-"), "{}", path.display());
    // The saved frame has its native size and equals the area above the bar.
    assert_eq!((shown.width, shown.height - BAR_HEIGHT), (640, 360));
    let saved = decoded(&path);
    if !is_same(&saved, &shown.top(360)) {
        // A slow window shows that frame later, when the notice about the file has disappeared.
        window.wait_for_screenshot("the saved frame", |screenshot| is_same(&saved, &screenshot.top(360)));
    }
    // A second screenshot of the same moment does not replace the first.
    assert_ne!(save(&window, session.folder.path()), path);
    assert!(decoded(&path) == saved);
}

/// Whether two images are equal up to rounding.
fn is_same(one: &[[u8; 3]], other: &[[u8; 3]]) -> bool {
    let mut pairs = one.as_flattened().iter().zip(other.as_flattened());
    one.len() == other.len() && pairs.all(|(one, other)| one.abs_diff(*other) <= 2)
}

/// Saves a screenshot; returns its path.
pub(crate) fn save(window: &Window, folder: &Path) -> PathBuf {
    let before = pngs(folder);
    let mut polls = 0;
    until("a screenshot is saved", LIMIT, || {
        // The key is rejected while the previous screenshot is being saved.
        if polls % 10 == 0 {
            window.press(&["s"]);
        }
        polls += 1;
        pngs(folder).into_iter().find(|path| !before.contains(path))
    })
}

/// The PNG files in a folder.
fn pngs(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "png")).collect()
}

/// The RGB pixels of an image file, row by row.
pub(crate) fn decoded(path: &Path) -> Vec<[u8; 3]> {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-i"]).arg(path).args(["-pix_fmt", "rgb24", "-f", "rawvideo", "-"]);
    let output = command.output().unwrap_or_else(|error| panic!("ffmpeg: {error}; run script/bootstrap"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout.chunks(3).map(|rgb| [rgb[0], rgb[1], rgb[2]]).collect()
}

/// Width and height of a PNG, from its first chunk.
pub(crate) fn size(path: &Path) -> (u32, u32) {
    let bytes = fs::read(path).unwrap();
    let side = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    (side(16), side(20))
}
