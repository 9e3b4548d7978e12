//! Pictures that are saved from the window.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::display::Display;
use super::program::until;
use super::session::{GROUND, LONG, Session, composition};
use super::window::{BAR, Window};

#[test]
fn s_saves_the_picture_as_the_window_shows_it() {
    let display = Display::start();
    let session = Session::on(&display, &composition(LONG));
    let window = Window::of(&display);
    window.mirrors(GROUND);
    // Held, it is the same picture before and after.
    session.pause();
    session.goes_on(15);
    let shown = window.shows("the held picture", |picture| !picture.has_card());
    let path = save(&window, session.folder.path());
    assert!(path.file_name().unwrap().to_str().unwrap().starts_with("repcast-"), "{}", path.display());
    // The picture alone, in its own size, pixel by pixel what lies above the bar.
    assert_eq!((shown.width, shown.height - BAR), (640, 360));
    let saved = decoded(&path);
    if !is_same(&saved, &shown.top(360)) {
        // A window that is slow shows it later, and then the notice of the still goes first.
        window.shows("the picture that was saved", |picture| is_same(&saved, &picture.top(360)));
    }
    // A second one of the same moment does not replace the first.
    assert_ne!(save(&window, session.folder.path()), path);
    assert!(decoded(&path) == saved);
}

/// Whether two pictures are the same, but for a device's rounding.
fn is_same(one: &[[u8; 3]], other: &[[u8; 3]]) -> bool {
    let mut pairs = one.as_flattened().iter().zip(other.as_flattened());
    one.len() == other.len() && pairs.all(|(one, other)| one.abs_diff(*other) <= 2)
}

/// Saves a still, and gives its path.
pub(crate) fn save(window: &Window, folder: &Path) -> PathBuf {
    let before = stills(folder);
    let mut looks = 0;
    until("a still", || {
        // The key is refused while the still before is being saved.
        if looks % 10 == 0 {
            window.press(&["s"]);
        }
        looks += 1;
        stills(folder).into_iter().find(|path| !before.contains(path))
    })
}

/// The pictures in a folder.
fn stills(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "png")).collect()
}

/// A picture's colors: red, green and blue, pixel by pixel.
pub(crate) fn decoded(path: &Path) -> Vec<[u8; 3]> {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-i"]).arg(path).args(["-pix_fmt", "rgb24", "-f", "rawvideo", "-"]);
    let output = command.output().unwrap_or_else(|error| panic!("ffmpeg: {error}; run script/bootstrap"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout.chunks(3).map(|rgb| [rgb[0], rgb[1], rgb[2]]).collect()
}

/// A PNG's width and height, as its first chunk tells them.
pub(crate) fn size(path: &Path) -> (u32, u32) {
    let bytes = fs::read(path).unwrap();
    let side = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    (side(16), side(20))
}
